//! The key that envelopes are signed with, and the certificate that tells its public half.
//!
//! The certificate follows from the key, so only the key is kept. Never here: keeping it.

use std::convert::Infallible;

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::{Pkcs1v15Sign, PrivateKey};

use super::topic::SignatureVersion;

const BITS: usize = 2048;

/// What is put before a digest of SHA-1 that is signed. (RFC 8017 §9.2, note 1)
const SHA1: [u8; 15] =
    [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];

/// A key and its certificate.
pub(super) struct Key {
    /// Signs SHA-1, which `ring` does not.
    slow: PrivateKey,
    /// Signs SHA-256 in a quarter of the time.
    quick: RsaKeyPair,
    certificate: String,
    certificate_path: String,
}

impl Key {
    /// A new key, as PKCS #8. It takes some tenths of a second.
    pub fn draw() -> Vec<u8> {
        let key = PrivateKey::new(&mut Random, BITS).expect("there are primes of this length");
        key.to_pkcs8_der().expect("a key can be written").as_bytes().to_vec()
    }

    /// Of PKCS #8.
    pub fn read(document: &[u8]) -> Option<Key> {
        let slow = PrivateKey::from_pkcs8_der(document).ok()?;
        let quick = RsaKeyPair::from_pkcs8(document).ok()?;
        let certificate = certificate::of(&quick)?;
        let name: String =
            digest(&SHA256, &certificate).as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        Some(Key {
            slow,
            quick,
            certificate: certificate::pem(&certificate),
            certificate_path: format!("/SimpleNotificationService-{name}.pem"),
        })
    }

    /// In PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Where clients find it, below the server's address.
    pub fn certificate_path(&self) -> &str {
        &self.certificate_path
    }

    /// A signature in Base 64. (SNS's guide: version 1 is SHA-1 with RSA, version 2 SHA-256 with RSA, both by PKCS #1)
    pub fn sign(&self, version: SignatureVersion, text: &[u8]) -> String {
        let signature = match version {
            SignatureVersion::One => {
                let digest = digest(&SHA1_FOR_LEGACY_USE_ONLY, text);
                let padding = Pkcs1v15Sign { hash_len: Some(digest.as_ref().len()), prefix: Box::new(SHA1) };
                let signed = self.slow.sign_with_rng(&mut Random, padding, digest.as_ref());
                signed.expect("the key is long enough for a digest")
            }
            SignatureVersion::Two => {
                let mut signature = vec![0; self.quick.public().modulus_len()];
                let signed = self.quick.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature);
                signed.expect("the buffer is as long as the modulus");
                signature
            }
        };
        aws_protocols::base64::encode(&signature)
    }
}

/// The operating system's random bytes.
struct Random;

impl TryRng for Random {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        getrandom::fill(bytes).expect("an operating system has random bytes");
        Ok(())
    }
}

impl TryCryptoRng for Random {}

/// A certificate that says a key and no more, signed by that key. (RFC 5280)
mod certificate {
    use ring::digest::{SHA256, digest};
    use ring::rand::SystemRandom;
    use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

    const SEQUENCE: u8 = 0x30;
    const INTEGER: u8 = 0x02;
    const BITS: u8 = 0x03;
    const SET: u8 = 0x31;
    const TEXT: u8 = 0x0c;
    const TIME: u8 = 0x17;
    const NULL: [u8; 2] = [0x05, 0];
    const COMMON_NAME: [u8; 5] = [0x06, 3, 0x55, 4, 3];
    const RSA: [u8; 11] = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    const SHA256_WITH_RSA: [u8; 11] = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];

    /// Who it is of: nobody whom a client should take for AWS.
    const NAME: &str = "Stepwell notifications";
    /// As the same key has the same certificate after every start, its times are the same, too.
    const FROM: &[u8] = b"200101000000Z";
    const UNTIL: &[u8] = b"491231235959Z";

    pub fn of(key: &RsaKeyPair) -> Option<Vec<u8>> {
        let public = key.public().as_ref();
        let mut serial = digest(&SHA256, public).as_ref()[..16].to_vec();
        // Positive, and as long as it looks.
        serial[0] = serial[0] & 0x7f | 0x40;
        let algorithm = element(SEQUENCE, &[&SHA256_WITH_RSA, &NULL]);
        let attribute = element(SEQUENCE, &[&COMMON_NAME, &element(TEXT, &[NAME.as_bytes()])]);
        let name = element(SEQUENCE, &[&element(SET, &[&attribute])]);
        let validity = element(SEQUENCE, &[&element(TIME, &[FROM]), &element(TIME, &[UNTIL])]);
        let public =
            element(SEQUENCE, &[&element(SEQUENCE, &[&RSA, &NULL]), &element(BITS, &[&[0], public])]);
        let said =
            element(SEQUENCE, &[&element(INTEGER, &[&serial]), &algorithm, &name, &validity, &name, &public]);
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &said, &mut signature).ok()?;
        Some(element(SEQUENCE, &[&said, &algorithm, &element(BITS, &[&[0], &signature])]))
    }

    /// A tag, the length and the content. (X.690)
    fn element(tag: u8, content: &[&[u8]]) -> Vec<u8> {
        let content = content.concat();
        let length = content.len().to_be_bytes();
        let length = &length[content.len().leading_zeros() as usize / 8..];
        let mut element = vec![tag];
        match content.len() {
            0..0x80 => element.push(content.len() as u8),
            _ => {
                element.push(0x80 | length.len() as u8);
                element.extend(length);
            }
        }
        element.extend(content);
        element
    }

    /// (RFC 7468)
    pub fn pem(document: &[u8]) -> String {
        const LINE: usize = 64;
        let base64 = aws_protocols::base64::encode(document);
        let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
        let mut rest = base64.as_str();
        while !rest.is_empty() {
            let (line, behind) = rest.split_at(rest.len().min(LINE));
            pem.extend([line, "\n"]);
            rest = behind;
        }
        pem.push_str("-----END CERTIFICATE-----\n");
        pem
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{
        RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    };

    use super::super::tests::key::document;
    use super::*;

    #[test]
    fn signatures_are_right() {
        let key = Key::read(&document()).unwrap();
        let public = key.quick.public().as_ref().to_vec();
        for (version, is_right) in [
            (SignatureVersion::One, &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
            (SignatureVersion::Two, &RSA_PKCS1_2048_8192_SHA256),
        ] {
            let signature = aws_protocols::base64::decode(&key.sign(version, b"text")).unwrap();
            let public = UnparsedPublicKey::new(is_right, &public);
            assert!(public.verify(b"text", &signature).is_ok(), "{version:?}");
            assert!(public.verify(b"texts", &signature).is_err(), "{version:?}");
        }
    }

    #[test]
    fn a_key_that_is_drawn_can_be_read() {
        let key = Key::read(&Key::draw()).unwrap();
        assert_eq!(key.quick.public().modulus_len() * 8, BITS);
        assert!(key.certificate_path().len() == "/SimpleNotificationService-.pem".len() + 32);
        assert!(Key::read(b"none").is_none());
    }
}
