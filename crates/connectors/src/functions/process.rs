//! One process of a function: it runs one event at a time, many times.

use std::process::ExitStatus;
use std::time::Duration;

use hyper::body::Bytes;
use tokio::process::{Child, ChildStdin};
use tokio::sync::mpsc::error::TryRecvError;
use tokio::time::{Instant, sleep_until};

use super::launch::{LaunchError, Surroundings, launch};
use super::output::{self, Tail};
use super::runtime_api::{Event, RESULT_BYTES_MAX, RuntimeApi, Signal};
use crate::clock;
use crate::settings::FunctionSettings;

/// What AWS gives a process to load its code. After that the code loads at the expense of the
/// invocation's own time.
const START_TIME: Duration = Duration::from_secs(10);

/// A process that is ready for events. It is killed when the value goes.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Held open: the process ends when it closes.
    _lifeline: Option<ChildStdin>,
    api: RuntimeApi,
    tail: Tail,
    timeout: Duration,
    usable: bool,
}

/// How an invocation ended: what the caller of the Invoke API gets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Report {
    /// The function's result.
    Succeeded(Bytes),
    /// An error of the function or of its runtime, as JSON with `errorType`.
    Failed(Bytes),
}

/// What became of an event.
#[derive(Debug)]
pub(crate) enum Run {
    /// It ran.
    Done(Report),
    /// The process ended before it asked for the event: another one may run it. How it ended.
    Unheard(Report),
}

impl Process {
    /// Starts a process and waits until it asks for its first event, or says why it cannot.
    pub(crate) async fn start(
        name: &str,
        settings: &FunctionSettings,
        surroundings: &Surroundings,
        request_id: &str,
    ) -> Result<Process, Report> {
        let no_entry = |reason: String| failed("Runtime.InvalidEntrypoint", request_id, &reason);
        let api =
            RuntimeApi::start().await.map_err(|error| no_entry(format!("no loopback port: {error}")))?;
        let mut child = launch(name, settings, surroundings, api.address).map_err(|error| match error {
            LaunchError::Settings(message) => no_entry(message),
            LaunchError::Spawn { .. } => no_entry(error.to_string()),
        })?;
        let tail = Tail::default();
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(output::forward(stdout, name.to_owned(), tail.clone()));
        }
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(output::forward(stderr, name.to_owned(), tail.clone()));
        }
        // Waiting for a child closes its input, so it must not be the child's any more.
        let lifeline = child.stdin.take();
        let mut process =
            Process { child, _lifeline: lifeline, api, tail, timeout: settings.timeout, usable: true };
        match process.hear(request_id, Instant::now() + START_TIME + settings.timeout).await {
            Ok(Signal::Ready) => Ok(process),
            Ok(Signal::InitError(error)) => Err(Report::Failed(error)),
            Ok(Signal::Succeeded(_) | Signal::Failed(_) | Signal::TooLarge) => {
                unreachable!("the Runtime API takes no result of an event that it has not handed out")
            }
            Err(report) => Err(report),
        }
    }

    /// Runs one event to its end; at its timeout the process is killed.
    pub(crate) async fn run(&mut self, mut event: Event) -> Run {
        let request_id = event.request_id.clone();
        let deadline = Instant::now() + self.timeout;
        event.deadline_milliseconds = clock::now_milliseconds() + self.timeout.as_millis() as u64;
        // Whoever leaves early, by a timeout or because nobody waits any more, leaves a process
        // that is still busy with this event.
        self.usable = false;
        if self.api.events.try_send(event).is_err() {
            // The process has answered the event before, so its server is going down.
            return Run::Unheard(self.exited(&request_id, None));
        }
        let report = match self.hear(&request_id, deadline).await {
            Ok(Signal::Succeeded(result)) => Report::Succeeded(result),
            Ok(Signal::Failed(error)) => Report::Failed(error),
            Ok(Signal::TooLarge) => failed_plainly(
                "Function.ResponseSizeTooLarge",
                &format!(
                    "Response payload size exceeded maximum allowed payload size ({RESULT_BYTES_MAX} bytes)."
                ),
            ),
            // It has asked for an event, so this can only be a process that reports twice.
            Ok(Signal::Ready | Signal::InitError(_)) => return Run::Done(self.exited(&request_id, None)),
            // It ended with the event still waiting for it. (A timeout is used up either way)
            Err(report) if self.api.events.capacity() == 0 && Instant::now() < deadline => {
                return Run::Unheard(report);
            }
            Err(report) => return Run::Done(report),
        };
        self.usable = true;
        Run::Done(report)
    }

    /// Whether it lives and has nothing to do.
    pub(crate) fn is_usable(&mut self) -> bool {
        self.usable && matches!(self.child.try_wait(), Ok(None))
    }

    /// What it has printed since this was called last.
    pub(crate) fn printed(&self) -> Vec<u8> {
        self.tail.take()
    }

    /// The process's next signal, or how it ended instead.
    async fn hear(&mut self, request_id: &str, deadline: Instant) -> Result<Signal, Report> {
        tokio::select! {
            biased;
            Some(signal) = self.api.signals.recv() => Ok(signal),
            status = self.child.wait() => match self.api.signals.try_recv() {
                // Its last words came before its end.
                Ok(signal) => Ok(signal),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => Err(self.exited(request_id, status.ok())),
            },
            () = sleep_until(deadline) => {
                self.usable = false;
                let _ = self.child.start_kill();
                let seconds = self.timeout.as_secs_f64();
                Err(failed("Sandbox.Timedout", request_id, &format!("Task timed out after {seconds:.2} seconds")))
            }
        }
    }

    fn exited(&mut self, request_id: &str, status: Option<ExitStatus>) -> Report {
        self.usable = false;
        let reason = match status {
            Some(status) if !status.success() => format!("Runtime exited with error: {}", exit_text(status)),
            _ => "Runtime exited without providing a reason".to_owned(),
        };
        failed("Runtime.ExitError", request_id, &reason)
    }
}

/// As AWS's sandbox says it: `exit status 1`, `signal: killed`.
fn exit_text(status: ExitStatus) -> String {
    if let Some(code) = status.code() {
        return format!("exit status {code}");
    }
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return match signal {
            6 => "signal: aborted".to_owned(),
            9 => "signal: killed".to_owned(),
            11 => "signal: segmentation fault".to_owned(),
            15 => "signal: terminated".to_owned(),
            other => format!("signal: {other}"),
        };
    }
    status.to_string()
}

fn failed(kind: &str, request_id: &str, reason: &str) -> Report {
    failed_plainly(kind, &format!("RequestId: {request_id} Error: {reason}"))
}

fn failed_plainly(kind: &str, message: &str) -> Report {
    let error = json::value!({ "errorType": kind, "errorMessage": message });
    Report::Failed(error.to_text().into())
}
