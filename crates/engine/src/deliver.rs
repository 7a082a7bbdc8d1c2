//! The loop's heart. One wakeup of one execution: load, wake, hand the turn to the next commit, and
//! note what is to be done once it is durable.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use asl::Timestamp;
use aws_names::Scope;
use execution::{Effect, FrameId, Mocks, Outside, Status, Turn, Wakeup};
use store::{ExecutionKey, Record, Writer};

use crate::activities::{Activities, Offer};
use crate::batches::StartingBatch;
use crate::compiled::CompiledMachines;
use crate::logs::LoopLogs;
use crate::machines::Deleting;
use crate::map_runs::MapRuns;
use crate::message::{After, Message};
use crate::mocks::PresentMocks;
use crate::news::{Happening, News};
use crate::random::Random;
use crate::ring::Ring;
use crate::statistics::Statistics;
use crate::timers::Timers;

/// How many messages, timers and cut turns make one batch at the most: what waits behind them gets
/// its turn, and a commit does not grow without bound.
pub(crate) const BATCH_MAX: usize = 256;

/// After so many history events no more messages, timers or cut turns are taken into the batch: some
/// milliseconds of work, which is how long others may have to wait for their turn.
pub(crate) const BATCH_EVENTS_MAX: usize = 8_192;

/// Owns every open execution. Whoever runs it gives it messages and the time, one
/// [`round`](Loop::round) after the other; nothing in it waits.
pub(crate) struct Loop {
    pub(crate) scope: Scope,
    pub(crate) writer: Writer<Vec<After>>,
    pub(crate) compiled: Arc<CompiledMachines>,
    pub(crate) statistics: Arc<Statistics>,
    pub(crate) timers: Timers,
    pub(crate) activities: Activities,
    pub(crate) random: Random,
    pub(crate) logs: LoopLogs,
    pub(crate) mocks: PresentMocks,
    pub(crate) map_runs: MapRuns,
    /// Executions whose turn was cut at its bound: they go on in the next round, behind the others.
    pub(crate) again: Ring<ExecutionKey>,
    /// Batches of starts that are under way, in turn.
    pub(crate) batches: VecDeque<StartingBatch>,
    /// Machines that are being deleted.
    pub(crate) deleting: VecDeque<Deleting>,
    /// How many commits were handed to the store, and how many of them hold records.
    pub(crate) commits: u64,
    pub(crate) commits_with_records: u64,
    /// What the present batch has made.
    records: Vec<Record>,
    after: Vec<After>,
    /// How many history events the present part of the batch has made.
    pub(crate) events: usize,
    /// Compiled machines that this loop has used lately, without a lock.
    machines: HashMap<u64, Arc<asl::StateMachine>>,
}

/// The loop's own small cache; emptied when it has grown to this many.
const MACHINES_MAX: usize = 1_000;

impl Loop {
    pub(crate) fn new(scope: Scope, writer: Writer<Vec<After>>, random: Random) -> Self {
        Loop {
            scope,
            writer,
            compiled: Arc::default(),
            statistics: Arc::default(),
            timers: Timers::default(),
            activities: Activities::default(),
            random,
            logs: LoopLogs::default(),
            mocks: PresentMocks::default(),
            map_runs: MapRuns::default(),
            again: Ring::default(),
            batches: VecDeque::new(),
            deleting: VecDeque::new(),
            commits: 0,
            commits_with_records: 0,
            records: Vec::new(),
            after: Vec::new(),
            events: 0,
            machines: HashMap::new(),
        }
    }

    /// One batch: at most [`BATCH_MAX`] messages, then as many timers and cut turns, then the commit.
    /// Each kind has its share, however much there is of the others. Messages that are too many stay
    /// with the caller. Whether there is more to do at once.
    pub(crate) fn round(&mut self, mut messages: impl Iterator<Item = Message>, now: Timestamp) -> bool {
        self.events = 0;
        for _ in 0..BATCH_MAX {
            if self.events >= BATCH_EVENTS_MAX {
                break;
            }
            let Some(message) = messages.next() else { break };
            self.handle(message, now);
        }
        let more = self.advance(now) | self.go_on_with_batches(now) | self.go_on_deleting(now);
        // Behind all that children may have done in this round.
        let more = more | self.go_on_with_map_runs(now);
        self.match_activities(now);
        self.writer.tick(now);
        self.commit();
        more
    }

