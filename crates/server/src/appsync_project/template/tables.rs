//! Tables of DynamoDB, which a template brings along.

use json::{Array, Object, Value};

use super::properties::Properties;

/// Properties that CreateTable takes as they are.
const SAME: [&str; 7] = [
    "TableName",
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "ProvisionedThroughput",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
];
/// Properties that change nothing on a machine of one's own.
const MEANINGLESS: [&str; 11] = [
    "PointInTimeRecoverySpecification",
    "SSESpecification",
    "Tags",
    "TableClass",
    "DeletionProtectionEnabled",
    "ContributorInsightsSpecification",
    "KinesisStreamSpecification",
    "ServiceToken",
    "AllowDestructiveGraphqlSchemaUpdates",
    "ReplaceTableUponGsiUpdate",
    "ResourcePolicy",
];

/// Whether it is one. Amplify has a resource of its own for them, whose properties begin with small letters.
pub fn is_table(kind: &str) -> bool {
    matches!(
        kind,
        "AWS::DynamoDB::Table" | "Custom::AmplifyDynamoDBTable" | "Custom::ImportedAmplifyDynamoDBTable"
    )
}

/// The input of CreateTable; and what it does not have, a text each.
pub fn table(path: &str, kind: &str, properties: Properties) -> (Object, Vec<String>) {
    let properties = if kind.starts_with("Custom::") {
        Properties(capital_object(&properties.0)).typed()
    } else {
        properties.typed()
    };
    let mut input = Object::new();
    let mut unmade = Vec::new();
    for (name, value) in properties.iter() {
        match name.as_str() {
            same if SAME.contains(&same) => drop(input.insert(name.clone(), value.clone())),
            "StreamSpecification" => {
                let mut stream = value.as_object().cloned().unwrap_or_default();
                stream.insert("StreamEnabled", true);
                input.insert("StreamSpecification", stream);
            }
            nothing if MEANINGLESS.contains(&nothing) => {}
            other => unmade.push(format!("{other} is not carried over")),
        }
    }
    if !input.contains_key("TableName") {
        let name = path.rsplit('/').next().unwrap_or(path);
        input.insert("TableName", name);
    }
    if !input.contains_key("ProvisionedThroughput") {
        input.insert("BillingMode", "PAY_PER_REQUEST");
    }
    (input, unmade)
}

fn capital_object(object: &Object) -> Object {
    object.iter().map(|(name, value)| (capital(name), capitals(value))).collect()
}

fn capitals(value: &Value) -> Value {
    match value {
        Value::Object(object) => capital_object(object).into(),
        Value::Array(items) => items.iter().map(capitals).collect::<Array>().into(),
        plain => plain.clone(),
    }
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
