//! How much memory subscribers cost, and how soon they all hear: `cargo run --release -p http-api --example subscriptions 10000`.
//! With `rooms` behind it each of them listens to a room of its own, and one hears.
//!
//! The server is a process of its own, so that its memory is its own. Clients are as small as can be: they do not read frames,
//! they look for a text.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use appsync::AppSync;
use json::{Value, value};
use ledger::{Ledger, Space};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const SCHEMA: &str = r#"
type Query { nothing: Int }
type Mutation { say(room: ID, text: String): Said }
type Said { room: ID text: String }
type Subscription { said(room: ID): Said @aws_subscribe(mutations: ["say"]) }"#;
const ECHO: &str = "export function request(ctx) { return { payload: ctx.args } }
export function response(ctx) { return ctx.result }";
/// So many clients connect at once.
const CONNECTING: usize = 100;
const MUTATIONS: usize = 5;
/// So many one after the other, to rooms of one subscriber each.
const MUTATIONS_TO_ROOMS: usize = 50;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let count =
        || std::env::args().nth(1).map_or(10_000, |count| count.parse().expect("a number of subscribers"));
    match (std::env::args().nth(1).as_deref(), std::env::args().nth(2).as_deref()) {
        (Some("serve"), _) => runtime.block_on(serve()),
        (_, Some("rooms")) => runtime.block_on(measure_rooms(count())),
        _ => runtime.block_on(measure(count())),
    }
}

/// Prints the port, and serves until it is killed.
async fn serve() {
    let settings = ledger::Settings { data_dir: None, segment_bytes: 1 << 20 };
    let ledger = Ledger::open(&settings).expect("a ledger in memory");
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
    services::records::commit(&ledger, Space::new(18), &changes).await.expect("records are kept");
    let connectors = connectors::Connectors::new(connectors::Settings::default());
    let appsync = AppSync::start(&ledger, &connectors, appsync::Settings::default()).expect("AppSync starts");
    let engine = engine::Settings {
        scope: aws_names::Scope::default(),
        unknown_calls: Default::default(),
        store: store::Settings { segment_bytes: 1 << 20, ..Default::default() },
        express: Default::default(),
        logs: None,
        mocks: Default::default(),
    };
    let engine = engine::Engine::start(engine, connectors).expect("an engine in memory");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    println!("{}", listener.local_addr().expect("an address"));
    let settings = http_api::Settings { appsync: Some(appsync), ..Default::default() };
    http_api::serve(listener, settings, engine, std::future::pending()).await;
}

/// A server in a process of its own, and where it is.
fn server() -> (Child, String) {
    let itself = std::env::current_exe().expect("a path");
    let mut server = Command::new(itself).arg("serve").stdout(Stdio::piped()).spawn().expect("a server");
    let mut line = String::new();
    let mut lines = std::io::BufReader::new(server.stdout.take().expect("its output"));
    std::io::BufRead::read_line(&mut lines, &mut line).expect("its address");
    (server, line.trim().to_owned())
}

async fn measure(count: usize) {
    let (mut server, address) = server();
    say(&address, None, "warm").await;
    let before = resident_kibibytes(server.id());
    let begun = Instant::now();
    let mut subscribers = connect(&address, count, |_| None).await;
    let connected = begun.elapsed();
    let idle = resident_kibibytes(server.id());
    let mut slowest = Duration::ZERO;
    for number in 0..MUTATIONS {
        let wanted = format!("message {number}!");
        let mut hearing = JoinSet::new();
        for (room, mut subscriber) in subscribers.drain(..) {
            let wanted = wanted.clone();
            hearing.spawn(async move {
                until(&mut subscriber, &wanted).await;
                ((room, subscriber), Instant::now())
            });
        }
        let begun = Instant::now();
        say(&address, None, &wanted).await;
        let answered = begun.elapsed();
        let heard = hearing.join_all().await;
        let last = heard.iter().map(|(_, at)| *at).max().expect("somebody hears").duration_since(begun);
        slowest = slowest.max(last);
        subscribers.extend(heard.into_iter().map(|(subscriber, _)| subscriber));
        println!(
            "mutation {number}: answered after {answered:.1?}, the last of {count} heard after {last:.1?}"
        );
    }
    let after = resident_kibibytes(server.id());
    println!(
        "connected in {connected:.1?}; resident: {before} KiB without, {idle} KiB with {count} idle subscribers \
         ({:.1} KiB each), {after} KiB after {MUTATIONS} mutations ({:.1} KiB each)",
        (idle - before) as f64 / count as f64,
        (after - before) as f64 / count as f64,
    );
    // For `cargo xtask bench`.
    println!("idle_memory\t{:.1}\tMiB", idle as f64 / 1024.0);
    println!("last_heard\t{:.1}\tms", slowest.as_secs_f64() * 1e3);
    let _ = server.kill();
    let _ = server.wait();
}

