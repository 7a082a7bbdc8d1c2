//! Arrays: shared until changed.

use std::sync::Arc;

use crate::Value;

/// The items of a JSON array. Cloning is O(1); the first change of a shared one copies the items
/// (not what is in them).
#[derive(Clone, Default, PartialEq)]
pub struct Array(Arc<Vec<Value>>);

impl Array {
    /// An empty array.
    pub fn new() -> Array {
        Array::default()
    }

    /// The number of items.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The item at `index` (0-based).
    pub fn get(&self, index: usize) -> Option<&Value> {
        self.0.get(index)
    }

    /// The item at `index` (0-based), to change.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut Value> {
        self.make_mut().get_mut(index)
    }

    /// The items in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Value> {
        self.0.iter()
    }

    /// The items as a slice.
    pub fn as_slice(&self) -> &[Value] {
        &self.0
    }

    /// Adds an item at the end.
    pub fn push(&mut self, item: impl Into<Value>) {
        self.make_mut().push(item.into());
    }

    /// The items to change, copied first if they are shared.
    pub fn make_mut(&mut self) -> &mut Vec<Value> {
        Arc::make_mut(&mut self.0)
    }

    /// Whether both are the same items in memory, which is O(1) to know.
    pub fn same(&self, other: &Array) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl std::fmt::Debug for Array {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl From<Vec<Value>> for Array {
    fn from(items: Vec<Value>) -> Array {
        Array(Arc::new(items))
    }
}

impl FromIterator<Value> for Array {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Array {
        Array(Arc::new(items.into_iter().collect()))
    }
}

impl Extend<Value> for Array {
    fn extend<I: IntoIterator<Item = Value>>(&mut self, items: I) {
        self.make_mut().extend(items);
    }
}

impl<'a> IntoIterator for &'a Array {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Array {
    type Item = Value;
    type IntoIter = std::vec::IntoIter<Value>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}
