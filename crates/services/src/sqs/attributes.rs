//! A queue's attributes: their names, their bounds, what they are without being set.

use std::collections::BTreeMap;

use json::{Object, Text, Value};

use super::fault::{invalid_parameter, invalid_value};
use super::queue::Rules;
use super::redrive::{RedriveAllowPolicy, RedrivePolicy};
use crate::Fault;

/// What was set, each checked; all else has its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes(BTreeMap<&'static str, String>);

/// What a value may be.
enum Bound {
    /// A whole number from … to …, and the default.
    Number(i64, i64, i64),
    /// `true` or `false`; `true` in FIFO queues only, where the flag says so.
    Flag {
        of_fifo: bool,
    },
    /// One of these; FIFO queues only.
    Choice(&'static [&'static str]),
    /// A JSON object; nothing is made of it.
    Json,
    RedrivePolicy,
    RedriveAllowPolicy,
    /// Only empty: there is no such service here.
    Kms,
}

/// (spec/event-routers.md §1; the order of AWS's guide)
const KNOWN: [(&str, Bound); 15] = [
    ("VisibilityTimeout", Bound::Number(0, 43_200, 30)),
    ("MaximumMessageSize", Bound::Number(1_024, 1_048_576, 1_048_576)),
    ("MessageRetentionPeriod", Bound::Number(60, 1_209_600, 345_600)),
    ("DelaySeconds", Bound::Number(0, 900, 0)),
    ("ReceiveMessageWaitTimeSeconds", Bound::Number(0, 20, 0)),
    ("KmsDataKeyReusePeriodSeconds", Bound::Number(60, 86_400, 300)),
    ("Policy", Bound::Json),
    ("RedrivePolicy", Bound::RedrivePolicy),
    ("RedriveAllowPolicy", Bound::RedriveAllowPolicy),
    ("FifoQueue", Bound::Flag { of_fifo: true }),
    ("ContentBasedDeduplication", Bound::Flag { of_fifo: true }),
    ("DeduplicationScope", Bound::Choice(&["queue", "messageGroup"])),
    ("FifoThroughputLimit", Bound::Choice(&["perQueue", "perMessageGroupId"])),
    ("KmsMasterKeyId", Bound::Kms),
    ("SqsManagedSseEnabled", Bound::Flag { of_fifo: false }),
];

/// Those that tell how the queue is, and cannot be set.
pub(crate) const TOLD: [&str; 6] = [
    "QueueArn",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
];

/// How many messages may be in flight. (spec/event-routers.md §1)
const IN_FLIGHT_MAX: usize = 120_000;
const IN_FLIGHT_MAX_FIFO: usize = 20_000;

fn bound(name: &str) -> Option<(&'static str, &'static Bound)> {
    let found = KNOWN.iter().find(|(known, _)| *known == name);
    found.map(|(name, bound)| (*name, bound))
}

fn unknown(name: &str) -> Fault {
    Fault::new("InvalidAttributeName", format!("Unknown Attribute {name}."))
}

/// Whether there is such an attribute to be asked for.
pub(crate) fn check_name(name: &str) -> Result<(), Fault> {
    if name == "All" || TOLD.contains(&name) || bound(name).is_some() { Ok(()) } else { Err(unknown(name)) }
}

impl Attributes {
    /// Those of a new queue.
    pub fn of_new(queue_name: &str, input: Option<&Object>) -> Result<Attributes, Fault> {
        let mut attributes = Attributes::default();
        let is_fifo = input.and_then(|input| input.get("FifoQueue")).and_then(Value::as_str) == Some("true");
        check_queue_name(queue_name, is_fifo)?;
        for (name, value) in input.into_iter().flatten() {
            attributes.set(name, value.as_str().unwrap_or_default(), is_fifo)?;
        }
        attributes.check_together()?;
        Ok(attributes)
    }

