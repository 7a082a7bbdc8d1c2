//! Multipart uploads: a folder each in the workshop, a file for each part, put together at the end.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::Root;
use super::answer::{Answer, Refusal, element};
use super::bucket::{Bucket, etag, is_named_by};
use super::read;
use super::request::Request;
use super::write::{self, Draft, WORKSHOP};
use crate::clock;

/// S3's limits.
const PARTS_MAX: i64 = 10_000;
const PART_BYTES_MIN: u64 = 5 * 1024 * 1024;
/// In an upload: bucket and key that it is for.
const PURPOSE: &str = "purpose";
/// What has not been touched for so long is of nobody any more: somebody's crash has left it.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl Root {
    pub(super) fn create_upload(&self, request: &Request) -> Result<Answer, Refusal> {
        let bucket = self.bucket(request)?;
        let key = request.text("Key").unwrap_or_default();
        // A key that can be no file is refused before anything is sent.
        bucket.place(&key)?;
        let workshop = self.workshop()?;
        let id = format!("{:032x}", clock::random());
        let folder = workshop.join(&id);
        let made =
            fs::create_dir(&folder).and_then(|()| fs::write(folder.join(PURPOSE), purpose(&bucket, &key)));
        made.map_err(|error| Refusal::of_disk("beginning the upload", &error))?;
        let inside = element("Bucket", &bucket.name) + &element("Key", &key) + &element("UploadId", &id);
        Ok(Answer::document("InitiateMultipartUploadResult", &inside))
    }

    pub(super) fn upload_part(&self, request: &Request) -> Result<Answer, Refusal> {
        let folder = self.upload(request)?.folder;
        let number = request.number("PartNumber").filter(|number| (1..=PARTS_MAX).contains(number));
        let number = number.ok_or_else(|| {
            Refusal::invalid_argument("Part number must be an integer between 1 and 10000, inclusive")
        })?;
        let mut draft = Draft::new(folder.join(format!("{:032x}", clock::random())))?;
        draft.add(&mut request.body())?;
        let metadata = draft.move_to(&part(&folder, number));
        let metadata = metadata.map_err(|error| Refusal::of_disk("writing the part", &error))?;
        Ok(Answer::new(200).with_header("ETag", etag(&metadata)))
    }

    pub(super) fn complete_upload(&self, request: &Request) -> Result<Answer, Refusal> {
        let Upload { bucket, key, folder } = self.upload(request)?;
        write::check_conditions(&bucket, &key, request)?;
        let parts = request.parts();
        if !parts.is_sorted_by(|(one, _), (next, _)| one < next) {
            let message =
                "The list of parts was not in ascending order. Parts must be ordered by part number.";
            return Err(Refusal::new(400, "InvalidPartOrder", message));
        }
        let mut draft = self.draft()?;
        for (place, (number, expected)) in parts.iter().enumerate() {
            let found = read::open(&part(&folder, *number)).ok();
            let found =
                found.filter(|(_, metadata)| is_named_by(expected, &etag(metadata)) && expected != "*");
            let (mut file, metadata) = found.ok_or_else(no_such_part)?;
            if metadata.len() < PART_BYTES_MIN && place + 1 < parts.len() {
                let message = "Your proposed upload is smaller than the minimum allowed size";
                return Err(Refusal::new(400, "EntityTooSmall", message));
            }
            draft.add(&mut file)?;
        }
        if parts.is_empty() {
            return Err(no_such_part());
        }
        let metadata = draft.become_object(&bucket, &key, request.text("IfNoneMatch").is_some())?;
        remove(&folder);
        let inside =
            element("Bucket", &bucket.name) + &element("Key", &key) + &element("ETag", &etag(&metadata));
        Ok(Answer::document("CompleteMultipartUploadResult", &inside))
    }

    pub(super) fn abort_upload(&self, request: &Request) -> Result<Answer, Refusal> {
        remove(&self.upload(request)?.folder);
        Ok(Answer::new(204))
    }

    /// The upload that a request names.
    fn upload(&self, request: &Request) -> Result<Upload, Refusal> {
        let bucket = self.bucket(request)?;
        let key = request.text("Key").unwrap_or_default();
        let id = request.text("UploadId").unwrap_or_default();
        let is_one = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let folder = self.path.join(WORKSHOP).join(&id);
        let found = fs::read_to_string(folder.join(PURPOSE)).ok();
        match found.filter(|found| is_one && *found == purpose(&bucket, &key)) {
            Some(_) => Ok(Upload { bucket, key, folder }),
            None => Err(Refusal::new(
                404,
                "NoSuchUpload",
                "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
            )),
        }
    }
}

struct Upload {
    bucket: Bucket,
    key: String,
    folder: PathBuf,
}

fn purpose(bucket: &Bucket, key: &str) -> String {
    format!("{}/{key}", bucket.name)
}

fn part(folder: &Path, number: i64) -> PathBuf {
    folder.join(format!("{number:05}"))
}

fn no_such_part() -> Refusal {
    let message = "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
    Refusal::new(400, "InvalidPart", message)
}

fn remove(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder) {
        tracing::warn!("the parts of an upload stay behind in {}: {error}", folder.display());
    }
}

/// Removes what crashes have left behind, drafts too, as far as that can be done.
pub(super) fn clear_away(workshop: &Path) {
    let Ok(entries) = fs::read_dir(workshop) else { return };
    for entry in entries.flatten() {
        let Ok(metadata) = entry.metadata() else { continue };
        let age = metadata.modified().ok().and_then(|time| SystemTime::now().duration_since(time).ok());
        if age.is_some_and(|age| age > FORGOTTEN_AFTER) {
            let _ = match metadata.is_dir() {
                true => fs::remove_dir_all(entry.path()),
                false => fs::remove_file(entry.path()),
            };
        }
    }
}
