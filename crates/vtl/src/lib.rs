//! The Velocity Template Language as AppSync and API Gateway have it: compiled once, rendered with a budget.
//!
//! A template sees the values it is given, the methods of Java's strings, numbers, lists and maps, and
//! what its [`Host`] offers; there is no reflection. Never here: a clock, randomness, a file, a socket.
//!
//! ```
//! use vtl::{Budget, Dialect, Form, Heap, NoHost, Template};
//!
//! let template = Template::parse("#foreach($name in $names)Hello $name! #end", Dialect::PLAIN).unwrap();
//! let mut heap = Heap::new(Budget::default());
//! let names = heap.from_json(&json::value!(["Ada", "Grace"]), Form::Java).unwrap();
//! let rendered = template.render(&mut heap, &[("names", names)], &mut NoHost).unwrap();
//! assert_eq!(rendered.text, "Hello Ada! Hello Grace! ");
//! ```

pub mod api_gateway;
pub mod appsync;
mod arithmetic;
mod ast;
mod dialect;
mod equal;
mod error;
mod heap;
mod host;
mod meter;
mod methods;
mod names;
mod parse;
mod pattern;
mod print;
mod render;
pub mod text;
mod unopened;
mod value;

pub use dialect::Dialect;
pub use equal::Class;
pub use error::{Error, Failure, Position, Problem, Result};
pub use heap::{Form, Heap};
pub use host::{Host, NoHost};
pub use meter::Budget;
pub use value::{Handle, HostObject, Value};

/// A longer text is no template: API Gateway's limit is 300 KB.
const TEXT_MAX: usize = 512 << 10;

/// A compiled template.
#[derive(Debug)]
pub struct Template {
    parsed: parse::Parsed,
    dialect: Dialect,
}

/// What a template gave.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// AppSync's `#return`, if one ended the template.
    pub returned: Option<Returned>,
}

/// How `#return` ended a template.
#[derive(Clone, Debug)]
pub enum Returned {
    /// `#return`
    Nothing,
    /// `#return(value)`
    Value(Value),
}

impl Template {
    /// Compiles a text.
    pub fn parse(text: &str, dialect: Dialect) -> std::result::Result<Template, Error> {
        if text.len() > TEXT_MAX {
            let message = format!("The template is longer than {TEXT_MAX} bytes: make it shorter");
            let position = Position { line: 1, column: 1 };
            return Err(Error { problem: Problem::Parse, message, position });
        }
        let parsed = parse::parse(text, &dialect, names::Names::default())?;
        Ok(Template { parsed, dialect })
    }

    /// Renders it. `variables` are what it may refer to, each by its name without `$`; the values lie in
    /// `heap`, where the caller finds afterwards what the template made of them.
    pub fn render(
        &self,
        heap: &mut Heap,
        variables: &[(&str, Value)],
        host: &mut dyn Host,
    ) -> std::result::Result<Rendered, Error> {
        let parse::Parsed { body, macros, names } = &self.parsed;
        let mut renderer = render::Renderer::new(heap, host, &self.dialect, names, macros);
        for (name, value) in variables {
            renderer.bind(name, value.clone());
        }
        if let Err(failure) = renderer.block(body) {
            return Err(failure.at(renderer.place).into_error());
        }
        Ok(Rendered { text: renderer.out, returned: renderer.returned })
    }
}

/// One compiled template serves all threads.
const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Template>();
};
