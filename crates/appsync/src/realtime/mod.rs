//! Subscriptions: who is connected, what each listens to, and what of it a mutation is.
//!
//! A connection is a value (`connection`): messages go in, in one of several ways of speaking (`dialect`), and what is to be
//! said comes out of its line (`line`). What is heard is made once for all who hear the same (`registry`) and put on their
//! lines by one task (`hub`). Never here: sockets.

mod budget;
mod connection;
mod dialect;
mod filter;
mod following;
mod handshake;
mod hub;
mod index;
mod line;
mod pace;
mod registry;
mod start;

pub(crate) use connection::Connection;
pub(crate) use filter::Filter;
pub(crate) use following::{Following, head};
pub(crate) use handshake::{Shown, protocols, shown};
pub use hub::Counts;
pub(crate) use hub::{Hub, NOT_AUTHORIZED};
pub use line::Out;
pub(crate) use line::{Line, NoRoom, SUBSCRIPTIONS_MAX, Ticket};
pub(crate) use pace::Pace;
pub(crate) use start::lower_case;

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod signed_tests;
#[cfg(test)]
mod staying_tests;
#[cfg(test)]
mod tests;
