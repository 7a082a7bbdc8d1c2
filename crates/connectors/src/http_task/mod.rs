//! HTTP tasks, `arn:aws:states:::http:invoke`: any HTTPS API, with a connection that lets it in.
//! (spec/integrations.md §5)
//!
//! Never here: retries, where a connection comes from.

mod assemble;
mod form;
mod oauth;

use std::time::Duration;

use asl::Failure;
use connections::{Access, Authorization, Connections, State};
use execution::TaskOutcome;
use json::{Document, Value};

use self::assemble::{Arguments, assemble};
use self::oauth::Tokens;
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
    limits: Limits,
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
        HttpTasks { client, connections, tokens: Tokens::default(), limits: LIMITS }
    }

    /// Does one HTTP task to its end, and tells what went over the wire.
    pub(crate) async fn invoke(
        &self,
        arguments: &Document,
        caller: &Caller,
    ) -> (TaskOutcome, Option<HttpTrace>) {
        let mut trace = None;
        let outcome =
            tokio::time::timeout(self.limits.time_max, self.attempt(arguments, caller, &mut trace)).await;
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
        let answer = request.send(&self.client, self.limits).await.map_err(|error| socket_failure(&error))?;
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use connections::{HttpParameters, OAuth, OAuthMethod, Secret};
    use tokio::net::TcpListener;

    use super::*;
    use crate::outbound::OutboundPolicy;
    use crate::trust::Trust;

    /// Neither the endpoint nor what gives tokens may hold a task up for longer than its time.
    #[tokio::test]
    async fn who_does_not_answer_in_time_is_given_up() {
        // It is never asked for its connections: the system takes them, and nobody answers.
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", silent.local_addr().unwrap());
        let basic = Authorization::Basic { username: "ada".to_owned(), password: Secret::new("hush") };
        let oauth = Authorization::OAuth(OAuth {
            client_id: "id".to_owned(),
            client_secret: Secret::new("hush"),
            endpoint: url.clone(),
            method: OAuthMethod::Post,
            parameters: HttpParameters::default(),
        });
        for (authorization, is_sent) in [(basic, true), (oauth, false)] {
            let connections = Connections::in_memory();
            let access = Access { authorization, parameters: HttpParameters::default() };
            connections.configure(BTreeMap::from([("mine".to_owned(), access)]));
            let client = HttpClient::guarded(&Trust::default(), OutboundPolicy::default());
            let limits = Limits { time_max: Duration::from_millis(50), ..LIMITS };
            let tasks = HttpTasks { limits, ..HttpTasks::new(client, connections) };
            let arguments = json::value!({
                "ApiEndpoint": (url.clone()),
                "Method": "GET",
                "Authentication": { "ConnectionArn": "arn:aws:events:us-east-1:123456789012:connection/mine" },
            });
            let caller =
                Caller { execution_arn: "arn".into(), region: "us-east-1".into(), ..Caller::default() };
            let (outcome, trace) = tasks.invoke(&Document::from_value(arguments), &caller).await;
            let TaskOutcome::Failed(failure) = outcome else { panic!("{outcome:?}") };
            assert_eq!(failure.name(), "States.Http.Socket");
            assert_eq!(failure.cause.as_deref(), Some("The HTTP endpoint did not answer within 60 seconds."));
            assert_eq!(trace.map(|trace| trace.response.is_none()), is_sent.then_some(true));
        }
    }

    #[test]
    fn what_is_text_and_what_is_not() {
        for text in
            ["text/html; charset=x", "application/json", "application/xml", "image/svg+xml", "", "odd"]
        {
            assert!(!is_binary(text), "{text}");
        }
        for binary in
            ["image/png", "AUDIO/mp3", "multipart/form-data; boundary=x", "application/octet-stream"]
        {
            assert!(is_binary(binary), "{binary}");
        }
    }
}
