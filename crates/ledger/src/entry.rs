//! One put or remove as bytes: kind, lengths, checksum of all the rest, key, value.
//!
//! Frames have checksums as well, but a value is read alone, long after.

/// Kind (1), length of the key (2), length of the value (4), checksum (4).
const HEADER_BYTES: usize = 11;

const PUT: u8 = 1;
const REMOVE: u8 = 2;

/// An entry, as it is read back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub key: &'a [u8],
    /// `None` where the key is removed.
    pub value: Option<&'a [u8]>,
    /// Of the whole entry.
    pub bytes: u32,
}

/// Appends an entry with a value; how many bytes it has.
pub(crate) fn put(out: &mut Vec<u8>, key: &[u8], value: &[u8]) -> u32 {
    write(out, PUT, key, value)
}

/// Appends an entry that removes a key.
pub(crate) fn remove(out: &mut Vec<u8>, key: &[u8]) -> u32 {
    write(out, REMOVE, key, &[])
}

fn write(out: &mut Vec<u8>, kind: u8, key: &[u8], value: &[u8]) -> u32 {
    let begin = out.len();
    out.push(kind);
    out.extend_from_slice(&(key.len() as u16).to_le_bytes());
    out.extend_from_slice(&(value.len() as u32).to_le_bytes());
    let checksum = checksum(&out[begin..], key, value);
    out.extend_from_slice(&checksum.to_le_bytes());
    out.extend_from_slice(key);
    out.extend_from_slice(value);
    (out.len() - begin) as u32
}

/// The entry at the beginning of these bytes; `None` where they are not one.
pub(crate) fn read(bytes: &[u8]) -> Option<Entry<'_>> {
    let (header, rest) = bytes.split_at_checked(HEADER_BYTES)?;
    let (lengths, written) = header.split_at(7);
    let key_bytes = usize::from(u16::from_le_bytes(lengths[1..3].try_into().ok()?));
    let value_bytes = u32::from_le_bytes(lengths[3..7].try_into().ok()?) as usize;
    let (key, rest) = rest.split_at_checked(key_bytes)?;
    let (value, _) = rest.split_at_checked(value_bytes)?;
    if written != checksum(lengths, key, value).to_le_bytes() {
        return None;
    }
    let value = match lengths[0] {
        PUT => Some(value),
        REMOVE if value.is_empty() => None,
        _ => return None,
    };
    Some(Entry { key, value, bytes: (HEADER_BYTES + key_bytes + value_bytes) as u32 })
}

fn checksum(lengths: &[u8], key: &[u8], value: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c_append(crc32c::crc32c(lengths), key), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_comes_back() {
        let mut bytes = Vec::new();
        assert_eq!(put(&mut bytes, b"key", b"value") as usize, bytes.len());
        let first = bytes.len();
        remove(&mut bytes, b"other");
        assert_eq!(read(&bytes), Some(Entry { key: b"key", value: Some(b"value"), bytes: first as u32 }));
        let removed = Entry { key: b"other", value: None, bytes: (bytes.len() - first) as u32 };
        assert_eq!(read(&bytes[first..]), Some(removed));
    }

    #[test]
    fn a_changed_byte_is_found() {
        let mut bytes = Vec::new();
        put(&mut bytes, b"key", b"value");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            assert_eq!(read(&changed), None, "at {at}");
            assert_eq!(read(&bytes[..at]), None, "cut at {at}");
        }
    }
}
