//! `stepwell restore`: brings back a data folder from a backup.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use store::backup::{Copied, CopyError, copy};

use super::backup::explain;
use super::verify::DAMAGED;
use crate::data::{self, DataArgs};
use crate::printing;

/// Bring back a data folder from a backup.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stepwell restore --from /backups/monday --data-dir /var/lib/stepwell
  stepwell restore --from /backups/monday --config /etc/stepwell/stepwell.toml

The data folder must be new or empty: move another one away before. The backup stays as it is.
Exit code 0: restored. 1: the backup is damaged. 2: not restored, for another reason.")]
pub struct Restore {
    /// The backup.
    #[arg(long, value_name = "BACKUP")]
    from: PathBuf,
    #[command(flatten)]
    data: DataArgs,
}

impl Restore {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let folder = self.data.folder()?;
        data::ensure_folder(&self.from)?;
        let (report, _) =
            data::verify(&self.from, &mut data::progress("read")).map_err(|error| match error {
                store::Error::Locked(_) => anyhow::anyhow!(
                    "{} is in use by a running stepwell: make a backup of it, and restore that",
                    self.from.display()
                ),
                error => data::explain(error),
            })?;
        if !report.is_sound() {
            data::print_damages(&report);
            printing::err(format_args!(
                "error: the backup {} is damaged, and nothing was restored: take another one",
                self.from.display()
            ));
            return Ok(ExitCode::from(DAMAGED));
        }
        match copy(&self.from, &folder, &connections::FILES, &data::PARTS, &mut data::progress("copied")) {
            Ok(Copied { report, bytes }) => {
                printing::out(format_args!(
                    "restored {} to {}: {}, verified",
                    self.from.display(),
                    folder.display(),
                    data::size(bytes)
                ));
                printing::out(data::contents(&report));
                printing::out(format_args!("start it: {}", self.data.start_command()));
                Ok(ExitCode::SUCCESS)
            }
            Err(CopyError::NotEmpty(folder)) => anyhow::bail!(
                "{0} is not empty: stop the server that uses it, if one does, and move it away, such as to {0}.old",
                folder.display()
            ),
            Err(error) => Err(explain(error, "--data-dir")),
        }
    }
}
