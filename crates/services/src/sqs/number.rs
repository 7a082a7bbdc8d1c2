//! What a message is known by, and what orders messages: a number that is never used twice.

/// The bits below the time.
const COUNT_BITS: u32 = 22;

/// How far ahead numbers are reserved: one small write in so many milliseconds of sending.
const RESERVED_AHEAD: i64 = 10_000;

/// A message's number. Its upper bits are the milliseconds since 1970 at which it came into its queue, so the age of a
/// message that nobody has received yet takes no memory. (42 bits: until the year 2109)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Number(pub u64);

impl Number {
    /// The first number of this time.
    pub fn at(milliseconds: i64) -> Number {
        Number(u64::try_from(milliseconds).unwrap_or_default() << COUNT_BITS)
    }

    /// When the message came, in milliseconds since 1970. Some seconds late after a restart. (See [`Numbers`].)
    pub fn time(self) -> i64 {
        (self.0 >> COUNT_BITS) as i64
    }

    /// As FIFO queues show it: 20 digits, ascending.
    pub fn sequence(self) -> String {
        (10_u128.pow(19) + u128::from(self.0)).to_string()
    }
}

/// Gives numbers away. They ascend over restarts too, even if the clock was set back: a bound that is written down stays
/// ahead of all of them, and the next process begins behind it.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    last: u64,
    reserved: u64,
}

impl Numbers {
    /// Goes on behind the bound that an earlier process wrote down.
    pub fn behind(reserved: Number) -> Numbers {
        Numbers { last: reserved.0, reserved: reserved.0 }
    }

    /// The next number.
    pub fn next(&mut self, now: i64) -> Number {
        self.last = Number::at(now).0.max(self.last + 1);
        Number(self.last)
    }

    /// The newest that was given away.
    pub fn last(&self) -> Number {
        Number(self.last)
    }

    /// A new bound that must be written down with the numbers given away since, if there must.
    pub fn reserve(&mut self) -> Option<Number> {
        if self.last < self.reserved {
            return None;
        }
        self.reserved = self.last + Number::at(RESERVED_AHEAD).0;
        Some(Number(self.reserved))
    }

    /// The bound was not written down after all.
    pub fn unreserve(&mut self) {
        self.reserved = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend_whatever_the_clock_does() {
        let mut numbers = Numbers::default();
        let first = numbers.next(1_000);
        let second = numbers.next(1_000);
        let back = numbers.next(500);
        assert!(first < second && second < back);
        assert_eq!((first.time(), back.time()), (1_000, 1_000));
        let bound = numbers.reserve().unwrap();
        assert_eq!(numbers.reserve(), None);
        assert!(Numbers::behind(bound).next(500) > numbers.next(1_500));
    }

    #[test]
    fn sequence_numbers_have_twenty_digits() {
        assert_eq!(Number::at(1_800_000_000_000).sequence(), "17549747200000000000");
    }
}
