//! Step Functions in this very process: `states:startExecution` in all its patterns, and
//! `aws-sdk:sfn:…`. (spec/integrations.md §4)
//!
//! Never here: what Step Functions does; a [`BuiltIn`](crate::BuiltIn) answers that.

mod parameters;
mod result;

use asl::resource::Pattern;
use asl::{Failure, Resource};
use aws_models::Operation;
use execution::{TaskCall, TaskOutcome};
use hyper::body::Bytes;
use json::{Document, Object, Value};

use self::result::DataAs;
use crate::built_in::{BuiltInAnswer, BuiltInCall, BuiltIns};
use crate::connectors::Caller;

/// What botocore calls the service.
const SERVICE: &str = "stepfunctions";

/// `states:startExecution`: starts a child and answers with its ARN. For the patterns that wait, too,
/// this is the call that submits.
pub(crate) async fn start_execution(built_ins: &BuiltIns, call: &TaskCall, caller: &Caller) -> TaskOutcome {
    let body = match parameters::start_execution(&call.arguments, &call.idempotency_token) {
        Ok(body) => body,
        Err(failure) => return TaskOutcome::Failed(failure),
    };
    let answer = match ask(built_ins, "startExecution", body, call, caller).await {
        Ok(answer) => answer,
        Err(failure) => return TaskOutcome::Failed(failure),
    };
    match result::started(&answer) {
        Some(result) => TaskOutcome::Succeeded(result),
        None => TaskOutcome::Failed(result::unreadable("StepFunctions")),
    }
}

/// `.sync` and `.sync:2`: waits until the child that `submitted` names has closed. Nothing is polled.
pub(crate) async fn await_child(
    built_ins: &BuiltIns,
    call: &TaskCall,
    submitted: &Document,
    caller: &Caller,
) -> TaskOutcome {
    let Some(arn) = child_arn(submitted) else {
        return TaskOutcome::Failed(result::unreadable("StepFunctions"));
    };
    match built_ins.get(SERVICE) {
        Some(built_in) => built_in.ended(arn).await,
        None => return TaskOutcome::Failed(not_here()),
    }
    let body = Object::from_iter([("executionArn", arn)]);
    let answer = match ask(built_ins, "describeExecution", body, call, caller).await {
        Ok(answer) => answer,
        // An EXPRESS child cannot be described, and so not be waited for.
        Err(failure) => return TaskOutcome::Failed(failure),
    };
    let data = match call.resource.pattern() {
        Pattern::Sync2 => DataAs::Json,
        Pattern::Sync | Pattern::RequestResponse | Pattern::WaitForTaskToken => DataAs::Text,
    };
    match result::described(&answer.body, data) {
        Some((status, description)) if status == "SUCCEEDED" => {
            TaskOutcome::Succeeded(Document::from_value(description.into()))
        }
        Some((_, description)) => {
            let cause = Value::from(description).to_text();
            TaskOutcome::Failed(Failure::new(aws_names::error::TASK_FAILED, cause))
        }
        None => TaskOutcome::Failed(result::unreadable("StepFunctions")),
    }
}

/// Stops the child that `submitted` names. One that has closed stays as it is.
pub(crate) async fn stop_child(
    built_ins: &BuiltIns,
    call: &TaskCall,
    submitted: &Document,
    caller: &Caller,
) -> Result<(), Failure> {
    let Some(arn) = child_arn(submitted) else { return Err(result::unreadable("StepFunctions")) };
    let body = Object::from_iter([("executionArn", arn)]);
    ask(built_ins, "stopExecution", body, call, caller).await.map(drop)
}

/// `aws-sdk:sfn:ACTION`: every operation of the service, as AWS's SDK for Java has it.
pub(crate) async fn call_sdk(built_ins: &BuiltIns, call: &TaskCall, caller: &Caller) -> TaskOutcome {
    let Some(operation) = sdk_operation(&call.resource) else {
        unreachable!("asl accepts no operation that the model has not")
    };
    let token = &call.idempotency_token;
    let request = match aws_protocols::request(operation, call.arguments.value(), token) {
        Ok(request) => request,
        Err(refusal) => return TaskOutcome::Failed(bad_arguments(&call.arguments, &refusal)),
    };
    let Some(built_in) = built_ins.get(SERVICE) else { return TaskOutcome::Failed(not_here()) };
    let body = Bytes::from(request.body);
    let answer = built_in.answer(BuiltInCall { operation: operation.name(), body, caller, token }).await;
    match result::sdk_result(operation, &answer) {
        Ok(output) => TaskOutcome::Succeeded(output),
        Err(failure) => TaskOutcome::Failed(failure),
    }
}

fn sdk_operation(resource: &Resource) -> Option<Operation<'static>> {
    match resource {
        Resource::Integration { service, action, .. } => aws_models::called(service, action),
        Resource::Function { .. } | Resource::Activity { .. } => None,
    }
}

/// Makes one request of an optimised integration; a refusal is its failure.
async fn ask(
    built_ins: &BuiltIns,
    action: &str,
    body: Object,
    call: &TaskCall,
    caller: &Caller,
) -> Result<BuiltInAnswer, Failure> {
    let built_in = built_ins.get(SERVICE).ok_or_else(not_here)?;
    let Some(operation) = aws_models::called("states", action) else {
        unreachable!("the models know Step Functions")
    };
    let body = Bytes::from(Value::from(body).to_text());
    let token = &call.idempotency_token;
    let answer = built_in.answer(BuiltInCall { operation: operation.name(), body, caller, token }).await;
    if (200..300).contains(&answer.status) { Ok(answer) } else { Err(result::refused(operation, &answer)) }
}

fn child_arn(submitted: &Document) -> Option<&str> {
    submitted.value().get("ExecutionArn").and_then(Value::as_str)
}

fn bad_arguments(arguments: &Document, refusal: &aws_protocols::Refusal) -> Failure {
    Failure::runtime(format!(
        "The Parameters '{}' could not be used to start the Task: [{refusal}]",
        arguments.text()
    ))
}

fn not_here() -> Failure {
    Failure::runtime("Step Functions cannot be called: nothing in this process offers it.")
}
