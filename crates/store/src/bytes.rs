//! Small values as bytes and back, for the records and snapshots that are the store's own.

use asl::Timestamp;
use json::{Text, Value};

/// Appends values to a buffer.
pub(crate) trait PutBytes {
    fn put_u8(&mut self, value: u8);
    fn put_u32(&mut self, value: u32);
    fn put_u64(&mut self, value: u64);
    fn put_text(&mut self, text: &str);

    fn put_time(&mut self, time: Timestamp) {
        self.put_u64(time.0 as u64);
    }

    fn put_option(&mut self, text: Option<&str>) {
        self.put_u8(text.is_some().into());
        if let Some(text) = text {
            self.put_text(text);
        }
    }

    fn put_value(&mut self, value: &Value) {
        self.put_text(&value.to_text());
    }

    fn put_pairs(&mut self, pairs: &[(Text, Text)]) {
        self.put_u32(pairs.len() as u32);
        for (key, value) in pairs {
            self.put_text(key);
            self.put_text(value);
        }
    }
}

impl PutBytes for Vec<u8> {
    fn put_u8(&mut self, value: u8) {
        self.push(value);
    }

    fn put_u32(&mut self, value: u32) {
        self.extend_from_slice(&value.to_le_bytes());
    }

    fn put_u64(&mut self, value: u64) {
        self.extend_from_slice(&value.to_le_bytes());
    }

    fn put_text(&mut self, text: &str) {
        self.put_u32(text.len() as u32);
        self.extend_from_slice(text.as_bytes());
    }
}

/// The bytes are not what [`PutBytes`] wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Takes values from the front of a slice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TakeBytes<'a>(pub(crate) &'a [u8]);

impl<'a> TakeBytes<'a> {
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(self.take(1)?[0])
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().expect("4 bytes")))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        Ok(u64::from_le_bytes(self.take(8)?.try_into().expect("8 bytes")))
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp, Malformed> {
        Ok(Timestamp(self.u64()? as i64))
    }

    pub(crate) fn str(&mut self) -> Result<&'a str, Malformed> {
        let length = self.u32()? as usize;
        std::str::from_utf8(self.take(length)?).map_err(|_| Malformed)
    }

    pub(crate) fn text(&mut self) -> Result<Text, Malformed> {
        Ok(self.str()?.into())
    }

    pub(crate) fn option(&mut self) -> Result<Option<Text>, Malformed> {
        match self.u8()? {
            0 => Ok(None),
            1 => self.text().map(Some),
            _ => Err(Malformed),
        }
    }

    pub(crate) fn value(&mut self) -> Result<Value, Malformed> {
        Value::parse(self.str()?).map_err(|_| Malformed)
    }

    pub(crate) fn pairs(&mut self) -> Result<Vec<(Text, Text)>, Malformed> {
        let count = self.u32()?;
        (0..count).map(|_| Ok((self.text()?, self.text()?))).collect()
    }

    /// That nothing is left.
    pub(crate) fn end(self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}
