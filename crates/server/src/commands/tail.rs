//! `stepwell tail`: follows an execution of a running server, or a Map Run, to its end.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use asl::Timestamp;
use aws_names::{Arn, StepFunctionsArn};
use clap::Args;
use execution::Status;
use execution::event::StateType;

use super::{Output, env};
use crate::outcome::{self, Outcome};
use crate::presence::Place;
use crate::remote::{Remote, Trouble};
use crate::running;
use crate::tree::Tree;
use crate::tree::display::Display;
use crate::tree::moment::{Moment, What};

/// The pause between two looks at the server: short when something has happened, then ever longer.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
const LOOK_AGAIN_MAX: Duration = Duration::from_secs(2);
/// On a terminal, the time of what runs is drawn again meanwhile.
const TICK: Duration = Duration::from_millis(100);

/// A name is looked for in so many state machines, with a request for each.
const MACHINES_MAX: usize = 100;

/// Follow an execution of a running server, and show the path it takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stepwell tail order-7                   by its name, at the `stepwell dev` of this folder
  stepwell tail orders:order-7            the one of the state machine orders
  stepwell tail order-7 --endpoint http://127.0.0.1:9000
  stepwell tail arn:aws:states:us-east-1:123456789012:execution:orders:order-7
  stepwell tail \"$map_run\"               a Map Run, by its ARN

The states go to standard error as `stepwell run` shows them, each Map Run with a bar of its items,
the output to standard output. Ctrl-C ends the looking on, not the execution. For a server with
access keys, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a profile say them, as for any client.
Exit code: 0 SUCCEEDED, 1 FAILED, 2 there is no such execution or no server, 3 TIMED_OUT, 4 ABORTED.")]
pub struct Tail {
    /// The ARN of an execution or of a Map Run; or an execution's NAME or STATE_MACHINE:NAME.
    #[arg(value_name = "EXECUTION|MAP_RUN")]
    followed: String,
    /// Where the server is. [default: that of the folder, as `stepwell env` finds it]
    #[arg(long, env = "AWS_ENDPOINT_URL_SFN", value_name = "URL")]
    endpoint: Option<String>,
    /// The folder that `stepwell dev` was given.
    #[arg(long, default_value = ".", value_name = "DIR")]
    folder: PathBuf,
    /// What standard output shows: the output alone, or everything.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// What to follow.
enum Followed {
    Execution { arn: String, machine: String, has_history: bool },
    MapRun { arn: String, state: String },
}

impl Tail {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let remote = Remote::new(self.place()?);
        running::block_on(async {
            let mut display = Display::new(std::io::stderr().is_terminal());
            let (outcome, tree) = match self.find(&remote).await? {
                Followed::Execution { arn, machine, has_history } => {
                    let begun = remote.execution(&arn).await;
                    let begun = begun.map_err(|trouble| explain(trouble, "execution", &arn, &remote))?;
                    display.say(&format!("{machine} · {arn}"));
                    match has_history {
                        true => follow(&remote, begun, &mut display).await?,
                        false => (begun, Tree::default()),
                    }
                }
                Followed::MapRun { arn, state } => {
                    follow_map_run(&remote, &arn, &state, &mut display).await?
                }
            };
            display.finish(&tree);
            display.say(&outcome.summary());
            outcome.print(self.output, &tree);
            Ok(outcome::exit_code(outcome.status))
        })
    }

    /// Requests are signed for the region of the ARN, if that is one.
    fn place(&self) -> anyhow::Result<Place> {
        let mut place = match &self.endpoint {
            Some(endpoint) => {
                connectors::check_endpoint(endpoint).map_err(|why| anyhow::anyhow!("--endpoint: {why}"))?;
                Place { endpoint: endpoint.clone(), secure: None, region: crate::settings::region(None) }
            }
            None => env::find_server(&self.folder, None, None, None)?,
        };
        if let Ok(arn) = Arn::parse(&self.followed) {
            place.region = arn.region.to_owned();
        }
        Ok(place)
    }

    async fn find(&self, remote: &Remote) -> anyhow::Result<Followed> {
        let said = &*self.followed;
        if !said.starts_with("arn:") {
            return find_by_name(remote, said).await;
        }
        let of_map = |machine: &str, label: Option<&str>| match label {
            Some(label) => format!("{machine}/{label}"),
            None => machine.to_owned(),
        };
        let arn = said.to_owned();
        match StepFunctionsArn::parse(said) {
            Ok(StepFunctionsArn::Execution { machine, label, .. }) => {
                Ok(Followed::Execution { arn, machine: of_map(machine, label), has_history: true })
            }
            Ok(StepFunctionsArn::ExpressExecution { machine, label, .. }) => {
                Ok(Followed::Execution { arn, machine: of_map(machine, label), has_history: false })
            }
            Ok(StepFunctionsArn::MapRun { label, .. }) => {
                Ok(Followed::MapRun { arn, state: label.to_owned() })
            }
            Ok(StepFunctionsArn::StateMachine { .. } | StepFunctionsArn::Activity { .. }) | Err(_) => {
                anyhow::bail!("{said} is the ARN of neither an execution nor a Map Run")
            }
        }
    }
}

