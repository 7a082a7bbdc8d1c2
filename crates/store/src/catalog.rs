//! State machines with their revisions, and activities: what they are, as bytes, and all of them by name.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use asl::Timestamp;
use execution::MachineType;
use json::{Text, Value};

use crate::bytes::{Malformed, PutBytes, TakeBytes};
use crate::published::{Publication, Published};

/// A state machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// Unqualified.
    pub arn: Text,
    /// Unique in the account.
    pub name: Text,
    /// Never changes.
    pub machine_type: MachineType,
    /// `Deleting` once DeleteStateMachine was called while executions were running.
    pub status: MachineStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// What new executions run.
    pub current: Arc<Revision>,
    /// Key → value, in the order they were set.
    pub tags: Vec<(Text, Text)>,
    /// Its versions and aliases.
    pub published: Arc<Published>,
}

impl Machine {
    /// The ARN of a version of it.
    pub fn version_arn(&self, number: u64) -> Text {
        format!("{}:{number}", self.arn).into()
    }

    /// The ARN of an alias of it.
    pub fn alias_arn(&self, name: &str) -> Text {
        format!("{}:{name}", self.arn).into()
    }

    /// The machine after a change of its versions or aliases.
    pub(crate) fn with(&self, publication: &Publication) -> Machine {
        let mut machine = self.clone();
        Arc::make_mut(&mut machine.published).apply(publication);
        machine
    }
}

/// ACTIVE or DELETING.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum MachineStatus {
    Active,
    Deleting,
}

/// What CreateStateMachine or an UpdateStateMachine settled. Executions and versions keep theirs.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Our number: unique among all revisions of all machines, never used twice.
    pub number: u64,
    /// The machine.
    pub machine_arn: Text,
    /// AWS's `revisionId`: a UUID; `None` for a machine's first revision.
    pub revision_id: Option<Text>,
    /// Byte for byte as it was given.
    pub definition: Arc<str>,
    /// The execution role.
    pub role_arn: Text,
    /// `loggingConfiguration` as given or AWS's default.
    pub logging: Value,
    /// `tracingConfiguration` as given or AWS's default.
    pub tracing: Value,
    /// `encryptionConfiguration` as given or AWS's default.
    pub encryption: Value,
    /// When it was settled.
    pub updated_at: Timestamp,
}

/// An activity.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// Its ARN.
    pub arn: Text,
    /// Its name.
    pub name: Text,
    /// When it was created.
    pub created_at: Timestamp,
    /// `encryptionConfiguration` as given or AWS's default.
    pub encryption: Value,
    /// Key → value, in the order they were set.
    pub tags: Vec<(Text, Text)>,
}

/// All machines, the revisions that are current or used by a version or an execution, and all activities.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Catalog {
    machines: HashMap<Text, Arc<Machine>>,
    /// Name → ARN. Names are unique in the account, which is all that one store holds.
    machine_names: BTreeMap<Text, Text>,
    activities: HashMap<Text, Arc<Activity>>,
    activity_names: BTreeMap<Text, Text>,
    revisions: HashMap<u64, Kept>,
    /// Set while a log is read back: executions and catalog show different moments until its end, so
    /// who uses what is counted then, and nothing is dropped before.
    is_incomplete: bool,
}

/// A revision and why it is kept.
#[derive(Clone, Debug, PartialEq)]
struct Kept {
    revision: Arc<Revision>,
    is_current: bool,
    /// How many versions are it. Counted while a log is read back, too: they are part of the catalog.
    versions: u32,
    /// How many executions in the index run or ran it.
    executions: u64,
}

impl Catalog {
    pub(crate) fn machine(&self, arn: &str) -> Option<&Arc<Machine>> {
        self.machines.get(arn)
    }

    pub(crate) fn activity(&self, arn: &str) -> Option<&Arc<Activity>> {
        self.activities.get(arn)
    }

    pub(crate) fn revision(&self, number: u64) -> Option<&Arc<Revision>> {
        self.revisions.get(&number).map(|kept| &kept.revision)
    }

    pub(crate) fn machines(&self, after: Option<&str>, limit: usize) -> Vec<Arc<Machine>> {
        let arns = names_after(&self.machine_names, after).take(limit);
        arns.filter_map(|arn| self.machines.get(arn).cloned()).collect()
    }

    pub(crate) fn activities(&self, after: Option<&str>, limit: usize) -> Vec<Arc<Activity>> {
        let arns = names_after(&self.activity_names, after).take(limit);
        arns.filter_map(|arn| self.activities.get(arn).cloned()).collect()
    }

    pub(crate) fn put_machine(&mut self, machine: Arc<Machine>) {
        let current = machine.current.clone();
        self.machine_names.insert(machine.name.clone(), machine.arn.clone());
        let earlier = self.machines.insert(machine.arn.clone(), machine);
        if let Some(earlier) = earlier.filter(|earlier| earlier.current.number != current.number) {
            self.retire(earlier.current.number);
        }
        self.revisions.entry(current.number).or_insert(Kept::new(current)).is_current = true;
    }

