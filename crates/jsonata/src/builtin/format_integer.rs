//! `$formatInteger`, `$parseInteger`, and the integers within dates: pictures such as `#,##0;o`, `Ww`,
//! `i`, `A`.

use std::rc::Rc;

use super::{integer_words, number, text};
use crate::error::{Failure, Result, quoted};
use crate::evaluate::Evaluator;
use crate::item::Item;
use crate::meter::Meter;
use crate::number_text::number_text;

/// A picture, read.
#[derive(Clone, Debug)]
pub(super) struct IntegerPicture {
    pub(super) style: Style,
    pub(super) ordinal: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Style {
    Digits(Digits),
    /// `a`, `A`: a, b, … z, aa, ab
    Letters {
        upper: bool,
    },
    /// `i`, `I`
    Roman {
        upper: bool,
    },
    /// `w`, `W`, `Ww`
    Words(Case),
    /// Any other sequence, which is not supported.
    Other(String),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Case {
    Lower,
    Upper,
    Title,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Digits {
    /// The zero of the ten digits.
    zero: char,
    pub(super) mandatory: usize,
    pub(super) optional: usize,
    separators: Separators,
}

#[derive(Clone, Debug, PartialEq)]
enum Separators {
    /// One after every so many digits.
    Regular(usize, char),
    /// Each after so many digits, counted from the right.
    At(Vec<(usize, char)>),
}

/// The zeros of the decimal digits of many scripts.
const ZEROS: [char; 37] = [
    '\u{30}', '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}',
    '\u{be6}', '\u{c66}', '\u{ce6}', '\u{d66}', '\u{de6}', '\u{e50}', '\u{ed0}', '\u{f20}', '\u{1040}',
    '\u{1090}', '\u{17e0}', '\u{1810}', '\u{1946}', '\u{19d0}', '\u{1a80}', '\u{1a90}', '\u{1b50}',
    '\u{1bb0}', '\u{1c40}', '\u{1c50}', '\u{a620}', '\u{a8d0}', '\u{a900}', '\u{a9d0}', '\u{a9f0}',
    '\u{aa50}', '\u{abf0}', '\u{ff10}',
];

const ROMAN: [(u32, &str); 13] = [
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
];

pub(super) fn format_integer<'a>(
    ev: &Evaluator<'a>,
    arguments: &[Item<'a>],
    _: &Item<'a>,
) -> Result<Item<'a>> {
    let (Some(number), Some(picture)) = (number(arguments, 0), text(arguments, 1)) else {
        return Ok(Item::Nothing);
    };
    ev.meter.steps(picture.len() as u64)?;
    let picture = IntegerPicture::read(picture)?;
    Ok(Item::text(picture.format(&ev.meter, number)?))
}

pub(super) fn parse_integer<'a>(
    ev: &Evaluator<'a>,
    arguments: &[Item<'a>],
    _: &Item<'a>,
) -> Result<Item<'a>> {
    let (Some(digits), Some(picture)) = (text(arguments, 0), text(arguments, 1)) else {
        return Ok(Item::Nothing);
    };
    ev.meter.steps((picture.len() + digits.len()) as u64)?;
    Ok(Item::number(IntegerPicture::read(picture)?.parse(digits)?))
}

impl IntegerPicture {
    pub(super) fn read(picture: &str) -> Result<IntegerPicture> {
        let (primary, ordinal) = match picture.rsplit_once(';') {
            Some((primary, modifier)) => (primary, modifier.starts_with('o')),
            None => (picture, false),
        };
        let style = match primary {
            "a" => Style::Letters { upper: false },
            "A" => Style::Letters { upper: true },
            "i" => Style::Roman { upper: false },
            "I" => Style::Roman { upper: true },
            "w" => Style::Words(Case::Lower),
            "W" => Style::Words(Case::Upper),
            "Ww" => Style::Words(Case::Title),
            _ => match Digits::read(primary)? {
                Some(digits) => Style::Digits(digits),
                None => Style::Other(primary.to_owned()),
            },
        };
        Ok(IntegerPicture { style, ordinal })
    }

    pub(super) fn format(&self, meter: &Rc<Meter>, number: f64) -> Result<String> {
        if !number.is_finite() {
            return Ok(number_text(number));
        }
        let number = number.floor();
        let magnitude = number.abs();
        let text = match &self.style {
            Style::Letters { upper } => letters(magnitude, if *upper { b'A' } else { b'a' }),
            Style::Roman { upper } => {
                // One letter for each thousand.
                meter.text((magnitude / 1000.0) as usize)?;
                meter.steps((magnitude / 1000.0) as u64)?;
                let text = roman(magnitude as u64);
                if *upper { text.to_uppercase() } else { text }
            }
            Style::Words(case) => {
                meter.steps(32)?;
                let words = integer_words::words(magnitude, self.ordinal);
                match case {
                    Case::Lower => words.to_lowercase(),
                    Case::Upper => words.to_uppercase(),
                    Case::Title => words,
                }
            }
            Style::Digits(digits) => {
                let mut text = digits.format(&number_text(magnitude));
                if self.ordinal {
                    text.push_str(ordinal_suffix(magnitude));
                }
                text
            }
            Style::Other(token) => return Err(Failure::new("D3130").value(quoted(token))),
        };
        Ok(if number < 0.0 { format!("-{text}") } else { text })
    }

