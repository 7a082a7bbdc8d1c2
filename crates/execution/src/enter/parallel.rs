//! Parallel: a frame for each branch, all with the same input; the results in the order of the
//! branches. (spec/asl.md §8.6, spec/history-events.md §3.1)

use asl::machine::ContainerId;
use json::{Array, Document, Value};

use crate::event::EventKind;
use crate::failure::Fault;
use crate::frame::{Frame, PendingParallel, Waiting};
use crate::limits::check_data;
use crate::run::Run;
use crate::step::Step;

impl Run<'_> {
    pub(super) fn parallel(&mut self, frame: &mut Frame, branches: &[ContainerId]) -> Step {
        let input = match self.effective_input(frame) {
            Ok(input) => input,
            Err(problem) => return problem.into(),
        };
        let started_event = self.follow(frame, EventKind::ParallelStateStarted);
        for (index, &branch) in branches.iter().enumerate() {
            let start_at = self.machine.container(branch).start_at;
            let id = self.new_frame_id();
            let mut inside = Frame::new(id, Some((frame.id, index as u32)), start_at, input.clone());
            inside.last_event = started_event;
            self.put(inside);
            self.ready.push_back(id);
        }
        frame.waiting = Waiting::Parallel(Box::new(PendingParallel {
            started_event,
            remaining: branches.len() as u32,
            results: Vec::new(),
        }));
        Step::Waits
    }

    /// A branch ended well: after the last one, so does the state.
    pub fn branch_ended(&mut self, owner: &mut Frame, branch: &Frame, index: u32, output: Document) -> Step {
        self.note_result(owner, index, output);
        owner.last_event = branch.last_event;
        let Waiting::Parallel(pending) = &mut owner.waiting else { unreachable!("the caller has looked") };
        pending.remaining -= 1;
        if pending.remaining > 0 {
            return Step::Waits;
        }
        let results = std::mem::take(&mut pending.results);
        self.gathered(owner, results, EventKind::ParallelStateSucceeded)
    }

    /// All results of a Parallel or Map state are there. Its Succeeded and its Exited event both
    /// follow the last event inside. (spec/history-events.md §1)
    pub(super) fn gathered(
        &mut self,
        owner: &mut Frame,
        results: Vec<Option<Document>>,
        succeeded: EventKind,
    ) -> Step {
        owner.waiting = Waiting::Again;
        let results: Array = results.iter().flatten().map(|result| result.value().clone()).collect();
        let result = Document::from_value(Value::Array(results));
        if let Err(failure) = check_data(&result, &self.state(owner).name) {
            return Step::Failed(Fault::of(failure));
        }
        self.emit(owner.last_event, succeeded);
        Step::Worked(result)
    }
}
