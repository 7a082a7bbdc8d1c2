//! Operators and constructors.

use std::cmp::Ordering;
use std::rc::Rc;

use super::{Evaluator, Here};
use crate::equal::equal;
use crate::error::{Failure, Result};
use crate::item::{Item, List, Type};
use crate::program::{Arithmetic, Comparison, Node, Part};
use crate::stringify::{shown, string};

/// JSONata's own bound on `[first..last]`.
const RANGE_MAX: f64 = 1e7;

impl<'a> Evaluator<'a> {
    #[inline]
    fn both_sides(
        &self,
        left: &'a Node,
        right: &'a Node,
        here: Here<'_, 'a>,
    ) -> Result<(Item<'a>, Item<'a>)> {
        Ok((self.eval(left, here)?, self.eval(right, here)?))
    }

    pub(super) fn arithmetic(
        &self,
        operator: Arithmetic,
        left: &'a Node,
        right: &'a Node,
        here: Here<'_, 'a>,
    ) -> Result<Item<'a>> {
        let (left, right) = self.both_sides(left, right, here)?;
        let symbol = operator.symbol();
        let left = operand(&left, "T2001", symbol)?;
        let right = operand(&right, "T2002", symbol)?;
        let (Some(left), Some(right)) = (left, right) else { return Ok(Item::Nothing) };
        Ok(Item::number(match operator {
            Arithmetic::Add => left + right,
            Arithmetic::Subtract => left - right,
            Arithmetic::Multiply => left * right,
            Arithmetic::Divide => left / right,
            Arithmetic::Remainder => left % right,
        }))
    }

    pub(super) fn negate(&self, inner: &'a Node, here: Here<'_, 'a>) -> Result<Item<'a>> {
        let item = self.eval(inner, here)?;
        match item.as_number() {
            Some(number) => Ok(Item::number(-number)),
            None if item.is_nothing() => Ok(item),
            None => Err(Failure::new("D1002").token("-").value(shown(&item))),
        }
    }

    pub(super) fn equal(
        &self,
        negated: bool,
        left: &'a Node,
        right: &'a Node,
        here: Here<'_, 'a>,
    ) -> Result<Item<'a>> {
        let (left, right) = self.both_sides(left, right, here)?;
        if left.is_nothing() || right.is_nothing() {
            return Ok(Item::boolean(false));
        }
        Ok(Item::boolean(equal(&self.meter, &left, &right)? != negated))
    }

    pub(super) fn compare(
        &self,
        operator: Comparison,
        left: &'a Node,
        right: &'a Node,
        here: Here<'_, 'a>,
    ) -> Result<Item<'a>> {
        let (left, right) = self.both_sides(left, right, here)?;
        let order = if let (Some(left), Some(right)) = (left.as_number(), right.as_number()) {
            left.partial_cmp(&right)
        } else {
            let comparable =
                |item: &Item<'_>| matches!(item.type_of(), Type::Nothing | Type::String | Type::Number);
            if !comparable(&left) || !comparable(&right) {
                return Err(Failure::new("T2010").token(operator.symbol()));
            }
            if left.is_nothing() || right.is_nothing() {
                return Ok(Item::Nothing);
            }
            let (Some(one), Some(two)) = (left.as_text(), right.as_text()) else {
                let failure = Failure::new("T2009").token(operator.symbol());
                return Err(failure.value(shown(&left)).value2(shown(&right)));
            };
            self.meter.steps(one.len().min(two.len()) as u64 / 16)?;
            Some(compare_texts(one, two))
        };
        Ok(Item::boolean(match operator {
            Comparison::Less => order == Some(Ordering::Less),
            Comparison::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Comparison::Greater => order == Some(Ordering::Greater),
            Comparison::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        }))
    }

    /// `left in right`: by identity, so an object is in no array but one that holds that very object.
    pub(super) fn contained(&self, left: &'a Node, right: &'a Node, here: Here<'_, 'a>) -> Result<Item<'a>> {
        let (left, right) = self.both_sides(left, right, here)?;
        if left.is_nothing() || right.is_nothing() {
            return Ok(Item::boolean(false));
        }
        let Some(len) = right.array_len() else { return Ok(Item::boolean(same(&left, &right))) };
        self.meter.steps(len as u64)?;
        Ok(Item::boolean((0..len).any(|index| same(&left, &right.at(index)))))
    }

    pub(super) fn concatenate(
        &self,
        left: &'a Node,
        right: &'a Node,
        here: Here<'_, 'a>,
    ) -> Result<Item<'a>> {
        let (left, right) = self.both_sides(left, right, here)?;
        let mut text = String::new();
        for side in [&left, &right] {
            match side.as_text() {
                Some(side) => text.push_str(side),
                None if side.is_nothing() => {}
                None => text.push_str(&string(&self.meter, side, false)?),
            }
        }
        self.meter.text(text.len())?;
        Ok(Item::text(text))
    }

    pub(super) fn range(&self, left: &'a Node, right: &'a Node, here: Here<'_, 'a>) -> Result<Item<'a>> {
        let (left, right) = self.both_sides(left, right, here)?;
        let integer = |item: &Item<'a>, code| match item.as_number() {
            Some(number) if number.fract() == 0.0 => Ok(Some(number)),
            None if item.is_nothing() => Ok(None),
            _ => Err(Failure::new(code).value(shown(item))),
        };
        let (first, last) = (integer(&left, "T2003")?, integer(&right, "T2004")?);
        let (Some(first), Some(last)) = (first, last) else { return Ok(Item::Nothing) };
        if first > last {
            return Ok(Item::Nothing);
        }
        let size = last - first + 1.0;
        if size > RANGE_MAX {
            return Err(Failure::new("D2014").value(crate::number_text::number_text(size)));
        }
        // Beyond 2⁵³ the numbers between are no integers of their own.
        if first.abs().max(last.abs()) > 9_007_199_254_740_992.0 {
            return Err(Failure::new("T2003").value(shown(&left)));
        }
        Ok(self.integers(first as i64, size as usize))
    }

    pub(super) fn array(&self, parts: &'a [Part], constructs: bool, here: Here<'_, 'a>) -> Result<Item<'a>> {
        // `[1..1000]` alone keeps its compact form; it is an array, not a sequence.
        if let ([Part { node: Node::Range(left, right), .. }], false) = (parts, constructs) {
            let item = self.range(left, right, here)?;
            if let Item::List(list) = &item
                && let Some((first, len)) = list.as_range()
            {
                let mut list = List::range(first, len);
                list.sequence = false;
                return Ok(Item::List(Rc::new(list)));
            }
        }
        let mut builder = self.builder()?;
        for part in parts {
            let item = self.eval(&part.node, here)?;
            match &part.node {
                _ if item.is_nothing() => {}
                _ if part.nested => builder.push(item)?,
                _ => {
                    self.meter.steps(item.array_len().unwrap_or(1) as u64 / 8)?;
                    builder.append(&item)?;
                }
            }
        }
        let mut list = builder.into_list(false)?;
        list.constructs = constructs;
        Ok(Item::List(Rc::new(list)))
    }
}

