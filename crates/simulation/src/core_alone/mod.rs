//! The core and its records alone: executions that are woken by a world of callers, workers, timers
//! and crashes, each with a disk of its own. Fast, and every turn is looked at.

mod check;
mod disk;
mod world;

pub use world::{Report, run};
