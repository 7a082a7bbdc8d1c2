//! The engine's loop over the store on a simulated world: requests of callers and workers in, calls
//! and answers out, on a disk that stalls, fills up, fails and forgets.
//!
//! | file | holds |
//! | --- | --- |
//! | `world.rs` | time, and what happens in what order |
//! | `mix.rs` | what a seed decides once: how crowded, how wild |
//! | `report.rs` | what a run did, counted |
//! | `clients.rs` | callers, workers and called services: what they ask, what they answer |
//! | `changes.rs` | what callers ask of state machines, their versions and aliases |
//! | `machine.rs` | what a machine is by the answers, and may be by what has none |
//! | `answers.rs` | what they are told, and what they find out |
//! | `faults.rs` | crashes, stalls, full and failing disks, jumps of the clock |
//! | `disk.rs` | the log that does all that |
//! | `promises.rs` | what was promised to whom, and whether it is kept |
//! | `history.rs` | what must hold of every history |
//! | `map_runs.rs` | the same of Map Runs and their children |
//!
//! What is promised, and where it is looked at:
//!
//! | promise | where |
//! | --- | --- |
//! | nothing acknowledged is lost | `Promises::observe`, `glance`, `check_lists`, `Machine::check` |
//! | no number of a version is used twice, aliases lead to versions that are there | `Machine::answered`, `Machine::check` |
//! | an execution keeps what it was begun with, by machine, version or alias | `Promises::observe` |
//! | nobody is told or reads what is not durable | `stall`, `slow_down`, `fill_up`, `fail_a_sync` |
//! | no transition twice, histories well-formed | `history::check`, the reference |
//! | what happened is what the definition says | the reference, at every read |
//! | every execution ends, and every Map Run with its children | `run`, after the last start |
//! | every child of a Map Run once, with the items that are its own; its counts are what the children did | `Promises::observe_map_run` |
//! | the outbox is drained | `call` (none after the end, none twice), `observe` (none missing), `check_that_nothing_is_left` |
//!
//! The store's own threads commit and compact as they do in production; the world waits for a commit
//! before it goes on, and what the compactor does when can be seen in no answer. So the same seed
//! gives the same run.

mod answers;
mod changes;
mod clients;
mod disk;
mod faults;
mod history;
mod machine;
mod map_runs;
mod mix;
mod promises;
mod report;
#[cfg(test)]
mod tests;
mod world;

pub use disk::Medium;
pub use history::no_answer_is_taken_twice;
pub use report::Report;
pub use world::{Length, run};
