//! How data comes into a state and goes out: InputPath and Parameters, then ResultSelector,
//! ResultPath, OutputPath and Assign; in JSONata Arguments, then Output and Assign. Where nothing is
//! written, the same document goes through untouched. (spec/asl.md §4, §5)

use asl::machine::{Flow, Kind, QueryLanguage, ResultPath, Selection, State, StateId};
use asl::path::{Path, PathError};
use asl::{Environment, Failure, ReferencePath, Template};
use json::{Document, Object, Text, Value};

use crate::context::Around;
use crate::event::{EventKind, StateType};
use crate::failure::{Fault, Problem};
use crate::frame::{Frame, Waiting};
use crate::inspection::Stage;
use crate::limits::check_data;
use crate::run::Run;
use crate::step::Step;
use crate::variables::Assigned;

/// By which of its fields a state is left: a Choice rule has its own.
pub(crate) struct Exit<'a> {
    pub output: Option<&'a Template>,
    pub assign: Option<&'a Template>,
    /// Out of the container where there is none.
    pub next: Option<StateId>,
}

impl Run<'_> {
    /// The state's effective input: raw input, InputPath, Parameters; in JSONata raw input, Arguments.
    pub fn effective_input(&self, frame: &Frame) -> Result<Document, Problem> {
        self.effective_input_in(frame, &self.around(frame))
    }

    /// The same, in surroundings that are already there.
    pub fn effective_input_in(&self, frame: &Frame, around: &Around<'_>) -> Result<Document, Problem> {
        let flow = &self.state(frame).flow;
        let selected = selected_input(flow, frame, around)?;
        with_parameters(flow, selected, frame, around)
    }

    /// Takes the result of a state's work through the second half of the flow, and leaves the state.
    pub fn finish_work(&mut self, frame: &mut Frame, result: Document) -> Step {
        let State { flow, next, .. } = self.state(frame);
        let exit = Exit { output: flow.output.as_ref(), assign: flow.assign.as_ref(), next: *next };
        self.finish(frame, result, exit)
    }

    /// The same by other fields: for Choice states.
    pub fn finish(&mut self, frame: &mut Frame, result: Document, exit: Exit<'_>) -> Step {
        self.renew_budget();
        match self.exit(frame, &result, &exit) {
            Ok((output, assigned)) => self.leave(frame, output, assigned, exit.next),
            Err(Problem::Failed(fault)) => Step::Failed(Fault { work_was_done: true, ..fault }),
            Err(Problem::Fatal(failure)) => Step::Fatal(failure),
        }
    }

    /// What comes out of a state whose work gave `result`, and what it assigns.
    fn exit(
        &self,
        frame: &Frame,
        result: &Document,
        exit: &Exit<'_>,
    ) -> Result<(Document, Assigned), Problem> {
        let state = self.state(frame);
        let around = self.around(frame);
        around.note(Stage::Result, result);
        let environment = match state.query_language {
            QueryLanguage::JsonPath => around.with_input(result.value()),
            QueryLanguage::Jsonata => around.with_result(frame.input.value(), result.value()),
        };
        let output = match exit.output {
            Some(output) => evaluate_in(output, &environment, frame, &around)?,
            None => output(&state.flow, result, frame, &around)?,
        };
        // What passes through was checked when it came in.
        if !output.same(&frame.input) {
            check_data(&output, &state.name).map_err(Problem::Fatal)?;
        }
        Ok((output, Assigned::evaluate(exit.assign, &environment, frame, &around)?))
    }

    /// Writes the Exited event and goes to `next`, or out of the container.
    pub fn leave(
        &mut self,
        frame: &mut Frame,
        output: Document,
        assigned: Assigned,
        next: Option<StateId>,
    ) -> Step {
        let state = self.state(frame);
        let kind = EventKind::StateExited {
            state_type: state_type(state),
            name: state.name.clone(),
            output: output.clone(),
            assigned: assigned.values.clone(),
        };
        self.follow(frame, kind);
        self.forget_kept();
        assigned.apply(&mut frame.variables);
        frame.retries.clear();
        frame.waiting = Waiting::Again;
        match next {
            None => Step::Ended(output),
            Some(next) => {
                frame.state = next;
                frame.input = output;
                Step::Enter
            }
        }
    }
}

