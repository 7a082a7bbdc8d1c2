//! Equality, order and hash codes: `==` as Velocity has it, `equals` and `hashCode` as Java has them.

use std::cmp::Ordering;

use crate::arithmetic;
use crate::error::Result;
use crate::heap::{Heap, Thing};
use crate::print::check;
use crate::value::Value;

impl Heap {
    /// `==`: numbers by value; what is of different classes by its text; nothing equals only nothing.
    pub(crate) fn loosely_equal(&mut self, one: &Value, two: &Value) -> Result<bool> {
        if one.is_null() || two.is_null() {
            return Ok(one.is_null() && two.is_null());
        }
        if let Some(ordering) = arithmetic::compare(one, two) {
            return Ok(ordering == Ordering::Equal);
        }
        if self.class(one) == self.class(two) {
            return self.equal(one, two);
        }
        Ok(self.text(one)? == self.text(two)?)
    }

    /// Java's `equals`.
    pub fn equal(&mut self, one: &Value, two: &Value) -> Result<bool> {
        self.equal_nested(one, two, 0)
    }

    fn equal_nested(&mut self, one: &Value, two: &Value, depth: usize) -> Result<bool> {
        self.meter.steps(1)?;
        if let (Value::Text(one), Value::Text(two)) = (one, two) {
            self.meter.walk(one.len().min(two.len()))?;
        }
        let (Value::Object(first), Value::Object(second)) = (one, two) else {
            return Ok(crate::heap::same_key(one, two));
        };
        check(depth)?;
        if first == second {
            return Ok(true);
        }
        if self.class(one) != self.class(two) || self.size(one) != self.size(two) {
            return Ok(false);
        }
        let entry = |heap: &Heap, handle| match heap.thing(handle) {
            Thing::Entry { key, value } => Some((key.clone(), value.clone())),
            _ => None,
        };
        if let (Some(one), Some(two)) = (entry(self, *first), entry(self, *second)) {
            return Ok(self.equal_nested(&one.0, &two.0, depth + 1)?
                && self.equal_nested(&one.1, &two.1, depth + 1)?);
        }
        if self.class(one) == Class::Map {
            let entries = self.copy_entries(one)?;
            for (key, value) in entries {
                match self.member(*second, &key)? {
                    Some(other) if self.equal_nested(&value, &other, depth + 1)? => {}
                    _ => return Ok(false),
                }
            }
            return Ok(true);
        }
        if self.class(one) != Class::List {
            return Ok(false);
        }
        for index in 0..self.size(one).unwrap_or_default() {
            let (one, two) = (self.item(*first, index)?, self.item(*second, index)?);
            if !self.equal_nested(&one.unwrap_or_default(), &two.unwrap_or_default(), depth + 1)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Java's `hashCode`.
    pub(crate) fn hash(&mut self, value: &Value) -> Result<i32> {
        self.hash_nested(value, 0)
    }

    fn hash_nested(&mut self, value: &Value, depth: usize) -> Result<i32> {
        self.meter.steps(1)?;
        let fold = |long: i64| (long ^ ((long as u64) >> 32) as i64) as i32;
        Ok(match value {
            Value::Null | Value::Host(_) => 0,
            Value::Bool(truth) => {
                if *truth {
                    1231
                } else {
                    1237
                }
            }
            Value::Int(integer) => i32::try_from(*integer).unwrap_or_else(|_| fold(*integer)),
            Value::Double(double) => fold(double.to_bits() as i64),
            Value::Big(text) => text_hash(text),
            Value::Text(text) => {
                self.meter.walk(text.len())?;
                text_hash(text)
            }
            Value::Object(handle) => {
                check(depth)?;
                match self.class(value) {
                    Class::Map => {
                        let mut sum = 0i32;
                        for (key, value) in self.copy_entries(value)? {
                            let hash =
                                self.hash_nested(&key, depth + 1)? ^ self.hash_nested(&value, depth + 1)?;
                            sum = sum.wrapping_add(hash);
                        }
                        sum
                    }
                    Class::List => {
                        let mut hash = 1i32;
                        for index in 0..self.size(value).unwrap_or_default() {
                            let item = self.item(*handle, index)?.unwrap_or_default();
                            hash = hash.wrapping_mul(31).wrapping_add(self.hash_nested(&item, depth + 1)?);
                        }
                        hash
                    }
                    _ => handle.0 as i32,
                }
            }
        })
    }

    pub(crate) fn copy_entries(&mut self, map: &Value) -> Result<Vec<(Value, Value)>> {
        let entries = self.entries(map)?.cloned().unwrap_or_default();
        self.meter.bytes(entries.len() * 2 * size_of::<Value>())?;
        Ok(entries)
    }

    /// What Java's class would be, as far as anybody can tell it apart.
    pub fn class(&self, value: &Value) -> Class {
        match value {
            Value::Null => Class::Null,
            Value::Bool(_) => Class::Boolean,
            Value::Int(_) | Value::Big(_) | Value::Double(_) => Class::Number,
            Value::Text(_) => Class::Text,
            Value::Host(_) => Class::Host,
            Value::Object(handle) => match self.thing(*handle) {
                Thing::List(_) => Class::List,
                Thing::Map(_) => Class::Map,
                Thing::Entry { .. } => Class::Entry,
                Thing::Iterator { .. } | Thing::Loop(_) | Thing::Deferred(_) => Class::Other,
            },
        }
    }
}

/// Classes of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// nothing
    Null,
    /// Boolean
    Boolean,
    /// Integer, Long, BigInteger, Double
    Number,
    /// String
    Text,
    /// List and whatever is one for a template
    List,
    /// Map
    Map,
    /// Map.Entry
    Entry,
    /// what a host knows
    Host,
    /// iterators, `$foreach`, what `#define` keeps
    Other,
}

fn text_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}
