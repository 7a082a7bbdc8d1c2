//! The Gregorian calendar, in days since 1970.

/// A day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Date {
    pub(super) year: i64,
    /// 1 to 12
    pub(super) month: i64,
    /// 1 to 31
    pub(super) day: i64,
}

/// Days since 1970 of a date.
pub(super) fn days(date: Date) -> i64 {
    // Years begin in March here, so that the leap day comes last.
    let year = if date.month <= 2 { date.year - 1 } else { date.year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((date.month + 9) % 12) + 2) / 5 + date.day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date so many days after 1970 began.
pub(super) fn date(days: i64) -> Date {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Date { year, month, day: day_of_year - (153 * shifted + 2) / 5 + 1 }
}

/// How many days a month has.
pub(super) fn days_in_month(year: i64, month: i64) -> i64 {
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days(Date { year: next.0, month: next.1, day: 1 }) - days(Date { year, month, day: 1 })
}

/// 1 (Sunday) to 7, as cron expressions count.
pub(super) fn weekday(days: i64) -> i64 {
    (days + 4).rem_euclid(7) + 1
}

/// Seconds since 1970 of `yyyy-mm-ddThh:mm:ss`.
pub(super) fn parse(text: &str) -> Option<i64> {
    let (day, time) = text.split_once('T')?;
    let [year, month, day] = numbers(day, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let is_one = (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    is_one.then(|| days(Date { year, month, day }) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Three numbers, of so many digits each.
fn numbers(text: &str, between: char, digits: [usize; 3]) -> Option<[i64; 3]> {
    let parts: Vec<&str> = text.split(between).collect();
    let parts: [&str; 3] = parts.try_into().ok()?;
    let are_digits = |(part, digits): (&&str, usize)| {
        part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !parts.iter().zip(digits).all(are_digits) {
        return None;
    }
    let [one, two, three] = parts.map(str::parse);
    Some([one.ok()?, two.ok()?, three.ok()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        for day in (-1_000_000..1_000_000).step_by(97) {
            assert_eq!(days(date(day)), day);
        }
        assert_eq!(date(0), Date { year: 1970, month: 1, day: 1 });
        assert_eq!(weekday(0), 5, "1970 began on a Thursday");
        assert_eq!([1900, 2000, 2023, 2024].map(|year| days_in_month(year, 2)), [28, 29, 28, 29]);
    }

    #[test]
    fn times_are_read() {
        assert_eq!(parse("2024-02-29T12:34:56"), Some(1_709_210_096));
        for text in
            ["", "2024-02-30T00:00:00", "2024-02-29T24:00:00", "2024-2-29T00:00:00", "2024-02-29T00:00:00Z"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
