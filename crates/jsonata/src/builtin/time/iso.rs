//! ISO 8601 as JavaScript's `Date.parse` reads it, restricted to what JSONata lets through.

use super::calendar::{DAY, days};

/// `2018`, `2018-02`, `2018-02-01`, each with `T09:42:13` or without, with a fraction and a zone.
/// Without a zone it is UTC.
pub(super) fn parse(text: &str) -> Option<i64> {
    let mut rest = Rest(text.as_bytes());
    let year = rest.digits(4)?;
    let month = if rest.takes(b'-') { rest.digits(2)? } else { 1 };
    let day = if rest.takes(b'-') { rest.digits(2)? } else { 1 };
    let mut millis = 0;
    if rest.takes(b'T') {
        let hour = rest.digits(2)?;
        if !rest.takes(b':') {
            return None;
        }
        let minute = rest.digits(2)?;
        if !rest.takes(b':') {
            return None;
        }
        let second = rest.digits(2)?;
        if hour > 24 || minute > 59 || second > 59 || (hour == 24 && minute + second > 0) {
            return None;
        }
        millis = ((hour * 60 + minute) * 60 + second) * 1000;
        if rest.takes(b'.') {
            millis += rest.fraction()?;
        }
    }
    if !rest.0.is_empty() && !rest.takes(b'Z') {
        let sign = if rest.takes(b'-') {
            -1
        } else if rest.takes(b'+') {
            1
        } else {
            return None;
        };
        let hours = rest.digits(2)?;
        rest.takes(b':');
        let minutes = rest.digits(2)?;
        if hours > 23 || minutes > 59 {
            return None;
        }
        millis -= sign * (hours * 60 + minutes) * 60_000;
    }
    let fits = rest.0.is_empty() && (1..=12).contains(&month) && (1..=31).contains(&day);
    fits.then(|| days(year, month, day) * DAY + millis)
}

struct Rest<'t>(&'t [u8]);

impl Rest<'_> {
    fn takes(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let digits = self.0.get(..count).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
        self.0 = &self.0[count..];
        Some(digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }

    /// The milliseconds of a fraction of a second; further digits do not count.
    fn fraction(&mut self) -> Option<i64> {
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        if count == 0 {
            return None;
        }
        let digit = |place: usize| digits.get(place).map_or(0, |digit| i64::from(digit - b'0'));
        Some(digit(0) * 100 + digit(1) * 10 + digit(2))
    }
}
