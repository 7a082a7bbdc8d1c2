//! Versions: publishing the current revision of a machine under a number, and deleting that again.

use std::sync::Arc;

use asl::Timestamp;
use json::Text;
use store::{Machine, MachineStatus, Publication, Record, Revision, Version};

use crate::deliver::Loop;
use crate::refusal::Refusal;
use crate::request::{Created, Publish, PublishVersion};

/// AWS's limit of versions of one machine.
const VERSIONS_MAX: usize = 1_000;

/// How a request calls the revision that has no id: the one that a machine was created with.
const INITIAL: &str = "INITIAL";

impl Loop {
    /// Publishes the current revision. One that was published before stays the version that it is.
    pub(crate) fn publish_version(
        &mut self,
        request: PublishVersion,
        now: Timestamp,
    ) -> Result<Created, Refusal> {
        let PublishVersion { state_machine_arn: arn, revision_id, publish } = request;
        let Some(machine) = self.writer.machine(&arn) else {
            return Err(Refusal::StateMachineDoesNotExist { arn });
        };
        if machine.status == MachineStatus::Deleting {
            return Err(Refusal::StateMachineDeleting { arn });
        }
        let current = machine.current.revision_id.as_deref().unwrap_or(INITIAL);
        if let Some(asked) = revision_id.filter(|asked| *asked != current) {
            let message = format!(
                "Failed to publish the State Machine version for revision {asked}. \
                 The current State Machine revision is {current}."
            );
            return Err(Refusal::Conflict { message });
        }
        if let Some(version) = machine.published.version_of(machine.current.number) {
            return Ok(created(&machine, version));
        }
        refuse_too_many(&machine)?;
        self.refuse_when_full()?;
        let version = self.record_version(&machine, machine.current.clone(), publish, now);
        self.commit();
        Ok(created(&machine, &version))
    }

    /// Records that a revision of a machine, which is current when this is committed, becomes a version.
    pub(crate) fn record_version(
        &mut self,
        machine: &Machine,
        revision: Arc<Revision>,
        publish: Publish,
        now: Timestamp,
    ) -> Arc<Version> {
        let number = machine.published.next_number();
        let Publish { description } = publish;
        let version = Arc::new(Version { number, revision, description, created_at: now });
        let publication = Publication::PutVersion(version.clone());
        self.record(Record::Publish { machine_arn: machine.arn.clone(), publication });
        version
    }

    /// Executions that it began go on. One that is not there is no error.
    pub(crate) fn delete_version(&mut self, machine_arn: Text, number: u64) -> Result<(), Refusal> {
        let Some(machine) = self.writer.machine(&machine_arn) else { return Ok(()) };
        if machine.published.version(number).is_none() {
            return Ok(());
        }
        let aliases: Vec<&str> =
            machine.published.aliases_to(number).map(|alias| alias.name.as_str()).collect();
        if !aliases.is_empty() {
            let message = format!(
                "Version to be deleted must not be referenced by an alias. \
                 Current list of aliases referencing this version: [{}]",
                aliases.join(", ")
            );
            return Err(Refusal::Conflict { message });
        }
        self.record(Record::Publish { machine_arn, publication: Publication::RemoveVersion { number } });
        self.commit();
        Ok(())
    }
}

/// Refuses another version of a machine that has as many as it may have.
pub(crate) fn refuse_too_many(machine: &Machine) -> Result<(), Refusal> {
    if machine.published.version_count() < VERSIONS_MAX {
        return Ok(());
    }
    let message = format!("A state machine can have at most {VERSIONS_MAX} versions: '{}'", machine.arn);
    Err(Refusal::ServiceQuotaExceeded { message })
}

fn created(machine: &Machine, version: &Version) -> Created {
    Created { arn: machine.version_arn(version.number), created_at: version.created_at }
}
