//! What a parcel of deliveries holds: a message, or a handshake with an endpoint. And for whom each way is.

use json::{Text, Value};

use super::message::Message;

/// A parcel's body.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Letter {
    /// To all who want it.
    Message(Message),
    /// The endpoint is asked to confirm, or told of the end. What it confirms with, the subscription has.
    Handshake { is_end: bool, message_id: Text, base_url: Text },
}

/// For whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Addressee<'a> {
    Subscription(&'a str),
    Phone(&'a str),
}

const MESSAGE: u8 = b'm';
const HANDSHAKE: u8 = b'h';
const PHONE: &str = "phone ";

impl Letter {
    pub fn to_bytes(&self) -> Vec<u8> {
        let (kind, text) = match self {
            Letter::Message(message) => (MESSAGE, message.to_record()),
            Letter::Handshake { is_end, message_id, base_url } => {
                let record = json::value!({
                    "end": (*is_end),
                    "id": (message_id.clone()),
                    "base": (base_url.clone()),
                });
                (HANDSHAKE, record.to_text())
            }
        };
        [&[kind], text.as_bytes()].concat()
    }

    /// `None` if these bytes are none of ours.
    pub fn from_bytes(bytes: &[u8]) -> Option<Letter> {
        let (kind, text) = bytes.split_first()?;
        match *kind {
            MESSAGE => Message::from_record(text).map(Letter::Message),
            HANDSHAKE => {
                let record = Value::parse_bytes(text).ok()?;
                let text = |name: &str| Some(Text::from(record.get(name)?.as_str()?));
                Some(Letter::Handshake {
                    is_end: record.get("end")?.as_bool()?,
                    message_id: text("id")?,
                    base_url: text("base")?,
                })
            }
            _ => None,
        }
    }
}

impl<'a> Addressee<'a> {
    pub fn to_bytes(self) -> Vec<u8> {
        match self {
            Addressee::Subscription(arn) => arn.as_bytes().to_vec(),
            Addressee::Phone(number) => format!("{PHONE}{number}").into_bytes(),
        }
    }

    pub fn from_bytes(bytes: &'a [u8]) -> Option<Addressee<'a>> {
        let text = std::str::from_utf8(bytes).ok()?;
        Some(match text.strip_prefix(PHONE) {
            Some(number) => Addressee::Phone(number),
            None => Addressee::Subscription(text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let handshake =
            Letter::Handshake { is_end: true, message_id: "id".into(), base_url: "http://h".into() };
        for letter in [handshake, Letter::Message(Message::default())] {
            assert_eq!(Letter::from_bytes(&letter.to_bytes()), Some(letter));
        }
        assert_eq!(Letter::from_bytes(b"x"), None);
        for addressee in [Addressee::Subscription("arn:aws:sns:r:1:t:id"), Addressee::Phone("+1 555")] {
            assert_eq!(Addressee::from_bytes(&addressee.to_bytes()), Some(addressee));
        }
    }
}
