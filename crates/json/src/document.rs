//! A JSON document as it travels: its text, its tree, or both, shared.
//!
//! Each is made from the other on first use, so a payload that is only passed on is neither
//! parsed nor printed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use crate::{ParseError, Value};

/// A shared JSON document; cloning is O(1) and shares the text, the tree and the mark.
#[derive(Clone)]
pub struct Document(Arc<Inner>);

/// At least one of `text` and `value` is set from the start.
struct Inner {
    text: OnceLock<Arc<str>>,
    value: OnceLock<Value>,
    mark: AtomicU64,
}

impl Document {
    /// Of a tree; the text is printed when somebody asks for it.
    pub fn from_value(value: Value) -> Document {
        Document::new(OnceLock::new(), value.into())
    }

    /// Of a text that the caller knows to be JSON, such as one that this crate printed or parsed
    /// before; the tree is parsed when somebody asks for it, and that panics if it is not JSON.
    pub fn from_valid_text(text: impl Into<Arc<str>>) -> Document {
        Document::new(text.into().into(), OnceLock::new())
    }

    /// Parses a text now and keeps both: [`Document::text`] is the text as given.
    pub fn parse(text: &str) -> Result<Document, ParseError> {
        let value = Value::parse(text)?;
        Ok(Document::new(Arc::<str>::from(text).into(), value.into()))
    }

    /// The tree.
    pub fn value(&self) -> &Value {
        self.0.value.get_or_init(|| match Value::parse(self.text()) {
            Ok(value) => value,
            Err(error) => unreachable!("from_valid_text was given what is not JSON: {error}"),
        })
    }

    /// The text: as given, or else compact.
    pub fn text(&self) -> &str {
        self.shared_text()
    }

    /// The text, to keep without copying it.
    pub fn shared_text(&self) -> &Arc<str> {
        self.0.text.get_or_init(|| match self.0.value.get() {
            Some(value) => value.to_text().into(),
            None => unreachable!("a document starts with its text or its tree"),
        })
    }

    /// The length of the text in bytes.
    pub fn size(&self) -> usize {
        self.text().len()
    }

    /// Whether the text is longer than so many bytes. A tree may hold one text many times, so no more
    /// than about that is printed to find out.
    pub fn is_longer_than(&self, bytes: usize) -> bool {
        if let (None, Some(value)) = (self.0.text.get(), self.0.value.get()) {
            let Some(text) = value.to_text_up_to(bytes) else { return true };
            self.0.text.get_or_init(|| text.into());
        }
        self.size() > bytes
    }

    /// Whether both are one document in memory. Two documents with equal contents are not.
    pub fn same(&self, other: &Document) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The number that was last set with [`Document::set_mark`], 0 at first.
    ///
    /// A writer that gives documents numbers remembers here that, and as which, it has written
    /// this one. Relaxed: it orders nothing else.
    pub fn mark(&self) -> u64 {
        self.0.mark.load(Ordering::Relaxed)
    }

    /// Sets the [`Document::mark`] of this document and all its clones.
    pub fn set_mark(&self, mark: u64) {
        self.0.mark.store(mark, Ordering::Relaxed);
    }

    fn new(text: OnceLock<Arc<str>>, value: OnceLock<Value>) -> Document {
        Document(Arc::new(Inner { text, value, mark: AtomicU64::new(0) }))
    }
}

impl PartialEq for Document {
    /// By value: spaces, the order of members and the mark do not matter.
    fn eq(&self, other: &Document) -> bool {
        if self.same(other) {
            return true;
        }
        // Equal texts are equal values, and cost no parsing.
        if let (Some(one), Some(two)) = (self.0.text.get(), other.0.text.get())
            && one == two
        {
            return true;
        }
        self.value() == other.value()
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Document").field(&self.text()).finish()
    }
}

impl From<Value> for Document {
    fn from(value: Value) -> Document {
        Document::from_value(value)
    }
}
