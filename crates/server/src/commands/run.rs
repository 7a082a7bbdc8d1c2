//! `stepwell run`: one execution inside this process, and the way that it takes.

mod posted;

use std::io::IsTerminal;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use asl::{Failure, Timestamp};
use clap::Args;
use connectors::Surroundings;
use engine::Engine;
use engine::request::StartExecution;
use execution::Status;
use gateway::Gateway;
use json::{Document, Value};
use store::ExecutionView;

use super::{Output, UNUSABLE};
use crate::logging;
use crate::outcome::{self, Outcome};
use crate::printing;
use crate::resources::Keeper;
use crate::running::{self, DataPlace};
use crate::settings::Loaded;
use crate::tree::Tree;
use crate::tree::display::Display;
use crate::{definition, project, sync};

/// Inputs above AWS's limit are refused before anything starts.
const INPUT_BYTES_MAX: usize = 262_144;
/// How many events are read at once.
const PAGE: usize = 1000;
/// The pause between two looks at a running execution: short at first, so that a quick one is done quickly.
const LOOK_AGAIN: [Duration; 2] = [Duration::from_millis(2), Duration::from_millis(40)];

/// Run one execution here and now, and show the path it takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stepwell run examples/dragons --input examples/dragons/inputs/new-dragon.json
  stepwell run order.asl.json --input '{\"id\": 7}'
  echo '{}' | stepwell run order.asl.yaml --input - --output json
  stepwell run examples/dragons --post /rest/dragons/dev/dragons --input examples/dragons/inputs/posted-dragon.json

The states go to standard error, each Map Run with a bar of its items, the output to standard output.
Exit code: 0 SUCCEEDED, 1 FAILED (or what was posted is refused), 2 a file or the definition cannot be used, 3 TIMED_OUT (or --timeout), 4 ABORTED.")]
pub struct Run {
    /// A definition (*.asl.json, *.asl.yaml), or the folder of a project, whose state machines can start one another.
    #[arg(value_name = "FILE|DIR")]
    path: PathBuf,
    /// The input: a file, JSON text, or - for standard input.
    #[arg(long, short, default_value = "{}", value_name = "FILE|JSON")]
    input: String,
    /// Post the input to a REST API of the project, as its clients do, and follow the execution that begins.
    #[arg(long, value_name = "PATH", conflicts_with = "name")]
    post: Option<String>,
    /// The execution's name.
    #[arg(long)]
    name: Option<String>,
    /// Stop it after so many seconds.
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// What standard output shows: the output alone, or everything.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    /// What to log.
    #[arg(long, env = "STEPWELL_LOG", default_value = "error,function=info")]
    log: String,
}

