//! JSON Web Tokens that are signed: three parts of Base 64 with dots between. (RFC 7515, RFC 7519)
//!
//! Reading believes nothing. [`Token::is_signed_by`] is the only thing that makes a token's claims true; `none` and
//! secrets that are shared are in none of its lists.

use json::{Object, Value};

use crate::base64url;
use crate::key::{Algorithm, Algorithms, PublicKey};

/// Longer texts are no tokens: hundreds of groups fit into it.
const BYTES_MAX: usize = 32 << 10;

/// A token as it was sent.
#[derive(Debug)]
pub struct Token<'t> {
    /// `alg`, `kid` and the like.
    header: Object,
    /// What somebody claims.
    pub claims: Object,
    /// What the signature is made over: header and claims, as sent.
    signed: &'t str,
    signature: Vec<u8>,
}

impl<'t> Token<'t> {
    /// Takes a text apart; nothing if it is no token at all.
    pub fn read(text: &'t str) -> Option<Token<'t>> {
        if text.len() > BYTES_MAX {
            return None;
        }
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        Some(Token {
            header: object(header)?,
            claims: object(claims)?,
            signed,
            signature: base64url::decode(signature)?,
        })
    }

    /// `iss`
    pub fn issuer(&self) -> &str {
        text(self.claims.get("iss"))
    }

    /// `kid`: which key of its issuer's it names. Tokens that name none are taken nowhere.
    pub fn key_id(&self) -> &str {
        text(self.header.get("kid"))
    }

    /// Whether the token is signed with this key, by an algorithm that is taken.
    pub(crate) fn is_signed_by(&self, key: &PublicKey, algorithms: Algorithms) -> bool {
        // What must be understood is not: nothing is. (RFC 7515 §4.1.11)
        if !key.is_called(self.key_id()) || self.header.contains_key("crit") {
            return false;
        }
        let name = text(self.header.get("alg"));
        let algorithm = Algorithm::of(name).filter(|algorithm| algorithms.take(*algorithm));
        algorithm.is_some_and(|algorithm| {
            key.is_for(name) && key.verifies(algorithm, self.signed.as_bytes(), &self.signature)
        })
    }
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

fn object(part: &str) -> Option<Object> {
    match Value::parse_bytes(&base64url::decode(part)?) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}
