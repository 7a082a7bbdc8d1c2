//! What an expression may see of the world, and how much of it it may use up.

use json::Value;

/// What stands around an expression while it is evaluated.
pub trait Surroundings {
    /// A member of `$states`. Asked for only when the expression names it, so it may be built on
    /// demand. `None` where there is no such member.
    fn states(&self, member: StatesMember) -> Option<&Value>;
    /// The value of a variable, without its `$`. One that has the name of a built-in function hides it.
    fn variable(&self, name: &str) -> Option<&Value>;
}

/// No `$states` and no variables.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

impl Surroundings for Nothing {
    fn states(&self, _: StatesMember) -> Option<&Value> {
        None
    }

    fn variable(&self, _: &str) -> Option<&Value> {
        None
    }
}

/// The members of `$states`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatesMember {
    /// `$states.input`
    Input,
    /// `$states.context`
    Context,
    /// `$states.result`
    Result,
    /// `$states.errorOutput`
    ErrorOutput,
}

impl StatesMember {
    /// All of them, in AWS's order.
    pub const ALL: [StatesMember; 4] =
        [StatesMember::Input, StatesMember::Context, StatesMember::Result, StatesMember::ErrorOutput];

    /// The name behind `$states.`.
    pub fn name(self) -> &'static str {
        match self {
            StatesMember::Input => "input",
            StatesMember::Context => "context",
            StatesMember::Result => "result",
            StatesMember::ErrorOutput => "errorOutput",
        }
    }

    /// The member of this name.
    pub fn of(name: &str) -> Option<StatesMember> {
        StatesMember::ALL.into_iter().find(|member| member.name() == name)
    }
}

/// Time and chance, which a pure evaluation is given. The same expression with the same
/// surroundings and the same `Outside` gives the same value.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outside {
    /// Milliseconds since 1970, for `$now()` and `$millis()`.
    pub now: i64,
    /// What `$random()`, `$uuid()` and `$shuffle()` draw from.
    pub seed: u128,
}

/// How much work an evaluation may be.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Nodes evaluated, items looked at, and a share of each byte read or written.
    pub steps: u64,
    /// Bytes of what is alive at a time and of all texts made. After an evaluation, those of the texts are
    /// gone.
    pub bytes: usize,
    /// How deep evaluation may nest; a call within a call is about three levels.
    pub depth: u32,
}

impl Default for Budget {
    /// A step takes some 10 to 50 ns, so ten million are well within a second on one core.
    /// 64 MiB is eight times what AWS grants. A depth of 300 is more than AWS bears (it gives up at a
    /// sum of 200 terms) and fits a stack of 2 MiB with room to spare.
    fn default() -> Budget {
        Budget { steps: 10_000_000, bytes: 64 << 20, depth: 300 }
    }
}
