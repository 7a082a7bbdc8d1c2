//! The real core and its real records on a simulated world: clock, disk, callers and faults come from
//! a seed, so that a run that fails can be run again.
//!
//! [`run`] starts executions of the machines in `machines.rs`, lets the world answer, delays,
//! duplicates and loses what the outside may, crashes at random moments (what was not yet on the
//! simulated disk is gone), recovers from the records, and checks after every turn what must hold.
//! Never here: threads, sockets, the real disk; `server/tests/kill.rs` kills a real process.

mod check;
mod disk;
mod machines;
mod random;
mod world;

pub use world::{Report, run};
