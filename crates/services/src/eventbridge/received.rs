//! An event as it is on a bus.

use aws_names::Scope;
use json::{Object, Value};

/// An event that was received: what targets get, and what stands beside it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Received {
    /// When it came in, in milliseconds since 1970.
    pub ingested: i64,
    /// How many buses sent it on before.
    pub hops: u8,
    /// As targets get it.
    pub event: Value,
}

/// What an event is made of.
#[derive(Clone, Debug)]
pub(super) struct Parts<'a> {
    pub id: &'a str,
    pub detail_type: &'a str,
    pub source: &'a str,
    /// In milliseconds since 1970; shown in whole seconds.
    pub time: i64,
    pub resources: Value,
    pub detail: Value,
}

/// The event, in AWS's order.
pub(super) fn event(scope: &Scope, parts: Parts<'_>) -> Value {
    let Parts { id, detail_type, source, time, resources, detail } = parts;
    let mut event = Object::with_capacity(9);
    event.insert("version", "0");
    event.insert("id", id);
    event.insert("detail-type", detail_type);
    event.insert("source", source);
    event.insert("account", scope.account.as_str());
    event.insert("time", whole_seconds(time));
    event.insert("region", scope.region.as_str());
    event.insert("resources", resources);
    event.insert("detail", detail);
    Value::Object(event)
}

impl Received {
    pub fn id(&self) -> &str {
        self.event.get("id").and_then(Value::as_str).unwrap_or_default()
    }

    /// As the body of a parcel.
    pub fn body(&self) -> Vec<u8> {
        let text = self.event.to_text();
        let mut body = Vec::with_capacity(9 + text.len());
        body.extend_from_slice(&self.ingested.to_be_bytes());
        body.push(self.hops);
        body.extend_from_slice(text.as_bytes());
        body
    }

    /// Of the body of a parcel; nothing if it is none.
    pub fn read(body: &[u8]) -> Option<Received> {
        let (ingested, rest) = body.split_first_chunk::<8>()?;
        let (hops, text) = rest.split_first()?;
        let event = Value::parse_bytes(text).ok()?;
        Some(Received { ingested: i64::from_be_bytes(*ingested), hops: *hops, event })
    }
}

/// `2017-12-22T18:43:48Z`
pub(crate) fn whole_seconds(milliseconds: i64) -> String {
    let seconds = milliseconds.div_euclid(1_000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = events::schedule::date(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}
