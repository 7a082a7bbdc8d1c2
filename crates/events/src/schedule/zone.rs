//! From the clocks of a zone to the time in UTC, by offsets that the caller knows.

/// The offsets of a time zone.
pub trait Offsets {
    /// How many seconds clocks are ahead of UTC at a time in seconds since 1970; at most a day.
    fn offset(&self, utc: i64) -> i64;
}

impl<F: Fn(i64) -> i64> Offsets for F {
    fn offset(&self, utc: i64) -> i64 {
        self(utc)
    }
}

/// Clocks that show UTC.
pub struct UTC;

impl Offsets for UTC {
    fn offset(&self, _: i64) -> i64 {
        0
    }
}

/// Longer than any offset, and shorter than the time between two changes of a zone's clocks.
const DAY: i64 = 86_400;

/// When clocks show this time, for the first time; nothing if they pass over it.
pub(super) fn instant(local: i64, zone: &dyn Offsets) -> Option<i64> {
    let (before, after) = around(local, zone);
    let shown = |offset: i64| local - offset + zone.offset(local - offset) == local;
    // Clocks that are ahead show a time earlier.
    [before.max(after), before.min(after)]
        .into_iter()
        .find(|offset| shown(*offset))
        .map(|offset| local - offset)
}

/// When clocks that were not set would show this time.
pub(super) fn instant_in_gap(local: i64, zone: &dyn Offsets) -> Option<i64> {
    let (before, _) = around(local, zone);
    local.checked_sub(before)
}

/// The offsets a day before and a day after: if clocks are set near a time, then from one to the other.
fn around(local: i64, zone: &dyn Offsets) -> (i64, i64) {
    (bounded(zone.offset(local - DAY)), bounded(zone.offset(local + DAY)))
}

fn bounded(offset: i64) -> i64 {
    offset.clamp(-DAY, DAY)
}

/// What clocks show at a time.
pub(super) fn local(utc: i64, zone: &dyn Offsets) -> i64 {
    utc + bounded(zone.offset(utc))
}
