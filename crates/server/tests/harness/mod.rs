//! A real server process, a client that knows just enough HTTP, and folders that go away.
#![allow(dead_code, reason = "each test program uses a part of this")]

pub mod killing;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use json::Value;

/// A server that is not ready by then is broken.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// `stepwell` with arguments, without what the surroundings may have set.
pub fn stepwell<const N: usize>(args: [&str; N]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepwell"));
    command.args(args);
    without_surroundings(&mut command);
    command
}

/// A line of a shell in which `stepwell` is on the path, in the repository's root.
pub fn shell(line: &str) -> Command {
    let folder = Path::new(env!("CARGO_BIN_EXE_stepwell")).parent().expect("it lies in a folder");
    let others = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&others));
    let mut command = Command::new("sh");
    command.args(["-euc", line]).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    command.env("PATH", std::env::join_paths(path).expect("no folder has a colon in its name"));
    without_surroundings(&mut command);
    command
}

fn without_surroundings(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if ["AWS_", "STEPWELL_", "SFN_"].iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
}

/// Runs it to its end: exit code, standard output, standard error.
pub fn outcome(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("stepwell starts");
    let text = |bytes| String::from_utf8(bytes).expect("it prints UTF-8");
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

/// Whether a program is there; if not, says that the test is skipped.
pub fn have(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("skipped: no {program}");
    }
    found
}

/// A folder of one test; it goes away at the end unless the test failed.
pub struct Folder(pub PathBuf);

