//! A code: checked and compiled once, called from any thread.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use appsync_util::Ended;
use json::Value;

use crate::engine::{Engine, SyntaxError, Unfit};
use crate::host::Host;
use crate::outcome::Outcome;
use crate::scan::{self, CodeError, CodeErrors, ErrorType, Location};

/// AppSync's limit for the code of a resolver or a function, in bytes.
const TEXT_MAX: usize = 32_768;

/// So many codes stay warm in a thread, the ones used last: each takes about a megabyte.
const WARM_MAX: usize = 32;

/// A function that the code exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handler {
    /// `request(ctx)`
    Request,
    /// `response(ctx)`
    Response,
    /// Of a channel namespace: what is published.
    OnPublish(Part),
    /// Of a channel namespace: who subscribes.
    OnSubscribe(Part),
}

/// Which function of a handler that may be one function, or an object of two around a data source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `onPublish(ctx)`
    Whole,
    /// `onPublish.request(ctx)`
    Request,
    /// `onPublish.response(ctx)`
    Response,
}

impl Handler {
    /// `request`, `onPublish.request`
    pub fn name(self) -> &'static str {
        match self {
            Handler::Request => "request",
            Handler::Response => "response",
            Handler::OnPublish(Part::Whole) => "onPublish",
            Handler::OnPublish(Part::Request) => "onPublish.request",
            Handler::OnPublish(Part::Response) => "onPublish.response",
            Handler::OnSubscribe(Part::Whole) => "onSubscribe",
            Handler::OnSubscribe(Part::Request) => "onSubscribe.request",
            Handler::OnSubscribe(Part::Response) => "onSubscribe.response",
        }
    }

    /// All of a channel namespace.
    const OF_EVENTS: [Handler; 6] = [
        Handler::OnPublish(Part::Whole),
        Handler::OnPublish(Part::Request),
        Handler::OnPublish(Part::Response),
        Handler::OnSubscribe(Part::Whole),
        Handler::OnSubscribe(Part::Request),
        Handler::OnSubscribe(Part::Response),
    ];
}

/// A checked code.
#[derive(Debug)]
pub struct Code {
    /// Tells codes apart among the warm ones of a thread.
    number: u64,
    script: String,
    /// The functions that it exports, those in objects behind a point.
    exports: Vec<String>,
    /// The member of `ctx` that `response` only gives back: no engine is needed for it.
    given_back: Option<Vec<String>>,
}

thread_local! {
    /// Engines by the numbers of their codes, the one used last at the end.
    static WARM: RefCell<Vec<(u64, Engine)>> = const { RefCell::new(Vec::new()) };
}

impl Code {
    /// Checks a text: its syntax, what it imports, and that it keeps to APPSYNC_JS. All errors are told,
    /// unless the syntax is wrong.
    pub fn compile(text: &str) -> Result<Code, CodeErrors> {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        if text.len() > TEXT_MAX {
            let value = format!("The code is longer than {TEXT_MAX} bytes: make it shorter");
            return Err(CodeErrors(vec![CodeError::parser(value, Location::START)]));
        }
        let module = scan::module(text)?;
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        // What is not supported may look like a mistake of the syntax to the engine: an import without braces.
        let (unsupported, script) = (module.errors, module.script);
        let engine = Engine::new(&script).map_err(|unfit| {
            if !unsupported.is_empty() {
                return CodeErrors(unsupported.clone());
            }
            let (value, location) = match unfit {
                Unfit::Syntax(SyntaxError { message, position }) => {
                    (message, Location { line: position.line, column: position.column, span: -1 })
                }
                Unfit::Engine(message) => (message, Location::START),
            };
            CodeErrors(vec![CodeError { error_type: ErrorType::ParserError, value, location }])
        })?;
        if !unsupported.is_empty() {
            return Err(CodeErrors(unsupported));
        }
        let (mut exports, mut given_back) = (module.exports, module.given_back);
        if given_back.is_some() {
            // Outside of functions nothing is called, so what runs once always runs.
            let (found, is_fit) = engine.which(&[Handler::Response]);
            if !is_fit {
                return Ok(Code { number, script, exports, given_back: None });
            }
            given_back.take_if(|_| found.is_empty());
        }
        let is_of_events = |name: &String| name == "onPublish" || name == "onSubscribe";
        if exports.iter().any(is_of_events) {
            // What is behind these names shows when the code runs only.
            let (found, is_fit) = engine.which(&Handler::OF_EVENTS);
            let is_whole = |name: &String| found.iter().any(|handler| handler.name() == name);
            let is_object =
                |name: &String| found.iter().any(|handler| handler.name().starts_with(name.as_str()));
            // One that is neither stays: a call says what is wrong with it.
            exports.retain(|name| !is_of_events(name) || is_whole(name) || !is_object(name));
            let parts = found.iter().map(|handler| handler.name()).filter(|name| name.contains('.'));
            exports.extend(parts.map(str::to_owned));
            if !is_fit {
                return Ok(Code { number, script, exports, given_back });
            }
        }
        keep_warm(number, engine);
        Ok(Code { number, script, exports, given_back })
    }

    /// Whether the code exports such a function.
    pub fn has(&self, handler: Handler) -> bool {
        self.exports.iter().any(|name| name == handler.name())
    }

    /// Calls a handler with its `ctx`: an object with `arguments`, `source`, `stash` and so on.
    pub fn call(&self, handler: Handler, context: &Value, host: &Host) -> Outcome {
        if handler == Handler::Response
            && let Some(value) = self.given_back(context)
        {
            let stash = context.get("stash").filter(|stash| !stash.is_null()).cloned();
            return Outcome { result: Ok(value), ..Outcome::of_stash(stash.unwrap_or_else(empty)) };
        }
        let warm = WARM.with_borrow_mut(|warm| {
            let at = warm.iter().rposition(|(number, _)| *number == self.number)?;
            Some(warm.remove(at).1)
        });
        let engine = match warm.map_or_else(|| Engine::new(&self.script), Ok) {
            Ok(engine) => engine,
            Err(Unfit::Syntax(SyntaxError { message, .. }) | Unfit::Engine(message)) => {
                return failed(context, format!("The engine could not be made: {message}"));
            }
        };
        let (outcome, is_fit) = engine.call(handler, context, host);
        if is_fit {
            keep_warm(self.number, engine);
        }
        outcome
    }

    /// What `response` gives back without looking at it, if JavaScript would change nothing of it.
    fn given_back(&self, context: &Value) -> Option<Value> {
        let names = self.given_back.as_ref()?;
        let value = names.iter().try_fold(context, |value, name| value.get(name))?;
        crate::engine::is_unchanged(value).then(|| value.clone())
    }
}

fn empty() -> Value {
    json::Object::new().into()
}

fn keep_warm(number: u64, engine: Engine) {
    WARM.with_borrow_mut(|warm| {
        if warm.len() >= WARM_MAX {
            warm.remove(0);
        }
        warm.push((number, engine));
    });
}

fn failed(context: &Value, message: String) -> Outcome {
    let stash = context.get("stash").cloned().unwrap_or_default();
    Outcome { result: Err(Ended::Exceeded { message }), ..Outcome::of_stash(stash) }
}

/// One checked code serves all threads.
const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Code>();
};
