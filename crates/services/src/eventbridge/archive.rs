//! An archive: events of a bus, kept to be replayed.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use events::{Event, Pattern};
use json::{Object, Value};
use ledger::{Batch, Ledger};

use super::members::Members;
use super::rule;
use crate::{Fault, spaces};

/// An archive, ready to be asked.
#[derive(Clone, Debug)]
pub(super) struct Archive {
    /// What DescribeArchive shows, with `Id`, `Bus` and times in milliseconds since 1970.
    pub record: Object,
    /// What the keys of its events begin with.
    pub id: u128,
    pub pattern: Option<Arc<Pattern>>,
    pub kept: Arc<Kept>,
}

/// How much is in an archive.
#[derive(Debug, Default)]
pub(super) struct Kept {
    events: AtomicI64,
    bytes: AtomicI64,
}

impl Kept {
    pub fn add(&self, events: i64, bytes: i64) {
        self.events.fetch_add(events, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub fn events(&self) -> i64 {
        self.events.load(Ordering::Relaxed)
    }

    pub fn bytes(&self) -> i64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// Where an event of an archive is: its key tells all that is to be known without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub archive: u128,
    /// When the event came in, in milliseconds since 1970.
    pub time: i64,
    /// Keeps those of one moment apart.
    pub event: u128,
    pub bytes: u32,
}

impl Place {
    pub fn key(&self) -> Vec<u8> {
        let time = self.time.max(0).to_be_bytes();
        [&self.archive.to_be_bytes()[..], &time, &self.event.to_be_bytes(), &self.bytes.to_be_bytes()]
            .concat()
    }

    pub fn read(key: &[u8]) -> Option<Place> {
        let (archive, rest) = key.split_first_chunk::<16>()?;
        let (time, rest) = rest.split_first_chunk::<8>()?;
        let (event, rest) = rest.split_first_chunk::<16>()?;
        Some(Place {
            archive: u128::from_be_bytes(*archive),
            time: i64::from_be_bytes(*time),
            event: u128::from_be_bytes(*event),
            bytes: u32::from_be_bytes(rest.try_into().ok()?),
        })
    }
}

/// The beginning of the keys from this time on.
pub(super) fn from(archive: u128, time: i64) -> Vec<u8> {
    [&archive.to_be_bytes()[..], &time.max(0).to_be_bytes()].concat()
}

impl Archive {
    /// Of its record.
    pub fn new(record: Object, kept: Arc<Kept>) -> Result<Archive, Fault> {
        let of_record = Value::Object(record.clone());
        let members = Members(&of_record);
        let pattern = members.text("EventPattern").filter(|text| !text.is_empty());
        let pattern = pattern.map(rule::pattern).transpose()?.map(Arc::new);
        let id = u128::from_str_radix(members.required("Id")?, 16);
        let id = id.map_err(|_| Fault::new("InternalException", "The archive has no id."))?;
        Ok(Archive { record, id, pattern, kept })
    }

    pub fn text(&self, name: &str) -> &str {
        self.record.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether it keeps an event of its bus.
    pub fn wants(&self, event: &Event) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| pattern.matches(event))
    }

    /// Events that came in before this time are not kept any longer.
    pub fn keeps_from(&self, now: i64) -> Option<i64> {
        const DAY: i64 = 86_400_000;
        let days = self.record.get("RetentionDays").and_then(Value::as_i64).filter(|days| *days > 0)?;
        Some(now.saturating_sub(days.saturating_mul(DAY)))
    }

    /// Counts what is there, after a start.
    pub fn count(&self, ledger: &Ledger) {
        visit(ledger, self.id, |place| self.kept.add(1, i64::from(place.bytes)));
    }
}

fn visit(ledger: &Ledger, archive: u128, mut visit: impl FnMut(Place)) {
    const AT_ONCE: usize = 10_000;
    let mut after: Option<Vec<u8>> = None;
    loop {
        let keys = ledger.keys(spaces::ARCHIVES, &archive.to_be_bytes(), after.as_deref(), AT_ONCE);
        let Some(last) = keys.last() else { return };
        after = Some(last.clone());
        keys.iter().filter_map(|key| Place::read(key)).for_each(&mut visit);
    }
}

/// Removes some of the events that came in before a time, all with `None`; how many and how many bytes.
pub(super) fn forget(ledger: &Ledger, archive: u128, before: Option<i64>, batch: &mut Batch) -> (i64, i64) {
    /// Little enough that nobody's commit waits for it.
    const AT_ONCE: usize = 1_000;
    let keys = ledger.keys(spaces::ARCHIVES, &archive.to_be_bytes(), None, AT_ONCE);
    let (mut events, mut bytes) = (0, 0);
    for key in keys {
        let Some(place) = Place::read(&key) else { continue };
        if before.is_some_and(|before| place.time >= before) {
            break;
        }
        batch.remove(spaces::ARCHIVES, &key);
        events += 1;
        bytes += i64::from(place.bytes);
    }
    (events, bytes)
}
