//! What stands around a workflow, built in: durable, and spoken to as AWS's services are.
//!
//! Each service is a folder: a plain value that is moved by plain functions, its actions in AWS's shapes, and a thin shell
//! that commits to the ledger before it acknowledges and acts after it. Never here: protocols and sockets
//! (`aws-protocols`, `http-api`), how a target is called (`connectors`).

mod served;
mod service;
mod spaces;
mod within;

pub use served::{Found, Served};
pub use service::{Asker, Call, Fault, Service};
pub use within::Home;
