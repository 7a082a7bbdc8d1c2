//! Rows and values of MySQL's two forms: texts, and the binary one of prepared statements.
//!
//! Both become the same cells: texts, and bytes of what is no text.

use bytes::{BufMut, Bytes};
use mysql_common::constants::{ColumnFlags, ColumnType};
use mysql_common::packets::Column as Definition;

use super::types::scalar;
use crate::connection::{Row, Scalar};
use crate::fault::{Error, not_understood};
use crate::parameter::Parameter;

/// How the values of a row are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Binary,
}

/// Reads a row.
pub(super) fn read(packet: &Bytes, columns: &[Definition], form: Form) -> Result<Row, Error> {
    let mut reader = Reader(packet);
    match form {
        Form::Text => {
            const NULL: u8 = 0xfb;
            let cell = |definition| {
                if reader.0.first() == Some(&NULL) {
                    reader.u8()?;
                    return Ok(None);
                }
                let bytes = packet.slice_ref(reader.bytes()?);
                Ok(Some(finished(bytes, definition)))
            };
            columns.iter().map(cell).collect()
        }
        Form::Binary => {
            // A zero, then two bits that are not used before those of the columns.
            reader.u8()?;
            let nulls = reader.take((columns.len() + 2).div_ceil(8))?;
            let cell = |(place, definition): (usize, &Definition)| {
                let bit = place + 2;
                if nulls[bit / 8] & (1 << (bit % 8)) != 0 {
                    return Ok(None);
                }
                let bytes = match binary(&mut reader, definition)? {
                    Some(text) => text.into(),
                    None => packet.slice_ref(reader.bytes()?),
                };
                Ok(Some(finished(bytes, definition)))
            };
            columns.iter().enumerate().map(cell).collect()
        }
    }
}

/// Truth values are `t` or `f`.
fn finished(cell: Bytes, definition: &Definition) -> Bytes {
    if scalar(definition) != Scalar::Boolean {
        return cell;
    }
    let is_false = match definition.column_type() {
        ColumnType::MYSQL_TYPE_BIT => cell.iter().all(|&byte| byte == 0),
        _ => &cell[..] == b"0",
    };
    Bytes::from_static(if is_false { b"f" } else { b"t" })
}

/// A value that has a form of its own; None of those that are bytes with their length.
fn binary(reader: &mut Reader<'_>, definition: &Definition) -> Result<Option<String>, Error> {
    use ColumnType::*;
    let is_unsigned = definition.flags().contains(ColumnFlags::UNSIGNED_FLAG);
    Ok(Some(match definition.column_type() {
        MYSQL_TYPE_TINY if is_unsigned => reader.u8()?.to_string(),
        MYSQL_TYPE_TINY => (reader.u8()? as i8).to_string(),
        MYSQL_TYPE_SHORT | MYSQL_TYPE_YEAR if is_unsigned => reader.u16()?.to_string(),
        MYSQL_TYPE_SHORT | MYSQL_TYPE_YEAR => (reader.u16()? as i16).to_string(),
        MYSQL_TYPE_LONG | MYSQL_TYPE_INT24 if is_unsigned => reader.u32()?.to_string(),
        MYSQL_TYPE_LONG | MYSQL_TYPE_INT24 => (reader.u32()? as i32).to_string(),
        MYSQL_TYPE_LONGLONG if is_unsigned => reader.u64()?.to_string(),
        MYSQL_TYPE_LONGLONG => (reader.u64()? as i64).to_string(),
        MYSQL_TYPE_FLOAT => f32::from_bits(reader.u32()?).to_string(),
        MYSQL_TYPE_DOUBLE => f64::from_bits(reader.u64()?).to_string(),
        MYSQL_TYPE_DATE | MYSQL_TYPE_NEWDATE => date(reader, None)?,
        MYSQL_TYPE_DATETIME | MYSQL_TYPE_TIMESTAMP => date(reader, Some(definition.decimals()))?,
        MYSQL_TYPE_TIME => time(reader, definition.decimals())?,
        MYSQL_TYPE_NULL => String::new(),
        _ => return Ok(None),
    }))
}

