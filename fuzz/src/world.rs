//! What stands around an expression: the input again, wherever it looks.

use json::Value;
use jsonata::StatesMember;

/// The Context Object, each variable and each member of `$states` are the input.
pub struct World(pub Value);

impl asl::Surroundings for World {
    fn context(&self) -> &Value {
        &self.0
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        // One that nobody has bound is worth a try, too.
        (name != "nobody").then_some(&self.0)
    }

    fn random(&self) -> u128 {
        0x0123_4567_89ab_cdef_0123_4567_89ab_cdef
    }
}

impl jsonata::Surroundings for World {
    fn states(&self, member: StatesMember) -> Option<&Value> {
        (member != StatesMember::ErrorOutput).then_some(&self.0)
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        (name == "v").then_some(&self.0)
    }
}
