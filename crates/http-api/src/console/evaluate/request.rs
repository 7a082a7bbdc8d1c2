//! What may be asked. JSON comes as text, as in TestState.

use std::collections::BTreeMap;

use asl::machine::QueryLanguage;
use json::{Object, Text, Value};

use crate::actions::start_execution::document;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;

const LANGUAGES: &[&str] = &["JSONPath", "JSONata"];

/// An evaluation.
#[derive(Debug)]
pub(super) struct Request {
    pub language: QueryLanguage,
    pub what: What,
    /// `$`, or `$states.input`.
    pub input: Value,
    pub variables: BTreeMap<Text, Value>,
    pub context: Value,
    pub outcome: WorkDone,
}

/// What is evaluated.
#[derive(Debug, PartialEq)]
pub(super) enum What {
    /// A path or a call of an intrinsic function; in JSONata an expression, with or without its delimiters.
    Expression(Text),
    /// What stands in Parameters, or in Arguments and Output.
    Template(Value),
}

/// What the state's work has given, which only JSONata has a name for.
#[derive(Debug)]
pub(super) enum WorkDone {
    None,
    Result(Value),
    Error(Value),
}

impl WorkDone {
    pub fn as_asl(&self) -> asl::Outcome<'_> {
        match self {
            WorkDone::None => asl::Outcome::None,
            WorkDone::Result(value) => asl::Outcome::Result(value),
            WorkDone::Error(value) => asl::Outcome::Error(value),
        }
    }
}

pub(super) fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let language = match members.choice("queryLanguage", LANGUAGES)? {
        Some("JSONata") => QueryLanguage::Jsonata,
        _ => QueryLanguage::JsonPath,
    };
    let expression = members.text("expression", &constraint::DATA)?;
    let template = members.text("template", &constraint::DATA)?;
    let text = |name| members.text(name, &constraint::DATA);
    let (input, variables, context) = (text("input")?, text("variables")?, text("context")?);
    let (result, error_output) = (text("result")?, text("errorOutput")?);
    members.check()?;

    let what = match (expression, template) {
        (Some(expression), None) => What::Expression(expression),
        (None, Some(template)) => What::Template(parse("template", &template)?),
        (Some(_), Some(_)) | (None, None) => {
            return Err(ApiError::validation("Say what to evaluate: either expression or template"));
        }
    };
    let outcome = match (result, error_output) {
        (None, None) => WorkDone::None,
        (Some(result), None) => WorkDone::Result(parse("result", &result)?),
        (None, Some(error)) => WorkDone::Error(parse("errorOutput", &error)?),
        (Some(_), Some(_)) => {
            return Err(ApiError::validation("Work has either a result or an errorOutput"));
        }
    };
    if language == QueryLanguage::JsonPath && !matches!(outcome, WorkDone::None) {
        let message = "result and errorOutput are $states.result and $states.errorOutput of JSONata. In JSONPath the \
                       input is $, also of ResultSelector: give it as input";
        return Err(ApiError::validation(message));
    }
    let object =
        |name, text: Option<Text>| text.map_or_else(|| Ok(Object::new()), |text| object(name, &text));
    Ok(Request {
        language,
        what,
        input: parse("input", input.as_deref().unwrap_or("{}"))?,
        variables: object("variables", variables)?.into_iter().collect(),
        context: Value::Object(object("context", context)?),
        outcome,
    })
}

fn parse(name: &str, text: &str) -> Result<Value, ApiError> {
    let document = document(text, "it is empty");
    let document = document.map_err(|why| ApiError::validation(format!("{name} is not JSON: {why}")))?;
    Ok(document.value().clone())
}

fn object(name: &str, text: &str) -> Result<Object, ApiError> {
    match parse(name, text)? {
        Value::Object(object) => Ok(object),
        other => {
            let kind = other.kind().name();
            Err(ApiError::validation(format!("{name} must be a JSON object, not of kind '{kind}'")))
        }
    }
}
