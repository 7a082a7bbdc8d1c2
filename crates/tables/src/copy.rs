//! Copies of tables, and whether a file of tables is what it was, without the engine: nothing is changed by either.
//!
//! Never here: what is in a table.

use std::fs::{self, File};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::Error;
use crate::engine::{FILE, LOG};

/// Copies the tables of a folder into another one, which is there and has none; says how many bytes. The copy is of
/// one moment, not before the call, also while a server uses them.
pub fn backup(from: &Path, to: &Path) -> Result<u64, Error> {
    let (path, copy) = (from.join(FILE), to.join(FILE));
    if !path.exists() {
        return Ok(0);
    }
    let failed = |source| Error::File { path: copy.clone(), source };
    if from.join(LOG).exists() {
        // What was written last may be in the log alone.
        let name = copy.to_str().ok_or_else(|| failed(std::io::Error::other("the path is not UTF-8")))?;
        let copied = open(&path).and_then(|database| database.execute("VACUUM INTO ?1", [name]));
        copied.map_err(|error| unreadable(&path, &error))?;
    } else {
        fs::copy(&path, &copy).map_err(failed)?;
    }
    let file = File::open(&copy).map_err(failed)?;
    file.sync_all().and_then(|()| File::open(to)?.sync_all()).map_err(failed)?;
    Ok(file.metadata().map_err(failed)?.len())
}

/// Reads the tables of a folder from end to end: what is damaged, in SQLite's words.
pub fn verify(folder: &Path) -> Result<Vec<String>, Error> {
    let path = folder.join(FILE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let told: rusqlite::Result<Vec<String>> = open(&path).and_then(|database| {
        let mut check = database.prepare("PRAGMA integrity_check")?;
        let lines = check.query_map([], |row| row.get(0))?;
        lines.collect()
    });
    match told {
        Ok(lines) => Ok(lines.into_iter().filter(|line| line != "ok").collect()),
        // A file without head or tail has no lines to tell.
        Err(error) if is_damage(&error) => Ok(vec![error.to_string()]),
        Err(error) => Err(unreadable(&path, &error)),
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

fn unreadable(path: &Path, error: &rusqlite::Error) -> Error {
    Error::Database { path: path.to_owned(), reason: error.to_string() }
}
