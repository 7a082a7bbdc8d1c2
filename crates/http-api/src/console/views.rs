//! Which questions the console may ask beside AWS's API, and who answers each.

use engine::Engine;

use super::stream::{Pieces, Streams};
use super::{Console, about, activities, events, executions, machines, waiting};
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
    Server,
}

/// What answers may need.
pub(crate) struct Asked<'a> {
    pub engine: &'a Engine,
    pub metrics: &'a Metrics,
    pub console: &'a Console,
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
            "/v1/server" => View::Server,
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
            View::Server => "DescribeServer",
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
                // It reads files, and others wait for their answers.
                let (engine, query) = (engine.clone(), query.map(str::to_owned));
                let found = tokio::task::spawn_blocking(move || waiting::answer(&engine, query.as_deref()));
                let failed = |_| ApiError::new("InternalFailure", "The search failed.").with_status(500);
                found.await.map_err(failed)?.map(Shown::Json)
            }
            View::Server => about::answer(asked).map(Shown::Json),
        }
    }
}
