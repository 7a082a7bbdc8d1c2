//! The handle that callers share.
#![allow(dead_code)]

use std::sync::Arc;
use std::time::Duration;

use asl::{Failure, Timestamp};
use aws_names::Scope;
use connectors::Connectors;
use json::{Document, Text};
use store::Store;

use crate::refusal::Refusal;
use crate::request::*;

/// What an engine is told at its start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who we answer as.
    pub scope: Scope,
    /// What happens to a call whose outcome a crash made unknown.
    pub unknown_calls: UnknownCalls,
    /// How the disk is used.
    pub store: store::Settings,
}

/// What happens to a call whose outcome a crash made unknown. (design: durability, 2)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownCalls {
    /// It fails as a broken connection does, so that the machine's own Retry decides.
    #[default]
    Fail,
    /// It is sent again.
    Resend,
}

/// The running engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine {}

impl Engine {
    /// Opens the store, brings back what was open, and starts the loop. Needs a tokio runtime.
    pub fn start(settings: Settings, connectors: Connectors) -> Result<Engine, store::Error> {
        let _ = (settings, connectors);
        todo!()
    }

    /// What can be read.
    pub fn store(&self) -> &Store {
        todo!()
    }

    /// Who we answer as.
    pub fn scope(&self) -> &Scope {
        todo!()
    }

    /// The engine's clock.
    pub fn now(&self) -> Timestamp {
        todo!()
    }

    /// Takes no new work, commits what is queued, and ends the loop. What is open goes on after the next start.
    pub async fn stop(&self) {
        todo!()
    }

    /// Idempotent as AWS's: the same call gives the same ARN and date; anything different is
    /// `StateMachineAlreadyExists`. A bad definition is `InvalidDefinition`.
    pub async fn create_state_machine(&self, request: CreateStateMachine) -> Result<Created, Refusal> {
        let _ = request;
        todo!()
    }

    /// `StateMachineDoesNotExist`, `StateMachineDeleting`, `InvalidDefinition`.
    pub async fn update_state_machine(&self, request: UpdateStateMachine) -> Result<Updated, Refusal> {
        let _ = request;
        todo!()
    }

    /// Stops its executions; an unknown ARN is no error.
    pub async fn delete_state_machine(&self, arn: Text) -> Result<(), Refusal> {
        let _ = arn;
        todo!()
    }

    /// Idempotent by name.
    pub async fn create_activity(&self, request: CreateActivity) -> Result<Created, Refusal> {
        let _ = request;
        todo!()
    }

    /// An unknown ARN is no error.
    pub async fn delete_activity(&self, arn: Text) -> Result<(), Refusal> {
        let _ = arn;
        todo!()
    }

    /// Adds or replaces tags of a state machine or an activity. `ResourceNotFound`, `TooManyTags`.
    pub async fn tag(&self, arn: Text, tags: Vec<(Text, Text)>) -> Result<(), Refusal> {
        let _ = (arn, tags);
        todo!()
    }

    /// Removes tags. `ResourceNotFound`.
    pub async fn untag(&self, arn: Text, keys: Vec<Text>) -> Result<(), Refusal> {
        let _ = (arn, keys);
        todo!()
    }

    /// Returns when the start is on disk. The same name and input as a running execution gives that one's answer.
    /// `StateMachineDoesNotExist`, `StateMachineDeleting`, `ExecutionAlreadyExists`, `ServiceUnavailable`.
    pub async fn start_execution(&self, request: StartExecution) -> Result<Started, Refusal> {
        let _ = request;
        todo!()
    }

    /// Returns the stop date; a closed execution's own. `ExecutionDoesNotExist`.
    pub async fn stop_execution(&self, arn: Text, failure: Failure) -> Result<Timestamp, Refusal> {
        let _ = (arn, failure);
        todo!()
    }

    /// Waits for a task of an activity, at most `patience` (60 s on AWS); `None` when there was none.
    /// Dropping the future takes the worker out of the queue. `ActivityDoesNotExist`, `ActivityWorkerLimitExceeded`.
    pub async fn get_activity_task(
        &self,
        arn: Text,
        worker_name: Option<Text>,
        patience: Duration,
    ) -> Result<Option<ActivityTask>, Refusal> {
        let _ = (arn, worker_name, patience);
        todo!()
    }

    /// SendTaskSuccess. `InvalidToken`, `TaskDoesNotExist`, `TaskTimedOut`.
    pub async fn send_task_success(&self, token: &str, output: Document) -> Result<(), Refusal> {
        let _ = (token, output);
        todo!()
    }

    /// SendTaskFailure. Errors as for success.
    pub async fn send_task_failure(&self, token: &str, failure: Failure) -> Result<(), Refusal> {
        let _ = (token, failure);
        todo!()
    }

    /// SendTaskHeartbeat. Errors as for success.
    pub async fn send_task_heartbeat(&self, token: &str) -> Result<(), Refusal> {
        let _ = token;
        todo!()
    }

    /// The compiled machine of a revision, from the cache; compiled when it is not there.
    pub fn compiled(&self, revision: u64) -> Option<Arc<asl::StateMachine>> {
        let _ = revision;
        todo!()
    }
}
