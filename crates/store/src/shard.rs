//! Which shard an execution belongs to. A shard has one owner at a time and one log of its own.
//!
//! The answer is a promise on disk: a log holds the executions of its shard and no others, for ever.
//! Never here: who owns a shard (`ownership.rs`), how one is written (`log/shard_log.rs`).

use std::fmt;

/// One of [`Shard::COUNT`] parts of all executions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(u8);

/// 2³² divided by the golden ratio, made odd: spreads what differs in a few bits over the highest ones.
const SPREAD: u32 = 0x9e37_79b1;

impl Shard {
    /// How many there are. More owners than that find no work; fewer would mean that one busy shard
    /// is a large part of everything.
    pub const COUNT: usize = 256;

    /// The shard of an execution: the highest 8 bits of CRC-32C(the ARN's bytes) · 0x9e3779b1 mod 2³².
    ///
    /// The ARN is the only name of an execution that every request has (task tokens carry it), and it
    /// is known before the execution exists. CRC-32C is the checksum of the log already; alone it is
    /// linear, and names that are counted up in decimal would fill some shards and spare others.
    pub fn of(execution_arn: &str) -> Shard {
        Shard((crc32c::crc32c(execution_arn.as_bytes()).wrapping_mul(SPREAD) >> 24) as u8)
    }

    /// The shard with this number.
    pub const fn new(number: u8) -> Shard {
        Shard(number)
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Every one.
    pub fn all() -> impl Iterator<Item = Shard> {
        (0..=u8::MAX).map(Shard)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by another program, bit by bit. Who changes one of these loses executions: they are
    /// looked for in the wrong log.
    #[test]
    fn vectors() {
        for (arn, shard) in VECTORS {
            assert_eq!(Shard::of(arn).number(), shard, "{arn}");
        }
    }

    const VECTORS: [(&str, u8); 6] = [
        ("", 0),
        ("123456789", 102),
        ("arn:aws:states:us-east-1:123456789012:execution:Orders:1", 29),
        ("arn:aws:states:us-east-1:123456789012:execution:Orders:2", 98),
        (
            "arn:aws:states:eu-central-1:000000000000:execution:Größe:9f1c7a52-3d0e-4c55-8a53-5f0c5d1e2b7a",
            137,
        ),
        ("arn:aws-cn:states:cn-north-1:999999999999:execution:a:b", 50),
    ];

    #[test]
    fn executions_that_are_counted_up_spread_evenly() {
        let named: [fn(u32) -> String; 3] = [
            |number| format!("arn:aws:states:us-east-1:123456789012:execution:Orders:{number}"),
            |number| format!("arn:aws:states:us-east-1:123456789012:execution:Orders:order-{number:08}"),
            |number| format!("arn:aws:states:us-east-1:123456789012:execution:Machine-{number}:{number:x}"),
        ];
        for name in named {
            let mut counts = [0_u32; Shard::COUNT];
            (0..256_000).for_each(|number| counts[usize::from(Shard::of(&name(number)).number())] += 1);
            // 1,000 each; by chance alone nearly all would lie within 100 of it.
            assert!(counts.iter().all(|count| (850..1_150).contains(count)), "{}: {counts:?}", name(0));
        }
    }

    #[test]
    fn there_are_as_many_as_promised() {
        assert_eq!(Shard::all().count(), Shard::COUNT);
        assert_eq!(Shard::all().last(), Some(Shard::new(255)));
    }
}
