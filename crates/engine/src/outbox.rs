//! What leaves once the turn that asked for it is durable: calls, waits for jobs, replies; and the
//! answers on their way back.
//!
//! Never here: how a call is made, and how many of a target there may be at once; `connectors` does that.

use std::collections::HashMap;
use std::sync::mpsc::{SendError, Sender};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use asl::resource::Pattern;
use asl::{Failure, Resource};
use connectors::{Caller, Connectors, Place};
use execution::execution::Start;
use execution::{FrameId, TaskCall, TaskOutcome};
use json::Document;
use store::ExecutionKey;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::closings::Closings;
use crate::map_runs::Worker;
use crate::message::{After, Message};
use crate::news::{Happening, News, Watchers};

/// Stopping a job may take so long, and is given up then: nobody waits for it.
const STOP_TIME_MAX: Duration = Duration::from_secs(60);

/// Makes calls and sends replies. Works on the commit thread, which it must not hold up: everything slow is spawned.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<Inner>);

struct Inner {
    runtime: Handle,
    connectors: Connectors,
    /// To the loop.
    answers: Sender<Message>,
    closings: Closings,
    watchers: Watchers,
    worker: Worker,
    pending: Mutex<HashMap<Owner, Pending>>,
    replies: Mutex<Replies>,
}

/// Replies that are due. They are sent by one task of the runtime: to wake a task from outside of the
/// runtime costs a system call, and a frame has replies for many clients.
#[derive(Default)]
struct Replies {
    due: Vec<Box<dyn FnOnce() + Send>>,
    is_being_sent: bool,
}

/// Whose call or job it is. Each frame has one at most.
type Owner = (ExecutionKey, FrameId);

/// What somebody waits for.
struct Pending {
    attempt: u32,
    stage: Stage,
}

/// How far it has come.
enum Stage {
    /// It stands in its target's line, where only its owner is kept.
    InLine,
    /// It is under way. Dropping this breaks it off.
    Calling { _stop: oneshot::Sender<Stop> },
    /// It starts a job: it is not broken off, because the job could not be stopped then.
    Submitting,
    /// It has started a job, and the loop is about to say what becomes of that.
    Submitted(Box<Job>),
    /// The job is waited for. Dropping this ends the waiting.
    Waiting { stop: oneshot::Sender<Stop> },
}

/// Says that a job is to be stopped.
struct Stop;

/// A job that a call has started.
struct Job {
    caller: Caller,
    call: TaskCall,
    submitted: Document,
}

impl Outbox {
    pub(crate) fn new(
        runtime: Handle,
        connectors: Connectors,
        answers: Sender<Message>,
        closings: Closings,
        watchers: Watchers,
        worker: Worker,
    ) -> Self {
        let (pending, replies) = (Mutex::default(), Mutex::default());
        Outbox(Arc::new(Inner { runtime, connectors, answers, closings, watchers, worker, pending, replies }))
    }

    /// Does what a durable commit was waiting for.
    pub(crate) fn act(&self, after: After) {
        match after {
            After::Reply(reply) => self.reply(reply),
            After::Call { key, caller, call, place: None } => self.enter(key, &caller, call),
            After::Call { key, caller, call, place: Some(place) } => self.call(key, &caller, call, place),
            After::AwaitJob { key, caller, call, submitted } => {
                self.await_job(key, Job { caller: Caller::of(&caller), call, submitted });
            }
            After::Cancel { key, frame } => self.cancel((key, frame)),
            After::Heard { key, frame, attempt } => self.heard((key, frame), attempt),
            After::Forget { key, frame, attempt } => self.forget((key, frame), attempt),
            After::MapRun { key, work } => self.0.worker.begin(key, work),
            After::Tell(news) => self.0.watchers.tell(news),
            After::Closed { start, status } => {
                self.0.closings.closed(&start.arn);
                self.0.watchers.tell(News { start, what: Happening::Ended(status) });
            }
        }
    }

    fn reply(&self, reply: Box<dyn FnOnce() + Send>) {
        let mut replies = self.0.replies();
        replies.due.push(reply);
        if !std::mem::replace(&mut replies.is_being_sent, true) {
            let outbox = self.clone();
            self.0.runtime.spawn(async move { outbox.send_replies() });
        }
    }

