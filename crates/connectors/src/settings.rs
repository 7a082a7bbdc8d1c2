//! What connectors are told: plain values, read by somebody else from files and the environment.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use aws_names::Scope;
use connections::Connections;
use sigv4::Credentials;

use crate::credentials;
use crate::environment::Environment;
use crate::functions;
use crate::http_client::Endpoint;
use crate::outbound::OutboundPolicy;

/// Where calls go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Who we answer as: the region and account of functions that run here.
    pub scope: Scope,
    /// Functions that run here, by name. They come before any endpoint.
    pub functions: BTreeMap<String, FunctionSettings>,
    /// AWS's services.
    pub aws: AwsSettings,
    /// A folder whose subfolders are buckets of S3. It comes after endpoints of S3, and before AWS itself.
    pub s3_root: Option<PathBuf>,
    /// More certificate authorities than the system's, in PEM.
    pub ca_file: Option<PathBuf>,
    /// Where HTTP tasks may connect to.
    pub outbound: OutboundPolicy,
    /// What HTTP tasks are let in with.
    pub connections: Connections,
    /// How many calls of one target are under way at once; [`Settings::CALLS_PER_TARGET`] if left out. A
    /// target is a function, a resource of a service such as a queue, a host, or else a service.
    pub calls_per_target: Option<usize>,
}

/// Where AWS's services are, and who calls them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsSettings {
    /// Whether AWS itself is called where nothing says otherwise.
    pub enabled: bool,
    /// Whether calls of AWS itself are made as the state machine's role.
    pub assume_roles: bool,
    /// The profile in AWS's configuration files, before `AWS_PROFILE` and the keys of the environment.
    pub profile: Option<String>,
    /// What requests are signed with, before anything that is found elsewhere.
    pub credentials: Option<Credentials>,
    /// Endpoints by the services' names in the AWS CLI: `http://HOST[:PORT]`.
    pub endpoints: BTreeMap<String, String>,
    /// Endpoints by ARN, queue URL, function name or host.
    pub resources: BTreeMap<String, String>,
    /// The standard variables.
    pub environment: Environment,
}

impl Default for AwsSettings {
    /// Nothing is set, and AWS itself is not called.
    fn default() -> AwsSettings {
        AwsSettings {
            enabled: false,
            assume_roles: true,
            profile: None,
            credentials: None,
            endpoints: BTreeMap::new(),
            resources: BTreeMap::new(),
            environment: Environment::default(),
        }
    }
}

impl Settings {
    /// AWS's own limit of concurrent functions.
    pub const CALLS_PER_TARGET: usize = 1_000;

    pub(crate) fn calls_per_target(&self) -> usize {
        self.calls_per_target.unwrap_or(Settings::CALLS_PER_TARGET)
    }

    /// What functions that run here find in their environment: `test` where nothing is set.
    pub(crate) fn credentials(&self) -> Credentials {
        let set = self.aws.credentials.clone();
        set.or_else(|| credentials::of_environment(&self.aws.environment).ok()?)
            .unwrap_or_else(credentials::made_up)
    }
}

/// A function that runs here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSettings {
    /// The folder with its code, where its processes run.
    pub folder: PathBuf,
    /// `file.function`, as on AWS. Needed unless `runtime` or `command` says otherwise.
    pub handler: Option<String>,
    /// `python3.x`, `nodejs2x.x` or `provided` (the folder's program `bootstrap`). If left out, the
    /// handler's file tells.
    pub runtime: Option<String>,
    /// A program with its arguments that speaks the Lambda Runtime API by itself, such as
    /// `["python3", "-m", "awslambdaric", "app.handler"]`.
    pub command: Option<Vec<String>>,
    /// How long one invocation may take. AWS's default is 3 s.
    pub timeout: Duration,
    /// What the function is told; nothing enforces it. AWS's default is 128.
    pub memory_megabytes: u32,
    /// How many processes may run at once; [`FunctionSettings::CONCURRENCY`] if left out.
    pub concurrency: Option<u32>,
    /// More environment variables. Of the server's own, a function sees only a few, such as `PATH`.
    pub environment: BTreeMap<String, String>,
}

/// Whether a URL can be an endpoint; if not, why, in a sentence for the user.
pub fn check_endpoint(url: &str) -> Result<(), String> {
    Endpoint::parse(url).map(|_| ())
}

impl FunctionSettings {
    /// Enough for a busy Map, few enough for a small machine: a Python process takes some 15 MB.
    pub const CONCURRENCY: u32 = 10;

    /// What is wrong already before the first call, such as a folder that is not there; `None` if
    /// nothing is. A sentence for the user.
    pub fn complaint(&self, name: &str) -> Option<String> {
        functions::complaint(name, self)
    }
}

impl Default for FunctionSettings {
    /// AWS's defaults, in the current folder.
    fn default() -> FunctionSettings {
        FunctionSettings {
            folder: PathBuf::from("."),
            handler: None,
            runtime: None,
            command: None,
            timeout: Duration::from_secs(3),
            memory_megabytes: 128,
            concurrency: None,
            environment: BTreeMap::new(),
        }
    }
}
