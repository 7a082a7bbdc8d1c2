//! The state that an expression stands in while it is checked and compiled: so it is refused for what a state machine
//! would be refused for, and its failures name the field that they would name.

use asl::machine::QueryLanguage;
use asl::{Alone, AloneError, Diagnostic, Environment, Failure, StateMachine, Template};
use json::{Document, Object, Value};

use super::request::{Request, What, WorkDone};

/// Under this key a path or a call stands alone.
const KEY: &str = "value";
/// A Task with the fewest fields; it is never called.
const RESOURCE: &str = "arn:aws:states:::lambda:invoke";

/// What is evaluated, compiled.
pub(super) struct Subject {
    machine: StateMachine,
    /// It is the only member of its template.
    is_member: bool,
}

impl Subject {
    /// Compiles it, or tells what is wrong with it. Places are told from the field that it stands in.
    pub fn compile(request: &Request) -> Result<Subject, Vec<Diagnostic>> {
        let state = state_around(request).to_text();
        match asl::compile_state(&state, None) {
            Ok(Alone { machine, .. }) => Ok(Subject {
                machine,
                is_member: request.language == QueryLanguage::JsonPath
                    && matches!(request.what, What::Expression(_)),
            }),
            Err(AloneError::Invalid(diagnostics)) => Err(diagnostics.into_iter().map(placed).collect()),
            Err(AloneError::NotFound) => unreachable!("a state by itself has no name to be found by"),
        }
    }

    /// Its value, which is no larger than a state's data may be.
    pub fn evaluate(&self, environment: &Environment<'_>) -> Result<Document, Failure> {
        let value = self.template().evaluate(environment).map_err(|failure| failure.failure)?;
        let value = match value {
            Value::Object(mut members) if self.is_member => members.remove(KEY).unwrap_or_default(),
            other => other,
        };
        let document = Document::from_value(value);
        execution::check_data(&document, "evaluate")?;
        Ok(document)
    }

    fn template(&self) -> &Template {
        let state = self.machine.state(Alone::STATE);
        let caught = state.catch.first().and_then(|catcher| catcher.output.as_ref());
        let Some(template) = caught.or(state.flow.output.as_ref()).or(state.flow.parameters.as_ref()) else {
            unreachable!("it was put into one of these fields")
        };
        template
    }
}

fn state_around(request: &Request) -> Value {
    let mut state = Object::new();
    match request.language {
        QueryLanguage::JsonPath => {
            let template = match &request.what {
                What::Expression(text) => {
                    let key = format!("{KEY}.$");
                    Value::Object([(key.as_str(), Value::from(text.trim_ascii()))].into_iter().collect())
                }
                What::Template(template) => template.clone(),
            };
            state.insert("Type", "Pass");
            state.insert("QueryLanguage", "JSONPath");
            state.insert("Parameters", template);
        }
        QueryLanguage::Jsonata => {
            let template = match &request.what {
                What::Expression(text) => delimited(text.trim_ascii()).into(),
                What::Template(template) => template.clone(),
            };
            state.insert("QueryLanguage", "JSONata");
            match request.outcome {
                WorkDone::None => {
                    state.insert("Type", "Pass");
                    state.insert("Output", template);
                }
                WorkDone::Result(_) => {
                    call(&mut state);
                    state.insert("Output", template);
                }
                WorkDone::Error(_) => {
                    call(&mut state);
                    let catcher = json::value!({
                        "ErrorEquals": ["States.ALL"], "Next": "Caught", "Output": (template)
                    });
                    state.insert("Catch", Value::Array([catcher].into_iter().collect()));
                }
            }
        }
    }
    state.insert("End", true);
    Value::Object(state)
}

fn call(state: &mut Object) {
    state.insert("Type", "Task");
    state.insert("Resource", RESOURCE);
    state.insert("Arguments", json::value!({ "FunctionName": "f" }));
}

/// With the delimiters that an expression has in a definition.
fn delimited(text: &str) -> String {
    match asl::jsonata::has_delimiter(text) {
        true => text.to_owned(),
        false => format!("{{% {text} %}}"),
    }
}

/// Without the state, which the caller has not written.
fn placed(diagnostic: Diagnostic) -> Diagnostic {
    let location = diagnostic.location.map(|location| {
        let place = location.strip_prefix("/States/StateName").unwrap_or(&location);
        place.trim_start_matches('/').to_owned()
    });
    Diagnostic { location, ..diagnostic }
}
