//! Compiled machines by revision, shared by the loop and by readers.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use asl::{Options, StateMachine};
use store::{MachineType, Revision, Store};

use crate::refusal::Refusal;
use crate::request::UpdateStateMachine;

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
        let machine = Arc::new(asl::compile(&revision.definition, Options::default()).machine?);
        self.insert(revision.number, machine.clone());
        Some(machine)
    }
}

/// Checks a definition as CreateStateMachine does.
pub(crate) fn check(definition: &str, machine_type: MachineType) -> Result<Arc<StateMachine>, Refusal> {
    let compiled = asl::compile(definition, Options { express: machine_type == MachineType::Express });
    compiled.machine.map(Arc::new).ok_or_else(|| {
        let mut diagnostics = compiled.diagnostics;
        diagnostics.retain(|diagnostic| diagnostic.severity == asl::Severity::Error);
        Refusal::InvalidDefinition { diagnostics }
    })
}

/// Checks the definition of an UpdateStateMachine, if it has one.
pub(crate) fn check_update(
    store: &Store,
    request: &UpdateStateMachine,
) -> Result<Option<Arc<StateMachine>>, Refusal> {
    let Some(machine) = store.machine(&request.state_machine_arn) else {
        return Err(Refusal::StateMachineDoesNotExist { arn: request.state_machine_arn.clone() });
    };
    let definition = request.definition.as_deref();
    definition.map(|text| check(text, machine.machine_type)).transpose()
}
