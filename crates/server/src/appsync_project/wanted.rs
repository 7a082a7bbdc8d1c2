//! What is to be there. Members have the names that operations have for them, with a capital first.

use std::collections::BTreeMap;

use json::{Array, Object, Value};

/// What one description asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Inputs of CreateTable: a template brings its tables along.
    pub tables: Vec<Object>,
    /// The APIs.
    pub apis: Vec<Api>,
    /// What a template has beside them and nobody makes, a line each.
    pub left_out: Vec<String>,
}

/// An API of either kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Api {
    /// A GraphQL API.
    GraphQl(Box<GraphQl>),
    /// One of the Events API.
    Events(Box<Events>),
}

/// A GraphQL API.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GraphQl {
    /// It is known by its name.
    pub name: String,
    /// Of CreateGraphqlApi and UpdateGraphqlApi, the name included.
    pub settings: Object,
    /// SDL.
    pub schema: Option<Item<String>>,
    /// `EnvironmentVariables`
    pub environment: Object,
    /// API keys that the description names.
    pub keys: Vec<String>,
    /// Whether it is to have a key of the server's choosing, if it has none.
    pub any_key: bool,
    /// Of CreateApiCache.
    pub cache: Option<Object>,
    /// By name: of CreateDataSource.
    pub sources: BTreeMap<String, Item<Object>>,
    /// By name: of CreateFunction.
    pub functions: BTreeMap<String, Item<Object>>,
    /// By type and field.
    pub resolvers: BTreeMap<(String, String), Resolver>,
}

/// A resolver.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolver {
    /// Of CreateResolver, but for `PipelineConfig`: functions have identifiers only once they are there.
    pub item: Item<Object>,
    /// The functions of a pipeline, by name.
    pub functions: Option<Vec<String>>,
}

/// One of the Events API.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Events {
    /// It is known by its name.
    pub name: String,
    /// Of CreateApi and UpdateApi, the name included.
    pub settings: Object,
    /// As a GraphQL API has them.
    pub keys: Vec<String>,
    /// As a GraphQL API has it.
    pub any_key: bool,
    /// As a GraphQL API has them.
    pub sources: BTreeMap<String, Item<Object>>,
    /// By name: of CreateChannelNamespace.
    pub namespaces: BTreeMap<String, Item<Object>>,
}

/// A part of an API, and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Item<T> {
    /// What it shall be.
    pub input: T,
    /// The file or the logical identifier that people know it by.
    pub origin: String,
}

impl Api {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Api::GraphQl(api) => &api.name,
            Api::Events(api) => &api.name,
        }
    }
}

/// Whether something is as it is wished: each member of the wish is there as it says, and nothing of `others` is that the
/// wish leaves out.
pub fn is_as_wished(wish: &Object, there: &Value, others: &[&str]) -> bool {
    let left_out = others.iter().filter(|name| !wish.contains_key(name));
    wish.iter().all(|(name, value)| holds(there.get(name), value))
        && left_out.into_iter().all(|name| is_nothing(there.get(name)))
}

/// Members that a wish does not speak of are the server's to fill in.
fn holds(there: Option<&Value>, wished: &Value) -> bool {
    match (there, wished) {
        (_, wished) if is_nothing(Some(wished)) => is_nothing(there),
        (Some(Value::Object(there)), Value::Object(wished)) => {
            wished.iter().all(|(name, value)| holds(there.get(name), value))
        }
        (Some(Value::Array(there)), Value::Array(wished)) => {
            there.len() == wished.len()
                && there.iter().zip(wished.iter()).all(|(there, wished)| holds(Some(there), wished))
        }
        (Some(there), wished) => there == wished,
        (None, _) => false,
    }
}

/// What says as much as nothing at all.
fn is_nothing(value: Option<&Value>) -> bool {
    match value {
        None => true,
        Some(value) => {
            value.is_null()
                || value.as_bool() == Some(false)
                || value.as_i64() == Some(0)
                || value.as_str().is_some_and(str::is_empty)
                || value.as_array().is_some_and(Array::is_empty)
                || value.as_object().is_some_and(Object::is_empty)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use json::value;

    #[test]
    fn what_the_server_filled_in_is_no_difference_and_what_is_no_longer_wished_is() {
        let wish = value!({ "Name": "posts", "MaxBatchSize": 0, "Config": { "TableName": "posts" } });
        let wish = wish.as_object().unwrap();
        let there = value!({
            "Name": "posts", "Config": { "TableName": "posts", "Versioned": false }, "Arn": "arn:…", "Kind": "UNIT"
        });
        assert!(is_as_wished(wish, &there, &["Code"]));
        let code = value!({ "Name": "posts", "Config": { "TableName": "posts" }, "Code": "export …" });
        assert!(!is_as_wished(wish, &code, &["Code"]));
        let other = value!({ "Name": "posts", "Config": { "TableName": "comments" } });
        assert!(!is_as_wished(wish, &other, &[]));
    }
}
