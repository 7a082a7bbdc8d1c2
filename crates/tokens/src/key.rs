//! Public keys of issuers, and what they verify. (RFC 7517, RFC 7518)
//!
//! Never here: secrets that are shared. A key says what it is for, a caller what is taken; a token chooses among that.

use json::{Text, Value};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, EcdsaVerificationAlgorithm, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use crate::base64url;

/// Which algorithms are taken of an issuer: that is for whoever takes its tokens to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithms {
    /// RS256, RS384 and RS512. User pools sign with the first; API Gateway takes no others.
    Pkcs1,
    /// Those, PS256, PS384 and PS512, ES256 and ES384.
    All,
}

/// How a token says that it is signed. (`alg`)
#[derive(Clone, Copy, Debug)]
pub(crate) enum Algorithm {
    Pkcs1(&'static RsaParameters),
    Pss(&'static RsaParameters),
    Ecdsa(Curve),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
}

/// A public key of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey {
    id: Text,
    /// The only algorithm that it is for, if it says so.
    algorithm: Option<Text>,
    numbers: Numbers,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Numbers {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    Elliptic {
        curve: Curve,
        /// Uncompressed. (SEC 1 §2.3.3)
        point: Vec<u8>,
    },
}

impl Algorithms {
    pub(crate) fn take(self, algorithm: Algorithm) -> bool {
        match self {
            Algorithms::Pkcs1 => matches!(algorithm, Algorithm::Pkcs1(_)),
            Algorithms::All => true,
        }
    }
}

impl Algorithm {
    /// By its name, to the letter.
    pub fn of(name: &str) -> Option<Algorithm> {
        Some(match name {
            "RS256" => Algorithm::Pkcs1(&RSA_PKCS1_2048_8192_SHA256),
            "RS384" => Algorithm::Pkcs1(&RSA_PKCS1_2048_8192_SHA384),
            "RS512" => Algorithm::Pkcs1(&RSA_PKCS1_2048_8192_SHA512),
            "PS256" => Algorithm::Pss(&RSA_PSS_2048_8192_SHA256),
            "PS384" => Algorithm::Pss(&RSA_PSS_2048_8192_SHA384),
            "PS512" => Algorithm::Pss(&RSA_PSS_2048_8192_SHA512),
            "ES256" => Algorithm::Ecdsa(Curve::P256),
            "ES384" => Algorithm::Ecdsa(Curve::P384),
            _ => return None,
        })
    }
}

impl Curve {
    fn of(name: &str) -> Option<Curve> {
        match name {
            "P-256" => Some(Curve::P256),
            "P-384" => Some(Curve::P384),
            _ => None,
        }
    }

    /// Of each coordinate: no more, no less. (RFC 7518 §6.2.1.2)
    fn bytes(self) -> usize {
        match self {
            Curve::P256 => 32,
            Curve::P384 => 48,
        }
    }

    /// A curve goes with one hash, and signatures are two numbers side by side. (RFC 7518 §3.4)
    fn algorithm(self) -> &'static EcdsaVerificationAlgorithm {
        match self {
            Curve::P256 => &ECDSA_P256_SHA256_FIXED,
            Curve::P384 => &ECDSA_P384_SHA384_FIXED,
        }
    }
}

impl PublicKey {
    /// Of a JSON Web Key; nothing if it is of another kind or for another purpose.
    pub fn of(key: &Value) -> Option<PublicKey> {
        let member = |name: &str| key.get(name).and_then(Value::as_str);
        if member("use").is_some_and(|purpose| purpose != "sig") || !may_verify(key) {
            return None;
        }
        let numbers = match member("kty")? {
            "RSA" => Numbers::Rsa { modulus: number(member("n")?)?, exponent: number(member("e")?)? },
            "EC" => {
                let curve = Curve::of(member("crv")?)?;
                Numbers::Elliptic { curve, point: point(curve, member("x")?, member("y")?)? }
            }
            _ => return None,
        };
        Some(PublicKey {
            id: member("kid").filter(|id| !id.is_empty())?.into(),
            algorithm: member("alg").map(Text::from),
            numbers,
        })
    }

    /// Whether tokens name it so. (`kid`)
    pub fn is_called(&self, id: &str) -> bool {
        self.id == id
    }

    /// Whether it is for this algorithm, as far as it says.
    pub fn is_for(&self, algorithm: &str) -> bool {
        self.algorithm.as_deref().is_none_or(|only| only == algorithm)
    }

    /// Whether a signature of this kind is of this key.
    pub fn verifies(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> bool {
        match (&self.numbers, algorithm) {
            (Numbers::Rsa { modulus: n, exponent: e }, Algorithm::Pkcs1(how) | Algorithm::Pss(how)) => {
                RsaPublicKeyComponents { n, e }.verify(how, signed, signature).is_ok()
            }
            (Numbers::Elliptic { curve, point }, Algorithm::Ecdsa(wanted)) if *curve == wanted => {
                UnparsedPublicKey::new(curve.algorithm(), point).verify(signed, signature).is_ok()
            }
            (Numbers::Rsa { .. } | Numbers::Elliptic { .. }, _) => false,
        }
    }
}

/// Whether `key_ops`, if it is there, lets a key verify. (RFC 7517 §4.3)
fn may_verify(key: &Value) -> bool {
    match key.get("key_ops") {
        None => true,
        Some(purposes) => purposes
            .as_array()
            .is_some_and(|purposes| purposes.iter().any(|purpose| purpose.as_str() == Some("verify"))),
    }
}

/// A whole number, the first byte first. Some issuers put a zero before it, which `ring` does not take.
fn number(text: &str) -> Option<Vec<u8>> {
    let mut bytes = base64url::decode(text)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.drain(..zeros);
    Some(bytes)
}

/// Whether it lies on its curve is seen when it verifies something.
fn point(curve: Curve, x: &str, y: &str) -> Option<Vec<u8>> {
    let coordinates = [base64url::decode(x)?, base64url::decode(y)?];
    let whole = coordinates.iter().all(|coordinate| coordinate.len() == curve.bytes());
    whole.then(|| [[4].as_slice(), &coordinates[0], &coordinates[1]].concat())
}
