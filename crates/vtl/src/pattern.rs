//! Java's regular expressions, on an engine that takes linear time.
//!
//! Refused, in words: look-around, back-references, possessive quantifiers and whatever else cannot be
//! had in linear time. A pattern that has nothing special in it is no expression at all.

use json::Text;
use regex::{Regex, RegexBuilder};

use crate::error::{Failure, Result};
use crate::meter::Meter;

/// A longer pattern is none that somebody wrote.
const PATTERN_BYTES_MAX: usize = 2000;

/// Memory of a compiled pattern.
const COMPILED_BYTES_MAX: usize = 1 << 18;

/// How large a pattern is at most with its counts multiplied out: `(a{9}b){9}` is about 90.
const WEIGHT_MAX: u64 = 2000;

/// What compiling costs, in steps, for each unit of weight and at least.
const COMPILE_STEPS: u64 = 40;
const COMPILE_STEPS_MIN: u64 = 1000;

/// A compiled pattern.
#[derive(Debug)]
pub(crate) enum Pattern {
    /// Just this text.
    Literal(Text),
    /// An expression, the same for the whole of a text, and what a search costs.
    Expression { find: Regex, whole: Regex, weight: u64, rescans: bool },
}

impl Pattern {
    /// Compiles. Fails with what is wrong, or with nothing if the budget is used up.
    pub(crate) fn compile(pattern: &str, meter: &Meter) -> std::result::Result<Pattern, Option<String>> {
        if let Some(literal) = literal(pattern) {
            return Ok(Pattern::Literal(literal.into()));
        }
        if pattern.len() > PATTERN_BYTES_MAX {
            return Err(Some(format!("A regular expression is longer than {PATTERN_BYTES_MAX} bytes")));
        }
        let translated = Translation::of(pattern)?;
        let steps = COMPILE_STEPS_MIN + translated.weight * COMPILE_STEPS;
        meter.steps(steps).map_err(|_| None)?;
        let compile = |text: &str| {
            RegexBuilder::new(text).size_limit(COMPILED_BYTES_MAX).nest_limit(50).build().map_err(|error| {
                let reason = error.to_string();
                let reason =
                    reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                Some(format!("The regular expression {pattern} cannot be used: {reason}"))
            })
        };
        Ok(Pattern::Expression {
            find: compile(&translated.text)?,
            whole: compile(&format!(r"\A(?:{})\z", translated.text))?,
            weight: translated.weight,
            rescans: translated.rescans,
        })
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &str, meter: &Meter) -> Result<bool> {
        self.charge(text, meter)?;
        Ok(match self {
            Pattern::Literal(literal) => text == literal,
            Pattern::Expression { whole, .. } => whole.is_match(text),
        })
    }

    /// Replaces what matches, at most `most` times. `$1` and `${name}` in the replacement are groups.
    pub(crate) fn replace(
        &self,
        text: &str,
        replacement: &str,
        most: usize,
        meter: &Meter,
    ) -> Result<String> {
        let pieces = pieces(replacement)?;
        let mut out = String::new();
        let mut from = 0;
        self.each(text, meter, most, &mut |whole, group| {
            meter.bytes(whole.start - from)?;
            out.push_str(&text[from..whole.start]);
            for piece in &pieces {
                let part = match piece {
                    Piece::Text(part) => Some(part.as_str()),
                    Piece::Group(name) => group(name)?,
                };
                let part = part.unwrap_or_default();
                meter.bytes(part.len())?;
                out.push_str(part);
                meter.length(out.len())?;
            }
            from = whole.end;
            Ok(())
        })?;
        meter.bytes(text.len() - from)?;
        out.push_str(&text[from..]);
        Ok(out)
    }

