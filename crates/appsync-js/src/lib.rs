//! APPSYNC_JS: AppSync's JavaScript, checked and compiled once, called with a budget.
//!
//! A handler sees its context and what [`Host`] says; two calls share nothing that can change. Never here:
//! a clock, randomness, a file, a socket. Time, the seed and zones come in as arguments.
//!
//! ```
//! use appsync_js::{Code, Handler, Host};
//!
//! let code = Code::compile("export function request(ctx) { return { hello: ctx.args.name } }").unwrap();
//! let context = json::value!({"arguments": {"name": "Ada"}});
//! let outcome = code.call(Handler::Request, &context, &Host::default());
//! assert_eq!(outcome.result.unwrap(), json::value!({"hello": "Ada"}));
//! ```

mod code;
mod engine;
mod host;
mod natives;
mod outcome;
mod prelude;
mod scan;

pub use appsync_util::{Ended, FieldError, Log, Zones};
pub use code::{Code, Handler, Part};
pub use host::{Budget, Host, Late};
pub use outcome::{EarlyReturn, Outcome};
pub use scan::{CodeError, CodeErrors, ErrorType, Location};
