//! When versions are written and when clients sync, by one clock, so that no change falls between the two.
//!
//! A client that was told a moment asks for what has changed since: a write that is under way then has an earlier one, so the
//! moment that clients are told is never later than that of any write under way. Never here: tables.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use json::Text;

/// Milliseconds since 1970.
pub(crate) type Clock = Box<dyn Fn() -> i64 + Send + Sync>;

/// The moments of all versioned tables.
pub(crate) struct Moments {
    clock: Clock,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// The machine's clock may be set back, and this one is not.
    latest: i64,
    /// Of each table, how many writes are under way that began at a moment. Requests bound them.
    under_way: BTreeMap<Text, BTreeMap<i64, usize>>,
}

/// A write under way: until it is dropped, what it changes may not be there yet.
pub(crate) struct UnderWay<'m> {
    moments: &'m Moments,
    table: &'m str,
    /// `_lastChangedAt`
    pub at: i64,
}

impl Moments {
    pub fn new(clock: Clock) -> Moments {
        Moments { clock, known: Mutex::default() }
    }

    /// A write begins.
    pub fn write<'m>(&'m self, table: &'m str) -> UnderWay<'m> {
        let mut known = self.known();
        let at = known.now(&self.clock);
        *known.under_way.entry(table.into()).or_default().entry(at).or_default() += 1;
        UnderWay { moments: self, table, at }
    }

    /// `startedAt`: whoever reads the table from here on sees all changes before that moment, and later asks for those since.
    pub fn started_at(&self, table: &str) -> i64 {
        let mut known = self.known();
        let now = known.now(&self.clock);
        let oldest = known.under_way.get(table).and_then(|moments| moments.keys().next());
        oldest.map_or(now, |oldest| now.min(*oldest))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn now(&mut self, clock: &Clock) -> i64 {
        self.latest = self.latest.max(clock());
        self.latest
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut known = self.moments.known();
        let Some(moments) = known.under_way.get_mut(self.table) else { return };
        if let Some(count) = moments.get_mut(&self.at) {
            *count -= 1;
            if *count == 0 {
                moments.remove(&self.at);
            }
        }
        if moments.is_empty() {
            known.under_way.remove(self.table);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[test]
    fn a_moment_is_not_later_than_a_write_under_way() {
        let time = Arc::new(AtomicI64::new(10));
        let clock = time.clone();
        let moments = Moments::new(Box::new(move || clock.load(Ordering::Relaxed)));
        let [first, second] = [moments.write("a"), moments.write("a")];
        time.store(20, Ordering::Relaxed);
        let third = moments.write("a");
        time.store(15, Ordering::Relaxed);
        let told = || (moments.started_at("a"), moments.started_at("b"));
        assert_eq!((first.at, third.at, told()), (10, 20, (10, 20)), "the clock was set back");
        drop(first);
        time.store(30, Ordering::Relaxed);
        assert_eq!(told(), (10, 30));
        drop(second);
        assert_eq!(told(), (20, 30));
        drop(third);
        assert_eq!(told(), (30, 30));
        assert!(moments.known().under_way.is_empty());
    }
}
