//! What a delivery is known by, also after a restart.

/// A leg of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId {
    /// The parcel: later ones have larger numbers.
    pub parcel: u128,
    /// Which leg.
    pub leg: u32,
}

impl DeliveryId {
    /// A UUID that is always the same for this delivery, and no other's.
    pub fn uuid(&self) -> String {
        // The random half of the parcel's number is the end of it, and legs count from 0: they do not meet.
        aws_names::uuid_v4(self.parcel.rotate_left(64) ^ (u128::from(self.leg) << 96))
    }

    /// Whatever should differ from one delivery to the next without being random, such as jitter.
    pub fn spread(&self, more: u64) -> u64 {
        // SplitMix64's last step. (Steele, Lea, Flood: Fast splittable pseudorandom number generators)
        let mut mixed = (self.parcel as u64) ^ u64::from(self.leg).rotate_left(32) ^ more.rotate_left(48);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn key(&self) -> [u8; 20] {
        let mut key = [0; 20];
        key[..16].copy_from_slice(&self.parcel.to_be_bytes());
        key[16..].copy_from_slice(&self.leg.to_be_bytes());
        key
    }
}

/// Numbers parcels: by the time in milliseconds (48 bits), then at random, and always behind the one before.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    last: u128,
}

impl Numbers {
    pub fn next(&mut self, now: i64, random: u128) -> u128 {
        let of_time = (u128::try_from(now.max(0)).unwrap_or_default() << 80) | (random >> 48);
        self.last = of_time.max(self.last + 1);
        self.last
    }

    /// Numbers stand behind one that is there.
    pub fn note(&mut self, known: u128) {
        self.last = self.last.max(known);
    }
}
