//! The habits of Java that AWS's answers show: the order of strings, rounding, the text of maps, and
//! the generator of random numbers.

use std::cmp::Ordering;

use json::Value;

/// `String.compareTo`: by UTF-16 code units, which differs from the order of characters beyond U+FFFF.
pub(crate) fn compare(one: &str, two: &str) -> Ordering {
    one.encode_utf16().cmp(two.encode_utf16())
}

/// `Math.round`: to the nearest integer, halves upwards (−2.5 becomes −2).
pub(crate) fn round(number: f64) -> f64 {
    let floor = number.floor();
    if number - floor >= 0.5 { floor + 1.0 } else { floor }
}

/// `toString` of what a JSON parser makes in Java: `{Arg1=1, Arg2=[a, null]}`; a string is itself.
/// The caller has checked that the value is not too deep ([`json::DEPTH_MAX`]). It stops soon after `out`
/// has become longer than `bytes_max`: a value may hold one text many times.
pub(crate) fn append_text(value: &Value, out: &mut String, bytes_max: usize) {
    if out.len() > bytes_max {
        return;
    }
    match value {
        Value::String(text) => out.push_str(text),
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place > 0 { ", " } else { "" });
                append_text(item, out, bytes_max);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (place, (name, member)) in members.iter().enumerate() {
                out.push_str(if place > 0 { ", " } else { "" });
                out.push_str(name);
                out.push('=');
                append_text(member, out, bytes_max);
            }
            out.push('}');
        }
        scalar => scalar.write_into(out),
    }
}

/// `java.util.Random`: the linear congruential generator of its specification.
pub(crate) struct Random(u64);

impl Random {
    /// The generator that starts from `seed`.
    pub(crate) fn new(seed: i64) -> Random {
        Random((seed as u64 ^ MULTIPLIER) & MASK)
    }

    /// `nextInt(bound)`: 0 ≤ n < `bound`, which is at least 1.
    pub(crate) fn next_int(&mut self, bound: i32) -> i32 {
        assert!(bound > 0, "the caller checks the range");
        if bound & (bound - 1) == 0 {
            return ((i64::from(bound) * i64::from(self.next(31))) >> 31) as i32;
        }
        // Refuses the numbers of the incomplete last round; each draw is refused with a
        // probability below one half, so 64 draws always suffice in practice.
        let mut value = 0;
        for _ in 0..64 {
            let bits = self.next(31);
            value = bits % bound;
            if i64::from(bits) - i64::from(value) + i64::from(bound) - 1 <= i64::from(i32::MAX) {
                break;
            }
        }
        value
    }

    /// `nextLong()`.
    pub(crate) fn next_long(&mut self) -> i64 {
        (i64::from(self.next(32)) << 32).wrapping_add(i64::from(self.next(32)))
    }

    fn next(&mut self, bits: u32) -> i32 {
        self.0 = self.0.wrapping_mul(MULTIPLIER).wrapping_add(0xB) & MASK;
        (self.0 >> (48 - bits)) as i32
    }
}

const MULTIPLIER: u64 = 0x5_DEEC_E66D;
const MASK: u64 = (1 << 48) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_ordered_by_code_units() {
        assert_eq!(compare("A", "AB"), Ordering::Less);
        assert_eq!(compare("a", "B"), Ordering::Greater);
        // U+1F600 is the surrogate pair D83D DE00, which stands before U+FFFD.
        assert_eq!(compare("\u{1F600}", "\u{FFFD}"), Ordering::Less);
        assert_eq!(compare("é", "é"), Ordering::Equal);
    }

    #[test]
    fn halves_are_rounded_upwards() {
        for (number, rounded) in
            [(1.49, 1.0), (1.5, 2.0), (-1.5, -1.0), (-1.51, -2.0), (-0.5, 0.0), (2.5, 3.0)]
        {
            assert_eq!(round(number), rounded, "{number}");
        }
        assert_eq!(round(0.499_999_999_999_999_94), 0.0);
    }

    /// `new Random(42)` is documented all over: nextInt(10) gives 0, 3, 8.
    #[test]
    fn random_numbers_are_those_of_java() {
        let mut random = Random::new(42);
        assert_eq!([random.next_int(10), random.next_int(10), random.next_int(10)], [0, 3, 8]);
        assert_eq!(Random::new(42).next_long(), -5_025_562_857_975_149_833);
    }

    #[test]
    fn maps_are_printed_as_java_prints_them() {
        let mut out = String::new();
        append_text(
            &Value::parse(r#"{"a":1,"b":[],"c":["x",null,1.5,{"d":true}]}"#).unwrap(),
            &mut out,
            usize::MAX,
        );
        assert_eq!(out, "{a=1, b=[], c=[x, null, 1.5, {d=true}]}");
    }
}
