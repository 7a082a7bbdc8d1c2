//! What is cached, of all APIs: results by their keys, for a while, within a bound.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use json::{Text, Value};

/// All APIs' results together take no more; when they would, all are forgotten, which costs each of them one call.
const BYTES_MAX: usize = 64 << 20;
/// A larger result is not kept: it would push out all others.
const RESULT_BYTES_MAX: usize = 1 << 20;

/// The results that are kept.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// By API, and within it by key.
    results: BTreeMap<Text, BTreeMap<String, Entry>>,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    value: Value,
    bytes: usize,
    /// Milliseconds since 1970.
    expires_at: i64,
}

impl Cache {
    /// A result that is still good.
    pub fn find(&self, api_id: &str, key: &str, now: i64) -> Option<Value> {
        let mut kept = self.kept();
        let entries = kept.results.get_mut(api_id)?;
        let entry = entries.get(key)?;
        if entry.expires_at > now {
            return Some(entry.value.clone());
        }
        let bytes = entries.remove(key).map_or(0, |entry| entry.bytes);
        kept.bytes -= bytes;
        None
    }

    /// Keeps a result until then.
    pub fn keep(&self, api_id: &Text, key: String, value: Value, expires_at: i64) {
        let Some(text) = value.to_text_up_to(RESULT_BYTES_MAX) else { return };
        let bytes = text.len() + key.len();
        let mut kept = self.kept();
        if kept.bytes + bytes > BYTES_MAX {
            *kept = Kept::default();
        }
        let entries = kept.results.entry(api_id.clone()).or_default();
        let before = entries.insert(key, Entry { value, bytes, expires_at });
        kept.bytes += bytes;
        kept.bytes -= before.map_or(0, |entry| entry.bytes);
    }

    /// Forgets one result, and says whether there was one.
    pub fn evict(&self, api_id: &str, key: &str, now: i64) -> bool {
        let mut kept = self.kept();
        let removed = kept.results.get_mut(api_id).and_then(|entries| entries.remove(key));
        kept.bytes -= removed.as_ref().map_or(0, |entry| entry.bytes);
        removed.is_some_and(|entry| entry.expires_at > now)
    }

    /// Forgets all that an API has. (FlushApiCache)
    pub fn flush(&self, api_id: &str) {
        let mut kept = self.kept();
        let entries = kept.results.remove(api_id).unwrap_or_default();
        kept.bytes -= entries.values().map(|entry| entry.bytes).sum::<usize>();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_good_until_they_expire_are_evicted_or_flushed() {
        let (cache, api) = (Cache::default(), Text::from("a"));
        for key in ["one", "two", "three"] {
            cache.keep(&api, key.to_owned(), key.into(), 100);
        }
        assert_eq!(cache.find("a", "one", 99), Some("one".into()));
        assert_eq!(cache.find("b", "one", 99), None);
        assert_eq!(cache.find("a", "one", 100), None, "it has expired");
        assert!(cache.evict("a", "two", 99));
        assert!(!cache.evict("a", "two", 99), "it is gone");
        cache.flush("a");
        assert_eq!(cache.find("a", "three", 0), None);
        assert_eq!(cache.kept().bytes, 0);
    }

    #[test]
    fn there_is_a_bound() {
        let (cache, api) = (Cache::default(), Text::from("a"));
        let large = Value::from("x".repeat(RESULT_BYTES_MAX - 100));
        for number in 0..200 {
            cache.keep(&api, number.to_string(), large.clone(), 100);
            assert!(cache.kept().bytes <= BYTES_MAX);
        }
        cache.keep(&api, "more".to_owned(), Value::from("x".repeat(RESULT_BYTES_MAX)), 100);
        assert_eq!(cache.find("a", "more", 0), None, "it is too large");
    }
}
