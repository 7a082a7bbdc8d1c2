//! `stepwell.toml`: what a project or a server may set, and how flags and the environment go over it.
//!
//! Order, first wins: command line flag, `STEPWELL_*` variable, this file, the standard AWS variable,
//! the default. Never here: starting anything.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

/// The file's name in a project folder.
pub const FILE_NAME: &str = "stepwell.toml";

/// The port that AWS's own local Step Functions uses.
pub const PORT: u16 = 8083;

/// Everything that `stepwell.toml` can say. Each section and each key may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The state machine that `stepwell run DIR` runs, when the folder holds several.
    pub main: Option<String>,
    /// Where the server listens and who it answers as.
    #[serde(default)]
    pub server: Server,
    /// Functions by the name that their ARNs end with.
    #[serde(default)]
    pub functions: BTreeMap<String, Function>,
    /// Service (`lambda`) → URL: calls go there instead of to what is built in.
    #[serde(default)]
    pub endpoints: BTreeMap<String, String>,
    /// Where and how long data is kept.
    #[serde(default)]
    pub data: Data,
    /// Who may call.
    #[serde(default)]
    pub auth: Auth,
    /// How the engine behaves.
    #[serde(default)]
    pub engine: Engine,
}

/// `[server]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// TCP port; 0 picks a free one.
    pub port: Option<u16>,
    /// Address to listen on.
    pub host: Option<String>,
    /// The region of our ARNs.
    pub region: Option<String>,
    /// The account of our ARNs, twelve digits.
    pub account: Option<String>,
}

/// `[functions.NAME]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// The folder with its code, relative to the settings file; the file's own folder if left out.
    pub folder: Option<PathBuf>,
    /// `file.function`, as on AWS.
    pub handler: Option<String>,
    /// `python3.12`, `nodejs20.x` or `provided`; if left out, the handler's file tells.
    pub runtime: Option<String>,
    /// Seconds; 3 if left out, as on AWS.
    pub timeout: Option<u32>,
    /// Megabytes that the function is told it has; 128 if left out.
    pub memory: Option<u32>,
    /// How many processes may run at once.
    pub concurrency: Option<u32>,
    /// More environment variables.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// A program with its arguments that speaks the Lambda Runtime API by itself, instead of a handler.
    pub command: Option<Vec<String>>,
}

/// `[data]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The data folder, relative to the settings file.
    pub dir: Option<PathBuf>,
    /// Days that a closed execution is kept; 90 if left out.
    pub retention_days: Option<u32>,
}

/// `[auth]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Access key id → secret access key. Once there is one, every request must be signed with one.
    #[serde(default)]
    pub access_keys: BTreeMap<String, String>,
}

/// `[engine]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engine {
    /// What happens to a call whose outcome a crash made unknown.
    #[serde(default)]
    pub unknown_calls: UnknownCalls,
}

/// `unknown_calls`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownCalls {
    /// It fails, and the machine's own Retry decides.
    #[default]
    Fail,
    /// It is sent again.
    Resend,
}

/// Settings, and the folder that relative paths in them start from.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// What the file says.
    pub settings: Settings,
    /// Its folder.
    pub folder: PathBuf,
    /// Where data is kept, once that is settled. What changes in there is not the project's.
    pub data_folder: Option<PathBuf>,
}

/// Reads the file. An error names the line, and the keys that are known.
pub fn load(file: &Path) -> anyhow::Result<Loaded> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let settings = parse(&text).with_context(|| format!("{} is not usable", file.display()))?;
    let folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
    let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
    Ok(Loaded { settings, folder, data_folder: None })
}

/// Reads `stepwell.toml` of a folder; a folder without one has the defaults.
pub fn load_folder(folder: &Path) -> anyhow::Result<Loaded> {
    let file = folder.join(FILE_NAME);
    if file.is_file() {
        return load(&file);
    }
    Ok(Loaded { folder: folder.to_path_buf(), ..Loaded::default() })
}

