//! Execution logs: what a machine's `loggingConfiguration` asks for is handed to whoever writes it.
//!
//! Best effort, as on AWS: a turn goes into a queue that has a bound, and what finds no room there is
//! dropped and counted. No execution ever waits for its log. Never here: how a line looks, files.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::time::Duration;

use execution::Turn;
use execution::event::{Event, EventKind, StateType};
use execution::execution::Start;
use json::{Text, Value};
use store::{ExecutionKey, Revision};

use crate::deliver::Loop;
use crate::message::After;
use crate::statistics::Statistics;

/// Turns that wait to be written. They share their data with the executions that made them, so
/// this bounds what stays in memory for the sake of a log.
const QUEUE_MAX: usize = 4_096;

/// Who writes lets turns gather for so long. To wake a thread for each of them costs whoever makes them more than all
/// else about logs; and half a million in a second, which is more than there are, do not fill the queue meanwhile.
const GATHERING: Duration = Duration::from_millis(5);

/// Of a log group, remembered by revision: emptied when there are so many.
const TARGETS_MAX: usize = 1_000;

/// Which events are logged. (spec/api.md §8)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum LogLevel {
    All,
    Error,
    Fatal,
}

/// Where and what a revision of a machine logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTarget {
    /// The name of the log group.
    pub group: Text,
    /// Which events.
    pub level: LogLevel,
    /// `includeExecutionData`
    pub with_data: bool,
}

/// A turn that is to be logged.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// Where to.
    pub target: Arc<LogTarget>,
    /// Of which execution.
    pub start: Arc<Start>,
    /// How often that was redriven.
    pub redrive_count: u64,
    history: History,
}

/// The events of a turn, some of which are logged.
#[derive(Clone, Debug)]
enum History {
    Shared(Arc<Turn>),
    Own(Vec<Event>),
}

/// What comes out of the queue.
#[derive(Debug)]
pub enum LogMessage {
    /// To be written.
    Entry(LogEntry),
    /// Everything before this is wanted in its file; then say so.
    Flush(Sender<()>),
}

/// Where turns that are to be logged go. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LogSink {
    sender: SyncSender<LogMessage>,
    /// How many turns are in the queue, or a few more.
    waiting: Arc<AtomicUsize>,
}

/// The end of the queue for whoever writes.
#[derive(Debug)]
pub struct LogMessages {
    receiver: Receiver<LogMessage>,
    waiting: Arc<AtomicUsize>,
}

impl LogMessages {
    /// Waits for messages, and shows all that have gathered, in order; `false` when all sinks are gone.
    pub fn take(&mut self, mut show: impl FnMut(LogMessage)) -> bool {
        let Ok(first) = self.receiver.recv() else { return false };
        std::thread::sleep(GATHERING);
        // Under a steady load there are always more: who shows them may want to do something between.
        let rest = self.receiver.try_iter().take(QUEUE_MAX);
        for message in std::iter::once(first).chain(rest) {
            if matches!(message, LogMessage::Entry(_)) {
                self.waiting.fetch_sub(1, Relaxed);
            }
            show(message);
        }
        true
    }
}

impl LogSink {
    /// A queue: the end for the engine's settings, and the end for whoever writes.
    pub fn channel() -> (LogSink, LogMessages) {
        let (sender, receiver) = sync_channel(QUEUE_MAX);
        let waiting = Arc::<AtomicUsize>::default();
        (LogSink { sender, waiting: waiting.clone() }, LogMessages { receiver, waiting })
    }

    /// Waits until everything that was handed over is written, or for so long.
    pub fn flush(&self, patience: Duration) {
        let (written, wait) = channel();
        if self.sender.send(LogMessage::Flush(written)).is_ok() {
            let _ = wait.recv_timeout(patience);
        }
    }

    pub(crate) fn hand_over(&self, entry: LogEntry, statistics: &Statistics) {
        self.waiting.fetch_add(1, Relaxed);
        let events = match self.sender.try_send(LogMessage::Entry(entry)) {
            Err(TrySendError::Full(LogMessage::Entry(entry)))
            | Err(TrySendError::Disconnected(LogMessage::Entry(entry))) => entry.events().count() as u64,
            _ => return,
        };
        self.waiting.fetch_sub(1, Relaxed);
        statistics.log_events_dropped.fetch_add(events, Relaxed);
    }

    /// Hands over a history that nobody else needs. Where there is no room it is left to the caller, whose thread has
    /// made it and forgets it for less than another one does.
    pub(crate) fn hand_over_history(
        &self,
        target: &Arc<LogTarget>,
        start: &Arc<Start>,
        history: &mut Vec<Event>,
        statistics: &Statistics,
    ) {
        let wanted = history.iter().filter(|event| is_logged(target.level, &event.kind)).count() as u64;
        if wanted == 0 {
            return;
        }
        if self.waiting.load(Relaxed) >= QUEUE_MAX {
            statistics.log_events_dropped.fetch_add(wanted, Relaxed);
            return;
        }
        let (target, start) = (target.clone(), start.clone());
        let history = History::Own(std::mem::take(history));
        self.hand_over(LogEntry { target, start, redrive_count: 0, history }, statistics);
    }
}

