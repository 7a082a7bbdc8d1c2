//! What a request means for the state that it names: whether that can be tested so, and with what.

use asl::machine::{InputType, Map};
use asl::resource::Pattern;
use asl::{Alone, AloneError, Kind, Resource};
use engine::Refusal;
use engine::request::TestState;
use json::Object;

use super::context::context_object;
use super::mock::outcome;
use super::request::{Configuration, Request};
use crate::error::ApiError;

/// The test that is asked for.
pub(crate) fn check(request: Request) -> Result<TestState, ApiError> {
    let alone = match asl::compile_state(&request.definition, request.state_name.as_deref()) {
        Ok(alone) => alone,
        Err(AloneError::Invalid(diagnostics)) => {
            return Err(Refusal::InvalidDefinition { diagnostics }.into());
        }
        Err(AloneError::NotFound) => return Err(state_not_found()),
    };
    let kind = &alone.machine.state(Alone::STATE).kind;
    let (mock, context) = match &request.mock {
        None => {
            check_unmocked(kind, request.role_arn.is_some())?;
            (None, Object::new())
        }
        Some(mock) => {
            let outcome = outcome(mock, kind)?;
            check_configuration(&request.configuration, &alone, kind)?;
            let context = request.context.as_deref().map(|text| context_object(text, kind)).transpose()?;
            (Some(outcome), context.unwrap_or_default())
        }
    };
    let Configuration { retrier_retry_count, map_iteration_failure_count, map_item_reader_data, .. } =
        request.configuration;
    Ok(TestState {
        machine: alone.machine.into(),
        state: Alone::STATE,
        is_in_map: alone.is_in_map,
        role_arn: request.role_arn,
        input: request.input,
        variables: request.variables,
        context,
        mock,
        retries: retrier_retry_count.unwrap_or_default(),
        iteration_failures: map_iteration_failure_count.unwrap_or_default(),
        item_reader_data: map_item_reader_data,
    })
}

/// Whether the state's work can be done in a test.
fn check_unmocked(kind: &Kind, has_role: bool) -> Result<(), ApiError> {
    let task = match kind {
        Kind::Map(_) | Kind::Parallel { .. } => {
            let message = "TestState API does not support Map or Parallel states. Supported state types include: \
                           [Task, Wait, Pass, Succeed, Fail, Choice]";
            return Err(ApiError::new("InvalidDefinition", message));
        }
        Kind::Task(task) => task,
        Kind::Pass { .. } | Kind::Wait(_) | Kind::Choice { .. } | Kind::Succeed | Kind::Fail { .. } => {
            return Ok(());
        }
    };
    let needs_mock = match (&task.resource, task.resource.pattern()) {
        (Resource::Activity { .. }, _) => Some("Activity tasks"),
        (_, Pattern::Sync | Pattern::Sync2) => Some("the '.sync' service integration pattern"),
        (_, Pattern::WaitForTaskToken) => Some("the '.waitForTaskToken' service integration pattern"),
        (_, Pattern::RequestResponse) => None,
    };
    if let Some(what) = needs_mock {
        let message = format!("TestState API does not support {what} when a mock is not specified.");
        return Err(ApiError::new("InvalidDefinition", message));
    }
    if !has_role {
        return Err(ApiError::validation("RoleArn must be specified when testing a Task state"));
    }
    Ok(())
}

/// Whether the configuration fits the state.
fn check_configuration(configuration: &Configuration, alone: &Alone, kind: &Kind) -> Result<(), ApiError> {
    if let (Some(name), Kind::Map(_) | Kind::Parallel { .. }) = (&configuration.error_caused_by_state, kind)
        && !alone.has_inside(name)
    {
        return Err(state_not_found());
    }
    if let (Some(_), Kind::Map(map)) = (&configuration.map_item_reader_data, kind)
        && let Some(name) = unreadable(map)
    {
        return Err(ApiError::validation(format!(
            "This version of Stepwell cannot read MapItemReaderData of the InputType {name}."
        )));
    }
    Ok(())
}

/// What is in data that cannot be given as text.
fn unreadable(map: &Map) -> Option<&'static str> {
    let reader = map.distributed.as_ref()?.item_reader.as_ref()?;
    match reader.input_type {
        _ if reader.manifest_type.is_some() => Some("MANIFEST"),
        Some(InputType::Manifest) => Some("MANIFEST"),
        Some(InputType::Parquet) => Some("PARQUET"),
        Some(InputType::Csv | InputType::Json | InputType::JsonLines) | None => None,
    }
}

fn state_not_found() -> ApiError {
    ApiError::validation("State not found in definition")
}