    /// With others set.
    pub fn with(&self, input: &Object) -> Result<Attributes, Fault> {
        let mut attributes = self.clone();
        for (name, value) in input {
            if name == "FifoQueue" && value.as_str() != self.0.get("FifoQueue").map(String::as_str) {
                return Err(unknown(name));
            }
            attributes.set(name, value.as_str().unwrap_or_default(), self.is_fifo())?;
        }
        attributes.check_together()?;
        Ok(attributes)
    }

    fn set(&mut self, name: &str, value: &str, is_fifo: bool) -> Result<(), Fault> {
        let (name, bound) = bound(name).ok_or_else(|| unknown(name))?;
        let invalid =
            || Fault::new("InvalidAttributeValue", format!("Invalid value for the parameter {name}."));
        let fifo_only = || {
            Fault::new(
                "InvalidAttributeName",
                format!("You can specify the {name} only when FifoQueue is set to true."),
            )
        };
        let value = match bound {
            Bound::Number(min, max, _) => {
                let number = value.parse().ok().filter(|number| (min..=max).contains(&number));
                number.ok_or_else(invalid)?.to_string()
            }
            Bound::Flag { of_fifo } => {
                let value = value.to_ascii_lowercase();
                match (value.as_str(), *of_fifo && !is_fifo) {
                    // AWS has no queues that are told not to be FIFO.
                    ("false", true) if name == "FifoQueue" => return Err(unknown(name)),
                    ("true" | "false", true) => return Err(fifo_only()),
                    ("true" | "false", false) => value,
                    _ => return Err(invalid()),
                }
            }
            Bound::Choice(_) if !is_fifo => return Err(fifo_only()),
            Bound::Choice(choices) if choices.contains(&value) => value.to_owned(),
            Bound::Choice(_) => return Err(invalid()),
            Bound::Json if value.is_empty() || is_object(value) => value.to_owned(),
            Bound::Json => return Err(invalid()),
            Bound::RedrivePolicy if value.is_empty() => String::new(),
            Bound::RedrivePolicy => RedrivePolicy::parse(value).map(|policy| policy.to_text())?,
            Bound::RedriveAllowPolicy if value.is_empty() => String::new(),
            Bound::RedriveAllowPolicy => RedriveAllowPolicy::parse(value).map(|_| value.to_owned())?,
            Bound::Kms if value.is_empty() => String::new(),
            Bound::Kms => {
                let message = "Stepwell has no KMS keys to encrypt messages with: leave KmsMasterKeyId out, \
                               and let the disk be encrypted";
                return Err(Fault::new("InvalidAttributeValue", message));
            }
        };
        if value.is_empty() {
            self.0.remove(name);
        } else {
            self.0.insert(name, value);
        }
        Ok(())
    }

    fn check_together(&self) -> Result<(), Fault> {
        let is = |name: &str, value: &str| self.0.get(name).is_some_and(|set| set == value);
        if is("FifoThroughputLimit", "perMessageGroupId") && !is("DeduplicationScope", "messageGroup") {
            return Err(Fault::new(
                "InvalidAttributeValue",
                "The perMessageGroupId value for FifoThroughputLimit is allowed only when the value for \
                 DeduplicationScope is messageGroup.",
            ));
        }
        Ok(())
    }

