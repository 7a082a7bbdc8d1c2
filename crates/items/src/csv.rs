//! CSV: RFC 4180, with the backslash that AWS adds and its rules for rows of the wrong length.
//!
//! Every value is a string. Never here: decompression, and what `ReaderConfig` looks like.

use std::collections::BTreeSet;

use json::{Object, Text, Value};

use crate::inventory::decode_key;
use crate::reader::{ByteOrderMark, FormatProgress, ITEM_BYTES_MAX};
use crate::{Failure, Item, Wanted};

/// The names of all columns together. (AWS's documentation of `CSVHeaders`)
pub const HEADER_BYTES_MAX: usize = 10 * 1024;

/// What stands between two fields: `CSVDelimiter`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delimiter {
    /// `,`
    #[default]
    Comma,
    /// `|`
    Pipe,
    /// `;`
    Semicolon,
    /// one space
    Space,
    /// a tab
    Tab,
}

impl Delimiter {
    /// All of them.
    pub const ALL: [Delimiter; 5] =
        [Delimiter::Comma, Delimiter::Pipe, Delimiter::Semicolon, Delimiter::Space, Delimiter::Tab];

    /// The character itself.
    pub fn byte(self) -> u8 {
        match self {
            Delimiter::Comma => b',',
            Delimiter::Pipe => b'|',
            Delimiter::Semicolon => b';',
            Delimiter::Space => b' ',
            Delimiter::Tab => b'\t',
        }
    }
}

/// Where the names of the columns come from: `CSVHeaderLocation`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Headers {
    /// `FIRST_ROW`
    FirstRow,
    /// `GIVEN`: `CSVHeaders`.
    Given(Vec<Text>),
}

/// How a CSV file is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvConfig {
    /// Where the names of the columns come from.
    pub headers: Headers,
    /// What stands between two fields.
    pub delimiter: Delimiter,
    /// Whether the column `Key` is written as in a URL, as S3 does in its inventories.
    pub keys_are_encoded: bool,
}

/// Where in the text the next byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing of the field has been seen.
    FieldStart,
    /// In a field without quotes, or behind the closing quote of one.
    Plain,
    /// Between two quotes.
    Quoted,
    /// Behind a quote that ends the quoted part, or is the first half of a doubled one.
    QuoteSeen,
    /// Behind a carriage return outside of quotes.
    Return,
    /// Behind a backslash; whether it stands between quotes.
    Escaped { is_quoted: bool },
}

pub(crate) struct CsvReader {
    delimiter: u8,
    keys_are_encoded: bool,
    /// `None` until the first row has been read.
    headers: Option<Vec<Text>>,
    /// Which of the headers is `Key`, if that is to be decoded.
    key_column: Option<usize>,
    /// Which bytes end a run of ordinary ones, outside of quotes.
    ends_run: [bool; 256],
    mark: ByteOrderMark,
    place: Place,
    /// Whether a carriage return alone ends rows, as it did the first one; `None` before that. Where newlines end
    /// rows, it is a character like others.
    returns_end_rows: Option<bool>,
    /// The text of the finished fields of this row, and of the one that is being read.
    row: Vec<u8>,
    /// Where each finished field ends in `row`.
    field_ends: Vec<usize>,
    /// Whether the row has anything: a delimiter, a quote, or a character.
    row_has_begun: bool,
    /// How many rows have ended, the empty ones too; for messages.
    rows_ended: u64,
}

impl CsvReader {
    pub(crate) fn new(config: CsvConfig) -> Result<CsvReader, Failure> {
        let delimiter = config.delimiter.byte();
        let mut ends_run = [false; 256];
        for byte in [b'\n', b'\r', b'\\', delimiter] {
            ends_run[usize::from(byte)] = true;
        }
        let mut reader = CsvReader {
            delimiter,
            keys_are_encoded: config.keys_are_encoded,
            headers: None,
            key_column: None,
            ends_run,
            mark: ByteOrderMark::default(),
            place: Place::FieldStart,
            returns_end_rows: None,
            row: Vec::new(),
            field_ends: Vec::new(),
            row_has_begun: false,
            rows_ended: 0,
        };
        if let Headers::Given(headers) = config.headers {
            reader.use_headers(headers)?;
        }
        Ok(reader)
    }

    fn use_headers(&mut self, headers: Vec<Text>) -> Result<(), Failure> {
        if headers.iter().collect::<BTreeSet<_>>().len() < headers.len() {
            // (recorded)
            return Err(Failure::reading("CSV headers cannot contain duplicates."));
        }
        let bytes: usize = headers.iter().map(Text::len).sum();
        if bytes > HEADER_BYTES_MAX {
            return Err(Failure::reading(format!(
                "The CSV headers have {bytes} bytes, which is more than {HEADER_BYTES_MAX}."
            )));
        }
        if self.keys_are_encoded {
            self.key_column = headers.iter().position(|name| name == "Key");
        }
        self.headers = Some(headers);
        Ok(())
    }

    /// How many columns there are, as far as the headers are known.
    pub(crate) fn columns(&self) -> usize {
        self.headers.as_ref().map_or(0, Vec::len)
    }

    pub(crate) fn read(
        &mut self,
        mut bytes: &[u8],
        items: &mut Vec<Item>,
        wanted: &mut Wanted,
    ) -> Result<FormatProgress, Failure> {
        if !self.mark.is_past() {
            let (false_mark, rest) = self.mark.skip(bytes);
            self.read_text(false_mark, items, wanted)?;
            bytes = rest;
        }
        self.read_text(bytes, items, wanted)
    }

