//! Topics and subscriptions as the ledger keeps them.
//!
//! In the space of topics, a key's first byte says what it is about: `t` and an ARN, a topic; `s` and an ARN, a subscription;
//! the others belong to `window`, `outgoing` and `signing`.

use std::collections::BTreeMap;

use json::{Object, Text, Value};
use ledger::{Batch, Ledger};

use super::endpoint::Protocol;
use super::subscription::{State, Subscription};
use super::topic::Settings;
use super::topics::{Change, Topics};
use crate::spaces::TOPICS;

const TOPIC: u8 = b't';
const SUBSCRIPTION: u8 = b's';

/// Puts a change into a batch. `topics` is as before it.
pub(super) fn write(change: &Change, topics: &Topics, batch: &mut Batch) {
    match change {
        Change::Topic(settings) => {
            batch.put(TOPICS, &key(TOPIC, &settings.arn), write_settings(settings).as_bytes());
        }
        Change::TopicGone(arn) => {
            batch.remove(TOPICS, &key(TOPIC, arn));
            let subscriptions = topics.find(arn).into_iter().flat_map(|topic| topic.subscriptions.keys());
            subscriptions.for_each(|arn| batch.remove(TOPICS, &key(SUBSCRIPTION, arn)));
        }
        Change::Subscription(subscription) => {
            let record = write_subscription(subscription);
            batch.put(TOPICS, &key(SUBSCRIPTION, &subscription.arn), record.as_bytes());
        }
        Change::SubscriptionGone(arn) => batch.remove(TOPICS, &key(SUBSCRIPTION, arn)),
    }
}

/// All topics that the ledger has.
pub(super) fn read_all(ledger: &Ledger) -> Result<Topics, ledger::Error> {
    let mut topics = Topics::default();
    let mut unreadable = None;
    for kind in [TOPIC, SUBSCRIPTION] {
        ledger.visit(TOPICS, &[kind], |key, value| {
            let arn = String::from_utf8_lossy(&key[1..]).into_owned();
            let record = Value::parse_bytes(&value).ok();
            let change = match kind {
                TOPIC => record.and_then(|record| read_settings(&arn, &record)).map(Change::Topic),
                _ => record.and_then(|record| read_subscription(&arn, &record)).map(Change::Subscription),
            };
            match change {
                Some(change) => topics.apply(change),
                None => unreadable = Some(arn),
            }
        })?;
    }
    match unreadable {
        None => Ok(topics),
        Some(arn) => Err(corrupt(&arn)),
    }
}

/// What was read is not what we write.
pub(super) fn corrupt(what: &str) -> ledger::Error {
    ledger::Error::Corrupt {
        place: "the ledger's topics".to_owned(),
        detail: format!("the record of {what} is none of this version's"),
    }
}

fn key(kind: u8, arn: &str) -> Vec<u8> {
    let mut key = vec![kind];
    key.extend_from_slice(arn.as_bytes());
    key
}

fn write_settings(settings: &Settings) -> String {
    json::value!({
        "attributes": (texts(&settings.attributes)),
        "tags": (texts(&settings.tags)),
        "deleted": (settings.deleted.to_string()),
    })
    .to_text()
}

fn read_settings(arn: &str, record: &Value) -> Option<Settings> {
    Some(Settings {
        arn: arn.into(),
        attributes: read_texts(record.get("attributes")?)?,
        tags: read_texts(record.get("tags")?)?,
        deleted: record.get("deleted")?.as_str()?.parse().ok()?,
    })
}

fn write_subscription(subscription: &Subscription) -> String {
    let state = match &subscription.state {
        State::Confirmed { authenticated, guarded } => {
            json::value!({ "authenticated": (*authenticated), "guarded": (*guarded) })
        }
        State::Pending { expires } => json::value!({ "expires": (*expires) }),
    };
    json::value!({
        "protocol": (subscription.protocol.name()),
        "endpoint": (subscription.endpoint.clone()),
        "state": state,
        "token": (subscription.token.clone()),
        "attributes": (texts(subscription.attributes())),
    })
    .to_text()
}

fn read_subscription(arn: &str, record: &Value) -> Option<Subscription> {
    let state = record.get("state")?;
    let state = match state.get("expires") {
        Some(expires) => State::Pending { expires: expires.as_i64()? },
        None => State::Confirmed {
            authenticated: state.get("authenticated")?.as_bool()?,
            guarded: state.get("guarded")?.as_bool()?,
        },
    };
    let protocol = Protocol::named(record.get("protocol")?.as_str()?)?;
    let endpoint = record.get("endpoint")?.as_str()?;
    let mut subscription = Subscription::new(arn.into(), protocol, endpoint.into(), state);
    subscription.token = record.get("token")?.as_str()?.into();
    let attributes = read_texts(record.get("attributes")?)?;
    let set = attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    subscription.set(set).ok()?;
    Some(subscription)
}

fn texts(texts: &BTreeMap<Text, Text>) -> Object {
    texts.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn read_texts(value: &Value) -> Option<BTreeMap<Text, Text>> {
    value.as_object()?.iter().map(|(name, value)| Some((name.clone(), value.as_str()?.into()))).collect()
}
