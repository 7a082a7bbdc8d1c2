//! How one frame moves: a step at a time, through branches and iterations into the frame around
//! them and on, without recursion.

use asl::Failure;
use json::Document;

use crate::event::EventKind;
use crate::execution::Status;
use crate::failure::{Fault, Problem};
use crate::frame::{Frame, Waiting};
use crate::limits::HISTORY_EVENTS_MAX;
use crate::run::Run;

/// What comes next for a frame.
pub(crate) enum Step {
    /// It enters its state with its input.
    Enter,
    /// Its state's work gave this result.
    Worked(Document),
    /// Its state failed: Retry and Catch are asked.
    Failed(Fault),
    /// Neither took the failure: the container fails.
    Unwind(Failure),
    /// A failure that nothing takes: the execution fails.
    Fatal(Failure),
    /// Its container ended with this output.
    Ended(Document),
    /// It waits.
    Waits,
}

impl From<Problem> for Step {
    fn from(problem: Problem) -> Step {
        match problem {
            Problem::Fatal(failure) => Step::Fatal(failure),
            Problem::Failed(fault) => Step::Failed(fault),
        }
    }
}

impl Run<'_> {
    /// Moves `frame`, then the frames around it as far as its end moves them.
    pub fn advance(&mut self, mut frame: Frame, mut step: Step) {
        loop {
            if self.history_is_full() {
                let text = format!(
                    "The execution reached the maximum number of history events ({HISTORY_EVENTS_MAX})."
                );
                return self.close_failed(HISTORY_EVENTS_MAX - 1, Failure::runtime(text));
            }
            step = match step {
                // A ring of Pass states needs nobody and would spin here. Stop, commit, come back.
                Step::Enter if self.is_long() => {
                    frame.waiting = Waiting::Again;
                    self.ready.push_front(frame.id);
                    return self.put(frame);
                }
                Step::Enter => self.enter(&mut frame),
                Step::Worked(result) => self.finish_work(&mut frame, result),
                Step::Failed(fault) => self.handle(&mut frame, fault),
                Step::Fatal(failure) => {
                    let previous = frame.last_event;
                    self.keep(frame);
                    return self.close_failed(previous, failure);
                }
                Step::Waits => return self.put(frame),
                Step::Ended(output) => match frame.parent {
                    None => return self.succeed(&frame, output),
                    Some((owner, index)) => {
                        let child = frame;
                        frame = self.take_owner(owner);
                        self.child_ended(&mut frame, &child, index, output)
                    }
                },
                Step::Unwind(failure) => match frame.parent {
                    None => {
                        let previous = frame.last_event;
                        self.keep(frame);
                        return self.close_failed(previous, failure);
                    }
                    Some((owner, index)) => {
                        let child = frame;
                        frame = self.take_owner(owner);
                        self.child_failed(&mut frame, &child, index, Fault::of(failure))
                    }
                },
            };
        }
    }

    fn take_owner(&mut self, owner: crate::frame::FrameId) -> Frame {
        let Some(frame) = self.take(owner) else {
            unreachable!("a branch or iteration never outlives the frame around it")
        };
        frame
    }

    fn child_ended(&mut self, owner: &mut Frame, child: &Frame, index: u32, output: Document) -> Step {
        match owner.waiting {
            Waiting::Parallel(_) => self.branch_ended(owner, child, index, output),
            Waiting::Map(_) => self.iteration_ended(owner, child, index, output),
            Waiting::Until(_)
            | Waiting::Task(_)
            | Waiting::Retry(_)
            | Waiting::MapRun(_)
            | Waiting::Again
            | Waiting::Anew => {
                unreachable!("only Parallel and Map states have frames inside")
            }
        }
    }

    fn succeed(&mut self, frame: &Frame, output: Document) {
        let event = EventKind::ExecutionSucceeded { output: output.clone() };
        self.close(frame.last_event, event, Status::Succeeded, Some(output), None);
    }
}
