//! What an expression sees beside its input: what the caller gives, the time, and chance.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

use asl::{Budget, Timestamp};
use json::{Text, Value};

/// For one evaluation, with the budget of one state.
pub(super) struct Surroundings {
    context: Value,
    variables: BTreeMap<Text, Value>,
    now: Timestamp,
    budget: Cell<Budget>,
    /// Random bits are the hash of a counter under a fresh key.
    key: RandomState,
    drawn: Cell<u64>,
}

impl Surroundings {
    pub fn new(context: Value, variables: BTreeMap<Text, Value>, now: Timestamp) -> Surroundings {
        let (budget, key, drawn) = (Cell::default(), RandomState::new(), Cell::default());
        Surroundings { context, variables, now, budget, key, drawn }
    }

    /// How many steps were taken.
    pub fn steps(&self) -> u64 {
        Budget::default().steps.saturating_sub(self.budget.get().steps)
    }
}

impl asl::Surroundings for Surroundings {
    fn context(&self) -> &Value {
        &self.context
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        self.variables.get(name)
    }

    fn random(&self) -> u128 {
        let number = self.drawn.replace(self.drawn.get() + 1);
        let (high, low) = (self.key.hash_one((number, 0_u8)), self.key.hash_one((number, 1_u8)));
        u128::from(high) << 64 | u128::from(low)
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn budget(&self) -> &Cell<Budget> {
        &self.budget
    }
}
