//! WebSocket, the server's side of it: the handshake, frames, and a connection that keeps no buffer while nothing moves.
//! (RFC 6455)
//!
//! Never here: what messages mean. (Why it is our own: docs/decisions/0035-realtime.md)

mod connection;
mod frames;
mod handshake;

pub(crate) use connection::WebSocket;
pub(crate) use frames::{Heard, Violation};
pub(crate) use handshake::{Handshake, is_upgrade};
