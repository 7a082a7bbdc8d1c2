//! Objects in buckets: read piece by piece, listed page by page, written part by part.
//!
//! They are S3's, or those of what stands in for it: an endpoint of the settings, or a folder of this machine
//! (`folder/`), which answers the same calls. Nothing is held open between two calls, however long whoever reads
//! or writes waits. Never here: what is in an object.

mod calls;
mod folder;
mod new_object;
mod trouble;

use std::sync::Arc;

use asl::{Timestamp, timestamp};
use hyper::body::Bytes;
use json::{Object, Text, Value};

use self::calls::READ_ROOM;
pub(crate) use self::folder::Folder;
pub use self::new_object::NewObject;
pub use self::trouble::ObjectTrouble;
use crate::connectors::{Caller, Connectors};
use crate::http_client::Limits;

/// No more is read at once, whatever is asked for.
const READ_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A thousand keys of a kilobyte, six times as long where they are escaped, and what is told beside them.
const LIST_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Where objects are read and written: S3, what speaks like it, or a folder of this machine. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Objects {
    connectors: Connectors,
    caller: Arc<Caller>,
    /// `Credentials.RoleArn` of the Task that calls.
    role: Option<Text>,
}

/// An object, or where one is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectAt {
    /// The bucket's name.
    pub bucket: Text,
    /// The object's name in it.
    pub key: Text,
    /// Which of its versions; the newest if left out. Reading only.
    pub version_id: Option<Text>,
    /// The account that must have the bucket, or the call is refused.
    pub expected_bucket_owner: Option<Text>,
}

/// A piece of an object, and what was told of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// None at the end.
    pub bytes: Bytes,
    /// Bytes of the whole object.
    pub size: u64,
    /// What names this content: `"…"`, the quotation marks included. Behind the end nobody tells.
    pub etag: Option<String>,
    /// When the object was written. Behind the end nobody tells.
    pub last_modified: Option<Timestamp>,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// In the order of their keys' bytes.
    pub objects: Vec<ListedObject>,
    /// What the next page is asked for with, if there is one.
    pub next: Option<String>,
}

/// An object as a list tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedObject {
    /// Percent-encoded if the list was asked for with `EncodingType`.
    pub key: String,
    /// With its quotation marks.
    pub etag: String,
    /// When it was written.
    pub last_modified: Timestamp,
    /// Bytes.
    pub size: u64,
    /// `STANDARD`
    pub storage_class: String,
}

impl Objects {
    pub(crate) fn new(connectors: Connectors, caller: Caller) -> Objects {
        Objects { connectors, caller: Arc::new(caller), role: None }
    }

    /// Calls are made as a Task's role, which the caller's role assumes.
    pub(crate) fn with_role(self, role: Option<&str>) -> Objects {
        Objects { role: role.map(Text::from), ..self }
    }

    /// At most `at_most` bytes (1 to 32 MiB) from `from` on; none at the end. Fails with
    /// [`ObjectTrouble::Changed`] if the object is no longer the one of `if_match`, its ETag.
    pub async fn read(
        &self,
        at: &ObjectAt,
        from: u64,
        at_most: usize,
        if_match: Option<&str>,
    ) -> Result<Part, ObjectTrouble> {
        let at_most = at_most.clamp(1, READ_BYTES_MAX);
        let last = from.saturating_add(at_most as u64 - 1);
        let read = self.read_range(at, from, at_most, &format!("bytes={from}-{last}"), if_match).await;
        read.map(|(part, _)| part)
    }

    /// The first bytes, as [`read`](Objects::read) has them, and the content type if one is told.
    pub(crate) async fn read_start(
        &self,
        at: &ObjectAt,
        at_most: usize,
    ) -> Result<(Part, Option<String>), ObjectTrouble> {
        let at_most = at_most.clamp(1, READ_BYTES_MAX);
        self.read_range(at, 0, at_most, &format!("bytes=0-{}", at_most - 1), None).await
    }

    /// The last `at_most` bytes (1 to 32 MiB), or all there are; [`Part::size`] tells where that is.
    pub async fn read_end(
        &self,
        at: &ObjectAt,
        at_most: usize,
        if_match: Option<&str>,
    ) -> Result<Part, ObjectTrouble> {
        let at_most = at_most.clamp(1, READ_BYTES_MAX);
        let (mut part, _) = self.read_range(at, 0, at_most, &format!("bytes=-{at_most}"), if_match).await?;
        // Who does not know ranges has sent it whole.
        let surplus = part.bytes.len().saturating_sub(at_most);
        part.bytes = part.bytes.slice(surplus..);
        Ok(part)
    }

