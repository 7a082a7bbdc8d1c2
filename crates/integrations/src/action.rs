//! How an optimised integration is described: one service with its actions.
//!
//! Never here: the descriptions themselves (`services/`).

use json::{Object, Value};

use crate::failure::{Naming, ServiceFailure};
use crate::integration::Around;
use crate::job::Watch;
use crate::resource::Pattern;

/// A service with its own segment in a Resource: `sqs` of `arn:aws:states:::sqs:sendMessage`.
pub(crate) struct Service {
    /// That segment.
    pub(crate) name: &'static str,
    /// The service's name in the models: `emr` for `elasticmapreduce`.
    pub(crate) model: &'static str,
    pub(crate) naming: Naming,
    pub(crate) actions: &'static [Action],
}

/// `sendMessage`
pub(crate) struct Action {
    pub(crate) name: &'static str,
    /// The patterns beside Request Response, which all have.
    pub(crate) patterns: &'static [Pattern],
    /// The operation that is called, spelt as an action. None where no single operation is: a connector of its
    /// own carries it out then.
    pub(crate) operation: Option<&'static str>,
    /// Whether somebody carries it out. What nobody does is refused when it is created.
    pub(crate) is_supported: bool,
    /// The parameters that are taken, where they are not simply the operation's members.
    pub(crate) fields: Option<&'static [Field]>,
    /// Whatever else is asked of the parameters: problems, as they stand in the brackets of the failure.
    pub(crate) check: fn(&Value) -> Vec<String>,
    /// A question that must be answered before the operation can be called.
    pub(crate) lookup: Option<&'static Lookup>,
    /// The operation's input, from parameters of the right names.
    pub(crate) input: fn(&Object, &Around<'_>) -> Object,
    /// The result, from parameters, pattern and the operation's output.
    pub(crate) output: fn(&Value, Pattern, Object) -> Result<Object, ServiceFailure>,
    /// For `.sync`.
    pub(crate) watch: Option<&'static Watch>,
    /// For `.sync:2`.
    pub(crate) watch_2: Option<&'static Watch>,
}

/// A parameter.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) is_required: bool,
}

/// An operation whose output gives what the parameters do not: an id for a name.
pub(crate) struct Lookup {
    /// Spelt as an action, of the same service.
    pub(crate) operation: &'static str,
    pub(crate) input: fn(&Object) -> Object,
    /// The input of the action's own operation, given parameters and the answer.
    pub(crate) found: fn(&Object, &Value) -> Result<Object, ServiceFailure>,
}

pub(crate) const REQUEST_ONLY: &[Pattern] = &[];
pub(crate) const JOB: &[Pattern] = &[Pattern::Sync];
pub(crate) const TOKEN: &[Pattern] = &[Pattern::WaitForTaskToken];
pub(crate) const JOB_AND_TOKEN: &[Pattern] = &[Pattern::Sync, Pattern::WaitForTaskToken];

impl Action {
    /// An action that is the operation of the same name, with all its members, and nothing else.
    pub(crate) const fn new(name: &'static str, patterns: &'static [Pattern]) -> Action {
        Action {
            name,
            patterns,
            operation: Some(name),
            is_supported: true,
            fields: None,
            check: |_| Vec::new(),
            lookup: None,
            input: |parameters, _| parameters.clone(),
            output: |_, _, output| Ok(output),
            watch: None,
            watch_2: None,
        }
    }

    /// An action that is no operation of a service of AWS, and that nobody carries out yet.
    pub(crate) const fn without_operation(name: &'static str, patterns: &'static [Pattern]) -> Action {
        Action { operation: None, is_supported: false, ..Action::new(name, patterns) }
    }
}

/// A parameter that must be there.
pub(crate) const fn required(name: &'static str) -> Field {
    Field { name, is_required: true }
}

/// A parameter that may be there.
pub(crate) const fn optional(name: &'static str) -> Field {
    Field { name, is_required: false }
}
