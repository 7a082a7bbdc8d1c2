//! Decompresses a file around its format: gzip and Zstandard, by the ending of the object's key.
//!
//! Never here: compression within Parquet, and how much of a file is decoded at once.

use std::io::Write;

use flate2::write::MultiGzDecoder;
use ruzstd::decoding::FrameDecoder;

use crate::Failure;

/// How a file as a whole is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// RFC 1952, with any number of members.
    Gzip,
    /// RFC 8878, with any number of frames.
    Zstandard,
}

impl Compression {
    /// By the ending of the key: `.gz`, or `.zstd` and `.zst`.
    pub fn of_key(key: &str) -> Compression {
        match key.rsplit_once('.').map(|(_, ending)| ending) {
            Some("gz") => Compression::Gzip,
            Some("zstd" | "zst") => Compression::Zstandard,
            Some(_) | None => Compression::None,
        }
    }
}

/// RFC 8878 asks every decoder for this window at least; `zstd` needs a larger one from level 20 on. It is kept
/// in memory.
const WINDOW_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Decoded bytes are taken out of the window in steps of this size.
const STEP_BYTES: usize = 64 * 1024;

pub(crate) enum Decoder {
    None,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Zstandard(Box<Zstandard>),
}

impl Decoder {
    pub(crate) fn new(compression: Compression) -> Decoder {
        match compression {
            Compression::None => Decoder::None,
            Compression::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            Compression::Zstandard => Decoder::Zstandard(Box::default()),
        }
    }

    pub(crate) fn is_plain(&self) -> bool {
        matches!(self, Decoder::None)
    }

    /// Takes some bytes from the front of `input`, which is not empty, and appends what they decode to.
    pub(crate) fn decode(&mut self, input: &mut &[u8], decoded: &mut Vec<u8>) -> Result<(), Failure> {
        match self {
            Decoder::None => {
                decoded.extend_from_slice(input);
                *input = &[];
            }
            Decoder::Gzip(gzip) => {
                // It gives at most 32 KiB a step, and takes what these need.
                let taken = gzip.write(input).map_err(not_gzip)?;
                *input = &input[taken..];
                let before = decoded.len();
                decoded.append(gzip.get_mut());
                if taken == 0 && decoded.len() == before {
                    return Err(not_gzip(std::io::ErrorKind::InvalidData.into()));
                }
            }
            Decoder::Zstandard(zstandard) => {
                zstandard.decode(input, decoded)?;
            }
        }
        Ok(())
    }

    /// Appends what is left, and fails if the file ends too early.
    pub(crate) fn finish(&mut self, decoded: &mut Vec<u8>) -> Result<(), Failure> {
        match self {
            Decoder::None => Ok(()),
            Decoder::Gzip(gzip) => {
                gzip.try_finish().map_err(not_gzip)?;
                decoded.append(gzip.get_mut());
                Ok(())
            }
            Decoder::Zstandard(zstandard) => zstandard.finish(),
        }
    }
}

fn not_gzip(error: std::io::Error) -> Failure {
    Failure::reading(format!("The file could not be decompressed as gzip: {error}."))
}

fn not_zstandard(problem: impl std::fmt::Display) -> Failure {
    Failure::reading(format!("The file could not be decompressed as Zstandard: {problem}."))
}

/// Decodes one block at a time: a few bytes may be a block that gives 128 KiB. A frame's checksum is passed over.
#[derive(Default)]
pub(crate) struct Zstandard {
    frames: FrameDecoder,
    /// The beginning of a header or of a block. The largest block that a header can tell has 2 MiB.
    pending: Vec<u8>,
    place: Place,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    /// Before a frame.
    #[default]
    Between,
    /// In a frame, which says whether a checksum of four bytes ends it.
    Within { has_checksum: bool },
    /// In a frame that holds no data; so many of its bytes are still to come.
    Skipping { bytes: usize },
}

