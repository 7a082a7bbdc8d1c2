//! Points in time: AWS's profile of RFC 3339, read and written with plain calendar arithmetic.
//!
//! Never here: the current time. It comes in as an argument.

/// Milliseconds since 1970-01-01T00:00:00Z, the resolution of histories and timers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// Nanoseconds since 1970-01-01T00:00:00Z, the resolution of comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub i128);

impl Timestamp {
    /// This many whole seconds later, stopping at the end of time.
    pub fn plus_seconds(self, seconds: u64) -> Timestamp {
        let millis = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000);
        Timestamp(self.0.saturating_add(millis))
    }

    /// This many milliseconds later.
    pub fn plus_millis(self, millis: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(millis))
    }

    /// ISO 8601 in UTC with milliseconds, which are left out where there are none:
    /// `2025-08-27T10:04:42.001Z`, `2025-08-27T10:04:42Z` (spec/asl.md §7).
    pub fn to_iso(self) -> String {
        let (days, millis) = (self.0.div_euclid(MILLIS_PER_DAY), self.0.rem_euclid(MILLIS_PER_DAY));
        let (year, month, day) = date(days);
        let (seconds, millis) = (millis / 1000, millis % 1000);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let fraction = if millis == 0 { String::new() } else { format!(".{millis:03}") };
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
    }
}

impl Instant {
    /// The same point in milliseconds, the rest cut off (towards the past).
    pub fn timestamp(self) -> Timestamp {
        let millis = self.0.div_euclid(1_000_000);
        Timestamp(i64::try_from(millis).unwrap_or(if millis < 0 { i64::MIN } else { i64::MAX }))
    }

    /// The same point with the fraction of its second cut off (towards the past).
    pub fn whole_seconds(self) -> Instant {
        Instant(self.0.div_euclid(NANOS_PER_SECOND) * NANOS_PER_SECOND)
    }
}

impl From<Timestamp> for Instant {
    fn from(timestamp: Timestamp) -> Instant {
        Instant(i128::from(timestamp.0) * 1_000_000)
    }
}

