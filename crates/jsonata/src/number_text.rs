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

/// As `$string` and `&` print it: rounded to 15 significant digits, so that 0.1 + 0.2 reads 0.3.
pub(crate) fn rounded_text(number: f64) -> String {
    // Integers of up to 15 digits, the common case, need no rounding.
    if number.fract() == 0.0 && number.abs() < 1e15 {
        let mut text = String::new();
        // Writing to a String cannot fail. An integer avoids "-0".
        let _ = write!(text, "{}", number as i64);
        return text;
    }
    number_text(to_precision_15(number))
}

/// The nearest number with 15 significant decimal digits.
pub(crate) fn to_precision_15(number: f64) -> f64 {
    format!("{number:.14e}").parse().unwrap_or(number)
}
