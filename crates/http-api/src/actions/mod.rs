//! The API of Step Functions, one file an action.
//!
//! An action reads its request (`read`), asks the engine or the store, and writes its answer
//! (`write`). Never here: HTTP, what a definition means, what an execution does next.

mod create_activity;
mod create_state_machine;
mod create_state_machine_alias;
mod delete_activity;
mod delete_state_machine;
mod delete_state_machine_alias;
mod delete_state_machine_version;
mod describe_activity;
pub(crate) mod describe_execution;
pub(crate) mod describe_map_run;
pub(crate) mod describe_state_machine;
mod describe_state_machine_alias;
mod describe_state_machine_for_execution;
mod get_activity_task;
mod get_execution_history;
mod list_activities;
pub(crate) mod list_executions;
mod list_map_runs;
mod list_state_machine_aliases;
mod list_state_machine_versions;
mod list_state_machines;
mod list_tags_for_resource;
mod publish_state_machine_version;
pub(crate) mod redrive_execution;
mod send_task_failure;
mod send_task_heartbeat;
mod send_task_success;
pub(crate) mod start_execution;
mod start_sync_execution;
mod stop_execution;
mod tag_resource;
mod test_state;
mod untag_resource;
mod update_map_run;
mod update_state_machine;
mod update_state_machine_alias;
mod validate_state_machine_definition;

use engine::Engine;
use execution::execution::Parent;

use crate::error::ApiError;
use crate::members::Body;
use crate::stopping::Stopping;

/// What stands before the action's name in `X-Amz-Target`.
pub(crate) const TARGET_PREFIX: &str = "AWSStepFunctions.";

/// All actions of AWS's model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub(crate) enum Action {
    CreateActivity,
    CreateStateMachine,
    CreateStateMachineAlias,
    DeleteActivity,
    DeleteStateMachine,
    DeleteStateMachineAlias,
    DeleteStateMachineVersion,
    DescribeActivity,
    DescribeExecution,
    DescribeMapRun,
    DescribeStateMachine,
    DescribeStateMachineAlias,
    DescribeStateMachineForExecution,
    GetActivityTask,
    GetExecutionHistory,
    ListActivities,
    ListExecutions,
    ListMapRuns,
    ListStateMachineAliases,
    ListStateMachineVersions,
    ListStateMachines,
    ListTagsForResource,
    PublishStateMachineVersion,
    RedriveExecution,
    SendTaskFailure,
    SendTaskHeartbeat,
    SendTaskSuccess,
    StartExecution,
    StartSyncExecution,
    StopExecution,
    TagResource,
    TestState,
    UntagResource,
    UpdateMapRun,
    UpdateStateMachine,
    UpdateStateMachineAlias,
    ValidateStateMachineDefinition,
}

/// One call of an action, and what it may need.
pub(crate) struct Call<'c> {
    /// Who decides and who knows.
    pub engine: &'c Engine,
    /// What was asked.
    pub body: Body,
    /// The `X-Amzn-Trace-Id` header.
    pub trace_header: Option<&'c str>,
    /// Which call of an execution asks, if one does.
    pub parent: Option<Parent>,
    /// Ends long polls.
    pub stopping: &'c Stopping,
}

impl Action {
    /// All of them; each one's place is its number.
    pub const ALL: [Action; 37] = [
        Action::CreateActivity,
        Action::CreateStateMachine,
        Action::CreateStateMachineAlias,
        Action::DeleteActivity,
        Action::DeleteStateMachine,
        Action::DeleteStateMachineAlias,
        Action::DeleteStateMachineVersion,
        Action::DescribeActivity,
        Action::DescribeExecution,
        Action::DescribeMapRun,
        Action::DescribeStateMachine,
        Action::DescribeStateMachineAlias,
        Action::DescribeStateMachineForExecution,
        Action::GetActivityTask,
        Action::GetExecutionHistory,
        Action::ListActivities,
        Action::ListExecutions,
        Action::ListMapRuns,
        Action::ListStateMachineAliases,
        Action::ListStateMachineVersions,
        Action::ListStateMachines,
        Action::ListTagsForResource,
        Action::PublishStateMachineVersion,
        Action::RedriveExecution,
        Action::SendTaskFailure,
        Action::SendTaskHeartbeat,
        Action::SendTaskSuccess,
        Action::StartExecution,
        Action::StartSyncExecution,
        Action::StopExecution,
        Action::TagResource,
        Action::TestState,
        Action::UntagResource,
        Action::UpdateMapRun,
        Action::UpdateStateMachine,
        Action::UpdateStateMachineAlias,
        Action::ValidateStateMachineDefinition,
    ];

