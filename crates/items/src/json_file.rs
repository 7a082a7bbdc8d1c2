//! JSON: finds the items in an array or object that is too large to be parsed as a whole.
//!
//! Follows the ItemsPointer through what it passes; each item is parsed when its last byte is there. What the pointer
//! passes by is not kept, and of it only strings and brackets are looked at. Never here: decompression.

use json::{Text, Value};

use crate::reader::{ByteOrderMark, FormatProgress, ITEM_BYTES_MAX};
use crate::{Failure, Item, Wanted};

/// Where the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before a value on the pointer's way, or the value that it leads to.
    Before,
    /// Behind the opening brace or bracket of a container: it may be empty.
    Opened,
    /// Behind a comma in one.
    Continued,
    /// In a member's name.
    Name,
    /// Behind a member's name.
    Colon,
    /// Before a member's value.
    MemberValue,
    /// In an item, or in a value that the pointer passes by.
    Value,
    /// Behind a value in a container.
    Comma,
    /// Behind the items of the whole file: nothing may come but space.
    End,
}

pub(crate) struct JsonReader {
    mark: ByteOrderMark,
    /// The reference tokens of the pointer, unescaped; `None` without a pointer.
    pointer: Option<Vec<String>>,
    /// How many tokens have been followed.
    depth: usize,
    place: Place,
    /// Whether the container around is an object.
    in_object: bool,
    /// The index of the next value in the array around.
    index: u64,
    /// The name of the member that is being read, as JSON.
    name: Vec<u8>,
    /// The value that is being read, as JSON, if it is an item.
    value: Vec<u8>,
    scan: Scan,
    items_seen: u64,
}

/// How far a value has been read, by its brackets and quotes.
#[derive(Clone, Copy, Default)]
struct Scan {
    /// Open brackets and braces. A count is all that is kept, so depth costs nothing.
    open: u64,
    in_string: bool,
    escaped: bool,
}

/// What a byte is to a value that is being read.
enum Step {
    Inside,
    /// It is the last one of the value.
    Last,
    /// It stands behind the value, a number or word.
    Behind,
}

impl Scan {
    fn step(&mut self, byte: u8) -> Step {
        if self.in_string {
            if self.escaped {
                self.escaped = false;
            } else if byte == b'\\' {
                self.escaped = true;
            } else if byte == b'"' {
                self.in_string = false;
                return if self.open == 0 { Step::Last } else { Step::Inside };
            }
            return Step::Inside;
        }
        match byte {
            b'"' => {
                self.in_string = true;
                Step::Inside
            }
            b'[' | b'{' => {
                self.open += 1;
                Step::Inside
            }
            b']' | b'}' if self.open == 0 => Step::Behind,
            b']' | b'}' => {
                self.open -= 1;
                if self.open == 0 { Step::Last } else { Step::Inside }
            }
            b',' | b' ' | b'\t' | b'\n' | b'\r' if self.open == 0 => Step::Behind,
            _ => Step::Inside,
        }
    }

    /// Whether the byte changes nothing, so that runs of such bytes need not be looked at one by one.
    fn passes(&self, byte: u8) -> bool {
        match byte {
            b'"' | b'\\' => false,
            b'[' | b'{' | b']' | b'}' | b',' | b' ' | b'\t' | b'\n' | b'\r' => self.in_string,
            _ => true,
        }
    }
}

impl JsonReader {
    pub(crate) fn new(pointer: Option<&str>) -> Result<JsonReader, Failure> {
        let pointer = match pointer {
            None => None,
            Some("") => Some(Vec::new()),
            Some(text) => match text.strip_prefix('/') {
                Some(tokens) => Some(tokens.split('/').map(unescape).collect()),
                None => {
                    return Err(Failure::reading(format!(
                        "The ItemsPointer '{text}' is not a JSON Pointer: it does not begin with '/'."
                    )));
                }
            },
        };
        Ok(JsonReader {
            mark: ByteOrderMark::default(),
            pointer,
            depth: 0,
            place: Place::Before,
            in_object: false,
            index: 0,
            name: Vec::new(),
            value: Vec::new(),
            scan: Scan::default(),
            items_seen: 0,
        })
    }

