//! Patterns of filters, `=~ /…/i`: Java's regular expressions in linear time, translated for the `regex`
//! crate.
//!
//! Java's classes and its `i` are ASCII, where the crate's are Unicode: a hundred times as large, and looked
//! up character by character. Never here: look-around and back-references, which are refused.

use regex::{Regex, RegexBuilder};

use super::PathError;
use super::query::Budget;

/// A compiled pattern, which matches whole texts only.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    regex: Regex,
    /// About how many states it has: a search may look at all of them for each byte.
    weight: usize,
}

/// The memory that one compiled pattern may take: many times what sensible ones need, and little enough
/// that a definition full of them stays bearable.
const BYTES_MAX: usize = 64 * 1024;

/// Where other alphabets have no case either (`iu`, `(?i)`), a class takes up to two milliseconds to compile.
const UNICODE_CLASSES_MAX: usize = 4;

impl Pattern {
    /// Compiles what stands between the slashes; `flags` stands behind them. `Err`: why not, as a sentence.
    pub(super) fn compile(text: &str, flags: &str) -> Result<Pattern, String> {
        if let Some(flag) = flags.chars().find(|flag| !"imsxduU".contains(*flag)) {
            return Err(format!("'{flag}' is no flag of a pattern"));
        }
        let (caseless, unicode) = (flags.contains('i'), flags.contains('u'));
        let mut translator = Translator {
            rest: text,
            out: String::with_capacity(text.len() + 8),
            folds: caseless && !unicode,
            comments: flags.contains('x'),
            weights: vec![0],
            last: 0,
            classes: 0,
            unicode_folds: caseless && unicode,
        };
        translator.pattern();
        if translator.unicode_folds && translator.classes > UNICODE_CLASSES_MAX {
            return Err(format!("pattern /{text}/: it has too many classes in which case does not matter"));
        }
        let weight = translator.weights.iter().fold(1usize, |sum, weight| sum.saturating_add(*weight));
        let regex = RegexBuilder::new(&format!(r"\A(?:{})\z", translator.out))
            .case_insensitive(caseless && unicode)
            .multi_line(flags.contains('m'))
            .dot_matches_new_line(flags.contains('s'))
            .ignore_whitespace(flags.contains('x'))
            .size_limit(BYTES_MAX)
            .build()
            .map_err(|error| format!("pattern /{text}/: {error}"))?;
        Ok(Pattern { regex, weight })
    }

    /// Whether it matches the text as a whole.
    pub(super) fn matches(&self, text: &str, budget: &mut Budget) -> Result<bool, PathError> {
        // Small ones run in a table; of large ones every state may be alive at once.
        budget.spend(1 + text.len() / 4 + text.len().saturating_mul(self.weight) / 16)?;
        Ok(self.regex.is_match(text))
    }
}

/// The weight of what stands for many characters: there are many ways to write them in bytes.
const CLASS_WEIGHT: usize = 8;

/// The weight of what Unicode has a name for, such as all letters.
const NAMED_CLASS_WEIGHT: usize = 1_000;

struct Translator<'p> {
    rest: &'p str,
    out: String,
    /// ASCII letters stand for both cases.
    folds: bool,
    /// `#` begins a comment.
    comments: bool,
    /// The weight of what is finished in each open group, the innermost last.
    weights: Vec<usize>,
    /// The weight of the last item, which a count behind it multiplies.
    last: usize,
    /// How many classes there are.
    classes: usize,
    /// The crate is told that case does not matter, or the pattern itself says so.
    unicode_folds: bool,
}

