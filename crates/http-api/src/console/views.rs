//! Which questions the console may ask beside AWS's API, and who answers each.

use engine::Engine;

use super::stream::{Pieces, Streams};
use super::{Console, about, events, executions, machines, services};
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
    Server,
    Services,
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
            View::Server => "DescribeServer",
            View::Services => "ListServices",
        }
    }

    /// Answers it.
    pub fn answer(self, asked: &Asked<'_>) -> Result<Shown, ApiError> {
        let Asked { engine, query, .. } = *asked;
        match self {
            View::Events => events::answer(engine, asked.streams, asked.stopping, query).map(Shown::Events),
            View::Executions => executions::search(engine, query).map(Shown::Json),
            View::Execution => executions::describe(engine, query).map(Shown::Json),
            View::StateMachines => machines::answer(engine, query).map(Shown::Json),
            View::Server => about::answer(engine, asked.metrics, asked.console, query).map(Shown::Json),
            View::Services => services::answer(query).map(Shown::Json),
        }
    }
}
