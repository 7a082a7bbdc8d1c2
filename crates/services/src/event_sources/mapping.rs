//! An event source mapping: which queue feeds what, and how.

use aws_names::Arn;
use events::Pattern;
use json::{Array, Object, Text, Value};

use super::fault::invalid;
use crate::{Asker, Fault};

/// A batch of a standard queue, of a FIFO queue, and of one that is not waited for. (documented)
const BATCH_MAX: i64 = 10_000;
const BATCH_MAX_FIFO: i64 = 10;
const BATCH_MAX_AT_ONCE: i64 = 10;

/// How many filters a mapping may have. (documented)
const FILTERS_MAX: usize = 10;

/// A mapping as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    pub id: Text,
    /// Of the mapping itself.
    pub arn: Text,
    pub queue_arn: Text,
    /// A function with its qualifier, or a state machine.
    pub target_arn: Text,
    pub is_enabled: bool,
    /// At most so many messages together.
    pub batch: i64,
    /// How long a batch is filled, in seconds.
    pub window: i64,
    /// Whether the function says which messages failed.
    pub reports_failures: bool,
    /// How many batches are worked on at once.
    pub concurrency: Option<i64>,
    /// The texts of patterns, of which one must match.
    pub filters: Vec<String>,
    /// In milliseconds since 1970.
    pub modified: i64,
}

