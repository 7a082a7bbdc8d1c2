//! A server with an engine in memory, and a client that speaks just enough HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use engine::Engine;
use json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Everything here answers in milliseconds; what takes this long hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server.
pub struct World {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
    engine: Engine,
}

/// One connection to it.
pub struct Client(TcpStream);

/// An HTTP answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: String,
    pub text: String,
}

impl World {
    pub async fn start() -> World {
        World::start_with(http_api::Settings::default()).await
    }

    pub async fn start_with(settings: http_api::Settings) -> World {
        let store = store::Settings {
            retention: Duration::from_secs(3600),
            segment_bytes: 1 << 20,
            ..Default::default()
        };
        World::start_on(store, settings).await
    }

    /// With its data where `store` says.
    pub async fn start_on(store: store::Settings, settings: http_api::Settings) -> World {
        let scope = aws_names::Scope::default();
        let settings_of_engine = engine::Settings {
            scope,
            unknown_calls: Default::default(),
            store,
            express: Default::default(),
            logs: None,
            mocks: Default::default(),
        };
        let connections = settings.connections.clone();
        let connectors =
            connectors::Connectors::new(connectors::Settings { connections, ..Default::default() });
        let step_functions = http_api::StepFunctions::new();
        connectors.set_built_in("stepfunctions", step_functions.clone());
        let engine = Engine::start(settings_of_engine, connectors).expect("an engine in memory");
        step_functions.serve(&engine);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move {
            let _ = stopped.await;
        };
        let served = tokio::spawn(http_api::serve(listener, settings, engine.clone(), shutdown));
        World { address, stop: Some(stop), served, engine }
    }

    pub async fn client(&self) -> Client {
        Client(TcpStream::connect(self.address).await.expect("a connection"))
    }

    /// Calls an action on a fresh connection: status and body.
    pub async fn call(&self, action: &str, body: &str) -> (u16, Value) {
        let answer = self.client().await.call(action, body).await;
        (answer.status, Value::parse(&answer.text).expect("JSON"))
    }

    /// Calls an action that must succeed.
    pub async fn ask(&self, action: &str, body: &str) -> Value {
        let (status, value) = self.call(action, body).await;
        assert_eq!(status, 200, "{action} {body}: {value}");
        value
    }

    /// Calls an action that must be refused: `code: message`.
    pub async fn refusal(&self, action: &str, body: &str) -> String {
        let (status, value) = self.call(action, body).await;
        assert_ne!(status, 200, "{action} {body}: {value}");
        refusal_in(&value)
    }

    /// Waits until the execution has closed.
    pub async fn closed(&self, execution_arn: &str) {
        let closed = self.engine.closed(execution_arn);
        tokio::time::timeout(PATIENCE, closed).await.expect("the execution ends");
    }

    /// The engine behind it, for tests with so many executions that HTTP would be most of their time.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Tells the server to stop, and does not wait.
    pub fn begin_stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    /// Waits until the server has stopped in order.
    pub async fn stopped(mut self) {
        self.begin_stop();
        let served = tokio::time::timeout(PATIENCE, self.served);
        served.await.expect("the server stops").expect("the server does not panic");
        self.engine.stop().await;
    }
}

impl Client {
    /// Sends bytes as they are.
    pub async fn send(&mut self, bytes: &[u8]) {
        // A server that has refused already may have closed the connection: the answer tells.
        let _ = self.0.write_all(bytes).await;
    }

    /// Says that nothing more will be sent.
    pub async fn end(&mut self) {
        let _ = self.0.shutdown().await;
    }

    pub async fn call(&mut self, action: &str, body: &str) -> Answer {
        self.send(&request(&format!("AWSStepFunctions.{action}"), body.as_bytes())).await;
        self.answer().await.expect("an answer")
    }

    /// The next answer; `None` if the connection ended instead.
    pub async fn answer(&mut self) -> Option<Answer> {
        tokio::time::timeout(PATIENCE, self.read_answer()).await.expect("the server hangs")
    }

    /// Reads on until this text has come, and returns all that did.
    pub async fn until(&mut self, wanted: &str) -> String {
        let mut read = Vec::new();
        let reading = async {
            while !String::from_utf8_lossy(&read).contains(wanted) {
                let count = self.0.read_buf(&mut read).await.unwrap_or_default();
                assert_ne!(count, 0, "the connection ended before {wanted}");
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.expect(wanted);
        String::from_utf8(read).expect("UTF-8")
    }

    async fn read_answer(&mut self) -> Option<Answer> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            match self.0.read(&mut byte).await {
                Ok(1) => head.push(byte[0]),
                _ => return None,
            }
        }
        let head = String::from_utf8(head).expect("headers in UTF-8");
        let (line, headers) = head.split_once("\r\n").expect("a status line");
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let headers = headers.to_ascii_lowercase();
        let length = headers
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().expect("a length"));
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.ok()?;
        Some(Answer { status, headers, text: String::from_utf8(body).expect("a body in UTF-8") })
    }
}

/// The bytes of a request to a path of our own.
pub fn post(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// The bytes of a call.
pub fn request(target: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\n\
         X-Amz-Target: {target}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// `code: message` of an error's body, the namespace left out.
pub fn refusal_in(value: &Value) -> String {
    let text = |name| value.get(name).and_then(Value::as_str).expect("a member of an error").to_owned();
    let code = text("__type");
    let code = code.split_once('#').expect("a namespace").1;
    format!("{code}: {}", text("message"))
}

/// The string at `name`.
pub fn text(value: &Value, name: &str) -> String {
    match value.get(name).and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        None => panic!("no string {name} in {value}"),
    }
}
