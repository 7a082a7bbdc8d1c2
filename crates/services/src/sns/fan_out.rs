//! Whom a message goes to.
//!
//! Never here: how it gets there, the ledger.

use events::filter_policy::{Attribute, Message as Filtered};
use json::{Text, Value};

use super::endpoint::Protocol;
use super::message::Message;
use super::subscription::Subscription;
use super::topic::Topic;
use crate::delivery::Leg;

/// The ways to all subscriptions that get the message. Whoever is slow makes nobody else wait: webhooks are apart from each
/// other, and so are queues and functions.
pub(super) fn legs(topic: &Topic, message: &Message) -> Vec<Leg> {
    let attributes: Vec<Attribute<'_>> = message.attributes.iter().map(attribute).collect();
    // The bodies of protocols may differ, and each is read once however many look at it.
    let mut bodies: Vec<(Protocol, Filtered<'_>)> = Vec::new();
    let mut legs = Vec::new();
    for subscription in topic.subscriptions.values().filter(|subscription| subscription.is_confirmed()) {
        let is_wanted = match subscription.filter() {
            None => true,
            Some(filter) => {
                let protocol = subscription.protocol;
                let place = bodies.iter().position(|(known, _)| *known == protocol).unwrap_or_else(|| {
                    bodies.push((protocol, Filtered::new(&attributes, message.body.text_for(protocol))));
                    bodies.len() - 1
                });
                filter.matches(&bodies[place].1)
            }
        };
        if is_wanted {
            legs.push(leg(subscription, message.group.as_deref().filter(|_| topic.settings.is_fifo())));
        }
    }
    legs
}

/// The way to one subscription. Those of a group go one after the other.
pub(super) fn leg(subscription: &Subscription, group: Option<&str>) -> Leg {
    let lane: Text = match (group, subscription.protocol) {
        (Some(group), _) => format!("{} {group}", subscription.arn).into(),
        (None, Protocol::Sqs | Protocol::Lambda) => subscription.endpoint.clone(),
        (None, _) => subscription.arn.clone(),
    };
    Leg { lane, in_order: group.is_some(), due: 0, to: subscription.arn.as_bytes().to_vec() }
}

fn attribute<'a>((name, attribute): (&'a Text, &'a Value)) -> Attribute<'a> {
    let text = |member: &str| attribute.get(member).and_then(Value::as_str).unwrap_or_default();
    Attribute { name, data_type: text("DataType"), value: text("StringValue") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::message::Body;
    use super::super::subscription::State;
    use super::super::topic::Settings;
    use super::*;

    const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:t";

    /// Its endpoint, its protocol, its attributes.
    type Subscribed<'a> = (&'a str, Protocol, &'a [(&'a str, &'a str)]);

    fn topic(name: &str, subscriptions: &[Subscribed<'_>]) -> Topic {
        let arn = format!("arn:aws:sns:us-east-1:123456789012:{name}");
        let subscriptions = subscriptions.iter().map(|(id, protocol, attributes)| {
            let state = match *id {
                "pending" => State::Pending { expires: 1 },
                _ => State::Confirmed { authenticated: true, guarded: false },
            };
            let arn: Text = format!("{arn}:{id}").into();
            let mut subscription =
                Subscription::new(arn.clone(), *protocol, format!("to-{id}").into(), state);
            subscription.set(attributes.iter().copied()).unwrap();
            (arn, subscription)
        });
        let subscriptions: BTreeMap<_, _> = subscriptions.collect();
        Topic { settings: Settings::new(arn.into()), subscriptions }
    }

    fn lanes(topic: &Topic, message: &Message) -> Vec<String> {
        legs(topic, message).iter().map(|leg| leg.lane.replace(TOPIC, "T")).collect()
    }

    #[test]
    fn filters_decide_by_attributes_and_by_what_is_delivered() {
        let topic = topic(
            "t",
            &[
                ("all", Protocol::Sqs, &[]),
                ("blue", Protocol::Sqs, &[("FilterPolicy", r#"{"colour": ["blue"]}"#)]),
                ("red", Protocol::Lambda, &[("FilterPolicy", r#"{"colour": ["red"]}"#)]),
                (
                    "seven",
                    Protocol::Http,
                    &[("FilterPolicy", r#"{"n": [7]}"#), ("FilterPolicyScope", "MessageBody")],
                ),
                ("pending", Protocol::Http, &[]),
            ],
        );
        let texts = json::value!({ "default": "{\"n\": 1}", "http": "{\"n\": 7}" });
        let colour = json::value!({ "colour": { "DataType": "String", "StringValue": "blue" } });
        let message = Message {
            body: Body::ByProtocol(texts.as_object().unwrap().clone()),
            attributes: colour.as_object().unwrap().clone(),
            ..Message::default()
        };
        assert_eq!(lanes(&topic, &message), ["to-all", "to-blue", "T:seven"]);
        assert_eq!(lanes(&topic, &Message::default()), ["to-all"]);
    }

    #[test]
    fn groups_of_a_fifo_topic_have_an_order() {
        let message = Message { group: Some("g".into()), ..Message::default() };
        let fifo = topic("t.fifo", &[("a", Protocol::Sqs, &[]), ("b", Protocol::Sqs, &[])]);
        assert_eq!(lanes(&fifo, &message), ["T.fifo:a g", "T.fifo:b g"]);
        assert!(legs(&fifo, &message).iter().all(|leg| leg.in_order));
        // For a standard topic it is but a hint to SQS.
        assert_eq!(lanes(&topic("t", &[("a", Protocol::Sqs, &[])]), &message), ["to-a"]);
    }
}
