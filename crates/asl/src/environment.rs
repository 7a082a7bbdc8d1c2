//! What an expression may see while it is evaluated: the input, the Context Object, variables, and
//! random bits that somebody else drew.

use json::Value;

/// What stands around a state while its fields are evaluated.
pub trait Surroundings {
    /// The Context Object, `$$`. Built on first use: most fields never ask.
    fn context(&self) -> &Value;
    /// The value of the variable `name` (without `$`) as of the state's entry, innermost scope first.
    fn variable(&self, name: &str) -> Option<&Value>;
    /// Fresh random bits for `States.UUID` and an unseeded `States.MathRandom`. The same
    /// execution woken by the same wakeups draws the same bits.
    fn random(&self) -> u128;
}

/// Everything that a path, a template or an intrinsic call may refer to.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    /// `$`
    pub input: &'a Value,
    /// `$$`, `$name` and randomness.
    pub surroundings: &'a dyn Surroundings,
}

impl<'a> Environment<'a> {
    /// The same surroundings with another `$`.
    pub fn with_input(self, input: &'a Value) -> Self {
        Environment { input, ..self }
    }
}

#[cfg(test)]
pub(crate) mod testing {
    //! Surroundings for tests.

    use json::Value;

    use super::{Environment, Surroundings};

    /// A Context Object and variables; random bits are always the same.
    #[derive(Default)]
    pub(crate) struct World {
        pub(crate) context: Value,
        pub(crate) variables: Vec<(&'static str, Value)>,
    }

    impl World {
        pub(crate) fn environment<'a>(&'a self, input: &'a Value) -> Environment<'a> {
            Environment { input, surroundings: self }
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
    }
}
