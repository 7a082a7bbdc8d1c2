//! Positions in tables, as clients get them: opaque, and of use only where they were given away.
//!
//! The key that seals them is kept, so that they outlive a restart. Never here: what a position says.

use json::Value;
use ledger::Ledger;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use services::Members;
use services::records::{self, Changes, Records};
use tokio::sync::OnceCell;
use vtl::text::{base64_decode, base64_encode};

use super::SourceError;
use crate::appsync::SPACE;
use crate::record;

const KEY_BYTES: usize = 32;
/// So many random bytes never come again, however many positions there are.
const SALT_BYTES: usize = 24;
/// Of the form of tokens. (recorded of AWS: `{"version":2,"token":"…"}` in Base64)
const VERSION: i64 = 2;

/// Seals positions and opens them again.
pub(crate) struct Positions {
    ledger: Ledger,
    /// Drawn when the first position is given away.
    key: OnceCell<hmac::Key>,
}

impl Positions {
    /// With the key that is kept, if there is one.
    pub fn new(ledger: &Ledger, records: &Records) -> Positions {
        let kept = records.get(record::POSITIONS).and_then(|record| base64_decode(record.text("key")?));
        Positions { ledger: ledger.clone(), key: OnceCell::new_with(kept.map(|key| key_of(&key))) }
    }

    /// A token for a position. `place` is where alone it is of use.
    pub async fn seal(&self, place: &str, position: &Value) -> Result<String, SourceError> {
        let mut sealed = position.to_text().into_bytes();
        let mut salt = [0; SALT_BYTES];
        draw(&mut salt);
        self.once(&salt)
            .await?
            .seal_in_place_append_tag(nonce(), Aad::from(place.as_bytes()), &mut sealed)
            .unwrap_or_else(|_| unreachable!("a position is shorter than 64 GiB"));
        let token = base64_encode(&[&salt, sealed.as_slice()].concat());
        let token = json::value!({"version": VERSION, "token": token});
        Ok(base64_encode(token.to_text().as_bytes()))
    }

    /// The position of a token that comes from there.
    pub async fn open(&self, place: &str, token: &str) -> Result<Value, SourceError> {
        let Some((salt, mut sealed)) = parts(token) else { return Err(invalid()) };
        let key = self.once(&salt).await?;
        let opened = key.open_in_place(nonce(), Aad::from(place.as_bytes()), &mut sealed);
        opened.ok().and_then(|position| Value::parse_bytes(position).ok()).ok_or_else(invalid)
    }

    /// A key for one position.
    async fn once(&self, salt: &[u8; SALT_BYTES]) -> Result<LessSafeKey, SourceError> {
        let ours = self.key.get_or_try_init(|| self.keep_key()).await?;
        let derived = hmac::sign(ours, salt);
        let key = UnboundKey::new(&AES_256_GCM, derived.as_ref());
        Ok(LessSafeKey::new(key.unwrap_or_else(|_| unreachable!("the length is this algorithm's"))))
    }

    async fn keep_key(&self) -> Result<hmac::Key, SourceError> {
        let mut key = [0; KEY_BYTES];
        draw(&mut key);
        let record = json::value!({"key": (base64_encode(&key))});
        let changes = Changes::from([(record::POSITIONS.to_owned(), Some(record))]);
        records::commit(&self.ledger, SPACE, &changes).await.map_err(|refused| SourceError {
            message: format!("The key of pagination tokens cannot be kept: {refused}"),
            error_type: "InternalFailure".into(),
            ..SourceError::default()
        })?;
        Ok(key_of(&key))
    }
}

fn key_of(bytes: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, bytes)
}

/// A key seals once, so any nonce will do.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

fn draw(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("an operating system has random bytes");
}

/// The salt and what is sealed.
fn parts(token: &str) -> Option<([u8; SALT_BYTES], Vec<u8>)> {
    let token = Value::parse_bytes(&base64_decode(token)?).ok()?;
    let is_known = token.member("version").and_then(Value::as_i64) == Some(VERSION);
    let bytes = base64_decode(token.text("token").filter(|_| is_known)?)?;
    let (salt, sealed) = bytes.split_first_chunk()?;
    Some((*salt, sealed.to_vec()))
}

/// (recorded of AWS)
fn invalid() -> SourceError {
    SourceError {
        message: "com.amazonaws.deepdish.common.pagination.InvalidPaginationTokenException: \
                  Invalid pagination token given."
            .to_owned(),
        error_type: "DynamoDB:UserIllegalArgumentException".into(),
        ..SourceError::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Ledger {
        Ledger::open(&ledger::Settings { data_dir: None, segment_bytes: 1 << 20 }).unwrap()
    }

    fn over(ledger: &Ledger) -> Positions {
        Positions::new(ledger, &records::read(ledger, SPACE).unwrap())
    }

    #[tokio::test]
    async fn a_token_tells_nothing_and_outlives_a_restart() {
        let (ledger, position) = (ledger(), json::value!({"id": {"S": "secret"}}));
        let token = over(&ledger).seal("here", &position).await.unwrap();
        let inner = String::from_utf8(base64_decode(&token).unwrap()).unwrap();
        assert!(inner.starts_with(r#"{"version":2,"token":""#), "{inner}");
        let bytes = base64_decode(Value::parse(&inner).unwrap().text("token").unwrap()).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"secret"));
        assert_ne!(over(&ledger).seal("here", &position).await.unwrap(), token);
        assert_eq!(over(&ledger).open("here", &token).await.unwrap(), position);
    }

    #[tokio::test]
    async fn whatever_is_wrong_with_a_token_it_is_invalid() {
        let here = ledger();
        let positions = over(&here);
        let token = positions.seal("here", &7.into()).await.unwrap();
        let invalid = Err(invalid());
        assert_eq!(positions.open("there", &token).await, invalid);
        assert_eq!(over(&ledger()).open("here", &token).await, invalid, "another store");
        let inner = base64_decode(&token).unwrap();
        for place in 0..inner.len() {
            let mut changed = inner.clone();
            changed[place] ^= 1;
            let changed = base64_encode(&changed);
            // Base64 does not look at all bits of its last letter.
            if parts(&changed) != parts(&token) {
                assert_eq!(positions.open("here", &changed).await, invalid, "{place}");
            }
        }
        for token in ["", "no", "e30=", "eyJ2ZXJzaW9uIjoyLCJ0b2tlbiI6IiJ9"] {
            assert_eq!(positions.open("here", token).await, invalid, "{token}");
        }
    }
}