/// Reads a timestamp: `T` and `Z` in upper case, an offset or `Z` required, any number of fraction digits
/// (those behind the ninth are read and dropped). Impossible dates and times are refused. (spec/asl.md §1)
pub fn parse(text: &str) -> Option<Instant> {
    let mut rest = text.as_bytes();
    let year = number(&mut rest, 4)?;
    literal(&mut rest, b'-')?;
    let month = number(&mut rest, 2)?;
    literal(&mut rest, b'-')?;
    let day = number(&mut rest, 2)?;
    literal(&mut rest, b'T')?;
    let hour = number(&mut rest, 2)?;
    literal(&mut rest, b':')?;
    let minute = number(&mut rest, 2)?;
    literal(&mut rest, b':')?;
    let second = number(&mut rest, 2)?;
    let nanos = if rest.first() == Some(&b'.') { fraction(&mut rest)? } else { 0 };
    let offset_seconds = offset(&mut rest)?;
    let possible = (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour <= 23
        && minute <= 59
        && second <= 59;
    if !possible || !rest.is_empty() {
        return None;
    }
    let seconds =
        days(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second - offset_seconds;
    Some(Instant(i128::from(seconds) * NANOS_PER_SECOND + i128::from(nanos)))
}

const SECONDS_PER_DAY: i64 = 86_400;
const MILLIS_PER_DAY: i64 = SECONDS_PER_DAY * 1000;
const NANOS_PER_SECOND: i128 = 1_000_000_000;

fn literal(rest: &mut &[u8], byte: u8) -> Option<()> {
    let (first, others) = rest.split_first()?;
    *rest = others;
    (*first == byte).then_some(())
}

/// Exactly `digits` digits.
fn number(rest: &mut &[u8], digits: usize) -> Option<i64> {
    let (head, others) = rest.split_at_checked(digits)?;
    *rest = others;
    head.iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

/// `.` and at least one digit, as nanoseconds.
fn fraction(rest: &mut &[u8]) -> Option<i64> {
    *rest = &rest[1..];
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (head, others) = rest.split_at(digits);
    *rest = others;
    let nanos =
        (0..9).fold(0, |nanos, place| nanos * 10 + head.get(place).map_or(0, |byte| i64::from(byte - b'0')));
    (digits > 0).then_some(nanos)
}

/// `Z`, `+hh:mm` or `-hh:mm`, as seconds east of Greenwich.
fn offset(rest: &mut &[u8]) -> Option<i64> {
    let (sign, others) = rest.split_first()?;
    *rest = others;
    let sign = match sign {
        b'Z' => return Some(0),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = number(rest, 2)?;
    literal(rest, b':')?;
    let minutes = number(rest, 2)?;
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar. Years are counted from March,
/// so that the leap day is a year's last; 146,097 days are 400 years.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days`]: year, month, day.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_read_as_instants() {
        for (text, seconds, nanos) in [
            ("1970-01-01T00:00:00Z", 0, 0),
            ("2016-03-14T01:59:00Z", 1_457_920_740, 0),
            ("2016-03-14T02:59:00+01:00", 1_457_920_740, 0),
            ("2016-03-13T23:29:00.5-02:30", 1_457_920_740, 500_000_000),
            ("2000-02-29T23:59:59.999999999Z", 951_868_799, 999_999_999),
            ("2000-02-29T23:59:59.9999999999Z", 951_868_799, 999_999_999),
            ("1969-12-31T23:59:59Z", -1, 0),
            ("0000-03-01T00:00:00Z", -62_162_035_200, 0),
        ] {
            assert_eq!(parse(text), Some(Instant(seconds * NANOS_PER_SECOND + nanos)), "{text}");
        }
    }

    #[test]
    fn what_is_no_timestamp_is_refused() {
        for text in [
            "",
            "2016-03-14",
            "2016-03-14T01:59:00",
            "2016-03-14t01:59:00Z",
            "2016-03-14T01:59:00z",
            "2016-03-14 01:59:00Z",
            "2016-13-14T01:59:00Z",
            "2016-12-05T25:29:29Z",
            "05-12-2016T21:29:29Z",
            "2015-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2016-04-31T00:00:00Z",
            "2016-00-01T00:00:00Z",
            "2016-01-01T00:60:00Z",
            "2016-01-01T00:00:60Z",
            "2016-01-01T00:00:00.Z",
            "2016-01-01T00:00:00+1:00",
            "2016-01-01T00:00:00+24:00",
            "2016-01-01T00:00:00Z ",
            "2016-01-01T00:00Z",
            "２016-01-01T00:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn iso_text_has_three_fraction_digits_or_none() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (42_000, "1970-01-01T00:00:42Z"),
            (1_756_289_082_001, "2025-08-27T10:04:42.001Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_868_799_120, "2000-02-29T23:59:59.120Z"),
        ] {
            assert_eq!(Timestamp(millis).to_iso(), text);
            assert_eq!(parse(text).map(Instant::timestamp), Some(Timestamp(millis)));
        }
    }

    #[test]
    fn every_day_of_eight_hundred_years_survives_the_round_trip() {
        for day in -146_097..146_097 {
            let (year, month, of_month) = date(day);
            assert_eq!(days(year, month, of_month), day);
            assert!((1..=days_in_month(year, month)).contains(&of_month));
        }
    }

    #[test]
    fn the_end_of_time_is_where_it_stops() {
        assert_eq!(Timestamp(5).plus_seconds(u64::MAX), Timestamp(i64::MAX));
        assert_eq!(Timestamp(i64::MIN).plus_millis(-1), Timestamp(i64::MIN));
        assert!(Timestamp(i64::MAX).to_iso().ends_with('Z'));
        assert!(Timestamp(i64::MIN).to_iso().ends_with('Z'));
    }
}
