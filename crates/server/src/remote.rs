//! A running server, asked by its public API as any client asks: signed, one call after the other.
//!
//! Never here: what is shown, how often somebody asks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use asl::{Failure, Resource, Timestamp};
use connectors::{Caller, Connectors};
use execution::map_run::Counts;
use execution::{FrameId, Status, TaskCall, TaskOutcome};
use json::{Document, Object, Value};

use crate::outcome::{self, Outcome};
use crate::presence::Place;
use crate::tree::moment::Moment;

/// Longer than any of these calls takes on a server that is well.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// A server that has answered and does so no more may be starting again: so often it is asked again, each time after
/// this pause.
const TRIES_AGAIN_MAX: u32 = 15;
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// A history has at most so many pages: 25,000 events, at least a few of them on each.
const PAGES_MAX: usize = 25_000;
/// Events of a page: of a history that nobody has seen, and of one that is looked at again, where few are new.
const FIRST_PAGE: i64 = 1000;
const LATER_PAGE: i64 = 100;

/// State machines that are listed at most, a thousand for each request.
const LISTS_MAX: usize = 10;

/// A server.
pub struct Remote {
    connectors: Connectors,
    caller: Caller,
    endpoint: String,
    has_answered: AtomicBool,
}

/// Why there is no answer to use.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// There is nothing of that name.
    #[error("there is none")]
    DoesNotExist,
    /// Any other no, in the server's words.
    #[error("the server refuses: {0}")]
    Refused(String),
    /// Nobody answered.
    #[error(
        "nobody answers at {endpoint} ({reason}): start `stepwell dev`, or say with --endpoint where the server is"
    )]
    Silence {
        /// Where.
        endpoint: String,
        /// In the words of AWS's SDK.
        reason: String,
    },
    /// It answers, but not as Step Functions does.
    #[error("what answers at {endpoint} is no Step Functions: {action} has no {member}")]
    Strange {
        /// Where.
        endpoint: String,
        /// The action.
        action: &'static str,
        /// What is missing, or is not what it should be.
        member: &'static str,
    },
}

/// What there is to see of a Map Run.
pub struct MapRunSeen {
    /// Without output and failure.
    pub outcome: Outcome,
    /// Of its items.
    pub items: Counts,
}

/// A state machine in a list.
pub struct Machine {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Whether its executions are STANDARD ones, which have a history.
    pub is_standard: bool,
}

impl Remote {
    /// Calls nobody yet. Requests are signed with the credentials of the environment or of AWS's files.
    pub fn new(place: Place) -> Remote {
        let aws = connectors::AwsSettings {
            endpoints: [("stepfunctions".to_owned(), place.endpoint.clone())].into(),
            // A variable that is no text is none of AWS's.
            environment: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            ..connectors::AwsSettings::default()
        };
        Remote {
            connectors: Connectors::new(connectors::Settings { aws, ..connectors::Settings::default() }),
            caller: Caller { region: place.region.into(), ..Caller::default() },
            endpoint: place.endpoint,
            has_answered: AtomicBool::new(false),
        }
    }

    /// Its URL.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// DescribeExecution.
    pub async fn execution(&self, arn: &str) -> Result<Outcome, Trouble> {
        let answer = self.call("describeExecution", json::value!({ "ExecutionArn": arn })).await?;
        let said = answer.said();
        let failure = Failure { error: said("Error").map(Into::into), cause: said("Cause") };
        Ok(Outcome {
            output: said("Output").and_then(|output| Value::parse(&output).ok()),
            failure: Some(failure).filter(|failure| failure.error.is_some() || failure.cause.is_some()),
            ..answer.outcome(arn)?
        })
    }

    /// GetExecutionHistory: the events behind the first `known`, in order.
    pub async fn history_since(&self, arn: &str, known: u64) -> Result<Vec<Moment>, Trouble> {
        let (mut moments, mut token) = (Vec::new(), None::<String>);
        // The newest first, so that those which are known need not be read.
        for _ in 0..PAGES_MAX {
            let mut input = Object::new();
            input.insert("ExecutionArn", arn);
            input.insert("ReverseOrder", true);
            input.insert("IncludeExecutionData", false);
            input.insert("MaxResults", if known == 0 { FIRST_PAGE } else { LATER_PAGE });
            if let Some(token) = &token {
                input.insert("NextToken", token.as_str());
            }
            let answer = self.call("getExecutionHistory", Value::from(input)).await?;
            let events = answer.array("Events")?.iter().map(Moment::read);
            let page: Vec<Moment> = events.collect::<Option<_>>().ok_or_else(|| answer.lacks("Events"))?;
            token = answer.said()("NextToken");
            let is_known = page.iter().any(|moment| moment.id <= known);
            moments.extend(page.into_iter().filter(|moment| moment.id > known));
            if is_known || token.is_none() {
                break;
            }
        }
        moments.reverse();
        Ok(moments)
    }

