//! Lambda: `Invoke`, and `BatchInvoke` for siblings at once. (spec/appsync.md §5, §8, §9)
//!
//! A resolver without handlers asks with `direct`: its function gets the whole context, and may say of each item of a batch
//! what is wrong with it. Never here: who gathers the siblings.

use json::{Object, Text, Value};
use services::Members;

use super::request::{Part, mistake, unsupported_operation};
use super::trouble::Named;
use super::{Answer, Asking, SourceError};
use crate::outside::ServiceCall;

const NAMED: Named = Named { service: "lambda", prefix: "Lambda" };

/// A function.
#[derive(Debug)]
pub(crate) struct Function {
    /// `lambdaFunctionArn`
    pub arn: Text,
    /// As whom it is called.
    pub role_arn: Option<Text>,
}

/// A request, read.
#[derive(Debug)]
struct Invocation {
    is_batch: bool,
    is_direct: bool,
    /// Nobody waits for the result. (`invocationType` `Event`)
    is_event: bool,
    payload: Value,
}

impl Function {
    /// Of a `lambdaConfig`.
    pub fn of(config: &Object, role_arn: Option<Text>) -> Function {
        Function { arn: config.text_or_empty("lambdaFunctionArn").into(), role_arn }
    }

    /// Whether requests of siblings may go together.
    pub fn can_batch(request: &Value) -> bool {
        request.flag("direct") || request.text("operation") == Some("BatchInvoke")
    }

    /// Asks it for one.
    pub async fn ask(&self, request: &Value, asking: Asking<'_>) -> Result<Value, SourceError> {
        let invocation = Invocation::read(request)?;
        if !invocation.is_batch {
            return self.invoke(&invocation.payload, invocation.is_event, asking).await;
        }
        let payload = Value::from(vec![invocation.payload]);
        let result = self.invoke(&payload, invocation.is_event, asking).await?;
        if invocation.is_event {
            return Ok(Value::Null);
        }
        items(&result, 1).map(|items| items[0].clone())
    }

    /// Asks it for siblings at once. A request that is wrong is answered alone; the others go.
    pub async fn ask_together(&self, requests: &[Value], asking: Asking<'_>) -> Vec<Answer> {
        let read: Vec<_> = requests.iter().map(Invocation::read).collect();
        let good: Vec<&Invocation> = read.iter().filter_map(|read| read.as_ref().ok()).collect();
        let (is_direct, is_event) = match good.first() {
            Some(first) => (first.is_direct, first.is_event),
            None => (false, false),
        };
        let payloads: Value = good.iter().map(|invocation| invocation.payload.clone()).collect();
        let result = match good.is_empty() {
            true => Ok(Value::Null),
            false => self.invoke(&payloads, is_event, asking).await,
        };
        let mut answers = match (result, is_event) {
            (Ok(_), true) => vec![Answer::default(); good.len()],
            (Ok(result), false) => shared_out(&result, good.len(), is_direct),
            (Err(error), _) => vec![Answer::from(Err(error)); good.len()],
        }
        .into_iter();
        let answer = |read: Result<Invocation, SourceError>| match read {
            Ok(_) => answers.next().unwrap_or_default(),
            Err(error) => Answer::from(Err(error)),
        };
        read.into_iter().map(answer).collect()
    }

    /// Invokes the function. Its result is what it returned, its own error an error.
    pub async fn invoke(
        &self,
        payload: &Value,
        is_event: bool,
        asking: Asking<'_>,
    ) -> Result<Value, SourceError> {
        let input = json::value!({
            "FunctionName": (self.arn.clone()),
            "InvocationType": (if is_event { "Event" } else { "RequestResponse" }),
        });
        let call = ServiceCall {
            service: "lambda",
            operation: "Invoke",
            input,
            body: Some(payload.to_text().into_bytes()),
            role_arn: self.role_arn.clone(),
            region: region(&self.arn),
        };
        let output = asking.outside.call(call).await.map_err(|trouble| NAMED.error(&trouble))?;
        if is_event {
            return Ok(Value::Null);
        }
        let returned = returned(&output)?;
        match output.text("FunctionError") {
            None => Ok(returned),
            Some(kind) => Err(failed(kind, &returned)),
        }
    }
}

