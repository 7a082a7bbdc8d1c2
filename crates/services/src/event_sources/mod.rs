//! Event source mappings: queues that feed functions, by Lambda's API. (spec/event-routers.md §5.1)
//!
//! Each mapping that is enabled has a poller, which receives like any other client, by whatever SQS the settings point to.
//! Nothing of a poller is kept: messages that it had are in flight and come again. Besides what AWS does, a mapping may
//! name a state machine as its function: each batch then starts an execution.

mod fault;
mod mapping;
mod poller;
mod records;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use connectors::Answering;
use json::{Object, Text, Value};
use ledger::{Batch, Ledger};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use self::fault::{conflict, invalid, not_there};
use self::mapping::{Mapping, Target};
use self::poller::Poller;
use crate::delivery::{Calls, Clock, OutCall, queue_url};
use crate::spaces::EVENT_SOURCES;
use crate::{Call, Fault, Service};

/// How many mappings there may be: each that is enabled has a receive waiting.
const MAPPINGS_MAX: usize = 10_000;

/// How many are listed at once. (documented)
const LISTED_MAX: usize = 100;

/// The mappings. Pollers end with the last clone.
#[derive(Clone)]
pub struct EventSources(Arc<Inner>);

struct Inner {
    ledger: Ledger,
    clock: Arc<dyn Clock>,
    calls: Arc<dyn Calls>,
    runtime: Handle,
    /// Held by whoever changes mappings, from the decision to the change.
    changing: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    mappings: BTreeMap<Text, Mapping>,
    pollers: BTreeMap<Text, AbortHandle>,
    is_stopped: bool,
}

impl fmt::Debug for EventSources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSources")
            .field("mappings", &self.0.state().mappings.len())
            .finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

impl EventSources {
    /// Finds what an earlier process left, and begins to receive. Must be called within a tokio runtime.
    pub fn start(
        ledger: Ledger,
        clock: Arc<dyn Clock>,
        calls: Arc<dyn Calls>,
    ) -> Result<EventSources, ledger::Error> {
        let mut state = State::default();
        ledger.visit(EVENT_SOURCES, b"", |_, value| match Mapping::from_bytes(&value) {
            Some(mapping) => drop(state.mappings.insert(mapping.id.clone(), mapping)),
            None => tracing::error!("the ledger has an event source mapping of another version of Stepwell"),
        })?;
        let enabled: Vec<_> = state.mappings.values().filter(|mapping| mapping.is_enabled).cloned().collect();
        let changing = tokio::sync::Mutex::default();
        let state = Mutex::new(state);
        let inner = Inner { ledger, clock, calls, runtime: Handle::current(), changing, state };
        enabled.into_iter().for_each(|mapping| inner.poll(mapping));
        Ok(EventSources(Arc::new(inner)))
    }
}

impl Service for EventSources {
    fn call<'a>(&'a self, call: Call<'a>) -> Answering<'a, Result<Value, Fault>> {
        Box::pin(async move {
            match call.operation {
                "GetEventSourceMapping" => self.0.get(&call),
                "ListEventSourceMappings" => self.0.list(&call),
                _ => {
                    let (inner, operation) = (self.0.clone(), call.operation.to_owned());
                    let (input, asker) = (call.input.clone(), call.asker.clone());
                    crate::to_its_end(async move {
                        let call = Call { operation: &operation, input: &input, asker: &asker };
                        let _changing = inner.changing.lock().await;
                        match call.operation {
                            "CreateEventSourceMapping" => inner.create(&call).await,
                            "UpdateEventSourceMapping" => inner.update(&call).await,
                            "DeleteEventSourceMapping" => inner.delete(&call).await,
                            other => Err(invalid(format!("{other} is not supported by Stepwell"))),
                        }
                    })
                    .await
                }
            }
        })
    }

    fn stop(&self) {
        self.0.stop();
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }

    fn stop(&self) {
        let mut state = self.state();
        state.is_stopped = true;
        std::mem::take(&mut state.pollers).into_values().for_each(|poller| poller.abort());
    }

    async fn create(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let id = aws_names::uuid_v4(self.clock.random());
        let mapping = Mapping::create(&input(call), &id, call.asker, self.clock.now())?;
        let same =
            |other: &&Mapping| other.queue_arn == mapping.queue_arn && other.target_arn == mapping.target_arn;
        let earlier = self.state().mappings.values().find(same).map(|other| other.id.clone());
        if let Some(earlier) = earlier {
            let Mapping { queue_arn, target_arn, .. } = &mapping;
            let name = target_arn.rsplit(':').next().unwrap_or_default();
            return Err(conflict(format!(
                "An event source mapping with SQS arn (\" {queue_arn} \") and function (\" {name} \") already exists. Please \
                 update or delete the existing mapping with UUID {earlier}"
            )));
        }
        if self.state().mappings.len() >= MAPPINGS_MAX {
            return Err(invalid(format!(
                "There are {MAPPINGS_MAX} event source mappings already: delete some"
            )));
        }
        self.check_ends(&mapping).await?;
        self.keep(&mapping).await?;
        Ok(mapping.show("Creating"))
    }

