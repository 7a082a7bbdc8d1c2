//! Functions as this room sees them: they are called, and told which there are.

use std::collections::BTreeMap;

use connectors::{Answering, CallTrouble, Caller, Connectors, FunctionSettings, ObjectAt};
use json::{Object, Text, Value};

use super::fault::{fault, not_found};
use crate::Fault;

/// Where functions run.
pub trait Functions: Send + Sync {
    /// Calls one and waits for what it says.
    fn invoke<'a>(&'a self, invocation: &'a Invocation) -> Answering<'a, Result<Answer, Fault>>;

    /// An object of S3, such as an archive. Or else why not.
    fn fetch<'a>(&'a self, place: &'a Place) -> Answering<'a, Result<Vec<u8>, String>>;

    /// Those of the settings.
    fn of_settings(&self) -> BTreeMap<String, FunctionSettings>;

    /// Takes over those that were made, all of them.
    fn set_made(&self, made: BTreeMap<String, FunctionSettings>);
}

/// Where an object of S3 is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The bucket's name.
    pub bucket: Text,
    /// The object's.
    pub key: Text,
    /// The latest, if left out.
    pub version: Option<Text>,
    /// Of whoever asks.
    pub region: Text,
    /// More is not fetched.
    pub bytes_max: usize,
}

/// A call of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invocation {
    /// A name or an ARN, as the caller has it.
    pub function: Text,
    /// A version or an alias, given apart.
    pub qualifier: Option<Text>,
    /// Whether only the request is checked.
    pub is_dry: bool,
    /// Whether the end of its log is wanted.
    pub log_tail: bool,
    /// Base64.
    pub client_context: Option<Text>,
    /// JSON; empty for nothing.
    pub payload: Vec<u8>,
    /// Of whoever calls.
    pub region: Text,
    /// The same if it is made again.
    pub token: String,
}

/// What a function says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// 200, or 204 for a dry run.
    pub status: i64,
    /// `Unhandled`, if it failed; the payload says how.
    pub function_error: Option<Text>,
    /// Base64, if it was wanted.
    pub log_result: Option<Text>,
    /// `$LATEST`
    pub executed_version: Option<Text>,
    /// Its result, JSON.
    pub payload: String,
}

/// An object is fetched in pieces of this size.
const PIECE_BYTES: usize = 4 << 20;

impl Functions for Connectors {
    fn invoke<'a>(&'a self, invocation: &'a Invocation) -> Answering<'a, Result<Answer, Fault>> {
        Box::pin(async move {
            let caller = Caller { region: invocation.region.clone(), ..Caller::default() };
            let (input, payload) = (invocation.input(), invocation.payload.clone());
            let answer =
                self.call_with_body("lambda", "Invoke", &input, payload.into(), &caller, &invocation.token);
            let output = answer.await.map_err(|trouble| refusal(invocation, trouble))?;
            Ok(Answer::of_output(&output))
        })
    }

    fn fetch<'a>(&'a self, place: &'a Place) -> Answering<'a, Result<Vec<u8>, String>> {
        Box::pin(async move {
            let objects = self.objects(Caller { region: place.region.clone(), ..Caller::default() });
            let at = ObjectAt {
                bucket: place.bucket.clone(),
                key: place.key.clone(),
                version_id: place.version.clone(),
                expected_bucket_owner: None,
            };
            let mut bytes = Vec::new();
            let mut etag: Option<String> = None;
            // Each turn brings something, or is the last.
            loop {
                let part = objects.read(&at, bytes.len() as u64, PIECE_BYTES, etag.as_deref()).await;
                let part = part.map_err(|trouble| trouble.to_string())?;
                if part.size > place.bytes_max as u64 {
                    return Err(format!("it has more than {} bytes", place.bytes_max));
                }
                bytes.extend_from_slice(&part.bytes);
                if part.bytes.is_empty() || bytes.len() as u64 >= part.size {
                    return Ok(bytes);
                }
                etag = part.etag;
            }
        })
    }

    fn of_settings(&self) -> BTreeMap<String, FunctionSettings> {
        self.functions_of_settings()
    }

    fn set_made(&self, made: BTreeMap<String, FunctionSettings>) {
        self.set_functions(made);
    }
}

impl Invocation {
    /// Without its payload.
    fn input(&self) -> Value {
        let mut input = Object::new();
        input.insert("FunctionName", self.function.clone());
        input.insert("InvocationType", if self.is_dry { "DryRun" } else { "RequestResponse" });
        if self.log_tail {
            input.insert("LogType", "Tail");
        }
        if let Some(qualifier) = &self.qualifier {
            input.insert("Qualifier", qualifier.clone());
        }
        if let Some(context) = &self.client_context {
            input.insert("ClientContext", context.clone());
        }
        Value::Object(input)
    }
}

impl Answer {
    fn of_output(output: &Value) -> Answer {
        let text = |name: &str| output.get(name).and_then(Value::as_str).map(Text::from);
        Answer {
            status: output.get("StatusCode").and_then(Value::as_i64).unwrap_or(200),
            function_error: text("FunctionError"),
            log_result: text("LogResult"),
            executed_version: text("ExecutedVersion"),
            payload: match output.get("Payload") {
                Some(Value::String(payload)) => payload.to_string(),
                Some(payload) => payload.to_text(),
                None => String::new(),
            },
        }
    }
}

fn refusal(invocation: &Invocation, trouble: CallTrouble) -> Fault {
    match trouble {
        CallTrouble::Refused(error) => {
            let code = error.shape.as_deref().unwrap_or(&error.code);
            fault(code, error.message.clone(), error.status)
        }
        // Nothing says where it could be.
        CallTrouble::NotMade(why) => {
            tracing::info!(target: "lambda", "{} cannot be called: {why}", invocation.function);
            not_found(&invocation.function)
        }
        CallTrouble::NoAnswer(why) => fault("ServiceException", why, 502),
    }
}
