//! Fragments: names, cycles, use, and how large a request is with all of them in place.
//!
//! Sizes are computed once for each fragment, so that one used a million times costs no more than one used once.
//! Never here: types.

use std::collections::{BTreeMap, BTreeSet};

use json::Text;

use super::{Found, Fragments};
use crate::syntax::ast::{Document, Operation, Selection};
use crate::syntax::{Location, NESTING_MAX};

/// A request with more fields, all fragments in place, is refused: it is more than tokens allow without fragments.
const FIELDS_MAX: u64 = 25_000;

pub fn check(document: &Document, fragments: &Fragments, operation: &Operation, found: &mut Found) {
    let mut names = BTreeSet::new();
    for fragment in document.fragments.iter().filter(|fragment| !names.insert(&fragment.name)) {
        let text = format!("There can be only one fragment named '{}'", fragment.name);
        found.add("DuplicateFragmentName", &text, &[], fragment.at);
    }
    let mut sizes = Sizes { fragments, known: BTreeMap::new(), found };
    for fragment in fragments.values() {
        sizes.fragment(&fragment.name, fragment.at, 0);
    }
    let used: BTreeSet<Text> = document.operations.iter().flat_map(|one| spreads(&one.selections)).collect();
    let size = sizes.selections(&operation.selections, 0);
    if size.is_some_and(|size| size.fields > FIELDS_MAX) {
        let text = format!("the operation selects more than {FIELDS_MAX} fields, all fragments in place");
        found.add("TooManyFields", &text, &[], operation.at);
    }
    unused(document, fragments, used, found);
}

#[derive(Clone, Copy)]
struct Size {
    /// Fields with all fragments in place.
    fields: u64,
    /// Levels of selections and fragments.
    nesting: usize,
}

struct Sizes<'d, 'f> {
    fragments: &'d Fragments,
    /// `None` while a fragment is being measured, and for one that has no size.
    known: BTreeMap<Text, Option<Size>>,
    found: &'f mut Found,
}

impl Sizes<'_, '_> {
    fn fragment(&mut self, name: &Text, at: Location, depth: usize) -> Option<Size> {
        if let Some(known) = self.known.get(name) {
            let known = *known;
            if known.is_none() && self.found.0.is_empty() {
                self.found.add("FragmentCycle", "Fragment cycles not allowed", &[], at);
            }
            return known;
        }
        // An unknown fragment is `rules`' to tell.
        let fragment = self.fragments.get(name)?.clone();
        self.known.insert(name.clone(), None);
        let size = self.selections(&fragment.selections, depth + 1);
        self.known.insert(name.clone(), size);
        size
    }

    /// The size of selections `depth` levels below where measuring began; `None` if they have none.
    fn selections(&mut self, selections: &[Selection], depth: usize) -> Option<Size> {
        let mut size = Size { fields: 0, nesting: 0 };
        for selection in selections {
            let (own, at, inner) = match selection {
                _ if depth >= NESTING_MAX => (0, first_place(selection), None),
                Selection::Field(field) if field.selections.is_empty() => {
                    (1, field.at, Some(Size { fields: 0, nesting: 0 }))
                }
                Selection::Field(field) => (1, field.at, self.selections(&field.selections, depth + 1)),
                Selection::Inline(inline) => (0, inline.at, self.selections(&inline.selections, depth + 1)),
                Selection::Spread(spread) if !self.fragments.contains_key(&spread.name) => continue,
                Selection::Spread(spread) => (0, spread.at, self.fragment(&spread.name, spread.at, depth)),
            };
            let inner = inner.filter(|inner| depth + inner.nesting < NESTING_MAX);
            let Some(inner) = inner else {
                if self.found.0.is_empty() {
                    let text = format!("the operation is nested more than {NESTING_MAX} levels deep");
                    self.found.add("TooDeep", &text, &[], at);
                }
                return None;
            };
            size.fields = size.fields.saturating_add(own).saturating_add(inner.fields);
            size.nesting = size.nesting.max(inner.nesting + 1);
        }
        Some(size)
    }
}

fn first_place(selection: &Selection) -> Location {
    match selection {
        Selection::Field(field) => field.at,
        Selection::Spread(spread) => spread.at,
        Selection::Inline(inline) => inline.at,
    }
}

/// The fragments that selections use without those used inside of them.
pub fn spreads(selections: &[Selection]) -> Vec<Text> {
    let mut names = Vec::new();
    let mut left: Vec<&[Selection]> = vec![selections];
    while let Some(selections) = left.pop() {
        for selection in selections {
            match selection {
                Selection::Field(field) => left.push(&field.selections),
                Selection::Inline(inline) => left.push(&inline.selections),
                Selection::Spread(spread) => names.push(spread.name.clone()),
            }
        }
    }
    names
}

fn unused(document: &Document, fragments: &Fragments, used: BTreeSet<Text>, found: &mut Found) {
    let used = closure(fragments, used);
    for fragment in document.fragments.iter().filter(|fragment| !used.contains(&fragment.name)) {
        let text = format!("Unused fragment {}", fragment.name);
        found.add("UnusedFragment", &text, &[], fragment.at);
    }
}

/// These fragments and all that they use.
pub fn closure(fragments: &Fragments, mut used: BTreeSet<Text>) -> BTreeSet<Text> {
    let mut left: Vec<Text> = used.iter().cloned().collect();
    while let Some(name) = left.pop() {
        let Some(fragment) = fragments.get(&name) else { continue };
        for name in spreads(&fragment.selections) {
            if used.insert(name.clone()) {
                left.push(name);
            }
        }
    }
    used
}
