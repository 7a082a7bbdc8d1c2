//! `States.Hash(data, algorithm)`: the digest in lower-case hexadecimal digits.

use std::borrow::Cow;
use std::fmt::Write;

use json::Value;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::arguments;

pub(super) fn hash(data: &Value, algorithm: &Value) -> Result<Value, String> {
    // A string is hashed as it is, anything else as its JSON text.
    let text = match data {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        other => Cow::Owned(arguments::json_text(other, "data")?),
    };
    arguments::check_length(&text, "data")?;
    let bytes = text.as_bytes();
    let digits = match arguments::text(algorithm, "algorithm")? {
        "MD5" => hexadecimal(&Md5::digest(bytes)),
        "SHA-1" => hexadecimal(&Sha1::digest(bytes)),
        "SHA-256" => hexadecimal(&Sha256::digest(bytes)),
        "SHA-384" => hexadecimal(&Sha384::digest(bytes)),
        "SHA-512" => hexadecimal(&Sha512::digest(bytes)),
        other => {
            return Err(format!(
                "The algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512, but it is {other}"
            ));
        }
    };
    Ok(Value::from(digits))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut digits, byte| {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
