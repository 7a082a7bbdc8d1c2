//! A schedule, as it is stored.

use aws_names::Scope;
use events::schedule::FlexibleWindow;
use json::{Object, Value};

use super::timing::Timing;
use super::zone::Zone;
use crate::Fault;
use crate::delivery::{NoTarget, Target};
use crate::eventbridge::members::{Members, validation};

pub(super) const DEFAULT_GROUP: &str = "default";

/// Of a schedule that was made too long ago. (The API reference of EventBridge Scheduler, StartDate)
const START_AGO_MAX: i64 = 300_000;

/// What GetSchedule shows, in this order. Beside it a record has `Since` and `ClientToken`. Times are milliseconds since 1970.
pub(super) const SHOWN: [&str; 14] = [
    "ActionAfterCompletion",
    "Arn",
    "CreationDate",
    "Description",
    "EndDate",
    "FlexibleTimeWindow",
    "GroupName",
    "LastModificationDate",
    "Name",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "State",
    "Target",
];

pub(super) fn schedule_arn(scope: &Scope, group: &str, name: &str) -> String {
    format!("arn:{}:scheduler:{}:{}:schedule/{group}/{name}", scope.partition, scope.region, scope.account)
}

pub(super) fn group_arn(scope: &Scope, name: &str) -> String {
    format!("arn:{}:scheduler:{}:{}:schedule-group/{name}", scope.partition, scope.region, scope.account)
}

/// A schedule's record.
#[derive(Clone, Debug)]
pub(super) struct Schedule(pub Object);

impl Schedule {
    /// Of a CreateSchedule or UpdateSchedule, with AWS's defaults.
    pub fn given(scope: &Scope, members: Members<'_>, now: i64) -> Result<Schedule, Fault> {
        if members.has("KmsKeyArn") {
            return Err(validation(
                "This server encrypts nothing with keys of KMS: leave KmsKeyArn out, and encrypt the disk of its data.",
            ));
        }
        let name = members.required("Name")?;
        let group = members.text("GroupName").unwrap_or(DEFAULT_GROUP);
        let mut record =
            members.pick(&["Description", "FlexibleTimeWindow", "ScheduleExpression", "ClientToken"]);
        record.insert("Name", name);
        record.insert("GroupName", group);
        record.insert("Arn", schedule_arn(scope, group, name));
        record.insert("State", members.text("State").unwrap_or("ENABLED"));
        record.insert("ActionAfterCompletion", members.text("ActionAfterCompletion").unwrap_or("NONE"));
        let zone = members.text("ScheduleExpressionTimezone").unwrap_or("UTC");
        record.insert("ScheduleExpressionTimezone", zone);
        for name in ["StartDate", "EndDate"] {
            if let Some(time) = members.time(name) {
                record.insert(name, time);
            }
        }
        record.insert("CreationDate", now);
        record.insert("LastModificationDate", now);
        record.insert("Since", now);
        record.insert("Target", target(members.0.get("Target").unwrap_or(&Value::Null))?);
        let schedule = Schedule(record);
        schedule.check_dates(now)?;
        schedule.timing()?;
        Ok(schedule)
    }

    /// Of what was stored; nothing if that cannot be read.
    pub fn read(bytes: &[u8]) -> Option<Schedule> {
        match Value::parse_bytes(bytes) {
            Ok(Value::Object(record)) => Some(Schedule(record)),
            Ok(_) | Err(_) => None,
        }
    }

    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn integer(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_i64)
    }

    pub fn target(&self) -> &Value {
        self.0.get("Target").unwrap_or(&Value::Null)
    }

    pub fn is_enabled(&self) -> bool {
        self.text("State") != "DISABLED"
    }

    /// Whether two are due at the same times, but for where a rate begins.
    pub fn is_timed_as(&self, other: &Schedule) -> bool {
        let names = ["ScheduleExpression", "ScheduleExpressionTimezone", "StartDate"];
        names.iter().all(|name| self.0.get(name) == other.0.get(name))
    }

    fn check_dates(&self, now: i64) -> Result<(), Fault> {
        let (start, end) = (self.integer("StartDate"), self.integer("EndDate"));
        if start.is_some_and(|start| start < now - START_AGO_MAX) {
            return Err(validation("The StartDate you specify cannot be earlier than 5 minutes ago."));
        }
        if end.is_some_and(|end| end < now) {
            return Err(validation("The EndDate you specify must be in the future."));
        }
        if start.zip(end).is_some_and(|(start, end)| start >= end) {
            return Err(validation("The StartDate you specify must come before the EndDate."));
        }
        Ok(())
    }

    /// When it is due.
    pub fn timing(&self) -> Result<Timing, Fault> {
        let expression = self.text("ScheduleExpression");
        let invalid = |_| validation(format!("Invalid Schedule Expression {expression}."));
        let zone = self.text("ScheduleExpressionTimezone");
        let no_zone = || validation(format!("Invalid Schedule Expression Timezone {zone}."));
        let start = self.integer("StartDate").or(self.integer("Since")).unwrap_or_default();
        // A rate begins in the second in which it was made, and not before StartDate.
        let start = start.div_euclid(1_000);
        let spread = self.text("Arn").bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        Ok(Timing {
            schedule: events::Schedule::parse(expression).map_err(invalid)?,
            zone: Zone::named(zone).ok_or_else(no_zone)?,
            start,
            end: self.integer("EndDate").map(|end| end.div_euclid(1_000)),
            window: self.window()?,
            spread,
        })
    }

    fn window(&self) -> Result<FlexibleWindow, Fault> {
        let window = self.0.get("FlexibleTimeWindow").unwrap_or(&Value::Null);
        let minutes = Members(window).integer("MaximumWindowInMinutes");
        match (Members(window).text("Mode"), minutes) {
            (Some("FLEXIBLE"), Some(minutes)) => match u16::try_from(minutes) {
                Ok(minutes @ 1..=FlexibleWindow::MINUTES_MAX) => Ok(FlexibleWindow::Minutes(minutes)),
                Ok(_) | Err(_) => Err(validation("MaximumWindowInMinutes must be between 1 and 1440.")),
            },
            (Some("FLEXIBLE"), None) => {
                Err(validation("MaximumWindowInMinutes must be specified for a flexible time window."))
            }
            (_, Some(_)) => Err(validation(
                "MaximumWindowInMinutes must not be specified if the flexible time window is OFF.",
            )),
            (_, None) => Ok(FlexibleWindow::Off),
        }
    }
}

