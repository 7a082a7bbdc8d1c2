//! Who makes the attempts.

use connectors::Answering;

use super::{DeliveryId, Exhausted, Trouble};

/// Makes one attempt at a delivery. A service has one of its own.
pub trait Courier: Send + Sync {
    /// Tries once. Dropping the future gives the attempt up; it is made again after the next start.
    fn attempt<'a>(&'a self, attempt: Attempt<'a>) -> Answering<'a, Outcome>;

    /// How many attempts may begin in a second for what stands in this lane; without bound by default.
    fn per_second(&self, lane: &str) -> Option<u32> {
        let _ = lane;
        None
    }
}

/// One attempt.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// Of the delivery; the same for all attempts and after restarts.
    pub id: DeliveryId,
    /// What all legs of the parcel have.
    pub body: &'a [u8],
    /// For whom it is, as the service wrote it.
    pub to: &'a [u8],
    /// When the parcel was sent, in milliseconds since 1970.
    pub sent: i64,
    /// How many attempts there were: 0 for the first; counted anew once it is given up.
    pub earlier: u32,
    /// The last trouble; once it is given up, why that was.
    pub trouble: Option<&'a Trouble>,
    /// That it goes to its dead-letter queue: an earlier attempt ended with [`Outcome::Dead`].
    pub death: Option<Death>,
}

/// How a delivery was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    /// How many attempts there were after the first.
    pub retries: u32,
    /// Which bound it met; none where trying again was no use.
    pub exhausted: Option<Exhausted>,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It arrived, or nobody wants it any more, or nobody ever will.
    Done,
    /// It is to be tried again at this time, in milliseconds since 1970.
    Again {
        /// What happened.
        trouble: Trouble,
        /// When.
        due: i64,
    },
    /// It is given up, and goes to its dead-letter queue: the next attempt is told so, at once.
    Dead {
        /// Why.
        trouble: Trouble,
        /// Which bound it met; none where trying again is no use.
        exhausted: Option<Exhausted>,
    },
}
