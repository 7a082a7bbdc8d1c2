//! Queues: messages in, messages out.

use json::Value;

use crate::bench::figure::Figure;
use crate::bench::load::{End, Load, Work};
use crate::bench::plan::Plan;
use crate::bench::{CLIENTS, api};

const SENT: &str = "64 clients over HTTP, each sends batches of ten messages with bodies of 100 bytes to one standard queue; \
                    each batch is answered after its fsync.";
const RECEIVED: &str = "64 clients over HTTP, each receives ten of those messages and deletes them in one batch; both are \
                        answered after their fsyncs.";
const SINGLE: &str = "64 clients, each sends one message at a time.";

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let server = plan.server("sqs", "")?;
    let create = json::value!({ "QueueName": "bench" });
    let created = api::send(server.port, &api::sqs_request("CreateQueue", &create))?;
    let url = created.get("QueueUrl").and_then(Value::as_str).unwrap_or_default().to_owned();
    let body = "x".repeat(100);

    plan.say(format_args!("{CLIENTS} clients send single messages"));
    let send = json::value!({ "QueueUrl": (url.as_str()), "MessageBody": (body.as_str()) });
    let send = api::sqs_request("SendMessage", &send);
    let single = plan.measure(&server.process, &Load::repeat(server.port, CLIENTS, send, plan.load / 2))?;

    plan.say(format_args!("{CLIENTS} clients send batches"));
    let entry = |number: usize| json::value!({ "Id": (number.to_string()), "MessageBody": (body.as_str()) });
    let entries: Value = (0..10).map(entry).collect();
    let batch = json::value!({ "QueueUrl": (url.as_str()), "Entries": entries });
    let batch = api::sqs_request("SendMessageBatch", &batch);
    let sent = plan.measure(&server.process, &Load::repeat(server.port, CLIENTS, batch, plan.load))?;
    let beside = format!("p99 of a batch {:.2} ms", sent.percentile(0.99));
    figures
        .push(Figure::new("messages sent", sent.rate() * 10.0, "/s", SENT).at_least(20_000.0).beside(beside));
    figures.push(Figure::new("… CPU of a message", sent.cpu_micros() / 10.0, "µs", SENT));
    let beside = format!("p50 {:.2} ms", single.percentile(0.5));
    figures.push(Figure::new("… one at a time", single.rate(), "/s", SINGLE).beside(beside));

    plan.say(format_args!("{CLIENTS} clients receive and delete"));
    let receive = json::value!({ "QueueUrl": (url.as_str()), "MaxNumberOfMessages": 10 });
    let receive = api::sqs_request("ReceiveMessage", &receive);
    let work = Work::ReceiveAndDelete { receive, queue_url: url };
    // No longer than there are messages.
    let load = Load::new(server.port, CLIENTS, work, End::After(plan.load / 2));
    let received = plan.measure(&server.process, &load)?;
    let beside = format!("p99 of both {:.2} ms", received.percentile(0.99));
    figures.push(
        Figure::new("messages received and deleted", received.rate(), "/s", RECEIVED)
            .at_least(20_000.0)
            .beside(beside),
    );
    figures.push(Figure::new("… CPU of a message", received.cpu_micros(), "µs", RECEIVED));
    let memory = server.process.rss_bytes()? as f64 / 1024.0 / 1024.0;
    figures.push(Figure::new("memory after all that", memory, "MiB", "Resident memory (VmRSS)."));
    Ok(())
}