    pub(crate) fn read(
        &mut self,
        mut bytes: &[u8],
        items: &mut Vec<Item>,
        wanted: &mut Wanted,
    ) -> Result<FormatProgress, Failure> {
        if !self.mark.is_past() {
            let (false_mark, rest) = self.mark.skip(bytes);
            if !false_mark.is_empty() {
                return Err(self.unexpected(false_mark[0]));
            }
            bytes = rest;
        }
        let mut at = 0;
        while at < bytes.len() {
            match self.place {
                Place::Name => {
                    self.name.push(bytes[at]);
                    if self.name.len() > ITEM_BYTES_MAX {
                        return Err(self.too_large());
                    }
                    if let Step::Last = self.scan.step(bytes[at]) {
                        self.place = Place::Colon;
                    }
                    at += 1;
                }
                Place::Value => {
                    let rest = &bytes[at..];
                    let run = rest.iter().position(|byte| !self.scan.passes(*byte) || self.scan.escaped);
                    let run = run.unwrap_or(rest.len());
                    self.keep(&rest[..run])?;
                    at += run;
                    let Some(byte) = bytes.get(at) else { break };
                    let is_over = match self.scan.step(*byte) {
                        Step::Inside => {
                            self.keep(&[*byte])?;
                            at += 1;
                            false
                        }
                        Step::Last => {
                            self.keep(&[*byte])?;
                            at += 1;
                            true
                        }
                        Step::Behind => true,
                    };
                    if is_over {
                        self.end_value(items, wanted)?;
                        if !wanted.is_any() {
                            return Ok(FormatProgress::Done);
                        }
                    }
                }
                Place::Before
                | Place::Opened
                | Place::Continued
                | Place::Colon
                | Place::MemberValue
                | Place::Comma
                | Place::End => {
                    if matches!(bytes[at], b' ' | b'\t' | b'\n' | b'\r') {
                        at += 1;
                    } else if self.punctuation(bytes[at])? {
                        at += 1;
                        if self.place == Place::End && self.pointer.is_some() {
                            // What stands behind the items that the pointer leads to need not be read.
                            return Ok(FormatProgress::Done);
                        }
                    }
                }
            }
        }
        Ok(FormatProgress::More)
    }

    /// Takes a byte between values; says whether it is used up, or begins a value.
    fn punctuation(&mut self, byte: u8) -> Result<bool, Failure> {
        match (self.place, byte) {
            (Place::Before, b'{') if self.depth < self.tokens().len() || self.pointer.is_some() => {
                self.open(true);
                Ok(true)
            }
            (Place::Before, b'[') => {
                self.open(false);
                Ok(true)
            }
            (Place::Before, _) if self.depth < self.tokens().len() => Err(self.points_to_nothing()),
            (Place::Before, b'{' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
                // (recorded, of an object that is the whole file)
                Err(Failure::reading("Attempting to map over non-iterable node."))
            }
            (Place::Opened, b'}') if self.in_object => self.close(),
            (Place::Opened, b']') if !self.in_object => self.close(),
            (Place::Opened | Place::Continued, b'"') if self.in_object => {
                self.name.clear();
                self.name.push(byte);
                self.scan = Scan { in_string: true, ..Scan::default() };
                self.place = Place::Name;
                Ok(true)
            }
            (Place::Opened | Place::Continued, _) if !self.in_object && !b"]},:".contains(&byte) => {
                let is_on_the_way = self.is_on_the_way(|token, index| {
                    // RFC 6901: no leading zeros, no sign.
                    *token == index.to_string()
                });
                self.begin_value(is_on_the_way);
                Ok(false)
            }
            (Place::Colon, b':') => {
                self.place = Place::MemberValue;
                Ok(true)
            }
            (Place::MemberValue, _) if !b"]},:".contains(&byte) => {
                let name = self.member_name()?;
                let is_on_the_way = self.is_on_the_way(|token, _| *token == name.as_str());
                self.begin_value(is_on_the_way);
                Ok(false)
            }
            (Place::Comma, b',') => {
                self.place = Place::Continued;
                Ok(true)
            }
            (Place::Comma, b'}') if self.in_object => self.close(),
            (Place::Comma, b']') if !self.in_object => self.close(),
            _ => Err(self.unexpected(byte)),
        }
    }

