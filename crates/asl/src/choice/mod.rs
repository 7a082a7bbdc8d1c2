//! Choice rules: what makes one hold.

use crate::environment::Environment;
use crate::failure::Failure;

/// A compiled condition of a Choice rule.
#[derive(Debug)]
pub enum Condition {}

impl Condition {
    /// Whether it holds. `Err`: a path that had to be there was not (`States.Runtime`).
    pub fn holds(&self, environment: &Environment<'_>) -> Result<bool, Failure> {
        todo!("{:?}", environment.input)
    }
}
