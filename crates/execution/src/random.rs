//! Randomness that follows from a seed: the same seed gives the same bits, and who sees some of them
//! (a task token goes out to workers) cannot compute the others.

use std::cell::Cell;

/// A stream of random bits: SipHash-2-4 of a counter, keyed with the seed.
#[derive(Debug)]
pub(crate) struct Random {
    seed: u128,
    drawn: Cell<u64>,
}

impl Random {
    pub fn new(seed: u128) -> Random {
        Random { seed, drawn: Cell::new(0) }
    }

    /// The next 128 bits.
    pub fn next(&self) -> u128 {
        u128::from(self.next_half()) << 64 | u128::from(self.next_half())
    }

    /// A whole number from 0 to `max`, both included, evenly enough for a delay.
    pub fn up_to(&self, max: u64) -> u64 {
        ((u128::from(self.next_half()) * (u128::from(max) + 1)) >> 64) as u64
    }

    fn next_half(&self) -> u64 {
        let number = self.drawn.get();
        self.drawn.set(number + 1);
        siphash(self.seed, &number.to_le_bytes())
    }
}

/// SipHash-2-4, by Aumasson and Bernstein.
pub(crate) fn siphash(key: u128, message: &[u8]) -> u64 {
    let (low, high) = (key as u64, (key >> 64) as u64);
    let mut v = [
        low ^ 0x736f_6d65_7073_6575,
        high ^ 0x646f_7261_6e64_6f6d,
        low ^ 0x6c79_6765_6e65_7261,
        high ^ 0x7465_6462_7974_6573,
    ];
    let mut chunks = message.chunks_exact(8);
    for chunk in &mut chunks {
        absorb(&mut v, u64::from_le_bytes(chunk.try_into().expect("chunks of eight bytes")));
    }
    let mut last = [0; 8];
    last[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    last[7] = message.len() as u8;
    absorb(&mut v, u64::from_le_bytes(last));
    v[2] ^= 0xff;
    for _ in 0..4 {
        round(&mut v);
    }
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

fn absorb(v: &mut [u64; 4], word: u64) {
    v[3] ^= word;
    round(v);
    round(v);
    v[0] ^= word;
}

fn round(v: &mut [u64; 4]) {
    v[0] = v[0].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(13) ^ v[0];
    v[0] = v[0].rotate_left(32);
    v[2] = v[2].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(16) ^ v[2];
    v[0] = v[0].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(21) ^ v[0];
    v[2] = v[2].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(17) ^ v[2];
    v[2] = v[2].rotate_left(32);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siphash_answers_as_its_paper_says() {
        let key = u128::from_le_bytes(std::array::from_fn(|place| place as u8));
        let message: Vec<u8> = (0..15).collect();
        assert_eq!(siphash(key, &message), 0xa129_ca61_49be_45e5);
    }

    #[test]
    fn the_same_seed_draws_the_same_and_never_the_same_twice() {
        let (one, two) = (Random::new(7), Random::new(7));
        let drawn: Vec<u128> = (0..100).map(|_| one.next()).collect();
        assert!((0..100).all(|place| two.next() == drawn[place]));
        let distinct: std::collections::BTreeSet<&u128> = drawn.iter().collect();
        assert_eq!(distinct.len(), 100);
    }

    #[test]
    fn up_to_stays_inside_and_reaches_both_ends() {
        let random = Random::new(1);
        let drawn: Vec<u64> = (0..200).map(|_| random.up_to(3)).collect();
        assert!(drawn.iter().all(|&number| number <= 3));
        assert!(drawn.contains(&0) && drawn.contains(&3));
        assert_eq!(random.up_to(0), 0);
    }
}
