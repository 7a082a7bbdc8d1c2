//! What a frame of the log holds: records, in the order they were committed.

use std::sync::Arc;

use execution::Turn;
use execution::execution::Start;
use execution::map_run::{MapRunStart, MapRunTurn};
use json::Text;

use crate::catalog::{Activity, Machine};
use crate::published::Publication;
use crate::wire::{self, Kind};

/// Our number for an execution or a Map Run: unique, never used twice, not shown to anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExecutionKey(pub u64);

/// One thing to make durable.
#[derive(Clone, Debug)]
pub enum Record {
    /// A machine is new or different. A revision that was committed before is referred to, not repeated,
    /// and what it has published is changed by [`Record::Publish`] only.
    PutMachine(Arc<Machine>),
    /// A version or an alias of a machine is new, different or gone.
    Publish {
        /// The machine, which is there.
        machine_arn: Text,
        /// What changes.
        publication: Publication,
    },
    /// A machine is gone, its versions and aliases too. Its executions stay until their retention ends.
    RemoveMachine {
        /// Which.
        arn: Text,
    },
    /// An activity is new or different.
    PutActivity(Arc<Activity>),
    /// An activity is gone.
    RemoveActivity {
        /// Which.
        arn: Text,
    },
    /// An execution begins; its first turn follows in the same commit.
    Start {
        /// Its number.
        key: ExecutionKey,
        /// What it was started with.
        start: Arc<Start>,
    },
    /// An execution made a turn. (`effects` are not stored.)
    Turn {
        /// Whose.
        key: ExecutionKey,
        /// What it made.
        turn: Arc<Turn>,
    },
    /// A Map Run begins. It has a key of its own, from [`Writer::new_execution_key`](crate::Writer::new_execution_key).
    MapRunStart {
        /// Its number.
        key: ExecutionKey,
        /// What it was begun with.
        start: Arc<MapRunStart>,
    },
    /// A Map Run made a turn. Its record, with all that a commit may not part from it, must fit into a frame: below
    /// 32 MiB it always does.
    MapRunTurn {
        /// Whose.
        key: ExecutionKey,
        /// What it made.
        turn: Arc<MapRunTurn>,
    },
}

impl Record {
    /// Whether a frame may end behind it although the commit goes on.
    pub(crate) fn may_be_last_of_a_frame(&self) -> bool {
        match self {
            Record::Start { .. } | Record::PutMachine(_) | Record::MapRunStart { .. } => false,
            Record::MapRunTurn { turn, .. } => turn.close.is_none(),
            Record::Turn { .. }
            | Record::Publish { .. }
            | Record::RemoveMachine { .. }
            | Record::PutActivity(_)
            | Record::RemoveActivity { .. } => true,
        }
    }

    /// Whose turn it is.
    pub(crate) fn key_of_turn(&self) -> Option<ExecutionKey> {
        match self {
            Record::Turn { key, turn } => turn.close.is_none().then_some(*key),
            Record::Start { .. }
            | Record::MapRunStart { .. }
            | Record::MapRunTurn { .. }
            | Record::PutMachine(_)
            | Record::Publish { .. }
            | Record::RemoveMachine { .. }
            | Record::PutActivity(_)
            | Record::RemoveActivity { .. } => None,
        }
    }
}

/// Whether a frame's body holds a commit of the engine's, rather than one of the store's chores (an
/// end of retentions, a move to the end of the log). For logs that tell them apart: a simulated one.
pub fn is_commit(body: &[u8]) -> bool {
    wire::header(body).is_some_and(|header| match header.kind {
        Kind::Start
        | Kind::Turn
        | Kind::Redrive
        | Kind::Checkpoint
        | Kind::MapRunStart
        | Kind::MapRunTurn
        | Kind::PutMachine
        | Kind::Publish
        | Kind::RemoveMachine
        | Kind::PutActivity
        | Kind::RemoveActivity
        | Kind::ExpressStart => true,
        Kind::Expire | Kind::MovedStart | Kind::MovedTurn | Kind::MovedCheckpoint | Kind::ExpressEnd => false,
    })
}
