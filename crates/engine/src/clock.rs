//! The clock: wall time in milliseconds that never runs backwards within a process, so that a step
//! of the system clock can delay a timer but never fires one early by its own measure.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use asl::Timestamp;

/// Reads the time.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    latest: std::sync::Arc<std::sync::atomic::AtomicI64>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Clock { latest: Default::default() }
    }

    /// Now, never before what was told earlier.
    pub(crate) fn now(&self) -> Timestamp {
        let read = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
        self.tell(Timestamp(read))
    }

    /// What this clock says when the system's clock reads `read`.
    pub(crate) fn tell(&self, Timestamp(read): Timestamp) -> Timestamp {
        use std::sync::atomic::Ordering::Relaxed;
        Timestamp(self.latest.fetch_max(read, Relaxed).max(read))
    }

    /// The moment on the monotonic clock when `at` will have come.
    pub(crate) fn instant_of(&self, at: Timestamp) -> Instant {
        let wait = (at.0 - self.now().0).max(0) as u64;
        Instant::now() + std::time::Duration::from_millis(wait)
    }
}
