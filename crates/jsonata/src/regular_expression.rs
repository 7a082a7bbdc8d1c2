//! JavaScript's regular expressions in linear time: translated for the `regex` crate.
//!
//! Look-around and back-references need more than linear time and are refused.

use std::fmt::Write;

/// A compiled `/pattern/flags`.
#[derive(Debug)]
pub(crate) struct Regex {
    pub(crate) regex: regex::Regex,
    /// About how many states it has; what a search may cost for each byte grows with it.
    pub(crate) weight: u64,
    /// A search may look far beyond the match it finds, as `a(.*z)?` does for every `a`.
    overshoots: bool,
}

/// A compiled expression takes no more bytes than this.
const SIZE_MAX: usize = 256 << 10;
/// A state takes about 40 bytes, so a heavier one would not fit [`SIZE_MAX`] anyway.
const WEIGHT_MAX: u64 = 6_000;
/// So many characters may the ranges of its classes reach over, if case does not matter: each of them is
/// looked up in a table then, 30 ns or so. Two ranges of all that JavaScript's escapes can name.
const FOLDED_MAX: u64 = 2 << 16;
/// Groups nest no deeper: the regex crate's parser keeps a stack of its own for them.
const DEPTH_MAX: usize = 50;

impl Regex {
    /// `Err`: why not, as a sentence.
    pub(crate) fn compile(pattern: &str, flags: &str) -> Result<Regex, String> {
        let mut translator = Translator {
            rest: pattern,
            out: String::new(),
            folds: flags.contains('i'),
            folded: 0,
            depth: 0,
            weights: vec![0],
            last: 0,
            unbounded: false,
            choices: false,
            behind_group: false,
        };
        translator.pattern()?;
        let weight = translator.weights.iter().sum::<u64>().max(1);
        if weight > WEIGHT_MAX {
            return Err(format!("The regular expression /{pattern}/ is too large"));
        }
        let regex = regex::RegexBuilder::new(&translator.out)
            .case_insensitive(flags.contains('i'))
            .multi_line(flags.contains('m'))
            .size_limit(SIZE_MAX)
            .dfa_size_limit(SIZE_MAX)
            .nest_limit(4 * DEPTH_MAX as u32)
            .build()
            .map_err(|_| format!("The regular expression /{pattern}/ is not supported"))?;
        // What has to follow an unbounded repetition has to follow it in every match, unless the
        // repetition stands in an alternative or an optional group.
        let overshoots = translator.unbounded && translator.choices;
        Ok(Regex { regex, weight, overshoots })
    }

    /// What one search costs in steps: `scanned` bytes were looked at for certain, and of the
    /// `remaining` ones some may have been.
    pub(crate) fn cost(&self, scanned: usize, remaining: usize) -> u64 {
        let (scanned, remaining) = (scanned as u64, remaining as u64);
        match self.weight {
            0..=64 if self.overshoots => scanned * self.weight / 16 + remaining / 32 + 8,
            0..=64 => scanned * self.weight / 16 + 8,
            weight if self.overshoots => remaining * weight / 16 + 8,
            weight => scanned * weight / 16 + 8,
        }
    }
}

struct Translator<'p> {
    rest: &'p str,
    out: String,
    /// Case does not matter.
    folds: bool,
    /// How many characters its ranges reach over, at most.
    folded: u64,
    depth: usize,
    /// The weight of what is finished in each open group, the innermost last.
    weights: Vec<u64>,
    /// The weight of the last item, which a count behind it multiplies.
    last: u64,
    /// It repeats something without a bound.
    unbounded: bool,
    /// It has alternatives or groups that need not match.
    choices: bool,
    /// The last item was a group.
    behind_group: bool,
}

