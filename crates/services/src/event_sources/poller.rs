//! The loop behind one mapping: receive, fill a batch, have it worked on, delete what is done.
//!
//! What is not deleted becomes visible again by itself and is received again; the queue's redrive policy bounds how often.

use std::sync::Arc;

use events::Pattern;
use json::{Text, Value};
use tokio::sync::Semaphore;

use super::mapping::{Mapping, Target};
use super::records::{self, Failures, Record};
use crate::delivery::{Calls, Clock, OutCall, Trouble, queue_url};

/// How many batches of a mapping are worked on at once where it does not say: what AWS begins with.
const CONCURRENCY: i64 = 5;

/// How long a receive waits, in seconds. (SQS's longest)
const WAIT: i64 = 20;

/// After trouble it is tried again after so many milliseconds.
const PAUSE: i64 = 1_000;

/// A batch is full at this size, whatever its count: an event may have 6 MB. (documented)
const BATCH_BYTES_MAX: usize = 6_000_000;

/// What a poller needs to know.
pub(super) struct Poller {
    pub mapping: Mapping,
    pub calls: Arc<dyn Calls>,
    pub clock: Arc<dyn Clock>,
    pub patterns: Option<Vec<Pattern>>,
}

/// Runs until it is aborted. Batches that are being worked on then go on to their end, as far as the process does.
pub(super) async fn run(poller: Arc<Poller>) {
    let places = poller.mapping.concurrency.unwrap_or(CONCURRENCY) as usize;
    let places = Arc::new(Semaphore::new(places));
    loop {
        // First a place, then messages: none waits in flight for somebody to work on it.
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let records = poller.fill().await;
        if records.is_empty() {
            continue;
        }
        let poller = poller.clone();
        tokio::spawn(async move {
            let _place = place;
            poller.work(&records).await;
        });
    }
}

impl Poller {
    /// A batch: as many as there are, up to its size, within its window.
    async fn fill(&self) -> Vec<Record> {
        let mut batch: Vec<Record> = Vec::new();
        let mut bytes = 0;
        let mut until = None;
        // Each round receives something, or waits, or is the last.
        while (batch.len() as i64) < self.mapping.batch && bytes < BATCH_BYTES_MAX {
            let left = until.map(|until: i64| (until - self.clock.now()).max(0));
            let wait = left.map_or(WAIT, |left| (left / 1_000).min(WAIT));
            let began = self.clock.now();
            let received = self.receive(self.mapping.batch - batch.len() as i64, wait).await;
            let is_none = received.is_empty();
            for record in self.wanted(received).await {
                bytes += record.value.to_text().len();
                batch.push(record);
            }
            if batch.is_empty() {
                // A receive that does not wait would be asked again at once.
                if is_none && self.clock.now() < began + PAUSE {
                    self.clock.until(began + PAUSE).await;
                }
                return batch;
            }
            let until = *until.get_or_insert(began + self.mapping.window * 1_000);
            if self.clock.now() >= until || self.mapping.window == 0 {
                break;
            }
            // The last part of a second is too short for a receive that waits.
            if is_none && until - self.clock.now() < 1_000 {
                self.clock.until(until).await;
                break;
            }
        }
        batch
    }

    async fn receive(&self, max: i64, wait: i64) -> Vec<Record> {
        let input = json::value!({
            "QueueUrl": (queue_url(&self.mapping.queue_arn)),
            "MaxNumberOfMessages": (max.min(10)),
            "WaitTimeSeconds": wait,
            "AttributeNames": ["All"],
            "MessageAttributeNames": ["All"]
        });
        match self.call("sqs", "ReceiveMessage", input).await {
            Ok(answer) => records::read(&answer, &self.mapping.queue_arn),
            Err(trouble) => {
                self.complain("cannot receive", &trouble);
                self.clock.until(self.clock.now() + PAUSE).await;
                Vec::new()
            }
        }
    }

    /// Those that a filter wants. The others are deleted, as AWS does.
    async fn wanted(&self, received: Vec<Record>) -> Vec<Record> {
        let Some(patterns) = &self.patterns else { return received };
        let (wanted, unwanted): (Vec<_>, Vec<_>) =
            received.into_iter().partition(|record| records::is_wanted(record, patterns));
        self.delete(&unwanted.iter().collect::<Vec<_>>()).await;
        wanted
    }

    async fn work(&self, batch: &[Record]) {
        let event = records::event(batch);
        let outcome = match self.mapping.target() {
            Target::Function(arn) => self.invoke(arn, &event).await,
            Target::StateMachine(arn) => self.start(arn, &event).await,
        };
        match outcome {
            Ok(failures) => self.delete(&failures.done(batch)).await,
            Err(trouble) => self.complain("is not worked on", &trouble),
        }
    }

    async fn invoke(&self, arn: &str, event: &Value) -> Result<Failures, Trouble> {
        let input = json::value!({
            "FunctionName": arn,
            "InvocationType": "RequestResponse",
            "Payload": (aws_protocols::base64::encode(event.to_text().as_bytes()))
        });
        let answer = self.call("lambda", "Invoke", input).await?;
        if let Some(error) = answer.get("FunctionError").and_then(Value::as_str) {
            let payload = answer.get("Payload").map(Value::to_text).unwrap_or_default();
            return Err(Trouble::lasting(error, payload));
        }
        if !self.mapping.reports_failures {
            return Ok(Failures::These(Default::default()));
        }
        let returned = match answer.get("Payload") {
            Some(Value::String(text)) => Value::parse(text).unwrap_or(Value::Null),
            Some(value) => value.clone(),
            None => Value::Null,
        };
        Ok(records::failures(&returned))
    }

    async fn start(&self, arn: &str, event: &Value) -> Result<Failures, Trouble> {
        let name = aws_names::uuid_v4(self.clock.random());
        let input = json::value!({ "StateMachineArn": arn, "Name": name, "Input": (event.to_text()) });
        self.call("stepfunctions", "StartExecution", input).await?;
        Ok(Failures::These(Default::default()))
    }

    /// Deletes messages. Those that cannot be deleted come again.
    async fn delete(&self, records: &[&Record]) {
        for some in records.chunks(10) {
            let entry = |(number, record): (usize, &&Record)| json::value!({ "Id": (number.to_string()), "ReceiptHandle": (record.receipt_handle.as_str()) });
            let entries: Value = some.iter().enumerate().map(entry).collect();
            let input =
                json::value!({ "QueueUrl": (queue_url(&self.mapping.queue_arn)), "Entries": entries });
            if let Err(trouble) = self.call("sqs", "DeleteMessageBatch", input).await {
                self.complain("cannot delete", &trouble);
            }
        }
    }

    async fn call(&self, service: &str, operation: &str, input: Value) -> Result<Value, Trouble> {
        let call = OutCall {
            service: service.into(),
            operation: operation.into(),
            input,
            region: Text::from(self.mapping.queue_arn.split(':').nth(3).unwrap_or_default()),
            source_arn: self.mapping.arn.clone(),
            token: aws_names::uuid_v4(self.clock.random()),
            ..OutCall::default()
        };
        self.calls.call(&call).await
    }

    fn complain(&self, what: &str, trouble: &Trouble) {
        let Mapping { queue_arn, target_arn, .. } = &self.mapping;
        tracing::warn!("{queue_arn} for {target_arn} {what}: {}: {}", trouble.code, trouble.message);
    }
}
