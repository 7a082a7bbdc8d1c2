//! Why a request is not let in.

use std::fmt;

/// What is wrong with a request's signature. Displayed, it is the message for the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no signature at all.
    Missing,
    /// There is something, but not a whole signature; what is missing or malformed.
    Incomplete(String),
    /// Nobody has this access key.
    UnknownKey {
        /// The access key as given.
        access_key_id: String,
    },
    /// The signature is not the one that the secret makes.
    Mismatch {
        /// What this side understood the request to be: the first thing to compare when a client
        /// signs wrongly. Empty if the mismatch lies elsewhere.
        canonical_request: String,
    },
    /// The request is too old, or too far ahead of this side's clock.
    Expired(String),
}

impl Refusal {
    /// AWS's name for it, as JSON protocols send it.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Missing => "MissingAuthenticationTokenException",
            Refusal::Incomplete(_) => "IncompleteSignatureException",
            Refusal::UnknownKey { .. } => "UnrecognizedClientException",
            Refusal::Mismatch { .. } | Refusal::Expired(_) => "InvalidSignatureException",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Missing => f.write_str("Missing Authentication Token"),
            Refusal::Incomplete(what) | Refusal::Expired(what) => f.write_str(what),
            Refusal::UnknownKey { .. } => f.write_str("The security token included in the request is invalid."),
            Refusal::Mismatch { .. } => f.write_str(
                "The request signature we calculated does not match the signature you provided. Check your AWS \
                 Secret Access Key and signing method. Consult the service documentation for details.",
            ),
        }
    }
}

impl std::error::Error for Refusal {}
