//! A client of an AppSync API over WebSocket: whatever bytes come, what it is told are messages.
//!
//! The first line is a protocol and how many bytes come at once; the rest is what the client sends behind the handshake, or, if the
//! first line ends with `texts`, messages with a line for each.

#![no_main]

// It needs nothing but bytes, and the server around it takes minutes to build.
#[allow(dead_code, unused_imports)]
#[path = "../../crates/http-api/src/websocket/frames.rs"]
mod frames;

use std::sync::LazyLock;

use appsync::{AppSync, Out, Outgoing, Place, Request, Socket};
use connectors::Connectors;
use json::{Value, value};
use ledger::Ledger;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use services::{Asker, Call};
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

use frames::{Heard, Reader};

const SCHEMA: &str = "type Query { post: Post } type Mutation { add(id: ID!, title: String): Post } type Post { id: ID! title: String } \
    type Subscription { onAdd(id: ID): Post @aws_subscribe(mutations: [\"add\"]) }";
/// Gives its arguments back.
const ECHO: &str = "export function request(ctx) { return { payload: ctx.args } } export function response(ctx) { return ctx.result }";
/// What was begun is done after so many turns of others.
const TURNS_MAX: usize = 50;

/// A server with an API of each kind.
struct World {
    runtime: Runtime,
    appsync: AppSync,
    /// A place and a key for it.
    graphql: (Place, String),
    events: (Place, String),
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
    let (appsync, graphql, events) = runtime.block_on(async {
        let ledger = Ledger::open(&ledger::Settings::default()).expect("it is in memory");
        let connectors = Connectors::new(connectors::Settings::default());
        let appsync =
            AppSync::start(&ledger, &connectors, appsync::Settings::default()).expect("it is empty");
        let graphql = graphql(&appsync).await;
        let events = events(&appsync).await;
        (appsync, graphql, events)
    });
    World { runtime, appsync, graphql, events }
});

fuzz_target!(|data: &[u8]| {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let Ok(head) = std::str::from_utf8(&data[..end]) else { return };
    let mut words = head.split(' ');
    let protocol = words.next().unwrap_or_default();
    let step = words.next().and_then(|step| step.parse().ok()).unwrap_or(usize::MAX).max(1);
    let mut bytes = data[end + 1..].to_vec();
    if words.next() == Some("texts") {
        bytes = bytes.split(|byte| *byte == b'\n').flat_map(frame).collect();
    }
    let world = &*WORLD;
    fuzz::bounded(|| world.runtime.block_on(world.talk(protocol, step, &bytes)));
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::vary_pieces(data, size, max_size, seed, &fuzz::front_pieces::MESSAGE)
});

/// A client's frame with a text, and a mask that changes nothing.
fn frame(text: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    let text = &text[..usize::from(length)];
    [&[0x81, 0x80 | 126], &length.to_be_bytes()[..], &[0; 4], text].concat()
}

impl World {
    async fn talk(&self, protocol: &str, step: usize, bytes: &[u8]) {
        let is_events = protocol == "aws-appsync-event-ws";
        let (place, key) = if is_events { &self.events } else { &self.graphql };
        let path = if is_events { "/event/realtime" } else { "/graphql/realtime" };
        let headers = [("sec-websocket-protocol", protocol), ("x-api-key", key)];
        let request = Request {
            method: "GET".to_owned(),
            path: path.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            ..Request::default()
        };
        let (_, mut socket) = self.appsync.connect(place, &request).await.expect("there is such a place");
        let mut client = Client { outgoing: socket.outgoing(), is_over: false };
        let mut reader = Reader::default();
        for piece in bytes.chunks(step) {
            reader.take(piece);
            loop {
                match reader.next() {
                    Ok(Some(heard)) => hear(&mut socket, heard, key).await,
                    Ok(None) => break,
                    Err(violation) => return assert!(violation.code > 1000 && !violation.reason.is_empty()),
                }
                client.take().await;
            }
        }
        for _ in 0..TURNS_MAX {
            yield_now().await;
        }
        client.take().await;
    }
}

async fn hear(socket: &mut Socket, heard: Heard, key: &str) {
    match heard {
        // Keys are drawn, so inputs cannot know them.
        Heard::Text(text) => socket.receive(&text.replace("da2-key", key)).await,
        Heard::Binary => socket.receive_bytes(),
        Heard::Ping(_) | Heard::Pong | Heard::Close(_) => {}
    }
}

struct Client {
    outgoing: Outgoing,
    is_over: bool,
}

impl Client {
    /// Takes what is there for it, which is a JSON text each.
    async fn take(&mut self) {
        while !self.is_over {
            let out =
                tokio::select! { biased; out = self.outgoing.next() => out, () = yield_now() => return };
            let text = match out {
                Out::Text(text) => text.into_string(),
                Out::Shared { head, body, tail } => format!("{head}{body}{tail}"),
                Out::Close { code, .. } => {
                    assert!(code >= 1000);
                    self.is_over = true;
                    return;
                }
            };
            assert!(Value::parse(&text).is_ok_and(|message| message.get("type").is_some()), "{text}");
        }
    }
}

async fn graphql(appsync: &AppSync) -> (Place, String) {
    let made =
        operate(appsync, "CreateGraphqlApi", value!({"name": "shop", "authenticationType": "API_KEY"})).await;
    let id = at(&made, &["graphqlApi", "apiId"]);
    let schema = aws_protocols::base64::encode(SCHEMA.as_bytes());
    operate(appsync, "StartSchemaCreation", value!({"apiId": (id.as_str()), "definition": schema})).await;
    operate(appsync, "CreateDataSource", value!({"apiId": (id.as_str()), "name": "nothing", "type": "NONE"}))
        .await;
    let resolver = value!({
        "apiId": (id.as_str()), "typeName": "Mutation", "fieldName": "add", "dataSourceName": "nothing", "code": ECHO,
        "runtime": {"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"}
    });
    operate(appsync, "CreateResolver", resolver).await;
    let key = operate(appsync, "CreateApiKey", value!({"apiId": (id.as_str())})).await;
    (Place::GraphQlRealtime(id.as_str().into()), at(&key, &["apiKey", "id"]))
}

async fn events(appsync: &AppSync) -> (Place, String) {
    let modes = value!([{"authType": "API_KEY"}]);
    let config = value!({
        "authProviders": (modes.clone()), "connectionAuthModes": (modes.clone()), "defaultPublishAuthModes": (modes.clone()),
        "defaultSubscribeAuthModes": modes
    });
    let made = operate(appsync, "CreateApi", value!({"name": "chat", "eventConfig": config})).await;
    let id = at(&made, &["api", "apiId"]);
    operate(appsync, "CreateChannelNamespace", value!({"apiId": (id.as_str()), "name": "news"})).await;
    let key = operate(appsync, "CreateApiKey", value!({"apiId": (id.as_str())})).await;
    (Place::EventRealtime(id.as_str().into()), at(&key, &["apiKey", "id"]))
}

async fn operate(appsync: &AppSync, operation: &str, input: Value) -> Value {
    let asker = Asker { region: "us-east-1".into(), account: "123456789012".into(), ..Asker::default() };
    let (_, service) = appsync.service();
    let answer = service.call(Call { operation, input: &input, asker: &asker }).await;
    answer.unwrap_or_else(|fault| panic!("{operation}: {fault:?}"))
}

fn at(value: &Value, path: &[&str]) -> String {
    let found = path.iter().try_fold(value, |value, name| value.get(name));
    found.and_then(Value::as_str).expect("the answer has it").to_owned()
}
