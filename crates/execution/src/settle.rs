//! Where what we wait for meets what has happened.

use asl::resource::Pattern;
use asl::{ContainerId, Failure, Resource, Timestamp};
use json::{Document, Text};

use crate::event::{EventKind, StateType};
use crate::execution::Status;
use crate::frame::{Frame, FrameId, PendingTask, TaskStage, Waiting};
use crate::limits::shorten;
use crate::run::Run;
use crate::step::Step;
use crate::task::resource;
use crate::turn::Effect;
use crate::wakeup::{TaskOutcome, Wakeup};

/// What has happened to one frame.
enum News {
    Timer,
    Returned(TaskOutcome),
    Taken(Option<Text>),
    Answered(TaskOutcome),
    Heartbeat,
    MapRunEnded { map_run_arn: Text, outcome: Result<Document, Failure> },
}

/// What follows from it.
enum Reaction {
    /// It is for nobody, or for somebody who is past it.
    Drop,
    /// The timer came before its time: it has to come again.
    SetTimerAgain(Timestamp),
    WaitIsOver,
    RetryNow,
    TimedOut,
    Ended(TaskOutcome),
    Submitted(Document, Pattern),
    KeepAnswer(TaskOutcome),
    Started(Option<Text>),
    Alive,
    MapRunEnded(Result<Document, Failure>),
}

