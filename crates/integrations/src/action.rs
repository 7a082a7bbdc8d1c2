//! How an optimised integration is described: one service with its actions.
//!
//! Never here: the descriptions themselves (`services/`).

use json::{Object, Value};

use crate::failure::{Naming, ServiceFailure};
use crate::in_s3::InS3;
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
    /// Where it is not its service's: the service of its operation in the models.
    pub(crate) model: Option<&'static str>,
    /// The patterns beside Request Response, which all have.
    pub(crate) patterns: &'static [Pattern],
    /// The operation that is called, spelt as an action. None where no single operation is: a connector of its
    /// own carries it out then.
    pub(crate) operation: Option<&'static str>,
    /// The operation whose output the result of Request Response is, spelt as an action. None where the result
    /// has a form of its own.
    pub(crate) answer: Option<&'static str>,
    /// The parameters that are taken, where they are not simply the operation's members.
    pub(crate) fields: Option<&'static [Field]>,
    /// Whatever else is asked of the parameters: problems, as they stand in the brackets of the failure.
    pub(crate) check: fn(&Value) -> Vec<String>,
    /// A question that must be answered before the operation can be called.
    pub(crate) lookup: Option<&'static Lookup>,
    /// What Step Functions adds to the parameters as the Task is entered, so that the history shows it.
    pub(crate) added: fn(&mut Object, Pattern),
    /// The operation's input, from parameters of the right names.
    pub(crate) input: fn(&Object, &Around<'_>) -> Object,
    /// Which bodies of the call are in S3, by the parameters.
    pub(crate) in_s3: fn(&Value) -> InS3,
    /// The result, from parameters, pattern and the operation's output.
    pub(crate) output: fn(&Value, Pattern, Object) -> Result<Object, ServiceFailure>,
    /// Whether the result tells of the HTTP response too.
    pub(crate) has_metadata: bool,
    /// For `.sync`.
    pub(crate) watch: Option<&'static Watch>,
    /// Whether its job's result has a form of its own, unlike what the watch's operation answers.
    pub(crate) has_own_result: bool,
    /// For `.sync:2`.
    pub(crate) watch_2: Option<&'static Watch>,
}

/// A parameter.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) is_required: bool,
    /// Another one that makes it needless.
    pub(crate) instead: Option<&'static str>,
}

impl Field {
    /// Whether it should be there and is not, where `is_there` tells of any name.
    pub(crate) fn is_missing(&self, is_there: impl Fn(&str) -> bool) -> bool {
        self.is_required && !is_there(self.name) && !self.instead.is_some_and(is_there)
    }
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
            model: None,
            patterns,
            operation: Some(name),
            answer: Some(name),
            fields: None,
            check: |_| Vec::new(),
            lookup: None,
            added: |_, _| {},
            input: |parameters, _| parameters.clone(),
            in_s3: |_| InS3::default(),
            output: |_, _, output| Ok(output),
            has_metadata: true,
            watch: None,
            has_own_result: false,
            watch_2: None,
        }
    }

    /// An action that is no operation of a service of AWS: a connector of its own carries it out.
    pub(crate) const fn without_operation(name: &'static str, patterns: &'static [Pattern]) -> Action {
        Action { operation: None, answer: None, ..Action::new(name, patterns) }
    }

    /// How the job of this pattern is watched.
    pub(crate) fn watch_of(&self, pattern: Pattern) -> Option<&'static Watch> {
        match pattern {
            Pattern::Sync => self.watch,
            Pattern::Sync2 => self.watch_2,
            Pattern::RequestResponse | Pattern::WaitForTaskToken => None,
        }
    }

    /// The service of its operation in the models.
    pub(crate) fn model_in(&self, service: &Service) -> &'static str {
        self.model.unwrap_or(service.model)
    }
}

/// A parameter that must be there.
pub(crate) const fn required(name: &'static str) -> Field {
    Field { name, is_required: true, instead: None }
}

/// A parameter that may be there.
pub(crate) const fn optional(name: &'static str) -> Field {
    Field { name, is_required: false, instead: None }
}

/// A parameter that must be there unless another one is.
pub(crate) const fn required_unless(name: &'static str, instead: &'static str) -> Field {
    Field { name, is_required: true, instead: Some(instead) }
}
