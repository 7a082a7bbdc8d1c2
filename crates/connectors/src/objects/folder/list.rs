//! ListObjectsV2: keys in the order of their bytes, page by page.
//!
//! A page reads the folders that its keys are in, and keeps no more names of a folder than a page has: so a page
//! costs little memory however many files there are, and a folder is read once for each of its pages.

use std::fs::{self, FileType, Metadata};
use std::path::{Path, PathBuf};

use asl::Timestamp;
use sigv4::percent_encode;

use super::Root;
use super::answer::{Answer, Refusal, element};
use super::bucket::{KEY_BYTES_MAX, etag, modified_seconds};
use super::request::Request;
use crate::base64;

/// S3's limit, and what a page has if nothing is said.
const KEYS_MAX: usize = 1000;

/// What is on a page.
#[derive(Debug)]
enum Entry {
    Object {
        key: String,
        metadata: Metadata,
    },
    /// All keys that begin so, up to a slash, if they are not to be told one by one.
    Common {
        prefix: String,
    },
}

/// The page that is being made.
struct Page {
    prefix: String,
    /// Only what comes behind this.
    after: String,
    /// Whether keys in folders below are told by their folder only.
    is_flat: bool,
    room: usize,
    entries: Vec<Entry>,
}

impl Root {
    pub(super) fn list_objects(&self, request: &Request) -> Result<Answer, Refusal> {
        let bucket = self.bucket(request)?;
        let delimiter = request.text("Delimiter").filter(|delimiter| !delimiter.is_empty());
        if let Some(other) = delimiter.as_deref().filter(|delimiter| *delimiter != "/") {
            return Err(Refusal::not_implemented(&format!("The Delimiter '{other}' of ListObjectsV2")));
        }
        let keys_max = match request.number("MaxKeys") {
            None => KEYS_MAX,
            Some(max) => usize::try_from(max)
                .map_err(|_| {
                    Refusal::invalid_argument("Argument maxKeys must be an integer between 0 and 2147483647")
                })?
                .min(KEYS_MAX),
        };
        let token = request.text("ContinuationToken");
        let after = match &token {
            Some(token) => of_token(token)
                .ok_or_else(|| Refusal::invalid_argument("The continuation token provided is incorrect"))?,
            None => request.text("StartAfter").unwrap_or_default(),
        };
        let prefix = request.text("Prefix").unwrap_or_default();
        // One more tells whether there is another page.
        let mut page =
            Page { prefix, after, is_flat: delimiter.is_some(), room: keys_max + 1, entries: Vec::new() };
        if let Some(folder) = bucket.folder(&page.prefix).filter(|_| keys_max > 0) {
            let above = page.prefix.rfind('/').map_or("", |end| &page.prefix[..=end]).to_owned();
            page.walk(&folder, &above).map_err(|error| Refusal::of_disk("listing the bucket", &error))?;
        }
        let is_truncated = page.entries.len() > keys_max;
        page.entries.truncate(keys_max);

        let is_encoded = request.text("EncodingType").as_deref() == Some("url");
        let shown = |key: &str| if is_encoded { encoded(key) } else { key.to_owned() };
        let mut inside = element("Name", &bucket.name) + &element("Prefix", &shown(&page.prefix));
        let mut add = |name: &str, text: &str| inside.push_str(&element(name, text));
        add("KeyCount", &page.entries.len().to_string());
        add("MaxKeys", &keys_max.to_string());
        add("IsTruncated", &is_truncated.to_string());
        for (name, text) in [
            ("Delimiter", delimiter.as_deref().map(shown)),
            ("EncodingType", is_encoded.then(|| "url".to_owned())),
            ("StartAfter", request.text("StartAfter").as_deref().map(shown)),
            ("ContinuationToken", token),
            ("NextContinuationToken", page.entries.last().filter(|_| is_truncated).map(Entry::token)),
        ] {
            if let Some(text) = text {
                add(name, &text);
            }
        }
        page.entries.iter().for_each(|entry| inside.push_str(&entry.xml(shown)));
        Ok(Answer::document("ListBucketResult", &inside))
    }
}