impl Zstandard {
    fn decode(&mut self, input: &mut &[u8], decoded: &mut Vec<u8>) -> Result<(), Failure> {
        if let Place::Skipping { bytes } = self.place {
            let skipped = input.len().min(bytes);
            *input = &input[skipped..];
            let bytes = bytes - skipped;
            self.place = if bytes == 0 { Place::Between } else { Place::Skipping { bytes } };
            return Ok(());
        }
        // Each round fills up what is needed next; a few of them tell how much that is.
        loop {
            let needed = self.bytes_needed();
            let missing = needed - self.pending.len();
            let (now, later) = input.split_at(input.len().min(missing));
            self.pending.extend_from_slice(now);
            *input = later;
            if self.pending.len() < needed {
                return Ok(());
            }
            if self.bytes_needed() == needed {
                break;
            }
        }
        match self.place {
            Place::Between => self.begin()?,
            Place::Within { .. } => self.block(decoded)?,
            Place::Skipping { .. } => unreachable!("decode() has returned"),
        }
        self.pending.clear();
        Ok(())
    }

    /// How many bytes the next header or block has, as far as `pending` tells; at least as many as it has.
    fn bytes_needed(&self) -> usize {
        match (self.place, self.pending.as_slice()) {
            (Place::Between, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]) => 8,
            (Place::Between, [_, _, _, _, descriptor, ..]) => {
                let is_single = descriptor & 0x20 != 0;
                let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
                let content_size = match descriptor >> 6 {
                    0 => usize::from(is_single),
                    1 => 2,
                    2 => 4,
                    _ => 8,
                };
                5 + usize::from(!is_single) + dictionary + content_size
            }
            (Place::Between, pending) if pending.len() < 4 => 4,
            (Place::Between, _) => 5,
            (Place::Within { has_checksum }, [one, two, three, ..]) => {
                let header = u32::from_le_bytes([*one, *two, *three, 0]);
                let is_repeated_byte = header >> 1 & 3 == 1;
                let content = if is_repeated_byte { 1 } else { (header >> 3) as usize };
                3 + content + if has_checksum && header & 1 == 1 { 4 } else { 0 }
            }
            (Place::Within { .. }, _) => 3,
            (Place::Skipping { .. }, _) => 0,
        }
    }

    fn begin(&mut self) -> Result<(), Failure> {
        if let [0x50..=0x5f, 0x2a, 0x4d, 0x18, length @ ..] = self.pending.as_slice() {
            let length =
                length.first_chunk::<4>().expect("a frame that is skipped has a head of eight bytes");
            // A frame of no bytes needs none to end it.
            self.place = match u32::from_le_bytes(*length) as usize {
                0 => Place::Between,
                bytes => Place::Skipping { bytes },
            };
            return Ok(());
        }
        let has_checksum = self.pending[4] & 4 != 0;
        self.frames.set_max_window_size(WINDOW_BYTES_MAX);
        self.frames.reset(self.pending.as_slice()).map_err(not_zstandard)?;
        self.place = Place::Within { has_checksum };
        Ok(())
    }

    /// Decodes the block that is pending, and appends all that no later block of the frame refers to.
    fn block(&mut self, decoded: &mut Vec<u8>) -> Result<(), Failure> {
        let mut source = self.pending.as_slice();
        // The window bounds it.
        loop {
            let before = decoded.len();
            decoded.resize(before + STEP_BYTES, 0);
            let (_, given) =
                self.frames.decode_from_to(source, &mut decoded[before..]).map_err(not_zstandard)?;
            decoded.truncate(before + given);
            source = &[];
            if given == 0 {
                break;
            }
        }
        if self.frames.is_finished() {
            self.place = Place::Between;
        }
        Ok(())
    }

    fn finish(&self) -> Result<(), Failure> {
        if self.place == Place::Between && self.pending.is_empty() {
            return Ok(());
        }
        Err(not_zstandard("it ends too early"))
    }
}
