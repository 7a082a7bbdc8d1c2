//! Random numbers and ids from a seed: SplitMix64, which needs 64 bits of state and passes the usual tests.

/// A source of random numbers.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A source that gives the same numbers whenever it is made of this seed.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// 64 random bits.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// At least 0, less than 1, of 53 random bits.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// At least `from`, less than `to`; `from` if nothing lies between.
    pub fn within(&mut self, from: i64, to: i64) -> i64 {
        let span = (i128::from(to) - i128::from(from)).max(0);
        let above = (self.unit() * span as f64) as i128;
        (i128::from(from) + above.min((span - 1).max(0))) as i64
    }

    /// A UUID of version 4.
    pub fn uuid(&mut self) -> String {
        let high = (self.next() & !0xf000) | 0x4000;
        let low = (self.next() & !(0b11 << 62)) | (0b10 << 62);
        let [time_low, time_mid, version] = [high >> 32, (high >> 16) & 0xffff, high & 0xffff];
        format!(
            "{time_low:08x}-{time_mid:04x}-{version:04x}-{:04x}-{:012x}",
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }

    /// A ULID: 48 bits of time, 80 random ones, in Crockford's base 32.
    pub fn ulid(&mut self, milliseconds: i64) -> String {
        let random = u128::from(self.next()) << 64 | u128::from(self.next());
        let number = (milliseconds.max(0) as u128) << 80 | (random >> 48);
        digits(number.to_be_bytes().as_slice(), 26, b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    }

    /// A KSUID: seconds since May 2014 and 128 random bits, in base 62.
    pub fn ksuid(&mut self, milliseconds: i64) -> String {
        const EPOCH_SECONDS: i64 = 1_400_000_000;
        let seconds = (milliseconds.div_euclid(1000) - EPOCH_SECONDS).clamp(0, i64::from(u32::MAX)) as u32;
        let mut bytes = seconds.to_be_bytes().to_vec();
        bytes.extend(self.next().to_be_bytes());
        bytes.extend(self.next().to_be_bytes());
        digits(&bytes, 27, b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    }
}

/// A big-endian number in another base, with so many digits.
fn digits(bytes: &[u8], count: usize, alphabet: &[u8]) -> String {
    let mut rest = bytes.to_vec();
    let mut out = vec![0; count];
    for digit in out.iter_mut().rev() {
        let mut remainder = 0;
        for byte in &mut rest {
            let value = remainder << 8 | usize::from(*byte);
            *byte = (value / alphabet.len()) as u8;
            remainder = value % alphabet.len();
        }
        *digit = alphabet[remainder];
    }
    String::from_utf8(out).expect("the alphabets are ASCII")
}