impl Translator<'_> {
    fn pattern(&mut self) {
        while let Some(character) = self.next() {
            match character {
                '\\' => {
                    let weight = self.escape();
                    self.weigh(weight);
                }
                '[' => {
                    self.class();
                    self.weigh(CLASS_WEIGHT);
                }
                '(' => self.open(),
                ')' => {
                    self.out.push(')');
                    // One too many is the crate's to complain of.
                    let weight = if self.weights.len() > 1 { self.weights.pop().unwrap_or(0) } else { 0 };
                    self.weigh(weight + 1);
                }
                '{' => self.count(),
                '#' if self.comments => {
                    let length = self.rest.find('\n').unwrap_or(self.rest.len());
                    self.out.push('#');
                    self.copy(length);
                }
                '*' | '+' | '?' | '|' | '^' | '$' => self.out.push(character),
                '.' => {
                    self.out.push('.');
                    self.weigh(CLASS_WEIGHT);
                }
                letter if self.folds && letter.is_ascii_alphabetic() => {
                    self.out.extend(['[', letter, other_case(letter), ']']);
                    self.weigh(1);
                }
                other => {
                    self.out.push(other);
                    self.weigh(1);
                }
            }
        }
    }

    /// A group's beginning, with its name or flags: `(`, `(?:`, `(?<name>`, `(?i:`, or all of `(?i)`.
    fn open(&mut self) {
        self.out.push('(');
        if !self.rest.starts_with('?') {
            self.weights.push(0);
            return;
        }
        let Some(end) = self.rest.find([':', '>', ')', '=', '!']) else { return };
        let head = &self.rest[..=end];
        self.unicode_folds |= !head.contains('<') && head.contains('i');
        if !head.ends_with(')') {
            self.weights.push(0);
        }
        self.copy(end + 1);
    }

    /// `{2,3}` repeats what stands before it.
    fn count(&mut self) {
        self.out.push('{');
        let Some(end) = self.rest.find('}') else { return };
        let most = self.rest[..end].trim_end_matches(',').rsplit(',').next().unwrap_or_default();
        if let Ok(times) = most.trim().parse::<usize>() {
            let more = self.last.saturating_mul(times);
            self.add(more);
        }
        self.copy(end + 1);
    }

    /// What stands behind a backslash; returns its weight.
    fn escape(&mut self) -> usize {
        let Some(character) = self.next() else {
            self.out.push('\\');
            return 0;
        };
        let (text, weight) = match character {
            'w' => ("[0-9A-Z_a-z]", 1),
            'W' => ("[^0-9A-Z_a-z]", CLASS_WEIGHT),
            'd' => ("[0-9]", 1),
            'D' => ("[^0-9]", CLASS_WEIGHT),
            's' => (r"[\t\n\x0B\f\r ]", 1),
            'S' => (r"[^\t\n\x0B\f\r ]", CLASS_WEIGHT),
            '/' => ("/", 1),
            'p' | 'P' => return self.named(character, 1, NAMED_CLASS_WEIGHT),
            'x' => return self.named(character, 2, 1),
            'u' => return self.named(character, 4, 1),
            other => {
                self.out.extend(['\\', other]);
                return 1;
            }
        };
        self.out.push_str(text);
        weight
    }

    /// An escape with a name or digits behind its letter: in braces, or so many characters.
    fn named(&mut self, letter: char, length: usize, weight: usize) -> usize {
        self.out.extend(['\\', letter]);
        let braces = self.rest.starts_with('{').then(|| self.rest.find('}')).flatten();
        let length = braces.map_or_else(
            || self.rest.chars().take(length).take_while(char::is_ascii_alphanumeric).count(),
            |end| end + 1,
        );
        self.copy(length);
        weight
    }

    /// From behind `[` to behind its `]`, classes within it included.
    fn class(&mut self) {
        self.out.push('[');
        let mut depth = 1usize;
        self.classes += 1;
        self.begin_class();
        while let Some(character) = self.next() {
            match character {
                '[' => {
                    self.out.push('[');
                    depth += 1;
                    self.classes += 1;
                    self.begin_class();
                }
                ']' => {
                    self.out.push(']');
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                '\\' => {
                    self.escape();
                }
                _ => self.member(character),
            }
        }
    }

    /// A `^`, and a `]` that is a member because it stands first.
    fn begin_class(&mut self) {
        for sign in ["^", "]"] {
            if self.rest.starts_with(sign) {
                self.copy(sign.len());
            }
        }
    }

    /// A character of a class, or a range that begins with it.
    fn member(&mut self, first: char) {
        self.out.push(first);
        let mut ahead = self.rest.chars();
        let end = (ahead.next() == Some('-')).then(|| ahead.next()).flatten();
        let last = match end {
            // The hyphen is a member, or what it leads to is no simple character.
            None | Some(']' | '[' | '\\' | '-') => first,
            Some(end) => {
                self.copy(1 + end.len_utf8());
                end
            }
        };
        if self.folds {
            for (from, to) in [('a', 'z'), ('A', 'Z')] {
                let (from, to) = (first.max(from), last.min(to));
                if from <= to {
                    self.out.extend([other_case(from), '-', other_case(to)]);
                }
            }
        }
    }

    /// One more item of this weight.
    fn weigh(&mut self, weight: usize) {
        self.last = weight;
        self.add(weight);
    }

    fn add(&mut self, weight: usize) {
        if let Some(sum) = self.weights.last_mut() {
            *sum = sum.saturating_add(weight);
        }
    }

    fn next(&mut self) -> Option<char> {
        let character = self.rest.chars().next()?;
        self.rest = &self.rest[character.len_utf8()..];
        Some(character)
    }

    /// Takes over so many bytes as they stand.
    fn copy(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        self.out.push_str(taken);
        self.rest = rest;
    }
}