    async fn read_range(
        &self,
        at: &ObjectAt,
        from: u64,
        at_most: usize,
        range: &str,
        if_match: Option<&str>,
    ) -> Result<(Part, Option<String>), ObjectTrouble> {
        let mut input = at.input();
        if let Some(version_id) = &at.version_id {
            input.insert("VersionId", version_id.clone());
        }
        if let Some(if_match) = if_match {
            input.insert("IfMatch", if_match);
        }
        input.insert("Range", range);
        let limits = Limits { bytes_max: at_most.saturating_add(READ_ROOM), ..Limits::OBJECT };
        let reply = self.call("getObject", &input.into(), Vec::new(), limits).await?;
        if reply.metadata.status == 416 {
            let size = reply.actual_size(from);
            return Ok((Part { bytes: Bytes::new(), size, etag: None, last_modified: None }, None));
        }
        let told = reply.output_of_head()?;
        let text = |name: &str| told.get(name).and_then(Value::as_str);
        let whole_size = text("ContentRange").and_then(|range| range.rsplit_once('/')?.1.parse::<u64>().ok());
        let (etag, last_modified) =
            (text("ETag").map(str::to_owned), text("LastModified").and_then(point_in_time));
        let (bytes, size) = match whole_size {
            Some(size) => (reply.body, size),
            // The object as a whole: whoever answered knows no ranges.
            None => {
                let size = reply.body.len();
                let from = usize::try_from(from).unwrap_or(size).min(size);
                (reply.body.slice(from..), size as u64)
            }
        };
        Ok((Part { bytes, size, etag, last_modified }, text("ContentType").map(str::to_owned)))
    }

    /// A page of ListObjectsV2. `parameters` is the operation's input as a state machine spells it (`Bucket`,
    /// `Prefix`, `StartAfter`, `MaxKeys`, …); `next` is [`Listed::next`] of the page before.
    pub async fn list(&self, parameters: &Value, next: Option<&str>) -> Result<Listed, ObjectTrouble> {
        let mut input = parameters.clone();
        if let (Some(next), Some(input)) = (next, input.as_object_mut()) {
            input.insert("ContinuationToken", next);
        }
        let limits = Limits { bytes_max: LIST_BYTES_MAX, ..Limits::OBJECT };
        let reply = self.call("listObjectsV2", &input, Vec::new(), limits).await?;
        let output = reply.output()?;
        let objects =
            output.get("Contents").and_then(Value::as_array).into_iter().flat_map(|list| list.iter());
        let objects: Option<Vec<ListedObject>> = objects.map(ListedObject::read).collect();
        let objects = objects.ok_or_else(calls::unreadable)?;
        let is_truncated = output.get("IsTruncated").and_then(Value::as_bool) == Some(true);
        let next = output.get("NextContinuationToken").and_then(Value::as_str).filter(|_| is_truncated);
        Ok(Listed { objects, next: next.map(str::to_owned) })
    }

    /// An object that is written piece by piece: one PutObject if it is small, else a multipart upload. It is
    /// there, whole, when [`NewObject::finish`] has succeeded, and not before.
    pub fn create(&self, at: ObjectAt) -> NewObject {
        NewObject::new(self.clone(), at)
    }
}

impl ObjectAt {
    /// The members that all operations on an object have.
    fn input(&self) -> Object {
        let mut input = Object::new();
        input.insert("Bucket", self.bucket.clone());
        input.insert("Key", self.key.clone());
        if let Some(owner) = &self.expected_bucket_owner {
            input.insert("ExpectedBucketOwner", owner.clone());
        }
        input
    }
}

impl ListedObject {
    fn read(object: &Value) -> Option<ListedObject> {
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        Some(ListedObject {
            key: text("Key")?.to_owned(),
            etag: text("ETag").unwrap_or_default().to_owned(),
            last_modified: point_in_time(text("LastModified")?)?,
            size: u64::try_from(object.get("Size")?.as_i64()?).ok()?,
            storage_class: text("StorageClass").unwrap_or("STANDARD").to_owned(),
        })
    }
}

fn point_in_time(text: &str) -> Option<Timestamp> {
    timestamp::parse(text).map(timestamp::Instant::timestamp)
}
