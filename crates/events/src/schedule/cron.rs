//! `cron(minutes hours day-of-month month day-of-week year)` and the times that it means.

use super::Invalid;
use super::calendar::{self, Date};
use super::field::{DAYS, HOURS, MINUTES, MONTHS, Set, WEEKDAYS, YEARS};
use super::zone::{self, Offsets};

/// More times in a row that clocks pass over or show again than this end the search. Clocks are set by an hour
/// or so; the largest change on record was a day.
const SKIPPED_MAX: usize = 3000;

/// A cron expression, compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct Cron {
    minutes: Set,
    hours: Set,
    days: Days,
    months: Set,
    years: Set,
}

/// On which days of a month: one of the two fields for days, while the other one is `?`.
#[derive(Clone, Debug, PartialEq)]
enum Days {
    /// Days of the month by number.
    Numbers(Set),
    /// `L`: the last day; `L-3`: the third before it.
    Last { before: i64 },
    /// `15W`: the day from Monday to Friday that is nearest to the 15th and within the month.
    Weekday { nearest: i64 },
    /// `LW`: the last day from Monday to Friday.
    LastWeekday,
    /// Days of the week by number, 1 is Sunday.
    OfWeek(Set),
    /// `6#3`: the third Friday.
    Nth { weekday: i64, nth: i64 },
    /// `6L`: the last Friday.
    LastOfWeek { weekday: i64 },
}

impl Cron {
    /// Reads what stands between the brackets.
    pub(super) fn parse(text: &str) -> Result<Cron, Invalid> {
        let invalid = |reason: String| Invalid::new(format!("cron({text}): {reason}"));
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minutes, hours, day, month, weekday, year] = fields[..] else {
            return Err(invalid(format!("six fields are wanted, {} are there", fields.len())));
        };
        Ok(Cron {
            minutes: MINUTES.set(minutes).map_err(invalid)?,
            hours: HOURS.set(hours).map_err(invalid)?,
            days: Days::parse(day, weekday).map_err(invalid)?,
            months: MONTHS.set(month).map_err(invalid)?,
            years: YEARS.set(year).map_err(invalid)?,
        })
    }

    /// The first time after `after`. A time that clocks pass over is left out, and one that they show twice is
    /// meant once. (User guide of EventBridge Scheduler, "Daylight savings time")
    pub(super) fn next_after(&self, after: i64, zone: &dyn Offsets) -> Option<i64> {
        // Beyond these nothing is ever due, and sums could leave 64 bits.
        let (earliest, latest) = (first_second_of(YEARS.least), first_second_of(YEARS.most + 1));
        if after > latest + 2 * 86_400 {
            return None;
        }
        let mut local = zone::local(after.max(earliest - 2 * 86_400), zone);
        for _ in 0..SKIPPED_MAX {
            local = self.next_local(local)?;
            if let Some(due) = zone::instant(local, zone)
                && due > after
            {
                return Some(due);
            }
        }
        None
    }

    /// The first time that clocks show after this one.
    fn next_local(&self, after: i64) -> Option<i64> {
        let (day, second) = (after.div_euclid(86_400), after.rem_euclid(86_400));
        let today = calendar::date(day);
        if self.has(today)
            && let Some(minute) = self.minute_of_day(second / 60 + 1)
        {
            return Some(day * 86_400 + minute * 60);
        }
        let next = self.next_day(day + 1)?;
        Some(next * 86_400 + self.minute_of_day(0)? * 60)
    }

    fn has(&self, date: Date) -> bool {
        self.years.contains(date.year) && self.months.contains(date.month) && self.days.contains(date)
    }

    /// The first minute of the day that is not before this one, as a number from 0 to 1439.
    fn minute_of_day(&self, from: i64) -> Option<i64> {
        let (hour, minute) = (from / 60, from % 60);
        if self.hours.contains(hour)
            && let Some(minute) = self.minutes.next(minute)
        {
            return Some(hour * 60 + minute);
        }
        Some(self.hours.next(hour + 1)? * 60 + self.minutes.next(0)?)
    }

    /// The first day that is not before this one: at most all months of 230 years are looked at.
    fn next_day(&self, from: i64) -> Option<i64> {
        let mut date = calendar::date(from);
        loop {
            let (year, month) = (self.years.next(date.year)?, self.months.next(date.month));
            if year > date.year {
                date = Date { year, month: 1, day: 1 };
                continue;
            }
            let Some(month) = month else {
                date = Date { year: year + 1, month: 1, day: 1 };
                continue;
            };
            if month > date.month {
                date = Date { year, month, day: 1 };
            }
            let end = calendar::days_in_month(year, month);
            if let Some(day) = (date.day..=end).find(|day| self.days.contains(Date { day: *day, ..date })) {
                return Some(calendar::days(Date { day, ..date }));
            }
            date = Date { year, month: month + 1, day: 1 };
        }
    }
}

