//! API Gateway: REST APIs and HTTP APIs that stand before services, functions and other servers.
//!
//! An API is a JSON value; `control` moves it, as the operations of the API say. What was deployed is compiled
//! once (`invoke`, `http_api`), and a request goes through plain functions over it; only [`Front`] waits for
//! anybody, through ports that `wiring` connects. Never here: sockets, signatures, where a service is to be found.

mod backend;
mod bearer;
mod control;
mod exchange;
mod fault;
mod front;
mod http_api;
mod invoke;
mod openapi;
mod paths;
mod percent;
mod schema;
#[cfg(test)]
mod testing;
mod usage;
mod wiring;

pub use backend::{
    Answering, Backend, BackendAnswer, FunctionAnswer, FunctionCall, HttpCall, ServiceCall, Trouble,
};
pub use exchange::{Identity, Request, Response};
pub use fault::Fault;
pub use front::{Asked, Front, Kept, Settings};
pub use openapi::{check as check_openapi, read as read_openapi};
pub use wiring::{Gateway, start};
