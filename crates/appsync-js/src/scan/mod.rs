//! Reading a code without running it: tokens, imports and exports, and what APPSYNC_JS forbids.
//!
//! Whether the syntax is right is the engine's to say; this looks at tokens and brackets only.

mod error;
mod functions;
mod given_back;
mod module;
mod rules;
mod token;

pub use error::{CodeError, CodeErrors, ErrorType, Location, Position};

/// A code, as a script for the engine.
pub struct Module {
    /// A function of the modules that gives the handlers; the user's text begins on its second line.
    pub script: String,
    /// The names of what it exports.
    pub exports: Vec<String>,
    /// The member of `ctx` that `response` only gives back.
    pub given_back: Option<Vec<String>>,
    /// What is not allowed.
    pub errors: Vec<CodeError>,
}

/// Reads a code. The error: it cannot even be cut into tokens, or its brackets do not match.
pub fn module(text: &str) -> Result<Module, CodeErrors> {
    let tokens = token::tokens(text).map_err(|error| CodeErrors(vec![error]))?;
    let mut errors = Vec::new();
    let (script, exports) = module::script(text, &tokens, &mut errors);
    rules::check(&tokens, &mut errors);
    functions::check(&tokens, &mut errors);
    errors.sort_by_key(|error| (error.location.line, error.location.column));
    errors.dedup();
    let given_back = given_back::member(&tokens);
    Ok(Module { script, exports, given_back, errors })
}
