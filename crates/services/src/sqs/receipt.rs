//! Receipt handles: what a receiver shows when it deletes a message, and nobody else can make up.

use aws_protocols::base64;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::keys::QueueId;
use super::number::Number;

/// One receive of one message in one queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub queue: QueueId,
    pub number: Number,
    /// How often the message had been received by then.
    pub receives: u32,
}

/// How AWS's handles begin: `AQEB`. They have several hundred characters; ours about fifty.
const MARK: [u8; 3] = [1, 1, 1];
const BODY_BYTES: usize = 4 + 8 + 4;
/// So many bytes are guessed in more time than a message is kept.
const SEAL_BYTES: usize = 14;

/// Makes and reads handles; what is not its own it does not read.
#[derive(Clone)]
pub(crate) struct Receipts(Hmac<Sha256>);

impl Receipts {
    /// With a secret that the ledger keeps: handles outlive a restart.
    pub fn new(secret: &[u8]) -> Receipts {
        Receipts(Hmac::new_from_slice(secret).expect("any length will do"))
    }

    /// The handle of a receipt.
    pub fn handle(&self, receipt: Receipt) -> String {
        let mut bytes = [0; MARK.len() + BODY_BYTES + SEAL_BYTES];
        let (mark, rest) = bytes.split_at_mut(MARK.len());
        let (body, seal) = rest.split_at_mut(BODY_BYTES);
        mark.copy_from_slice(&MARK);
        body[..4].copy_from_slice(&receipt.queue.0.to_be_bytes());
        body[4..12].copy_from_slice(&receipt.number.0.to_be_bytes());
        body[12..].copy_from_slice(&receipt.receives.to_be_bytes());
        seal.copy_from_slice(&self.seal(body));
        base64::encode(&bytes)
    }

    /// The receipt behind a handle.
    pub fn receipt(&self, handle: &str) -> Option<Receipt> {
        let bytes = base64::decode(handle)?;
        let rest = bytes.strip_prefix(&MARK)?;
        let (body, seal) = rest.split_first_chunk::<BODY_BYTES>()?;
        // Who counts the nanoseconds of this comparison learns nothing that a million guesses would not cost.
        if seal != self.seal(body) {
            return None;
        }
        let (queue, rest) = body.split_first_chunk::<4>()?;
        let (number, receives) = rest.split_first_chunk::<8>()?;
        Some(Receipt {
            queue: QueueId(u32::from_be_bytes(*queue)),
            number: Number(u64::from_be_bytes(*number)),
            receives: u32::from_be_bytes(receives.try_into().ok()?),
        })
    }

    fn seal(&self, body: &[u8]) -> [u8; SEAL_BYTES] {
        let whole = self.0.clone().chain_update(body).finalize().into_bytes();
        *whole.first_chunk().expect("it has 32 bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_its_own_only() {
        let receipts = Receipts::new(b"secret");
        let receipt = Receipt { queue: QueueId(1), number: Number(99), receives: 2 };
        let handle = receipts.handle(receipt);
        assert!(handle.starts_with("AQEB"), "{handle}");
        assert_eq!(receipts.receipt(&handle), Some(receipt));
        assert_eq!(Receipts::new(b"another").receipt(&handle), None);
        for place in 4..handle.len() {
            let mut forged = handle.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(receipts.receipt(&String::from_utf8(forged).unwrap()), None, "at {place}");
        }
        assert_eq!(receipts.receipt("garbage"), None);
        assert_eq!(receipts.receipt(""), None);
    }
}