    /// What `X-Amz-Target` asks for.
    pub fn from_target(target: &str) -> Result<Action, ApiError> {
        let unknown = |message| Err(ApiError::new("UnknownOperationException", message));
        let Some(name) = target.strip_prefix(TARGET_PREFIX) else {
            return unknown(format!(
                "This server has no '{target}'. It serves AWS Step Functions: {TARGET_PREFIX}<action>."
            ));
        };
        if let Some(action) = Action::ALL.into_iter().find(|action| action.name() == name) {
            return Ok(action);
        }
        unknown(format!("AWS Step Functions has no action '{name}'."))
    }

    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Action::CreateActivity => "CreateActivity",
            Action::CreateStateMachine => "CreateStateMachine",
            Action::CreateStateMachineAlias => "CreateStateMachineAlias",
            Action::DeleteActivity => "DeleteActivity",
            Action::DeleteStateMachine => "DeleteStateMachine",
            Action::DeleteStateMachineAlias => "DeleteStateMachineAlias",
            Action::DeleteStateMachineVersion => "DeleteStateMachineVersion",
            Action::DescribeActivity => "DescribeActivity",
            Action::DescribeExecution => "DescribeExecution",
            Action::DescribeMapRun => "DescribeMapRun",
            Action::DescribeStateMachine => "DescribeStateMachine",
            Action::DescribeStateMachineAlias => "DescribeStateMachineAlias",
            Action::DescribeStateMachineForExecution => "DescribeStateMachineForExecution",
            Action::GetActivityTask => "GetActivityTask",
            Action::GetExecutionHistory => "GetExecutionHistory",
            Action::ListActivities => "ListActivities",
            Action::ListExecutions => "ListExecutions",
            Action::ListMapRuns => "ListMapRuns",
            Action::ListStateMachineAliases => "ListStateMachineAliases",
            Action::ListStateMachineVersions => "ListStateMachineVersions",
            Action::ListStateMachines => "ListStateMachines",
            Action::ListTagsForResource => "ListTagsForResource",
            Action::PublishStateMachineVersion => "PublishStateMachineVersion",
            Action::RedriveExecution => "RedriveExecution",
            Action::SendTaskFailure => "SendTaskFailure",
            Action::SendTaskHeartbeat => "SendTaskHeartbeat",
            Action::SendTaskSuccess => "SendTaskSuccess",
            Action::StartExecution => "StartExecution",
            Action::StartSyncExecution => "StartSyncExecution",
            Action::StopExecution => "StopExecution",
            Action::TagResource => "TagResource",
            Action::TestState => "TestState",
            Action::UntagResource => "UntagResource",
            Action::UpdateMapRun => "UpdateMapRun",
            Action::UpdateStateMachine => "UpdateStateMachine",
            Action::UpdateStateMachineAlias => "UpdateStateMachineAlias",
            Action::ValidateStateMachineDefinition => "ValidateStateMachineDefinition",
        }
    }

    /// Does it. The answer is a JSON object.
    pub async fn answer(self, call: &Call<'_>) -> Result<String, ApiError> {
        match self {
            Action::CreateActivity => create_activity::answer(call).await,
            Action::CreateStateMachine => create_state_machine::answer(call).await,
            Action::CreateStateMachineAlias => create_state_machine_alias::answer(call).await,
            Action::DeleteActivity => delete_activity::answer(call).await,
            Action::DeleteStateMachine => delete_state_machine::answer(call).await,
            Action::DeleteStateMachineAlias => delete_state_machine_alias::answer(call).await,
            Action::DeleteStateMachineVersion => delete_state_machine_version::answer(call).await,
            Action::DescribeActivity => describe_activity::answer(call),
            Action::DescribeExecution => describe_execution::answer(call),
            Action::DescribeMapRun => describe_map_run::answer(call),
            Action::DescribeStateMachine => describe_state_machine::answer(call),
            Action::DescribeStateMachineAlias => describe_state_machine_alias::answer(call),
            Action::DescribeStateMachineForExecution => describe_state_machine_for_execution::answer(call),
            Action::GetActivityTask => get_activity_task::answer(call).await,
            Action::GetExecutionHistory => get_execution_history::answer(call),
            Action::ListActivities => list_activities::answer(call),
            Action::ListExecutions => list_executions::answer(call),
            Action::ListMapRuns => list_map_runs::answer(call),
            Action::ListStateMachineAliases => list_state_machine_aliases::answer(call),
            Action::ListStateMachineVersions => list_state_machine_versions::answer(call),
            Action::ListStateMachines => list_state_machines::answer(call),
            Action::ListTagsForResource => list_tags_for_resource::answer(call),
            Action::PublishStateMachineVersion => publish_state_machine_version::answer(call).await,
            Action::RedriveExecution => redrive_execution::answer(call).await,
            Action::SendTaskFailure => send_task_failure::answer(call).await,
            Action::SendTaskHeartbeat => send_task_heartbeat::answer(call).await,
            Action::SendTaskSuccess => send_task_success::answer(call).await,
            Action::StartExecution => start_execution::answer(call).await,
            Action::StartSyncExecution => start_sync_execution::answer(call).await,
            Action::StopExecution => stop_execution::answer(call).await,
            Action::TagResource => tag_resource::answer(call).await,
            // Rare, and eight times as large as any other.
            Action::TestState => Box::pin(test_state::answer(call)).await,
            Action::UntagResource => untag_resource::answer(call).await,
            Action::UpdateMapRun => update_map_run::answer(call).await,
            Action::UpdateStateMachine => update_state_machine::answer(call).await,
            Action::UpdateStateMachineAlias => update_state_machine_alias::answer(call).await,
            Action::ValidateStateMachineDefinition => validate_state_machine_definition::answer(call),
        }
    }
}

