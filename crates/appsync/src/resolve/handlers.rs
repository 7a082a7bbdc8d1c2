//! Handlers run: `ctx` goes in, a request or a result comes out, in whichever language.

use std::time::Instant;

use appsync_js::{EarlyReturn, Ended, Handler, Host};
use graphql::{Details, FieldError};
use json::{Text, Value};

use super::zones::zones;
use super::{Run, context, failed, templates};
use crate::api::{Handlers, Step};

/// Where a step leads.
#[derive(Debug)]
pub(super) enum Moved {
    /// To what comes next, with this value.
    On(Value),
    /// `#return` and `runtime.earlyReturn`: the handler ended itself with this value.
    Returned(Value, EarlyReturn),
}

/// What a request handler made.
#[derive(Debug)]
pub(super) enum Made {
    /// What the data source is to be asked.
    Request(Value),
    /// It ended itself.
    Returned(Moved),
}

/// What a handler did, in whichever language.
pub(super) struct Outcome {
    pub result: Result<Moved, FieldError>,
    pub stash: Value,
    pub errors: Vec<FieldError>,
    pub logs: Vec<Text>,
    pub response_headers: Vec<(Text, Text)>,
    pub extensions: Vec<(Text, Vec<Value>)>,
}

impl Run<'_> {
    pub(super) fn make_request(&mut self, step: &Step) -> Result<Made, FieldError> {
        let is_function = step.source.as_ref().is_ok_and(|source| source.is_function());
        match &step.handlers {
            // A function without a request template gets the context itself.
            Handlers::Templates { request: None, .. } if is_function => Ok(Made::Request(json::value!({
                "operation": "Invoke", "payload": (context::payload(&self.context))
            }))),
            Handlers::Direct => Ok(Made::Request(json::value!({
                "operation": "Invoke", "payload": (context::payload(&self.context)), "direct": true
            }))),
            // Without a template there is nothing to say; sources that need more say so.
            Handlers::Templates { request: None, .. } => {
                Ok(Made::Request(json::value!({"version": "2018-05-29", "payload": {}})))
            }
            handlers => match self.handle(handlers, Handler::Request)? {
                Moved::On(request) => Ok(Made::Request(request)),
                returned @ Moved::Returned(..) => Ok(Made::Returned(returned)),
            },
        }
    }

    /// `result` passes where there is no handler for it.
    pub(super) fn read_response(&mut self, handlers: &Handlers, result: Value) -> Result<Moved, FieldError> {
        match handlers {
            Handlers::Direct | Handlers::Templates { response: None, .. } => Ok(Moved::On(result)),
            Handlers::Code(code) if !code.has(Handler::Response) => Ok(Moved::On(result)),
            _ => self.handle(handlers, Handler::Response),
        }
    }

    /// Runs one handler.
    pub(super) fn handle(&mut self, handlers: &Handlers, handler: Handler) -> Result<Moved, FieldError> {
        let begun = Instant::now();
        let outcome = match handlers {
            Handlers::Code(code) => {
                let context = Value::Object(self.context.clone());
                of_code(code.call(handler, &context, &self.host()))
            }
            Handlers::Templates { request, response } => {
                let template = if handler == Handler::Request { request } else { response };
                let Some(template) = template else { return Ok(Moved::On(Value::Null)) };
                templates::run(template, &self.context, &self.host())
            }
            Handlers::Direct => return Ok(Moved::On(Value::Null)),
            Handlers::Broken(why) => return Err(failed("Code", why.clone())),
        };
        let Outcome { result, stash, errors, logs, response_headers, extensions } = outcome;
        let result = result.map_err(|error| self.unauthorized(error));
        let given = self.context.clone();
        let gave = || match &result {
            Ok(Moved::On(value) | Moved::Returned(value, _)) => value.clone(),
            Err(error) => json::value!({"error": {
                "message": (error.message.as_str()), "type": (error.details.error_type.clone())
            }}),
        };
        self.note(handler.name(), begun, || given.into(), gave, logs);
        self.context.insert("stash", stash);
        if !errors.is_empty() {
            self.errors.extend(errors);
            let seen = |error: &FieldError| {
                json::value!({
                    "message": (error.message.as_str()),
                    "type": (error.details.error_type.clone()),
                    "data": (error.details.data.clone()),
                    "errorInfo": (error.details.info.clone()),
                })
            };
            self.context.insert("outErrors", self.errors.iter().map(seen).collect::<Value>());
        }
        self.response_headers.extend(response_headers);
        self.extensions.extend(extensions);
        result
    }

    /// `util.unauthorized()` names the field.
    fn unauthorized(&self, error: FieldError) -> FieldError {
        let is_plain =
            error.message == "Unauthorized" && error.details.error_type.as_deref() == Some("Unauthorized");
        if !is_plain {
            return error;
        }
        let info = self.context.get("info");
        let name =
            |member: &str| info.and_then(|info| info.get(member)).and_then(Value::as_str).unwrap_or_default();
        let message =
            format!("Not Authorized to access {} on type {}", name("fieldName"), name("parentTypeName"));
        FieldError { message, ..error }
    }

    fn host(&self) -> Host {
        let mut moment = services::Moment::drawn();
        Host {
            now_milliseconds: moment.now,
            seed: moment.draw(),
            auth_type: self.request.identity.mode.auth_type().into(),
            zones: Some(zones()),
            is_late: Some(self.request.is_late.clone()),
            ..Host::default()
        }
    }
}

fn of_code(outcome: appsync_js::Outcome) -> Outcome {
    let result = match (outcome.result, outcome.early_return) {
        (Ok(value), None) => Ok(Moved::On(value)),
        (Ok(value), Some(early)) => Ok(Moved::Returned(value, early)),
        (Err(Ended::Raised(error)), _) => Err(field_error(error)),
        (Err(Ended::Failed { message } | Ended::Exceeded { message }), _) => Err(failed("Code", message)),
    };
    Outcome {
        result,
        stash: outcome.stash,
        errors: outcome.out_errors.into_iter().map(field_error).collect(),
        logs: outcome.logs.into_iter().map(|log| Text::from(format!("{} {}", log.level, log.text))).collect(),
        response_headers: outcome.response_headers,
        extensions: outcome.extensions,
    }
}

pub(super) fn field_error(error: appsync_js::FieldError) -> FieldError {
    let appsync_js::FieldError { message, error_type, data, error_info } = error;
    FieldError { message: message.to_string(), details: Details { error_type, data, info: error_info } }
}
