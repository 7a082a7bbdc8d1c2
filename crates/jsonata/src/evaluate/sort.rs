//! Order: `^(…)` and what `$sort` needs.

use std::cmp::Ordering;
use std::rc::Rc;

use super::tuple::Tuple;
use super::{Evaluator, Here, compare_texts};
use crate::error::{Failure, Result};
use crate::frame::Frame;
use crate::item::{Item, Type};
use crate::meter::{Charge, Meter};
use crate::program::Term;
use crate::stringify::shown;

/// Sorts without moving equal ones past each other. `comes_after(one, two)`: they must change places.
pub(crate) fn merge_sort<T>(
    meter: &Rc<Meter>,
    items: Vec<T>,
    comes_after: &mut impl FnMut(&T, &T) -> Result<bool>,
) -> Result<Vec<T>> {
    // Places are sorted, not the items; runs of them are merged into longer ones.
    let _charge = Charge::new(meter, items.len().saturating_mul(8))?;
    let mut places: Vec<u32> = (0..items.len() as u32).collect();
    let mut merged: Vec<u32> = Vec::with_capacity(places.len());
    let mut run = 1;
    while run < places.len() {
        merged.clear();
        for pair in places.chunks(2 * run) {
            let (mut left, mut right) = pair.split_at(run.min(pair.len()));
            while let (Some(one), Some(two)) = (left.first(), right.first()) {
                if comes_after(&items[*one as usize], &items[*two as usize])? {
                    merged.push(*two);
                    right = &right[1..];
                } else {
                    merged.push(*one);
                    left = &left[1..];
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(&mut places, &mut merged);
        run *= 2;
    }
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    meter.room(items.len() * std::mem::size_of::<T>())?;
    Ok(places.iter().filter_map(|place| items[*place as usize].take()).collect())
}

/// Something to sort and the keys that it was asked for so far.
struct Keyed<'a, T> {
    thing: T,
    keys: std::cell::RefCell<Vec<Item<'a>>>,
}

impl<'a> Evaluator<'a> {
    pub(super) fn sort_items(
        &self,
        terms: &'a [Term],
        input: &Item<'a>,
        frame: &Rc<Frame<'a>>,
    ) -> Result<Item<'a>> {
        let len = input.array_len().unwrap_or(0);
        self.meter.steps(len as u64)?;
        let mut out = self.builder()?;
        let items: Vec<Item<'a>> = (0..len).map(|index| input.at(index)).collect();
        let key = |item: &Item<'a>, term: &'a Term| self.eval(&term.key, Here { context: item, frame });
        for item in self.sort_by(terms, items, key)? {
            out.push(item)?;
        }
        out.into_sequence()
    }

    pub(super) fn sort_tuples(
        &self,
        terms: &'a [Term],
        tuples: Vec<Tuple<'a>>,
        frame: &Rc<Frame<'a>>,
    ) -> Result<Vec<Tuple<'a>>> {
        let key = |tuple: &Tuple<'a>, term: &'a Term| {
            let inner = self.tuple_frame(frame, &tuple.bindings)?;
            self.eval(&term.key, Here { context: &tuple.item, frame: &inner })
        };
        self.sort_by(terms, tuples, key)
    }

    fn sort_by<T>(
        &self,
        terms: &'a [Term],
        things: Vec<T>,
        key: impl Fn(&T, &'a Term) -> Result<Item<'a>>,
    ) -> Result<Vec<T>> {
        self.meter.take(things.len().saturating_mul(160))?;
        // Keys are evaluated further down the stack than other operands.
        self.meter.descend()?;
        let keyed = things.into_iter().map(|thing| Keyed { thing, keys: Default::default() }).collect();
        let sorted = merge_sort(&self.meter, keyed, &mut |one: &Keyed<'a, T>, two: &Keyed<'a, T>| {
            for (index, term) in terms.iter().enumerate() {
                self.meter.steps(1)?;
                for side in [one, two] {
                    let known = side.keys.borrow().len();
                    if known == index {
                        let item = key(&side.thing, term)?;
                        side.keys.borrow_mut().push(item);
                    }
                }
                let order = order(&one.keys.borrow()[index], &two.keys.borrow()[index], term.descending)?;
                if order != Ordering::Equal {
                    return Ok(order == Ordering::Greater);
                }
            }
            Ok(false)
        })?;
        self.meter.rise();
        Ok(sorted.into_iter().map(|keyed| keyed.thing).collect())
    }
}

/// The order of two keys; what has none comes last either way.
fn order<'a>(one: &Item<'a>, two: &Item<'a>, descending: bool) -> Result<Ordering> {
    match (one.is_nothing(), two.is_nothing()) {
        (true, true) => return Ok(Ordering::Equal),
        (true, false) => return Ok(Ordering::Greater),
        (false, true) => return Ok(Ordering::Less),
        (false, false) => {}
    }
    let comparable = |item: &Item<'_>| matches!(item.type_of(), Type::String | Type::Number);
    for item in [one, two] {
        if !comparable(item) {
            return Err(Failure::new("T2008").value(shown(item)));
        }
    }
    let order = match (one.as_number(), two.as_number()) {
        (Some(one), Some(two)) => one.partial_cmp(&two).unwrap_or(Ordering::Equal),
        _ => match (one.as_text(), two.as_text()) {
            (Some(one), Some(two)) => compare_texts(one, two),
            _ => return Err(Failure::new("T2007").value(shown(one)).value2(shown(two))),
        },
    };
    Ok(if descending { order.reverse() } else { order })
}
