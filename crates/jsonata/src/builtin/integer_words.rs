//! Integers in English words and back: `one thousand, two hundred and thirty-four`.

/// Zero to nineteen, and which place they name.
const SMALL: [(&str, &str); 20] = [
    ("Zero", "Zeroth"),
    ("One", "First"),
    ("Two", "Second"),
    ("Three", "Third"),
    ("Four", "Fourth"),
    ("Five", "Fifth"),
    ("Six", "Sixth"),
    ("Seven", "Seventh"),
    ("Eight", "Eighth"),
    ("Nine", "Ninth"),
    ("Ten", "Tenth"),
    ("Eleven", "Eleventh"),
    ("Twelve", "Twelfth"),
    ("Thirteen", "Thirteenth"),
    ("Fourteen", "Fourteenth"),
    ("Fifteen", "Fifteenth"),
    ("Sixteen", "Sixteenth"),
    ("Seventeen", "Seventeenth"),
    ("Eighteen", "Eighteenth"),
    ("Nineteen", "Nineteenth"),
];

const TENS: [&str; 8] = ["Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"];

/// Thousand to the power of 1, 2, 3, 4; what is greater is so many trillions.
const POWERS: [&str; 4] = ["Thousand", "Million", "Billion", "Trillion"];

/// The words of a number that is an integer and not negative.
pub(super) fn words(number: f64, ordinal: bool) -> String {
    let mut out = String::new();
    write(number, Place::First, ordinal, &mut out);
    out
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    First,
    /// Something greater stands before it.
    Behind,
}

fn write(number: f64, place: Place, ordinal: bool, out: &mut String) {
    if number < 100.0 {
        if place == Place::Behind {
            out.push_str(" and ");
        }
        return write_below_100(number as usize, ordinal, out);
    }
    if place == Place::Behind {
        out.push_str(", ");
    }
    let rest = if number < 1000.0 {
        let hundreds = (number / 100.0).floor();
        out.push_str(SMALL[hundreds as usize].0);
        out.push_str(" Hundred");
        number % 100.0
    } else {
        let power = ((number.log10() / 3.0).floor() as usize).clamp(1, POWERS.len());
        let factor = 10f64.powi(3 * power as i32);
        let count = (number / factor).floor();
        write(count, Place::First, false, out);
        out.push(' ');
        out.push_str(POWERS[power - 1]);
        number - count * factor
    };
    if rest > 0.0 {
        write(rest, Place::Behind, ordinal, out);
    } else if ordinal {
        out.push_str("th");
    }
}

fn write_below_100(number: usize, ordinal: bool, out: &mut String) {
    let small = |number: usize| if ordinal { SMALL[number].1 } else { SMALL[number].0 };
    if number < SMALL.len() {
        out.push_str(small(number));
        return;
    }
    let tens = TENS[number / 10 - 2];
    match number % 10 {
        0 if ordinal => {
            out.push_str(&tens[..tens.len() - 1]);
            out.push_str("ieth");
        }
        0 => out.push_str(tens),
        ones => {
            out.push_str(tens);
            out.push('-');
            out.push_str(small(ones));
        }
    }
}

/// The number that one word stands for.
fn value(word: &str) -> Option<f64> {
    let is = |known: &str| known.eq_ignore_ascii_case(word);
    if let Some(number) = SMALL.iter().position(|(cardinal, ordinal)| is(cardinal) || is(ordinal)) {
        return Some(number as f64);
    }
    let tens = |known: &&str| is(known) || is(&format!("{}ieth", &known[..known.len() - 1]));
    if let Some(place) = TENS.iter().position(tens) {
        return Some((place as f64 + 2.0) * 10.0);
    }
    let stem = if word.len() > 2 && word.to_ascii_lowercase().ends_with("th") {
        word.get(..word.len() - 2)?
    } else {
        word
    };
    if stem.eq_ignore_ascii_case("hundred") {
        return Some(100.0);
    }
    let power = POWERS.iter().position(|known| known.eq_ignore_ascii_case(stem))?;
    Some(10f64.powi(3 * (power as i32 + 1)))
}

/// The number that words stand for; NaN if one of them stands for none.
pub(super) fn number(words: &str) -> f64 {
    let mut total = 0.0;
    let mut current = 0.0;
    for word in words.split([' ', ',', '-', '\t', '\n']) {
        if word.is_empty() || word.eq_ignore_ascii_case("and") {
            continue;
        }
        match value(word) {
            Some(value) if value < 100.0 => {
                if current >= 1000.0 {
                    total += current;
                    current = 0.0;
                }
                current += value;
            }
            Some(value) => current *= value,
            None => return f64::NAN,
        }
    }
    total + current
}

/// How many bytes at the start of a text are words of numbers and what stands between them.
pub(super) fn length_of_words(text: &str) -> usize {
    let mut end = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        if length == 0 {
            let separator = rest.bytes().take_while(|byte| matches!(byte, b' ' | b',' | b'-')).count();
            if separator == 0 {
                break;
            }
            at += separator;
            continue;
        }
        let word = &rest[..length];
        if value(word).is_none() && !word.eq_ignore_ascii_case("and") {
            break;
        }
        at += length;
        if !word.eq_ignore_ascii_case("and") {
            end = at;
        }
    }
    end
}
