//! How a function's process is started: the program and the environment it finds.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};

use aws_names::Scope;
use tokio::process::{Child, Command};

use super::bootstraps::Bootstraps;
use crate::clock;
use crate::settings::FunctionSettings;

/// Of our own environment, a function sees only these: what finding interpreters, libraries and
/// certificates takes. Whatever else is there may be secret.
const PASSED_ON: [&str; 11] = [
    "PATH",
    "HOME",
    "USER",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// What all functions have in common.
#[derive(Debug)]
pub(crate) struct Surroundings {
    pub(crate) scope: Scope,
    pub(crate) credentials: sigv4::Credentials,
    pub(crate) bootstraps: io::Result<Bootstraps>,
}

/// Why a process could not be started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LaunchError {
    /// The settings do not say what to run.
    #[error("{0}")]
    Settings(String),
    /// The system refused.
    #[error("fork/exec {program}: {source}")]
    Spawn { program: String, source: io::Error },
}

/// Starts a process that will call the Runtime API at `address`.
pub(crate) fn launch(
    name: &str,
    settings: &FunctionSettings,
    surroundings: &Surroundings,
    address: SocketAddr,
) -> Result<Child, LaunchError> {
    let folder = folder(name, settings)?;
    let runtime = runtime(name, settings, &folder)?;
    let mut refused = None;
    for words in command_lines(settings, &runtime, &folder, surroundings)? {
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir(&folder).env_clear();
        for name in PASSED_ON {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        set_environment(&mut command, name, settings, surroundings, &runtime, &folder, address);
        // Standard input is a lifeline: it closes when we end, whatever ends us.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        // A Ctrl-C at the terminal is for the server, which lets running functions finish.
        #[cfg(unix)]
        command.process_group(0);
        match command.spawn() {
            Ok(child) => return Ok(child),
            Err(source) => {
                let program = words[0].to_string_lossy().into_owned();
                let not_found = source.kind() == io::ErrorKind::NotFound;
                refused = Some(LaunchError::Spawn { program, source });
                if !not_found {
                    break;
                }
            }
        }
    }
    Err(refused.unwrap_or_else(|| LaunchError::Settings(format!("function {name}: command is empty"))))
}

/// Why a function cannot be started as it is set, as far as that can be seen without starting it.
pub(crate) fn complaint(name: &str, settings: &FunctionSettings) -> Option<String> {
    let folder = match folder(name, settings) {
        Ok(folder) => folder,
        Err(error) => return Some(error.to_string()),
    };
    let bootstrap = folder.join("bootstrap");
    match runtime(name, settings, &folder) {
        Err(error) => Some(error.to_string()),
        Ok(Runtime::Provided) if settings.command.is_none() => match bootstrap.metadata() {
            Err(error) => Some(format!("function {name}: no program {}: {error}", bootstrap.display())),
            Ok(metadata) if is_executable(&metadata) => None,
            Ok(_) => {
                Some(format!("function {name}: {0} may not be executed: chmod +x {0}", bootstrap.display()))
            }
        },
        Ok(_) => None,
    }
}

fn is_executable(metadata: &std::fs::Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    return metadata.is_file();
}

fn folder(name: &str, settings: &FunctionSettings) -> Result<PathBuf, LaunchError> {
    let folder = &settings.folder;
    folder.canonicalize().map_err(|error| {
        LaunchError::Settings(format!("function {name}: no folder {}: {error}", folder.display()))
    })
}

/// What runs the code.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Runtime {
    /// As named in the settings, or `python3`.
    Python(String),
    /// As named in the settings, or `nodejs`.
    Node(String),
    /// The folder's own program.
    Provided,
}

