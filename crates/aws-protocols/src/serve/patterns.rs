//! The regular expressions of the models: which texts they match.
//!
//! Each is compiled when it is first asked for, and kept. Never here: look-around and back-references, which take time
//! without a bound; a pattern that has them matches everything, and the service checks it by hand.

use std::collections::BTreeMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use regex::{Regex, RegexBuilder};

/// All patterns that were asked for; as many as the models of the offered services have.
static KNOWN: LazyLock<RwLock<BTreeMap<&'static str, Option<Regex>>>> = LazyLock::new(RwLock::default);

/// The largest pattern of the offered services, with a counted repetition, takes a tenth of it.
const COMPILED_BYTES_MAX: usize = 4 << 20;

/// How models write "anything": AppSync's mapping templates have it, and have lines.
const ANYTHING: &str = "^.*$";

/// Whether all of a text matches a pattern.
pub(super) fn matches(pattern: &'static str, text: &str) -> bool {
    if pattern == ANYTHING {
        return true;
    }
    if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(pattern) {
        return is_match(known.as_ref(), text);
    }
    let compiled =
        RegexBuilder::new(&format!(r"\A(?:{pattern})\z")).size_limit(COMPILED_BYTES_MAX).build().ok();
    let matches = is_match(compiled.as_ref(), text);
    KNOWN.write().unwrap_or_else(PoisonError::into_inner).insert(pattern, compiled);
    matches
}

fn is_match(compiled: Option<&Regex>, text: &str) -> bool {
    compiled.is_none_or(|pattern| pattern.is_match(text))
}
