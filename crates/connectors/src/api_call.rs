//! Calls of an HTTP endpoint with a connection, as HTTP tasks make them, for this process's own services.
//!
//! Never here: retries, how long one waits.

use json::{Document, Value};

use crate::connectors::{Caller, Connectors, UnderWay};

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiTrouble {
    /// As an HTTP task fails: `States.Http.StatusCode.404`, `States.Http.Socket`.
    pub name: String,
    /// What happened, for people.
    pub cause: String,
}

impl Connectors {
    /// Calls an endpoint with the arguments of an HTTP task: `ApiEndpoint`, `Method`, `Authentication`, `Headers`,
    /// `QueryParameters`, `RequestBody`.
    pub async fn call_api(&self, arguments: &Value, caller: &Caller) -> Result<Value, ApiTrouble> {
        let routes = self.routes();
        let _place = routes.lines.place_of("http", arguments).await;
        let _under_way = UnderWay::begin(&self.calls);
        let (outcome, _) = routes.http.invoke(&Document::from_value(arguments.clone()), caller).await;
        match outcome {
            execution::TaskOutcome::Succeeded(result) => Ok(result.value().clone()),
            execution::TaskOutcome::Failed(failure) => Err(ApiTrouble {
                name: failure.error.map(|error| error.to_string()).unwrap_or_default(),
                cause: failure.cause.unwrap_or_default(),
            }),
            execution::TaskOutcome::TimedOut => unreachable!("an HTTP task succeeds or fails"),
        }
    }
}
