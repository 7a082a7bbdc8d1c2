//! A request to an API of the project in place of a start, as a client makes it who knows no ARN.

use anyhow::Context;
use engine::Engine;
use gateway::{Gateway, Request, Response};
use json::{Document, Text};
use store::Search;

/// Whose connection the API takes it for.
const SOURCE_IP: &str = "127.0.0.1";

/// Posts JSON to a path of this server: `/rest/dragons/dev/dragons`.
pub async fn post(gateway: Option<&Gateway>, path: &str, body: &Document) -> anyhow::Result<Response> {
    let gateway =
        gateway.context("--post needs APIs, and [services] off names apigateway: take it out there")?;
    let (place, query) = path.split_once('?').unwrap_or((path, ""));
    let asked = gateway.front.asked(None, place).with_context(|| {
        format!("--post {path}: no API is there; [rest.NAME] in stepwell.toml makes /rest/NAME/STAGE and what is below it")
    })?;
    let request = Request {
        method: "POST".to_owned(),
        query: query.to_owned(),
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        body: body.value().to_text().into_bytes(),
        source_ip: SOURCE_IP.to_owned(),
        ..Request::default()
    };
    Ok(gateway.answer(&asked, request).await)
}

/// The execution that began first, if one is kept: EXPRESS ones are not.
pub fn started(engine: &Engine) -> Option<Text> {
    let newest_first = engine.store().search(&Search { limit: usize::MAX, ..Search::default() });
    newest_first.executions.last().map(store::ExecutionRow::arn)
}