impl Translator<'_> {
    fn next(&mut self) -> Option<char> {
        let character = self.rest.chars().next()?;
        self.rest = &self.rest[character.len_utf8()..];
        Some(character)
    }

    /// One more item of this weight.
    fn weigh(&mut self, weight: u64) {
        self.last = weight;
        if let Some(sum) = self.weights.last_mut() {
            *sum = sum.saturating_add(weight);
        }
    }

    fn pattern(&mut self) -> Result<(), String> {
        while let Some(character) = self.next() {
            let behind_group = std::mem::take(&mut self.behind_group);
            match character {
                '\\' => {
                    // What stands for many characters has many ways to be written in bytes.
                    let many = self.rest.starts_with(['D', 'W', 's', 'S']);
                    self.escape(false)?;
                    self.weigh(if many { 8 } else { 1 });
                }
                '[' => {
                    self.class()?;
                    self.weigh(8);
                }
                '.' => {
                    self.out.push_str(r"[^\n\r\u{2028}\u{2029}]");
                    self.weigh(8);
                }
                '(' => {
                    self.open()?;
                    self.depth += 1;
                    if self.depth > DEPTH_MAX {
                        return Err("The groups of a regular expression nest too deep".to_owned());
                    }
                    self.weights.push(1);
                }
                ')' => {
                    if self.depth == 0 {
                        return Err("A regular expression has a ) without a (".to_owned());
                    }
                    self.depth -= 1;
                    self.out.push(')');
                    let weight = self.weights.pop().unwrap_or(1);
                    self.weigh(weight);
                    self.behind_group = true;
                }
                '{' => {
                    self.choices |= behind_group;
                    self.count()?;
                }
                '}' | ']' => {
                    self.out.push('\\');
                    self.out.push(character);
                    self.weigh(1);
                }
                '*' | '+' | '?' | '|' | '^' | '$' => {
                    self.unbounded |= matches!(character, '*' | '+');
                    // A repeated group may begin once more and come to nothing.
                    self.choices |=
                        character == '|' || (behind_group && matches!(character, '*' | '+' | '?'));
                    self.out.push(character);
                }
                _ => {
                    self.out.push(character);
                    self.weigh(1);
                }
            }
        }
        if self.depth > 0 { Err("A regular expression has a ( without a )".to_owned()) } else { Ok(()) }
    }

    fn open(&mut self) -> Result<(), String> {
        let refused = ["?=", "?!", "?<=", "?<!"];
        if refused.iter().any(|look| self.rest.starts_with(look)) {
            return Err("Look-around in regular expressions is not supported".to_owned());
        }
        if self.rest.starts_with('?') && !self.rest.starts_with("?:") && !self.rest.starts_with("?<") {
            return Err("A regular expression has an invalid group".to_owned());
        }
        self.out.push('(');
        for prefix in ["?:", "?<"] {
            if let Some(rest) = self.rest.strip_prefix(prefix) {
                self.out.push_str(prefix);
                self.rest = rest;
            }
        }
        Ok(())
    }

    /// `{2,3}` is a count; any other brace is itself.
    fn count(&mut self) -> Result<(), String> {
        let counts = self.rest.split_once('}').filter(|(inner, _)| {
            let (least, most) = inner.split_once(',').unwrap_or((inner, ""));
            let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            !least.is_empty() && digits(least) && digits(most)
        });
        let Some((inner, rest)) = counts else {
            self.out.push_str("\\{");
            self.weigh(1);
            return Ok(());
        };
        let (least, most) = inner.split_once(',').unwrap_or((inner, ""));
        self.unbounded |= most.is_empty() && inner.contains(',');
        let times = if most.is_empty() { least } else { most };
        let times: u64 = times.parse().unwrap_or(u64::MAX);
        let more = self.last.saturating_mul(times);
        if let Some(sum) = self.weights.last_mut() {
            *sum = sum.saturating_add(more);
        }
        if more > WEIGHT_MAX {
            return Err("A regular expression counts too far".to_owned());
        }
        let _ = write!(self.out, "{{{inner}}}");
        self.rest = rest;
        Ok(())
    }

    /// What stands behind a backslash; returns a code no smaller than its character's, if it is one.
    fn escape(&mut self, in_class: bool) -> Result<u32, String> {
        let Some(character) = self.next() else {
            return Err("A regular expression ends with a backslash".to_owned());
        };
        let bare = |text: &str| if in_class { text.to_owned() } else { format!("[{text}]") };
        match character {
            'd' => self.out.push_str(&bare("0-9")),
            'w' => self.out.push_str(&bare("A-Za-z0-9_")),
            's' => self.out.push_str(&bare(r"\s\u{feff}")),
            'D' | 'W' | 'S' => {
                let set = SETS.iter().find(|(letters, _)| letters.ends_with(character));
                self.out.push_str(set.map_or("", |(_, set)| set));
            }
            'b' if in_class => self.out.push_str(r"\x08"),
            'b' => self.out.push_str(r"(?-u:\b)"),
            'B' if !in_class => self.out.push_str(r"(?-u:\B)"),
            'n' | 'r' | 't' | 'v' | 'f' => {
                self.out.push('\\');
                self.out.push(character);
            }
            '0' => self.out.push_str(r"\x00"),
            '1'..='9' | 'k' if !in_class => {
                return Err("Back-references in regular expressions are not supported".to_owned());
            }
            'u' | 'x' => {
                let length = if character == 'u' { 4 } else { 2 };
                let digits = self.rest.get(..length);
                match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
                    Some(code) => {
                        self.rest = &self.rest[length..];
                        let _ = write!(self.out, r"\u{{{code:x}}}");
                        return Ok(code);
                    }
                    None => self.out.push(character),
                }
            }
            'c' => match self.rest.chars().next() {
                Some(letter) if letter.is_ascii_alphabetic() => {
                    self.rest = &self.rest[1..];
                    let _ = write!(self.out, r"\x{:02x}", letter as u32 % 32);
                }
                _ => self.out.push_str(r"\\c"),
            },
            _ if character.is_ascii_alphanumeric() || !character.is_ascii() => self.out.push(character),
            _ => {
                let _ = write!(self.out, r"\x{:02x}", character as u32);
            }
        }
        Ok(character as u32)
    }

    /// What its characters are stands in a class within the class. So the sets beside it, which hold nearly
    /// every character there is, are not looked up one by one where case does not matter.
    fn class(&mut self) -> Result<(), String> {
        let negated = self.rest.starts_with('^');
        if negated {
            self.next();
        }
        if let Some(rest) = self.rest.strip_prefix(']') {
            // An empty class matches nothing, its negation everything, whatever the case.
            self.rest = rest;
            self.out.push_str(if negated { r"(?-i:[\s\S])" } else { r"(?-i:[^\s\S])" });
            return Ok(());
        }
        self.out.push_str(if negated { "[^[" } else { "[[" });
        let start = self.out.len();
        let mut sets = String::new();
        // Behind a set such as \d a hyphen makes no range.
        let (mut behind_set, mut in_range) = (false, false);
        loop {
            let after_set = std::mem::take(&mut behind_set);
            if let Some((letters, set)) = SETS.iter().find(|(letters, _)| self.rest.starts_with(letters)) {
                self.rest = &self.rest[letters.len()..];
                sets.push_str(set);
                behind_set = true;
                continue;
            }
            behind_set = ["\\d", "\\w", "\\s"].iter().any(|set| self.rest.starts_with(set));
            let Some(character) = self.next() else {
                return Err("A regular expression has a [ without a ]".to_owned());
            };
            let was_in_range = std::mem::take(&mut in_range);
            let code = match character {
                ']' => break,
                '\\' => self.escape(true)?,
                // These mean something in a class of the regex crate and nothing in JavaScript's.
                '[' | '&' | '~' | '^' => {
                    self.out.push('\\');
                    self.out.push(character);
                    character as u32
                }
                // A hyphen makes a range unless it stands at an end or beside a set.
                '-' if after_set || self.rest.starts_with(']') || self.rest.starts_with('-') => {
                    self.out.push_str(r"\-");
                    '-' as u32
                }
                _ => {
                    self.out.push(character);
                    in_range = character == '-';
                    character as u32
                }
            };
            if was_in_range {
                self.reach(code)?;
            }
        }
        if self.out.len() == start {
            self.out.pop();
        } else {
            self.out.push(']');
        }
        self.out.push_str(&sets);
        self.out.push(']');
        Ok(())
    }

    /// One more range up to this character.
    fn reach(&mut self, end: u32) -> Result<(), String> {
        self.folded += u64::from(end);
        if self.folds && self.folded > FOLDED_MAX {
            return Err(
                "The classes of a regular expression hold too much to look up without case".to_owned()
            );
        }
        Ok(())
    }
}

/// Sets in a class, and what they are for the regex crate.
const SETS: [(&str, &str); 3] = [("\\D", "[^0-9]"), ("\\W", "[^A-Za-z0-9_]"), ("\\S", r"[^\s\u{feff}]")];
