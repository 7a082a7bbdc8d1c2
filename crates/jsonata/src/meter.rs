//! What an evaluation has used up of its budget.
//!
//! Work is counted in steps instead of asking a clock, so the same expression always ends at the
//! same place.

use std::cell::Cell;
use std::rc::Rc;

use crate::error::{Failure, Result};
use crate::surroundings::Budget;

/// Lists, objects and functions that an expression builds nest no deeper; comparing and dropping
/// them recurses.
pub(crate) const NESTING_MAX: u32 = 500;

#[derive(Debug)]
pub(crate) struct Meter {
    steps_left: Cell<u64>,
    bytes_left: Cell<usize>,
    depth_left: Cell<u32>,
}

/// Bytes taken from a meter, given back when what they stand for is dropped.
#[derive(Debug)]
pub(crate) struct Charge {
    meter: Rc<Meter>,
    bytes: usize,
}

impl Meter {
    pub(crate) fn new(budget: Budget) -> Rc<Meter> {
        Rc::new(Meter {
            steps_left: Cell::new(budget.steps),
            bytes_left: Cell::new(budget.bytes),
            depth_left: Cell::new(budget.depth),
        })
    }

    /// Writes down what is left.
    pub(crate) fn left(&self, budget: &mut Budget) {
        budget.steps = self.steps_left.get();
        budget.bytes = self.bytes_left.get();
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
                Err(Failure::exceeded("the expression takes too many steps"))
            }
        }
    }

    /// Counts a text of so many bytes that is being made, and the work of making it. It is not
    /// given back: nobody knows how long a text is shared.
    pub(crate) fn text(&self, bytes: usize) -> Result<()> {
        // Texts of up to 23 bytes lie within their value.
        if bytes > 23 {
            self.take(bytes)?;
            self.room(bytes)?;
        }
        self.steps(1 + bytes as u64 / 64)
    }

    /// Fails unless so many bytes are left, which are needed for a moment only: a text that was put
    /// together is copied to where it stays.
    pub(crate) fn room(&self, bytes: usize) -> Result<()> {
        if self.bytes_left.get() < bytes { Err(too_much_memory()) } else { Ok(()) }
    }

    /// Fails unless a text that grows, and has so many bytes by now, may move to a place twice as large.
    pub(crate) fn growing(&self, bytes: usize) -> Result<()> {
        self.room(bytes.saturating_mul(3))
    }

    pub(crate) fn take(&self, bytes: usize) -> Result<()> {
        match self.bytes_left.get().checked_sub(bytes) {
            Some(left) => {
                self.bytes_left.set(left);
                Ok(())
            }
            None => Err(too_much_memory()),
        }
    }

    /// One level deeper, until [`Meter::rise`].
    #[inline]
    pub(crate) fn descend(&self) -> Result<()> {
        let left = self.depth_left.get();
        // What is evaluated at the last level has operands, which are one level deeper.
        if left < 2 {
            return Err(Failure::exceeded("the expression nests too deep"));
        }
        self.depth_left.set(left - 1);
        Ok(())
    }

    #[inline]
    pub(crate) fn rise(&self) {
        self.depth_left.set(self.depth_left.get() + 1);
    }
}

fn too_much_memory() -> Box<Failure> {
    Failure::exceeded("the expression takes too much memory")
}

impl Charge {
    pub(crate) fn new(meter: &Rc<Meter>, bytes: usize) -> Result<Charge> {
        meter.take(bytes)?;
        Ok(Charge { meter: meter.clone(), bytes })
    }

    pub(crate) fn grow(&mut self, bytes: usize) -> Result<()> {
        self.meter.take(bytes)?;
        self.bytes += bytes;
        Ok(())
    }

    pub(crate) fn room(&self, bytes: usize) -> Result<()> {
        self.meter.room(bytes)
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.meter.bytes_left.set(self.meter.bytes_left.get() + self.bytes);
    }
}