impl Invocation {
    fn read(request: &Value) -> Result<Invocation, SourceError> {
        const KNOWN: [&str; 5] = ["version", "operation", "payload", "invocationType", "direct"];
        let part = Part::whole_request(request)?;
        part.has_only(&KNOWN)?;
        let is_batch = match part.required_text("operation")? {
            "Invoke" => false,
            "BatchInvoke" => true,
            other => return Err(unsupported_operation(other)),
        };
        let is_event = match part.text("invocationType")? {
            None | Some("RequestResponse") => false,
            Some("Event") => true,
            Some(other) => {
                return Err(mistake(format!(
                    "Value '{other}' for field '$[invocationType]' is neither RequestResponse nor Event."
                )));
            }
        };
        let is_direct = part.flag("direct")?.unwrap_or(false);
        let payload = part.get("payload").cloned().unwrap_or_default();
        Ok(Invocation { is_batch, is_direct, is_event, payload })
    }
}

/// What the function returned. One that returns nothing returns null.
fn returned(output: &Value) -> Result<Value, SourceError> {
    let text = output.text_or_empty("Payload");
    if text.is_empty() {
        return Ok(Value::Null);
    }
    Value::parse(text).map_err(|error| SourceError {
        message: format!("The function returned what is no JSON: {error}"),
        error_type: "Lambda:InvalidResponse".into(),
        ..SourceError::default()
    })
}

fn failed(kind: &str, returned: &Value) -> SourceError {
    let message = match returned.text("errorMessage") {
        Some(message) => message.to_owned(),
        None => returned.to_text(),
    };
    SourceError { message, error_type: format!("Lambda:{kind}").into(), ..SourceError::default() }
}

/// The items of a batch's result.
fn items(result: &Value, count: usize) -> Result<&[Value], SourceError> {
    let items = result.as_array().map(json::Array::as_slice);
    items.filter(|items| items.len() == count).ok_or_else(|| SourceError {
        message: match items {
            None => format!("A function that is asked for {count} must return a list."),
            Some(items) => {
                format!(
                    "A function that is asked for {count} must return as many, and returned {}.",
                    items.len()
                )
            }
        },
        error_type: "Lambda:InvalidResponse".into(),
        ..SourceError::default()
    })
}

fn shared_out(result: &Value, count: usize, is_direct: bool) -> Vec<Answer> {
    match items(result, count) {
        Ok(items) if is_direct => items.iter().map(of_direct_item).collect(),
        Ok(items) => items.iter().cloned().map(Answer::result).collect(),
        Err(error) => vec![Answer::from(Err(error)); count],
    }
}

/// `{"data", "errorMessage", "errorType", "errorInfo"}`: what a function that is asked directly says of one item.
fn of_direct_item(item: &Value) -> Answer {
    let data = item.get("data").cloned().unwrap_or_default();
    let (message, error_type) = (item.text("errorMessage"), item.text("errorType"));
    if message.is_none() && error_type.is_none() {
        return Answer::result(data);
    }
    let error = SourceError {
        message: message.unwrap_or_default().to_owned(),
        error_type: error_type.unwrap_or("Lambda:Handled").into(),
        data: data.clone(),
        info: item.get("errorInfo").cloned().unwrap_or_default(),
    };
    Answer { result: data, error: Some(error) }
}

/// `arn:aws:lambda:REGION:…`; empty where the function is but named.
fn region(arn: &str) -> Text {
    let mut parts = arn.split(':');
    match (parts.next(), parts.nth(2)) {
        (Some("arn"), Some(region)) => region.into(),
        _ => Text::default(),
    }
}