    /// Java's `split`: without empty texts at the end unless `limit` is negative; at most `limit` parts
    /// if it is positive.
    pub(crate) fn split(&self, text: &str, limit: i64, meter: &Meter) -> Result<Vec<Text>> {
        let most = if limit > 0 { limit as usize - 1 } else { usize::MAX };
        let mut parts = Vec::new();
        let mut from = 0;
        self.each(text, meter, most, &mut |whole, _| {
            // Nothing at the very beginning splits nothing off.
            if whole.end == 0 {
                return Ok(());
            }
            meter.bytes(size_of::<Text>() + whole.start - from)?;
            parts.push(Text::new(&text[from..whole.start]));
            from = whole.end;
            Ok(())
        })?;
        if from == 0 {
            return Ok(vec![Text::new(text)]);
        }
        meter.bytes(text.len() - from)?;
        parts.push(Text::new(&text[from..]));
        if limit == 0 {
            while parts.last().is_some_and(|part| part.is_empty()) {
                parts.pop();
            }
        }
        Ok(parts)
    }

    /// Calls `act` with each match and a way to get at its groups.
    fn each<'t>(&self, text: &'t str, meter: &Meter, most: usize, act: &mut Act<'_, 't>) -> Result<()> {
        self.charge(text, meter)?;
        match self {
            Pattern::Literal(literal) => {
                for (start, found) in text.match_indices(literal.as_str()).take(most) {
                    meter.steps(1)?;
                    act(start..start + found.len(), &|name| {
                        if name == "0" { Ok(Some(found)) } else { no_group(name) }
                    })?;
                }
            }
            Pattern::Expression { find, weight, rescans, .. } => {
                for captures in find.captures_iter(text).take(most) {
                    let whole = captures.get(0).map(|found| found.range()).unwrap_or_default();
                    meter.steps(4)?;
                    if *rescans {
                        // The search may have read on to the end before it settled for less.
                        meter.steps(weight * (text.len() - whole.start) as u64 / 128)?;
                    }
                    act(whole, &|name| {
                        let known = match name.parse::<usize>() {
                            Ok(index) => (index < captures.len()).then(|| captures.get(index)),
                            Err(_) => find
                                .capture_names()
                                .flatten()
                                .any(|known| known == name)
                                .then(|| captures.name(name)),
                        };
                        match known {
                            Some(found) => Ok(found.map(|found| found.as_str())),
                            None => no_group(name),
                        }
                    })?;
                }
            }
        }
        Ok(())
    }

    /// One walk over the text.
    fn charge(&self, text: &str, meter: &Meter) -> Result<()> {
        match self {
            Pattern::Literal(_) => meter.walk(text.len()),
            Pattern::Expression { weight, .. } => {
                meter.steps(4 + (text.len() as u64).saturating_mul(4 + weight / 4) / 64)
            }
        }
    }
}

type Groups<'a, 't> = &'a dyn Fn(&str) -> Result<Option<&'t str>>;
type Act<'a, 't> = dyn for<'b> FnMut(std::ops::Range<usize>, Groups<'b, 't>) -> Result<()> + 'a;

fn no_group<T>(name: &str) -> Result<T> {
    Err(Failure::method(format!(
        "The regular expression has no group {name}: a $ in the replacement is a group, write \\$ for itself"
    )))
}

/// The text that the pattern is, if nothing in it is special.
fn literal(pattern: &str) -> Option<String> {
    let mut literal = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                let escaped = characters.next()?;
                if escaped.is_ascii_alphanumeric() {
                    return None;
                }
                literal.push(escaped);
            }
            '.' | '[' | '(' | ')' | '{' | '*' | '+' | '?' | '^' | '$' | '|' => return None,
            _ => literal.push(character),
        }
    }
    Some(literal)
}

/// A part of a replacement.
enum Piece {
    Text(String),
    Group(String),
}

