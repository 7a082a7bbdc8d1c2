//! The request, member by member, and which of them do not go together. AWS looks at that before it
//! looks at the definition. (recorded)

use std::collections::BTreeMap;

use aws_models::FieldValidationMode;
use json::{Document, Object, Text, Value};

use crate::actions::start_execution::{document, invalid_input};
use crate::constraint;
use crate::error::ApiError;
use crate::members::{Body, Members};
use crate::resource;

/// How much is shown of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// What came out.
    Info,
    /// The data flow, too.
    Debug,
    /// And the request and response of an HTTP Task; for other states there is nothing more.
    Trace,
}

/// TestState.
#[derive(Debug)]
pub(crate) struct Request {
    pub definition: Text,
    pub role_arn: Option<Text>,
    pub input: Document,
    pub level: Level,
    /// Whether a trace shows what a connection added.
    pub reveals_secrets: bool,
    pub variables: BTreeMap<Text, Document>,
    pub state_name: Option<Text>,
    pub mock: Option<Mock>,
    pub context: Option<Text>,
    pub configuration: Configuration,
}

/// `mock`.
#[derive(Debug)]
pub(crate) struct Mock {
    pub end: End,
    pub mode: FieldValidationMode,
}

/// How the state's work ends.
#[derive(Debug)]
pub(crate) enum End {
    /// With this result, which is JSON.
    Result(Text),
    /// With this error.
    Error { error: Option<Text>, cause: Option<Text> },
}

/// `stateConfiguration`.
#[derive(Debug, Default)]
pub(crate) struct Configuration {
    pub retrier_retry_count: Option<u32>,
    pub error_caused_by_state: Option<Text>,
    pub map_iteration_failure_count: Option<u32>,
    pub map_item_reader_data: Option<Text>,
}

pub(crate) fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let definition = members.required_text("definition", &constraint::DEFINITION)?;
    let role_arn = members.text("roleArn", &constraint::ARN)?;
    let input = members.text("input", &constraint::DATA)?;
    let level = members.choice("inspectionLevel", constraint::INSPECTION_LEVEL)?;
    let reveals_secrets = members.truth("revealSecrets")?.unwrap_or(false);
    let variables = members.text("variables", &constraint::DATA)?;
    let state_name = members.text("stateName", &constraint::STATE_NAME)?;
    let mock = members.structure("mock")?;
    let mock = mock.map(|mock| read_mock(&mock)).transpose()?;
    let context = members.text("context", &constraint::DATA)?;
    let configuration = members.structure("stateConfiguration")?;
    let configuration = configuration.map(|members| read_configuration(&members)).transpose()?;
    members.check()?;

    let mock = match mock {
        None => None,
        Some((end, mode)) => Some(Mock { end: end.ok_or_else(not_one_end)?, mode }),
    };
    let configuration = configuration.unwrap_or_default();
    match mock {
        Some(_) if reveals_secrets => {
            let message = "TestState does not support RevealSecrets when a mock is specified.";
            return Err(ApiError::validation(message));
        }
        Some(_) => {}
        None => check_unmocked(&configuration, context.is_some())?,
    }
    if let Some(role_arn) = &role_arn {
        resource::role(role_arn)?;
    }
    let input =
        document(input.as_deref().unwrap_or("{}"), "Invalid execution input.").map_err(invalid_input)?;
    let level = match level {
        Some("DEBUG") => Level::Debug,
        Some("TRACE") => Level::Trace,
        _ => Level::Info,
    };
    let variables = variables.as_deref().map(read_variables).transpose()?.unwrap_or_default();
    Ok(Request {
        definition,
        role_arn,
        input,
        level,
        reveals_secrets,
        variables,
        state_name,
        mock,
        context,
        configuration,
    })
}

/// Without an end where there is not exactly one.
fn read_mock(members: &Members<'_>) -> Result<(Option<End>, FieldValidationMode), ApiError> {
    let result = members.text("result", &constraint::DATA)?;
    let error = match members.structure("errorOutput")? {
        None => None,
        Some(output) => {
            let error = output.text("error", &constraint::ERROR)?;
            Some(End::Error { error, cause: output.text("cause", &constraint::CAUSE)? })
        }
    };
    let mode = match members.choice("fieldValidationMode", constraint::FIELD_VALIDATION_MODE)? {
        Some("PRESENT") => FieldValidationMode::Present,
        Some("NONE") => FieldValidationMode::None,
        _ => FieldValidationMode::Strict,
    };
    let end = match (result, error) {
        (Some(result), None) => Some(End::Result(result)),
        (None, error) => error,
        (Some(_), Some(_)) => None,
    };
    Ok((end, mode))
}

fn not_one_end() -> ApiError {
    ApiError::validation("A test mock should have only one of the following fields: [result, errorOutput].")
}

fn read_configuration(members: &Members<'_>) -> Result<Configuration, ApiError> {
    // The bounds are those of an integer of the model.
    let count = |name| {
        let count = members.integer(name, (0, i64::from(i32::MAX)))?;
        Ok::<_, ApiError>(count.and_then(|count| u32::try_from(count).ok()))
    };
    Ok(Configuration {
        retrier_retry_count: count("retrierRetryCount")?,
        error_caused_by_state: members.text("errorCausedByState", &constraint::STATE_NAME)?,
        map_iteration_failure_count: count("mapIterationFailureCount")?,
        map_item_reader_data: members.text("mapItemReaderData", &constraint::DATA)?,
    })
}

/// What only says more about a mock. (MapIterationFailureCount is recorded)
fn check_unmocked(configuration: &Configuration, has_context: bool) -> Result<(), ApiError> {
    let given = [
        ("RetrierRetryCount", configuration.retrier_retry_count.is_some()),
        ("ErrorCausedByState", configuration.error_caused_by_state.is_some()),
        ("MapIterationFailureCount", configuration.map_iteration_failure_count.is_some()),
        ("MapItemReaderData", configuration.map_item_reader_data.is_some()),
        ("Context", has_context),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        None => Ok(()),
        Some((name, _)) => Err(ApiError::validation(format!(
            "TestState does not support {name} when a mock is not specified."
        ))),
    }
}

/// An object: names and values.
fn read_variables(text: &str) -> Result<BTreeMap<Text, Document>, ApiError> {
    let object =
        object(text).map_err(|why| ApiError::validation(format!("Invalid variables provided: {why}")))?;
    Ok(object.into_iter().map(|(name, value)| (name, Document::from_value(value))).collect())
}

/// JSON that has to be an object, or why it is none.
pub(super) fn object(text: &str) -> Result<Object, String> {
    match Value::parse(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("Must be a JSON object".to_owned()),
        Err(error) => Err(error.message),
    }
}
