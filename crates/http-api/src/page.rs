//! Pages of lists: how many, and the tokens that say where the next one starts.
//!
//! A token is the place, bound by a checksum to the question it belongs to: with other arguments,
//! or made up, it is refused. It does not expire. Never here: the lists.

use sha2::{Digest, Sha256};

use crate::error::ApiError;

/// How many items a page has unless said otherwise.
const LIMIT_DEFAULT: usize = 100;
/// How many bytes of the checksum a token carries: enough to tell ours from garbage.
const CHECK_BYTES: usize = 8;

/// How many items a page has at most. 0 means the default.
pub(crate) fn limit(max_results: Option<i64>) -> usize {
    match max_results.and_then(|count| usize::try_from(count).ok()) {
        None | Some(0) => LIMIT_DEFAULT,
        Some(count) => count,
    }
}

/// The token of the page that starts at `place`, as the answer to `question` (the action and all
/// its arguments but the page's size).
pub(crate) fn token(question: &[&str], place: &str) -> String {
    let check = checksum(question, place);
    let bytes = check.iter().chain(place.as_bytes());
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// The place in a token that [`token`] made for the same question.
pub(crate) fn place(question: &[&str], token: &str) -> Result<String, ApiError> {
    decode(question, token).ok_or_else(ApiError::invalid_token)
}

/// As [`place`], where places are numbers.
pub(crate) fn number<N: std::str::FromStr>(question: &[&str], token: &str) -> Result<N, ApiError> {
    place(question, token)?.parse().map_err(|_| ApiError::invalid_token())
}

fn decode(question: &[&str], token: &str) -> Option<String> {
    if !token.len().is_multiple_of(2) || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = (0..token.len()).step_by(2).map(|at| &token[at..at + 2]);
    let bytes: Vec<u8> = pairs.map(|pair| u8::from_str_radix(pair, 16)).collect::<Result<_, _>>().ok()?;
    let (check, place) = bytes.split_at_checked(CHECK_BYTES)?;
    let place = String::from_utf8(place.to_vec()).ok()?;
    (checksum(question, &place) == check).then_some(place)
}

fn checksum(question: &[&str], place: &str) -> [u8; CHECK_BYTES] {
    let mut hash = Sha256::new();
    for part in question.iter().chain([&place]) {
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    std::array::from_fn(|at| digest[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        assert_eq!([None, Some(0), Some(1), Some(1000)].map(limit), [100, 100, 1, 1000]);
    }

    #[test]
    fn tokens_lead_back_to_their_place() {
        for text in ["", "a", "État-名前", &"x".repeat(320)] {
            let token = token(&["ListX", "arn"], text);
            assert!(token.len() <= 1024);
            assert_eq!(place(&["ListX", "arn"], &token), Ok(text.to_owned()));
        }
        assert_eq!(number::<u64>(&["ListX"], &token(&["ListX"], "42")), Ok(42));
    }

    #[test]
    fn other_tokens_are_refused() {
        let good = token(&["ListX", "arn"], "12");
        let mut flipped = good.clone().into_bytes();
        flipped[3] = if flipped[3] == b'0' { b'1' } else { b'0' };
        let flipped = String::from_utf8(flipped).unwrap();
        for garbage in ["", "0", "x", "é", "00", "InvalidToken", &good[2..], &format!("{good}31"), &flipped]
        {
            assert_eq!(place(&["ListX", "arn"], garbage), Err(ApiError::invalid_token()), "{garbage}");
        }
        for question in [&["ListX", "other"][..], &["ListY", "arn"], &["ListXarn"], &["ListX", "arn", ""]] {
            assert_eq!(place(question, &good), Err(ApiError::invalid_token()));
        }
        let words = token(&["ListX"], "words");
        assert_eq!(number::<u64>(&["ListX"], &words), Err(ApiError::invalid_token()));
    }
}
