//! Signed tokens of OpenID providers and user pools: read, verified by their issuers' keys, judged by their claims.
//!
//! Algorithms come from a list, never from a token. Never here: what a service makes of whom a token names, and how
//! documents are fetched, which whoever asks brings along ([`Documents`]).

mod base64url;
mod claims;
mod issuer;
mod key;
mod pool;
#[cfg(feature = "testing")]
pub mod testing;
mod token;

pub use claims::{Clients, Lifetimes, check_times};
pub use issuer::{Documents, Issuers, KeysAt, is_same};
pub use key::Algorithms;
pub use pool::UserPool;
pub use token::Token;

/// Why a token is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It was, once.
    Expired,
    /// The reason, for a log: nothing of the token is in it.
    Because(&'static str),
}

#[cfg(test)]
mod tests;