    fn read_text(
        &mut self,
        bytes: &[u8],
        items: &mut Vec<Item>,
        wanted: &mut Wanted,
    ) -> Result<FormatProgress, Failure> {
        let mut at = 0;
        while at < bytes.len() {
            if !wanted.is_any() {
                return Ok(FormatProgress::Done);
            }
            match self.place {
                Place::Quoted => {
                    let rest = &bytes[at..];
                    let run = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'));
                    let run = run.unwrap_or(rest.len());
                    self.push(&rest[..run])?;
                    at += run;
                    if let Some(byte) = bytes.get(at) {
                        let is_quote = *byte == b'"';
                        self.place =
                            if is_quote { Place::QuoteSeen } else { Place::Escaped { is_quoted: true } };
                        at += 1;
                    }
                }
                Place::QuoteSeen if bytes[at] == b'"' => {
                    self.push(b"\"")?;
                    self.place = Place::Quoted;
                    at += 1;
                }
                Place::Return => match bytes[at] {
                    b'\n' => {
                        at += 1;
                        self.end_row(false, items, wanted)?;
                    }
                    _ if self.returns_end_rows == Some(false) => {
                        self.row_has_begun = true;
                        self.place = Place::Plain;
                        self.push(b"\r")?;
                    }
                    _ => self.end_row(true, items, wanted)?,
                },
                // Looked at once more, as any byte behind the field's quotes.
                Place::QuoteSeen => self.place = Place::Plain,
                Place::Escaped { is_quoted } => {
                    let byte = bytes[at];
                    // Before anything else a backslash is dropped, and the byte means what it does.
                    if byte == b'\\' || byte == b'"' || byte == self.delimiter {
                        self.push(&[byte])?;
                        at += 1;
                    }
                    self.place = if is_quoted { Place::Quoted } else { Place::Plain };
                }
                Place::FieldStart if bytes[at] == b'"' => {
                    self.row_has_begun = true;
                    self.place = Place::Quoted;
                    at += 1;
                }
                Place::FieldStart | Place::Plain => {
                    let rest = &bytes[at..];
                    let run = rest.iter().position(|byte| self.ends_run[usize::from(*byte)]);
                    let run = run.unwrap_or(rest.len());
                    if run > 0 {
                        self.row_has_begun = true;
                        self.place = Place::Plain;
                        self.push(&rest[..run])?;
                        at += run;
                        continue;
                    }
                    at += 1;
                    match rest[0] {
                        b'\n' => self.end_row(false, items, wanted)?,
                        b'\r' => self.place = Place::Return,
                        b'\\' => {
                            self.row_has_begun = true;
                            self.place = Place::Escaped { is_quoted: false };
                        }
                        _delimiter => {
                            self.row_has_begun = true;
                            self.field_ends.push(self.row.len());
                            self.place = Place::FieldStart;
                            self.check_size()?;
                        }
                    }
                }
            }
        }
        Ok(if !wanted.is_any() { FormatProgress::Done } else { FormatProgress::More })
    }

    /// The file's end ends the last row, too.
    pub(crate) fn finish(&mut self, items: &mut Vec<Item>, wanted: &mut Wanted) -> Result<(), Failure> {
        let false_mark = self.mark.finish();
        self.read_text(false_mark, items, wanted)?;
        match self.place {
            Place::Quoted | Place::Escaped { is_quoted: true } => Err(Failure::reading(format!(
                "The CSV file ends within a quoted field of row {}.",
                self.rows_ended + 1
            ))),
            Place::FieldStart
            | Place::Plain
            | Place::Return
            | Place::QuoteSeen
            | Place::Escaped { is_quoted: false } => self.end_row(false, items, wanted),
        }
    }

    fn push(&mut self, run: &[u8]) -> Result<(), Failure> {
        self.row.extend_from_slice(run);
        self.check_size()
    }

    /// Bounds what is kept of a row: the text, and the ends of its fields.
    fn check_size(&self) -> Result<(), Failure> {
        if self.row.len() + self.field_ends.len() <= ITEM_BYTES_MAX {
            return Ok(());
        }
        Err(Failure::reading(format!(
            "Row {} of the CSV file has more than {ITEM_BYTES_MAX} bytes.",
            self.rows_ended + 1
        )))
    }

    fn end_row(
        &mut self,
        by_return: bool,
        items: &mut Vec<Item>,
        wanted: &mut Wanted,
    ) -> Result<(), Failure> {
        self.returns_end_rows.get_or_insert(by_return);
        self.place = Place::FieldStart;
        self.rows_ended += 1;
        if !std::mem::take(&mut self.row_has_begun) {
            return Ok(());
        }
        self.field_ends.push(self.row.len());
        match &self.headers {
            Some(headers) if wanted.take() => {
                let mut start = 0;
                let mut ends = self.field_ends.iter();
                let members = headers.iter().enumerate().map(|(column, name)| {
                    // Fewer fields than headers: the rest are empty. Fields beyond them are dropped.
                    let end = ends.next().copied().unwrap_or(start);
                    let field = text(&self.row[start..end]);
                    start = end;
                    let field =
                        if self.key_column == Some(column) { decode_key(&field).into() } else { field };
                    (name.clone(), Value::String(field))
                });
                items.push(Item::of(members.collect::<Object>()));
            }
            Some(_) => {}
            None => {
                let mut start = 0;
                let headers = self
                    .field_ends
                    .iter()
                    .map(|end| text(&self.row[std::mem::replace(&mut start, *end)..*end]));
                let headers = headers.collect();
                self.use_headers(headers)?;
            }
        }
        self.row.clear();
        self.field_ends.clear();
        Ok(())
    }
}

/// The text of a field. What is not UTF-8 in it becomes U+FFFD, as it does in Java.
fn text(bytes: &[u8]) -> Text {
    match std::str::from_utf8(bytes) {
        Ok(text) => Text::new(text),
        Err(_) => Text::new(String::from_utf8_lossy(bytes)),
    }
}
