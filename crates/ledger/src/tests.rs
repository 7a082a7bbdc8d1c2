//! A ledger beside a plain map, with restarts, small segments and a compactor that has much to do.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use store::Fault;
use store::log::{Log, Memory};

use super::*;

const ONE: Space = Space::new(1);
const TWO: Space = Space::new(2);

/// Small, so that there are many.
const SEGMENT_BYTES: u64 = 2 << 10;

fn fails() -> Fault {
    Fault::new(|message| panic!("{message}"))
}

fn open(log: &Arc<dyn Log>) -> Ledger {
    Ledger::open_on(log.clone(), true, SEGMENT_BYTES, fails()).unwrap()
}

fn all(ledger: &Ledger, space: Space) -> Entries {
    let mut found = Vec::new();
    ledger.visit(space, &[], |key, value| found.push((key.to_vec(), value))).unwrap();
    found
}

#[derive(Clone, Debug)]
enum Step {
    /// Key and value; without one the key is removed.
    Commit(Vec<(u8, Option<(u8, u16)>)>),
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let change = (0..40_u8, proptest::option::weighted(0.7, (any::<u8>(), 0..400_u16)));
    let step = prop_oneof![
        9 => proptest::collection::vec(change, 1..8).prop_map(Step::Commit),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_holds_what_a_map_would(steps in steps()) {
        let log: Arc<dyn Log> = Arc::new(Memory::new(SEGMENT_BYTES));
        let mut ledger = open(&log);
        let mut map: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Commit(changes) => {
                    let mut batch = Batch::new();
                    for (key, value) in changes {
                        let key = vec![b'k', key];
                        match value {
                            Some((byte, length)) => {
                                let value = vec![byte; length.into()];
                                batch.put(ONE, &key, &value);
                                map.insert(key, value);
                            }
                            None => {
                                batch.remove(ONE, &key);
                                map.remove(&key);
                            }
                        }
                    }
                    ledger.submit(batch).wait().unwrap();
                }
                Step::Reopen => {
                    drop(ledger);
                    ledger = open(&log);
                }
            }
            prop_assert_eq!(all(&ledger, ONE), map.clone().into_iter().collect::<Vec<_>>());
        }
    }
}

#[test]
fn the_log_stays_small_when_little_is_kept() {
    let log: Arc<dyn Log> = Arc::new(Memory::new(SEGMENT_BYTES));
    let ledger = open(&log);
    let put = |key: &[u8], value: &[u8]| {
        let mut batch = Batch::new();
        batch.put(ONE, key, value);
        ledger.submit(batch).wait().unwrap();
    };
    put(b"kept", b"from the beginning");
    for round in 0..3_000_u32 {
        put(b"changing", &[round as u8; 100]);
    }
    let written = 3_000 * 100;
    // The compactor is behind by what it had no time for.
    assert!(ledger.log_bytes() < written / 4, "{} bytes", ledger.log_bytes());
    assert_eq!(ledger.get(ONE, b"kept").unwrap().unwrap(), b"from the beginning");
    drop(ledger);
    let ledger = open(&log);
    assert_eq!(ledger.get(ONE, b"kept").unwrap().unwrap(), b"from the beginning");
    assert_eq!(ledger.get(ONE, b"changing").unwrap().unwrap(), [(2_999_u32) as u8; 100]);
}

#[test]
fn spaces_and_prefixes_are_apart() {
    let log: Arc<dyn Log> = Arc::new(Memory::new(SEGMENT_BYTES));
    let ledger = open(&log);
    let mut batch = Batch::new();
    for (space, key) in [(ONE, "a/1"), (ONE, "a/2"), (ONE, "a/3"), (ONE, "b/1"), (TWO, "a/1")] {
        batch.put(space, key.as_bytes(), format!("{space:?}{key}").as_bytes());
    }
    ledger.submit(batch).wait().unwrap();
    assert_eq!(ledger.keys(ONE, b"a/", None, 10), [b"a/1", b"a/2", b"a/3"]);
    assert_eq!(ledger.keys(ONE, b"a/", Some(b"a/1"), 1), [b"a/2"]);
    assert_eq!(ledger.keys(ONE, b"", Some(b"a/3"), 10), [b"b/1"]);
    assert_eq!(ledger.keys(TWO, b"", None, 10), [b"a/1"]);
    assert_eq!(ledger.get(TWO, b"a/1").unwrap().unwrap(), b"Space(2)a/1");
    assert!(!ledger.contains(TWO, b"b/1"));
    assert_eq!(ledger.len(), 5);
}

#[test]
fn a_full_disk_refuses_and_recovers() {
    let full = Arc::new(testing::Full::new(SEGMENT_BYTES));
    full.set_full(true);
    let ledger = Ledger::open_on(full.clone(), true, SEGMENT_BYTES, fails()).unwrap();
    let commit = || {
        let mut batch = Batch::new();
        batch.put(ONE, b"key", b"value");
        ledger.submit(batch).wait()
    };
    assert_eq!(commit(), Err(Refused::NoRoom));
    assert_eq!(ledger.get(ONE, b"key").unwrap(), None);
    full.set_full(false);
    assert_eq!(commit(), Ok(()));
    assert_eq!(ledger.get(ONE, b"key").unwrap().unwrap(), b"value");
}

#[test]
fn what_no_frame_can_hold_is_refused_whole() {
    let log: Arc<dyn Log> = Arc::new(Memory::new(64 << 20));
    let ledger = open(&log);
    let mut batch = Batch::new();
    batch.put(ONE, b"small", b"value");
    let value = vec![7; Batch::BYTES_MAX / 3];
    (0..3_u8).for_each(|number| batch.put(ONE, &[number], &value));
    batch.remove(ONE, b"other");
    assert_eq!(ledger.submit(batch).wait(), Err(Refused::TooLarge));
    assert!(ledger.is_empty());
    let mut batch = Batch::new();
    batch.put(ONE, b"large", &vec![7; Batch::BYTES_MAX - 100]);
    assert_eq!(ledger.submit(batch).wait(), Ok(()));
    assert_eq!(ledger.get(ONE, b"large").unwrap().map(|value| value.len()), Some(Batch::BYTES_MAX - 100));
}

#[test]
fn commits_that_wait_share_a_frame() {
    let log: Arc<dyn Log> = Arc::new(Memory::new(64 << 20));
    let ledger = open(&log);
    let shared = ledger.shared();
    // Nothing can be shown meanwhile, so that all but the first wait.
    let looking = shared.read();
    let commits: Vec<_> = (0..2_000_u32)
        .map(|number| {
            let mut batch = Batch::new();
            batch.put(ONE, &number.to_be_bytes(), b"value");
            ledger.submit(batch)
        })
        .collect();
    drop(looking);
    commits.into_iter().for_each(|commit| commit.wait().unwrap());
    assert_eq!(ledger.len(), 2_000);
    assert!(log.next_seq() <= 3, "{} frames", log.next_seq() - 1);
}

#[test]
fn a_damaged_value_is_an_error_and_not_an_answer() {
    let log: Arc<dyn Log> = Arc::new(Memory::new(SEGMENT_BYTES));
    let ledger = open(&log);
    let mut batch = Batch::new();
    batch.put(ONE, b"key", b"value");
    ledger.submit(batch).wait().unwrap();
    let key = ONE.key(b"key");
    let at = ledger.shared().read().get(&key).unwrap();
    // As if the index led astray.
    let elsewhere = crate::index::At { place: at.place.plus(1), bytes: at.bytes - 1 };
    ledger.shared().write().put(key, elsewhere);
    let error = ledger.get(ONE, b"key").unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
}
