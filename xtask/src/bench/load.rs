//! A load generator that costs little: one thread for each load, kept-alive connections, requests that are bytes already.
//!
//! Never here: what a figure means.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;

use super::api;
use super::connection::Connection;

/// The first pause between two polls; each next one is twice as long.
const POLL_PAUSE_MIN: Duration = Duration::from_millis(1);
/// And at most this long.
const POLL_PAUSE_MAX: Duration = Duration::from_millis(16);
/// How much longer than its own duration a load may take before the server counts as stuck.
const PATIENCE: Duration = Duration::from_secs(300);

/// So many clients, each of which waits for its answer before it goes on.
#[derive(Clone)]
pub struct Load {
    /// On 127.0.0.1.
    pub port: u16,
    /// Connections.
    pub clients: usize,
    /// What each does again and again.
    pub work: Work,
    /// How long each rests after it.
    pub pause: Duration,
    /// When they stop.
    pub end: End,
}

/// What a client does.
#[derive(Clone)]
pub enum Work {
    /// Sends these in turn.
    Repeat(Vec<Vec<u8>>),
    /// Sends this; the answer must say that.
    Expect { request: Vec<u8>, answer: &'static str },
    /// Starts an execution and asks for it, at first at once, until it has ended.
    StartAndPoll(Vec<u8>),
    /// Starts so many executions with each request.
    Batch { request: Vec<u8>, size: u64 },
    /// Receives messages and deletes them in one batch; the address of the queue.
    ReceiveAndDelete { receive: Vec<u8>, queue_url: String },
}

/// When a load stops.
#[derive(Clone, Copy)]
pub enum End {
    /// After so long.
    After(Duration),
    /// After so many requests of all clients together.
    Count(u64),
}

/// What a load measured.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// How often the work was done: answers, executions that ended, executions of batches.
    pub done: u64,
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// Of the whole work each time, in microseconds, ascending.
    pub latencies: Vec<u32>,
    /// Of the start alone where there is more than that; ascending.
    pub start_latencies: Vec<u32>,
    /// How often was asked whether an execution has ended.
    pub polls: u64,
    /// The last execution of each client.
    pub arns: Vec<String>,
    /// What the server used meanwhile; filled in by whoever knows the process.
    pub server_cpu: Duration,
}

impl Load {
    /// Without rests.
    pub fn new(port: u16, clients: usize, work: Work, end: End) -> Load {
        Load { port, clients, work, pause: Duration::ZERO, end }
    }

    /// One request again and again.
    pub fn repeat(port: u16, clients: usize, request: Vec<u8>, duration: Duration) -> Load {
        Load::new(port, clients, Work::Repeat(vec![request]), End::After(duration))
    }

    /// Each client rests after each answer.
    pub fn with_pause(self, pause: Duration) -> Load {
        Load { pause, ..self }
    }

    /// Runs it on this thread.
    pub fn run(&self) -> anyhow::Result<Measured> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let patience = PATIENCE
            + match self.end {
                End::After(duration) => duration,
                End::Count(_) => Duration::ZERO,
            };
        runtime.block_on(async {
            let running = tokio::time::timeout(patience, self.run_clients());
            running.await.context("the server no longer answers")?
        })
    }

    async fn run_clients(&self) -> anyhow::Result<Measured> {
        let load = Arc::new(self.clone());
        let mut connections = Vec::new();
        for _ in 0..self.clients {
            connections.push(Connection::open(self.port).await?);
        }
        let (began, taken) = (Instant::now(), Arc::new(AtomicU64::new(0)));
        let clients = connections.into_iter().enumerate().map(|(number, connection)| {
            let client = Client { connection, load: load.clone(), number, began, taken: taken.clone() };
            tokio::spawn(client.run())
        });
        let mut together = Measured::default();
        for client in clients.collect::<Vec<_>>() {
            together.add(client.await??);
        }
        together.latencies.sort_unstable();
        together.start_latencies.sort_unstable();
        Ok(together)
    }
}

/// Runs loads at the same time, each on a thread of its own: one that has much to do does not hold up
/// another.
pub fn run(loads: &[Load]) -> anyhow::Result<Vec<Measured>> {
    std::thread::scope(|scope| {
        let running: Vec<_> = loads.iter().map(|load| scope.spawn(|| load.run())).collect();
        let joined = running.into_iter().map(|load| load.join());
        joined.map(|load| load.map_err(|_| anyhow::anyhow!("a load panicked"))?).collect()
    })
}

struct Client {
    connection: Connection,
    load: Arc<Load>,
    /// Among the clients of its load.
    number: usize,
    began: Instant,
    /// How many requests all clients of the load have taken on.
    taken: Arc<AtomicU64>,
}

