//! Parallel and Map states in JSONata.

use json::{Object, Value};

use super::super::{Generator, Place, Source, States, go_on};
use super::{Moment, computed};

/// One ItemSelector in so many cannot be worked out.
const WRONG_IN: u64 = 30;

impl Generator<'_> {
    pub fn computed_parallel(
        &mut self,
        name: &str,
        mut state: Object,
        place: Place<'_>,
        states: &mut States,
    ) {
        if self.random.once_in(2)
            && let Some(arguments) = self.computed_arguments()
        {
            state.insert("Arguments", arguments);
        }
        let branches: Vec<Value> = (0..1 + self.random.below(3))
            .map(|_| Value::Object(self.container(place.nesting + 1, Source::Around)))
            .collect();
        state.insert("Branches", Value::from(branches));
        self.finish_computed(name, state, place, states);
    }

    pub fn computed_map(&mut self, name: &str, mut state: Object, place: Place<'_>, states: &mut States) {
        let items: Option<Value> = match self.random.below(12) {
            0..8 => Some(computed(self.computed_array()).into()),
            8 => Some(json::value!([1, computed("$states.input.n"), { "two": computed("$base.text") }])),
            9 => Some(computed(*self.random.pick(&["$base.text", "$nobody", "{'a': 1}"])).into()),
            // The data is no array.
            10 if self.random.once_in(2) => None,
            _ => Some(json::value!([])),
        };
        if let Some(items) = items {
            state.insert("Items", items);
        }
        let is_distributed = self.may_be_distributed(place);
        if is_distributed {
            self.distribute_computed(&mut state, place);
        } else if self.random.once_in(2) {
            let mut selector = self.computed_object(Moment::Entry, WRONG_IN);
            selector.insert("index", computed("$states.context.Map.Item.Index"));
            selector.insert("value", computed("$states.context.Map.Item.Value"));
            state.insert("ItemSelector", selector);
        } else if self.random.once_in(4) {
            // Of some items it gives nothing.
            state.insert("ItemSelector", computed("$states.context.Map.Item[Value != 2]"));
        }
        match self.random.below(6) {
            0..2 => state.insert("MaxConcurrency", self.random.below(4)),
            2 => state.insert("MaxConcurrency", computed("$states.input.seconds")),
            3 => state.insert("MaxConcurrency", computed("$base.nested.a")),
            4 if self.random.once_in(4) => state.insert("MaxConcurrency", computed("-1")),
            _ => None,
        };
        // In an inline Map they are of no effect, but what fails in them counts all the same.
        match self.random.below(12) {
            0 => state.insert("ToleratedFailureCount", 1),
            1 => state.insert("ToleratedFailureCount", computed("$base.ratio * 4")),
            2 => state.insert("ToleratedFailurePercentage", 50),
            3 => state.insert("ToleratedFailurePercentage", computed("$base.seconds * 2")),
            _ => None,
        };
        if !is_distributed {
            let processor = self.item_processor(place);
            let is_old = self.random.once_in(4);
            state.insert(if is_old { "Iterator" } else { "ItemProcessor" }, processor);
        }
        self.finish_computed(name, state, place, states);
    }

    fn finish_computed(&mut self, name: &str, mut state: Object, place: Place<'_>, states: &mut States) {
        self.output(&mut state, place, Moment::Results);
        self.computed_assign(&mut state, place, Moment::Results);
        self.retry(&mut state);
        self.catch(&mut state, place, states);
        go_on(&mut state, place.next);
        states.push((name.to_owned(), state));
    }
}
