//! The only loop: load → wake → commit → act. And the only clock.
//!
//! An [`Engine`] is a handle that any number of callers share. Requests that change something go to
//! the loop, which owns every open execution; the answer comes back when the change is on disk.
//! Reads go to the [`Store`](store::Store) and never enter the loop. Never here: wire formats, what a
//! definition means.

mod handle;
pub mod refusal;
pub mod request;

pub use handle::{Engine, Settings, UnknownCalls};
pub use refusal::Refusal;
