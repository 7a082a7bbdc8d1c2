//! Patterns of `StringMatches`: `*` is any text, `\*` a star and `\\` a backslash.

/// The texts between the stars, of which there is one less.
#[derive(Debug)]
pub(super) struct Pattern(Vec<String>);

impl Pattern {
    /// `None` where a backslash stands before anything but `*` and `\`, or at the end.
    pub(super) fn parse(text: &str) -> Option<Pattern> {
        let mut pieces = Vec::new();
        let mut piece = String::new();
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            match character {
                '*' => pieces.push(std::mem::take(&mut piece)),
                '\\' => piece.push(rest.next().filter(|escaped| matches!(escaped, '*' | '\\'))?),
                _ => piece.push(character),
            }
        }
        pieces.push(piece);
        Some(Pattern(pieces))
    }

    /// Whether the whole text matches. Each piece is looked for behind the one before, which never
    /// needs to be taken back.
    pub(super) fn matches(&self, text: &str) -> bool {
        let Some((first, others)) = self.0.split_first() else { return false };
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
            assert_eq!(Pattern::parse(pattern).unwrap().matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_backslash_must_escape_something() {
        assert!(Pattern::parse(r"a\").is_none());
        assert!(Pattern::parse(r"a\b").is_none());
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let pattern = Pattern::parse(&"*a".repeat(500)).unwrap();
        assert!(!pattern.matches(&"b".repeat(100_000)));
        assert!(pattern.matches(&"ab".repeat(500)[..999]));
    }
}
