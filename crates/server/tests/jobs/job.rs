//! What a kind of job is like: what its service is asked, and what it answers.

use json::Value;

/// A kind of job, in the words of its service's protocol where a request or an answer is meant, and in those
/// of a state machine elsewhere. In all texts `$ID` stands for what the walk calls the job, which must be in
/// each request, and `$STATUS` for how it is.
pub struct Job {
    /// `batch:submitJob`
    pub resource: &'static str,
    /// Of the Task. `$PORT` is where the endpoint is, for parameters that say so.
    pub parameters: &'static str,
    /// Starts it.
    pub submit: Submission,
    /// Tells how it is: an operation.
    pub describe: &'static str,
    /// What it tells.
    pub answer: fn(status: &str) -> Reply,
    /// Statuses before its end, in their order.
    pub running: &'static [&'static str],
    /// Statuses that end it well.
    pub succeeded: &'static [&'static str],
    /// Statuses that end it badly.
    pub failed: &'static [&'static str],
    /// The Task's result, and the cause of its failure if nothing else is.
    pub result: &'static str,
    /// The cause of its failure, where that is not what a result is.
    pub cause: Option<&'static str>,
    /// Stops it: the operation and all that it is sent. None if it goes on without its execution.
    pub stop: Option<(&'static str, &'static str)>,
}

/// The call that starts a job.
pub struct Submission {
    /// The name behind the dot in `X-Amz-Target`, or `POST /v1/submitjob` of a service that has none.
    pub operation: &'static str,
    /// Members that its body must have; it may have more.
    pub sent: &'static str,
    pub answer: &'static str,
    /// An error of the service that the model names.
    pub error_code: &'static str,
    /// What the Task's failure is called then. Empty where failures look otherwise than those of services.
    pub error: &'static str,
}

/// What a service answers.
pub struct Reply {
    pub status: u16,
    pub body: &'static str,
}

/// A description.
pub const fn told(body: &'static str) -> Reply {
    Reply { status: 200, body }
}

/// It is not there any more.
pub const fn gone() -> Reply {
    Reply { status: 404, body: r#"{"__type":"ResourceNotFoundException","message":"no $ID"}"# }
}

/// A template of this job in this status.
pub fn filled(template: &str, id: &str, status: &str) -> String {
    template.replace("$ID", id).replace("$STATUS", status)
}

/// The same, as a value.
#[track_caller]
pub fn filled_value(template: &str, id: &str, status: &str) -> Value {
    let text = filled(template, id, status);
    Value::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
}
