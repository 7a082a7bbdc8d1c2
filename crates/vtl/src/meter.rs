//! What a rendering has used up of its budget.
//!
//! Work is counted in steps instead of asking a clock, so the same template always ends at the same
//! place.

use std::cell::Cell;

use crate::error::{Failure, Result};

/// What a rendering may use up.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Steps: a node of the template, an element of a list, some 64 bytes of text.
    pub steps: u64,
    /// Bytes of everything that is made on the way. They are not given back: the objects of a template
    /// live as long as its rendering.
    pub bytes: usize,
    /// Bytes of the text that comes out, and of every other text.
    pub output_bytes: usize,
    /// Levels of blocks, macro calls and expressions within each other.
    pub depth: u32,
}

impl Default for Budget {
    /// Well under a second on one core; 10 MiB of text, which is API Gateway's largest payload.
    fn default() -> Budget {
        Budget { steps: 3_000_000, bytes: 40 << 20, output_bytes: 10 << 20, depth: 250 }
    }
}

#[derive(Debug)]
pub(crate) struct Meter {
    steps_left: Cell<u64>,
    bytes_left: Cell<usize>,
    depth_left: Cell<u32>,
    output_bytes_max: usize,
}

impl Meter {
    pub(crate) fn new(budget: Budget) -> Meter {
        Meter {
            steps_left: Cell::new(budget.steps),
            bytes_left: Cell::new(budget.bytes),
            depth_left: Cell::new(budget.depth),
            output_bytes_max: budget.output_bytes,
        }
    }

    /// Counts work.
    #[inline]
    pub(crate) fn steps(&self, steps: u64) -> Result<()> {
        match self.steps_left.get().checked_sub(steps) {
            Some(left) => {
                self.steps_left.set(left);
                Ok(())
            }
            None => {
                self.steps_left.set(0);
                Err(Failure::exceeded("The template takes too many steps: let it loop over less"))
            }
        }
    }

    /// Counts work that walks over so many bytes of text.
    #[inline]
    pub(crate) fn walk(&self, bytes: usize) -> Result<()> {
        self.steps(1 + bytes as u64 / 64)
    }

    /// Counts so many bytes that are being made, and the work of making them.
    #[inline]
    pub(crate) fn bytes(&self, bytes: usize) -> Result<()> {
        match self.bytes_left.get().checked_sub(bytes) {
            Some(left) => {
                self.bytes_left.set(left);
                self.walk(bytes)
            }
            None => Err(Failure::exceeded("The template takes too much memory: let it build less")),
        }
    }

    /// Fails if a text has become longer than what may come out. While it grows or is copied, it takes
    /// twice its bytes and more.
    #[inline]
    pub(crate) fn length(&self, bytes: usize) -> Result<()> {
        if bytes > self.output_bytes_max {
            let most = self.output_bytes_max;
            return Err(Failure::exceeded(format!(
                "The template makes a text of more than {most} bytes: print less"
            )));
        }
        Ok(())
    }

    /// Counts a text of so many bytes that is about to be made.
    pub(crate) fn text(&self, bytes: usize) -> Result<()> {
        self.length(bytes)?;
        self.bytes(bytes)
    }

    /// The most bytes that a text can still have.
    pub(crate) fn text_bytes_left(&self) -> usize {
        self.bytes_left.get().min(self.output_bytes_max)
    }

    /// One level deeper, until [`Meter::rise`].
    #[inline]
    pub(crate) fn descend(&self) -> Result<()> {
        match self.depth_left.get().checked_sub(1) {
            Some(left) => {
                self.depth_left.set(left);
                Ok(())
            }
            None => {
                Err(Failure::exceeded("The template nests too deep: a macro or #evaluate may call itself"))
            }
        }
    }

    #[inline]
    pub(crate) fn rise(&self) {
        self.depth_left.set(self.depth_left.get() + 1);
    }
}
