//! One execution of a state machine, as a value.
//!
//! Wake it with what has happened; it answers with a [`Turn`]: the history to write, what changed,
//! and the effects to carry out. The caller commits the turn first and carries out the effects after.
//!
//! Never here: a clock, a socket, a file, a lock, `async`. Time and random seeds come in as arguments.

pub mod codec;
mod context;
mod enter;
pub mod event;
pub mod execution;
mod failure;
mod flow;
pub mod frame;
mod inspection;
mod item_format;
mod limits;
pub mod map_run;
pub mod mocks;
mod outside;
mod random;
pub mod redrive;
mod run;
mod settle;
pub mod standing;
mod step;
mod task;
pub mod test_state;
pub mod token;
pub mod turn;
mod variables;
pub mod wakeup;

pub use asl::{Failure, Timestamp};
pub use event::{Event, EventKind};
pub use execution::{Close, Execution, MachineType, Start, Status};
pub use frame::{Frame, FrameId, Waiting};
pub use inspection::Stage;
pub use item_format::item_format;
pub use limits::{check_data, data_limit_exceeded};
pub use map_run::{ChildOf, MapRun, MapRunStart};
pub use mocks::{MockProblem, Mocks};
pub use outside::Outside;
pub use redrive::{Redrivable, Redrives};
pub use standing::Standing;
pub use token::TaskToken;
pub use turn::{Change, Effect, TaskCall, Turn};
pub use wakeup::{TaskOutcome, Wakeup};
