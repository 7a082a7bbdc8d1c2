//! The time and random bits, for services that act by themselves.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use connectors::Answering;

/// What a service is told of the world.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970.
    fn now(&self) -> i64;

    /// Comes when [`now`](Clock::now) has reached this time, and never before.
    fn until<'a>(&'a self, time: i64) -> Answering<'a, ()>;

    /// 128 bits that nobody can guess.
    fn random(&self) -> u128;
}

/// The system's.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// Longer sleeps wake up in between, so that a clock that was set, or a machine that slept, is noticed.
const SLEEP_MAX: Duration = Duration::from_secs(60);

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn until<'a>(&'a self, time: i64) -> Answering<'a, ()> {
        Box::pin(async move {
            // Ends when the time has come; each turn sleeps.
            while let Ok(left @ 1..) = u64::try_from(time.saturating_sub(self.now())) {
                tokio::time::sleep(Duration::from_millis(left).min(SLEEP_MAX)).await;
            }
        })
    }

    fn random(&self) -> u128 {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("an operating system has random bytes");
        u128::from_be_bytes(bytes)
    }
}
