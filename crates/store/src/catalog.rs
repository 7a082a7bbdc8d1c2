//! State machines with their revisions, and activities.

use std::sync::Arc;

use asl::Timestamp;
use json::{Text, Value};

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
}

/// STANDARD or EXPRESS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum MachineType {
    Standard,
    Express,
}

/// ACTIVE or DELETING.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum MachineStatus {
    Active,
    Deleting,
}

/// What CreateStateMachine or an UpdateStateMachine settled. Executions keep theirs.
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
