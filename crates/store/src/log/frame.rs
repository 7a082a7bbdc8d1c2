//! A frame as bytes: length, CRC32C, epoch, number, body, and a zero header behind it.
//!
//! The checksum begins with the log's salt, so that no body can hold what looks like a frame.
//!
//! Once the last frame is durable, a mark takes the place of the zeros: a header without a body. It is
//! not synced itself, and the next frame is written over it. Where it is found, the frame before it was
//! durable: if that one is not whole, it was damaged, and not torn by a crash.

/// Length, checksum, epoch, number.
pub(super) const HEADER_BYTES: usize = 24;

/// What goes before and after a body: its header, and zeros where the next one will be.
pub(super) const OVERHEAD_BYTES: usize = 2 * HEADER_BYTES;

/// A mark has this where a frame has its length.
const MARK: [u8; 4] = [0xff; 4];

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

/// The mark that says that frame `seq` is durable.
pub(super) fn mark(salt: u64, epoch: u64, seq: u64) -> [u8; HEADER_BYTES] {
    let mut mark = [0; HEADER_BYTES];
    mark[..4].copy_from_slice(&MARK);
    mark[4..8].copy_from_slice(&checksum(salt, MARK, epoch, seq, &[]).to_le_bytes());
    mark[8..16].copy_from_slice(&epoch.to_le_bytes());
    mark[16..].copy_from_slice(&seq.to_le_bytes());
    mark
}

/// The epoch and the number in the mark at this offset, if a valid one is there.
pub(super) fn marked(salt: u64, bytes: &[u8], offset: usize) -> Option<(u64, u64)> {
    let found = bytes.get(offset..offset + HEADER_BYTES)?;
    let u64_at = |at: usize| u64::from_le_bytes(found[at..at + 8].try_into().expect("8 bytes"));
    let (epoch, seq) = (u64_at(8), u64_at(16));
    (found[..4] == MARK && found == mark(salt, epoch, seq)).then_some((epoch, seq))
}

/// What says that a frame was there which cannot be read any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Later {
    /// A valid frame behind it.
    Frame(Found),
    /// A mark behind it, at this offset, for this epoch and number.
    Mark { offset: usize, epoch: u64, seq: u64 },
}

/// The first valid frame or mark at or behind this offset that can come after frame `seq` of `epoch`.
pub(super) fn find_later(salt: u64, bytes: &[u8], from: usize, epoch: u64, seq: u64) -> Option<Later> {
    const STRIDE: usize = 64;
    let mut offset = from;
    while offset + HEADER_BYTES <= bytes.len() {
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
            return Some(Later::Frame(found));
        }
        if let Some((its_epoch, its_seq)) = marked(salt, bytes, offset)
            && its_epoch >= epoch
            && its_seq > seq
        {
            return Some(Later::Mark { offset, epoch: its_epoch, seq: its_seq });
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
