//! What a wake is told of the world outside: the time, chance, and what is there.

use asl::Timestamp;

use crate::mocks::Mocks;

/// Arguments of [`Execution::wake`](crate::Execution::wake) that the engine reads off the world.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// The time of every event of the turn.
    pub now: Timestamp,
    /// Fresh randomness for tokens, jitter, `States.UUID` and `States.MathRandom`.
    pub seed: u128,
    /// Whether there is an activity with this ARN: a Task for one that was deleted fails as it is
    /// entered. (spec/history-events.md §3, row 13)
    pub activity_exists: &'a dyn Fn(&str) -> bool,
    /// What mocked Task states answer; looked at only for an execution with a test case.
    pub mocks: &'a Mocks,
}

impl Outside<'static> {
    /// A world that has every activity, and no mocks.
    pub fn new(now: Timestamp, seed: u128) -> Self {
        Outside { now, seed, activity_exists: &|_| true, mocks: Mocks::none() }
    }
}