impl Folder {
    /// Empty, below the target folder.
    pub fn new(name: &str) -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("the target folder can be written");
        Folder(path)
    }

    /// Writes a file, with the folders that it needs.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// As an argument.
    pub fn arg(&self) -> &str {
        self.0.to_str().expect("the target folder's path is UTF-8")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// A server process. Killed when dropped.
pub struct Server {
    child: Child,
    /// On 127.0.0.1.
    pub port: u16,
    lines: std::sync::Arc<std::sync::Mutex<Vec<String>>>,
}

impl Server {
    /// Starts `stepwell …` with `--port 0` added, and waits until it is ready.
    pub fn start(command: &mut Command) -> Server {
        let mut child =
            command.args(["--port", "0"]).stdout(Stdio::piped()).spawn().expect("stepwell starts");
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let lines = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let (send, receive) = std::sync::mpsc::channel();
        let kept = lines.clone();
        std::thread::spawn(move || {
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
                kept.lock().unwrap().push(line.trim_end().to_owned());
                if let Some((_, port)) = line.trim_end().rsplit_once("http://127.0.0.1:")
                    && let Ok(port) = port.parse::<u16>()
                {
                    let _ = send.send(port);
                }
                line.clear();
            }
        });
        let Ok(port) = receive.recv_timeout(READY_WITHIN) else {
            let _ = child.kill();
            panic!("stepwell printed no endpoint; its end: {:?}", child.wait());
        };
        let server = Server { child, port, lines };
        let began = Instant::now();
        while server.client().get("/readyz").is_err() {
            assert!(began.elapsed() < READY_WITHIN, "the server is not ready");
            std::thread::sleep(Duration::from_millis(5));
        }
        server
    }

    /// A client of this server.
    pub fn client(&self) -> Client {
        Client::new(self.port)
    }

    /// What it has printed so far.
    pub fn printed(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Waits until it has printed a line that contains this.
    pub fn wait_for_line(&self, part: &str) -> String {
        let began = Instant::now();
        loop {
            if let Some(line) = self.printed().into_iter().find(|line| line.contains(part)) {
                return line;
            }
            assert!(began.elapsed() < READY_WITHIN, "never printed {part:?}, but {:#?}", self.printed());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// `kill -9`
    pub fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// SIGTERM; returns the exit code.
    pub fn terminate(self) -> i32 {
        self.signal("-TERM");
        self.ended()
    }

    /// Sends a signal, by its flag of `kill`.
    pub fn signal(&self, flag: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([flag, &pid]).status().expect("kill is there");
        assert!(sent.success());
    }

    /// Waits for its end; returns the exit code.
    pub fn ended(mut self) -> i32 {
        let status = self.child.wait().expect("it ends");
        status.code().unwrap_or(-1)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Why a call gave no answer of its action.
#[derive(Debug)]
pub enum CallError {
    /// The API refused: the error's name and message.
    Refused { code: String, message: String },
    /// The connection broke: nobody knows whether the call arrived.
    Broken(String),
}

/// Calls API actions over one kept-alive connection.
pub struct Client {
    /// On 127.0.0.1.
    pub port: u16,
    stream: Option<TcpStream>,
}

impl Client {
    /// Connects with the first call.
    pub fn new(port: u16) -> Client {
        Client { port, stream: None }
    }

    /// Calls an action of Step Functions.
    pub fn call(&mut self, action: &str, body: &Value) -> Result<Value, CallError> {
        let head = format!(
            "POST / HTTP/1.1\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AWSStepFunctions.{action}"
        );
        self.send(action, &head, body)
    }

    /// Calls an action of EventBridge.
    pub fn of_events(&mut self, action: &str, body: &Value) -> Result<Value, CallError> {
        let head = format!(
            "POST / HTTP/1.1\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: AWSEvents.{action}"
        );
        self.send(action, &head, body)
    }

    /// Calls an action of SQS.
    pub fn of_sqs(&mut self, action: &str, body: &Value) -> Result<Value, CallError> {
        let head = format!(
            "POST / HTTP/1.1\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.{action}"
        );
        self.send(action, &head, body)
    }

    /// Calls an action of a service whose requests are forms: the answer's XML.
    pub fn of_form(&mut self, form: &str) -> String {
        let head = "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded";
        match self.request(head, form) {
            Ok((200, answer)) => answer,
            other => panic!("{form}: {other:?}"),
        }
    }

    /// Calls an action of a service that speaks JSON 1.0: `AmazonSQS.ReceiveMessage`.
    #[track_caller]
    pub fn of_service(&mut self, target: &str, body: &Value) -> Value {
        let head =
            format!("POST / HTTP/1.1\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: {target}");
        self.send(target, &head, body)
            .unwrap_or_else(|error| panic!("{target} {}: {error:?}", body.to_text()))
    }

    /// Posts JSON to an API of the gateway: the status and what came back.
    pub fn call_api(&mut self, path: &str, body: &Value) -> (u16, Value) {
        self.call_api_with(path, "Accept: */*", body)
    }

    /// The same with another header.
    pub fn call_api_with(&mut self, path: &str, header: &str, body: &Value) -> (u16, Value) {
        let body = body.to_text();
        let length = body.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nContent-Type: application/json\r\nHost: 127.0.0.1\r\n{header}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let (status, answer) = self.exchange(&request).expect("an answer");
        (status, Value::parse(&answer).unwrap_or_else(|error| panic!("{path} answered {answer:?}: {error}")))
    }

    /// Calls an extension, which has a path of its own.
    pub fn post(&mut self, path: &str, body: &Value) -> Result<Value, CallError> {
        self.send(path, &format!("POST {path} HTTP/1.1\r\nContent-Type: application/json"), body)
    }

    /// Calls an operation of a service whose operations are paths.
    pub fn of_path(
        &mut self,
        service: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Result<Value, CallError> {
        self.send(path, &head_of_path(service, method, path), body)
    }

    fn send(&mut self, what: &str, head: &str, body: &Value) -> Result<Value, CallError> {
        let body = if *body == Value::Null { String::new() } else { body.to_text() };
        let (status, answer) = self.request(head, &body)?;
        let value = if answer.is_empty() { Ok(Value::Null) } else { Value::parse(&answer) };
        let value = value.unwrap_or_else(|error| panic!("{what} answered {answer:?}: {error}"));
        if (200..300).contains(&status) {
            return Ok(value);
        }
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let code = text("__type").rsplit('#').next().unwrap_or_default().to_owned();
        let code = if code.is_empty() { format!("status {status}") } else { code };
        let message = [text("message"), text("Message")].concat();
        Err(CallError::Refused { code, message })
    }

    /// Sends a request, whose head lacks its host and its body's length: the status and what came back.
    pub fn request(&mut self, head: &str, body: &str) -> Result<(u16, String), CallError> {
        let length = body.len();
        let request = format!("{head}\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n{body}");
        self.exchange(&request).map_err(|error| {
            self.stream = None;
            CallError::Broken(error.to_string())
        })
    }

    /// Calls an action that must succeed.
    #[track_caller]
    pub fn ok(&mut self, action: &str, body: &Value) -> Value {
        self.call(action, body).unwrap_or_else(|error| panic!("{action} {}: {error:?}", body.to_text()))
    }

    /// Fetches a page; anything but 200 is an error.
    pub fn get(&mut self, path: &str) -> std::io::Result<String> {
        match self.exchange(&format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))? {
            (200, text) => Ok(text),
            (status, _) => Err(std::io::Error::other(format!("status {status}"))),
        }
    }

    fn exchange(&mut self, request: &str) -> std::io::Result<(u16, String)> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                let stream = TcpStream::connect(("127.0.0.1", self.port))?;
                // Longer than the longest poll that the API has.
                stream.set_read_timeout(Some(Duration::from_secs(70)))?;
                stream.set_nodelay(true)?;
                none.insert(stream)
            }
        };
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        let mut buffer = [0; 16 * 1024];
        loop {
            let read = stream.read(&mut buffer)?;
            if read == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            answer.extend_from_slice(&buffer[..read]);
            if let Some(whole) = parse_answer(&answer) {
                return Ok(whole);
            }
        }
    }
}

/// The head of such a call. The signature names the service, for two have the same paths; nobody checks the rest of it.
pub fn head_of_path(service: &str, method: &str, path: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: AWS4-HMAC-SHA256 Credential=a/20261128/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=00"
    )
}

/// Status and body, once both are complete.
fn parse_answer(bytes: &[u8]) -> Option<(u16, String)> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&bytes[..head]).expect("a head is text");
    let status = text.split(' ').nth(1)?.parse().expect("a status is a number");
    let length: usize = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, length)| length.trim().parse().expect("a length is a number"));
    let body = bytes.get(head + 4..head + 4 + length)?;
    Some((status, String::from_utf8(body.to_vec()).expect("a body is text")))
}

/// A member that is a string.
#[track_caller]
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no string {name} in {}", value.to_text()))
}

/// All events of an execution.
pub fn history(client: &mut Client, arn: &str) -> Vec<Value> {
    let mut events = Vec::new();
    let mut token = None::<String>;
    loop {
        let mut body = json::Object::new();
        body.insert("executionArn", arn);
        body.insert("maxResults", 1000);
        if let Some(token) = &token {
            body.insert("nextToken", token);
        }
        let page = client.ok("GetExecutionHistory", &Value::from(body));
        events.extend(page.get("events").and_then(Value::as_array).expect("it has events").iter().cloned());
        match page.get("nextToken").and_then(Value::as_str) {
            Some(next) => token = Some(next.to_owned()),
            None => return events,
        }
    }
}