    /// Does what a message asks for.
    fn handle(&mut self, message: Message, now: Timestamp) {
        match message {
            Message::CreateMachine { request, compiled, reply } => {
                let answer = self.create_machine(request, compiled, now);
                self.reply(reply, answer);
            }
            Message::UpdateMachine { request, compiled, reply } => {
                let answer = self.update_machine(request, compiled, now);
                self.reply(reply, answer);
            }
            Message::DeleteMachine { arn, reply } => {
                let answer = self.delete_machine(&arn, now);
                self.reply(reply, answer);
            }
            Message::PublishVersion { request, reply } => {
                let answer = self.publish_version(request, now);
                self.reply(reply, answer);
            }
            Message::DeleteVersion { machine_arn, number, reply } => {
                let answer = self.delete_version(machine_arn, number);
                self.reply(reply, answer);
            }
            Message::CreateAlias { request, reply } => {
                let answer = self.create_alias(request, now);
                self.reply(reply, answer);
            }
            Message::UpdateAlias { request, reply } => {
                let answer = self.update_alias(request, now);
                self.reply(reply, answer);
            }
            Message::DeleteAlias { machine_arn, name, reply } => {
                let answer = self.delete_alias(machine_arn, name);
                self.reply(reply, answer);
            }
            Message::CreateActivity { request, reply } => {
                let answer = self.create_activity(request, now);
                self.reply(reply, answer);
            }
            Message::DeleteActivity { arn, reply } => {
                let answer = self.delete_activity(arn);
                self.reply(reply, answer);
            }
            Message::Tag { arn, tags, reply } => {
                let answer = self.tag(arn, tags);
                self.reply(reply, answer);
            }
            Message::Untag { arn, keys, reply } => {
                let answer = self.untag(arn, keys);
                self.reply(reply, answer);
            }
            Message::Start { request, reply } => {
                let answer = self.start_execution(request, now);
                self.reply(reply, answer);
            }
            Message::StartBatch { request, reply } => {
                self.start_execution_batch(request, reply);
            }
            Message::Redrive { request, reply } => {
                let answer = self.redrive_execution(request, now);
                self.reply(reply, answer);
            }
            Message::UpdateMapRun { request, reply } => {
                let answer = self.update_map_run(request, now);
                self.reply(reply, answer);
            }
            Message::MapRun { key, news } => self.map_run_news(key, news, now),
            Message::Stop { arn, failure, reply } => {
                let answer = self.stop_execution(&arn, failure, now);
                self.reply(reply, answer);
            }
            Message::Poll { arn, worker_name, poll, reply } => self.poll(arn, worker_name, poll, reply, now),
            Message::PollExpired { arn, poll } => self.poll_expired(&arn, poll),
            Message::Workers { reply } => {
                let workers = self.workers();
                self.reply(reply, Ok(workers));
            }
            Message::Answer { token, answer, reply } => {
                let answer = self.answer(&token, answer, now);
                self.reply(reply, answer);
            }
            Message::Returned { key, frame, attempt, outcome } => {
                self.returned(key, frame, attempt, outcome, now);
            }
            Message::Turn { key, frame, attempt, place } => self.turn_has_come(key, frame, attempt, place),
            Message::Shutdown { done } => self.after.push(After::Reply(Box::new(move || {
                let _ = done.send(());
            }))),
        }
    }

    /// Fires what is due and lets cut turns go on; whether there is more.
    fn advance(&mut self, now: Timestamp) -> bool {
        self.events = 0;
        for _ in 0..BATCH_MAX {
            if self.events >= BATCH_EVENTS_MAX {
                break;
            }
            let Some((key, frame)) = self.timers.take_due(now) else { break };
            self.deliver(key, Wakeup::TimerFired { frame }, now);
        }
        self.events = 0;
        // What is cut again in this round waits for the next one.
        for _ in 0..self.again.len().min(BATCH_MAX) {
            if self.events >= BATCH_EVENTS_MAX {
                break;
            }
            let Some(key) = self.again.take() else { break };
            self.deliver(key, Wakeup::Again, now);
        }
        !self.again.is_empty() || self.timers.next_due().is_some_and(|at| at <= now)
    }

    /// Whether an execution's own time is up, though its timer has not had its turn yet.
    pub(crate) fn has_run_out(&mut self, key: ExecutionKey, now: Timestamp) -> bool {
        let Some(revision) = self.writer.load(key).map(|execution| execution.start.revision) else {
            return false;
        };
        let machine = self.machine(revision);
        let execution = self.writer.load(key);
        machine.zip(execution).is_some_and(|(machine, execution)| execution.has_run_out(&machine, now))
    }

    /// Wakes one execution. A wakeup for one that has closed meanwhile is dropped.
    pub(crate) fn deliver(&mut self, key: ExecutionKey, wakeup: Wakeup, now: Timestamp) {
        let seed = self.random.draw();
        let Some(revision) = self.writer.load(key).map(|execution| execution.start.revision) else { return };
        let Some(machine) = self.machine(revision) else {
            unreachable!(
                "the store keeps the revision of every open execution, and it was checked when it was accepted"
            )
        };
        let Some(execution) = self.writer.load(key) else { return };
        let known = &self.activities.known;
        let mocks = self.mocks.of(&execution.start);
        let mocks = mocks.as_deref().unwrap_or(Mocks::none());
        let outside = Outside { now, seed, activity_exists: &|arn| known.contains(arn), mocks };
        let what = match wakeup {
            Wakeup::Started => Happening::Started,
            Wakeup::Redriven { .. } => Happening::Redriven,
            _ => Happening::Moved,
        };
        let news = News { start: execution.start.clone(), what };
        let turn = execution.wake(&machine, wakeup, outside);
        self.commit_turn(key, news, turn);
    }

