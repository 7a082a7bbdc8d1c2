//! Whether a text is a date, a time, or both, as AppSync reads them (RFC 3339 with AppSync's offsets).
//!
//! Never here: points in time; nothing is computed.

/// `YYYY-MM-DD`, an offset allowed.
pub fn is_date(text: &str) -> bool {
    let mut rest = Rest(text.as_bytes());
    date(&mut rest).and_then(|()| optional_offset(&mut rest)).is_some_and(|()| rest.0.is_empty())
}

/// `hh:mm[:ss[.s…]]`, an offset allowed.
pub fn is_time(text: &str) -> bool {
    let mut rest = Rest(text.as_bytes());
    time(&mut rest).and_then(|()| optional_offset(&mut rest)).is_some_and(|()| rest.0.is_empty())
}

/// A date, `T`, a time, an offset.
pub fn is_date_time(text: &str) -> bool {
    let mut rest = Rest(text.as_bytes());
    let read = date(&mut rest)
        .and_then(|()| rest.literal(b'T'))
        .and_then(|()| time(&mut rest))
        .and_then(|()| offset(&mut rest));
    read.is_some() && rest.0.is_empty()
}

struct Rest<'t>(&'t [u8]);

impl Rest<'_> {
    fn literal(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[byte])?;
        Some(())
    }

    fn number(&mut self, digits: usize) -> Option<u32> {
        let (taken, rest) = self.0.split_at_checked(digits)?;
        let digit =
            |number: u32, byte: &u8| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'));
        let number = taken.iter().try_fold(0, digit)?;
        self.0 = rest;
        Some(number)
    }

    fn below(&mut self, bound: u32) -> Option<()> {
        self.number(2).filter(|number| *number < bound).map(|_| ())
    }
}

fn date(rest: &mut Rest<'_>) -> Option<()> {
    let year = rest.number(4)?;
    rest.literal(b'-')?;
    let month = rest.number(2)?;
    rest.literal(b'-')?;
    let day = rest.number(2)?;
    (1..=days_in_month(year, month)).contains(&day).then_some(())
}

/// None in a month that there is not.
fn days_in_month(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

fn time(rest: &mut Rest<'_>) -> Option<()> {
    rest.below(24)?;
    rest.literal(b':')?;
    rest.below(60)?;
    if rest.literal(b':').is_none() {
        return Some(());
    }
    rest.below(60)?;
    if rest.literal(b'.').is_none() {
        return Some(());
    }
    let digits = rest.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
    rest.0 = &rest.0[digits..];
    (1..=9).contains(&digits).then_some(())
}

fn optional_offset(rest: &mut Rest<'_>) -> Option<()> {
    if rest.0.is_empty() { Some(()) } else { offset(rest) }
}

/// `Z`, `±hh:mm` or `±hh:mm:ss`; Java allows 18 hours.
fn offset(rest: &mut Rest<'_>) -> Option<()> {
    if rest.literal(b'Z').is_some() {
        return Some(());
    }
    rest.literal(b'+').or_else(|| rest.literal(b'-'))?;
    rest.below(19)?;
    rest.literal(b':')?;
    rest.below(60)?;
    if rest.literal(b':').is_some() {
        rest.below(60)?;
    }
    Some(())
}
