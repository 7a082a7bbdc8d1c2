//! A history in words of its own.

use json::{Document, Text};

use super::Failure;

/// One line of a history.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// 1, 2, 3 …
    pub id: u64,
    /// What it follows in its thread.
    pub previous: u64,
    /// In milliseconds.
    pub at: i64,
    /// What happened.
    pub what: What,
}

/// How a task is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Family {
    Function,
    Activity,
    Service,
}

/// How far an iteration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Step {
    Started,
    Succeeded,
    Failed,
    Aborted,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum What {
    Began {
        input: Document,
    },
    Succeeded {
        output: Document,
    },
    Failed(Failure),
    Stopped(Failure),
    TimedOut,
    /// `state_type` as in the definition.
    Entered {
        state_type: &'static str,
        name: Text,
        input: Document,
    },
    Exited {
        state_type: &'static str,
        name: Text,
        output: Document,
        assigned: Vec<(Text, Document)>,
    },
    StateAborted {
        state_type: &'static str,
    },
    ParallelStarted,
    ParallelSucceeded,
    ParallelFailed,
    MapStarted {
        length: u64,
    },
    MapSucceeded,
    MapFailed,
    MapRunStarted {
        arn: Text,
    },
    MapRunSucceeded,
    MapRunFailed(Failure),
    MapRunAborted,
    Iteration {
        step: Step,
        name: Text,
        index: u64,
    },
    /// `resource`: an ARN, or `SERVICE:ACTION`.
    Scheduled {
        family: Family,
        resource: Text,
        input: Document,
        timeout: Option<u64>,
        heartbeat: Option<u64>,
        role: Option<Text>,
    },
    /// The call is under way.
    Called(Family),
    /// A worker has taken the task.
    Taken,
    /// The call that sent the token out came back.
    Submitted {
        output: Document,
    },
    TaskSucceeded {
        family: Family,
        output: Document,
    },
    TaskFailed {
        family: Family,
        failure: Failure,
    },
    TaskTimedOut {
        family: Family,
        failure: Failure,
    },
    /// A JSONata state could not be evaluated: in this field, unless its input did not fit.
    EvaluationFailed {
        failure: Failure,
        field: Option<Text>,
        state: Text,
    },
}

impl What {
    /// Whether it ends the execution.
    pub(super) fn ends(&self) -> bool {
        matches!(self, What::Succeeded { .. } | What::Failed(_) | What::Stopped(_) | What::TimedOut)
    }
}

impl Failure {
    /// With a name only.
    pub(super) fn named(error: &str) -> Failure {
        Failure { error: Some(error.to_owned()), cause: None }
    }

    pub(super) fn name(&self) -> &str {
        self.error.as_deref().unwrap_or("")
    }

    /// Whether `shown` is this failure. Of a cause that we worked out only the beginning is known: it
    /// names the state and its event; the sentence that follows is not the language's.
    pub(super) fn fits(&self, shown: &Failure) -> bool {
        let cause_fits = match (&self.cause, &shown.cause) {
            (Some(cause), Some(shown)) => match cause.strip_suffix('…') {
                Some(beginning) => shown.starts_with(beginning),
                None => cause == shown,
            },
            (None, None) => true,
            _ => false,
        };
        self.error == shown.error && cause_fits
    }
}
