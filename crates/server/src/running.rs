//! The parts put together: functions, engine, HTTP; and their orderly end.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use ::appsync::AppSync;
use ::gateway::Gateway;
use ::services::{Home, Served};
use anyhow::Context;
use clap::Args;
use connectors::{Connectors, OutboundPolicy, Surroundings};
use engine::{Engine, PresentMocks};
use tokio::net::TcpListener;

use crate::execution_logs::{self, Destination};
use crate::mock_file::{self, MockFile};
use crate::presence;
use crate::printing;
use crate::project;
use crate::resources::Keeper;
use crate::services;
use crate::settings::{self, Loaded, PORT, UnknownCalls, variable};
use crate::shown_settings::shown_settings;
use crate::tls::{self, Tls};

/// A log group takes up four times this, which is a day or so of a busy machine's errors.
const LOG_FILE_MEGABYTES: u32 = 64;
const LOG_FILES: u32 = 4;
/// A smaller segment makes no log but a heap of files.
const SEGMENT_BYTES_MIN: u64 = 4 * 1024;
/// Requests that are under way when a signal comes have this long to finish.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// Calls that are under way have this long: enough for a function with AWS's default timeout of 3 s, and
/// less than the 10 s after which service managers kill.
const CALLS_PATIENCE: Duration = Duration::from_secs(5);

/// Flags of `dev` and `server`.
#[derive(Clone, Debug, Args)]
pub struct ServerArgs {
    /// TCP port; 0 picks a free one and prints it. [default: 8083]
    #[arg(long, env = "STEPWELL_PORT")]
    pub port: Option<u16>,
    /// Address to listen on. [default: 127.0.0.1]
    #[arg(long, env = "STEPWELL_HOST")]
    pub host: Option<String>,
    /// Folder for the data.
    #[arg(long, env = "STEPWELL_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Region of our ARNs. [default: AWS_REGION, then us-east-1]
    #[arg(long, env = "STEPWELL_REGION")]
    pub region: Option<String>,
    /// Account of our ARNs. [default: 123456789012]
    #[arg(long, env = "STEPWELL_ACCOUNT")]
    pub account: Option<String>,
    /// Mocked responses for test cases: a MockConfigFile.json as Step Functions Local has it.
    // Not a path: a variable that is set to nothing is none, and clap takes no empty path.
    #[arg(long, env = "SFN_MOCK_CONFIG", value_name = "FILE")]
    pub mock_config: Option<OsString>,
    /// What to log: error, warn, info, debug, or a filter such as "warn,engine=debug".
    #[arg(long, env = "STEPWELL_LOG", default_value = "warn,function=info,mail=info")]
    pub log: String,
    /// How log lines look.
    #[arg(long, env = "STEPWELL_LOG_FORMAT", value_enum, default_value_t)]
    pub log_format: crate::logging::LogFormat,
    #[command(flatten)]
    pub upkeep: Upkeep,
}

/// What makes a log's upkeep come after seconds instead of days, instead of the settings: for tests of
/// snapshots, compaction and retention on a real server.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Upkeep {
    /// The size of a log segment.
    #[arg(long, hide = true)]
    segment_bytes: Option<u64>,
    /// How long a closed execution is kept.
    #[arg(long, hide = true)]
    retention_seconds: Option<u64>,
}

/// Where data is kept.
#[derive(Clone, Debug)]
pub enum DataPlace {
    /// Nowhere: it is gone at the end.
    Memory,
    /// In this folder.
    Folder(PathBuf),
}

/// A server that listens. Cheap to clone.
#[derive(Clone)]
pub struct Running {
    /// The engine.
    pub engine: Engine,
    /// Where it listens.
    pub address: SocketAddr,
    /// For callers who speak TLS.
    pub tls: Option<Tls>,
    connectors: Connectors,
    connections: connections::Connections,
    surroundings: Surroundings,
    listener: std::sync::Arc<std::sync::Mutex<Option<TcpListener>>>,
    http: http_api::Settings,
}

impl ServerArgs {
    /// The data folder that a flag, the environment or the settings name.
    pub fn data_dir(&self, loaded: &Loaded) -> Option<PathBuf> {
        self.data_dir
            .clone()
            .or_else(|| loaded.settings.data.dir.as_ref().map(|folder| loaded.folder.join(folder)))
    }
}

