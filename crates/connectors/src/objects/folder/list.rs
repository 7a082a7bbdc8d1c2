//! ListObjectsV2: keys in the order of their bytes, page by page.
//!
//! A page costs what is on it: it looks into the folders that its keys are in, and no others.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

use asl::Timestamp;
use sigv4::percent_encode;

use super::Root;
use super::answer::{Answer, Refusal, element};
use super::bucket::{KEY_BYTES_MAX, etag, modified_seconds};
use super::names::Names;
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
struct Page<'n> {
    names: &'n Names,
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
        let after = match request.text("ContinuationToken") {
            Some(token) => of_token(&token)
                .ok_or_else(|| Refusal::invalid_argument("The continuation token provided is incorrect"))?,
            None => request.text("StartAfter").unwrap_or_default(),
        };
        let prefix = request.text("Prefix").unwrap_or_default();
        // One more tells whether there is another page.
        let (names, is_flat, room) = (&self.names, delimiter.is_some(), keys_max + 1);
        let mut page = Page { names, prefix, after, is_flat, room, entries: Vec::new() };
        if let Some(folder) = bucket.folder(&page.prefix).filter(|_| keys_max > 0) {
            let above = page.prefix.rfind('/').map_or("", |end| &page.prefix[..=end]).to_owned();
            page.walk(&folder, &above).map_err(|error| Refusal::of_disk("listing the bucket", &error))?;
        }
        let is_truncated = page.entries.len() > keys_max;
        page.entries.truncate(keys_max);
        Ok(page.document(request, &bucket.name, keys_max, is_truncated))
    }
}

impl Page<'_> {
    /// Adds what is in a folder, whose keys all begin with `above`, until there is no more room. The recursion
    /// ends where keys would be longer than S3 allows.
    fn walk(&mut self, folder: &Path, above: &str) -> io::Result<()> {
        let mut done = None;
        loop {
            let (batch, next) = self.batch(folder, above, done.as_deref())?;
            for name in batch {
                self.add(folder, format!("{above}{name}"), &name)?;
                if self.entries.len() == self.room {
                    return Ok(());
                }
            }
            // Folders may be empty, so that there is room for more.
            if next.is_none() {
                return Ok(());
            }
            done = next;
        }
    }

    /// An object, or what is in a folder, or that something is in it.
    fn add(&mut self, folder: &Path, key: String, name: &str) -> io::Result<()> {
        let path = folder.join(name.trim_end_matches('/'));
        if !name.ends_with('/') {
            // It may be gone meanwhile.
            let metadata = fs::symlink_metadata(&path).ok().filter(Metadata::is_file);
            self.entries.extend(metadata.map(|metadata| Entry::Object { key, metadata }));
        } else if !self.is_flat {
            self.walk(&path, &key)?;
        } else {
            let (prefix, after) = (key.clone(), self.after.clone());
            let mut first =
                Page { names: self.names, prefix, after, is_flat: false, room: 1, entries: Vec::new() };
            first.walk(&path, &key)?;
            let common = first.entries.pop().map(|_| Entry::Common { prefix: key });
            self.entries.extend(common);
        }
        Ok(())
    }

    /// The next names of a folder that may have keys of this page; and up to where there are none but these, if
    /// more follow.
    fn batch(
        &self,
        folder: &Path,
        above: &str,
        done: Option<&str>,
    ) -> io::Result<(Vec<String>, Option<String>)> {
        let rest_of = |text: &str| text.strip_prefix(above).unwrap_or_default().to_owned();
        let prefix = rest_of(&self.prefix);
        // A folder that has keys behind `after` comes before it.
        let after = rest_of(&self.after);
        let after = after.split_inclusive('/').next().unwrap_or_default();
        let from = prefix.as_str().max(after).max(done.unwrap_or_default());
        // One of them may be `done` itself.
        let section = self.names.section(folder, from, self.room + 1)?;
        let mut batch = Vec::new();
        for name in section.starting_at(from) {
            if !name.starts_with(&prefix) {
                return Ok((batch, None));
            }
            if done.is_none_or(|done| name.as_str() > done) && self.is_ahead(&format!("{above}{name}")) {
                batch.push(name.clone());
            }
            if batch.len() == self.room {
                return Ok((batch, Some(name.clone())));
            }
        }
        let next = section.names.last().filter(|_| !section.is_last).cloned();
        Ok((batch, next))
    }

    /// Whether this key, or one in this folder, comes behind what is on the pages before.
    fn is_ahead(&self, key: &str) -> bool {
        if key.len() > KEY_BYTES_MAX {
            return false;
        }
        let is_folder = key.ends_with('/');
        // A folder whose keys are told as one is done when it was told.
        let is_open = is_folder && self.after.starts_with(key) && !(self.is_flat && self.after == key);
        key > self.after.as_str() || is_open
    }

    /// The page as S3 writes it.
    fn document(&self, request: &Request, bucket: &str, keys_max: usize, is_truncated: bool) -> Answer {
        let is_encoded = request.text("EncodingType").as_deref() == Some("url");
        let shown = |key: &str| if is_encoded { encoded(key) } else { key.to_owned() };
        let mut inside = element("Name", bucket) + &element("Prefix", &shown(&self.prefix));
        let mut add = |name: &str, text: &str| inside.push_str(&element(name, text));
        add("KeyCount", &self.entries.len().to_string());
        add("MaxKeys", &keys_max.to_string());
        add("IsTruncated", &is_truncated.to_string());
        let next = self.entries.last().filter(|_| is_truncated).map(Entry::token);
        for (name, text) in [
            ("Delimiter", request.text("Delimiter").as_deref().map(shown)),
            ("EncodingType", is_encoded.then(|| "url".to_owned())),
            ("StartAfter", request.text("StartAfter").as_deref().map(shown)),
            ("ContinuationToken", request.text("ContinuationToken")),
            ("NextContinuationToken", next),
        ] {
            if let Some(text) = text {
                add(name, &text);
            }
        }
        self.entries.iter().for_each(|entry| inside.push_str(&entry.xml(shown)));
        Answer::document("ListBucketResult", &inside)
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
