//! A page of a column: its levels and values, one by one.
//!
//! Never here: where pages come from, and how they are compressed in the file's other parts.

use json::Value;

use super::corrupt;
use super::decompress::decompress;
use super::levels::Hybrid;
use super::scalar::Physical;
use super::schema::{Column, Entry};
use super::thrift::Thrift;
use crate::Failure;

/// A page in memory, and what has been read of it.
#[derive(Debug)]
pub(super) struct Page {
    bytes: Vec<u8>,
    repetitions: Option<Hybrid>,
    definitions: Option<Hybrid>,
    values: Values,
    /// How many entries have not been read.
    entries_left: u64,
}

#[derive(Debug)]
enum Values {
    /// One behind the other, from this byte on.
    Plain(usize),
    /// A bit each, from this one on.
    Bits(usize),
    /// Truth values as runs.
    Runs(Hybrid),
    /// By their places in the dictionary.
    Dictionary(Hybrid),
}

/// A page, compressed or not, and a row group may have so many bytes. (AWS's limit for row groups)
pub(super) const PAGE_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What a page's header says of every kind of page.
pub(super) struct Head<'t> {
    pub(super) kind: i64,
    pub(super) compressed: usize,
    uncompressed: usize,
    header: &'t Thrift,
}

pub(super) const DATA_PAGE: i64 = 0;
pub(super) const DICTIONARY_PAGE: i64 = 2;
pub(super) const DATA_PAGE_V2: i64 = 3;

impl<'t> Head<'t> {
    pub(super) fn of(header: &'t Thrift) -> Result<Head<'t>, Failure> {
        let size = |id: i16| {
            let size = header.int(id).and_then(|size| usize::try_from(size).ok());
            size.filter(|size| *size <= PAGE_BYTES_MAX)
                .ok_or_else(|| corrupt("a page has no size, or more than 256 MiB"))
        };
        let kind = header.int(1).ok_or_else(|| corrupt("a page has no type"))?;
        Ok(Head { kind, uncompressed: size(2)?, compressed: size(3)?, header })
    }

    /// The values of a dictionary, all at once.
    pub(super) fn dictionary(
        &self,
        column: &Column,
        codec: i64,
        bytes: &[u8],
    ) -> Result<Vec<Value>, Failure> {
        let bytes = decompress(codec, bytes, self.uncompressed)?;
        let count = self.header.field(7).and_then(|head| head.int(1)).unwrap_or(0);
        // A value takes a byte at least, but for a column of fixed length zero, which needs no dictionary.
        let count = usize::try_from(count).ok().filter(|count| *count <= bytes.len());
        let count = count.ok_or_else(|| corrupt("a dictionary has more values than bytes"))?;
        let mut at = 0;
        let value = |_| {
            let value = column.scalar.plain(&bytes, &mut at);
            value.ok_or_else(|| corrupt("a dictionary ends too early"))
        };
        (0..count).map(value).collect()
    }

    pub(super) fn data(&self, column: &Column, codec: i64, bytes: &[u8]) -> Result<Page, Failure> {
        let is_v2 = self.kind == DATA_PAGE_V2;
        let head = self.header.field(if is_v2 { 8 } else { 5 });
        let head = head.ok_or_else(|| corrupt("a page has no header of its type"))?;
        let count = |id: i16| head.int(id).and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
        let early = || corrupt("a page ends too early");
        let widths =
            [column.repetition_max, column.definition_max].map(|max| u32::BITS - max.leading_zeros());
        let mut at = 0;
        let mut levels = [None, None];
        let (page, encoding) = if is_v2 {
            // Levels stand before the values, and are not compressed.
            let lengths = [count(6), count(5)];
            let start = lengths[0].checked_add(lengths[1]).filter(|start| *start <= bytes.len());
            let start = start.ok_or_else(early)?;
            for (levels, (length, width)) in levels.iter_mut().zip(lengths.into_iter().zip(widths)) {
                *levels = (width > 0).then(|| Hybrid::new(at, at + length, width));
                at += length;
            }
            let is_compressed = head.int(7) != Some(0);
            let size = self.uncompressed.checked_sub(start).ok_or_else(early)?;
            let values = decompress(if is_compressed { codec } else { 0 }, &bytes[start..], size)?;
            ([&bytes[..start], &values].concat(), head.int(4))
        } else {
            let page = decompress(codec, bytes, self.uncompressed)?;
            for ((levels, width), encoding) in levels.iter_mut().zip(widths).zip([4, 3]) {
                if width == 0 {
                    continue;
                }
                if head.int(encoding) != Some(RLE) {
                    return Err(unreadable(column, head.int(encoding)));
                }
                let length = page.get(at..).and_then(|rest| rest.first_chunk()).ok_or_else(early)?;
                let length = u32::from_le_bytes(*length) as usize;
                at += 4;
                let end = at.checked_add(length).filter(|end| *end <= page.len()).ok_or_else(early)?;
                *levels = Some(Hybrid::new(at, end, width));
                at = end;
            }
            (page, head.int(2))
        };
        let is_boolean = column.scalar.physical == Physical::Boolean;
        let values = match encoding {
            Some(PLAIN) if is_boolean => Values::Bits(at * 8),
            Some(PLAIN) => Values::Plain(at),
            // Its length stands before it.
            Some(RLE) if is_boolean => Values::Runs(Hybrid::new((at + 4).min(page.len()), page.len(), 1)),
            Some(PLAIN_DICTIONARY | RLE_DICTIONARY) => {
                // A page of nulls alone may have no bytes at all.
                let width = page.get(at).copied().unwrap_or(0);
                if width > 32 {
                    return Err(corrupt("a page's places have more than 32 bits"));
                }
                let start = (at + 1).min(page.len());
                Values::Dictionary(Hybrid::new(start, page.len(), width.into()))
            }
            other => return Err(unreadable(column, other)),
        };
        let [repetitions, definitions] = levels;
        Ok(Page { bytes: page, repetitions, definitions, values, entries_left: count(1) as u64 })
    }
}

const PLAIN: i64 = 0;
const PLAIN_DICTIONARY: i64 = 2;
const RLE: i64 = 3;
const RLE_DICTIONARY: i64 = 8;

fn unreadable(column: &Column, encoding: Option<i64>) -> Failure {
    let names = [
        "PLAIN",
        "",
        "PLAIN_DICTIONARY",
        "RLE",
        "BIT_PACKED",
        "DELTA_BINARY_PACKED",
        "DELTA_LENGTH_BYTE_ARRAY",
        "DELTA_BYTE_ARRAY",
        "RLE_DICTIONARY",
        "BYTE_STREAM_SPLIT",
    ];
    let name = encoding.and_then(|encoding| usize::try_from(encoding).ok());
    let name = name.and_then(|name| names.get(name)).unwrap_or(&"unknown");
    Failure::reading(format!(
        "The column '{}' of the Parquet file is encoded as {name}; PLAIN, RLE and dictionaries can be read.",
        column.name
    ))
}

impl Page {
    pub(super) fn entries_left(&self) -> u64 {
        self.entries_left
    }