/// Clients and called services take a connection each, and the usual limit of 1,024 is soon reached.
/// What the system does not allow stays as it is.
fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::debug!(%error, "the limit of open files was not raised");
    }
}

impl Running {
    /// Binds the port, opens the data and starts the engine; answers requests once
    /// [`serve_until`](Running::serve_until) runs.
    pub async fn start(
        args: &ServerArgs,
        loaded: &Loaded,
        data: &DataPlace,
        surroundings: Surroundings,
    ) -> anyhow::Result<Running> {
        raise_open_files();
        let listener = listen(args, loaded).await?;
        let address = listener.local_addr().context("the listening socket has no address")?;
        let tls = Tls::open(loaded)?;
        let connections = open_connections(loaded, data)?;
        let endpoint = home(&args.scope(loaded)?, Some(address)).base_url;
        let outside = Outside { connections: &connections, surroundings, endpoint: Some(&endpoint) };
        let Started { engine, connectors, services, gateway, appsync } =
            start_engine(args.scope(loaded)?, loaded, data, args.upkeep, outside, Some(address))?;
        // The folder is ours alone from here on; another server may have changed them until just before.
        connections.reload().context("cannot open the connections")?;
        let console = http_api::Console {
            is_enabled: loaded.settings.console.enabled.unwrap_or(true),
            hosts: loaded.settings.console.hosts.clone(),
            settings: shown_settings(args, loaded, data, address),
        };
        let http = http_api::Settings {
            connections: connections.clone(),
            services,
            gateway,
            appsync,
            console,
            tls: tls.as_ref().map(|tls| tls.served.clone()),
            ..http_settings(loaded)
        };
        let listener = std::sync::Arc::new(std::sync::Mutex::new(Some(listener)));
        Ok(Running { engine, address, tls, connectors, connections, surroundings, listener, http })
    }

    /// Serves until `signal`, finishes what is under way, and stops the engine.
    ///
    /// Whoever announces the server takes [`signal`] before, so that one which comes at once is heeded.
    pub async fn serve_until(&self, signal: impl Future<Output = ()>) -> anyhow::Result<()> {
        let listener = self.listener.lock().expect("never poisoned").take().expect("serves once");
        let following = self.tls.clone().map(|tls| tokio::spawn(tls.follow()));
        let serving = http_api::serve(listener, self.http.clone(), self.engine.clone(), signal);
        serving.await;
        if let Some(following) = following {
            following.abort();
        }
        tracing::info!("stopping");
        self.finish_calls().await;
        if tokio::time::timeout(STOP_PATIENCE, self.engine.stop()).await.is_err() {
            tracing::warn!("the engine did not stop within {} s", STOP_PATIENCE.as_secs());
        }
        Ok(())
    }

