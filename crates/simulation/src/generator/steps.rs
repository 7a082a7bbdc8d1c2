//! One step of a container: a state, or a few that belong together.

use json::{Object, Value};

use super::{Generator, NESTING_MAX, Place, States, go_on};

/// What the result of a state's work is.
#[derive(Clone, Copy, PartialEq)]
pub enum ResultShape {
    /// What the world answers a call.
    Answer,
    /// What came out of branches or iterations.
    Array,
}

impl Generator<'_> {
    /// A step called `name` that takes the data and leaves the data.
    pub fn step(&mut self, name: &str, place: Place<'_>, states: &mut States) {
        let may_nest = place.nesting < NESTING_MAX && !place.is_in_loop;
        match self.random.below(20) {
            0..3 => self.choice(name, place, states),
            3..5 => self.wait(name, place, states),
            5..9 if !place.is_in_loop || self.random.once_in(4) => self.task(name, place, states),
            9..11 if may_nest => self.parallel(name, place, states),
            11..14 if may_nest => self.map(name, place, states),
            14..16 if !place.is_in_loop => self.repeat(name, place, states),
            16 if !place.is_in_loop => self.detour(name, place, states),
            _ => self.pass(name, place, states),
        }
    }

    /// The last state of a container.
    pub fn ending(&mut self, name: &str, place: Place<'_>, states: &mut States) {
        let may_nest = place.nesting < NESTING_MAX;
        match self.random.below(12) {
            0..3 => self.succeed(name, states),
            3 => self.fail(name, place, states),
            4 => self.wait(name, place, states),
            5 | 6 => self.task(name, place, states),
            7 if may_nest => self.parallel(name, place, states),
            8 if may_nest => self.map(name, place, states),
            _ => self.pass(name, place, states),
        }
    }

    pub fn pass(&mut self, name: &str, place: Place<'_>, states: &mut States) {
        let mut state = self.state("Pass");
        if self.is_jsonata(&mut state) {
            return self.computed_pass(name, state, place, states);
        }
        let root = self.input_path(&mut state);
        let replaces = !place.is_in_loop && self.random.once_in(4);
        if replaces {
            let anew = self.anew_from_base();
            state.insert("Parameters", anew);
        } else {
            match self.random.below(3) {
                0 => {
                    state.insert("Result", json::value!({ "made": [1, { "by.$": "$.nobody" }], "of": null }))
                }
                1 => {
                    let template = self.template(&root, true);
                    state.insert("Parameters", template)
                }
                _ => None,
            };
            self.result_path(&mut state, place);
        }
        self.assign(&mut state, place);
        go_on(&mut state, place.next);
        states.push((name.to_owned(), state));
    }

    pub fn wait(&mut self, name: &str, place: Place<'_>, states: &mut States) {
        let mut state = self.state("Wait");
        if self.is_jsonata(&mut state) {
            return self.computed_wait(name, state, place, states);
        }
        let is_whole = self.whole_flow(&mut state, place);
        let root = if is_whole { "$" } else { "$base" };
        match self.random.below(if place.is_in_loop { 2 } else { 8 }) {
            0 => state.insert("Seconds", 0),
            1 | 2 => state.insert("Seconds", self.random.below(if place.is_in_loop { 2 } else { 12 })),
            3 => state.insert("SecondsPath", format!("{root}.seconds")),
            4 => state.insert("SecondsPath", "$base.nested.a"),
            5 => state
                .insert("Timestamp", super::data::instant(1_700_000_000 + self.random.below(5_000) as i64)),
            6 => state.insert("TimestampPath", format!("{root}.at")),
            _ if self.random.once_in(10) => state.insert("SecondsPath", format!("{root}.text")),
            _ => state.insert("TimestampPath", "$$.Execution.StartTime"),
        };
        self.assign(&mut state, place);
        go_on(&mut state, place.next);
        states.push((name.to_owned(), state));
    }

    /// A state whose output is no data any more, and one that makes it anew.
    fn detour(&mut self, name: &str, place: Place<'_>, states: &mut States) {
        let back = self.new_name();
        let mut state = self.state("Pass");
        if self.is_jsonata(&mut state) {
            self.computed_detour(&mut state);
        } else {
            match self.random.below(4) {
                0 => state.insert("OutputPath", Value::Null),
                1 => state.insert("OutputPath", "$.nested.list[0]"),
                2 => state.insert("Result", json::value!([1, "two"])),
                _ => state.insert("InputPath", Value::Null),
            };
        }
        go_on(&mut state, Some(&back));
        states.push((name.to_owned(), state));
        let mut state = self.state("Pass");
        if self.is_jsonata(&mut state) {
            self.computed_way_back(&mut state);
        } else {
            match self.random.below(3) {
                0 => state.insert("OutputPath", "$base"),
                1 => state.insert("InputPath", "$base"),
                _ => {
                    let anew = self.anew_from_base();
                    state.insert("Parameters", anew)
                }
            };
        }
        go_on(&mut state, place.next);
        states.push((back, state));
    }

    /// An InputPath for a state whose raw input stays; where its effective input has the data.
    pub fn input_path(&mut self, state: &mut Object) -> String {
        let (path, root): (Value, &str) = match self.random.below(20) {
            0 => ("$".into(), "$"),
            1 => ("$.nested".into(), "$base"),
            2 => ("$['nested']".into(), "$base"),
            3 => (Value::Null, "$base"),
            4 => ("$base".into(), "$"),
            5 => ("$$.Execution.Input".into(), "$"),
            6 => ("$.nested.list[2]".into(), "$base"),
            7 if self.random.once_in(10) => ("$.not.there".into(), "$base"),
            _ => return "$".to_owned(),
        };
        state.insert("InputPath", path);
        root.to_owned()
    }

    /// InputPath and OutputPath of a state that passes its input on; whether its input is the data.
    pub fn whole_flow(&mut self, state: &mut Object, place: Place<'_>) -> bool {
        match self.random.below(10) {
            0 => {
                state.insert("InputPath", "$");
                true
            }
            1 => {
                state.insert("OutputPath", "$");
                true
            }
            2 if !place.is_in_loop => {
                state.insert("InputPath", "$.nested");
                state.insert("OutputPath", "$base");
                false
            }
            3 if !place.is_in_loop => {
                state.insert("InputPath", Value::Null);
                state.insert("OutputPath", *self.random.pick(&["$base", "$$.Execution.Input"]));
                false
            }
            4 if place.next.is_none() => {
                state.insert(
                    "OutputPath",
                    *self.random.pick(&["$.n", "$.items", "$$.State.Name", "$base.text"]),
                );
                true
            }
            _ => true,
        }
    }

    /// A ResultPath that keeps the data, for whatever the result is.
    pub fn result_path(&mut self, state: &mut Object, place: Place<'_>) {
        if self.random.once_in(60) {
            state.insert("ResultPath", "$.text.no.place");
            return;
        }
        match self.random.below(12) {
            0 | 1 => state.insert("ResultPath", Value::Null),
            // In a loop this would grow with each round, for templates hold `nested`.
            2 if !place.is_in_loop => state.insert("ResultPath", "$.nested.result"),
            3 if !place.is_in_loop => state.insert("ResultPath", "$.nested.list[1]"),
            4 => state.insert("ResultPath", "$['out']"),
            5 if !place.is_in_loop => state.insert("OutputPath", "$base"),
            6 => {
                state.insert("ResultPath", "$.deep.out");
                state.insert("OutputPath", "$")
            }
            _ => state.insert("ResultPath", "$.out"),
        };
        if place.next.is_none() && !state.contains_key("OutputPath") && self.random.once_in(2) {
            state.insert("OutputPath", *self.random.pick(&["$.n", "$.nested.a", "$['text']", "$.at"]));
        }
    }

    /// ResultSelector and ResultPath of a state that has both.
    pub fn result(&mut self, state: &mut Object, place: Place<'_>, shape: ResultShape) {
        if self.random.once_in(3) {
            let mut selector = match shape {
                ResultShape::Answer => json::value!({
                    "answer.$": "$.answer", "first.$": "$.list[0]", "shown.$": "States.Format('<{}>', $.text)",
                    "rest.$": "$.list[*]", "by.$": "$$.State.Name",
                }),
                ResultShape::Array => {
                    json::value!({ "all.$": "$", "count.$": "States.ArrayLength($)", "some.$": "$[0:1]" })
                }
            };
            if let Some(members) = selector.as_object_mut()
                && self.random.once_in(30)
            {
                let expression = self.wrong("$base");
                members.insert("wrong.$", expression);
            }
            state.insert("ResultSelector", selector);
        } else if !place.is_in_loop && self.random.once_in(8) {
            let anew = self.anew_from_base();
            state.insert("ResultSelector", anew);
            return;
        }
        self.result_path(state, place);
    }
}
