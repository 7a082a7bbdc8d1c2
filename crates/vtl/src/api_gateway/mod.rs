//! API Gateway's mapping templates: `$input`, `$util`, `$context`, `$stageVariables`. (spec/vtl.md §6)
//!
//! Never here: which template is chosen, and what an override does to a request.

mod input;
mod util;

use std::sync::LazyLock;

use json::{Object, Text};

use crate::dialect::Dialect;
use crate::error::{Error, Failure, Result};
use crate::heap::{Form, Heap};
use crate::host::Host;
use crate::meter::Budget;
use crate::value::{HostObject, Value};
use crate::{Position, Template};

/// What a template is about: a request on its way in, or a response on its way out.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// The body as it came, whether or not it is JSON.
    pub body: Text,
    /// `$input.params()`
    pub parameters: Parameters,
    /// `$context`. The members that a template may set are added where they are missing.
    pub context: Object,
    /// `$stageVariables`
    pub stage_variables: Object,
}

/// The parameters of a request, texts by their names.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    /// Of the path.
    pub path: Object,
    /// Of the query.
    pub querystring: Object,
    /// The headers.
    pub header: Object,
}

/// Answers JSONPaths. (The language's own crate, which lies beside this one, has an implementation.)
pub trait Paths {
    /// What `path` finds in `document`; nothing if it finds nothing or is no path.
    fn find(&self, document: &json::Value, path: &str) -> Option<json::Value>;
}

/// What a mapping template gave.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// The text.
    pub text: String,
    /// `$context` as the template left it, with its `requestOverride` and `responseOverride`.
    pub context: Object,
}

/// Compiles a mapping template.
///
/// Texts go round whose `\"` within double quotes is no Velocity. With `lenient` they are read as they
/// were meant, but only if they are no template otherwise. (spec/vtl.md §6.4)
pub fn parse(text: &str, lenient: bool) -> std::result::Result<Template, Error> {
    let strict = Template::parse(text, Dialect::API_GATEWAY);
    match &strict {
        Err(_) if lenient => {
            Template::parse(text, Dialect { backslash_quotes: true, ..Dialect::API_GATEWAY }).or(strict)
        }
        _ => strict,
    }
}

/// Renders a mapping template. With `lenient`, `$util.escapeJavaScript` takes lists and maps as their
/// JSON, where API Gateway takes them as Java prints them, which nobody can read back.
pub fn render(
    template: &Template,
    exchange: &Exchange,
    paths: &dyn Paths,
    budget: Budget,
    lenient: bool,
) -> std::result::Result<Mapped, Error> {
    let mut heap = Heap::new(budget);
    let mut host = ApiGateway { exchange, paths, lenient, document: None };
    let prepared = (|| {
        let context =
            heap.from_json(&json::Value::Object(with_overrides(&exchange.context)), Form::Context)?;
        let variables = heap.from_json(&json::Value::Object(exchange.stage_variables.clone()), Form::Java)?;
        Ok((context, variables))
    })();
    let (context, stage_variables) = prepared.map_err(in_front)?;
    let variables = [
        ("input", Value::Host(INPUT)),
        ("util", Value::Host(UTIL)),
        ("context", context.clone()),
        ("stageVariables", stage_variables),
    ];
    let rendered = template.render(&mut heap, &variables, &mut host)?;
    let context = heap.to_json(&context).map_err(in_front)?;
    Ok(Mapped { text: rendered.text, context: context.as_object().cloned().unwrap_or_default() })
}

const INPUT: HostObject = HostObject(0);
const UTIL: HostObject = HostObject(1);

/// The objects of the host.
struct ApiGateway<'a> {
    exchange: &'a Exchange,
    paths: &'a dyn Paths,
    lenient: bool,
    /// The body as JSON, once somebody has asked; `Some(None)` if it is none.
    document: Option<Option<json::Value>>,
}

impl Host for ApiGateway<'_> {
    fn property(&mut self, object: HostObject, name: &str, _: &mut Heap) -> Result<Value> {
        Ok(match (object, name) {
            (INPUT, "body") => Value::Text(self.body()),
            _ => Value::Null,
        })
    }

    fn call(
        &mut self,
        object: HostObject,
        method: &str,
        arguments: &[Value],
        heap: &mut Heap,
    ) -> Result<Option<Value>> {
        match object {
            INPUT => self.input(method, arguments, heap),
            _ => util::call(heap, method, arguments, self.lenient),
        }
    }
}

/// A trouble before the first character or behind the last.
fn in_front(failure: Box<Failure>) -> Error {
    failure.at(Position { line: 1, column: 1 }).into_error()
}

/// The context with the objects in it that a template may write to.
fn with_overrides(context: &Object) -> Object {
    let mut context = context.clone();
    for (name, empty) in &*OVERRIDES {
        let mut overrides = context.get(name).and_then(json::Value::as_object).unwrap_or(empty).clone();
        for (member, value) in empty.iter() {
            if !overrides.contains_key(member) {
                overrides.insert(member.clone(), value);
            }
        }
        context.insert(*name, overrides);
    }
    context
}

/// What can be overridden: shared by all that override nothing.
static OVERRIDES: LazyLock<[(&str, Object); 2]> = LazyLock::new(|| {
    let object = |members: &[&str]| {
        let mut object = Object::new();
        for member in members {
            object.insert(*member, Object::new());
        }
        object
    };
    [
        ("requestOverride", object(&["path", "header", "querystring"])),
        ("responseOverride", object(&["header"])),
    ]
});