    fn tokens(&self) -> &[String] {
        self.pointer.as_deref().unwrap_or_default()
    }

    /// Whether the container around holds the items themselves.
    fn is_in_items(&self) -> bool {
        // Each container on the way has been entered for one token; the last one for none.
        self.depth > self.tokens().len()
    }

    fn is_on_the_way(&self, is_named: impl Fn(&String, u64) -> bool) -> bool {
        match self.depth.checked_sub(1).and_then(|depth| self.tokens().get(depth)) {
            Some(token) => is_named(token, self.index),
            None => false,
        }
    }

    fn open(&mut self, is_object: bool) {
        self.depth += 1;
        self.in_object = is_object;
        self.index = 0;
        self.place = Place::Opened;
    }

    fn begin_value(&mut self, is_on_the_way: bool) {
        if is_on_the_way {
            self.place = Place::Before;
            return;
        }
        self.value.clear();
        self.scan = Scan::default();
        self.place = Place::Value;
    }

    fn close(&mut self) -> Result<bool, Failure> {
        if !self.is_in_items() {
            return Err(self.points_to_nothing());
        }
        self.place = Place::End;
        Ok(true)
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if !self.is_in_items() {
            return Ok(());
        }
        self.value.extend_from_slice(bytes);
        if self.value.len() > ITEM_BYTES_MAX { Err(self.too_large()) } else { Ok(()) }
    }

    fn end_value(&mut self, items: &mut Vec<Item>, wanted: &mut Wanted) -> Result<(), Failure> {
        self.place = Place::Comma;
        self.index += 1;
        if !self.is_in_items() {
            return Ok(());
        }
        self.items_seen += 1;
        if !wanted.take() {
            return Ok(());
        }
        let value = Value::parse_bytes(&self.value).map_err(|error| {
            Failure::reading(format!("Item {} of the file is not JSON: {}", self.items_seen, error.message))
        })?;
        let key = if self.in_object { Some(self.member_name()?) } else { None };
        items.push(Item { key, value });
        Ok(())
    }

    fn member_name(&self) -> Result<Text, Failure> {
        match Value::parse_bytes(&self.name) {
            Ok(Value::String(name)) => Ok(name),
            Ok(_) => unreachable!("a name begins with a quote"),
            Err(error) => Err(Failure::reading(format!("A name in the file is not JSON: {}", error.message))),
        }
    }

    /// The file ends here.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        if self.place == Place::End {
            return Ok(());
        }
        Err(Failure::reading(format!("The JSON file ends too early, behind {} items.", self.items_seen)))
    }

    fn points_to_nothing(&self) -> Failure {
        let pointer: String = self
            .tokens()
            .iter()
            .map(|token| format!("/{}", token.replace('~', "~0").replace('/', "~1")))
            .collect();
        Failure::reading(format!("The ItemsPointer '{pointer}' points to nothing in the data."))
    }

    fn unexpected(&self, byte: u8) -> Failure {
        let character = match byte {
            0x20..=0x7e => format!("'{}'", byte as char),
            _ => format!("the byte 0x{byte:02x}"),
        };
        let seen = self.items_seen;
        Failure::reading(format!("The file is not JSON: {character} is not expected behind {seen} items."))
    }

    fn too_large(&self) -> Failure {
        let number = self.items_seen + 1;
        Failure::reading(format!("Item {number} of the file has more than {ITEM_BYTES_MAX} bytes."))
    }
}

/// RFC 6901: `~1` is a slash, `~0` a tilde.
fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}
