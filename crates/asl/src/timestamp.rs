//! Points in time: AWS's profile of RFC 3339, read and written.

/// Milliseconds since 1970-01-01T00:00:00Z, the resolution of histories and timers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// Nanoseconds since 1970-01-01T00:00:00Z, the resolution of comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub i128);

impl Timestamp {
    /// This many whole seconds later, stopping at the end of time.
    pub fn plus_seconds(self, seconds: u64) -> Timestamp {
        Timestamp(self.0.saturating_add((seconds as i64).saturating_mul(1000)))
    }

    /// This many milliseconds later.
    pub fn plus_millis(self, millis: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(millis))
    }

    /// ISO 8601 in UTC with milliseconds: `2025-08-27T10:04:42.001Z` (spec/asl.md §7).
    pub fn to_iso(self) -> String {
        todo!()
    }
}

/// Reads a timestamp: `T` and `Z` in upper case, an offset or `Z` required, any number of fraction digits.
pub fn parse(text: &str) -> Option<Instant> {
    todo!("{text}")
}
