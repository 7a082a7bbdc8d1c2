//! How a run differs from others: each seed has a mixture of its own, so that some worlds are crowded,
//! some are wild and some are both.

use crate::random::Random;

/// What a seed decides once.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    /// How many executions live at once, and how many are started in one round, at the most.
    pub at_once: usize,
    pub starts: u64,
    /// One start in so many is of the machine with the most transitions.
    pub busy: u64,
    /// How many workers poll at once, at the most; sometimes there is none.
    pub workers: u64,
    /// One step in so many is each fault's; the smaller, the wilder.
    pub calm: u64,
    /// An open execution is read once in so many rounds.
    pub looks: u64,
    /// How many frames a slow disk takes its time for.
    pub slow_frames: u32,
    /// How many open executions the store holds in memory: few, so that they leave it and are read back,
    /// or all.
    pub open_max: usize,
    /// Small, so that segments end, snapshots are written and records are moved.
    pub segment_bytes: u64,
}

impl Mix {
    pub fn new(random: &mut Random) -> Mix {
        Mix {
            at_once: *random.pick(&[8, 24, 48]),
            starts: *random.pick(&[2, 4, 8]),
            busy: *random.pick(&[6, 10, 20, 40]),
            workers: *random.pick(&[1, 3, 6]),
            calm: *random.pick(&[200, 600, 1_500, 3_000]),
            looks: *random.pick(&[16, 64, 256]),
            slow_frames: 1 + random.below(4) as u32,
            open_max: *random.pick(&[1, 4, 1_000]),
            segment_bytes: *random.pick(&[128 << 10, 512 << 10, 2 << 20]),
        }
    }
}
