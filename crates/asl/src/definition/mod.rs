//! From a definition's text to a compiled machine: read, check everything, then build.

use crate::diagnostic::Diagnostic;
use crate::machine::StateMachine;

/// What the check depends on beside the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// EXPRESS machines may not use `.sync`, `.waitForTaskToken`, activities or distributed Maps.
    pub express: bool,
}

/// What [`compile`] found.
#[derive(Debug)]
pub struct Compiled {
    /// The machine; `None` if any diagnostic is an error.
    pub machine: Option<StateMachine>,
    /// Everything found, in AWS's order: schema, then graph.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks and compiles a definition (JSON text). Never stops at the first mistake.
pub fn compile(definition: &str, options: Options) -> Compiled {
    todo!("{definition} {options:?}")
}