impl Client {
    async fn run(mut self) -> anyhow::Result<Measured> {
        let load = self.load.clone();
        let mut measured = Measured::default();
        if !load.pause.is_zero() {
            // Clients that rest do not come all at once.
            tokio::time::sleep(load.pause * self.number as u32 / load.clients as u32).await;
        }
        for turn in self.number.. {
            let sent = Instant::now();
            if self.is_over(sent) {
                break;
            }
            let done = match &load.work {
                Work::Repeat(requests) => {
                    self.connection.ask(&requests[turn % requests.len()]).await?;
                    1
                }
                Work::Expect { request, answer } => {
                    let body = self.connection.ask(request).await?;
                    anyhow::ensure!(
                        contains(body, answer),
                        "no {answer} in {}",
                        String::from_utf8_lossy(body)
                    );
                    1
                }
                Work::StartAndPoll(start) => self.start_and_poll(start, &mut measured).await?,
                Work::Batch { request, size } => {
                    let body = self.connection.ask(request).await?;
                    let started = body.windows(ARN.len()).filter(|window| window == &ARN.as_bytes()).count();
                    let text = String::from_utf8_lossy(&body[..body.len().min(300)]);
                    anyhow::ensure!(
                        started as u64 == *size,
                        "{started} of {size} executions started: {text}"
                    );
                    measured.arns = arn(body).into_iter().collect();
                    *size
                }
                Work::ReceiveAndDelete { receive, queue_url } => {
                    let handles = handles(self.connection.ask(receive).await?);
                    if !handles.is_empty() {
                        self.connection.ask(&api::delete_messages_request(queue_url, &handles)).await?;
                    }
                    handles.len() as u64
                }
            };
            measured.done += done;
            measured.latencies.push(micros(sent));
            if !load.pause.is_zero() {
                tokio::time::sleep(load.pause).await;
            }
        }
        measured.elapsed = self.began.elapsed();
        Ok(measured)
    }

    fn is_over(&self, now: Instant) -> bool {
        match self.load.end {
            End::After(duration) => now >= self.began + duration,
            End::Count(count) => self.taken.fetch_add(1, Ordering::Relaxed) >= count,
        }
    }

    async fn start_and_poll(&mut self, start: &[u8], measured: &mut Measured) -> anyhow::Result<u64> {
        let sent = Instant::now();
        let arn = arn(self.connection.ask(start).await?).context("StartExecution gave no ARN")?;
        measured.start_latencies.push(micros(sent));
        let poll = api::describe_request(&arn);
        let mut pause = POLL_PAUSE_MIN;
        loop {
            let body = self.connection.ask(&poll).await?;
            measured.polls += 1;
            if contains(body, "\"status\":\"SUCCEEDED\"") {
                measured.arns = vec![arn];
                return Ok(1);
            }
            anyhow::ensure!(
                contains(body, "\"status\":\"RUNNING\""),
                "an execution ended as {}",
                String::from_utf8_lossy(body)
            );
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(POLL_PAUSE_MAX);
        }
    }
}

impl Measured {
    fn add(&mut self, client: Measured) {
        self.done += client.done;
        self.elapsed = self.elapsed.max(client.elapsed);
        self.latencies.extend(client.latencies);
        self.start_latencies.extend(client.start_latencies);
        self.polls += client.polls;
        self.arns.extend(client.arns);
    }

    /// Work done in a second.
    pub fn rate(&self) -> f64 {
        self.done as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency of the whole work below which this share came, in milliseconds.
    pub fn percentile(&self, share: f64) -> f64 {
        percentile(&self.latencies, share)
    }

    /// The same of the starts alone.
    pub fn start_percentile(&self, share: f64) -> f64 {
        percentile(&self.start_latencies, share)
    }

    /// The server's processor time for each work, in microseconds.
    pub fn cpu_micros(&self) -> f64 {
        self.server_cpu.as_secs_f64() * 1e6 / self.done.max(1) as f64
    }
}

fn percentile(ascending: &[u32], share: f64) -> f64 {
    let index = ((ascending.len() as f64 - 1.0) * share).round() as usize;
    ascending.get(index).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
}

fn micros(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
}

const ARN: &str = "\"executionArn\":\"";

/// The first execution that an answer names.
fn arn(body: &[u8]) -> Option<String> {
    let begin = find(body, ARN)? + ARN.len();
    let end = body[begin..].iter().position(|byte| *byte == b'"')?;
    String::from_utf8(body[begin..begin + end].to_vec()).ok()
}

const HANDLE: &str = "\"ReceiptHandle\":\"";

/// The receipt handles of an answer.
fn handles(mut body: &[u8]) -> Vec<String> {
    let mut handles = Vec::new();
    while let Some(begin) = find(body, HANDLE) {
        body = &body[begin + HANDLE.len()..];
        let end = body.iter().position(|byte| *byte == b'"').unwrap_or(body.len());
        handles.push(String::from_utf8_lossy(&body[..end]).into_owned());
    }
    handles
}

fn contains(body: &[u8], text: &str) -> bool {
    find(body, text).is_some()
}

fn find(body: &[u8], text: &str) -> Option<usize> {
    body.windows(text.len()).position(|window| window == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_sorted_latencies() {
        let measured = Measured { latencies: (1..=100).map(|ms| ms * 1000).collect(), ..Measured::default() };
        assert_eq!((measured.percentile(0.5), measured.percentile(0.99)), (51.0, 99.0));
    }

    #[test]
    fn all_handles_of_an_answer_are_found() {
        let body = br#"{"Messages":[{"ReceiptHandle":"AQ+1","Body":"a"},{"ReceiptHandle":"AQ+2"}]}"#;
        assert_eq!(handles(body), ["AQ+1", "AQ+2"]);
        assert!(handles(b"{}").is_empty());
    }

    #[test]
    fn the_first_arn_of_an_answer_is_found() {
        let body = br#"{"results":[{"executionArn":"arn:a","startDate":1},{"executionArn":"arn:b"}]}"#;
        assert_eq!(arn(body).as_deref(), Some("arn:a"));
        assert_eq!(arn(b"{}"), None);
        assert_eq!(arn(br#"{"executionArn":"cut"#), None);
    }
}
