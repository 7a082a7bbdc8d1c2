//! Checksums of bodies, where an operation asks for one or can take one.
//!
//! CRC32 unless the input names another, as all SDKs of AWS have it. Never here: checksums of responses.

use aws_models::{Location, Member, Operation};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::argument::{Argument, Members, Problem};
use crate::base64;
use crate::request::Request;

/// The header that names the algorithm; an operation that has it can take a checksum.
const ALGORITHM: &str = "x-amz-sdk-checksum-algorithm";
const DEFAULT: &str = "CRC32";

/// Adds the checksum and the algorithm's name, unless the input has a checksum already.
pub(crate) fn add(
    operation: Operation<'_>,
    members: &Members<'_>,
    request: &mut Request,
) -> Result<(), Problem> {
    let mut inputs = operation.input().into_iter().flat_map(|shape| shape.members());
    let is_algorithm =
        |member: &Member<'_>| member.location() == Location::Header && member.wire_name() == ALGORITHM;
    let can_have = inputs.any(|member| is_algorithm(&member));
    let has_one = request.headers.iter().any(|(name, _)| {
        let name = name.to_ascii_lowercase();
        name.starts_with("x-amz-checksum-")
            && !matches!(&*name, "x-amz-checksum-mode" | "x-amz-checksum-type")
            && !name.ends_with("-algorithm")
    });
    if !(operation.needs_checksum() || can_have) || has_one {
        return Ok(());
    }
    let named = members.iter().find(|(member, _)| is_algorithm(member));
    let algorithm = match named {
        Some((_, Argument::Text(name))) => name.as_str(),
        _ => DEFAULT,
    };
    let Some(checksum) = checksum(algorithm, &request.body) else {
        let field = named.map_or_else(String::new, |(member, _)| member.field_name());
        return Err(Problem::Format { field });
    };
    request
        .set_header(&format!("x-amz-checksum-{}", algorithm.to_ascii_lowercase()), base64::encode(&checksum));
    if can_have && named.is_none() {
        request.set_header(ALGORITHM, DEFAULT);
    }
    Ok(())
}

fn checksum(algorithm: &str, body: &[u8]) -> Option<Vec<u8>> {
    Some(match algorithm {
        "CRC32" => crc32(body).to_be_bytes().to_vec(),
        "CRC32C" => crc32c::crc32c(body).to_be_bytes().to_vec(),
        "CRC64NVME" => reflected(body, 0x9a6c_9329_ac4b_c9b5, 64).to_be_bytes().to_vec(),
        "SHA1" => Sha1::digest(body).to_vec(),
        "SHA256" => Sha256::digest(body).to_vec(),
        _ => return None,
    })
}

pub(crate) fn crc32(body: &[u8]) -> u32 {
    reflected(body, 0xedb8_8320, 32) as u32
}

/// A reflected CRC of 32 or 64 bits, a byte at a time.
fn reflected(body: &[u8], polynomial: u64, width: u32) -> u64 {
    let mask = u64::MAX >> (64 - width);
    let table: Vec<u64> = (0..256)
        .map(|byte| (0..8).fold(byte, |crc, _| if crc & 1 == 1 { crc >> 1 ^ polynomial } else { crc >> 1 }))
        .collect();
    let crc =
        body.iter().fold(mask, |crc, byte| table[((crc ^ u64::from(*byte)) & 0xff) as usize] ^ crc >> 8);
    crc ^ mask
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of the algorithms' catalogue.
    #[test]
    fn checksums_are_those_of_the_algorithms() {
        for (algorithm, value) in [
            ("CRC32", "cbf43926"),
            ("CRC32C", "e3069283"),
            ("CRC64NVME", "ae8b14860a799888"),
            ("SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
            ("SHA256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
        ] {
            let checksum = checksum(algorithm, b"123456789").unwrap();
            let hex: String = checksum.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, value, "{algorithm}");
        }
        assert_eq!(checksum("MD4", b""), None);
    }
}