    /// The first that is another in `other`, among those that `other` has set.
    pub fn first_other(&self, other: &Attributes) -> Option<&'static str> {
        let differs = |name: &&'static str| other.shown(name) != self.shown(name);
        other.0.keys().copied().find(differs)
    }

    pub fn is_fifo(&self) -> bool {
        self.flag("FifoQueue")
    }

    pub fn flag(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| value == "true")
    }

    /// Whether deduplication ids count within a group only.
    pub fn deduplicates_by_group(&self) -> bool {
        self.0.get("DeduplicationScope").is_some_and(|scope| scope == "messageGroup")
    }

    /// One that is a number.
    pub fn number(&self, name: &str) -> i64 {
        let default = match bound(name) {
            Some((_, Bound::Number(_, _, default))) => *default,
            _ => unreachable!("{name} is a number among the known attributes"),
        };
        self.0.get(name).map_or(default, |value| value.parse().expect("it was checked when it was set"))
    }

    pub fn redrive(&self) -> Option<RedrivePolicy> {
        self.0.get("RedrivePolicy").and_then(|policy| RedrivePolicy::parse(policy).ok())
    }

    pub fn redrive_allow(&self) -> Option<RedriveAllowPolicy> {
        self.0.get("RedriveAllowPolicy").and_then(|policy| RedriveAllowPolicy::parse(policy).ok())
    }

    /// What they mean for messages.
    pub fn rules(&self) -> Rules {
        Rules {
            retention: self.number("MessageRetentionPeriod") * 1_000,
            receives_max: self.redrive().map(|policy| policy.receives_max),
            in_flight_max: if self.is_fifo() { IN_FLIGHT_MAX_FIFO } else { IN_FLIGHT_MAX },
        }
    }

    /// The policy, which is kept and shown.
    pub fn policy(&self) -> Option<&str> {
        self.0.get("Policy").map(String::as_str)
    }

    /// Another policy; none if it is empty.
    pub fn with_policy(&self, policy: String) -> Attributes {
        let mut attributes = self.clone();
        match policy.is_empty() {
            true => attributes.0.remove("Policy"),
            false => attributes.0.insert("Policy", policy),
        };
        attributes
    }

    /// As GetQueueAttributes shows one; nothing where AWS shows nothing.
    pub fn shown(&self, name: &str) -> Option<String> {
        if let Some(value) = self.0.get(name) {
            return Some(value.clone());
        }
        match bound(name)? {
            // Only where there is a key.
            ("KmsDataKeyReusePeriodSeconds", _) => None,
            (_, Bound::Number(_, _, default)) => Some(default.to_string()),
            ("SqsManagedSseEnabled", _) => Some("true".to_owned()),
            ("ContentBasedDeduplication", _) if self.is_fifo() => Some("false".to_owned()),
            ("DeduplicationScope", _) if self.is_fifo() => Some("queue".to_owned()),
            ("FifoThroughputLimit", _) if self.is_fifo() => Some("perQueue".to_owned()),
            _ => None,
        }
    }

    /// The names of all.
    pub fn names() -> impl Iterator<Item = &'static str> {
        KNOWN.iter().map(|(name, _)| *name)
    }

    /// As the ledger has them.
    pub fn to_value(&self) -> Value {
        Value::Object(self.0.iter().map(|(name, value)| (Text::from(*name), value.clone())).collect())
    }

    /// Reads what [`to_value`](Attributes::to_value) wrote.
    pub fn from_value(value: &Value) -> Option<Attributes> {
        let members = value.as_object()?.iter();
        let read = |(name, value): (&Text, &Value)| Some((bound(name)?.0, value.as_str()?.to_owned()));
        members.map(read).collect::<Option<_>>().map(Attributes)
    }
}

fn is_object(text: &str) -> bool {
    Value::parse(text).is_ok_and(|value| value.is_object())
}

/// (spec/event-routers.md §1)
fn check_queue_name(name: &str, is_fifo: bool) -> Result<(), Fault> {
    let stem = if is_fifo { name.strip_suffix(".fifo") } else { Some(name) };
    let is_good = |stem: &str| {
        !stem.is_empty()
            && name.len() <= 80
            && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if stem.is_some_and(is_good) {
        return Ok(());
    }
    Err(invalid_parameter(if is_fifo {
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end \
         with .fifo suffix and be 1 to 80 in length."
    } else {
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
    }))
}

/// A number that a request may give instead of the queue's attribute.
pub(crate) fn check_number(value: i64, name: &str, max: i64) -> Result<i64, Fault> {
    if (0..=max).contains(&value) {
        return Ok(value);
    }
    let reason = match name {
        "DelaySeconds" => format!("DelaySeconds must be >= 0 and <= {max}."),
        "WaitTimeSeconds" => format!("Must be >= 0 and <= {max}, if provided."),
        _ => format!("Must be between 0 and {max}, if provided."),
    };
    Err(invalid_value(&value.to_string(), name, &reason))
}
