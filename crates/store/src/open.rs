//! The open executions that are in memory: all that something happened to lately. The others wait in
//! the log and are read when something happens to them.

use std::collections::{HashMap, VecDeque};

use execution::{Execution, codec};

use crate::chain::Rebuilt;
use crate::record::ExecutionKey;

/// How many bytes of records the executions in memory may have, so that large payloads do not fill it.
const BYTES_MAX: u64 = 128 << 20;

/// How many bytes may have to be read to load an execution before a checkpoint is worth writing:
/// loading then costs no more, however long the history is. (Few in tests, so that there are many.)
const CHECKPOINT_AFTER_BYTES: usize = if cfg!(test) { 500 } else { 32 << 10 };

/// A checkpoint is not much larger than what was read, and must fit into a frame with room to spare.
const CHECKPOINT_READ_BYTES_MAX: usize = 16 << 20;

/// Executions with what their next records go on from. What changed last leaves last.
pub(crate) struct OpenExecutions {
    count_max: usize,
    executions: HashMap<ExecutionKey, Loaded>,
    /// How their records are numbered. One outlives its execution above until the turn that closes it
    /// is encoded.
    codecs: HashMap<ExecutionKey, codec::Writer>,
    /// In the order of their last changes; an entry whose number is not its execution's is of no use.
    changed: VecDeque<(u64, ExecutionKey)>,
    bytes: u64,
}

struct Loaded {
    execution: Execution,
    /// The number of the commit with its last change; until that is durable it must not leave.
    changed: u64,
    /// Of its records.
    bytes: u64,
    /// So much had to be read to load it that the next of its records are followed by a checkpoint.
    wants_checkpoint: bool,
}

impl OpenExecutions {
    pub(crate) fn new(count_max: usize) -> OpenExecutions {
        OpenExecutions {
            count_max,
            executions: HashMap::new(),
            codecs: HashMap::new(),
            changed: VecDeque::new(),
            bytes: 0,
        }
    }

    pub(crate) fn get(&self, key: ExecutionKey) -> Option<&Execution> {
        self.executions.get(&key).map(|loaded| &loaded.execution)
    }

    /// The execution, to be changed in the commit with this number.
    pub(crate) fn get_mut(&mut self, key: ExecutionKey, number: u64) -> Option<&mut Execution> {
        let loaded = self.executions.get_mut(&key)?;
        if loaded.changed != number {
            loaded.changed = number;
            self.changed.push_back((number, key));
        }
        Some(&mut loaded.execution)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ExecutionKey, &Execution)> {
        self.executions.iter().map(|(&key, loaded)| (key, &loaded.execution))
    }

    /// Puts one in that is new in the commit with the number `changed`.
    pub(crate) fn insert(&mut self, key: ExecutionKey, execution: Execution, changed: u64) {
        self.changed.push_back((changed, key));
        let loaded = Loaded { execution, changed, bytes: 0, wants_checkpoint: false };
        self.executions.insert(key, loaded);
    }

    /// The execution was read from the log.
    pub(crate) fn insert_read(&mut self, key: ExecutionKey, rebuilt: Rebuilt, serial: u32, changed: u64) {
        let Rebuilt { execution, reader, bytes, checkpoint_bytes } = rebuilt;
        self.insert(key, execution, changed);
        self.insert_codec(key, codec::Writer::resume(serial, &reader));
        self.note_bytes(key, bytes as u64);
        if let Some(loaded) = self.executions.get_mut(&key) {
            let is_long = bytes > CHECKPOINT_AFTER_BYTES.max(2 * checkpoint_bytes);
            loaded.wants_checkpoint = is_long && bytes <= CHECKPOINT_READ_BYTES_MAX;
        }
    }

    /// The execution, if a checkpoint of it is wanted; it is not from now on.
    pub(crate) fn take_wish_for_checkpoint(&mut self, key: ExecutionKey) -> Option<&Execution> {
        let loaded = self.executions.get_mut(&key)?;
        std::mem::take(&mut loaded.wants_checkpoint).then_some(&loaded.execution)
    }

