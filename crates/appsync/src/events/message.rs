//! Messages of `aws-appsync-event-ws`, read and written. (spec/appsync-realtime.md §2.4)
//!
//! Errors stand at the top, where subscriptions of GraphQL have them in a payload. Never here: what is answered, and when.

use std::sync::Arc;

use json::{Object, Text, Value};
use services::Members;

use super::channel::Channel;
use super::publication::Publication;
use super::publish::Published;
use super::refusal::Refusal;
use crate::realtime::Out;

/// A sign of life.
pub(super) const KEEP_ALIVE: &str = r#"{"type":"ka"}"#;
/// How long a client may wait for a sign of life: 300 s.
const CONNECTION_TIMEOUT_MILLISECONDS: i64 = 300_000;
/// The longest name that a client may give to something. (As for subscriptions of GraphQL)
const ID_CHARACTERS_MAX: usize = 128;

/// What a client says.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    /// It begins. It need not say so.
    Init,
    /// It wants to listen.
    Subscribe(Request<Channel>),
    /// It publishes.
    Publish(Request<Publication>),
    /// It does not want to hear more.
    Unsubscribe(Text),
}

/// A request with what lets it in.
#[derive(Debug, PartialEq)]
pub(super) struct Request<T> {
    /// The client's name for it.
    pub id: Text,
    /// For what; or why that is impossible, which is told to those only who are let in.
    pub what: Result<T, Refusal>,
    /// The channel as the client wrote it.
    pub channel: Text,
    /// The header object.
    pub authorization: Object,
    /// What a signature was made over.
    pub signed: String,
}

/// A message that is none.
#[derive(Debug, PartialEq)]
pub(super) struct Wrong {
    pub id: Option<Text>,
    pub error_type: &'static str,
    pub message: String,
}

/// Reads a message.
pub(super) fn read(text: &str) -> Result<Heard, Wrong> {
    let bad =
        |message: &str| Wrong { id: None, error_type: "BadRequestException", message: message.to_owned() };
    let message = Value::parse(text).map_err(|_| bad("The message is no JSON"))?;
    let kind = message.text("type").ok_or_else(|| bad("The message is no object with a type"))?;
    let id = || match message.text("id") {
        Some(id) if (1..=ID_CHARACTERS_MAX).contains(&id.chars().count()) => Ok(Text::from(id)),
        _ => Err(bad(&format!("The message has no id of 1 to {ID_CHARACTERS_MAX} characters"))),
    };
    match kind {
        "connection_init" => Ok(Heard::Init),
        "subscribe" => Ok(Heard::Subscribe(request(id()?, &message, &["channel"], |message| {
            let channel = message.text("channel");
            let channel = channel.ok_or_else(|| Refusal::bad("channel is missing, or no text"))?;
            Channel::parse_pattern(channel).map_err(Refusal::bad)
        }))),
        "publish" => Ok(Heard::Publish(request(id()?, &message, &["channel", "events"], Publication::of))),
        "unsubscribe" => Ok(Heard::Unsubscribe(id()?)),
        _ => Err(Wrong {
            id: message.text("id").map(Text::from),
            error_type: "OperationNotSupported",
            message: format!("{kind} not supported through the realtime channel"),
        }),
    }
}

fn request<T>(
    id: Text,
    message: &Value,
    signed: &[&str],
    read: impl FnOnce(&Value) -> Result<T, Refusal>,
) -> Request<T> {
    let signed: Object =
        signed.iter().filter_map(|name| Some((Text::from(*name), message.get(name)?.clone()))).collect();
    Request {
        id,
        what: read(message),
        channel: message.text_or_empty("channel").into(),
        authorization: message.part("authorization").clone(),
        signed: Value::from(signed).to_text(),
    }
}

/// The client is let in.
pub(super) fn ack() -> Out {
    said(json::value!({
        "type": "connection_ack", "connectionTimeoutMs": CONNECTION_TIMEOUT_MILLISECONDS
    }))
}

/// The client is not let in.
pub(super) fn connection_error(refusal: &Refusal) -> Out {
    let code = i64::from(refusal.status);
    let errors = json::value!([{
        "errorType": (refusal.error_type.clone()), "errorCode": code, "message": (refusal.message.as_str())
    }]);
    said(json::value!({"type": "connection_error", "errors": errors}))
}

/// A subscription lives.
pub(super) fn subscribed(id: &Text) -> Out {
    said(json::value!({"type": "subscribe_success", "id": id}))
}

/// A subscription has ended.
pub(super) fn unsubscribed(id: &Text) -> Out {
    said(json::value!({"type": "unsubscribe_success", "id": id}))
}

/// What was published is on its way.
pub(super) fn published(id: &Text, published: &Published) -> Out {
    let mut message = Object::new();
    message.insert("type", "publish_success");
    message.insert("id", id);
    for (name, value) in published.as_object().iter() {
        message.insert(name.clone(), value.clone());
    }
    said(message.into())
}

/// It was not done: `subscribe_error`, `publish_error`, `unsubscribe_error`.
pub(super) fn error(kind: &str, id: &Text, refusal: &Refusal) -> Out {
    said(json::value!({"type": kind, "id": id, "errors": (refusal.errors())}))
}

/// A message that was none.
pub(super) fn wrong(wrong: Wrong) -> Out {
    let Wrong { id, error_type, message } = wrong;
    let mut out = Object::new();
    out.insert("type", "error");
    if let Some(id) = id {
        out.insert("id", id);
    }
    out.insert("errors", json::value!([{"errorType": error_type, "message": message}]));
    said(out.into())
}

/// An event, as a text within a text that all who hear it share.
pub(super) fn data(id: &Text, quoted: Arc<str>) -> Out {
    let mut head = String::with_capacity(id.len() + 40);
    head.push_str("{\"type\":\"data\",\"id\":");
    json::write_string(id, &mut head);
    head.push_str(",\"event\":");
    Out::Shared { head: head.into(), body: quoted, tail: "}" }
}

fn said(message: Value) -> Out {
    Out::Text(message.to_text().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_made_over_what_is_asked_for() {
        let signed = |text: &str| match read(text) {
            Ok(Heard::Subscribe(request)) => request.signed,
            Ok(Heard::Publish(request)) => request.signed,
            other => format!("{other:?}"),
        };
        let subscribe = r#"{"id":"1","channel":"ns/a","type":"subscribe","authorization":{},"events":[]}"#;
        assert_eq!(signed(subscribe), r#"{"channel":"ns/a"}"#);
        let publish = r#"{"type":"publish","events":["{\"a\": 1}"],"id":"1","channel":"/ns/a"}"#;
        assert_eq!(signed(publish), r#"{"channel":"/ns/a","events":["{\"a\": 1}"]}"#);
    }
}
