//! The loop without its thread: somebody else gives it the time, the chance and the log, and makes
//! its calls. This is how the simulation drives what production runs.
//!
//! Never here: a second way to do anything; a [`Driven`] only stands where `handle.rs`, `run.rs` and
//! `outbox.rs` stand in an [`Engine`](crate::Engine).

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc;

use asl::{Failure, Timestamp};
use execution::execution::Start;
use execution::{FrameId, TaskCall, TaskOutcome};
use json::{Document, Text};
use store::log::Log;
use store::{ExecutionKey, Fault, Store};
use tokio::sync::oneshot;

use crate::Settings;
use crate::clock::Clock;
use crate::compiled::{check, check_update};
use crate::deliver::Loop;
use crate::map_runs::{Gathering, MapRunNews, MapRunRedrive, MapRunWork, Reading};
use crate::message::{After, Answer, Message, Reply, succeeded};
use crate::random::Random;
use crate::refusal::Refusal;
use crate::request::*;
use crate::statistics::Statistics;

/// A loop that somebody drives: requests wait for the next [`round`](Driven::round), what a round has
/// made becomes durable on the store's own thread, and [`act`](Driven::act) does what was waiting for
/// that, one deed at a time.
///
/// To drop it without the end of its log is an orderly stop: what is queued is committed first.
pub struct Driven {
    state: Loop,
    store: Store,
    clock: Clock,
    messages: VecDeque<Message>,
    next_poll: u64,
    committed: mpsc::Receiver<Vec<After>>,
    /// How many commits have become durable.
    durable: u64,
    /// What is durable and not yet done.
    deeds: VecDeque<After>,
}

/// An answer that comes when it is durable and [`Driven::act`] has got to it.
/// Dropping it is hanging up.
#[derive(Debug)]
pub struct Awaited<T>(oneshot::Receiver<Result<T, Refusal>>);

/// What [`Driven::act`] did or wants done.
#[derive(Debug)]
pub enum Deed {
    /// Somebody has been answered.
    Replied,
    /// This call is to be made. Its answer goes to [`Driven::call_returned`].
    Call {
        /// For this execution.
        key: ExecutionKey,
        /// What that was started with.
        caller: Arc<Start>,
        /// The call.
        call: TaskCall,
    },
    /// This job is to be waited for. How it ends goes to [`Driven::call_returned`].
    AwaitJob {
        /// For this execution.
        key: ExecutionKey,
        /// What that was started with.
        caller: Arc<Start>,
        /// The call that has started it.
        call: TaskCall,
        /// What that was answered.
        submitted: Document,
    },
    /// Nobody waits any more for the job of this task, which goes on.
    Forget {
        /// Of this execution.
        key: ExecutionKey,
        /// Which frame.
        frame: FrameId,
        /// Which attempt.
        attempt: u32,
    },
    /// Nobody waits any more for the call or the job of this frame: it is to be stopped.
    Cancel {
        /// Of this execution.
        key: ExecutionKey,
        /// Which frame.
        frame: FrameId,
    },
    /// Inputs of a Map Run are to be read, a piece at a time until all are: each piece goes to
    /// [`Driven::map_run_news`], and the next one may follow when the world likes.
    Read {
        /// Of this Map Run.
        key: ExecutionKey,
        /// What reads them.
        reading: Box<Reading>,
    },
    /// A Map Run that has ended is to be read ([`MapRunRedrive::read`]), and goes to [`Driven::map_run_news`].
    ReadBack {
        /// This Map Run.
        key: ExecutionKey,
        /// Why.
        redrive: MapRunRedrive,
    },
    /// The results of a Map Run are to be gathered ([`Gathering::result`]), and go to [`Driven::map_run_news`].
    Gather {
        /// Of this Map Run.
        key: ExecutionKey,
        /// What gathers them.
        gathering: Box<Gathering>,
    },
    /// An execution has closed, and readers see it.
    Closed {
        /// Its ARN.
        arn: Text,
    },
}

impl Driven {
    /// Opens the store on a log and brings back what was open: the first commit, if there is anything
    /// to settle, is handed over. `wall` is what the system's clock reads, here and everywhere.
    pub fn open(
        settings: &Settings,
        log: Arc<dyn Log>,
        fault: Fault,
        seed: u64,
        wall: Timestamp,
    ) -> Result<Driven, store::Error> {
        let clock = Clock::new();
        let now = clock.tell(wall);
        let (sender, committed) = mpsc::channel();
        let on_durable = move |after: Vec<After>| {
            // Whoever drove it has gone, and wants no more deeds.
            let _ = sender.send(after);
        };
        let opened = store::open_on(log, &settings.store, fault, now, on_durable)?;
        let (state, store) = Loop::bring_back(settings, opened, Random::Seeded(seed), now);
        let (messages, deeds) = (VecDeque::new(), VecDeque::new());
        Ok(Driven { state, store, clock, messages, next_poll: 0, committed, durable: 0, deeds })
    }

