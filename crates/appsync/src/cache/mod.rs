//! ApiCache: results of resolvers that are kept for a while, in memory. (spec/appsync.md §9)
//!
//! A key is a text of all that a result depends on. Never here: resolvers.

mod store;

use json::{Object, Text, Value};

use services::Members;

use crate::authorization::Identity;

pub(crate) use store::Cache;

/// What an API's cache does. (`apiCache`)
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caching {
    /// `apiCachingBehavior`
    pub behavior: Behavior,
    /// `ttl`, in seconds.
    pub ttl_seconds: u64,
}

/// What is cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behavior {
    /// Every resolver of a query.
    FullRequest,
    /// Resolvers that have a `cachingConfig`.
    PerResolver,
    /// The response as a whole.
    Operation,
}

/// A resolver's `cachingConfig`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cached {
    /// `ttl`, in seconds.
    pub ttl_seconds: u64,
    /// `cachingKeys`: `$context.arguments.id`
    pub keys: Vec<Text>,
}

/// Where a resolver's result is kept, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Within the API.
    pub key: String,
    /// In seconds.
    pub ttl_seconds: u64,
}

impl Caching {
    /// Of an `apiCache`; nothing while it is being deleted.
    pub fn of(record: &Value) -> Option<Caching> {
        let behavior = match record.text("apiCachingBehavior")? {
            "FULL_REQUEST_CACHING" => Behavior::FullRequest,
            "PER_RESOLVER_CACHING" => Behavior::PerResolver,
            "OPERATION_LEVEL_CACHING" => Behavior::Operation,
            _ => return None,
        };
        Some(Caching { behavior, ttl_seconds: seconds(record)? })
    }

    /// Where the result of a resolver is kept; nothing if it is not. `field` is `Query.post`.
    pub fn slot(
        &self,
        field: &str,
        cached: Option<&Cached>,
        arguments: &Object,
        source: &Value,
        identity: &Identity,
    ) -> Option<Slot> {
        let (keys, ttl_seconds) = match (self.behavior, cached) {
            (Behavior::FullRequest, _) => (&[][..], self.ttl_seconds),
            (Behavior::PerResolver, Some(cached)) => (cached.keys.as_slice(), cached.ttl_seconds),
            (Behavior::PerResolver, None) | (Behavior::Operation, _) => return None,
        };
        let whole = [Value::from(arguments.clone()), source.clone(), identity.context.clone()];
        let values: Vec<Value> = match keys {
            // Without keys a result depends on all that there is; resolvers may ask how somebody was let in.
            [] => whole.into_iter().chain([identity.mode.auth_type().into()]).collect(),
            // One that has no value is the key of nothing: AppSync keeps no result then.
            keys => keys.iter().map(|key| named(key, &whole)).collect::<Option<_>>()?,
        };
        Some(Slot { key: key_of(field, values), ttl_seconds })
    }

    /// Where the response to an operation is kept; nothing if it is not.
    pub fn slot_of_operation(
        &self,
        query: &str,
        operation_name: Option<&Text>,
        variables: &Object,
        identity: &Identity,
    ) -> Option<Slot> {
        // A whole response is what this identity may see: all that decides about that is part of the key.
        let values = vec![
            query.into(),
            operation_name.cloned().into(),
            variables.clone().into(),
            identity.context.clone(),
            identity.mode.auth_type().into(),
            identity.groups.clone().into(),
            identity.is_allowed_by_default.into(),
            identity.denied_fields.clone().into(),
        ];
        (self.behavior == Behavior::Operation)
            .then(|| Slot { key: key_of("", values), ttl_seconds: self.ttl_seconds })
    }
}

impl Cached {
    /// Of a `cachingConfig`.
    pub fn of(record: &Value) -> Option<Cached> {
        let keys = record.texts("cachingKeys").into_iter().map(Text::from).collect();
        Some(Cached { ttl_seconds: seconds(record)?, keys })
    }
}

/// The key of the entry that `evictFromApiCache(type, field, keys)` names: the values in the order in which they are given.
pub(crate) fn evicted(arguments: &[Value]) -> Option<String> {
    let [type_, field, keys] = arguments else { return None };
    let values = match keys {
        Value::Object(keys) => keys.values().cloned().collect(),
        Value::Array(keys) => keys.iter().cloned().collect(),
        _ => return None,
    };
    Some(key_of(&format!("{}.{}", type_.as_str()?, field.as_str()?), values))
}

