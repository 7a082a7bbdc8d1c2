//! A topic: its attributes, and which of them it may have.

use std::collections::BTreeMap;

use json::{Object, Text, Value};

use super::delivery_policy::{DeliveryPolicy, Retries};
use super::fault::invalid;
use super::names;
use super::policy;
use super::subscription::Subscription;
use crate::Fault;

const DISPLAY_NAME_LENGTH_MAX: usize = 100;

/// A topic with its subscriptions.
#[derive(Clone, Debug)]
pub(crate) struct Topic {
    pub settings: Settings,
    /// By ARN.
    pub subscriptions: BTreeMap<Text, Subscription>,
}

/// What is said of a topic itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    pub arn: Text,
    /// As they were given. All of them are good.
    pub attributes: BTreeMap<Text, Text>,
    pub tags: BTreeMap<Text, Text>,
    /// How many subscriptions it had that are gone.
    pub deleted: u64,
}

/// How signatures are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SignatureVersion {
    /// SHA-1 with RSA.
    #[default]
    One,
    /// SHA-256 with RSA.
    Two,
}

impl SignatureVersion {
    /// As envelopes have it.
    pub fn name(self) -> &'static str {
        match self {
            SignatureVersion::One => "1",
            SignatureVersion::Two => "2",
        }
    }
}

impl Settings {
    /// A topic without attributes.
    pub fn new(arn: Text) -> Settings {
        Settings { arn, ..Settings::default() }
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(Text::as_str).filter(|value| !value.is_empty())
    }

    pub fn is_fifo(&self) -> bool {
        self.arn.ends_with(".fifo")
    }

    /// Whether a message without a deduplication id has the hash of its body instead.
    pub fn deduplicates_by_content(&self) -> bool {
        self.attribute("ContentBasedDeduplication") == Some("true")
    }

    /// Whether messages are duplicates only within their group.
    pub fn deduplicates_by_group(&self) -> bool {
        self.attribute("FifoThroughputScope") == Some("MessageGroup")
    }

    pub fn signature_version(&self) -> SignatureVersion {
        match self.attribute("SignatureVersion") {
            Some("2") => SignatureVersion::Two,
            _ => SignatureVersion::One,
        }
    }

    pub fn delivery_policy(&self) -> DeliveryPolicy {
        let policy = self.attribute("DeliveryPolicy").map(DeliveryPolicy::of_topic);
        policy.and_then(Result::ok).unwrap_or_default()
    }

    /// Sets an attribute, as SetTopicAttributes does and CreateTopic for each of its. An empty value takes it back.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        check(name, value, self.is_fifo())?;
        if value.is_empty() {
            self.attributes.remove(name);
        } else {
            self.attributes.insert(name.into(), value.into());
        }
        Ok(())
    }

    /// What GetTopicAttributes says.
    pub fn shown(&self, confirmed: usize, pending: usize) -> Object {
        let owner = names::account_of(&self.arn);
        let mut shown = Object::new();
        let mut say = |name: &str, value: &str| drop(shown.insert(name, value));
        say("TopicArn", &self.arn);
        say("Owner", owner);
        say("DisplayName", "");
        say("Policy", &policy::of_owner(&self.arn, owner).to_text());
        say("SubscriptionsConfirmed", &confirmed.to_string());
        say("SubscriptionsPending", &pending.to_string());
        say("SubscriptionsDeleted", &self.deleted.to_string());
        say("EffectiveDeliveryPolicy", &self.effective_delivery_policy().to_text());
        if self.is_fifo() {
            say("ContentBasedDeduplication", "false");
            say("FifoTopic", "true");
            say("FifoThroughputScope", "Topic");
        }
        self.attributes.iter().for_each(|(name, value)| say(name, value));
        shown
    }

    fn effective_delivery_policy(&self) -> Value {
        let policy = self.delivery_policy();
        let content_type = policy.content_type.as_deref().unwrap_or(DEFAULT_CONTENT_TYPE);
        let mut http = Object::new();
        http.insert("defaultHealthyRetryPolicy", policy.retries.unwrap_or(Retries::HTTP).to_value());
        http.insert("disableSubscriptionOverrides", policy.overrides_disabled);
        if let Some(rate) = policy.per_second {
            http.insert("defaultThrottlePolicy", json::value!({ "maxReceivesPerSecond": rate }));
        }
        http.insert("defaultRequestPolicy", json::value!({ "headerContentType": content_type }));
        json::value!({ "http": http })
    }
}

/// Of notifications by HTTP.
pub(super) const DEFAULT_CONTENT_TYPE: &str = "text/plain; charset=UTF-8";

