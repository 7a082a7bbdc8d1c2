//! The letters that records are written in: numbers, times, texts, documents, lists.

use asl::Timestamp;
use json::{Document, Text};

use crate::codec::{FORMAT, FORMAT_OLDEST, Malformed, Reader, Writer};
use crate::frame::FrameId;

/// Where a record is written to.
pub(super) struct Output<'a> {
    writer: &'a mut Writer,
    bytes: &'a mut Vec<u8>,
    /// The last time that was written.
    time: i64,
    /// The last event id that was written.
    pub event: u64,
}

/// Where a record is read from.
pub(super) struct Input<'a> {
    reader: &'a mut Reader,
    rest: &'a [u8],
    /// The layout of the record.
    pub format: u8,
    time: i64,
    pub event: u64,
}

impl<'a> Output<'a> {
    pub fn new(writer: &'a mut Writer, bytes: &'a mut Vec<u8>) -> Self {
        Output { writer, bytes, time: 0, event: 0 }
    }

    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    pub fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// The difference from the last time, its sign in the lowest bit.
    pub fn time(&mut self, Timestamp(time): Timestamp) {
        let difference = time.wrapping_sub(self.time);
        self.time = time;
        self.number(((difference << 1) ^ (difference >> 63)) as u64);
    }

    pub fn wide(&mut self, number: u128) {
        self.bytes.extend(number.to_le_bytes());
    }

    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend(text.as_bytes());
    }

    /// 0 and the text, or one more than the number of a document that was written before.
    pub fn document(&mut self, document: &Document) {
        match self.writer.number(document) {
            Some(number) => self.number(u64::from(number) + 1),
            None => {
                self.byte(0);
                self.text(document.text());
            }
        }
    }

    pub fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    pub fn list<T>(&mut self, values: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.number(values.len() as u64);
        for value in values {
            write(self, value);
        }
    }
}

impl<'a> Input<'a> {
    pub fn new(reader: &'a mut Reader, bytes: &'a [u8]) -> Self {
        Input { reader, rest: bytes, format: FORMAT, time: 0, event: 0 }
    }

    pub fn format(&mut self) -> Result<(), Malformed> {
        self.format = self.byte()?;
        if (FORMAT_OLDEST..=FORMAT).contains(&self.format) { Ok(()) } else { Err(Malformed) }
    }

    pub fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    pub fn byte(&mut self) -> Result<u8, Malformed> {
        Ok(self.take(1)?[0])
    }

    pub fn number(&mut self) -> Result<u64, Malformed> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return Err(Malformed);
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Malformed)
    }

    pub fn small(&mut self) -> Result<u32, Malformed> {
        u32::try_from(self.number()?).map_err(|_| Malformed)
    }

    pub fn frame_id(&mut self) -> Result<FrameId, Malformed> {
        self.small().map(FrameId)
    }

    pub fn time(&mut self) -> Result<Timestamp, Malformed> {
        let number = self.number()?;
        let difference = (number >> 1) as i64 ^ -((number & 1) as i64);
        self.time = self.time.wrapping_add(difference);
        Ok(Timestamp(self.time))
    }

    pub fn wide(&mut self) -> Result<u128, Malformed> {
        let bytes = self.take(16)?;
        Ok(u128::from_le_bytes(bytes.try_into().map_err(|_| Malformed)?))
    }

    pub fn str(&mut self) -> Result<&'a str, Malformed> {
        let length = usize::try_from(self.number()?).map_err(|_| Malformed)?;
        std::str::from_utf8(self.take(length)?).map_err(|_| Malformed)
    }

    pub fn text(&mut self) -> Result<Text, Malformed> {
        self.str().map(Text::from)
    }

    /// That its text is JSON is believed: a record's bytes are checked before they come here.
    pub fn document(&mut self) -> Result<Document, Malformed> {
        match self.small()? {
            0 => {
                let document = Document::from_valid_text(self.str()?);
                self.reader.documents.push(document.clone());
                Ok(document)
            }
            number => self.reader.documents.get(number as usize - 1).cloned().ok_or(Malformed),
        }
    }

    pub fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        match self.byte()? {
            0 => Ok(None),
            1 => read(self).map(Some),
            _ => Err(Malformed),
        }
    }

    /// Every element takes at least a byte, so a length that lies soon meets the end.
    pub fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        let length = self.number()?;
        let mut values = Vec::new();
        for _ in 0..length {
            values.push(read(self)?);
        }
        Ok(values)
    }

    /// The element that a byte counts to.
    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> Result<T, Malformed> {
        all.get(usize::from(self.byte()?)).copied().ok_or(Malformed)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
        self.rest = rest;
        Ok(taken)
    }
}