fn pieces(replacement: &str) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = replacement;
    while let Some(at) = rest.find(['\\', '$']) {
        text.push_str(&rest[..at]);
        let mut behind = rest[at + 1..].chars();
        let next = behind.next();
        if rest[at..].starts_with('\\') {
            let Some(next) = next else {
                return Err(Failure::method("A replacement ends with a backslash: write \\\\ for itself"));
            };
            text.push(next);
            rest = behind.as_str();
            continue;
        }
        let group = match next {
            Some('{') => behind.as_str().split_once('}'),
            Some('0'..='9') => Some(rest[at + 1..].split_at(1)),
            _ => None,
        };
        let Some((group, after)) = group else {
            return Err(Failure::method(
                "A $ in a replacement needs the number of a group: write \\$ for itself",
            ));
        };
        pieces.push(Piece::Text(std::mem::take(&mut text)));
        pieces.push(Piece::Group(group.to_owned()));
        rest = after;
    }
    text.push_str(rest);
    pieces.push(Piece::Text(text));
    Ok(pieces)
}

/// A pattern on its way from Java's words to the engine's.
struct Translation<'p> {
    rest: &'p str,
    text: String,
    /// The weight of the groups that are open, the whole being the first, and of what came last.
    weights: Vec<u64>,
    last: u64,
    weight: u64,
    /// Whether a search may read far and then settle for a match that ends early.
    rescans: bool,
}

