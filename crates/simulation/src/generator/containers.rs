//! Parallel and Map states.

use json::{Object, Value};

use super::steps::ResultShape;
use super::{Generator, Place, Source, States, go_on};

impl Generator<'_> {
    pub fn parallel(&mut self, name: &str, place: Place<'_>, states: &mut States) {
        let mut state = self.state("Parallel");
        if self.is_jsonata(&mut state) {
            return self.computed_parallel(name, state, place, states);
        }
        let root = self.input_path(&mut state);
        if self.random.once_in(4) {
            let template = self.template(&root, false);
            state.insert("Parameters", template);
        }
        let branches: Vec<Value> = (0..1 + self.random.below(3))
            .map(|_| Value::Object(self.container(place.nesting + 1, Source::Around)))
            .collect();
        state.insert("Branches", Value::from(branches));
        self.finish_container(name, state, place, states);
    }

    pub fn map(&mut self, name: &str, place: Place<'_>, states: &mut States) {
        let mut state = self.state("Map");
        if self.is_jsonata(&mut state) {
            return self.computed_map(name, state, place, states);
        }
        let is_selected = self.random.once_in(8);
        let root = match is_selected {
            true => {
                // The effective input is the array itself.
                state.insert("InputPath", *self.random.pick(&["$.items", "$base.items", "$.nested.list"]));
                "$base".to_owned()
            }
            false => self.input_path(&mut state),
        };
        if !is_selected {
            let path = match (self.random.below(12), self.variable()) {
                (0, Some(variable)) => format!("${variable}"),
                (1, _) => "$base.items".to_owned(),
                (2, _) => "$$.Execution.Input.items".to_owned(),
                (3, _) => format!("{root}.nested.list"),
                (4, _) => format!("{root}.nested['list']"),
                (5, _) if self.random.once_in(6) => format!("{root}.text"),
                _ => format!("{root}.items"),
            };
            state.insert("ItemsPath", path);
        }
        let is_old = self.random.once_in(4);
        let is_distributed = self.may_be_distributed(place);
        if is_distributed {
            self.distribute(&mut state, &root, is_old, place);
        } else if self.random.once_in(2) {
            let mut selector = self.template(&root, true);
            selector.insert("index.$", "$$.Map.Item.Index");
            selector.insert("value.$", "$$.Map.Item.Value");
            if self.random.once_in(4) {
                selector.insert("source.$", "$$.Map.Item.Source");
            }
            state.insert(if is_old { "Parameters" } else { "ItemSelector" }, selector);
        }
        match self.random.below(6) {
            0..2 => state.insert("MaxConcurrency", self.random.below(4)),
            2 => state.insert("MaxConcurrencyPath", format!("{root}.seconds")),
            3 => state.insert("MaxConcurrencyPath", "$base.nested.a"),
            _ => None,
        };
        // In an inline Map they are of no effect.
        match self.random.below(12) {
            0 => state.insert("ToleratedFailureCount", 1),
            1 => state.insert("ToleratedFailureCountPath", "$base.n"),
            2 => state.insert("ToleratedFailurePercentage", 50),
            3 => state.insert("ToleratedFailurePercentagePath", "$base.seconds"),
            _ => None,
        };
        if !is_distributed {
            let processor = self.item_processor(place);
            state.insert(if is_old { "Iterator" } else { "ItemProcessor" }, processor);
        }
        self.finish_container(name, state, place, states);
    }

    pub fn item_processor(&mut self, place: Place<'_>) -> Object {
        let mut processor = self.container(place.nesting + 1, Source::Around);
        if self.random.once_in(3) {
            let mut config = Object::new();
            config.insert("Mode", "INLINE");
            if self.random.once_in(2) {
                config.insert("Comment", "all here");
            }
            processor.insert("ProcessorConfig", config);
        }
        processor
    }

    fn finish_container(&mut self, name: &str, mut state: Object, place: Place<'_>, states: &mut States) {
        self.result(&mut state, place, ResultShape::Array);
        self.assign(&mut state, place);
        self.retry(&mut state);
        self.catch(&mut state, place, states);
        go_on(&mut state, place.next);
        states.push((name.to_owned(), state));
    }
}