    /// Lets calls that are under way end, so that their outcome is known at the next start. A second
    /// signal ends the waiting.
    async fn finish_calls(&self) {
        let calls = self.connectors.calls();
        if calls == 0 {
            return;
        }
        tracing::warn!(
            calls,
            "stopping; calls that are under way have {} s more, and a second signal ends them now",
            CALLS_PATIENCE.as_secs()
        );
        let deadline = tokio::time::Instant::now() + CALLS_PATIENCE;
        let mut again = std::pin::pin!(self::signal());
        while self.connectors.calls() > 0 && tokio::time::Instant::now() < deadline {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(10)) => {}
                () = &mut again => return,
            }
        }
        // The outcome of the last one is on its way to the engine.
        tokio::time::sleep(Duration::from_millis(10)).await;
        if self.connectors.calls() > 0 {
            tracing::warn!(
                "calls were cut off: [engine] unknown_calls says what becomes of them at the next start"
            );
        }
    }

    /// What is wrong with functions and connections already before anybody calls them.
    pub fn warn_of_functions(&self, loaded: &Loaded) {
        for complaint in complaints(loaded, self.engine.scope()) {
            tracing::warn!("{complaint}");
        }
    }

    /// Who makes the resources that settings want to be there.
    pub fn keeper(&self) -> Keeper {
        let appsync = self.http.appsync.clone();
        Keeper::new(self.connectors.clone(), self.engine.scope().clone(), appsync)
    }

    /// Says how many test cases there are.
    pub fn say_mocks(&self, loaded: &Loaded) {
        let mocks = self.engine.mocks().get();
        if let Some(file) = loaded.mock_file.as_ref().filter(|_| mocks.test_case_count() > 0) {
            let (count, file) = (mock_file::count(&mocks), file.name());
            printing::out(format_args!(
                "mocks: {count} in {file}; start an execution of …:stateMachine:NAME#CASE to run one"
            ));
        }
    }

    /// What is mocked and is no Task of its state machine: a slip, after which the real one is called.
    pub fn warn_of_mocks(&self) {
        let scope = self.engine.scope();
        for (machine, test_case, state) in self.engine.mocks().get().states() {
            // A state machine that is not there may come.
            let known = self.engine.store().machine(&scope.state_machine(machine));
            let compiled = known.and_then(|known| self.engine.compiled(known.current.number));
            let Some(definition) = compiled else { continue };
            let is_it = |known: &asl::machine::State| {
                known.name == *state && matches!(known.kind, asl::Kind::Task(_))
            };
            if !definition.states.iter().any(is_it) {
                tracing::warn!(
                    "the test case '{test_case}' mocks '{state}', which is no Task state of {machine}"
                );
            }
        }
    }

    /// Takes over a changed mock file. One that cannot be used is an error, and the mocks stay as they are.
    pub fn read_mocks_again(&self, file: &MockFile) -> anyhow::Result<()> {
        let mocks = file.read_again()?;
        let (count, file) = (mock_file::count(&mocks), file.name());
        printing::out(format_args!("changed: {file}, which has {count}"));
        self.engine.mocks().replace(mocks);
        Ok(())
    }

    /// Takes over functions and connections of changed settings or changed code: idle processes are replaced.
    pub fn configure_functions(&self, loaded: &Loaded) {
        let endpoint = home(self.engine.scope(), Some(self.address)).base_url;
        let outside = Outside {
            connections: &self.connections,
            surroundings: self.surroundings,
            endpoint: Some(&endpoint),
        };
        self.connectors.configure(connector_settings(loaded, self.engine.scope(), outside));
    }
}

/// What calls need to know beside the settings.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// What HTTP tasks are let in with.
    pub connections: &'a connections::Connections,
    /// Who runs this.
    pub surroundings: Surroundings,
    /// Where functions find this server, if it listens.
    pub endpoint: Option<&'a str>,
}

/// The connections of a data folder. Those of the settings come in with [`start_engine`].
fn open_connections(loaded: &Loaded, data: &DataPlace) -> anyhow::Result<connections::Connections> {
    let DataPlace::Folder(folder) = data else { return Ok(connections::Connections::in_memory()) };
    let key_file = loaded.settings.connections.key_file.as_ref().map(|file| loaded.folder.join(file));
    let place = connections::Place { folder: folder.clone(), key_file };
    connections::Connections::open(place).context("cannot open the connections")
}

/// Which functions, connections and databases of the settings cannot be used as they are, and why.
pub fn complaints(loaded: &Loaded, scope: &aws_names::Scope) -> Vec<String> {
    let connections = connections::Connections::in_memory();
    let outside =
        Outside { connections: &connections, surroundings: Surroundings::Development, endpoint: None };
    let functions = connector_settings(loaded, scope, outside).functions;
    let (_, of_connections) = loaded.settings.connections.usable(variable);
    let (_, of_databases) = loaded.settings.databases.usable(variable);
    let of_functions = functions.iter().filter_map(|(name, function)| function.complaint(name));
    of_functions.chain(of_connections).chain(of_databases).collect()
}

/// What works behind the front.
pub struct Started {
    /// The engine.
    pub engine: Engine,
    /// What it calls by.
    pub connectors: Connectors,
    /// What stands around workflows.
    pub services: Served,
    /// The APIs before them, unless they are switched off.
    pub gateway: Option<Gateway>,
    /// The GraphQL and event APIs, unless they are switched off.
    pub appsync: Option<AppSync>,
}

