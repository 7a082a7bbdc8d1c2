//! A subscription: who gets a topic's messages, which, and how.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_names::Arn;
use events::filter_policy::{FilterPolicy, Scope};
use json::{Object, Text, Value};

use super::delivery_policy::{DeliveryPolicy, Retries};
use super::endpoint::Protocol;
use super::fault::invalid;
use super::names;
use super::topic::DEFAULT_CONTENT_TYPE;
use crate::Fault;

/// How long whoever is to get messages has time to agree. (SNS's guide: tokens are valid for two days)
pub(super) const CONFIRMATION_MILLISECONDS_MAX: i64 = 2 * 86_400_000;

/// A subscription.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    /// The topic's, a colon, a UUID.
    pub arn: Text,
    pub protocol: Protocol,
    pub endpoint: Text,
    pub state: State,
    /// What its endpoint confirms with; empty where nobody was asked.
    pub token: Text,
    /// As they were given. All of them are good.
    attributes: BTreeMap<Text, Text>,
    /// What follows from them.
    filter: Option<Arc<FilterPolicy>>,
    delivery: DeliveryPolicy,
}

/// Whether messages are delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Its endpoint has agreed, or need not be asked.
    Confirmed {
        /// Whether the call that agreed was signed.
        authenticated: bool,
        /// Whether only a signed call may end it.
        guarded: bool,
    },
    /// Its endpoint was asked and has not agreed.
    Pending {
        /// From when the token is not valid, in milliseconds since 1970.
        expires: i64,
    },
}

impl Subscription {
    /// A subscription without attributes.
    pub fn new(arn: Text, protocol: Protocol, endpoint: Text, state: State) -> Subscription {
        Subscription {
            arn,
            protocol,
            endpoint,
            state,
            token: Text::default(),
            attributes: BTreeMap::new(),
            filter: None,
            delivery: DeliveryPolicy::default(),
        }
    }

    /// The same in another state.
    pub fn with_state(&self, state: State, token: Text) -> Subscription {
        Subscription { state, token, ..self.clone() }
    }

    pub fn topic_arn(&self) -> &str {
        names::topic_of(&self.arn).unwrap_or_default()
    }

    pub fn attributes(&self) -> &BTreeMap<Text, Text> {
        &self.attributes
    }

    pub fn is_confirmed(&self) -> bool {
        matches!(self.state, State::Confirmed { .. })
    }

    /// Whether it waits for nobody any more.
    pub fn has_expired(&self, now: i64) -> bool {
        matches!(self.state, State::Pending { expires } if expires <= now)
    }

    /// Whether the message's text is sent as it is.
    pub fn is_raw(&self) -> bool {
        self.attribute("RawMessageDelivery") == Some("true")
    }

    /// `None` where it gets all messages.
    pub fn filter(&self) -> Option<&FilterPolicy> {
        self.filter.as_deref()
    }

    /// The ARN of the queue for what cannot be delivered.
    pub fn dead_letter_queue(&self) -> Option<Text> {
        let policy = Value::parse(self.attribute("RedrivePolicy")?).ok()?;
        Some(policy.get("deadLetterTargetArn")?.as_str()?.into())
    }

    /// When what failed is tried again; the topic's policy stands behind its own.
    pub fn retries(&self, of_topic: &DeliveryPolicy) -> Retries {
        if !self.protocol.is_http() {
            return Retries::MANAGED;
        }
        self.own_policy(of_topic).retries.or(of_topic.retries).unwrap_or(Retries::HTTP)
    }

    pub fn content_type<'s>(&'s self, of_topic: &'s DeliveryPolicy) -> &'s str {
        let own = self.delivery.content_type.as_deref().filter(|_| !of_topic.overrides_disabled);
        own.or(of_topic.content_type.as_deref()).unwrap_or(DEFAULT_CONTENT_TYPE)
    }

    pub fn per_second(&self, of_topic: &DeliveryPolicy) -> Option<u32> {
        self.own_policy(of_topic).per_second.or(of_topic.per_second).filter(|_| self.protocol.is_http())
    }

    fn own_policy(&self, of_topic: &DeliveryPolicy) -> DeliveryPolicy {
        if of_topic.overrides_disabled { DeliveryPolicy::default() } else { self.delivery.clone() }
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(Text::as_str)
    }

