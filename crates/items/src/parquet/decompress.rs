//! Decompresses a page: Snappy, gzip or Zstandard.
//!
//! Never gives more bytes than the page's header says. Never here: what stands in the page.

use std::io::Read;

use super::corrupt;
use crate::Failure;

/// `codec` by its number in the format; `size` is how many bytes there must be.
pub(super) fn decompress(codec: i64, bytes: &[u8], size: usize) -> Result<Vec<u8>, Failure> {
    let decompressed = match codec {
        0 => bytes.to_vec(),
        1 => snappy(bytes, size).ok_or_else(|| corrupt("a page is not Snappy"))?,
        2 => take(flate2::bufread::MultiGzDecoder::new(bytes), size)?,
        6 => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(bytes)
                .map_err(|error| corrupt(&format!("a page is not Zstandard: {error}")))?;
            take(decoder, size)?
        }
        other => {
            let name = ["", "", "", "LZO", "BROTLI", "LZ4", "", "LZ4_RAW"];
            let name = usize::try_from(other).ok().and_then(|other| name.get(other)).unwrap_or(&"unknown");
            return Err(Failure::reading(format!(
                "The Parquet file is compressed as {name} ({other}); SNAPPY, GZIP and ZSTD can be read."
            )));
        }
    };
    if decompressed.len() != size {
        return Err(corrupt("a page has not the size that its header tells"));
    }
    Ok(decompressed)
}

fn take(decoder: impl Read, size: usize) -> Result<Vec<u8>, Failure> {
    let mut decompressed = Vec::new();
    let read = decoder.take(size as u64 + 1).read_to_end(&mut decompressed);
    read.map_err(|error| corrupt(&format!("a page cannot be decompressed: {error}")))?;
    Ok(decompressed)
}

/// Snappy without framing.
fn snappy(bytes: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut at = 0usize;
    let mut next = |count: usize| {
        let taken = bytes.get(at..at.checked_add(count)?)?;
        at += count;
        Some(taken)
    };
    let mut length = 0u64;
    for shift in [0, 7, 14, 21, 28] {
        let byte = next(1)?[0];
        length |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    if length != size as u64 {
        return None;
    }
    let mut out: Vec<u8> = Vec::new();
    // Each round takes a byte at least, and `size` bounds what it gives.
    while let Some([tag]) = next(1) {
        let upper = usize::from(tag >> 2);
        let (count, offset) = match tag & 3 {
            0 => {
                let count = match upper {
                    // So many bytes, less one, hold the length.
                    60..=63 => little_endian(next(upper - 59)?).checked_add(1)?,
                    upper => upper + 1,
                };
                let literal = next(count)?;
                if out.len() + count > size {
                    return None;
                }
                out.extend_from_slice(literal);
                continue;
            }
            1 => ((upper & 7) + 4, (upper >> 3) << 8 | usize::from(next(1)?[0])),
            2 => (upper + 1, little_endian(next(2)?)),
            _ => (upper + 1, little_endian(next(4)?)),
        };
        let start = out.len().checked_sub(offset)?;
        if offset == 0 || out.len() + count > size {
            return None;
        }
        // It may overlap itself.
        for from in start..start + count {
            out.push(out[from]);
        }
    }
    Some(out)
}

fn little_endian(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snappy_copies_overlap_and_lengths_are_kept() {
        // "ab" as a literal, then eight bytes from two before.
        let bytes = [10, 1 << 2, b'a', b'b', 4 << 2 | 1, 2];
        assert_eq!(snappy(&bytes, 10).as_deref(), Some(b"ababababab".as_slice()));
        assert_eq!(snappy(&bytes, 9), None);
        assert_eq!(snappy(&[10, 1 << 2, b'a', b'b', 4 << 2 | 1, 3], 10), None);
    }
}
