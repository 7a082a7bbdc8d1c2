//! What a failure ends around it: the states that are open in the other branches and iterations.

use json::Text;

use super::story::Story;
use super::{Difference, Step, What};

/// A thread that has not ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// The type of the state that it is in; `None` between two states.
    pub state_type: Option<&'static str>,
    /// Open branches or iterations, in order.
    pub inside: Vec<Inside>,
    /// It waits for a Map Run.
    pub has_map_run: bool,
}

/// An open branch or iteration.
#[derive(Clone, Debug, PartialEq)]
pub struct Inside {
    /// The Map state's name and the iteration's index.
    pub iteration: Option<(Text, u64)>,
    pub open: Open,
}

impl Open {
    pub fn between_states() -> Open {
        Open { state_type: None, inside: vec![], has_map_run: false }
    }

    /// In a state of this type, with nothing inside.
    pub fn in_state(state_type: &'static str) -> Open {
        Open { state_type: Some(state_type), ..Open::between_states() }
    }

    /// The events of its end, outermost first.
    pub fn aborted(&self, events: &mut Vec<What>) {
        events.extend(self.has_map_run.then_some(What::MapRunAborted));
        events.extend(self.state_type.and_then(aborted));
        for inside in &self.inside {
            inside.aborted(events);
        }
    }

    /// How many Map Runs it waits for.
    pub fn map_runs(&self) -> usize {
        let inside = self.inside.iter().map(|inside| inside.open.map_runs());
        usize::from(self.has_map_run) + inside.sum::<usize>()
    }
}

impl Inside {
    /// The events of its end.
    pub fn aborted(&self, events: &mut Vec<What>) {
        if let Some((name, index)) = &self.iteration {
            events.push(What::Iteration { step: Step::Aborted, name: name.clone(), index: *index });
        }
        self.open.aborted(events);
    }
}

/// The event of a state's end; only states that take time have one.
pub fn aborted(state_type: &'static str) -> Option<What> {
    matches!(state_type, "Task" | "Wait" | "Map" | "Parallel").then_some(What::StateAborted { state_type })
}

impl Story<'_> {
    /// Takes the events of what a failure ended; all of them follow the failure's event.
    pub fn abort(&mut self, failed: u64, expected: Vec<What>) -> Result<(), Difference> {
        for wanted in expected {
            let is_abort = |what: &What| {
                matches!(
                    what,
                    What::StateAborted { .. }
                        | What::MapRunAborted
                        | What::Iteration { step: Step::Aborted, .. }
                )
            };
            match self.must(failed, &format!("{wanted:?}"), is_abort)? {
                Some(event) if event.what != wanted => {
                    return Err(Difference(format!(
                        "event {} is {:?}, expected: {wanted:?}",
                        event.id, event.what
                    )));
                }
                Some(_) | None => {}
            }
        }
        Ok(())
    }
}
