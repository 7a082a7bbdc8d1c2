//! A branch or an iteration failed: the states that are open inside the Parallel or Map state are
//! aborted, and the state itself has failed. (spec/history-events.md §3.1, §3.2)

use crate::event::{EventKind, StateType};
use crate::failure::Fault;
use crate::flow::state_type;
use crate::frame::{Frame, FrameId, Waiting};
use crate::run::Run;
use crate::step::Step;

impl Run<'_> {
    /// `child` failed with `fault`: the others end, then `owner`'s Retry and Catch are asked.
    pub fn child_failed(&mut self, owner: &mut Frame, child: &Frame, index: u32, fault: Fault) -> Step {
        let event = child.last_event;
        if let Waiting::Map(_) = owner.waiting {
            let name = self.state(owner).name.clone();
            self.emit(event, EventKind::MapIterationFailed { name, index: u64::from(index) });
            self.abort_state(child, event);
        }
        let is_map = matches!(owner.waiting, Waiting::Map(_));
        let mut failed = Some(child).filter(|_| !is_map);
        for id in self.children(owner.id) {
            let Some(sibling) = self.take(id) else { unreachable!("it was there a moment ago") };
            if let Some(child) = failed.take_if(|child| child.parent < sibling.parent) {
                self.abort_state(child, event);
            }
            self.abort(owner, sibling, event);
        }
        if let Some(child) = failed {
            self.abort_state(child, event);
        }
        // A redrive goes on with this round. An iteration whose ItemSelector failed has not begun in it.
        if child.entered_event != 0 {
            self.keep(child.clone());
        }
        let waiting = std::mem::replace(&mut owner.waiting, Waiting::Again);
        self.keep_as_it_is(Frame { waiting, ..owner.clone() });
        owner.last_event = event;
        Step::Failed(fault)
    }

    /// Ends `frame`, a child of `owner`, and all that runs inside it, outermost first.
    fn abort(&mut self, owner: &Frame, frame: Frame, event: u64) {
        // Frames nest as deep as the definition, which its size bounds; so does this list.
        let mut open = vec![(self.state(owner), frame)];
        while let Some((owner_state, frame)) = open.pop() {
            if let (asl::Kind::Map(_), Some((_, index))) = (&owner_state.kind, frame.parent) {
                let name = owner_state.name.clone();
                self.emit(event, EventKind::MapIterationAborted { name, index: u64::from(index) });
            }
            // A frame between two states has none open.
            if frame.waiting != Waiting::Again {
                self.abort_state(&frame, event);
            }
            let state = self.state(&frame);
            for id in self.children(frame.id).into_iter().rev() {
                open.extend(self.take(id).map(|child| (state, child)));
            }
            self.keep_as_it_is(frame);
        }
    }

    fn abort_state(&mut self, frame: &Frame, event: u64) {
        let state_type = state_type(self.state(frame));
        // An iteration whose ItemSelector failed has entered none.
        if frame.entered_event == 0 {
            return;
        }
        if frame.map_run().is_some() {
            self.emit(event, EventKind::MapRunAborted);
        }
        match state_type {
            StateType::Task | StateType::Wait | StateType::Map | StateType::Parallel => {
                self.emit(event, EventKind::StateAborted { state_type });
            }
            StateType::Choice | StateType::Fail | StateType::Pass | StateType::Succeed => {}
        }
    }

    /// The frames directly inside `owner`, by index.
    fn children(&self, owner: FrameId) -> Vec<FrameId> {
        let inside = self.execution.frames.range(owner..);
        let mut children: Vec<(u32, FrameId)> = inside
            .filter_map(|(&id, frame)| {
                frame.parent.filter(|parent| parent.0 == owner).map(|parent| (parent.1, id))
            })
            .collect();
        children.sort_unstable();
        children.into_iter().map(|(_, id)| id).collect()
    }
}
