//! `$formatNumber`: pictures such as `#,##0.00`, as XPath's `format-number` reads them.

use super::{number as number_at, number::round_half_even, text};
use crate::error::{Failure, Result};
use crate::evaluate::Evaluator;
use crate::item::Item;

/// The characters with a meaning, which an options object may change.
struct Symbols {
    decimal_separator: String,
    grouping_separator: String,
    exponent_separator: String,
    minus_sign: String,
    percent: String,
    per_mille: String,
    zero_digit: char,
    digit: String,
    pattern_separator: String,
}

/// A sub-picture, read.
#[derive(Debug)]
struct Picture {
    prefix: String,
    suffix: String,
    has_decimal: bool,
    scale: f64,
    integer_groups: Vec<usize>,
    /// The distance of all integer groups, or 0.
    regular_group: usize,
    fraction_groups: Vec<usize>,
    integer_size_min: usize,
    scaling: usize,
    fraction_size_min: usize,
    fraction_size_max: usize,
    exponent_size_min: usize,
}

/// More digits behind the point than a double can have.
const FRACTION_MAX: usize = 1100;

pub(super) fn format_number<'a>(
    ev: &Evaluator<'a>,
    arguments: &[Item<'a>],
    _: &Item<'a>,
) -> Result<Item<'a>> {
    let Some(number) = number_at(arguments, 0) else { return Ok(Item::Nothing) };
    let picture = text(arguments, 1).map_or("", |picture| picture.as_str());
    ev.meter.steps(16 + picture.len() as u64 * 4)?;
    ev.meter.text(picture.len() * 4 + 400)?;
    let symbols = Symbols::read(arguments.get(2));
    let parts: Vec<&str> = picture.split(symbols.pattern_separator.as_str()).collect();
    if parts.len() > 2 {
        return Err(Failure::new("D3080"));
    }
    let mut pictures = Vec::with_capacity(2);
    for part in &parts {
        pictures.push(symbols.picture(part)?);
    }
    let negative = number < 0.0;
    let picture = match (negative, pictures.pop()) {
        (true, Some(mut last)) => {
            if parts.len() == 1 {
                last.prefix.insert_str(0, &symbols.minus_sign);
            }
            last
        }
        (_, last) => pictures.pop().or(last).unwrap_or_else(|| unreachable!("a split has a part")),
    };
    Ok(Item::text(symbols.format(&picture, number.abs())))
}

impl Symbols {
    fn read(options: Option<&Item<'_>>) -> Symbols {
        let option = |name: &str, default: &str| {
            let given = options.map(|options| options.member(name));
            let given = given.as_ref().and_then(Item::as_text).filter(|text| !text.is_empty());
            given.map_or_else(|| default.to_owned(), |text| text.to_string())
        };
        Symbols {
            decimal_separator: option("decimal-separator", "."),
            grouping_separator: option("grouping-separator", ","),
            exponent_separator: option("exponent-separator", "e"),
            minus_sign: option("minus-sign", "-"),
            percent: option("percent", "%"),
            per_mille: option("per-mille", "\u{2030}"),
            zero_digit: option("zero-digit", "0").chars().next().unwrap_or('0'),
            digit: option("digit", "#"),
            pattern_separator: option("pattern-separator", ";"),
        }
    }

    fn is_digit(&self, character: char) -> bool {
        (self.zero_digit as u32..self.zero_digit as u32 + 10).contains(&(character as u32))
    }

    fn is(&self, symbol: &str, character: char) -> bool {
        symbol.chars().eq([character])
    }

    fn is_active(&self, character: char) -> bool {
        self.is_digit(character)
            || [&self.decimal_separator, &self.exponent_separator, &self.grouping_separator, &self.digit]
                .iter()
                .any(|symbol| self.is(symbol, character))
    }

