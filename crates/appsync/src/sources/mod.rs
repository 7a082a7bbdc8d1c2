//! Data sources: what a request handler made becomes calls of the outside, and their outcome a value.
//!
//! One file or folder for each type. A request is read as a whole before anybody is called. Never here: handlers, fields.

mod bedrock;
mod dynamodb;
mod eventbridge;
mod http;
mod lambda;
mod moments;
mod opensearch;
mod positions;
mod rds;
mod request;
mod spelling;
mod trouble;
mod url;

#[cfg(test)]
mod tests;

use std::time::Duration;

use json::{Object, Text, Value};
use ledger::Ledger;
use services::records::Records;
use services::{Members, Moment};

use crate::outside::Outside;

use moments::Moments;
use positions::Positions;

/// AppSync's bounds on how long a data source may take.
const FUNCTION_TIME_MAX: Duration = Duration::from_secs(30);
const OTHER_TIME_MAX: Duration = Duration::from_secs(10);

/// A data source, read from its record.
#[derive(Debug)]
pub(crate) struct DataSource {
    /// Its name.
    pub name: Text,
    /// What it is.
    pub kind: Kind,
}

/// What a data source is.
#[derive(Debug)]
pub(crate) enum Kind {
    /// `NONE`: the payload is the result.
    None,
    /// `AWS_LAMBDA`
    Function(lambda::Function),
    /// `AMAZON_DYNAMODB`
    Table(dynamodb::Table),
    /// `HTTP`
    Server(http::Server),
    /// `RELATIONAL_DATABASE`
    Database(rds::Database),
    /// `AMAZON_OPENSEARCH_SERVICE` and `AMAZON_ELASTICSEARCH`
    Domain(opensearch::Domain),
    /// `AMAZON_EVENTBRIDGE`
    Bus(eventbridge::Bus),
    /// `AMAZON_BEDROCK_RUNTIME`
    Models(bedrock::Models),
    /// A type that is not asked here; the text is its name.
    Unsupported(Text),
}

/// How a versioned data source finds and handles conflicts. (`syncConfig`)
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SyncConfig {
    /// `conflictHandler`; empty: there is none.
    pub handler: Text,
    /// `lambdaConflictHandlerConfig.lambdaConflictHandlerArn`
    pub function_arn: Option<Text>,
}

impl SyncConfig {
    /// Of a `syncConfig`.
    pub fn of(record: &Value) -> SyncConfig {
        let detects = record.text("conflictDetection") == Some("VERSION");
        let handler = record.text("conflictHandler").filter(|handler| detects && *handler != "NONE");
        let config = record.member("lambdaConflictHandlerConfig");
        SyncConfig {
            handler: handler.unwrap_or_default().into(),
            function_arn: config.and_then(|config| config.text("lambdaConflictHandlerArn")).map(Text::from),
        }
    }
}

/// What data sources keep between requests, of all APIs.
pub(crate) struct Memory {
    /// What clients go on from.
    positions: Positions,
    /// When versions of items were written.
    moments: Moments,
}

impl Memory {
    /// With what was kept.
    pub fn new(ledger: &Ledger, records: &Records) -> Memory {
        let moments = Moments::new(Box::new(|| Moment::drawn().now));
        Memory { positions: Positions::new(ledger, records), moments }
    }
}

/// Who asks a data source, and for what field.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    /// The port.
    pub outside: &'a dyn Outside,
    /// What was kept.
    pub memory: &'a Memory,
    /// Whether the request is of version `2017-02-28`, which knows fewer operations.
    pub is_old_version: bool,
    /// The step's.
    pub sync: &'a SyncConfig,
    /// `ctx`: for functions that are asked directly and for conflict handlers.
    pub context: &'a Object,
}

/// What a data source gave: a result, an error, or both. (A condition that failed comes with the item as it is.)
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answer {
    /// `ctx.result`
    pub result: Value,
    /// `ctx.error`
    pub error: Option<SourceError>,
}

/// `ctx.error`
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SourceError {
    /// `message`
    pub message: String,
    /// `type`: `DynamoDB:ConditionalCheckFailedException`
    pub error_type: Text,
    /// What `errors[].data` shows if nobody handles it.
    pub data: Value,
    /// What `errors[].errorInfo` shows if nobody handles it.
    pub info: Value,
}

impl Answer {
    /// A result.
    pub fn result(result: impl Into<Value>) -> Answer {
        Answer { result: result.into(), error: None }
    }

