//! Where buckets and objects are in the folder, and what a file tells of itself.
//!
//! Every step is looked at before it is taken: only plain folders lead to an object, and only a plain file is one.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::Root;
use super::answer::Refusal;
use super::request::Request;

/// S3's limit, in bytes.
pub(super) const KEY_BYTES_MAX: usize = 1024;
/// What file systems allow for a name, in bytes.
const NAME_BYTES_MAX: usize = 255;

/// A bucket that is there.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) name: String,
    pub(super) path: PathBuf,
}

impl Root {
    /// The bucket that a request names.
    pub(super) fn bucket(&self, request: &Request) -> Result<Bucket, Refusal> {
        self.bucket_named(&request.text("Bucket").unwrap_or_default())
    }

    pub(super) fn bucket_named(&self, name: &str) -> Result<Bucket, Refusal> {
        // No bucket begins with a dot. What does so here is ours, or somebody's own.
        let can_be = is_file_name(name) && !name.starts_with('.');
        let path = self.path.join(name);
        match can_be && is_folder(&path) {
            true => Ok(Bucket { name: name.to_owned(), path }),
            false => Err(Refusal::no_such_bucket()),
        }
    }
}

impl Bucket {
    /// The file of an object that is there, and what it tells of itself.
    pub(super) fn file(&self, key: &str) -> Option<(PathBuf, Metadata)> {
        let mut path = self.path.clone();
        let mut names = names(key)?.peekable();
        while let Some(name) = names.next() {
            path.push(name);
            if names.peek().is_some() && !is_folder(&path) {
                return None;
            }
        }
        let metadata = fs::symlink_metadata(&path).ok()?;
        metadata.is_file().then_some((path, metadata))
    }

    /// The folder in which all keys begin with `prefix` up to its last slash; none if there are no such keys.
    pub(super) fn folder(&self, prefix: &str) -> Option<PathBuf> {
        let mut path = self.path.clone();
        if let Some((above, _)) = prefix.rsplit_once('/') {
            for name in names(above)? {
                path.push(name);
                if !is_folder(&path) {
                    return None;
                }
            }
        }
        Some(path)
    }

    /// Where an object is to be, its folders made.
    pub(super) fn place(&self, key: &str) -> Result<PathBuf, Refusal> {
        if key.len() > KEY_BYTES_MAX {
            return Err(Refusal::new(400, "KeyTooLongError", "Your key is too long"));
        }
        let no_file =
            |why: String| Refusal::invalid_argument(format!("The key '{key}' cannot be a file here: {why}"));
        let names = names(key).ok_or_else(|| {
            no_file(format!(
                "what stands between slashes must be a name of 1 to {NAME_BYTES_MAX} bytes, not . or .."
            ))
        })?;
        let mut path = self.path.clone();
        let mut names = names.peekable();
        while let Some(name) = names.next() {
            path.push(name);
            let found = fs::symlink_metadata(&path);
            match (names.peek().is_some(), found) {
                (true, Ok(found)) if found.is_dir() => {}
                (true, Ok(_)) => return Err(no_file(format!("'{name}' in it is no folder"))),
                (true, Err(error)) if error.kind() == io::ErrorKind::NotFound => make_folder(&path)?,
                (false, Ok(found)) if found.is_file() => {}
                // An empty folder means nothing.
                (false, Ok(found)) if found.is_dir() && fs::remove_dir(&path).is_ok() => {}
                (false, Ok(_)) => return Err(no_file("something else than an object is there".to_owned())),
                (false, Err(error)) if error.kind() == io::ErrorKind::NotFound => {}
                (_, Err(error)) => return Err(Refusal::of_disk("looking for the object", &error)),
            }
        }
        Ok(path)
    }
}

/// The names that a key is made of; none if one of them can be no file's.
fn names(key: &str) -> Option<impl Iterator<Item = &str>> {
    key.split('/').all(is_file_name).then(|| key.split('/'))
}

fn is_file_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && name.len() <= NAME_BYTES_MAX && !name.contains(['/', '\0'])
}

/// Itself, not by a link.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

fn make_folder(path: &Path) -> Result<(), Refusal> {
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(Refusal::of_disk("making the object's folder", &error))
        }
        _ => Ok(()),
    }
}

/// What names this content of a file. A file that is replaced is another one, and one that is written to has
/// another time.
pub(super) fn etag(metadata: &Metadata) -> String {
    let time = i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec());
    format!("\"{:x}-{time:x}-{:x}\"", metadata.len(), metadata.ino())
}

/// Whether a condition (`"…"`, with or without its quotation marks, or `*`) names this content.
pub(super) fn is_named_by(condition: &str, etag: &str) -> bool {
    condition == "*" || condition.trim_matches('"') == etag.trim_matches('"')
}

/// When it was written, in seconds since 1970.
pub(super) fn modified_seconds(metadata: &Metadata) -> u64 {
    u64::try_from(metadata.mtime()).unwrap_or_default()
}
