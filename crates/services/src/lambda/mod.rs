//! Lambda's API: functions are called, looked at, and made. (spec/event-routers.md §5.1)
//!
//! Functions run behind `connectors`: those of the settings, and those that were made here, whose code lies in a folder of the
//! data. A call that nobody waits for is durable before it is acknowledged, and goes through [`crate::delivery`].

mod actions;
mod code;
mod courier;
mod event_config;
mod fault;
mod function;
mod kept;
mod names;
mod port;
#[cfg(test)]
mod tests;
mod zip;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use connectors::Answering;
use json::{Object, Text, Value};
use ledger::{Batch, Ledger};
use tokio::sync::Mutex;

use self::actions::Ask;
pub use self::code::copy_code;
use self::courier::{Caller, To};
use self::fault::{fault, invalid_value};
use self::kept::{Change, Kept};
use self::names::Named;
pub use self::port::{Answer, Functions, Invocation, Place};
use crate::delivery::{Calls, Clock, Deliveries, Leg, Parcel, Shelf};
use crate::spaces::FUNCTION_EVENTS;
use crate::{Asker, Call, Fault, Service};

/// Of an invocation that nobody waits for. (spec/event-routers.md §5.1)
const EVENT_BYTES_MAX: usize = 1 << 20;

/// The longest that a function may run, and a little.
const RUNNING_MILLISECONDS_MAX: i64 = 16 * 60_000;

/// Lambda. Cheap to clone.
#[derive(Clone)]
pub struct Lambda(Arc<Inner>);

struct Inner {
    ledger: Ledger,
    clock: Arc<dyn Clock>,
    kept: Arc<RwLock<Kept>>,
    /// Held by whoever changes what is kept, from the decision to the change.
    changing: Mutex<()>,
    functions: Arc<dyn Functions>,
    /// Where code is unpacked.
    all_code: PathBuf,
    deliveries: Deliveries,
    /// Who answers for event source mappings.
    event_sources: Option<Arc<dyn Service>>,
}

impl Lambda {
    /// Finds what an earlier process left: functions, and events that are still to be brought to them. Must be called within a
    /// tokio runtime.
    pub fn start(
        ledger: Ledger,
        clock: Arc<dyn Clock>,
        calls: Arc<dyn Calls>,
        functions: Arc<dyn Functions>,
        all_code: PathBuf,
        event_sources: Option<Arc<dyn Service>>,
    ) -> Result<Lambda, ledger::Error> {
        let kept = Kept::read(&ledger)?;
        code::sweep(
            &all_code,
            &kept.functions.values().map(|it| it.code.folder.clone()).collect::<BTreeSet<_>>(),
        );
        let kept = Arc::new(RwLock::new(kept));
        let later = Arc::new(OnceLock::new());
        let caller = Caller {
            ledger: ledger.clone(),
            kept: kept.clone(),
            functions: functions.clone(),
            calls,
            clock: clock.clone(),
            deliveries: later.clone(),
        };
        let inner = |deliveries| Inner {
            ledger: ledger.clone(),
            clock: clock.clone(),
            kept: kept.clone(),
            changing: Mutex::default(),
            functions: functions.clone(),
            all_code: all_code.clone(),
            deliveries,
            event_sources,
        };
        // They may be called as soon as there are deliveries.
        set_made(&*functions, &kept.read().unwrap_or_else(PoisonError::into_inner), &all_code);
        let shelf = Shelf { space: FUNCTION_EVENTS, prefix: b"" };
        let deliveries = Deliveries::start(ledger.clone(), shelf, Arc::new(caller), clock.clone())?;
        let _ = later.set(deliveries.clone());
        Ok(Lambda(Arc::new(inner(deliveries))))
    }

    /// Ends all calls that nobody waits for; they are made again after the next start.
    pub async fn stop(&self) {
        self.0.deliveries.stop().await;
    }

    /// How many events are still to be brought to functions.
    pub fn open(&self) -> usize {
        self.0.deliveries.open()
    }
}

impl Service for Lambda {
    /// A mapping's function may be a state machine here, whose name is none to the model.
    fn checks_by_model(&self, operation: &str) -> bool {
        !operation.contains("EventSourceMapping")
    }

    fn stop(&self) {
        if let Some(event_sources) = &self.0.event_sources {
            event_sources.stop();
        }
    }

    fn call<'a>(&'a self, call: Call<'a>) -> Answering<'a, Result<Value, Fault>> {
        if call.operation.contains("EventSourceMapping")
            && let Some(event_sources) = &self.0.event_sources
        {
            return event_sources.call(call);
        }
        Box::pin(async move {
            let inner = self.0.clone();
            let input = call.input.as_object().cloned().unwrap_or_else(Object::new);
            let asker = call.asker.clone();
            match (call.operation, actions::find(call.operation)) {
                // Whoever waits and hangs up ends the waiting.
                ("Invoke", _) => inner.invoke(input, asker).await,
                ("InvokeAsync", _) => inner.invoke_async(input, asker).await,
                (_, Some(decide)) => {
                    let work = async move { inner.change(input, asker, decide).await };
                    crate::to_its_end(work).await
                }
                (other, None) => Err(actions::unsupported(other)),
            }
        })
    }
}

