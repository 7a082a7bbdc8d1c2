//! How clients and this server speak: AppSync's `graphql-ws`, which the older Apollo clients share by name,
//! `graphql-transport-ws`, and server-sent events. (spec/appsync-realtime.md §1.2, 1.6)
//!
//! Never here: what is answered, and when.

use json::{Object, Text, Value};

use super::line::Out;
use crate::request::Asked;

/// How long a client of AppSync may wait for a sign of life: 300 s.
const CONNECTION_TIMEOUT_MILLISECONDS: i64 = 300_000;
/// AppSync's bound on the client's name of a subscription.
const ID_CHARACTERS_MAX: usize = 128;

const COMPLETE_EVENT: &str = "event: complete\ndata: \n\n";

/// A way of speaking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// AppSync's own.
    GraphQlWs,
    /// That of the npm package graphql-ws. AWS does not have it.
    TransportWs,
    /// One operation over HTTP, its answers as events. AWS does not have it.
    Events,
}

/// What a client says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Heard {
    /// It begins, perhaps with what lets it in.
    Init(Object),
    /// It asks for something.
    Start(Text, Result<Start, String>),
    /// It does not want to hear more.
    Stop(Text),
    /// It asks whether we are there.
    Ping,
    /// It is there.
    Pong,
    /// It ends the connection.
    Terminate,
}

/// What it asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Start {
    pub asked: Asked,
    /// The text that a signature was made over.
    pub data: Text,
    /// What lets it in: AppSync wants it with each request.
    pub authorization: Option<Object>,
    /// Whether it came as others than AppSync's clients send it: queries and mutations may come so, too, and nobody waits
    /// for `start_ack`.
    pub is_plain: bool,
}

/// A message that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub id: Option<Text>,
    pub error_type: &'static str,
    pub message: String,
}

impl Dialect {
    /// Reads a message.
    pub fn read(self, text: &str) -> Result<Heard, Wrong> {
        let bad =
            |id, message: &str| Wrong { id, error_type: "BadRequestException", message: message.to_owned() };
        let message = Value::parse(text).map_err(|_| bad(None, "The message is no JSON"))?;
        let kind = message.get("type").and_then(Value::as_str);
        let kind = kind.ok_or_else(|| bad(None, "The message is no object with a type"))?;
        let payload = message.get("payload");
        let id = || match message.get("id").and_then(Value::as_str) {
            Some(id) if (1..=ID_CHARACTERS_MAX).contains(&id.chars().count()) => Ok(Text::from(id)),
            _ => Err(bad(None, &format!("The message has no id of 1 to {ID_CHARACTERS_MAX} characters"))),
        };
        match (self, kind) {
            (Dialect::Events, _) => {}
            (_, "connection_init") => {
                return Ok(Heard::Init(payload.and_then(Value::as_object).cloned().unwrap_or_default()));
            }
            (Dialect::GraphQlWs, "start") | (Dialect::TransportWs, "subscribe") => {
                return Ok(Heard::Start(id()?, self.start(payload)));
            }
            (Dialect::GraphQlWs, "stop") | (Dialect::TransportWs, "complete") => {
                return Ok(Heard::Stop(id()?));
            }
            (Dialect::GraphQlWs, "connection_terminate") => return Ok(Heard::Terminate),
            (Dialect::TransportWs, "ping") => return Ok(Heard::Ping),
            (Dialect::TransportWs, "pong") => return Ok(Heard::Pong),
            _ => {}
        }
        Err(Wrong {
            id: message.get("id").and_then(Value::as_str).map(Text::from),
            error_type: "UnsupportedOperation",
            message: format!("{kind} not supported through the realtime channel"),
        })
    }

    fn start(self, payload: Option<&Value>) -> Result<Start, String> {
        let payload = payload.ok_or("The message has no payload")?;
        let extensions = payload.get("extensions");
        let authorization = extensions.and_then(|extensions| extensions.get("authorization"));
        let authorization = authorization.and_then(Value::as_object).cloned();
        let data = payload.get("data").filter(|_| self == Dialect::GraphQlWs);
        let (body, data, is_plain) = match data {
            Some(Value::String(text)) => {
                let body = Value::parse(text).map_err(|_| "payload.data is no JSON")?;
                (body, text.clone(), false)
            }
            Some(_) => return Err("payload.data is no text".to_owned()),
            None => (payload.clone(), Text::default(), true),
        };
        let asked = Asked::of(&body).map_err(|_| "The payload has no query")?;
        Ok(Start { asked, data, authorization, is_plain })
    }

