//! Credentials that are kept until shortly before they expire; whoever asks meanwhile waits for one flight.

use std::future::Future;

use sigv4::Credentials;
use tokio::sync::Mutex;

use super::{Temporary, Trouble};
use crate::clock;
use crate::shared_config::Stamp;

/// New ones are had so long before the old ones expire, as a request may be on its way for a while.
const EARLY_SECONDS: u64 = 5 * 60;
/// A failure is told again for so long to all who wait: they would only meet the same.
const FAILURE_SECONDS: u64 = 5;

/// The last outcome.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<Option<Outcome>>);

#[derive(Debug)]
struct Outcome {
    result: Result<Credentials, Trouble>,
    stamp: Option<Stamp>,
    /// Seconds since 1970.
    good_until: u64,
}

impl Kept {
    /// What is kept, if it is good and made from the same files; else what `make` gives. A caller that goes
    /// away in the middle leaves it to the next.
    pub(crate) async fn get<F>(
        &self,
        stamp: Option<&Stamp>,
        make: impl FnOnce() -> F,
    ) -> Result<Credentials, Trouble>
    where
        F: Future<Output = Result<Temporary, Trouble>>,
    {
        let mut kept = self.0.lock().await;
        if let Some(outcome) = &*kept
            && outcome.stamp.as_ref() == stamp
            && clock::now_seconds() < outcome.good_until
        {
            return outcome.result.clone();
        }
        let made = make().await;
        let now = clock::now_seconds();
        let good_until = match &made {
            Ok(made) => good_until(made.expires_at, now),
            Err(_) => now + FAILURE_SECONDS,
        };
        let result = made.map(|made| made.credentials);
        *kept = Some(Outcome { result: result.clone(), stamp: stamp.cloned(), good_until });
        result
    }
}

/// Those that live shorter than twice the usual margin are kept for half their life.
fn good_until(expires_at: Option<u64>, now: u64) -> u64 {
    expires_at.map_or(u64::MAX, |at| at - EARLY_SECONDS.min(at.saturating_sub(now) / 2).min(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_replaced_before_they_expire() {
        for (expires_at, good) in [
            (None, u64::MAX),
            (Some(4_600), 4_300),
            (Some(1_600), 1_300),
            (Some(1_100), 1_050),
            (Some(1_000), 1_000),
            (Some(0), 0),
        ] {
            assert_eq!(good_until(expires_at, 1_000), good, "{expires_at:?}");
        }
    }
}
