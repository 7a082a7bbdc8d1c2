//! Event APIs over real sockets, plain and encrypted, heard by a client that is not ours.

use std::time::Duration;

use appsync::AppSync;
use futures_util::{SinkExt, StreamExt};
use json::{Value, value};
use ledger::{Ledger, Space};
use services::records;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::tls::Certificate;
use crate::world::{World, post};

const PATIENCE: Duration = Duration::from_secs(20);

/// Where AppSync keeps what it keeps. (The table is `services/src/spaces.rs`.)
const SPACE: Space = Space::new(18);

/// One API with the namespace `news`.
async fn appsync() -> AppSync {
    let ledger = Ledger::open(&ledger::Settings { data_dir: None, segment_bytes: 1 << 20 }).unwrap();
    let modes = value!([{"authType": "API_KEY"}]);
    let config = value!({
        "authProviders": (modes.clone()),
        "connectionAuthModes": (modes.clone()),
        "defaultPublishAuthModes": (modes.clone()),
        "defaultSubscribeAuthModes": modes,
    });
    let kept = [
        ("event-api/e", value!({"name": "chat", "apiId": "e", "eventConfig": config})),
        ("key/e/da2-key", value!({"id": "da2-key", "expires": 9_999_999_999_i64})),
        ("namespace/e/news", value!({"name": "news"})),
    ];
    let changes = kept.into_iter().map(|(key, value)| (key.to_owned(), Some(value))).collect();
    records::commit(&ledger, SPACE, &changes).await.unwrap();
    let connectors = connectors::Connectors::new(connectors::Settings::default());
    AppSync::start(&ledger, &connectors, appsync::Settings::default()).unwrap()
}

/// A client that listens to `/news/*`.
async fn listening<S: AsyncRead + AsyncWrite + Unpin>(stream: S) -> WebSocketStream<S> {
    // {"host":"localhost","x-api-key":"da2-key"}
    let header = "header-eyJob3N0IjoibG9jYWxob3N0IiwieC1hcGkta2V5IjoiZGEyLWtleSJ9";
    let mut request = "ws://localhost/e/event/realtime".into_client_request().unwrap();
    let protocols = format!("aws-appsync-event-ws, {header}");
    request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
    let (mut socket, answer) = client_async(request, stream).await.unwrap();
    assert_eq!(answer.headers()["sec-websocket-protocol"], "aws-appsync-event-ws");
    socket.send(Message::text(r#"{"type":"connection_init"}"#)).await.unwrap();
    assert_eq!(heard(&mut socket).await, r#"{"type":"connection_ack","connectionTimeoutMs":300000}"#);
    let subscribe = value!({
        "type": "subscribe", "id": "1", "channel": "/news/*", "authorization": {"x-api-key": "da2-key"}
    });
    socket.send(Message::text(subscribe.to_text())).await.unwrap();
    assert_eq!(heard(&mut socket).await, r#"{"type":"subscribe_success","id":"1"}"#);
    socket
}

async fn heard<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocketStream<S>) -> String {
    match tokio::time::timeout(PATIENCE, socket.next()).await.expect("the server hangs") {
        Some(Ok(Message::Text(text))) => text.to_string(),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_posted_is_heard_plain_and_encrypted() {
    let certificate = Certificate::new();
    let settings = http_api::Settings {
        appsync: Some(appsync().await),
        tls: Some(certificate.served()),
        ..http_api::Settings::default()
    };
    let world = World::start_with(settings).await;
    let mut plain = listening(TcpStream::connect(world.address).await.unwrap()).await;
    let mut encrypted = listening(certificate.connect(&world).await.unwrap()).await;
    let body = value!({"channel": "/news/a", "events": [(value!({"goals": 1}).to_text())]}).to_text();
    let request = String::from_utf8(post("/e/event", body.as_bytes())).unwrap();
    let mut client = world.client().await;
    client.send(request.replacen("\r\n", "\r\nX-Api-Key: da2-key\r\n", 1).as_bytes()).await;
    let answer = client.answer().await.expect("an answer");
    let answered = Value::parse(&answer.text).unwrap();
    assert_eq!((answer.status, answered.get("failed")), (200, Some(&value!([]))));
    let expected = r#"{"type":"data","id":"1","event":"{\"goals\":1}"}"#;
    assert_eq!(heard(&mut plain).await, expected);
    assert_eq!(heard(&mut encrypted).await, expected);
    client.send(&post("/e/event", body.as_bytes())).await;
    assert_eq!(client.answer().await.expect("an answer").status, 401);
    world.stopped().await;
}
