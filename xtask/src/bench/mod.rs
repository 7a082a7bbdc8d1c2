//! `cargo xtask bench`: one report of all figures, with references measured in the same run.
//!
//! Never here: a figure that makes a test fail. Machines differ; ratios are for reading.

mod disk;
mod load;
mod process;
pub mod reference;
mod report;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use crate::shell;
use load::{Load, Measured};
use process::ServerProcess;
use report::Report;

/// As many clients as design.md's budget names.
const CLIENTS: usize = 64;

#[derive(Args)]
pub struct Bench {
    /// Seconds of each load.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Where data and report drafts go; the disk that is measured.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
}

impl Bench {
    pub fn run(self) -> anyhow::Result<()> {
        if cfg!(debug_assertions) {
            // The load generator shares the machine with the server: it must not be slow.
            let seconds = self.seconds.to_string();
            return shell::cargo(["run", "--release", "--quiet", "--package", "xtask", "--", "bench"])
                .args(["--seconds", &seconds, "--folder"])
                .args([&self.folder])
                .run();
        }
        shell::cargo(["build", "--release", "--package", "server"]).run()?;
        let folder = shell::root().join(&self.folder);
        std::fs::create_dir_all(&folder)?;
        let mut report = Report::new();
        let duration = Duration::from_secs(self.seconds);

        println!("the core alone …");
        report.core = core_alone()?;
        println!("the disk …");
        report.disk = disk::measure(&folder)?;
        println!("cold start …");
        report.cold_start = (0..9).map(|_| process::cold_start(&folder)).collect::<anyhow::Result<_>>()?;
        let server = ServerProcess::start(&folder)?;
        std::thread::sleep(Duration::from_secs(1));
        report.idle_rss_bytes = server.process.rss_bytes()?;
        report.binary_bytes = std::fs::metadata(process::binary())?.len();

        println!("an empty handler, {CLIENTS} clients, {} s …", self.seconds);
        let reference = process::start_reference()?;
        let request = load::request("POST / HTTP/1.1", "AWSStepFunctions.StartExecution", EXECUTION_INPUT);
        report.reference = under_load(&reference.process, reference.port, &request, CLIENTS, duration)?;
        drop(reference);

        let arn = create_machine(server.port)?;
        let start = start_request(&arn);
        println!("StartExecution, one client, {} s …", self.seconds);
        report.single = under_load(&server.process, server.port, &start, 1, duration)?;
        println!("StartExecution, {CLIENTS} clients, {} s …", self.seconds);
        let syncs_before = server.syncs();
        report.executions = under_load(&server.process, server.port, &start, CLIENTS, duration)?;
        report.syncs = server.syncs().zip(syncs_before).map(|(after, before)| after - before);
        report.loaded_rss_bytes = server.process.rss_bytes()?;
        report.still_running = running_executions(server.port, &arn)?;
        drop(server);

        report.write(&shell::root().join("docs/bench"))
    }
}

/// The five-state machine of the budget.
const FIVE_PASSES: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"C"},"C":{"Type":"Pass","Next":"D"},"D":{"Type":"Pass","Next":"E"},"E":{"Type":"Pass","End":true}}}"#;
const EXECUTION_INPUT: &str =
    r#"{"order":{"id":4711,"items":["a","b","c"],"total":12.5},"customer":"someone"}"#;

fn create_machine(port: u16) -> anyhow::Result<String> {
    let body = json::value!({ "name": "five-passes", "definition": FIVE_PASSES, "roleArn": "arn:aws:iam::123456789012:role/bench" });
    let answer = load::call(port, "AWSStepFunctions.CreateStateMachine", &body.to_text())?;
    let arn = answer.get("stateMachineArn").and_then(json::Value::as_str);
    Ok(arn.context("CreateStateMachine gave no ARN")?.to_owned())
}

fn start_request(arn: &str) -> Vec<u8> {
    let body = json::value!({ "stateMachineArn": arn, "input": EXECUTION_INPUT });
    load::request("POST / HTTP/1.1", "AWSStepFunctions.StartExecution", &body.to_text())
}

/// Every execution ends in the turn that starts it; this says whether that is so.
fn running_executions(port: u16, arn: &str) -> anyhow::Result<usize> {
    let body = json::value!({ "stateMachineArn": arn, "statusFilter": "RUNNING" });
    let answer = load::call(port, "AWSStepFunctions.ListExecutions", &body.to_text())?;
    Ok(answer.get("executions").and_then(json::Value::as_array).map_or(0, json::Array::len))
}

fn under_load(
    process: &process::Process,
    port: u16,
    request: &[u8],
    clients: usize,
    duration: Duration,
) -> anyhow::Result<Measured> {
    // Connections, allocator and file system have settled after this.
    Load { port, request, clients, duration: Duration::from_millis(500) }.run()?;
    let cpu_before = process.cpu()?;
    let mut measured = Load { port, request, clients, duration }.run()?;
    measured.server_cpu = process.cpu()?.saturating_sub(cpu_before);
    Ok(measured)
}

/// What the core's own example prints, line by line.
fn core_alone() -> anyhow::Result<String> {
    let mut example =
        shell::cargo(["run", "--release", "--quiet", "--package", "execution", "--example", "transitions"]);
    let output = example.0.output().with_context(|| format!("cannot start {}", example.line()))?;
    anyhow::ensure!(
        output.status.success(),
        "{} failed: {}",
        example.line(),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
