//! A service of AWS, as far as the walk of a job needs it: it starts jobs, tells how they are, stops them,
//! and remembers what it was asked.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::spawn;
use std::time::{Duration, Instant};

use json::Value;

use crate::job::{Job, filled, filled_value};

/// A request that has not come by then does not come.
const SEEN_WITHIN: Duration = Duration::from_secs(60);

pub struct Endpoint {
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    job: &'static Job,
    world: Mutex<World>,
    changed: Condvar,
}

#[derive(Default)]
struct World {
    /// By what the walk calls them.
    jobs: BTreeMap<String, Seen>,
    /// Requests that no job of this kind makes.
    surprises: Vec<String>,
}

/// What has become of a job.
#[derive(Clone, Default)]
pub struct Seen {
    /// How it will be, one status for each question; the last one stays. Without any, it cannot be started.
    statuses: VecDeque<&'static str>,
    /// Whether the answer to its start is held back.
    is_held: bool,
    /// How often it was started, told of and stopped.
    pub submissions: usize,
    pub questions: usize,
    pub stops: usize,
}

struct Request {
    operation: String,
    /// Path and body, in which a job's name is looked for.
    text: String,
    body: Value,
}

impl Endpoint {
    /// Listens on 127.0.0.1 as the service of this job. It ends with the test.
    pub fn start(job: &'static Job) -> Endpoint {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared { job, world: Mutex::default(), changed: Condvar::new() });
        let served = shared.clone();
        spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let served = served.clone();
                spawn(move || served.serve(stream));
            }
        });
        Endpoint { port, shared }
    }

    /// Says how a job will be from its next question on.
    pub fn plan(&self, id: &str, statuses: impl IntoIterator<Item = &'static str>) {
        let mut world = self.shared.world();
        world.jobs.entry(id.to_owned()).or_default().statuses = statuses.into_iter().collect();
    }

    /// Holds back the answer to a job's start, or lets it go.
    pub fn hold(&self, id: &str, is_held: bool) {
        self.shared.world().jobs.entry(id.to_owned()).or_default().is_held = is_held;
        self.shared.changed.notify_all();
    }

    /// Waits until what was seen of a job is such.
    #[track_caller]
    pub fn wait_until(&self, id: &str, what: &str, is_so: impl Fn(&Seen) -> bool) -> Seen {
        let deadline = Instant::now() + SEEN_WITHIN;
        let mut world = self.shared.world();
        loop {
            let seen = world.jobs.get(id).cloned().unwrap_or_default();
            if is_so(&seen) {
                return seen;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{id} never {what}; surprises: {:#?}", world.surprises);
            world = self.shared.changed.wait_timeout(world, left).expect("nobody panics with the lock").0;
        }
    }

    /// Every request so far was one of a job.
    #[track_caller]
    pub fn assert_no_surprise(&self) {
        let world = self.shared.world();
        assert!(world.surprises.is_empty(), "{:#?}", world.surprises);
    }
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("nobody panics with the lock")
    }

    /// Answers one connection's requests, until the other side closes it.
    fn serve(&self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        let mut buffer = [0; 16 * 1024];
        loop {
            while let Some((request, end)) = parse(&bytes) {
                bytes.drain(..end);
                let (status, body) = self.answer(&request);
                let head = format!(
                    "HTTP/1.1 {status} Told\r\nContent-Type: application/json\r\nx-amzn-RequestId: r-1\r\n\
                     Content-Length: {}\r\n\r\n",
                    body.len()
                );
                if stream.write_all((head + &body).as_bytes()).is_err() {
                    return;
                }
            }
            match stream.read(&mut buffer) {
                Ok(0) | Err(_) => return,
                Ok(read) => bytes.extend_from_slice(&buffer[..read]),
            }
        }
    }

    fn answer(&self, request: &Request) -> (u16, String) {
        let Job { submit, describe, answer, stop, .. } = self.job;
        let mut world = self.world();
        let World { jobs, surprises } = &mut *world;
        let mut surprise = |why: &str| {
            surprises.push(format!("{why}: {} {}", request.operation, request.text));
            (500, r#"{"message":"nobody expected this"}"#.to_owned())
        };
        let found = jobs.iter_mut().find(|(id, _)| request.text.contains(id.as_str()));
        let Some((id, seen)) = found else { return surprise("of no job") };
        let is = |operation: &str| filled(operation, id, "") == request.operation;
        let status = *seen.statuses.front().unwrap_or(&"");
        let reply = if is(submit.operation) {
            let expected = filled_value(submit.sent, id, "");
            if !has_members(&request.body, &expected) {
                return surprise("sent otherwise");
            }
            seen.submissions += 1;
            let reply = if seen.statuses.is_empty() {
                (400, filled(r#"{"__type":"$STATUS","message":"no $ID"}"#, id, submit.error_code))
            } else {
                (200, filled(submit.answer, id, status))
            };
            let id = id.clone();
            self.changed.notify_all();
            let is_held = |world: &mut World| world.jobs.get(&id).is_some_and(|seen| seen.is_held);
            drop(self.changed.wait_while(world, is_held).expect("nobody panics with the lock"));
            return reply;
        } else if is(describe) {
            if seen.statuses.len() > 1 {
                seen.statuses.pop_front();
            }
            seen.questions += 1;
            let reply = answer(status);
            (reply.status, filled(reply.body, id, status))
        } else if let Some((operation, sent)) = stop
            && is(operation)
        {
            if request.body != filled_value(sent, id, "") {
                return surprise("sent otherwise");
            }
            seen.stops += 1;
            (200, "{}".to_owned())
        } else {
            return surprise("of no operation that is known");
        };
        self.changed.notify_all();
        reply
    }
}

/// Whether the object has all the members of the other, with the same values.
fn has_members(actual: &Value, expected: &Value) -> bool {
    let expected = expected.as_object().expect("an object is expected");
    expected.iter().all(|(name, value)| actual.get(name) == Some(value))
}

/// A request at the start of the bytes, and where it ends, once it is complete.
fn parse(bytes: &[u8]) -> Option<(Request, usize)> {
    let body_start = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..body_start]).expect("a head is text");
    let header = |wanted: &str| {
        let mut headers = head.lines().filter_map(|line| line.split_once(':'));
        headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let length = header("content-length").map_or(0, |length| length.parse().expect("a length is a number"));
    let end = body_start + length;
    let body = std::str::from_utf8(bytes.get(body_start..end)?).expect("a body is text");
    let mut line = head.split(' ');
    let (method, target) = (line.next().unwrap_or_default(), line.next().unwrap_or_default());
    let path = target.split('?').next().unwrap_or_default();
    let operation = match header("x-amz-target").and_then(|target| target.rsplit_once('.')) {
        Some((_, name)) => name.to_owned(),
        None => format!("{method} {path}"),
    };
    let value = if body.is_empty() { Ok(json::value!({})) } else { Value::parse(body) };
    let value = value.unwrap_or_else(|error| panic!("{operation} was sent {body:?}: {error}"));
    Some((Request { operation, text: format!("{target} {body}"), body: value }, end))
}