/// Opens the data and starts an engine with the functions and the mocks of the settings. `address`: where the
/// server listens, if it does.
pub fn start_engine(
    scope: aws_names::Scope,
    loaded: &Loaded,
    data: &DataPlace,
    upkeep: Upkeep,
    outside: Outside<'_>,
    address: Option<SocketAddr>,
) -> anyhow::Result<Started> {
    let mocks = PresentMocks::default();
    if let Some(file) = &loaded.mock_file {
        mocks.replace(file.read()?);
    }
    said_by_environment()?;
    check_services(&loaded.settings)?;
    let connections = outside.connections;
    let connectors = Connectors::new(connector_settings(loaded, &scope, outside));
    let step_functions = http_api::StepFunctions::new();
    connectors.set_built_in("stepfunctions", step_functions.clone());
    let data_settings = &loaded.settings.data;
    let defaults = store::Settings::default();
    let segment_bytes = upkeep
        .segment_bytes
        .or(data_settings.segment_bytes.map(|bytes| bytes.get().into()))
        .map_or(defaults.segment_bytes, |bytes| bytes.max(SEGMENT_BYTES_MIN));
    let home = home(&scope, address);
    let around = services::start(services::Setup {
        home: &home,
        is_encrypted: tls::is_wanted(loaded),
        scope: &scope,
        keys: &loaded.settings.auth.access_keys,
        data,
        segment_bytes,
        connectors: &connectors,
        connections,
        databases: loaded.settings.databases.usable(variable).0,
        offered: &loaded.settings.services,
    })?;
    let settings = engine::Settings {
        scope,
        unknown_calls: match loaded.settings.engine.unknown_calls {
            UnknownCalls::Fail => engine::UnknownCalls::Fail,
            UnknownCalls::Resend => engine::UnknownCalls::Resend,
        },
        store: store::Settings {
            data_dir: match data {
                DataPlace::Memory => None,
                DataPlace::Folder(folder) => Some(folder.clone()),
            },
            retention: upkeep
                .retention_seconds
                .map_or_else(|| data_settings.retention(), Duration::from_secs),
            segment_bytes,
            frame_bytes: defaults.frame_bytes,
            open_max: data_settings
                .open_executions_in_memory
                .map_or(defaults.open_max, |count| count.get() as usize),
        },
        express: express_settings(loaded),
        logs: log_sink(loaded, data)?,
        mocks,
    };
    let engine = Engine::start(settings, connectors.clone()).map_err(|error| match error {
        store::Error::Locked(folder) => anyhow::anyhow!(
            "{} is in use by another stepwell: stop that one, or give --data-dir another folder",
            folder.display()
        ),
        store::Error::Io { action, source } => {
            anyhow::anyhow!("cannot open the data: {action}: {source}; --data-dir names another folder")
        }
        error => crate::data::explain(error).context("cannot open the data"),
    })?;
    step_functions.serve(&engine);
    let services::Around { served, events, gateway, appsync } = around;
    if let Some(events) = events {
        tokio::spawn(http_api::report_status_changes(engine.downgrade(), events));
    }
    Ok(Started { engine, connectors, services: served, gateway, appsync })
}

/// What is switched off cannot be what an endpoint means.
fn check_services(settings: &settings::Settings) -> anyhow::Result<()> {
    let within = settings.endpoints.services.iter().filter(|(_, url)| *url == connectors::WITHIN);
    for (name, _) in within {
        anyhow::ensure!(
            settings.services.has(name),
            "[endpoints] {name} is \"{}\", and [services] off names it: take one of the two out",
            connectors::WITHIN
        );
    }
    Ok(())
}

/// Where those within this process are told that the server is.
fn home(scope: &aws_names::Scope, address: Option<SocketAddr>) -> Home {
    let mut address = address.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], PORT)));
    if address.ip().is_unspecified() {
        address.set_ip([127, 0, 0, 1].into());
    }
    Home {
        account: scope.account.as_str().into(),
        region: scope.region.as_str().into(),
        base_url: format!("http://{address}").into(),
    }
}

fn express_settings(loaded: &Loaded) -> engine::ExpressSettings {
    let defaults = engine::ExpressSettings::default();
    let executions_max = loaded.settings.engine.express_executions.map(|max| max.get() as usize);
    engine::ExpressSettings { executions_max: executions_max.unwrap_or(defaults.executions_max) }
}

