//! Calls that leave once the turn that asked for them is durable, and their answers on the way back.
//!
//! Each target has so many calls under way at the most; the others wait in its own line, so that a
//! slow target takes neither the connections nor the memory that calls of another need.

use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard};

use asl::{Failure, Resource};
use connectors::{Caller, Connectors};
use execution::execution::Start;
use execution::{FrameId, TaskCall, TaskOutcome};
use json::Text;
use store::ExecutionKey;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::closings::Closings;
use crate::message::{After, Message};

/// How many calls of one target are under way at once: AWS's own limit of concurrent functions.
const CALLS_PER_TARGET_MAX: usize = 1_000;

/// Makes calls and sends replies. Works on the commit thread, which it must not hold up: everything slow is spawned.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<Inner>);

struct Inner {
    runtime: Handle,
    connectors: Connectors,
    /// To the loop.
    answers: Sender<Message>,
    closings: Closings,
    calls: Mutex<Calls>,
    replies: Mutex<Replies>,
}

/// Replies that are due. They are sent by one task of the runtime: to wake a task from outside of the
/// runtime costs a system call, and a frame has replies for many clients.
#[derive(Default)]
struct Replies {
    due: Vec<Box<dyn FnOnce() + Send>>,
    is_being_sent: bool,
}

/// Calls that somebody waits for.
#[derive(Default)]
struct Calls {
    by_owner: HashMap<Owner, Call>,
    targets: HashMap<Text, Target>,
}

/// Whose call it is. Each frame has one at most.
type Owner = (ExecutionKey, FrameId);

struct Call {
    attempt: u32,
    /// Dropping it breaks the call off; `None` while it stands in line.
    stop: Option<oneshot::Sender<()>>,
}

#[derive(Default)]
struct Target {
    under_way: usize,
    /// Bounded by the tasks that are open. A call that nobody waits for any more is passed over.
    line: VecDeque<(ExecutionKey, Arc<Start>, TaskCall)>,
}

impl Outbox {
    pub(crate) fn new(
        runtime: Handle,
        connectors: Connectors,
        answers: Sender<Message>,
        closings: Closings,
    ) -> Self {
        let (calls, replies) = (Mutex::default(), Mutex::default());
        Outbox(Arc::new(Inner { runtime, connectors, answers, closings, calls, replies }))
    }

    /// Does what a durable commit was waiting for.
    pub(crate) fn act(&self, after: After) {
        match after {
            After::Reply(reply) => self.reply(reply),
            After::Call { key, caller, call } => self.call(key, caller, call),
            After::Cancel { key, frame } => {
                self.0.calls().by_owner.remove(&(key, frame));
            }
            After::Closed { arn } => self.0.closings.closed(&arn),
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

    fn call(&self, key: ExecutionKey, start: Arc<Start>, call: TaskCall) {
        let mut calls = self.0.calls();
        calls.by_owner.insert((key, call.frame), Call { attempt: call.attempt, stop: None });
        let target = calls.targets.entry(target_of(&call)).or_default();
        if target.under_way >= CALLS_PER_TARGET_MAX {
            target.line.push_back((key, start, call));
        } else {
            target.under_way += 1;
            self.begin(&mut calls, key, &start, call);
        }
    }

    /// Makes a call that has a place.
    fn begin(&self, calls: &mut Calls, key: ExecutionKey, start: &Start, call: TaskCall) {
        let (stop, stopped) = oneshot::channel();
        let owner = (key, call.frame);
        if let Some(known) = calls.by_owner.get_mut(&owner) {
            known.stop = Some(stop);
        }
        let caller = Caller::of(&start);
        let outbox = self.clone();
        self.0.runtime.spawn(async move {
            let (attempt, target) = (call.attempt, target_of(&call));
            let connectors = outbox.0.connectors.clone();
            let mut place = Place { outbox, owner, attempt, target, outcome: None };
            tokio::select! {
                outcome = connectors.call(&call, &caller) => place.outcome = Some(outcome),
                _ = stopped => {}
            }
        });
    }

    /// A call has ended: the next of its target's line gets its place.
    fn end(&self, owner: Owner, attempt: u32, target: &Text) {
        let mut calls = self.0.calls();
        if calls.by_owner.get(&owner).is_some_and(|call| call.attempt == attempt) {
            calls.by_owner.remove(&owner);
        }
        let next = loop {
            let Some(line) = calls.targets.get_mut(target).map(|target| &mut target.line) else { return };
            let Some(next) = line.pop_front() else { break None };
            let (key, _, call) = &next;
            let is_wanted = |waiting: &Call| waiting.attempt == call.attempt && waiting.stop.is_none();
            if calls.by_owner.get(&(*key, call.frame)).is_some_and(is_wanted) {
                break Some(next);
            }
        };
        match next {
            Some((key, start, call)) => self.begin(&mut calls, key, &start, call),
            None => {
                if let Some(known) = calls.targets.get_mut(target) {
                    known.under_way -= 1;
                    if known.under_way == 0 {
                        calls.targets.remove(target);
                    }
                }
            }
        }
    }
}

impl Inner {
    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().expect("no holder of this lock panics")
    }

    fn replies(&self) -> MutexGuard<'_, Replies> {
        self.replies.lock().expect("no holder of this lock panics")
    }
}

/// A call's place among those of its target. It is given back however the call ends.
struct Place {
    outbox: Outbox,
    owner: Owner,
    attempt: u32,
    target: Text,
    outcome: Option<TaskOutcome>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.outbox.end(self.owner, self.attempt, &self.target);
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

/// What may be slow as a whole: a function, or else a service.
fn target_of(call: &TaskCall) -> Text {
    match &call.resource {
        Resource::Function { arn } | Resource::Activity { arn } => arn.clone(),
        Resource::Integration { service, .. } => {
            let function = call.arguments.value().get("FunctionName").and_then(|name| name.as_str());
            function.map_or_else(|| service.clone(), Text::from)
        }
    }
}
