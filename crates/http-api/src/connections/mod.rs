//! The connections of EventBridge's API, one file an action: what HTTP tasks are let in with.
//!
//! An action reads its request, changes or asks the store of connections, and writes its answer. Secrets come
//! in and never go out. Never here: HTTP, where connections are kept, calls with them.

mod create_connection;
mod deauthorize_connection;
mod delete_connection;
mod describe_connection;
mod list_connections;
mod parameters;
mod update_connection;

use asl::Timestamp;
use aws_names::Scope;
use connections::{ChangeError, Connection, Connections};
use hyper::header::HeaderValue;

use crate::answer;
use crate::error::ApiError;
use crate::members::Body;

/// What stands before the action's name in `X-Amz-Target`.
const TARGET_PREFIX: &str = "AWSEvents.";

/// The actions on connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub(crate) enum ConnectionAction {
    CreateConnection,
    DeauthorizeConnection,
    DeleteConnection,
    DescribeConnection,
    ListConnections,
    UpdateConnection,
}

/// A call of an action.
pub(crate) struct Call<'c> {
    /// All connections.
    pub connections: &'c Connections,
    /// Who we answer as.
    pub scope: &'c Scope,
    /// The time of day.
    pub now: Timestamp,
    /// The request.
    pub body: Body,
}

/// What a target asks for; `None` if that is nothing about connections. All else of EventBridge is a service of its own.
pub(crate) fn action(target: &HeaderValue) -> Option<ConnectionAction> {
    let name = target.to_str().ok()?.strip_prefix(TARGET_PREFIX)?;
    ConnectionAction::ALL.into_iter().find(|action| action.name() == name)
}

impl ConnectionAction {
    const ALL: [ConnectionAction; 6] = [
        ConnectionAction::CreateConnection,
        ConnectionAction::DeauthorizeConnection,
        ConnectionAction::DeleteConnection,
        ConnectionAction::DescribeConnection,
        ConnectionAction::ListConnections,
        ConnectionAction::UpdateConnection,
    ];

    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            ConnectionAction::CreateConnection => "CreateConnection",
            ConnectionAction::DeauthorizeConnection => "DeauthorizeConnection",
            ConnectionAction::DeleteConnection => "DeleteConnection",
            ConnectionAction::DescribeConnection => "DescribeConnection",
            ConnectionAction::ListConnections => "ListConnections",
            ConnectionAction::UpdateConnection => "UpdateConnection",
        }
    }

    /// Does it. The answer is a JSON object.
    pub async fn answer(self, call: &Call<'_>) -> Result<String, ApiError> {
        match self {
            ConnectionAction::CreateConnection => create_connection::answer(call).await,
            ConnectionAction::DeauthorizeConnection => deauthorize_connection::answer(call).await,
            ConnectionAction::DeleteConnection => delete_connection::answer(call).await,
            ConnectionAction::DescribeConnection => describe_connection::answer(call),
            ConnectionAction::ListConnections => list_connections::answer(call),
            ConnectionAction::UpdateConnection => update_connection::answer(call).await,
        }
    }
}

/// Makes a change on a thread that may wait for the disk.
async fn change(
    call: &Call<'_>,
    change: impl FnOnce(&Connections) -> Result<Connection, ApiError> + Send + 'static,
) -> Result<Connection, ApiError> {
    let connections = call.connections.clone();
    let changed = tokio::task::spawn_blocking(move || change(&connections)).await;
    changed.unwrap_or_else(|error| {
        tracing::error!(%error, "changing a connection ended with a defect of Stepwell");
        Err(ApiError::new("InternalException", "The server has a defect; its log says more.")
            .with_status(500))
    })
}

impl From<ChangeError> for ApiError {
    fn from(error: ChangeError) -> ApiError {
        let code = match &error {
            ChangeError::AlreadyExists(_) => "ResourceAlreadyExistsException",
            ChangeError::DoesNotExist(_) => "ResourceNotFoundException",
            ChangeError::TooMany => "LimitExceededException",
            // What went wrong is for the log, not for callers.
            ChangeError::NotKept(error) => {
                tracing::error!(%error, "a connection could not be kept");
                let message = "The server could not keep the connection; its log says why.";
                return ApiError::new("InternalException", message).with_status(500);
            }
        };
        ApiError::new(code, error.to_string())
    }
}

/// The name in a request that has nothing else.
fn read_name(body: &Body) -> Result<String, ApiError> {
    let members = body.capital_members();
    let name = members.required_text("Name", &crate::constraint::CONNECTION_NAME)?;
    members.check()?;
    Ok(name.to_string())
}

/// What every change is answered with. `state` is what AWS says while it does what is done here at once.
fn write_changed(connection: &Connection, state: &str, was_authorized: bool) -> String {
    answer::object(|answer| {
        answer.text("ConnectionArn", &connection.arn);
        answer.text("ConnectionState", state);
        answer.time("CreationTime", Timestamp(connection.created_at));
        answer.time("LastModifiedTime", Timestamp(connection.modified_at));
        if was_authorized {
            answer.time("LastAuthorizedTime", Timestamp(connection.authorized_at));
        }
    })
}