/// The state's type in its events.
pub(crate) fn state_type(state: &State) -> StateType {
    match &state.kind {
        Kind::Pass { .. } => StateType::Pass,
        Kind::Task(_) => StateType::Task,
        Kind::Wait(_) => StateType::Wait,
        Kind::Choice { .. } => StateType::Choice,
        Kind::Parallel { .. } => StateType::Parallel,
        Kind::Map(_) => StateType::Map,
        Kind::Succeed => StateType::Succeed,
        Kind::Fail { .. } => StateType::Fail,
    }
}

/// InputPath or OutputPath.
pub(crate) fn select(
    selection: &Selection,
    document: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<Document, Problem> {
    match selection {
        Selection::Whole => Ok(document.clone()),
        Selection::Nothing => Ok(Document::from_value(Value::Object(Object::new()))),
        Selection::Path(path) if path.is_whole_input() => Ok(document.clone()),
        Selection::Path(path) => Ok(Document::from_value(query(path, document, frame, around)?)),
    }
}

/// What a path of the state selects, or AWS's words for why it does not.
pub(crate) fn query(
    path: &Path,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<Value, Problem> {
    path.query(&around.with_input(input.value())).map_err(|error| {
        let (PathError::NotFound { detail } | PathError::Evaluation { detail }) = error;
        let text = format!("Invalid path '{}' : {detail}", path.text());
        Problem::in_state(around, frame, Failure::runtime(text))
    })
}

/// InputPath on the raw input.
pub(crate) fn selected_input(flow: &Flow, frame: &Frame, around: &Around<'_>) -> Result<Document, Problem> {
    let selected = select(&flow.input_path, &frame.input, frame, around)?;
    around.note(Stage::InputPath, &selected);
    Ok(selected)
}

pub(crate) fn with_parameters(
    flow: &Flow,
    input: Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<Document, Problem> {
    let document = match &flow.parameters {
        None => input,
        Some(parameters) => {
            let document = evaluate(parameters, &input, frame, around)?;
            check_data(&document, &around.machine.state(frame.state).name).map_err(Problem::Fatal)?;
            document
        }
    };
    around.note(Stage::Parameters, &document);
    Ok(document)
}

/// ResultSelector, ResultPath, OutputPath.
fn output(flow: &Flow, result: &Document, frame: &Frame, around: &Around<'_>) -> Result<Document, Problem> {
    let selected = match &flow.result_selector {
        None => result.clone(),
        Some(selector) => evaluate(selector, result, frame, around)?,
    };
    around.note(Stage::ResultSelector, &selected);
    let merged = merge(&flow.result_path, &frame.input, selected, frame, around)?;
    around.note(Stage::ResultPath, &merged);
    select(&flow.output_path, &merged, frame, around)
}

/// ResultPath: the result in the raw input.
pub(crate) fn merge(
    place: &ResultPath,
    input: &Document,
    result: Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<Document, Problem> {
    match place {
        ResultPath::Whole => Ok(result),
        ResultPath::Discard => Ok(input.clone()),
        ResultPath::At(path) => match path.put(input.value(), result.value().clone()) {
            Some(value) => Ok(Document::from_value(value)),
            None => Err(Problem::in_state(around, frame, no_such_place(path, input))),
        },
    }
}

fn no_such_place(path: &ReferencePath, input: &Document) -> Failure {
    let text = format!("Unable to apply ReferencePath {} to input {}", path.text(), input.text());
    Failure::new(aws_names::error::RESULT_PATH_MATCH_FAILURE, text)
}

/// A payload template's value.
pub(crate) fn evaluate(
    template: &Template,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<Document, Problem> {
    evaluate_in(template, &around.with_input(input.value()), frame, around)
}

/// The same where an environment is there already.
pub(crate) fn evaluate_in(
    template: &Template,
    environment: &Environment<'_>,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<Document, Problem> {
    let value =
        template.evaluate(environment).map_err(|failure| Problem::in_state(around, frame, failure))?;
    Ok(Document::from_value(value))
}

/// A value as AWS's error texts show it: strings bare, the rest as JSON.
pub(crate) fn plain(value: &Value) -> Text {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_text().into(),
    }
}