/// A number, nothing, or an operand that does not fit.
#[inline]
fn operand(item: &Item<'_>, code: &'static str, symbol: &'static str) -> Result<Option<f64>> {
    match item.as_number() {
        Some(number) if number.is_finite() => Ok(Some(number)),
        Some(number) if number.is_infinite() => Err(Failure::new("D1001").token(symbol).value("null")),
        None if item.is_nothing() => Ok(None),
        _ => Err(Failure::new(code).token(symbol).value(shown(item))),
    }
}

/// JavaScript's `===`.
fn same<'a>(one: &Item<'a>, two: &Item<'a>) -> bool {
    match (one, two) {
        (Item::List(one), Item::List(two)) => Rc::ptr_eq(one, two),
        (Item::Record(one), Item::Record(two)) => Rc::ptr_eq(one, two),
        (Item::Function(one), Item::Function(two)) => Rc::ptr_eq(one, two),
        _ => match (one.json(), two.json()) {
            (Some(json::Value::Array(one)), Some(json::Value::Array(two))) => one.same(two),
            (Some(json::Value::Object(one)), Some(json::Value::Object(two))) => one.same(two),
            (Some(one), Some(two)) => match (one.as_f64(), two.as_f64()) {
                (Some(one), Some(two)) => one == two,
                _ => one.kind() == two.kind() && one == two,
            },
            _ => false,
        },
    }
}

/// Texts in JavaScript's order, which is that of their UTF-16 units.
pub(crate) fn compare_texts(one: &str, two: &str) -> Ordering {
    // Bytes have the same order, except where one text has a character beyond U+FFFF.
    match one.bytes().zip(two.bytes()).find(|(one, two)| one != two) {
        None => one.len().cmp(&two.len()),
        Some((0xee.., 0xee..)) => one.encode_utf16().cmp(two.encode_utf16()),
        Some((one, two)) => one.cmp(&two),
    }
}

/// Whether an item counts as true.
pub(crate) fn truth(item: &Item<'_>) -> bool {
    match item {
        Item::Ref(value) => value_truth(value),
        Item::Own(value) => value_truth(value),
        Item::List(list) => (0..list.len()).any(|index| truth(&list.at(index))),
        Item::Record(record) => !record.members.is_empty(),
        Item::Nothing | Item::Function(_) => false,
    }
}

fn value_truth(value: &json::Value) -> bool {
    match value {
        json::Value::Null => false,
        json::Value::Bool(truth) => *truth,
        json::Value::Int(number) => *number != 0,
        json::Value::Float(number) => *number != 0.0 && !number.is_nan(),
        json::Value::Big(_) => true,
        json::Value::String(text) => !text.is_empty(),
        json::Value::Array(array) => array.iter().any(value_truth),
        json::Value::Object(object) => !object.is_empty(),
    }
}