impl Run<'_> {
    /// Takes in what has happened and moves the frame that it is for.
    pub fn settle(&mut self, wakeup: Wakeup) {
        let started = self.execution.next_event > 1;
        if self.execution.has_run_out(self.machine, self.now) {
            let deadline = self.execution.deadline(self.machine);
            if let Wakeup::TimerFired { frame } = wakeup {
                self.fired = Some(frame);
            }
            return self.time_out(deadline);
        }
        match wakeup {
            Wakeup::Started | Wakeup::Again if !started => self.start(),
            // The start is one that was delivered twice; an open execution is not redriven.
            Wakeup::Started | Wakeup::Redriven { .. } => {}
            Wakeup::Again => self.again(),
            Wakeup::Stopped { failure } => {
                let failure = shorten(failure);
                self.tell_aborted_map_runs();
                let event = EventKind::ExecutionAborted { failure: failure.clone() };
                self.close(0, event, Status::Aborted, None, Some(failure));
            }
            Wakeup::TimerFired { frame: FrameId::EXECUTION } => self.execution_timer(),
            Wakeup::TimerFired { frame } => self.tell(frame, None, News::Timer),
            Wakeup::CallReturned { frame, attempt, outcome } => {
                self.tell(frame, Some(attempt), News::Returned(outcome));
            }
            Wakeup::ActivityStarted { frame, attempt, worker_name } => {
                self.tell(frame, Some(attempt), News::Taken(worker_name));
            }
            Wakeup::TokenAnswered { frame, attempt, outcome } => {
                self.tell(frame, Some(attempt), News::Answered(outcome));
            }
            Wakeup::Heartbeat { frame, attempt } => self.tell(frame, Some(attempt), News::Heartbeat),
            Wakeup::MapRunEnded { frame, map_run_arn, outcome } => {
                self.tell(frame, None, News::MapRunEnded { map_run_arn, outcome });
            }
        }
    }

    fn tell(&mut self, id: FrameId, attempt: Option<u32>, news: News) {
        let Some(frame) = self.execution.frames.get(&id) else { return };
        // An answer to an earlier task of this frame is late, whatever the frame waits for.
        if attempt.is_some_and(|attempt| attempt != frame.attempt) {
            return;
        }
        let reaction = self.react(frame, news);
        self.act(id, reaction);
    }

    /// The one place where every kind of waiting meets every kind of news.
    fn react(&self, frame: &Frame, news: News) -> Reaction {
        match &frame.waiting {
            Waiting::Until(at) => match news {
                News::Timer if *at <= self.now => Reaction::WaitIsOver,
                News::Timer => Reaction::SetTimerAgain(*at),
                News::Returned(_)
                | News::Taken(_)
                | News::Answered(_)
                | News::Heartbeat
                | News::MapRunEnded { .. } => Reaction::Drop,
            },
            Waiting::Retry(at) => match news {
                News::Timer if *at <= self.now => Reaction::RetryNow,
                News::Timer => Reaction::SetTimerAgain(*at),
                News::Returned(_)
                | News::Taken(_)
                | News::Answered(_)
                | News::Heartbeat
                | News::MapRunEnded { .. } => Reaction::Drop,
            },
            Waiting::Task(task) => self.react_task(frame, task, news),
            Waiting::MapRun(pending) => match news {
                News::MapRunEnded { map_run_arn, outcome } if map_run_arn == pending.map_run_arn => {
                    Reaction::MapRunEnded(outcome)
                }
                News::Timer
                | News::Returned(_)
                | News::Taken(_)
                | News::Answered(_)
                | News::Heartbeat
                | News::MapRunEnded { .. } => Reaction::Drop,
            },
            Waiting::Parallel(_) | Waiting::Map(_) | Waiting::Again | Waiting::Anew => match news {
                News::Timer
                | News::Returned(_)
                | News::Taken(_)
                | News::Answered(_)
                | News::Heartbeat
                | News::MapRunEnded { .. } => Reaction::Drop,
            },
        }
    }

    fn react_task(&self, frame: &Frame, task: &PendingTask, news: News) -> Reaction {
        match (task.stage, news) {
            (_, News::Timer) => self.react_timer(task),
            (_, News::MapRunEnded { .. }) => Reaction::Drop,

            (TaskStage::Called, News::Returned(outcome)) => match (pattern(self, frame), outcome) {
                // The answer proves that the call arrived, whatever became of its reply.
                (_, TaskOutcome::Failed(_) | TaskOutcome::TimedOut) if task.early.is_some() => {
                    task.early.clone().map_or(Reaction::Drop, Reaction::Ended)
                }
                (Some(pattern), TaskOutcome::Succeeded(response)) => Reaction::Submitted(response, pattern),
                (None, outcome) | (Some(_), outcome) => Reaction::Ended(outcome),
            },
            // The token may be answered before the call that sent it out has returned.
            (TaskStage::Called, News::Answered(outcome)) if task.nonce != 0 && task.early.is_none() => {
                Reaction::KeepAnswer(outcome)
            }
            (TaskStage::Called, News::Answered(_) | News::Taken(_) | News::Heartbeat) => Reaction::Drop,

            (TaskStage::Offered, News::Taken(worker_name)) => Reaction::Started(worker_name),
            // The offer could not be made: the activity is gone.
            (TaskStage::Offered, News::Returned(outcome)) => Reaction::Ended(outcome),
            (TaskStage::Offered, News::Answered(_) | News::Heartbeat) => Reaction::Drop,

            (TaskStage::Given, News::Answered(outcome)) => Reaction::Ended(outcome),
            (TaskStage::Given, News::Heartbeat) => Reaction::Alive,
            (TaskStage::Given, News::Returned(_) | News::Taken(_)) => Reaction::Drop,

            // A job may be ended early by its token. (spec/integrations.md §1)
            (TaskStage::Submitted, News::Returned(outcome) | News::Answered(outcome)) => {
                Reaction::Ended(outcome)
            }
            (TaskStage::Submitted, News::Heartbeat) => Reaction::Alive,
            (TaskStage::Submitted, News::Taken(_)) => Reaction::Drop,
        }
    }

    fn react_timer(&self, task: &PendingTask) -> Reaction {
        match task.timer() {
            None => Reaction::Drop,
            Some(at) if at > self.now => Reaction::SetTimerAgain(at),
            // Whoever answered was told that the answer counts.
            Some(_) => task.early.clone().map_or(Reaction::TimedOut, Reaction::Ended),
        }
    }

    fn act(&mut self, id: FrameId, reaction: Reaction) {
        match reaction {
            Reaction::Drop => {}
            Reaction::SetTimerAgain(at) => self.turn.effects.push(Effect::SetTimer { frame: id, at }),
            Reaction::WaitIsOver => self.fire(id, |run, frame| run.wait_is_over(frame)),
            Reaction::RetryNow => self.fire(id, |run, frame| run.begin(frame)),
            Reaction::TimedOut => self.time_out_tasks(id),
            Reaction::Ended(outcome) => self.wake_frame(id, |run, frame| {
                run.answered = Some((frame.id, frame.attempt));
                run.task_ended(frame, outcome)
            }),
            Reaction::Submitted(response, pattern) => self.wake_frame(id, |run, frame| {
                run.answered = Some((frame.id, frame.attempt));
                run.submitted(frame, response, pattern)
            }),
            Reaction::KeepAnswer(outcome) => {
                self.wake_frame(id, |_, frame| change_task(frame, |task| task.early = Some(outcome)));
            }
            Reaction::Started(worker_name) => {
                self.wake_frame(id, |run, frame| run.activity_started(frame, worker_name));
            }
            Reaction::MapRunEnded(outcome) => {
                self.wake_frame(id, |run, frame| run.map_run_ended(frame, outcome))
            }
            Reaction::Alive => self.wake_frame(id, |run, frame| {
                let now = run.now;
                change_task(frame, |task| {
                    task.heartbeat_at = task.heartbeat_seconds.map(|seconds| now.plus_seconds(seconds));
                })
            }),
        }
    }

    /// The time of `first`'s task is up. Of all tasks whose time is up, the events come before what
    /// follows from any of them. (recorded: test_service_lambda_map_timeout)
    fn time_out_tasks(&mut self, first: FrameId) {
        self.fired = Some(first);
        let late = |frame: &Frame| {
            let task = frame.task()?;
            (task.timer()? <= self.now && task.early.is_none()).then_some(frame.id)
        };
        let others = self.execution.frames.values().filter_map(late).filter(|&id| id != first);
        let ids: Vec<FrameId> = std::iter::once(first).chain(others).collect();
        let mut faults = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(mut frame) = self.take(id) else { unreachable!("it was there a moment ago") };
            let heartbeat_missed = frame.task().is_some_and(|task| task.timeout_at != task.timer());
            faults.push((id, self.task_timed_out(&mut frame, heartbeat_missed)));
            self.put(frame);
        }
        for (id, step) in faults {
            // The failure of another one may have ended it, or all.
            if self.turn.close.is_none()
                && let Some(frame) = self.take(id)
            {
                self.advance(frame, step);
            }
        }
        self.go_on();
    }

    /// Moves a frame whose timer has fired.
    fn fire(&mut self, id: FrameId, first: impl FnOnce(&mut Self, &mut Frame) -> Step) {
        self.fired = Some(id);
        self.wake_frame(id, first);
    }

    fn wake_frame(&mut self, id: FrameId, first: impl FnOnce(&mut Self, &mut Frame) -> Step) {
        let Some(mut frame) = self.take(id) else { unreachable!("`tell` has looked") };
        let step = first(self, &mut frame);
        self.advance(frame, step);
        self.go_on();
    }

    fn start(&mut self) {
        let start = &self.execution.start;
        let input = start.input.clone();
        let kind = EventKind::ExecutionStarted {
            input: input.clone(),
            role_arn: start.role_arn.clone(),
            version_arn: start.version_arn.clone(),
            alias_arn: start.alias_arn.clone(),
        };
        self.emit(0, kind);
        if let Some(at) = self.execution.timer(self.machine) {
            self.turn.effects.push(Effect::SetTimer { frame: FrameId::EXECUTION, at });
        }
        let container =
            self.execution.start.child_of.as_ref().map_or(ContainerId(0), |child| child.processor);
        let start_at = self.machine.container(container).start_at;
        let id = self.new_frame_id();
        self.advance(Frame::new(id, None, start_at, input), Step::Enter);
        self.go_on();
    }

    pub fn again(&mut self) {
        let frames = self.execution.frames.iter();
        self.ready.extend(frames.filter(|(_, frame)| frame.can_go_on()).map(|(id, _)| *id));
        self.go_on();
    }

    /// A stop that ends Map Runs says so; other states have no event of it. (spec/history-events.md §3.3, §3.4)
    fn tell_aborted_map_runs(&mut self) {
        let pending = self.execution.frames.values().filter_map(Frame::map_run);
        let run_events: Vec<u64> = pending.map(|pending| pending.run_event).collect();
        for run_event in run_events {
            self.emit(run_event, EventKind::MapRunAborted);
            self.emit(run_event, EventKind::StateAborted { state_type: StateType::Map });
        }
    }

    /// The execution's timer, before its time.
    fn execution_timer(&mut self) {
        if let Some(at) = self.execution.timer(self.machine) {
            self.turn.effects.push(Effect::SetTimer { frame: FrameId::EXECUTION, at });
        }
    }
}

fn change_task(frame: &mut Frame, change: impl FnOnce(&mut PendingTask)) -> Step {
    if let Waiting::Task(task) = &mut frame.waiting {
        change(task);
    }
    Step::Waits
}

/// The pattern of a task whose call only starts it.
fn pattern(run: &Run<'_>, frame: &Frame) -> Option<Pattern> {
    match resource(run.machine, frame) {
        Resource::Function { .. } | Resource::Activity { .. } => None,
        Resource::Integration { pattern, .. } => match pattern {
            Pattern::RequestResponse => None,
            Pattern::Sync | Pattern::Sync2 | Pattern::WaitForTaskToken => Some(*pattern),
        },
    }
}
