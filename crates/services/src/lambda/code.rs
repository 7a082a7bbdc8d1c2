//! Code on the disk: each archive is unpacked into a folder of its own, which never changes.
//!
//! A folder is whole before its function is in the ledger. Folders that no function has are removed at the next start.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use json::Text;
use sha2::{Digest, Sha256};

use super::function::Code;
use super::zip;

/// What AWS takes in a request.
pub(super) const ARCHIVE_BYTES_MAX: usize = 50 << 20;

/// Of an archive in S3: it is in memory while it is unpacked.
pub(super) const OBJECT_BYTES_MAX: usize = 100 << 20;

/// Why there is no code.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The archive is none that can be used.
    Archive(String),
    /// The disk.
    Disk(io::Error),
}

/// Unpacks an archive. `id` names its folder, and is nobody else's.
pub(super) fn unpack(all_code: &Path, name: &str, id: &str, archive: &[u8]) -> Result<Code, Trouble> {
    let files = zip::files(archive).map_err(Trouble::Archive)?;
    let digest = Sha256::digest(archive);
    let folder = format!("{name}-{id}");
    let whole = all_code.join(&folder);
    write_all(&whole, &files).map_err(Trouble::Disk)?;
    Ok(Code {
        folder: folder.into(),
        sha256: aws_protocols::base64::encode(&digest).into(),
        bytes: archive.len() as u64,
    })
}

fn write_all(folder: &Path, files: &[zip::File]) -> io::Result<()> {
    let mut folders = BTreeSet::from([folder.to_owned()]);
    fs::create_dir_all(folder)?;
    for file in files {
        let path = folder.join(&file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
            folders.insert(parent.to_owned());
        }
        let mut written = fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
        written.write_all(&file.bytes)?;
        #[cfg(unix)]
        if file.is_executable {
            use std::os::unix::fs::PermissionsExt;
            written.set_permissions(fs::Permissions::from_mode(0o755))?;
        }
        written.sync_all()?;
    }
    for folder in folders.iter().chain(folder.parent().map(Path::to_owned).iter()) {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Copies all code, for a backup: how many bytes. What is removed meanwhile no function has any more.
pub fn copy_code(from: &Path, to: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    // Folders are as deep as paths in archives, and each is visited once.
    let mut open = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = open.pop() {
        fs::create_dir_all(&to)?;
        let entries = match fs::read_dir(&from) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let copy = to.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                open.push((entry.path(), copy));
                continue;
            }
            match fs::copy(entry.path(), &copy) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                copied => bytes += copied?,
            }
            fs::File::open(&copy).and_then(|file| file.sync_all()).or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })?;
        }
        fs::File::open(&to)?.sync_all()?;
    }
    Ok(bytes)
}

/// Removes what no function has.
pub(super) fn sweep(all_code: &Path, used: &BTreeSet<Text>) {
    let Ok(folders) = fs::read_dir(all_code) else { return };
    for folder in folders.flatten() {
        let name = folder.file_name().to_string_lossy().into_owned();
        if !used.contains(name.as_str()) {
            remove(&folder.path());
        }
    }
}

/// Removes a folder. What cannot be removed stays until the next start.
pub(super) fn remove(folder: &PathBuf) {
    if let Err(error) = fs::remove_dir_all(folder) {
        tracing::warn!(target: "lambda", "{} cannot be removed: {error}", folder.display());
    }
}
