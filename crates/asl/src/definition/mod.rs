//! From a definition's text to a compiled machine: read, check everything, resolve every name.
//!
//! The schema's findings come first, then those about expressions in JSONata, then those about the
//! graph, as on AWS. Never here: what a path,
//! a template or a condition means; those rooms say whether they can be compiled.

mod alone;
mod catch;
mod choice;
mod container;
mod distributed;
mod duplicates;
mod fail;
mod fields;
mod findings;
mod graph;
mod item_batcher;
mod item_reader;
mod jsonata;
mod location;
mod map;
mod parallel;
mod pass;
mod reader;
mod result_writer;
mod retry;
mod schema;
mod state;
mod task;
mod variables;
mod wait;
mod warnings;

use json::{Duplicate, Object, Value};

use crate::diagnostic::Diagnostic;
use crate::machine::StateMachine;
pub use alone::{Alone, AloneError, compile_state};
use findings::{Findings, SCHEMA};
use reader::Reader;

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
    /// What was found, in AWS's order: schema, expressions, graph. At most 101 errors and 101 warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks and compiles a definition (JSON text). Never stops at the first mistake.
pub fn compile(definition: &str, options: Options) -> Compiled {
    let mut findings = Findings::default();
    let machine = read(definition, options, &mut findings);
    let machine = machine.filter(|_| !findings.has_errors());
    Compiled { machine, diagnostics: findings.into_list() }
}

fn read(definition: &str, options: Options, findings: &mut Findings) -> Option<StateMachine> {
    let (object, duplicates) = parse(definition, findings)?;
    let mut reader = Reader::new(options);
    duplicates::check(&object, &duplicates, &mut reader.findings);
    let timeout_seconds = reader.machine(&object);
    reader.finish(timeout_seconds, findings)
}

/// A definition is JSON, and an object.
fn parse(definition: &str, findings: &mut Findings) -> Option<(Object, Vec<Duplicate>)> {
    let not_an_object = "Definition must be a valid JSON object";
    if definition.trim().is_empty() {
        findings.error_without_location(SCHEMA, not_an_object, None);
        return None;
    }
    match Value::parse_noting_duplicates(definition) {
        Ok((Value::Object(object), duplicates)) => Some((object, duplicates)),
        Ok(_) => {
            findings.error_without_location(SCHEMA, not_an_object, None);
            None
        }
        Err(error) => {
            findings.error_without_location(
                "INVALID_JSON_DESCRIPTION",
                error.message_with_location(definition),
                Some(error.location(definition)),
            );
            None
        }
    }
}

#[cfg(test)]
mod tests;
