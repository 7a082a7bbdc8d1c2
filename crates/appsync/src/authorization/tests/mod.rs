//! Credentials in, an identity or a refusal out.

mod access;
mod functions;
mod modes;
mod properties;
mod requests;
mod signatures;
mod staying;
mod tokens;
mod world;
