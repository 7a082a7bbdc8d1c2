//! Numbers: their text as Java prints it, and their equality.

use std::fmt::Write;

use crate::Value;

/// The text of a double as Java's `Double.toString` prints it: the fewest digits that read back
/// as the same double, at least one behind the point, an exponent for magnitudes outside
/// 10⁻³ … 10⁷ (`1.0`, `0.001`, `1.0E7`, `1.5E-5`, `-0.0`, `NaN`, `Infinity`).
pub fn number_text(float: f64) -> String {
    let mut out = String::new();
    write_float(float, &mut out);
    out
}

pub(crate) fn write_float(float: f64, out: &mut String) {
    if !float.is_finite() {
        out.push_str(if float.is_nan() {
            "NaN"
        } else if float > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        });
        return;
    }
    let magnitude = float.abs();
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        let start = out.len();
        write!(out, "{float}").expect("writing to a String");
        if !out[start..].contains('.') {
            out.push_str(".0");
        }
        return;
    }
    let scientific = format!("{float:e}");
    let (digits, exponent) = scientific.split_once('e').expect("{:e} prints an exponent");
    out.push_str(digits);
    if !digits.contains('.') {
        out.push_str(".0");
    }
    out.push('E');
    out.push_str(exponent);
}

pub(crate) fn write_int(integer: i64, out: &mut String) {
    // Twenty characters hold every i64, sign included.
    let mut text = [0u8; 20];
    let mut at = text.len();
    let mut rest = integer.unsigned_abs();
    loop {
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if integer < 0 {
        at -= 1;
        text[at] = b'-';
    }
    out.push_str(std::str::from_utf8(&text[at..]).expect("digits are ASCII"));
}

/// Whether both are numbers and the same number, whatever form they are kept in.
pub(crate) fn equal(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Int(one), Value::Int(two)) => one == two,
        (Value::Float(one), Value::Float(two)) => one == two,
        (Value::Big(one), Value::Big(two)) => one == two,
        (Value::Int(integer), Value::Float(float)) | (Value::Float(float), Value::Int(integer)) => {
            // 2⁶³ and beyond are out of range; below it, an integral double converts exactly.
            (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(float)
                && float.fract() == 0.0
                && *float as i64 == *integer
        }
        (Value::Big(digits), Value::Float(float)) | (Value::Float(float), Value::Big(digits)) => {
            float.is_finite() && float.fract() == 0.0 && format!("{float:.0}") == **digits
        }
        _ => false,
    }
}
