//! The scalars of Parquet, as JSON.
//!
//! What JSON has no kind for becomes a string: times as in ISO 8601, decimals by their digits, bytes as Base64.
//! Never here: levels, pages.

use json::Value;

use super::corrupt;
use super::thrift::Thrift;
use crate::Failure;

/// What a column's values are: how they are written, and what they mean.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scalar {
    pub(super) physical: Physical,
    logical: Logical,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Physical {
    Boolean,
    Int32,
    Int64,
    Int96,
    Float,
    Double,
    ByteArray,
    /// So many bytes.
    Fixed(usize),
}

#[derive(Clone, Copy, Debug)]
enum Logical {
    None,
    Text,
    Unsigned,
    Date,
    /// Of the day, in units of which so many make a second.
    Time {
        per_second: i64,
    },
    Timestamp {
        per_second: i64,
        is_utc: bool,
    },
    /// An integer, and how many of its digits stand behind the point.
    Decimal {
        scale: usize,
    },
    Uuid,
    Float16,
}

const MILLIS: i64 = 1_000;
const MICROS: i64 = 1_000_000;
const NANOS: i64 = 1_000_000_000;

impl Scalar {
    /// Of an element of the schema.
    pub(super) fn of(element: &Thrift) -> Result<Scalar, Failure> {
        let length = element.int(2).and_then(|length| usize::try_from(length).ok());
        let physical = match element.int(1) {
            Some(0) => Physical::Boolean,
            Some(1) => Physical::Int32,
            Some(2) => Physical::Int64,
            Some(3) => Physical::Int96,
            Some(4) => Physical::Float,
            Some(5) => Physical::Double,
            Some(6) => Physical::ByteArray,
            Some(7) => Physical::Fixed(length.ok_or_else(|| corrupt("a column has no length"))?),
            Some(_) | None => return Err(corrupt("a column has no type")),
        };
        Ok(Scalar { physical, logical: logical(element) })
    }

    /// Reads a value as PLAIN writes it, and moves `at` behind it. Truth values are written otherwise.
    pub(super) fn plain(self, page: &[u8], at: &mut usize) -> Option<Value> {
        let mut take = |count: usize| {
            let bytes = page.get(*at..at.checked_add(count)?)?;
            *at += count;
            Some(bytes)
        };
        Some(match self.physical {
            Physical::Boolean => return None,
            Physical::Int32 => {
                let int = i32::from_le_bytes(*take(4)?.first_chunk()?);
                match self.logical {
                    Logical::Unsigned => Value::from(int as u32),
                    _ => self.integer(int.into()),
                }
            }
            Physical::Int64 => {
                let int = i64::from_le_bytes(*take(8)?.first_chunk()?);
                match self.logical {
                    Logical::Unsigned => Value::from(int as u64),
                    _ => self.integer(int),
                }
            }
            Physical::Int96 => {
                let bytes = take(12)?;
                let nanos = i64::from_le_bytes(*bytes.first_chunk()?);
                let julian_day = u32::from_le_bytes(*bytes.last_chunk()?);
                // Day 2,440,588 of the Julian count is 1970-01-01.
                let days = i64::from(julian_day) - 2_440_588;
                let (more_days, nanos) = (nanos.div_euclid(86_400 * NANOS), nanos.rem_euclid(86_400 * NANOS));
                Value::from(format!("{}T{}", date(days + more_days), time(nanos, NANOS)))
            }
            Physical::Float => float(f32::from_le_bytes(*take(4)?.first_chunk()?)),
            Physical::Double => double(f64::from_le_bytes(*take(8)?.first_chunk()?)),
            Physical::ByteArray => {
                let length = u32::from_le_bytes(*take(4)?.first_chunk()?);
                self.bytes(take(length as usize)?)
            }
            Physical::Fixed(length) => self.bytes(take(length)?),
        })
    }

    fn integer(self, int: i64) -> Value {
        match self.logical {
            Logical::None | Logical::Text | Logical::Unsigned | Logical::Uuid | Logical::Float16 => {
                Value::from(int)
            }
            Logical::Date => Value::from(date(int)),
            Logical::Time { per_second } => Value::from(time(int, per_second)),
            Logical::Timestamp { per_second, is_utc } => {
                let per_day = 86_400 * per_second;
                let (day, rest) = (int.div_euclid(per_day), int.rem_euclid(per_day));
                let zone = if is_utc { "Z" } else { "" };
                Value::from(format!("{}T{}{zone}", date(day), time(rest, per_second)))
            }
            Logical::Decimal { scale } => {
                Value::from(decimal(int < 0, int.unsigned_abs().to_string(), scale))
            }
        }
    }

    fn bytes(self, bytes: &[u8]) -> Value {
        match self.logical {
            Logical::Decimal { scale } => {
                let (is_negative, digits) = big_integer(bytes);
                Value::from(decimal(is_negative, digits, scale))
            }
            Logical::Uuid if bytes.len() == 16 => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
                Value::from(parts.join("-"))
            }
            Logical::Float16 if bytes.len() == 2 => double(half(u16::from_le_bytes([bytes[0], bytes[1]]))),
            Logical::Text => Value::from(String::from_utf8_lossy(bytes).into_owned()),
            Logical::None
            | Logical::Unsigned
            | Logical::Date
            | Logical::Time { .. }
            | Logical::Timestamp { .. }
            | Logical::Uuid
            | Logical::Float16 => Value::from(base64(bytes)),
        }
    }
}

