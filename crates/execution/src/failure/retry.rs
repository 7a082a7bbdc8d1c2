//! `Retry`: the first retrier whose names fit decides; a used-up one does not pass the fault on to
//! the next. No event tells of the delay. (spec/asl.md §11.2)

use asl::machine::Retrier;

use crate::failure::Fault;
use crate::frame::{Frame, Waiting};
use crate::run::Run;
use crate::step::Step;

/// No delay is longer: the longest interval that a definition may have.
const DELAY_SECONDS_MAX: f64 = 99_999_999.0;

impl Run<'_> {
    /// Lets the frame wait for its next attempt, if a retrier grants one.
    pub fn retry(&mut self, frame: &mut Frame, fault: &Fault) -> Option<Step> {
        let place = self.retrier(frame, fault)?;
        let retrier = &self.state(frame).retry[place];
        let used = frame.retries.get(place).copied().unwrap_or(0);
        if u64::from(used) >= retrier.max_attempts {
            return None;
        }
        if frame.retries.len() <= place {
            frame.retries.resize(place + 1, 0);
        }
        frame.retries[place] += 1;
        let longest = delay_millis(retrier, used);
        let delay = if retrier.full_jitter { self.random.up_to(longest) } else { longest };
        self.forget_kept();
        frame.waiting = Waiting::Retry(self.now.plus_millis(delay as i64));
        Some(Step::Waits)
    }

    /// The place of the retrier that decides, used up or not.
    pub fn retrier(&self, frame: &Frame, fault: &Fault) -> Option<usize> {
        self.state(frame).retry.iter().position(|retrier| fault.matches(&retrier.error_equals))
    }
}

/// The delay after `used` earlier retries, before jitter.
fn delay_millis(retrier: &Retrier, used: u32) -> u64 {
    let seconds = retrier.interval_seconds as f64 * retrier.backoff_rate.powf(f64::from(used));
    let most = retrier.max_delay_seconds.map_or(DELAY_SECONDS_MAX, |seconds| seconds as f64);
    (seconds.min(most).min(DELAY_SECONDS_MAX) * 1000.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_grows_to_its_limit() {
        let retrier = |interval_seconds, backoff_rate, max_delay_seconds| Retrier {
            error_equals: Vec::new(),
            interval_seconds,
            max_attempts: 3,
            backoff_rate,
            max_delay_seconds,
            full_jitter: false,
        };
        let delays = |retrier: &Retrier| [0, 1, 2, 3].map(|used| delay_millis(retrier, used));
        assert_eq!(delays(&retrier(1, 2.0, None)), [1_000, 2_000, 4_000, 8_000]);
        assert_eq!(delays(&retrier(3, 1.0, None)), [3_000; 4]);
        assert_eq!(delays(&retrier(2, 1.5, Some(4))), [2_000, 3_000, 4_000, 4_000]);
        assert_eq!(delay_millis(&retrier(9, 1e300, None), u32::MAX), 99_999_999_000);
    }
}
