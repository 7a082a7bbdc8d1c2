//! A call whose bodies are in S3: read before it, written after it.
//!
//! Never here: which bodies are there (`integrations`).

use asl::Failure;
use hyper::body::Bytes;
use integrations::{Call, InS3, S3Uri};
use json::Value;

use super::Asked;
use super::send::{Answered, send_request};
use crate::connectors::Routes;
use crate::exchange;
use crate::http_client::Limits;
use crate::objects::{ObjectAt, Objects};

/// Bedrock's limit, either way. (InvokeModel)
const BODY_BYTES_MAX: usize = 25_000_000;

/// As [`send`](super::send::send). What goes to S3 is not in the output.
pub(super) async fn send(
    routes: &Routes,
    objects: &Objects,
    asked: &Asked<'_>,
    call: &Call,
    in_s3: &InS3,
) -> Result<Answered, Failure> {
    let mut input = call.input.clone();
    let token = &asked.task.idempotency_token;
    let request = match &in_s3.request {
        None => aws_protocols::request(call.operation, &input, token),
        Some(place) => {
            let (body, content_type) = read(objects, place).await?;
            let members = input.as_object_mut().filter(|members| !members.contains_key("ContentType"));
            if let (Some(members), Some(content_type)) = (members, content_type) {
                members.insert("ContentType", content_type);
            }
            aws_protocols::request_with_body(call.operation, &input, body.into(), token)
        }
    };
    let limits = match &in_s3.response {
        None => Limits::SERVICE,
        Some(_) => Limits { bytes_max: BODY_BYTES_MAX, ..Limits::SERVICE },
    };
    let call = Call { operation: call.operation, input };
    let sent = send_request(routes, asked, &call, request, limits).await;
    let (metadata, body) = sent.map_err(|trouble| asked.failure(trouble))?;
    let is_good = (200..300).contains(&metadata.status);
    // What goes to S3 is not looked into.
    let shown: &[u8] = if is_good && in_s3.response.is_some() { b"" } else { &body };
    let output = exchange::output(call.operation, &metadata, shown);
    let output: Value = output.map_err(|trouble| asked.failure(trouble))?;
    if let Some(place) = &in_s3.response {
        write(objects, place, &body).await?;
    }
    Ok(Answered { output, metadata })
}

async fn read(objects: &Objects, place: &S3Uri) -> Result<(Bytes, Option<String>), Failure> {
    let read = objects.read_start(&at(place), BODY_BYTES_MAX).await;
    let (part, content_type) = read.map_err(|trouble| trouble.into_failure())?;
    if part.size > BODY_BYTES_MAX as u64 {
        let S3Uri { bucket, key } = place;
        return Err(Failure::runtime(format!(
            "The object s3://{bucket}/{key} has {} bytes, and a call takes at most {BODY_BYTES_MAX}.",
            part.size
        )));
    }
    Ok((part.bytes, content_type))
}

async fn write(objects: &Objects, place: &S3Uri, body: &[u8]) -> Result<(), Failure> {
    let written = async {
        let mut object = objects.create(at(place));
        object.write(body).await?;
        object.finish().await
    };
    written.await.map_err(|trouble| trouble.into_failure())
}

fn at(place: &S3Uri) -> ObjectAt {
    ObjectAt { bucket: place.bucket.as_str().into(), key: place.key.as_str().into(), ..ObjectAt::default() }
}