    pub(super) fn parse(&self, text: &str) -> Result<f64> {
        Ok(match &self.style {
            Style::Letters { upper } => {
                let first = if *upper { b'A' } else { b'a' };
                text.bytes()
                    .fold(0.0, |number, letter| number * 26.0 + f64::from(letter.wrapping_sub(first)) + 1.0)
            }
            Style::Roman { .. } => parse_roman(text),
            Style::Words(_) => integer_words::number(text),
            Style::Digits(digits) => {
                let text = if self.ordinal {
                    let end = text.char_indices().rev().nth(1).map_or(0, |(place, _)| place);
                    &text[..end]
                } else {
                    text
                };
                digits.parse(text)
            }
            Style::Other(token) => return Err(Failure::new("D3130").value(quoted(token))),
        })
    }
}

impl Digits {
    /// `None` if there is no digit in it.
    fn read(picture: &str) -> Result<Option<Digits>> {
        let mut zero = None;
        let (mut mandatory, mut optional) = (0, 0);
        let mut separators = Vec::new();
        for character in picture.chars().rev() {
            let family =
                ZEROS.iter().find(|zero| (**zero as u32..**zero as u32 + 10).contains(&(character as u32)));
            match family {
                Some(family) => {
                    mandatory += 1;
                    if *zero.get_or_insert(*family) != *family {
                        return Err(Failure::new("D3131"));
                    }
                }
                None if character == '#' => optional += 1,
                None => separators.push((mandatory + optional, character)),
            }
        }
        let Some(zero) = zero else { return Ok(None) };
        let separators = Separators::of(separators);
        Ok(Some(Digits { zero, mandatory, optional, separators }))
    }

    pub(super) fn has_separators(&self) -> bool {
        self.separator().is_some()
    }

    /// The first of its separators.
    pub(super) fn separator(&self) -> Option<char> {
        match &self.separators {
            Separators::Regular(_, character) => Some(*character),
            Separators::At(places) => places.first().map(|(_, character)| *character),
        }
    }

    pub(super) fn is_regular(&self) -> bool {
        matches!(self.separators, Separators::Regular(..))
    }

    fn format(&self, digits: &str) -> String {
        let padding = self.mandatory.saturating_sub(digits.len());
        let all: Vec<char> = std::iter::repeat_n('0', padding).chain(digits.chars()).collect();
        let mut out = String::with_capacity(all.len() + 8);
        for (place, digit) in all.iter().enumerate() {
            let behind = all.len() - place;
            if place > 0 {
                match &self.separators {
                    Separators::Regular(every, character) if behind.is_multiple_of(*every) => {
                        out.push(*character)
                    }
                    Separators::At(places) => {
                        out.extend(
                            places.iter().filter(|(at, _)| *at == behind).map(|(_, character)| character),
                        );
                    }
                    Separators::Regular(..) => {}
                }
            }
            let digit = digit
                .to_digit(10)
                .and_then(|digit| char::from_u32(self.zero as u32 + digit))
                .unwrap_or(*digit);
            out.push(digit);
        }
        out
    }

    fn parse(&self, text: &str) -> f64 {
        let mut number = 0.0;
        let mut negative = false;
        for (place, character) in text.chars().enumerate() {
            match (character as u32).checked_sub(self.zero as u32) {
                Some(digit @ 0..=9) => number = number * 10.0 + f64::from(digit),
                _ if place == 0 && character == '-' => negative = true,
                _ if self.is_separator(character) => {}
                // What follows is no part of the number; nothing at all is none.
                _ if place == 0 => return f64::NAN,
                _ => break,
            }
        }
        if negative { -number } else { number }
    }

    fn is_separator(&self, character: char) -> bool {
        match &self.separators {
            Separators::Regular(_, separator) => *separator == character,
            Separators::At(places) => places.iter().any(|(_, separator)| *separator == character),
        }
    }

    /// Whether a character is a digit or a separator of the picture.
    pub(super) fn takes(&self, character: char) -> bool {
        (self.zero as u32..self.zero as u32 + 10).contains(&(character as u32))
            || self.is_separator(character)
    }
}

impl Separators {
    /// Of separators with the number of digits behind them: regular if they are the same and stand at
    /// the first multiples of one number.
    fn of(places: Vec<(usize, char)>) -> Separators {
        let Some((first, character)) = places.first().copied() else { return Separators::At(places) };
        let every = places.iter().fold(0, |common, (place, _)| divisor(common, *place));
        let same = places.iter().all(|(_, other)| *other == character);
        let regular = (1..=places.len()).all(|count| places.iter().any(|(place, _)| *place == count * every));
        if same && regular && first > 0 && every > 0 {
            return Separators::Regular(every, character);
        }
        Separators::At(places)
    }
}

fn divisor(one: usize, two: usize) -> usize {
    if two == 0 { one } else { divisor(two, one % two) }
}

fn ordinal_suffix(number: f64) -> &'static str {
    match ((number % 100.0 / 10.0).floor() as u8, (number % 10.0) as u8) {
        (1, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    }
}

fn letters(number: f64, first: u8) -> String {
    let mut rest = number;
    let mut letters = Vec::new();
    while rest >= 1.0 {
        letters.push(char::from(first + ((rest - 1.0) % 26.0) as u8));
        rest = ((rest - 1.0) / 26.0).floor();
    }
    letters.iter().rev().collect()
}

fn roman(number: u64) -> String {
    let mut out = String::new();
    let mut rest = number;
    for (value, letters) in ROMAN {
        while rest >= u64::from(value) {
            out.push_str(letters);
            rest -= u64::from(value);
        }
    }
    out
}

fn parse_roman(text: &str) -> f64 {
    let mut number = 0i64;
    let mut greatest = 1;
    for letter in text.chars().rev() {
        let letter = letter.to_ascii_lowercase().to_string();
        let Some((value, _)) = ROMAN.iter().find(|(_, known)| *known == letter) else { return f64::NAN };
        let value = i64::from(*value);
        // A smaller one before a greater one is taken off.
        if value < greatest {
            number -= value;
        } else {
            greatest = value;
            number += value;
        }
    }
    number as f64
}
