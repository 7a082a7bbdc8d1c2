//! `stepwell server`: production. Nothing is watched, nothing is loaded but the settings and the APIs that they name.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use connectors::Surroundings;

use crate::logging;
use crate::mock_file::MockFile;
use crate::printing;
use crate::running::{self, DataPlace, Running, ServerArgs};
use crate::settings::{self, Loaded};

/// Start a server for production: settings from a file, durable, no watching.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stepwell server --config /etc/stepwell.toml
  stepwell server --config stepwell.toml --data-dir /var/lib/stepwell --log-format json

It listens on an address other than loopback only when [auth.access_keys] has keys; requests are
then verified with Signature Version 4.")]
pub struct Server {
    /// The settings file.
    #[arg(long, value_name = "FILE", env = "STEPWELL_CONFIG", default_value = settings::FILE_NAME)]
    config: PathBuf,
    #[command(flatten)]
    server: ServerArgs,
}

impl Server {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        anyhow::ensure!(
            !self.config.is_dir(),
            "{0} is a folder: give --config the file, such as {0}/{1}",
            self.config.display(),
            settings::FILE_NAME
        );
        anyhow::ensure!(
            self.config.is_file(),
            "there is no settings file {}: give one with --config, or use `stepwell dev` for development",
            self.config.display()
        );
        let mut loaded = settings::load(&self.config)?;
        loaded.mock_file = MockFile::named(self.server.mock_config.as_deref());
        let Some(folder) = self.server.data_dir(&loaded) else {
            anyhow::bail!(
                "nothing says where data is kept: set dir in [data] of {}, or give --data-dir",
                self.config.display()
            );
        };
        logging::start(&self.server.log, self.server.log_format)?;
        running::block_on(self.serve(loaded, folder))
    }

    async fn serve(self, loaded: Loaded, folder: PathBuf) -> anyhow::Result<ExitCode> {
        let place = DataPlace::Folder(folder.clone());
        let running = Running::start(&self.server, &loaded, &place, Surroundings::Production).await?;
        running.warn_of_functions(&loaded);
        running.keeper().follow_apis(&loaded).await;
        let signal = running::signal();
        announce(&running, &folder);
        running.say_mocks(&loaded);
        running.warn_of_mocks();
        running.serve_until(signal).await?;
        Ok(ExitCode::SUCCESS)
    }
}

fn announce(running: &Running, folder: &Path) {
    printing::out(format_args!(
        "stepwell {} at {}",
        env!("CARGO_PKG_VERSION"),
        super::env::endpoint(running.address)
    ));
    printing::out(format_args!("data: {}", folder.display()));
    if running.tls.is_some() {
        printing::out("tls: on the same port");
    }
}
