//! Move tasks: dead letters go back to where they came from, or elsewhere.

use std::sync::Arc;

use json::{Text, Value};
use ledger::Batch;

use super::keys::{self, QUEUES};
use super::moving::Destination;
use super::number::Number;
use super::queues::{Queues, told};
use super::state::State;
use crate::Fault;

/// How many messages are moved before it is looked at how the task stands.
const AT_ONCE: usize = 10;

/// How many ended tasks of all queues are remembered.
const TASKS_MAX: usize = 1_000;

/// How a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Running,
    Completed,
    Cancelled,
    Failed,
}

/// A task, running or ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MoveTask {
    pub source_arn: Text,
    /// Back to where each came from without one.
    pub destination_arn: Option<Text>,
    pub per_second: Option<i64>,
    pub status: Status,
    pub moved: u64,
    pub to_move: u64,
    /// In milliseconds since 1970.
    pub started: i64,
    /// Newer messages stay: those that die again while the task runs.
    pub last: Number,
    pub failure: Option<String>,
}

impl Status {
    /// As the API names it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Running => "RUNNING",
            Status::Completed => "COMPLETED",
            Status::Cancelled => "CANCELLED",
            Status::Failed => "FAILED",
        }
    }
}

impl Queues {
    /// Begins a task; its number.
    pub async fn start_moving(self: &Arc<Self>, task: MoveTask) -> Result<u64, Fault> {
        let (number, comes) = {
            let mut state = self.state();
            let number = state.numbers.next(self.clock.now()).0;
            let mut batch = Batch::new();
            task.put(number, &mut batch);
            Queues::reserve(&mut state, &mut batch);
            state.move_tasks.insert(number, task);
            (number, self.submit_and_tell(&mut state, batch))
        };
        if let Err(fault) = told(comes.await) {
            self.state().move_tasks.remove(&number);
            return Err(fault);
        }
        self.go_on(number);
        Ok(number)
    }

    /// Goes on with the tasks that an earlier process had begun.
    pub fn go_on_moving(self: &Arc<Self>) {
        let state = self.state();
        let running = state.move_tasks.iter().filter(|(_, task)| task.status == Status::Running);
        let running: Vec<_> = running.map(|(&number, _)| number).collect();
        drop(state);
        running.into_iter().for_each(|number| self.go_on(number));
    }

    fn go_on(self: &Arc<Self>, number: u64) {
        let queues = self.clone();
        self.spawn(async move {
            let outcome = queues.run_move_task(number).await;
            queues.end_move_task(number, outcome).await;
        });
    }

    /// Moves until nothing is left, or somebody ends the task.
    async fn run_move_task(self: &Arc<Self>, number: u64) -> (Status, Option<String>) {
        // Each round moves messages, or is the last.
        loop {
            let (source, pulled, to, per_second) = {
                let now = self.clock.now();
                let mut state = self.state();
                let Some(task) = state.move_tasks.get(&number).cloned() else {
                    return (Status::Cancelled, None);
                };
                if task.status != Status::Running {
                    return (task.status, None);
                }
                let to = match &task.destination_arn {
                    None => Some(Destination::Origin),
                    Some(arn) => state.by_arn(arn).map(Destination::Queue),
                };
                let Some((source, to)) = state.by_arn(&task.source_arn).zip(to) else {
                    return (Status::Failed, Some("AWS.SimpleQueueService.NonExistentQueue".to_owned()));
                };
                let queue = &mut state.queues.get_mut(&source).expect("it was found").queue;
                let max = task.per_second.map_or(AT_ONCE, |rate| AT_ONCE.min(rate as usize));
                (source, queue.pull(now, max, task.last), to, task.per_second)
            };
            if pulled.is_empty() {
                return (Status::Completed, None);
            }
            let moved = self.move_messages(source, pulled, to).await;
            if moved == 0 {
                return (Status::Failed, Some("CouldNotDetermineMessageSource".to_owned()));
            }
            self.count_moved(number, moved as u64);
            if let Some(rate) = per_second {
                self.clock.until(self.clock.now() + moved as i64 * 1_000 / rate).await;
            }
        }
    }

