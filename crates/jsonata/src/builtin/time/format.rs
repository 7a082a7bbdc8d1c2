//! A time written as a picture says.

use std::rc::Rc;

use super::super::format_integer::{Case, Style};
use super::calendar::{DAY, date, days, thursday, weekday};
use super::picture::{Marker, Part, Picture};
use crate::error::{Failure, Result, quoted};
use crate::meter::Meter;

pub(super) const MONTHS: [&str; 12] = [
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

pub(super) const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// `offset`: the minutes of the zone.
pub(super) fn format(meter: &Rc<Meter>, millis: i64, picture: &Picture, offset: i64) -> Result<String> {
    let local = millis.saturating_add(offset * 60_000);
    let mut out = String::new();
    for part in &picture.parts {
        meter.steps(4)?;
        match part {
            Part::Literal(text) => out.push_str(text),
            Part::Marker(marker) => match marker.component {
                'Z' | 'z' => out.push_str(&zone(meter, marker, offset)?),
                'C' | 'E' => out.push_str("ISO"),
                'P' => {
                    let half = if hour(local) < 12 { "am" } else { "pm" };
                    match marker.names {
                        Some(Case::Upper) => out.push_str(&half.to_uppercase()),
                        _ => out.push_str(half),
                    }
                }
                _ => out.push_str(&component(meter, marker, local)?),
            },
        }
    }
    Ok(out)
}

fn hour(local: i64) -> i64 {
    local.rem_euclid(DAY) / 3_600_000
}

/// What a component is as a number.
pub(super) fn value(component: char, local: i64) -> i64 {
    let day = local.div_euclid(DAY);
    let time = local.rem_euclid(DAY);
    let today = date(day);
    match component {
        'Y' => today.year,
        'M' => today.month,
        'D' => today.day,
        'd' => day - days(today.year, 1, 1) + 1,
        'F' => weekday(day),
        'X' => date(thursday(day)).year,
        'x' => date(thursday(day)).month,
        'W' => {
            let thursday = thursday(day);
            (thursday - days(date(thursday).year, 1, 1)) / 7 + 1
        }
        'w' => (date(thursday(day)).day - 1) / 7 + 1,
        'H' => hour(local),
        'h' => (hour(local) + 11) % 12 + 1,
        'm' => time / 60_000 % 60,
        's' => time / 1000 % 60,
        'f' => time % 1000,
        _ => 0,
    }
}

fn component(meter: &Rc<Meter>, marker: &Marker, local: i64) -> Result<String> {
    let mut number = value(marker.component, local);
    if let Some(case) = marker.names {
        let name = match marker.component {
            'M' | 'x' => MONTHS[(number - 1) as usize],
            'F' => WEEKDAYS[(number - 1) as usize],
            other => return Err(Failure::new("D3133").value(quoted(&other.to_string()))),
        };
        let name = match case {
            Case::Lower => name.to_lowercase(),
            Case::Upper => name.to_uppercase(),
            Case::Title => name.to_owned(),
        };
        let width = marker.width_max.unwrap_or(usize::MAX).min(name.len());
        return Ok(name[..width].to_owned());
    }
    if let Some(digits) = marker.year_digits
        && digits < 18
    {
        number %= 10i64.pow(digits as u32);
    }
    match &marker.integer {
        Some(integer) => integer.format(meter, number as f64),
        None => Ok(number.to_string()),
    }
}

fn zone(meter: &Rc<Meter>, marker: &Marker, offset: i64) -> Result<String> {
    let prefix = if marker.component == 'z' { "GMT" } else { "" };
    if offset == 0 && marker.traditional {
        return Ok("Z".to_owned());
    }
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
    let Some(integer) = &marker.integer else { return Err(Failure::new("D3134")) };
    let text = match &integer.style {
        Style::Digits(digits) if digits.is_regular() || digits.has_separators() => {
            integer.format(meter, (hours * 100 + minutes) as f64)?
        }
        Style::Digits(digits) => match digits.mandatory {
            0..=2 => {
                let hours = integer.format(meter, hours as f64)?;
                if minutes == 0 { hours } else { format!("{hours}:{minutes:02}") }
            }
            3 | 4 => integer.format(meter, (hours * 100 + minutes) as f64)?,
            _ => return Err(Failure::new("D3134")),
        },
        _ => return Err(Failure::new("D3134")),
    };
    Ok(format!("{prefix}{sign}{text}"))
}
