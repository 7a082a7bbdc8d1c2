//! Scripts: what clients send in, everything that is said out.

mod authorization;
mod connections;
mod handlers;
mod http;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use expect_test::Expect;
use json::{Value, value};

use super::Connection;
use crate::appsync::AppSync;
use crate::exchange::Request;
use crate::outside::Trouble;
use crate::place::Place;
use crate::realtime::Out;
use crate::record;
use crate::testing::{Prepared, with_records};

const FAR: i64 = 9_999_999_999;
/// What takes so long hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// One API, an outside that answers as it is told, and clients by their names.
pub(super) struct World {
    pub appsync: AppSync,
    pub outside: Arc<Prepared>,
    clients: BTreeMap<String, Connection>,
    said: String,
}

/// An API with a namespace `news`, for keys.
pub(super) fn api(namespace: Value) -> Vec<(String, Value)> {
    let modes = value!([{"authType": "API_KEY"}]);
    let config = value!({
        "authProviders": [{"authType": "API_KEY"}],
        "connectionAuthModes": (modes.clone()),
        "defaultPublishAuthModes": (modes.clone()),
        "defaultSubscribeAuthModes": modes,
    });
    vec![
        (record::event_api("e"), value!({"apiId": "e", "name": "chat", "eventConfig": config})),
        (record::key("e", "da2-key"), value!({"id": "da2-key", "expires": FAR})),
        (record::namespace("e", "news"), namespace),
        (record::source("e", "nothing"), value!({"name": "nothing", "type": "NONE"})),
    ]
}

/// `news`, with code.
pub(super) fn with_code(code: &str, configs: Value) -> Vec<(String, Value)> {
    api(value!({"name": "news", "codeHandlers": code, "handlerConfigs": configs}))
}

/// A request with this header object beside the protocols.
pub(super) fn handshake(header: &str) -> Request {
    let header = appsync_base64(header.as_bytes());
    Request {
        method: "GET".to_owned(),
        path: "/event/realtime".to_owned(),
        headers: vec![(
            "Sec-WebSocket-Protocol".to_owned(),
            format!("aws-appsync-event-ws, header-{header}"),
        )],
        source_ip: "127.0.0.1".to_owned(),
        ..Request::default()
    }
}

/// Base64 for URLs, without padding.
fn appsync_base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digits = bytes.chunks(3).flat_map(|chunk| {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        (0..=chunk.len()).map(move |place| char::from(DIGITS[(bits >> (18 - 6 * place)) as usize & 63]))
    });
    digits.collect()
}

pub(super) const KEY: &str = r#"{"host":"localhost","x-api-key":"da2-key"}"#;

impl World {
    pub async fn new(records: Vec<(String, Value)>) -> World {
        let outside = Arc::new(Prepared::default());
        let appsync = with_records(outside.clone(), records).await;
        World { appsync, outside, clients: BTreeMap::new(), said: String::new() }
    }

    pub fn prepare(&self, answer: Result<Value, Trouble>) {
        self.outside.answers.lock().unwrap().push_back(answer);
    }

    /// Somebody connects with this header object.
    pub async fn connect(&mut self, name: &str, header: &str) {
        self.connect_by(name, &handshake(header)).await;
    }

    pub async fn connect_by(&mut self, name: &str, request: &Request) {
        let (protocol, connection) = Connection::new(self.appsync.shared(), &"e".into(), request).await;
        self.said += &format!("{name} connects: {}\n", protocol.unwrap_or("none"));
        self.clients.insert(name.to_owned(), connection);
        self.note();
    }

    /// A client goes away.
    pub fn leave(&mut self, name: &str) {
        self.clients.remove(name);
    }

