//! Seeds for the core: bits from the operating system, fetched some at a time.

/// Draws 128 random bits at a time. Good enough for secrets (task tokens).
#[derive(Debug)]
pub(crate) struct Random {
    pool: [u8; POOL_BYTES],
    used: usize,
}

/// One system call for 64 seeds.
const POOL_BYTES: usize = 1024;

impl Random {
    pub(crate) fn new() -> Self {
        Random { pool: [0; POOL_BYTES], used: POOL_BYTES }
    }

    pub(crate) fn draw(&mut self) -> u128 {
        if self.used == POOL_BYTES {
            // Without randomness tokens could be guessed: better no server than that.
            getrandom::fill(&mut self.pool).expect("the operating system gives random bits");
            self.used = 0;
        }
        let mut bits = [0; 16];
        bits.copy_from_slice(&self.pool[self.used..self.used + 16]);
        self.used += 16;
        u128::from_ne_bytes(bits)
    }
}
