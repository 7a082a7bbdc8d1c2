//! The Events API: channels that anybody publishes to and listens to, with handlers.

use std::sync::Arc;

use crate::appsync::Shared;
use crate::exchange::{Request, Response};

/// Answers a request to publish.
pub(crate) async fn answer(_shared: &Arc<Shared>, _id: &str, _request: Request) -> Response {
    Response { status: 404, ..Response::default() }
}