    /// Queues a turn for the next commit and acts on its effects: timers and activity offers at once,
    /// because what they lead to is committed behind this turn anyway; calls once it is durable.
    fn commit_turn(&mut self, key: ExecutionKey, news: News, mut turn: Turn) {
        let revision = news.start.revision;
        let effects = std::mem::take(&mut turn.effects);
        for effect in effects {
            self.act(key, revision, effect);
        }
        if turn.history.is_empty() && turn.changes.is_empty() && turn.close.is_none() {
            return;
        }
        self.events += turn.history.len();
        self.statistics.count_turn(&turn);
        let closed = turn.close.is_some();
        let turn = Arc::new(turn);
        self.log(key, revision, &turn);
        self.records.push(Record::Turn { key, turn });
        self.after.push(After::Tell(news));
        if closed {
            self.timers.cancel((key, FrameId::EXECUTION));
            if let Some(execution) = self.writer.load(key) {
                let (start, close) = (execution.start.clone(), execution.close.as_ref());
                if let Some((child, close)) = start.child_of.as_ref().zip(close) {
                    self.map_runs.child_ended(child, close);
                }
                let status = close.map_or(Status::Running, |close| close.status);
                self.after.push(After::Closed { start, status });
            }
            self.writer.remove(key);
        }
    }

    pub(crate) fn act(&mut self, key: ExecutionKey, revision: u64, effect: Effect) {
        match effect {
            Effect::CallTask(call) => {
                let Some(execution) = self.writer.load(key) else { return };
                let caller = execution.start.clone();
                self.after.push(After::Call { key, caller, call, place: None });
            }
            Effect::OfferActivity { frame, attempt, activity_arn, .. } => {
                self.activities.offer(&activity_arn, Offer { key, frame, attempt });
            }
            Effect::AwaitJob { call, submitted } => {
                let Some(execution) = self.writer.load(key) else { return };
                let caller = execution.start.clone();
                self.after.push(After::AwaitJob { key, caller, call, submitted });
            }
            Effect::CancelTask { frame } => {
                if !self.activities.take_back(key, frame) {
                    self.after.push(After::Cancel { key, frame });
                }
            }
            Effect::StartMapRun(start) => self.start_map_run(key, *start),
            Effect::RedriveMapRun { frame, map_run_arn } => self.redrive_map_run(key, frame, map_run_arn),
            Effect::StopMapRun { map_run_arn } => self.stop_map_run(&map_run_arn),
            Effect::SetTimer { frame, at } => self.timers.set(revision, (key, frame), at),
            Effect::CancelTimer { frame } => self.timers.cancel((key, frame)),
            Effect::WakeAgain => self.again.push(revision, key),
        }
    }

    /// Hands everything that the batch made to the store.
    pub(crate) fn commit(&mut self) {
        if self.records.is_empty() && self.after.is_empty() {
            return;
        }
        self.commits += 1;
        self.commits_with_records += u64::from(!self.records.is_empty());
        self.writer.commit(std::mem::take(&mut self.records), std::mem::take(&mut self.after));
    }

    pub(crate) fn record(&mut self, record: Record) {
        self.records.push(record);
    }

    pub(crate) fn after(&mut self, after: After) {
        self.after.push(after);
    }

    fn reply<T: Send + 'static>(
        &mut self,
        reply: crate::message::Reply<T>,
        answer: Result<T, crate::Refusal>,
    ) {
        // That there is no room must be said while there is none. It depends on nothing that was
        // committed; every other answer does, and waits for it.
        if matches!(answer, Err(crate::Refusal::ServiceUnavailable { .. })) {
            // Whoever asked may have gone.
            let _ = reply.send(answer);
            return;
        }
        self.after.push(After::reply(reply, answer));
    }

    /// The compiled machine of a revision that the store has.
    pub(crate) fn machine(&mut self, revision: u64) -> Option<Arc<asl::StateMachine>> {
        if let Some(machine) = self.machines.get(&revision) {
            return Some(machine.clone());
        }
        let machine = self.compiled.get(&*self.writer.revision(revision)?)?;
        if self.machines.len() >= MACHINES_MAX {
            self.machines.clear();
        }
        self.machines.insert(revision, machine.clone());
        Some(machine)
    }
}
