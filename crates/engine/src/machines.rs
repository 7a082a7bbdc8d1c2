//! State machines: create, update, delete; and tags, of machines and of activities.

use std::sync::Arc;

use asl::{Failure, StateMachine, Timestamp};
use execution::Wakeup;
use json::Text;
use store::{Activity, ExecutionKey, Machine, MachineStatus, Record, Revision, Version};

use crate::deliver::{BATCH_MAX, Loop};
use crate::refusal::Refusal;
use crate::request::{CreateStateMachine, CreatedStateMachine, Publish, UpdateStateMachine, Updated};
use crate::versions;

/// A machine that takes no executions any more, and those that are still to be stopped.
pub(crate) struct Deleting {
    arn: Text,
    open: Vec<ExecutionKey>,
}

/// AWS's limit of tags on one resource.
const TAGS_MAX: usize = 50;

impl Loop {
    pub(crate) fn create_machine(
        &mut self,
        request: CreateStateMachine,
        compiled: Arc<StateMachine>,
        now: Timestamp,
    ) -> Result<CreatedStateMachine, Refusal> {
        let arn: Text = self.scope.state_machine(&request.name).into();
        if let Some(machine) = self.writer.machine(&arn) {
            if machine.status == MachineStatus::Deleting {
                return Err(Refusal::StateMachineDeleting { arn });
            }
            // Role and tags do not count: they are ignored, not updated. (spec/api.md §3.1)
            let current = &machine.current;
            let same = *current.definition == *request.definition
                && machine.machine_type == request.machine_type
                && current.logging == request.logging
                && current.tracing == request.tracing
                && current.encryption == request.encryption;
            let version = version_of_creation(&machine);
            let asked_again = request.publish.as_ref().map(|publish| &publish.description)
                == version.map(|version| &version.description);
            if !same || !asked_again {
                return Err(Refusal::StateMachineAlreadyExists { arn });
            }
            let version_arn = version.map(|version| machine.version_arn(version.number));
            return Ok(CreatedStateMachine { arn, created_at: machine.created_at, version_arn });
        }
        self.refuse_when_full()?;
        let number = self.writer.new_revision_number();
        let current = Arc::new(Revision {
            number,
            machine_arn: arn.clone(),
            revision_id: None,
            definition: request.definition.into(),
            role_arn: request.role_arn,
            logging: request.logging,
            tracing: request.tracing,
            encryption: request.encryption,
            updated_at: now,
        });
        self.compiled.insert(number, compiled);
        let machine = Arc::new(Machine {
            arn: arn.clone(),
            name: request.name,
            machine_type: request.machine_type,
            status: MachineStatus::Active,
            created_at: now,
            current,
            tags: request.tags,
            published: Arc::default(),
        });
        self.record(Record::PutMachine(machine.clone()));
        let version_arn = request.publish.map(|publish| self.publish_current(&machine, publish, now));
        self.commit();
        Ok(CreatedStateMachine { arn, created_at: now, version_arn })
    }

    pub(crate) fn update_machine(
        &mut self,
        request: UpdateStateMachine,
        compiled: Option<Arc<StateMachine>>,
        now: Timestamp,
    ) -> Result<Updated, Refusal> {
        let arn = request.state_machine_arn.clone();
        let Some(machine) = self.writer.machine(&arn) else {
            return Err(Refusal::StateMachineDoesNotExist { arn });
        };
        if machine.status == MachineStatus::Deleting {
            return Err(Refusal::StateMachineDeleting { arn });
        }
        self.refuse_when_full()?;
        let earlier = &machine.current;
        let is_changed = changes(&request, earlier);
        let published = machine.published.version_of(earlier.number).filter(|_| !is_changed);
        if request.publish.is_some() && published.is_none() {
            versions::refuse_too_many(&machine)?;
        }
        if !is_changed {
            let revision_id = earlier.revision_id.clone();
            let version_arn = request.publish.map(|publish| self.publish_current(&machine, publish, now));
            self.commit();
            return Ok(Updated { updated_at: now, revision_id, version_arn });
        }
        let number = self.writer.new_revision_number();
        let revision_id: Text = aws_names::uuid_v4(self.random.draw()).into();
        let current = Arc::new(Revision {
            number,
            machine_arn: arn.clone(),
            revision_id: Some(revision_id.clone()),
            definition: request.definition.map_or_else(|| earlier.definition.clone(), Into::into),
            role_arn: request.role_arn.unwrap_or_else(|| earlier.role_arn.clone()),
            logging: request.logging.unwrap_or_else(|| earlier.logging.clone()),
            tracing: request.tracing.unwrap_or_else(|| earlier.tracing.clone()),
            encryption: request.encryption.unwrap_or_else(|| earlier.encryption.clone()),
            updated_at: now,
        });
        if let Some(compiled) = compiled {
            self.compiled.insert(number, compiled);
        }
        let machine = Arc::new(Machine { current, ..Machine::clone(&machine) });
        self.record(Record::PutMachine(machine.clone()));
        let version_arn = request.publish.map(|publish| self.publish_current(&machine, publish, now));
        self.commit();
        Ok(Updated { updated_at: now, revision_id: Some(revision_id), version_arn })
    }

    /// The ARN of the version that the current revision is, or becomes with the next commit.
    fn publish_current(&mut self, machine: &Machine, publish: Publish, now: Timestamp) -> Text {
        let number = match machine.published.version_of(machine.current.number) {
            Some(version) => version.number,
            None => self.record_version(machine, machine.current.clone(), publish, now).number,
        };
        machine.version_arn(number)
    }

