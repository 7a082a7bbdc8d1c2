//! Queues, topics, tables, rules and REST APIs that a project wants to be there.
//!
//! Never here: making them.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;

use serde::Deserialize;

/// Attributes as AWS names them. Numbers and booleans need no quotes, and a table is sent as JSON.
pub type Attributes = BTreeMap<String, toml::Value>;

/// `[queues.NAME]`; a FIFO queue has a name that ends with `.fifo`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// `attributes = { VisibilityTimeout = 60 }`
    #[serde(default)]
    pub attributes: Attributes,
    /// The queue that takes what was received too often.
    pub dead_letter_queue: Option<String>,
    /// How often that is; 3 if left out.
    pub max_receives: Option<NonZeroU32>,
}

/// `[topics.NAME]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// `attributes = { DisplayName = "Dragons" }`
    #[serde(default)]
    pub attributes: Attributes,
    /// Who hears of it.
    #[serde(default)]
    pub subscriptions: Vec<Subscription>,
}

/// One of `queue`, `function` and `url`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// A queue of this server, by its name.
    pub queue: Option<String>,
    /// A function of this server, by its name.
    pub function: Option<String>,
    /// `http://…` or `https://…`
    pub url: Option<String>,
    /// `attributes = { RawMessageDelivery = true, FilterPolicy = { kind = ["new"] } }`
    #[serde(default)]
    pub attributes: Attributes,
}

/// `[tables.NAME]`, billed by request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// `id` or `id:N`: a name and `S`, `N` or `B`.
    pub partition_key: String,
    /// The same.
    pub sort_key: Option<String>,
}

/// `[rules.NAME]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The bus, which is made if need be; the default one if left out.
    pub bus: Option<String>,
    /// `pattern = { source = ["dragons"] }`
    pub pattern: Option<toml::Table>,
    /// `rate(5 minutes)`, `cron(…)`
    pub schedule: Option<String>,
    /// Who is told.
    pub targets: Vec<Target>,
}

/// One of `state_machine`, `function`, `queue`, `topic` and `arn`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// A state machine of this server, by its name.
    pub state_machine: Option<String>,
    /// A function of this server, by its name.
    pub function: Option<String>,
    /// A queue of this server, by its name.
    pub queue: Option<String>,
    /// A topic of this server, by its name.
    pub topic: Option<String>,
    /// Anything else.
    pub arn: Option<String>,
    /// What it is sent instead of the event: a text is sent as it is, anything else as JSON.
    pub input: Option<toml::Value>,
    /// The part of the event that it is sent: `$.detail`.
    pub input_path: Option<String>,
}

/// `[rest.NAME]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rest {
    /// An OpenAPI file, relative to the settings file.
    pub openapi: PathBuf,
    /// Its stage; `dev` if left out.
    pub stage: Option<String>,
    /// Variables of the stage.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
}

/// `[appsync.NAME]`: one of `folder` and `template`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppSyncApi {
    /// A folder with `appsync.toml`, relative to the settings file.
    pub folder: Option<PathBuf>,
    /// A CloudFormation template in JSON, as `cdk synth` writes it into `cdk.out`.
    pub template: Option<PathBuf>,
    /// Parameters of the template.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

/// What a settings file wants to be there.
#[derive(Clone, Copy, Debug)]
pub struct Resources<'a> {
    /// By name.
    pub queues: &'a BTreeMap<String, Queue>,
    /// By name.
    pub topics: &'a BTreeMap<String, Topic>,
    /// By name.
    pub tables: &'a BTreeMap<String, Table>,
    /// By name.
    pub rules: &'a BTreeMap<String, Rule>,
    /// By name.
    pub rest: &'a BTreeMap<String, Rest>,
}
