//! Signatures of envelopes, with a key of this server's: RSA of 2,048 bits, made when it is first needed and kept in the ledger,
//! sealed as secrets of connections are.
//!
//! A signature takes a millisecond or more of a processor. So they are made on threads of their own, on half of the
//! processors at most, once for all who get the same message; nobody who publishes waits for one. Never here: what is signed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use connections::Connections;
use ledger::{Batch, Ledger};
use tokio::sync::{OnceCell, Semaphore};

use super::envelope::Signature;
use super::key::Key;
use super::topic::SignatureVersion;
use crate::delivery::Trouble;
use crate::spaces::TOPICS;

/// In the space of topics.
const KEY: &[u8] = b"k";
/// What is sealed is for this and nothing else.
const CONTEXT: &[u8] = b"stepwell sns signing key 1";
/// So many signatures are remembered, some 400 bytes each: messages on their way to several subscriptions, or tried again.
const REMEMBERED_MAX: usize = 1_000;

/// Who signs.
pub(super) struct Signing {
    ledger: Ledger,
    vault: Connections,
    key: OnceCell<Arc<Key>>,
    remembered: Mutex<VecDeque<Remembered>>,
    hands: Arc<Semaphore>,
}

/// A signature that was made, or is being made.
struct Remembered {
    version: SignatureVersion,
    text: ring::digest::Digest,
    signature: Arc<OnceCell<String>>,
}

impl Signing {
    /// With the key that is kept, if there is one.
    pub fn open(ledger: Ledger, vault: Connections) -> Result<Signing, ledger::Error> {
        let sealed = ledger.get(TOPICS, KEY)?;
        let kept = sealed.and_then(|sealed| match vault.unseal(CONTEXT, &sealed) {
            Ok(document) => Key::read(&document?),
            Err(error) => {
                tracing::warn!(target: "sns", "the key that messages are signed with cannot be read: {error}");
                None
            }
        });
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Signing {
            ledger,
            vault,
            key: OnceCell::new_with(kept.map(Arc::new)),
            remembered: Mutex::default(),
            hands: Arc::new(Semaphore::new((processors / 2).max(1))),
        })
    }

    /// The certificate that has this path, in PEM.
    pub fn certificate(&self, path: &str) -> Option<&str> {
        let key = self.key.get()?;
        (key.certificate_path() == path).then(|| key.certificate())
    }

    /// Signs what an envelope says.
    ///
    /// # Errors
    /// A new key cannot be kept.
    pub async fn sign(&self, version: SignatureVersion, text: String) -> Result<Signature, Trouble> {
        let key = self.key.get_or_try_init(|| self.make_key()).await?;
        let signature = self.remembered(version, &text);
        let made = signature.get_or_try_init(|| async {
            // Nobody closes it.
            let _hand = self.hands.acquire().await.map_err(unable)?;
            let key = key.clone();
            tokio::task::spawn_blocking(move || key.sign(version, text.as_bytes())).await.map_err(unable)
        });
        Ok(Signature {
            version: version.name(),
            signature: made.await?.clone(),
            certificate_path: key.certificate_path().to_owned(),
        })
    }

    /// The cell for a signature; whoever comes first makes it.
    fn remembered(&self, version: SignatureVersion, text: &str) -> Arc<OnceCell<String>> {
        let text = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |known: &&Remembered| known.version == version && known.text.as_ref() == text.as_ref();
        if let Some(known) = remembered.iter().rev().find(is_it) {
            return known.signature.clone();
        }
        if remembered.len() >= REMEMBERED_MAX {
            remembered.pop_front();
        }
        let signature = Arc::<OnceCell<String>>::default();
        remembered.push_back(Remembered { version, text, signature: signature.clone() });
        signature
    }

    /// Draws a key, and keeps it before anything is signed with it.
    async fn make_key(&self) -> Result<Arc<Key>, Trouble> {
        let vault = self.vault.clone();
        let made = tokio::task::spawn_blocking(move || {
            let document = Key::draw();
            let sealed = vault.seal(CONTEXT, &document).map_err(unable)?;
            let key = Key::read(&document).ok_or_else(|| unable("the key that was drawn is none"))?;
            Ok::<_, Trouble>((key, sealed))
        });
        let (key, sealed) = made.await.map_err(unable)??;
        let mut batch = Batch::new();
        batch.put(TOPICS, KEY, &sealed);
        self.ledger.commit(batch).await.map_err(unable)?;
        Ok(Arc::new(key))
    }
}

fn unable(error: impl std::fmt::Display) -> Trouble {
    Trouble::passing("ServiceUnavailable", format!("a message cannot be signed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn signing(ledger: &Ledger) -> Signing {
        Signing::open(ledger.clone(), Connections::in_memory()).unwrap()
    }

    #[tokio::test]
    async fn the_key_is_made_once_and_outlives_the_process() {
        let ledger = Ledger::open(&ledger::Settings::default()).unwrap();
        let first = signing(&ledger).await;
        let one = first.sign(SignatureVersion::One, "a".into()).await.unwrap();
        assert!(
            first.certificate(&one.certificate_path).unwrap().starts_with("-----BEGIN CERTIFICATE-----\n")
        );
        assert_eq!(first.certificate("/other.pem"), None);
        let second = signing(&ledger).await;
        assert_eq!(second.certificate(&one.certificate_path), first.certificate(&one.certificate_path));
        assert_eq!(second.sign(SignatureVersion::One, "a".into()).await.unwrap(), one);
    }

    #[tokio::test]
    async fn those_who_want_the_same_signature_share_it() {
        let ledger = Ledger::open(&ledger::Settings::default()).unwrap();
        let signing = signing(&ledger).await;
        let same = signing.remembered(SignatureVersion::One, "a");
        assert!(Arc::ptr_eq(&same, &signing.remembered(SignatureVersion::One, "a")));
        assert!(!Arc::ptr_eq(&same, &signing.remembered(SignatureVersion::Two, "a")));
        for number in 0..REMEMBERED_MAX {
            signing.remembered(SignatureVersion::Two, &number.to_string());
        }
        assert_eq!(signing.remembered.lock().unwrap().len(), REMEMBERED_MAX);
        assert!(!Arc::ptr_eq(&same, &signing.remembered(SignatureVersion::One, "a")));
    }
}