    /// DescribeMapRun.
    pub async fn map_run(&self, arn: &str) -> Result<MapRunSeen, Trouble> {
        let answer = self.call("describeMapRun", json::value!({ "MapRunArn": arn })).await?;
        let counts = answer.value.get("ItemCounts").ok_or_else(|| answer.lacks("ItemCounts"))?;
        let count = |name: &str| counts.get(name).and_then(Value::as_i64).unwrap_or(0).unsigned_abs();
        let items = Counts {
            pending: count("Pending"),
            running: count("Running"),
            succeeded: count("Succeeded"),
            failed: count("Failed"),
            timed_out: count("TimedOut"),
            aborted: count("Aborted"),
            results_written: count("ResultsWritten"),
            pending_redrive: count("PendingRedrive"),
            failures_not_redrivable: count("FailuresNotRedrivable"),
        };
        Ok(MapRunSeen { outcome: answer.outcome(arn)?, items })
    }

    /// ListStateMachines.
    pub async fn machines(&self) -> Result<Vec<Machine>, Trouble> {
        let (mut machines, mut token) = (Vec::new(), None::<String>);
        for _ in 0..LISTS_MAX {
            let mut input = Object::new();
            input.insert("MaxResults", 1000);
            if let Some(token) = &token {
                input.insert("NextToken", token.as_str());
            }
            let answer = self.call("listStateMachines", Value::from(input)).await?;
            for machine in answer.array("StateMachines")? {
                let text = |name| machine.get(name).and_then(Value::as_str).unwrap_or_default();
                machines.push(Machine {
                    arn: text("StateMachineArn").to_owned(),
                    name: text("Name").to_owned(),
                    is_standard: text("Type") == "STANDARD",
                });
            }
            token = answer.said()("NextToken");
            if token.is_none() {
                break;
            }
        }
        Ok(machines)
    }

    /// One that has answered before is asked again while it is silent.
    async fn call(&self, action: &'static str, input: Value) -> Result<Answer<'_>, Trouble> {
        let mut tries = 0;
        loop {
            match self.call_once(action, &input).await {
                Err(Trouble::Silence { .. })
                    if self.has_answered.load(Ordering::Relaxed) && tries < TRIES_AGAIN_MAX =>
                {
                    tries += 1;
                    tokio::time::sleep(TRY_AGAIN_AFTER).await;
                }
                Err(trouble) => return Err(trouble),
                Ok(value) => {
                    self.has_answered.store(true, Ordering::Relaxed);
                    return Ok(Answer { remote: self, action, value });
                }
            }
        }
    }

    async fn call_once(&self, action: &str, input: &Value) -> Result<Value, Trouble> {
        let call = TaskCall {
            frame: FrameId::TOP,
            attempt: 1,
            resource: Resource::parse(&format!("arn:aws:states:::aws-sdk:sfn:{action}"))
                .unwrap_or_else(|_| unreachable!("{action} is an operation of Step Functions")),
            arguments: Document::from_value(input.clone()),
            role_arn: None,
            idempotency_token: String::new(),
        };
        let silence =
            |reason: &str| Trouble::Silence { endpoint: self.endpoint.clone(), reason: reason.to_owned() };
        match tokio::time::timeout(ANSWER_WITHIN, self.connectors.call(&call, &self.caller)).await {
            Ok(TaskOutcome::Succeeded(answer)) => Ok(answer.value().clone()),
            Ok(TaskOutcome::Failed(failure)) => {
                let cause = failure.cause.clone().unwrap_or_default();
                Err(match failure.name() {
                    "Sfn.SdkClientException" => {
                        silence(cause.strip_prefix("Unable to execute HTTP request: ").unwrap_or(&cause))
                    }
                    "Sfn.ExecutionDoesNotExistException" | "Sfn.ResourceNotFoundException" => {
                        Trouble::DoesNotExist
                    }
                    _ => Trouble::Refused(cause),
                })
            }
            Ok(TaskOutcome::TimedOut) | Err(_) => Err(silence("it takes longer than 30 s")),
        }
    }
}

/// What a server has answered to a call of an action.
struct Answer<'r> {
    remote: &'r Remote,
    action: &'static str,
    /// With the names that AWS's SDK has for its members.
    value: Value,
}

impl Answer<'_> {
    /// Reads members that are texts.
    fn said(&self) -> impl Fn(&str) -> Option<String> {
        |name| self.value.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    fn array(&self, name: &'static str) -> Result<&json::Array, Trouble> {
        self.value.get(name).and_then(Value::as_array).ok_or_else(|| self.lacks(name))
    }

    /// What executions and Map Runs have in common.
    fn outcome(&self, arn: &str) -> Result<Outcome, Trouble> {
        let said = self.said();
        let status = said("Status").ok_or_else(|| self.lacks("Status"))?;
        Ok(Outcome {
            arn: arn.to_owned(),
            // PENDING_REDRIVE is on its way to RUNNING.
            status: outcome::status_named(&status).unwrap_or(Status::Running),
            started_at: self.time("StartDate").ok_or_else(|| self.lacks("StartDate"))?,
            stopped_at: self.time("StopDate"),
            output: None,
            failure: None,
        })
    }

    fn time(&self, name: &str) -> Option<Timestamp> {
        Some(asl::timestamp::parse(self.value.get(name)?.as_str()?)?.timestamp())
    }

    fn lacks(&self, member: &'static str) -> Trouble {
        let (endpoint, action) = (self.remote.endpoint.clone(), self.action);
        Trouble::Strange { endpoint, action, member }
    }
}
