//! How wide a text is on the screen, roughly, and how it is cut.
//!
//! There are no fonts here: average widths of the usual sans-serif ones stand for whichever the reader has, a little
//! on the wide side, so that texts stay inside their boxes. Never here: where a text goes.

/// Widths of the characters from space to `~`, in thousandths of the font's size.
const ASCII: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, // space to /
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, // 0 to ?
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, // @ to O
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, // P to _
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, // ` to o
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, // p to ~
];
/// Of letters beyond ASCII, in thousandths.
const OTHER: u16 = 600;
/// Of ideographs, emoji and their like.
const WIDE: u16 = 1050;
/// Systems' own fonts are wider than those averages by so much.
const ROOM: f64 = 1.12;

/// The width in pixels at a font size in pixels.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let thousandths: u64 = text.chars().map(|character| u64::from(of_character(character))).sum();
    thousandths as f64 / 1000.0 * size * ROOM
}

/// The text, cut with `…` where it is wider than so many pixels.
pub(crate) fn cut(text: &str, size: f64, width_max: f64) -> String {
    if width(text, size) <= width_max {
        return text.to_owned();
    }
    let room = width_max - width("…", size);
    let (mut used, mut end) = (0.0, 0);
    for (place, character) in text.char_indices() {
        used += f64::from(of_character(character)) / 1000.0 * size * ROOM;
        if used > room {
            break;
        }
        end = place + character.len_utf8();
    }
    format!("{}…", text[..end].trim_end())
}

fn of_character(character: char) -> u16 {
    match character {
        ' '..='~' => ASCII[character as usize - ' ' as usize],
        // Combining marks and joiners take no room of their own.
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '…' | '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' => WIDE,
        '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f000}'.. => WIDE,
        _ => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_follow_the_letters() {
        assert!(width("iii", 13.0) < width("mmm", 13.0) / 2.0);
        assert!((width("a", 26.0) - 2.0 * width("a", 13.0)).abs() < 1e-9);
        assert_eq!(width("", 13.0), 0.0);
        assert!(width("注文", 10.0) > width("ab", 10.0));
    }

    #[test]
    fn what_is_too_wide_is_cut() {
        assert_eq!(cut("short", 13.0, 100.0), "short");
        let long = cut("A name that nobody would give to a state", 13.0, 100.0);
        assert_eq!(long, "A name that…");
        assert!(width(&long, 13.0) <= 100.0);
        assert_eq!(cut("注文の確認", 13.0, 1.0), "…");
    }
}
