//! Step Functions for executions of this very server: the same actions, without HTTP and without
//! signatures.
//!
//! Never here: what an action does.

use std::sync::Arc;

use connectors::{Answering, BuiltIn, BuiltInAnswer, BuiltInCall};
use engine::{Engine, WeakEngine};
use execution::execution::Parent;
use tokio::sync::watch;

use crate::actions::{Action, Call, TARGET_PREFIX};
use crate::error::ApiError;
use crate::members::Body;
use crate::request_id::RequestIds;
use crate::stopping::Stopping;

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// What Tasks reach as Step Functions. Connectors have it before the engine begins, because what a restart
/// brings back calls at once; such calls wait until [`serve`](StepFunctions::serve) was called.
pub struct StepFunctions {
    engine: watch::Sender<Option<WeakEngine>>,
    request_ids: RequestIds,
    /// Long polls of executions end with the engine, not with the listener: nobody ends them here.
    stopping: Stopping,
    _never_stops: watch::Sender<bool>,
}

impl StepFunctions {
    /// One that does not know its engine yet.
    pub fn new() -> Arc<StepFunctions> {
        let (engine, _) = watch::channel(None);
        let (_never_stops, stopping) = Stopping::new();
        Arc::new(StepFunctions { engine, request_ids: RequestIds::new(), stopping, _never_stops })
    }

    /// Calls are answered by this engine from now on.
    pub fn serve(&self, engine: &Engine) {
        self.engine.send_replace(Some(engine.downgrade()));
    }

    async fn engine(&self) -> Result<Engine, ApiError> {
        let mut known = self.engine.subscribe();
        let weak = match known.wait_for(Option::is_some).await {
            Ok(weak) => weak.clone(),
            Err(_) => None,
        };
        weak.and_then(|weak| weak.upgrade()).ok_or_else(|| {
            ApiError::new("ServiceUnavailable", "The server is stopping; try again when it is back")
                .with_status(503)
        })
    }

    async fn perform(&self, call: &BuiltInCall<'_>) -> Result<String, ApiError> {
        let action = Action::from_target(&format!("{TARGET_PREFIX}{}", call.operation.name()))?;
        let engine = self.engine().await?;
        let body = Body::parse(&call.body)?;
        // Services of this process call, too: what they start is nobody's child.
        let execution_arn = Some(call.caller.execution_arn.clone()).filter(|arn| !arn.is_empty());
        let parent = execution_arn.map(|execution_arn| Parent { execution_arn, call: call.token.into() });
        let stopping = &self.stopping;
        let call = Call { engine: &engine, body, trace_header: None, parent, stopping };
        action.answer(&call).await
    }
}

impl BuiltIn for StepFunctions {
    fn answer<'a>(&'a self, call: BuiltInCall<'a>) -> Answering<'a, BuiltInAnswer> {
        Box::pin(async move {
            let (status, body) = match self.perform(&call).await {
                Ok(body) => (200, body),
                Err(error) => (error.status, error.body()),
            };
            BuiltInAnswer::new(status, CONTENT_TYPE, self.request_ids.next(), body.into())
        })
    }

    fn ended<'a>(&'a self, job_arn: &'a str) -> Answering<'a, ()> {
        Box::pin(async move {
            let closed = match self.engine().await {
                Ok(engine) => engine.closed(job_arn),
                // Whoever asks for the end is told that nobody is there.
                Err(_) => return,
            };
            closed.await;
        })
    }
}
