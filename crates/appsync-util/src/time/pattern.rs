//! Java's `DateTimeFormatter` patterns, in English: the letters that a date with an offset has.

use super::calendar::Civil;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A longer pattern is no pattern of a date.
const PATTERN_BYTES_MAX: usize = 1000;

pub enum Part {
    Literal(String),
    /// A letter and how often it stands there.
    Field(char, usize),
}

pub fn parse(pattern: &str) -> Result<Vec<Part>, String> {
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(format!("A pattern has at most {PATTERN_BYTES_MAX} bytes"));
    }
    let mut parts = Vec::new();
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\'' {
            parts.push(Part::Literal(quoted(&mut letters)?));
        } else if letter.is_ascii_alphabetic() {
            if !"yuMLdDHhkKmsSaEzZXxVn".contains(letter) {
                return Err(format!("Unknown pattern letter: {letter}"));
            }
            let mut count = 1;
            while letters.next_if_eq(&letter).is_some() {
                count += 1;
            }
            parts.push(Part::Field(letter, count));
        } else if "[]{}#".contains(letter) {
            return Err(format!("Pattern includes reserved character: '{letter}'"));
        } else {
            parts.push(Part::Literal(letter.into()));
        }
    }
    Ok(parts)
}

/// What stands between quotation marks; two of them are one, inside and alone.
fn quoted(letters: &mut std::iter::Peekable<std::str::Chars>) -> Result<String, String> {
    if letters.next_if_eq(&'\'').is_some() {
        return Ok("'".to_owned());
    }
    let mut text = String::new();
    loop {
        match letters.next() {
            None => return Err("Pattern ends with an incomplete string literal".to_owned()),
            Some('\'') if letters.next_if_eq(&'\'').is_none() => return Ok(text),
            Some(letter) => text.push(letter),
        }
    }
}

pub fn format(parts: &[Part], civil: &Civil, zone: &str) -> Result<String, String> {
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Literal(text) => out.push_str(text),
            Part::Field(letter, count) => out.push_str(&field(*letter, *count, civil, zone)?),
        }
    }
    Ok(out)
}

fn field(letter: char, count: usize, civil: &Civil, zone: &str) -> Result<String, String> {
    let name = |names: &[&str], index: usize| {
        let full = names[index];
        if count == 3 || letter == 'E' && count < 3 { full[..3].to_owned() } else { full.to_owned() }
    };
    let half = civil.hour % 12;
    let number = match letter {
        'y' | 'u' if count == 2 => civil.year % 100,
        'y' | 'u' => civil.year,
        'M' | 'L' if count >= 3 => return Ok(name(&MONTHS, civil.month as usize - 1)),
        'M' | 'L' => civil.month,
        'd' => civil.day,
        'D' => civil.day_of_year(),
        'H' => civil.hour,
        'k' => (civil.hour + 23) % 24 + 1,
        'K' => half,
        'h' => (half + 11) % 12 + 1,
        'm' => civil.minute,
        's' => civil.second,
        'n' => civil.nanosecond,
        'S' => return Ok(format!("{:09}", civil.nanosecond)[..count.min(9)].to_owned()),
        'a' => return Ok(if civil.hour < 12 { "AM" } else { "PM" }.to_owned()),
        'E' => return Ok(name(&DAYS, civil.weekday())),
        'z' | 'V' => return Ok(zone.to_owned()),
        _ => return Ok(offset_text(letter, count, civil.offset_seconds.unwrap_or(0))),
    };
    Ok(format!("{number:0count$}"))
}

