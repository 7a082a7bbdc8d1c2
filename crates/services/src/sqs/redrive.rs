//! Where a queue's dead letters go, and who may send them to a queue.

use json::Value;

use super::fault::invalid_value;
use crate::Fault;

/// RedrivePolicy: a message that was received so often goes to another queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RedrivePolicy {
    pub target_arn: String,
    pub receives_max: u32,
}

/// RedriveAllowPolicy: of which queues a queue takes dead letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RedriveAllowPolicy {
    All,
    None,
    /// Of these, by their ARNs.
    Only(Vec<String>),
}

/// How many queues a RedriveAllowPolicy may name. (documented)
const SOURCES_MAX: usize = 10;

impl RedrivePolicy {
    /// Reads the attribute.
    pub fn parse(text: &str) -> Result<RedrivePolicy, Fault> {
        let invalid = |reason: &str| invalid_value(text, "RedrivePolicy", reason);
        let value = Value::parse(text).ok().filter(Value::is_object);
        let value = value.ok_or_else(|| invalid("Redrive policy is not a valid JSON map."))?;
        let missing =
            |name: &str| invalid(&format!("Redrive policy does not contain mandatory attribute: {name}."));
        let target = value.get("deadLetterTargetArn").ok_or_else(|| missing("deadLetterTargetArn"))?;
        let receives = value.get("maxReceiveCount").ok_or_else(|| missing("maxReceiveCount"))?;
        // Both `5` and `"5"` are usual.
        let number = receives.as_i64().or_else(|| receives.as_str().and_then(|text| text.parse().ok()));
        let number = number.filter(|number| (1..=1_000).contains(number)).ok_or_else(|| {
            let given = receives.as_str().map_or_else(|| receives.to_text(), str::to_owned);
            invalid(&format!(
                "Invalid value for maxReceiveCount: {given}, valid values are from 1 to 1000 both inclusive."
            ))
        })?;
        let target_arn = target.as_str().unwrap_or_default().to_owned();
        Ok(RedrivePolicy { target_arn, receives_max: number as u32 })
    }

    /// As AWS shows it.
    pub fn to_text(&self) -> String {
        json::value!({ "deadLetterTargetArn": &self.target_arn, "maxReceiveCount": self.receives_max })
            .to_text()
    }
}

impl RedriveAllowPolicy {
    /// Reads the attribute.
    pub fn parse(text: &str) -> Result<RedriveAllowPolicy, Fault> {
        let invalid = || {
            invalid_value(
                text,
                "RedriveAllowPolicy",
                "Amazon SQS can't create the redrive allow policy, as it’s in an unsupported format.",
            )
        };
        let value = Value::parse(text).map_err(|_| invalid())?;
        let sources = value.get("sourceQueueArns").map(|arns| {
            let arns = arns.as_array().ok_or_else(invalid)?;
            arns.iter().map(|arn| arn.as_str().map(str::to_owned).ok_or_else(invalid)).collect()
        });
        let sources: Option<Vec<String>> = sources.transpose()?;
        match (value.get("redrivePermission").and_then(Value::as_str), sources) {
            (Some("allowAll"), None) => Ok(RedriveAllowPolicy::All),
            (Some("denyAll"), None) => Ok(RedriveAllowPolicy::None),
            (Some("byQueue"), Some(sources)) if (1..=SOURCES_MAX).contains(&sources.len()) => {
                Ok(RedriveAllowPolicy::Only(sources))
            }
            _ => Err(invalid()),
        }
    }

    /// Whether dead letters of this queue are taken.
    pub fn allows(&self, source_arn: &str) -> bool {
        match self {
            RedriveAllowPolicy::All => true,
            RedriveAllowPolicy::None => false,
            RedriveAllowPolicy::Only(sources) => sources.iter().any(|source| source == source_arn),
        }
    }
}