/// Where execution logs go: nowhere without a data folder, so that `run` prints nothing but its own.
fn log_sink(loaded: &Loaded, data: &DataPlace) -> anyhow::Result<Option<engine::LogSink>> {
    let logs = &loaded.settings.logs;
    let DataPlace::Folder(folder) = data else { return Ok(None) };
    if logs.enabled == Some(false) {
        return Ok(None);
    }
    let limits = execution_logs::Limits {
        file_bytes: u64::from(logs.file_megabytes.map_or(LOG_FILE_MEGABYTES, NonZeroU32::get)) << 20,
        files: logs.files.map_or(LOG_FILES, NonZeroU32::get),
    };
    let destination = match (&logs.folder, logs.stdout) {
        (Some(_), true) => anyhow::bail!("[logs] has both folder and stdout: leave out one of them"),
        (Some(named), false) => Destination::Folder(loaded.folder.join(named)),
        (None, true) => Destination::Stdout,
        (None, false) => Destination::Folder(folder.join("logs")),
    };
    let sink =
        execution_logs::start(destination, limits).context("cannot start the thread for execution logs")?;
    Ok(Some(sink))
}

impl ServerArgs {
    fn scope(&self, loaded: &Loaded) -> anyhow::Result<aws_names::Scope> {
        let server = &loaded.settings.server;
        let account = self.account.clone().or_else(|| server.account.clone());
        let scope = scope(self.region.as_deref().or(server.region.as_deref()), account);
        anyhow::ensure!(
            settings::account_is_valid(&scope.account),
            "--account {} is not an account id: twelve digits, such as 123456789012",
            scope.account
        );
        Ok(scope)
    }
}

/// Who we answer as.
pub fn scope(region: Option<&str>, account: Option<String>) -> aws_names::Scope {
    let region = settings::region(region);
    let partition = match region.as_str() {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    let account = account.unwrap_or_else(|| aws_names::Scope::default().account);
    aws_names::Scope { partition: partition.to_owned(), region, account }
}

async fn listen(args: &ServerArgs, loaded: &Loaded) -> anyhow::Result<TcpListener> {
    let server = &loaded.settings.server;
    let host = args.host.clone().or_else(|| server.host.clone()).unwrap_or_else(|| "127.0.0.1".to_owned());
    let port = args.port.or(server.port).unwrap_or(PORT);
    let address = tokio::net::lookup_host((host.as_str(), port))
        .await
        .with_context(|| {
            format!("the host {host} is not known here: give --host an address of this machine")
        })?
        .next()
        .with_context(|| format!("the host {host} has no address"))?;
    refuse_open_door(address.ip(), loaded)?;
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "port {port} is in use, perhaps by another stepwell: stop that, give another --port, or --port 0 for any free one"
        ),
        std::io::ErrorKind::PermissionDenied => {
            anyhow::anyhow!("this user may not listen on port {port}: give a --port above 1023")
        }
        std::io::ErrorKind::AddrNotAvailable => {
            anyhow::anyhow!("{host} is not an address of this machine: give another --host")
        }
        _ => anyhow::anyhow!("cannot listen on {address}: {error}"),
    })
}

/// Whoever reaches the port may run functions here, so other machines reach it only with a key.
fn refuse_open_door(address: IpAddr, loaded: &Loaded) -> anyhow::Result<()> {
    anyhow::ensure!(
        address.is_loopback() || !loaded.settings.auth.access_keys.is_empty(),
        "{address} can be reached from other machines, and nothing says who may call: add keys to stepwell.toml, as in\n\
         \n  [auth.access_keys]\n  AKIAEXAMPLE = \"a long secret\"\n\n\
         or listen on 127.0.0.1"
    );
    Ok(())
}

fn http_settings(loaded: &Loaded) -> http_api::Settings {
    let keys = loaded.settings.auth.access_keys.clone();
    let authentication = if keys.is_empty() {
        http_api::Authentication::Open
    } else {
        http_api::Authentication::SigV4 { keys }
    };
    http_api::Settings { authentication, stop_patience: STOP_PATIENCE, ..http_api::Settings::default() }
}

