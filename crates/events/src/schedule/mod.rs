//! Schedules: `rate(…)`, `cron(…)` and `at(…)`, and when they are due next. (spec/event-routers.md §3)
//!
//! Times are seconds since 1970 in UTC. Rules of EventBridge are in UTC and have no `at`; schedules of
//! EventBridge Scheduler have a zone. Never here: the current time, or a database of zones.

mod calendar;
mod cron;
mod field;
mod zone;

pub use cron::Cron;
pub use zone::{Offsets, UTC};

/// Longer texts are refused; EventBridge takes 256 characters. (Its API reference, ScheduleExpression)
const BYTES_MAX: usize = 1024;

/// Year, month and day, so many days after 1970 began.
pub fn date(days: i64) -> (i64, i64, i64) {
    let calendar::Date { year, month, day } = calendar::date(days);
    (year, month, day)
}

/// A schedule expression, compiled.
#[derive(Clone, Debug, PartialEq)]
pub enum Schedule {
    /// `rate(5 minutes)`: again and again after so many seconds.
    Rate {
        /// The period, at least 60.
        seconds: i64,
    },
    /// `cron(0 12 * * ? *)`: at these times of the zone's clocks.
    Cron(Cron),
    /// `at(2022-11-20T13:00:00)`: once.
    At {
        /// Seconds since 1970 on the zone's clocks.
        local: i64,
    },
}

/// FlexibleTimeWindow of EventBridge Scheduler: a target is called at some time within it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FlexibleWindow {
    /// `OFF`: in the minute in which the schedule is due.
    #[default]
    Off,
    /// `FLEXIBLE`: within so many minutes, from then on.
    Minutes(u16),
}

impl FlexibleWindow {
    /// The longest window, a day. (The API reference of EventBridge Scheduler, FlexibleTimeWindow)
    pub const MINUTES_MAX: u16 = 1440;

    /// How many seconds after it is due a target may be called at the latest.
    pub fn seconds(self) -> i64 {
        match self {
            FlexibleWindow::Off => 0,
            FlexibleWindow::Minutes(minutes) => i64::from(minutes) * 60,
        }
    }
}

/// A text that is no schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// What is wrong, in our words; AWS only says `Parameter ScheduleExpression is not valid.`
    pub reason: String,
}

impl Invalid {
    fn new(reason: impl Into<String>) -> Invalid {
        Invalid { reason: reason.into() }
    }
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Invalid {}

impl Schedule {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Schedule, Invalid> {
        if text.len() > BYTES_MAX {
            return Err(Invalid::new(format!("a schedule expression has at most {BYTES_MAX} bytes")));
        }
        let call = text.strip_suffix(')').and_then(|text| text.split_once('('));
        match call {
            Some(("rate", inside)) => rate(inside),
            Some(("cron", inside)) => Ok(Schedule::Cron(Cron::parse(inside)?)),
            Some(("at", inside)) => match calendar::parse(inside) {
                Some(local) => Ok(Schedule::At { local }),
                None => Err(Invalid::new(format!("at({inside}) is no time such as at(2022-11-20T13:00:00)"))),
            },
            _ => Err(Invalid::new("a schedule expression is rate(…), cron(…) or at(…)")),
        }
    }

    /// When it is due next after `after`; nothing if never again.
    ///
    /// A rate counts from `start`, at which it is due for the first time, so a caller that wants the start
    /// itself asks for what comes after the second before it. EventBridge's own rules are first due a period after
    /// they were made.
    pub fn next_after(&self, after: i64, start: i64, zone: &dyn Offsets) -> Option<i64> {
        match self {
            Schedule::Rate { seconds } if after < start => Some(start).filter(|_| *seconds > 0),
            Schedule::Rate { seconds } => {
                let periods = after.checked_sub(start)?.checked_div(*seconds)?.checked_add(1)?;
                start.checked_add(periods.checked_mul(*seconds)?)
            }
            Schedule::Cron(cron) => cron.next_after(after, zone),
            // A time that the clocks pass over is taken by the offset before, as a watch that was not set.
            Schedule::At { local } => zone::instant(*local, zone)
                .or_else(|| zone::instant_in_gap(*local, zone))
                .filter(|due| *due > after),
        }
    }
}

fn rate(inside: &str) -> Result<Schedule, Invalid> {
    let invalid = |reason: &str| Invalid::new(format!("rate({inside}): {reason}"));
    let mut words = inside.split_ascii_whitespace();
    let (Some(value), Some(unit), None) = (words.next(), words.next(), words.next()) else {
        return Err(invalid("a rate is a number and a unit"));
    };
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let value = value.parse().ok().filter(|value: &i64| digits && *value > 0);
    let value = value.ok_or_else(|| invalid("the number is a positive integer"))?;
    let seconds = match unit {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3600,
        "day" | "days" => 86_400,
        _ => return Err(invalid("the unit is minutes, hours or days")),
    };
    if (value == 1) == unit.ends_with('s') {
        return Err(invalid("the unit has an s behind it unless the number is 1"));
    }
    match value.checked_mul(seconds) {
        Some(seconds) => Ok(Schedule::Rate { seconds }),
        None => Err(invalid("the number is too large")),
    }
}