impl Page {
    /// Adds what is in a folder, whose keys all begin with `above`, until there is no more room. The recursion
    /// ends where keys would be longer than S3 allows.
    fn walk(&mut self, folder: &Path, above: &str) -> std::io::Result<()> {
        // Names up to this one are done. A batch may hold folders only that are empty, so there may be several.
        let mut done = String::new();
        while self.entries.len() < self.room {
            let batch = self.batch(folder, above, &done)?;
            let Some(last) = batch.last() else { return Ok(()) };
            done.clone_from(&last.0);
            for (name, path) in batch {
                if self.entries.len() == self.room {
                    return Ok(());
                }
                let key = format!("{above}{name}");
                match key.ends_with('/') {
                    false => {
                        // It may be gone meanwhile.
                        let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
                        if metadata.is_file() {
                            self.entries.push(Entry::Object { key, metadata });
                        }
                    }
                    true if self.is_flat && key.len() > self.prefix.len() => {
                        let first = Page { prefix: key.clone(), after: self.after.clone(), ..Page::of_one() };
                        if first.has_any(&path)? {
                            self.entries.push(Entry::Common { prefix: key });
                        }
                    }
                    true => self.walk(&path, &key)?,
                }
            }
        }
        Ok(())
    }

    fn of_one() -> Page {
        Page { prefix: String::new(), after: String::new(), is_flat: false, room: 1, entries: Vec::new() }
    }

    fn has_any(mut self, folder: &Path) -> std::io::Result<bool> {
        let above = self.prefix.clone();
        self.walk(folder, &above)?;
        Ok(!self.entries.is_empty())
    }

    /// The first names of a folder that may have keys of this page, in their order; folders with a slash behind,
    /// so that their order is that of the keys in them.
    fn batch(&self, folder: &Path, above: &str, done: &str) -> std::io::Result<Vec<(String, PathBuf)>> {
        let mut batch = Vec::new();
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(batch),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            // What is no text is nobody's key; links, sockets and their like are no objects.
            let Ok(name) = entry.file_name().into_string() else { continue };
            let Some(name) = entry.file_type().ok().and_then(|kind| listed_name(name, kind)) else {
                continue;
            };
            if name.as_str() > done && self.may_hold(&format!("{above}{name}")) {
                batch.push((name, entry.path()));
            }
            if batch.len() >= 4 * self.room {
                keep_first(&mut batch, self.room);
            }
        }
        keep_first(&mut batch, self.room);
        batch.sort_unstable();
        Ok(batch)
    }

    /// Whether this key, or one in this folder, may be on the page.
    fn may_hold(&self, key: &str) -> bool {
        if key.len() > KEY_BYTES_MAX {
            return false;
        }
        let is_folder = key.ends_with('/');
        let has_prefix = key.starts_with(&self.prefix) || is_folder && self.prefix.starts_with(key);
        // A folder whose keys are told as one is done when it was told.
        let is_open = is_folder && self.after.starts_with(key) && !(self.is_flat && self.after == key);
        has_prefix && (key > self.after.as_str() || is_open)
    }
}

fn listed_name(name: String, kind: FileType) -> Option<String> {
    match (kind.is_file(), kind.is_dir()) {
        (true, _) => Some(name),
        (_, true) => Some(name + "/"),
        _ => None,
    }
}

fn keep_first(batch: &mut Vec<(String, PathBuf)>, count: usize) {
    if batch.len() > count {
        batch.select_nth_unstable(count);
        batch.truncate(count);
    }
}

impl Entry {
    fn name(&self) -> &str {
        match self {
            Entry::Object { key, .. } => key,
            Entry::Common { prefix } => prefix,
        }
    }

    fn token(&self) -> String {
        base64::encode(self.name().as_bytes())
    }

    fn xml(&self, shown: impl Fn(&str) -> String) -> String {
        match self {
            Entry::Common { prefix } => {
                format!("<CommonPrefixes>{}</CommonPrefixes>", element("Prefix", &shown(prefix)))
            }
            Entry::Object { key, metadata } => {
                let modified = Timestamp(modified_seconds(metadata) as i64 * 1000).to_iso();
                let inside = [
                    element("Key", &shown(key)),
                    element("LastModified", &modified),
                    element("ETag", &etag(metadata)),
                    element("Size", &metadata.len().to_string()),
                    element("StorageClass", "STANDARD"),
                ];
                format!("<Contents>{}</Contents>", inside.concat())
            }
        }
    }
}

fn of_token(token: &str) -> Option<String> {
    String::from_utf8(base64::decode(token)?).ok().filter(|key| !key.is_empty())
}

/// As `EncodingType` has it: slashes stay.
fn encoded(key: &str) -> String {
    key.split('/').map(percent_encode).collect::<Vec<_>>().join("/")
}
