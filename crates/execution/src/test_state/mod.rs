//! One state by itself, as TestState runs it: entered with a given input, variables and context, its
//! work mocked or done by the caller, and left after one attempt.
//!
//! All that is evaluated is evaluated by the same code as in an execution; here is only what stands
//! around it: what comes in, where it stops, what is told. Nothing is recorded. (spec/api.md §3.9)

mod map;
mod reader;
mod shown;

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::machine::{Kind, QueryLanguage, StateMachine};
use asl::{Failure, StateId, Timestamp};
use json::{Document, Object, Text};

use crate::execution::{Execution, Start};
use crate::failure::Fault;
use crate::frame::{Frame, FrameId, Waiting};
use crate::inspection::{Inspection, Stage};
use crate::limits::check_data;
use crate::outside::Outside;
use crate::run::Run;
use crate::step::Step;
use crate::turn::{Effect, TaskCall};
use crate::wakeup::TaskOutcome;
use map::Iterations;

/// What is tested, and with what.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The machine.
    pub machine: Arc<StateMachine>,
    /// The state of it.
    pub state: StateId,
    /// What the Context Object says of the execution; its input is the state's.
    pub start: Start,
    /// The variables that are there as the state is entered.
    pub variables: BTreeMap<Text, Document>,
    /// What stands in the Context Object instead: `Execution`, `State`, … each with the members that are
    /// replaced.
    pub context: Object,
    /// How the work ends; without it the work is done.
    pub mock: Option<TaskOutcome>,
    /// How often each retrier has been used.
    pub retries: u32,
    /// How many iterations of a Map have failed.
    pub iteration_failures: u32,
    /// What a Map's ItemReader reads.
    pub item_reader_data: Option<Text>,
}

/// A state that is being tested.
#[derive(Debug)]
pub struct Test {
    subject: Subject,
    execution: Execution,
    frame: Frame,
    inspection: Inspection,
    /// Of a Map that has been entered.
    iterations: Option<Iterations>,
}

/// How far a test has come.
#[derive(Debug)]
pub enum Progress {
    /// It is over.
    Ended(Box<Tested>),
    /// Make the call, then go on with [`Test::returned`]. When `until` has come, it has timed out.
    Call {
        /// What to call.
        call: Box<TaskCall>,
        /// `TimeoutSeconds` from now.
        until: Option<Timestamp>,
    },
    /// Wait until then, then go on with [`Test::waited`].
    Wait(Timestamp),
    /// It has done a lot: let others go on, then go on with [`Test::again`].
    Again,
}

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestStatus {
    /// The state has an output.
    Succeeded,
    /// It failed, and nothing took the failure.
    Failed,
    /// It failed, and would be retried.
    Retriable,
    /// It failed, and a Catcher took the failure.
    CaughtError,
}

/// What came of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct Tested {
    /// How it ended.
    pub status: TestStatus,
    /// After success and after a Catcher.
    pub output: Option<Document>,
    /// What failed, also where a Catcher took it.
    pub failure: Option<Failure>,
    /// Where the execution would go on.
    pub next_state: Option<Text>,
    /// What was seen on the way.
    pub inspected: Inspected,
}

/// What was seen of a state, as far as it came and as far as AWS shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inspected {
    /// Whether the state is in JSONata: its Parameters are called Arguments.
    pub is_jsonata: bool,
    /// The data flow, in order.
    pub stages: Vec<(Stage, Document)>,
    /// The variables after the state.
    pub variables: BTreeMap<Text, Document>,
    /// The evaluated MaxConcurrency of a Map.
    pub max_concurrency: Option<u64>,
    /// The evaluated ToleratedFailureCount of a Map.
    pub tolerated_failure_count: Option<u64>,
    /// The evaluated ToleratedFailurePercentage of a Map.
    pub tolerated_failure_percentage: Option<f64>,
    /// How many items a Map has, where that is known.
    pub iterations: Option<usize>,
    /// The place of the retrier that the failure is for, used up or not.
    pub retry_index: Option<usize>,
    /// The delay before the retry.
    pub retry_backoff_seconds: Option<u64>,
    /// The place of the Catcher that took the failure.
    pub catch_index: Option<usize>,
}

impl Test {
    /// A test that has not begun.
    pub fn new(subject: Subject) -> Test {
        let mut execution = Execution::new(subject.start.clone());
        // The first event told of the start.
        execution.next_event = 2;
        let mut frame = Frame::new(FrameId::TOP, None, subject.state, subject.start.input.clone());
        frame.variables = Arc::new(subject.variables.clone());
        frame.retries = vec![subject.retries; subject.machine.state(subject.state).retry.len()];
        let inspection = Inspection::new(subject.context.clone());
        Test { subject, execution, frame, inspection, iterations: None }
    }

    /// Enters the state.
    pub fn begin(&mut self, outside: Outside<'_>) -> Progress {
        self.go_on(outside, |run, frame, subject, iterations| {
            run.note_entry(frame);
            let (Kind::Map(map), Some(_)) = (&run.state(frame).kind, &subject.mock) else {
                return run.begin(frame);
            };
            match run.map_under_test(frame, map, subject) {
                Ok(found) => {
                    *iterations = found;
                    Step::Waits
                }
                Err(problem) => problem.into(),
            }
        })
    }

    /// The call came back, or timed out.
    pub fn returned(&mut self, outcome: TaskOutcome, outside: Outside<'_>) -> Progress {
        self.go_on(outside, |run, frame, _, _| run.task_ended(frame, outcome))
    }

    /// The time of a Wait state has come.
    pub fn waited(&mut self, outside: Outside<'_>) -> Progress {
        self.go_on(outside, |run, frame, _, _| run.wait_is_over(frame))
    }