/// What a mutation costs that one of many hears: the server's processor time until it has.
async fn measure_rooms(count: usize) {
    let (mut server, address) = server();
    let mut subscribers = connect(&address, count, Some).await;
    say(&address, Some(0), "warm").await;
    until(&mut subscribers[0].1, "warm").await;
    let begun = (Instant::now(), processor_ticks(server.id()));
    for number in 0..MUTATIONS_TO_ROOMS {
        let (room, subscriber) = &mut subscribers[number * count / MUTATIONS_TO_ROOMS];
        let text = format!("message {number}!");
        say(&address, *room, &text).await;
        until(subscriber, &text).await;
    }
    let (elapsed, ticks) = (begun.0.elapsed(), processor_ticks(server.id()) - begun.1);
    println!(
        "{count} rooms: a mutation to one is heard after {:.2} ms, and takes {:.2} ms of the server's processor",
        elapsed.as_secs_f64() * 1e3 / MUTATIONS_TO_ROOMS as f64,
        // Linux counts in hundredths of a second.
        ticks as f64 * 10.0 / MUTATIONS_TO_ROOMS as f64,
    );
    let _ = server.kill();
    let _ = server.wait();
}

/// Subscribers, each with the room that it is given.
async fn connect(
    address: &str,
    count: usize,
    room: impl Fn(usize) -> Option<usize>,
) -> Vec<(Option<usize>, TcpStream)> {
    let mut subscribers = Vec::with_capacity(count);
    while subscribers.len() < count {
        let mut connecting = JoinSet::new();
        for number in subscribers.len()..count.min(subscribers.len() + CONNECTING) {
            connecting.spawn(subscribe(address.to_owned(), room(number)));
        }
        subscribers.extend(connecting.join_all().await);
    }
    subscribers
}

async fn subscribe(address: String, room: Option<usize>) -> (Option<usize>, TcpStream) {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = "GET /a/graphql/realtime HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: graphql-ws, header-eyJob3N0IjoibG9jYWxob3N0IiwieC1hcGkta2V5IjoiZGEyLWtleSJ9\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("a request");
    until(&mut stream, "\r\n\r\n").await;
    stream.write_all(&frame(r#"{"type":"connection_init"}"#)).await.expect("a message");
    until(&mut stream, r#"{"type":"ka"}"#).await;
    let query = match room {
        None => "subscription { said { text } }".to_owned(),
        Some(room) => format!("subscription {{ said(room: {room}) {{ text }} }}"),
    };
    let data = value!({"query": (query)}).to_text();
    let start = value!({"id": "0aa0b3f0-8f0e-4c8c-9d8e-b0c4f0b7b5a1", "type": "start", "payload": {
        "data": data, "extensions": {"authorization": {"x-api-key": "da2-key", "host": "localhost"}}
    }});
    stream.write_all(&frame(&start.to_text())).await.expect("a message");
    until(&mut stream, "start_ack").await;
    (room, stream)
}

/// Of a client, masked with nothing.
fn frame(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a short text").to_be_bytes();
    [&[0x81, 0x80 | 126][..], &length, &[0; 4], text.as_bytes()].concat()
}

/// Reads until this text has come.
async fn until(stream: &mut TcpStream, wanted: &str) {
    let mut read = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&read).contains(wanted) {
            let count = stream.read_buf(&mut read).await.expect("bytes");
            assert_ne!(count, 0, "the connection ended before {wanted}");
        }
    };
    tokio::time::timeout(Duration::from_secs(120), reading).await.expect(wanted);
}

async fn say(address: &str, room: Option<usize>, text: &str) {
    let room = room.map_or_else(|| "null".to_owned(), |room| room.to_string());
    let query = format!("mutation {{ say(room: {room}, text: {}) {{ room text }} }}", Value::from(text));
    let body = value!({"query": query}).to_text();
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let head = format!(
        "POST /a/graphql HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: da2-key\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice()).await.expect("a request");
    until(&mut stream, text).await;
}

/// Of all its threads, in user and kernel. (proc_pid_stat(5))
fn processor_ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("Linux");
    let (_, behind_name) = stat.rsplit_once(')').expect("a name");
    behind_name.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number")).sum()
}

/// `VmRSS`
fn resident_kibibytes(process: u32) -> i64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    line.trim().trim_end_matches(" kB").trim().parse().expect("a number")
}