    fn count_moved(&self, number: u64, moved: u64) {
        let mut state = self.state();
        let Some(task) = state.move_tasks.get_mut(&number) else { return };
        task.moved += moved;
        let mut batch = Batch::new();
        task.put(number, &mut batch);
        // A count that is not written down is a little too low after a restart.
        self.submit(&mut state, batch, |_| {});
    }

    async fn end_move_task(self: &Arc<Self>, number: u64, (status, failure): (Status, Option<String>)) {
        let comes = {
            let mut state = self.state();
            let Some(task) = state.move_tasks.get_mut(&number) else { return };
            (task.status, task.failure) = (status, failure);
            let mut batch = Batch::new();
            task.put(number, &mut batch);
            self.submit_and_tell(&mut state, batch)
        };
        // A task whose end is not written down goes on after the next start, and finds nothing left.
        let _ = comes.await;
    }

    /// Cancels a task; how many messages it had moved.
    pub async fn cancel_moving(self: &Arc<Self>, number: u64, source: &str) -> Result<u64, Fault> {
        let (moved, comes) = {
            let mut state = self.state();
            let task = state.move_tasks.get_mut(&number).filter(|task| task.source_arn == source);
            let not_there =
                || Fault::new("ResourceNotFoundException", "Task does not exist.").with_status(404);
            let task = task.ok_or_else(not_there)?;
            if task.status != Status::Running {
                let message = "Only active tasks can be cancelled.";
                return Err(Fault::new("UnsupportedOperation", message));
            }
            task.status = Status::Cancelled;
            let moved = task.moved;
            let mut batch = Batch::new();
            task.put(number, &mut batch);
            (moved, self.submit_and_tell(&mut state, batch))
        };
        told(comes.await)?;
        Ok(moved)
    }

    /// Forgets the oldest tasks if there are too many.
    pub fn forget_move_tasks(&self, state: &mut State) {
        let mut batch = Batch::new();
        while state.move_tasks.len() > TASKS_MAX
            && let Some(oldest) = state.move_tasks.first_entry()
            && oldest.get().status != Status::Running
        {
            batch.remove(QUEUES, &key(*oldest.key()));
            oldest.remove();
        }
        if !batch.is_empty() {
            self.submit(state, batch, |_| {});
        }
    }
}

fn key(number: u64) -> Vec<u8> {
    [keys::MOVES, &number.to_be_bytes()].concat()
}

impl MoveTask {
    fn put(&self, number: u64, batch: &mut Batch) {
        let value = json::value!({
            "source": &self.source_arn,
            "destination": (self.destination_arn.clone().map(Value::from)),
            "perSecond": (self.per_second),
            "status": (self.status.name()),
            "moved": (self.moved as i64),
            "toMove": (self.to_move as i64),
            "started": (self.started),
            "last": (self.last.0 as i64),
            "failure": (self.failure.clone())
        });
        batch.put(QUEUES, &key(number), value.to_text().as_bytes());
    }

    /// Reads what was put.
    pub fn from_bytes(bytes: &[u8]) -> Option<MoveTask> {
        let value = Value::parse_bytes(bytes).ok()?;
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let number = |name: &str| value.get(name).and_then(Value::as_i64);
        let status = [Status::Running, Status::Completed, Status::Cancelled, Status::Failed];
        Some(MoveTask {
            source_arn: text("source")?.into(),
            destination_arn: text("destination").map(Text::from),
            per_second: number("perSecond"),
            status: status.into_iter().find(|status| Some(status.name()) == text("status"))?,
            moved: number("moved")? as u64,
            to_move: number("toMove")? as u64,
            started: number("started")?,
            last: Number(number("last")? as u64),
            failure: text("failure").map(str::to_owned),
        })
    }
}

/// A task's number and source in its handle, and back: Base64 of JSON, as AWS's handles are.
pub(crate) fn handle(number: u64, source_arn: &str) -> String {
    let value = json::value!({ "taskId": (number.to_string()), "sourceArn": source_arn });
    aws_protocols::base64::encode(value.to_text().as_bytes())
}

/// Reads a handle.
pub(crate) fn read_handle(handle: &str) -> Option<(u64, String)> {
    let value = Value::parse_bytes(&aws_protocols::base64::decode(handle)?).ok()?;
    let number = value.get("taskId")?.as_str()?.parse().ok()?;
    Some((number, value.get("sourceArn")?.as_str()?.to_owned()))
}