fn key_of(field: &str, values: Vec<Value>) -> String {
    format!("{field} {}", Value::from(values).to_text())
}

/// The value of `$context.arguments.id` and the like, if there is one.
fn named(key: &str, [arguments, source, identity]: &[Value; 3]) -> Option<Value> {
    let mut steps = key.trim_start_matches('$').split('.').skip(1);
    let mut value = match steps.next() {
        Some("arguments" | "args") => arguments,
        Some("source") => source,
        Some("identity") => identity,
        _ => return None,
    };
    for step in steps {
        value = value.get(step)?;
    }
    Some(value.clone()).filter(|value| !value.is_null())
}

fn seconds(record: &Value) -> Option<u64> {
    u64::try_from(record.whole("ttl")?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use json::value;

    fn slot(behavior: &str, config: Option<Value>) -> Option<String> {
        let caching = Caching::of(&value!({"apiCachingBehavior": behavior, "ttl": 60})).unwrap();
        let cached = config.as_ref().and_then(Cached::of);
        let arguments = value!({"id": "1", "by": {"name": "Ada"}});
        let arguments = arguments.as_object().unwrap();
        let identity = Identity { context: value!({"sub": "u"}), ..Identity::default() };
        let slot = caching.slot("Query.post", cached.as_ref(), arguments, &Value::Null, &identity);
        slot.map(|slot| format!("{}s {}", slot.ttl_seconds, slot.key))
    }

    #[test]
    fn keys_are_what_a_result_depends_on() {
        let whole = r#"Query.post [{"id":"1","by":{"name":"Ada"}},null,{"sub":"u"},"API Key Authorization"]"#;
        assert_eq!(slot("FULL_REQUEST_CACHING", None), Some(format!("60s {whole}")));
        assert_eq!(slot("PER_RESOLVER_CACHING", None), None);
        let config = |keys: Value| Some(value!({"ttl": 5, "cachingKeys": keys}));
        assert_eq!(slot("PER_RESOLVER_CACHING", config(value!([]))), Some(format!("5s {whole}")));
        let keys = value!(["$context.arguments.by.name", "$ctx.identity.sub"]);
        assert_eq!(
            slot("PER_RESOLVER_CACHING", config(keys)),
            Some(r#"5s Query.post ["Ada","u"]"#.to_owned())
        );
        let keys = value!(["$context.arguments.by.name", "$context.source.id"]);
        assert_eq!(slot("PER_RESOLVER_CACHING", config(keys)), None, "one of them has no value");
        assert_eq!(slot("OPERATION_LEVEL_CACHING", config(value!([]))), None);
    }

    #[test]
    fn whole_responses_are_one_identity_s() {
        let caching =
            Caching::of(&value!({"apiCachingBehavior": "OPERATION_LEVEL_CACHING", "ttl": 60})).unwrap();
        let key = |identity: &Identity| {
            caching.slot_of_operation("{ me }", None, &Object::new(), identity).unwrap().key
        };
        let somebody = Identity { context: value!({"resolverContext": {}}), ..Identity::default() };
        for other in [
            Identity { denied_fields: vec!["User.secret".into()], ..somebody.clone() },
            Identity { mode: crate::authorization::Mode::Iam, ..somebody.clone() },
            Identity { groups: vec!["editors".into()], ..somebody.clone() },
            Identity { is_allowed_by_default: !somebody.is_allowed_by_default, ..somebody.clone() },
        ] {
            assert_ne!(key(&other), key(&somebody), "{other:?}");
        }
    }

    #[test]
    fn an_eviction_names_the_same_key() {
        let keys = value!({"context.arguments.by.name": "Ada", "context.identity.sub": "u"});
        let named = evicted(&["Query".into(), "post".into(), keys]);
        assert_eq!(named.as_deref(), Some(r#"Query.post ["Ada","u"]"#));
        assert_eq!(evicted(&["Query".into()]), None);
        // Keys are matched strictly: without any, nothing is evicted that has some, or depends on all that there is.
        let without = evicted(&["Query".into(), "post".into(), value!({})]);
        assert_eq!(without.as_deref(), Some("Query.post []"));
    }
}