/// What is fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target<'m> {
    Function(&'m str),
    /// Not on AWS: an execution for each batch.
    StateMachine(&'m str),
}

/// What a queue cannot use, and must not be given: it belongs to streams, Kafka and the like, or to what is not here.
const OTHERS: [&str; 20] = [
    "AmazonManagedKafkaEventSourceConfig",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "DocumentDBEventSourceConfig",
    "KMSKeyArn",
    "LoggingConfig",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MetricsConfig",
    "ParallelizationFactor",
    "ProvisionedPollerConfig",
    "Queues",
    "SelfManagedEventSource",
    "SelfManagedKafkaEventSourceConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Tags",
    "Topics",
    "TumblingWindowInSeconds",
];

impl Mapping {
    /// A new one, from the input of CreateEventSourceMapping.
    pub fn create(input: &Object, id: &str, asker: &Asker, now: i64) -> Result<Mapping, Fault> {
        let queue_arn = input.get("EventSourceArn").and_then(Value::as_str).unwrap_or_default();
        let is_queue = Arn::parse(queue_arn).is_ok_and(|arn| arn.service == "sqs");
        if !is_queue {
            return Err(invalid(format!(
                "Unrecognized event source: {queue_arn:?}. Stepwell feeds functions from queues of SQS: give a queue's ARN as \
                 EventSourceArn"
            )));
        }
        let mut mapping = Mapping {
            id: id.into(),
            arn: format!("arn:aws:lambda:{}:{}:event-source-mapping:{id}", asker.region, asker.account)
                .into(),
            queue_arn: queue_arn.into(),
            target_arn: Text::default(),
            is_enabled: true,
            batch: 10,
            window: 0,
            reports_failures: false,
            concurrency: None,
            filters: Vec::new(),
            modified: now,
        };
        if !input.contains_key("FunctionName") {
            return Err(invalid("FunctionName is missing"));
        }
        mapping.set(input, asker)?;
        Ok(mapping)
    }

    /// As UpdateEventSourceMapping changes it.
    pub fn update(&self, input: &Object, asker: &Asker, now: i64) -> Result<Mapping, Fault> {
        let mut mapping = Mapping { modified: now, ..self.clone() };
        mapping.set(input, asker)?;
        Ok(mapping)
    }

    fn set(&mut self, input: &Object, asker: &Asker) -> Result<(), Fault> {
        let has = |name: &&str| input.get(name).is_some_and(|value| !value.is_null());
        if let Some(other) = OTHERS.iter().copied().find(has) {
            return Err(invalid(format!(
                "{other} is not supported by Stepwell for queues of SQS: leave it out"
            )));
        }
        if let Some(name) = input.get("FunctionName").and_then(Value::as_str) {
            self.target_arn = target_arn(name, asker)?.into();
        }
        if let Some(is_enabled) = input.get("Enabled").and_then(Value::as_bool) {
            self.is_enabled = is_enabled;
        }
        let number = |name: &str| input.get(name).and_then(Value::as_i64);
        self.window = number("MaximumBatchingWindowInSeconds").unwrap_or(self.window);
        self.batch = number("BatchSize").unwrap_or(self.batch);
        if let Some(types) = input.get("FunctionResponseTypes").and_then(Value::as_array) {
            self.reports_failures = types.iter().any(|kind| kind.as_str() == Some("ReportBatchItemFailures"));
        }
        if let Some(scaling) = input.get("ScalingConfig").and_then(Value::as_object) {
            self.concurrency = scaling.get("MaximumConcurrency").and_then(Value::as_i64);
        }
        if let Some(criteria) = input.get("FilterCriteria").and_then(Value::as_object) {
            let filters = criteria.get("Filters").and_then(Value::as_array).cloned().unwrap_or_default();
            let pattern = |filter: &Value| filter.get("Pattern").and_then(Value::as_str).map(str::to_owned);
            self.filters = filters.iter().filter_map(pattern).collect();
        }
        self.check()
    }

    fn check(&self) -> Result<(), Fault> {
        let is_fifo = self.queue_arn.ends_with(".fifo");
        if !(0..=300).contains(&self.window) {
            return Err(invalid("Maximum batch window must be between 0 and 300 seconds."));
        }
        if is_fifo && self.window > 0 {
            return Err(invalid("Batching window is not supported for FIFO queues."));
        }
        let batch_max = if is_fifo { BATCH_MAX_FIFO } else { BATCH_MAX };
        if !(1..=batch_max).contains(&self.batch) {
            return Err(invalid(format!("Batch size must be between 1 and {batch_max}.")));
        }
        if self.batch > BATCH_MAX_AT_ONCE && self.window == 0 {
            return Err(invalid(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            ));
        }
        if self.concurrency.is_some_and(|concurrency| !(2..=1_000).contains(&concurrency)) {
            return Err(invalid("MaximumConcurrency must be between 2 and 1000."));
        }
        if self.filters.len() > FILTERS_MAX {
            return Err(invalid(format!("There can be at most {FILTERS_MAX} filters.")));
        }
        for filter in &self.filters {
            Pattern::parse(filter).map_err(|_| invalid("Invalid filter pattern definition."))?;
        }
        Ok(())
    }

    pub fn target(&self) -> Target<'_> {
        match self.target_arn.split(':').nth(2) {
            Some("states") => Target::StateMachine(&self.target_arn),
            _ => Target::Function(&self.target_arn),
        }
    }

    /// The patterns; `None` if every message is wanted.
    pub fn patterns(&self) -> Option<Vec<Pattern>> {
        let patterns = self.filters.iter().filter_map(|filter| Pattern::parse(filter).ok());
        (!self.filters.is_empty()).then(|| patterns.collect())
    }

    /// As the API shows it; how it stands depends on what was asked.
    pub fn show(&self, state: &str) -> Value {
        let mut shown = Object::new();
        shown.insert("UUID", &self.id);
        shown.insert("BatchSize", self.batch);
        shown.insert("MaximumBatchingWindowInSeconds", self.window);
        shown.insert("EventSourceArn", &self.queue_arn);
        if !self.filters.is_empty() {
            let filters = self.filters.iter().map(|filter| json::value!({ "Pattern": filter }));
            shown.insert("FilterCriteria", json::value!({ "Filters": (filters.collect::<Value>()) }));
        }
        shown.insert("FunctionArn", &self.target_arn);
        shown.insert("LastModified", self.modified as f64 / 1_000.0);
        shown.insert("State", state);
        shown.insert("StateTransitionReason", "USER_INITIATED");
        let types: &[&str] = if self.reports_failures { &["ReportBatchItemFailures"] } else { &[] };
        shown.insert("FunctionResponseTypes", Array::from_iter(types.iter().map(|kind| Value::from(*kind))));
        if let Some(concurrency) = self.concurrency {
            shown.insert("ScalingConfig", json::value!({ "MaximumConcurrency": concurrency }));
        }
        shown.insert("EventSourceMappingArn", &self.arn);
        Value::Object(shown)
    }

    /// How it stands when nothing is under way.
    pub fn state(&self) -> &'static str {
        if self.is_enabled { "Enabled" } else { "Disabled" }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let value = json::value!({
            "id": &self.id,
            "arn": &self.arn,
            "queue": &self.queue_arn,
            "target": &self.target_arn,
            "enabled": (self.is_enabled),
            "batch": (self.batch),
            "window": (self.window),
            "reportsFailures": (self.reports_failures),
            "concurrency": (self.concurrency),
            "filters": (self.filters.iter().map(Value::from).collect::<Value>()),
            "modified": (self.modified)
        });
        value.to_text().into_bytes()
    }

    /// Reads what [`to_bytes`](Mapping::to_bytes) wrote.
    pub fn from_bytes(bytes: &[u8]) -> Option<Mapping> {
        let value = Value::parse_bytes(bytes).ok()?;
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(Text::from);
        let number = |name: &str| value.get(name).and_then(Value::as_i64);
        let flag = |name: &str| value.get(name).and_then(Value::as_bool);
        let filters = value.get("filters")?.as_array()?.iter();
        Some(Mapping {
            id: text("id")?,
            arn: text("arn")?,
            queue_arn: text("queue")?,
            target_arn: text("target")?,
            is_enabled: flag("enabled")?,
            batch: number("batch")?,
            window: number("window")?,
            reports_failures: flag("reportsFailures")?,
            concurrency: number("concurrency"),
            filters: filters.map(|filter| filter.as_str().map(str::to_owned)).collect::<Option<_>>()?,
            modified: number("modified")?,
        })
    }
}

/// The ARN of a function by any of its names, or of a state machine.
fn target_arn(name: &str, asker: &Asker) -> Result<String, Fault> {
    if let Ok(arn) = Arn::parse(name) {
        let is_known =
            arn.service == "lambda" || arn.service == "states" && arn.resource.starts_with("stateMachine:");
        return if is_known {
            Ok(name.to_owned())
        } else {
            Err(invalid(format!("{name} is the ARN of neither a function nor a state machine")))
        };
    }
    let name = name.split_once(":function:").map_or(name, |(_, rest)| rest);
    Ok(format!("arn:aws:lambda:{}:{}:function:{name}", asker.region, asker.account))
}