fn runtime(name: &str, settings: &FunctionSettings, folder: &Path) -> Result<Runtime, LaunchError> {
    if let Some(runtime) = &settings.runtime {
        return match runtime.as_str() {
            python if python.starts_with("python3") => Ok(Runtime::Python(python.to_owned())),
            node if node.starts_with("nodejs") => Ok(Runtime::Node(node.to_owned())),
            provided if provided.starts_with("provided") => Ok(Runtime::Provided),
            // A program of its own may call itself as it likes.
            _ if settings.command.is_some() => Ok(Runtime::Provided),
            other => Err(LaunchError::Settings(format!(
                "function {name}: the runtime {other} is not supported: give python3.x, nodejs2x.x or provided, or a \
                 command that speaks the Lambda Runtime API"
            ))),
        };
    }
    if settings.command.is_some() {
        return Ok(Runtime::Provided);
    }
    let Some(handler) = &settings.handler else {
        return if folder.join("bootstrap").is_file() {
            Ok(Runtime::Provided)
        } else {
            Err(LaunchError::Settings(format!(
                "function {name}: give a handler (such as app.handler), or a command that speaks the Lambda Runtime API"
            )))
        };
    };
    let module = handler.rsplit_once('.').map_or(handler.as_str(), |(module, _)| module);
    // Dots in a Python handler are folders, too.
    let exists = |ending: &str| {
        [module.to_owned(), module.replace('.', "/")]
            .iter()
            .any(|module| folder.join(format!("{module}{ending}")).is_file())
    };
    if exists(".py") || exists("/__init__.py") {
        Ok(Runtime::Python("python3".to_owned()))
    } else if exists(".mjs") || exists(".js") || exists(".cjs") {
        Ok(Runtime::Node("nodejs".to_owned()))
    } else {
        Err(LaunchError::Settings(format!(
            "function {name}: {} holds neither {module}.py nor {module}.js or {module}.mjs for the handler {handler}",
            folder.display()
        )))
    }
}

/// What to try in turn, until one is found.
fn command_lines(
    settings: &FunctionSettings,
    runtime: &Runtime,
    folder: &Path,
    surroundings: &Surroundings,
) -> Result<Vec<Vec<OsString>>, LaunchError> {
    if let Some(command) = &settings.command {
        let words: Vec<OsString> = command.iter().map(OsString::from).collect();
        return Ok(if words.is_empty() { Vec::new() } else { vec![words] });
    }
    let bootstraps = match (&surroundings.bootstraps, runtime) {
        (_, Runtime::Provided) => return Ok(vec![vec![folder.join("bootstrap").into()]]),
        (Ok(bootstraps), _) => bootstraps,
        (Err(error), _) => {
            return Err(LaunchError::Settings(format!(
                "cannot write the programs that run functions to {}: {error}",
                std::env::temp_dir().display()
            )));
        }
    };
    let line = |program: &str, bootstrap: PathBuf| vec![program.into(), bootstrap.into()];
    Ok(match runtime {
        Runtime::Python(version) if version != "python3" && runs(version) => {
            vec![line(version, bootstraps.python())]
        }
        Runtime::Python(_) => vec![line("python3", bootstraps.python())],
        Runtime::Node(_) => vec![line("node", bootstraps.node()), line("nodejs", bootstraps.node())],
        Runtime::Provided => unreachable!("returned above"),
    })
}

/// Whether an interpreter starts at all: of a version that is not installed, version managers leave a
/// program on the path which only says so. Each is asked once.
fn runs(program: &str) -> bool {
    static ASKED: Mutex<BTreeMap<String, bool>> = Mutex::new(BTreeMap::new());
    let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    *asked.entry(program.to_owned()).or_insert_with(|| {
        let mut command = std::process::Command::new(program);
        command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}

/// The environment of a function on AWS. (spec/event-routers.md §5.2)
fn set_environment(
    command: &mut Command,
    name: &str,
    settings: &FunctionSettings,
    surroundings: &Surroundings,
    runtime: &Runtime,
    folder: &Path,
    address: SocketAddr,
) {
    let Surroundings { scope, credentials, bootstraps } = surroundings;
    let runtime_folder = bootstraps.as_ref().map_or(folder, Bootstraps::folder);
    command
        .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
        .env("_HANDLER", settings.handler.as_deref().unwrap_or_default())
        .env("LAMBDA_TASK_ROOT", folder)
        .env("LAMBDA_RUNTIME_DIR", runtime_folder)
        .env("AWS_LAMBDA_FUNCTION_NAME", name)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", settings.memory_megabytes.to_string())
        .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}"))
        .env("AWS_LAMBDA_LOG_STREAM_NAME", log_stream_name())
        .env("AWS_REGION", &scope.region)
        .env("AWS_DEFAULT_REGION", &scope.region)
        .env("AWS_ACCESS_KEY_ID", &credentials.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &credentials.secret_access_key)
        .env("TZ", ":UTC")
        .env("LANG", "en_US.UTF-8");
    if let Some(token) = &credentials.session_token {
        command.env("AWS_SESSION_TOKEN", token);
    }
    if let Runtime::Python(version) | Runtime::Node(version) = runtime {
        command.env("AWS_EXECUTION_ENV", format!("AWS_Lambda_{version}"));
    }
    command.envs(&settings.environment);
}

/// `2024/02/29/[$LATEST]` and 32 digits.
fn log_stream_name() -> String {
    let (year, month, day) = clock::date(clock::now_seconds());
    format!("{year}/{month:02}/{day:02}/[$LATEST]{:032x}", clock::random())
}
