//! A Map Run: what becomes of the items of a distributed Map. One child execution for each of them, or for each
//! batch. (spec/asl.md §10.6, spec/api.md §3.5, §6)
//!
//! It is a value beside the execution whose Map state began it: it is told what has happened to its children
//! and says how it goes on. That execution waits, and hears of the end only
//! ([`Wakeup::MapRunEnded`](crate::Wakeup::MapRunEnded)). Never here: where items come from and results go.
//!
//! | file | holds |
//! | --- | --- |
//! | `start.rs` | what a Map Run is begun with, and the names of its children |
//! | `plan.rs` | what the fields of the Map state gave |
//! | `inputs.rs` | items become inputs of children: ItemSelector, ItemBatcher |
//! | `run.rs` | the Map Run itself: which children there are, how many failed, what comes next |
//! | `turn.rs` | what one round of it has changed, to be recorded |

mod inputs;
mod plan;
mod run;
mod start;
mod turn;

pub use inputs::{ChildInput, ChildInputs, items_of};
pub use plan::{BatchPlan, MapPlan, MapRunSettings, ReaderPlan};
pub use run::{MapRun, MapRunStep, OpenChild};
pub use start::{ChildOf, MapRunStart, label};
pub use turn::{ChildEnd, Counts, EndedChild, MapRunChange, MapRunClose, MapRunSummary, MapRunTurn};
