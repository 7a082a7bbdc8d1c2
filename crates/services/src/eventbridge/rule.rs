//! A rule: which events go to which targets, or when one is made.

use std::sync::Arc;

use aws_names::Scope;
use events::{Event, Pattern, Schedule};
use json::{Object, Text, Value};

use super::members::{Members, validation};
use super::names;
use super::rule_target::RuleTarget;
use crate::Fault;

/// AWS's quota. (EventBridge quotas, "Targets per rule")
pub(super) const TARGETS_MAX: usize = 5;

/// A rule, ready to be asked.
#[derive(Debug)]
pub(super) struct Rule {
    pub arn: Text,
    /// What DescribeRule shows, with `Tags`, `Made`, `CreationTime` and `ScheduledSince` (milliseconds since 1970) beside it.
    pub record: Object,
    pub pattern: Option<Pattern>,
    pub schedule: Option<Schedule>,
    /// By Id.
    pub targets: Vec<Arc<RuleTarget>>,
}

impl Rule {
    /// Of its record, in which a schedule and a pattern can be read.
    pub fn new(scope: &Scope, record: Object, targets: Vec<Arc<RuleTarget>>) -> Result<Rule, Fault> {
        let of_record = Value::Object(record.clone());
        let members = Members(&of_record);
        let pattern =
            members.text("EventPattern").filter(|text| !text.is_empty()).map(pattern).transpose()?;
        let schedule = members.text("ScheduleExpression").filter(|text| !text.is_empty());
        let schedule = schedule.map(schedule_of_rule).transpose()?;
        let bus = members.text("EventBusName").unwrap_or(names::DEFAULT_BUS);
        let arn = names::rule(scope, bus, members.required("Name")?).into();
        Ok(Rule { arn, record, pattern, schedule, targets })
    }

    /// Of what was stored.
    pub fn read(scope: &Scope, stored: &Value) -> Result<Rule, Fault> {
        let mut record = stored.as_object().cloned().unwrap_or_default();
        record.remove("Targets");
        let targets = Members(stored).list("Targets");
        let targets =
            targets.map(|target| RuleTarget::read(target).map(Arc::new)).collect::<Result<_, _>>()?;
        Rule::new(scope, record, targets)
    }

    /// To be stored.
    pub fn stored(&self) -> Value {
        let mut record = self.record.clone();
        record.insert(
            "Targets",
            self.targets.iter().map(|target| target.record.clone().into()).collect::<Value>(),
        );
        Value::Object(record)
    }

    pub fn text(&self, name: &str) -> &str {
        self.record.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn name(&self) -> &str {
        self.text("Name")
    }

    pub fn is_enabled(&self) -> bool {
        self.text("State") != "DISABLED"
    }

    /// Whether an event of its bus goes to its targets. Those that the services of AWS itself send through CloudTrail do not exist
    /// here, so both enabled states mean the same.
    pub fn wants(&self, event: &Event) -> bool {
        self.is_enabled() && self.pattern.as_ref().is_some_and(|pattern| pattern.matches(event))
    }

    pub fn target(&self, id: &str) -> Option<&Arc<RuleTarget>> {
        self.targets.iter().find(|target| target.id == id)
    }

    /// What tells a target from one that had its Id before it was removed: what waited for that one is not for this one.
    pub fn made(&self, id: &str) -> &str {
        let made = self.record.get("Made").and_then(|made| made.get(id));
        made.and_then(Value::as_str).unwrap_or_default()
    }

    /// When its schedule began, in seconds since 1970: rates count from there.
    pub fn scheduled_since(&self) -> i64 {
        let since = self.record.get("ScheduledSince").and_then(Value::as_i64);
        since.unwrap_or_default().div_euclid(1_000)
    }
}

/// A pattern, or AWS's sentence about it.
pub(super) fn pattern(text: &str) -> Result<Pattern, Fault> {
    Pattern::parse(text).map_err(|invalid| Fault::new("InvalidEventPatternException", invalid.to_string()))
}

fn schedule_of_rule(text: &str) -> Result<Schedule, Fault> {
    match Schedule::parse(text) {
        Ok(schedule @ (Schedule::Rate { .. } | Schedule::Cron(_))) => Ok(schedule),
        // Only EventBridge Scheduler has at(…).
        Ok(Schedule::At { .. }) | Err(_) => Err(validation("Parameter ScheduleExpression is not valid.")),
    }
}
