//! Lambda: a function's ARN as a Task's resource, and the integration `lambda:invoke`.
//!
//! Both make an [`Invocation`] that functions here or an endpoint answer, and read the answer
//! differently. (spec/integrations.md §4)

mod answer;
mod endpoint;
mod invocation;
mod service_error;

use execution::TaskOutcome;
use json::Document;

pub(crate) use self::answer::Answer;
pub(crate) use self::endpoint::{LambdaEndpoint, is_invoke};
pub(crate) use self::invocation::{FunctionReference, Invocation, InvocationType};
pub(crate) use self::service_error::ServiceError;
use crate::connectors::{Caller, Routes};

/// A function's ARN as the resource: the input goes in, the function's result comes out.
pub(crate) async fn call_function(
    routes: &Routes,
    arn: &str,
    input: &Document,
    caller: &Caller,
    role: Option<&str>,
) -> TaskOutcome {
    let invocation = Invocation::of_function(arn, input);
    match routes.invoke(&invocation, caller, role).await {
        Ok(answer) => answer.into_function_outcome(),
        Err(failure) => TaskOutcome::Failed(failure),
    }
}

/// `arn:aws:states:::lambda:invoke`: the API's parameters go in, its response comes out.
pub(crate) async fn invoke(
    routes: &Routes,
    parameters: &Document,
    caller: &Caller,
    role: Option<&str>,
) -> TaskOutcome {
    let invocation = match Invocation::of_parameters(parameters) {
        Ok(invocation) => invocation,
        Err(failure) => return TaskOutcome::Failed(failure),
    };
    match routes.invoke(&invocation, caller, role).await {
        Ok(answer) => answer.into_api_outcome(),
        Err(failure) => TaskOutcome::Failed(failure),
    }
}