fn logical(element: &Thrift) -> Logical {
    let union = element.field(10);
    let member = |id: i16| union.and_then(|union| union.field(id));
    let per_second = |kind: &Thrift| {
        let unit = kind.field(2);
        let is = |id: i16| unit.is_some_and(|unit| unit.field(id).is_some());
        if is(1) {
            MILLIS
        } else if is(2) {
            MICROS
        } else {
            NANOS
        }
    };
    let scale = |scale: Option<i64>| usize::try_from(scale.unwrap_or(0)).unwrap_or(0).min(SCALE_MAX);
    if member(1).or(member(4)).or(member(12)).is_some() {
        return Logical::Text;
    }
    if let Some(kind) = member(5) {
        return Logical::Decimal { scale: scale(kind.int(1)) };
    }
    if member(6).is_some() {
        return Logical::Date;
    }
    if let Some(kind) = member(7) {
        return Logical::Time { per_second: per_second(kind) };
    }
    if let Some(kind) = member(8) {
        return Logical::Timestamp { per_second: per_second(kind), is_utc: kind.int(1) == Some(1) };
    }
    if let Some(kind) = member(10) {
        return if kind.int(2) == Some(0) { Logical::Unsigned } else { Logical::None };
    }
    if member(14).is_some() {
        return Logical::Uuid;
    }
    if member(15).is_some() {
        return Logical::Float16;
    }
    // Older files have only the converted type.
    match element.int(6) {
        Some(0 | 4 | 19) => Logical::Text,
        Some(5) => Logical::Decimal { scale: scale(element.int(7)) },
        Some(6) => Logical::Date,
        Some(7) => Logical::Time { per_second: MILLIS },
        Some(8) => Logical::Time { per_second: MICROS },
        Some(9) => Logical::Timestamp { per_second: MILLIS, is_utc: true },
        Some(10) => Logical::Timestamp { per_second: MICROS, is_utc: true },
        Some(11..=14) => Logical::Unsigned,
        Some(_) | None => Logical::None,
    }
}

/// No program writes decimals with more digits than this.
const SCALE_MAX: usize = 1_000;

/// The date of a day, counted from 1970-01-01, in the Gregorian calendar.
fn date(day: i64) -> String {
    // Counted from 0000-03-01, so that leap days end years; 400 years have always as many days.
    let day = day + 719_468;
    let (era, day_of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, january_on) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year_of_era + january_on;
    format!("{year:04}-{month:02}-{day_of_month:02}")
}

/// The time of a day. The fraction has the digits of its unit, and is left out if it is zero.
fn time(units: i64, per_second: i64) -> String {
    let (seconds, fraction) = (units.div_euclid(per_second), units.rem_euclid(per_second));
    let time = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let digits = per_second.ilog10() as usize;
    if fraction == 0 { time } else { format!("{time}.{fraction:0digits$}") }
}

fn decimal(is_negative: bool, digits: String, scale: usize) -> String {
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if is_negative { "-" } else { "" };
    let point = if scale == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// Sign and digits of an integer in two's complement, the highest byte first.
fn big_integer(bytes: &[u8]) -> (bool, String) {
    let is_negative = bytes.first().is_some_and(|byte| *byte >= 0x80);
    let mut magnitude = bytes.to_vec();
    if is_negative {
        let mut carry = true;
        for byte in magnitude.iter_mut().rev() {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    // Nine digits at a time, the lowest ones first. (A decimal has 16 or 32 bytes; more take their square.)
    let mut groups = Vec::new();
    while magnitude.iter().any(|byte| *byte != 0) && groups.len() <= SCALE_MAX {
        let mut rest = 0u64;
        for byte in &mut magnitude {
            let value = rest << 8 | u64::from(*byte);
            *byte = (value / 1_000_000_000) as u8;
            rest = value % 1_000_000_000;
        }
        groups.push(rest);
    }
    let mut digits = groups.pop().unwrap_or(0).to_string();
    for group in groups.iter().rev() {
        digits.push_str(&format!("{group:09}"));
    }
    (is_negative, digits)
}

fn float(float: f32) -> Value {
    // As many digits as tell this one from other floats: 0.1, not 0.10000000149011612.
    double(float.to_string().parse().unwrap_or(f64::NAN))
}

fn double(double: f64) -> Value {
    if double.is_finite() { Value::Float(double) } else { Value::from(json::number_text(double)) }
}

fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let value = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let shown = digit <= three.len();
            let index = (value >> (18 - 6 * digit) & 63) as usize;
            text.push(if shown { DIGITS[index].into() } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times() {
        let days = [(0, "1970-01-01"), (-1, "1969-12-31"), (11_016, "2000-02-29"), (-25_509, "1900-02-28")];
        for (day, text) in days {
            assert_eq!(date(day), text);
        }
        assert_eq!(time(86_399_999, MILLIS), "23:59:59.999");
        assert_eq!(time(3_600_000_000_001, NANOS), "01:00:00.000000001");
    }

    #[test]
    fn decimals_of_any_size() {
        assert_eq!(decimal(true, "5".into(), 2), "-0.05");
        assert_eq!(decimal(false, "12345".into(), 2), "123.45");
        assert_eq!(big_integer(&[0xff]), (true, "1".into()));
        assert_eq!(big_integer(&[0x80, 0]), (true, "32768".into()));
        assert_eq!(
            big_integer(&(10i128.pow(30) + 7).to_be_bytes()),
            (false, format!("1{}7", "0".repeat(29)))
        );
        assert_eq!(big_integer(&[]), (false, "0".into()));
    }

    #[test]
    fn bytes_as_base64() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn halves() {
        for (bits, number) in
            [(0x3c00, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_953_125), (1, 2f64.powi(-24))]
        {
            assert_eq!(half(bits), number);
        }
    }
}
