//! `stepwell.toml`: what a project or a server may set, and how flags and the environment go over it.
//!
//! Order, first wins: command line flag, `STEPWELL_*` variable, this file, the standard AWS variable,
//! the default. Never here: starting anything.

mod aws;
pub mod connections;
pub mod databases;
pub mod resources;
mod services;
mod tls;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

pub use self::aws::{Aws, Endpoints};
pub use self::services::Services;
pub use self::tls::Tls;
use crate::mock_file::MockFile;

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
    /// What callers who speak TLS are shown.
    pub tls: Option<Tls>,
    /// Functions by the name that their ARNs end with.
    #[serde(default, deserialize_with = "functions")]
    pub functions: BTreeMap<String, Function>,
    /// Where calls go instead of to what is built in.
    #[serde(default)]
    pub endpoints: Endpoints,
    /// Whether and as whom AWS itself is called.
    #[serde(default)]
    pub aws: Aws,
    /// Where and how long data is kept.
    #[serde(default)]
    pub data: Data,
    /// A folder that stands in for S3.
    #[serde(default)]
    pub s3: S3,
    /// Who may call.
    #[serde(default)]
    pub auth: Auth,
    /// The pages for browsers.
    #[serde(default)]
    pub console: Console,
    /// Which services this server does not offer.
    #[serde(default)]
    pub services: Services,
    /// Queues that are to be there, by name.
    #[serde(default)]
    pub queues: BTreeMap<String, resources::Queue>,
    /// Topics that are to be there, by name.
    #[serde(default)]
    pub topics: BTreeMap<String, resources::Topic>,
    /// Tables that are to be there, by name.
    #[serde(default)]
    pub tables: BTreeMap<String, resources::Table>,
    /// Rules of event buses that are to be there, by name.
    #[serde(default)]
    pub rules: BTreeMap<String, resources::Rule>,
    /// REST APIs that are to be there, by name.
    #[serde(default)]
    pub rest: BTreeMap<String, resources::Rest>,
    /// APIs of AppSync that are to be there, by name.
    #[serde(default)]
    pub appsync: BTreeMap<String, resources::AppSyncApi>,
    /// How the engine behaves.
    #[serde(default)]
    pub engine: Engine,
    /// Execution logs.
    #[serde(default)]
    pub logs: Logs,
    /// Where HTTP tasks may go.
    #[serde(default)]
    pub http: Http,
    /// What HTTP tasks are let in with.
    #[serde(default)]
    pub connections: connections::Connections,
    /// What the RDS Data API serves.
    #[serde(default)]
    pub databases: databases::Databases,
}

impl Settings {
    /// What is to be there.
    pub fn resources(&self) -> resources::Resources<'_> {
        let Settings { queues, topics, tables, rules, rest, .. } = self;
        resources::Resources { queues, topics, tables, rules, rest }
    }
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
    #[serde(default, deserialize_with = "account")]
    pub account: Option<String>,
}

/// `[console]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Console {
    /// Whether there is one; there is if this is left out.
    pub enabled: Option<bool>,
    /// Names by which browsers may reach this server, beside plain addresses and names without a point.
    #[serde(default)]
    pub hosts: Vec<String>,
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
    pub timeout: Option<NonZeroU32>,
    /// Megabytes that the function is told it has; 128 if left out.
    pub memory: Option<u32>,
    /// How many processes may run at once.
    pub concurrency: Option<NonZeroU32>,
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
    pub retention_days: Option<NonZeroU32>,
    /// The same in seconds, for trying it out.
    pub retention_seconds: Option<NonZeroU32>,
    /// How many open executions are held in memory; 20,000 if left out.
    pub open_executions_in_memory: Option<NonZeroU32>,
    /// The size of a file of the log; 64 MiB if left out.
    pub segment_bytes: Option<NonZeroU32>,
}

impl Data {
    /// How long a closed execution is kept.
    pub fn retention(&self) -> Duration {
        const DAY_SECONDS: u64 = 24 * 60 * 60;
        let days = self.retention_days.map_or(RETENTION_DAYS, NonZeroU32::get);
        let seconds = self.retention_seconds.map(|seconds| u64::from(seconds.get()));
        Duration::from_secs(seconds.unwrap_or(u64::from(days) * DAY_SECONDS))
    }
}

/// AWS keeps closed executions so long.
const RETENTION_DAYS: u32 = 90;

