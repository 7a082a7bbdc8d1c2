//! Order: `^(…)` and what `$sort` needs.

use std::cmp::Ordering;
use std::rc::Rc;

use super::tuple::Tuple;
use super::{Evaluator, compare_texts};
use crate::error::{Failure, Result};
use crate::frame::Frame;
use crate::item::{Item, Type};
use crate::program::Term;
use crate::stringify::shown;

/// Sorts without moving equal ones past each other. `comes_after(one, two)`: they must change places.
pub(crate) fn merge_sort<T>(
    items: Vec<T>,
    comes_after: &mut impl FnMut(&T, &T) -> Result<bool>,
) -> Result<Vec<T>> {
    let mut runs: Vec<Vec<T>> = items.into_iter().map(|item| vec![item]).collect();
    while runs.len() > 1 {
        let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
        let mut rest = runs.into_iter();
        while let Some(left) = rest.next() {
            merged.push(match rest.next() {
                Some(right) => merge(left, right, comes_after)?,
                None => left,
            });
        }
        runs = merged;
    }
    Ok(runs.pop().unwrap_or_default())
}

fn merge<T>(
    left: Vec<T>,
    right: Vec<T>,
    comes_after: &mut impl FnMut(&T, &T) -> Result<bool>,
) -> Result<Vec<T>> {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let (mut one, mut two) = (left.next(), right.next());
    loop {
        match (one.take(), two.take()) {
            (Some(first), Some(second)) => {
                if comes_after(&first, &second)? {
                    merged.push(second);
                    (one, two) = (Some(first), right.next());
                } else {
                    merged.push(first);
                    (one, two) = (left.next(), Some(second));
                }
            }
            (first, second) => {
                merged.extend(first);
                merged.extend(left);
                merged.extend(second);
                merged.extend(right);
                return Ok(merged);
            }
        }
    }
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
        let key = |item: &Item<'a>, term: &'a Term| self.eval(&term.key, item, frame);
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
            self.eval(&term.key, &tuple.item, &inner)
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
        let sorted = merge_sort(keyed, &mut |one: &Keyed<'a, T>, two: &Keyed<'a, T>| {
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
