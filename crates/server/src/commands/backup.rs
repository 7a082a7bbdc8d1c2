//! `stepwell backup`: copies a data folder, while a server uses it or not.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use store::backup::{Copied, CopyError, copy};

use super::verify::DAMAGED;
use crate::data::{self, DataArgs};
use crate::printing;

/// Copy a data folder, also while a server uses it, and verify the copy.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stepwell backup --data-dir /var/lib/stepwell --to /backups/$(date +%F)
  stepwell backup --config /etc/stepwell/stepwell.toml --to /backups/monday

The copy has everything that was acknowledged before the command began, connections too. Their key is in it
if it lies in the data folder, and not if [connections] key_file names another place. Exit code 0: it is there and
sound. 1: the data is damaged, and there is no copy. 2: there is no copy, for another reason.")]
pub struct Backup {
    #[command(flatten)]
    data: DataArgs,
    /// Where the copy goes: a folder that does not exist yet, or an empty one.
    #[arg(long, value_name = "DEST")]
    to: PathBuf,
}

impl Backup {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let folder = self.data.folder()?;
        data::ensure_folder(&folder)?;
        match copy(&folder, &self.to, &connections::FILES, &data::PARTS, &mut data::progress("copied")) {
            Ok(Copied { report, bytes }) => {
                printing::out(format_args!(
                    "backed up {} to {}: {}, verified",
                    folder.display(),
                    self.to.display(),
                    data::size(bytes)
                ));
                printing::out(data::contents(&report));
                Ok(ExitCode::SUCCESS)
            }
            Err(CopyError::Damaged(report)) => {
                data::print_damages(&report);
                printing::err(format_args!(
                    "error: {} is damaged, and there is no backup of it; `stepwell verify` says more",
                    folder.display()
                ));
                Ok(ExitCode::from(DAMAGED))
            }
            Err(CopyError::Store(error @ store::Error::Corrupt { .. })) => {
                printing::err(format_args!(
                    "error: there is no backup: {error}; `stepwell verify` says more"
                ));
                Ok(ExitCode::from(DAMAGED))
            }
            Err(error) => Err(explain(error, "--to")),
        }
    }
}

/// Why nothing was copied, and what can be done about it.
pub fn explain(error: CopyError, flag: &str) -> anyhow::Error {
    match error {
        CopyError::NotEmpty(folder) => {
            anyhow::anyhow!("{} is not empty: give {flag} a new or an empty folder", folder.display())
        }
        CopyError::NoParent(folder) => {
            anyhow::anyhow!("there is no folder {}: make it first, or give another {flag}", folder.display())
        }
        CopyError::Store(store::Error::Locked(folder)) => {
            anyhow::anyhow!("{} is being written by another backup or restore: wait for it", folder.display())
        }
        CopyError::TooFast(_) => anyhow::anyhow!("{error}: try again when there is less to do"),
        CopyError::Inside { .. } => anyhow::anyhow!("{error}: give {flag} a folder outside of it"),
        CopyError::Store(error) => data::explain(error),
        CopyError::Damaged(_) => anyhow::anyhow!("{error}"),
    }
}
