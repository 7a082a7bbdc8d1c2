//! The few words of DER (X.690) that a certificate is written in.
//!
//! Never here: keys, what a certificate says.

use std::fmt::Write as _;

pub const SEQUENCE: u8 = 0x30;
pub const INTEGER: u8 = 0x02;
pub const OCTETS: u8 = 0x04;
/// Constructed, of the context.
pub const CONTEXT_0: u8 = 0xa0;
pub const CONTEXT_3: u8 = 0xa3;
/// Of a GeneralName.
pub const DNS_NAME: u8 = 0x82;
pub const IP_ADDRESS: u8 = 0x87;
/// Of an AuthorityKeyIdentifier.
pub const KEY_IDENTIFIER: u8 = 0x80;

/// As an element: the BOOLEAN.
pub const TRUE: [u8; 3] = [0x01, 1, 0xff];
/// As elements: BIT STRINGs of KeyUsage.
pub const DIGITAL_SIGNATURE: [u8; 4] = [0x03, 2, 7, 0x80];
pub const SIGNS_CERTIFICATES: [u8; 4] = [0x03, 2, 2, 0x04];

/// Object identifiers, as elements.
pub mod oid {
    pub const EC_PUBLIC_KEY: &[u8] = &[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    pub const P256: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    pub const ECDSA_WITH_SHA256: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    pub const COMMON_NAME: &[u8] = &[0x06, 3, 0x55, 4, 3];
    pub const SERVER_AUTH: &[u8] = &[0x06, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1];
    pub const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x06, 3, 0x55, 0x1d, 14];
    pub const KEY_USAGE: &[u8] = &[0x06, 3, 0x55, 0x1d, 15];
    pub const SUBJECT_ALTERNATIVE_NAME: &[u8] = &[0x06, 3, 0x55, 0x1d, 17];
    pub const BASIC_CONSTRAINTS: &[u8] = &[0x06, 3, 0x55, 0x1d, 19];
    pub const NAME_CONSTRAINTS: &[u8] = &[0x06, 3, 0x55, 0x1d, 30];
    pub const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x06, 3, 0x55, 0x1d, 35];
    pub const EXTENDED_KEY_USAGE: &[u8] = &[0x06, 3, 0x55, 0x1d, 37];
}

/// A tag, the length and the content.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut element = vec![tag];
    if length < 0x80 {
        element.push(length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let bytes = &bytes[length.leading_zeros() as usize / 8..];
        element.push(0x80 | bytes.len() as u8);
        element.extend(bytes);
    }
    element.extend(content);
    element
}

/// A SEQUENCE of elements.
pub fn sequence(elements: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &elements.concat())
}

/// A BIT STRING of whole bytes.
pub fn bits(bytes: &[u8]) -> Vec<u8> {
    element(0x03, &[&[0], bytes].concat())
}

/// A Name that is a common name and nothing else.
pub fn common_name(name: &str) -> Vec<u8> {
    let value = element(0x0c, name.as_bytes());
    sequence(&[&element(0x31, &sequence(&[oid::COMMON_NAME, &value]))])
}

/// An Extension. `value` is its element.
pub fn extension(oid: &[u8], is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if is_critical { &TRUE } else { &[] };
    sequence(&[oid, critical, &element(OCTETS, value)])
}

/// A Time, of one as ISO 8601 has it. Years from 2050 on have four digits. (RFC 5280, 4.1.2.5)
pub fn time(iso: &str) -> Vec<u8> {
    const DIGITS: usize = "YYYYMMDDhhmmss".len();
    let digits: String = iso.chars().filter(char::is_ascii_digit).take(DIGITS).collect();
    match digits.strip_prefix("20").filter(|short| *short < "50") {
        Some(short) => element(0x17, format!("{short}Z").as_bytes()),
        None => element(0x18, format!("{digits}Z").as_bytes()),
    }
}

/// A document as text.
pub fn pem(label: &str, document: &[u8]) -> String {
    /// (RFC 7468, 2)
    const LINE: usize = 64;
    let base64 = aws_protocols::base64::encode(document);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, behind) = rest.split_at(rest.len().min(LINE));
        let _ = writeln!(pem, "{line}");
        rest = behind;
    }
    let _ = writeln!(pem, "-----END {label}-----");
    pem
}
