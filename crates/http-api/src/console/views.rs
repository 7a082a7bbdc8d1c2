//! Which questions the console may ask beside AWS's API, and who answers each.

use ::services::Served;
use engine::Engine;

use super::stream::{Pieces, Streams};
use super::{Console, about, activities, events, executions, machines, queue_messages, services, waiting};
use crate::error::ApiError;
use crate::metrics::Metrics;
use crate::stopping::Stopping;

/// A question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    Events,
    Executions,
    Execution,
    StateMachines,
    Activities,
    Waiting,
    QueueMessages,
    Server,
    Services,
}

/// What answers may need.
pub(crate) struct Asked<'a> {
    pub engine: &'a Engine,
    pub metrics: &'a Metrics,
    pub console: &'a Console,
    pub services: &'a Served,
    pub streams: &'a Streams,
    pub stopping: &'a Stopping,
    /// Behind the question mark.
    pub query: Option<&'a str>,
}

/// What comes back.
pub(crate) enum Shown {
    /// JSON.
    Json(String),
    /// Server-sent events.
    Events(Pieces),
}

impl View {
    /// The question at a path.
    pub fn at(path: &str) -> Option<View> {
        Some(match path {
            "/v1/events" => View::Events,
            "/v1/executions" => View::Executions,
            "/v1/execution" => View::Execution,
            "/v1/state-machines" => View::StateMachines,
            "/v1/activities" => View::Activities,
            "/v1/waiting" => View::Waiting,
            "/v1/queue-messages" => View::QueueMessages,
            "/v1/server" => View::Server,
            "/v1/services" => View::Services,
            _ => return None,
        })
    }

    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            View::Events => "FollowEvents",
            View::Executions => "SearchExecutions",
            View::Execution => "ExecutionOrigin",
            View::StateMachines => "CountExecutions",
            View::Activities => "CountWorkers",
            View::Waiting => "ListWaitingTasks",
            View::QueueMessages => "PeekMessages",
            View::Server => "DescribeServer",
            View::Services => "ListServices",
        }
    }

    /// Answers it.
    pub async fn answer(self, asked: &Asked<'_>) -> Result<Shown, ApiError> {
        let Asked { engine, query, .. } = *asked;
        match self {
            View::Events => events::answer(engine, asked.streams, asked.stopping, query).map(Shown::Events),
            View::Executions => executions::search(engine, query).map(Shown::Json),
            View::Execution => executions::describe(engine, query).map(Shown::Json),
            View::StateMachines => machines::answer(engine, query).map(Shown::Json),
            View::Activities => activities::answer(engine, query).await.map(Shown::Json),
            View::Waiting => {
                let (engine, query) = (engine.clone(), query.map(str::to_owned));
                beside(move || waiting::answer(&engine, query.as_deref())).await
            }
            View::QueueMessages => {
                let (services, query) = (asked.services.clone(), query.map(str::to_owned));
                beside(move || queue_messages::answer(&services, query.as_deref())).await
            }
            View::Server => about::answer(asked).map(Shown::Json),
            // The first search reads every model there is.
            View::Services => {
                let query = query.map(str::to_owned);
                beside(move || services::answer(query.as_deref())).await
            }
        }
    }
}

/// What reads files is done where it holds up nobody.
async fn beside(look: impl FnOnce() -> Result<String, ApiError> + Send + 'static) -> Result<Shown, ApiError> {
    let failed = |_| ApiError::new("InternalFailure", "The search failed.").with_status(500);
    tokio::task::spawn_blocking(look).await.map_err(failed)?.map(Shown::Json)
}
