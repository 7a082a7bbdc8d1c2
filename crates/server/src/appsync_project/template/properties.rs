//! Properties of a resource become members of an operation's input. Most have the same names.

use json::{Array, Object, Value};

use super::physical::{self, API};

/// The resolved properties of a resource.
pub struct Properties(pub Object);

/// What CloudFormation takes as a text and AppSync as a number.
const NUMBERS: [&str; 11] = [
    "AuthTTL",
    "AuthorizerResultTtlInSeconds",
    "BaseTableTTL",
    "DeltaSyncTableTTL",
    "IatTTL",
    "MaxBatchSize",
    "QueryDepthLimit",
    "ReadCapacityUnits",
    "ResolverCountLimit",
    "Ttl",
    "WriteCapacityUnits",
];

/// Marks that are only a part of a text are none.
pub fn without_marks_in_texts(object: &Object) -> Object {
    object.iter().map(|(name, value)| (name.clone(), without_marks(value))).collect()
}

fn without_marks(value: &Value) -> Value {
    match value {
        Value::Object(object) => without_marks_in_texts(object).into(),
        Value::Array(items) => items.iter().map(without_marks).collect::<Array>().into(),
        Value::String(text) if physical::path_of(text, API).is_none() => physical::unmarked(text).into(),
        plain => plain.clone(),
    }
}

impl Properties {
    /// A text; empty if there is none.
    pub fn text(&self, name: &str) -> String {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Takes an object out; an empty one if there is none.
    pub fn take_object(&mut self, name: &str) -> Object {
        self.0.remove(name).as_ref().and_then(Value::as_object).cloned().unwrap_or_default()
    }

    /// A list of keys and values becomes a map.
    pub fn tags_as_map(&mut self) {
        let Some(tags) = self.0.remove("Tags") else { return };
        let tag = |tag: &Value| {
            let text = |name: &str| tag.get(name).and_then(Value::as_str).map(str::to_owned);
            Some((text("Key")?, Value::from(text("Value")?)))
        };
        let tags: Object = tags.as_array().into_iter().flat_map(Array::iter).filter_map(tag).collect();
        self.0.insert("Tags", tags);
    }

    /// All of them, with numbers and truths that were texts.
    pub fn typed(self) -> Object {
        object(&self.0)
    }
}

/// The input of CreateDataSource.
pub fn source(mut properties: Properties) -> Object {
    if let Some(config) = properties.0.remove("DynamoDBConfig") {
        properties.0.insert("DynamodbConfig", config);
    }
    properties.typed()
}

fn object(object_: &Object) -> Object {
    object_.iter().map(|(name, value)| (name.clone(), typed(name, value))).collect()
}

fn typed(name: &str, value: &Value) -> Value {
    match value {
        // What is in there is the user's own.
        Value::Object(_) if matches!(name, "Tags" | "EnvironmentVariables") => value.clone(),
        Value::Object(members) => object(members).into(),
        Value::Array(items) => items.iter().map(|item| typed(name, item)).collect::<Array>().into(),
        Value::String(text) if NUMBERS.contains(&name) => {
            text.parse::<i64>().map_or_else(|_| value.clone(), Value::from)
        }
        Value::String(text) if is_truth(name) => match text.as_str() {
            "true" => true.into(),
            "false" => false.into(),
            _ => value.clone(),
        },
        other => other.clone(),
    }
}

fn is_truth(name: &str) -> bool {
    matches!(
        name,
        "Versioned"
            | "UseCallerCredentials"
            | "XrayEnabled"
            | "ExcludeVerboseContent"
            | "SSEEnabled"
            | "AtRestEncryptionEnabled"
            | "TransitEncryptionEnabled"
    )
}
