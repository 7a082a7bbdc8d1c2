//! What callers and workers are told, and what they find out when nobody tells them.

use asl::Timestamp;
use engine::Refusal;
use engine::request::{ActivityTask, Started};
use json::Text;

use super::clients::{Pending, Planned, Said, What};
use super::history;
use super::promises::{Expected, stop_of_lost_task};
use super::world::World;
use crate::film::Detail;

impl World {
    /// Reads the answers that have come.
    pub fn collect_answers(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            if let Some(waiting) = self.collect(pending) {
                self.pending.push(waiting);
            }
        }
    }

    /// The connection broke: nobody knows what became of the request. Reads tell, and some try again.
    pub fn find_out(&mut self, pending: Pending) {
        self.report.requests_in_doubt += 1;
        match pending {
            Pending::Start { arn, .. } => {
                if let Some(expected) = self.promises.executions.get_mut(&arn) {
                    expected.asked -= 1;
                }
                if self.observe(&arn) {
                    self.report.requests_done_unanswered += 1;
                } else {
                    self.report.requests_lost += 1;
                }
                if self.random.once_in(2) && !self.is_ending {
                    self.plan(Planned::Start(arn), 5_000);
                } else {
                    self.give_up_if_never_started(&arn);
                }
            }
            Pending::Stop { arn, .. } | Pending::Redrive { arn, .. } => {
                self.observe(&arn);
            }
            // A worker that hears nothing says it again.
            Pending::Say { said, .. } => self.plan(Planned::Say(said), 3_000),
            Pending::Poll { .. } => {}
            Pending::Change { machine, .. } => {
                let store = self.engine().store().clone();
                self.promises.machines[machine].find_out(&store);
            }
            Pending::CreateActivity { .. } => unreachable!("it was answered before the first crash"),
        }
    }

    /// Starts that have no answer.
    pub fn pending_starts(&self) -> Vec<&Text> {
        let starts = self.pending.iter().filter_map(|pending| match pending {
            Pending::Start { arn, .. } => Some(arn),
            _ => None,
        });
        starts.collect()
    }

    /// A task that was on its way to a worker when the process died or the worker hung up has nobody
    /// who answers it: that is what timeouts are for. Where a machine has none, somebody stops it.
    pub fn stop_if_a_task_is_lost(&mut self, arn: &Text) {
        let open = self.promises.executions.get(arn).filter(|expected| !expected.is_closed);
        let Some(expected) = open else { return };
        if history::tasks_taken(&expected.seen) > expected.tasks_given && self.random.once_in(2) {
            self.report.tasks_lost_on_the_way += 1;
            self.note("is to stop, for a task is lost", arn, Detail::Nothing);
            let answer = self.engine().stop_execution(arn.clone(), stop_of_lost_task());
            self.pending.push(Pending::Stop { arn: arn.clone(), answer });
        }
    }

    /// Gives a request back that has no answer yet.
    fn collect(&mut self, pending: Pending) -> Option<Pending> {
        match pending {
            Pending::Start { arn, request, must_be_refused, mut answer } => {
                let Some(answered) = answer.take() else {
                    return Some(Pending::Start { arn, request, must_be_refused, answer });
                };
                self.told("start is answered", &arn, &answered);
                self.started(&arn, must_be_refused, answered);
            }
            Pending::Stop { arn, mut answer } => {
                let Some(answered) = answer.take() else { return Some(Pending::Stop { arn, answer }) };
                self.told("stop is answered", &arn, &answered);
                self.stopped(&arn, answered);
            }
            Pending::Redrive { arn, mut answer } => {
                let Some(answered) = answer.take() else { return Some(Pending::Redrive { arn, answer }) };
                self.told("redrive is answered", &arn, &answered);
                self.redriven(&arn, answered);
            }
            Pending::Say { said, mut answer } => {
                let Some(answered) = answer.take() else { return Some(Pending::Say { said, answer }) };
                self.told("worker is answered", &said.arn, &answered);
                self.said(said, answered);
            }
            Pending::Poll { mut answer } => {
                let Some(answered) = answer.take() else { return Some(Pending::Poll { answer }) };
                self.told("poll is answered", &Text::default(), &answered);
                match answered.expect("the activity is there") {
                    None => self.report.polls_empty += 1,
                    Some(task) => self.given(task),
                }
            }
            Pending::Change { machine, change, mut answer } => {
                let Some(answered) = answer.take() else {
                    return Some(Pending::Change { machine, change, answer });
                };
                let arn = self.promises.machines[machine].arn.clone();
                self.told(change.name(), &arn, &answered);
                self.changed(machine, &change, answered);
            }
            Pending::CreateActivity { mut answer } => {
                let Some(answered) = answer.take() else { return Some(Pending::CreateActivity { answer }) };
                answered.expect("the activity is created");
            }
        }
        None
    }

    /// Takes an answer into the film and the digest.
    fn told<T: std::fmt::Debug>(&mut self, what: &'static str, whom: &Text, answered: &Result<T, Refusal>) {
        self.digest.text(what);
        self.digest.text(whom);
        self.digest.shown(answered);
        let detail = match answered {
            Ok(_) => Detail::Nothing,
            Err(refusal) => Detail::Text(refusal.to_string().into()),
        };
        self.note(what, whom, detail);
    }

    fn started(&mut self, arn: &Text, must_be_refused: bool, answered: Result<Started, Refusal>) {
        let Some(expected) = self.promises.executions.get_mut(arn) else { return };
        expected.asked -= 1;
        match answered {
            Ok(started) => {
                assert!(!must_be_refused, "{arn} was started again");
                assert_eq!(started.execution_arn, *arn);
                let earlier = expected.started_at.replace(started.started_at);
                assert!(earlier.is_none_or(|at| at == started.started_at), "{arn} was started twice");
                let machine = &self.promises.machines[expected.machine];
                assert!(machine.names(&expected.request.state_machine_arn), "{arn} is of nothing");
                let store = self.engine().store().clone();
                self.promises.glance(&store, arn);
            }
            Err(refusal) => {
                self.report.starts_refused += 1;
                let machine = &self.promises.machines[expected.machine];
                let is_gone = !machine.names(&expected.request.state_machine_arn);
                let is_known = expected.started_at.is_some() || self.observe(arn);
                match refusal {
                    Refusal::ExecutionAlreadyExists { .. } => assert!(is_known, "{arn} was never started"),
                    Refusal::StateMachineDoesNotExist { .. } => assert!(is_gone, "{arn} is of what is there"),
                    Refusal::ServiceUnavailable { .. } => self.report.refused_when_full += 1,
                    other => panic!("{arn}: {other}"),
                }
                self.give_up_if_never_started(arn);
            }
        }
    }

    fn give_up_if_never_started(&mut self, arn: &Text) {
        let never = |expected: &Expected| expected.asked == 0 && expected.started_at.is_none();
        if self.promises.executions.get(arn).is_some_and(never) {
            let store = self.engine().store().clone();
            assert!(
                store.execution(arn).expect("it can be read").is_none(),
                "{arn} was refused, and is there"
            );
            self.promises.executions.remove(arn);
        }
    }

    fn stopped(&mut self, arn: &Text, answered: Result<Timestamp, Refusal>) {
        self.report.stops += 1;
        let at = answered.expect("what was started can be stopped");
        self.observe(arn);
        let Some(expected) = self.promises.executions.get(arn) else { return };
        assert!(expected.is_closed, "{arn} goes on after its stop was acknowledged");
        let is_told = |read: Timestamp| read == at;
        assert!(expected.stopped_at.is_none_or(is_told), "{arn} was stopped at another time than was told");
    }

    fn redriven(&mut self, arn: &Text, answered: Result<Timestamp, Refusal>) {
        match answered {
            Ok(at) => {
                self.report.redrives += 1;
                let Some(expected) = self.promises.executions.get_mut(arn) else { return };
                expected.redrives_promised += 1;
                assert!(self.observe(arn), "{arn} was redriven, and is gone");
                let Some(expected) = self.promises.executions.get(arn) else { return };
                let is_it = |event: &execution::Event| {
                    matches!(event.kind, execution::EventKind::ExecutionRedriven { .. })
                        && event.timestamp == at
                };
                assert!(expected.seen.iter().any(is_it), "{arn} was redriven at another time than was told");
            }
            Err(
                Refusal::ExecutionNotRedrivable { .. }
                | Refusal::ExecutionDoesNotExist { .. }
                | Refusal::ServiceUnavailable { .. },
            ) => self.report.redrives_refused += 1,
            Err(other) => panic!("{arn}: {other}"),
        }
    }

    fn said(&mut self, said: Said, answered: Result<(), Refusal>) {
        let Said { arn, token, is_activity, what } = said;
        match answered {
            Ok(()) => {}
            Err(Refusal::TaskTimedOut | Refusal::InvalidToken) => {
                self.report.answers_late += 1;
                return;
            }
            Err(other) => panic!("{arn}: {other}"),
        }
        let number = match what {
            What::Heartbeat => {
                self.report.heartbeats += 1;
                assert!(!self.promises.answered.contains(&token), "{arn}: an ended task has a heartbeat");
                return;
            }
            What::Success(number) | What::Failure(number) => number,
        };
        self.report.answers_accepted += 1;
        assert!(self.promises.answered.insert(token), "{arn}: a task was answered twice");
        if let Some(expected) = self.promises.executions.get_mut(&arn).filter(|expected| !expected.is_closed)
        {
            expected.accepted.push(number);
        }
        // One look in four: at its end no accepted answer may be missing.
        if !self.random.once_in(4) {
            return;
        }
        self.observe(&arn);
        let Some(expected) = self.promises.executions.get(&arn) else { return };
        if !history::has_answer(&expected.seen, number) {
            assert!(!is_activity, "{arn}: the accepted answer {number} is not in the history");
            self.report.answers_early += 1;
        }
    }

    fn given(&mut self, task: ActivityTask) {
        self.report.tasks_given += 1;
        let token = execution::TaskToken::parse(&task.token).expect("a token that was handed out reads back");
        assert!(self.promises.given.insert(task.token.clone()), "a task was given to two workers");
        if let Some(expected) = self.promises.executions.get_mut(&token.execution_arn) {
            expected.tasks_given += 1;
        }
        self.work(token.execution_arn, task.token, true);
    }
}
