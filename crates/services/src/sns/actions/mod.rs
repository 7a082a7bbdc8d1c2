//! SNS's actions: each decides on all topics as they are, and says what is to become of them.
//!
//! Never here: the ledger, waiting.

mod permissions;
mod subscribe;
mod subscriptions;
mod tags;
mod topics;

use json::{Object, Value};

use super::fault::invalid;
use super::topics::{Change, Topics};
use crate::delivery::Parcel;
use crate::{Asker, Fault};

/// One call, with what it needs of the world.
#[derive(Debug)]
pub(super) struct Ask {
    pub input: Object,
    pub asker: Asker,
    /// Milliseconds since 1970.
    pub now: i64,
    /// Bits that nobody can guess: an id, and what an endpoint confirms with.
    pub random: [u128; 3],
}

/// What is to become of the topics, all at once, and what is then sent.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub changes: Vec<Change>,
    pub parcels: Vec<Parcel>,
}

/// An action that changes nothing.
pub(super) type Reading = fn(&Ask, &Topics) -> Result<Value, Fault>;

/// An action that may change something.
pub(super) type Changing = fn(&Ask, &Topics, &mut Plan) -> Result<Value, Fault>;

/// The action of this name that only reads.
pub(super) fn reading(operation: &str) -> Option<Reading> {
    Some(match operation {
        "GetTopicAttributes" => topics::attributes,
        "ListTopics" => topics::list,
        "GetSubscriptionAttributes" => subscriptions::attributes,
        "ListSubscriptions" => subscriptions::list,
        "ListSubscriptionsByTopic" => subscriptions::list_by_topic,
        "ListTagsForResource" => tags::list,
        "GetDataProtectionPolicy" => topics::data_protection_policy,
        _ => return None,
    })
}

/// The action of this name that changes something.
pub(super) fn changing(operation: &str) -> Option<Changing> {
    Some(match operation {
        "CreateTopic" => topics::create,
        "DeleteTopic" => topics::delete,
        "SetTopicAttributes" => topics::set_attribute,
        "Subscribe" => subscribe::subscribe,
        "ConfirmSubscription" => subscribe::confirm,
        "Unsubscribe" => subscribe::unsubscribe,
        "SetSubscriptionAttributes" => subscriptions::set_attribute,
        "TagResource" => tags::tag,
        "UntagResource" => tags::untag,
        "AddPermission" => permissions::add,
        "RemovePermission" => permissions::remove,
        _ => return None,
    })
}

/// Of an action that is in the model and not here.
pub(super) fn unsupported(operation: &str) -> Fault {
    let why = match operation {
        "PutDataProtectionPolicy" => "it does not look into messages for sensitive data",
        _ if operation.contains("SMS")
            || operation.contains("PhoneNumber")
            || operation.contains("Origination") =>
        {
            "it sends no short messages, but keeps what Publish would send to phones"
        }
        _ => "it has no mobile push",
    };
    Fault::new("InvalidAction", format!("{operation} is not supported by Stepwell: {why}."))
}

impl Ask {
    /// A member's text; empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        self.input.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn flag(&self, name: &str) -> bool {
        self.input.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// Texts by name.
    pub fn texts(&self, name: &str) -> Vec<(&str, &str)> {
        let object = self.input.get(name).and_then(Value::as_object);
        object.into_iter().flat_map(Object::iter).map(|(name, value)| (name.as_str(), text(value))).collect()
    }

    /// A list of texts.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let array = self.input.get(name).and_then(Value::as_array);
        array.into_iter().flat_map(|array| array.iter()).map(text).collect()
    }

    /// Tags: keys and values.
    pub fn tags(&self) -> Vec<(&str, &str)> {
        let array = self.input.get("Tags").and_then(Value::as_array);
        let pair = |tag| (member(tag, "Key"), member(tag, "Value"));
        array.into_iter().flat_map(|array| array.iter()).map(pair).collect()
    }

    /// The ARNs of the asker's topics begin so.
    pub fn own_prefix(&self) -> String {
        super::names::topic_arn(&self.asker, "").into()
    }

    /// Behind what a page begins.
    pub fn next_token(&self) -> Result<Option<&str>, Fault> {
        match self.text("NextToken") {
            "" => Ok(None),
            token if token.starts_with("arn:") => Ok(Some(token)),
            _ => Err(invalid("NextToken")),
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn member<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).map(text).unwrap_or_default()
}

/// Items of one page, and with what the next begins.
pub(super) const PAGE: usize = 100;

/// An answer with a page: `items` has one more than the page if there is a next one. The second of an item is its ARN.
fn page(member: &str, mut items: Vec<(Value, json::Text)>) -> Value {
    let has_more = items.len() > PAGE;
    items.truncate(PAGE);
    let next = items.last().map(|(_, arn)| arn.clone()).filter(|_| has_more);
    let mut answer = Object::new();
    answer.insert(member, json::Array::from(items.into_iter().map(|(item, _)| item).collect::<Vec<_>>()));
    if let Some(next) = next {
        answer.insert("NextToken", next);
    }
    Value::Object(answer)
}

fn nothing() -> Value {
    Value::Object(Object::new())
}
