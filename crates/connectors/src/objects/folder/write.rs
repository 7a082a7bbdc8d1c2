//! PutObject, CopyObject, DeleteObject. An object is there whole or not at all, also after a power cut: it is
//! written beside its place, flushed, and renamed.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use asl::Timestamp;

use super::Root;
use super::answer::{Answer, Refusal, element};
use super::bucket::{Bucket, etag, is_named_by, modified_seconds};
use super::request::Request;
use super::{read, uploads};
use crate::clock;

/// In the root: files that are being written, and parts of uploads. No bucket begins with a dot.
pub(super) const WORKSHOP: &str = ".stepwell";

/// A file that goes away unless it is put somewhere.
pub(super) struct Draft {
    path: PathBuf,
    file: File,
}

impl Root {
    pub(super) fn put_object(&self, request: &Request) -> Result<Answer, Refusal> {
        let bucket = self.bucket(request)?;
        let key = request.text("Key").unwrap_or_default();
        check_conditions(&bucket, &key, request)?;
        let mut draft = self.draft()?;
        draft.add(&mut request.body())?;
        let metadata = draft.become_object(&bucket, &key, is_new_only(request))?;
        Ok(Answer::new(200).with_header("ETag", etag(&metadata)))
    }

    pub(super) fn copy_object(&self, request: &Request) -> Result<Answer, Refusal> {
        let bucket = self.bucket(request)?;
        let key = request.text("Key").unwrap_or_default();
        if request.text("MetadataDirective").is_some_and(|directive| directive != "COPY") {
            return Err(Refusal::not_implemented("MetadataDirective REPLACE of CopyObject"));
        }
        check_conditions(&bucket, &key, request)?;
        let source = request.text("CopySource").and_then(|source| decoded(&source)).unwrap_or_default();
        let (source, version) = source.split_once("?versionId=").unwrap_or((&source, "null"));
        let Some((source_bucket, source_key)) = source.trim_start_matches('/').split_once('/') else {
            return Err(Refusal::invalid_argument(
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
            ));
        };
        let source = self.bucket_named(source_bucket)?.file(source_key).filter(|_| version == "null");
        let (path, _) = source.ok_or_else(Refusal::no_such_key)?;
        let (mut file, _) = read::open(&path)?;
        let mut draft = self.draft()?;
        draft.add(&mut file)?;
        let metadata = draft.become_object(&bucket, &key, is_new_only(request))?;
        let modified = Timestamp(modified_seconds(&metadata) as i64 * 1000).to_iso();
        let inside = element("LastModified", &modified) + &element("ETag", &etag(&metadata));
        Ok(Answer::document("CopyObjectResult", &inside))
    }

    pub(super) fn delete_object(&self, request: &Request) -> Result<Answer, Refusal> {
        let bucket = self.bucket(request)?;
        let key = request.text("Key").unwrap_or_default();
        if request.text("VersionId").is_some_and(|version| version != "null") {
            return Err(Refusal::not_implemented("VersionId of DeleteObject"));
        }
        check_conditions(&bucket, &key, request)?;
        // One that is not there is deleted already.
        if let Some((path, _)) = bucket.file(&key) {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Refusal::of_disk("deleting the object", &error));
                }
                _ => {}
            }
        }
        Ok(Answer::new(204))
    }

    /// A place for what is not there yet.
    pub(super) fn draft(&self) -> Result<Draft, Refusal> {
        let workshop = self.workshop()?;
        Draft::new(workshop.join(format!("{:032x}", clock::random())))
    }

    /// Made when it is needed first.
    pub(super) fn workshop(&self) -> Result<PathBuf, Refusal> {
        let workshop = self.path.join(WORKSHOP);
        fs::create_dir_all(&workshop)
            .map_err(|error| Refusal::of_disk("making a folder for drafts", &error))?;
        self.cleared.get_or_init(|| uploads::clear_away(&workshop));
        Ok(workshop)
    }
}

impl Draft {
    pub(super) fn new(path: PathBuf) -> Result<Draft, Refusal> {
        let file = File::options().write(true).create_new(true).open(&path);
        let file = file.map_err(|error| Refusal::of_disk("writing the object", &error))?;
        Ok(Draft { path, file })
    }

    pub(super) fn add(&mut self, from: &mut impl Read) -> Result<(), Refusal> {
        let copied = io::copy(from, &mut self.file);
        copied.map(drop).map_err(|error| Refusal::of_disk("writing the object", &error))
    }

    /// Puts the file into its place, in place of one that is there.
    pub(super) fn move_to(mut self, place: &Path) -> io::Result<fs::Metadata> {
        self.file.flush()?;
        fs::rename(&self.path, place)?;
        self.file.metadata()
    }

    /// The same, durably, as an object; only if none is there, where that is asked for.
    pub(super) fn become_object(
        self,
        bucket: &Bucket,
        key: &str,
        is_new_only: bool,
    ) -> Result<fs::Metadata, Refusal> {
        let of_disk = |error: io::Error| Refusal::of_disk("writing the object", &error);
        self.file.sync_all().map_err(of_disk)?;
        let place = bucket.place(key)?;
        let metadata = if is_new_only {
            // Unlike a rename, this fails if there is one.
            fs::hard_link(&self.path, &place).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => Refusal::precondition_failed(),
                _ => of_disk(error),
            })?;
            self.file.metadata().map_err(of_disk)?
        } else {
            self.move_to(&place).map_err(of_disk)?
        };
        let folders = place.ancestors().skip(1).take_while(|folder| folder.starts_with(&bucket.path));
        for folder in folders {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(of_disk)?;
        }
        Ok(metadata)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Mostly it was renamed, and there is nothing.
        let _ = fs::remove_file(&self.path);
    }
}

fn is_new_only(request: &Request) -> bool {
    request.text("IfNoneMatch").is_some()
}

/// Whether an object may be written or deleted, by what is there.
pub(super) fn check_conditions(bucket: &Bucket, key: &str, request: &Request) -> Result<(), Refusal> {
    let present = bucket.file(key).map(|(_, metadata)| etag(&metadata));
    if let Some(condition) = request.text("IfNoneMatch") {
        if condition != "*" {
            return Err(Refusal::not_implemented("IfNoneMatch other than '*'"));
        }
        if present.is_some() {
            return Err(Refusal::precondition_failed());
        }
    }
    match (request.text("IfMatch"), present) {
        (Some(_), None) => Err(Refusal::no_such_key()),
        (Some(condition), Some(etag)) if !is_named_by(&condition, &etag) => {
            Err(Refusal::precondition_failed())
        }
        _ => Ok(()),
    }
}

/// A percent-encoded text.
fn decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, text.get(at + 1..at + 3)) {
            (b'%', Some(digits)) => {
                out.push(u8::from_str_radix(digits, 16).ok()?);
                at += 3;
            }
            (b'%', None) => return None,
            (byte, _) => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).ok()
}
