//! Points in time, in the three forms that AWS's protocols have.
//!
//! Never here: the present one.

use aws_models::TimestampFormat;
use json::Value;

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timestamp {
    seconds: i64,
    nanos: u32,
}

const DAY: i64 = 86_400;
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Timestamp {
    /// A number of seconds since 1970, or a text in any of the forms.
    pub(crate) fn read(value: &Value) -> Option<Timestamp> {
        match value {
            Value::String(text) => Timestamp::parse(text),
            Value::Int(seconds) => Timestamp::new(*seconds, 0),
            Value::Float(seconds) => Timestamp::from_float(*seconds),
            _ => None,
        }
    }

    /// Any of the forms; services do not always keep to the one that their model names.
    pub(crate) fn parse(text: &str) -> Option<Timestamp> {
        let text = text.trim();
        iso8601(text).or_else(|| rfc822(text)).or_else(|| match text.parse() {
            Ok(seconds) => Timestamp::new(seconds, 0),
            Err(_) => Timestamp::from_float(text.parse().ok()?),
        })
    }

    /// As a protocol writes it. Seconds since 1970 have at most milliseconds, as AWS's SDK for Java has it.
    pub(crate) fn text(self, format: TimestampFormat) -> String {
        match format {
            TimestampFormat::Iso8601 => self.iso8601(),
            TimestampFormat::UnixTimestamp => match self.nanos / 1_000_000 {
                0 => self.seconds.to_string(),
                _ => self.float().to_string(),
            },
            TimestampFormat::Rfc822 => self.rfc822(),
        }
    }

    /// Seconds since 1970 as a number, whole if they are.
    pub(crate) fn number(self) -> Value {
        match self.nanos / 1_000_000 {
            0 => self.seconds.into(),
            _ => self.float().into(),
        }
    }

    /// `2026-11-27T21:00:00Z`, with three, six or nine digits of a fraction if there is one. This is how
    /// Java writes it, and what a state machine sees.
    pub(crate) fn iso8601(self) -> String {
        let (year, month, day, hour, minute, second) = self.fields();
        let whole = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        match self.nanos {
            0 => whole + "Z",
            nanos if nanos % 1_000_000 == 0 => format!("{whole}.{:03}Z", nanos / 1_000_000),
            nanos if nanos % 1000 == 0 => format!("{whole}.{:06}Z", nanos / 1000),
            nanos => format!("{whole}.{nanos:09}Z"),
        }
    }

    fn rfc822(self) -> String {
        let (year, month, day, hour, minute, second) = self.fields();
        let weekday = WEEKDAYS[self.seconds.div_euclid(DAY).rem_euclid(7) as usize];
        let month = MONTHS[month as usize - 1];
        format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
    }

    /// Only years of four digits have a text.
    fn new(seconds: i64, nanos: u32) -> Option<Timestamp> {
        let first = day_of_date(0, 1, 1) * DAY;
        let end = day_of_date(10_000, 1, 1) * DAY;
        (first..end).contains(&seconds).then_some(Timestamp { seconds, nanos })
    }

    /// To the millisecond: a double holds no more of a time of these years with certainty.
    fn from_float(seconds: f64) -> Option<Timestamp> {
        // Far outside of the years that have a text, and far inside of what an i64 holds.
        if !(-1e12..1e12).contains(&seconds) {
            return None;
        }
        let millis = (seconds * 1000.0).round() as i64;
        Timestamp::new(millis.div_euclid(1000), millis.rem_euclid(1000) as u32 * 1_000_000)
    }

    /// Since 1970.
    pub(crate) fn milliseconds(self) -> i64 {
        self.seconds * 1000 + i64::from(self.nanos / 1_000_000)
    }

    fn float(self) -> f64 {
        self.milliseconds() as f64 / 1000.0
    }

    fn fields(self) -> (i64, i64, i64, i64, i64, i64) {
        let (days, second) = (self.seconds.div_euclid(DAY), self.seconds.rem_euclid(DAY));
        let (year, month, day) = date_of_day(days);
        (year, month, day, second / 3600, second / 60 % 60, second % 60)
    }
}

