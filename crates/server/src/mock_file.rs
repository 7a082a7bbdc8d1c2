//! The mock file: where it is, and what is said when it cannot be used.
//!
//! Never here: what its members mean (`execution::mocks`); watching it.

use std::ffi::OsStr;
use std::fmt::{Display, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context;
use execution::Mocks;

/// The file's name in a project folder, which is the one that Step Functions Local looks for.
pub const FILE_NAME: &str = "MockConfigFile.json";

/// A larger file is something else.
const BYTES_MAX: u64 = 64 << 20;

/// So many problems fill a screen.
const PROBLEMS_SHOWN_MAX: usize = 20;

/// Where mocks are read from.
#[derive(Clone, Debug)]
pub struct MockFile {
    path: PathBuf,
    /// By a flag or a variable: then it must be there.
    is_named: bool,
}

impl MockFile {
    /// The file that `--mock-config` or SFN_MOCK_CONFIG names. An empty variable names none.
    pub fn named(name: Option<&OsStr>) -> Option<MockFile> {
        let name = name.filter(|name| !name.is_empty())?;
        Some(MockFile { path: PathBuf::from(name), is_named: true })
    }

    /// The file of a project folder, if there is one.
    pub fn of_project(folder: &Path) -> MockFile {
        MockFile { path: folder.join(FILE_NAME), is_named: false }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// As people write it.
    pub fn name(&self) -> impl Display {
        self.path.strip_prefix(".").unwrap_or(&self.path).display()
    }

    /// Reads it; of a project without one there are no mocks. An error names all that is wrong, with places.
    pub fn read(&self) -> anyhow::Result<Mocks> {
        let name = self.name();
        if !self.is_named && !self.path.exists() {
            return Ok(Mocks::default());
        }
        let bytes = std::fs::metadata(&self.path).with_context(|| format!("cannot read {name}"))?.len();
        anyhow::ensure!(bytes <= BYTES_MAX, "{name} is no mock file: it has {bytes} bytes");
        let text = std::fs::read_to_string(&self.path).with_context(|| format!("cannot read {name}"))?;
        Mocks::parse(&text).map_err(|problems| {
            let mut message = format!("{name} is not usable:");
            for problem in problems.iter().take(PROBLEMS_SHOWN_MAX) {
                let _ = write!(message, "\n  {problem}");
            }
            if problems.len() > PROBLEMS_SHOWN_MAX {
                let _ = write!(message, "\n  and {} more", problems.len() - PROBLEMS_SHOWN_MAX);
            }
            anyhow::anyhow!(message)
        })
    }

    /// Reads it after a change. One that has gone is trouble now: what was there may be in use.
    pub fn read_again(&self) -> anyhow::Result<Mocks> {
        anyhow::ensure!(self.path.exists(), "{} is gone", self.name());
        self.read()
    }
}

/// `2 test cases`, for a line about them.
pub fn count(mocks: &Mocks) -> String {
    match mocks.test_case_count() {
        1 => "1 test case".to_owned(),
        count => format!("{count} test cases"),
    }
}