fn other_case(letter: char) -> char {
    if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, flags: &str, matching: &[&str], others: &[&str]) {
        let pattern = Pattern::compile(pattern, flags).unwrap_or_else(|error| panic!("{error}"));
        for text in matching {
            assert!(pattern.regex.is_match(text), "{text} does not match {}", pattern.regex);
        }
        for text in others {
            assert!(!pattern.regex.is_match(text), "{text} matches {}", pattern.regex);
        }
    }

    #[test]
    fn case_is_ascii_as_in_java() {
        check("straße", "i", &["STRAßE", "straße"], &["STRASSE"]);
        check("é", "i", &["é"], &["É"]);
        check("é", "iu", &["é", "É"], &["e"]);
        // The sign for Kelvin is a k in Unicode only.
        check("k", "i", &["k", "K"], &["\u{212a}"]);
        check("(?i)é", "", &["É"], &[]);
    }

    #[test]
    fn classes_have_both_cases() {
        check("[a-c]+", "i", &["aBC"], &["d"]);
        check("[^a-c]", "i", &["d", "D", "-"], &["a", "C"]);
        check("[X-b]+", "i", &["X", "xYz", "aB", "_"], &["c", "W", "w"]);
        check("[+-a]", "i", &["A", "z", "5"], &["\u{7f}"]);
        check("[-a]+", "i", &["-A"], &["b"]);
        check("[a-]+", "i", &["-A"], &["b"]);
        check(r"[\w&&[^b]]+", "i", &["aC"], &["B", "b"]);
        check(r"[a\W]+", "i", &["A-é"], &["b"]);
        check("[]a]+", "i", &["]A"], &["["]);
        check(r"[\]a]+", "i", &["]A"], &["["]);
    }

    #[test]
    fn names_and_numbers_of_escapes_keep_their_case() {
        check(r"\x4a\u004B\x{4c}\p{Zs}\pZ", "i", &["JKL \u{a0}"], &["jKL  "]);
        check("(?<Name>a)(?:b)", "i", &["AB"], &["A"]);
        check("a # comment [\n b", "ix", &["AB"], &["A"]);
        check("[a-c]{2,3}", "i", &["aB", "ABc"], &["a"]);
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for (pattern, flags) in [
            ("a", "z"),
            ("(", ""),
            (")", ""),
            ("[a", "i"),
            ("a{2", "i"),
            ("(?=a)", ""),
            (r"(a)\1", ""),
            ("\\", ""),
        ] {
            assert!(Pattern::compile(pattern, flags).is_err(), "/{pattern}/{flags}");
        }
    }

    #[test]
    fn what_would_take_long_to_compile_is_refused() {
        let wide = "[a-\u{10ffff}]".repeat(10_000);
        assert!(Pattern::compile(&wide, "i").is_err());
        assert!(Pattern::compile(&wide[..8 * 20], "i").is_ok());
        for (pattern, flags) in [(format!("(?i){}", &wide[..8 * 20]), ""), (wide[..8 * 20].to_owned(), "iu")]
        {
            assert!(Pattern::compile(&pattern, flags).is_err(), "/{pattern}/{flags}");
        }
    }

    #[test]
    fn large_patterns_weigh_more() {
        let weight = |pattern: &str| Pattern::compile(pattern, "").unwrap().weight;
        assert_eq!(weight("abc"), 4);
        assert_eq!(weight("(ab){10}"), 34);
        assert_eq!(weight("[ab]{3,5}"), 49);
        assert_eq!(weight("a{2,}"), 4);
    }
}