    /// A client says something. What all are told by that is noted.
    pub async fn say(&mut self, name: &str, text: &str) {
        self.said += &format!("{name}: {text}\n");
        let client = self.clients.get_mut(name).unwrap();
        client.receive(text).await;
        client.settled().await;
        if text.contains(r#""type":"publish""#) {
            let line = client.line().clone();
            // It is published beside the connection; the answer comes last.
            loop {
                let out = tokio::time::timeout(PATIENCE, line.next()).await.unwrap();
                let text = shown(&out);
                self.said += &format!("  → {name} {text}\n");
                if text.contains(r#""type":"publish_"#) {
                    break;
                }
            }
        }
        self.note();
    }

    /// With the key that is right.
    pub async fn subscribe(&mut self, name: &str, id: &str, channel: &str) {
        let text = value!({
            "type": "subscribe", "id": id, "channel": channel, "authorization": {"x-api-key": "da2-key"}
        });
        self.say(name, &text.to_text()).await;
    }

    /// With the key that is right.
    pub async fn publish(&mut self, name: &str, channel: &str, events: &[&str]) {
        let events: Value = events.iter().map(|event| Value::from(*event)).collect();
        let text = value!({
            "type": "publish", "id": "p", "channel": channel, "events": events,
            "authorization": {"x-api-key": "da2-key"}
        });
        self.say(name, &text.to_text()).await;
    }

    /// By HTTP.
    pub async fn post(&mut self, key: &str, body: &str) {
        let request = Request {
            method: "POST".to_owned(),
            path: "/event".to_owned(),
            headers: vec![("x-api-key".to_owned(), key.to_owned())],
            body: body.as_bytes().to_vec(),
            source_ip: "127.0.0.1".to_owned(),
            ..Request::default()
        };
        self.ask(&request).await;
    }

    pub async fn ask(&mut self, request: &Request) {
        let response = self.appsync.answer(&Place::Event("e".into()), request.clone()).await;
        let body = String::from_utf8(response.body).unwrap();
        let asked = String::from_utf8_lossy(&request.body);
        self.said += &format!("POST {asked}\n  → {} {}\n", response.status, without_identifiers(&body));
        self.note();
    }

    /// The next thing that a client is told.
    pub async fn hears(&mut self, name: &str, expected: &str) {
        let line = self.clients[name].line().clone();
        let out = tokio::time::timeout(PATIENCE, line.next()).await.unwrap();
        assert_eq!(shown(&out), expected);
    }

    /// What an operation would do.
    pub fn change(&mut self, key: String, value: Option<Value>) {
        self.said += &format!("{key} {}\n", if value.is_some() { "changes" } else { "is deleted" });
        self.appsync.shared().take_over(&[(key, value)].into_iter().collect());
        self.note();
    }

    /// It is this late, in seconds since 1970.
    pub fn late(&mut self, what: &str, seconds: i64) {
        self.said += &format!("{what}\n");
        self.appsync.shared().hub.tick(seconds * 1000);
        self.note();
    }

    /// Writes down what is to be said to whom.
    pub fn note(&mut self) {
        for (name, client) in &self.clients {
            while let Some(out) = client.line().take() {
                self.said += &format!("  → {name} {}\n", shown(&out));
            }
        }
    }

    /// The last thing that was said has this in it.
    pub fn check_last(&mut self, part: &str) {
        let said = std::mem::take(&mut self.said);
        let last = said.lines().last().unwrap_or_default();
        assert!(last.contains(part), "{last}");
    }

    /// All that was said since the last time.
    pub fn check(&mut self, expected: Expect) {
        let said = std::mem::take(&mut self.said);
        expected.assert_eq(&said.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>());
    }
}

fn shown(out: &Out) -> String {
    match out {
        Out::Text(text) => without_identifiers(text),
        Out::Shared { head, body, tail } => format!("{head}{body}{tail}"),
        Out::Close { code, reason } => format!("closes {code} {reason}"),
    }
}

/// The names of events are drawn.
fn without_identifiers(text: &str) -> String {
    const BEFORE: &str = r#""identifier":""#;
    let mut parts = text.split(BEFORE);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |shown, part| format!("{shown}{BEFORE}#{}", &part[36..]))
}
