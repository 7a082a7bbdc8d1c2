//! Where things are kept: the keys of all records. Their values are JSON, in the shapes of AppSync's own API.
//!
//! | key | value |
//! | --- | --- |
//! | `api/ID` | `graphqlApi`, but for its addresses |
//! | `schema/ID` | `{"definition": "…", "status": "SUCCESS", "details": "…"}` |
//! | `key/ID/KEY` | `apiKey` |
//! | `source/ID/NAME` | `dataSource` |
//! | `function/ID/FUNCTION` | `functionConfiguration` |
//! | `resolver/ID/TYPE/FIELD` | `resolver` |
//! | `environment/ID` | `environmentVariables` |
//! | `cache/ID` | `apiCache` |
//! | `event-api/ID` | `api` of the Events API, but for its addresses |
//! | `namespace/ID/NAME` | `channelNamespace` |
//! | `merge/ID/ASSOCIATION` | `{"association": sourceApiAssociation, "number": its place, "sdl": "the source's, as it was merged"}` |
//! | `positions` | `{"key": "what seals the positions that clients are given, in Base64"}` |
//! | `domain/NAME` | `{"config": domainNameConfig, "association": apiAssociation or null}` |

/// A GraphQL API.
pub(crate) fn api(id: &str) -> String {
    format!("api/{id}")
}

/// Its schema.
pub(crate) fn schema(id: &str) -> String {
    format!("schema/{id}")
}

/// One of its API keys, or all with an empty one.
pub(crate) fn key(id: &str, key: &str) -> String {
    format!("key/{id}/{key}")
}

/// One of its data sources, or all with an empty name.
pub(crate) fn source(id: &str, name: &str) -> String {
    format!("source/{id}/{name}")
}

/// One of its functions, or all with an empty identifier.
pub(crate) fn function(id: &str, function: &str) -> String {
    format!("function/{id}/{function}")
}

/// A resolver of a field.
pub(crate) fn resolver(id: &str, type_name: &str, field: &str) -> String {
    format!("resolver/{id}/{type_name}/{field}")
}

/// All resolvers.
pub(crate) fn resolvers(id: &str) -> String {
    format!("resolver/{id}/")
}

/// Its environment variables.
pub(crate) fn environment(id: &str) -> String {
    format!("environment/{id}")
}

/// Its cache.
pub(crate) fn cache(id: &str) -> String {
    format!("cache/{id}")
}

/// An API of the Events API.
pub(crate) fn event_api(id: &str) -> String {
    format!("event-api/{id}")
}

/// One of its channel namespaces, or all with an empty name.
pub(crate) fn namespace(id: &str, name: &str) -> String {
    format!("namespace/{id}/{name}")
}

/// An association of a merged API with a source, or all with an empty identifier.
pub(crate) fn merge(id: &str, association: &str) -> String {
    format!("merge/{id}/{association}")
}

/// The key of `nextToken`s.
pub(crate) const POSITIONS: &str = "positions";

/// A domain name.
pub(crate) fn domain(name: &str) -> String {
    format!("domain/{name}")
}
