//! Thrift's compact protocol, as far as Parquet's headers use it: bytes in, a tree of numbered fields out.
//!
//! Never here: what the fields mean.

/// A value of a header.
#[derive(Debug)]
pub(super) enum Thrift {
    /// Integers of all widths, and truth values as 0 and 1.
    Int(i64),
    /// A double. No header that is read here has one that matters.
    Double,
    Bytes(Vec<u8>),
    List(Vec<Thrift>),
    Struct(Vec<(i16, Thrift)>),
}

/// Why there is no value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The bytes end within it; more may help.
    Short,
    /// The bytes are not Thrift.
    Wrong,
}

/// Parquet's headers nest six deep.
const DEPTH_MAX: usize = 16;

impl Thrift {
    /// Reads a struct from the front of `bytes`; tells how many bytes it has.
    pub(super) fn parse(bytes: &[u8]) -> Result<(Thrift, usize), Trouble> {
        let mut input = Input { bytes, at: 0 };
        let value = input.fields(0)?;
        Ok((value, input.at))
    }

    pub(super) fn field(&self, id: i16) -> Option<&Thrift> {
        match self {
            Thrift::Struct(fields) => fields.iter().find(|(found, _)| *found == id).map(|(_, value)| value),
            Thrift::Int(_) | Thrift::Double | Thrift::Bytes(_) | Thrift::List(_) => None,
        }
    }

    pub(super) fn int(&self, id: i16) -> Option<i64> {
        match self.field(id) {
            Some(Thrift::Int(int)) => Some(*int),
            Some(Thrift::Double | Thrift::Bytes(_) | Thrift::List(_) | Thrift::Struct(_)) | None => None,
        }
    }

    pub(super) fn list(&self, id: i16) -> &[Thrift] {
        match self.field(id) {
            Some(Thrift::List(list)) => list,
            Some(Thrift::Int(_) | Thrift::Double | Thrift::Bytes(_) | Thrift::Struct(_)) | None => &[],
        }
    }

    pub(super) fn text(&self, id: i16) -> Option<String> {
        match self.field(id) {
            Some(Thrift::Bytes(bytes)) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Some(Thrift::Int(_) | Thrift::Double | Thrift::List(_) | Thrift::Struct(_)) | None => None,
        }
    }
}

struct Input<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Input<'_> {
    fn byte(&mut self) -> Result<u8, Trouble> {
        let byte = *self.bytes.get(self.at).ok_or(Trouble::Short)?;
        self.at += 1;
        Ok(byte)
    }

    fn varint(&mut self) -> Result<u64, Trouble> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Trouble::Wrong)
    }

    fn zigzag(&mut self) -> Result<i64, Trouble> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn skip(&mut self, count: usize) -> Result<&[u8], Trouble> {
        let end = self.at.checked_add(count).ok_or(Trouble::Wrong)?;
        let skipped = self.bytes.get(self.at..end).ok_or(Trouble::Short)?;
        self.at = end;
        Ok(skipped)
    }

    fn fields(&mut self, depth: usize) -> Result<Thrift, Trouble> {
        if depth > DEPTH_MAX {
            return Err(Trouble::Wrong);
        }
        let mut fields = Vec::new();
        let mut last = 0i16;
        // Every field takes a byte at least.
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(Thrift::Struct(fields));
            }
            let delta = i16::from(head >> 4);
            let id = match delta {
                0 => i16::try_from(self.zigzag()?).map_err(|_| Trouble::Wrong)?,
                delta => last.checked_add(delta).ok_or(Trouble::Wrong)?,
            };
            last = id;
            let value = match head & 15 {
                1 => Thrift::Int(1),
                2 => Thrift::Int(0),
                kind => self.value(kind, depth)?,
            };
            fields.push((id, value));
        }
    }

    fn value(&mut self, kind: u8, depth: usize) -> Result<Thrift, Trouble> {
        if depth >= DEPTH_MAX {
            return Err(Trouble::Wrong);
        }
        Ok(match kind {
            // In a list, a truth value is a byte.
            1 | 2 => Thrift::Int(i64::from(self.byte()? == 1)),
            3 => Thrift::Int(i64::from(self.byte()? as i8)),
            4..=6 => Thrift::Int(self.zigzag()?),
            7 => {
                self.skip(8)?;
                Thrift::Double
            }
            8 => {
                let length = usize::try_from(self.varint()?).map_err(|_| Trouble::Wrong)?;
                Thrift::Bytes(self.skip(length)?.to_vec())
            }
            9 | 10 => {
                let head = self.byte()?;
                let length = match head >> 4 {
                    15 => self.varint()?,
                    short => u64::from(short),
                };
                let mut list = Vec::new();
                // Every item takes a byte at least, so the bytes bound the length.
                for _ in 0..length {
                    list.push(match head & 15 {
                        12 => self.fields(depth + 1)?,
                        kind => self.value(kind, depth + 1)?,
                    });
                }
                Thrift::List(list)
            }
            12 => self.fields(depth + 1)?,
            // Maps (11) are in no header of Parquet.
            _ => return Err(Trouble::Wrong),
        })
    }
}
