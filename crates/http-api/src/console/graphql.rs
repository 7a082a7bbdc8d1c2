//! `POST /v1/graphql`: a request to a GraphQL API as somebody, with all that its resolvers did. (docs/v1-api.md)
//!
//! Never here: what an API does.

use appsync::AppSync;
use hyper::body::Bytes;
use json::Value;

use crate::error::ApiError;

/// Where it is.
pub(crate) const PATH: &str = "/v1/graphql";
/// Its name in metrics.
pub(crate) const NAME: &str = "GraphQL";

/// Executes it. What fails as it would for a client is an answer, not an error.
pub(crate) async fn answer(appsync: Option<&AppSync>, bytes: &Bytes) -> Result<String, ApiError> {
    let appsync =
        appsync.ok_or_else(|| refused("NotFoundException", "This server has no GraphQL APIs.", 404))?;
    let body = Value::parse_bytes(bytes)
        .map_err(|error| refused("BadRequestException", &format!("The body is not JSON: {error}"), 400))?;
    match appsync.answer_as_somebody(&body).await {
        Ok(answer) => Ok(answer.to_text()),
        Err(fault) if fault.status == 404 => Err(refused("NotFoundException", &fault.message, 404)),
        Err(fault) => Err(refused("BadRequestException", &fault.message, fault.status)),
    }
}

fn refused(code: &'static str, message: &str, status: u16) -> ApiError {
    ApiError::new(code, message).with_status(status)
}
