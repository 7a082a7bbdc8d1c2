//! When the next attempt is due.

use super::DeliveryId;

/// Twice as long after each attempt, up to a longest pause, and never more often or longer than allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// How many attempts there may be after the first.
    pub retries_max: u32,
    /// How old a delivery may become, in milliseconds.
    pub age_max: i64,
    /// The first pause, in milliseconds.
    pub pause: i64,
    /// The longest, in milliseconds.
    pub pause_max: i64,
}

/// Why there is no next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exhausted {
    /// There were as many as there may be.
    Retries,
    /// The next would be too late.
    Age,
}

impl Exhausted {
    /// As AWS writes it into dead letters.
    pub fn condition(self) -> &'static str {
        match self {
            Exhausted::Retries => "MaximumRetryAttempts",
            Exhausted::Age => "MaximumEventAgeInSeconds",
        }
    }
}

impl Backoff {
    /// EventBridge's and Scheduler's: 185 retries within 24 hours. With pauses of up to nine minutes both bounds are met at about
    /// the same time.
    pub const EVENTS: Backoff =
        Backoff { retries_max: 185, age_max: 86_400_000, pause: 1_000, pause_max: 540_000 };

    /// When the attempt after `earlier` earlier ones and one that just failed is due. A quarter of a pause is left to
    /// chance, which the id decides.
    pub fn next(&self, id: DeliveryId, earlier: u32, sent: i64, now: i64) -> Result<i64, Exhausted> {
        if earlier >= self.retries_max {
            return Err(Exhausted::Retries);
        }
        let doubled = self.pause.saturating_mul(1_i64 << earlier.min(32));
        let pause = doubled.min(self.pause_max);
        let quarter = (pause / 4).max(1) as u64;
        let due = now + pause - (id.spread(u64::from(earlier)) % quarter) as i64;
        if due > sent.saturating_add(self.age_max) { Err(Exhausted::Age) } else { Ok(due) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_s_two_bounds_are_met_at_about_the_same_time() {
        let id = DeliveryId { parcel: 0x1234_5678_9abc_def0, leg: 3 };
        let (mut now, mut earlier) = (0, 0);
        let why = loop {
            match Backoff::EVENTS.next(id, earlier, 0, now) {
                Ok(due) => (now, earlier) = (due, earlier + 1),
                Err(why) => break why,
            }
        };
        assert_eq!((why, earlier), (Exhausted::Retries, 185));
        assert!((80_000_000..86_400_000).contains(&now), "{now}");
    }

    #[test]
    fn pauses_double_and_old_ones_are_given_up() {
        let id = DeliveryId { parcel: 7, leg: 0 };
        let backoff = Backoff { age_max: 10_000, ..Backoff::EVENTS };
        let pauses: Vec<_> = (0..4).map(|earlier| backoff.next(id, earlier, 0, 0)).collect();
        for (earlier, due) in pauses.iter().enumerate() {
            let longest = 1_000 << earlier;
            assert!(due.is_ok_and(|due| (longest * 3 / 4..=longest).contains(&due)), "{pauses:?}");
        }
        assert_eq!(backoff.next(id, 4, 0, 0), Err(Exhausted::Age));
        assert_eq!(Backoff { retries_max: 0, ..backoff }.next(id, 0, 0, 0), Err(Exhausted::Retries));
    }
}
