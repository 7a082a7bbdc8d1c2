//! SNS and Lambda with real sockets and a real process: a webhook confirms and is sent a message, and a function that came in
//! an archive is called.

use std::sync::Arc;

use connections::Connections;
use connectors::{Answering, Connectors, Settings};
use json::Value;
use ledger::Ledger;
use services::delivery::{Calls, OutCall, SystemClock, Trouble};
use services::lambda::Lambda;
use services::sns::Sns;
use services::{Asker, Call, Service};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Nobody is called here.
struct Nobody;

impl Calls for Nobody {
    fn call<'a>(&'a self, _: &'a OutCall) -> Answering<'a, Result<Value, Trouble>> {
        Box::pin(async { Err(Trouble::lasting("Nobody", "nobody is called here")) })
    }
}

/// A webhook that answers with 200; what it was sent: the head and the body.
async fn webhook() -> (String, mpsc::Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://ada:word@{}/hook", listener.local_addr().unwrap());
    let (told, received) = mpsc::channel(16);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let told = told.clone();
            tokio::spawn(async move {
                let mut bytes = Vec::new();
                while stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                    if length.is_some_and(|length| length.parse() == Ok(body.len())) {
                        told.send((head.to_owned(), body.to_owned())).await.unwrap();
                        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
                        bytes.clear();
                    }
                }
            });
        }
    });
    (url, received)
}

async fn ask(service: &dyn Service, operation: &str, input: Value) -> Value {
    let asker = Asker {
        account: "123456789012".into(),
        region: "us-east-1".into(),
        access_key: "AKID".into(),
        base_url: "http://127.0.0.1:8083".into(),
        request_id: "id".into(),
    };
    service.call(Call { operation, input: &input, asker: &asker }).await.unwrap()
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_webhook_confirms_and_is_sent_a_message() {
    let ledger = Ledger::open(&ledger::Settings::default()).unwrap();
    let connectors = Connectors::new(Settings::default());
    let sns = Sns::start(
        ledger,
        Arc::new(SystemClock),
        Arc::new(Nobody),
        Arc::new(connectors),
        Connections::in_memory(),
    )
    .unwrap();
    let (url, mut received) = webhook().await;
    let topic = text(&ask(&sns, "CreateTopic", json::value!({ "Name": "t" })).await, "TopicArn");
    let subscribe =
        json::value!({ "TopicArn": (topic.as_str()), "Protocol": "http", "Endpoint": (url.as_str()) });
    ask(&sns, "Subscribe", subscribe).await;
    let (head, body) = received.recv().await.unwrap();
    assert!(head.starts_with("POST /hook HTTP/1.1"), "{head}");
    assert!(head.contains("authorization: Basic YWRhOndvcmQ="), "{head}");
    let token = text(&Value::parse(&body).unwrap(), "Token");
    ask(&sns, "ConfirmSubscription", json::value!({ "TopicArn": (topic.as_str()), "Token": token })).await;
    ask(&sns, "Publish", json::value!({ "TopicArn": topic, "Message": "hello" })).await;
    let (head, body) = received.recv().await.unwrap();
    assert!(head.contains("x-amz-sns-message-type: Notification"), "{head}");
    assert_eq!(text(&Value::parse(&body).unwrap(), "Message"), "hello");
    sns.stop().await;
}

/// Made by Python's `zipfile`: `app.py` with a handler that says its event and an environment variable.
const ARCHIVE: &str = "UEsDBBQAAAAIAAAAIVh01wjriQAAALAAAAAGAAAAYXBwLnB5LY1BCsIwEEX3OcUwqxTEAxS6EndCQdCNuAjJBANxpkySIoh3t9a+\
    5ec9fnpOohWkGGMCRXg4DpnU0kxcd+CFK71q1xtYmDRxtehdzhSwW7cUYXVhGACjSxn/7g91qRBcXW50VBW1yLJlSrUpwxvXGHvY\
    DtFLlqbLIGVPPCcVvuFhPI2XM94/5gtQSwECFAMUAAAACAAAACFYdNcI64kAAACwAAAABgAAAAAAAAAAAAAApAEAAAAAYXBwLnB5\
    UEsFBgAAAAABAAEANAAAAK0AAAAAAA==";

#[tokio::test]
async fn a_function_that_came_in_an_archive_is_called() {
    if std::process::Command::new("python3").arg("--version").output().is_err() {
        eprintln!("python3 is not here, so this shows nothing");
        return;
    }
    let ledger = Ledger::open(&ledger::Settings::default()).unwrap();
    let connectors = Connectors::new(Settings::default());
    let all_code = std::env::temp_dir().join(format!("stepwell-archive-{}", std::process::id()));
    let lambda = Lambda::start(
        ledger,
        Arc::new(SystemClock),
        Arc::new(Nobody),
        Arc::new(connectors),
        all_code.clone(),
        None,
    )
    .unwrap();
    let create = json::value!({
        "FunctionName": "f",
        "Runtime": "python3.12",
        "Handler": "app.handler",
        "Role": "arn:aws:iam::123456789012:role/any",
        "Timeout": 30,
        "Environment": { "Variables": { "COLOUR": "blue" } },
        "Code": { "ZipFile": ARCHIVE },
    });
    ask(&lambda, "CreateFunction", create).await;
    let payload = aws_protocols::base64::encode(br#"{"n":1}"#);
    let invoke = json::value!({ "FunctionName": "f", "Payload": payload, "LogType": "Tail" });
    let answer = ask(&lambda, "Invoke", invoke).await;
    let said = aws_protocols::base64::decode(&text(&answer, "Payload")).unwrap();
    assert_eq!(String::from_utf8(said).unwrap(), r#"{"event": {"n": 1}, "colour": "blue"}"#);
    let log = aws_protocols::base64::decode(&text(&answer, "LogResult")).unwrap();
    assert!(String::from_utf8_lossy(&log).contains("called\n"));
    let failing = json::value!({ "FunctionName": "f", "Payload": "ImZhaWwi" });
    let answer = ask(&lambda, "Invoke", failing).await;
    assert_eq!(text(&answer, "FunctionError"), "Unhandled");
    lambda.stop().await;
    let _ = std::fs::remove_dir_all(all_code);
}
