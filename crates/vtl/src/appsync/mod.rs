//! AppSync's mapping templates: `$ctx`, `$util` and `$extensions`. (spec/appsync.md §5, §6)
//!
//! What `$util` computes is `appsync_util`'s, which JavaScript has it from, too. Never here: which template
//! is chosen, what a data source makes of its text, and how an error becomes GraphQL's.

mod collections;
mod dynamodb;
mod extensions;
mod helpers;
mod time;
mod util;

use std::sync::Arc;

pub use appsync_util::{Ended, FieldError, Log};
use appsync_util::{Notes, Random, Zones};
use json::{Array, Object, Text};

use crate::dialect::Dialect;
use crate::equal::Class;
use crate::error::{Error, Failure, Problem, Result};
use crate::heap::{Form, Heap};
use crate::host::Host;
use crate::meter::Budget;
use crate::print::check;
use crate::value::{HostObject, Value};
use crate::{Position, Returned, Template};

/// What the outside tells a template.
#[derive(Clone, Default)]
pub struct Surroundings {
    /// The time, in milliseconds since 1970.
    pub now_milliseconds: i64,
    /// Where random numbers and ids come from. The caller takes a new one for each rendering.
    pub seed: u64,
    /// What `$util.authType()` says, such as `API Key Authorization`.
    pub auth_type: Text,
    /// Zones by their IANA names. Without them there are UTC, GMT and fixed offsets.
    pub zones: Option<Arc<Zones>>,
}

/// What a template gave, and what it asked for on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What it transformed its context to, or why it ended.
    pub result: std::result::Result<Transformed, Ended>,
    /// `$ctx.stash` as the template left it; as it was, if the template failed.
    pub stash: json::Value,
    /// What `$util.appendError` was given, in order.
    pub out_errors: Vec<FieldError>,
    /// What `$util.log` was given, in order.
    pub logs: Vec<Log>,
    /// Headers of `$util.http.addResponseHeader`, in order: of one name the last counts.
    pub response_headers: Vec<(Text, Text)>,
    /// The calls of `$extensions`, in order: the function's name and its arguments.
    pub extensions: Vec<(Text, Vec<json::Value>)>,
}

/// The result of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Transformed {
    /// Its text.
    Text(String),
    /// `#return` ended it, with a value or alone.
    Returned(Option<json::Value>),
}

/// Compiles a template.
pub fn parse(text: &str) -> std::result::Result<Template, Error> {
    Template::parse(text, Dialect::APPSYNC)
}

/// Renders a template. `context` is what `$ctx` holds: `arguments`, `identity`, `source`, `stash` and so on,
/// as spec/appsync.md §5.1 has them. What nobody looks into costs nothing.
pub fn render(
    template: &Template,
    context: &json::Value,
    surroundings: &Surroundings,
    budget: Budget,
) -> Outcome {
    let context = completed(context);
    let before = context.get("stash").cloned().unwrap_or_default();
    let mut host = AppSync {
        surroundings,
        random: Random::new(surroundings.seed),
        notes: Notes::default(),
        context: Value::Null,
        raised: None,
    };
    let (result, stash) = match transform(template, context, &mut host, budget) {
        Ok((result, stash)) => (Ok(result), stash.unwrap_or(before)),
        Err(error) => (Err(host.ended(error)), before),
    };
    let notes = host.notes;
    Outcome {
        result,
        stash,
        out_errors: notes.out_errors,
        logs: notes.logs,
        response_headers: notes.response_headers,
        extensions: notes.extensions,
    }
}

/// The result and the stash, if the template can have changed it.
fn transform(
    template: &Template,
    context: Object,
    host: &mut AppSync,
    budget: Budget,
) -> std::result::Result<(Transformed, Option<json::Value>), Error> {
    let mut heap = Heap::new(budget);
    let context = heap.from_json(&context.into(), Form::Arguments).map_err(at_the_end)?;
    host.context = context.clone();
    let variables = [
        ("ctx", context.clone()),
        ("context", context.clone()),
        ("util", Value::Host(UTIL)),
        ("utils", Value::Host(UTIL)),
        ("extensions", Value::Host(EXTENSIONS)),
    ];
    let rendered = template.render(&mut heap, &variables, host)?;
    let result = match rendered.returned {
        None => Transformed::Text(rendered.text),
        Some(Returned::Nothing) => Transformed::Returned(None),
        Some(Returned::Value(value)) => {
            Transformed::Returned(Some(plain(&heap, &value).map_err(at_the_end)?))
        }
    };
    let stash = stash(&mut heap, &context).map_err(at_the_end)?;
    Ok((result, stash))
}

/// The stash, unless nobody has looked at it or something else than a map stands in its place.
fn stash(heap: &mut Heap, context: &Value) -> Result<Option<json::Value>> {
    if heap.is_untouched(context) {
        return Ok(None);
    }
    let stash = heap.get(context, "stash")?.unwrap_or_default();
    if heap.class(&stash) != Class::Map {
        return Ok(None);
    }
    if heap.is_untouched(&stash) {
        return heap.to_json(&stash).map(Some);
    }
    plain(heap, &stash).map(Some)
}

