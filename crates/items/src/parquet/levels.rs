//! The hybrid of run lengths and packed bits, in which Parquet writes levels, indices and truth values.
//!
//! Numbers are read one by one, so a short run of bytes may tell of any number of them. Never here: what they mean.

/// The next number of a part of a page.
#[derive(Debug)]
pub(super) struct Hybrid {
    at: usize,
    end: usize,
    bit_width: u32,
    run: Run,
}

#[derive(Debug)]
enum Run {
    Repeated { value: u32, left: u64 },
    Packed { bit: usize, left: u64 },
}

impl Hybrid {
    /// Numbers of `bit_width` bits (at most 32) from `at` to `end` of a page.
    pub(super) fn new(at: usize, end: usize, bit_width: u32) -> Hybrid {
        Hybrid { at, end, bit_width, run: Run::Repeated { value: 0, left: 0 } }
    }

    /// The next number; `None` where the page is corrupt.
    pub(super) fn next(&mut self, page: &[u8]) -> Option<u32> {
        // A run of no numbers is passed over; each takes a byte.
        loop {
            match &mut self.run {
                Run::Repeated { left: 0, .. } | Run::Packed { left: 0, .. } => self.begin(page)?,
                Run::Repeated { value, left } => {
                    *left -= 1;
                    return Some(*value);
                }
                Run::Packed { bit, left } => {
                    *left -= 1;
                    let first = *bit;
                    *bit += self.bit_width as usize;
                    return bits(&page[..self.end], first, self.bit_width);
                }
            }
        }
    }

    fn begin(&mut self, page: &[u8]) -> Option<()> {
        let mut head = 0u64;
        let mut shift = 0;
        loop {
            let byte = *page[..self.end].get(self.at)?;
            self.at += 1;
            head |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
            if shift > 35 {
                return None;
            }
        }
        self.run = if head & 1 == 1 {
            let groups = head >> 1;
            let bit = self.at * 8;
            // The last group may be cut off behind its last number.
            let bytes = usize::try_from(groups).ok()?.checked_mul(self.bit_width as usize)?;
            self.at = self.at.checked_add(bytes)?.min(self.end);
            Run::Packed { bit, left: groups * 8 }
        } else {
            let width = self.bit_width.div_ceil(8) as usize;
            let value = page[..self.end].get(self.at..self.at + width)?;
            self.at += width;
            let value = value.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
            Run::Repeated { value, left: head >> 1 }
        };
        Some(())
    }
}

/// The number of `width` bits at bit `first`, the lowest one first.
fn bits(bytes: &[u8], first: usize, width: u32) -> Option<u32> {
    if width == 0 {
        return Some(0);
    }
    let last = first + width as usize - 1;
    let covering = bytes.get(first / 8..=last / 8)?;
    let value = covering.iter().rev().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    Some((value >> (first % 8) & ((1u64 << width) - 1)) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_packed_numbers() {
        // 8 packed numbers of 3 bits, 0 to 7 (the format's own example), then 7 four times.
        let page = [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010, 4 << 1, 7];
        let mut hybrid = Hybrid::new(0, page.len(), 3);
        let read: Vec<u32> = std::iter::from_fn(|| hybrid.next(&page)).collect();
        assert_eq!(read, [0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7]);
    }
}
