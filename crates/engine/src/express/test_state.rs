//! TestState: one state, entered and left in its caller's hands.
//!
//! Nothing of it is written, and it ends with its caller. Never here: what a state does.

use std::time::Duration;

use asl::Timestamp;
use connectors::{Caller, HttpTrace};
use execution::execution::Start;
use execution::test_state::{Progress, Subject, Test, Tested};
use execution::{MachineType, Outside, TaskOutcome};
use json::{Object, Text, Value};

use super::Express;
use super::under_way::UnderWay;
use crate::random;
use crate::refusal::Refusal;
use crate::request::TestState;

/// A test takes no longer. (spec/api.md §3.9)
const TEST_SECONDS_MAX: u64 = 5 * 60;

impl Express {
    /// Tests a state, and tells what its HTTP task sent and got: dropping the future drops the test.
    pub(crate) async fn test_state(
        &self,
        request: TestState,
    ) -> Result<(Tested, Option<HttpTrace>), Refusal> {
        let inner = &*self.0;
        let _under_way = UnderWay::begin(&inner.statistics, 1, inner.settings.executions_max)?;
        let until = inner.clock.now().plus_seconds(TEST_SECONDS_MAX);
        let subject = self.subject(request);
        let caller = Caller::of(&subject.start);
        let mut test = Test::new(subject);
        let mut trace = None;
        let mut progress = test.begin(self.outside());
        // Each round is something that the state waits for; its last moment bounds them.
        loop {
            progress = match progress {
                Progress::Ended(tested) => return Ok((*tested, trace)),
                Progress::Call { call, until: timeout } => {
                    let call = inner.connectors.call_traced(&call, &caller);
                    let last = timeout.map_or(until, |timeout| timeout.min(until));
                    match tokio::time::timeout(self.time_to(last), call).await {
                        Ok((outcome, of_call)) => {
                            trace = of_call;
                            test.returned(outcome, self.outside())
                        }
                        Err(_) if last == until => return Ok((test.time_out(), trace)),
                        Err(_) => test.returned(TaskOutcome::TimedOut, self.outside()),
                    }
                }
                Progress::Wait(at) => {
                    tokio::time::sleep(self.time_to(at.min(until))).await;
                    match at > until {
                        true => return Ok((test.time_out(), trace)),
                        false => test.waited(self.outside()),
                    }
                }
                Progress::Again if inner.clock.now() >= until => return Ok((test.time_out(), trace)),
                Progress::Again => {
                    tokio::task::yield_now().await;
                    test.again(self.outside())
                }
            };
        }
    }

    fn outside(&self) -> Outside<'static> {
        Outside::new(self.0.clock.now(), random::draw_here())
    }

    fn time_to(&self, at: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(at.0 - self.0.clock.now().0).unwrap_or_default())
    }

    /// The state in an execution that is made up, of a machine that is made up.
    fn subject(&self, request: TestState) -> Subject {
        let inner = &*self.0;
        let uuid = || Text::from(aws_names::uuid_v4(random::draw_here()));
        let (machine_name, name) = (uuid(), uuid());
        let context = context(&request);
        Subject {
            machine: request.machine,
            state: request.state,
            start: Start {
                // AWS was recorded to leave out what else the ARN of an EXPRESS execution has.
                arn: inner.scope.arn("states", format_args!("express:{machine_name}:{name}")).into(),
                name,
                state_machine_arn: inner.scope.state_machine(&machine_name).into(),
                state_machine_name: machine_name,
                machine_type: MachineType::Express,
                revision: 0,
                version_arn: None,
                alias_arn: None,
                test_case: None,
                role_arn: request.role_arn.unwrap_or_default(),
                region: inner.scope.region.as_str().into(),
                input: request.input,
                trace_header: None,
                parent: None,
                child_of: None,
                started_at: inner.clock.now(),
            },
            variables: request.variables,
            context,
            mock: request.mock,
            retries: request.retries,
            iteration_failures: request.iteration_failures,
            item_reader_data: request.item_reader_data,
        }
    }
}

/// What the Context Object has beside or instead of what an execution would have; what the caller gives
/// counts most.
fn context(request: &TestState) -> Object {
    let members = |name: &str, value: Value| Value::Object([(name, value)].into_iter().collect());
    let mut context = Object::new();
    if request.role_arn.is_none() {
        context.insert("Execution", members("RoleArn", Value::Null));
    }
    if request.retries > 0 {
        context.insert("State", members("RetryCount", Value::Int(i64::from(request.retries))));
    }
    if request.is_in_map {
        let item = json::value!({ "Index": 0, "Value": (request.input.value().clone()) });
        context.insert("Map", members("Item", item));
    }
    for (name, value) in &request.context {
        match (context.get_mut(name), value) {
            (Some(Value::Object(made_up)), Value::Object(given)) => {
                for (name, value) in given {
                    made_up.insert(name.clone(), value.clone());
                }
            }
            _ => {
                context.insert(name.clone(), value.clone());
            }
        }
    }
    context
}
