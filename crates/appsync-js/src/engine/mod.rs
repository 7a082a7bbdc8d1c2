//! QuickJS, kept warm: a runtime of its own for each code and thread, with frozen globals.
//!
//! The module's text is the body of a function that runs anew for each call, so what it declares lives
//! as long as the call. A call that failed by its budget takes its runtime with it.

mod convert;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use appsync_util::Ended;
use json::Value;
use rquickjs::allocator::RustAllocator;
use rquickjs::context::intrinsic;
use rquickjs::function::Rest;
use rquickjs::{Context, Ctx, Function, Object as JsObject, Runtime, Value as JsValue};

use crate::code::Handler;
use crate::host::{Budget, Host, Late};
use crate::natives::{self, Call, Stopped};
use crate::outcome::Outcome;
use crate::prelude;
use crate::scan::Position;
use convert::Refused;
pub use convert::is_unchanged;

/// What a runtime may take: the library is 1 MB of it, AppSync's 5 MB of a context several times that.
const MEMORY_BYTES_MAX: usize = 64 << 20;
/// Of a thread's stack, which has 2 MB at least.
const STACK_BYTES_MAX: usize = 512 << 10;
/// A longer message is cut: it goes into answers and logs.
const MESSAGE_BYTES_MAX: usize = 4 << 10;

/// Places of the library's tests: whether something thrown ends the handler, whether it is a helper's refusal.
const STOP: usize = 0;
const REFUSAL: usize = 1;

type Intrinsics = (
    intrinsic::Eval,
    intrinsic::Date,
    intrinsic::Json,
    intrinsic::MapSet,
    intrinsic::RegExp,
    intrinsic::Proxy,
);

/// A code, ready to be called.
pub struct Engine {
    context: Context,
    shared: Rc<Shared>,
    functions: rquickjs::Persistent<Function<'static>>,
    tests: [rquickjs::Persistent<Function<'static>>; 2],
    modules: rquickjs::Persistent<JsObject<'static>>,
    /// Makes a `ctx` of an object whose members are made when they are first read, and what stands for those.
    lazily: rquickjs::Persistent<Function<'static>>,
    later: rquickjs::Persistent<JsValue<'static>>,
    /// Last: everything else lives in it.
    _runtime: Runtime,
}

/// What the runtime's callbacks see.
#[derive(Default)]
struct Shared {
    call: RefCell<Option<Call>>,
    /// `ctx`, for the members that nobody has read yet.
    context: RefCell<json::Object>,
    steps_left: Cell<u32>,
    is_late: RefCell<Option<std::sync::Arc<Late>>>,
    exceeded: Cell<Option<&'static str>>,
}

/// The code is none: the syntax is wrong there.
pub struct SyntaxError {
    pub message: String,
    pub position: Position,
}

/// Why there is no engine.
pub enum Unfit {
    Syntax(SyntaxError),
    Engine(String),
}

impl Engine {
    /// `script` is an expression: a function of the modules that gives the handlers by their names, the
    /// user's text beginning on its second line.
    pub fn new(script: &str) -> Result<Engine, Unfit> {
        let broken = |error: rquickjs::Error| Unfit::Engine(error.to_string());
        // The program's own allocator is twice as fast as the C library's. QuickJS counts what it takes by itself.
        let runtime = Runtime::new_with_alloc(RustAllocator).map_err(broken)?;
        runtime.set_memory_limit(MEMORY_BYTES_MAX);
        runtime.set_max_stack_size(STACK_BYTES_MAX);
        let shared = Rc::new(Shared::default());
        shared.grant(&Host { budget: Budget::default(), ..Host::default() });
        let watch = shared.clone();
        runtime.set_interrupt_handler(Some(Box::new(move || watch.is_over())));
        let context = Context::custom::<Intrinsics>(&runtime).map_err(broken)?;
        let Loaded { functions, tests, modules, lazily, later } =
            context.with(|ctx| load(&ctx, &shared, script))?;
        Ok(Engine { context, shared, functions, tests, modules, lazily, later, _runtime: runtime })
    }

