//! Members of requests that the model has and this server cannot honour. They are refused, so that nobody believes
//! that a table is what it is not.
//!
//! Never here: what DynamoDB itself refuses.

use json::{Object, Value};

/// A member, and why it cannot be honoured: the rest of a sentence that begins with "this server".
const REFUSED: [(&str, &str); 8] = [
    ("GlobalTableSettingsReplicationMode", "has one region only"),
    ("GlobalTableSourceArn", "has one region only"),
    ("GlobalTableWitnessUpdates", "has one region only"),
    ("MultiRegionConsistency", "has one region only"),
    ("ReplicaUpdates", "has one region only"),
    ("ResourcePolicy", "keeps no policies of tables"),
    ("SSESpecification", "does not encrypt tables with keys of KMS"),
    ("WarmThroughput", "reserves no throughput"),
];

/// Why an input is refused, if it is.
pub(crate) fn complaint(operation: &str, input: &Value) -> Option<String> {
    if !matches!(operation, "CreateTable" | "UpdateTable") {
        return None;
    }
    let nothing = Object::new();
    let members = input.as_object().unwrap_or(&nothing);
    let indexes =
        ["GlobalSecondaryIndexes", "GlobalSecondaryIndexUpdates"].iter().filter_map(|name| members.get(name));
    let indexes = indexes.filter_map(Value::as_array).flat_map(|indexes| indexes.iter());
    // `{"Create": {…}}` of an update.
    let indexes = indexes.flat_map(|index| [Some(index), index.get("Create"), index.get("Update")]);
    let indexes = indexes.flatten().filter_map(Value::as_object);
    std::iter::once(members).chain(indexes).find_map(complaint_about)
}

fn complaint_about(members: &Object) -> Option<String> {
    let (name, reason) = REFUSED.iter().find(|(name, _)| {
        // Who says that it is off asks for nothing.
        let is_off = |value: &Value| value.is_null() || value.get("Enabled") == Some(&Value::Bool(false));
        members.get(name).is_some_and(|value| !is_off(value))
    })?;
    Some(format!("{name} is not supported: this server {reason}. Leave it out."))
}
