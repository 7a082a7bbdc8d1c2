//! Signatures of envelopes: there are none, and the members for them are empty.
//!
//! AWS's verifiers take certificates of AWS's own hosts only, so a signature of ours would please none of them.

use super::envelope::{Sign, Signature};
use super::topic::SignatureVersion;

/// Leaves envelopes unsigned; the version is the topic's.
pub(super) struct Unsigned(pub SignatureVersion);

impl Sign for Unsigned {
    fn sign(&self, _text: &str) -> Signature {
        let version = match self.0 {
            SignatureVersion::One => "1",
            SignatureVersion::Two => "2",
        };
        Signature { version, signature: String::new(), certificate_path: String::new() }
    }
}