/// `2024-01-02`, and with a time of so many decimals `2024-01-02 03:04:05.6`.
fn date(reader: &mut Reader<'_>, decimals: Option<u8>) -> Result<String, Error> {
    let length = usize::from(reader.u8()?);
    let mut part = Reader(reader.take(length)?);
    // What is zero at the end is left out.
    let (mut year, mut month, mut day) = (0, 0, 0);
    if length >= 4 {
        (year, month, day) = (part.u16()?, part.u8()?, part.u8()?);
    }
    let text = format!("{year:04}-{month:02}-{day:02}");
    let Some(decimals) = decimals else { return Ok(text) };
    let (mut hour, mut minute, mut second, mut micros) = (0, 0, 0, 0);
    if length >= 7 {
        (hour, minute, second) = (part.u8()?, part.u8()?, part.u8()?);
    }
    if length >= 11 {
        micros = part.u32()?;
    }
    Ok(format!("{text} {hour:02}:{minute:02}:{second:02}{}", fraction(micros, decimals)))
}

/// `-12:30:00`; hours can be more than a day's.
fn time(reader: &mut Reader<'_>, decimals: u8) -> Result<String, Error> {
    let length = usize::from(reader.u8()?);
    let mut part = Reader(reader.take(length)?);
    let (mut is_negative, mut hours, mut minute, mut second, mut micros) = (false, 0, 0, 0, 0);
    if length >= 8 {
        is_negative = part.u8()? != 0;
        let days = u64::from(part.u32()?);
        hours = days * 24 + u64::from(part.u8()?);
        (minute, second) = (part.u8()?, part.u8()?);
    }
    if length >= 12 {
        micros = part.u32()?;
    }
    let sign = if is_negative { "-" } else { "" };
    Ok(format!("{sign}{hours:02}:{minute:02}:{second:02}{}", fraction(micros, decimals)))
}

fn fraction(micros: u32, decimals: u8) -> String {
    match decimals {
        1..=6 => format!(".{}", &format!("{micros:06}")[..usize::from(decimals)]),
        // Of an expression it is not known how many there are.
        _ if micros != 0 => format!(".{micros:06}"),
        _ => String::new(),
    }
}

/// Writes the value of a parameter.
pub(super) fn write(parameter: &Parameter, out: &mut Vec<u8>) {
    match parameter {
        Parameter::Null(_) => {}
        Parameter::Boolean(is_true) => out.put_u8(u8::from(*is_true)),
        Parameter::Long(long) => out.put_i64_le(*long),
        Parameter::Double(double) => out.put_f64_le(*double),
        Parameter::Text(text, _) => write_bytes(text.as_bytes(), out),
        Parameter::Blob(bytes) => write_bytes(bytes, out),
    }
}

/// Bytes with their length, which is as long as it needs to be.
fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    let length = bytes.len() as u64;
    match length {
        0..=250 => out.put_u8(length as u8),
        251..=0xffff => {
            out.put_u8(0xfc);
            out.put_u16_le(length as u16);
        }
        0x1_0000..=0xff_ffff => {
            out.put_u8(0xfd);
            out.put_uint_le(length, 3);
        }
        _ => {
            out.put_u8(0xfe);
            out.put_u64_le(length);
        }
    }
    out.put_slice(bytes);
}

/// Reads numbers and bytes, and finds that there are too few.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(not_understood)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (taken, rest) = self.0.split_first_chunk().ok_or_else(not_understood)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Error> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(super) fn u16(&mut self) -> Result<u16, Error> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32, Error> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, Error> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// Bytes that end with a zero, without it.
    pub(super) fn until_zero(&mut self) -> Result<&'a [u8], Error> {
        let end = self.0.iter().position(|&byte| byte == 0).ok_or_else(not_understood)?;
        let bytes = self.take(end)?;
        self.take(1)?;
        Ok(bytes)
    }

    /// A number that is as long as it needs to be.
    pub(super) fn length(&mut self) -> Result<u64, Error> {
        Ok(match self.u8()? {
            small @ 0..=0xfa => small.into(),
            0xfc => self.u16()?.into(),
            0xfd => {
                let [low, middle, high] = self.array()?;
                u32::from_le_bytes([low, middle, high, 0]).into()
            }
            0xfe => self.u64()?,
            _ => return Err(not_understood()),
        })
    }

    /// Bytes with their length before them.
    fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let length = usize::try_from(self.length()?).map_err(|_| not_understood())?;
        self.take(length)
    }
}