impl Run {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let input = read_input(&self.input)?;
        if let Some(name) = &self.name {
            anyhow::ensure!(
                aws_names::name_is_valid(name),
                "--name {name}: a name has 1 to 80 letters, digits, - and _"
            );
        }
        let (loaded, file) = project::open(&self.path)?;
        let file = match file {
            Ok(file) => file,
            Err(finding) => {
                printing::err(finding);
                return Ok(ExitCode::from(UNUSABLE));
            }
        };
        let findings = file.findings(asl::Options::default());
        findings.iter().for_each(printing::err);
        if findings.iter().any(definition::Finding::is_error) {
            return Ok(ExitCode::from(UNUSABLE));
        }
        if let Some(resource) = waits_for_others(&file.json) {
            printing::err(format_args!(
                "note: {resource} waits for an answer that nobody can give to an execution in here: use `stepwell dev`, \
                 and a client of its API"
            ));
        }
        logging::start(&self.log, logging::LogFormat::Text)?;
        running::block_on(async {
            let server = &loaded.settings.server;
            let scope = running::scope(server.region.as_deref(), server.account.clone());
            for complaint in running::complaints(&loaded, &scope) {
                printing::err(format_args!("warning: {complaint}"));
            }
            let connections = connections::Connections::in_memory();
            let outside = running::Outside {
                connections: &connections,
                surroundings: Surroundings::Development,
                endpoint: None,
            };
            let upkeep = running::Upkeep::default();
            let started = running::start_engine(scope, &loaded, &DataPlace::Memory, upkeep, outside, None)?;
            Keeper::new(started.connectors, started.engine.scope().clone(), started.appsync)
                .quiet()
                .follow(&loaded)
                .await;
            let (engine, gateway) = (started.engine, started.gateway);
            let code = self.execute(&engine, gateway.as_ref(), &loaded, &file, input).await;
            engine.stop().await;
            code
        })
    }

    async fn execute(
        &self,
        engine: &Engine,
        gateway: Option<&Gateway>,
        loaded: &Loaded,
        file: &definition::DefinitionFile,
        input: Document,
    ) -> anyhow::Result<ExitCode> {
        let machine = definition::machine_name(&file.path);
        anyhow::ensure!(
            aws_names::name_is_valid(&machine),
            "{machine} cannot be the name of a state machine: rename {}",
            file.path.display()
        );
        let signal = running::signal();
        let arn = sync::create(engine, &machine, &file.json).await?;
        if self.path.is_dir() {
            sync::create_others(engine, loaded, &machine).await?;
        }
        let mut display = Display::new(std::io::stderr().is_terminal());
        let execution_arn = if let Some(path) = &self.post {
            let answer = posted::post(gateway, path, &input).await?;
            let body = String::from_utf8_lossy(&answer.body);
            display.say(&format!("POST {path} · {} {}", answer.status, body.trim()));
            let Some(execution_arn) = posted::started(engine) else {
                display.say("no execution has begun");
                return Ok(ExitCode::from(u8::from(answer.status >= 400)));
            };
            execution_arn
        } else {
            let started = engine.start_execution(StartExecution {
                state_machine_arn: arn,
                name: self.name.as_deref().map(Into::into),
                input,
                trace_header: None,
                test_case: None,
                parent: None,
            });
            started.await?.execution_arn
        };
        // An API may start another state machine than the main one: `arn:…:execution:NAME:…`
        let machine = execution_arn.split(':').nth(6).unwrap_or(&machine);
        display.say(&format!("{machine} · {execution_arn}"));
        let (view, tree, late) = self.follow(engine, &execution_arn, &mut display, signal).await?;
        display.finish(&tree);
        let outcome = Outcome::from(&view);
        display.say(&outcome.summary());
        outcome.print(self.output, &tree);
        Ok(if late { outcome::exit_code(Status::TimedOut) } else { outcome::exit_code(outcome.status) })
    }

    /// Shows states as they come and go, until the execution has ended. Says whether `--timeout` ended it.
    async fn follow(
        &self,
        engine: &Engine,
        arn: &str,
        display: &mut Display,
        signal: impl Future<Output = ()>,
    ) -> anyhow::Result<(ExecutionView, Tree, bool)> {
        let began = Instant::now();
        let mut tree = Tree::default();
        let (mut stopping, mut stopped_late) = (false, false);
        let mut signal = std::pin::pin!(signal);
        loop {
            let store = engine.store();
            let view = store.execution(arn)?.context("the execution is gone")?;
            read_events(store, arn, &mut tree)?;
            read_map_runs(store, &mut tree, engine.now())?;
            if view.status != Status::Running {
                return Ok((view, tree, stopped_late));
            }
            display.update(&tree, engine.now());
            let late = self.timeout.is_some_and(|seconds| began.elapsed() >= Duration::from_secs(seconds));
            if late && !stopping {
                (stopping, stopped_late) = (true, true);
                let cause = format!("stopped by --timeout {}", self.timeout.unwrap_or(0));
                stop(engine, arn, "States.Timeout", &cause).await?;
                continue;
            }
            let pause = LOOK_AGAIN[usize::from(began.elapsed() > Duration::from_millis(200))];
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = &mut signal, if !stopping => {
                    stopping = true;
                    stop(engine, arn, "Interrupted", "stopped by a signal").await?;
                }
            }
        }
    }
}

