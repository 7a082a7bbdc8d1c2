//! A namespace's handlers: code, code around a data source, or a function that is asked directly.
//! (spec/appsync-realtime.md §2.5)
//!
//! Never here: what becomes of what they say.

use appsync_js::{Code, Ended, Handler, Host, Part};
use json::{Object, Text, Value};
use services::{Members, Moment};

use super::api::{Behaviour, EventApi, Namespace};
use super::caller::Caller;
use super::channel::Channel;
use super::publication::Event;
use super::refusal::Refusal;
use crate::outside::Outside;
use crate::resolve::zones;
use crate::sources::{Asking, Memory};

/// Handlers about to run.
#[derive(Clone, Copy)]
pub(super) struct Handling<'h> {
    pub api: &'h EventApi,
    pub namespace: &'h Namespace,
    pub channel: &'h Channel,
    pub caller: &'h Caller,
    pub outside: &'h dyn Outside,
    pub memory: &'h Memory,
}

impl Handling<'_> {
    /// `onPublish`: the list of events that it gives; nothing if nobody wants to change anything.
    ///
    /// # Errors
    /// Nothing is published.
    pub async fn publish(self, events: &[Event]) -> Result<Option<Value>, Refusal> {
        let seen =
            |event: &Event| json::value!({"id": (event.id.clone()), "payload": (event.payload.clone())});
        let context = self.context("PUBLISH", events.iter().map(seen).collect());
        self.run(&self.namespace.on_publish, Handler::OnPublish, context).await
    }

    /// `onSubscribe`, which may refuse.
    ///
    /// # Errors
    /// It does.
    pub async fn subscribe(self) -> Result<(), Refusal> {
        let context = self.context("SUBSCRIBE", Value::Null);
        self.run(&self.namespace.on_subscribe, Handler::OnSubscribe, context).await.map(drop)
    }

    /// `ctx`
    fn context(self, operation: &str, events: Value) -> Object {
        let segments: Value = self.channel.segments().map(Value::from).collect();
        let mut context = Object::with_capacity(9);
        context.insert("identity", self.caller.identity.context.clone());
        context.insert("result", Value::Null);
        context
            .insert("request", json::value!({"headers": (self.caller.headers.clone()), "domainName": null}));
        context.insert(
            "info",
            json::value!({
                "channel": {"path": (self.channel.path().clone()), "segments": segments},
                "channelNamespace": {"name": (self.channel.namespace())},
                "operation": operation,
            }),
        );
        context.insert("error", Value::Null);
        context.insert("prev", Value::Null);
        context.insert("stash", Object::new());
        context.insert("outErrors", Value::from(Vec::<Value>::new()));
        context.insert("events", events);
        context
    }

    async fn run(
        self,
        behaviour: &Behaviour,
        handler: fn(Part) -> Handler,
        mut context: Object,
    ) -> Result<Option<Value>, Refusal> {
        if behaviour.is_direct {
            return self.ask_directly(behaviour, &context).await;
        }
        let Some(code) = &self.namespace.code else { return Ok(None) };
        let code = code.as_ref().map_err(Refusal::of_code)?;
        let [whole, request, response] = [Part::Whole, Part::Request, Part::Response].map(handler);
        if code.has(whole) {
            return self.call(code, whole, &mut context).map(|(value, _)| Some(value));
        }
        if !code.has(request) && !code.has(response) {
            return Ok(None);
        }
        if code.has(request) {
            let (asked, is_early) = self.call(code, request, &mut context)?;
            if is_early {
                return Ok(Some(asked));
            }
            self.ask(behaviour, asked, &mut context, code.has(response)).await?;
        }
        if !code.has(response) {
            return Ok(None);
        }
        self.call(code, response, &mut context).map(|(value, _)| Some(value))
    }

    /// Runs one function: what it gave, and whether it ended the whole by that.
    fn call(self, code: &Code, handler: Handler, context: &mut Object) -> Result<(Value, bool), Refusal> {
        let outcome = code.call(handler, &Value::Object(context.clone()), &self.host());
        if self.api.is_logged {
            let group = format!("/aws/appsync/apis/{}", self.api.id);
            for log in &outcome.logs {
                let (id, level, text) = (&self.caller.request_id, &log.level, &log.text);
                tracing::info!(target: "appsync", log_group = group, "{id} {level} {text}");
            }
        }
        context.insert("stash", outcome.stash);
        match outcome.result {
            Ok(value) => Ok((value, outcome.early_return.is_some())),
            Err(Ended::Raised(error)) => Err(Refusal::of_handler(error)),
            Err(Ended::Failed { message } | Ended::Exceeded { message }) => Err(Refusal::of_code(message)),
        }
    }

    /// Asks the data source, for `ctx.result` and `ctx.error`. An error that no handler will see ends it.
    async fn ask(
        self,
        behaviour: &Behaviour,
        mut request: Value,
        context: &mut Object,
        is_seen: bool,
    ) -> Result<(), Refusal> {
        if behaviour.is_event
            && let Some(request) = request.as_object_mut()
            && request.member("invocationType").is_none()
        {
            request.insert("invocationType", "Event");
        }
        let source = match &behaviour.source {
            Some(Ok(source)) => source,
            Some(Err(missing)) => return Err(Refusal::bad(missing.clone())),
            None => {
                return Err(Refusal::of_code(
                    "The handler has a request and no data source: name one in handlerConfigs",
                ));
            }
        };
        let asking = Asking {
            outside: self.outside,
            memory: self.memory,
            is_old_version: false,
            sync: &behaviour.sync,
            context,
        };
        let answer = source.ask(&request, asking).await;
        let error = match answer.error {
            None => Value::Null,
            Some(error) if is_seen => {
                json::value!({"message": (error.message.as_str()), "type": (error.error_type)})
            }
            Some(error) => return Err(Refusal::of_source(error)),
        };
        context.insert("result", answer.result);
        context.insert("error", error);
        Ok(())
    }

    /// The function gets `ctx` itself and answers `{"events": […], "error": …}`.
    async fn ask_directly(self, behaviour: &Behaviour, context: &Object) -> Result<Option<Value>, Refusal> {
        let request = json::value!({"operation": "Invoke", "payload": (context.clone())});
        let mut answered = context.clone();
        self.ask(behaviour, request, &mut answered, false).await?;
        if behaviour.is_event {
            return Ok(None);
        }
        let result = answered.get("result").unwrap_or(&Value::Null);
        if let Some(error) = result.member("error") {
            let message = error.as_str().map_or_else(|| error.to_text(), str::to_owned);
            return Err(Refusal { status: 400, error_type: "Lambda:Handled".into(), message });
        }
        // What the function leaves out is not told.
        Ok(Some(result.member("events").cloned().unwrap_or_else(|| json::value!([]))))
    }

    fn host(self) -> Host {
        let mut moment = Moment::drawn();
        Host {
            now_milliseconds: moment.now,
            seed: moment.draw(),
            auth_type: Text::from(self.caller.identity.mode.auth_type()),
            zones: Some(zones()),
            ..Host::default()
        }
    }
}