    /// Its open executions are stopped; their histories stay until their retention ends. Where they are
    /// many the machine is DELETING until the last one is stopped.
    pub(crate) fn delete_machine(&mut self, arn: &Text, now: Timestamp) -> Result<(), Refusal> {
        let known = self.writer.machine(arn);
        let Some(machine) = known.filter(|machine| machine.status == MachineStatus::Active) else {
            return Ok(());
        };
        let open = self.writer.open_of_machine(arn);
        if open.len() > BATCH_MAX {
            let status = MachineStatus::Deleting;
            self.record(Record::PutMachine(Arc::new(Machine { status, ..Machine::clone(&machine) })));
            self.deleting.push_back(Deleting { arn: arn.clone(), open });
            return Ok(());
        }
        self.stop_and_remove(Deleting { arn: arn.clone(), open }, now);
        Ok(())
    }

    /// What was being deleted when the last process ended is deleted.
    pub(crate) fn recover_deleting(&mut self, machines: impl IntoIterator<Item = Arc<Machine>>) {
        for machine in machines.into_iter().filter(|machine| machine.status == MachineStatus::Deleting) {
            let (arn, open) = (machine.arn.clone(), self.writer.open_of_machine(&machine.arn));
            self.deleting.push_back(Deleting { arn, open });
        }
    }

    /// Stops some executions of the machines that are being deleted, in turn; whether there are more.
    pub(crate) fn go_on_deleting(&mut self, now: Timestamp) -> bool {
        if let Some(deleting) = self.deleting.pop_front()
            && let Some(rest) = self.stop_and_remove(deleting, now)
        {
            self.deleting.push_back(rest);
        }
        !self.deleting.is_empty()
    }

    /// Stops at most a batch of executions, and removes the machine with the last; else what is left.
    fn stop_and_remove(&mut self, mut deleting: Deleting, now: Timestamp) -> Option<Deleting> {
        let rest = deleting.open.split_off(deleting.open.len().min(BATCH_MAX));
        for key in deleting.open {
            self.deliver(key, Wakeup::Stopped { failure: Failure { error: None, cause: None } }, now);
        }
        if !rest.is_empty() {
            return Some(Deleting { arn: deleting.arn, open: rest });
        }
        self.record(Record::RemoveMachine { arn: deleting.arn });
        self.commit();
        None
    }

    pub(crate) fn tag(&mut self, arn: Text, tags: Vec<(Text, Text)>) -> Result<(), Refusal> {
        self.retag(arn, |all| {
            for (key, value) in tags {
                match all.iter_mut().find(|(present, _)| *present == key) {
                    Some((_, present)) => *present = value,
                    None => all.push((key, value)),
                }
            }
        })
    }

    pub(crate) fn untag(&mut self, arn: Text, keys: Vec<Text>) -> Result<(), Refusal> {
        self.retag(arn, |all| all.retain(|(key, _)| !keys.contains(key)))
    }

    fn retag(&mut self, arn: Text, change: impl FnOnce(&mut Vec<(Text, Text)>)) -> Result<(), Refusal> {
        if let Some(machine) = self.writer.machine(&arn) {
            let mut tags = machine.tags.clone();
            change(&mut tags);
            refuse_too_many(&arn, &tags)?;
            self.record(Record::PutMachine(Arc::new(Machine { tags, ..Machine::clone(&machine) })));
        } else if let Some(activity) = self.writer.activity(&arn) {
            let mut tags = activity.tags.clone();
            change(&mut tags);
            refuse_too_many(&arn, &tags)?;
            self.record(Record::PutActivity(Arc::new(Activity { tags, ..Activity::clone(&activity) })));
        } else {
            return Err(Refusal::ResourceNotFound { arn });
        }
        self.commit();
        Ok(())
    }

    pub(crate) fn refuse_when_full(&self) -> Result<(), Refusal> {
        if !self.writer.is_full() {
            return Ok(());
        }
        let message =
            "The disk that holds the data folder is full; nothing was changed. Free some space and try again";
        Err(Refusal::ServiceUnavailable { message: message.to_owned() })
    }
}

/// The version that was published with the creation of a machine, while it is there.
fn version_of_creation(machine: &Machine) -> Option<&Version> {
    let first = machine.published.version(1)?;
    (first.created_at == machine.created_at).then_some(first)
}

/// Whether an update asks for anything that is not so already.
fn changes(request: &UpdateStateMachine, earlier: &Revision) -> bool {
    fn differs<T: PartialEq + ?Sized>(asked: Option<&T>, present: &T) -> bool {
        asked.is_some_and(|asked| asked != present)
    }
    differs(request.definition.as_deref(), &*earlier.definition)
        || differs(request.role_arn.as_ref(), &earlier.role_arn)
        || differs(request.logging.as_ref(), &earlier.logging)
        || differs(request.tracing.as_ref(), &earlier.tracing)
        || differs(request.encryption.as_ref(), &earlier.encryption)
}

fn refuse_too_many(arn: &Text, tags: &[(Text, Text)]) -> Result<(), Refusal> {
    match tags.len() > TAGS_MAX {
        true => Err(Refusal::TooManyTags { arn: arn.clone() }),
        false => Ok(()),
    }
}
