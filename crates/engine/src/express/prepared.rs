//! Machines that are ready to run, by ARN, so that a start looks nothing up in the store and compiles
//! nothing.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use asl::{StateMachine, Timestamp};
use aws_names::Scope;
use execution::execution::Start;
use json::{Document, Text};
use store::{By, ExpressStart, MachineStatus, MachineType, Named, Revision, Store};

use crate::compiled::CompiledMachines;
use crate::logs::LogTarget;
use crate::random;

/// An EXPRESS machine: all that its executions have in common.
pub(crate) struct Prepared {
    pub(crate) definition: Arc<StateMachine>,
    pub(crate) revision: Arc<Revision>,
    pub(crate) machine_name: Text,
    /// The version and the alias by which its executions are begun, if by any.
    pub(super) version_arn: Option<Text>,
    pub(super) alias_arn: Option<Text>,
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
        let region = scope.region.as_str().into();
        let (version_arn, alias_arn) = (None, None);
        Prepared { definition, revision, machine_name, version_arn, alias_arn, arn_prefix, region, log }
    }

    /// The same, begun by a version or an alias.
    pub(super) fn begun_by(self, version_arn: Option<Text>, alias_arn: Option<Text>) -> Prepared {
        Prepared { version_arn, alias_arn, ..self }
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
        test_case: Option<Text>,
        started_at: Timestamp,
    ) -> Start {
        Start {
            arn,
            name,
            state_machine_arn: self.revision.machine_arn.clone(),
            state_machine_name: self.machine_name.clone(),
            machine_type: MachineType::Express,
            revision: self.revision.number,
            version_arn: self.version_arn.clone(),
            alias_arn: self.alias_arn.clone(),
            test_case,
            role_arn: self.revision.role_arn.clone(),
            region: self.region.clone(),
            input,
            trace_header,
            parent: None,
            child_of: None,
            started_at,
        }
    }
}

/// What an ARN leads to: one machine or version, or what an alias picks from.
pub(crate) struct Routes {
    first: Arc<Prepared>,
    /// Of an alias that leads to two versions: the second, and the percentage of it.
    second: Option<(Arc<Prepared>, u8)>,
}

impl Routes {
    pub(super) fn only(prepared: Prepared) -> Routes {
        Routes { first: Arc::new(prepared), second: None }
    }

    /// What the next execution runs.
    pub(super) fn pick(&self) -> &Arc<Prepared> {
        match &self.second {
            Some((second, percent)) if random::draw_here() % 100 < u128::from(*percent) => second,
            _ => &self.first,
        }
    }

    /// What an execution runs that was begun by one of these.
    pub(super) fn of(&self, start: &ExpressStart) -> &Arc<Prepared> {
        match &self.second {
            Some((second, _)) if second.version_arn == start.version_arn => second,
            _ => &self.first,
        }
    }
}

/// What there is under an ARN.
#[derive(Clone)]
pub(crate) enum Found {
    Express(Arc<Routes>),
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
    let Some(Named { machine, by }) = store.named(arn) else { return Found::Nothing };
    if machine.status == MachineStatus::Deleting {
        return Found::Deleting;
    }
    if machine.machine_type == MachineType::Standard {
        return Found::Standard;
    }
    let prepare = |revision: &Arc<Revision>| {
        let Some(definition) = compiled.get(revision) else {
            unreachable!("the definition was checked when it was accepted")
        };
        Prepared::new(machine.name.clone(), revision.clone(), definition, scope)
    };
    let prepare_version = |number: u64, alias_arn: Option<Text>| {
        let Some(version) = machine.published.version(number) else {
            unreachable!("a version that an alias leads to cannot be deleted")
        };
        prepare(&version.revision).begun_by(Some(machine.version_arn(number)), alias_arn)
    };
    Found::Express(Arc::new(match by {
        By::Machine => Routes::only(prepare(&machine.current)),
        By::Version(version) => Routes::only(prepare_version(version.number, None)),
        By::Alias(alias) => {
            let route = |at: usize| {
                let route = alias.routes.get(at)?;
                Some((Arc::new(prepare_version(route.version, Some(arn.into()))), route.weight))
            };
            let Some((first, _)) = route(0) else { unreachable!("an alias leads to one version or two") };
            Routes { first, second: route(1) }
        }
    }))
}
