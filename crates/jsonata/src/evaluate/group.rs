//! Object constructors, on their own and behind a path, where they group its items.

use std::collections::BTreeMap;
use std::rc::Rc;

use json::Text;

use super::tuple::Tuple;
use super::{Evaluator, Here};
use crate::error::{Failure, Result, quoted};
use crate::frame::{Bindings, Frame};
use crate::item::{self, Item};
use crate::meter::{Charge, Meter};
use crate::program::Pairs;
use crate::stringify::shown;

/// The items that have one key.
struct Group<T> {
    key: Text,
    /// Which of the pairs gave the key.
    pair: usize,
    items: Vec<T>,
}

impl<'a> Evaluator<'a> {
    /// `{…}` where a value stands: of the context, or of each item of it.
    pub(super) fn object(&self, pairs: &'a Pairs, here: Here<'_, 'a>) -> Result<Item<'a>> {
        if here.context.array_len().is_none()
            && let Some(names) = &pairs.names
        {
            let mut members = Vec::with_capacity(names.len());
            for (name, (_, value)) in names.iter().zip(&pairs.pairs) {
                let item = self.eval(value, here)?;
                if !item.is_nothing() {
                    members.push((name.clone(), item));
                }
            }
            return item::object(&self.meter, members);
        }
        self.group(pairs, here.context, here.frame)
    }

    pub(super) fn group(
        &self,
        pairs: &'a Pairs,
        input: &Item<'a>,
        frame: &Rc<Frame<'a>>,
    ) -> Result<Item<'a>> {
        let single = input.array_len().is_none();
        // Of an empty array there is one object nevertheless, of nothing.
        let len = input.array_len().unwrap_or(1).max(1);
        let mut groups = Groups::new(&self.meter)?;
        for index in 0..len {
            let item = if single { input.clone() } else { input.at(index) };
            for (pair, (key, _)) in pairs.pairs.iter().enumerate() {
                let key = self.eval(key, Here { context: &item, frame })?;
                self.meter.steps(1)?;
                groups.add(&key, pair, item.clone())?;
            }
        }
        let mut members = Vec::with_capacity(groups.all.len());
        for mut group in groups.all {
            let context = if group.items.len() == 1 {
                group.items.pop().unwrap_or_default()
            } else {
                let mut builder = self.builder()?;
                for item in &group.items {
                    self.meter.steps(item.array_len().unwrap_or(1) as u64)?;
                    builder.append(item)?;
                }
                builder.into_array()?
            };
            let value = self.eval(&pairs.pairs[group.pair].1, Here { context: &context, frame })?;
            if !value.is_nothing() {
                members.push((group.key, value));
            }
        }
        item::object(&self.meter, members)
    }

    pub(super) fn group_tuples(
        &self,
        pairs: &'a Pairs,
        tuples: Vec<Tuple<'a>>,
        frame: &Rc<Frame<'a>>,
    ) -> Result<Item<'a>> {
        let mut groups = Groups::new(&self.meter)?;
        for tuple in tuples {
            let inner = self.tuple_frame(frame, &tuple.bindings)?;
            for (pair, (key, _)) in pairs.pairs.iter().enumerate() {
                let key = self.eval(key, Here { context: &tuple.item, frame: &inner })?;
                self.meter.steps(1)?;
                groups.add(&key, pair, tuple.clone())?;
            }
        }
        let mut members = Vec::with_capacity(groups.all.len());
        for group in groups.all {
            let merged = self.merge(group.items)?;
            let inner = self.tuple_frame(frame, &merged.bindings)?;
            let value =
                self.eval(&pairs.pairs[group.pair].1, Here { context: &merged.item, frame: &inner })?;
            if !value.is_nothing() {
                members.push((group.key, value));
            }
        }
        item::object(&self.meter, members)
    }

    /// Many tuples as one: whatever they bind is bound to all of it.
    fn merge(&self, mut tuples: Vec<Tuple<'a>>) -> Result<Tuple<'a>> {
        if tuples.len() == 1 {
            return Ok(tuples.pop().unwrap_or(Tuple { item: Item::Nothing, bindings: Vec::new() }));
        }
        let mut items = self.builder()?;
        let mut bindings: BTreeMap<u32, _> = BTreeMap::new();
        for tuple in tuples {
            items.append(&tuple.item)?;
            for (number, item) in tuple.bindings {
                self.meter.steps(1)?;
                match bindings.get_mut(&number) {
                    None => {
                        let mut builder = self.builder()?;
                        builder.append(&item)?;
                        bindings.insert(number, builder);
                    }
                    Some(builder) => builder.append(&item)?,
                }
            }
        }
        let bindings = bindings
            .into_iter()
            .map(|(number, builder)| Ok((number, builder.into_array()?)))
            .collect::<Result<Bindings<'a>>>()?;
        Ok(Tuple { item: items.into_array()?, bindings })
    }
}

struct Groups<T> {
    /// In the order in which their keys were first seen.
    all: Vec<Group<T>>,
    places: BTreeMap<Text, usize>,
    charge: Charge,
}

/// What a group takes besides its items.
const GROUP_BYTES: usize = 200;

impl<T> Groups<T> {
    fn new(meter: &Rc<Meter>) -> Result<Groups<T>> {
        Ok(Groups { all: Vec::new(), places: BTreeMap::new(), charge: Charge::new(meter, 0)? })
    }

    fn add(&mut self, key: &Item<'_>, pair: usize, item: T) -> Result<()> {
        if key.is_nothing() {
            return Ok(());
        }
        let Some(key) = key.as_text() else { return Err(Failure::new("T1003").value(shown(key))) };
        match self.places.get(key) {
            Some(place) => {
                let group = &mut self.all[*place];
                if group.pair != pair {
                    return Err(Failure::new("D1009").value(quoted(key)));
                }
                // A list that grows has room for as many again.
                self.charge.grow(2 * std::mem::size_of::<T>())?;
                group.items.push(item);
            }
            None => {
                self.charge.grow(GROUP_BYTES)?;
                self.places.insert(key.clone(), self.all.len());
                self.all.push(Group { key: key.clone(), pair, items: vec![item] });
            }
        }
        Ok(())
    }
}
