//! Patterns of `StringMatches`: `*` is any text, `\*` a star and `\\` a backslash.

use crate::failure::Failure;

#[derive(Debug)]
pub(super) enum Pattern {
    /// The texts between the stars, of which there is one less.
    Pieces(Vec<String>),
    /// A backslash escapes nothing: an error of the execution that asks, not of the definition.
    /// (States Language, "Choice State")
    OpenEscape(String),
}

impl Pattern {
    /// A backslash is open before anything but `*` and `\`, and at the end.
    pub(super) fn parse(text: &str) -> Pattern {
        let mut pieces = Vec::new();
        let mut piece = String::new();
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            match character {
                '*' => pieces.push(std::mem::take(&mut piece)),
                '\\' => match rest.next() {
                    Some(escaped @ ('*' | '\\')) => piece.push(escaped),
                    Some(_) | None => return Pattern::OpenEscape(text.to_owned()),
                },
                _ => piece.push(character),
            }
        }
        pieces.push(piece);
        Pattern::Pieces(pieces)
    }

    /// Whether the whole text matches. Each piece is looked for behind the one before, which never
    /// needs to be taken back.
    pub(super) fn matches(&self, text: &str) -> Result<bool, Failure> {
        match self {
            Pattern::Pieces(pieces) => Ok(matches(pieces, text)),
            Pattern::OpenEscape(pattern) => Err(Failure::runtime(format!(
                "The pattern '{pattern}' of StringMatches has a backslash that escapes neither '*' nor '\\'"
            ))),
        }
    }
}

fn matches(pieces: &[String], text: &str) -> bool {
    let Some((first, others)) = pieces.split_first() else { return false };
    let Some((last, middle)) = others.split_last() else { return text == first };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for piece in middle {
        match rest.find(piece.as_str()) {
            Some(place) => rest = &rest[place + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("log.txt", "log.txt", true),
            ("log.txt", "log_txt", false),
            ("*", "", true),
            ("log-*.txt", "log-2024.txt", true),
            ("log-*.txt", "log-.txt", true),
            ("log-*.txt", "log-.txt.gz", false),
            ("a*a", "a", false),
            ("a*ba*b", "abab", true),
            ("a*ba*b", "abb", false),
            ("**x**", "yxz", true),
            (r"a\*b", "a*b", true),
            (r"a\*b", "axb", false),
            (r"a\\*", r"a\b", true),
            ("ä*ß", "ä→ß", true),
        ] {
            assert_eq!(Pattern::parse(pattern).matches(text), Ok(expected), "{pattern} {text}");
        }
    }

    #[test]
    fn a_backslash_must_escape_something() {
        for pattern in [r"a\", r"a\b"] {
            let failure = Pattern::parse(pattern).matches("a").unwrap_err();
            assert_eq!(failure.name(), "States.Runtime", "{pattern}");
        }
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let pattern = Pattern::parse(&"*a".repeat(500));
        assert_eq!(pattern.matches(&"b".repeat(100_000)), Ok(false));
        assert_eq!(pattern.matches(&"ab".repeat(500)[..999]), Ok(true));
    }
}