    /// Sends what is due, and what has become due meanwhile.
    fn send_replies(&self) {
        loop {
            let due = {
                let mut replies = self.0.replies();
                replies.is_being_sent = !replies.due.is_empty();
                std::mem::take(&mut replies.due)
            };
            if due.is_empty() {
                return;
            }
            due.into_iter().for_each(|reply| reply());
        }
    }

    /// Makes a call, or lets it stand in line.
    fn enter(&self, key: ExecutionKey, start: &Start, call: TaskCall) {
        let (owner, attempt) = ((key, call.frame), call.attempt);
        self.0.pending().insert(owner, Pending { attempt, stage: Stage::InLine });
        let outbox = self.clone();
        let in_line = || -> connectors::InLine { Box::new(move |place| outbox.turn(owner, attempt, place)) };
        if let Some(place) = self.0.connectors.enter(&call, in_line) {
            self.call(key, start, call, place);
        }
    }

    /// A call in line has a place: the loop is asked what it is about. A place that nobody wants is given back.
    fn turn(&self, owner: Owner, attempt: u32, place: Place) -> Option<Place> {
        if !self.is_in_line(owner, attempt) {
            return Some(place);
        }
        let (key, frame) = owner;
        match self.0.answers.send(Message::Turn { key, frame, attempt, place }) {
            Ok(()) => None,
            // The loop has ended.
            Err(SendError(Message::Turn { place, .. })) => Some(place),
            Err(_) => unreachable!("what could not be sent comes back"),
        }
    }

    fn is_in_line(&self, owner: Owner, attempt: u32) -> bool {
        let pending = self.0.pending();
        let known = pending.get(&owner).filter(|known| known.attempt == attempt);
        known.is_some_and(|known| matches!(known.stage, Stage::InLine))
    }

    /// Makes a call that has a place.
    fn call(&self, key: ExecutionKey, start: &Start, call: TaskCall, place: Place) {
        let (owner, attempt) = ((key, call.frame), call.attempt);
        // It may have been cancelled between its turn and now.
        if !self.is_in_line(owner, attempt) {
            return;
        }
        let (caller, outbox) = (Caller::of(start), self.clone());
        if starts_job(&call) {
            self.set(owner, attempt, Stage::Submitting);
            self.0.runtime.spawn(async move { outbox.submit(owner, caller, call, place).await });
            return;
        }
        let (stop, stopped) = oneshot::channel::<Stop>();
        self.set(owner, attempt, Stage::Calling { _stop: stop });
        self.0.runtime.spawn(async move {
            let connectors = outbox.0.connectors.clone();
            let mut answering = Answering { outbox, owner, attempt, outcome: None };
            tokio::select! {
                outcome = connectors.call_at(place, &call, &caller) => answering.outcome = Some(outcome),
                _ = stopped => {}
            }
        });
    }

    /// Makes a call that starts a job. If nobody waits for that any more when it returns, the job is stopped.
    async fn submit(self, owner: Owner, caller: Caller, call: TaskCall, place: Place) {
        let attempt = call.attempt;
        let mut answering = Answering { outbox: self.clone(), owner, attempt, outcome: None };
        let outcome = self.0.connectors.call_at(place, &call, &caller).await;
        if let TaskOutcome::Succeeded(submitted) = &outcome {
            let job = Box::new(Job { caller, call, submitted: submitted.clone() });
            if let Some(Stage::Submitted(job)) = self.set(owner, attempt, Stage::Submitted(job)) {
                return self.stop_job(*job).await;
            }
        }
        answering.outcome = Some(outcome);
    }

    /// Waits for a job. That may take days: it holds no place in any line.
    fn await_job(&self, key: ExecutionKey, job: Job) {
        let (owner, attempt) = ((key, job.call.frame), job.call.attempt);
        let (stop, mut stopped) = oneshot::channel::<Stop>();
        self.0.pending().insert(owner, Pending { attempt, stage: Stage::Waiting { stop } });
        let outbox = self.clone();
        self.0.runtime.spawn(async move {
            let connectors = outbox.0.connectors.clone();
            let mut answering = Answering { outbox: outbox.clone(), owner, attempt, outcome: None };
            tokio::select! {
                outcome = connectors.await_job(&job.call, &job.submitted, &job.caller) => {
                    answering.outcome = Some(outcome);
                    return;
                }
                said = &mut stopped => if said.is_err() {
                    return;
                },
            }
            drop(answering);
            outbox.stop_job(job).await;
        });
    }

