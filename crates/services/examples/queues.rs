//! How many messages a queue takes and gives, inside the process and on disk:
//!
//! - `queues FOLDER speed [CLIENTS] [SECONDS]`: messages in a second, sent, then received and deleted
//! - `queues FOLDER fill MANY [CLIENTS]`: sends `MANY` messages, each with its number
//! - `queues FOLDER drain MANY [CLIENTS]`: receives and deletes all of them, and tells which are missing and which come twice
//!
//! Each says how long the folder took to open, and what memory it has. `fill` and `drain` note what is acknowledged to them, in
//! files beside the data: after a kill in the middle the same command goes on, and what was acknowledged before must hold.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use json::Value;
use ledger::Ledger;
use services::delivery::SystemClock;
use services::sqs::{Settings, Sqs};
use services::{Asker, Call, Service};

const URL: &str = "http://localhost/123456789012/bench";
/// Messages in a batch, as many as AWS allows.
const BATCH: u64 = 10;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = PathBuf::from(arguments.first().expect("a folder for the data"));
    let number = |place: usize, default: u64| {
        arguments.get(place).map_or(default, |text| text.parse().expect("a number"))
    };
    let began = Instant::now();
    let sqs = open(&folder);
    println!("opened in {:.2} s: {} MiB", began.elapsed().as_secs_f64(), resident_mebibytes());
    call(&sqs, "CreateQueue", json::value!({ "QueueName": "bench" })).await;
    match arguments.get(1).map(String::as_str) {
        Some("speed") => speed(&sqs, number(2, 64), number(3, 5)).await,
        Some("fill") => fill(&sqs, &folder, number(2, 1_000_000), number(3, 64)).await,
        Some("drain") => drain(&sqs, &folder, number(2, 1_000_000), number(3, 64)).await,
        _ => panic!("speed, fill or drain"),
    }
}

fn open(folder: &Path) -> Sqs {
    let settings = ledger::Settings { data_dir: Some(folder.to_owned()), ..ledger::Settings::default() };
    let ledger = Ledger::open(&settings).expect("a folder that can be written");
    Sqs::new(ledger, Arc::new(SystemClock), Settings::default()).expect("queues of this version")
}

async fn speed(sqs: &Sqs, clients: u64, seconds: u64) {
    let until = Instant::now() + Duration::from_secs(seconds);
    let sent = by_clients(clients, sqs, move |sqs| async move {
        let mut count = 0;
        while Instant::now() < until {
            send(&sqs, 0..BATCH).await;
            count += BATCH;
        }
        count
    });
    println!("sent                 {:9.0}/s", sent.await as f64 / seconds as f64);
    let until = Instant::now() + Duration::from_secs(seconds);
    let received = by_clients(clients, sqs, move |sqs| async move {
        let mut count = 0;
        while Instant::now() < until {
            let messages = receive(&sqs).await;
            delete(&sqs, &messages).await;
            count += messages.len() as u64;
        }
        count
    });
    println!("received and deleted {:9.0}/s", received.await as f64 / seconds as f64);
}

/// Work of so many clients; the sum of what they did.
async fn by_clients<W: Future<Output = u64> + Send + 'static>(
    clients: u64,
    sqs: &Sqs,
    work: impl Fn(Sqs) -> W,
) -> u64 {
    let tasks: Vec<_> = (0..clients).map(|_| tokio::spawn(work(sqs.clone()))).collect();
    let mut sum = 0;
    for task in tasks {
        sum += task.await.expect("a client goes on to the end");
    }
    sum
}

/// Numbers that were acknowledged, kept in a file that outlives the process.
struct Noted {
    file: Mutex<File>,
}

impl Noted {
    fn open(folder: &Path, name: &str) -> Noted {
        let file = OpenOptions::new().create(true).append(true).open(folder.join(name));
        Noted { file: Mutex::new(file.expect("a folder that can be written")) }
    }

    fn note(&self, numbers: &[u64]) {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.file.lock().expect("nobody panics with it").write_all(&bytes).expect("the disk has room");
    }

    /// One flag for each number.
    fn read(folder: &Path, name: &str, many: u64) -> Vec<bool> {
        let mut flags = vec![false; many as usize];
        let mut bytes = Vec::new();
        if let Ok(mut file) = File::open(folder.join(name)) {
            file.read_to_end(&mut bytes).expect("it can be read");
        }
        for number in bytes.as_chunks::<8>().0 {
            flags[u64::from_le_bytes(*number) as usize] = true;
        }
        flags
    }
}