/// The context with the members that a template may write to.
fn completed(context: &json::Value) -> Object {
    let mut context = context.as_object().cloned().unwrap_or_default();
    if !context.get("stash").is_some_and(json::Value::is_object) {
        context.insert("stash", Object::new());
    }
    if !context.get("outErrors").is_some_and(json::Value::is_array) {
        context.insert("outErrors", Array::new());
    }
    context
}

/// A trouble behind the last character.
fn at_the_end(failure: Box<Failure>) -> Error {
    failure.at(Position { line: 1, column: 1 }).into_error()
}

const UTIL: HostObject = HostObject(0);
const EXTENSIONS: HostObject = HostObject(1);
const DYNAMODB: HostObject = HostObject(2);
const HTTP: HostObject = HostObject(3);
const LIST: HostObject = HostObject(4);
const LOG: HostObject = HostObject(5);
const MAP: HostObject = HostObject(6);
const MATH: HostObject = HostObject(7);
const RDS: HostObject = HostObject(8);
const STR: HostObject = HostObject(9);
const TIME: HostObject = HostObject(10);
const TRANSFORM: HostObject = HostObject(11);
const XML: HostObject = HostObject(12);

/// The objects of the host, and what they have been told.
struct AppSync<'a> {
    surroundings: &'a Surroundings,
    random: Random,
    notes: Notes,
    /// `$ctx`, whatever the variable holds by now.
    context: Value,
    /// Why a helper ended the template.
    raised: Option<FieldError>,
}

impl Host for AppSync<'_> {
    fn property(&mut self, object: HostObject, name: &str, _: &mut Heap) -> Result<Value> {
        if object != UTIL {
            return Ok(Value::Null);
        }
        Ok(Value::Host(match name {
            "dynamodb" => DYNAMODB,
            "http" => HTTP,
            "list" => LIST,
            "log" => LOG,
            "map" => MAP,
            "math" => MATH,
            "rds" => RDS,
            "str" => STR,
            "time" => TIME,
            "transform" => TRANSFORM,
            "xml" => XML,
            _ => return Ok(Value::Null),
        }))
    }

    fn call(
        &mut self,
        object: HostObject,
        method: &str,
        arguments: &[Value],
        heap: &mut Heap,
    ) -> Result<Option<Value>> {
        match object {
            UTIL => self.util(method, arguments, heap),
            EXTENSIONS => self.extensions(method, arguments, heap),
            DYNAMODB => dynamodb::call(heap, method, arguments),
            HTTP => self.http(method, arguments, heap),
            LIST => collections::list(heap, method, arguments),
            LOG => self.log(method, arguments, heap),
            MAP => collections::map(heap, method, arguments),
            MATH => self.math(method, arguments),
            RDS => helpers::rds(heap, method, arguments),
            STR => helpers::str(heap, method, arguments),
            TIME => self.time(method, arguments, heap),
            TRANSFORM => helpers::transform(heap, method, arguments),
            _ => helpers::xml(heap, method, arguments),
        }
    }
}

impl AppSync<'_> {
    /// Ends the template with an error of the field.
    fn raise(&mut self, error: FieldError) -> Box<Failure> {
        self.raised = Some(error);
        Failure::ended()
    }

    fn note(&mut self, name: &str, arguments: &[json::Value]) -> Result<Option<Value>> {
        self.notes.note(name, arguments).map_err(Failure::method)?;
        Ok(Some(crate::methods::nothing()))
    }

    fn ended(&mut self, error: Error) -> Ended {
        match (error.problem, self.raised.take()) {
            (Problem::Ended, Some(raised)) => Ended::Raised(raised),
            (Problem::Exceeded, _) => Ended::Exceeded { message: error.to_string() },
            _ => Ended::Failed { message: error.to_string() },
        }
    }
}

/// A text that a helper made, counted.
fn made(heap: &Heap, text: impl Into<Text>) -> Result<Option<Value>> {
    let text = text.into();
    heap.meter.text(text.len())?;
    Ok(Some(Value::Text(text)))
}

/// The value as JSON, for who walks through the whole of it. Parts of a value may be shared, so the whole
/// can be much more than what it took to build it: it is counted, and refused if it nests too deep.
fn plain(heap: &Heap, value: &Value) -> Result<json::Value> {
    let json = heap.to_json(value)?;
    count(heap, &json, 0)?;
    Ok(json)
}

fn count(heap: &Heap, value: &json::Value, depth: usize) -> Result<()> {
    match value {
        json::Value::String(text) => heap.meter.bytes(text.len()),
        json::Value::Array(items) => {
            check(depth)?;
            heap.meter.bytes(items.len() * NODE_BYTES)?;
            items.iter().try_for_each(|item| count(heap, item, depth + 1))
        }
        json::Value::Object(members) => {
            check(depth)?;
            heap.meter.bytes(members.len() * NODE_BYTES)?;
            members.iter().try_for_each(|(name, member)| {
                heap.meter.bytes(name.len())?;
                count(heap, member, depth + 1)
            })
        }
        _ => heap.meter.steps(1),
    }
}

/// Memory that a helper takes for a value in a list or map: itself, its type's name, its share of both.
const NODE_BYTES: usize = 4 * size_of::<json::Value>();
