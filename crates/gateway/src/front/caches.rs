//! What is kept in memory to be quick: compiled deployments, and what authorizers answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::http_api::Compiled;
use crate::invoke::{Decision, Deployed, IdentityKey};

use super::Changes;

/// So many compiled deployments are kept; with some 100 KB each they take no more than some MB.
const DEPLOYED_MAX: usize = 200;
/// So many answers of authorizers are kept; the ones that end first go first.
const DECISIONS_MAX: usize = 10_000;

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Caches {
    /// By the keys of their records.
    deployed: BTreeMap<String, Arc<Deployed>>,
    http: BTreeMap<String, Arc<Compiled>>,
    decisions: BTreeMap<DecisionKey, (Arc<Decision>, i64)>,
}

/// Whose answer it is, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DecisionKey {
    pub(super) api: String,
    pub(super) stage: String,
    pub(super) authorizer: String,
    pub(super) identity: IdentityKey,
}

impl Caches {
    pub(super) fn deployed(&self, key: &str) -> Option<Arc<Deployed>> {
        self.deployed.get(key).cloned()
    }

    pub(super) fn keep_deployed(&mut self, key: String, deployed: Arc<Deployed>) {
        if self.deployed.len() >= DEPLOYED_MAX {
            self.deployed.pop_first();
        }
        self.deployed.insert(key, deployed);
    }

    pub(super) fn http(&self, key: &str) -> Option<Arc<Compiled>> {
        self.http.get(key).cloned()
    }

    pub(super) fn keep_http(&mut self, key: String, compiled: Arc<Compiled>) {
        if self.http.len() >= DEPLOYED_MAX {
            self.http.pop_first();
        }
        self.http.insert(key, compiled);
    }

    /// An answer that is still good.
    pub(super) fn decision(&self, key: &DecisionKey, now: i64) -> Option<Arc<Decision>> {
        self.decisions.get(key).filter(|(_, until)| *until > now).map(|(decision, _)| decision.clone())
    }

    pub(super) fn keep_decision(&mut self, key: DecisionKey, decision: Arc<Decision>, now: i64, until: i64) {
        if self.decisions.len() >= DECISIONS_MAX {
            self.decisions.retain(|_, (_, until)| *until > now);
        }
        if self.decisions.len() >= DECISIONS_MAX {
            self.decisions.pop_first();
        }
        self.decisions.insert(key, (decision, until));
    }

    pub(super) fn forget_decisions(&mut self, api: &str, stage: &str) {
        self.decisions.retain(|key, _| key.api != api || key.stage != stage);
    }

    /// What was compiled of records that are other ones now.
    pub(super) fn forget(&mut self, changes: &Changes) {
        for key in changes.keys() {
            self.deployed.remove(key);
            self.http.remove(key);
            if let Some(api) = key.strip_prefix("rest/").or_else(|| key.strip_prefix("http/")) {
                self.decisions.retain(|known, _| known.api != api);
            }
        }
    }
}