    async fn update(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let earlier = self.find(call)?;
        let mapping = earlier.update(&input(call), call.asker, self.clock.now())?;
        if mapping.target_arn != earlier.target_arn {
            self.check_ends(&mapping).await?;
        }
        self.keep(&mapping).await?;
        Ok(mapping.show("Updating"))
    }

    async fn delete(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let mapping = self.find(call)?;
        let mut batch = Batch::new();
        batch.remove(EVENT_SOURCES, mapping.id.as_bytes());
        self.ledger.commit(batch).await?;
        let mut state = self.state();
        state.mappings.remove(&mapping.id);
        if let Some(poller) = state.pollers.remove(&mapping.id) {
            poller.abort();
        }
        Ok(mapping.show("Deleting"))
    }

    fn get(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let mapping = self.find(call)?;
        Ok(mapping.show(mapping.state()))
    }

    fn list(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let input = input(call);
        let text = |name: &str| input.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let max = input.get("MaxItems").and_then(Value::as_i64).unwrap_or(LISTED_MAX as i64);
        let max = usize::try_from(max).unwrap_or(LISTED_MAX).clamp(1, LISTED_MAX);
        let is_target = |mapping: &Mapping, name: &str| {
            let target = mapping.target_arn.as_str();
            target == name || target.strip_suffix(name).is_some_and(|rest| rest.ends_with(':'))
        };
        let is_wanted = |mapping: &&Mapping| {
            text("EventSourceArn").is_none_or(|arn| mapping.queue_arn == arn)
                && text("FunctionName").is_none_or(|name| is_target(mapping, name))
                && text("Marker").is_none_or(|marker| mapping.id.as_str() > marker)
        };
        let state = self.state();
        let mut found: Vec<_> = state.mappings.values().filter(is_wanted).take(max + 1).collect();
        let goes_on = found.len() > max;
        found.truncate(max);
        let mut answer = Object::new();
        if let Some(last) = found.last().filter(|_| goes_on) {
            answer.insert("NextMarker", &last.id);
        }
        answer.insert(
            "EventSourceMappings",
            found.iter().map(|mapping| mapping.show(mapping.state())).collect::<Value>(),
        );
        Ok(Value::Object(answer))
    }

    fn find(&self, call: &Call<'_>) -> Result<Mapping, Fault> {
        let id = call.input.get("UUID").and_then(Value::as_str).unwrap_or_default();
        self.state().mappings.get(id).cloned().ok_or_else(not_there)
    }

    /// The queue and the function must be there.
    async fn check_ends(&self, mapping: &Mapping) -> Result<(), Fault> {
        let call = |service: &str, operation: &str, input: Value| OutCall {
            service: service.into(),
            operation: operation.into(),
            input,
            source_arn: mapping.arn.clone(),
            token: aws_names::uuid_v4(self.clock.random()),
            ..OutCall::default()
        };
        let queue =
            json::value!({ "QueueUrl": (queue_url(&mapping.queue_arn)), "AttributeNames": ["QueueArn"] });
        if let Err(trouble) = self.calls.call(&call("sqs", "GetQueueAttributes", queue)).await {
            return Err(invalid(format!(
                "Error occurred while ReceiveMessage. SQS Error Code: {}. SQS Error Message: {}",
                trouble.code, trouble.message
            )));
        }
        let asked = match mapping.target() {
            Target::Function(arn) => {
                let input = json::value!({ "FunctionName": arn, "InvocationType": "DryRun" });
                call("lambda", "Invoke", input)
            }
            Target::StateMachine(arn) => {
                let input = json::value!({ "StateMachineArn": arn });
                call("stepfunctions", "DescribeStateMachine", input)
            }
        };
        match self.calls.call(&asked).await {
            Ok(_) => Ok(()),
            Err(trouble) => Err(invalid(format!("Function does not exist: {}", trouble.message))),
        }
    }

    /// Writes a mapping down and begins with it anew.
    async fn keep(&self, mapping: &Mapping) -> Result<(), Fault> {
        let mut batch = Batch::new();
        batch.put(EVENT_SOURCES, mapping.id.as_bytes(), &mapping.to_bytes());
        self.ledger.commit(batch).await?;
        self.state().mappings.insert(mapping.id.clone(), mapping.clone());
        self.poll(mapping.clone());
        Ok(())
    }

    /// Ends the poller of a mapping, and begins a new one if it is enabled.
    fn poll(&self, mapping: Mapping) {
        let mut state = self.state();
        if let Some(earlier) = state.pollers.remove(&mapping.id) {
            earlier.abort();
        }
        if !mapping.is_enabled || state.is_stopped {
            return;
        }
        let (calls, clock) = (self.calls.clone(), self.clock.clone());
        let id = mapping.id.clone();
        let poller = Poller { patterns: mapping.patterns(), mapping, calls, clock };
        let task = self.runtime.spawn(poller::run(Arc::new(poller)));
        state.pollers.insert(id, task.abort_handle());
    }
}

fn input(call: &Call<'_>) -> Object {
    call.input.as_object().cloned().unwrap_or_default()
}