/// What the tests of the actions share: a request in, what was understood or refused out.
#[cfg(test)]
pub(crate) mod testing {
    use super::{ApiError, Body};

    /// The `code: message` that refuses the body, or what `read` made of it as `show` shows it.
    pub fn outcome<R>(
        read: impl Fn(&Body) -> Result<R, ApiError>,
        show: impl Fn(R) -> String,
        body: &str,
    ) -> String {
        let body = body.replace("ARN:", "arn:aws:states:us-east-1:123456789012:");
        match Body::parse(body.as_bytes()).and_then(|body| read(&body)) {
            Ok(request) => show(request),
            Err(error) => format!("{}: {}", error.code, error.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_covered() {
        assert_eq!(Action::ALL.len(), 37);
        for (place, action) in Action::ALL.into_iter().enumerate() {
            assert_eq!(action as usize, place);
            assert_eq!(action.name(), format!("{action:?}"));
            assert_eq!(Action::from_target(&format!("{TARGET_PREFIX}{}", action.name())), Ok(action));
        }
    }

    /// Every request moves it a few times.
    #[test]
    fn the_future_of_an_action_is_small() {
        fn size<'c, F: Future>(_: impl FnOnce(&'c Call<'c>) -> F) -> usize {
            size_of::<F>()
        }
        let any = size(|call| Action::StartSyncExecution.answer(call));
        assert!(any <= 1536, "{any} bytes: put what is rare and large into a box");
    }

    #[test]
    fn other_targets_are_refused_with_what_there_is() {
        let check = |target: &str, message: &str| {
            let error = Action::from_target(target).expect_err("refused");
            assert_eq!((error.code, error.message.as_str()), ("UnknownOperationException", message));
        };
        check("AWSStepFunctions.Fly", "AWS Step Functions has no action 'Fly'.");
        check(
            "DynamoDB_20120810.PutItem",
            "This server has no 'DynamoDB_20120810.PutItem'. It serves AWS Step Functions: AWSStepFunctions.<action>.",
        );
    }
}
