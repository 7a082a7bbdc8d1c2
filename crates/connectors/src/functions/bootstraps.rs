//! The programs that run Python and Node handlers, as files for the interpreters to read.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::clock;

/// A private folder with both programs. It goes when the value goes.
#[derive(Debug)]
pub(crate) struct Bootstraps {
    folder: PathBuf,
}

impl Bootstraps {
    pub(crate) fn write() -> io::Result<Bootstraps> {
        let folder = std::env::temp_dir().join(format!("stepwell-functions-{:032x}", clock::random()));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // Fails if somebody else was there first, so nobody can slip us a folder of theirs.
        builder.create(&folder)?;
        let bootstraps = Bootstraps { folder };
        fs::write(bootstraps.python(), include_str!("bootstrap.py"))?;
        fs::write(bootstraps.node(), include_str!("bootstrap.mjs"))?;
        Ok(bootstraps)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn python(&self) -> PathBuf {
        self.folder.join("bootstrap.py")
    }

    pub(crate) fn node(&self) -> PathBuf {
        self.folder.join("bootstrap.mjs")
    }
}

impl Drop for Bootstraps {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