type Decide = fn(&Ask, &Kept) -> actions::Decision;

impl Inner {
    fn kept(&self) -> RwLockReadGuard<'_, Kept> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner)
    }

    async fn invoke(self: Arc<Inner>, input: Object, asker: Asker) -> Result<Value, Fault> {
        let text = |name: &str| input.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        for name in ["DurableExecutionName", "TenantId"] {
            if text(name).is_some() {
                return Err(invalid_value(format!("{name} is not supported by Stepwell: leave it out")));
            }
        }
        let payload = aws_protocols::base64::decode(text("Payload").unwrap_or_default()).unwrap_or_default();
        let invocation = Invocation {
            function: text("FunctionName").unwrap_or_default().into(),
            qualifier: text("Qualifier").map(Text::from),
            is_dry: text("InvocationType") == Some("DryRun"),
            log_tail: text("LogType") == Some("Tail"),
            client_context: text("ClientContext").map(Text::from),
            payload,
            region: asker.region.clone(),
            token: asker.request_id.to_string(),
        };
        Named::read(&invocation.function, invocation.qualifier.as_deref().unwrap_or_default())?;
        if text("InvocationType") == Some("Event") {
            crate::to_its_end(async move { self.take_event(invocation, asker).await }).await?;
            return Ok(json::value!({ "StatusCode": 202, "Payload": "" }));
        }
        let answer = self.functions.invoke(&invocation).await?;
        Ok(shown(&answer))
    }

    /// The older action for the same.
    async fn invoke_async(self: Arc<Inner>, input: Object, asker: Asker) -> Result<Value, Fault> {
        let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
        let payload = aws_protocols::base64::decode(text("InvokeArgs")).unwrap_or_default();
        let function = text("FunctionName").into();
        let invocation =
            Invocation { function, payload, region: asker.region.clone(), ..Invocation::default() };
        crate::to_its_end(async move { self.take_event(invocation, asker).await }).await?;
        Ok(json::value!({ "Status": 202 }))
    }

    /// Takes an event on: it is durable when this returns.
    async fn take_event(&self, invocation: Invocation, asker: Asker) -> Result<(), Fault> {
        let Invocation { function, qualifier, client_context, payload, region, .. } = invocation;
        let named = Named::read(&function, qualifier.as_deref().unwrap_or_default())?;
        let ask = self.ask(Object::new(), asker.clone());
        ask.find(&self.kept(), &named)?;
        if payload.len() > EVENT_BYTES_MAX {
            let message = format!(
                "Request must be smaller than {EVENT_BYTES_MAX} bytes for the InvokeFunction operation"
            );
            return Err(fault("RequestTooLargeException", message, 413));
        }
        let payload = if payload.is_empty() { b"{}".to_vec() } else { payload };
        if let Err(error) = Value::parse_bytes(&payload) {
            let why = error.message_with_location(&String::from_utf8_lossy(&payload));
            let message =
                format!("Could not parse request body into json: Could not parse payload into json: {why}");
            return Err(fault("InvalidRequestContentException", message, 400));
        }
        let to = To::Function {
            name: named.name.as_str().into(),
            arn: named.arn(&asker).into(),
            qualifier: named.qualifier.map(Text::from),
            request_id: asker.request_id.clone(),
            client_context,
            region,
        };
        let legs = vec![Leg { lane: named.name.into(), to: to.to_bytes(), ..Leg::default() }];
        let mut batch = Batch::new();
        let parcel = Parcel { sent: self.clock.now(), body: payload, legs };
        let too_many =
            |error: crate::delivery::TooMany| fault("TooManyRequestsException", error.to_string(), 429);
        let sending = self.deliveries.prepare(parcel, &mut batch).map_err(too_many)?;
        self.ledger.commit(batch).await?;
        sending.send();
        Ok(())
    }

    fn ask(&self, input: Object, asker: Asker) -> Ask {
        Ask {
            input,
            asker,
            now: self.clock.now(),
            id: aws_names::uuid_v4(self.clock.random()).into(),
            settled: self.functions.of_settings(),
            code: None,
        }
    }

    /// Carries out an action: decides, makes it durable, and makes it so.
    async fn change(&self, input: Object, asker: Asker, decide: Decide) -> Result<Value, Fault> {
        let _changing = self.changing.lock().await;
        let mut ask = self.ask(input, asker);
        if let Some(source) = source(&ask.input, &ask.asker.region)? {
            // Whether it is wanted at all comes before it is unpacked.
            decide(&ask, &self.kept())?;
            let archive = self.archive(source).await?;
            ask.code = Some(self.unpack(&ask, archive).await?);
        }
        let (answer, changes) = decide(&ask, &self.kept())?;
        if changes.is_empty() {
            return Ok(answer);
        }
        let mut batch = Batch::new();
        let before: BTreeSet<Text> = self.folders();
        changes.iter().for_each(|change| self.kept().write(change, &mut batch));
        self.ledger.commit(batch).await?;
        let is_about_code =
            changes.iter().any(|it| matches!(it, Change::Function(_) | Change::FunctionGone(_)));
        {
            let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
            changes.into_iter().for_each(|change| kept.apply(change));
        }
        if is_about_code {
            set_made(&*self.functions, &self.kept(), &self.all_code);
            let after = self.folders();
            let gone: Vec<PathBuf> =
                before.difference(&after).map(|folder| self.all_code.join(folder.as_str())).collect();
            self.remove_later(gone);
        }
        Ok(answer)
    }

    /// Removes code when nobody runs there any more: an invocation has a quarter of an hour. Should the server stop before,
    /// the next start does it.
    fn remove_later(&self, folders: Vec<PathBuf>) {
        let (clock, due) = (self.clock.clone(), self.clock.now() + RUNNING_MILLISECONDS_MAX);
        tokio::spawn(async move {
            clock.until(due).await;
            let _ = tokio::task::spawn_blocking(move || folders.iter().for_each(code::remove)).await;
        });
    }

    async fn archive(&self, source: Source) -> Result<Vec<u8>, Fault> {
        let place = match source {
            Source::Archive(archive) => return Ok(archive),
            Source::Object(place) => place,
        };
        let fetched = self.functions.fetch(&place).await;
        fetched.map_err(|why| invalid_value(format!("Error occurred while GetObject. {why}")))
    }

    async fn unpack(&self, ask: &Ask, archive: Vec<u8>) -> Result<function::Code, Fault> {
        let (all_code, name, id) = (self.all_code.clone(), ask.named()?.name, ask.id.clone());
        names::check(&name)?;
        let unpacking = move || code::unpack(&all_code, &name, &id, &archive);
        match tokio::task::spawn_blocking(unpacking).await {
            Ok(Ok(code)) => Ok(code),
            Ok(Err(code::Trouble::Archive(why))) => {
                let message = format!(
                    "Could not unzip uploaded file. Please check your file, then try to upload again. ({why})"
                );
                Err(invalid_value(message))
            }
            Ok(Err(code::Trouble::Disk(error))) => {
                tracing::error!(target: "lambda", "code cannot be written: {error}");
                Err(fault("ServiceException", format!("The server cannot write the code: {error}"), 500))
            }
            Err(_) => Err(ledger::Refused::Stopped.into()),
        }
    }

    fn folders(&self) -> BTreeSet<Text> {
        self.kept().functions.values().map(|function| function.code.folder.clone()).collect()
    }
}

