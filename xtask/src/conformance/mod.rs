//! `cargo xtask conformance`: the recorded cases against a real server, compared with the floor.
//!
//! Never here: which cases count (see [`select`]).

mod floor;
mod report;
mod select;

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use json::Value;

use crate::prerequisites::SHARED;
use crate::{python, shell};
use floor::Floor;
use report::CaseResult;

/// What `--built-in` means.
const BUILT_IN: [&str; 4] = ["sqs", "sns", "events", "dynamodb"];

#[derive(Args, Default)]
pub struct Conformance {
    /// Raise the floor to what passes now. It never sinks.
    #[arg(long)]
    update_floor: bool,
    /// Only cases whose id or area fits this glob; the floor is not compared then.
    #[arg(long)]
    only: Vec<String>,
    /// Queues, topics, buses and tables of the cases are this server's own, not a stand-in's. The floor is not compared then.
    #[arg(long)]
    built_in: bool,
    /// With the optimised program, which takes minutes to build: for those who have it anyway.
    #[arg(long)]
    release: bool,
    /// Use the results of the last run instead of running again.
    #[arg(long)]
    again: bool,
}

impl Conformance {
    pub fn run(self) -> anyhow::Result<()> {
        let cases = Path::new(SHARED).join("conformance");
        if !cases.is_dir() {
            println!("left out: no {SHARED}/conformance, so the recorded cases were not compared");
            return Ok(());
        }
        let folder = shell::root().join("target/conformance");
        std::fs::create_dir_all(&folder)?;
        let results = folder.join("results.json");
        if !self.again {
            self.replay(&cases, &folder, &results)?;
        }
        let results = report::read(&results)?;
        let selection = select::read(&cases.join("cases"))?;
        println!();
        let selected = report::print(&results, &selection);
        jsonpath_data()?;
        if !self.only.is_empty() || self.built_in {
            return Ok(());
        }
        let reached = Floor::reached(&selected);
        let floor = Floor::load()?;
        if self.update_floor {
            floor.raised(&reached).save()?;
        }
        floor.compare(&reached)
    }

    fn replay(&self, cases: &Path, folder: &Path, results: &Path) -> anyhow::Result<()> {
        let programs = python::environment()?;
        let (profile, built) = if self.release { ("release", "release") } else { ("dev", "debug") };
        shell::cargo(["build", "--profile", profile, "--package", "server"]).run()?;
        let project = folder.join("project");
        remove(&project)?;
        std::fs::create_dir_all(&project)?;
        remove(results)?;
        let [port, lambda, moto] = free_ports()?;
        let services = if self.built_in { &BUILT_IN[..] } else { &[] };
        let within = services.iter().map(|name| format!("{name} = \"built-in\"\n"));
        std::fs::write(
            project.join("stepwell.toml"),
            format!("[endpoints]\n{}", within.collect::<String>()),
        )?;
        let fixtures = services
            .iter()
            .flat_map(|name| ["--service-endpoint".to_owned(), format!("{name}=http://127.0.0.1:{port}")]);
        let server = shell::root().join("target").join(built).join("stepwell");
        let start = format!("'{}' dev '{}' --port {port} --log error", server.display(), project.display());
        let log = std::fs::File::create(folder.join("server.log"))?;
        let mut runner = shell::program(programs.join("python"))
            .args([cases.join("run.py")])
            .args(["--quiet", "--endpoint", &format!("http://127.0.0.1:{port}"), "--start-cmd", &start])
            .args(["--lambda-port", &lambda.to_string(), "--moto-port", &moto.to_string()])
            .args([Path::new("--json"), results])
            .args(fixtures)
            .args(self.only.iter().flat_map(|only| ["--only", only]))
            .env("PYTHONWARNINGS", "ignore")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        runner.0.stdout(log.try_clone()?).stderr(log);
        println!("replaying the recorded cases …");
        // It fails when any case fails; what counts are the results.
        let status = runner.0.status().with_context(|| format!("cannot start {}", runner.line()))?;
        anyhow::ensure!(
            results.is_file(),
            "the runner ended without results ({status}); see target/conformance/server.log"
        );
        Ok(())
    }
}

/// The JSONPath data files are tests of the crate that evaluates paths.
fn jsonpath_data() -> anyhow::Result<()> {
    shell::cargo(["test", "--quiet", "--package", "asl", "--lib", "corpus", "--", "--nocapture"]).run()
}

/// Three ports that nobody uses, found together so that they differ.
fn free_ports() -> anyhow::Result<[u16; 3]> {
    let listeners = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0"));
    let mut ports = [0; 3];
    for (port, listener) in ports.iter_mut().zip(listeners) {
        *port = listener?.local_addr()?.port();
    }
    Ok(ports)
}

fn remove(path: &Path) -> anyhow::Result<()> {
    let gone = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match gone {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// All JSON files of a folder.
fn json_files(folder: &Path) -> anyhow::Result<Vec<(PathBuf, Value)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let value = read_json(&path)?;
            files.push((path, value));
        }
    }
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(files)
}

fn read_json(path: &Path) -> anyhow::Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Value::parse(&text).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))
}

/// What a case needs beyond this version, or `None` if it counts.
type Selection = std::collections::BTreeMap<String, Option<&'static str>>;

fn selected<'a>(results: &'a [CaseResult], selection: &Selection) -> Vec<&'a CaseResult> {
    results.iter().filter(|result| selection.get(&result.id).is_some_and(Option::is_none)).collect()
}
