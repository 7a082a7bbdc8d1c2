//! A mock file's text becomes [`Mocks`]. All that is wrong is told at once, each with its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::Failure;
use json::{Document, Object, Text, Value};

use super::{Entry, MockProblem, MockedResponse, Mocks, TestCase};
use crate::wakeup::TaskOutcome;

pub(super) fn read(text: &str) -> Result<Mocks, Vec<MockProblem>> {
    let mut problems = Problems::default();
    match Value::parse_noting_duplicates(text) {
        Ok((file, duplicates)) => {
            for duplicate in duplicates {
                let place = duplicate.path.trim_start_matches('/').replace('/', ".");
                problems
                    .add(&place, format!("'{}' is there twice (line {})", duplicate.name, duplicate.line));
            }
            let mocks = read_file(&file, &mut problems);
            if problems.0.is_empty() {
                return Ok(mocks);
            }
        }
        Err(error) => {
            problems.add("", format!("line {}: this is not JSON: {}", error.line, error.message));
        }
    }
    Err(problems.0)
}

#[derive(Default)]
struct Problems(Vec<MockProblem>);

impl Problems {
    fn add(&mut self, place: &str, message: impl Into<String>) {
        self.0.push(MockProblem { place: place.to_owned(), message: message.into() });
    }

    /// The members of an object.
    fn object<'v>(&mut self, value: &'v Value, place: &str, what: &str) -> Option<&'v Object> {
        let object = value.as_object();
        if object.is_none() {
            let kind = value.kind().name();
            self.add(place, format!("{what} must be an object, and this is of the kind {kind}"));
        }
        object
    }
}

fn read_file(file: &Value, problems: &mut Problems) -> Mocks {
    let Some(file) = problems.object(file, "", "a mock file") else { return Mocks::default() };
    let responses =
        file.get("MockedResponses").map(|responses| read_responses(responses, problems)).unwrap_or_default();
    let Some(machines) = file.get("StateMachines") else {
        problems.add("", "the field 'StateMachines' is missing");
        return Mocks::default();
    };
    let place = "StateMachines";
    let Some(machines) = problems.object(machines, place, "the state machines") else {
        return Mocks::default();
    };
    let machines = machines.iter().map(|(name, machine)| {
        (name.clone(), read_machine(machine, &format!("{place}.{name}"), &responses, problems))
    });
    Mocks { machines: machines.collect() }
}

fn read_machine(
    machine: &Value,
    place: &str,
    responses: &Read,
    problems: &mut Problems,
) -> BTreeMap<Text, TestCase> {
    let Some(machine) = problems.object(machine, place, "a state machine") else { return BTreeMap::new() };
    let Some(cases) = machine.get("TestCases") else {
        problems.add(place, "the field 'TestCases' is missing");
        return BTreeMap::new();
    };
    let place = format!("{place}.TestCases");
    let Some(cases) = problems.object(cases, &place, "the test cases") else { return BTreeMap::new() };
    let cases = cases
        .iter()
        .map(|(name, case)| (name.clone(), read_case(case, &format!("{place}.{name}"), responses, problems)));
    cases.collect()
}

fn read_case(case: &Value, place: &str, responses: &Read, problems: &mut Problems) -> TestCase {
    let mut states = TestCase::new();
    let Some(case) = problems.object(case, place, "a test case") else { return states };
    for (state, response) in case {
        let place = format!("{place}.{state}");
        match response.as_str() {
            None => problems.add(&place, "the name of a mocked response is needed"),
            Some(name) => match responses.get(name) {
                Some(Some(response)) => {
                    states.insert(state.clone(), response.clone());
                }
                // What is wrong with it is told of it.
                Some(None) => {}
                None => problems.add(&place, format!("'MockedResponses' has no '{name}'")),
            },
        }
    }
    states
}

/// Responses by name; `None` for one that could not be read.
type Read = BTreeMap<Text, Option<Arc<MockedResponse>>>;

fn read_responses(responses: &Value, problems: &mut Problems) -> Read {
    let place = "MockedResponses";
    let Some(responses) = problems.object(responses, place, "the mocked responses") else {
        return Read::new();
    };
    let responses = responses.iter().map(|(name, response)| {
        (name.clone(), read_response(name, response, &format!("{place}.{name}"), problems).map(Arc::new))
    });
    responses.collect()
}

fn read_response(
    name: &Text,
    response: &Value,
    place: &str,
    problems: &mut Problems,
) -> Option<MockedResponse> {
    let response = problems.object(response, place, "a mocked response")?;
    let told = problems.0.len();
    if response.is_empty() {
        problems.add(place, "it has no invocation: the first is \"0\"");
    }
    let mut entries: Vec<Entry> = Vec::with_capacity(response.len());
    for (invocations, answer) in response {
        let place = format!("{place}.{invocations}");
        let Some((first, last)) = read_invocations(invocations) else {
            problems
                .add(&place, "this is no invocation, such as \"0\", and no range of them, such as \"1-2\"");
            continue;
        };
        if let Some(other) = entries.iter().find(|other| first <= other.last && other.first <= last) {
            let both = first.max(other.first);
            problems.add(&place, format!("invocation {both} has two answers"));
        }
        if let Some(outcome) = read_answer(answer, &place, problems) {
            entries.push(Entry { first, last, outcome });
        }
    }
    entries.sort_by_key(|entry| entry.first);
    (problems.0.len() == told).then(|| MockedResponse { name: name.clone(), entries })
}

/// `"3"` or `"1-2"`, both ends included.
fn read_invocations(text: &str) -> Option<(u32, u32)> {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(text)?, number(text)?),
    };
    (first <= last).then_some((first, last))
}

fn read_answer(answer: &Value, place: &str, problems: &mut Problems) -> Option<TaskOutcome> {
    let members = problems.object(answer, place, "an answer")?;
    let mut members_by_name = members.iter();
    match (members_by_name.next(), members_by_name.next()) {
        (Some((name, result)), None) if name == "Return" => {
            Some(TaskOutcome::Succeeded(Document::from_value(result.clone())))
        }
        (Some((name, failure)), None) if name == "Throw" => {
            read_failure(failure, &format!("{place}.Throw"), problems).map(TaskOutcome::Failed)
        }
        _ => {
            problems.add(place, "an answer has exactly one field: 'Return' or 'Throw'");
            None
        }
    }
}

fn read_failure(failure: &Value, place: &str, problems: &mut Problems) -> Option<Failure> {
    let members = problems.object(failure, place, "what is thrown")?;
    let told = problems.0.len();
    let mut text = |name: &str| {
        let text = members.get(name).and_then(Value::as_str);
        if text.is_none() {
            problems.add(place, format!("the field '{name}' must be there, and a string"));
        }
        text.unwrap_or_default().to_owned()
    };
    let (error, cause) = (text("Error"), text("Cause"));
    for name in members.keys().filter(|name| !["Error", "Cause"].contains(&name.as_str())) {
        problems.add(place, format!("there is no field '{name}' here: only 'Error' and 'Cause'"));
    }
    (problems.0.len() == told).then(|| Failure::new(error, cause))
}
