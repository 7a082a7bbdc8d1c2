//! Maps whose iterations are executions of their own, of both query languages.
//!
//! Those do not see the variables around them, so that the data comes with their input, unless they make some
//! up. Items are in the state's input only: the simulated world has no S3, and no EXPRESS children.

use json::{Object, Value};

use super::jsonata::{Moment, computed};
use super::{Generator, Place, Source};

/// One Map in so many that may be is distributed.
const DISTRIBUTED_IN: u64 = 3;

/// One ItemSelector in so many cannot be worked out.
const WRONG_IN: u64 = 40;

impl Generator<'_> {
    /// Whether the next Map is distributed. Not in loops, whose every round would begin as many executions.
    pub fn may_be_distributed(&mut self, place: Place<'_>) -> bool {
        !place.is_in_loop && self.random.once_in(DISTRIBUTED_IN)
    }

    /// Makes a Map of JSONPath distributed. `$.` fields of the data stand at `root`.
    pub fn distribute(&mut self, state: &mut Object, root: &str, is_old: bool, place: Place<'_>) {
        let source = self.source();
        let has_bytes_limit = self.random.once_in(4);
        let selector = match source {
            Source::Input => {
                let mut selector = self.anew("$base", ("n.$", "$base.n".into()));
                selector.insert("index.$", "$$.Map.Item.Index");
                selector.insert("value.$", "$$.Map.Item.Value");
                if self.random.once_in(WRONG_IN) {
                    let wrong = self.wrong("$base");
                    selector.insert("wrong.$", wrong);
                }
                Some(selector)
            }
            // How long such a text will be nobody can foretell.
            _ if has_bytes_limit => None,
            _ if self.random.once_in(2) => {
                let mut selector = self.template(root, true);
                selector.insert("value.$", "$$.Map.Item.Value");
                selector.insert("source.$", "$$.Map.Item.Source");
                Some(selector)
            }
            _ => None,
        };
        if let Some(selector) = selector {
            state.insert(if is_old { "Parameters" } else { "ItemSelector" }, selector);
        }
        if source == Source::BatchInput || source == Source::Nowhere && self.random.once_in(2) {
            let mut batcher = Object::new();
            match self.random.below(4) {
                0 => batcher.insert("MaxItemsPerBatchPath", "$base.nested.a"),
                _ if has_bytes_limit => None,
                _ => batcher.insert("MaxItemsPerBatch", 1 + self.random.below(4)),
            };
            if has_bytes_limit {
                match self.random.below(6) {
                    0 => batcher.insert("MaxInputBytesPerBatchPath", "$base.nested.a"),
                    _ => batcher.insert("MaxInputBytesPerBatch", self.bytes(source)),
                };
            }
            if source == Source::BatchInput {
                let input = self.anew("$base", ("n.$", "$base.n".into()));
                batcher.insert("BatchInput", input);
            }
            if batcher.keys().all(|name| name == "BatchInput") {
                batcher.insert("MaxItemsPerBatch", 2);
            }
            state.insert("ItemBatcher", batcher);
        }
        self.finish_distributed(state, is_old, source, place);
    }

    /// The same of a Map of JSONata.
    pub fn distribute_computed(&mut self, state: &mut Object, place: Place<'_>) {
        if self.random.once_in(6) {
            state.insert("Items", computed(*self.random.pick(&["$base.nested", "{'one': 1, 'two': [2]}"])));
        }
        let source = self.source();
        let has_bytes_limit = self.random.once_in(4);
        let selector = match source {
            Source::Input => {
                let mut selector = self.computed_data("$base", computed("$base.n").into());
                selector.insert("index", computed("$states.context.Map.Item.Index"));
                selector.insert("value", computed("$states.context.Map.Item.Value"));
                Some(selector)
            }
            // How long such a text will be nobody can foretell.
            _ if has_bytes_limit => None,
            _ if self.random.once_in(2) => {
                let mut selector = self.computed_object(Moment::Entry, WRONG_IN);
                selector.insert("item", computed("$states.context.Map.Item"));
                Some(selector)
            }
            _ => None,
        };
        if let Some(selector) = selector {
            state.insert("ItemSelector", selector);
        }
        if source == Source::BatchInput || source == Source::Nowhere && self.random.once_in(2) {
            let mut batcher = Object::new();
            match self.random.below(4) {
                0 => batcher.insert("MaxItemsPerBatch", computed("$base.nested.a")),
                1 if self.random.once_in(8) => batcher.insert("MaxItemsPerBatch", computed("$base.text")),
                _ if has_bytes_limit => None,
                _ => batcher.insert("MaxItemsPerBatch", 1 + self.random.below(4)),
            };
            if has_bytes_limit {
                match self.random.below(4) {
                    0 => batcher.insert("MaxInputBytesPerBatch", computed("400 + $base.n")),
                    _ => batcher.insert("MaxInputBytesPerBatch", self.bytes(source)),
                };
            }
            if source == Source::BatchInput {
                let input = self.computed_data("$base", computed("$base.n").into());
                batcher.insert("BatchInput", input);
            }
            if batcher.keys().all(|name| name == "BatchInput") {
                batcher.insert("MaxItemsPerBatch", 2);
            }
            state.insert("ItemBatcher", batcher);
        }
        let is_old = self.random.once_in(4);
        self.finish_distributed(state, is_old, source, place);
    }

    /// A batch's limit, which leaves room for some items, mostly.
    fn bytes(&mut self, source: Source) -> u64 {
        let least = if source == Source::BatchInput { 320 } else { 12 };
        least + self.random.below(100)
    }

    /// From where the children have the data.
    fn source(&mut self) -> Source {
        *self.random.pick(&[Source::Input, Source::Input, Source::BatchInput, Source::Nowhere])
    }

    fn finish_distributed(&mut self, state: &mut Object, is_old: bool, source: Source, place: Place<'_>) {
        // What is around they do not see.
        let around = std::mem::take(&mut self.scopes);
        let mut processor = self.container(place.nesting + 1, source);
        self.scopes = around;
        let mut config = Object::new();
        config.insert("Mode", "DISTRIBUTED");
        config.insert("ExecutionType", "STANDARD");
        processor.insert("ProcessorConfig", config);
        state.insert(if is_old { "Iterator" } else { "ItemProcessor" }, processor);
        if self.random.once_in(2) {
            self.next_state += 1;
            state.insert("Label", format!("L{}", self.next_state));
        }
        if self.random.once_in(4) {
            let mut config = Object::new();
            config.insert("Transformation", *self.random.pick(&["NONE", "COMPACT", "FLATTEN"]));
            if self.random.once_in(2) {
                config.insert("OutputType", *self.random.pick(&["JSON", "JSONL"]));
            }
            state.insert("ResultWriter", json::value!({ "WriterConfig": Value::Object(config) }));
        }
    }
}
