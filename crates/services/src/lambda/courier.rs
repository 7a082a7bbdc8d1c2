//! Functions that nobody waits for: they are called until they succeed or are given up, and then somebody may hear of it.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use connectors::Answering;
use json::{Object, Text, Value};
use ledger::{Batch, Ledger};

use super::kept::Kept;
use super::port::{Answer, Functions, Invocation};
use crate::Fault;
use crate::delivery::{
    Aim, Attempt, Backoff, Calls, Clock, Courier, Deliveries, Leg, OutCall, Outcome, Parcel, Target, Trouble,
    dead_letter,
};
use crate::timestamp::iso8601;

/// When a function that failed is tried again. (spec/event-routers.md §5.1)
const PAUSES: [i64; 2] = [60_000, 120_000];

/// Pauses after a call that the function never saw: they double from a second to five minutes.
const UNSEEN_PAUSE: i64 = 1_000;
const UNSEEN_PAUSE_MAX: i64 = 300_000;

/// A message attribute has so much of an error.
const ERROR_BYTES_MAX: usize = 1_024;

/// Calls functions.
pub(super) struct Caller {
    pub ledger: Ledger,
    pub kept: Arc<RwLock<Kept>>,
    pub functions: Arc<dyn Functions>,
    pub calls: Arc<dyn Calls>,
    pub clock: Arc<dyn Clock>,
    /// Known once they have started.
    pub deliveries: Arc<OnceLock<Deliveries>>,
}

/// For whom a leg is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum To {
    /// The function, with the parcel's body as its event.
    Function {
        name: Text,
        qualifier: Option<Text>,
        /// Unqualified.
        arn: Text,
        request_id: Text,
        client_context: Option<Text>,
        region: Text,
    },
    /// Whoever hears what came of it; the body is the call, ready to be made.
    Call,
}

impl To {
    pub fn to_bytes(&self) -> Vec<u8> {
        let To::Function { name, qualifier, arn, request_id, client_context, region } = self else {
            return b"{}".to_vec();
        };
        let mut record = Object::new();
        let mut say = |name: &str, value: Option<&Text>| {
            value.map(|value| record.insert(name, value.clone()));
        };
        say("name", Some(name));
        say("qualifier", qualifier.as_ref());
        say("arn", Some(arn));
        say("id", Some(request_id));
        say("context", client_context.as_ref());
        say("region", Some(region));
        Value::Object(record).to_text().into_bytes()
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<To> {
        let record = Value::parse_bytes(bytes).ok()?;
        let text = |name: &str| record.get(name).and_then(Value::as_str).map(Text::from);
        let Some(name) = text("name") else { return Some(To::Call) };
        Some(To::Function {
            name,
            qualifier: text("qualifier"),
            arn: text("arn")?,
            request_id: text("id")?,
            client_context: text("context"),
            region: text("region")?,
        })
    }
}

impl Courier for Caller {
    fn attempt<'a>(&'a self, attempt: Attempt<'a>) -> Answering<'a, Outcome> {
        Box::pin(async move {
            match To::from_bytes(attempt.to) {
                Some(to @ To::Function { .. }) => self.call(&to, &attempt).await,
                Some(To::Call) => self.tell(&attempt).await,
                None => {
                    tracing::error!(target: "lambda", "an event is none of this version's, and is given up");
                    Outcome::Done
                }
            }
        })
    }
}

/// How an event ended.
struct End<'a> {
    condition: &'static str,
    /// What the function said, if it was called.
    answer: Option<&'a Answer>,
    error: Option<Trouble>,
}

