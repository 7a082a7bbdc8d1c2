//! Subscriptions over real sockets, heard by a client that is not ours.

use std::time::Duration;

use appsync::AppSync;
use futures_util::{SinkExt, StreamExt};
use json::{Value, value};
use ledger::{Ledger, Space};
use services::records;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Message, http};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::world::{World, post};

const PATIENCE: Duration = Duration::from_secs(20);

const SCHEMA: &str = r#"
type Query { nothing: Int }
type Mutation { say(text: String): Said }
type Said { text: String }
type Subscription { said(text: String): Said @aws_subscribe(mutations: ["say"]) }"#;

/// Gives its arguments back.
const ECHO: &str = "export function request(ctx) { return { payload: ctx.args } }
export function response(ctx) { return ctx.result }";

/// Where AppSync keeps what it keeps. (The table is `services/src/spaces.rs`.)
const SPACE: Space = Space::new(18);

type Socket = WebSocketStream<TcpStream>;

async fn world() -> World {
    world_with(http_api::Settings::default()).await
}

async fn world_with(settings: http_api::Settings) -> World {
    World::start_with(http_api::Settings { appsync: Some(appsync().await), ..settings }).await
}

/// One API whose mutation gives back what it is told.
async fn appsync() -> AppSync {
    let settings = ledger::Settings { data_dir: None, segment_bytes: 1 << 20 };
    let ledger = Ledger::open(&settings).unwrap();
    let resolver = value!({
        "typeName": "Mutation", "fieldName": "say", "kind": "UNIT", "dataSourceName": "nothing", "code": ECHO,
        "runtime": {"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"}
    });
    let kept = [
        ("api/a", value!({"name": "chat", "apiId": "a", "authenticationType": "API_KEY"})),
        ("schema/a", value!({"definition": SCHEMA, "status": "SUCCESS"})),
        ("key/a/da2-key", value!({"id": "da2-key", "expires": 9_999_999_999_i64})),
        ("source/a/nothing", value!({"name": "nothing", "type": "NONE"})),
        ("resolver/a/Mutation/say", resolver),
    ];
    let changes = kept.into_iter().map(|(key, value)| (key.to_owned(), Some(value))).collect();
    records::commit(&ledger, SPACE, &changes).await.unwrap();
    let connectors = connectors::Connectors::new(connectors::Settings::default());
    AppSync::start(&ledger, &connectors, appsync::Settings::default()).unwrap()
}

/// A connection as browsers make it.
async fn connect(world: &World, path: &str, protocols: &str) -> (Socket, http::Response<Option<Vec<u8>>>) {
    let mut request = format!("ws://{}{path}", world.address).into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
    let stream = TcpStream::connect(world.address).await.unwrap();
    client_async(request, stream).await.unwrap()
}