fn offset_text(letter: char, count: usize, seconds: i32) -> String {
    if letter == 'X' && seconds == 0 || letter == 'Z' && count == 5 && seconds == 0 {
        return "Z".to_owned();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    match (letter, count) {
        ('Z', 4) if seconds == 0 => "GMT".to_owned(),
        ('Z', 4) => format!("GMT{sign}{hours:02}:{minutes:02}"),
        ('Z', 5) | ('X' | 'x', 3 | 5) => format!("{sign}{hours:02}:{minutes:02}"),
        ('X' | 'x', 1) if minutes == 0 => format!("{sign}{hours:02}"),
        _ => format!("{sign}{hours:02}{minutes:02}"),
    }
}

/// Reads the whole text. What the pattern does not name is as at the beginning of 1970.
pub fn read(parts: &[Part], text: &str) -> Option<Civil> {
    let mut civil = Civil {
        year: 1970,
        month: 1,
        day: 1,
        hour: 0,
        minute: 0,
        second: 0,
        nanosecond: 0,
        offset_seconds: None,
    };
    let mut afternoon = None;
    let mut rest = text;
    for (index, part) in parts.iter().enumerate() {
        let (letter, count) = match part {
            Part::Literal(literal) => {
                rest = rest.strip_prefix(literal.as_str())?;
                continue;
            }
            Part::Field(letter, count) => (*letter, *count),
        };
        let followed = matches!(parts.get(index + 1), Some(Part::Field(..)));
        let mut number = || read_number(&mut rest, letter, count, followed);
        match letter {
            'y' | 'u' if count == 2 => civil.year = 2000 + number()?,
            'y' | 'u' => civil.year = number()?,
            'M' | 'L' if count >= 3 => civil.month = read_name(&mut rest, &MONTHS, count)? as i64 + 1,
            'M' | 'L' => civil.month = number()?,
            'd' => civil.day = number()?,
            'H' => civil.hour = number()?,
            'k' => civil.hour = number()? % 24,
            'h' | 'K' => civil.hour = number()? % 12,
            'm' => civil.minute = number()?,
            's' => civil.second = number()?,
            'n' => civil.nanosecond = number()?,
            'S' => civil.nanosecond = number()? * 10_i64.pow(9_u32.saturating_sub(count as u32)),
            'a' => afternoon = Some(read_name(&mut rest, &["AM", "PM"], 4)? == 1),
            'E' => drop(read_name(&mut rest, &DAYS, count.max(3))?),
            _ => {
                let (seconds, after) = read_offset(rest)?;
                civil.offset_seconds = Some(seconds);
                rest = after;
            }
        }
    }
    if afternoon == Some(true) {
        civil.hour += 12;
    }
    rest.is_empty().then_some(civil)
}

/// A field that another one follows has exactly as many digits as letters.
fn read_number(rest: &mut &str, letter: char, count: usize, followed: bool) -> Option<i64> {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let max = match count {
        1 => 9,
        4 if "yu".contains(letter) && !followed => 9,
        _ => count.min(9),
    };
    let taken = if followed && count > 1 { count } else { digits.min(max) };
    if taken == 0 || digits < taken || (count > 1 && taken < count) {
        return None;
    }
    let (number, after) = rest.split_at(taken);
    *rest = after;
    number.parse().ok()
}

fn read_name(rest: &mut &str, names: &[&str], count: usize) -> Option<usize> {
    let (index, after) = names.iter().enumerate().find_map(|(index, name)| {
        let name = if count == 3 { &name[..3] } else { name };
        rest.strip_prefix(name).map(|after| (index, after))
    })?;
    *rest = after;
    Some(index)
}

/// `Z`, `+hh`, `+hhmm` or `+hh:mm`, and what follows.
pub fn read_offset(text: &str) -> Option<(i32, &str)> {
    if let Some(rest) = text.strip_prefix('Z').or_else(|| text.strip_prefix("GMT")) {
        return Some((0, rest));
    }
    let sign = match text.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let two = |text: &str| {
        let digits = text.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse::<i32>().ok()
    };
    let hours = two(&text[1..])?;
    let after = &text[3..];
    let minutes_at = after.strip_prefix(':').unwrap_or(after);
    let (minutes, rest) = match two(minutes_at) {
        Some(minutes) => (minutes, &minutes_at[2..]),
        None => (0, after),
    };
    (hours <= 18 && minutes < 60).then_some((sign * (hours * 3600 + minutes * 60), rest))
}