    /// Does to a machine's versions and aliases what a record says.
    pub(crate) fn publish(&mut self, machine_arn: &str, publication: &Publication) {
        let Some(machine) = self.machines.get_mut(machine_arn) else { return };
        let gone = match publication {
            Publication::PutVersion(version) => {
                let number = version.revision.number;
                let kept = self.revisions.entry(number).or_insert(Kept::new(version.revision.clone()));
                kept.versions += 1;
                None
            }
            Publication::RemoveVersion { number } => {
                machine.published.version(*number).map(|version| version.revision.number)
            }
            Publication::PutAlias(_) | Publication::RemoveAlias { .. } => None,
        };
        *machine = Arc::new(machine.with(publication));
        if let Some(revision) = gone {
            self.release_version(revision);
        }
    }

    /// What a snapshot says of a machine's versions and aliases.
    pub(crate) fn restore_published(&mut self, machine_arn: &str, published: Published) {
        for version in published.versions() {
            if let Some(kept) = self.revisions.get_mut(&version.revision.number) {
                kept.versions += 1;
            }
        }
        if let Some(machine) = self.machines.get_mut(machine_arn) {
            Arc::make_mut(machine).published = Arc::new(published);
        }
    }

    /// Machines that have published something.
    pub(crate) fn publishers(&self) -> impl Iterator<Item = &Arc<Machine>> {
        self.machines.values().filter(|machine| !machine.published.is_empty())
    }

    pub(crate) fn remove_machine(&mut self, arn: &str) {
        if let Some(machine) = self.machines.remove(arn) {
            self.machine_names.remove(&machine.name);
            machine.published.versions().for_each(|version| self.release_version(version.revision.number));
            self.retire(machine.current.number);
        }
    }

    pub(crate) fn put_activity(&mut self, activity: Arc<Activity>) {
        self.activity_names.insert(activity.name.clone(), activity.arn.clone());
        self.activities.insert(activity.arn.clone(), activity);
    }

    pub(crate) fn remove_activity(&mut self, arn: &str) {
        if let Some(activity) = self.activities.remove(arn) {
            self.activity_names.remove(&activity.name);
        }
    }

    /// An execution of this revision is in the index.
    pub(crate) fn use_revision(&mut self, number: u64) {
        if !self.is_incomplete
            && let Some(kept) = self.revisions.get_mut(&number)
        {
            kept.executions += 1;
        }
    }

    /// An execution of this revision has left the index.
    pub(crate) fn release_revision(&mut self, number: u64) {
        if !self.is_incomplete
            && let Some(kept) = self.revisions.get_mut(&number)
        {
            kept.executions -= 1;
            self.drop_unused(number);
        }
    }

    /// A catalog into which a log is going to be read.
    pub(crate) fn incomplete(self) -> Catalog {
        Catalog { is_incomplete: true, ..self }
    }

    /// The log has been read: counts the revisions that executions use, and drops those that nobody needs.
    pub(crate) fn complete(&mut self, used: impl Iterator<Item = u64>) {
        self.is_incomplete = false;
        used.for_each(|number| self.use_revision(number));
        self.revisions.retain(|_, kept| !kept.is_unused());
    }

    fn release_version(&mut self, revision: u64) {
        if let Some(kept) = self.revisions.get_mut(&revision) {
            kept.versions -= 1;
            self.drop_unused(revision);
        }
    }

    fn retire(&mut self, number: u64) {
        if let Some(kept) = self.revisions.get_mut(&number) {
            kept.is_current = false;
            self.drop_unused(number);
        }
    }

    fn drop_unused(&mut self, number: u64) {
        if !self.is_incomplete && self.revisions.get(&number).is_some_and(Kept::is_unused) {
            self.revisions.remove(&number);
        }
    }

    /// The catalog as bytes. How many executions use a revision is not part of it, nor is what machines
    /// have published.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.put_u32(self.revisions.len() as u32);
        for kept in self.revisions.values() {
            encode_revision(&kept.revision, out);
        }
        out.put_u32(self.machines.len() as u32);
        for machine in self.machines.values() {
            encode_machine(machine, false, out);
        }
        out.put_u32(self.activities.len() as u32);
        for activity in self.activities.values() {
            encode_activity(activity, out);
        }
    }

    pub(crate) fn decode(bytes: &mut TakeBytes<'_>) -> Result<Catalog, Malformed> {
        let mut catalog = Catalog::default().incomplete();
        for _ in 0..bytes.u32()? {
            let revision = Arc::new(decode_revision(bytes)?);
            catalog.revisions.insert(revision.number, Kept::new(revision));
        }
        for _ in 0..bytes.u32()? {
            let machine = catalog.decode_machine(bytes)?;
            catalog.put_machine(Arc::new(machine));
        }
        for _ in 0..bytes.u32()? {
            catalog.put_activity(Arc::new(decode_activity(bytes)?));
        }
        Ok(catalog)
    }

    /// A machine from a record, with what is known of it that the record does not say.
    pub(crate) fn decode_machine(&self, bytes: &mut TakeBytes<'_>) -> Result<Machine, Malformed> {
        let machine = decode_machine(bytes, |number| self.revision(number).cloned())?;
        let earlier = self.machine(&machine.arn);
        let published = earlier.map_or_else(Arc::default, |earlier| earlier.published.clone());
        Ok(Machine { published, ..machine })
    }
}

