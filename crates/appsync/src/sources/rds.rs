//! Relational databases by the RDS Data API: one statement or two. (spec/appsync.md §8)
//!
//! Variables are parameters of the statements, never text in them. Two statements are one transaction. Never here: SQL.

use json::{Object, Text, Value};
use services::Members;

use super::request::{Part, mistake, wrong};
use super::spelling;
use super::trouble::Named;
use super::{Asking, SourceError};
use crate::outside::ServiceCall;

const SERVICE: &str = "rds-data";
const NAMED: Named = Named { service: SERVICE, prefix: "RDS" };
/// AppSync's bound on the statements of a request.
const STATEMENTS_MAX: usize = 2;

/// A database.
#[derive(Debug)]
pub(crate) struct Database {
    /// `dbClusterIdentifier`: the cluster's ARN.
    pub cluster_arn: Text,
    /// `awsSecretStoreArn`
    pub secret_arn: Text,
    /// `databaseName`
    pub database: Option<Text>,
    /// `schema`
    pub schema: Option<Text>,
    /// `awsRegion`
    pub region: Text,
    /// As whom it is called.
    pub role_arn: Option<Text>,
}

/// A request, read: statements, and their parameters in common.
struct Statements<'r> {
    statements: Vec<&'r str>,
    parameters: Vec<(&'r str, Value)>,
}

impl Database {
    /// Of a `relationalDatabaseConfig`.
    pub fn of(config: &Object, role_arn: Option<Text>) -> Database {
        let endpoint = config.part("rdsHttpEndpointConfig");
        let text = |name: &str| endpoint.text(name).map(Text::from);
        Database {
            cluster_arn: text("dbClusterIdentifier").unwrap_or_default(),
            secret_arn: text("awsSecretStoreArn").unwrap_or_default(),
            database: text("databaseName"),
            schema: text("schema"),
            region: text("awsRegion").unwrap_or_default(),
            role_arn,
        }
    }

    /// Asks it once. The result is a text, as `util.rds.toJsonObject` takes it.
    pub async fn ask(&self, request: &Value, asking: Asking<'_>) -> Result<Value, SourceError> {
        if asking.is_old_version {
            return Err(mistake("Relational databases need version '2018-05-29'."));
        }
        let read = Statements::read(request)?;
        let results = match read.statements.as_slice() {
            [only] => vec![self.execute(only, &read, None, asking).await?],
            all => self.in_one_transaction(all, &read, asking).await?,
        };
        Ok(json::value!({"sqlStatementResults": results}).to_text().into())
    }

    async fn in_one_transaction(
        &self,
        statements: &[&str],
        read: &Statements<'_>,
        asking: Asking<'_>,
    ) -> Result<Vec<Value>, SourceError> {
        let begun = self.call("BeginTransaction", self.place(), asking).await?;
        let transaction = begun.text_or_empty("TransactionId");
        let mut results = Vec::with_capacity(statements.len());
        for statement in statements {
            match self.execute(statement, read, Some(transaction), asking).await {
                Ok(result) => results.push(result),
                Err(error) => {
                    // What was wrong with the statement counts; a transaction that is not ended ends by itself.
                    let _ = self.call("RollbackTransaction", self.of_transaction(transaction), asking).await;
                    return Err(error);
                }
            }
        }
        self.call("CommitTransaction", self.of_transaction(transaction), asking).await?;
        Ok(results)
    }

    async fn execute(
        &self,
        statement: &str,
        read: &Statements<'_>,
        transaction: Option<&str>,
        asking: Asking<'_>,
    ) -> Result<Value, SourceError> {
        let mut input = self.place();
        input.insert("Sql", statement);
        input.insert("IncludeResultMetadata", true);
        let used = read.parameters.iter().filter(|(name, _)| uses(statement, name));
        let parameters: Value = used.map(|(_, parameter)| parameter.clone()).collect();
        if parameters.as_array().is_some_and(|parameters| !parameters.is_empty()) {
            input.insert("Parameters", parameters);
        }
        if let Some(transaction) = transaction {
            input.insert("TransactionId", transaction);
        }
        let output = self.call("ExecuteStatement", input, asking).await?;
        let Some((_, shape)) = spelling::shapes(SERVICE, "ExecuteStatement") else {
            unreachable!("the model has ExecuteStatement")
        };
        Ok(spelling::as_the_model(&output, shape))
    }

