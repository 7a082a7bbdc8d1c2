//! What is kept in memory to be quick: compiled deployments, and what authorizers answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::http_api::{Compiled, Verdict};
use crate::invoke::{Decision, Deployed, IdentityKey};

use super::Changes;

/// So many compiled deployments are kept; with some 100 KB each they take no more than some MB.
const DEPLOYED_MAX: usize = 200;
/// So many answers of authorizers are kept; those that are no longer good go first.
const DECISIONS_MAX: usize = 10_000;

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Caches {
    /// By the keys of their records.
    deployed: BTreeMap<String, Arc<Deployed>>,
    http: BTreeMap<String, Arc<Compiled>>,
    decisions: BTreeMap<DecisionKey, (Arc<Decision>, i64)>,
    verdicts: BTreeMap<VerdictKey, (Arc<Verdict>, i64)>,
}

/// Whose answer it is, and for whom. (HTTP APIs have the same.)
pub(super) type VerdictKey = DecisionKey;

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
        good(&self.decisions, key, now)
    }

    pub(super) fn keep_decision(&mut self, key: DecisionKey, decision: Arc<Decision>, now: i64, until: i64) {
        keep(&mut self.decisions, key, decision, now, until);
    }

    pub(super) fn verdict(&self, key: &VerdictKey, now: i64) -> Option<Arc<Verdict>> {
        good(&self.verdicts, key, now)
    }

    pub(super) fn keep_verdict(&mut self, key: VerdictKey, verdict: Arc<Verdict>, now: i64, until: i64) {
        keep(&mut self.verdicts, key, verdict, now, until);
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
                self.verdicts.retain(|known, _| known.api != api);
            }
        }
    }
}

/// Answers, and until when each is good.
type Answers<T> = BTreeMap<DecisionKey, (Arc<T>, i64)>;

fn good<T>(answers: &Answers<T>, key: &DecisionKey, now: i64) -> Option<Arc<T>> {
    answers.get(key).filter(|(_, until)| *until > now).map(|(answer, _)| answer.clone())
}

fn keep<T>(answers: &mut Answers<T>, key: DecisionKey, answer: Arc<T>, now: i64, until: i64) {
    if answers.len() >= DECISIONS_MAX {
        answers.retain(|_, (_, until)| *until > now);
    }
    if answers.len() >= DECISIONS_MAX {
        answers.pop_first();
    }
    answers.insert(key, (answer, until));
}
