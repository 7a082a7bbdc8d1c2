//! Clients that sign: the connection is signed as a POST to the endpoint's `/connect`, a request as one of its exact text.

use std::collections::BTreeMap;
use std::sync::Arc;

use json::{Object, Text, Value, value};
use ledger::Ledger;
use services::{Moment, records};

use super::{Connection, Out};
use crate::appsync::{AppSync, SPACE, Settings};
use crate::exchange::Request;
use crate::record;
use crate::testing::Prepared;

const DATA: &str = r#"{"query":"subscription { said }","variables":{}}"#;

async fn appsync() -> AppSync {
    let ledger = Ledger::open(&ledger::Settings { data_dir: None, segment_bytes: 1 << 20 }).unwrap();
    let schema = "type Query { a: Int } type Mutation { say: Int } type Subscription { said: Int @aws_subscribe(mutations: [\"say\"]) }";
    let kept = [
        (record::api("a"), value!({"name": "chat", "apiId": "a", "authenticationType": "AWS_IAM"})),
        (record::schema("a"), value!({"definition": schema, "status": "SUCCESS"})),
    ];
    let changes = kept.into_iter().map(|(key, value)| (key, Some(value))).collect();
    records::commit(&ledger, SPACE, &changes).await.unwrap();
    let keys = Some(BTreeMap::from([("AKIDEXAMPLE".to_owned(), "secret".to_owned())]));
    AppSync::new(&ledger, Arc::new(Prepared::default()), Settings { keys, ..Settings::default() }).unwrap()
}

/// The header object of a client that signs this.
fn signed(path: &str, body: &str) -> Object {
    let sent = [
        ("accept", "application/json, text/javascript"),
        ("content-encoding", "amz-1.0"),
        ("content-type", "application/json; charset=UTF-8"),
        ("host", "localhost:8083"),
    ];
    let payload_hash = sigv4::payload_hash(body.as_bytes());
    let request =
        sigv4::Request { method: "POST", path, query: "", headers: &sent, payload_hash: &payload_hash };
    let credentials = sigv4::Credentials {
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "secret".into(),
        session_token: None,
    };
    let target = sigv4::Target { region: "us-east-1", service: "appsync" };
    let now = Moment::drawn().seconds() as u64;
    let added = sigv4::sign(&request, target, &credentials, now, &sigv4::SigningKeys::new());
    let mut headers: Object = sent.into_iter().collect();
    for (name, value) in added {
        headers.insert(Text::from(name.to_string()), value);
    }
    headers
}

/// What a client hears who connects with one object and starts with another.
async fn heard(connect: Object, start: Object) -> Vec<String> {
    let appsync = appsync().await;
    let header = base64_url(&Value::from(connect).to_text());
    let request = Request {
        path: "/a/graphql/realtime".to_owned(),
        headers: vec![("sec-websocket-protocol".to_owned(), format!("graphql-ws, header-{header}"))],
        ..Request::default()
    };
    let (_, mut connection) = Connection::new(appsync.shared(), &"a".into(), &request).await;
    connection.receive(r#"{"type":"connection_init"}"#).await;
    let start = value!({"id": "1", "type": "start", "payload": {
        "data": DATA, "extensions": {"authorization": (Value::from(start))}
    }});
    connection.receive(&start.to_text()).await;
    connection.settled().await;
    let said = |out| match out {
        Out::Text(text) => {
            let message = Value::parse(&text).unwrap();
            let error =
                message.get("payload").and_then(|payload| payload.get("errors")?.at(0)?.get("errorType"));
            let kind = message.get("type").and_then(Value::as_str).unwrap_or_default();
            format!("{kind} {}", error.and_then(Value::as_str).unwrap_or_default())
        }
        other => format!("{other:?}"),
    };
    std::iter::from_fn(|| connection.line().take()).map(said).collect()
}

/// Base64 as browsers write it into the protocol.
fn base64_url(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: String = text.bytes().map(|byte| format!("{byte:08b}")).collect();
    let digit = |group: &[u8]| {
        let group = format!("{:0<6}", String::from_utf8_lossy(group));
        char::from(DIGITS[usize::from_str_radix(&group, 2).unwrap()])
    };
    bits.as_bytes().chunks(6).map(digit).collect()
}

#[tokio::test]
async fn right_signatures_let_in() {
    let (connect, start) = (signed("/a/graphql/connect", "{}"), signed("/a/graphql", DATA));
    assert_eq!(heard(connect, start).await, ["connection_ack ", "ka ", "start_ack "]);
}

#[tokio::test]
async fn a_signature_is_for_what_it_was_made_for() {
    let connect = || signed("/a/graphql/connect", "{}");
    let other = DATA.replace("said", "other");
    for start in [signed("/a/graphql", &other), connect(), signed("/a/graphql", "{}")] {
        let expected = ["connection_ack ", "ka ", "error InvalidSignatureException"];
        assert_eq!(heard(connect(), start).await, expected);
    }
    let refused = heard(signed("/a/graphql", "{}"), signed("/a/graphql", DATA)).await;
    assert_eq!(refused[0], "connection_error InvalidSignatureException");
}