    /// A sign of life.
    pub fn keep_alive(self) -> &'static str {
        match self {
            Dialect::GraphQlWs => r#"{"type":"ka"}"#,
            Dialect::TransportWs => r#"{"type":"ping"}"#,
            Dialect::Events => ":\n\n",
        }
    }

    /// The client is let in.
    pub fn ack(self) -> Out {
        match self {
            Dialect::GraphQlWs => said(json::value!({
                "type": "connection_ack",
                "payload": {"connectionTimeoutMs": CONNECTION_TIMEOUT_MILLISECONDS}
            })),
            Dialect::TransportWs | Dialect::Events => said(json::value!({"type": "connection_ack"})),
        }
    }

    /// The answer to [`Heard::Ping`].
    pub fn pong(self) -> Out {
        said(json::value!({"type": "pong"}))
    }

    /// A subscription lives. Only AppSync says so.
    pub fn start_ack(self, id: &Text) -> Out {
        said(json::value!({"id": id, "type": "start_ack"}))
    }

    /// What a subscription hears: the value that all of its kind share.
    pub fn data(self, id: &Text, body: std::sync::Arc<str>) -> Out {
        let kind = match self {
            Dialect::GraphQlWs => "data",
            Dialect::TransportWs => "next",
            Dialect::Events => {
                return Out::Shared { head: "event: next\ndata: ".into(), body, tail: "\n\n" };
            }
        };
        let mut head = String::with_capacity(id.len() + 40);
        head.push_str("{\"id\":");
        json::write_string(id, &mut head);
        head.push_str(",\"type\":\"");
        head.push_str(kind);
        head.push_str("\",\"payload\":");
        Out::Shared { head: head.into(), body, tail: "}" }
    }

    /// A subscription is over.
    pub fn complete(self, id: &Text) -> Out {
        match self {
            Dialect::GraphQlWs | Dialect::TransportWs => said(json::value!({"id": id, "type": "complete"})),
            Dialect::Events => Out::Text(COMPLETE_EVENT.into()),
        }
    }

    /// Something went wrong; `errors` is what the payload has under this name.
    pub fn error(self, id: Option<&Text>, errors: Value) -> Out {
        match (self, id) {
            (Dialect::TransportWs, Some(id)) => {
                said(json::value!({"id": id, "type": "error", "payload": errors}))
            }
            // It has no error without a name.
            (Dialect::TransportWs, None) => Out::Close { code: 4400, reason: "Invalid message" },
            (Dialect::GraphQlWs, Some(id)) => {
                said(json::value!({"id": id, "type": "error", "payload": {"errors": errors}}))
            }
            (Dialect::GraphQlWs, None) => {
                said(json::value!({"type": "error", "payload": {"errors": errors}}))
            }
            (Dialect::Events, _) => {
                let body = json::value!({"errors": errors});
                Out::Text(format!("event: next\ndata: {body}\n\n{COMPLETE_EVENT}").into())
            }
        }
    }

    /// A subscription is over, because its client may not listen any more.
    pub fn dismissal(self, id: &Text, errors: Value) -> Vec<Out> {
        let error = self.error(Some(id), errors);
        match self {
            Dialect::GraphQlWs => vec![error, self.complete(id)],
            // There, an error is the end.
            Dialect::TransportWs | Dialect::Events => vec![error],
        }
    }

    /// Nobody is let in: what is said, and the end.
    pub fn refusal(self, errors: Value) -> Vec<Out> {
        match self {
            Dialect::TransportWs => vec![Out::Close { code: 4403, reason: "Forbidden" }],
            Dialect::GraphQlWs | Dialect::Events => vec![
                said(json::value!({"type": "connection_error", "payload": {"errors": errors}})),
                Out::Close { code: 1008, reason: "Not authorized" },
            ],
        }
    }
}

fn said(message: Value) -> Out {
    Out::Text(message.to_text().into())
}

/// One entry of `errors`.
pub(super) fn error(error_type: &str, message: &str) -> Value {
    json::value!({"errorType": error_type, "message": message})
}
