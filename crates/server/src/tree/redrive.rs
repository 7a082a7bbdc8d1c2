//! An execution that had ended badly goes on: so do its visits, each as another one below.
//!
//! Never here: which events say so.

use std::collections::BTreeMap;

use asl::Timestamp;

use super::{End, Tree, Visit};

/// What redrives have done to a tree.
#[derive(Debug, Default)]
pub(super) struct Redrives {
    /// When the last one was.
    at: Option<Timestamp>,
    /// So many visits there were before it.
    visits: usize,
    /// Visits that ended badly before one → visits that continue them.
    continued: BTreeMap<usize, usize>,
}

impl Tree {
    pub(super) fn redriven(&mut self, at: Timestamp) {
        self.has_ended = false;
        (self.redrives.at, self.redrives.visits) = (Some(at), self.visits.len());
    }

    /// The visit itself, or what continues it: if it ended badly before the last redrive, that is another one, as what
    /// was shown of it stays.
    pub(super) fn reopen(&mut self, visit: usize) -> usize {
        let last = self.current(visit);
        let ended_badly = matches!(self.visits[last].end, End::Failed | End::GivenUp);
        let Some(entered_at) = self.redrives.at.filter(|_| last < self.redrives.visits && ended_badly) else {
            return last;
        };
        let parent = self.visits[last].parent.map(|parent| self.reopen(parent));
        let continued = self.visits.len();
        self.visits.push(Visit {
            parent,
            entered_at,
            left_at: None,
            end: End::Running,
            attempts: 0,
            failed_inside: false,
            map_run: None,
            error: None,
            ..self.visits[last].clone()
        });
        self.redrives.continued.insert(last, continued);
        continued
    }

    /// The visit that continues this one as of now, or itself.
    pub(super) fn current(&self, mut visit: usize) -> usize {
        // One that continues another comes after it, so this ends.
        while let Some(&continued) = self.redrives.continued.get(&visit) {
            visit = continued;
        }
        visit
    }
}