    /// The next entry, of which there must be one.
    pub(super) fn next(&mut self, column: &Column, dictionary: &[Value]) -> Result<Entry, Failure> {
        let early = || corrupt("a page ends too early");
        let level = |levels: &mut Option<Hybrid>, bytes: &[u8]| match levels {
            Some(levels) => levels.next(bytes).ok_or_else(early),
            None => Ok(0),
        };
        self.entries_left -= 1;
        let repetition = level(&mut self.repetitions, &self.bytes)?;
        let definition = level(&mut self.definitions, &self.bytes)?;
        if repetition > column.repetition_max || definition > column.definition_max {
            return Err(corrupt("a level is too high"));
        }
        let value = if definition < column.definition_max {
            Value::Null
        } else {
            match &mut self.values {
                Values::Plain(at) => column.scalar.plain(&self.bytes, at).ok_or_else(early)?,
                Values::Bits(bit) => {
                    let byte = *self.bytes.get(*bit / 8).ok_or_else(early)?;
                    *bit += 1;
                    Value::from(byte >> ((*bit - 1) % 8) & 1 == 1)
                }
                Values::Runs(runs) => Value::from(runs.next(&self.bytes).ok_or_else(early)? == 1),
                Values::Dictionary(places) => {
                    let place = places.next(&self.bytes).ok_or_else(early)? as usize;
                    let value = dictionary.get(place);
                    value.ok_or_else(|| corrupt("a place is beyond the dictionary"))?.clone()
                }
            }
        };
        Ok(Entry { repetition, definition, value })
    }
}