fn first_second_of(year: i64) -> i64 {
    calendar::days(Date { year, month: 1, day: 1 }) * 86_400
}

impl Days {
    fn parse(day: &str, weekday: &str) -> Result<Days, String> {
        match (day, weekday) {
            ("?", "?") => Err("day-of-month and day-of-week cannot both be ?".to_owned()),
            (day, "?") => Days::of_month(day),
            ("?", weekday) => Days::of_week(weekday),
            _ => Err("one of day-of-month and day-of-week must be ?".to_owned()),
        }
    }

    fn of_month(text: &str) -> Result<Days, String> {
        if text == "L" {
            return Ok(Days::Last { before: 0 });
        }
        if text == "LW" {
            return Ok(Days::LastWeekday);
        }
        if let Some(before) = text.strip_prefix("L-") {
            return Ok(Days::Last { before: DAYS.number(before)? });
        }
        match text.strip_suffix('W') {
            Some(nearest) => Ok(Days::Weekday { nearest: DAYS.number(nearest)? }),
            None => Ok(Days::Numbers(DAYS.set(text)?)),
        }
    }

    fn of_week(text: &str) -> Result<Days, String> {
        // The last day of a week is a Saturday.
        if text == "L" {
            return Ok(Days::OfWeek(WEEKDAYS.set("SAT")?));
        }
        if let Some((weekday, nth)) = text.split_once('#') {
            let weekday = WEEKDAYS.number(weekday)?;
            return match nth.parse() {
                Ok(nth @ 1..=5) => Ok(Days::Nth { weekday, nth }),
                _ => Err(format!("day-of-week: a month has no {nth}th of them")),
            };
        }
        match text.strip_suffix('L') {
            Some(weekday) => Ok(Days::LastOfWeek { weekday: WEEKDAYS.number(weekday)? }),
            None => Ok(Days::OfWeek(WEEKDAYS.set(text)?)),
        }
    }

    fn contains(&self, date: Date) -> bool {
        let end = calendar::days_in_month(date.year, date.month);
        let weekday = |day: i64| calendar::weekday(calendar::days(Date { day, ..date }));
        match self {
            Days::Numbers(numbers) => numbers.contains(date.day),
            Days::Last { before } => date.day == end - before,
            Days::Weekday { nearest } => {
                *nearest <= end && date.day == working_day(*nearest, end, weekday(*nearest))
            }
            Days::LastWeekday => date.day == working_day(end, end, weekday(end)),
            Days::OfWeek(numbers) => numbers.contains(weekday(date.day)),
            Days::Nth { weekday: wanted, nth } => {
                weekday(date.day) == *wanted && (date.day - 1) / 7 + 1 == *nth
            }
            Days::LastOfWeek { weekday: wanted } => weekday(date.day) == *wanted && date.day + 7 > end,
        }
    }
}

/// The day from Monday to Friday nearest to a day of a month that ends on `end`.
fn working_day(day: i64, end: i64, weekday: i64) -> i64 {
    match weekday {
        7 if day == 1 => day + 2,
        7 => day - 1,
        1 if day == end => day - 2,
        1 => day + 1,
        _ => day,
    }
}
