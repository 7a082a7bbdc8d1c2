//! A text read as a picture says.

use std::rc::Rc;

use super::super::format_integer::Style;
use super::super::integer_words;
use super::MILLIS_MAX;
use super::calendar::{DAY, days};
use super::format::{MONTHS, WEEKDAYS, value};
use super::picture::{Marker, Part, Picture};
use crate::error::{Failure, Result, quoted};
use crate::meter::Meter;
use crate::number_text::number_text;

/// The components that were found, with their values.
type Components = Vec<(char, f64)>;

/// `None`: the text is not as the picture says.
pub(super) fn parse(meter: &Rc<Meter>, text: &str, picture: &Picture, now: i64) -> Result<Option<i64>> {
    let mut found = Components::new();
    if !fit(meter, &picture.parts, text, &mut found)? || found.is_empty() {
        return Ok(None);
    }
    time(&found, now).map(Some)
}

/// Whether all parts take all of the text; each takes as much as it can, and less if that does not fit.
fn fit(meter: &Rc<Meter>, parts: &[Part], text: &str, found: &mut Components) -> Result<bool> {
    meter.steps(4)?;
    meter.descend()?;
    let fits = match parts.split_first() {
        None => text.is_empty(),
        Some((Part::Literal(literal), others)) => match strip(text, literal) {
            Some(rest) => fit(meter, others, rest, found)?,
            None => false,
        },
        Some((Part::Marker(marker), others)) => {
            let mut fits = false;
            for length in lengths(marker, text)? {
                meter.steps(1)?;
                let (taken, rest) = text.split_at(length);
                found.push((marker.component, read(marker, taken)?));
                if fit(meter, others, rest, found)? {
                    fits = true;
                    break;
                }
                found.pop();
            }
            fits
        }
    };
    meter.rise();
    Ok(fits)
}

/// What is left behind a literal, whose case does not matter.
fn strip<'t>(text: &'t str, literal: &str) -> Option<&'t str> {
    let start = text.get(..literal.len())?;
    start.eq_ignore_ascii_case(literal).then(|| &text[literal.len()..])
}

/// The numbers of bytes that a marker may take, the greatest first.
fn lengths(marker: &Marker, text: &str) -> Result<Vec<usize>> {
    if matches!(marker.component, 'Z' | 'z') {
        return Ok(zone_length(marker, text).into_iter().collect());
    }
    if marker.names.is_some() {
        let names = names(marker)?;
        let mut lengths: Vec<usize> =
            names.iter().filter(|name| strip(text, name).is_some()).map(|name| name.len()).collect();
        lengths.sort_unstable_by(|one, two| two.cmp(one));
        return Ok(lengths);
    }
    let Some(integer) = &marker.integer else {
        // `C` and `E`, calendar and era, are not read.
        return Ok(Vec::new());
    };
    let run = |takes: &dyn Fn(char) -> bool| {
        let ends = text.char_indices().take_while(|(_, character)| takes(*character));
        ends.map(|(place, character)| place + character.len_utf8()).collect::<Vec<_>>()
    };
    let mut ends = match &integer.style {
        Style::Letters { .. } => run(&|character| character.is_ascii_alphabetic()),
        Style::Roman { .. } => run(&|character| "mdclxviMDCLXVI".contains(character)),
        Style::Words(_) => match integer_words::length_of_words(text) {
            0 => Vec::new(),
            length => vec![length],
        },
        Style::Digits(digits) => {
            let ends = run(&|character| digits.takes(character));
            match marker.parse_width {
                Some(width) => ends.get(width.wrapping_sub(1)).copied().into_iter().collect(),
                None => ends,
            }
        }
        Style::Other(token) => return Err(Failure::new("D3130").value(quoted(token))),
    };
    if integer.ordinal && matches!(integer.style, Style::Digits(_)) {
        let suffixed = |end: &usize| {
            let suffix = text.get(*end..*end + 2)?.to_ascii_lowercase();
            matches!(&*suffix, "th" | "st" | "nd" | "rd").then_some(end + 2)
        };
        ends = ends.iter().filter_map(suffixed).collect();
    }
    ends.reverse();
    Ok(ends)
}

fn names(marker: &Marker) -> Result<Vec<&'static str>> {
    let names: &[&'static str] = match marker.component {
        'M' | 'x' => &MONTHS,
        'F' => &WEEKDAYS,
        'P' => return Ok(vec!["am", "pm"]),
        other => return Err(Failure::new("D3133").value(quoted(&other.to_string()))),
    };
    let width = marker.width_max.unwrap_or(usize::MAX);
    Ok(names.iter().map(|name| &name[..width.min(name.len())]).collect())
}