impl Kept {
    fn new(revision: Arc<Revision>) -> Kept {
        Kept { revision, is_current: false, versions: 0, executions: 0 }
    }

    fn is_unused(&self) -> bool {
        !self.is_current && self.versions == 0 && self.executions == 0
    }
}

#[cfg(test)]
impl Catalog {
    /// All of it as text.
    pub(crate) fn summary(&self) -> String {
        let machines: BTreeMap<_, _> = self.machines.iter().collect();
        let revisions: BTreeMap<_, _> = self.revisions.iter().collect();
        let activities: BTreeMap<_, _> = self.activities.iter().collect();
        format!(
            "{machines:#?}\n{revisions:#?}\n{activities:#?}\n{:?} {:?}",
            self.machine_names, self.activity_names
        )
    }
}

fn names_after<'a>(names: &'a BTreeMap<Text, Text>, after: Option<&str>) -> impl Iterator<Item = &'a Text> {
    use std::ops::Bound;
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    names.range::<str, _>((from, Bound::Unbounded)).map(|(_, arn)| arn)
}

/// A machine as bytes, with its revision or with that one's number only, and without what it has published.
pub(crate) fn encode_machine(machine: &Machine, with_revision: bool, out: &mut Vec<u8>) {
    out.put_text(&machine.arn);
    out.put_text(&machine.name);
    out.put_u8((machine.machine_type == MachineType::Express).into());
    out.put_u8((machine.status == MachineStatus::Deleting).into());
    out.put_time(machine.created_at);
    out.put_pairs(&machine.tags);
    out.put_u8(with_revision.into());
    match with_revision {
        true => encode_revision(&machine.current, out),
        false => out.put_u64(machine.current.number),
    }
}

fn decode_machine(
    bytes: &mut TakeBytes<'_>,
    known: impl FnOnce(u64) -> Option<Arc<Revision>>,
) -> Result<Machine, Malformed> {
    Ok(Machine {
        arn: bytes.text()?,
        name: bytes.text()?,
        machine_type: if bytes.u8()? == 1 { MachineType::Express } else { MachineType::Standard },
        status: if bytes.u8()? == 1 { MachineStatus::Deleting } else { MachineStatus::Active },
        created_at: bytes.time()?,
        tags: bytes.pairs()?,
        current: match bytes.u8()? {
            1 => Arc::new(decode_revision(bytes)?),
            _ => known(bytes.u64()?).ok_or(Malformed)?,
        },
        published: Arc::default(),
    })
}

fn encode_revision(revision: &Revision, out: &mut Vec<u8>) {
    out.put_u64(revision.number);
    out.put_text(&revision.machine_arn);
    out.put_option(revision.revision_id.as_deref());
    out.put_text(&revision.definition);
    out.put_text(&revision.role_arn);
    out.put_value(&revision.logging);
    out.put_value(&revision.tracing);
    out.put_value(&revision.encryption);
    out.put_time(revision.updated_at);
}

fn decode_revision(bytes: &mut TakeBytes<'_>) -> Result<Revision, Malformed> {
    Ok(Revision {
        number: bytes.u64()?,
        machine_arn: bytes.text()?,
        revision_id: bytes.option()?,
        definition: bytes.str()?.into(),
        role_arn: bytes.text()?,
        logging: bytes.value()?,
        tracing: bytes.value()?,
        encryption: bytes.value()?,
        updated_at: bytes.time()?,
    })
}

pub(crate) fn encode_activity(activity: &Activity, out: &mut Vec<u8>) {
    out.put_text(&activity.arn);
    out.put_text(&activity.name);
    out.put_time(activity.created_at);
    out.put_value(&activity.encryption);
    out.put_pairs(&activity.tags);
}

pub(crate) fn decode_activity(bytes: &mut TakeBytes<'_>) -> Result<Activity, Malformed> {
    Ok(Activity {
        arn: bytes.text()?,
        name: bytes.text()?,
        created_at: bytes.time()?,
        encryption: bytes.value()?,
        tags: bytes.pairs()?,
    })
}