/// Looks through the state machines for an execution of this name.
async fn find_by_name(remote: &Remote, said: &str) -> anyhow::Result<Followed> {
    let (machine, name) = match said.split_once(':') {
        Some((machine, name)) => (Some(machine), name),
        None => (None, said),
    };
    anyhow::ensure!(
        aws_names::name_is_valid(name),
        "{said} is neither an ARN nor a name: a name has 1 to 80 letters, digits, - and _"
    );
    let mut machines = remote.machines().await?;
    machines.retain(|known| known.is_standard && machine.is_none_or(|machine| machine == known.name));
    let endpoint = remote.endpoint();
    if let Some(machine) = machine.filter(|_| machines.is_empty()) {
        anyhow::bail!("there is no STANDARD state machine {machine} at {endpoint}");
    }
    anyhow::ensure!(
        machines.len() <= MACHINES_MAX,
        "{endpoint} has {} STANDARD state machines, too many to look for {name} in each: say MACHINE:{name}, or the ARN",
        machines.len()
    );
    let mut found = Vec::new();
    for machine in machines {
        let arn = format!("{}:{name}", machine.arn.replacen(":stateMachine:", ":execution:", 1));
        match remote.execution(&arn).await {
            Ok(_) => found.push(Followed::Execution { arn, machine: machine.name, has_history: true }),
            Err(Trouble::DoesNotExist) => {}
            Err(trouble) => return Err(trouble.into()),
        }
    }
    let said_of = |followed: &Followed| match followed {
        Followed::Execution { machine, .. } => format!("{machine}:{name}"),
        Followed::MapRun { arn, .. } => arn.clone(),
    };
    if found.len() > 1 {
        let all: Vec<String> = found.iter().map(said_of).collect();
        anyhow::bail!("several executions are called {name}; say which: {}", all.join(", "));
    }
    found.pop().with_context(|| {
        format!(
            "no execution is called {name} at {endpoint}: `aws stepfunctions list-executions --state-machine-arn …` \
             lists those of a state machine"
        )
    })
}

/// Shows states as they come and go, until the execution has ended.
async fn follow(remote: &Remote, begun: Outcome, display: &mut Display) -> anyhow::Result<(Outcome, Tree)> {
    let (mut tree, mut outcome, mut pause) = (Tree::default(), begun, LOOK_AGAIN);
    loop {
        let known = tree.events();
        let news = remote.history_since(&outcome.arn, known as u64).await;
        let news = news.map_err(|trouble| explain(trouble, "execution", &outcome.arn, remote))?;
        news.into_iter().for_each(|moment| tree.take(moment));
        look_at_map_runs(remote, &mut tree).await?;
        if outcome.status == Status::Running && tree.has_ended() {
            let ended = remote.execution(&outcome.arn).await;
            outcome = ended.map_err(|trouble| explain(trouble, "execution", &outcome.arn, remote))?;
        }
        if outcome.status != Status::Running {
            return Ok((outcome, tree));
        }
        pause = if tree.events() > known { LOOK_AGAIN } else { longer(pause) };
        wait(pause, &tree, display).await;
    }
}

async fn look_at_map_runs(remote: &Remote, tree: &mut Tree) -> anyhow::Result<()> {
    for map_run in tree.open_map_runs() {
        match remote.map_run(map_run.arn()).await {
            Ok(seen) => map_run.take(seen.outcome.status, seen.items, now()),
            // Its retention has ended before that of its execution; what was last seen stays.
            Err(Trouble::DoesNotExist) => {}
            Err(trouble) => return Err(trouble.into()),
        }
    }
    Ok(())
}

/// Shows the bar of one Map Run, until that has ended. The tree is that of its Map state.
async fn follow_map_run(
    remote: &Remote,
    arn: &str,
    state: &str,
    display: &mut Display,
) -> anyhow::Result<(Outcome, Tree)> {
    let (mut tree, mut pause) = (Tree::default(), LOOK_AGAIN);
    loop {
        let seen = remote.map_run(arn).await;
        let seen = seen.map_err(|trouble| explain(trouble, "Map Run", arn, remote))?;
        let outcome = seen.outcome;
        if tree.events() == 0 {
            display.say(&format!("{state} · {arn}"));
            let what = [What::Entered(StateType::Map, state.to_owned()), What::MapRunBegan(arn.into())];
            for (previous, what) in (0..).zip(what) {
                tree.take(Moment { id: previous + 1, previous, at: outcome.started_at, what });
            }
        }
        tree.open_map_runs().for_each(|map_run| map_run.take(outcome.status, seen.items, now()));
        let what = match outcome.status {
            Status::Running => {
                wait(pause, &tree, display).await;
                pause = longer(pause);
                continue;
            }
            Status::Succeeded => What::Exited(state.to_owned()),
            Status::Failed | Status::TimedOut | Status::Aborted => What::ExecutionFailed,
        };
        let at = outcome.stopped_at.unwrap_or(outcome.started_at);
        tree.take(Moment { id: 3, previous: 2, at, what });
        return Ok((outcome, tree));
    }
}

fn longer(pause: Duration) -> Duration {
    (pause * 3 / 2).min(LOOK_AGAIN_MAX)
}

/// Shows what there is to show until it is time for the next look.
async fn wait(pause: Duration, tree: &Tree, display: &mut Display) {
    let until = tokio::time::Instant::now() + pause;
    while tokio::time::Instant::now() < until {
        display.update(tree, now());
        tokio::time::sleep_until(until.min(tokio::time::Instant::now() + TICK)).await;
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn explain(trouble: Trouble, what: &str, arn: &str, remote: &Remote) -> anyhow::Error {
    match trouble {
        Trouble::DoesNotExist => {
            anyhow::anyhow!(
                "there is no {what} {arn} at {}: is it the right server, or has its retention ended?",
                remote.endpoint()
            )
        }
        trouble => trouble.into(),
    }
}
