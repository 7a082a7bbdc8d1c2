//! HTTP tasks, `arn:aws:states:::http:invoke`: any HTTPS API, with a connection that lets it in.
//! (spec/integrations.md §5)
//!
//! Never here: retries, where a connection comes from.

mod assemble;
mod form;
mod oauth;
mod problems;

use std::time::Duration;

use asl::Failure;
use connections::{Access, Authorization, Connections, State};
use execution::TaskOutcome;
use json::{Document, Value};

use self::assemble::{Arguments, assemble};
use self::oauth::Tokens;
use self::problems::problems;
use crate::connectors::Caller;
use crate::http_client::{HttpClient, Limits, NoAnswer};
use crate::plain_http::{PlainAnswer, PlainRequest, ShownRequest, ShownResponse};

/// AWS's limits: 60 s for everything, and a state's data. The answer is asked for in that many bytes, too.
const LIMITS: Limits = Limits { time_max: Duration::from_secs(60), bytes_max: 262_144 };

/// What HTTP tasks are done with.
#[derive(Debug)]
pub(crate) struct HttpTasks {
    /// Checks where it connects to.
    client: HttpClient,
    connections: Connections,
    tokens: Tokens,
}

/// What went over the wire, for whoever tests a state.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpTrace {
    /// As it was sent.
    pub request: ShownRequest,
    /// The same without what the connection added.
    pub request_without_secrets: ShownRequest,
    /// What came back, if anything did.
    pub response: Option<ShownResponse>,
}

impl HttpTasks {
    pub(crate) fn new(client: HttpClient, connections: Connections) -> HttpTasks {
        HttpTasks { client, connections, tokens: Tokens::default() }
    }

    /// Does one HTTP task to its end, and tells what went over the wire.
    pub(crate) async fn invoke(
        &self,
        arguments: &Document,
        caller: &Caller,
    ) -> (TaskOutcome, Option<HttpTrace>) {
        let mut trace = None;
        let outcome =
            tokio::time::timeout(LIMITS.time_max, self.attempt(arguments, caller, &mut trace)).await;
        let outcome = match outcome.unwrap_or_else(|_| Err(socket_failure(&NoAnswer::Late))) {
            Ok(result) => TaskOutcome::Succeeded(Document::from_value(result)),
            Err(failure) => TaskOutcome::Failed(failure),
        };
        (outcome, trace)
    }

    async fn attempt(
        &self,
        arguments: &Document,
        caller: &Caller,
        trace: &mut Option<HttpTrace>,
    ) -> Result<Value, Failure> {
        let problems = problems(arguments.value());
        if !problems.is_empty() {
            return Err(Failure::runtime(format!(
                "The Parameters '{}' could not be used to start the Task: [{}]",
                arguments.text(),
                problems.join(", ")
            )));
        }
        let arguments = Arguments::new(arguments.value());
        let access = self.access(arguments.connection_arn)?;
        let plain = assemble(&arguments, None, None, &caller.region)?;
        let Authorization::OAuth(oauth) = &access.authorization else {
            let request = assemble(&arguments, Some(&access), None, &caller.region)?;
            return self.send(&request, &plain, trace).await.and_then(result);
        };
        let token = self.tokens.get(arguments.connection_arn, oauth, None, &self.client).await?;
        let request = assemble(&arguments, Some(&access), Some(token.bearer()), &caller.region)?;
        let answer = self.send(&request, &plain, trace).await?;
        if !matches!(answer.status, 401 | 403) || token.is_fresh {
            return result(answer);
        }
        // The token may have been withdrawn before its time.
        let token =
            self.tokens.get(arguments.connection_arn, oauth, Some(token.bearer()), &self.client).await?;
        let request = assemble(&arguments, Some(&access), Some(token.bearer()), &caller.region)?;
        self.send(&request, &plain, trace).await.and_then(result)
    }

    fn access(&self, arn: &str) -> Result<std::sync::Arc<Access>, Failure> {
        match self.connections.find(arn) {
            Some(usable) => match usable.state {
                State::Authorized => Ok(usable.access),
                State::Deauthorized => Err(Failure::new(
                    "Events.ConnectionResource.InvalidConnectionState",
                    format!("The connection {arn} is DEAUTHORIZED: UpdateConnection authorizes it again."),
                )),
            },
            None => Err(Failure::new(
                "Events.ConnectionResource.ResourceNotFound",
                format!(
                    "The connection {arn} does not exist: create it with CreateConnection, or add [connections.NAME] to \
                     stepwell.toml."
                ),
            )),
        }
    }

    async fn send(
        &self,
        request: &PlainRequest,
        plain: &PlainRequest,
        trace: &mut Option<HttpTrace>,
    ) -> Result<PlainAnswer, Failure> {
        let (shown, request_without_secrets) = (request.shown(), plain.shown());
        let told = trace.insert(HttpTrace { request: shown, request_without_secrets, response: None });
        let answer = request.send(&self.client, LIMITS).await.map_err(|error| socket_failure(&error))?;
        told.response = Some(answer.shown(request.protocol()));
        Ok(answer)
    }
}

/// AWS's response limit is that of a state's data; everything else is trouble with the connection.
fn socket_failure(error: &NoAnswer) -> Failure {
    match error {
        NoAnswer::TooLarge(_) => Failure::new(
            aws_names::error::DATA_LIMIT_EXCEEDED,
            "The state/task 'arn:aws:states:::http:invoke' returned a result with a size exceeding the maximum number of \
             bytes service limit.",
        ),
        NoAnswer::Late => Failure::new(SOCKET, "The HTTP endpoint did not answer within 60 seconds."),
        NoAnswer::Broken(_) => Failure::new(SOCKET, error.reason()),
    }
}

const SOCKET: &str = "States.Http.Socket";

fn result(answer: PlainAnswer) -> Result<Value, Failure> {
    if !(200..=299).contains(&answer.status) {
        let text = answer.text();
        let cause = if text.is_empty() { answer.status_text.clone() } else { text };
        return Err(Failure::new(format!("States.Http.StatusCode.{}", answer.status), cause));
    }
    if let Some(kind) = answer.header("content-type").filter(|kind| is_binary(kind)) {
        return Err(Failure::new(
            aws_names::error::TASK_FAILED,
            format!(
                "The response has the content type {kind}, which an HTTP task cannot take: it takes text and JSON."
            ),
        ));
    }
    Ok(answer.into_result(str::to_owned))
}

/// Whether a response of this content type is no text.
fn is_binary(content_type: &str) -> bool {
    const APPLICATIONS: [&str; 9] =
        ["gzip", "msword", "octet-stream", "pdf", "vnd.rar", "wasm", "x-7z-compressed", "x-tar", "zip"];
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.split_once('/') {
        Some(("image", subtype)) => subtype != "svg+xml",
        Some(("audio" | "video" | "font" | "multipart", _)) => true,
        Some(("application", subtype)) => APPLICATIONS.contains(&subtype),
        _ => false,
    }
}
