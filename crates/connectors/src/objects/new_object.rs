//! An object that comes into being part by part.
//!
//! Never here: retries of a call (`calls`).

use std::mem;

use json::{Object, Value};

use super::{ObjectAt, ObjectTrouble, Objects, calls};
use crate::http_client::Limits;

/// S3 takes parts of 5 MiB and more, and 10,000 of them: so an object may have 78 GiB, and what is kept in
/// memory is one part.
const PART_BYTES: usize = 8 * 1024 * 1024;
const PARTS_MAX: usize = 10_000;

/// An object that is being written. Dropping it, or a failure, leaves nothing behind.
#[derive(Debug)]
pub struct NewObject {
    objects: Objects,
    at: ObjectAt,
    /// What has not been sent, less than a part.
    pending: Vec<u8>,
    /// Once a whole part has come together.
    upload: Option<Upload>,
}

/// A multipart upload.
#[derive(Debug)]
struct Upload {
    id: String,
    /// What CompleteMultipartUpload wants to know of each part.
    parts: Vec<Value>,
}

impl NewObject {
    pub(super) fn new(objects: Objects, at: ObjectAt) -> NewObject {
        NewObject { objects, at, pending: Vec::new(), upload: None }
    }

    /// Adds bytes. After a failure the object cannot be finished any more: drop it.
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), ObjectTrouble> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PART_BYTES - self.pending.len()));
            self.pending.extend_from_slice(now);
            bytes = later;
            if self.pending.len() == PART_BYTES {
                self.send_part().await?;
            }
        }
        Ok(())
    }

    /// Makes the object be there, in place of one that was.
    pub async fn finish(mut self) -> Result<(), ObjectTrouble> {
        if self.upload.is_none() {
            let body = mem::take(&mut self.pending);
            self.objects.call("putObject", &self.at.input().into(), body, Limits::OBJECT).await?;
            return Ok(());
        }
        if !self.pending.is_empty() {
            self.send_part().await?;
        }
        let upload = self.upload.as_ref().expect("looked at above");
        let mut input = self.input_of(upload);
        input.insert("MultipartUpload", json::value!({ "Parts": upload.parts.clone() }));
        self.objects.call("completeMultipartUpload", &input.into(), Vec::new(), Limits::OBJECT).await?;
        self.upload = None;
        Ok(())
    }

    /// Gives up what was written.
    pub async fn abort(mut self) {
        if let Some(upload) = self.upload.take() {
            give_up(self.objects.clone(), self.input_of(&upload)).await;
        }
    }

    async fn send_part(&mut self) -> Result<(), ObjectTrouble> {
        if self.upload.is_none() {
            self.upload = Some(self.begin().await?);
        }
        let upload = self.upload.as_ref().expect("begun above");
        if upload.parts.len() == PARTS_MAX {
            let (key, bytes) = (&self.at.key, PARTS_MAX * PART_BYTES);
            return Err(ObjectTrouble::NoAnswer(format!(
                "{key} has more than {bytes} bytes, the most there can be"
            )));
        }
        let number = upload.parts.len() as i64 + 1;
        let mut input = self.input_of(upload);
        input.insert("PartNumber", number);
        let body = mem::take(&mut self.pending);
        let reply = self.objects.call("uploadPart", &input.into(), body, Limits::OBJECT).await?;
        let told = reply.output()?;
        let mut part = Object::new();
        for name in ["ChecksumCRC32", "ETag"] {
            if let Some(value) = told.get(name) {
                part.insert(name, value.clone());
            }
        }
        part.insert("PartNumber", number);
        self.upload.as_mut().expect("begun above").parts.push(part.into());
        Ok(())
    }

    /// If the answer gets lost, another upload is begun; what becomes of the first one is up to the bucket's rules.
    async fn begin(&self) -> Result<Upload, ObjectTrouble> {
        let mut input = self.at.input();
        // Each part carries such a checksum, and S3 wants to know beforehand.
        input.insert("ChecksumAlgorithm", "CRC32");
        let reply =
            self.objects.call("createMultipartUpload", &input.into(), Vec::new(), Limits::OBJECT).await?;
        match reply.output()?.get("UploadId").and_then(Value::as_str) {
            Some(id) => Ok(Upload { id: id.to_owned(), parts: Vec::new() }),
            None => Err(calls::unreadable()),
        }
    }

    fn input_of(&self, upload: &Upload) -> Object {
        let mut input = self.at.input();
        input.insert("UploadId", upload.id.as_str());
        input
    }
}

/// S3 keeps the parts, and their price, until it is told.
async fn give_up(objects: Objects, input: Object) {
    let input = Value::from(input);
    if let Err(trouble) = objects.call("abortMultipartUpload", &input, Vec::new(), Limits::OBJECT).await {
        tracing::warn!(
            "the parts of an upload stay behind: {} cannot be aborted: {trouble}",
            input.to_text()
        );
    }
}

impl Drop for NewObject {
    fn drop(&mut self) {
        let Some(upload) = self.upload.take() else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(give_up(self.objects.clone(), self.input_of(&upload)));
        }
    }
}
