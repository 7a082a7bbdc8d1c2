//! `Assign`: all right-hand sides first, with the variables as of the state's entry; then all
//! assignments at once, in the scope where the state stands. (spec/asl.md §6)

use std::sync::Arc;

use asl::{Environment, Template};
use json::{Document, Text, Value};

use crate::context::Around;
use crate::failure::Problem;
use crate::flow::evaluate_in;
use crate::frame::{Frame, Variables};
use crate::limits::{DATA_BYTES_MAX, VARIABLES_BYTES_MAX, check_data, data_limit_exceeded};

/// Values that wait to be assigned.
#[derive(Default)]
pub(crate) struct Assigned {
    /// Variable name → value, in the order of the definition.
    pub values: Vec<(Text, Document)>,
}

impl Assigned {
    /// Evaluates an `Assign`.
    pub fn evaluate(
        assign: Option<&Template>,
        environment: &Environment<'_>,
        frame: &Frame,
        around: &Around<'_>,
    ) -> Result<Assigned, Problem> {
        let Some(assign) = assign else { return Ok(Assigned::default()) };
        let evaluated = evaluate_in(assign, environment, frame, around)?;
        let Value::Object(members) = evaluated.value() else {
            unreachable!("asl refuses an Assign that is not an object")
        };
        let values: Vec<(Text, Document)> =
            members.iter().map(|(name, value)| (name.clone(), Document::from_value(value.clone()))).collect();
        // One Assign has a limit, and so has all that is kept.
        let name = &around.machine.state(frame.state).name;
        let mut bytes = 0;
        for (_, value) in &values {
            check_data(value, name).map_err(Problem::Fatal)?;
            bytes += value.size();
            if bytes > DATA_BYTES_MAX {
                return Err(Problem::Fatal(data_limit_exceeded(name)));
            }
        }
        if bytes + bytes_kept(frame, around) > VARIABLES_BYTES_MAX {
            return Err(Problem::Fatal(data_limit_exceeded(name)));
        }
        Ok(Assigned { values })
    }

    /// Assigns.
    pub fn apply(self, variables: &mut Variables) {
        if !self.values.is_empty() {
            Arc::make_mut(variables).extend(self.values);
        }
    }
}

/// The size of the variables of all scopes that the frame sees.
fn bytes_kept(frame: &Frame, around: &Around<'_>) -> usize {
    around.scopes(frame).flat_map(|variables| variables.values()).map(Document::size).sum()
}
