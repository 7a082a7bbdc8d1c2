//! Objects: members in the order of insertion, each name once, shared until changed.

use std::sync::Arc;

use crate::{Text, Value};

/// Up to this many members, comparing each name with those before it beats sorting.
const SCAN_MAX: usize = 16;

/// The members of a JSON object. Cloning is O(1); the first change of a shared one copies the
/// members (not what is in them). Finding a member is a scan.
#[derive(Clone, Default)]
pub struct Object(Arc<Vec<(Text, Value)>>);

impl Object {
    /// An empty object.
    pub fn new() -> Object {
        Object::default()
    }

    /// An empty object with room for `members`.
    pub fn with_capacity(members: usize) -> Object {
        Object(Arc::new(Vec::with_capacity(members)))
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of the member `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The value of the member `name`, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let place = self.place(name)?;
        Some(&mut self.make_mut()[place].1)
    }

    /// Whether there is a member `name`.
    pub fn contains_key(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// Sets the member `name`: in its old place if there is one, at the end otherwise.
    /// Returns the value it had.
    pub fn insert(&mut self, name: impl Into<Text>, value: impl Into<Value>) -> Option<Value> {
        let (name, value) = (name.into(), value.into());
        match self.place(&name) {
            Some(place) => Some(std::mem::replace(&mut self.make_mut()[place].1, value)),
            None => {
                self.make_mut().push((name, value));
                None
            }
        }
    }

    /// Takes the member `name` out; the others keep their order.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let place = self.place(name)?;
        Some(self.make_mut().remove(place).1)
    }

    /// The members in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Value)> + DoubleEndedIterator + Clone {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The names in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Text> + DoubleEndedIterator + Clone {
        self.0.iter().map(|(name, _)| name)
    }

    /// The values in order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> + DoubleEndedIterator + Clone {
        self.0.iter().map(|(_, value)| value)
    }

    /// The values in order, to change.
    pub fn values_mut(&mut self) -> impl ExactSizeIterator<Item = &mut Value> {
        self.make_mut().iter_mut().map(|(_, value)| value)
    }

    /// Whether both are the same members in memory, which is O(1) to know.
    pub fn same(&self, other: &Object) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Of members whose names may repeat; `repeated` is told the place of each later one, in no
    /// order. The last value stays, in the first one's place.
    pub(crate) fn from_members(mut members: Vec<(Text, Value)>, repeated: impl FnMut(usize)) -> Object {
        keep_last(&mut members, repeated);
        Object(Arc::new(members))
    }

    /// Of members whose names should differ; where they do not, the last value stays, in the first one's place.
    pub fn of_members(members: Vec<(Text, Value)>) -> Object {
        Object::from_members(members, |_| ())
    }

    pub(crate) fn as_slice(&self) -> &[(Text, Value)] {
        &self.0
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(known, _)| known == name)
    }

    fn make_mut(&mut self) -> &mut Vec<(Text, Value)> {
        Arc::make_mut(&mut self.0)
    }
}

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl PartialEq for Object {
    /// The order of members does not matter.
    fn eq(&self, other: &Object) -> bool {
        if self.same(other) {
            return true;
        }
        if self.len() != other.len() {
            return false;
        }
        if self.keys().eq(other.keys()) {
            return self.values().eq(other.values());
        }
        if self.len() <= SCAN_MAX {
            return self.iter().all(|(name, value)| other.get(name) == Some(value));
        }
        by_name(&self.0).into_iter().eq(by_name(&other.0))
    }
}

impl<N: Into<Text>, V: Into<Value>> FromIterator<(N, V)> for Object {
    /// Of members with the same name the last one's value stays, in the first one's place.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(members: I) -> Object {
        let members = members.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Object::from_members(members, |_| {})
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = &'a (Text, Value);
    type IntoIter = std::slice::Iter<'a, (Text, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl IntoIterator for Object {
    type Item = (Text, Value);
    type IntoIter = std::vec::IntoIter<(Text, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

fn by_name(members: &[(Text, Value)]) -> Vec<&(Text, Value)> {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_unstable_by(|one, two| one.0.cmp(&two.0));
    sorted
}

/// Leaves every name once: its last value, in its first place.
fn keep_last(members: &mut Vec<(Text, Value)>, mut repeated: impl FnMut(usize)) {
    let later = if members.len() <= SCAN_MAX { later_by_scan(members) } else { later_by_sort(members) };
    if later.is_empty() {
        return;
    }
    let mut stays = vec![true; members.len()];
    for (first, later) in later {
        repeated(later);
        stays[later] = false;
        members[first].1 = std::mem::take(&mut members[later].1);
    }
    let mut stays = stays.into_iter();
    members.retain(|_| stays.next() == Some(true));
}

/// The places (first, later) of repeated names; a name's later places come in ascending order.
fn later_by_scan(members: &[(Text, Value)]) -> Vec<(usize, usize)> {
    let mut later = Vec::new();
    // Most names differ in length or in an outer byte, so one bit each says "not seen yet".
    let mut seen = 0u64;
    for (place, (name, _)) in members.iter().enumerate() {
        let bytes = name.as_bytes();
        let ends = match (bytes.first(), bytes.last()) {
            (Some(first), Some(last)) => usize::from(*first) * 5 + usize::from(*last) * 11,
            _ => 0,
        };
        let bit = 1 << ((bytes.len() + ends) % 64);
        if seen & bit != 0
            && let Some(first) = members[..place].iter().position(|(earlier, _)| earlier == name)
        {
            later.push((first, place));
        }
        seen |= bit;
    }
    later
}

/// As [`later_by_scan`], in O(n log n).
fn later_by_sort(members: &[(Text, Value)]) -> Vec<(usize, usize)> {
    let mut places: Vec<usize> = (0..members.len()).collect();
    places.sort_by(|one, two| members[*one].0.cmp(&members[*two].0));
    let mut later = Vec::new();
    for run in places.chunk_by(|one, two| members[*one].0 == members[*two].0) {
        later.extend(run[1..].iter().map(|place| (run[0], *place)));
    }
    later
}