/// Sends what was never asked for before: whether a message that was asked for and not acknowledged is there, nobody knows.
async fn fill(sqs: &Sqs, folder: &Path, many: u64, clients: u64) {
    let known = Noted::read(folder, "asked", many);
    let todo: Vec<u64> = (0..many).filter(|number| !known[*number as usize]).collect();
    println!("{} of {many} were asked for before", many - todo.len() as u64);
    let (todo, next) = (Arc::new(todo), Arc::new(AtomicU64::new(0)));
    let (asked, sent) = (Arc::new(Noted::open(folder, "asked")), Arc::new(Noted::open(folder, "sent")));
    let began = Instant::now();
    let count = by_clients(clients, sqs, |sqs| {
        let (todo, next) = (todo.clone(), next.clone());
        let (asked, sent) = (asked.clone(), sent.clone());
        async move {
            let mut count = 0;
            loop {
                let from = next.fetch_add(BATCH, Ordering::Relaxed).min(todo.len() as u64) as usize;
                let batch = &todo[from..(from + BATCH as usize).min(todo.len())];
                if batch.is_empty() {
                    return count;
                }
                asked.note(batch);
                send(&sqs, batch.iter().copied()).await;
                sent.note(batch);
                count += batch.len() as u64;
            }
        }
    })
    .await;
    println!("sent {count}: {:.0}/s; {} MiB", per_second(count, began), resident_mebibytes());
}

/// Receives and deletes until the queue is empty, and then compares with what was noted.
async fn drain(sqs: &Sqs, folder: &Path, many: u64, clients: u64) {
    let (received, deleted) =
        (Arc::new(Noted::open(folder, "received")), Arc::new(Noted::open(folder, "deleted")));
    let gone = Arc::new(Mutex::new(Noted::read(folder, "deleted", many)));
    let again = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let count = by_clients(clients, sqs, |sqs| {
        let (received, deleted) = (received.clone(), deleted.clone());
        let (gone, again) = (gone.clone(), again.clone());
        async move {
            let mut count = 0;
            loop {
                let messages = receive(&sqs).await;
                if messages.is_empty() {
                    if left(&sqs).await == 0 {
                        return count;
                    }
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
                let numbers: Vec<u64> = messages.iter().map(number_of).collect();
                received.note(&numbers);
                delete(&sqs, &messages).await;
                deleted.note(&numbers);
                let mut gone = gone.lock().expect("nobody panics with it");
                for number in &numbers {
                    let was = std::mem::replace(&mut gone[*number as usize], true);
                    again.fetch_add(u64::from(was), Ordering::Relaxed);
                }
                count += numbers.len() as u64;
            }
        }
    })
    .await;
    let rate = per_second(count, began);
    println!("received and deleted {count}: {rate:.0}/s; {} MiB", resident_mebibytes());
    let (sent, received) = (Noted::read(folder, "sent", many), Noted::read(folder, "received", many));
    let lost = sent.iter().zip(&received).filter(|(sent, received)| **sent && !**received).count();
    let (sent, again) = (sent.iter().filter(|is| **is).count(), again.load(Ordering::Relaxed));
    println!(
        "{sent} were acknowledged as sent, {lost} of them were lost, {again} came after they were deleted"
    );
    if lost > 0 || again > 0 {
        std::process::exit(1);
    }
}

/// Messages in the queue, received ones too.
async fn left(sqs: &Sqs) -> u64 {
    let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
    let answer =
        call(sqs, "GetQueueAttributes", json::value!({ "QueueUrl": URL, "AttributeNames": ["All"] })).await;
    let count = |name: &str| answer.get("Attributes")?.get(name)?.as_str()?.parse::<u64>().ok();
    names.iter().map(|name| count(name).expect("it has counts")).sum()
}

fn per_second(count: u64, began: Instant) -> f64 {
    count as f64 / began.elapsed().as_secs_f64()
}

async fn send(sqs: &Sqs, numbers: impl Iterator<Item = u64>) {
    let entry = |number: u64| json::value!({ "Id": (number.to_string()), "MessageBody": (format!("{number:x<100}")) });
    let entries: Value = numbers.map(entry).collect();
    let answer = call(sqs, "SendMessageBatch", json::value!({ "QueueUrl": URL, "Entries": entries })).await;
    assert_eq!(answer.get("Failed"), None, "{}", answer.to_text());
}

/// The number that a message was sent with.
fn number_of(message: &Value) -> u64 {
    let body = message.get("Body").and_then(Value::as_str).expect("it has a body");
    body.trim_end_matches('x').parse().expect("it is one of ours")
}

async fn receive(sqs: &Sqs) -> Vec<Value> {
    let input = json::value!({ "QueueUrl": URL, "MaxNumberOfMessages": BATCH });
    let answer = call(sqs, "ReceiveMessage", input).await;
    answer
        .get("Messages")
        .and_then(Value::as_array)
        .map_or_else(Vec::new, |messages| messages.as_slice().to_vec())
}

async fn delete(sqs: &Sqs, messages: &[Value]) {
    if messages.is_empty() {
        return;
    }
    let entry = |(number, message): (usize, &Value)| json::value!({ "Id": (number.to_string()), "ReceiptHandle": (message.get("ReceiptHandle").cloned()) });
    let entries: Value = messages.iter().enumerate().map(entry).collect();
    let answer = call(sqs, "DeleteMessageBatch", json::value!({ "QueueUrl": URL, "Entries": entries })).await;
    assert_eq!(answer.get("Failed"), None, "{}", answer.to_text());
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