/// Whether a topic may have this attribute with this value.
fn check(name: &str, value: &str, is_fifo: bool) -> Result<(), Fault> {
    let wrong = |why: &str| Err(invalid(format!("Attributes Reason: {name}: {why}")));
    let one_of = |values: &[&str]| match value.is_empty() || values.contains(&value) {
        true => Ok(()),
        false => wrong(&format!("Invalid value [{value}]. Must be {}.", values.join(" or "))),
    };
    match name {
        "DisplayName" if value.chars().count() > DISPLAY_NAME_LENGTH_MAX => {
            wrong("it may have 100 characters")
        }
        "DisplayName" => Ok(()),
        "Policy" if value.is_empty() => Ok(()),
        "Policy" => policy::check(value),
        "DeliveryPolicy" if value.is_empty() => Ok(()),
        "DeliveryPolicy" => match DeliveryPolicy::of_topic(value) {
            Ok(_) => Ok(()),
            Err(why) => Err(invalid(format!("DeliveryPolicy: {why}"))),
        },
        "SignatureVersion" => one_of(&["1", "2"]),
        "ContentBasedDeduplication" if is_fifo => one_of(&["true", "false"]),
        "FifoThroughputScope" if is_fifo => one_of(&["Topic", "MessageGroup"]),
        "ContentBasedDeduplication" | "FifoThroughputScope" => wrong("only FIFO topics have it"),
        "FifoTopic" => wrong("it is settled when the topic is created"),
        "TracingConfig" if matches!(value, "" | "PassThrough") => Ok(()),
        "KmsMasterKeyId" | "ArchivePolicy" if matches!(value, "" | "{}") => Ok(()),
        "TracingConfig" | "KmsMasterKeyId" | "ArchivePolicy" => {
            wrong("Stepwell has neither X-Ray, keys of KMS, nor archives of topics: leave it out")
        }
        _ if is_feedback(name) => match value {
            "" => Ok(()),
            _ => wrong(
                "Stepwell does not write delivery status to CloudWatch Logs, but failures to its own log: leave it out",
            ),
        },
        _ => Err(invalid("AttributeName")),
    }
}

/// `SQSFailureFeedbackRoleArn` and its kind.
fn is_feedback(name: &str) -> bool {
    let of_protocol = ["HTTP", "Firehose", "Lambda", "Application", "SQS"];
    let rest = of_protocol.iter().find_map(|protocol| name.strip_prefix(protocol));
    matches!(rest, Some("SuccessFeedbackRoleArn" | "SuccessFeedbackSampleRate" | "FailureFeedbackRoleArn"))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn topic(name: &str) -> Settings {
        Settings::new(format!("arn:aws:sns:us-east-1:123456789012:{name}").into())
    }

    #[test]
    fn what_is_shown_of_a_topic() {
        let mut settings = topic("t.fifo");
        settings.set("DisplayName", "Orders").unwrap();
        settings.set("ContentBasedDeduplication", "true").unwrap();
        let shown: Vec<String> = settings
            .shown(2, 1)
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.as_str().unwrap()))
            .collect();
        expect![[r#"
            TopicArn: arn:aws:sns:us-east-1:123456789012:t.fifo
            Owner: 123456789012
            DisplayName: Orders
            Policy: {"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"arn:aws:sns:us-east-1:123456789012:t.fifo","Condition":{"StringEquals":{"AWS:SourceOwner":"123456789012"}}}]}
            SubscriptionsConfirmed: 2
            SubscriptionsPending: 1
            SubscriptionsDeleted: 0
            EffectiveDeliveryPolicy: {"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":20,"numRetries":50,"numMaxDelayRetries":35,"numNoDelayRetries":3,"numMinDelayRetries":2,"backoffFunction":"exponential"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}
            ContentBasedDeduplication: true
            FifoTopic: true
            FifoThroughputScope: Topic"#]]
        .assert_eq(&shown.join("\n"));
    }

    #[test]
    fn attributes_are_checked() {
        for (name, value, why) in [
            ("Colour", "red", "AttributeName"),
            (
                "SignatureVersion",
                "3",
                "Attributes Reason: SignatureVersion: Invalid value [3]. Must be 1 or 2.",
            ),
            ("FifoTopic", "true", "Attributes Reason: FifoTopic: it is settled when the topic is created"),
            (
                "ContentBasedDeduplication",
                "true",
                "Attributes Reason: ContentBasedDeduplication: only FIFO topics have it",
            ),
            ("Policy", "{", "Policy Error: null"),
            ("DeliveryPolicy", "[]", "DeliveryPolicy: it must be a JSON object"),
            (
                "KmsMasterKeyId",
                "alias/aws/sns",
                "Attributes Reason: KmsMasterKeyId: Stepwell has neither X-Ray, keys of KMS, nor archives of topics: leave \
                 it out",
            ),
        ] {
            let fault = topic("t").set(name, value).unwrap_err();
            assert_eq!(fault.message, format!("Invalid parameter: {why}"));
        }
        let mut settings = topic("t");
        for value in ["2", ""] {
            settings.set("SignatureVersion", value).unwrap();
        }
        assert_eq!(settings, topic("t"));
    }
}
