//! What must reach somebody: a durable line of deliveries, for services that send things on.
//!
//! A service puts a [`Parcel`] (a body, and for whom it is) into the very batch that makes its own change durable, and
//! acknowledges after the commit. From then on each of the parcel's legs is tried until it is done: the service's [`Courier`]
//! makes one attempt at a time and says what came of it; the line remembers, waits, and bounds how much is under way.
//! After a crash every leg that was not done is tried again, under the same id.
//!
//! ```text
//! let sending = deliveries.prepare(parcel, &mut batch)?;
//! sending.after(ledger.submit(batch)).await?;
//! ```
//!
//! Never here: what a body means, how a target is called, how often it is tried ([`Backoff`] is there to be used).

mod backoff;
mod calls;
mod clock;
mod courier;
mod dead_letter;
mod deliveries;
mod id;
mod outside;
mod record;
mod recovery;
mod roster;
mod target;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use backoff::{Backoff, Exhausted};
pub use calls::{Calls, OutCall, Trouble};
pub use clock::{Clock, SystemClock};
pub use courier::{Attempt, Courier, Death, Outcome};
pub use dead_letter::{Attribute, dead_letter, queue_url};
pub use deliveries::{Deliveries, Sending, Shelf, TooMany};
pub use id::DeliveryId;
pub use record::{Leg, Parcel};
pub use target::{Aim, NoTarget, Target};
