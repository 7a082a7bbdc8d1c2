//! When a schedule invokes its target: PURE.

use events::Schedule;
use events::schedule::FlexibleWindow;

use super::zone::Zone;

/// Without a flexible window a target is invoked within the minute, so one that is late by less is not missed.
const GRACE: i64 = 60;

/// When, in seconds since 1970.
#[derive(Clone, Debug)]
pub(super) struct Timing {
    pub schedule: Schedule,
    pub zone: Zone,
    /// StartDate, or when the schedule was made. Rates count from here, and nothing is due before.
    pub start: i64,
    /// EndDate: nothing is due behind it.
    pub end: Option<i64>,
    pub window: FlexibleWindow,
    /// What differs from one schedule to the next, for times within the window.
    pub spread: u64,
}

/// A time at which a schedule is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// As the expression says.
    pub time: i64,
    /// When the target is invoked, within the window.
    pub fires: i64,
}

impl Timing {
    /// What is due next, if the last invocation was due at `last`.
    ///
    /// Nothing is invoked while the server is down. Afterwards what is late by less than its window (a minute without one) is
    /// made up for, and so is a one-off however late it is; other times that passed are skipped.
    pub fn next(&self, last: Option<i64>, now: i64) -> Option<Due> {
        let behind = last.unwrap_or(i64::MIN).max(self.start - 1);
        let behind = match self.schedule {
            Schedule::At { .. } => behind,
            Schedule::Rate { .. } | Schedule::Cron(_) => {
                behind.max(now - self.window.seconds().max(GRACE) - 1)
            }
        };
        let time = self.schedule.next_after(behind, self.start, &self.zone)?;
        if self.end.is_some_and(|end| time > end) {
            return None;
        }
        let window = self.window.seconds().max(1) as u64;
        let mixed = (self.spread ^ (time as u64)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16;
        Some(Due { time, fires: time + (mixed % window) as i64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_662_638_400;

    fn timing(expression: &str, zone: &str, window: u16) -> Timing {
        Timing {
            schedule: Schedule::parse(expression).unwrap(),
            zone: Zone::named(zone).unwrap(),
            start: NOON,
            end: None,
            window: if window == 0 { FlexibleWindow::Off } else { FlexibleWindow::Minutes(window) },
            spread: 7,
        }
    }

    fn times(timing: &Timing, count: usize) -> Vec<i64> {
        let mut last = None;
        let mut now = NOON;
        let mut times = Vec::new();
        while times.len() < count
            && let Some(due) = timing.next(last, now)
        {
            assert!(due.fires >= due.time && due.fires <= due.time + timing.window.seconds());
            times.push(due.time - NOON);
            (last, now) = (Some(due.time), now.max(due.fires));
        }
        times
    }

    #[test]
    fn a_rate_begins_at_once_and_ends_at_its_end() {
        let rate = timing("rate(5 minutes)", "UTC", 0);
        assert_eq!(times(&rate, 3), [0, 300, 600]);
        assert_eq!(times(&Timing { end: Some(NOON + 300), ..rate.clone() }, 9), [0, 300]);
        assert_eq!(times(&Timing { window: FlexibleWindow::Minutes(15), ..rate }, 4), [0, 300, 600, 900]);
    }

    #[test]
    fn cron_and_at_follow_the_clocks_of_their_zone() {
        assert_eq!(times(&timing("cron(0 15 * * ? *)", "Europe/Berlin", 0), 2), [3_600, 90_000]);
        assert_eq!(times(&timing("at(2022-09-08T15:00:00)", "Europe/Berlin", 0), 2), [3_600]);
        assert_eq!(times(&timing("at(2022-09-08T11:59:59)", "UTC", 0), 2), [0; 0]);
    }

    #[test]
    fn what_passed_meanwhile_is_skipped_but_for_one_offs_and_what_is_late_by_little() {
        let rate = timing("rate(5 minutes)", "UTC", 0);
        let next = |timing: &Timing, now: i64| timing.next(Some(NOON), NOON + now).map(|due| due.time - NOON);
        assert_eq!(next(&rate, 1_000), Some(1_200));
        assert_eq!(next(&rate, 960), Some(900));
        assert_eq!(next(&timing("rate(5 minutes)", "UTC", 10), 1_000), Some(600));
        let at = timing("at(2022-09-08T12:05:00)", "UTC", 0);
        assert_eq!(at.next(None, NOON + 86_400).map(|due| due.time - NOON), Some(300));
        assert_eq!(at.next(Some(NOON + 300), NOON + 301), None);
    }
}
