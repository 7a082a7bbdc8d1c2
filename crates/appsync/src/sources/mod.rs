//! Data sources: what a request handler made becomes calls of the outside, and their outcome a value.
//!
//! One file or folder for each type. Never here: handlers, fields.

use json::{Object, Text, Value};
use services::Members;

use crate::outside::Outside;

/// A data source, read from its record.
#[derive(Debug)]
pub(crate) struct DataSource {
    /// Its name.
    pub name: Text,
    /// `serviceRoleArn`
    pub role_arn: Option<Text>,
    /// What it is.
    pub kind: Kind,
}

/// What a data source is.
#[derive(Debug)]
pub(crate) enum Kind {
    /// `NONE`: the payload is the result.
    None,
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

/// Who asks a data source, and for what field.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    /// The port.
    pub outside: &'a dyn Outside,
    /// Whether the request is of version `2017-02-28`, which knows fewer operations.
    pub is_old_version: bool,
    /// The step's.
    pub sync: &'a SyncConfig,
    /// `ctx`: for functions that are asked directly and for conflict handlers.
    pub context: &'a Object,
    /// Milliseconds since 1970, for versions of items.
    pub now: i64,
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

impl DataSource {
    /// Of a `dataSource`. What is wrong with it shows when it is asked.
    pub fn of(record: &Value) -> DataSource {
        let kind = match record.text_or_empty("type") {
            "NONE" => Kind::None,
            other => Kind::Unsupported(other.into()),
        };
        DataSource {
            name: record.text_or_empty("name").into(),
            role_arn: record.text("serviceRoleArn").map(Text::from),
            kind,
        }
    }

    /// Whether requests of siblings may go together. (`BatchInvoke`)
    pub fn can_batch(&self, _request: &Value) -> bool {
        false
    }

    /// Asks it once. `request` is what the request handler made.
    pub async fn ask(&self, request: &Value, _asking: Asking<'_>) -> Answer {
        match &self.kind {
            Kind::None => Answer::result(request.get("payload").cloned().unwrap_or_default()),
            Kind::Unsupported(name) => Answer::error(
                "UnsupportedOperation",
                format!("Data sources of type {name} are not supported"),
            ),
        }
    }

    /// Asks it for siblings at once: one answer for each request, in order. Only where [`DataSource::can_batch`] says so.
    pub async fn ask_together(&self, requests: &[Value], asking: Asking<'_>) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            answers.push(self.ask(request, asking).await);
        }
        answers
    }
}
