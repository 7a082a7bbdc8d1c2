//! How long a client may take to send a request.
//!
//! A connection has one slow timer, which looks whether it still waits for what it waited for the
//! last time: two timers for each request would cost more than many a request itself.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

/// A connection's timer fires so often within the shorter of the two spans, so a client has at most
/// this part longer than it is granted.
const TICKS: u32 = 6;

/// What a client is granted.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the moment when an answer is ready, or from the connection's beginning, to the end of the next
    /// request's headers: so long may a connection idle, and so long may a client take to read an answer.
    pub head: Duration,
    /// From there to the end of the body.
    pub body: Duration,
}

impl Default for Patience {
    /// 90 s and 30 s.
    fn default() -> Self {
        Patience { head: Duration::from_secs(90), body: Duration::from_secs(30) }
    }
}

impl Patience {
    /// How often to call [`Progress::tick`].
    pub(crate) fn tick(self) -> Duration {
        (self.head.min(self.body) / TICKS).max(Duration::from_millis(1))
    }

    fn ticks(self, granted: Duration) -> u32 {
        u32::try_from(granted.as_nanos().div_ceil(self.tick().as_nanos())).unwrap_or(u32::MAX - 1)
    }
}

/// Where a connection stands. The connection and what answers its requests share it, and run in one
/// task.
pub(crate) struct Progress {
    patience: Patience,
    /// Which part of a request is waited for.
    part: AtomicU32,
    /// For how many ticks.
    ticks: AtomicU32,
}

/// What a connection may wait for. The numbers are those in [`Progress::part`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Part {
    /// A request's headers.
    Head = 0,
    /// A request's body.
    Body = 1,
    /// The answer, which is ours to give.
    Answer = 2,
}

impl Progress {
    /// A connection that has just begun.
    pub fn new(patience: Patience) -> Progress {
        Progress { patience, part: AtomicU32::new(Part::Head as u32), ticks: AtomicU32::new(0) }
    }

    /// Something has come, and this is waited for next.
    pub fn waits_for(&self, part: Part) {
        self.part.store(part as u32, Relaxed);
        self.ticks.store(0, Relaxed);
    }

    /// Time has gone by.
    pub fn tick(&self) {
        self.ticks.fetch_add(1, Relaxed);
    }

    /// Whether the client has taken too long for this part of its request.
    pub fn is_late_with(&self, part: Part) -> bool {
        let granted = match part {
            Part::Head => self.patience.head,
            Part::Body => self.patience.body,
            Part::Answer => return false,
        };
        // The first tick may come at once after the wait began.
        self.part.load(Relaxed) == part as u32 && self.ticks.load(Relaxed) > self.patience.ticks(granted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_takes_longer_than_granted_is_late() {
        let patience = Patience { head: Duration::from_secs(90), body: Duration::from_secs(30) };
        assert_eq!(patience.tick(), Duration::from_secs(5));
        let progress = Progress::new(patience);
        let late_after = |part| {
            progress.waits_for(part);
            (1..100).find(|_| {
                progress.tick();
                progress.is_late_with(part)
            })
        };
        assert_eq!(late_after(Part::Head), Some(19));
        assert_eq!(late_after(Part::Body), Some(7));
        assert_eq!(late_after(Part::Answer), None);
        progress.waits_for(Part::Head);
        assert!(!progress.is_late_with(Part::Head) && !progress.is_late_with(Part::Body));
    }
}
