//! What an expression is worth.

use std::cmp::Ordering;

use super::{Flow, Renderer};
use crate::arithmetic;
use crate::ast::{Block, Expression, Operator};
use crate::error::{Failure, Result};
use crate::value::Value;

/// The items of a range like `[1..100]`.
const RANGE_MAX: u64 = 1_000_000;

impl Renderer<'_> {
    /// The value of an expression; null if it has none.
    pub(crate) fn evaluate(&mut self, expression: &Expression) -> Result<Value> {
        match expression {
            Expression::Literal(value) => Ok(value.clone()),
            Expression::Reference(reference) => {
                self.reference(reference).map_err(|failure| failure.at(reference.position))
            }
            _ => {
                self.heap.meter.steps(1)?;
                self.heap.meter.descend()?;
                let value = self.evaluate_parts(expression)?;
                self.heap.meter.rise();
                Ok(value)
            }
        }
    }

    fn evaluate_parts(&mut self, expression: &Expression) -> Result<Value> {
        match expression {
            Expression::Literal(_) | Expression::Reference(_) => self.evaluate(expression),
            Expression::Interpolated(block) => self.interpolated(block),
            Expression::List(items) => {
                let items = items.iter().map(|item| self.evaluate(item)).collect::<Result<_>>()?;
                self.heap.new_list(items)
            }
            Expression::Range(ends, position) => self.range(ends).map_err(|failure| failure.at(*position)),
            Expression::Map(entries) => {
                let mut values = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    values.push((self.evaluate(key)?, self.evaluate(value)?));
                }
                self.heap.new_map(values)
            }
            Expression::Not(inner) => Ok(Value::Bool(!self.evaluate(inner)?.is_true())),
            Expression::Binary(operator, sides, position) => {
                self.binary(*operator, sides).map_err(|failure| failure.at(*position))
            }
        }
    }

    fn binary(&mut self, operator: Operator, sides: &(Expression, Expression)) -> Result<Value> {
        let one = self.evaluate(&sides.0)?;
        match operator {
            Operator::And if !one.is_true() => return Ok(Value::Bool(false)),
            Operator::Or if one.is_true() => return Ok(Value::Bool(true)),
            _ => {}
        }
        let two = self.evaluate(&sides.1)?;
        let compare = |wanted: fn(Ordering) -> bool| {
            // What are no numbers has no order.
            Value::Bool(arithmetic::compare(&one, &two).is_some_and(wanted))
        };
        Ok(match operator {
            Operator::And | Operator::Or => Value::Bool(two.is_true()),
            Operator::Equal => Value::Bool(self.heap.loosely_equal(&one, &two)?),
            Operator::NotEqual => Value::Bool(!self.heap.loosely_equal(&one, &two)?),
            Operator::Less => compare(Ordering::is_lt),
            Operator::LessOrEqual => compare(Ordering::is_le),
            Operator::Greater => compare(Ordering::is_gt),
            Operator::GreaterOrEqual => compare(Ordering::is_ge),
            Operator::Add if one.as_str().is_some() || two.as_str().is_some() => {
                self.concatenate((&sides.0, one), (&sides.1, two))?
            }
            _ => arithmetic::calculate(operator, &one, &two)?,
        })
    }

    /// A text plus anything. A reference to nothing counts as its source.
    fn concatenate(&mut self, one: (&Expression, Value), two: (&Expression, Value)) -> Result<Value> {
        let mut out = String::new();
        for (expression, value) in [one, two] {
            match (expression, &value) {
                (Expression::Reference(reference), Value::Null) => {
                    self.heap.meter.bytes(reference.literal.len())?;
                    out.push_str(&reference.literal);
                }
                _ => self.heap.print(&value, &mut out)?,
            }
            self.heap.meter.length(out.len())?;
        }
        Ok(Value::from(out))
    }

    /// The text that a block renders to.
    fn interpolated(&mut self, block: &Block) -> Result<Value> {
        let outer = std::mem::take(&mut self.out);
        let flow = self.block(block);
        let text = std::mem::replace(&mut self.out, outer);
        // A #stop or #break in a text ends the text.
        flow.map(|_: Flow| Value::from(text))
    }

    fn range(&mut self, ends: &(Expression, Expression)) -> Result<Value> {
        let (first, last) = (self.evaluate(&ends.0)?, self.evaluate(&ends.1)?);
        let (Value::Int(first), Value::Int(last)) = (first, last) else { return Ok(Value::Null) };
        if first.abs_diff(last) >= RANGE_MAX {
            return Err(Failure::exceeded(format!(
                "A range has more than {RANGE_MAX} items: make it shorter"
            )));
        }
        self.heap.meter.steps(first.abs_diff(last))?;
        let items = if first <= last {
            (first..=last).map(Value::Int).collect()
        } else {
            (last..=first).rev().map(Value::Int).collect()
        };
        self.heap.new_list(items)
    }
}
