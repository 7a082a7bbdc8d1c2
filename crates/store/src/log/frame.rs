//! A frame as bytes: length, CRC32C, epoch, number, body, and a zero header behind it.
//!
//! The checksum begins with the log's salt, so that no body can hold what looks like a frame.

/// Length, checksum, epoch, number.
pub(super) const HEADER_BYTES: usize = 24;

/// What goes before and after a body: its header, and zeros where the next one will be.
pub(super) const OVERHEAD_BYTES: usize = 2 * HEADER_BYTES;

/// A frame's place in a segment's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) epoch: u64,
    pub(super) seq: u64,
    /// Of the body.
    pub(super) offset: usize,
    pub(super) length: usize,
}

impl Found {
    pub(super) fn end(&self) -> usize {
        self.offset + self.length
    }
}

/// Writes a frame and the zeros behind it.
pub(super) fn encode(salt: u64, epoch: u64, seq: u64, body: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.reserve(body.len() + OVERHEAD_BYTES);
    let length = (body.len() as u32).to_le_bytes();
    out.extend_from_slice(&length);
    out.extend_from_slice(&checksum(salt, length, epoch, seq, body).to_le_bytes());
    out.extend_from_slice(&epoch.to_le_bytes());
    out.extend_from_slice(&seq.to_le_bytes());
    out.extend_from_slice(body);
    out.extend_from_slice(&[0; HEADER_BYTES]);
}

/// The frame that begins at this offset, if a whole and valid one does.
pub(super) fn decode(salt: u64, bytes: &[u8], offset: usize) -> Option<Found> {
    let (found, crc) = header(bytes, offset)?;
    let body = bytes.get(found.offset..found.end())?;
    (checksum(salt, (found.length as u32).to_le_bytes(), found.epoch, found.seq, body) == crc)
        .then_some(found)
}

/// The first valid frame at or behind this offset that can come after frame `seq` of `epoch`.
pub(super) fn find_later(salt: u64, bytes: &[u8], from: usize, epoch: u64, seq: u64) -> Option<Found> {
    const STRIDE: usize = 64;
    let mut offset = from;
    while offset + HEADER_BYTES < bytes.len() {
        // Most of what is scanned is preallocated zeros. A length has a byte that is not zero, and it
        // may be the last of its four.
        if bytes[offset..].iter().take(STRIDE).all(|&byte| byte == 0) {
            offset += STRIDE - 3;
            continue;
        }
        if let Some((found, _)) = header(bytes, offset)
            && found.epoch >= epoch
            && found.seq > seq
            && let Some(found) = decode(salt, bytes, offset)
        {
            return Some(found);
        }
        offset += 1;
    }
    None
}

fn header(bytes: &[u8], offset: usize) -> Option<(Found, u32)> {
    let header = bytes.get(offset..offset + HEADER_BYTES)?;
    let u32_at = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().expect("4 bytes"));
    let u64_at = |at: usize| u64::from_le_bytes(header[at..at + 8].try_into().expect("8 bytes"));
    let length = u32_at(0) as usize;
    let found = Found { epoch: u64_at(8), seq: u64_at(16), offset: offset + HEADER_BYTES, length };
    (length > 0 && length <= super::BODY_MAX && found.end() <= bytes.len()).then_some((found, u32_at(4)))
}

fn checksum(salt: u64, length: [u8; 4], epoch: u64, seq: u64, body: &[u8]) -> u32 {
    let mut front = [0; 28];
    front[..8].copy_from_slice(&salt.to_le_bytes());
    front[8..12].copy_from_slice(&length);
    front[12..20].copy_from_slice(&epoch.to_le_bytes());
    front[20..].copy_from_slice(&seq.to_le_bytes());
    crc32c::crc32c_append(crc32c::crc32c(&front), body)
}
