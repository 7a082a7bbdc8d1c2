//! The key that the file of connections is sealed with: 32 random bytes, in a file as hexadecimal digits.
//!
//! Never here: making a new key where an old one is needed.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use crate::file::write_durably;
use crate::store::Error;

const KEY_BYTES: usize = 32;

/// A key. Not printed.
pub(crate) struct Key(LessSafeKey);

impl Key {
    /// Reads the key; `None` if there is no such file.
    pub(crate) fn read(path: &Path) -> Result<Option<Key>, Error> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Error::io("reading", path, source)),
        };
        let bytes = from_hex(text.trim()).filter(|bytes| bytes.len() == KEY_BYTES);
        let Some(bytes) = bytes else { return Err(Error::NoKey(path.to_owned())) };
        Ok(Some(Key::new(&bytes)))
    }

    /// Draws a key and keeps it in a new file that only its owner can read.
    pub(crate) fn create(path: &Path) -> Result<Key, Error> {
        let mut bytes = [0; KEY_BYTES];
        draw(&mut bytes);
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        write_durably(path, format!("{text}\n").as_bytes())?;
        Ok(Key::new(&bytes))
    }

    fn new(bytes: &[u8]) -> Key {
        let key = UnboundKey::new(&CHACHA20_POLY1305, bytes).expect("the length is this algorithm's");
        Key(LessSafeKey::new(key))
    }

    /// Encrypts and authenticates; `context` is authenticated too. A nonce of 96 random bits is enough for far
    /// more changes than a file ever sees.
    pub(crate) fn seal(&self, context: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        draw(&mut nonce);
        let mut sealed = plain.to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut sealed)
            .expect("the text is shorter than 256 GiB");
        [&nonce, sealed.as_slice()].concat()
    }

    /// What was sealed; `None` if it was changed since, or sealed with another key.
    pub(crate) fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut bytes = sealed.to_vec();
        let plain = self.0.open_in_place(nonce, Aad::from(context), &mut bytes).ok()?;
        Some(plain.to_vec())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Random bytes of the operating system.
pub(crate) fn draw(bytes: &mut [u8]) {
    SystemRandom::new().fill(bytes).expect("an operating system has random bytes");
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
