//! Machines that are ready to run, by ARN, so that a start looks nothing up in the store and compiles
//! nothing.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use asl::{StateMachine, Timestamp};
use aws_names::Scope;
use execution::execution::Start;
use json::{Document, Text};
use store::{MachineStatus, MachineType, Revision, Store};

use crate::compiled::CompiledMachines;
use crate::logs::LogTarget;

/// An EXPRESS machine: all that its executions have in common.
pub(crate) struct Prepared {
    pub(crate) definition: Arc<StateMachine>,
    pub(crate) revision: Arc<Revision>,
    pub(crate) machine_name: Text,
    /// What the ARNs of its executions begin with: all but name and UUID.
    arn_prefix: String,
    region: Text,
    /// What its executions log.
    pub(super) log: Option<Arc<LogTarget>>,
}

impl Prepared {
    pub(super) fn new(
        machine_name: Text,
        revision: Arc<Revision>,
        definition: Arc<StateMachine>,
        scope: &Scope,
    ) -> Prepared {
        let mut arn_prefix = scope.express_execution(&machine_name, "", "");
        // The colon between a name and a UUID.
        arn_prefix.pop();
        let log = LogTarget::of(&revision);
        Prepared { definition, revision, machine_name, arn_prefix, region: scope.region.as_str().into(), log }
    }

    pub(super) fn arn(&self, name: &str, uuid: u128) -> Text {
        let uuid = aws_names::uuid_v4(uuid);
        let mut arn = String::with_capacity(self.arn_prefix.len() + name.len() + 1 + uuid.len());
        arn.push_str(&self.arn_prefix);
        arn.push_str(name);
        arn.push(':');
        arn.push_str(&uuid);
        arn.into()
    }

    pub(super) fn start(
        &self,
        arn: Text,
        name: Text,
        input: Document,
        trace_header: Option<Text>,
        started_at: Timestamp,
    ) -> Start {
        Start {
            arn,
            name,
            state_machine_arn: self.revision.machine_arn.clone(),
            state_machine_name: self.machine_name.clone(),
            machine_type: MachineType::Express,
            revision: self.revision.number,
            version_arn: None,
            alias_arn: None,
            role_arn: self.revision.role_arn.clone(),
            region: self.region.clone(),
            input,
            trace_header,
            started_at,
        }
    }
}

/// What there is under an ARN.
#[derive(Clone)]
pub(crate) enum Found {
    Express(Arc<Prepared>),
    Standard,
    Deleting,
    /// Nothing that is durable.
    Nothing,
}

/// The cache. Every change of the catalog empties it: what is used comes back at once, and what was
/// acknowledged is seen by whoever asks later.
#[derive(Default)]
pub(super) struct PreparedMachines(RwLock<Cache>);

#[derive(Default)]
struct Cache {
    catalog_version: u64,
    by_arn: HashMap<Text, Found>,
}

/// A cache that has grown to this many is emptied.
const PREPARED_MAX: usize = 10_000;

impl PreparedMachines {
    pub(super) fn find(&self, arn: &str, store: &Store, compiled: &CompiledMachines, scope: &Scope) -> Found {
        // Read before the catalog is: what is put in under this number is at least as new.
        let version = store.catalog_version();
        {
            let cache = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if cache.catalog_version == version
                && let Some(found) = cache.by_arn.get(arn)
            {
                return found.clone();
            }
        }
        let found = look_up(arn, store, compiled, scope);
        if !matches!(found, Found::Nothing) {
            let mut cache = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if cache.catalog_version != version || cache.by_arn.len() >= PREPARED_MAX {
                *cache = Cache { catalog_version: version, by_arn: HashMap::new() };
            }
            cache.by_arn.insert(arn.into(), found.clone());
        }
        found
    }
}

fn look_up(arn: &str, store: &Store, compiled: &CompiledMachines, scope: &Scope) -> Found {
    let Some(machine) = store.machine(arn) else { return Found::Nothing };
    if machine.status == MachineStatus::Deleting {
        return Found::Deleting;
    }
    if machine.machine_type == MachineType::Standard {
        return Found::Standard;
    }
    let Some(definition) = compiled.get(&machine.current) else {
        unreachable!("the definition was checked when it was accepted")
    };
    let revision = machine.current.clone();
    Found::Express(Arc::new(Prepared::new(machine.name.clone(), revision, definition, scope)))
}
