//! A real server on a free port, spoken to over TCP, byte by byte.

mod activities;
mod authentication;
mod executions;
mod front;
mod robustness;
mod world;
