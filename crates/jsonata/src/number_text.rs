//! Numbers as JavaScript prints them, and as JSONata's `$string` rounds them.

use std::fmt::Write;

/// As `String(number)` in JavaScript: `1e+21`, `0.000001`, `1e-7`, `100`.
pub fn number_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    let magnitude = number.abs();
    if (1e-6..1e21).contains(&magnitude) {
        // Rust prints the shortest digits that read back as the same double, without an exponent.
        return number.to_string();
    }
    let mut text = format!("{number:e}");
    if magnitude >= 1.0
        && let Some(place) = text.find('e')
    {
        text.insert(place + 1, '+');
    }
    text
}

/// The steps that [`rounded_text`] takes: rounding prints the number, reads it and prints it again.
pub(crate) fn rounding_steps(number: f64) -> u64 {
    if is_short_integer(number) { 0 } else { 24 }
}

/// Integers of up to 15 digits, the common case, need no rounding.
fn is_short_integer(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 1e15
}

/// As `$string` and `&` print it: rounded to 15 significant digits, so that 0.1 + 0.2 reads 0.3.
pub(crate) fn rounded_text(number: f64) -> String {
    if is_short_integer(number) {
        let mut text = String::new();
        // Writing to a String cannot fail. An integer avoids "-0".
        let _ = write!(text, "{}", number as i64);
        return text;
    }
    number_text(to_precision_15(number))
}

/// The nearest number with 15 significant decimal digits; of two that are as near the greater one, as
/// JavaScript's `toPrecision` has it.
fn to_precision_15(number: f64) -> f64 {
    let shortest = format!("{number:e}");
    let digits = shortest.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count();
    if digits <= 15 {
        return number;
    }
    // So many digits show a double in between two with 15 digits to be exactly there.
    let exact = format!("{:.40e}", number.abs());
    let tie = exact.split_once('e').is_some_and(|(mantissa, _)| {
        let mut behind = mantissa.bytes().filter(u8::is_ascii_digit).skip(15);
        behind.next() == Some(b'5') && behind.all(|digit| digit == b'0')
    });
    let text = if tie {
        // The next double away from zero rounds to the greater one.
        let above = f64::from_bits(number.abs().to_bits() + 1).copysign(number);
        format!("{above:.14e}")
    } else {
        format!("{number:.14e}")
    };
    text.parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_javascript_prints_them() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.5, "1.5"),
            (1e21, "1e+21"),
            (1e20, "100000000000000000000"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (-1.5e300, "-1.5e+300"),
            (123456789.125, "123456789.125"),
            (f64::INFINITY, "Infinity"),
        ] {
            assert_eq!(number_text(number), text);
        }
        for (number, text) in [
            (0.1 + 0.2, "0.3"),
            (22.0 / 7.0, "3.14285714285714"),
            (10000500025001.25, "10000500025001.3"),
            (-10000500025001.25, "-10000500025001.3"),
            (1.0 / 3.0, "0.333333333333333"),
            (1e15 + 0.5, "1000000000000000"),
            (-7.0, "-7"),
        ] {
            assert_eq!(rounded_text(number), text);
        }
    }
}
