//! A message as the ledger keeps it.

/// All that a message is but its place in a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    /// Its MessageId, as bits.
    pub id: u128,
    /// When it was sent, in milliseconds since 1970.
    pub sent: i64,
    pub body_md5: [u8; 16],
    /// Whoever sent it, as SenderId says.
    pub sender: String,
    /// Texts that are empty are not there.
    pub group: String,
    pub deduplication_id: String,
    pub trace_header: String,
    /// The queue from which it went to this one, as a dead letter.
    pub dead_letter_source: String,
    pub body: String,
    pub attributes: Vec<Attribute>,
}

/// A message attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub name: String,
    /// `String`, `Number.price`
    pub data_type: String,
    pub value: AttributeValue,
}

/// What it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AttributeValue {
    Text(String),
    Binary(Vec<u8>),
}

/// Messages of another version of Stepwell are not guessed at.
const VERSION: u8 = 1;

impl Message {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128 + self.body.len());
        out.push(VERSION);
        out.extend_from_slice(&self.id.to_be_bytes());
        out.extend_from_slice(&self.sent.to_le_bytes());
        out.extend_from_slice(&self.body_md5);
        for text in [
            &self.sender,
            &self.group,
            &self.deduplication_id,
            &self.trace_header,
            &self.dead_letter_source,
            &self.body,
        ] {
            put(&mut out, text.as_bytes());
        }
        for attribute in &self.attributes {
            put(&mut out, attribute.name.as_bytes());
            put(&mut out, attribute.data_type.as_bytes());
            match &attribute.value {
                AttributeValue::Text(text) => {
                    out.push(0);
                    put(&mut out, text.as_bytes());
                }
                AttributeValue::Binary(bytes) => {
                    out.push(1);
                    put(&mut out, bytes);
                }
            }
        }
        out
    }

    /// Reads what [`to_bytes`](Message::to_bytes) wrote.
    pub fn from_bytes(bytes: &[u8]) -> Option<Message> {
        let mut reader = Reader(bytes);
        if reader.take(1)? != [VERSION] {
            return None;
        }
        let mut message = Message {
            id: u128::from_be_bytes(reader.take(16)?.try_into().ok()?),
            sent: i64::from_le_bytes(reader.take(8)?.try_into().ok()?),
            body_md5: reader.take(16)?.try_into().ok()?,
            sender: reader.text()?,
            group: reader.text()?,
            deduplication_id: reader.text()?,
            trace_header: reader.text()?,
            dead_letter_source: reader.text()?,
            body: reader.text()?,
            attributes: Vec::new(),
        };
        while !reader.0.is_empty() {
            let (name, data_type) = (reader.text()?, reader.text()?);
            let value = match reader.take(1)?[0] {
                0 => AttributeValue::Text(reader.text()?),
                _ => AttributeValue::Binary(reader.bytes()?.to_vec()),
            };
            message.attributes.push(Attribute { name, data_type, value });
        }
        Some(message)
    }
}

/// The bytes behind their length.
fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = u32::from_le_bytes(self.take(4)?.try_into().ok()?);
        self.take(length as usize)
    }

    fn text(&mut self) -> Option<String> {
        self.bytes().and_then(|bytes| str::from_utf8(bytes).ok()).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let attribute = |name: &str, data_type: &str, value| Attribute {
            name: name.to_owned(),
            data_type: data_type.to_owned(),
            value,
        };
        let message = Message {
            id: 7,
            sent: 1_000,
            body_md5: [3; 16],
            sender: "123456789012".to_owned(),
            group: "g".to_owned(),
            body: "für alle".to_owned(),
            attributes: vec![
                attribute("a", "Number.int", AttributeValue::Text("5".to_owned())),
                attribute("b", "Binary", AttributeValue::Binary(vec![0, 255])),
            ],
            ..Message::default()
        };
        let bytes = message.to_bytes();
        assert_eq!(Message::from_bytes(&bytes), Some(message));
        for end in 0..bytes.len() {
            // Cut anywhere it is no message, or one with fewer attributes.
            let cut = Message::from_bytes(&bytes[..end]);
            assert!(cut.is_none_or(|cut| cut.attributes.len() < 2));
        }
    }
}