    /// Sets attributes, all or none of them. An empty value takes one back.
    pub fn set<'a>(&mut self, changes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<(), Fault> {
        let mut attributes = self.attributes.clone();
        for (name, value) in changes {
            self.check(name, value)?;
            match value {
                "" => drop(attributes.remove(name)),
                _ => drop(attributes.insert(name.into(), value.into())),
            }
        }
        let (filter, delivery) = (filter(&attributes)?, delivery(&attributes)?);
        *self = Subscription { attributes, filter, delivery, ..self.clone() };
        Ok(())
    }

    /// Whether it may have this attribute with this value, as far as the value alone tells.
    fn check(&self, name: &str, value: &str) -> Result<(), Fault> {
        let one_of = |values: &[&str]| match value.is_empty() || values.contains(&value) {
            true => Ok(()),
            false => Err(invalid(format!(
                "Attributes Reason: {name}: Invalid value [{value}]. Must be {}.",
                values.join(" or ")
            ))),
        };
        match name {
            "RawMessageDelivery" => {
                one_of(&["true", "false"])?;
                match (value, self.protocol) {
                    ("true", Protocol::Sqs | Protocol::Http | Protocol::Https) | ("" | "false", _) => Ok(()),
                    (_, protocol) => Err(invalid(format!(
                        "Attributes Reason: Delivery protocol [{protocol}] does not support raw message delivery."
                    ))),
                }
            }
            "FilterPolicyScope" => one_of(&["MessageAttributes", "MessageBody"]),
            "RedrivePolicy" if value.is_empty() => Ok(()),
            "RedrivePolicy" => self.check_redrive_policy(value),
            "DeliveryPolicy" if !value.is_empty() && !self.protocol.is_http() => Err(invalid(format!(
                "Attributes Reason: DeliveryPolicy: Delivery protocol [{}] does not support it.",
                self.protocol
            ))),
            // These two are checked when all are known.
            "FilterPolicy" | "DeliveryPolicy" => Ok(()),
            "SubscriptionRoleArn" | "ReplayPolicy" if value.is_empty() => Ok(()),
            "SubscriptionRoleArn" | "ReplayPolicy" => Err(invalid(format!(
                "Attributes Reason: {name}: Stepwell has neither delivery streams nor archives of topics: leave it out"
            ))),
            _ => Err(invalid("AttributeName")),
        }
    }

    fn check_redrive_policy(&self, text: &str) -> Result<(), Fault> {
        let policy = Value::parse(text).map_err(|_| invalid("RedrivePolicy: failed to parse JSON."))?;
        let queue = policy.get("deadLetterTargetArn").and_then(Value::as_str).unwrap_or_default();
        let is_fifo_topic = self.topic_arn().ends_with(".fifo");
        match Arn::parse(queue) {
            Ok(arn) if arn.service != "sqs" || arn.account.is_empty() => {
                Err(invalid("RedrivePolicy: deadLetterTargetArn is an invalid arn"))
            }
            Ok(arn) if arn.resource.ends_with(".fifo") && !is_fifo_topic => Err(invalid(
                "RedrivePolicy: must use a standard queue as DLQ for a subscription of a standard topic",
            )),
            Ok(arn) if !arn.resource.ends_with(".fifo") && is_fifo_topic => {
                Err(invalid("RedrivePolicy: must use a FIFO queue as DLQ for a FIFO topic"))
            }
            Ok(_) => Ok(()),
            Err(_) => Err(invalid("RedrivePolicy: deadLetterTargetArn is an invalid arn")),
        }
    }

    /// What GetSubscriptionAttributes says.
    pub fn shown(&self, of_topic: &DeliveryPolicy) -> Object {
        let owner = names::account_of(&self.arn);
        let authenticated = matches!(self.state, State::Confirmed { authenticated: true, .. });
        let mut shown = Object::new();
        let mut say = |name: &str, value: &str| drop(shown.insert(name, value));
        say("SubscriptionArn", &self.arn);
        say("TopicArn", self.topic_arn());
        say("Protocol", self.protocol.name());
        say("Endpoint", &self.endpoint);
        say("Owner", owner);
        say("SubscriptionPrincipal", &format!("arn:aws:iam::{owner}:root"));
        say("ConfirmationWasAuthenticated", if authenticated { "true" } else { "false" });
        say("PendingConfirmation", if self.is_confirmed() { "false" } else { "true" });
        say("RawMessageDelivery", "false");
        if self.protocol.is_http() {
            say("EffectiveDeliveryPolicy", &self.effective_delivery_policy(of_topic).to_text());
        }
        if self.filter.is_some() {
            say("FilterPolicyScope", "MessageAttributes");
        }
        self.attributes.iter().for_each(|(name, value)| say(name, value));
        shown
    }

    fn effective_delivery_policy(&self, of_topic: &DeliveryPolicy) -> Value {
        let mut effective = Object::new();
        effective.insert("healthyRetryPolicy", self.retries(of_topic).to_value());
        effective.insert("sicklyRetryPolicy", Value::Null);
        let throttle = self.per_second(of_topic).map(|rate| json::value!({ "maxReceivesPerSecond": rate }));
        effective.insert("throttlePolicy", throttle.unwrap_or_default());
        effective
            .insert("requestPolicy", json::value!({ "headerContentType": (self.content_type(of_topic)) }));
        effective.insert("guaranteed", false);
        Value::Object(effective)
    }
}

fn filter(attributes: &BTreeMap<Text, Text>) -> Result<Option<Arc<FilterPolicy>>, Fault> {
    let scope = match attributes.get("FilterPolicyScope").map(Text::as_str) {
        Some("MessageBody") => Scope::MessageBody,
        _ => Scope::MessageAttributes,
    };
    let Some(text) = attributes.get("FilterPolicy") else { return Ok(None) };
    match FilterPolicy::parse(text, scope) {
        Ok(policy) => Ok(Some(Arc::new(policy))),
        Err(error) => Err(invalid(format!("FilterPolicy: {}", error.reason))),
    }
}

