//! An object that is read in several calls, each of them of the same content.
//!
//! Never here: items.

use std::ops::Range;

use asl::Failure;
use hyper::body::Bytes;
use json::Text;

use super::unreadable;
use crate::objects::{ObjectAt, ObjectTrouble, Objects, Part};

/// An object as the first call has seen it.
pub(super) struct StableObject {
    objects: Objects,
    at: ObjectAt,
    etag: Option<String>,
    size: u64,
}

impl StableObject {
    /// With its first bytes, none if it is empty.
    pub(super) async fn open(
        objects: &Objects,
        at: ObjectAt,
        at_most: usize,
    ) -> Result<(StableObject, Bytes), Failure> {
        let part = objects.read(&at, 0, at_most, None).await;
        StableObject::of(objects, at, part)
    }

    /// With its last bytes.
    pub(super) async fn open_end(
        objects: &Objects,
        at: ObjectAt,
        at_most: usize,
    ) -> Result<(StableObject, Bytes), Failure> {
        let part = objects.read_end(&at, at_most, None).await;
        StableObject::of(objects, at, part)
    }

    fn of(
        objects: &Objects,
        at: ObjectAt,
        part: Result<Part, ObjectTrouble>,
    ) -> Result<(StableObject, Bytes), Failure> {
        let part = part.map_err(|trouble| unreadable(trouble.to_string()))?;
        let object = StableObject { objects: objects.clone(), at, etag: part.etag, size: part.size };
        Ok((object, part.bytes))
    }

    pub(super) fn at(&self) -> &ObjectAt {
        &self.at
    }

    /// Bytes of the whole.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// What another content would not have.
    pub(super) fn identity(&self) -> Text {
        Text::from(format!("{} {}", self.etag.as_deref().unwrap_or_default(), self.size))
    }

    /// As the Context Object names it. (spec/asl.md §7)
    pub(super) fn source(&self) -> Text {
        Text::from(format!("S3://{}/{}", self.at.bucket, self.at.key))
    }

    /// One byte at least, and `at_most` at most. There must be some.
    pub(super) async fn read(&self, from: u64, at_most: usize) -> Result<Bytes, Failure> {
        match self.objects.read(&self.at, from, at_most, self.etag.as_deref()).await {
            Ok(part) if part.size == self.size && !part.bytes.is_empty() => Ok(part.bytes),
            Ok(_) => Err(self.changed()),
            Err(ObjectTrouble::Changed(_)) => Err(self.changed()),
            Err(trouble) => Err(unreadable(trouble.to_string())),
        }
    }

    /// All bytes of a range that the object has.
    pub(super) async fn read_range(&self, range: Range<u64>) -> Result<Bytes, Failure> {
        let wanted = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let first = self.read(range.start, wanted).await?;
        if first.len() == wanted {
            return Ok(first);
        }
        let mut bytes = Vec::from(first);
        // Each round reads one byte at least.
        while bytes.len() < wanted {
            let from = range.start + bytes.len() as u64;
            bytes.extend_from_slice(&self.read(from, wanted - bytes.len()).await?);
        }
        Ok(Bytes::from(bytes))
    }

    pub(super) fn changed(&self) -> Failure {
        unreadable(format!("The object {} has changed since its items were first read.", self.source()))
    }
}

/// The first read is small, so that the first children start soon; each one after it is twice as large. Twice as many
/// reads would not be felt with the largest, and one is kept in memory.
const FIRST_READ_BYTES: usize = 256 * 1024;
const READ_BYTES_MAX: usize = 8 * 1024 * 1024;

/// An object that is read from its beginning to its end.
pub(super) struct Sequence {
    object: StableObject,
    /// What has been read, and not been given.
    piece: Bytes,
    /// Where the next read begins.
    from: u64,
    read_bytes: usize,
}

impl Sequence {
    pub(super) async fn open(objects: &Objects, at: ObjectAt) -> Result<Sequence, Failure> {
        let (object, piece) = StableObject::open(objects, at, FIRST_READ_BYTES).await?;
        let from = piece.len() as u64;
        if piece.is_empty() && object.size > 0 {
            return Err(object.changed());
        }
        Ok(Sequence { object, piece, from, read_bytes: FIRST_READ_BYTES })
    }

    pub(super) fn object(&self) -> &StableObject {
        &self.object
    }

    /// The next bytes; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        let piece = std::mem::take(&mut self.piece);
        if !piece.is_empty() {
            return Ok(Some(piece));
        }
        if self.from >= self.object.size {
            return Ok(None);
        }
        self.read_bytes = READ_BYTES_MAX.min(self.read_bytes * 2);
        let piece = self.object.read(self.from, self.read_bytes).await?;
        self.from += piece.len() as u64;
        Ok(Some(piece))
    }
}