    /// Calls a handler. False: the engine is spent and must not be used again.
    pub fn call(&self, handler: Handler, given: &Value, host: &Host) -> (Outcome, bool) {
        self.shared.grant(host);
        let context = natives::context(given);
        *self.shared.call.borrow_mut() = Some(Call::new(host.clone()));
        *self.shared.context.borrow_mut() = context.clone();
        let stash = context.get("stash").cloned().unwrap_or_default();
        let result = self.context.with(|ctx| self.run(&ctx, handler, &context));
        let call = self.shared.call.borrow_mut().take().unwrap_or_else(|| Call::new(host.clone()));
        let exceeded = self.shared.exceeded.get();
        let (result, stash) = match result {
            _ if exceeded.is_some() => {
                let message = exceeded.unwrap_or_default().to_owned();
                (Err(Ended::Exceeded { message }), stash)
            }
            Ok((value, stash)) => (Ok(value), stash),
            Err(ended) => (Err(ended), stash),
        };
        let early_return = match call.stopped {
            Some(Stopped::Early(_, early)) => Some(early),
            _ => None,
        };
        let is_fit = !matches!(result, Err(Ended::Exceeded { .. }));
        let outcome = Outcome {
            result,
            stash,
            out_errors: call.notes.out_errors,
            logs: call.notes.logs,
            early_return: early_return.filter(|_| is_fit),
            response_headers: call.notes.response_headers,
            extensions: call.notes.extensions,
        };
        (outcome, is_fit)
    }

    /// The result and the stash.
    fn run<'js>(
        &self,
        ctx: &Ctx<'js>,
        handler: Handler,
        context: &json::Object,
    ) -> Result<(Value, Value), Ended> {
        let later = match self.later.clone().restore(ctx) {
            Ok(later) => later,
            Err(error) => return Err(self.ended(ctx, Refused::Thrown(error))),
        };
        let object = match convert::members_to_js(ctx, context, &["arguments", "stash"], &later) {
            Ok(object) => object,
            Err(error) => return Err(self.ended(ctx, Refused::Thrown(error))),
        };
        match self.returned(ctx, handler, &object) {
            Ok(value) => Ok((value, self.stash(ctx, &object)?)),
            Err(refused) => Ok((self.early(ctx, refused)?, self.stash(ctx, &object)?)),
        }
    }