/// A target that we can call, with AWS's RetryPolicy where it has none.
fn target(given: &Value) -> Result<Value, Fault> {
    let members = Members(given);
    let arn = members.required("Arn")?;
    let kind = match Target::of(arn) {
        Ok(kind @ (Target::LogGroup | Target::ApiDestination)) => {
            return Err(validation(format!(
                "The target {arn} ({kind:?}) can be called by rules of EventBridge only."
            )));
        }
        Ok(kind) => kind,
        Err(NoTarget::Malformed) => return Err(validation(format!("The target {arn} is no valid ARN."))),
        Err(NoTarget::Unsupported { kind }) => {
            return Err(validation(format!(
                "This server calls no targets of the kind {kind}: use a universal target (arn:aws:scheduler:::aws-sdk:SERVICE:ACTION), or \
                 start a state machine that makes the call."
            )));
        }
        Err(NoTarget::NoOperation { name }) => {
            return Err(validation(format!("The target {arn} is not valid: there is no operation {name}.")));
        }
    };
    check_parameters(members, arn, &kind)?;
    let mut target = given.as_object().cloned().unwrap_or_default();
    let policy = target.get("RetryPolicy").and_then(Value::as_object).cloned().unwrap_or_default();
    let or = |name: &str, default: i64| policy.get(name).and_then(Value::as_i64).unwrap_or(default);
    let policy = json::value!({
        "MaximumEventAgeInSeconds": (or("MaximumEventAgeInSeconds", 86_400)),
        "MaximumRetryAttempts": (or("MaximumRetryAttempts", 185)),
    });
    target.insert("RetryPolicy", policy);
    Ok(Value::Object(target))
}

fn check_parameters(members: Members<'_>, arn: &str, kind: &Target) -> Result<(), Fault> {
    for name in ["EcsParameters", "SageMakerPipelineParameters"] {
        if members.has(name) {
            return Err(validation(format!(
                "This server calls no targets that would use {name}: leave it out."
            )));
        }
    }
    let required = |name: &str| match members.has(name) {
        true => Ok(()),
        false => Err(validation(format!("The target {arn} needs {name}."))),
    };
    match kind {
        Target::Queue if arn.ends_with(".fifo") => required("SqsParameters")?,
        Target::Bus => {
            required("EventBridgeParameters")?;
            required("Input")?;
        }
        Target::Stream => required("KinesisParameters")?,
        Target::JobQueue => {
            return Err(validation(format!(
                "The target {arn} is called as arn:aws:scheduler:::aws-sdk:batch:submitJob."
            )));
        }
        Target::Operation { service, operation } => {
            if reads_only(operation) {
                return Err(validation(format!(
                    "{service}:{operation} only reads, and EventBridge Scheduler calls no such operations."
                )));
            }
            required("Input")?;
            if !matches!(members.text("Input").map(Value::parse), Some(Ok(Value::Object(_)))) {
                return Err(validation(format!("The Input of the target {arn} must be a JSON object.")));
            }
        }
        _ => {}
    }
    Ok(())
}

/// (EventBridge Scheduler user guide, "Using universal targets": unsupported operations)
fn reads_only(operation: &str) -> bool {
    const PREFIXES: [&str; 20] = [
        "Get",
        "Describe",
        "List",
        "Poll",
        "Receive",
        "Search",
        "Scan",
        "Query",
        "Select",
        "Read",
        "Lookup",
        "Discover",
        "Validate",
        "BatchGet",
        "BatchDescribe",
        "BatchRead",
        "TransactGet",
        "AdminGet",
        "AdminList",
        "Retrieve",
    ];
    PREFIXES.iter().any(|prefix| operation.starts_with(prefix))
}
