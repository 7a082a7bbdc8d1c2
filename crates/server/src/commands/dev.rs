//! `stepwell dev`: a server that follows a folder while somebody works in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use connectors::Surroundings;

use crate::logging;
use crate::mock_file::MockFile;
use crate::presence::{self, Place, Presence, Secure};
use crate::printing;
use crate::resources::Keeper;
use crate::running::{self, DataPlace, Running, ServerArgs};
use crate::settings::{self, Loaded};
use crate::sync::Sync;
use crate::{commands::env, project, tls};

/// How often the folder is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Start a server for development: it loads a folder's definitions and functions and follows their changes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stepwell dev                          the current folder, port 8083, data in ./.stepwell
  stepwell dev examples/dragons --port 0
  stepwell dev --ephemeral              keep nothing on disk
  stepwell dev --tls                    https:// and wss:// on the same port (docs/tls.md)
  stepwell dev --mock-config mocks.json run test cases: Task states answer what the file says

Any credentials are accepted. The environment lines that it prints point AWS clients at it; in the same
folder `stepwell env` prints them again. State machines follow their files; when a file is deleted, its
state machine stays until it is deleted, too. Without --mock-config, test cases are those of
MockConfigFile.json in the folder; start-execution runs one with --state-machine-arn ARN#CASE, and
changes of the file are followed as well (docs/mocks.md). Exit code: 0 after SIGTERM or Ctrl-C, 2 if it cannot start.")]
pub struct Dev {
    /// The folder: its stepwell.toml, *.asl.json, *.asl.yaml and functions are loaded and followed.
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    server: ServerArgs,
    /// Keep everything in memory and forget it at the end.
    #[arg(long, conflicts_with = "data_dir")]
    ephemeral: bool,
    /// Speak TLS as well, on the same port, with a certificate of an authority made for this folder.
    #[arg(long, env = "STEPWELL_TLS")]
    tls: bool,
}

impl Dev {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        anyhow::ensure!(
            self.folder.is_dir(),
            "there is no folder {}: make it, or leave it out for the current one",
            self.folder.display()
        );
        let mut loaded = settings::load_folder(&self.folder)?;
        let data = if self.ephemeral {
            DataPlace::Memory
        } else {
            let own = self.folder.join(presence::FOLDER);
            DataPlace::Folder(self.server.data_dir(&loaded).unwrap_or(own))
        };
        let named = MockFile::named(self.server.mock_config.as_deref());
        loaded.mock_file = Some(named.unwrap_or_else(|| MockFile::of_project(&self.folder)));
        if let DataPlace::Folder(folder) = &data {
            loaded.data_folder = Some(folder.clone());
        }
        if self.tls {
            // Clients need its file even where no data is kept.
            let own = self.folder.join(presence::FOLDER);
            loaded.authority_folder = Some(loaded.data_folder.clone().unwrap_or(own).join(tls::FOLDER));
        }
        logging::start(&self.server.log, self.server.log_format)?;
        running::block_on(self.serve(loaded, data))
    }

    async fn serve(self, loaded: Loaded, data: DataPlace) -> anyhow::Result<ExitCode> {
        // Before anything is read: what changes from here on is seen as a change.
        let stamps = project::stamps(&loaded).unwrap_or_default();
        let running = Running::start(&self.server, &loaded, &data, Surroundings::Development).await?;
        let mut sync = Sync::new(running.engine.clone());
        running.warn_of_functions(&loaded);
        sync.definitions(&loaded).await?;
        sync.say_how_many();
        let mut keeper = running.keeper();
        keeper.follow(&loaded).await;
        let place = env::place(running.address, running.tls.as_ref(), &running.engine.scope().region);
        let signal = running::signal();
        let presence = Presence::announce(&loaded.folder, &place);
        print_banner(&place, &data, &loaded.folder, loaded.settings.console.enabled != Some(false));
        running.say_mocks(&loaded);
        running.warn_of_mocks();
        let watching = tokio::spawn(watch(loaded, running.clone(), sync, keeper, stamps));
        let outcome = running.serve_until(signal).await;
        watching.abort();
        drop(presence);
        outcome?;
        Ok(ExitCode::SUCCESS)
    }
}