impl LogTarget {
    /// What a revision's `loggingConfiguration` asks for; `None` for nothing.
    pub(crate) fn of(revision: &Revision) -> Option<Arc<LogTarget>> {
        LogTarget::read(&revision.logging).map(Arc::new)
    }

    fn read(logging: &Value) -> Option<LogTarget> {
        let level = match logging.get("level")?.as_str()? {
            "ALL" => LogLevel::All,
            "ERROR" => LogLevel::Error,
            "FATAL" => LogLevel::Fatal,
            _ => return None,
        };
        let destination = logging.get("destinations")?.as_array()?.get(0)?;
        let arn = destination.get("cloudWatchLogsLogGroup")?.get("logGroupArn")?.as_str()?;
        let (_, group) = arn.split_once(":log-group:")?;
        let group = group.strip_suffix(":*").unwrap_or(group).into();
        let with_data = logging.get("includeExecutionData").and_then(Value::as_bool).unwrap_or(false);
        Some(LogTarget { group, level, with_data })
    }
}

impl LogEntry {
    /// Of a turn that has something to log.
    pub(crate) fn new(
        target: &Arc<LogTarget>,
        start: &Arc<Start>,
        redrive_count: u64,
        turn: &Arc<Turn>,
    ) -> Option<LogEntry> {
        let is_wanted = turn.history.iter().any(|event| is_logged(target.level, &event.kind));
        let (target, start, history) = (target.clone(), start.clone(), History::Shared(turn.clone()));
        is_wanted.then_some(LogEntry { target, start, redrive_count, history })
    }

    /// The events to write, in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        let history = match &self.history {
            History::Shared(turn) => &turn.history,
            History::Own(history) => history,
        };
        history.iter().filter(|event| is_logged(self.target.level, &event.kind))
    }
}

fn is_logged(level: LogLevel, kind: &EventKind) -> bool {
    use EventKind::*;
    match level {
        LogLevel::All => true,
        LogLevel::Fatal => {
            matches!(kind, ExecutionFailed { .. } | ExecutionAborted { .. } | ExecutionTimedOut { .. })
        }
        LogLevel::Error => match kind {
            ExecutionFailed { .. }
            | ExecutionAborted { .. }
            | ExecutionTimedOut { .. }
            | StateEntered { state_type: StateType::Fail, .. }
            | StateAborted { .. }
            | ParallelStateFailed
            | MapStateFailed
            | MapRunFailed { .. }
            | MapRunAborted
            | MapIterationFailed { .. }
            | MapIterationAborted { .. }
            | LambdaFunctionFailed { .. }
            | LambdaFunctionTimedOut { .. }
            | ActivityFailed { .. }
            | ActivityTimedOut { .. }
            | TaskFailed { .. }
            | TaskTimedOut { .. }
            | EvaluationFailed { .. } => true,
            ExecutionStarted { .. }
            | ExecutionSucceeded { .. }
            | ExecutionRedriven { .. }
            | StateEntered { .. }
            | StateExited { .. }
            | ParallelStateStarted
            | ParallelStateSucceeded
            | MapStateStarted { .. }
            | MapStateSucceeded
            | MapRunStarted { .. }
            | MapRunSucceeded
            | MapRunRedriven { .. }
            | MapIterationStarted { .. }
            | MapIterationSucceeded { .. }
            | LambdaFunctionScheduled { .. }
            | LambdaFunctionStarted
            | LambdaFunctionSucceeded { .. }
            | ActivityScheduled { .. }
            | ActivityStarted { .. }
            | ActivitySucceeded { .. }
            | TaskScheduled { .. }
            | TaskStarted { .. }
            | TaskSubmitted { .. }
            | TaskSucceeded { .. } => false,
        },
    }
}

/// The loop's side: whose turns are logged, by revision.
#[derive(Debug, Default)]
pub(crate) struct LoopLogs {
    sink: Option<LogSink>,
    targets: HashMap<u64, Option<Arc<LogTarget>>>,
}

impl LoopLogs {
    pub(crate) fn new(sink: Option<LogSink>) -> LoopLogs {
        LoopLogs { sink, targets: HashMap::new() }
    }
}

