//! The services around workflows, put together over one ledger.
//!
//! Never here: what a service does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::services::delivery::{Calls, Clock, SystemClock};
use ::services::event_sources::EventSources;
use ::services::eventbridge::{self, EventBridge};
use ::services::lambda::Lambda;
use ::services::scheduler::{self, Scheduler};
use ::services::sns::Sns;
use ::services::sqs::{self, Sqs};
use ::services::{Entrance, Home, Served, Service};
use anyhow::Context;
use appsync::AppSync;
use aws_names::Scope;
use connections::Connections;
use connectors::Connectors;
use gateway::Gateway;
use ledger::Ledger;
use relational::{Database, Limits, Relational};
use tables::Tables;

use crate::data::{CODE, SERVICES, TABLES};
use crate::running::DataPlace;
use crate::settings;

/// It is offered by the front, which has its actions.
const STEP_FUNCTIONS: &str = "stepfunctions";

/// Each service of this server, by its name in the AWS CLI, and the variable that tells clients where it is.
pub const ENDPOINT_VARIABLES: [(&str, &str); 12] = [
    (STEP_FUNCTIONS, "AWS_ENDPOINT_URL_SFN"),
    ("apigateway", "AWS_ENDPOINT_URL_API_GATEWAY"),
    ("apigatewayv2", "AWS_ENDPOINT_URL_APIGATEWAYV2"),
    ("appsync", "AWS_ENDPOINT_URL_APPSYNC"),
    ("dynamodb", "AWS_ENDPOINT_URL_DYNAMODB"),
    ("dynamodbstreams", "AWS_ENDPOINT_URL_DYNAMODB_STREAMS"),
    ("events", "AWS_ENDPOINT_URL_EVENTBRIDGE"),
    ("lambda", "AWS_ENDPOINT_URL_LAMBDA"),
    ("rds-data", "AWS_ENDPOINT_URL_RDS_DATA"),
    ("scheduler", "AWS_ENDPOINT_URL_SCHEDULER"),
    ("sns", "AWS_ENDPOINT_URL_SNS"),
    ("sqs", "AWS_ENDPOINT_URL_SQS"),
];

/// The services that run.
pub struct Around {
    /// How requests find them.
    pub served: Served,
    /// Whom executions tell of their status, unless it is switched off.
    pub events: Option<EventBridge>,
    /// The REST and HTTP APIs, unless they are switched off.
    pub gateway: Option<Gateway>,
    /// The GraphQL and event APIs, unless they are switched off.
    pub appsync: Option<AppSync>,
}

/// What the services are put together from.
pub struct Setup<'s> {
    /// How those within this process reach them.
    pub home: &'s Home,
    /// Whether clients may speak TLS with the server.
    pub is_encrypted: bool,
    /// Region and account.
    pub scope: &'s Scope,
    /// Whose signatures count, where that is checked: access key → secret.
    pub keys: &'s BTreeMap<String, String>,
    /// Where they keep what they keep.
    pub data: &'s DataPlace,
    /// How large a file of the ledger becomes.
    pub segment_bytes: u64,
    /// By which they call others.
    pub connectors: &'s Connectors,
    /// What API destinations are let in with.
    pub connections: &'s Connections,
    /// What the RDS Data API asks, by their names.
    pub databases: BTreeMap<String, Database>,
    /// Which services are offered.
    pub offered: &'s settings::Services,
}

