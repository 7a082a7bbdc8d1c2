//! Map Runs: what the loop does with them, and what is done for them beside the loop.
//!
//! The loop keeps every open Map Run in memory: it lets children begin as there is room for them, hears of their
//! ends, and commits once a round what has changed ([`MapRun::take_turn`]), in the same commit as what its STANDARD
//! children did. What takes long is done beside it, by tasks that begin when the turn which asked for them
//! is durable: items are read and made into inputs, EXPRESS children run, results are gathered.
//!
//! | file | holds |
//! | --- | --- |
//! | `open.rs` | a Map Run with the inputs that wait for their children |
//! | `begin.rs` | a Map Run begins; its stop; UpdateMapRun |
//! | `back.rs` | it goes on after a redrive or a restart |
//! | `go_on.rs` | a round of one: children begin, are stopped; its end |
//! | `children.rs` | STANDARD children |
//! | `reading.rs` | items become inputs |
//! | `express.rs` | EXPRESS children |
//! | `running.rs` | those of them that run, for who asks |
//! | `gathering.rs` | results become the state's result, or files |
//! | `work.rs` | what is done beside the loop, and the task that begins it |

mod back;
mod begin;
mod children;
mod express;
mod gathering;
mod go_on;
mod open;
mod reading;
mod running;
mod work;

pub use back::MapRunRedrive;
pub use gathering::Gathering;
pub(crate) use open::MapRuns;
pub use reading::{Inputs, Reading};
pub use running::RunningChild;
pub(crate) use running::RunningChildren;
pub use work::MapRunNews;
pub(crate) use work::{MapRunWork, Worker, Works};
