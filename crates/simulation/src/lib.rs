//! The real program on a simulated world: clock, disk, callers and faults come from a seed, so that a
//! run that fails can be run again.
//!
//! [`core_alone`] wakes executions and looks at every turn; [`whole_engine`] drives the engine's loop
//! over the store with everything that callers can ask for. Both crash at random moments (what was
//! not yet on the simulated disk is gone) and check what must hold.
//! Never here: sockets, real time; `server/tests/kill.rs` kills a real process.

pub mod core_alone;
pub mod generator;
pub mod reference;
pub mod whole_engine;

mod answers;
mod digest;
mod film;
mod machines;
mod random;
mod told;

pub use film::BrokenPromise;
