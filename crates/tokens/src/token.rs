//! JSON Web Tokens that are signed: three parts of Base 64 with dots between. (RFC 7515, RFC 7519)
//!
//! Reading believes nothing. [`Token::is_signed_by`] is the only thing that makes a token's claims true, and takes none
//! but RSA's signatures: `none` and secrets that are shared are not in its list.

use json::{Object, Text, Value};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaParameters,
    RsaPublicKeyComponents,
};

use crate::base64url;

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

/// A public key of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey {
    id: Text,
    /// The only algorithm that it is for, if it says so.
    algorithm: Option<Text>,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
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

    /// Whether the token is signed with this key.
    pub(crate) fn is_signed_by(&self, key: &PublicKey) -> bool {
        let name = text(self.header.get("alg"));
        let Some(algorithm) = algorithm(name) else { return false };
        let is_key_for_it = key.algorithm.as_deref().is_none_or(|only| only == name);
        // What must be understood is not: nothing is. (RFC 7515 §4.1.11)
        if !is_key_for_it || !key.is_called(self.key_id()) || self.header.contains_key("crit") {
            return false;
        }
        let PublicKey { modulus: n, exponent: e, .. } = key;
        RsaPublicKeyComponents { n, e }.verify(algorithm, self.signed.as_bytes(), &self.signature).is_ok()
    }
}

/// The algorithms that tokens may be signed with.
fn algorithm(name: &str) -> Option<&'static RsaParameters> {
    Some(match name {
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &RSA_PKCS1_2048_8192_SHA512,
        _ => return None,
    })
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

impl PublicKey {
    /// Whether tokens name it so. (`kid`)
    pub fn is_called(&self, id: &str) -> bool {
        self.id == id
    }

    /// Of a JSON Web Key; nothing if it is of another kind or for another purpose. (RFC 7517)
    pub fn of(key: &Value) -> Option<PublicKey> {
        let member = |name: &str| key.get(name).and_then(Value::as_str);
        let is_for_signatures = member("use").is_none_or(|purpose| purpose == "sig");
        if member("kty") != Some("RSA") || !is_for_signatures {
            return None;
        }
        Some(PublicKey {
            id: member("kid").filter(|id| !id.is_empty())?.into(),
            algorithm: member("alg").map(Text::from),
            modulus: number(member("n")?)?,
            exponent: number(member("e")?)?,
        })
    }
}

/// A whole number, the first byte first. Some issuers put a zero before it, which `ring` does not take.
fn number(text: &str) -> Option<Vec<u8>> {
    let mut bytes = base64url::decode(text)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.drain(..zeros);
    Some(bytes)
}
