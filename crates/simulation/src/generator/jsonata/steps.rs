//! Pass, Wait, Choice, Succeed and Fail in JSONata, and the states that begin, mend and count.

use json::{Object, Value};

use super::super::data::{instant, made_up};
use super::super::{Generator, Place, Source, States, go_on};
use super::{Moment, computed};

impl Generator<'_> {
    pub fn computed_pass(&mut self, name: &str, mut state: Object, place: Place<'_>, states: &mut States) {
        self.output(&mut state, place, Moment::Entry);
        self.computed_assign(&mut state, place, Moment::Entry);
        go_on(&mut state, place.next);
        states.push((name.to_owned(), state));
    }

    pub fn computed_wait(&mut self, name: &str, mut state: Object, place: Place<'_>, states: &mut States) {
        match self.random.below(if place.is_in_loop { 2 } else { 9 }) {
            0 => state.insert("Seconds", self.random.below(2)),
            1 => state.insert("Seconds", computed("$states.input.n > 3 ? 1 : 0")),
            2 | 3 => state.insert("Seconds", computed("$states.input.seconds")),
            4 => state.insert("Seconds", computed("$floor($base.nested.a / 2)")),
            5 => state.insert("Timestamp", instant(1_700_000_000 + self.random.below(5_000) as i64)),
            6 => state.insert("Timestamp", computed("$states.context.Execution.StartTime")),
            7 if self.random.once_in(8) => {
                let wrong = computed(*self.random.pick(&["$base.text", "$base.ratio", "-1", "$nobody"]));
                state.insert(*self.random.pick(&["Seconds", "Timestamp"]), wrong)
            }
            _ => state.insert("Timestamp", computed("$states.input.at")),
        };
        self.output(&mut state, place, Moment::Entry);
        self.computed_assign(&mut state, place, Moment::Entry);
        go_on(&mut state, place.next);
        states.push((name.to_owned(), state));
    }

    pub fn computed_choice(
        &mut self,
        name: &str,
        mut state: Object,
        place: Place<'_>,
        next: &str,
        states: &mut States,
    ) {
        let mut rules = Vec::new();
        for _ in 0..1 + self.random.below(3) {
            let mut rule = Object::new();
            let condition = match self.random.below(60) {
                0 => computed(self.computed_wrong()).into(),
                1 => computed("$states.input.n").into(),
                2..6 => Value::from(self.random.once_in(2)),
                _ => computed(self.computed_condition()).into(),
            };
            rule.insert("Condition", condition);
            let to =
                if place.later.is_empty() { next.to_owned() } else { self.random.pick(place.later).clone() };
            rule.insert("Next", to);
            self.output(&mut rule, place, Moment::Entry);
            self.computed_assign(&mut rule, place, Moment::Entry);
            if self.random.once_in(8) {
                rule.insert("Comment", "a rule");
            }
            rules.push(Value::Object(rule));
        }
        if self.random.once_in(25) {
            // Where no rule holds, nothing takes it: somebody must lead to the next state all the same.
            rules.push(json::value!({ "Condition": computed("$base.flag"), "Next": next }));
        } else {
            state.insert("Default", next);
        }
        state.insert("Choices", Value::from(rules));
        self.output(&mut state, place, Moment::Entry);
        self.computed_assign(&mut state, place, Moment::Entry);
        states.push((name.to_owned(), state));
    }

    pub fn computed_succeed(&mut self, name: &str, mut state: Object, states: &mut States) {
        let place = Place { nesting: 0, is_in_loop: false, next: None, later: &[] };
        self.output(&mut state, place, Moment::Entry);
        states.push((name.to_owned(), state));
    }

    pub fn computed_fail(&mut self, name: &str, mut state: Object, states: &mut States) {
        for field in ["Error", "Cause"] {
            match self.random.below(6) {
                0 => state.insert(field, "Made"),
                1..4 => state.insert(field, computed(self.computed_text())),
                4 if self.random.once_in(5) => state.insert(field, computed("$states.input.n")),
                _ => None,
            };
        }
        states.push((name.to_owned(), state));
    }

    /// What the first state of a container makes and assigns; `came` is its input as well.
    pub fn computed_begin(&mut self, state: &mut Object, source: Source) -> Object {
        let mut assign = Object::new();
        let root = match source {
            Source::Input | Source::Nowhere => "$states.input",
            Source::BatchInput => "$states.input.BatchInput",
            Source::Around => "$base",
        };
        let mut data = match source {
            Source::Input | Source::BatchInput => {
                self.computed_data(root, computed(format!("{root}.n")).into())
            }
            Source::Nowhere => made_up(),
            Source::Around => {
                let n = Value::from(self.random.below(4));
                self.computed_data(root, n)
            }
        };
        if source != Source::Around {
            assign.insert("base", data.clone());
        }
        match self.random.below(4) {
            0 if source == Source::Around => data.insert("came", computed("$states.input")),
            1 => data.insert("place", computed("$states.context.Execution.Name")),
            _ => None,
        };
        state.insert("Output", data);
        assign
    }

    /// The state that counts a loop's number down.
    pub fn computed_count_down(&mut self, state: &mut Object, place: Place<'_>) {
        let data = self.computed_data("$states.input", computed("$states.input.n - 1").into());
        state.insert("Output", data);
        self.computed_assign(state, place, Moment::Entry);
    }

    /// A state whose output is no data any more.
    pub fn computed_detour(&mut self, state: &mut Object) {
        let output = match self.random.below(4) {
            0 => Value::Null,
            1 => computed("$states.input.nested.list[0]").into(),
            2 => json::value!([1, "two", computed("$states.input.n")]),
            _ => computed(self.computed_anything(Moment::Entry)).into(),
        };
        state.insert("Output", output);
    }

    /// A state that makes the data anew, whatever comes.
    pub fn computed_way_back(&mut self, state: &mut Object) {
        let output: Value = match self.random.once_in(2) {
            true => computed("$base").into(),
            false => self.computed_data("$base", computed("$base.n").into()).into(),
        };
        state.insert("Output", output);
    }
}