fn delivery(attributes: &BTreeMap<Text, Text>) -> Result<DeliveryPolicy, Fault> {
    let Some(text) = attributes.get("DeliveryPolicy") else { return Ok(DeliveryPolicy::default()) };
    DeliveryPolicy::of_subscription(text).map_err(|why| invalid(format!("DeliveryPolicy: {why}")))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn subscription(topic: &str, protocol: Protocol) -> Subscription {
        let arn = format!("arn:aws:sns:us-east-1:123456789012:{topic}:0000");
        let state = State::Confirmed { authenticated: true, guarded: false };
        Subscription::new(arn.into(), protocol, "endpoint".into(), state)
    }

    #[test]
    fn what_is_shown_of_a_subscription() {
        let mut it = subscription("t", Protocol::Http);
        it.set([("FilterPolicy", r#"{"a": ["b"]}"#), ("RawMessageDelivery", "true")]).unwrap();
        let of_topic = DeliveryPolicy { per_second: Some(7), ..DeliveryPolicy::default() };
        let shown: Vec<String> = it
            .shown(&of_topic)
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.as_str().unwrap()))
            .collect();
        expect![[r#"
            SubscriptionArn: arn:aws:sns:us-east-1:123456789012:t:0000
            TopicArn: arn:aws:sns:us-east-1:123456789012:t
            Protocol: http
            Endpoint: endpoint
            Owner: 123456789012
            SubscriptionPrincipal: arn:aws:iam::123456789012:root
            ConfirmationWasAuthenticated: true
            PendingConfirmation: false
            RawMessageDelivery: true
            EffectiveDeliveryPolicy: {"healthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":20,"numRetries":50,"numMaxDelayRetries":35,"numNoDelayRetries":3,"numMinDelayRetries":2,"backoffFunction":"exponential"},"sicklyRetryPolicy":null,"throttlePolicy":{"maxReceivesPerSecond":7},"requestPolicy":{"headerContentType":"text/plain; charset=UTF-8"},"guaranteed":false}
            FilterPolicyScope: MessageAttributes
            FilterPolicy: {"a": ["b"]}"#]]
        .assert_eq(&shown.join("\n"));
    }

    #[test]
    fn attributes_are_checked() {
        let standard = r#"{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:q"}"#;
        for (topic, protocol, name, value, why) in [
            ("t", Protocol::Sqs, "Colour", "red", "AttributeName"),
            (
                "t",
                Protocol::Sqs,
                "RawMessageDelivery",
                "yes",
                "Attributes Reason: RawMessageDelivery: Invalid value [yes]. Must be true or false.",
            ),
            (
                "t",
                Protocol::Lambda,
                "RawMessageDelivery",
                "true",
                "Attributes Reason: Delivery protocol [lambda] does not support raw message delivery.",
            ),
            (
                "t",
                Protocol::Sqs,
                "FilterPolicy",
                "{\"a\": 1}",
                "FilterPolicy: \"a\" must be an object or an array",
            ),
            (
                "t",
                Protocol::Sqs,
                "RedrivePolicy",
                "{}",
                "RedrivePolicy: deadLetterTargetArn is an invalid arn",
            ),
            (
                "t.fifo",
                Protocol::Sqs,
                "RedrivePolicy",
                standard,
                "RedrivePolicy: must use a FIFO queue as DLQ for a FIFO topic",
            ),
            (
                "t",
                Protocol::Http,
                "DeliveryPolicy",
                "{\"a\": 1}",
                "DeliveryPolicy: Unexpected JSON member: a",
            ),
        ] {
            let fault = subscription(topic, protocol).set([(name, value)]).unwrap_err();
            assert_eq!(fault.message, format!("Invalid parameter: {why}"));
        }
        let mut it = subscription("t", Protocol::Sqs);
        it.set([("RedrivePolicy", standard)]).unwrap();
        assert_eq!(it.dead_letter_queue().as_deref(), Some("arn:aws:sqs:us-east-1:123456789012:q"));
        it.set([("RedrivePolicy", "")]).unwrap();
        assert_eq!(it.dead_letter_queue(), None);
    }

    /// A policy about bodies may be nested; the scope is looked at only when all is set.
    #[test]
    fn a_policy_and_its_scope_are_set_together() {
        let nested = ("FilterPolicy", r#"{"a": {"b": [1]}}"#);
        let scope = ("FilterPolicyScope", "MessageBody");
        assert!(subscription("t", Protocol::Sqs).set([nested]).is_err());
        let mut it = subscription("t", Protocol::Sqs);
        it.set([nested, scope]).unwrap();
        assert!(it.set([("FilterPolicyScope", "MessageAttributes")]).is_err());
        assert!(it.filter().is_some());
    }
}