/// Where the code is in an input of CreateFunction or UpdateFunctionCode.
enum Source {
    Archive(Vec<u8>),
    Object(Place),
}

/// Others have none.
fn source(input: &Object, region: &Text) -> Result<Option<Source>, Fault> {
    let code = input.get("Code").and_then(Value::as_object);
    let place = code.unwrap_or(input);
    let text = |name: &str| place.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if text("ImageUri").is_some() {
        return Err(invalid_value("ImageUri is not supported by Stepwell: give an archive"));
    }
    if let (Some(bucket), Some(key)) = (text("S3Bucket"), text("S3Key")) {
        return Ok(Some(Source::Object(Place {
            bucket: bucket.into(),
            key: key.into(),
            version: text("S3ObjectVersion").map(Text::from),
            region: region.clone(),
            bytes_max: code::OBJECT_BYTES_MAX,
        })));
    }
    let Some(text) = text("ZipFile") else {
        return match code {
            Some(_) => Err(invalid_value("Please provide a source for function code.")),
            None => Ok(None),
        };
    };
    let archive = aws_protocols::base64::decode(text).unwrap_or_default();
    if archive.len() > code::ARCHIVE_BYTES_MAX {
        let bytes = code::ARCHIVE_BYTES_MAX;
        let message = format!("Request must be smaller than {bytes} bytes for the CreateFunction operation");
        return Err(fault("RequestTooLargeException", message, 413));
    }
    Ok(Some(Source::Archive(archive)))
}

fn set_made(functions: &dyn Functions, kept: &Kept, all_code: &std::path::Path) {
    let made = kept.functions.iter().map(|(name, function)| (name.to_string(), function.settings(all_code)));
    functions.set_made(made.collect());
}

/// What Invoke answers.
fn shown(answer: &Answer) -> Value {
    let mut shown = Object::new();
    shown.insert("StatusCode", answer.status);
    let mut say = |name: &str, value: &Option<Text>| {
        value.as_ref().map(|value| shown.insert(name, value.clone()));
    };
    say("FunctionError", &answer.function_error);
    say("LogResult", &answer.log_result);
    say("ExecutedVersion", &answer.executed_version);
    shown.insert("Payload", aws_protocols::base64::encode(answer.payload.as_bytes()));
    Value::Object(shown)
}
