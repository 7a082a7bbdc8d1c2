//! How a function is called when nobody waits: how often, how long, and who hears what came of it.

use json::{Object, Text, Value};

use super::fault::invalid_value;
use crate::Fault;
use crate::delivery::Target;

/// AWS's defaults, and bounds.
const RETRIES: u32 = 2;
const AGE_SECONDS: u32 = 21_600;
const AGE_SECONDS_MIN: u32 = 60;

/// What PutFunctionEventInvokeConfig says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct EventConfig {
    retries: Option<u32>,
    age_seconds: Option<u32>,
    /// ARNs.
    pub on_success: Option<Text>,
    pub on_failure: Option<Text>,
    /// In milliseconds since 1970.
    modified: i64,
}

impl EventConfig {
    /// How often a function that failed is tried again.
    pub fn retries(&self) -> u32 {
        self.retries.unwrap_or(RETRIES)
    }

    /// How old an event may become, in milliseconds.
    pub fn age_milliseconds(&self) -> i64 {
        i64::from(self.age_seconds.unwrap_or(AGE_SECONDS)) * 1_000
    }

    /// With what an input says instead; what it leaves out stays.
    pub fn with(&self, input: &Object, now: i64) -> Result<EventConfig, Fault> {
        let number = |name: &str, known: Option<u32>, least: u32, most: u32| match input.get(name) {
            None | Some(Value::Null) => Ok(known),
            Some(value) => match value.as_i64().and_then(|number| u32::try_from(number).ok()) {
                Some(number) if (least..=most).contains(&number) => Ok(Some(number)),
                _ => Err(invalid_value(format!("{name} must be from {least} to {most}"))),
            },
        };
        let destination = |name: &str, known: &Option<Text>| {
            let given =
                input.get("DestinationConfig").and_then(|config| config.get(name)?.get("Destination"));
            match given.and_then(Value::as_str) {
                None => Ok(known.clone()),
                Some("") => Ok(None),
                Some(arn) => match Target::of(arn) {
                    Ok(Target::Queue | Target::Topic | Target::Function | Target::Bus) => {
                        Ok(Some(arn.into()))
                    }
                    _ => Err(invalid_value(format!(
                        "The provided destination config DestinationConfig({name}={arn}) is invalid: it must be the ARN of a \
                         queue of SQS, a topic of SNS, a function, or an event bus"
                    ))),
                },
            }
        };
        Ok(EventConfig {
            retries: number("MaximumRetryAttempts", self.retries, 0, RETRIES)?,
            age_seconds: number("MaximumEventAgeInSeconds", self.age_seconds, AGE_SECONDS_MIN, AGE_SECONDS)?,
            on_success: destination("OnSuccess", &self.on_success)?,
            on_failure: destination("OnFailure", &self.on_failure)?,
            modified: now,
        })
    }

    /// As the API shows it. `arn` is qualified.
    pub fn shown(&self, arn: &str) -> Value {
        let mut shown = Object::new();
        shown.insert("LastModified", self.modified as f64 / 1_000.0);
        shown.insert("FunctionArn", arn);
        if let Some(retries) = self.retries {
            shown.insert("MaximumRetryAttempts", retries);
        }
        if let Some(seconds) = self.age_seconds {
            shown.insert("MaximumEventAgeInSeconds", seconds);
        }
        let destination = |arn: &Option<Text>| match arn {
            Some(arn) => json::value!({ "Destination": (arn.clone()) }),
            None => json::value!({}),
        };
        let config = json::value!({
            "OnSuccess": (destination(&self.on_success)),
            "OnFailure": (destination(&self.on_failure)),
        });
        shown.insert("DestinationConfig", config);
        Value::Object(shown)
    }

    /// As the ledger keeps it.
    pub fn to_record(&self) -> String {
        let mut record = Object::new();
        let mut say = |name: &str, value: Option<Value>| {
            value.map(|value| record.insert(name, value));
        };
        say("retries", self.retries.map(Value::from));
        say("age", self.age_seconds.map(Value::from));
        say("success", self.on_success.clone().map(Value::from));
        say("failure", self.on_failure.clone().map(Value::from));
        say("modified", Some(self.modified.into()));
        Value::Object(record).to_text()
    }

    /// What [`to_record`](EventConfig::to_record) wrote.
    pub fn from_record(bytes: &[u8]) -> Option<EventConfig> {
        let record = Value::parse_bytes(bytes).ok()?;
        let number = |name: &str| record.get(name)?.as_i64()?.try_into().ok();
        let text = |name: &str| Some(Text::from(record.get(name)?.as_str()?));
        Some(EventConfig {
            retries: number("retries"),
            age_seconds: number("age"),
            on_success: text("success"),
            on_failure: text("failure"),
            modified: record.get("modified")?.as_i64()?,
        })
    }
}
