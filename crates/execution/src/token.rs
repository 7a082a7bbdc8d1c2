//! Task tokens: what a worker or a callback sends back to say whose task it answers.

use json::Text;

use crate::frame::FrameId;
use crate::random::siphash;

/// A task token, taken apart. Callers treat its text as opaque.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskToken {
    /// The execution's ARN.
    pub execution_arn: Text,
    /// Whose task.
    pub frame: FrameId,
    /// Which attempt.
    pub attempt: u32,
    /// What makes it hard to guess.
    pub nonce: u128,
}

/// The first byte: how the rest is laid out.
const LAYOUT: u8 = 1;

/// Layout, check sum, frame, attempt, nonce; the ARN's bytes follow.
const HEAD: usize = 1 + 4 + 4 + 4 + 16;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl TaskToken {
    /// The text that goes out: URL-safe letters only, at most 1,024 for an ARN of up to 739 bytes
    /// (the longest that names an execution has less than half of that).
    pub fn to_text(&self) -> String {
        let mut bytes = Vec::with_capacity(HEAD + self.execution_arn.len());
        bytes.push(LAYOUT);
        bytes.extend([0; 4]);
        bytes.extend(self.frame.0.to_le_bytes());
        bytes.extend(self.attempt.to_le_bytes());
        bytes.extend(self.nonce.to_le_bytes());
        bytes.extend(self.execution_arn.as_bytes());
        let check = check_sum(&bytes);
        bytes[1..5].copy_from_slice(&check);
        encode(&bytes)
    }

    /// Takes a token apart; `None` if it is not one of ours (`Invalid Token: 'Invalid token'`).
    pub fn parse(text: &str) -> Option<TaskToken> {
        let bytes = decode(text)?;
        let (head, arn) = bytes.split_at_checked(HEAD)?;
        if head[0] != LAYOUT || head[1..5] != check_sum(&bytes) {
            return None;
        }
        Some(TaskToken {
            execution_arn: std::str::from_utf8(arn).ok()?.into(),
            frame: FrameId(u32::from_le_bytes(head[5..9].try_into().ok()?)),
            attempt: u32::from_le_bytes(head[9..13].try_into().ok()?),
            nonce: u128::from_le_bytes(head[13..29].try_into().ok()?),
        })
    }
}

/// Tells a damaged token from an old one; it keeps nobody out, the nonce does.
fn check_sum(bytes: &[u8]) -> [u8; 4] {
    (siphash(0, &bytes[5..]) as u32).to_le_bytes()
}

fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0u32, |group, &byte| group << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(LETTERS[(group >> (18 - 6 * place)) as usize & 63] as char);
        }
    }
    text
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for chunk in text.as_bytes().chunks(4) {
        let mut group = 0u32;
        for &letter in chunk {
            group = group << 6 | u32::from(digit(letter)?);
        }
        group <<= 6 * (4 - chunk.len());
        match chunk.len() {
            4 => bytes.extend(&group.to_be_bytes()[1..4]),
            3 if group & 0xff == 0 => bytes.extend(&group.to_be_bytes()[1..3]),
            2 if group & 0xffff == 0 => bytes.push((group >> 16) as u8),
            _ => return None,
        }
    }
    Some(bytes)
}

fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_token_comes_back_as_it_went_out(
            arn in "[a-zA-Z0-9:_-]{0,739}", frame: u32, attempt: u32, nonce: u128
        ) {
            let token = TaskToken { execution_arn: arn.into(), frame: FrameId(frame), attempt, nonce };
            let text = token.to_text();
            prop_assert!(text.len() <= 1024);
            prop_assert!(text.bytes().all(|letter| LETTERS.contains(&letter)));
            prop_assert_eq!(TaskToken::parse(&text), Some(token));
        }

        #[test]
        fn what_is_not_a_token_is_none(text in "\\PC*") {
            prop_assert_eq!(TaskToken::parse(&text), None);
        }

        #[test]
        fn a_damaged_token_is_none(place in 0usize..100, letter in "[A-Za-z0-9_-]") {
            let token = TaskToken {
                execution_arn: "arn:aws:states:us-east-1:123456789012:execution:machine:name".into(),
                frame: FrameId(3), attempt: 1, nonce: 42,
            };
            let mut text = token.to_text();
            let place = place % text.len();
            prop_assume!(text[place..=place] != letter);
            text.replace_range(place..=place, &letter);
            prop_assert_eq!(TaskToken::parse(&text), None);
        }
    }
}
