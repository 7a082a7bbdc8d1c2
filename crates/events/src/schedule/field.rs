//! One field of a cron expression as a set of numbers: `*`, `5`, `1-5`, `*/10`, `MON-FRI`, and lists of these.

/// What a field may say.
pub(super) struct Shape {
    /// Its name, for those who get it wrong.
    pub(super) name: &'static str,
    pub(super) least: i64,
    pub(super) most: i64,
    /// Names of the numbers from `least` on.
    pub(super) names: &'static [&'static str],
}

pub(super) const MINUTES: Shape = Shape { name: "minutes", least: 0, most: 59, names: &[] };
pub(super) const HOURS: Shape = Shape { name: "hours", least: 0, most: 23, names: &[] };
pub(super) const DAYS: Shape = Shape { name: "day-of-month", least: 1, most: 31, names: &[] };
pub(super) const MONTHS: Shape = Shape {
    name: "month",
    least: 1,
    most: 12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
pub(super) const WEEKDAYS: Shape = Shape {
    name: "day-of-week",
    least: 1,
    most: 7,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};
pub(super) const YEARS: Shape = Shape { name: "year", least: 1970, most: 2199, names: &[] };

/// Numbers of a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Set {
    least: i64,
    /// Whether the number `least` and so many is in it.
    has: Vec<bool>,
}

impl Set {
    pub(super) fn contains(&self, number: i64) -> bool {
        self.next(number) == Some(number)
    }

    /// The first number that is not before this one.
    pub(super) fn next(&self, from: i64) -> Option<i64> {
        let skipped = usize::try_from(from - self.least).unwrap_or(0);
        let place = self.has.iter().skip(skipped).position(|has| *has)?;
        Some(self.least + (skipped + place) as i64)
    }
}

impl Shape {
    /// Reads a list; the error says what is wrong with the field.
    pub(super) fn set(&self, text: &str) -> Result<Set, String> {
        let size = (self.most - self.least + 1) as usize;
        let mut set = Set { least: self.least, has: vec![false; size] };
        for part in text.split(',') {
            for number in self.part(part)? {
                set.has[(number - self.least) as usize] = true;
            }
        }
        Ok(set)
    }

    /// The numbers of one part of a list.
    fn part(&self, text: &str) -> Result<Vec<i64>, String> {
        let (range, step) = match text.split_once('/') {
            None => (text, None),
            Some((range, step)) => (range, Some(step)),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (self.least, self.most),
            Some((from, to)) => (self.number(from)?, self.number(to)?),
            // `5/10` goes on to the end.
            None if step.is_some() => (self.number(range)?, self.most),
            None => (self.number(range)?, self.number(range)?),
        };
        let step = step.map_or(Ok(1), |step| match number(step) {
            Some(step @ 1..) => Ok(step),
            _ => Err(format!("{}: {step} is no step", self.name)),
        })?;
        let size = self.most - self.least + 1;
        // `FRI-MON` and `22-2` go past the end.
        let to = if to < from && self.name != YEARS.name { to + size } else { to };
        if to < from {
            return Err(format!("{}: {range} ends before it begins", self.name));
        }
        let step = usize::try_from(step).unwrap_or(usize::MAX);
        Ok((from..=to).step_by(step).map(|number| (number - self.least) % size + self.least).collect())
    }

    /// A number of the field, or the name of one.
    pub(super) fn number(&self, text: &str) -> Result<i64, String> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let number = named.map(|place| place as i64 + self.least).or_else(|| number(text));
        number
            .filter(|number| (self.least..=self.most).contains(number))
            .ok_or_else(|| format!("{}: {text} is not between {} and {}", self.name, self.least, self.most))
    }
}

/// At most four digits, the length of a year.
fn number(text: &str) -> Option<i64> {
    let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}
