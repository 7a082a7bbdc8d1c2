//! Descriptions of tables, indexes and streams: the engine has a region and an account of its own, callers have theirs.
//!
//! Never here: ARNs in items, which are what somebody stored.

use json::{Object, Value};

/// What the engine's ARNs begin with.
const OWN: &str = "arn:aws:dynamodb:dynoxide:000000000000:";

/// What the engine tells of a table and the model of DynamoDB here does not have yet.
const NEWER: [&str; 2] = ["TableThroughputModeSummary", "VectorIndexes"];

/// The members that name a shard, and what callers see behind such a name: the model asks for longer ones than the
/// engine's.
const SHARDS: [&str; 3] = ["ExclusiveStartShardId", "ParentShardId", "ShardId"];
const SHARD_END: &str = "-00000000";

/// Where a caller's tables are.
pub(crate) struct Arns {
    start: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    In,
    Out,
}

impl Arns {
    pub(crate) fn new(region: &str, account: &str) -> Arns {
        Arns { start: format!("arn:aws:dynamodb:{region}:{account}:") }
    }

    /// What a caller names, as the engine names it.
    pub(crate) fn inwards(&self, value: &Value) -> Value {
        self.replaced(value, Way::In)
    }

    /// What the engine tells of a table, as the caller names it.
    pub(crate) fn outwards(&self, value: &Value) -> Value {
        self.replaced(value, Way::Out)
    }

    /// The same in a text.
    pub(crate) fn in_text(&self, text: &str) -> String {
        text.replace(OWN, &self.start)
    }

    /// The recursion follows the value, whose depth its parser bounds.
    fn replaced(&self, value: &Value, way: Way) -> Value {
        match value {
            Value::String(text) => self.replaced_text(text, way).unwrap_or_else(|| value.clone()),
            Value::Array(elements) => elements.iter().map(|value| self.replaced(value, way)).collect(),
            Value::Object(members) => {
                let members = members.iter().filter(|(name, _)| !NEWER.contains(&name.as_str()));
                let members = members.map(|(name, value)| {
                    let shard = value.as_str().filter(|_| SHARDS.contains(&name.as_str()));
                    let value = match (shard, way) {
                        (Some(shard), Way::In) => shard.strip_suffix(SHARD_END).unwrap_or(shard).into(),
                        (Some(shard), Way::Out) => format!("{shard}{SHARD_END}").into(),
                        (None, _) => self.replaced(value, way),
                    };
                    (name.clone(), value)
                });
                members.collect::<Object>().into()
            }
            value => value.clone(),
        }
    }

    fn replaced_text(&self, text: &str, way: Way) -> Option<Value> {
        let (from, to) = match way {
            Way::In => (self.start.as_str(), OWN),
            Way::Out => (OWN, self.start.as_str()),
        };
        Some(format!("{to}{}", text.strip_prefix(from)?).into())
    }
}
