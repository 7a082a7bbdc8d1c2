//! ApiCache: results of resolvers that are kept for a while, in memory.

use json::{Text, Value};
use services::Members;

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
}

impl Cached {
    /// Of a `cachingConfig`.
    pub fn of(record: &Value) -> Option<Cached> {
        let keys = record.texts("cachingKeys").into_iter().map(Text::from).collect();
        Some(Cached { ttl_seconds: seconds(record)?, keys })
    }
}

fn seconds(record: &Value) -> Option<u64> {
    u64::try_from(record.whole("ttl")?).ok()
}