/// `[s3]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3 {
    /// Its subfolders are buckets, the files below them objects; relative to the settings file.
    pub root: Option<PathBuf>,
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
    /// How many EXPRESS executions may be under way at once; 20,000 if left out.
    pub express_executions: Option<NonZeroU32>,
    /// How many calls of one target are under way at once; the others wait in its line.
    pub calls_per_target: Option<NonZeroU32>,
}

/// `[logs]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logs {
    /// Whether machines that ask for execution logs get them; yes if left out.
    pub enabled: Option<bool>,
    /// Where they get them; `logs` in the data folder if left out.
    pub folder: Option<PathBuf>,
    /// On standard output instead.
    #[serde(default)]
    pub stdout: bool,
    /// Megabytes of one file; 64 if left out.
    pub file_megabytes: Option<NonZeroU32>,
    /// Files of one log group; 4 if left out.
    pub files: Option<NonZeroU32>,
}

/// `[http]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Hosts and networks that HTTP tasks may reach in any case.
    #[serde(default, deserialize_with = "allowed")]
    pub allow: Vec<connectors::Allowed>,
    /// More certificate authorities than the system's, in PEM, relative to the settings file.
    pub ca_file: Option<PathBuf>,
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
    /// Where a certificate authority of this machine's own is kept, if there is to be one.
    pub authority_folder: Option<PathBuf>,
    /// Where mocks are read from, once that is settled.
    pub mock_file: Option<MockFile>,
}

/// Reads the file. An error names the line, and the keys that are known.
pub fn load(file: &Path) -> anyhow::Result<Loaded> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let settings = parse(&text).with_context(|| format!("{} is not usable", file.display()))?;
    let folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
    let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
    Ok(Loaded { settings, folder, ..Loaded::default() })
}

/// Reads `stepwell.toml` of a folder; a folder without one has the defaults.
pub fn load_folder(folder: &Path) -> anyhow::Result<Loaded> {
    let file = if folder == Path::new(".") { PathBuf::from(FILE_NAME) } else { folder.join(FILE_NAME) };
    if file.is_file() {
        return load(&file);
    }
    Ok(Loaded { folder: folder.to_path_buf(), ..Loaded::default() })
}

fn parse(text: &str) -> anyhow::Result<Settings> {
    toml::from_str(text).map_err(|error| {
        let place = error.span().map(|span| span.start).filter(|&place| is_among_secrets(text, place));
        let Some(place) = place else { return error.into() };
        // The same without the line itself.
        let before = &text[..place];
        let (line, column) = (before.matches('\n').count() + 1, before.len() - line_start(before) + 1);
        anyhow::anyhow!("TOML parse error at line {line}, column {column}\n{}", error.message())
    })
}

/// Whether the line at this place belongs to a section that holds secrets, which no message may show.
fn is_among_secrets(text: &str, place: usize) -> bool {
    let Some(before) = text.get(..place) else { return true };
    let until = text[place..].find('\n').map_or(text.len(), |end| place + end);
    let opens = |line: &str| {
        let name = line.trim_start().trim_start_matches(['[', ' ', '"', '\'']);
        ["auth", "connections", "databases"].iter().any(|section| name.starts_with(section))
    };
    let section = text[..until].lines().rev().find(|line| line.trim_start().starts_with('['));
    section.is_some_and(opens) || opens(&text[line_start(before)..until])
}

fn line_start(before: &str) -> usize {
    before.rfind('\n').map_or(0, |end| end + 1)
}

// What follows is checked while it is read, so that an error has its line.

fn account<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let account = String::deserialize(from)?;
    if account_is_valid(&account) {
        return Ok(Some(account));
    }
    Err(D::Error::custom(format!(
        "\"{account}\" is not an account id: twelve digits, such as \"123456789012\""
    )))
}

/// Twelve digits.
pub fn account_is_valid(account: &str) -> bool {
    account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())
}

fn allowed<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<connectors::Allowed>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    texts.iter().map(|text| connectors::Allowed::parse(text).map_err(D::Error::custom)).collect()
}

fn functions<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Function>, D::Error> {
    let functions = BTreeMap::<String, Usable>::deserialize(from)?;
    for name in functions.keys() {
        let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if name.is_empty() || name.len() > FUNCTION_NAME_MAX || !name.bytes().all(is_valid) {
            return Err(D::Error::custom(format!(
                "[functions.\"{name}\"] is not the name of a function: 1 to {FUNCTION_NAME_MAX} letters, digits, - and _"
            )));
        }
    }
    Ok(functions.into_iter().map(|(name, Usable(function))| (name, function)).collect())
}

/// AWS's limit. (CreateFunction)
const FUNCTION_NAME_MAX: usize = 64;

