//! `stepwell graph`: a definition, or what an execution has done, as a picture.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use graph::Layout;
use json::Value;
use sigv4::percent_encode;

use super::UNUSABLE;
use super::env::find_server;
use crate::ask::Server;
use crate::definition::{DefinitionFile, machine_name};
use crate::presence::Place;
use crate::{printing, project};

/// State machines among which an execution is looked for by its name. Each costs a request.
const MACHINES_MAX: usize = 1_000;

/// Draw a definition, or an execution with what it has done, as SVG.
///
/// A definition is drawn whatever is wrong with it; what is missing is told. An execution is drawn by the server
/// that has it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stepwell graph order.asl.json > order.svg
  stepwell graph order.asl.yaml --svg order.svg
  stepwell graph examples/dragons --json
  stepwell graph order-17 --svg order-17.svg          an execution of the `stepwell dev` of this folder
  stepwell graph orders:order-17 --port 9000
  stepwell graph arn:aws:states:us-east-1:123456789012:execution:orders:order-17 --svg

Exit code: 0 it is drawn, 2 it cannot be read or found.
Where the server has keys, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY sign the request.")]
pub struct Graph {
    /// A definition (JSON, or YAML by its ending), a project's folder; or an execution: its ARN, its name, or
    /// machine:name; or the ARN of a state machine.
    #[arg(value_name = "FILE|DIR|EXECUTION")]
    subject: String,
    /// Write SVG, to standard output or to this file. This is what happens without a flag, too.
    #[arg(long, value_name = "OUT", num_args = 0..=1)]
    svg: Option<Option<PathBuf>>,
    /// Write where everything lies as JSON, to standard output or to this file.
    #[arg(long, value_name = "OUT", num_args = 0..=1, conflicts_with = "svg")]
    json: Option<Option<PathBuf>>,
    /// The folder that `stepwell dev` was given, for executions.
    #[arg(long, default_value = ".", value_name = "DIR")]
    dir: PathBuf,
    /// Host name or address of the server. [default: 127.0.0.1]
    #[arg(long, env = "STEPWELL_HOST")]
    host: Option<String>,
    /// Port of the server. [default: that of the running server, then 8083]
    #[arg(long, env = "STEPWELL_PORT")]
    port: Option<u16>,
    /// Region of the server. [default: that of the running server, then AWS_REGION, then us-east-1]
    #[arg(long, env = "STEPWELL_REGION")]
    region: Option<String>,
}

impl Graph {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let path = Path::new(&self.subject);
        if path.exists() {
            return self.draw_file(path);
        }
        let is_path = self.subject.contains('/') && !self.subject.starts_with("arn:");
        let ends = [".json", ".yaml", ".yml"];
        anyhow::ensure!(
            !is_path && !ends.iter().any(|end| self.subject.ends_with(end)),
            "there is no file {}",
            self.subject
        );
        let server = Server::new(self.place()?)?;
        let query = self.query(&server)?;
        let format = if self.json.is_some() { "json" } else { "svg" };
        let drawn = server.get(&format!("/v1/layout?{query}&format={format}"))?;
        self.write(&drawn)?;
        Ok(ExitCode::SUCCESS)
    }

    fn draw_file(&self, path: &Path) -> anyhow::Result<ExitCode> {
        let read = if path.is_dir() { project::open(path)?.1 } else { DefinitionFile::read(path)? };
        let read = read.and_then(|file| Ok((file.value()?, file)));
        let (definition, file) = match read {
            Ok(read) => read,
            Err(finding) => {
                printing::err(finding);
                return Ok(ExitCode::from(UNUSABLE));
            }
        };
        let layout = Layout::of(&definition).with_context(|| file.path.display().to_string())?;
        for problem in &layout.problems {
            printing::err(format_args!(
                "note: {}: {}: {}",
                file.path.display(),
                problem.location,
                problem.message
            ));
        }
        match self.json {
            Some(_) => self.write(&layout.to_json(None).to_pretty())?,
            None => self.write(&graph::svg(&layout, None, &machine_name(&file.path)))?,
        }
        Ok(ExitCode::SUCCESS)
    }

    fn write(&self, text: &str) -> anyhow::Result<()> {
        match self.json.as_ref().or(self.svg.as_ref()).and_then(Option::as_ref) {
            Some(file) => {
                std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
            }
            None => {
                printing::out(text.trim_end());
                Ok(())
            }
        }
    }

    fn place(&self) -> anyhow::Result<Place> {
        find_server(&self.dir, self.host.as_deref(), self.port, self.region.as_deref())
    }

    /// What `/v1/layout` is asked.
    fn query(&self, server: &Server) -> anyhow::Result<String> {
        let subject = self.subject.as_str();
        if subject.contains(":stateMachine:") {
            return Ok(format!("stateMachineArn={}", percent_encode(subject)));
        }
        if subject.starts_with("arn:") {
            return Ok(format!("executionArn={}", percent_encode(subject)));
        }
        Ok(format!("executionArn={}", percent_encode(&find(server, subject)?)))
    }
}

/// The ARN of the execution with this name, or with `machine:name`.
fn find(server: &Server, subject: &str) -> anyhow::Result<String> {
    let (wanted, name) = match subject.split_once(':') {
        Some((machine, name)) => (Some(machine), name),
        None => (None, subject),
    };
    let mut found = Vec::new();
    for machine_arn in machines(server)? {
        let machine = machine_arn.rsplit(':').next().unwrap_or_default();
        if wanted.is_some_and(|wanted| wanted != machine) {
            continue;
        }
        let arn = format!("{}:{name}", machine_arn.replacen(":stateMachine:", ":execution:", 1));
        let body = json::value!({ "executionArn": (arn.as_str()), "includedData": "METADATA_ONLY" });
        if server.call("DescribeExecution", &body)?.is_ok() {
            found.push(arn);
        }
    }
    match &found[..] {
        [arn] => Ok(arn.clone()),
        [] => anyhow::bail!(
            "there is no file {subject}, and no execution of that name at {}: give its ARN, the --port of its server, \
             or the --dir of its `stepwell dev`",
            server.endpoint()
        ),
        several => anyhow::bail!(
            "there are several executions {name}: give machine:name, or one of\n  {}",
            several.join("\n  ")
        ),
    }
}

fn machines(server: &Server) -> anyhow::Result<Vec<String>> {
    let mut machines = Vec::new();
    let mut token = None::<Value>;
    loop {
        let mut body = json::value!({ "maxResults": 1000 });
        if let (Some(object), Some(token)) = (body.as_object_mut(), &token) {
            object.insert("nextToken", token);
        }
        let page = server.call("ListStateMachines", &body)?.map_err(|message| anyhow::anyhow!(message))?;
        let listed = page.get("stateMachines").and_then(Value::as_array).into_iter().flatten();
        let arns = listed.filter_map(|machine| machine.get("stateMachineArn").and_then(Value::as_str));
        machines.extend(arns.map(str::to_owned));
        token = page.get("nextToken").cloned();
        if token.is_none() {
            return Ok(machines);
        }
        anyhow::ensure!(
            machines.len() <= MACHINES_MAX,
            "the server has more than {MACHINES_MAX} state machines: give the ARN of the execution"
        );
    }
}
