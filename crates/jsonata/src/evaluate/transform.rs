//! `|pattern|update,delete|`: a copy of its input in which what the pattern finds is changed.

use std::collections::BTreeMap;
use std::rc::Rc;

use json::Text;

use super::{Evaluator, Here};
use crate::error::{Failure, Result};
use crate::frame::Frame;
use crate::item::{Item, Record, check_depth};
use crate::meter::Charge;
use crate::program::Transform;
use crate::stringify::shown;

/// The objects that were found, by where they lie, as they are to become.
type Changes<'a> = BTreeMap<*const Record<'a>, Item<'a>>;

impl<'a> Evaluator<'a> {
    pub(super) fn transform(
        &self,
        transform: &'a Transform,
        input: Item<'a>,
        frame: &Rc<Frame<'a>>,
    ) -> Result<Item<'a>> {
        match input.symbol() {
            'm' => return Ok(input),
            'o' | 'a' => {}
            _ => return Err(Failure::new("T0410").index(1)),
        }
        // Every object of the copy lies in a place of its own, so a place says which one was found.
        let copy = self.copy(&input)?;
        let found = self.eval(&transform.pattern, Here { context: &copy, frame })?;
        let single = found.array_len().is_none();
        let len = if found.is_nothing() { 0 } else { found.array_len().unwrap_or(1) };
        let mut changes = Changes::new();
        for index in 0..len {
            let item = if single { found.clone() } else { found.at(index) };
            self.change(transform, item, frame, &mut changes)?;
        }
        if changes.is_empty() {
            return Ok(copy);
        }
        self.rebuild(&copy, &changes)
    }

    fn change(
        &self,
        transform: &'a Transform,
        found: Item<'a>,
        frame: &Rc<Frame<'a>>,
        changes: &mut Changes<'a>,
    ) -> Result<()> {
        let place = match &found {
            Item::Record(record) => Some(Rc::as_ptr(record)),
            _ => None,
        };
        // What was found before is seen as it has become.
        let current = place.and_then(|place| changes.get(&place)).cloned().unwrap_or(found);
        let update = self.eval(&transform.update, Here { context: &current, frame })?;
        let mut members = current.members();
        if !update.is_nothing() {
            if update.object_len().is_none() {
                return Err(Failure::new("T2011").value(shown(&update)));
            }
            for (name, item) in update.members() {
                self.meter.steps(1 + members.len() as u64 / 16)?;
                match members.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, old)) => *old = item,
                    None => members.push((name, item)),
                }
            }
        }
        if let Some(delete) = &transform.delete {
            let names = self.eval(delete, Here { context: &current, frame })?;
            let wrong = || Failure::new("T2012").value(shown(&names));
            if let Some(name) = names.as_text() {
                members.retain(|(known, _)| known != name);
            } else if let Some(len) = names.array_len() {
                for index in 0..len {
                    let name = names.at(index);
                    let name = name.as_text().ok_or_else(wrong)?;
                    self.meter.steps(1 + members.len() as u64 / 16)?;
                    members.retain(|(known, _)| known != name);
                }
            } else if !names.is_nothing() {
                return Err(wrong());
            }
        }
        if let Some(place) = place {
            let changed = self.record(members)?;
            changes.insert(place, changed);
        }
        Ok(())
    }

    /// Always a [`Record`], unlike [`crate::item::object`].
    fn record(&self, members: Vec<(Text, Item<'a>)>) -> Result<Item<'a>> {
        let depth = 1 + members.iter().map(|(_, item)| item.depth()).max().unwrap_or(0);
        check_depth(depth)?;
        let charge = Charge::new(&self.meter, 96 + members.len() * 48)?;
        Ok(Item::Record(Rc::new(Record { members, depth, _charge: charge })))
    }

    fn copy(&self, item: &Item<'a>) -> Result<Item<'a>> {
        self.meter.steps(1)?;
        if let Some(len) = item.array_len() {
            self.meter.descend()?;
            let mut builder = self.builder()?;
            for index in 0..len {
                builder.push(self.copy(&item.at(index))?)?;
            }
            self.meter.rise();
            return builder.into_array();
        }
        if item.object_len().is_some() {
            self.meter.descend()?;
            let mut members = item.members();
            for (_, member) in &mut members {
                *member = self.copy(member)?;
            }
            self.meter.rise();
            return self.record(members);
        }
        Ok(item.clone())
    }

    /// The copy with the changed objects in the places of the found ones.
    fn rebuild(&self, item: &Item<'a>, changes: &Changes<'a>) -> Result<Item<'a>> {
        self.meter.steps(1)?;
        match item {
            Item::List(list) => {
                self.meter.descend()?;
                let mut builder = self.builder()?;
                for index in 0..list.len() {
                    builder.push(self.rebuild(&list.at(index), changes)?)?;
                }
                self.meter.rise();
                builder.into_array()
            }
            Item::Record(record) => {
                let changed = changes.get(&Rc::as_ptr(record)).unwrap_or(item);
                self.meter.descend()?;
                let mut members = changed.members();
                for (_, member) in &mut members {
                    *member = self.rebuild(member, changes)?;
                }
                self.meter.rise();
                self.record(members)
            }
            other => Ok(other.clone()),
        }
    }
}
