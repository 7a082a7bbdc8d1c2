//! Whether a request fits a schema: GraphQL's rules in graphql-java's words, which AppSync shows.
//!
//! Every fragment is looked at once, however often it is used; what needs fragments in place has a bound on work.
//! Never here: variables' values.

mod directives;
mod fragments;
mod overlap;
mod rules;
mod usage;
mod values;

pub use rules::{field_type, many_root_fields};
pub use usage::shape;
pub use values::literal_problem;

use std::collections::BTreeMap;
use std::sync::Arc;

use json::Text;

use crate::error::Error;
use crate::schema::Schema;
use crate::syntax::Location;
use crate::syntax::ast::{Document, Fragment, Operation};

/// More errors than anybody reads at once: graphql-java's bound.
const ERRORS_MAX: usize = 100;

/// A document's fragments by name.
pub type Fragments = BTreeMap<Text, Arc<Fragment>>;

/// All that is wrong with a document, of which `operation` is to be executed.
pub fn document(
    schema: &Schema,
    document: &Document,
    fragments: &Fragments,
    operation: &Operation,
) -> Vec<Error> {
    let mut found = Found::default();
    // Nothing may follow a fragment into itself, so cycles and excess come first.
    fragments::check(document, fragments, operation, &mut found);
    if !found.0.is_empty() {
        return found.0;
    }
    rules::check(schema, document, fragments, &mut found);
    usage::check(schema, document, fragments, &mut found);
    if found.0.is_empty() {
        overlap::check(schema, fragments, operation, &mut found);
    }
    found.0
}

/// What was found to be wrong.
#[derive(Default)]
struct Found(Vec<Error>);

impl Found {
    fn add(&mut self, kind: &str, text: &str, path: &[Text], at: Location) {
        if self.0.len() >= ERRORS_MAX {
            return;
        }
        let mut message = format!("Validation error of type {kind}: {text}");
        if !path.is_empty() {
            message.push_str(&format!(" @ '{}'", path.join("/")));
        }
        self.0.push(Error::of_request(message, Some(at)));
    }

    fn is_full(&self) -> bool {
        self.0.len() >= ERRORS_MAX
    }
}
