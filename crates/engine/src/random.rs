//! Seeds for the core: bits from the operating system, fetched some at a time; or, for a loop that
//! somebody drives, from a seed.

use std::cell::RefCell;

/// Draws 128 random bits at a time.
#[derive(Debug)]
pub(crate) enum Random {
    /// Good enough for secrets (task tokens).
    System(Box<Pool>),
    /// The same bits for the same seed: anybody who knows it can guess every token. (splitmix64)
    Seeded(u64),
}

/// Bits that are not drawn yet.
#[derive(Debug)]
pub(crate) struct Pool {
    bytes: [u8; POOL_BYTES],
    used: usize,
}

/// One system call for 64 seeds.
const POOL_BYTES: usize = 1024;

impl Random {
    pub(crate) fn system() -> Self {
        Random::System(Box::new(Pool::new()))
    }

    pub(crate) fn draw(&mut self) -> u128 {
        match self {
            Random::System(pool) => pool.draw(),
            Random::Seeded(state) => u128::from(split_mix(state)) << 64 | u128::from(split_mix(state)),
        }
    }
}

impl Pool {
    const fn new() -> Self {
        Pool { bytes: [0; POOL_BYTES], used: POOL_BYTES }
    }

    fn draw(&mut self) -> u128 {
        if self.used == POOL_BYTES {
            // Without randomness tokens could be guessed: better no server than that.
            getrandom::fill(&mut self.bytes).expect("the operating system gives random bits");
            self.used = 0;
        }
        let mut bits = [0; 16];
        bits.copy_from_slice(&self.bytes[self.used..self.used + 16]);
        self.used += 16;
        u128::from_ne_bytes(bits)
    }
}

/// Bits from the operating system, from a pool of this thread.
pub(crate) fn draw_here() -> u128 {
    thread_local! {
        static POOL: RefCell<Pool> = const { RefCell::new(Pool::new()) };
    }
    POOL.with_borrow_mut(Pool::draw)
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
