//! Where each member of a definition stands in its file: `/States/A/Next` → line and column.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Paths grow with the depth, and no usable definition is nested this deep.
const DEPTH_MAX: usize = 200;

/// Places by slash path, as diagnostics name them: `/States/C/Choices[0]/Next`.
#[derive(Clone, Debug, Default)]
pub struct Places {
    first: BTreeMap<String, (usize, usize)>,
    /// Of members that stand there twice, the last.
    again: BTreeMap<String, (usize, usize)>,
}

impl Places {
    /// Notes where a member stands; line and column from 1.
    pub fn note(&mut self, path: String, line: usize, column: usize) {
        match self.first.entry(path) {
            Entry::Vacant(free) => {
                free.insert((line, column));
            }
            Entry::Occupied(first) => {
                self.again.insert(first.key().clone(), (line, column));
            }
        }
    }

    /// The place of exactly this path.
    pub fn exactly(&self, path: &str) -> Option<(usize, usize)> {
        self.first.get(path).copied()
    }

    /// Where a path stands for the second time.
    pub fn again(&self, path: &str) -> Option<(usize, usize)> {
        self.again.get(path).copied()
    }

    /// The place of a path, or of the nearest thing around it that is in the file: a field that is
    /// missing is reported at its state.
    pub fn find(&self, path: &str) -> Option<(usize, usize)> {
        let mut path = path;
        loop {
            if let Some(place) = self.first.get(path) {
                return Some(*place);
            }
            path = &path[..path.rfind(['/', '['])?];
        }
    }

    /// Notes all members and items of a JSON text. Of a text that is not JSON, what comes before the
    /// mistake.
    pub fn of_json(text: &str) -> Places {
        let mut places = Places::default();
        Scanner { text, at: 0, line: 1, column: 1, counted: 0 }.scan(&mut places);
        places
    }
}

/// Walks over JSON text without recursion; the text was or will be checked by a real parser.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    /// The column of what stands at `counted`, up to which the characters of the line were counted: from
    /// its start each time, the work on one long line would grow with its square.
    column: usize,
    counted: usize,
}

/// A container that the scanner is in.
enum Open {
    Object { path: String, member: Option<String> },
    Array { path: String, index: usize },
}

impl Scanner<'_> {
    fn scan(&mut self, places: &mut Places) {
        let mut open: Vec<Open> = Vec::new();
        places.note(String::new(), 1, 1);
        while let Some(byte) = self.skip_space() {
            self.column += self.text[self.counted..self.at].chars().count();
            self.counted = self.at;
            let place = (self.line, self.column);
            match byte {
                b'{' | b'[' => {
                    if open.len() >= DEPTH_MAX {
                        return;
                    }
                    let path = enter(&mut open, places, place);
                    self.at += 1;
                    open.push(if byte == b'{' {
                        Open::Object { path, member: None }
                    } else {
                        Open::Array { path, index: 0 }
                    });
                }
                b'}' | b']' => {
                    self.at += 1;
                    open.pop();
                }
                b',' => {
                    self.at += 1;
                    match open.last_mut() {
                        Some(Open::Object { member, .. }) => *member = None,
                        Some(Open::Array { index, .. }) => *index += 1,
                        None => return,
                    }
                }
                b':' => self.at += 1,
                b'"' => {
                    let Some(string) = self.string() else { return };
                    match open.last_mut() {
                        Some(Open::Object { path, member }) if member.is_none() => {
                            places.note(format!("{path}/{string}"), place.0, place.1);
                            *member = Some(string);
                        }
                        _ => drop(enter(&mut open, places, place)),
                    }
                }
                _ => {
                    enter(&mut open, places, place);
                    let rest = &self.text[self.at..];
                    // A `${…}` that a deployment fills in ends with its own brace.
                    let ends = [',', '}', ']', ' ', '\n', '\r', '\t'];
                    let length = super::substitutions::length(rest).or_else(|| rest.find(ends));
                    let length = length.unwrap_or(rest.len());
                    if length == 0 {
                        return;
                    }
                    self.at += length;
                }
            }
        }
    }

    /// The next byte that is not white space.
    fn skip_space(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at)? {
                b'\n' => {
                    self.at += 1;
                    self.line += 1;
                    self.column = 1;
                    self.counted = self.at;
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                byte => return Some(*byte),
            }
        }
    }

    /// Reads the string that starts here.
    fn string(&mut self) -> Option<String> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut end = start + 1;
        loop {
            match bytes.get(end)? {
                b'"' => break,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        self.at = end + 1;
        let value = json::Value::parse(self.text.get(start..=end)?).ok()?;
        value.as_str().map(str::to_owned)
    }
}

/// The path of the value that begins here; notes it if it is an array's item.
fn enter(open: &mut [Open], places: &mut Places, place: (usize, usize)) -> String {
    match open.last() {
        None => String::new(),
        Some(Open::Object { path, member }) => format!("{path}/{}", member.as_deref().unwrap_or("")),
        Some(Open::Array { path, index }) => {
            let path = format!("{path}[{index}]");
            places.note(path.clone(), place.0, place.1);
            path
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{
  "StartAt": "A",
  "States": {
    "A": { "Type": "Choice", "Choices": [
      { "Variable": "$.x", "Next": "B" } ] },
    "é\"B": {}
  }
}"#;

    fn check(path: &str, expected: (usize, usize)) {
        assert_eq!(Places::of_json(TEXT).find(path), Some(expected), "{path}");
    }

    #[test]
    fn members_items_and_missing_things_have_places() {
        check("/StartAt", (2, 3));
        check("/States/A/Type", (4, 12));
        check("/States/A/Choices[0]", (5, 7));
        check("/States/A/Choices[0]/Next", (5, 28));
        check("/States/A/Choices[7]/Next", (4, 30));
        check("/States/A/End", (4, 5));
        check("/States/é\"B", (6, 5));
        check("/TimeoutSeconds", (1, 1));
    }

    #[test]
    fn what_is_not_json_does_not_hurt() {
        for text in ["", "{", "{\"a", "[1,,]", "}}}", "{\"a\\", "\u{0}", ",", "[\"\\u12\"", "{1:2}"] {
            Places::of_json(text);
        }
        Places::of_json(&"[".repeat(100_000));
    }
}