impl Translation<'_> {
    fn of(pattern: &str) -> std::result::Result<Translation<'_>, Option<String>> {
        let mut translation = Translation {
            rest: pattern,
            text: String::new(),
            weights: vec![1],
            last: 0,
            weight: 0,
            rescans: pattern.contains(['*', '+', '{']) && pattern.contains(['|', ')', '?']),
        };
        translation.run().map_err(Some)?;
        translation.weight = translation.weights.iter().fold(0, |sum, weight| sum.saturating_add(*weight));
        if translation.weight > WEIGHT_MAX {
            return Err(Some(format!("The regular expression {pattern} counts too far")));
        }
        Ok(translation)
    }

    fn run(&mut self) -> std::result::Result<(), String> {
        // How many brackets are open, for a class can lie in a class.
        let mut classes = 0u32;
        while let Some(character) = self.next() {
            match character {
                '\\' => self.escape(classes > 0)?,
                '[' => {
                    classes += 1;
                    self.text.push('[');
                    for opening in ["^", "]"] {
                        if let Some(rest) = self.rest.strip_prefix(opening) {
                            self.rest = rest;
                            self.text.push_str(if opening == "]" { "\\]" } else { "^" });
                        }
                    }
                }
                ']' if classes > 0 => {
                    classes -= 1;
                    self.text.push(']');
                    if classes == 0 {
                        self.weigh(8);
                    }
                }
                // Two of these mean something in the engine's classes only.
                '-' | '~' if classes > 0 && self.rest.starts_with(character) => {
                    self.text.push('\\');
                    self.text.push(character);
                }
                _ if classes > 0 => self.text.push(character),
                '.' => {
                    self.text.push_str(r"[^\n\r\u{85}\u{2028}\u{2029}]");
                    self.weigh(8);
                }
                '(' => {
                    if ["?=", "?!", "?<=", "?<!", "?>"].iter().any(|look| self.rest.starts_with(look)) {
                        return Err("Look-around in regular expressions is not supported".to_owned());
                    }
                    self.text.push('(');
                    self.weights.push(1);
                }
                ')' => {
                    self.text.push(')');
                    let group = if self.weights.len() > 1 { self.weights.pop().unwrap_or(1) } else { 1 };
                    self.weigh(group);
                }
                '{' => self.count(),
                '*' | '+' | '?' => {
                    self.text.push(character);
                    if self.rest.starts_with('+') {
                        return Err(
                            "Possessive quantifiers in regular expressions are not supported".to_owned()
                        );
                    }
                    // A lazy one; another `?` would mean something else.
                    if character != '?'
                        && let Some(rest) = self.rest.strip_prefix('?')
                    {
                        self.rest = rest;
                        self.text.push('?');
                    }
                }
                '$' => self.text.push_str(r"(?:$)"),
                _ => {
                    self.text.push(character);
                    self.weigh(1);
                }
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next();
        self.rest = characters.as_str();
        next
    }

    fn weigh(&mut self, weight: u64) {
        self.last = weight;
        if let Some(sum) = self.weights.last_mut() {
            *sum = sum.saturating_add(weight);
        }
    }

    /// Behind a `{`: as many times as it says, or as at least.
    fn count(&mut self) {
        self.text.push('{');
        let inner = self.rest.split('}').next().unwrap_or_default();
        let times = inner.split(',').filter_map(|count| count.parse::<u64>().ok()).max().unwrap_or(1);
        let more = self.last.saturating_mul(times);
        if let Some(sum) = self.weights.last_mut() {
            *sum = sum.saturating_add(more);
        }
        self.text.push_str(inner);
        self.rest = &self.rest[inner.len()..];
        if let Some(rest) = self.rest.strip_prefix('}') {
            self.rest = rest;
            self.text.push('}');
        }
    }

    /// Java's sets are ASCII, the engine's are not.
    fn escape(&mut self, in_class: bool) -> std::result::Result<(), String> {
        let Some(character) = self.next() else {
            return Err("A regular expression ends with a backslash: write \\\\ for itself".to_owned());
        };
        let set = match character {
            'd' => "[0-9]",
            'D' => "[^0-9]",
            'w' => "[A-Za-z0-9_]",
            'W' => "[^A-Za-z0-9_]",
            's' => r"[ \t\n\x0B\f\r]",
            'S' => r"[^ \t\n\x0B\f\r]",
            'h' => r"[ \t\u{A0}\u{1680}\u{180e}\u{2000}-\u{200a}\u{202f}\u{205f}\u{3000}]",
            'b' if !in_class => r"(?-u:\b)",
            'B' if !in_class => r"(?-u:\B)",
            'Z' => "\n?\\z",
            'e' => r"\x1B",
            '1'..='9' | 'k' => {
                return Err("Back-references in regular expressions are not supported".to_owned());
            }
            'Q' => {
                let (quoted, rest) = self.rest.split_once("\\E").unwrap_or((self.rest, ""));
                self.rest = rest;
                self.text.push_str(&regex::escape(quoted));
                self.weigh(quoted.len() as u64);
                return Ok(());
            }
            'p' | 'P' => return self.property(character),
            'n' | 'r' | 't' | 'f' | 'a' | 'A' | 'z' | 'x' | 'u' => {
                self.text.push('\\');
                self.text.push(character);
                self.weigh(1);
                return Ok(());
            }
            _ if character.is_ascii_alphanumeric() => {
                return Err(format!("\\{character} in regular expressions is not supported"));
            }
            _ => {
                self.text.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
                self.weigh(1);
                return Ok(());
            }
        };
        self.text.push_str(set);
        self.weigh(8);
        Ok(())
    }

    /// `\p{Lower}` and its like are ASCII; other properties are Unicode's.
    fn property(&mut self, letter: char) -> std::result::Result<(), String> {
        let named = self.rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let Some((name, rest)) = named else {
            self.text.push('\\');
            self.text.push(letter);
            self.weigh(100);
            return Ok(());
        };
        self.rest = rest;
        let ascii = [
            ("Lower", "lower"),
            ("Upper", "upper"),
            ("ASCII", "ascii"),
            ("Alpha", "alpha"),
            ("Digit", "digit"),
            ("Alnum", "alnum"),
            ("Punct", "punct"),
            ("Graph", "graph"),
            ("Print", "print"),
            ("Blank", "blank"),
            ("Cntrl", "cntrl"),
            ("XDigit", "xdigit"),
            ("Space", "space"),
        ];
        match ascii.iter().find(|(java, _)| *java == name) {
            Some((_, ours)) if letter == 'p' => self.text.push_str(&format!("[[:{ours}:]]")),
            Some((_, ours)) => self.text.push_str(&format!("[[:^{ours}:]]")),
            None => self.text.push_str(&format!("\\{letter}{{{}}}", name.trim_start_matches("Is"))),
        }
        // Unicode's tables are large.
        self.weigh(100);
        Ok(())
    }
}
