//! Persisted queries, an extension: who has sent a query once may send its SHA-256 instead, as Apollo's clients do.
//!
//! They are kept in memory: a client that hears `PersistedQueryNotFound` sends the text again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use json::{Text, Value};
use sha2::{Digest, Sha256};

use super::{Answered, Asked};

/// Texts of so many bytes are kept of all APIs; when there are more, all are forgotten.
const KEPT_BYTES_MAX: usize = 16 << 20;
/// Longer texts are not kept.
const TEXT_BYTES_MAX: usize = 64 << 10;

/// Queries by API and hash.
#[derive(Debug, Default)]
pub(crate) struct Persisted(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    texts: BTreeMap<(Text, Text), Text>,
    bytes: usize,
}

impl Persisted {
    /// Puts the text in place of its hash, or keeps it if both came. A refusal is an answer.
    pub fn complete(&self, api_id: &Text, asked: &mut Asked) -> Result<(), Answered> {
        let Some(hash) = asked.hash.clone() else { return Ok(()) };
        let key = (api_id.clone(), hash);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.query.is_empty() {
            let query = kept
                .texts
                .get(&key)
                .ok_or_else(|| refused("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND"))?;
            asked.query = query.clone();
            return Ok(());
        }
        if hex(&Sha256::digest(asked.query.as_bytes())) != key.1.as_str() {
            return Err(refused("provided sha does not match query", "BAD_REQUEST"));
        }
        if asked.query.len() <= TEXT_BYTES_MAX {
            if kept.bytes + asked.query.len() > KEPT_BYTES_MAX {
                *kept = Kept::default();
            }
            kept.bytes += asked.query.len();
            kept.texts.insert(key, asked.query.clone());
        }
        Ok(())
    }
}

fn refused(message: &str, code: &str) -> Answered {
    let body = json::value!({"errors": [{"message": message, "extensions": {"code": code}}]});
    Answered { body, headers: Vec::new() }
}

/// `extensions.persistedQuery.sha256Hash` of a body.
pub(super) fn hash(body: &Value) -> Option<Text> {
    let persisted = body.get("extensions")?.get("persistedQuery")?;
    persisted.get("sha256Hash").and_then(Value::as_str).map(Text::from)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38";

    fn asked(query: &str, hash: &str) -> Asked {
        Asked { query: query.into(), hash: Some(hash.into()), ..Asked::default() }
    }

    #[test]
    fn a_hash_stands_for_a_text_that_came_before() {
        let (persisted, api) = (Persisted::default(), Text::from("a"));
        let complete =
            |asked: &mut Asked| persisted.complete(&api, asked).map_err(|answered| answered.body.to_text());
        let not_found = r#"{"errors":[{"message":"PersistedQueryNotFound","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}"#;
        assert_eq!(complete(&mut asked("", HASH)), Err(not_found.to_owned()));
        assert_eq!(complete(&mut asked("{__typename}", HASH)), Ok(()));
        let mut short = asked("", HASH);
        assert_eq!(complete(&mut short), Ok(()));
        assert_eq!(short.query, "{__typename}");
        assert!(complete(&mut asked("{ other }", HASH)).unwrap_err().contains("does not match"));
        let other = Text::from("b");
        assert!(persisted.complete(&other, &mut asked("", HASH)).is_err(), "it is another API's");
    }
}
