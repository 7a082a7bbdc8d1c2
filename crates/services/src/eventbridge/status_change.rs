//! "Step Functions Execution Status Change": what an execution tells the default bus. (AWS Step Functions developer guide,
//! "Automating Step Functions event delivery with EventBridge")
//!
//! AWS delivers these on a best effort basis, and so do we: an execution never waits for them, and what a crash cuts
//! off between the execution's commit and the event's is not told. Once on the bus, an event is as durable as any.

use std::sync::Arc;

use events::Pattern;
use json::{Document, Object, Value};
use ledger::Batch;

use super::Inner;
use super::names::DEFAULT_BUS;
use super::received::{Parts, Received, event};
use super::route::{Reach, route};
use super::state::State;

const SOURCE: &str = "aws.states";
const DETAIL_TYPE: &str = "Step Functions Execution Status Change";

/// Longer input and output are left out, both together, as they stand in the event. (AWS: 248 KiB)
const DATA_BYTES_MAX: usize = 248 << 10;

/// A status change of an execution of a STANDARD state machine.
#[derive(Clone, Debug)]
pub struct StatusChange {
    /// Of the execution.
    pub execution_arn: String,
    /// Of the state machine, unqualified.
    pub state_machine_arn: String,
    /// The version it was started with, if any.
    pub version_arn: Option<String>,
    /// The alias it was started with, if any.
    pub alias_arn: Option<String>,
    /// Of the execution.
    pub name: String,
    /// `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`, `PENDING_REDRIVE`
    pub status: &'static str,
    /// In milliseconds since 1970.
    pub started: i64,
    /// In milliseconds since 1970.
    pub stopped: Option<i64>,
    /// What it began with.
    pub input: Document,
    /// What it succeeded with.
    pub output: Option<Document>,
    /// What it failed with.
    pub error: Option<String>,
    /// Why.
    pub cause: Option<String>,
    /// How often it was redriven.
    pub redrives: u64,
    /// When last, in milliseconds since 1970.
    pub redriven: Option<i64>,
    /// `REDRIVABLE`, `NOT_REDRIVABLE`
    pub redrive_status: &'static str,
    /// Why it cannot be redriven.
    pub redrive_status_reason: Option<String>,
}

impl StatusChange {
    /// The event's detail.
    fn detail(&self) -> Value {
        let text = |document: &Document| Value::from(document.text());
        let (input, output) = (text(&self.input), self.output.as_ref().map(text));
        let bytes = escaped_bytes(&input) + output.as_ref().map_or(0, escaped_bytes);
        let included = bytes <= DATA_BYTES_MAX;
        let details = json::value!({ "included": included });
        let mut detail = Object::with_capacity(18);
        detail.insert("executionArn", self.execution_arn.as_str());
        detail.insert("stateMachineArn", self.state_machine_arn.as_str());
        detail.insert("name", self.name.as_str());
        detail.insert("status", self.status);
        detail.insert("startDate", self.started);
        detail.insert("stopDate", self.stopped);
        detail.insert("input", Some(input).filter(|_| included));
        detail.insert("output", output.clone().filter(|_| included));
        detail.insert("stateMachineVersionArn", self.version_arn.as_deref());
        detail.insert("stateMachineAliasArn", self.alias_arn.as_deref());
        detail.insert("redriveCount", self.redrives);
        detail.insert("redriveDate", self.redriven);
        detail.insert("redriveStatus", self.redrive_status);
        detail.insert("redriveStatusReason", self.redrive_status_reason.as_deref());
        detail.insert("inputDetails", details.clone());
        detail.insert("outputDetails", output.map(|_| details));
        detail.insert("error", self.error.as_deref());
        detail.insert("cause", self.cause.as_deref());
        Value::Object(detail)
    }
}

fn escaped_bytes(text: &Value) -> usize {
    text.to_text().len()
}

/// Whether a rule or an archive of the default bus could want such an event, by source and detail type alone.
pub(super) fn may_be_wanted(state: &State) -> bool {
    let Some(bus) = state.buses.get(DEFAULT_BUS) else { return false };
    let of_rules = bus.rules.values().filter(|rule| rule.is_enabled() && !rule.targets.is_empty());
    let of_rules = of_rules.map(|rule| rule.text("EventPattern")).filter(|pattern| !pattern.is_empty());
    let of_archives = state.archives_of(DEFAULT_BUS).map(|archive| archive.text("EventPattern"));
    of_rules.chain(of_archives).any(may_match)
}

/// Whether a pattern leaves such events possible.
fn may_match(pattern: &str) -> bool {
    let Ok(Value::Object(fields)) = Value::parse(pattern) else { return true };
    let of_head = fields.iter().filter(|(name, _)| matches!(name.as_str(), "source" | "detail-type"));
    let of_head: Object = of_head.map(|(name, field)| (name.clone(), field.clone())).collect();
    if of_head.is_empty() {
        return true;
    }
    let event = json::value!({ "source": SOURCE, "detail-type": DETAIL_TYPE });
    Pattern::new(&of_head.into()).map_or(true, |pattern| pattern.matches(&events::Event::new(&event)))
}

/// Puts the event onto the default bus, and does not wait for the disk.
pub(super) fn report(inner: &Arc<Inner>, change: &StatusChange) {
    let now = inner.clock.now();
    let id = aws_names::uuid_v4(inner.clock.random());
    let parts = Parts {
        id: &id,
        detail_type: DETAIL_TYPE,
        source: SOURCE,
        time: change.stopped.unwrap_or(now),
        resources: json::value!([(change.execution_arn.as_str())]),
        detail: change.detail(),
    };
    let received = Received { ingested: now, hops: 0, event: event(&inner.scope, parts) };
    let mut batch = Batch::new();
    let routed = route(&inner.state(), DEFAULT_BUS, &received, Reach::All, &mut batch);
    if routed.parcel.legs.is_empty() && batch.is_empty() {
        return;
    }
    let taking = inner.clone();
    let execution = change.execution_arn.clone();
    // The ledger refuses more than its queue holds, so these do not pile up.
    inner.spawn(async move {
        if let Err(fault) = taking.commit(vec![routed], batch).await {
            tracing::warn!(%execution, "a status change is not told: {}", fault.message);
        }
    });
}
