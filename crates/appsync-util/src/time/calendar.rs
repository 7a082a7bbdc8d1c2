//! Dates of the Gregorian calendar and the milliseconds they are.

const DAY_MILLISECONDS: i64 = 86_400_000;

/// A date and time as a wall shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Civil {
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub nanosecond: i64,
    /// East of Greenwich, if it is known.
    pub offset_seconds: Option<i32>,
}

impl Civil {
    /// What the wall shows so many local milliseconds after 1970.
    pub fn at(local_milliseconds: i64, offset_seconds: i32) -> Civil {
        let days = local_milliseconds.div_euclid(DAY_MILLISECONDS);
        let rest = local_milliseconds.rem_euclid(DAY_MILLISECONDS);
        let (year, month, day) = date(days);
        Civil {
            year,
            month,
            day,
            hour: rest / 3_600_000,
            minute: rest / 60_000 % 60,
            second: rest / 1000 % 60,
            nanosecond: rest % 1000 * 1_000_000,
            offset_seconds: Some(offset_seconds),
        }
    }

    /// Local milliseconds after 1970. `None`: there is no such date.
    pub fn milliseconds(&self) -> Option<i64> {
        let is_time =
            (0..24).contains(&self.hour) && (0..60).contains(&self.minute) && (0..60).contains(&self.second);
        let days = days(self.year, self.month, self.day);
        if !is_time || date(days) != (self.year, self.month, self.day) {
            return None;
        }
        let seconds = days * 86_400 + self.hour * 3600 + self.minute * 60 + self.second;
        Some(seconds * 1000 + self.nanosecond / 1_000_000)
    }

    /// 0 is Sunday.
    pub fn weekday(&self) -> usize {
        (days(self.year, self.month, self.day) + 4).rem_euclid(7) as usize
    }

    pub fn day_of_year(&self) -> i64 {
        days(self.year, self.month, self.day) - days(self.year, 1, 1) + 1
    }
}

/// Days since 1970. Years begin in March, so that the leap day is the last one.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}
