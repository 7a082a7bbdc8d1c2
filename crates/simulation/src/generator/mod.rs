//! Random well-formed machines, and inputs that fit them.
//!
//! Every machine takes the same input ([`input`]) and keeps its members where the states of the
//! machine find them, so that most paths find something; a few miss on purpose. Each container begins
//! with a Pass that makes that data anew, whatever came in. Machines end: loops count down a number
//! of their data, containers nest three deep at the most, and every task that may be left alone has
//! a timeout.
//!
//! Never here: what a machine means; that is for the reference.

mod catch;
mod choice;
mod containers;
mod coverage;
mod data;
mod distributed;
mod ends;
mod expressions;
mod jsonata;
mod loops;
mod steps;
mod task;

pub use coverage::{Coverage, FEATURES};
pub use data::input;

use json::{Object, Value};

use crate::random::Random;

/// How deep containers may stand inside each other.
const NESTING_MAX: usize = 3;

/// A definition as text.
pub fn machine(random: &mut Random) -> String {
    let languages = *random.pick(&[Languages::JsonPath, Languages::Both, Languages::Jsonata]);
    let mut generator = Generator { random, languages, next_state: 0, next_variable: 0, scopes: vec![] };
    let mut machine = generator.container(0, Source::Input);
    match languages {
        Languages::Jsonata => machine.insert("QueryLanguage", "JSONata"),
        Languages::JsonPath | Languages::Both if generator.random.once_in(4) => {
            machine.insert("QueryLanguage", "JSONPath")
        }
        Languages::JsonPath | Languages::Both => None,
    };
    if generator.random.once_in(3) {
        machine.insert("Comment", "made up");
    }
    if generator.random.once_in(4) {
        machine.insert("Version", "1.0");
    }
    if generator.random.once_in(4) {
        machine.insert("TimeoutSeconds", 200 + generator.random.below(6_000));
    }
    Value::Object(machine).to_text()
}

#[cfg(test)]
mod tests;

struct Generator<'r> {
    random: &'r mut Random,
    languages: Languages,
    next_state: usize,
    next_variable: usize,
    /// The variables of this container and of those around it, outermost first. All are assigned by
    /// the first state of their container.
    scopes: Vec<Vec<String>>,
}

/// Where the first state of a container finds the data.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    /// In its input.
    Input,
    /// In the `BatchInput` of its input.
    BatchInput,
    /// In a variable of the container around.
    Around,
    /// Nowhere: it makes some up.
    Nowhere,
}

/// In which query languages the states of a machine are. One in JSONata has no other.
#[derive(Clone, Copy, PartialEq)]
enum Languages {
    JsonPath,
    Both,
    Jsonata,
}

/// Where a state stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    nesting: usize,
    /// In a loop the data must keep its counter.
    is_in_loop: bool,
    /// Where it goes on; `None`: its container ends.
    next: Option<&'p str>,
    /// Later states of this container, which take the same data.
    later: &'p [String],
}

/// States of a container that is being made.
type States = Vec<(String, Object)>;

impl Generator<'_> {
    /// A machine, a branch or an item processor.
    fn container(&mut self, nesting: usize, source: Source) -> Object {
        self.scopes.push(vec![]);
        let most = [6, 4, 2, 1][nesting];
        let count = 1 + self.random.below(most) as usize;
        let names: Vec<String> = (0..count + 2).map(|_| self.new_name()).collect();
        let mut states = vec![self.begin(&names[0], &names[1], source)];
        for at in 1..=count {
            let next = Some(names[at + 1].as_str());
            let place = Place { nesting, is_in_loop: false, next, later: &names[at + 1..] };
            self.step(&names[at], place, &mut states);
        }
        let place = Place { nesting, is_in_loop: false, next: None, later: &[] };
        self.ending(&names[count + 1], place, &mut states);
        self.scopes.pop();
        let mut container = Object::new();
        container.insert("StartAt", names[0].as_str());
        container.insert("States", states.into_iter().collect::<Object>());
        if nesting > 0 && self.random.once_in(6) {
            container.insert("Comment", "inside");
        }
        container
    }

    fn new_name(&mut self) -> String {
        self.next_state += 1;
        // Some names have what paths and quotes must not mind.
        let decoration = *self.random.pick(&["", "", "", "", " of it", "-x", ".y", " (z)"]);
        format!("S{}{decoration}", self.next_state)
    }

    fn new_variable(&mut self) -> String {
        self.next_variable += 1;
        format!("v{}", self.next_variable)
    }

    /// A variable of this container or one around it, besides `base`.
    fn variable(&mut self) -> Option<String> {
        let known: Vec<&String> = self.scopes.iter().flatten().collect();
        (!known.is_empty()).then(|| known[self.random.below(known.len() as u64) as usize].clone())
    }

    /// A variable of this container, which its states may assign.
    fn own_variable(&mut self) -> Option<String> {
        let own = self.scopes.last().filter(|own| !own.is_empty())?;
        Some(own[self.random.below(own.len() as u64) as usize].clone())
    }

    fn state(&mut self, state_type: &str) -> Object {
        let mut state = Object::new();
        state.insert("Type", state_type);
        if self.random.once_in(8) {
            state.insert("Comment", "a state");
        }
        state
    }

    /// Whether a state is in JSONata, once that is chosen.
    fn is_computed(&self, state: &Object) -> bool {
        match state.get("QueryLanguage").and_then(Value::as_str) {
            Some(language) => language == "JSONata",
            None => self.languages == Languages::Jsonata,
        }
    }

    /// Chooses the query language of a state; whether it is JSONata.
    fn is_jsonata(&mut self, state: &mut Object) -> bool {
        let is_jsonata = match self.languages {
            Languages::JsonPath => false,
            Languages::Both => self.random.once_in(2),
            Languages::Jsonata => true,
        };
        let differs = is_jsonata && self.languages == Languages::Both;
        if differs || self.random.once_in(10) {
            state.insert("QueryLanguage", if is_jsonata { "JSONata" } else { "JSONPath" });
        }
        is_jsonata
    }
}

/// `Next` or `End`.
fn go_on(state: &mut Object, next: Option<&str>) {
    match next {
        Some(next) => state.insert("Next", next),
        None => state.insert("End", true),
    };
}