/// Opens what the services keep and offers them to whoever calls through the connectors. What is switched off is not begun:
/// what it keeps stays as it is.
pub fn start(mut setup: Setup<'_>) -> anyhow::Result<Around> {
    let databases = std::mem::take(&mut setup.databases);
    let ledger = open(setup.data, setup.segment_bytes)?;
    let has = |name: &str| setup.offered.has(name);
    // First, for what an earlier process left calls as soon as its service is there.
    let names = ENDPOINT_VARIABLES.iter().map(|(name, _)| *name).filter(|name| *name != STEP_FUNCTIONS);
    let (on, off): (Vec<_>, Vec<_>) = names.partition(|name| has(name));
    let entrance = Entrance::offer(on, setup.connectors, setup.home);
    let events = has("events").then(|| events(&setup, &ledger)).transpose()?;
    let gateway = has("apigateway").then(|| gateway(&setup, &ledger)).transpose()?;
    let appsync = has("appsync").then(|| appsync(&setup, &ledger)).transpose()?;
    let mut services: Vec<(&'static str, Arc<dyn Service>)> = Vec::new();
    services.extend(gateway.iter().flat_map(Gateway::services));
    services.extend(appsync.iter().map(AppSync::service));
    services.extend(events.iter().map(|events| ("events", Arc::new(events.clone()) as Arc<dyn Service>)));
    services.extend(messaging(&setup, &ledger)?);
    if has("dynamodb") {
        let tables = tables(setup.data)?;
        services.extend([("dynamodb", tables.clone()), ("dynamodbstreams", tables)]);
    }
    if has("rds-data") {
        services.push(("rds-data", Arc::new(Relational::new(databases, Limits::default()))));
    }
    let served = Served::with_off(services, off);
    entrance.serve(served.clone());
    Ok(Around { served, events, gateway, appsync })
}

fn events(setup: &Setup<'_>, ledger: &Ledger) -> anyhow::Result<EventBridge> {
    let setup = eventbridge::Setup {
        ledger: ledger.clone(),
        scope: setup.scope.clone(),
        clock: Arc::new(SystemClock),
        calls: Arc::new(setup.connectors.clone()),
        connections: setup.connections.clone(),
    };
    EventBridge::start(setup).map_err(crate::data::explain)
}

/// Schedules, queues, topics and functions.
fn messaging(setup: &Setup<'_>, ledger: &Ledger) -> anyhow::Result<Vec<(&'static str, Arc<dyn Service>)>> {
    let mut services: Vec<(&'static str, Arc<dyn Service>)> = Vec::new();
    let (clock, calls): (Arc<dyn Clock>, Arc<dyn Calls>) =
        (Arc::new(SystemClock), Arc::new(setup.connectors.clone()));
    let outside = Arc::new(setup.connectors.clone());
    if setup.offered.has("scheduler") {
        let schedules = Scheduler::start(scheduler::Setup {
            ledger: ledger.clone(),
            scope: setup.scope.clone(),
            clock: clock.clone(),
            calls: calls.clone(),
        });
        services.push(("scheduler", Arc::new(schedules.map_err(crate::data::explain)?)));
    }
    if setup.offered.has("sqs") {
        services.push((
            "sqs",
            Arc::new(
                Sqs::new(ledger.clone(), clock.clone(), sqs::Settings::default())
                    .map_err(crate::data::explain)?,
            ),
        ));
    }
    if setup.offered.has("sns") {
        let topics = Sns::start(
            ledger.clone(),
            clock.clone(),
            calls.clone(),
            outside.clone(),
            setup.connections.clone(),
        );
        services.push(("sns", Arc::new(topics.map_err(crate::data::explain)?)));
    }
    if setup.offered.has("lambda") {
        let event_sources = EventSources::start(ledger.clone(), clock.clone(), calls.clone());
        let event_sources = Arc::new(event_sources.map_err(crate::data::explain)?);
        let code = code(setup.data, &SystemClock);
        let functions = Lambda::start(ledger.clone(), clock, calls, outside, code, Some(event_sources));
        services.push(("lambda", Arc::new(functions.map_err(crate::data::explain)?)));
    }
    Ok(services)
}

fn gateway(setup: &Setup<'_>, ledger: &Ledger) -> anyhow::Result<Gateway> {
    gateway::start(ledger, setup.connectors, gateway::Settings { scope: setup.scope.clone() })
        .map_err(crate::data::explain)
        .context("cannot read what the gateway keeps")
}

fn appsync(setup: &Setup<'_>, ledger: &Ledger) -> anyhow::Result<AppSync> {
    let settings = appsync::Settings {
        scope: setup.scope.clone(),
        keys: Some(setup.keys.clone()).filter(|keys| !keys.is_empty()),
        // Clients of AppSync connect by TLS wherever they can. (wss://, whatever the address of the API says)
        base_url: match setup.is_encrypted {
            true => setup.home.base_url.replacen("http:", "https:", 1).into(),
            false => setup.home.base_url.clone(),
        },
    };
    AppSync::start(ledger, setup.connectors, settings)
        .map_err(crate::data::explain)
        .context("cannot read what AppSync keeps")
}

/// Where the code of functions is that were made by Lambda's API.
fn code(data: &DataPlace, clock: &dyn Clock) -> PathBuf {
    match data {
        // Nobody can guess the name, so nobody can be there first.
        DataPlace::Memory => std::env::temp_dir().join(format!("stepwell-code-{:032x}", clock.random())),
        DataPlace::Folder(folder) => folder.join(CODE),
    }
}

/// DynamoDB, and its streams.
fn tables(data: &DataPlace) -> anyhow::Result<Arc<dyn Service>> {
    let tables = match data {
        DataPlace::Memory => Ok(Tables::in_memory()),
        DataPlace::Folder(folder) => Tables::open(folder.join(TABLES)),
    };
    Ok(Arc::new(tables.context("cannot open the tables of DynamoDB")?))
}

fn open(data: &DataPlace, segment_bytes: u64) -> anyhow::Result<Ledger> {
    let data_dir = match data {
        DataPlace::Memory => None,
        DataPlace::Folder(folder) => Some(folder.join(SERVICES)),
    };
    let settings = ledger::Settings { data_dir: data_dir.clone(), segment_bytes };
    Ledger::open(&settings)
        .map_err(|error| match error {
            store::Error::Locked(folder) => anyhow::anyhow!(
                "{} is in use by another stepwell: stop that one, or give --data-dir another folder",
                folder.parent().unwrap_or(Path::new(".")).display()
            ),
            error => crate::data::explain(error),
        })
        .context("cannot open what the services keep")
}