    /// Where the database is, as most operations want it.
    fn place(&self) -> Object {
        let mut input = Object::new();
        input.insert("ResourceArn", self.cluster_arn.clone());
        input.insert("SecretArn", self.secret_arn.clone());
        if let Some(database) = &self.database {
            input.insert("Database", database.clone());
        }
        if let Some(schema) = &self.schema {
            input.insert("Schema", schema.clone());
        }
        input
    }

    fn of_transaction(&self, transaction: &str) -> Object {
        let mut input = Object::new();
        input.insert("ResourceArn", self.cluster_arn.clone());
        input.insert("SecretArn", self.secret_arn.clone());
        input.insert("TransactionId", transaction);
        input
    }

    async fn call(
        &self,
        operation: &'static str,
        input: Object,
        asking: Asking<'_>,
    ) -> Result<Value, SourceError> {
        let call = ServiceCall {
            service: SERVICE,
            operation,
            input: input.into(),
            body: None,
            role_arn: self.role_arn.clone(),
            region: self.region.clone(),
        };
        asking.outside.call(call).await.map_err(|trouble| {
            let error_type = match trouble.status {
                400..500 => "BadRequest".into(),
                _ => NAMED.error(&trouble).error_type,
            };
            SourceError { message: trouble.message, error_type, ..SourceError::default() }
        })
    }
}

impl<'r> Statements<'r> {
    fn read(request: &'r Value) -> Result<Statements<'r>, SourceError> {
        let part = Part::whole_request(request)?;
        part.has_only(&["version", "operation", "statements", "variableMap", "variableTypeHintMap"])?;
        let given = part.required_array("statements")?;
        if given.is_empty() || given.len() > STATEMENTS_MAX {
            return Err(mistake(format!(
                "Field '$[statements]' takes 1 to {STATEMENTS_MAX} statements and has {}.",
                given.len()
            )));
        }
        let mut statements = Vec::with_capacity(given.len());
        for (number, statement) in given.iter().enumerate() {
            let text = statement.as_str();
            statements
                .push(text.ok_or_else(|| wrong(&format!("$[statements][{number}]"), "string", statement))?);
        }
        let hints = part.part("variableTypeHintMap")?;
        let mut parameters = Vec::new();
        if let Some(variables) = part.part("variableMap")? {
            for (name, value) in variables.members().iter() {
                let hint = hints.as_ref().map(|hints| hints.text(name)).transpose()?.flatten();
                let bare = name.strip_prefix(':').unwrap_or(name);
                parameters.push((bare, parameter(bare, value, hint)));
            }
        }
        Ok(Statements { statements, parameters })
    }
}

/// A parameter as the Data API has it. What SQL has no type for is JSON in a text.
fn parameter(name: &str, value: &Value, hint: Option<&str>) -> Value {
    let mut field = Object::new();
    match value {
        Value::Null => field.insert("IsNull", true),
        Value::Bool(truth) => field.insert("BooleanValue", *truth),
        Value::Int(number) => field.insert("LongValue", *number),
        Value::Float(number) => field.insert("DoubleValue", *number),
        Value::String(text) => field.insert("StringValue", text.clone()),
        other => field.insert("StringValue", other.to_text()),
    };
    let mut parameter = Object::new();
    parameter.insert("Name", name);
    parameter.insert("Value", field);
    if let Some(hint) = hint {
        parameter.insert("TypeHint", hint);
    }
    parameter.into()
}

/// Whether a statement has a placeholder of this name. (The Data API wants no parameters beside.)
fn uses(statement: &str, name: &str) -> bool {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let placeholder = format!(":{name}");
    statement
        .match_indices(&placeholder)
        .any(|(place, _)| !statement.as_bytes().get(place + placeholder.len()).is_some_and(is_of_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_whole_words() {
        assert!(uses("select :P1", "P1"));
        assert!(uses("select :P11 + :P1", "P1"));
        assert!(!uses("select :P11", "P1"));
    }
}