impl Caller {
    async fn call(&self, to: &To, attempt: &Attempt<'_>) -> Outcome {
        let To::Function { name, qualifier, client_context, region, .. } = to else { return Outcome::Done };
        let invocation = Invocation {
            function: name.clone(),
            qualifier: qualifier.clone(),
            client_context: client_context.clone(),
            payload: attempt.body.to_vec(),
            region: region.clone(),
            token: attempt.id.uuid(),
            ..Invocation::default()
        };
        let outcome = self.functions.invoke(&invocation).await;
        let config =
            self.kept.read().unwrap_or_else(PoisonError::into_inner).config(name, qualifier.as_deref());
        let now = self.clock.now();
        let is_in_time = |due: i64| due - attempt.sent <= config.age_milliseconds();
        let end = match &outcome {
            Ok(answer) if answer.function_error.is_none() => {
                End { condition: "Success", answer: Some(answer), error: None }
            }
            Ok(answer) => {
                let trouble = Trouble::passing("200", answer.payload.as_str());
                let pause = PAUSES[(attempt.earlier as usize).min(PAUSES.len() - 1)];
                match attempt.earlier < config.retries() {
                    true if is_in_time(now + pause) => return Outcome::Again { trouble, due: now + pause },
                    true => End { condition: "EventAgeExceeded", answer: Some(answer), error: Some(trouble) },
                    false => {
                        End { condition: "RetriesExhausted", answer: Some(answer), error: Some(trouble) }
                    }
                }
            }
            Err(Fault { status, message, .. }) => {
                let may_pass = *status == 429 || *status >= 500;
                let pause = (UNSEEN_PAUSE << attempt.earlier.min(16)).min(UNSEEN_PAUSE_MAX);
                let trouble = Trouble { code: status.to_string().into(), message: message.clone(), may_pass };
                match may_pass {
                    true if is_in_time(now + pause) => return Outcome::Again { trouble, due: now + pause },
                    true => End { condition: "EventAgeExceeded", answer: None, error: Some(trouble) },
                    false => End { condition: "RetriesExhausted", answer: None, error: Some(trouble) },
                }
            }
        };
        match self.hand_on(to, &end, attempt).await {
            Ok(()) => Outcome::Done,
            // It is called once more rather than that nobody hears of it.
            Err(trouble) => Outcome::Again { trouble, due: now + UNSEEN_PAUSE_MAX },
        }
    }

    /// Makes what is to be told durable, before the event is done.
    async fn hand_on(&self, to: &To, end: &End<'_>, attempt: &Attempt<'_>) -> Result<(), Trouble> {
        let calls = self.calls_of(to, end, attempt);
        if calls.is_empty() {
            return Ok(());
        }
        let Some(deliveries) = self.deliveries.get() else {
            // An event of an earlier process, which ended before this one knew what it has begun.
            return Err(Trouble::passing("ServiceUnavailable", "The server is starting; try again later"));
        };
        let mut batch = Batch::new();
        let mut sendings = Vec::new();
        for (lane, call) in calls {
            let legs = vec![Leg { lane, to: To::Call.to_bytes(), ..Leg::default() }];
            let parcel = Parcel { sent: self.clock.now(), body: write_call(&call).into_bytes(), legs };
            sendings.push(deliveries.prepare(parcel, &mut batch)?);
        }
        let refused = |refused: ledger::Refused| Trouble::passing("ServiceUnavailable", refused.to_string());
        self.ledger.commit(batch).await.map_err(refused)?;
        sendings.into_iter().for_each(crate::delivery::Sending::send);
        Ok(())
    }

    /// The calls of the destination and the dead-letter queue, with their lanes.
    fn calls_of(&self, to: &To, end: &End<'_>, attempt: &Attempt<'_>) -> Vec<(Text, OutCall)> {
        let To::Function { name, qualifier, arn, region, request_id, .. } = to else { return Vec::new() };
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let config = kept.config(name, qualifier.as_deref());
        let dead_letters = kept.functions.get(name).and_then(|function| function.member("DeadLetterConfig"));
        let dead_letters = dead_letters.map(Text::from).filter(|_| end.error.is_some());
        drop(kept);
        let call = OutCall {
            region: region.clone(),
            source_arn: arn.clone(),
            token: attempt.id.uuid(),
            ..OutCall::default()
        };
        if let Some(trouble) = &end.error {
            let Trouble { code, message, .. } = trouble;
            tracing::warn!(target: "lambda", function = name.as_str(), request = request_id.as_str(),
                           "an asynchronous invocation is given up ({}): {code} {message}", end.condition);
        }
        let destination = if end.error.is_some() { config.on_failure } else { config.on_success };
        let of_destination = destination.and_then(|to_arn| {
            let record = record(to, end, attempt, self.clock.now());
            Some((to_arn.clone(), destination_call(&to_arn, arn, &record, end, call.clone())?))
        });
        let of_dead_letters = dead_letters.zip(end.error.as_ref()).and_then(|(to_arn, trouble)| {
            let payload = String::from_utf8_lossy(attempt.body);
            Some((to_arn.clone(), dead_letter_call(&to_arn, &payload, request_id, trouble, call)?))
        });
        of_destination.into_iter().chain(of_dead_letters).collect()
    }

    /// Tells whoever is to hear of it.
    async fn tell(&self, attempt: &Attempt<'_>) -> Outcome {
        let Some(call) = read_call(attempt.body) else { return Outcome::Done };
        let Err(trouble) = self.calls.call(&call).await else { return Outcome::Done };
        let next = Backoff::EVENTS.next(attempt.id, attempt.earlier, attempt.sent, self.clock.now());
        match next {
            Ok(due) if trouble.may_pass => Outcome::Again { trouble, due },
            _ => {
                let Trouble { code, message, .. } = trouble;
                tracing::error!(target: "lambda", "what came of {} cannot be told to {}: {code}: {message}", call.source_arn,
                                call.service);
                Outcome::Done
            }
        }
    }
}

