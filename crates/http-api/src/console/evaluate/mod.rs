//! `POST /v1/evaluate`: an expression or a template, evaluated over data that the caller gives, with the words that an
//! execution would fail with. (docs/v1-api.md)
//!
//! | file | holds |
//! | --- | --- |
//! | `request.rs` | what may be asked |
//! | `subject.rs` | the state that the expression stands in while it is checked and compiled |
//! | `surroundings.rs` | the Context Object, variables, time and chance |
//!
//! Never here: how anything is evaluated; `asl` does that, in the code of executions.

mod request;
mod subject;
mod surroundings;
#[cfg(test)]
mod tests;

use asl::{Diagnostic, Environment, Failure, Severity, Timestamp};
use json::Document;
use tokio::sync::Semaphore;

use crate::answer;
use crate::error::ApiError;
use crate::members::Body;
use request::{Request, read};
use subject::Subject;
use surroundings::Surroundings;

/// Where it is.
pub(crate) const PATH: &str = "/v1/evaluate";
/// Its name in metrics.
pub(crate) const NAME: &str = "Evaluate";
/// One evaluation may keep a core busy for a second, which is its budget; so many at once leave room for the rest.
static PLACES: Semaphore = Semaphore::const_new(4);

/// Evaluates it. What fails as it would in an execution is an answer, not an error.
pub(crate) async fn answer(now: Timestamp, body: &Body) -> Result<String, ApiError> {
    let request = read(body)?;
    let Ok(_place) = PLACES.acquire().await else { unreachable!("nobody closes it") };
    let done = tokio::task::spawn_blocking(move || evaluate(&request, now));
    let outcome = done
        .await
        .map_err(|_| ApiError::new("InternalFailure", "The evaluation came to no end.").with_status(500))?;
    Ok(write(&outcome))
}

/// What became of it.
#[derive(Debug)]
enum Outcome {
    /// A state machine could not have it.
    Invalid(Vec<Diagnostic>),
    /// In so many steps, of those that all fields of a state may take together.
    Evaluated { result: Result<Document, Failure>, steps: u64 },
}

fn evaluate(request: &Request, now: Timestamp) -> Outcome {
    let subject = match Subject::compile(request) {
        Ok(subject) => subject,
        Err(diagnostics) => return Outcome::Invalid(diagnostics),
    };
    let surroundings = Surroundings::new(request.context.clone(), request.variables.clone(), now);
    let environment = Environment::new(&request.input, &surroundings).with_outcome(request.outcome.as_asl());
    let result = subject.evaluate(&environment);
    Outcome::Evaluated { result, steps: surroundings.steps() }
}

fn write(outcome: &Outcome) -> String {
    answer::object(|answer| match outcome {
        Outcome::Invalid(diagnostics) => {
            answer.text("status", "INVALID");
            answer.objects("diagnostics", diagnostics, |item, diagnostic| {
                let is_error = diagnostic.severity == Severity::Error;
                item.text("severity", if is_error { "ERROR" } else { "WARNING" });
                item.text("code", diagnostic.code);
                item.text("message", &diagnostic.message);
                item.optional_text("location", diagnostic.location.as_deref());
            });
        }
        Outcome::Evaluated { result, steps } => {
            match result {
                Ok(output) => {
                    answer.text("status", "SUCCEEDED");
                    answer.text("output", output.text());
                }
                Err(failure) => {
                    answer.text("status", "FAILED");
                    answer.optional_text("error", failure.error.as_deref());
                    answer.optional_text("cause", failure.cause.as_deref());
                }
            }
            answer.number("steps", *steps);
            answer.number("stepsMax", asl::Budget::default().steps);
        }
    })
}
