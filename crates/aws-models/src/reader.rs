//! Numbers and texts out of bytes, as `xtask/python/models.py` wrote them.
//!
//! Never here: a panic. Whatever the bytes are, reading them ends with a value or with [`Damaged`].

/// The bytes are not what the generator wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damaged;

/// Bytes that are read from their beginning on.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Reader<'b> {
        Reader { rest: bytes }
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'b [u8], Damaged> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or(Damaged)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Seven bits a byte, the lowest first; the eighth bit says that more follow.
    pub(crate) fn number(&mut self) -> Result<u64, Damaged> {
        let mut number = 0;
        // Ten bytes hold every number of 64 bits.
        for place in 0..10 {
            let (&byte, rest) = self.rest.split_first().ok_or(Damaged)?;
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Damaged)
    }

    pub(crate) fn small<T: TryFrom<u64>>(&mut self) -> Result<T, Damaged> {
        T::try_from(self.number()?).map_err(|_| Damaged)
    }

    pub(crate) fn text(&mut self) -> Result<&'b str, Damaged> {
        let length = self.small()?;
        std::str::from_utf8(self.bytes(length)?).map_err(|_| Damaged)
    }

    /// How many things follow. None is shorter than a byte, so a number that cannot be true is told
    /// before room is made for it.
    pub(crate) fn count(&mut self, bytes_left: usize) -> Result<usize, Damaged> {
        let count = self.small()?;
        if count > bytes_left { Err(Damaged) } else { Ok(count) }
    }

    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }
}
