//! What FIFO topics remember: which messages were published within the last five minutes, and how many there were.
//!
//! Never here: a clock, the ledger (whoever moves this value writes its keys and values).

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

use json::Text;

/// A message with the id of an earlier one is a duplicate for so long. (spec/event-routers.md §1)
const MILLISECONDS: i64 = 5 * 60_000;

/// The numbers of a topic's messages, as AWS counts them.
const SEQUENCE_FIRST: u64 = 10_000_000_000_000_000_000;
const SEQUENCE_STEP: u64 = 1_000;

/// So many messages a second for five minutes, all topics together, take 300 MB of memory: AWS's own bound of a topic is a
/// tenth of it.
const KNOWN_MAX: usize = 1_000_000;

/// With each message that is remembered so many old ones are forgotten at most: more than come, few enough for one batch.
const FORGOTTEN_AT_ONCE: usize = 16;

/// The messages of the last five minutes, and each topic's last number.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    known: BTreeMap<Text, Known>,
    /// When each of them is forgotten. What was removed since has no entry there, or a later one.
    order: VecDeque<(i64, Text)>,
    sequences: BTreeMap<Text, u64>,
}

/// A message that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub message_id: Text,
    pub sequence: u64,
    /// From when it is not known any more, in milliseconds since 1970.
    pub expires: i64,
}

/// There are too many.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMany;

/// What a message is known by: the topic and its deduplication id, and the group where duplicates are looked for within it.
pub(super) fn key(topic_arn: &str, group: Option<&str>, deduplication: &str) -> Text {
    // Neither names nor ids have spaces.
    format!("{topic_arn} {} {deduplication}", group.unwrap_or_default()).into()
}

/// The number behind this one.
pub(super) fn after(sequence: u64) -> u64 {
    sequence.saturating_add(SEQUENCE_STEP)
}

impl Window {
    /// The message that was published under this key, if it still counts.
    pub fn find(&self, key: &str, now: i64) -> Option<&Known> {
        self.known.get(key).filter(|known| known.expires > now)
    }

    /// A topic's next number.
    pub fn next(&self, topic_arn: &str) -> u64 {
        self.sequences.get(topic_arn).copied().map_or(SEQUENCE_FIRST, after)
    }

    /// Whether a message published at this time can be remembered, and as what.
    pub fn admit(&self, message_id: Text, sequence: u64, now: i64) -> Result<Known, TooMany> {
        match self.known.len() < KNOWN_MAX {
            true => Ok(Known { message_id, sequence, expires: now + MILLISECONDS }),
            false => Err(TooMany),
        }
    }

    /// Remembers a message.
    pub fn remember(&mut self, key: Text, known: Known) {
        self.order.push_back((known.expires, key.clone()));
        self.known.insert(key, known);
    }

    /// The topic's last number is this one.
    pub fn count(&mut self, topic_arn: &str, sequence: u64) {
        self.sequences.insert(topic_arn.into(), sequence);
    }

    /// Keys of messages that do not count any more, some of the oldest ones. They are forgotten here.
    pub fn forget(&mut self, now: i64) -> Vec<Text> {
        let mut forgotten = Vec::new();
        while forgotten.len() < FORGOTTEN_AT_ONCE
            && self.order.front().is_some_and(|(expires, _)| *expires <= now)
        {
            let Some((_, key)) = self.order.pop_front() else { break };
            if self.known.get(&key).is_some_and(|known| known.expires <= now) {
                self.known.remove(&key);
                forgotten.push(key);
            }
        }
        forgotten
    }

    /// The keys of a topic's messages.
    pub fn keys_of(&self, topic_arn: &str) -> Vec<Text> {
        let prefix = format!("{topic_arn} ");
        let from = (Bound::Included(prefix.as_str()), Bound::Unbounded);
        let behind = self.known.range::<str, _>(from).map(|(key, _)| key.clone());
        behind.take_while(|key| key.starts_with(&prefix)).collect()
    }

    /// Forgets a topic.
    pub fn forget_topic(&mut self, topic_arn: &str) {
        self.sequences.remove(topic_arn);
        for key in self.keys_of(topic_arn) {
            self.known.remove(&key);
        }
    }

    /// Puts what was read in the order of time.
    pub fn sort(&mut self) {
        self.order.make_contiguous().sort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:t.fifo";

    fn publish(window: &mut Window, id: &str, now: i64) -> u64 {
        let key = key(TOPIC, None, id);
        if let Some(known) = window.find(&key, now) {
            return known.sequence;
        }
        let sequence = window.next(TOPIC);
        let known = window.admit(id.into(), sequence, now).unwrap();
        window.remember(key, known);
        window.count(TOPIC, sequence);
        sequence
    }

    #[test]
    fn a_duplicate_counts_for_five_minutes() {
        let mut window = Window::default();
        let first = publish(&mut window, "a", 0);
        assert_eq!(first, 10_000_000_000_000_000_000);
        assert_eq!(publish(&mut window, "b", 1), first + 1_000);
        assert_eq!(publish(&mut window, "a", 299_999), first);
        assert_eq!(publish(&mut window, "a", 300_000), first + 2_000);
        // The first entry of `a` is old; what `a` is now is not.
        assert_eq!(window.forget(300_001), [key(TOPIC, None, "b")]);
        assert_eq!(window.forget(600_000), [key(TOPIC, None, "a")]);
        assert_eq!(window.next(TOPIC), first + 3_000);
    }

    #[test]
    fn groups_are_apart_where_the_topic_says_so() {
        assert_ne!(key(TOPIC, Some("g"), "a"), key(TOPIC, Some("h"), "a"));
        assert_eq!(key(TOPIC, None, "a"), key(TOPIC, None, "a"));
    }

    #[test]
    fn a_topic_is_forgotten_whole() {
        let mut window = Window::default();
        publish(&mut window, "a", 0);
        let other = key("arn:aws:sns:us-east-1:123456789012:t.fifo2", None, "a");
        let known = window.admit("m".into(), 1, 0).unwrap();
        window.remember(other.clone(), known);
        assert_eq!(window.keys_of(TOPIC), [key(TOPIC, None, "a")]);
        window.forget_topic(TOPIC);
        assert!(window.find(&other, 1).is_some());
        assert_eq!(window.next(TOPIC), SEQUENCE_FIRST);
        assert_eq!(window.forget(300_000), [other]);
    }

    #[test]
    fn forgetting_is_done_a_little_at_a_time() {
        let mut window = Window::default();
        for place in 0..40 {
            publish(&mut window, &place.to_string(), place);
        }
        let counts: Vec<usize> = (0..4).map(|_| window.forget(1_000_000).len()).collect();
        assert_eq!(counts, [16, 16, 8, 0]);
    }
}
