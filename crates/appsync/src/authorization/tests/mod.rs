//! Credentials in, an identity or a refusal out.

mod access;
mod functions;
mod issuers;
mod modes;
mod properties;
mod requests;
mod signatures;
mod test_keys;
mod tokens;
mod world;