    /// What can be read.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Counters since it was opened.
    pub fn statistics(&self) -> &Statistics {
        &self.state.statistics
    }

    /// The engine's clock when the system's reads `wall`.
    pub fn now(&self, wall: Timestamp) -> Timestamp {
        self.clock.tell(wall)
    }

    /// When the next timer is due, by the engine's clock.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.state.timers.next_due()
    }

    /// Handles the requests that wait (256 at most), fires what is due, lets cut turns go on, and hands
    /// everything to the store. Whether there is more to do at once.
    pub fn round(&mut self, wall: Timestamp) -> bool {
        let now = self.clock.tell(wall);
        let messages = &mut self.messages;
        let more = self.state.round(std::iter::from_fn(|| messages.pop_front()), now);
        more || !self.messages.is_empty()
    }

    /// How many commits that hold records were handed to the store: a frame holds one or more of them.
    pub fn commits_with_records(&self) -> u64 {
        self.state.commits_with_records
    }

    /// Waits until every commit so far is durable; `false` if the log has failed before that.
    pub fn wait_until_durable(&mut self) -> bool {
        while self.durable < self.state.commits {
            let Ok(after) = self.committed.recv() else { return false };
            self.durable += 1;
            self.deeds.extend(after);
        }
        true
    }

    /// Whether a commit became durable that nobody has waited for, without waiting.
    pub fn has_become_durable(&mut self) -> bool {
        let before = self.durable;
        while let Ok(after) = self.committed.try_recv() {
            self.durable += 1;
            self.deeds.extend(after);
        }
        self.durable > before
    }

    /// Does the next thing that was waiting for a commit which [`wait_until_durable`](Driven::wait_until_durable)
    /// has seen.
    pub fn act(&mut self) -> Option<Deed> {
        let mut deed = self.deeds.pop_front()?;
        // Nobody but an outbox wants to know that.
        while matches!(deed, After::Heard { .. } | After::Tell(_)) {
            deed = self.deeds.pop_front()?;
        }
        Some(match deed {
            After::Heard { .. } | After::Tell(_) => unreachable!("it was passed over"),
            After::Reply(reply) => {
                reply();
                Deed::Replied
            }
            After::Call { key, caller, call, place: _ } => Deed::Call { key, caller, call },
            After::AwaitJob { key, caller, call, submitted } => {
                Deed::AwaitJob { key, caller, call, submitted }
            }
            After::Forget { key, frame, attempt } => Deed::Forget { key, frame, attempt },
            After::Cancel { key, frame } => Deed::Cancel { key, frame },
            After::MapRun { key, work } => match work {
                MapRunWork::Read(reading) => Deed::Read { key, reading },
                MapRunWork::ReadBack(redrive) => Deed::ReadBack { key, redrive },
                MapRunWork::Gather { gathering, unbegun: _ } => Deed::Gather { key, gathering },
                MapRunWork::Run(_) | MapRunWork::Ended { .. } | MapRunWork::Recall { .. } => {
                    unreachable!("the simulated world has no EXPRESS children")
                }
            },
            After::Closed { start, status: _ } => Deed::Closed { arn: start.arn.clone() },
        })
    }

    /// A call has come back.
    pub fn call_returned(&mut self, key: ExecutionKey, frame: FrameId, attempt: u32, outcome: TaskOutcome) {
        self.messages.push_back(Message::Returned { key, frame, attempt, outcome });
    }

    /// Something was done for a Map Run.
    pub fn map_run_news(&mut self, key: ExecutionKey, news: MapRunNews) {
        self.messages.push_back(Message::MapRun { key, news });
    }

    /// As [`Engine::update_map_run`](crate::Engine::update_map_run).
    pub fn update_map_run(&mut self, request: UpdateMapRun) -> Awaited<()> {
        self.ask(|reply| Message::UpdateMapRun { request, reply })
    }

    /// As [`Engine::create_state_machine`](crate::Engine::create_state_machine).
    pub fn create_state_machine(
        &mut self,
        request: CreateStateMachine,
    ) -> Result<Awaited<CreatedStateMachine>, Refusal> {
        let compiled = check(&request.definition, request.machine_type)?;
        Ok(self.ask(|reply| Message::CreateMachine { request, compiled, reply }))
    }

    /// As [`Engine::update_state_machine`](crate::Engine::update_state_machine).
    pub fn update_state_machine(&mut self, request: UpdateStateMachine) -> Result<Awaited<Updated>, Refusal> {
        let compiled = check_update(&self.store, &request)?;
        Ok(self.ask(|reply| Message::UpdateMachine { request, compiled, reply }))
    }

    /// As [`Engine::delete_state_machine`](crate::Engine::delete_state_machine).
    pub fn delete_state_machine(&mut self, arn: Text) -> Awaited<()> {
        self.ask(|reply| Message::DeleteMachine { arn, reply })
    }

    /// As [`Engine::publish_version`](crate::Engine::publish_version).
    pub fn publish_version(&mut self, request: PublishVersion) -> Awaited<Created> {
        self.ask(|reply| Message::PublishVersion { request, reply })
    }

    /// As [`Engine::delete_version`](crate::Engine::delete_version).
    pub fn delete_version(&mut self, machine_arn: Text, number: u64) -> Awaited<()> {
        self.ask(|reply| Message::DeleteVersion { machine_arn, number, reply })
    }

    /// As [`Engine::create_alias`](crate::Engine::create_alias).
    pub fn create_alias(&mut self, request: CreateAlias) -> Awaited<Created> {
        self.ask(|reply| Message::CreateAlias { request, reply })
    }

    /// As [`Engine::update_alias`](crate::Engine::update_alias).
    pub fn update_alias(&mut self, request: UpdateAlias) -> Awaited<Timestamp> {
        self.ask(|reply| Message::UpdateAlias { request, reply })
    }

    /// As [`Engine::delete_alias`](crate::Engine::delete_alias).
    pub fn delete_alias(&mut self, machine_arn: Text, name: Text) -> Awaited<()> {
        self.ask(|reply| Message::DeleteAlias { machine_arn, name, reply })
    }

    /// As [`Engine::create_activity`](crate::Engine::create_activity).
    pub fn create_activity(&mut self, request: CreateActivity) -> Awaited<Created> {
        self.ask(|reply| Message::CreateActivity { request, reply })
    }

    /// As [`Engine::start_execution`](crate::Engine::start_execution).
    pub fn start_execution(&mut self, request: StartExecution) -> Awaited<Started> {
        self.ask(|reply| Message::Start { request, reply })
    }

    /// As [`Engine::redrive_execution`](crate::Engine::redrive_execution).
    pub fn redrive_execution(&mut self, request: RedriveExecution) -> Awaited<Timestamp> {
        self.ask(|reply| Message::Redrive { request, reply })
    }

    /// As [`Engine::stop_execution`](crate::Engine::stop_execution).
    pub fn stop_execution(&mut self, arn: Text, failure: Failure) -> Awaited<Timestamp> {
        self.ask(|reply| Message::Stop { arn, failure, reply })
    }

    /// As [`Engine::get_activity_task`](crate::Engine::get_activity_task), with a number for
    /// [`end_poll`](Driven::end_poll).
    pub fn poll(&mut self, arn: Text, worker_name: Option<Text>) -> (u64, Awaited<Option<ActivityTask>>) {
        let poll = self.next_poll;
        self.next_poll += 1;
        (poll, self.ask(|reply| Message::Poll { arn, worker_name, poll, reply }))
    }

    /// The poll's patience has run out: its answer is `None`, unless a task is on its way.
    pub fn end_poll(&mut self, arn: Text, poll: u64) {
        self.messages.push_back(Message::PollExpired { arn, poll });
    }

    /// As [`Engine::send_task_success`](crate::Engine::send_task_success).
    pub fn send_task_success(&mut self, token: &str, output: Document) -> Awaited<()> {
        self.answer(token, succeeded(output))
    }

    /// As [`Engine::send_task_failure`](crate::Engine::send_task_failure).
    pub fn send_task_failure(&mut self, token: &str, failure: Failure) -> Awaited<()> {
        self.answer(token, Answer::Outcome(TaskOutcome::Failed(failure)))
    }

    /// As [`Engine::send_task_heartbeat`](crate::Engine::send_task_heartbeat).
    pub fn send_task_heartbeat(&mut self, token: &str) -> Awaited<()> {
        self.answer(token, Answer::Heartbeat)
    }

    fn answer(&mut self, token: &str, answer: Answer) -> Awaited<()> {
        let token = token.to_owned();
        self.ask(|reply| Message::Answer { token, answer, reply })
    }

    fn ask<T>(&mut self, message: impl FnOnce(Reply<T>) -> Message) -> Awaited<T> {
        let (reply, answer) = oneshot::channel();
        self.messages.push_back(message(reply));
        Awaited(answer)
    }
}

impl<T> Awaited<T> {
    /// The answer, once, when it is there.
    pub fn take(&mut self) -> Option<Result<T, Refusal>> {
        self.0.try_recv().ok()
    }
}