async fn stop(engine: &Engine, arn: &str, error: &str, cause: &str) -> anyhow::Result<()> {
    engine.stop_execution(arn.into(), Failure::new(error, cause)).await?;
    Ok(())
}

/// Reads the events that came since the last look.
fn read_events(store: &store::Store, arn: &str, tree: &mut Tree) -> anyhow::Result<()> {
    loop {
        let page = store.history(arn, tree.events(), PAGE, false)?.context("the execution is gone")?;
        page.events.iter().for_each(|event| tree.take(event));
        if !page.more || page.events.is_empty() {
            return Ok(());
        }
    }
}

/// Reads how far the Map Runs have come. What they wrote last says it, so this costs no more for a large one.
fn read_map_runs(store: &store::Store, tree: &mut Tree, now: Timestamp) -> anyhow::Result<()> {
    for map_run in tree.open_map_runs() {
        if let Some(view) = store.map_run(map_run.arn())? {
            map_run.take(view.status, view.summary.items, now);
        }
    }
    Ok(())
}

/// The first Task that is answered through the API: an activity, or a callback.
fn waits_for_others(definition: &str) -> Option<String> {
    let definition = Value::parse(definition).ok()?;
    let mut within = vec![&definition];
    while let Some(value) = within.pop() {
        if let Some(resource) = value.get("Resource").and_then(Value::as_str)
            && (resource.contains(":activity:") || resource.ends_with(".waitForTaskToken"))
        {
            return Some(resource.to_owned());
        }
        within.extend(value.as_object().into_iter().flat_map(|object| object.iter().map(|(_, value)| value)));
        within.extend(value.as_array().into_iter().flatten());
    }
    None
}

fn read_input(given: &str) -> anyhow::Result<Document> {
    let (text, from) = if given == "-" {
        let mut text = String::new();
        let limit = INPUT_BYTES_MAX as u64 + 1;
        std::io::stdin().take(limit).read_to_string(&mut text).context("cannot read standard input")?;
        (text, "standard input".to_owned())
    } else if Path::new(given).is_file() {
        let text = std::fs::read_to_string(given).with_context(|| format!("cannot read {given}"))?;
        (text, given.to_owned())
    } else {
        (given.to_owned(), "--input".to_owned())
    };
    anyhow::ensure!(
        text.len() <= INPUT_BYTES_MAX,
        "{from} has more than {INPUT_BYTES_MAX} bytes, the most that an execution takes"
    );
    Document::parse(&text).map_err(|error| {
        if from == "--input" && !given.trim_start().starts_with(['{', '[', '"']) {
            return anyhow::anyhow!("--input {given} is neither a file that exists nor JSON");
        }
        let (line, column) = definition::begins(&error, &text);
        anyhow::anyhow!("{from} is not JSON: {} (line {}, column {})", error.message, line, column)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_json_or_a_file_or_says_that_it_is_neither() {
        assert_eq!(read_input("{\"a\": 1}").unwrap().value().to_text(), "{\"a\":1}");
        assert_eq!(
            read_input("no-such-file.json").unwrap_err().to_string(),
            "--input no-such-file.json is neither a file that exists nor JSON"
        );
        assert!(read_input("{\"a\": ").unwrap_err().to_string().starts_with("--input is not JSON: "));
        assert!(read_input(&format!("\"{}\"", "x".repeat(INPUT_BYTES_MAX))).is_err());
    }

    #[test]
    fn tasks_that_nobody_can_answer_are_found() {
        let inside = |resource: &str| {
            format!(
                "{{\"States\": {{\"P\": {{\"Branches\": [{{\"States\": {{\"A\": {{\"Resource\": \"{resource}\"}}}}}}]}}}}}}"
            )
        };
        for resource in [
            "arn:aws:states:us-east-1:123456789012:activity:a",
            "arn:aws:states:::lambda:invoke.waitForTaskToken",
        ] {
            assert_eq!(waits_for_others(&inside(resource)).as_deref(), Some(resource));
        }
        assert_eq!(waits_for_others(&inside("arn:aws:states:::lambda:invoke")), None);
    }
}
