//! The public key of a server, by which a password is sealed where the connection is not encrypted.
//!
//! `mysql_common` panics on what is no key, and works for hours on one with a long exponent. So a key is read here, and given to it as
//! it likes keys. Never here: whether a password is sealed at all.

use aws_protocols::base64;
use mysql_common::crypto;

/// What OAEP adds to a text: two hashes, and two bytes.
const PADDING_BYTES: usize = 42;
/// Exponents are 3 or 65537. What is as long as this takes no time.
const EXPONENT_BYTES_MAX: usize = 8;
/// Keys of 16,384 bits are twice as long as anybody's.
const MODULUS_BYTES_MAX: usize = 2048;

/// Tags of DER.
const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

/// Seals a text by a key in PEM; nothing if there is none, or it is too short for the text.
pub(super) fn seal(text: &[u8], pem: &[u8]) -> Option<Vec<u8>> {
    let der = der(std::str::from_utf8(pem).ok()?)?;
    let (modulus, exponent) = numbers(&der)?;
    let bits = 8 * modulus.len() - modulus.first()?.leading_zeros() as usize;
    let block_bytes = (bits + 6) / 8;
    let is_sound = modulus.len() <= MODULUS_BYTES_MAX && exponent.len() <= EXPONENT_BYTES_MAX;
    if !is_sound || block_bytes < text.len() + PADDING_BYTES {
        return None;
    }
    let members = [written(INTEGER, modulus), written(INTEGER, exponent)].concat();
    let der = base64::encode(&written(SEQUENCE, &members));
    let pem = format!("-----BEGIN RSA PUBLIC KEY-----\n{der}\n-----END RSA PUBLIC KEY-----\n");
    Some(crypto::encrypt(text, pem.as_bytes()))
}

/// What stands between the lines of PEM.
fn der(pem: &str) -> Option<Vec<u8>> {
    let body = ["RSA PUBLIC KEY", "PUBLIC KEY"].into_iter().find_map(|label| {
        let (_, rest) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
        Some(rest.split_once(&format!("-----END {label}-----"))?.0)
    });
    base64::decode(body?)
}

/// The modulus and the exponent, without zeros before them, of a key by itself or with its algorithm. (RFC 8017, RFC 5280)
fn numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut key = taken(SEQUENCE, &mut &*der)?;
    if key.first() == Some(&SEQUENCE) {
        let _algorithm = taken(SEQUENCE, &mut key)?;
        let mut within = taken(BITS, &mut key)?.strip_prefix(&[0])?;
        key = taken(SEQUENCE, &mut within)?;
    }
    let mut number = || {
        let number = taken(INTEGER, &mut key)?;
        Some(&number[number.iter().take_while(|byte| **byte == 0).count()..])
    };
    Some((number()?, number()?))
}

/// The contents of the next value, if it has this tag.
fn taken<'d>(tag: u8, rest: &mut &'d [u8]) -> Option<&'d [u8]> {
    let (&[found, first], behind) = rest.split_first_chunk()?;
    let (length, behind) = match first {
        0..=0x7f => (usize::from(first), behind),
        0x81 => {
            let (&[length], behind) = behind.split_first_chunk()?;
            (usize::from(length), behind)
        }
        0x82 => {
            let (&length, behind) = behind.split_first_chunk()?;
            (usize::from(u16::from_be_bytes(length)), behind)
        }
        _ => return None,
    };
    let (contents, behind) = behind.split_at_checked(length)?;
    *rest = behind;
    (found == tag).then_some(contents)
}

fn written(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = (contents.len() as u16).to_be_bytes();
    [&[tag, 0x82, length[0], length[1]], contents].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
        let key = [written(INTEGER, modulus), written(INTEGER, exponent)].concat();
        let within = [&[0], &written(SEQUENCE, &key)[..]].concat();
        let whole = [written(SEQUENCE, b"\x05\x00"), written(BITS, &within)].concat();
        let body = base64::encode(&written(SEQUENCE, &whole));
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----").into_bytes()
    }

    #[test]
    fn a_key_that_is_long_enough_seals() {
        let modulus = [&[0], &[0xc5; 64][..]].concat();
        assert_eq!(seal(b"secret\0", &pem(&modulus, &[1, 0, 1])).map(|sealed| sealed.len()), Some(64));
        assert_eq!(seal(&[b'x'; 22], &pem(&modulus, &[3])).map(|sealed| sealed.len()), Some(64));
        assert_eq!(seal(&[b'x'; 23], &pem(&modulus, &[3])), None);
    }

    #[test]
    fn what_is_no_key_seals_nothing() {
        let good = pem(&[0xc5; 64], &[3]);
        assert!(seal(b"", &good).is_some());
        let text = String::from_utf8(good.clone()).unwrap();
        for wrong in [
            b"".to_vec(),
            vec![0xff; 10],
            text.replace("PUBLIC", "PRIVATE").into_bytes(),
            text.replace("-----END", "").into_bytes(),
            text.replace('M', "!").into_bytes(),
            pem(&[], &[3]),
            pem(&[0; 64], &[3]),
            pem(&[0xc5; 40], &[3]),
            pem(&[0xc5; 2049], &[3]),
            pem(&[0xc5; 64], &[0xff; 9]),
        ] {
            assert_eq!(seal(b"", &wrong), None, "{}", String::from_utf8_lossy(&wrong));
        }
        // Cut off anywhere, and one byte of it another.
        let der = base64::decode(text.lines().nth(1).unwrap()).unwrap();
        for place in 0..der.len() {
            let mut changed = der.clone();
            changed[place] ^= 0x7f;
            for der in [&der[..place], &changed] {
                let body = base64::encode(der);
                let _ =
                    seal(b"", format!("-----BEGIN PUBLIC KEY-----{body}-----END PUBLIC KEY-----").as_bytes());
            }
        }
    }
}
