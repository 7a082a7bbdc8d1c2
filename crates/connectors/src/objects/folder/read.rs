//! GetObject and HeadObject: conditions, ranges, bytes.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use hyper::body::Bytes;

use super::Root;
use super::answer::{Answer, Refusal};
use super::bucket::{etag, is_named_by, modified_seconds};
use super::request::Request;
use crate::clock;
use crate::objects::READ_BYTES_MAX;

/// Some bytes of an object, from `from` up to `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    from: u64,
    end: u64,
}

impl Root {
    pub(super) fn head_object(&self, request: &Request) -> Result<Answer, Refusal> {
        let (file, metadata) = self.open(request)?;
        drop(file);
        let range = range(request, metadata.len())?.unwrap_or(Range { from: 0, end: metadata.len() });
        Ok(head(request, &metadata).with_header("Content-Length", (range.end - range.from).to_string()))
    }

    pub(super) fn get_object(&self, request: &Request) -> Result<Answer, Refusal> {
        let (file, metadata) = self.open(request)?;
        let size = metadata.len();
        let asked = range(request, size)?;
        let Range { from, end } = asked.unwrap_or(Range { from: 0, end: size });
        let length = usize::try_from(end - from).ok().filter(|length| *length <= READ_BYTES_MAX);
        let Some(length) = length else {
            let message = format!(
                "{} bytes are more than the {READ_BYTES_MAX} of one answer: ask for them by Range",
                end - from
            );
            return Err(Refusal::new(400, "EntityTooLarge", message));
        };
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, from).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => changed_meanwhile(),
            _ => Refusal::of_disk("reading the object", &error),
        })?;
        // A file that is written to in place is a mixture now.
        if !file.metadata().is_ok_and(|now| etag(&now) == etag(&metadata)) {
            return Err(changed_meanwhile());
        }
        let answer = head(request, &metadata).with_body(Bytes::from(bytes));
        Ok(match asked {
            Some(_) => answer.with_header("Content-Range", format!("bytes {from}-{}/{size}", end - 1)),
            None => answer,
        })
    }

    /// The object's file, if its conditions hold.
    fn open(&self, request: &Request) -> Result<(File, Metadata), Refusal> {
        let bucket = self.bucket(request)?;
        check_version(request)?;
        let key = request.text("Key").unwrap_or_default();
        let (path, _) = bucket.file(&key).ok_or_else(Refusal::no_such_key)?;
        let (file, metadata) = open(&path)?;
        let etag = etag(&metadata);
        if request.text("IfMatch").is_some_and(|condition| !is_named_by(&condition, &etag)) {
            return Err(Refusal::precondition_failed());
        }
        if request.text("IfNoneMatch").is_some_and(|condition| is_named_by(&condition, &etag)) {
            return Err(Refusal::new(304, "NotModified", "Not Modified"));
        }
        Ok((file, metadata))
    }
}

/// Opens the file of an object.
pub(super) fn open(path: &Path) -> Result<(File, Metadata), Refusal> {
    let opened = File::open(path).and_then(|file| file.metadata().map(|metadata| (file, metadata)));
    match opened {
        Ok((file, metadata)) if metadata.is_file() => Ok((file, metadata)),
        Ok(_) => Err(Refusal::no_such_key()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Refusal::no_such_key()),
        Err(error) => Err(Refusal::of_disk("opening the object", &error)),
    }
}

/// There is one version of each object, and S3 calls it `null` in a bucket that keeps no others.
fn check_version(request: &Request) -> Result<(), Refusal> {
    match request.text("VersionId") {
        Some(version) if version != "null" => {
            Err(Refusal::new(404, "NoSuchVersion", "The specified version does not exist."))
        }
        _ => Ok(()),
    }
}

/// Whoever asks once more gets one or the other.
fn changed_meanwhile() -> Refusal {
    Refusal::new(503, "SlowDown", "The file was written to while it was read")
}

/// What is told of an object beside its bytes.
fn head(request: &Request, metadata: &Metadata) -> Answer {
    let key = request.text("Key").unwrap_or_default();
    let is_range = request.text("Range").is_some() && metadata.len() > 0;
    Answer::new(if is_range { 206 } else { 200 })
        .with_header("Last-Modified", clock::http_date(modified_seconds(metadata)))
        .with_header("ETag", etag(metadata))
        .with_header("Accept-Ranges", "bytes")
        .with_header("Content-Type", content_type(&key))
}

/// Nobody has kept what it was said to be, so its name tells.
fn content_type(key: &str) -> &'static str {
    match key.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
        Some("json") => "application/json",
        Some("jsonl") => "application/jsonl",
        Some("csv") => "text/csv",
        Some("txt") => "text/plain",
        // S3's own for what nobody has said anything about.
        _ => "binary/octet-stream",
    }
}

/// What is asked for of an object of this size; none if that is all of it.
fn range(request: &Request, size: u64) -> Result<Option<Range>, Refusal> {
    let Some(text) = request.text("Range") else { return Ok(None) };
    // What is no single range of bytes is passed over. (RFC 9110, 14.2)
    let Some(wanted) = text.strip_prefix("bytes=").and_then(|wanted| wanted.split_once('-')) else {
        return Ok(None);
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let range = match (wanted.0.trim(), wanted.1.trim()) {
        ("", last) => number(last).map(|last| Range { from: size.saturating_sub(last), end: size }),
        (from, "") => number(from).map(|from| Range { from, end: size }),
        (from, last) => number(from)
            .zip(number(last))
            .filter(|(from, last)| from <= last)
            .map(|(from, last)| Range { from, end: last.saturating_add(1).min(size) }),
    };
    match range {
        Some(range) if range.from >= range.end => Err(Refusal::outside_of(size)),
        range => Ok(range),
    }
}