    fn returned<'js>(
        &self,
        ctx: &Ctx<'js>,
        handler: Handler,
        object: &JsObject<'js>,
    ) -> Result<Value, Refused> {
        let arguments: JsValue = object.get("arguments")?;
        if !arguments.is_undefined() {
            object.set("args", arguments)?;
        }
        let Some(function) = function(&self.exported(ctx)?, handler)? else {
            return Err(Refused::Value(format!("The code exports no function {}", handler.name())));
        };
        let lazily = self.lazily.clone().restore(ctx)?;
        let seen: JsValue = lazily.call((object.clone(),))?;
        let value: JsValue = function.call((seen,))?;
        Ok(convert::from_js(&value)?.unwrap_or_default())
    }

    /// Which of these functions the code gives; one that does not run gives none. False: the engine is spent and must not
    /// be used again.
    pub fn which(&self, handlers: &[Handler]) -> (Vec<Handler>, bool) {
        self.shared.grant(&Host::default());
        *self.shared.call.borrow_mut() = Some(Call::new(Host::default()));
        let found = self.context.with(|ctx| {
            let exported = self.exported(&ctx);
            let is_there = |handler: &Handler| {
                exported.as_ref().is_ok_and(|exported| matches!(function(exported, *handler), Ok(Some(_))))
            };
            let found = handlers.iter().copied().filter(is_there).collect();
            // Nobody hears of what was thrown: a call says it again.
            drop(ctx.catch());
            found
        });
        self.shared.call.borrow_mut().take();
        (found, self.shared.exceeded.get().is_none())
    }

    /// Runs the code, for what it exports.
    fn exported<'js>(&self, ctx: &Ctx<'js>) -> rquickjs::Result<JsObject<'js>> {
        let functions = self.functions.clone().restore(ctx)?;
        functions.call((self.modules.clone().restore(ctx)?,))
    }

    fn stash<'js>(&self, ctx: &Ctx<'js>, object: &JsObject<'js>) -> Result<Value, Ended> {
        let stash = object.get("stash").map_err(Refused::from).and_then(|stash| convert::from_js(&stash));
        stash.map(Option::unwrap_or_default).map_err(|refused| self.ended(ctx, refused))
    }

    /// The value of an early return; anything else that ended the handler is an error.
    fn early(&self, ctx: &Ctx, refused: Refused) -> Result<Value, Ended> {
        let Refused::Thrown(rquickjs::Error::Exception) = refused else {
            return Err(self.ended(ctx, refused));
        };
        let thrown = ctx.catch();
        let returned = match self.shared.call.borrow().as_ref().and_then(|call| call.stopped.as_ref()) {
            Some(Stopped::Early(value, _)) => Some(value.clone()),
            _ => None,
        };
        match returned {
            Some(value) if self.is(ctx, STOP, &thrown) => Ok(value),
            _ => Err(self.ended_by(ctx, &thrown)),
        }
    }

    /// One of the library's tests of what was thrown.
    fn is<'js>(&self, ctx: &Ctx<'js>, test: usize, thrown: &JsValue<'js>) -> bool {
        let test = self.tests[test].clone().restore(ctx);
        test.and_then(|test| test.call::<_, bool>((thrown.clone(),))).unwrap_or(false)
    }

    /// What to say of what was thrown.
    fn ended(&self, ctx: &Ctx, refused: Refused) -> Ended {
        match refused {
            Refused::Value(message) => Ended::Failed { message },
            Refused::Thrown(rquickjs::Error::Exception) => self.ended_by(ctx, &ctx.catch()),
            Refused::Thrown(other) => {
                self.shared.exceeded.set(Some("The handler used more memory than it may"));
                Ended::Exceeded { message: other.to_string() }
            }
        }
    }

    fn ended_by<'js>(&self, ctx: &Ctx<'js>, thrown: &JsValue<'js>) -> Ended {
        if self.shared.exceeded.get().is_some() {
            return Ended::Exceeded { message: String::new() };
        }
        if thrown.is_null() {
            self.shared.exceeded.set(Some("The handler used more memory than it may"));
            return Ended::Exceeded { message: String::new() };
        }
        let stopped = self.shared.call.borrow_mut().as_mut().and_then(|call| match &call.stopped {
            Some(Stopped::Ended(ended)) => Some(ended.clone()),
            _ => None,
        });
        if let (Some(ended), true) = (stopped, self.is(ctx, STOP, thrown)) {
            return ended;
        }
        let text = |name: &str| {
            let value = thrown.as_object().and_then(|object| object.get::<_, rquickjs::String>(name).ok());
            value.and_then(|text| text.to_string().ok()).unwrap_or_default()
        };
        let (name, mut message) = (text("name"), text("message"));
        if name == "InternalError" && message == "out of memory" {
            self.shared.exceeded.set(Some("The handler used more memory than it may"));
        }
        if !self.is(ctx, REFUSAL, thrown) {
            message = format!("{name}: {message}");
        }
        if let Some(Position { line, column }) = user_position(&text("stack")) {
            message = format!("code.js:{line}:{column}: {message}");
        }
        if message.len() > MESSAGE_BYTES_MAX {
            message.truncate(message.floor_char_boundary(MESSAGE_BYTES_MAX));
        }
        Ended::Failed { message }
    }
}

impl Shared {
    fn grant(&self, host: &Host) {
        self.steps_left.set(host.budget.steps_max);
        *self.is_late.borrow_mut() = host.is_late.clone();
        self.exceeded.set(None);
    }

    /// Asked by the engine every ten thousand steps.
    fn is_over(&self) -> bool {
        let left = self.steps_left.get();
        if left == 0 {
            self.exceeded.set(Some("The handler took more steps than it may: does a loop end?"));
            return true;
        }
        self.steps_left.set(left - 1);
        if self.is_late.borrow().as_ref().is_some_and(|is_late| is_late()) {
            self.exceeded.set(Some("Execution timed out."));
        }
        self.exceeded.get().is_some()
    }
}