impl Loop {
    /// Has a turn logged once it is durable, if its machine asks for that.
    pub(crate) fn log(&mut self, key: ExecutionKey, revision: u64, turn: &Arc<Turn>) {
        let Some(sink) = self.logs.sink.clone() else { return };
        let target = match self.logs.targets.get(&revision) {
            Some(target) => target.clone(),
            None => {
                let target = self.writer.revision(revision).and_then(|revision| LogTarget::of(&revision));
                if self.logs.targets.len() >= TARGETS_MAX {
                    self.logs.targets.clear();
                }
                self.logs.targets.insert(revision, target.clone());
                target
            }
        };
        let Some(target) = target else { return };
        let Some(execution) = self.writer.load(key) else { return };
        let (start, redrive_count) = (execution.start.clone(), execution.redrives.count);
        if let Some(entry) = LogEntry::new(&target, &start, redrive_count, turn) {
            let statistics = self.statistics.clone();
            self.after(After::Reply(Box::new(move || sink.hand_over(entry, &statistics))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_says_where_and_what() {
        let read = |text: &str| LogTarget::read(&Value::parse(text).expect("JSON"));
        let destination = r#""destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:us-east-1:123456789012:log-group:/aws/x:*"}}]"#;
        let of = |level: &str| format!(r#"{{"level":"{level}","includeExecutionData":true,{destination}}}"#);
        let target = read(&of("ERROR")).expect("a target");
        assert_eq!(target, LogTarget { group: "/aws/x".into(), level: LogLevel::Error, with_data: true });
        assert_eq!(read(&of("OFF")), None);
        assert_eq!(read(r#"{"level":"OFF","includeExecutionData":false}"#), None);
        assert_eq!(read("null"), None);
    }

    #[test]
    fn levels_are_those_of_the_documentation() {
        let entered = |state_type| EventKind::StateEntered {
            state_type,
            name: "S".into(),
            input: json::Document::from_valid_text("{}"),
        };
        let failure = asl::Failure { error: None, cause: None };
        let rows = [
            (entered(StateType::Pass), [true, false, false]),
            (entered(StateType::Fail), [true, true, false]),
            (EventKind::MapStateFailed, [true, true, false]),
            (EventKind::ExecutionTimedOut { failure: failure.clone() }, [true, true, true]),
            (
                EventKind::TaskFailed { resource_type: "s".into(), resource: "r".into(), failure },
                [true, true, false],
            ),
            (EventKind::LambdaFunctionStarted, [true, false, false]),
        ];
        for (kind, expected) in rows {
            let levels = [LogLevel::All, LogLevel::Error, LogLevel::Fatal];
            assert_eq!(levels.map(|level| is_logged(level, &kind)), expected, "{kind:?}");
        }
    }

    #[test]
    fn what_finds_no_room_is_dropped_and_counted() {
        let (sink, mut messages) = LogSink::channel();
        let target = LogTarget { group: "g".into(), level: LogLevel::All, with_data: false };
        let event =
            |id| Event { id, previous: 0, timestamp: asl::Timestamp(0), kind: EventKind::MapStateFailed };
        let turn = Arc::new(Turn { history: vec![event(1), event(2)], ..Turn::default() });
        let (target, start) = (Arc::new(target), start());
        let entry = LogEntry::new(&target, &start, 0, &turn).expect("all is logged");
        let statistics = Statistics::default();
        for _ in 0..QUEUE_MAX + 3 {
            sink.hand_over(entry.clone(), &statistics);
        }
        assert_eq!(statistics.log_events_dropped.load(Relaxed), 6);
        // One that is not handed over stays where it was made.
        let mut history = turn.history.clone();
        sink.hand_over_history(&target, &start, &mut history, &statistics);
        assert_eq!((history.len(), statistics.log_events_dropped.load(Relaxed)), (2, 8));
        let mut shown = 0;
        assert!(messages.take(|_| shown += 1));
        assert_eq!(shown, QUEUE_MAX);
        // And there is room again.
        sink.hand_over_history(&target, &start, &mut history, &statistics);
        assert_eq!((history.len(), statistics.log_events_dropped.load(Relaxed)), (0, 8));
        drop(sink);
        assert!(messages.take(|_| shown += 1));
        assert_eq!(shown, QUEUE_MAX + 1);
        assert!(!messages.take(|_| unreachable!("there is nothing any more")));
    }

    fn start() -> Arc<Start> {
        Arc::new(Start {
            arn: "arn:e".into(),
            name: "e".into(),
            state_machine_arn: "arn:m".into(),
            state_machine_name: "m".into(),
            machine_type: execution::MachineType::Standard,
            revision: 1,
            version_arn: None,
            alias_arn: None,
            test_case: None,
            role_arn: "arn:r".into(),
            region: "us-east-1".into(),
            input: json::Document::from_valid_text("{}"),
            trace_header: None,
            parent: None,
            child_of: None,
            started_at: asl::Timestamp(0),
        })
    }
}
