//! What stands around a workflow, built in: durable, and spoken to as AWS's services are.
//!
//! Each service is a folder: a plain value that is moved by plain functions, its actions in AWS's shapes, and a thin shell
//! that commits to the ledger before it acknowledges and acts after it. (`records`, `members` and `moment` are for services
//! that have a crate of their own, too.) Never here: protocols and sockets
//! (`aws-protocols`, `http-api`), how a target is called (`connectors`).

pub mod delivery;
pub mod event_sources;
pub mod eventbridge;
pub mod lambda;
pub mod members;
mod moment;
mod off;
pub mod records;
pub mod scheduler;
mod served;
mod service;
pub mod sns;
mod spaces;
pub mod sqs;
pub mod timestamp;
mod within;

pub use members::Members;
pub use moment::Moment;
pub use served::{Found, Served};
pub use service::{Asker, Call, Fault, Service};
pub use within::{Entrance, Home};

/// What has begun goes on when the caller hangs up: otherwise what is shown could differ from what is durable, and half of it
/// is nobody's wish.
///
/// # Errors
/// The work's own, and [`ledger::Refused::Stopped`] when the server stops meanwhile.
pub async fn to_its_end<T, E>(work: impl Future<Output = Result<T, E>> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<ledger::Refused> + Send + 'static,
{
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(ledger::Refused::Stopped.into()),
        },
    }
}