/// What a fresh runtime has for us.
struct Loaded {
    functions: rquickjs::Persistent<Function<'static>>,
    tests: [rquickjs::Persistent<Function<'static>>; 2],
    modules: rquickjs::Persistent<JsObject<'static>>,
    lazily: rquickjs::Persistent<Function<'static>>,
    later: rquickjs::Persistent<JsValue<'static>>,
}

/// The function of a handler, in what a code exports.
fn function<'js>(exported: &JsObject<'js>, handler: Handler) -> rquickjs::Result<Option<Function<'js>>> {
    let mut found = exported.clone().into_value();
    for name in handler.name().split('.') {
        let Some(object) = found.as_object() else { return Ok(None) };
        found = object.get(name)?;
    }
    Ok(found.into_function())
}

fn load(ctx: &Ctx, shared: &Rc<Shared>, script: &str) -> Result<Loaded, Unfit> {
    let broken = |error: rquickjs::Error| {
        let thrown = ctx.catch();
        let text = thrown.as_exception().map(|exception| exception.to_string());
        Unfit::Engine(text.unwrap_or_else(|| error.to_string()))
    };
    let library: Function = ctx.eval(prelude::source()).map_err(broken)?;
    let native = native(ctx, shared.clone()).map_err(broken)?;
    let parts: rquickjs::Array = library.call((native,)).map_err(broken)?;
    let modules: JsObject = parts.get(0).map_err(broken)?;
    let eval: Function = parts.get(1).map_err(broken)?;
    let test = |index| parts.get::<Function>(index).map(|test| rquickjs::Persistent::save(ctx, test));
    let tests = [test(2).map_err(broken)?, test(3).map_err(broken)?];
    let lazily = test(4).map_err(broken)?;
    let later: JsValue = parts.get(5).map_err(broken)?;
    // By `eval`, whose texts have another name in stacks than those of Rust: that tells the user's lines.
    let functions: Function = eval.call((script,)).map_err(|error| {
        let thrown = ctx.catch();
        let text = |name: &str| thrown.as_object().and_then(|object| object.get::<_, String>(name).ok());
        match text("stack").as_deref().and_then(user_position) {
            Some(position) => {
                Unfit::Syntax(SyntaxError { message: text("message").unwrap_or_default(), position })
            }
            None => Unfit::Engine(text("message").unwrap_or_else(|| error.to_string())),
        }
    })?;
    Ok(Loaded {
        functions: rquickjs::Persistent::save(ctx, functions),
        tests,
        modules: rquickjs::Persistent::save(ctx, modules),
        lazily,
        later: rquickjs::Persistent::save(ctx, later),
    })
}

/// What the library calls: the name and the arguments of a native.
fn native<'js>(ctx: &Ctx<'js>, shared: Rc<Shared>) -> rquickjs::Result<Function<'js>> {
    let answer = move |ctx: Ctx<'js>, name: String, arguments: Rest<JsValue<'js>>| {
        if name == "context" {
            let member = arguments.first().and_then(|name| name.as_string()).map(|name| name.to_string());
            let member = shared.context.borrow().get(&member.transpose()?.unwrap_or_default()).cloned();
            return convert::to_js(&ctx, &member.unwrap_or_default());
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments.iter() {
            match convert::from_js(argument) {
                Ok(value) => values.push(value.unwrap_or_default()),
                Err(Refused::Thrown(error)) => return Err(error),
                Err(Refused::Value(message)) => return Err(throw(&ctx, &message)),
            }
        }
        let answered = match shared.call.borrow_mut().as_mut() {
            Some(call) => call.native(&name, &values),
            None => Err(format!("{name} is called outside of a handler")),
        };
        match answered {
            Ok(value) => convert::to_js(&ctx, &value),
            Err(message) => Err(throw(&ctx, &message)),
        }
    };
    Function::new(ctx.clone(), answer)
}

fn throw(ctx: &Ctx, message: &str) -> rquickjs::Error {
    match rquickjs::String::from_str(ctx.clone(), message) {
        Ok(text) => ctx.throw(text.into_value()),
        Err(error) => error,
    }
}

/// The first place in a stack that lies in the user's text, which begins on the script's second line.
fn user_position(stack: &str) -> Option<Position> {
    stack.lines().find_map(|line| {
        let (_, place) = line.split_once("<input>:")?;
        let mut numbers = place.trim_end_matches(')').split(':').map(str::parse::<u32>);
        let (line, column) = (numbers.next()?.ok()?, numbers.next().and_then(Result::ok).unwrap_or(1));
        Some(Position { line: line.saturating_sub(1).max(1), column })
    })
}