    pub(crate) fn insert_codec(&mut self, key: ExecutionKey, codec: codec::Writer) {
        self.codecs.insert(key, codec);
    }

    pub(crate) fn codec(&mut self, key: ExecutionKey) -> Option<&mut codec::Writer> {
        self.codecs.get_mut(&key)
    }

    /// Takes a closed one out; its codec stays.
    pub(crate) fn remove(&mut self, key: ExecutionKey) -> Option<Execution> {
        let loaded = self.executions.remove(&key)?;
        self.bytes -= loaded.bytes;
        Some(loaded.execution)
    }

    /// The turn that closed it is encoded.
    pub(crate) fn remove_codec(&mut self, key: ExecutionKey) {
        self.codecs.remove(&key);
    }

    /// It has so many bytes of records more.
    pub(crate) fn note_bytes(&mut self, key: ExecutionKey, bytes: u64) {
        if let Some(loaded) = self.executions.get_mut(&key) {
            loaded.bytes += bytes;
            self.bytes += bytes;
        }
    }

    /// Lets those go that are too many and whose last change is durable.
    pub(crate) fn settle(&mut self, durable: u64) {
        while let Some(&(number, key)) = self.changed.front() {
            let is_current = self.executions.get(&key).is_some_and(|loaded| loaded.changed == number);
            let is_one_too_many = self.executions.len() > self.count_max || self.bytes > BYTES_MAX;
            match (is_current, is_one_too_many && number <= durable) {
                (false, _) => {}
                (true, true) => {
                    self.remove(key);
                    self.codecs.remove(&key);
                }
                (true, false) => break,
            }
            self.changed.pop_front();
        }
        // One that stays at the front would keep all stale entries behind it.
        if self.changed.len() > 2 * self.executions.len() + 1_000 {
            let executions = &self.executions;
            self.changed
                .retain(|(number, key)| executions.get(key).is_some_and(|loaded| loaded.changed == *number));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::start;

    fn open(count_max: usize, keys: &[u64]) -> OpenExecutions {
        let mut open = OpenExecutions::new(count_max);
        for (&key, number) in keys.iter().zip(1..) {
            open.insert(ExecutionKey(key), Execution::new(start(&format!("e{key}"))), number);
            open.insert_codec(ExecutionKey(key), codec::Writer::new(1));
        }
        open
    }

    fn keys(open: &OpenExecutions) -> Vec<u64> {
        let mut keys: Vec<u64> = open.iter().map(|(key, _)| key.0).collect();
        keys.sort_unstable();
        assert_eq!(open.codecs.len(), keys.len());
        keys
    }

    #[test]
    fn those_whose_last_change_is_oldest_leave_once_it_is_durable() {
        let mut open = open(2, &[7, 8, 9, 10]);
        open.get_mut(ExecutionKey(7), 5).unwrap();
        open.settle(1);
        assert_eq!(keys(&open), [7, 8, 9, 10], "only the start of the first is durable, and it has changed");
        open.settle(2);
        assert_eq!(keys(&open), [7, 9, 10]);
        open.settle(9);
        assert_eq!(keys(&open), [7, 10]);
    }

    #[test]
    fn large_ones_leave_earlier() {
        let mut open = open(100, &[1, 2, 3]);
        open.note_bytes(ExecutionKey(3), BYTES_MAX + 1);
        open.settle(4);
        assert_eq!(keys(&open), [0u64; 0]);
    }

    #[test]
    fn stale_entries_do_not_pile_up() {
        let mut open = open(2, &[1, 2]);
        for number in 3..20_000 {
            open.get_mut(ExecutionKey(2), number).unwrap();
            open.settle(0);
        }
        assert!(open.changed.len() < 2_000);
    }
}
