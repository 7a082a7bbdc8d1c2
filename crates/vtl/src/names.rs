//! The names of a template's variables, and their places.

use std::collections::BTreeMap;

use json::Text;

/// Names by their slots, and slots by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    list: Vec<Text>,
    slots: BTreeMap<Text, usize>,
}

impl Names {
    /// The slot of a name; a new one if it has none.
    pub(crate) fn slot(&mut self, name: &str) -> usize {
        if let Some(slot) = self.find(name) {
            return slot;
        }
        let (slot, name) = (self.list.len(), Text::new(name));
        self.list.push(name.clone());
        self.slots.insert(name, slot);
        slot
    }

    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.slots.get(name).copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// The names from a slot on.
    pub(crate) fn since(&self, slot: usize) -> &[Text] {
        &self.list[slot..]
    }
}
