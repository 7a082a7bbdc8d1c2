//! What stands around an expression: the input again, wherever it looks.

use std::cell::Cell;

use asl::Timestamp;
use json::Value;
use jsonata::{Budget, StatesMember};

/// The Context Object, each variable and each member of `$states` are the input.
pub struct World {
    value: Value,
    budget: Cell<Budget>,
}

impl World {
    /// One with a budget of its own.
    pub fn new(value: Value) -> World {
        World { value, budget: Cell::new(Budget::default()) }
    }
}

impl asl::Surroundings for World {
    fn context(&self) -> &Value {
        &self.value
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        // One that nobody has bound is worth a try, too.
        (name != "nobody").then_some(&self.value)
    }

    fn random(&self) -> u128 {
        0x0123_4567_89ab_cdef_0123_4567_89ab_cdef
    }

    fn now(&self) -> Timestamp {
        Timestamp(1_735_689_600_000)
    }

    fn budget(&self) -> &Cell<Budget> {
        &self.budget
    }
}

impl jsonata::Surroundings for World {
    fn states(&self, member: StatesMember) -> Option<&Value> {
        (member != StatesMember::ErrorOutput).then_some(&self.value)
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        (name == "v").then_some(&self.value)
    }
}
