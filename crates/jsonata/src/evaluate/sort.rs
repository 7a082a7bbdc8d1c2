//! Order: `^(…)` and what `$sort` needs.

use std::cell::OnceCell;
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

/// Sorts without moving equal ones past each other. `comes_after(items, one, two)`: those at these places
/// must change places.
pub(crate) fn merge_sort<T>(
    meter: &Rc<Meter>,
    items: Vec<T>,
    comes_after: &mut impl FnMut(&[T], usize, usize) -> Result<bool>,
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
                if comes_after(&items, *one as usize, *two as usize)? {
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
        let count = things.len().saturating_mul(terms.len());
        self.meter.take(things.len().saturating_mul(64).saturating_add(count.saturating_mul(40)))?;
        // Keys are evaluated further down the stack than other operands.
        self.meter.descend()?;
        // The keys that were asked for so far, those of one thing side by side.
        let keys: Vec<OnceCell<Item<'a>>> = std::iter::repeat_with(OnceCell::new).take(count).collect();
        let key_of = |things: &[T], place: usize, index: usize| {
            let known = &keys[place * terms.len() + index];
            match known.get() {
                Some(key) => Ok(key),
                None => key(&things[place], &terms[index]).map(|key| known.get_or_init(|| key)),
            }
        };
        let sorted = merge_sort(&self.meter, things, &mut |things, one, two| {
            for (index, term) in terms.iter().enumerate() {
                self.meter.steps(1)?;
                let (one, two) = (key_of(things, one, index)?, key_of(things, two, index)?);
                let order = order(one, two, term.descending)?;
                if order != Ordering::Equal {
                    return Ok(order == Ordering::Greater);
                }
            }
            Ok(false)
        })?;
        self.meter.rise();
        Ok(sorted)
    }
}

/// The order of two keys; what has none comes last either way.
fn order<'a>(one: &Item<'a>, two: &Item<'a>, descending: bool) -> Result<Ordering> {
    let in_direction = |order: Ordering| if descending { order.reverse() } else { order };
    if let (Some(one), Some(two)) = (one.as_number(), two.as_number()) {
        return Ok(in_direction(one.partial_cmp(&two).unwrap_or(Ordering::Equal)));
    }
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
    match (one.as_text(), two.as_text()) {
        (Some(one), Some(two)) => Ok(in_direction(compare_texts(one, two))),
        _ => Err(Failure::new("T2007").value(shown(one)).value2(shown(two))),
    }
}
