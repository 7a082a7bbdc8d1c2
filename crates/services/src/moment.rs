//! The time and the random bits that somebody else read and drew.

use std::cell::RefCell;
use std::time::{SystemTime, UNIX_EPOCH};

/// When something happens, and what is random about it.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Milliseconds since 1970.
    pub now: i64,
    random: u64,
}

impl Moment {
    /// `seed` is drawn afresh for each request.
    pub fn new(now: i64, seed: u64) -> Moment {
        Moment { now, random: seed }
    }

    /// The time by the machine's clock, and a seed that nobody guesses.
    pub fn drawn() -> Moment {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seed = SEEDS.with_borrow_mut(Seeds::next);
        Moment::new(since.as_millis() as i64, seed ^ since.as_nanos() as u64)
    }

    /// Whole seconds since 1970.
    pub fn seconds(&self) -> i64 {
        self.now.div_euclid(1000)
    }

    /// The next random bits. (SplitMix64)
    pub fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.random;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// An identifier as API Gateway makes them: lower-case letters and digits.
    pub fn id(&mut self, length: usize) -> String {
        self.text(length, b"abcdefghijklmnopqrstuvwxyz0123456789")
    }

    /// The value of an API key.
    pub fn key(&mut self) -> String {
        self.text(40, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    }

    /// The identifier of a request: a UUID, version 4.
    pub fn uuid(&mut self) -> String {
        let (high, low) = (self.draw(), self.draw());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48) & 0x3fff,
            low & 0xffff_ffff_ffff
        )
    }

    /// The other identifier of a request: sixteen characters of base 64, the last one a sign for "no more".
    pub fn extended_id(&mut self) -> String {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        self.text(15, letters) + "="
    }

    /// So many of these letters.
    pub fn text(&mut self, length: usize, letters: &[u8]) -> String {
        (0..length).map(|_| char::from(letters[(self.draw() % letters.len() as u64) as usize])).collect()
    }
}

thread_local! {
    static SEEDS: RefCell<Seeds> = const { RefCell::new(Seeds { bytes: [0; SEEDS_BYTES], used: SEEDS_BYTES }) };
}

/// One system call for 128 seeds: a request of GraphQL draws several.
const SEEDS_BYTES: usize = 1024;

/// Bits from the operating system that nobody has seen yet.
struct Seeds {
    bytes: [u8; SEEDS_BYTES],
    used: usize,
}

impl Seeds {
    fn next(&mut self) -> u64 {
        if self.used == SEEDS_BYTES {
            // Secrets are made of these (keys of APIs): better no server than ones that can be guessed.
            getrandom::fill(&mut self.bytes).expect("the operating system gives random bits");
            self.used = 0;
        }
        let mut seed = [0; 8];
        seed.copy_from_slice(&self.bytes[self.used..self.used + 8]);
        self.used += 8;
        u64::from_le_bytes(seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_their_forms() {
        let mut moment = Moment::new(1_500, 7);
        assert_eq!(moment.seconds(), 1);
        assert_eq!(moment.id(10).len(), 10);
        assert_eq!(moment.key().len(), 40);
        let uuid = moment.uuid();
        assert_eq!((uuid.len(), &uuid[14..15]), (36, "4"));
        assert!(["8", "9", "a", "b"].contains(&&uuid[19..20]), "{uuid}");
        assert_ne!(moment.id(10), moment.id(10));
        // More than are fetched at once.
        let drawn: std::collections::BTreeSet<_> = (0..300).map(|_| Moment::drawn().uuid()).collect();
        assert_eq!(drawn.len(), 300);
    }
}