    /// An error alone.
    pub fn error(error_type: &str, message: impl Into<String>) -> Answer {
        let error =
            SourceError { message: message.into(), error_type: error_type.into(), ..SourceError::default() };
        Answer { result: Value::Null, error: Some(error) }
    }
}

/// An error comes with the data that it shows: what the item is that a condition refused.
impl From<Result<Value, SourceError>> for Answer {
    fn from(outcome: Result<Value, SourceError>) -> Answer {
        match outcome {
            Ok(result) => Answer { result, error: None },
            Err(error) => Answer { result: error.data.clone(), error: Some(error) },
        }
    }
}

impl DataSource {
    /// Of a `dataSource`. What is wrong with it shows when it is asked.
    pub fn of(record: &Value) -> DataSource {
        let role = record.text("serviceRoleArn").map(Text::from);
        let config = |name| record.part(name);
        let kind = match record.text_or_empty("type") {
            "NONE" => Kind::None,
            "AWS_LAMBDA" => Kind::Function(lambda::Function::of(config("lambdaConfig"), role)),
            "AMAZON_DYNAMODB" => Kind::Table(dynamodb::Table::of(record, role)),
            "HTTP" => Kind::Server(http::Server::of(config("httpConfig"), role)),
            "RELATIONAL_DATABASE" => {
                Kind::Database(rds::Database::of(config("relationalDatabaseConfig"), role))
            }
            "AMAZON_OPENSEARCH_SERVICE" => {
                Kind::Domain(opensearch::Domain::of(config("openSearchServiceConfig"), role))
            }
            "AMAZON_ELASTICSEARCH" => {
                Kind::Domain(opensearch::Domain::of(config("elasticsearchConfig"), role))
            }
            "AMAZON_EVENTBRIDGE" => Kind::Bus(eventbridge::Bus::of(config("eventBridgeConfig"), role)),
            "AMAZON_BEDROCK_RUNTIME" => Kind::Models(bedrock::Models { role_arn: role }),
            other => Kind::Unsupported(other.into()),
        };
        DataSource { name: record.text_or_empty("name").into(), kind }
    }

    /// Whether it is a function, which can be asked without handlers.
    pub fn is_function(&self) -> bool {
        matches!(self.kind, Kind::Function(_))
    }

    /// Whether requests of siblings may go together. (`BatchInvoke`)
    pub fn can_batch(&self, request: &Value) -> bool {
        matches!(self.kind, Kind::Function(_)) && lambda::Function::can_batch(request)
    }

    /// Asks it once. `request` is what the request handler made.
    pub async fn ask(&self, request: &Value, asking: Asking<'_>) -> Answer {
        match tokio::time::timeout(self.time_max(), self.outcome(request, asking)).await {
            Ok(outcome) => outcome.into(),
            Err(_) => timed_out(),
        }
    }

    /// Asks it for siblings at once: one answer for each request, in order. Only where [`DataSource::can_batch`] says so.
    pub async fn ask_together(&self, requests: &[Value], asking: Asking<'_>) -> Vec<Answer> {
        let Kind::Function(function) = &self.kind else {
            unreachable!("only functions are asked for siblings together")
        };
        match tokio::time::timeout(self.time_max(), function.ask_together(requests, asking)).await {
            Ok(answers) => answers,
            Err(_) => vec![timed_out(); requests.len()],
        }
    }

    async fn outcome(&self, request: &Value, asking: Asking<'_>) -> Result<Value, SourceError> {
        match &self.kind {
            Kind::None => Ok(request.get("payload").cloned().unwrap_or_default()),
            Kind::Function(function) => function.ask(request, asking).await,
            // In a box: it is most of the future, and requests have many fields.
            Kind::Table(table) => Box::pin(table.ask(request, asking)).await,
            Kind::Server(server) => server.ask(request, asking).await,
            Kind::Database(database) => database.ask(request, asking).await,
            Kind::Domain(domain) => domain.ask(request, asking).await,
            Kind::Bus(bus) => bus.ask(request, asking).await,
            Kind::Models(models) => models.ask(request, asking).await,
            Kind::Unsupported(name) => Err(SourceError {
                message: format!("Data sources of type {name} are not supported"),
                error_type: "UnsupportedOperation".into(),
                ..SourceError::default()
            }),
        }
    }

    fn time_max(&self) -> Duration {
        if matches!(self.kind, Kind::Function(_)) { FUNCTION_TIME_MAX } else { OTHER_TIME_MAX }
    }
}

fn timed_out() -> Answer {
    Answer::error("ExecutionTimeout", "Execution timed out.")
}