/// A function that says what runs.
struct Usable(Function);

impl<'de> Deserialize<'de> for Usable {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Usable, D::Error> {
        let function = Function::deserialize(from)?;
        let is_a = |kind: &str| function.runtime.as_deref().is_some_and(|runtime| runtime.starts_with(kind));
        if function.handler.is_none() && function.command.is_none() && !is_a("provided") {
            return Err(D::Error::custom(
                "this function does not say what runs: set handler = \"file.function\" for Python or Node, \
                 command = [\"program\", …], or runtime = \"provided\" for a program named bootstrap",
            ));
        }
        match &function.runtime {
            Some(runtime)
                if function.command.is_none() && !["python3", "nodejs", "provided"].into_iter().any(is_a) =>
            {
                Err(D::Error::custom(format!(
                    "the runtime \"{runtime}\" is not built in: it can be python3.x, nodejs2x.x or provided; for anything \
                     else set command to a program that speaks the Lambda Runtime API"
                )))
            }
            _ => Ok(Usable(function)),
        }
    }
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
            [tls]
            certificate = "server.pem"
            key = "server.key"
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
            elasticbeanstalk = "http://127.0.0.1:8092"
            [endpoints.resources]
            "arn:aws:sns:us-east-1:123456789012:t" = "http://127.0.0.1:8093"
            [aws]
            enabled = true
            assume_roles = false
            profile = "work"
            [aws.credentials]
            access_key_id = "AKIDEXAMPLE"
            secret_access_key = "hidden"
            session_token = "hidden"
            [http]
            allow = ["localhost", "10.0.0.0/8"]
            ca_file = "ca.pem"
            [data]
            dir = "state"
            retention_days = 7
            [s3]
            root = "buckets"
            [auth.access_keys]
            AKIDEXAMPLE = "secret"
            [engine]
            unknown_calls = "resend"
            express_executions = 100
            calls_per_target = 50
            [logs]
            enabled = false
            folder = "lines"
            stdout = true
            file_megabytes = 8
            files = 2
            "#,
        )
        .unwrap();
        assert_eq!(settings.main.as_deref(), Some("dragons"));
        assert_eq!(settings.server.port, Some(9000));
        assert_eq!(settings.tls.as_ref().unwrap().key, Path::new("server.key"));
        assert_eq!(settings.functions["add"].environment["TABLE"], "dragons");
        assert_eq!(settings.functions["native"].command.as_ref().unwrap()[1], "--fast");
        let services: Vec<_> = settings.endpoints.services.keys().map(String::as_str).collect();
        assert_eq!((services, settings.endpoints.resources.len()), (vec!["elasticbeanstalk", "lambda"], 1));
        assert_eq!((settings.aws.enabled, settings.aws.assume_roles), (Some(true), Some(false)));
        assert!(!format!("{settings:?}").contains("hidden"));
        assert_eq!((settings.http.allow.len(), settings.http.ca_file), (2, Some(PathBuf::from("ca.pem"))));
        assert_eq!(settings.data.retention_days.map(NonZeroU32::get), Some(7));
        assert_eq!(settings.s3.root.as_deref(), Some(Path::new("buckets")));
        assert_eq!(settings.auth.access_keys["AKIDEXAMPLE"], "secret");
        assert_eq!(settings.engine.unknown_calls, UnknownCalls::Resend);
        assert_eq!(settings.engine.express_executions.map(NonZeroU32::get), Some(100));
        assert_eq!(settings.engine.calls_per_target.map(NonZeroU32::get), Some(50));
        assert_eq!((settings.logs.enabled, settings.logs.files.map(NonZeroU32::get)), (Some(false), Some(2)));
        assert_eq!((settings.logs.folder.as_deref(), settings.logs.stdout), (Some(Path::new("lines")), true));
        assert_eq!(settings.logs.file_megabytes.map(NonZeroU32::get), Some(8));
    }

    #[test]
    fn the_documents_show_settings_that_can_be_used() {
        for (document, functions) in
            [(include_str!("../../../docs/production.md"), 1), (include_str!("../../../README.md"), 1)]
        {
            let (_, block) = document.split_once("```toml\n").expect("it shows settings");
            let (block, _) = block.split_once("```").expect("the block ends");
            assert_eq!(parse(block).unwrap().functions.len(), functions);
        }
        let (_, of_s3) =
            include_str!("../../../docs/s3.md").split_once("```toml\n").expect("it shows settings");
        assert!(parse(of_s3.split_once("```").expect("the block ends").0).unwrap().s3.root.is_some());
        let (_, of_tls) =
            include_str!("../../../docs/tls.md").split_once("```toml\n").expect("it shows settings");
        assert!(parse(of_tls.split_once("```").expect("the block ends").0).unwrap().tls.is_some());
        let (_, of_appsync) = include_str!("../../../docs/appsync-project.md")
            .split_once("```toml\n")
            .expect("it shows settings");
        assert_eq!(parse(of_appsync.split_once("```").expect("the block ends").0).unwrap().appsync.len(), 2);
        let of_aws = include_str!("../../../docs/aws.md").split("```toml\n").skip(1);
        let blocks: String = of_aws.filter_map(|rest| Some(rest.split_once("```")?.0)).collect();
        let settings = parse(&blocks).unwrap();
        assert_eq!((settings.endpoints.services.len(), settings.aws.enabled), (2, Some(true)));
        let blocks = include_str!("../../../docs/http-tasks.md").split("```toml\n").skip(1);
        let settings = blocks.map(|block| parse(block.split_once("```").expect("the block ends").0).unwrap());
        let environment = |_: &str| Some("value".to_owned());
        let usable: usize = settings.map(|settings| settings.connections.usable(environment).0.len()).sum();
        assert_eq!(usable, 2);
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
    fn no_message_shows_a_secret() {
        for text in [
            "[auth.access_keys]\nA = \"hush\nB = 3\n",
            "[auth]\naccess_keys = { A = \"hush\", B = 3 }\n",
            "auth.access_keys = { A = \"hush\", B = 3 }\n",
            "[connections.c]\nkind = \"basic\"\nusername = \"a\"\npassword = \"hush\n",
            "[connections]\nc = { kind = \"basic\", username = \"a\", pass = \"hush\" }\n",
            "connections.c = { kind = \"api_key\", value = \"hush\" }\n",
            "[ connections . c ]\nkind = \"api_key\"\nname = \"a\"\nvalue = \"hush\" \"x\"\n",
            "[databases.d]\nurl = \"postgres://a:hush@/d\"\n",
            "databases.d = { url = \"mysql://a:hush@h/d\", user = \"a\" }\n",
        ] {
            let error = format!("{:#}", parse(text).unwrap_err());
            assert!(
                error.starts_with("TOML parse error at line ") && !error.contains("hush"),
                "{text}{error}"
            );
        }
    }

    #[test]
    fn what_cannot_be_right_is_said_with_its_line() {
        for (text, line, why) in [
            ("\n[functions.f]\nruntime = \"python3.12\"\n", 2, "does not say what runs: set handler"),
            ("[functions.f]\nhandler = \"a.b\"\nruntime = \"ruby3.3\"\n", 1, "\"ruby3.3\" is not built in"),
            ("[functions.f]\nhandler = \"a.b\"\ntimeout = 0\n", 3, "expected a nonzero u32"),
            ("[functions.f]\nhandler = \"a.b\"\nconcurrency = 0\n", 3, "expected a nonzero u32"),
            ("[functions.\"a b\"]\nhandler = \"a.b\"\n", 1, "is not the name of a function"),
            ("[server]\naccount = \"12\"\n", 2, "\"12\" is not an account id: twelve digits"),
            ("[endpoints]\nlamda = \"http://127.0.0.1\"\n", 2, "did you mean \"lambda\"?"),
            ("[endpoints.resources]\nf = \"localhost:3001\"\n", 2, "is not of the form http://HOST:PORT"),
            ("[aws]\nenable = true\n", 2, "unknown field `enable`, expected one of `enabled`"),
            ("[aws.credentials]\naccess_key_id = \"A\"\n", 1, "missing field `secret_access_key`"),
            ("[endpoints]\nlambda = \"localhost:3001\"\n", 2, "is not of the form http://HOST:PORT"),
            ("[endpoints]\nlambda = \"ftp://x\"\n", 2, "or https://HOST:PORT"),
            ("[http]\nallow = [\"10.0.0.0/40\"]\n", 2, "is neither a host"),
            ("[data]\nretention_days = 0\n", 2, "expected a nonzero u32"),
            ("[auth.access_keys]\nA = 3\n", 2, "expected a string"),
            ("[engine]\nunknown_calls = \"retry\"\n", 2, "expected `fail` or `resend`"),
        ] {
            let error = format!("{:#}", parse(text).unwrap_err());
            assert!(error.contains(&format!("at line {line}, ")) && error.contains(why), "{text}{error}");
        }
    }
}