fn print_banner(place: &Place, data: &DataPlace, folder: &Path, has_console: bool) {
    printing::out(format_args!("stepwell {} at {}", env!("CARGO_PKG_VERSION"), place.endpoint));
    match data {
        DataPlace::Memory => printing::out("data: in memory only; it is gone when the server stops"),
        DataPlace::Folder(folder) => {
            printing::out(format_args!(
                "data: {}",
                folder.canonicalize().as_deref().unwrap_or(folder).display()
            ));
        }
    }
    if let Some(secure) = &place.secure {
        print_secure(secure);
    }
    if has_console {
        printing::out(format_args!("console: {}/console", place.endpoint));
    }
    printing::out(format_args!("\nfor AWS clients (or: eval \"$(stepwell env)\" in this folder):"));
    let variables = env::client_variables(place);
    let apis = env::api_variables(folder, place.url());
    for line in env::export_lines(&variables).lines() {
        printing::out(format_args!("  {line}"));
    }
    for line in env::export_lines(&apis).lines() {
        printing::out(format_args!("  {line}"));
    }
    printing::out("");
}

fn print_secure(secure: &Secure) {
    printing::out(format_args!("tls: {}", secure.endpoint));
    if let Some(file) = &secure.ca_file {
        printing::out(format_args!("certificate authority: {file}, which clients must believe"));
    }
}

/// Looks at the folder again and again; a mistake in it is printed, and what worked before stays.
async fn watch(
    mut loaded: Loaded,
    running: Running,
    mut sync: Sync,
    mut keeper: Keeper,
    mut stamps: BTreeMap<PathBuf, project::Stamp>,
) {
    let mut last_error = String::new();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        match look(&mut loaded, &running, &mut sync, &mut keeper, &mut stamps).await {
            Ok(()) => last_error.clear(),
            Err(error) => {
                // The same trouble is there at every look until somebody mends it.
                let error = format!("{error:#}");
                if error != last_error {
                    printing::err(format_args!("error: {error}"));
                    last_error = error;
                }
            }
        }
    }
}

async fn look(
    loaded: &mut Loaded,
    running: &Running,
    sync: &mut Sync,
    keeper: &mut Keeper,
    stamps: &mut BTreeMap<PathBuf, project::Stamp>,
) -> anyhow::Result<()> {
    let now = project::stamps(loaded)?;
    if now == *stamps {
        return Ok(());
    }
    let settings_file = loaded.folder.join(settings::FILE_NAME);
    let settings_changed = now.get(&settings_file) != stamps.get(&settings_file);
    let functions_changed = functions_changed(loaded, &now, stamps);
    let is_changed = |file: &&MockFile| now.get(file.path()) != stamps.get(file.path());
    let mock_file = loaded.mock_file.clone().filter(|file| is_changed(&file));
    if let Some(file) = &mock_file
        && let Err(error) = running.read_mocks_again(file)
    {
        printing::err(format_args!("error: {error:#}\nthe earlier test cases stay in force"));
    }
    *stamps = now;
    if settings_changed {
        let again = settings::load_folder(&loaded.folder)
            .map_err(|error| anyhow::anyhow!("{error:#}\nthe earlier settings stay in force"))?;
        let Loaded { data_folder, authority_folder, mock_file, .. } = loaded.clone();
        *loaded = Loaded { data_folder, authority_folder, mock_file, ..again };
        printing::out(
            "stepwell.toml changed: functions and connections are configured anew; [server], [tls], [data], [databases] and [auth] at the next start",
        );
        running.configure_functions(loaded);
        running.warn_of_functions(loaded);
    } else if !functions_changed.is_empty() {
        printing::out(format_args!("changed: function {}", functions_changed.join(", ")));
        running.configure_functions(loaded);
    }
    sync.definitions(loaded).await?;
    keeper.follow(loaded).await;
    if mock_file.is_some() {
        running.warn_of_mocks();
    }
    Ok(())
}

/// Functions with a file in their folder that is new, gone or different.
fn functions_changed(
    loaded: &Loaded,
    now: &BTreeMap<PathBuf, project::Stamp>,
    before: &BTreeMap<PathBuf, project::Stamp>,
) -> Vec<String> {
    let differs = |path: &&PathBuf| now.get(*path) != before.get(*path);
    let is_mock_file = |path: &Path| loaded.mock_file.as_ref().is_some_and(|file| file.path() == path);
    let code = |path: &&PathBuf| !path.to_string_lossy().contains(".asl.") && !is_mock_file(path);
    let changed: Vec<&PathBuf> = now.keys().chain(before.keys()).filter(differs).filter(code).collect();
    let of_function = |function: &settings::Function| {
        let folder = project::function_folder(loaded, function);
        changed.iter().any(|path| path.starts_with(&folder))
    };
    loaded
        .settings
        .functions
        .iter()
        .filter(|(_, function)| of_function(function))
        .map(|(name, _)| name.clone())
        .collect()
}
