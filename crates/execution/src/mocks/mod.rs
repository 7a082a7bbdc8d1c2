//! Mocked responses: what Task states answer in a test case, instead of asking anybody. The format is the
//! `MockConfigFile.json` of Step Functions Local. (spec/integrations.md §9)
//!
//! An execution names its test case once, as it is started, and counts how often each of its Task states has
//! been asked; both are part of its record. Never here: files; what a task's events are.

mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use json::Text;

use crate::wakeup::TaskOutcome;

/// All test cases of a file, by state machine and name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mocks {
    machines: BTreeMap<Text, BTreeMap<Text, TestCase>>,
}

/// The responses of one test case, by the name of the state. A state that is not here is not mocked.
type TestCase = BTreeMap<Text, Arc<MockedResponse>>;

/// A response under its name: several states may have it, each with a count of its own.
#[derive(Clone, Debug, PartialEq)]
struct MockedResponse {
    name: Text,
    /// In the order of their invocations, which do not overlap.
    entries: Vec<Entry>,
}

/// What some invocations of a Task state answer.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    /// The first of them, from 0.
    first: u32,
    /// The last of them.
    last: u32,
    outcome: TaskOutcome,
}

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MockProblem {
    /// `MockedResponses.Charge.0.Throw`; empty for the file as a whole.
    pub place: String,
    /// What is wrong there, and what is right.
    pub message: String,
}

impl Mocks {
    /// No mocks at all.
    pub fn none() -> &'static Mocks {
        static NONE: Mocks = Mocks { machines: BTreeMap::new() };
        &NONE
    }

    /// Reads the text of a file, or names everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Mocks, Vec<MockProblem>> {
        read::read(text)
    }

    /// How many test cases there are, of all state machines.
    pub fn test_case_count(&self) -> usize {
        self.machines.values().map(BTreeMap::len).sum()
    }

    /// All that is mocked: state machine, test case, state.
    pub fn states(&self) -> impl Iterator<Item = (&Text, &Text, &Text)> {
        let cases = self
            .machines
            .iter()
            .flat_map(|(machine, cases)| cases.iter().map(move |(name, case)| (machine, name, case)));
        cases.flat_map(|(machine, name, case)| case.keys().map(move |state| (machine, name, state)))
    }

    /// Whether an execution of the state machine can be started with the test case; if not, why.
    pub fn check(&self, machine: &str, test_case: &str) -> Result<(), String> {
        self.test_case(machine, test_case).map(|_| ())
    }

    /// What the state answers when it is asked for the time `invocation`, from 0; `None` if the test case does
    /// not mock it. Where nothing says what it answers, why.
    pub fn outcome(
        &self,
        machine: &str,
        test_case: &str,
        state: &str,
        invocation: u32,
    ) -> Result<Option<&TaskOutcome>, String> {
        let Some(response) = self.test_case(machine, test_case)?.get(state) else { return Ok(None) };
        let fits = |entry: &&Entry| (entry.first..=entry.last).contains(&invocation);
        match response.entries.iter().find(fits) {
            Some(entry) => Ok(Some(&entry.outcome)),
            None => Err(format!(
                "The test case '{test_case}' does not say what invocation {invocation} of this state answers (the \
                 first is 0): its mocked response '{}' has {response}.",
                response.name
            )),
        }
    }

    fn test_case(&self, machine: &str, test_case: &str) -> Result<&TestCase, String> {
        let none = |why: String| {
            format!("There is no test case '{test_case}' of the state machine '{machine}': {why}.")
        };
        let Some(cases) = self.machines.get(machine).filter(|cases| !cases.is_empty()) else {
            let why = match self.machines.is_empty() {
                true => "there are no mocks; --mock-config or SFN_MOCK_CONFIG names a MockConfigFile.json",
                false => "the mock file has no test cases of it",
            };
            return Err(none(why.to_owned()));
        };
        cases.get(test_case).ok_or_else(|| {
            let known: Vec<String> =
                cases.keys().take(NAMES_SHOWN_MAX).map(|name| format!("'{name}'")).collect();
            let more = if cases.len() > NAMES_SHOWN_MAX { ", …" } else { "" };
            none(format!("the mock file has {}{more}", known.join(", ")))
        })
    }
}

/// So many names tell a reader which file it is.
const NAMES_SHOWN_MAX: usize = 20;

/// Its invocations: `0, 1-2`.
impl fmt::Display for MockedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, Entry { first, last, .. }) in self.entries.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            match first == last {
                true => write!(f, "{comma}{first}")?,
                false => write!(f, "{comma}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for MockProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.is_empty() {
            true => f.write_str(&self.message),
            false => write!(f, "{}: {}", self.place, self.message),
        }
    }
}
