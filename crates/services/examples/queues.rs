//! How many messages a queue takes and gives, inside the process and on disk: `queues FOLDER [CLIENTS] [SECONDS] [MANY]`.
//!
//! `MANY` messages are then sent and found again by another start, to see what memory and time they take. Another run on the same
//! folder tells both of a process that knows nothing of its predecessor.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use json::Value;
use ledger::Ledger;
use services::delivery::SystemClock;
use services::sqs::{Settings, Sqs};
use services::{Asker, Call, Service};

const URL: &str = "http://localhost/123456789012/bench";

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder for the data"));
    let mut number = |default: u64| arguments.next().map_or(default, |text| text.parse().expect("a number"));
    let (clients, seconds, many) = (number(64), number(5), number(0));
    let began = Instant::now();
    let sqs = open(&folder);
    println!("opened in {:.2} s: {} MiB", began.elapsed().as_secs_f64(), resident_mebibytes());
    call(&sqs, "CreateQueue", json::value!({ "QueueName": "bench" })).await;
    let rate = run(&sqs, clients, seconds, |sqs| async move { send(&sqs).await }).await;
    println!("sent                 {rate:9.0}/s");
    let rate = run(&sqs, clients, seconds, |sqs| async move { receive_and_delete(&sqs).await }).await;
    println!("received and deleted {rate:9.0}/s");
    if many > 0 {
        let began = Instant::now();
        fill(&sqs, clients, many).await;
        println!("{:9.0}/s of them", many as f64 / began.elapsed().as_secs_f64());
        println!("{many} more: {} MiB", resident_mebibytes());
        drop(sqs);
        tokio::time::sleep(Duration::from_millis(500)).await;
        let began = Instant::now();
        let _sqs = open(&folder);
        println!("found again in {:.2} s: {} MiB", began.elapsed().as_secs_f64(), resident_mebibytes());
    }
}

fn open(folder: &std::path::Path) -> Sqs {
    let settings = ledger::Settings { data_dir: Some(folder.to_owned()), ..ledger::Settings::default() };
    let ledger = Ledger::open(&settings).expect("a folder that can be written");
    Sqs::new(ledger, Arc::new(SystemClock), Settings::default()).expect("queues of this version")
}

/// Work again and again, by so many at once; how much was done in a second.
async fn run<W: Future<Output = u64> + Send + 'static>(
    sqs: &Sqs,
    clients: u64,
    seconds: u64,
    work: impl Fn(Sqs) -> W + Clone + Send + 'static,
) -> f64 {
    let done = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let until = began + Duration::from_secs(seconds);
    let tasks = (0..clients).map(|_| {
        let (sqs, done, work) = (sqs.clone(), done.clone(), work.clone());
        tokio::spawn(async move {
            while Instant::now() < until {
                done.fetch_add(work(sqs.clone()).await, Ordering::Relaxed);
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("a client goes on to the end");
    }
    done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64()
}

async fn fill(sqs: &Sqs, clients: u64, many: u64) {
    let left = Arc::new(AtomicU64::new(many / 10));
    let tasks = (0..clients).map(|_| {
        let (sqs, left) = (sqs.clone(), left.clone());
        tokio::spawn(async move {
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
            {
                send(&sqs).await;
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("a client goes on to the end");
    }
}

async fn send(sqs: &Sqs) -> u64 {
    let body = "x".repeat(100);
    let entry = |number: u32| json::value!({ "Id": (number.to_string()), "MessageBody": (body.as_str()) });
    let entries: Value = (0..10).map(entry).collect();
    call(sqs, "SendMessageBatch", json::value!({ "QueueUrl": URL, "Entries": entries })).await;
    10
}

async fn receive_and_delete(sqs: &Sqs) -> u64 {
    let answer =
        call(sqs, "ReceiveMessage", json::value!({ "QueueUrl": URL, "MaxNumberOfMessages": 10 })).await;
    let messages = answer.get("Messages").and_then(Value::as_array).cloned().unwrap_or_default();
    if messages.is_empty() {
        return 0;
    }
    let entry = |(number, message): (usize, &Value)| json::value!({ "Id": (number.to_string()), "ReceiptHandle": (message.get("ReceiptHandle").cloned()) });
    let entries: Value = messages.iter().enumerate().map(entry).collect();
    call(sqs, "DeleteMessageBatch", json::value!({ "QueueUrl": URL, "Entries": entries })).await;
    messages.len() as u64
}

async fn call(sqs: &Sqs, operation: &str, input: Value) -> Value {
    let asker = Asker {
        account: "123456789012".into(),
        region: "us-east-1".into(),
        base_url: "http://localhost".into(),
        ..Asker::default()
    };
    sqs.call(Call { operation, input: &input, asker: &asker }).await.expect("it is a good call")
}

fn resident_mebibytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() / 1024
}
