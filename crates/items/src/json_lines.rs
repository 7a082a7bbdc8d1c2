//! JSON Lines: a JSON text on each line.
//!
//! Never here: decompression.

use json::Value;

use crate::reader::{ByteOrderMark, FormatProgress, ITEM_BYTES_MAX};
use crate::{Failure, Item, Wanted};

pub(crate) struct JsonLinesReader {
    mark: ByteOrderMark,
    /// The line whose end has not been seen.
    line: Vec<u8>,
    lines_ended: u64,
}

impl JsonLinesReader {
    pub(crate) fn new() -> JsonLinesReader {
        JsonLinesReader { mark: ByteOrderMark::default(), line: Vec::new(), lines_ended: 0 }
    }

    pub(crate) fn read(
        &mut self,
        mut bytes: &[u8],
        items: &mut Vec<Item>,
        wanted: &mut Wanted,
    ) -> Result<FormatProgress, Failure> {
        if !self.mark.is_past() {
            let (false_mark, rest) = self.mark.skip(bytes);
            self.line.extend_from_slice(false_mark);
            bytes = rest;
        }
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            // A line that is whole in this piece is not copied.
            if self.line.is_empty() {
                self.parse(&bytes[..end], items, wanted)?;
            } else {
                self.line.extend_from_slice(&bytes[..end]);
                let mut line = std::mem::take(&mut self.line);
                self.parse(&line, items, wanted)?;
                line.clear();
                self.line = line;
            }
            bytes = &bytes[end + 1..];
            if !wanted.is_any() {
                return Ok(FormatProgress::Done);
            }
        }
        self.line.extend_from_slice(bytes);
        self.check_size(self.line.len())?;
        Ok(FormatProgress::More)
    }

    /// The file's end ends the last line, too.
    pub(crate) fn finish(&mut self, items: &mut Vec<Item>, wanted: &mut Wanted) -> Result<(), Failure> {
        self.line.extend_from_slice(self.mark.finish());
        let line = std::mem::take(&mut self.line);
        self.parse(&line, items, wanted)
    }

    fn parse(&mut self, line: &[u8], items: &mut Vec<Item>, wanted: &mut Wanted) -> Result<(), Failure> {
        self.check_size(line.len())?;
        self.lines_ended += 1;
        if line.trim_ascii().is_empty() || !wanted.take() {
            return Ok(());
        }
        let value = Value::parse_bytes(line).map_err(|error| {
            Failure::reading(format!("Line {} of the file is not JSON: {}", self.lines_ended, error.message))
        })?;
        items.push(Item::of(value));
        Ok(())
    }

    fn check_size(&self, bytes: usize) -> Result<(), Failure> {
        if bytes <= ITEM_BYTES_MAX {
            return Ok(());
        }
        Err(Failure::reading(format!(
            "Line {} of the file has more than {ITEM_BYTES_MAX} bytes.",
            self.lines_ended + 1
        )))
    }
}