/// A connection that was let in.
async fn connected(world: &World) -> Socket {
    // {"host":"localhost","x-api-key":"da2-key"}
    let header = "header-eyJob3N0IjoibG9jYWxob3N0IiwieC1hcGkta2V5IjoiZGEyLWtleSJ9";
    let (mut socket, answer) = connect(world, "/a/graphql/realtime", &format!("graphql-ws, {header}")).await;
    assert_eq!(answer.headers()["sec-websocket-protocol"], "graphql-ws");
    say(&mut socket, r#"{"type":"connection_init"}"#).await;
    assert_eq!(
        heard(&mut socket).await,
        r#"{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}"#
    );
    assert_eq!(heard(&mut socket).await, r#"{"type":"ka"}"#);
    socket
}

async fn subscribed(socket: &mut Socket, id: &str) {
    let data = value!({"query": "subscription { said { text } }"}).to_text();
    let start = value!({"id": id, "type": "start", "payload": {
        "data": data, "extensions": {"authorization": {"x-api-key": "da2-key", "host": "localhost"}}
    }});
    say(socket, &start.to_text()).await;
    assert_eq!(heard(socket).await, value!({"id": id, "type": "start_ack"}).to_text());
}

async fn say(socket: &mut Socket, text: &str) {
    socket.send(Message::text(text)).await.unwrap();
}

/// The next message as text; `closed CODE` for the end.
async fn heard(socket: &mut Socket) -> String {
    match tokio::time::timeout(PATIENCE, socket.next()).await.expect("the server hangs") {
        Some(Ok(Message::Text(text))) => text.to_string(),
        Some(Ok(Message::Close(Some(frame)))) => format!("closed {}", u16::from(frame.code)),
        Some(Ok(Message::Pong(payload))) => format!("pong {}", String::from_utf8(payload.to_vec()).unwrap()),
        other => format!("{other:?}"),
    }
}

async fn mutate(world: &World, text: &str) -> String {
    let query = format!("mutation {{ say(text: {}) {{ text }} }}", Value::from(text));
    let body = value!({"query": query}).to_text();
    let mut client = world.client().await;
    client.send(&with_key(&post("/a/graphql", body.as_bytes()))).await;
    client.answer().await.expect("an answer").text
}

fn with_key(request: &[u8]) -> Vec<u8> {
    String::from_utf8(request.to_vec())
        .unwrap()
        .replacen("\r\n", "\r\nX-Api-Key: da2-key\r\n", 1)
        .into_bytes()
}

#[tokio::test]
async fn a_mutation_is_heard_by_all_who_listen() {
    let world = world().await;
    let (mut one, mut two) = (connected(&world).await, connected(&world).await);
    subscribed(&mut one, "1").await;
    subscribed(&mut two, "other \" name").await;
    // Larger than one read, and than one frame's short length.
    let long = "ü\"".repeat(40_000);
    for text in ["hello", long.as_str()] {
        let expected = value!({"data": {"say": {"text": text}}}).to_text();
        assert_eq!(mutate(&world, text).await, expected);
        let payload = value!({"data": {"said": {"text": text}}});
        let data = |id: &str| value!({"id": id, "type": "data", "payload": (payload.clone())}).to_text();
        assert_eq!(heard(&mut one).await, data("1"));
        assert_eq!(heard(&mut two).await, data("other \" name"));
    }
    one.close(None).await.unwrap();
    assert_eq!(heard(&mut one).await, "closed 1000");
    assert_eq!(heard(&mut one).await, "None");
    mutate(&world, "again").await;
    assert!(heard(&mut two).await.contains("again"));
    assert_eq!(metric(&world, "stepwell_appsync_connections").await, 1);
    assert_eq!(metric(&world, "stepwell_appsync_messages_total").await, 5);
    world.stopped().await;
}

#[tokio::test]
async fn frames_of_all_kinds_are_understood() {
    let world = world().await;
    let mut socket = connected(&world).await;
    socket.send(Message::Ping("are you there".into())).await.unwrap();
    assert_eq!(heard(&mut socket).await, "pong are you there");
    // A message in three frames with a ping between them.
    let pieces = [r#"{"type":"#, r#""connection"#, r#"_init"}"#];
    let frame = |text: &'static str, opcode, is_last| {
        Message::Frame(Frame::message(text, OpCode::Data(opcode), is_last))
    };
    socket.send(frame(pieces[0], Data::Text, false)).await.unwrap();
    socket.send(Message::Ping("x".into())).await.unwrap();
    socket.send(frame(pieces[1], Data::Continue, false)).await.unwrap();
    socket.send(frame(pieces[2], Data::Continue, true)).await.unwrap();
    assert_eq!(heard(&mut socket).await, "pong x");
    assert!(heard(&mut socket).await.contains("connection_ack"));
    socket.send(Message::binary(vec![1, 2])).await.unwrap();
    assert!(heard(&mut socket).await.contains("BadRequestException"));
    socket.send(frame("a", Data::Continue, true)).await.unwrap();
    assert_eq!(heard(&mut socket).await, "closed 1002");
    let mut socket = connected(&world).await;
    socket.send(Message::text("x".repeat((512 << 10) + 1))).await.unwrap();
    assert_eq!(heard(&mut socket).await, "closed 1009");
    world.stopped().await;
}

#[tokio::test]
async fn who_is_not_let_in_hears_why() {
    let world = world().await;
    for query in ["?header=eyJ4LWFwaS1rZXkiOiJ3cm9uZyJ9&payload=e30=", "", "?header=%25"] {
        let (mut socket, _) = connect(&world, &format!("/a/graphql/realtime{query}"), "graphql-ws").await;
        say(&mut socket, r#"{"type":"connection_init"}"#).await;
        let said = heard(&mut socket).await;
        assert!(
            said.starts_with(r#"{"type":"connection_error","payload":{"errors":[{"errorType":""#),
            "{said}"
        );
        assert_eq!(heard(&mut socket).await, "closed 1008");
    }
    world.stopped().await;
}

#[tokio::test]
async fn what_is_no_handshake_is_refused() {
    let world = world().await;
    for (headers, status) in [
        ("Upgrade: websocket\r\n", 400),
        ("Upgrade: websocket\r\nConnection: Upgrade\r\n", 426),
        ("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n", 400),
    ] {
        let mut client = world.client().await;
        let request = format!("GET /a/graphql/realtime HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        client.send(request.as_bytes()).await;
        assert_eq!(client.answer().await.expect("an answer").status, status, "{headers}");
    }
    world.stopped().await;
}

#[tokio::test]
async fn a_client_that_idles_is_not_late_and_hears_of_the_end() {
    let patience = http_api::Patience { head: Duration::from_millis(60), body: Duration::from_millis(60) };
    let mut world = world_with(http_api::Settings { patience, ..Default::default() }).await;
    let mut socket = connected(&world).await;
    subscribed(&mut socket, "1").await;
    // A client over HTTP that says nothing is hung up on: by then, this one has idled longer than such a client may.
    assert!(world.client().await.answer().await.is_none());
    mutate(&world, "still here").await;
    assert!(heard(&mut socket).await.contains("still here"));
    world.begin_stop();
    assert_eq!(heard(&mut socket).await, "closed 1001");
    assert_eq!(heard(&mut socket).await, "None");
    world.stopped().await;
}

#[tokio::test]
async fn there_is_a_bound_on_connections() {
    let world = world_with(http_api::Settings { lasting_max: 1, ..Default::default() }).await;
    let mut first = connected(&world).await;
    let mut client = world.client().await;
    client
        .send(
            b"GET /a/graphql/realtime HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        )
        .await;
    assert_eq!(client.answer().await.expect("an answer").status, 503);
    first.close(None).await.unwrap();
    assert_eq!(heard(&mut first).await, "closed 1000");
    assert_eq!(heard(&mut first).await, "None");
    connected(&world).await;
    world.stopped().await;
}

#[tokio::test]
async fn who_takes_nothing_holds_up_nobody() {
    let world = world().await;
    let (mut slow, mut quick) = (connected(&world).await, connected(&world).await);
    subscribed(&mut slow, "slow").await;
    subscribed(&mut quick, "quick").await;
    let long = "x".repeat(200 << 10);
    // What a socket's buffers take, and what may wait, is less than these.
    for number in 0..120 {
        mutate(&world, &format!("{number} {long}")).await;
        assert!(heard(&mut quick).await.contains(&format!("{number} ")));
    }
    // It reads on in the end, and finds that it was hung up on.
    let mut count = 0;
    let last = loop {
        match heard(&mut slow).await {
            text if text.contains("slow") => count += 1,
            other => break other,
        }
    };
    assert!(count < 120, "{count}");
    assert!(last == "closed 1008" || last.contains("Err"), "{last}");
    world.stopped().await;
}

#[tokio::test]
async fn answers_come_as_events_to_who_wants_that() {
    let world = world().await;
    let ask = async |query: &str, key: &str| {
        let body = value!({"query": query}).to_text();
        let request = format!(
            "POST /a/graphql HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {key}\r\nAccept: text/event-stream\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut client = world.client().await;
        client.send(request.as_bytes()).await;
        client
    };
    let mut listener = ask("subscription { said { text } }", "da2-key").await;
    let head = listener.until("\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream"), "{head}");
    // The head may come before the subscription lives.
    while metric(&world, "stepwell_appsync_subscriptions").await == 0 {
        tokio::task::yield_now().await;
    }
    mutate(&world, "hello").await;
    listener.until("event: next\ndata: {\"data\":{\"said\":{\"text\":\"hello\"}}}\n\n").await;
    drop(listener);
    let mut once = ask("{ nothing }", "da2-key").await;
    once.until("event: next\ndata: {\"data\":{\"nothing\":null}}\n\n").await;
    let mut wrong = ask("{ unknown }", "da2-key").await;
    wrong.until("event: complete\ndata: \n\n").await;
    assert_eq!(ask("{ nothing }", "wrong").await.answer().await.expect("an answer").status, 401);
    world.stopped().await;
}

/// What `/metrics` says.
async fn metric(world: &World, name: &str) -> u64 {
    let mut client = world.client().await;
    client.send(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let page = client.answer().await.expect("a page").text;
    let sample = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).expect(name);
    sample.parse().expect("a number")
}

#[tokio::test]
async fn who_asks_too_often_whether_we_are_there_is_hung_up_on() {
    let world = world().await;
    let mut socket = connected(&world).await;
    for _ in 0..3_000 {
        socket.feed(Message::Ping("x".into())).await.unwrap();
    }
    socket.flush().await.unwrap();
    let mut pongs = 0;
    let last = loop {
        match heard(&mut socket).await.as_str() {
            "pong x" => pongs += 1,
            other => break other.to_owned(),
        }
    };
    assert_eq!(last, "closed 1008");
    assert!((100..3_000).contains(&pongs), "{pongs}");
    world.stopped().await;
}

#[tokio::test]
async fn what_was_answered_before_the_end_is_heard_before_it() {
    let mut world = world().await;
    let mut socket = connected(&world).await;
    subscribed(&mut socket, "1").await;
    let long = "x".repeat(100 << 10);
    for number in 0..20 {
        mutate(&world, &format!("{number} {long}")).await;
    }
    world.begin_stop();
    for number in 0..20 {
        assert!(heard(&mut socket).await.contains(&format!("\"{number} x")));
    }
    assert_eq!(heard(&mut socket).await, "closed 1001");
    world.stopped().await;
}

#[tokio::test]
async fn who_takes_nothing_does_not_hold_up_the_end() {
    let stop_patience = Duration::from_secs(600);
    let mut world = world_with(http_api::Settings { stop_patience, ..Default::default() }).await;
    let mut slow = connected(&world).await;
    subscribed(&mut slow, "1").await;
    let long = "x".repeat(200 << 10);
    for _ in 0..35 {
        mutate(&world, &long).await;
    }
    world.begin_stop();
    world.stopped().await;
}

/// Where no keys are set, a page of another site could sign anything in the name of whoever looks at it.
#[tokio::test]
async fn pages_of_other_sites_sign_nothing_where_any_signature_would_do() {
    const SIGNED: &str = "Authorization: AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=0\r\n";
    const SOCKET: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const ELSEWHERE: &str = "Origin: https://evil.example\r\n";
    const HERE: &str = "Origin: http://localhost:3000\r\n";
    let status = async |world: &World, headers: &[&str]| {
        let body = r#"{"query":"{ nothing }"}"#;
        let is_socket = headers.contains(&SOCKET);
        let (method, path) = if is_socket { ("GET", "/a/graphql/realtime") } else { ("POST", "/a/graphql") };
        let body = if is_socket { "" } else { body };
        let length = format!("Content-Length: {}\r\n", body.len());
        let length = if is_socket { "" } else { &length };
        let headers = headers.concat();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}{length}\r\n{body}");
        let mut client = world.client().await;
        client.send(request.as_bytes()).await;
        let head = client.until("\r\n").await;
        head.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    let key = "X-Api-Key: da2-key\r\n";
    let open = world().await;
    assert_eq!(status(&open, &[SIGNED, ELSEWHERE]).await, "403");
    assert_eq!(status(&open, &[SOCKET, ELSEWHERE]).await, "403", "a signature may come later");
    assert_eq!(status(&open, &[key, ELSEWHERE]).await, "200", "a key is the page's own");
    assert_eq!(status(&open, &[SIGNED, HERE]).await, "401", "the API has no such mode");
    assert_eq!(status(&open, &[SIGNED]).await, "401");
    assert_eq!(status(&open, &[SOCKET, HERE]).await, "101");
    open.stopped().await;
    let keys = [("AKID".to_owned(), "secret".to_owned())].into();
    let authentication = http_api::Authentication::SigV4 { keys };
    let closed = world_with(http_api::Settings { authentication, ..Default::default() }).await;
    assert_eq!(status(&closed, &[SIGNED, ELSEWHERE]).await, "401", "it would have to be right");
    assert_eq!(status(&closed, &[SOCKET, ELSEWHERE]).await, "101");
    closed.stopped().await;
}