    /// Nobody waits for a frame's call or job any more.
    fn cancel(&self, owner: Owner) {
        let Some(Pending { stage, .. }) = self.0.pending().remove(&owner) else { return };
        match stage {
            // The line passes it over, the call is broken off, the submission sees that nobody waits.
            Stage::InLine | Stage::Calling { .. } | Stage::Submitting => {}
            Stage::Submitted(job) => {
                let outbox = self.clone();
                self.0.runtime.spawn(async move { outbox.stop_job(*job).await });
            }
            Stage::Waiting { stop } => {
                // The job may have ended at this very moment.
                let _ = stop.send(Stop);
            }
        }
    }

    /// What a call was answered is known to the loop. A job that is not waited for by now never will be.
    fn heard(&self, owner: Owner, attempt: u32) {
        self.remove_if(owner, attempt, |stage| matches!(stage, Stage::Submitted(_)));
    }

    /// Nobody waits for a job any more, and it goes on.
    fn forget(&self, owner: Owner, attempt: u32) {
        self.remove_if(owner, attempt, |stage| matches!(stage, Stage::Waiting { .. }));
    }

    /// A call or a wait has ended. A job that was submitted stays until the loop has heard of it.
    fn end(&self, owner: Owner, attempt: u32) {
        self.remove_if(owner, attempt, |stage| !matches!(stage, Stage::Submitted(_)));
    }

    fn remove_if(&self, owner: Owner, attempt: u32, is_over: impl FnOnce(&Stage) -> bool) {
        let mut pending = self.0.pending();
        if pending.get(&owner).is_some_and(|known| known.attempt == attempt && is_over(&known.stage)) {
            pending.remove(&owner);
        }
    }

    /// As well as it can be done, once, and not for ever.
    async fn stop_job(&self, job: Job) {
        let Job { caller, call, submitted } = &job;
        let stop = self.0.connectors.stop_job(call, submitted, caller);
        let trouble = match tokio::time::timeout(STOP_TIME_MAX, stop).await {
            Ok(Ok(())) => return,
            Ok(Err(failure)) => {
                format!("{}: {}", failure.name(), failure.cause.as_deref().unwrap_or_default())
            }
            Err(_) => format!("it took longer than {} s", STOP_TIME_MAX.as_secs()),
        };
        let (resource_type, resource) = (call.resource.resource_type(), call.resource.resource_name());
        tracing::warn!(execution = %caller.execution_arn, resource = %format!("{resource_type}:{resource}"), trouble,
            "a job that nobody waits for any more was not stopped; it may still run");
    }

    /// Notes how far a call has come; gives the stage back if nobody waits for it any more.
    fn set(&self, owner: Owner, attempt: u32, stage: Stage) -> Option<Stage> {
        let mut pending = self.0.pending();
        match pending.get_mut(&owner).filter(|known| known.attempt == attempt) {
            Some(known) => {
                known.stage = stage;
                None
            }
            None => Some(stage),
        }
    }
}

impl Inner {
    fn pending(&self) -> MutexGuard<'_, HashMap<Owner, Pending>> {
        self.pending.lock().expect("no holder of this lock panics")
    }

    fn replies(&self) -> MutexGuard<'_, Replies> {
        self.replies.lock().expect("no holder of this lock panics")
    }
}

/// A call or a wait that the loop hears of however it ends.
struct Answering {
    outbox: Outbox,
    owner: Owner,
    attempt: u32,
    outcome: Option<TaskOutcome>,
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.outbox.end(self.owner, self.attempt);
        let outcome = match self.outcome.take() {
            Some(outcome) => outcome,
            // Our mistake must not leave the execution waiting for ever.
            None if std::thread::panicking() => {
                TaskOutcome::Failed(Failure::runtime("The call ended with a defect of Stepwell."))
            }
            // Nobody waits for it any more.
            None => return,
        };
        let ((key, frame), attempt) = (self.owner, self.attempt);
        // A loop that has ended needs no answers: after the next start the call counts as unknown.
        let _ = self.outbox.0.answers.send(Message::Returned { key, frame, attempt, outcome });
    }
}

/// Whether the call only starts what is then waited for.
fn starts_job(call: &TaskCall) -> bool {
    match call.resource {
        Resource::Function { .. } | Resource::Activity { .. } => false,
        Resource::Integration { pattern, .. } => match pattern {
            Pattern::RequestResponse | Pattern::WaitForTaskToken => false,
            Pattern::Sync | Pattern::Sync2 => true,
        },
    }
}