/// What a destination is told. (Lambda's guide, "Capturing records of Lambda asynchronous invocations")
fn record(to: &To, end: &End<'_>, attempt: &Attempt<'_>, now: i64) -> Value {
    let To::Function { qualifier, arn, request_id, .. } = to else { return Value::Null };
    let qualifier = qualifier.as_deref().unwrap_or("$LATEST");
    let json_of = |bytes: &[u8]| {
        Value::parse_bytes(bytes).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(bytes).as_ref()))
    };
    let mut record = Object::new();
    record.insert("version", "1.0");
    record.insert("timestamp", iso8601(now));
    record.insert(
        "requestContext",
        json::value!({
            "requestId": (request_id.clone()),
            "functionArn": (format!("{arn}:{qualifier}")),
            "condition": (end.condition),
            "approximateInvokeCount": (attempt.earlier + 1),
        }),
    );
    record.insert("requestPayload", json_of(attempt.body));
    if let Some(answer) = end.answer {
        let mut context = Object::new();
        context.insert("statusCode", 200);
        context
            .insert("executedVersion", answer.executed_version.clone().unwrap_or_else(|| "$LATEST".into()));
        if let Some(error) = &answer.function_error {
            context.insert("functionError", error.clone());
        }
        record.insert("responseContext", context);
        record.insert("responsePayload", json_of(answer.payload.as_bytes()));
    }
    Value::Object(record)
}

/// `None` where the ARN is none that can be called; it was checked when it was set.
fn destination_call(
    to_arn: &str,
    function_arn: &str,
    record: &Value,
    end: &End<'_>,
    call: OutCall,
) -> Option<OutCall> {
    let target = Target::of(to_arn).ok()?;
    let text = record.to_text();
    if target == Target::Bus {
        let kind = if end.error.is_some() { "Failure" } else { "Success" };
        let entry = json::value!({
            "Source": "lambda",
            "DetailType": (format!("Lambda Function Invocation Result - {kind}")),
            "Resources": [to_arn, function_arn],
            "Detail": text,
            "EventBusName": to_arn,
        });
        let input = json::value!({ "Entries": [entry] });
        return Some(OutCall { service: "events".into(), operation: "PutEvents".into(), input, ..call });
    }
    let nothing = Object::new();
    let aim = Aim { arn: to_arn, parameters: &nothing, payload: &text, name: "", partition_key: "" };
    target.call(&aim, call).ok()
}

/// The event itself, with what went wrong as attributes.
fn dead_letter_call(
    to_arn: &str,
    payload: &str,
    request_id: &str,
    trouble: &Trouble,
    call: OutCall,
) -> Option<OutCall> {
    let message = &trouble.message[..trouble.message.floor_char_boundary(ERROR_BYTES_MAX)];
    let attributes =
        [("RequestID", request_id), ("ErrorCode", trouble.code.as_str()), ("ErrorMessage", message)];
    match Target::of(to_arn).ok()? {
        Target::Queue => Some(dead_letter(to_arn, payload, &attributes, call)),
        Target::Topic => {
            let members = attributes.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| {
                (*name, json::value!({ "DataType": "String", "StringValue": (*value) }))
            });
            let input = json::value!({
                "TopicArn": to_arn,
                "Message": payload,
                "MessageAttributes": (members.collect::<Object>()),
            });
            Some(OutCall { service: "sns".into(), operation: "Publish".into(), input, ..call })
        }
        _ => None,
    }
}

fn write_call(call: &OutCall) -> String {
    json::value!({
        "service": (call.service.clone()),
        "operation": (call.operation.clone()),
        "input": (call.input.clone()),
        "region": (call.region.clone()),
        "source": (call.source_arn.clone()),
        "token": (call.token.as_str()),
    })
    .to_text()
}

fn read_call(bytes: &[u8]) -> Option<OutCall> {
    let record = Value::parse_bytes(bytes).ok()?;
    let text = |name: &str| Some(Text::from(record.get(name)?.as_str()?));
    Some(OutCall {
        service: text("service")?,
        operation: text("operation")?,
        input: record.get("input")?.clone(),
        region: text("region")?,
        source_arn: text("source")?,
        token: text("token")?.to_string(),
        ..OutCall::default()
    })
}