    fn picture(&self, text: &str) -> Result<Picture> {
        let delimits =
            |character: char| self.is_active(character) && !self.is(&self.exponent_separator, character);
        // Where nothing delimits the active part, all of it is active, and wrong.
        let start = text.find(delimits).unwrap_or(0);
        let end = text
            .rfind(delimits)
            .map_or(text.len(), |place| place + text[place..].chars().next().map_or(0, char::len_utf8));
        let (prefix, active, suffix) = (&text[..start], &text[start..end], &text[end..]);
        let (mantissa, exponent) = match active.split_once(self.exponent_separator.as_str()) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            // An exponent separator at the end begins an exponent without digits.
            None if suffix.starts_with(self.exponent_separator.as_str()) => (active, Some("")),
            None => (active, None),
        };
        let (integer, fraction) = match mantissa.split_once(self.decimal_separator.as_str()) {
            Some((integer, fraction)) => (integer, Some(fraction)),
            None => (mantissa, None),
        };
        self.check(text, active, mantissa, integer, fraction, exponent)?;
        let count = |text: &str| text.chars().filter(|character| self.is_digit(*character)).count();
        let places =
            |text: &str| text.chars().filter(|c| self.is_digit(*c) || self.is(&self.digit, *c)).count();
        let integer_groups = self.groups(integer, true);
        let fraction = fraction.unwrap_or("");
        let mut picture = Picture {
            prefix: prefix.to_owned(),
            suffix: suffix.to_owned(),
            has_decimal: text.contains(self.decimal_separator.as_str()),
            scale: if text.contains(self.percent.as_str()) {
                100.0
            } else if text.contains(self.per_mille.as_str()) {
                1000.0
            } else {
                1.0
            },
            regular_group: regular(&integer_groups),
            integer_groups,
            fraction_groups: self.groups(fraction, false),
            integer_size_min: count(integer),
            scaling: count(integer),
            fraction_size_min: count(fraction).min(FRACTION_MAX),
            fraction_size_max: places(fraction).min(FRACTION_MAX),
            exponent_size_min: exponent.map_or(0, count),
        };
        if picture.integer_size_min == 0 && picture.fraction_size_max == 0 {
            if exponent.is_some() {
                picture.fraction_size_min = 1;
                picture.fraction_size_max = 1;
            } else {
                picture.integer_size_min = 1;
            }
        }
        if exponent.is_some() && picture.integer_size_min == 0 && integer.contains(self.digit.as_str()) {
            picture.integer_size_min = 1;
        }
        if picture.integer_size_min == 0 && picture.fraction_size_min == 0 {
            picture.fraction_size_min = 1;
        }
        Ok(picture)
    }

    fn check(
        &self,
        text: &str,
        active: &str,
        mantissa: &str,
        integer: &str,
        fraction: Option<&str>,
        exponent: Option<&str>,
    ) -> Result<()> {
        let count = |symbol: &str| text.matches(symbol).count();
        let (percents, per_milles) = (count(&self.percent), count(&self.per_mille));
        let group = self.grouping_separator.as_str();
        let is_digit = |character: char| self.is_digit(character);
        let is_place = |character: char| is_digit(character) || self.is(&self.digit, character);
        let beside_decimal = match fraction {
            Some(fraction) => integer.ends_with(group) || fraction.starts_with(group),
            None => false,
        };
        let first_optional = integer.find(self.digit.as_str()).unwrap_or(0);
        let behind_optional = fraction
            .and_then(|fraction| Some(&fraction[fraction.rfind(self.digit.as_str())? + self.digit.len()..]));
        let bad_exponent =
            exponent.is_some_and(|exponent| exponent.is_empty() || !exponent.chars().all(is_digit));
        // Of several mistakes the last one in this order is told.
        let mistakes = [
            (count(&self.decimal_separator) > 1, "D3081"),
            (percents > 1, "D3082"),
            (per_milles > 1, "D3083"),
            (percents > 0 && per_milles > 0, "D3084"),
            (!mantissa.chars().any(is_place), "D3085"),
            (active.chars().any(|character| !self.is_active(character)), "D3086"),
            (beside_decimal, "D3087"),
            (fraction.is_none() && integer.ends_with(group), "D3088"),
            (text.contains(&group.repeat(2)), "D3089"),
            (integer[..first_optional].chars().any(is_digit), "D3090"),
            (behind_optional.is_some_and(|behind| behind.chars().any(is_digit)), "D3091"),
            (exponent.is_some() && percents + per_milles > 0, "D3092"),
            (bad_exponent, "D3093"),
        ];
        match mistakes.iter().rfind(|(made, _)| *made) {
            Some((_, code)) => Err(Failure::new(code)),
            None => Ok(()),
        }
    }

    /// Where grouping separators stand: so many digits lie between them and the point.
    fn groups(&self, part: &str, from_right: bool) -> Vec<usize> {
        let mut digits = 0;
        let mut places = Vec::new();
        let mut look = |character: char| {
            if self.is(&self.grouping_separator, character) {
                places.push(digits);
            } else {
                digits += 1;
            }
        };
        if from_right {
            part.chars().rev().for_each(&mut look)
        } else {
            part.chars().for_each(&mut look)
        }
        places
    }

    /// `number` is not negative.
    fn format(&self, picture: &Picture, number: f64) -> String {
        if !number.is_finite() {
            return format!(
                "{}{}{}",
                picture.prefix,
                crate::number_text::number_text(number),
                picture.suffix
            );
        }
        let mut mantissa = number * picture.scale;
        let mut exponent = 0i32;
        if picture.exponent_size_min > 0 && mantissa != 0.0 && mantissa.is_finite() {
            let most = 10f64.powi(picture.scaling.min(300) as i32);
            let least = 10f64.powi(picture.scaling.min(300) as i32 - 1);
            while mantissa < least {
                mantissa *= 10.0;
                exponent -= 1;
            }
            while mantissa > most {
                mantissa /= 10.0;
                exponent += 1;
            }
        }
        let rounded = round_half_even(mantissa, picture.fraction_size_max as i64);
        let text = format!("{:.*}", picture.fraction_size_max, rounded);
        let (integer, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let integer = integer.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let integer =
            format!("{}{integer}", "0".repeat(picture.integer_size_min.saturating_sub(integer.len())));
        let fraction =
            format!("{fraction}{}", "0".repeat(picture.fraction_size_min.saturating_sub(fraction.len())));
        let mut out = picture.prefix.clone();
        self.write_grouped(&integer, &mut out, |place| {
            let behind = integer.len() - place;
            place > 0
                && match picture.regular_group {
                    0 => picture.integer_groups.contains(&behind),
                    every => behind % every == 0,
                }
        });
        if picture.has_decimal && !fraction.is_empty() {
            out.push_str(&self.decimal_separator);
            // As in JSONata, only the first separator counts, and it stays behind the last digit, too.
            let group = picture.fraction_groups.first();
            self.write_grouped(&fraction, &mut out, |place| group == Some(&place));
            if group.is_some_and(|group| *group >= fraction.len()) {
                out.push_str(&self.grouping_separator);
            }
        }
        if picture.exponent_size_min > 0 {
            out.push_str(&self.exponent_separator);
            if exponent < 0 {
                out.push_str(&self.minus_sign);
            }
            let digits =
                format!("{:0width$}", exponent.unsigned_abs(), width = picture.exponent_size_min.min(1000));
            self.write_grouped(&digits, &mut out, |_| false);
        }
        out.push_str(&picture.suffix);
        out
    }

    /// Writes ASCII digits in the family of the zero digit, with separators where `separated` says.
    fn write_grouped(&self, digits: &str, out: &mut String, separated: impl Fn(usize) -> bool) {
        for (place, digit) in digits.chars().enumerate() {
            if separated(place) {
                out.push_str(&self.grouping_separator);
            }
            let value = digit.to_digit(10).unwrap_or(0);
            out.push(char::from_u32(self.zero_digit as u32 + value).unwrap_or(digit));
        }
    }
}

/// The one distance of all groups, 0 if they have none.
fn regular(groups: &[usize]) -> usize {
    fn divisor(one: usize, two: usize) -> usize {
        if two == 0 { one } else { divisor(two, one % two) }
    }
    let every = groups.iter().fold(0, |common, place| divisor(common, *place));
    let regular = every > 0 && (1..=groups.len()).all(|count| groups.contains(&(count * every)));
    if regular { every } else { 0 }
}
