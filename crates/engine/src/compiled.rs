//! Compiled machines by revision, shared by the loop and by readers.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use asl::StateMachine;
use store::Revision;

/// The cache. Definitions were checked when they were accepted, so compiling again cannot fail.
#[derive(Debug, Default)]
pub(crate) struct CompiledMachines {
    by_revision: RwLock<HashMap<u64, Arc<StateMachine>>>,
}

/// A cache that has grown to this many is emptied: what is used comes back at once.
const COMPILED_MAX: usize = 10_000;

impl CompiledMachines {
    pub(crate) fn insert(&self, revision: u64, machine: Arc<StateMachine>) {
        let mut cache = self.by_revision.write().expect("no holder of this lock panics");
        if cache.len() >= COMPILED_MAX {
            cache.clear();
        }
        cache.insert(revision, machine);
    }

    /// The revision's machine, compiled now if it is not there.
    pub(crate) fn get(&self, revision: &Revision) -> Option<Arc<StateMachine>> {
        let found =
            self.by_revision.read().expect("no holder of this lock panics").get(&revision.number).cloned();
        if found.is_some() {
            return found;
        }
        let machine = Arc::new(asl::compile(&revision.definition, asl::Options::default()).machine?);
        self.insert(revision.number, machine.clone());
        Some(machine)
    }
}
