//! What an expression may see while it is evaluated: the input, what the work gave, the Context
//! Object, variables, and the time and random bits that somebody else read and drew.

use std::cell::Cell;

use json::Value;
use jsonata::Budget;

use crate::timestamp::Timestamp;

/// What stands around a state while its fields are evaluated.
pub trait Surroundings {
    /// The Context Object, `$$`. Built on first use: most fields never ask.
    fn context(&self) -> &Value;
    /// The value of the variable `name` (without `$`) as of the state's entry, innermost scope first.
    fn variable(&self, name: &str) -> Option<&Value>;
    /// Fresh random bits for `States.UUID` and an unseeded `States.MathRandom`. The same
    /// execution woken by the same wakeups draws the same bits.
    fn random(&self) -> u128;
    /// The time of what is happening, for `$now()` and `$millis()` of JSONata.
    fn now(&self) -> Timestamp;
    /// What everything that the state evaluates may use up between them, in either language: less after each.
    fn budget(&self) -> &Cell<Budget>;
}

/// What became of the state's work: JSONata finds it in `$states`. (JSONPath has it as `$`.)
#[derive(Clone, Copy, Debug, Default)]
pub enum Outcome<'a> {
    /// It has not been done yet, or the state has none.
    #[default]
    None,
    /// `$states.result`
    Result(&'a Value),
    /// `$states.errorOutput`, in a Catcher.
    Error(&'a Value),
}

/// Everything that a path, a template, an intrinsic call or a JSONata expression may refer to.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    /// `$` of JSONPath, `$states.input` of JSONata.
    pub input: &'a Value,
    /// `$states.result` or `$states.errorOutput`.
    pub outcome: Outcome<'a>,
    /// `$$`, `$name` and randomness.
    pub surroundings: &'a dyn Surroundings,
}

impl<'a> Environment<'a> {
    /// Before the state's work.
    pub fn new(input: &'a Value, surroundings: &'a dyn Surroundings) -> Self {
        Environment { input, outcome: Outcome::None, surroundings }
    }

    /// The same after the state's work.
    pub fn with_outcome(self, outcome: Outcome<'a>) -> Self {
        Environment { outcome, ..self }
    }

    /// The same surroundings with another `$`.
    pub fn with_input(self, input: &'a Value) -> Self {
        Environment { input, ..self }
    }
}

#[cfg(test)]
pub(crate) mod testing {
    //! Surroundings for tests.

    use std::cell::Cell;

    use json::Value;
    use jsonata::Budget;

    use super::{Environment, Surroundings};
    use crate::timestamp::Timestamp;

    /// A Context Object and variables; random bits are always the same.
    #[derive(Default)]
    pub(crate) struct World {
        pub(crate) context: Value,
        pub(crate) variables: Vec<(&'static str, Value)>,
        pub(crate) budget: Cell<Budget>,
    }

    impl World {
        pub(crate) fn environment<'a>(&'a self, input: &'a Value) -> Environment<'a> {
            Environment::new(input, self)
        }
    }

    impl Surroundings for World {
        fn context(&self) -> &Value {
            &self.context
        }

        fn variable(&self, name: &str) -> Option<&Value> {
            self.variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
        }

        fn random(&self) -> u128 {
            0x0123_4567_89ab_cdef_0123_4567_89ab_cdef
        }

        /// 2025-01-01T00:00:00Z
        fn now(&self) -> Timestamp {
            Timestamp(1_735_689_600_000)
        }

        fn budget(&self) -> &Cell<Budget> {
            &self.budget
        }
    }
}