/// What calls are made with. The connections of the settings are taken over with it.
fn connector_settings(
    loaded: &Loaded,
    scope: &aws_names::Scope,
    outside: Outside<'_>,
) -> connectors::Settings {
    let settings = &loaded.settings;
    outside.connections.configure(settings.connections.usable(variable).0);
    let functions = settings.functions.iter().map(|(name, function)| {
        let function = connectors::FunctionSettings {
            folder: project::function_folder(loaded, function),
            handler: function.handler.clone(),
            runtime: function.runtime.clone(),
            command: function.command.clone(),
            timeout: Duration::from_secs(function.timeout.map_or(3, |seconds| seconds.get().into())),
            memory_megabytes: function.memory.unwrap_or(128),
            concurrency: function.concurrency.map(NonZeroU32::get),
            environment: function_environment(settings, function, outside.endpoint),
        };
        (name.clone(), function)
    });
    let aws = aws_settings(settings);
    connectors::Settings {
        scope: scope.clone(),
        functions: functions.collect(),
        s3_root: s3_root(loaded, outside.surroundings, aws.enabled),
        aws,
        ca_file: settings.http.ca_file.as_ref().map(|file| loaded.folder.join(file)),
        outbound: OutboundPolicy { surroundings: outside.surroundings, allow: settings.http.allow.clone() },
        connections: outside.connections.clone(),
        calls_per_target: settings.engine.calls_per_target.map(|max| max.get() as usize),
    }
}

/// The variables of a function: where services are, as calls of this server find them, unless the environment says
/// it already, and then its own.
fn function_environment(
    settings: &settings::Settings,
    function: &settings::Function,
    endpoint: Option<&str>,
) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for (service, variable) in services::ENDPOINT_VARIABLES {
        let named = settings.endpoints.services.get(service).map(String::as_str);
        let named = named.filter(|&url| url != connectors::WITHIN);
        let is_said = ["AWS_ENDPOINT_URL", variable].iter().any(|name| std::env::var_os(name).is_some());
        let ours = endpoint.filter(|_| settings.services.has(service) && !is_said);
        if let Some(url) = named.or(ours) {
            variables.insert(variable.to_owned(), url.to_owned());
        }
    }
    variables.extend(function.environment.clone());
    variables
}

/// The folder that stands in for S3. While somebody develops there is one beside the data, unless S3 itself is
/// meant; in production only where the settings say so.
fn s3_root(loaded: &Loaded, surroundings: Surroundings, is_aws_enabled: bool) -> Option<PathBuf> {
    let named = loaded.settings.s3.root.as_ref().map(|root| loaded.folder.join(root));
    let is_default = surroundings == Surroundings::Development && !is_aws_enabled;
    let beside_data = || {
        let data_folder = loaded.data_folder.clone();
        data_folder.unwrap_or_else(|| loaded.folder.join(presence::FOLDER)).join("s3")
    };
    named.or_else(|| is_default.then(beside_data))
}

fn aws_settings(settings: &settings::Settings) -> connectors::AwsSettings {
    let settings::Aws { enabled, assume_roles, profile, credentials } = settings.aws.clone();
    connectors::AwsSettings {
        // What cannot be understood is refused at the start; nothing less than a yes leads to AWS.
        enabled: said_by_environment().unwrap_or(Some(false)).or(enabled).unwrap_or(false),
        assume_roles: assume_roles.unwrap_or(true),
        profile,
        credentials,
        endpoints: settings.endpoints.services.clone(),
        resources: settings.endpoints.resources.clone(),
        // A variable that is no text is none of AWS's.
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
    }
}

/// What `STEPWELL_AWS` says, if it is set.
fn said_by_environment() -> anyhow::Result<Option<bool>> {
    match variable("STEPWELL_AWS").as_deref() {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(other) => {
            anyhow::bail!("STEPWELL_AWS is \"{other}\": set it to true, to call AWS itself, or to false")
        }
    }
}

/// Runs a future on the runtime that server and engine need.
pub fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the threads of the server")?;
    let result = runtime.block_on(future);
    // Function processes and idle connections end with us; nobody waits for them.
    runtime.shutdown_background();
    result
}

/// Completes at SIGTERM or SIGINT. From this call on, neither ends the process by itself.
pub fn signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).expect("signals can be watched");
    let mut interrupt = signal(SignalKind::interrupt()).expect("signals can be watched");
    async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}