/// `2026-11-27T21:00:00.5+01:00`; the time, the seconds and the zone may be missing.
fn iso8601(text: &str) -> Option<Timestamp> {
    let (year, rest) = digits(text, 4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let (day, mut rest) = digits(rest.strip_prefix('-')?, 2)?;
    let (mut hour, mut minute, mut second, mut nanos) = (0, 0, 0, 0);
    if let Some(time) = rest.strip_prefix(['T', 't', ' ']) {
        (hour, rest) = digits(time, 2)?;
        (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
        if let Some(seconds) = rest.strip_prefix(':') {
            (second, rest) = digits(seconds, 2)?;
        }
        if let Some(fraction) = rest.strip_prefix('.') {
            let count = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let kept = &fraction[..count.min(9)];
            nanos = kept.parse::<u32>().ok()? * 10_u32.pow(9 - kept.len() as u32);
            rest = &fraction[count..];
        }
    }
    let offset = match rest {
        "" | "Z" | "z" => 0,
        zone => {
            let (sign, zone) =
                zone.strip_prefix('-').map_or((1, zone.strip_prefix('+')), |zone| (-1, Some(zone)));
            let (hours, zone) = digits(zone?, 2)?;
            let (minutes, zone) = digits(zone.strip_prefix(':').unwrap_or(zone), 2)?;
            if !zone.is_empty() {
                return None;
            }
            sign * (hours * 3600 + minutes * 60)
        }
    };
    let whole = seconds_of(year, month, day, hour, minute, second)?;
    Timestamp::new(whole - offset, nanos)
}

/// `Fri, 27 Nov 2026 21:00:00 GMT`; the weekday counts for nothing.
fn rfc822(text: &str) -> Option<Timestamp> {
    let (_, text) = text.split_once(", ")?;
    let mut words = text.split(' ');
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let (time, zone) = (words.next()?, words.next()?);
    if words.next().is_some() || !matches!(zone, "GMT" | "UTC" | "+0000") {
        return None;
    }
    let month = MONTHS.iter().position(|known| *known == month)? as i64 + 1;
    let mut time = time.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let (hour, minute) = (time.next()??, time.next()??);
    let second = time.next()??;
    Timestamp::new(seconds_of(year.parse().ok()?, month, day.parse().ok()?, hour, minute, second)?, 0)
}

fn digits(text: &str, count: usize) -> Option<(i64, &str)> {
    let (digits, rest) = text.split_at_checked(count)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((digits.parse().ok()?, rest))
}

fn seconds_of(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> Option<i64> {
    let leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap_year => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let exists = (0..10_000).contains(&year)
        && (1..=days).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..60).contains(&second);
    exists.then(|| day_of_date(year, month, day) * DAY + hour * 3600 + minute * 60 + second)
}

/// Days since 1970 to the Gregorian date. (Howard Hinnant, "chrono-compatible low-level date algorithms")
fn date_of_day(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// The other way round.
fn day_of_date(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        for (text, iso8601) in [
            ("2026-11-27T21:00:00Z", "2026-11-27T21:00:00Z"),
            ("2026-11-27T21:00:00.5Z", "2026-11-27T21:00:00.500Z"),
            ("2026-11-27T21:00:00.1234567+01:30", "2026-11-27T19:30:00.123456700Z"),
            ("2026-11-27", "2026-11-27T00:00:00Z"),
            ("Fri, 27 Nov 2026 21:00:00 GMT", "2026-11-27T21:00:00Z"),
            ("1795813200", "2026-11-27T21:00:00Z"),
            ("1795813200.25", "2026-11-27T21:00:00.250Z"),
            ("-0.5", "1969-12-31T23:59:59.500Z"),
            ("0001-02-03T04:05:06Z", "0001-02-03T04:05:06Z"),
        ] {
            assert_eq!(Timestamp::parse(text).map(Timestamp::iso8601).as_deref(), Some(iso8601), "{text}");
        }
        for text in
            ["", "yesterday", "2026-02-29T00:00:00Z", "2026-11-27T25:00:00Z", "1e300", "NaN", "27 Nov"]
        {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_form_is_written() {
        let time = Timestamp::parse("2026-11-27T21:00:00.25Z").unwrap();
        assert_eq!(time.text(TimestampFormat::Iso8601), "2026-11-27T21:00:00.250Z");
        assert_eq!(time.text(TimestampFormat::UnixTimestamp), "1795813200.25");
        assert_eq!(time.text(TimestampFormat::Rfc822), "Fri, 27 Nov 2026 21:00:00 GMT");
        assert_eq!(Timestamp::parse("1969-12-31").unwrap().text(TimestampFormat::UnixTimestamp), "-86400");
    }
}
