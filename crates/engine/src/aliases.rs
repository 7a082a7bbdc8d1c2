//! Aliases: names for versions, which change while callers keep the name.

use std::sync::Arc;

use asl::Timestamp;
use json::Text;
use store::{Alias, Machine, MachineStatus, Publication, Record, Route};

use crate::deliver::Loop;
use crate::refusal::Refusal;
use crate::request::{CreateAlias, Created, UpdateAlias};

/// AWS's limit of aliases of one machine.
const ALIASES_MAX: usize = 100;

impl Loop {
    /// The same request again is answered as the first one was.
    pub(crate) fn create_alias(&mut self, request: CreateAlias, now: Timestamp) -> Result<Created, Refusal> {
        let CreateAlias { state_machine_arn, name, description, routes } = request;
        let machine = self.machine_with_aliases(&state_machine_arn)?;
        let arn = machine.alias_arn(&name);
        if let Some(alias) = machine.published.alias(&name) {
            if alias.description == description && same_routes(&alias.routes, &routes) {
                return Ok(Created { arn, created_at: alias.created_at });
            }
            let message = "Failed to create alias because an alias with the same name and a different \
                           routing configuration already exists.";
            return Err(Refusal::Conflict { message: message.to_owned() });
        }
        refuse_missing(&machine, &routes)?;
        if machine.published.alias_count() >= ALIASES_MAX {
            let message =
                format!("A state machine can have at most {ALIASES_MAX} aliases: '{}'", machine.arn);
            return Err(Refusal::ServiceQuotaExceeded { message });
        }
        self.refuse_when_full()?;
        self.put_alias(machine, Alias { name, description, routes, created_at: now, updated_at: now });
        Ok(Created { arn, created_at: now })
    }

    /// What is `None` in the request stays. The same request again changes nothing.
    pub(crate) fn update_alias(
        &mut self,
        request: UpdateAlias,
        now: Timestamp,
    ) -> Result<Timestamp, Refusal> {
        let UpdateAlias { state_machine_arn, name, description, routes } = request;
        let machine = self.machine_with_aliases(&state_machine_arn)?;
        let Some(alias) = machine.published.alias(&name) else {
            return Err(Refusal::ReferenceNotFound { arn: machine.alias_arn(&name) });
        };
        let routes = routes.unwrap_or_else(|| alias.routes.clone());
        let description = description.or_else(|| alias.description.clone());
        if alias.description == description && alias.routes == routes {
            return Ok(alias.updated_at);
        }
        refuse_missing(&machine, &routes)?;
        self.refuse_when_full()?;
        let alias = Alias { name, description, routes, created_at: alias.created_at, updated_at: now };
        self.put_alias(machine, alias);
        Ok(now)
    }

    pub(crate) fn delete_alias(&mut self, machine_arn: Text, name: Text) -> Result<(), Refusal> {
        let machine = self.machine_with_aliases(&machine_arn)?;
        if machine.published.alias(&name).is_none() {
            return Err(Refusal::ReferenceNotFound { arn: machine.alias_arn(&name) });
        }
        self.record(Record::Publish { machine_arn, publication: Publication::RemoveAlias { name } });
        self.commit();
        Ok(())
    }

    fn machine_with_aliases(&self, arn: &Text) -> Result<Arc<Machine>, Refusal> {
        match self.writer.machine(arn) {
            None => Err(Refusal::ReferenceNotFound { arn: arn.clone() }),
            Some(machine) if machine.status == MachineStatus::Deleting => {
                Err(Refusal::StateMachineDeleting { arn: arn.clone() })
            }
            Some(machine) => Ok(machine),
        }
    }

    fn put_alias(&mut self, machine: Arc<Machine>, alias: Alias) {
        let publication = Publication::PutAlias(Arc::new(alias));
        self.record(Record::Publish { machine_arn: machine.arn.clone(), publication });
        self.commit();
    }
}

/// An alias leads only to versions that are there, which is why they cannot be deleted under it.
fn refuse_missing(machine: &Machine, routes: &[Route]) -> Result<(), Refusal> {
    let missing = routes.iter().find(|route| machine.published.version(route.version).is_none());
    match missing {
        Some(route) => Err(Refusal::ReferenceNotFound { arn: machine.version_arn(route.version) }),
        None => Ok(()),
    }
}

/// In which order they are named does not matter.
fn same_routes(one: &[Route], other: &[Route]) -> bool {
    one.len() == other.len() && one.iter().all(|route| other.contains(route))
}
