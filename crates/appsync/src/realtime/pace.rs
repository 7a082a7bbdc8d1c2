//! How fast a client may ask for things. What it is sent has bounds elsewhere.
//!
//! Never here: what it asks for, what becomes of one that is too fast.

use std::time::{Duration, Instant};

/// A client that comes back begins all its hundred subscriptions at once, and perhaps it ends others: ten times that is no
/// client of ours.
const MESSAGES_MAX: u32 = 1_000;
const WINDOW: Duration = Duration::from_secs(1);

/// The messages of one client in the window that is open.
#[derive(Debug)]
pub(crate) struct Pace {
    since: Instant,
    messages: u32,
}

impl Pace {
    /// None yet.
    pub fn new() -> Pace {
        Pace { since: Instant::now(), messages: 0 }
    }

    /// One more has come: whether they come too fast.
    pub fn is_too_fast(&mut self, now: Instant) -> bool {
        if now.saturating_duration_since(self.since) >= WINDOW {
            *self = Pace { since: now, messages: 0 };
        }
        self.messages += 1;
        self.messages > MESSAGES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_a_thousand_messages() {
        let mut pace = Pace::new();
        let begun = Instant::now();
        for _ in 0..MESSAGES_MAX {
            assert!(!pace.is_too_fast(begun));
        }
        assert!(pace.is_too_fast(begun));
        assert!(!pace.is_too_fast(begun + 2 * WINDOW), "another second");
    }
}
