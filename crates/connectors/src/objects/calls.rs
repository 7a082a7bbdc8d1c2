//! One call of S3, made again if it may succeed then.
//!
//! Never here: what is asked, and what the answer is good for.

use std::time::Duration;

use aws_models::Operation;
use hyper::body::Bytes;
use json::Value;

use super::{ObjectTrouble, Objects};
use crate::clock;
use crate::connectors::Routes;
use crate::exchange::{self, Outgoing, Trouble};
use crate::http_client::Limits;
use crate::metadata::ResponseMetadata;

/// Before a call is made once more. AWS's SDKs try about as often; who is asked too much needs time.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(400), Duration::from_millis(1600)];

/// What an answer may have beyond the bytes that were asked for: the text of an error.
pub(super) const READ_ROOM: usize = 64 * 1024;

impl Limits {
    /// A part of an object comes or goes in this time on a slow line, too.
    pub(super) const OBJECT: Limits = Limits { time_max: Duration::from_secs(5 * 60), bytes_max: READ_ROOM };
}

/// An answer: an operation's output, or (416) that nothing is where a range begins.
pub(super) struct Reply {
    operation: Operation<'static>,
    pub(super) metadata: ResponseMetadata,
    pub(super) body: Bytes,
}

impl Objects {
    /// Makes a call. `action` is the operation as a state machine spells it: `getObject`; `body` is what it
    /// carries, empty if it carries nothing but its input.
    pub(super) async fn call(
        &self,
        action: &str,
        input: &Value,
        body: Vec<u8>,
        limits: Limits,
    ) -> Result<Reply, ObjectTrouble> {
        let service = aws_models::service("s3").expect("the models have S3");
        let operation = service.operation(action).expect("S3 has the operation");
        // Checksums are of the body, so it goes in; out of the request again, it is shared by all attempts.
        let made = match body.is_empty() {
            true => aws_protocols::request(operation, input, ""),
            false => aws_protocols::request_with_body(operation, input, body, ""),
        };
        let mut head = made.map_err(|refusal| exchange::not_made(operation, &input.to_text(), &refusal))?;
        let body = Bytes::from(std::mem::take(&mut head.body));
        let token = clock::request_id();
        let mut pauses = PAUSES.into_iter();
        loop {
            // Settings may have changed since the attempt before.
            let routes = self.connectors.routes();
            let outgoing = Outgoing {
                operation,
                input,
                head: &head,
                body: body.clone(),
                caller: &self.caller,
                role: self.role.as_deref(),
                token: &token,
                limits,
            };
            let trouble = match attempt(&routes, outgoing).await {
                Ok(reply) => return Ok(reply),
                Err(trouble) => ObjectTrouble::from(trouble),
            };
            match pauses.next().filter(|_| trouble.may_pass()) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(trouble),
            }
        }
    }
}

async fn attempt(routes: &Routes, outgoing: Outgoing<'_>) -> Result<Reply, Trouble> {
    let operation = outgoing.operation;
    let (metadata, body) = exchange::exchange(routes, outgoing).await?;
    let reply = Reply { operation, metadata, body };
    let is_good = (200..300).contains(&reply.metadata.status) || reply.metadata.status == 416;
    // What is read is not looked into here: it may be anything.
    if !is_good || operation.name() != "GetObject" {
        reply.read(&reply.body)?;
    }
    Ok(reply)
}

impl Reply {
    /// The operation's output.
    pub(super) fn output(&self) -> Result<Value, ObjectTrouble> {
        Ok(self.read(&self.body)?)
    }

    /// The operation's output as far as it is in the headers.
    pub(super) fn output_of_head(&self) -> Result<Value, ObjectTrouble> {
        Ok(self.read(b"")?)
    }

    fn read(&self, body: &[u8]) -> Result<Value, Trouble> {
        exchange::output(self.operation, &self.metadata, body)
    }

    /// Of an answer that nothing is where the range begins: the size of the object, if that is told; else what
    /// it can have at most.
    pub(super) fn actual_size(&self, from: u64) -> u64 {
        let header = self.metadata.header("content-range").and_then(|range| range.rsplit_once('/'));
        let body = std::str::from_utf8(&self.body).unwrap_or_default();
        let element = body.split_once("<ActualObjectSize>").and_then(|(_, rest)| rest.split_once('<'));
        let told = header.map(|(_, size)| size).or(element.map(|(size, _)| size));
        told.and_then(|size| size.trim().parse().ok()).unwrap_or(from)
    }
}

pub(super) fn unreadable() -> ObjectTrouble {
    ObjectTrouble::NoAnswer("Unable to unmarshall response: it is not what the operation answers".to_owned())
}
