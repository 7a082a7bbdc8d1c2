//! What this room needs of the outside besides sockets: the time of day, and random bits.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970.
pub(crate) fn now_milliseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Seconds since 1970.
pub(crate) fn now_seconds() -> u64 {
    now_milliseconds() / 1000
}

/// 128 random bits.
pub(crate) fn random() -> u128 {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("an operating system has random bytes");
    u128::from_be_bytes(bytes)
}

/// A request id of our own.
pub(crate) fn request_id() -> String {
    aws_names::uuid_v4(random())
}

/// An X-Ray trace header that samples nothing: `Root=1-…;Parent=…;Sampled=0`.
pub(crate) fn trace_id() -> String {
    let random = random();
    let (root, parent) = (random >> 32, random as u64);
    format!("Root=1-{:08x}-{root:024x};Parent={parent:016x};Sampled=0", now_seconds())
}

/// `Thu, 29 Feb 2024 12:34:56 GMT`, the date of HTTP (RFC 9110), from seconds since 1970.
pub(crate) fn http_date(seconds: u64) -> String {
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let weekday = WEEKDAYS[(seconds / 86_400 % 7) as usize];
    let (year, month, day) = date(seconds);
    let month = MONTHS[month as usize - 1];
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT")
}

/// Year, month and day, from seconds since 1970. (Howard Hinnant's algorithm: years begin in March,
/// so that the leap day is the last of its year)
pub(crate) fn date(seconds: u64) -> (u64, u64, u64) {
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (seconds, date) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (1_709_210_096, "Thu, 29 Feb 2024 12:34:56 GMT"),
        ] {
            assert_eq!(http_date(seconds), date);
        }
    }
}
