//! The names in a folder, in the order of the keys in it.
//!
//! A page of a list takes a thousand names of what may be a million, and the next page the next ones: so some are
//! kept from page to page, for as long as the folder is the same.

use std::collections::VecDeque;
use std::fs::{self, DirEntry};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock;

/// So many are in memory for one folder, some 10 MB; a folder with more is read again for the next ones.
const NAMES_MAX: usize = 100_000;
/// A folder with fewer is read as fast as it is found here.
const WORTH_KEEPING: usize = 1000;
/// A list has one folder at a time that is large; several lists may go on at once.
const FOLDERS_MAX: usize = 4;
/// File systems tell a folder's time in steps: what has changed just now may change again unnoticed.
const SETTLED_AFTER_SECONDS: i64 = 2;

/// Names that were read lately.
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<VecDeque<Kept>>);

#[derive(Debug)]
struct Kept {
    folder: PathBuf,
    /// When the folder changed last: seconds and nanoseconds.
    changed: (i64, i64),
    names: Arc<Section>,
}

/// Names of a folder that follow each other. Those of folders have a slash at their end, so that their order is
/// that of the keys in them.
#[derive(Debug, Default)]
pub(super) struct Section {
    /// Where it begins: nothing is left out from here on.
    from: String,
    pub(super) names: Vec<String>,
    /// Whether nothing follows.
    pub(super) is_last: bool,
}

impl Names {
    /// A section with the names of a folder from this one on: the next `count`, or all there are. A folder that is
    /// gone has none.
    pub(super) fn section(&self, folder: &Path, from: &str, count: usize) -> io::Result<Arc<Section>> {
        let changed = match fs::symlink_metadata(folder) {
            Ok(metadata) => (metadata.mtime(), metadata.mtime_nsec()),
            Err(error) => return none_if_gone(&error).map(Arc::new).ok_or(error),
        };
        if let Some(names) = self.find(folder, changed, |names| names.covers(from, count)) {
            return Ok(names);
        }
        let names = Arc::new(read(folder, from)?);
        let is_settled = changed.0 + SETTLED_AFTER_SECONDS < clock::now_seconds() as i64;
        if is_settled && names.names.len() > WORTH_KEEPING {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.retain(|kept| kept.folder != folder);
            kept.truncate(FOLDERS_MAX - 1);
            kept.push_front(Kept { folder: folder.to_owned(), changed, names: names.clone() });
        }
        Ok(names)
    }

    fn find(
        &self,
        folder: &Path,
        changed: (i64, i64),
        is_meant: impl Fn(&Section) -> bool,
    ) -> Option<Arc<Section>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|kept| kept.folder == folder && kept.changed == changed)?;
        is_meant(&found.names).then(|| found.names.clone())
    }
}

impl Section {
    /// The names from this one on.
    pub(super) fn starting_at(&self, from: &str) -> &[String] {
        &self.names[self.names.partition_point(|name| name.as_str() < from)..]
    }

    fn covers(&self, from: &str, count: usize) -> bool {
        self.from.as_str() <= from && (self.is_last || self.starting_at(from).len() >= count)
    }
}

fn read(folder: &Path, from: &str) -> io::Result<Section> {
    let mut names = Vec::new();
    let mut is_last = true;
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return none_if_gone(&error).ok_or(error),
    };
    for entry in entries {
        let Some(name) = name(&entry?) else { continue };
        if name.as_str() >= from {
            names.push(name);
        }
        if names.len() == 2 * NAMES_MAX {
            is_last = false;
            keep_first(&mut names);
        }
    }
    if names.len() > NAMES_MAX {
        is_last = false;
        keep_first(&mut names);
    }
    names.sort_unstable();
    Ok(Section { from: from.to_owned(), names, is_last })
}

fn keep_first(names: &mut Vec<String>) {
    names.select_nth_unstable(NAMES_MAX);
    names.truncate(NAMES_MAX);
}

/// None for what is nobody's key: a name that is no text, and links, sockets and their like.
fn name(entry: &DirEntry) -> Option<String> {
    let kind = entry.file_type().ok()?;
    let name = entry.file_name().into_string().ok()?;
    match (kind.is_file(), kind.is_dir()) {
        (true, _) => Some(name),
        (_, true) => Some(name + "/"),
        _ => None,
    }
}

fn none_if_gone(error: &io::Error) -> Option<Section> {
    let is_gone = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
    is_gone.then(|| Section { is_last: true, ..Section::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(section: &Section, from: &str) -> Vec<String> {
        section.starting_at(from).iter().take(3).cloned().collect()
    }

    #[test]
    fn what_was_read_is_used_until_the_folder_changes() {
        let folder = std::env::temp_dir().join(format!("connectors-names-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for number in 0..2000 {
            fs::write(folder.join(format!("{number:04}")), "").unwrap();
        }
        let set_age = |seconds: u64| {
            let time = std::time::SystemTime::now() - std::time::Duration::from_secs(seconds);
            fs::File::open(&folder).unwrap().set_modified(time).unwrap();
        };
        set_age(100);
        let names = Names::default();
        let all = names.section(&folder, "", 10).unwrap();
        assert_eq!((all.names.len(), all.is_last), (2000, true));
        let again = names.section(&folder, "1500", 10).unwrap();
        assert!(Arc::ptr_eq(&all, &again), "it was not read again");
        assert_eq!(first(&again, "1500"), ["1500", "1501", "1502"]);

        fs::write(folder.join("1500-"), "").unwrap();
        let changed = names.section(&folder, "1500", 10).unwrap();
        assert_eq!(first(&changed, "1500"), ["1500", "1500-", "1501"]);
        assert_eq!(changed.names.len(), 501);
        let just_now = names.section(&folder, "1500", 10).unwrap();
        assert!(!Arc::ptr_eq(&changed, &just_now), "what has changed just now is not kept");
        set_age(50);
        let later = names.section(&folder, "1500", 10).unwrap();
        let before = names.section(&folder, "1000", 10).unwrap();
        assert!(!Arc::ptr_eq(&later, &before), "it begins earlier than what is kept");

        fs::remove_dir_all(&folder).unwrap();
        let gone = names.section(&folder, "", 10).unwrap();
        assert_eq!((gone.names.len(), gone.is_last), (0, true));
    }

    #[test]
    fn a_section_covers_what_it_has() {
        let names = ["b", "c/", "d"].map(str::to_owned).to_vec();
        let section = Section { from: "b".to_owned(), names, is_last: false };
        assert!(section.covers("b", 3) && section.covers("c", 2) && !section.covers("c", 3));
        assert!(!section.covers("a", 1) && !section.covers("e", 1));
        let last = Section { is_last: true, ..section };
        assert!(last.covers("c", 100) && last.covers("e", 1) && !last.covers("a", 1));
    }
}