    /// Others have gone on.
    pub fn again(&mut self, outside: Outside<'_>) -> Progress {
        self.go_on(outside, |_, _, _, _| Step::Waits)
    }

    /// The caller's own time is up: as an execution does that takes too long, it fails, and neither
    /// Retry nor Catch is asked.
    pub fn time_out(&self) -> Tested {
        let failure = Failure::named(aws_names::error::TIMEOUT);
        Tested {
            status: TestStatus::Failed,
            output: None,
            failure: Some(failure),
            next_state: None,
            inspected: self.inspected(),
        }
    }

    /// Takes steps until the state is left, fails, or waits for the caller.
    fn go_on(
        &mut self,
        outside: Outside<'_>,
        first: impl FnOnce(&mut Run<'_>, &mut Frame, &Subject, &mut Option<Iterations>) -> Step,
    ) -> Progress {
        let Test { subject, execution, frame, inspection, iterations } = self;
        let mut run = Run::new(execution, &subject.machine, outside);
        run.inspection = Some(inspection);
        run.is_mocked = subject.mock.is_some();
        let mut handled = Handled::default();
        let mut step = first(&mut run, frame, subject, iterations);
        // Each round brings the state nearer to its end: its work, its output, its failure.
        let (status, output, failure, next) = loop {
            step = match step {
                Step::Worked(result) => run.finish_work(frame, result),
                Step::Failed(fault) => {
                    handled.retrier = run.retrier(frame, &fault);
                    handled.catcher = run.catcher(frame, &fault);
                    handled.failure = Some(fault.failure.clone());
                    run.handle(frame, fault)
                }
                Step::Unwind(failure) | Step::Fatal(failure) => {
                    handled.catcher = None;
                    break (TestStatus::Failed, None, Some(failure), None);
                }
                Step::Enter => {
                    let failure = handled.failure.take();
                    let status =
                        if failure.is_some() { TestStatus::CaughtError } else { TestStatus::Succeeded };
                    break (status, Some(frame.input.clone()), failure, Some(frame.state));
                }
                Step::Ended(output) => break (TestStatus::Succeeded, Some(output), None, None),
                Step::Waits => match (&frame.waiting, &subject.mock) {
                    (Waiting::Retry(at), _) => {
                        handled.backoff_seconds = u64::try_from((at.0 - run.now.0) / 1000).ok();
                        handled.catcher = None;
                        break (TestStatus::Retriable, None, handled.failure.take(), None);
                    }
                    (Waiting::Until(at), _) => return Progress::Wait(*at),
                    (Waiting::Task(_), Some(outcome @ TaskOutcome::Succeeded(_))) => {
                        run.task_ended(frame, outcome.clone())
                    }
                    (Waiting::Task(pending), None) => {
                        let until = pending.timer();
                        return Progress::Call { call: Box::new(asked_call(&run)), until };
                    }
                    (Waiting::Task(_) | Waiting::Parallel(_), Some(outcome)) => run.mocked(frame, outcome),
                    (Waiting::Map(_), Some(outcome)) => {
                        match run.iterate(frame, iterations, subject, outcome) {
                            Some(step) => step,
                            None => return Progress::Again,
                        }
                    }
                    (Waiting::Parallel(_) | Waiting::Map(_), None)
                    | (Waiting::MapRun(_) | Waiting::Again | Waiting::Anew, _) => {
                        unreachable!("a Parallel or Map state is tested with a mock, and no Map Run begins")
                    }
                },
            };
        };
        let next_state = next.map(|next| subject.machine.state(next).name.clone());
        let inspected = Inspected {
            retry_index: handled.retrier,
            retry_backoff_seconds: handled.backoff_seconds,
            catch_index: handled.catcher,
            ..self.inspected()
        };
        Progress::Ended(Box::new(Tested { status, output, failure, next_state, inspected }))
    }

    /// What was seen so far.
    fn inspected(&self) -> Inspected {
        let state = self.subject.machine.state(self.subject.state);
        let seen = &self.inspection;
        let mut stages = seen.stages();
        stages.retain(|(stage, _)| shown::is_shown(*stage, state));
        Inspected {
            is_jsonata: state.query_language == QueryLanguage::Jsonata,
            stages,
            variables: (*self.frame.variables).clone(),
            max_concurrency: seen.max_concurrency.get(),
            tolerated_failure_count: seen.tolerated_failure_count.get(),
            tolerated_failure_percentage: seen.tolerated_failure_percentage.get(),
            iterations: seen.iterations.get(),
            ..Inspected::default()
        }
    }
}

/// What became of a failure.
#[derive(Default)]
struct Handled {
    failure: Option<Failure>,
    retrier: Option<usize>,
    catcher: Option<usize>,
    backoff_seconds: Option<u64>,
}

/// The call that the state's work is.
fn asked_call(run: &Run<'_>) -> TaskCall {
    let call = run.turn.effects.iter().find_map(|effect| match effect {
        Effect::CallTask(call) => Some(call.clone()),
        _ => None,
    });
    let Some(call) = call else { unreachable!("an activity or a job is tested with a mock") };
    call
}

impl Run<'_> {
    /// The state's work ends as it is said to: a failure is told in the words of whoever made it up.
    fn mocked(&mut self, frame: &mut Frame, outcome: &TaskOutcome) -> Step {
        frame.waiting = Waiting::Again;
        match outcome {
            TaskOutcome::Succeeded(result) => match check_data(result, &self.state(frame).name) {
                Ok(()) => Step::Worked(result.clone()),
                Err(failure) => Step::Failed(Fault::of(failure)),
            },
            TaskOutcome::Failed(failure) => Step::Failed(Fault::of(failure.clone())),
            TaskOutcome::TimedOut => Step::Failed(Fault::of(Failure::named(aws_names::error::TIMEOUT))),
        }
    }
}
