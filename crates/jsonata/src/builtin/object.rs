//! `$keys`, `$lookup`, `$merge`, `$spread`, `$clone`.

use std::collections::{BTreeMap, BTreeSet};

use json::Text;

use super::text;
use crate::error::Result;
use crate::evaluate::Evaluator;
use crate::item::{self, Builder, Item};
use crate::meter::Charge;

/// What an entry of a set or a map of names takes.
const ENTRY_BYTES: usize = 64;

/// Names that were seen.
struct Seen {
    names: BTreeSet<Text>,
    charge: Charge,
}

pub(super) fn keys<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    fn collect<'a>(
        ev: &Evaluator<'a>,
        value: &Item<'a>,
        seen: &mut Seen,
        builder: &mut Builder<'a>,
    ) -> Result<()> {
        ev.meter.steps(1)?;
        ev.meter.descend()?;
        if let Some(len) = value.array_len() {
            for index in 0..len {
                collect(ev, &value.at(index), seen, builder)?;
            }
        }
        for (name, _) in value.members() {
            ev.meter.steps(1)?;
            if seen.names.insert(name.clone()) {
                seen.charge.grow(ENTRY_BYTES)?;
                builder.push(Item::text(name))?;
            }
        }
        ev.meter.rise();
        Ok(())
    }
    let mut builder = ev.builder()?;
    let mut seen = Seen { names: BTreeSet::new(), charge: Charge::new(&ev.meter, 0)? };
    collect(ev, &arguments[0], &mut seen, &mut builder)?;
    builder.into_sequence()
}

pub(super) fn lookup<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    match text(arguments, 1) {
        Some(name) => ev.lookup_sequence(&arguments[0], name),
        None => Ok(Item::Nothing),
    }
}

pub(super) fn merge<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let Some(len) = arguments[0].array_len() else { return Ok(Item::Nothing) };
    let mut members: Vec<(Text, Item<'a>)> = Vec::new();
    let mut places: BTreeMap<Text, usize> = BTreeMap::new();
    let mut charge = Charge::new(&ev.meter, 0)?;
    for index in 0..len {
        for (name, item) in arguments[0].at(index).members() {
            ev.meter.steps(1)?;
            match places.get(&name) {
                Some(place) => members[*place].1 = item,
                None => {
                    // The member, room for as many again, and its entry.
                    charge.grow(2 * 48 + ENTRY_BYTES)?;
                    places.insert(name.clone(), members.len());
                    members.push((name, item));
                }
            }
        }
    }
    item::object(&ev.meter, members)
}

pub(super) fn spread<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    fn each<'a>(ev: &Evaluator<'a>, value: &Item<'a>, builder: &mut Builder<'a>) -> Result<()> {
        ev.meter.steps(1)?;
        ev.meter.descend()?;
        if let Some(len) = value.array_len() {
            for index in 0..len {
                each(ev, &value.at(index), builder)?;
            }
        } else if value.object_len().is_some() {
            for (name, member) in value.members() {
                ev.meter.steps(1)?;
                builder.push(item::object(&ev.meter, vec![(name, member)])?)?;
            }
        } else {
            builder.append(value)?;
        }
        ev.meter.rise();
        Ok(())
    }
    let value = &arguments[0];
    if value.array_len().is_none() && value.object_len().is_none() {
        return Ok(value.clone());
    }
    let mut builder = ev.builder()?;
    each(ev, value, &mut builder)?;
    // Of several objects it is an array, of one a sequence, which is its only member if it has one.
    if value.array_len().is_some_and(|len| len > 0) { builder.into_array() } else { builder.into_sequence() }
}

/// Values do not change, so a copy is the value itself.
pub(super) fn clone<'a>(_: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    Ok(arguments[0].clone())
}
