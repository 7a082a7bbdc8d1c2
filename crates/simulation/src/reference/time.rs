//! Points in time, in milliseconds since 1970.

/// `2023-11-14T22:13:20Z` or with a fraction; only in UTC, which is all that the generator writes.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.strip_suffix('Z')?;
    let (date, time) = text.split_once('T')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let numbers = |text: &str, between| -> Option<Vec<i64>> {
        text.split(between).map(|part: &str| part.parse().ok()).collect()
    };
    let ([year, month, day], [hour, minute, second]) =
        (numbers(date, '-')?, numbers(time, ':')?).into_arrays()?;
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    // Years begin in March, so that the leap day is the last of its year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (month * 153 + 2) / 5
        + day
        - 1
        - 719_468;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + millis)
}

/// The same the other way round; a fraction only where there is one.
pub fn text(millis: i64) -> String {
    let (days, rest) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    // Counted from March of the year 0.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let mut year = day_of_era / 365;
    let begin = |year: i64| year * 365 + year / 4 - year / 100;
    while begin(year) > day_of_era {
        year -= 1;
    }
    let day_of_year = day_of_era - begin(year);
    let month = (day_of_year * 5 + 2) / 153;
    let day = day_of_year - (month * 153 + 2) / 5 + 1;
    let (month, year) = if month < 10 { (month + 3, year) } else { (month - 9, year + 1) };
    let (seconds, fraction) = (rest / 1_000, rest % 1_000);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:03}") };
    format!(
        "{:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{fraction}Z",
        year + era * 400,
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

trait IntoArrays {
    fn into_arrays(self) -> Option<([i64; 3], [i64; 3])>;
}

impl IntoArrays for (Vec<i64>, Vec<i64>) {
    fn into_arrays(self) -> Option<([i64; 3], [i64; 3])> {
        Some((self.0.try_into().ok()?, self.1.try_into().ok()?))
    }
}
