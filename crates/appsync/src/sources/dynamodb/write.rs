//! What `PutItem`, `UpdateItem` and `DeleteItem` have in common.
//!
//! Never here: how versions are kept.

use json::{Object, Text, Value};

use super::condition::{Condition, Decision};
use super::expressions::{Input, Placeholders};
use super::values::plain_members;
use super::{NAMED, Table};
use crate::sources::request::{Part, unsupported_operation};
use crate::sources::{Asking, SourceError};

/// A function that decides may say `retry` so often.
const TRIES_MAX: usize = 10;

/// A write of one item, read.
#[derive(Clone, Debug)]
pub(super) struct Write {
    /// Typed, as DynamoDB has it.
    pub key: Object,
    pub action: Action,
    pub condition: Option<Condition>,
    /// `_version`: what the client knows of the item.
    pub version: Option<i64>,
    pub delta: Delta,
}

/// What is written.
#[derive(Clone, Debug)]
pub(super) enum Action {
    /// The whole item, with its key.
    Put(Object),
    Update(Update),
    Delete,
}

/// `update`
#[derive(Clone, Debug, Default)]
pub(super) struct Update {
    pub expression: String,
    pub placeholders: Placeholders,
}

/// How a change is remembered.
#[derive(Clone, Debug, Default)]
pub(super) struct Delta {
    /// `customPartitionKey`: the attribute whose value is a part of the partition's name.
    pub partition_key: Option<Text>,
    /// `populateIndexFields`
    pub fills_index: bool,
}

/// Why nothing was written.
#[derive(Debug)]
pub(super) enum Failed {
    /// The condition did not hold for the item as it is, if there is one.
    Condition { item: Option<Object>, error: SourceError },
    /// Anything else.
    Other(SourceError),
}

impl From<SourceError> for Failed {
    fn from(error: SourceError) -> Failed {
        Failed::Other(error)
    }
}

impl Write {
    fn read(request: &Value) -> Result<Write, SourceError> {
        let part = Part::whole_request(request)?;
        match part.required_text("operation")? {
            "PutItem" => Write::put(&part),
            "UpdateItem" => Write::update(&part),
            "DeleteItem" => Write::delete(&part),
            other => Err(unsupported_operation(other)),
        }
    }
}

impl Delta {
    pub fn read(part: &Part<'_>) -> Result<Delta, SourceError> {
        Ok(Delta {
            partition_key: part.text("customPartitionKey")?.map(Text::from),
            fills_index: part.flag("populateIndexFields")?.unwrap_or(false),
        })
    }
}

impl Table {
    /// Writes an item. The result is what was written, or what was deleted.
    pub(super) async fn write_item(&self, request: &Value, asking: Asking<'_>) -> Result<Value, SourceError> {
        let mut request = request.clone();
        let mut last = None;
        for _ in 0..TRIES_MAX {
            let write = Write::read(&request)?;
            let written = match &self.versions {
                None => self.perform(&write, asking).await,
                Some(versions) => self.write_version(&write, versions, asking).await,
            };
            let (item, error) = match written {
                Ok(item) => return Ok(item.map(|item| plain_members(&item).into()).unwrap_or_default()),
                Err(Failed::Other(error)) => return Err(error),
                Err(Failed::Condition { item, error }) => (item, error),
            };
            match self.decide(&write, &request, item.as_ref(), asking).await? {
                Decision::Done(result) => return Ok(result),
                Decision::Reject => return Err(with_item(error, item.as_ref())),
                Decision::Retry(other) => request = other,
            }
            last = Some(with_item(error, item.as_ref()));
        }
        Err(last.unwrap_or_default())
    }

    /// Writes an item as it is asked for, and gives it as DynamoDB has it.
    pub(super) async fn perform(&self, write: &Write, asking: Asking<'_>) -> Result<Option<Object>, Failed> {
        let mut input = Input::of_table(&self.name);
        if let Some(condition) = &write.condition {
            input.set("ConditionExpression", condition.expression.as_str());
            input.add(&condition.placeholders)?;
            input.set("ReturnValuesOnConditionCheckFailure", "ALL_OLD");
        }
        let operation = match &write.action {
            Action::Put(item) => {
                input.set("Item", item.clone());
                "PutItem"
            }
            Action::Update(update) => {
                input.set("Key", write.key.clone());
                input.set("UpdateExpression", update.expression.as_str());
                input.add(&update.placeholders)?;
                input.set("ReturnValues", "ALL_NEW");
                "UpdateItem"
            }
            Action::Delete => {
                input.set("Key", write.key.clone());
                input.set("ReturnValues", "ALL_OLD");
                "DeleteItem"
            }
        };
        match self.call(operation, input.finish(), asking).await {
            Ok(output) => Ok(match &write.action {
                Action::Put(item) => Some(item.clone()),
                Action::Update(_) | Action::Delete => {
                    output.get("Attributes").and_then(Value::as_object).cloned()
                }
            }),
            Err(trouble) => {
                let error = NAMED.error(&trouble);
                if trouble.code != "ConditionalCheckFailedException" {
                    return Err(Failed::Other(error));
                }
                let item = trouble.members.get("Item").and_then(Value::as_object);
                Err(Failed::Condition { item: item.cloned(), error })
            }
        }
    }
}

/// The error shows the item as it is.
fn with_item(error: SourceError, item: Option<&Object>) -> SourceError {
    let data = item.map(|item| Value::from(plain_members(item))).unwrap_or_default();
    SourceError { data, ..error }
}
