//! DynamoDB: requests become operations on tables, typed values become plain JSON. (spec/appsync.md §8, §9)
//!
//! One file for each operation. `write` has what all writes share, `versions` what data sources do that keep versions of
//! their items. Never here: what an expression means.

mod batch_get_item;
mod batch_write_item;
mod condition;
mod delete_item;
mod expressions;
mod get_item;
mod page;
mod put_item;
mod query;
mod scan;
mod sync;
mod transact_get_items;
mod transact_write_items;
mod update_item;
mod values;
mod versions;
mod write;

use json::{Object, Text, Value};
use services::Members;

use super::request::{Part, mistake, unsupported_operation, whole_number};
use super::trouble::Named;
use super::{Asking, SourceError};
use crate::outside::{ServiceCall, Trouble};

const NAMED: Named = Named { service: "dynamodb", prefix: "DynamoDB" };

/// A table.
#[derive(Debug)]
pub(crate) struct Table {
    /// `tableName`
    name: Text,
    /// `awsRegion`
    region: Text,
    /// As whom it is called.
    role_arn: Option<Text>,
    /// Positions that were given away are for this data source alone.
    arn: Text,
    /// `versioned` and `deltaSyncConfig`
    versions: Option<Versions>,
}

/// How versions of items are kept.
#[derive(Debug)]
struct Versions {
    /// `baseTableTTL`: how long a deleted item is remembered.
    base_minutes: i64,
    /// `deltaSyncTableName`
    delta_table: Text,
    /// `deltaSyncTableTTL`: how long a change is remembered.
    delta_minutes: i64,
}

impl Table {
    /// Of a `dataSource`.
    pub fn of(record: &Value, role_arn: Option<Text>) -> Table {
        let config = record.part("dynamodbConfig");
        let delta = config.part("deltaSyncConfig");
        let versions = config.flag("versioned").then(|| Versions {
            base_minutes: minutes(delta, "baseTableTTL"),
            delta_table: delta.text_or_empty("deltaSyncTableName").into(),
            delta_minutes: minutes(delta, "deltaSyncTableTTL"),
        });
        Table {
            name: config.text_or_empty("tableName").into(),
            region: config.text_or_empty("awsRegion").into(),
            role_arn,
            arn: record.text_or_empty("dataSourceArn").into(),
            versions,
        }
    }

    /// Asks it once.
    pub async fn ask(&self, request: &Value, asking: Asking<'_>) -> Result<Value, SourceError> {
        let part = Part::whole_request(request)?;
        let operation = part.required_text("operation")?;
        self.check(operation, asking.is_old_version)?;
        match operation {
            "GetItem" => self.get_item(&part, asking).await,
            "PutItem" | "UpdateItem" | "DeleteItem" => self.write_item(request, asking).await,
            "Query" => self.query(&part, asking).await,
            "Scan" => self.scan(&part, asking).await,
            "Sync" => self.sync(&part, asking).await,
            "BatchGetItem" => self.batch_get_item(&part, asking).await,
            "BatchPutItem" => self.batch_put_item(&part, asking).await,
            "BatchDeleteItem" => self.batch_delete_item(&part, asking).await,
            "TransactGetItems" => self.transact_get_items(&part, asking).await,
            "TransactWriteItems" => self.transact_write_items(&part, asking).await,
            other => Err(unsupported_operation(other)),
        }
    }

    /// Whether the version of the request and the data source have the operation.
    fn check(&self, operation: &str, is_old_version: bool) -> Result<(), SourceError> {
        const OLD: [&str; 6] = ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"];
        const UNVERSIONED: [&str; 3] = ["BatchPutItem", "BatchDeleteItem", "TransactWriteItems"];
        const VERSIONED: &str =
            "TransactGetItems,PutItem,BatchGetItem,Scan,Query,GetItem,DeleteItem,UpdateItem,Sync";
        if is_old_version && !OLD.contains(&operation) {
            return Err(unsupported_operation(operation));
        }
        match &self.versions {
            Some(_) if UNVERSIONED.contains(&operation) => Err(mistake(format!(
                "Unsupported operation '{operation}'. Datasource Versioning only supports the following operations \
                 ({VERSIONED})"
            ))),
            None if operation == "Sync" => {
                Err(mistake("Unsupported operation 'Sync'. It needs a data source that is versioned."))
            }
            _ => Ok(()),
        }
    }

    /// The moment that a reader is told: whatever changes from now on has a later one, or the same. (`startedAt`)
    fn started_at(&self, asking: Asking<'_>) -> i64 {
        asking.memory.moments.started_at(&self.name)
    }

    /// Calls an operation.
    async fn call(
        &self,
        operation: &'static str,
        input: Value,
        asking: Asking<'_>,
    ) -> Result<Value, Trouble> {
        let (role_arn, region) = (self.role_arn.clone(), self.region.clone());
        asking
            .outside
            .call(ServiceCall { service: "dynamodb", operation, input, body: None, role_arn, region })
            .await
    }

    /// Calls an operation whose troubles have nothing more to tell.
    async fn simple_call(
        &self,
        operation: &'static str,
        input: Value,
        asking: Asking<'_>,
    ) -> Result<Value, SourceError> {
        self.call(operation, input, asking).await.map_err(|trouble| NAMED.error(&trouble))
    }
}

/// A number of minutes, which some tools write as a text.
fn minutes(config: &Object, name: &str) -> i64 {
    let value = config.member(name);
    let number = value.and_then(|value| whole_number(value).or_else(|| value.as_str()?.parse().ok()));
    // Some centuries, so that no sum leaves 64 bits.
    number.unwrap_or(0).clamp(0, 1 << 32)
}
