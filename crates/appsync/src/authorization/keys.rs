//! The secrets that signatures are checked with, and what was learnt of those who sign or decide elsewhere.

use std::collections::BTreeMap;

use sigv4::SigningKeys;
use tokens::Issuers;

use super::function::Decisions;

/// What all APIs of a server share to find out who asks.
#[derive(Default)]
pub(crate) struct Keys {
    /// Access key → secret. `None`: any signature will do.
    pub(super) secrets: Option<BTreeMap<String, String>>,
    /// Signing keys, derived once.
    pub(super) derived: SigningKeys,
    /// Public keys of those who issue tokens.
    pub(super) issuers: Issuers,
    /// What functions that authorise have said.
    pub(super) decisions: Decisions,
}

impl Keys {
    /// Nothing is learnt yet.
    pub fn new(secrets: Option<BTreeMap<String, String>>) -> Keys {
        Keys { secrets, ..Keys::default() }
    }
}
