//! What EventBridge and SNS make of an event: whether a pattern matches it, what a target is sent of it, and
//! when a schedule is due.
//!
//! Everything is read once and then only asked. Never here: a clock, a bus, a topic, a target, a database of
//! time zones; the time and a zone's offsets come in as arguments.

pub mod filter_policy;
pub mod pattern;
pub mod schedule;
pub mod transform;

pub use filter_policy::FilterPolicy;
pub use pattern::{Event, Pattern};
pub use schedule::Schedule;
pub use transform::Input;
