//! What an execution waits for, in few bytes: with it an engine goes on after a restart without
//! reading the execution back.

use asl::{StateId, StateMachine, Timestamp};

use crate::execution::Execution;
use crate::frame::{Frame, FrameId, TaskStage, Waiting};

/// Where an execution stands once a turn has ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Standing {
    /// It must be read to know: it calls somebody, it was cut, it waits for a Map Run that was redriven, or too many
    /// frames wait.
    #[default]
    Unknown,
    /// It waits for these, and for nothing else. Nothing at all: it has ended.
    Waits(Box<[Wait]>),
}

/// What one frame waits for. One that waits for neither waits for the frames inside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wait {
    /// Which frame, or [`FrameId::EXECUTION`] for the machine's own timeout.
    pub frame: FrameId,
    /// Until then.
    pub timer: Option<Timestamp>,
    /// For a worker who takes its activity task.
    pub offer: Option<Offered>,
}

/// An activity task that no worker has taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offered {
    /// The Task state that names the activity.
    pub state: StateId,
    /// Which attempt.
    pub attempt: u32,
}

/// More waits than this are not listed: a turn's record must not grow with the execution, and of an
/// execution with so many frames there are not millions.
pub(crate) const WAITS_MAX: usize = 8;

impl Standing {
    /// The standing of an execution that has ended.
    pub fn ended() -> Standing {
        Standing::Waits(Box::default())
    }

    /// The standing of an open execution.
    pub(crate) fn of(execution: &Execution, machine: &StateMachine) -> Standing {
        if execution.frames.len() > WAITS_MAX || execution.frames.is_empty() {
            return Standing::Unknown;
        }
        let last = execution.last_moment();
        let timeout = execution.timer(machine);
        let timeout = timeout.map(|at| Wait { frame: FrameId::EXECUTION, timer: Some(at), offer: None });
        let mut waits: Vec<Wait> = Vec::with_capacity(execution.frames.len() + 1);
        waits.extend(timeout);
        for frame in execution.frames.values() {
            match wait_of(frame, last) {
                None => return Standing::Unknown,
                Some(Wait { timer: None, offer: None, .. }) => {}
                Some(wait) => waits.push(wait),
            }
        }
        Standing::Waits(waits.into())
    }
}

/// `None` where a call's outcome is missing or the frame could go on at once.
fn wait_of(frame: &Frame, last: Timestamp) -> Option<Wait> {
    let offer = match &frame.waiting {
        Waiting::Again | Waiting::Anew => return None,
        // Its redrive may not have reached the Map Run.
        Waiting::MapRun(pending) if pending.redrives > 0 => return None,
        Waiting::Until(_)
        | Waiting::Retry(_)
        | Waiting::Parallel(_)
        | Waiting::Map(_)
        | Waiting::MapRun(_) => None,
        Waiting::Task(task) => match task.stage {
            TaskStage::Called | TaskStage::Submitted => return None,
            TaskStage::Offered => Some(Offered { state: frame.state, attempt: frame.attempt }),
            TaskStage::Given => None,
        },
    };
    Some(Wait { frame: frame.id, timer: frame.timer(last), offer })
}
