//! One number for everything that happened: the same seed must give the same.

use std::fmt::{self, Write};

use execution::{Event, EventKind};
use json::Document;

/// Takes in texts and numbers, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest(u64);

impl Digest {
    /// What was taken in so far, as a number.
    pub fn value(self) -> u64 {
        self.0
    }

    pub fn number(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x517C_C1B7_2722_0A95);
    }

    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        for eight in text.as_bytes().chunks(8) {
            let mut bytes = [0; 8];
            bytes[..eight.len()].copy_from_slice(eight);
            self.number(u64::from_le_bytes(bytes));
        }
    }

    /// Anything that can be shown.
    pub fn shown(&mut self, thing: &dyn fmt::Debug) {
        // It takes every text.
        let _ = write!(self, "{thing:?}");
    }

    /// A line of a history. Those that most histories consist of are taken in without printing them.
    pub fn event(&mut self, event: &Event) {
        self.number(event.id);
        self.number(event.previous);
        self.number(event.timestamp.0 as u64);
        match &event.kind {
            EventKind::StateEntered { state_type, name, input } => {
                self.number(*state_type as u64);
                self.text(name);
                self.document(input);
            }
            EventKind::StateExited { state_type, name, output, assigned } => {
                self.number(*state_type as u64 + 100);
                self.text(name);
                self.document(output);
                for (name, value) in assigned {
                    self.text(name);
                    self.document(value);
                }
            }
            EventKind::MapIterationStarted { name, index }
            | EventKind::MapIterationSucceeded { name, index } => {
                self.text(name);
                self.number(*index);
            }
            other => self.shown(other),
        }
    }

    fn document(&mut self, document: &Document) {
        self.text(document.text());
    }
}

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text(text);
        Ok(())
    }
}
