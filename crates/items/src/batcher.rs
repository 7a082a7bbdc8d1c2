//! ItemBatcher: puts items together to inputs of child executions.
//!
//! Never here: ItemSelector, which has made the items, and what a child does with its input.

use json::Value;

use crate::Failure;

/// The input of an execution, in bytes of UTF-8. A batch is never larger.
pub const INPUT_BYTES_MAX: usize = 262_144;

/// Makes `{"BatchInput": …, "Items": […]}` out of items, as texts.
#[derive(Clone, Debug)]
pub struct Batcher {
    items_max: u64,
    bytes_max: usize,
    /// Everything before the first item.
    head: String,
    /// The batch that is not full; as long as `head` if it has no items.
    open: String,
    items: u64,
}

/// What follows the last item.
const TAIL: &str = "]}";

impl Batcher {
    /// `MaxItemsPerBatch`, `MaxInputBytesPerBatch` and `BatchInput`, as far as they are given. A limit is at least 1.
    ///
    /// The bytes of a batch are those of the whole input. Fails if `BatchInput` alone takes them all.
    pub fn new(
        items_max: Option<u64>,
        bytes_max: Option<usize>,
        batch_input: Option<&Value>,
    ) -> Result<Batcher, Failure> {
        let bytes_max = bytes_max.unwrap_or(INPUT_BYTES_MAX).clamp(1, INPUT_BYTES_MAX);
        let mut head = String::from("{");
        if let Some(batch_input) = batch_input {
            head.push_str("\"BatchInput\":");
            batch_input.write_into(&mut head);
            head.push(',');
        }
        head.push_str("\"Items\":[");
        if head.len() + TAIL.len() >= bytes_max {
            return Err(Failure::too_large(format!(
                "A batch may have {bytes_max} bytes, and BatchInput leaves no room for an item."
            )));
        }
        let items_max = items_max.unwrap_or(u64::MAX).max(1);
        Ok(Batcher { items_max, bytes_max, open: head.clone(), head, items: 0 })
    }

    /// Adds an item; gives the batch before it, if it does not fit into that one, or the one that it fills.
    ///
    /// Fails if the item does not fit into a batch of its own.
    pub fn add(&mut self, item: &Value) -> Result<Option<String>, Failure> {
        let room = self.bytes_max - self.head.len() - TAIL.len();
        let Some(text) = item.to_text_up_to(room) else {
            return Err(Failure::too_large(format!(
                "An item does not fit into a batch of {} bytes: {room} bytes are left for it.",
                self.bytes_max
            )));
        };
        let separator = usize::from(self.items > 0);
        let fits = self.open.len() + separator + text.len() + TAIL.len() <= self.bytes_max;
        let before = if fits { None } else { self.finish() };
        if self.items > 0 {
            self.open.push(',');
        }
        self.open.push_str(&text);
        self.items += 1;
        if before.is_some() {
            // The item is alone in its batch. If one is all that a batch may have, no two items met in `before`.
            return Ok(before);
        }
        Ok(if self.items >= self.items_max { self.finish() } else { None })
    }

    /// How many items wait in the batch that is not full.
    pub fn open_items(&self) -> u64 {
        self.items
    }

    /// The last batch, if there are items that no batch has.
    pub fn finish(&mut self) -> Option<String> {
        if std::mem::take(&mut self.items) == 0 {
            return None;
        }
        let mut batch = std::mem::replace(&mut self.open, self.head.clone());
        batch.push_str(TAIL);
        Some(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(batcher: Result<Batcher, Failure>, items: &[&str], expected: &[&str]) {
        let mut batcher = batcher.unwrap();
        let mut batches = Vec::new();
        for item in items {
            batches.extend(batcher.add(&Value::parse(item).unwrap()).unwrap());
        }
        batches.extend(batcher.finish());
        assert_eq!(batches, expected);
        for batch in batches {
            Value::parse(&batch).unwrap();
        }
    }

    #[test]
    fn a_batch_has_so_many_items() {
        check(
            Batcher::new(Some(2), None, None),
            &["1", "{\"a\":2}", "[3]"],
            &["{\"Items\":[1,{\"a\":2}]}", "{\"Items\":[[3]]}"],
        );
        check(Batcher::new(Some(1), None, None), &["1", "2"], &["{\"Items\":[1]}", "{\"Items\":[2]}"]);
        check(Batcher::new(Some(5), None, None), &[], &[]);
    }

    #[test]
    fn batch_input_stands_before_the_items() {
        let input = Value::parse("{\"factCheck\": \"December 2022\"}").unwrap();
        check(
            Batcher::new(Some(2), None, Some(&input)),
            &["1", "2"],
            &["{\"BatchInput\":{\"factCheck\":\"December 2022\"},\"Items\":[1,2]}"],
        );
    }

    #[test]
    fn a_batch_has_so_many_bytes() {
        // `{"Items":[1,2]}` has 15 of them.
        check(
            Batcher::new(None, Some(15), None),
            &["1", "2", "3"],
            &["{\"Items\":[1,2]}", "{\"Items\":[3]}"],
        );
        check(
            Batcher::new(Some(3), Some(15), None),
            &["1", "222", "3", "4", "5"],
            &["{\"Items\":[1]}", "{\"Items\":[222]}", "{\"Items\":[3,4]}", "{\"Items\":[5]}"],
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut batcher = Batcher::new(None, Some(15), None).unwrap();
        let failure = batcher.add(&Value::from("12345")).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "States.DataLimitExceeded: An item does not fit into a batch of 15 bytes: 3 bytes are left for it."
        );
        assert!(Batcher::new(None, Some(12), None).is_err());
    }

    #[test]
    fn without_limit_of_bytes_a_batch_is_an_input() {
        let item = Value::from("x".repeat(1000));
        let mut batcher = Batcher::new(Some(1_000_000), None, None).unwrap();
        let batch = (0..1000).find_map(|_| batcher.add(&item).unwrap()).unwrap();
        assert!(batch.len() <= INPUT_BYTES_MAX && batch.len() + 1003 > INPUT_BYTES_MAX, "{}", batch.len());
    }
}