fn read(marker: &Marker, taken: &str) -> Result<f64> {
    match marker.component {
        'Z' | 'z' => return Ok(read_zone(taken)),
        // Digits of a fraction of a second, however many.
        'f' if taken.bytes().all(|byte| byte.is_ascii_digit()) => {
            let digits = taken.bytes().chain([b'0'; 3]).take(3);
            return Ok(digits.fold(0.0, |number, digit| number * 10.0 + f64::from(digit - b'0')));
        }
        _ => {}
    }
    if marker.names.is_some() {
        let names = names(marker)?;
        let place = names.iter().position(|name| name.eq_ignore_ascii_case(taken)).unwrap_or(0);
        return Ok(if marker.component == 'P' { place } else { place + 1 } as f64);
    }
    let Some(integer) = &marker.integer else { return Ok(0.0) };
    match integer.style {
        Style::Letters { upper: true } => integer.parse(&taken.to_ascii_uppercase()),
        Style::Letters { upper: false } => integer.parse(&taken.to_ascii_lowercase()),
        _ => integer.parse(taken),
    }
}

/// `+0530`, `-05:00`, `+2`, `GMT+05:30`. `Z` is not read, as JSONata does not.
fn zone_length(marker: &Marker, text: &str) -> Option<usize> {
    let prefix = if marker.component == 'z' { "GMT" } else { "" };
    let rest = strip(text, prefix)?;
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let unsigned = rest.strip_prefix(['+', '-'])?;
    let mut length = digits(unsigned);
    if length == 0 {
        return None;
    }
    let separator = match marker.integer.as_ref().map(|integer| &integer.style) {
        Some(Style::Digits(digits)) => digits.separator(),
        _ => None,
    };
    if let Some(separator) = separator {
        let minutes = unsigned[length..].strip_prefix(separator)?;
        let count = digits(minutes);
        if count == 0 {
            return None;
        }
        length += separator.len_utf8() + count;
    }
    Some(prefix.len() + 1 + length)
}

/// The minutes of a zone.
fn read_zone(taken: &str) -> f64 {
    let taken = strip(taken, "GMT").unwrap_or(taken);
    let sign = if taken.starts_with('-') { -1.0 } else { 1.0 };
    let unsigned = taken.trim_start_matches(['+', '-']);
    let number = |text: &str| text.parse::<f64>().unwrap_or(0.0);
    let (hours, minutes) = match unsigned.split_once(|character: char| !character.is_ascii_digit()) {
        Some((hours, minutes)) => (number(hours), number(minutes)),
        None if unsigned.len() <= 2 => (number(unsigned), 0.0),
        None => (number(&unsigned[..2]), number(&unsigned[2..])),
    };
    sign * (hours * 60.0 + minutes)
}

/// The time that components name. Greater ones that are missing are today's, smaller ones are the
/// first; between two that are given none may be missing.
fn time(found: &Components, now: i64) -> Result<i64> {
    let get =
        |component: char| found.iter().rev().find(|(known, _)| *known == component).map(|(_, value)| *value);
    let has = |component: char| get(component).is_some();
    let by_day_of_year = has('d') && !has('M') && !has('D');
    let by_week = !by_day_of_year && !has('M') && !has('D') && (has('X') || has('x') || has('w') || has('W'));
    if by_week {
        return Err(Failure::new("D3136"));
    }
    let half_day = has('h') && !has('H');
    let date: &[char] = if by_day_of_year { &['Y', 'd'] } else { &['Y', 'M', 'D'] };
    let clock: &[char] = if half_day { &['P', 'h', 'm', 's', 'f'] } else { &['H', 'm', 's', 'f'] };
    let mut values = Components::new();
    let (mut started, mut ended) = (false, false);
    for component in date.iter().chain(clock) {
        let value = match get(*component) {
            Some(_) if ended => return Err(Failure::new("D3136")),
            Some(value) => {
                started = true;
                value
            }
            None if started => {
                ended = true;
                if matches!(component, 'M' | 'D' | 'd') { 1.0 } else { 0.0 }
            }
            None => value(*component, now) as f64,
        };
        // A word that stands for no number.
        if value.is_nan() {
            return Err(Failure::new("D3136"));
        }
        values.push((*component, value.clamp(-1e9, 1e9)));
    }
    let value = |component: char| {
        values.iter().find(|(known, _)| *known == component).map_or(0, |(_, value)| *value as i64)
    };
    // Years of two digits are those of the twentieth century, as JavaScript has it.
    let year = match value('Y') {
        year @ 0..=99 => year + 1900,
        year => year,
    };
    let day = if by_day_of_year {
        days(year, 1, 1) + value('d') - 1
    } else {
        days(year, value('M').max(1), value('D'))
    };
    let hour = if half_day { value('h') % 12 + 12 * value('P') } else { value('H') };
    let clock = ((hour * 60 + value('m')) * 60 + value('s')) * 1000 + value('f');
    let zone = get('Z').or(get('z')).unwrap_or(0.0).clamp(-1e6, 1e6) as i64;
    let millis = i128::from(day) * i128::from(DAY) + i128::from(clock - zone * 60_000);
    if millis.unsigned_abs() > MILLIS_MAX as u128 {
        return Err(Failure::new("D1001").value(number_text(millis as f64)));
    }
    Ok(millis as i64)
}