fn parse(text: &str) -> anyhow::Result<Settings> {
    let settings: Settings = toml::from_str(text)?;
    for service in settings.endpoints.keys() {
        anyhow::ensure!(
            service == "lambda",
            "[endpoints] names the service \"{service}\", but only \"lambda\" can have an endpoint in this version"
        );
    }
    if let Some(account) = &settings.server.account {
        anyhow::ensure!(
            account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()),
            "[server] account = \"{account}\" is not an account id: twelve digits, such as \"123456789012\""
        );
    }
    for (name, function) in &settings.functions {
        let provided = function.runtime.as_deref().is_some_and(|runtime| runtime.starts_with("provided"));
        anyhow::ensure!(
            function.handler.is_some() || function.command.is_some() || provided,
            "[functions.{name}] does not say what runs: set handler = \"file.function\" for Python or Node, \
             command = [\"program\", …], or runtime = \"provided\" for a program named bootstrap"
        );
    }
    Ok(settings)
}

/// The region to answer as, given what a flag or the file says.
pub fn region(configured: Option<&str>) -> String {
    configured
        .map(str::to_owned)
        .or_else(|| variable("AWS_REGION"))
        .or_else(|| variable("AWS_DEFAULT_REGION"))
        .unwrap_or_else(|| "us-east-1".to_owned())
}

/// The value of an environment variable that is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check_refused(text: &str, expected: Expect) {
        expected.assert_eq(&format!("{:#}\n", parse(text).unwrap_err()));
    }

    #[test]
    fn every_key_is_read() {
        let settings = parse(
            r#"
            main = "dragons"
            [server]
            port = 9000
            host = "127.0.0.1"
            region = "eu-west-1"
            account = "000000000001"
            [functions.add]
            folder = "functions"
            handler = "add.handler"
            runtime = "python3.12"
            timeout = 5
            memory = 256
            concurrency = 2
            environment = { TABLE = "dragons" }
            [functions.native]
            command = ["./native", "--fast"]
            [endpoints]
            lambda = "http://127.0.0.1:8091"
            [data]
            dir = "state"
            retention_days = 7
            [auth.access_keys]
            AKIDEXAMPLE = "secret"
            [engine]
            unknown_calls = "resend"
            "#,
        )
        .unwrap();
        assert_eq!(settings.main.as_deref(), Some("dragons"));
        assert_eq!(settings.server.port, Some(9000));
        assert_eq!(settings.functions["add"].environment["TABLE"], "dragons");
        assert_eq!(settings.functions["native"].command.as_ref().unwrap()[1], "--fast");
        assert_eq!(settings.data.retention_days, Some(7));
        assert_eq!(settings.auth.access_keys["AKIDEXAMPLE"], "secret");
        assert_eq!(settings.engine.unknown_calls, UnknownCalls::Resend);
    }

    #[test]
    fn an_empty_file_has_the_defaults() {
        let settings = parse("").unwrap();
        assert_eq!(settings.server.port, None);
        assert_eq!(settings.engine.unknown_calls, UnknownCalls::Fail);
    }

    #[test]
    fn an_unknown_key_lists_the_known_ones_and_its_line() {
        check_refused(
            "[server]\nprot = 1\n",
            expect![[r#"
                TOML parse error at line 2, column 1
                  |
                2 | prot = 1
                  | ^^^^
                unknown field `prot`, expected one of `port`, `host`, `region`, `account`

            "#]],
        );
    }

    #[test]
    fn a_function_says_what_it_lacks() {
        check_refused(
            "[functions.f]\nruntime = \"python3.12\"\n",
            expect![[r#"
                [functions.f] does not say what runs: set handler = "file.function" for Python or Node, command = ["program", …], or runtime = "provided" for a program named bootstrap
            "#]],
        );
    }

    #[test]
    fn an_account_is_twelve_digits() {
        check_refused(
            "[server]\naccount = \"12\"\n",
            expect![[r#"
                [server] account = "12" is not an account id: twelve digits, such as "123456789012"
            "#]],
        );
    }
}
