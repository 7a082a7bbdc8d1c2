//! What an expression works on: JSON that is borrowed or owned, and the things that JSON has not:
//! nothing at all, sequences, functions.

use std::cell::Cell;
use std::rc::Rc;

use json::{Kind, Text, Value};

use crate::error::Result;
use crate::function::Function;
use crate::meter::{Charge, Meter};
use crate::number_text::number_text;

#[derive(Default)]
pub(crate) enum Item<'a> {
    /// Undefined.
    #[default]
    Nothing,
    /// JSON from outside, where it lies.
    Ref(&'a Value),
    /// JSON of our own: scalars, and arrays and objects that hold nothing but JSON from outside.
    Own(Value),
    /// An array that the expression built.
    List(Rc<List<'a>>),
    /// An object that the expression built.
    Record(Rc<Record<'a>>),
    Function(Rc<Function<'a>>),
}

pub(crate) struct List<'a> {
    items: Items<'a>,
    /// A sequence of one is that one, a sequence of none is nothing.
    pub(crate) sequence: bool,
    /// Unless this is set.
    pub(crate) keep_singleton: Cell<bool>,
    /// It is one item of a path's result, not several.
    pub(crate) constructs: bool,
    /// It stands around an input that is an array, so that paths see the array as one item.
    pub(crate) wraps_input: bool,
    pub(crate) depth: u32,
    _charge: Option<Charge>,
}

enum Items<'a> {
    Each(Vec<Item<'a>>),
    /// `[first..]`, of which no item takes memory.
    Range {
        first: i64,
        len: usize,
    },
}

pub(crate) struct Record<'a> {
    pub(crate) members: Vec<(Text, Item<'a>)>,
    pub(crate) depth: u32,
    pub(crate) _charge: Charge,
}

/// What an [`Item`] is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Type {
    Nothing,
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
    Function,
}

/// Most items lie in the input, and copying them is copying a pointer.
impl Clone for Item<'_> {
    #[inline]
    fn clone(&self) -> Self {
        match self {
            Item::Ref(value) => Item::Ref(value),
            Item::Own(Value::Float(number)) => Item::Own(Value::Float(*number)),
            shared => shared.clone_shared(),
        }
    }
}

impl<'a> Item<'a> {
    fn clone_shared(&self) -> Self {
        match self {
            Item::Nothing => Item::Nothing,
            Item::Ref(value) => Item::Ref(value),
            Item::Own(value) => Item::Own(value.clone()),
            Item::List(list) => Item::List(list.clone()),
            Item::Record(record) => Item::Record(record.clone()),
            Item::Function(function) => Item::Function(function.clone()),
        }
    }

    pub(crate) fn number(number: f64) -> Item<'a> {
        Item::Own(Value::Float(number))
    }

    pub(crate) fn count(count: usize) -> Item<'a> {
        Item::Own(Value::Float(count as f64))
    }

    pub(crate) fn boolean(truth: bool) -> Item<'a> {
        Item::Own(Value::Bool(truth))
    }

    pub(crate) fn text(text: impl Into<Text>) -> Item<'a> {
        Item::Own(Value::String(text.into()))
    }

    /// An array of one, too small to be counted.
    pub(crate) fn array_of_one(item: Item<'a>) -> Item<'a> {
        let depth = item.depth() + 1;
        Item::List(Rc::new(List {
            items: Items::Each(vec![item]),
            sequence: false,
            keep_singleton: Cell::new(false),
            constructs: false,
            wraps_input: false,
            depth,
            _charge: None,
        }))
    }

    /// The input as paths see it: an array is one item.
    pub(crate) fn input(value: &'a Value) -> Item<'a> {
        if !value.is_array() {
            return Item::Ref(value);
        }
        Item::List(Rc::new(List {
            items: Items::Each(vec![Item::Ref(value)]),
            sequence: true,
            keep_singleton: Cell::new(false),
            constructs: false,
            wraps_input: true,
            depth: 1,
            _charge: None,
        }))
    }

    /// The input itself, if this is what stands around it.
    pub(crate) fn unwrapped(self) -> Item<'a> {
        match &self {
            Item::List(list) if list.wraps_input => self.at(0),
            _ => self,
        }
    }

    /// The JSON it is, unless it is something that only expressions know.
    #[inline]
    pub(crate) fn json(&self) -> Option<&Value> {
        match self {
            Item::Ref(value) => Some(value),
            Item::Own(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Item::Nothing)
    }

    pub(crate) fn type_of(&self) -> Type {
        match self {
            Item::Nothing => Type::Nothing,
            Item::Ref(value) => type_of(value),
            Item::Own(value) => type_of(value),
            Item::List(_) => Type::Array,
            Item::Record(_) => Type::Object,
            Item::Function(_) => Type::Function,
        }
    }

    /// The type as signatures write it.
    pub(crate) fn symbol(&self) -> char {
        match self.type_of() {
            Type::Nothing => 'm',
            Type::Null => 'l',
            Type::Boolean => 'b',
            Type::Number => 'n',
            Type::String => 's',
            Type::Array => 'a',
            Type::Object => 'o',
            Type::Function => 'f',
        }
    }

    #[inline]
    pub(crate) fn as_number(&self) -> Option<f64> {
        match self.json()? {
            Value::Float(number) => Some(*number),
            Value::Int(number) => Some(*number as f64),
            value => value.as_f64(),
        }
    }

    pub(crate) fn as_text(&self) -> Option<&Text> {
        match self.json()? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        self.json()?.as_bool()
    }

    pub(crate) fn as_function(&self) -> Option<&Rc<Function<'a>>> {
        match self {
            Item::Function(function) => Some(function),
            _ => None,
        }
    }

    /// The number of items, if this is an array of any kind.
    #[inline]
    pub(crate) fn array_len(&self) -> Option<usize> {
        match self {
            Item::Ref(Value::Array(array)) => Some(array.len()),
            Item::Own(Value::Array(array)) => Some(array.len()),
            Item::List(list) => Some(list.len()),
            _ => None,
        }
    }

    /// The item at `index` of an array; nothing beyond its end or of anything else.
    #[inline(always)]
    pub(crate) fn at(&self, index: usize) -> Item<'a> {
        match self {
            Item::Ref(Value::Array(array)) => array.get(index).map_or(Item::Nothing, Item::Ref),
            built => built.at_built(index),
        }
    }

    fn at_built(&self, index: usize) -> Item<'a> {
        match self {
            Item::Own(Value::Array(array)) => array.get(index).cloned().map_or(Item::Nothing, Item::Own),
            Item::List(list) => list.at(index),
            _ => Item::Nothing,
        }
    }

    /// The number of members, if this is an object of any kind.
    pub(crate) fn object_len(&self) -> Option<usize> {
        match self {
            Item::Ref(Value::Object(object)) => Some(object.len()),
            Item::Own(Value::Object(object)) => Some(object.len()),
            Item::Record(record) => Some(record.members.len()),
            _ => None,
        }
    }

    /// The member `name` of an object; nothing of anything else.
    #[inline]
    pub(crate) fn member(&self, name: &str) -> Item<'a> {
        match self {
            Item::Ref(Value::Object(object)) => object.get(name).map_or(Item::Nothing, Item::Ref),
            Item::Own(Value::Object(object)) => object.get(name).cloned().map_or(Item::Nothing, Item::Own),
            Item::Record(record) => {
                let found = record.members.iter().find(|(known, _)| known == name);
                found.map_or(Item::Nothing, |(_, item)| item.clone())
            }
            _ => Item::Nothing,
        }
    }

    /// The members of an object in order; none of anything else.
    pub(crate) fn members(&self) -> Vec<(Text, Item<'a>)> {
        match self {
            Item::Ref(Value::Object(object)) => {
                object.iter().map(|(name, value)| (name.clone(), Item::Ref(value))).collect()
            }
            Item::Own(Value::Object(object)) => {
                object.iter().map(|(name, value)| (name.clone(), Item::Own(value.clone()))).collect()
            }
            Item::Record(record) => record.members.clone(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn is_sequence(&self) -> bool {
        matches!(self, Item::List(list) if list.sequence)
    }

    /// How deep what the expression built nests.
    pub(crate) fn depth(&self) -> u32 {
        match self {
            Item::Nothing | Item::Ref(_) => 0,
            Item::Own(value) => u32::from(matches!(value.kind(), Kind::Array | Kind::Object)),
            Item::List(list) => list.depth,
            Item::Record(record) => record.depth,
            Item::Function(function) => function.depth(),
        }
    }

    /// What an evaluation makes of a sequence: a sequence of one is that one.
    #[inline]
    pub(crate) fn collapsed(self) -> Item<'a> {
        match &self {
            Item::List(list) if list.sequence => match list.len() {
                0 => Item::Nothing,
                1 if !list.keep_singleton.get() => list.at(0),
                _ => self,
            },
            _ => self,
        }
    }
}

fn type_of(value: &Value) -> Type {
    match value.kind() {
        Kind::Null => Type::Null,
        Kind::Boolean => Type::Boolean,
        Kind::Number => Type::Number,
        Kind::String => Type::String,
        Kind::Array => Type::Array,
        Kind::Object => Type::Object,
    }
}

impl<'a> List<'a> {
    pub(crate) fn range(first: i64, len: usize) -> List<'a> {
        List {
            items: Items::Range { first, len },
            sequence: true,
            keep_singleton: Cell::new(false),
            constructs: false,
            wraps_input: false,
            depth: 1,
            _charge: None,
        }
    }

    pub(crate) fn len(&self) -> usize {
        match &self.items {
            Items::Each(items) => items.len(),
            Items::Range { len, .. } => *len,
        }
    }

    pub(crate) fn at(&self, index: usize) -> Item<'a> {
        match &self.items {
            Items::Each(items) => items.get(index).cloned().unwrap_or_default(),
            Items::Range { first, len } if index < *len => Item::number((first + index as i64) as f64),
            Items::Range { .. } => Item::Nothing,
        }
    }

    /// `Some((first, len))` if it is a range.
    pub(crate) fn as_range(&self) -> Option<(i64, usize)> {
        match self.items {
            Items::Range { first, len } => Some((first, len)),
            Items::Each(_) => None,
        }
    }

    pub(crate) fn into_items(self) -> Vec<Item<'a>> {
        match self.items {
            Items::Each(items) => items,
            Items::Range { .. } => (0..self.len()).map(|index| self.at(index)).collect(),
        }
    }
}

/// Items that will be an array; what they take is counted as they come.
pub(crate) struct Builder<'a> {
    pub(crate) items: Vec<Item<'a>>,
    charge: Charge,
}

const ITEM_BYTES: usize = std::mem::size_of::<Item<'static>>();
/// A list's own fields and what an allocator adds.
const LIST_BYTES: usize = 96;

impl<'a> Builder<'a> {
    pub(crate) fn new(meter: &Rc<Meter>) -> Result<Builder<'a>> {
        Ok(Builder { items: Vec::new(), charge: Charge::new(meter, LIST_BYTES)? })
    }

    pub(crate) fn with_capacity(meter: &Rc<Meter>, items: usize) -> Result<Builder<'a>> {
        let charge = Charge::new(meter, LIST_BYTES + items.saturating_mul(ITEM_BYTES))?;
        Ok(Builder { items: Vec::with_capacity(items), charge })
    }

    #[inline]
    pub(crate) fn push(&mut self, item: Item<'a>) -> Result<()> {
        if self.items.len() == self.items.capacity() {
            let more = self.items.len().max(4);
            self.charge.grow(more * ITEM_BYTES)?;
            // While the items move, their old place is still there.
            self.charge.room(self.items.len() * ITEM_BYTES)?;
            self.items.reserve_exact(more);
        }
        self.items.push(item);
        Ok(())
    }

    /// Pushes the items of an array, or anything else as it is; nothing is not pushed.
    pub(crate) fn append(&mut self, item: &Item<'a>) -> Result<()> {
        match item.array_len() {
            Some(len) => {
                for index in 0..len {
                    self.push(item.at(index))?;
                }
                Ok(())
            }
            None if item.is_nothing() => Ok(()),
            None => self.push(item.clone()),
        }
    }

    pub(crate) fn into_list(self, sequence: bool) -> Result<List<'a>> {
        let depth = 1 + self.items.iter().map(Item::depth).max().unwrap_or(0);
        check_depth(depth)?;
        Ok(List {
            items: Items::Each(self.items),
            sequence,
            keep_singleton: Cell::new(false),
            constructs: false,
            wraps_input: false,
            depth,
            _charge: Some(self.charge),
        })
    }

    pub(crate) fn into_array(self) -> Result<Item<'a>> {
        Ok(Item::List(Rc::new(self.into_list(false)?)))
    }

    pub(crate) fn into_sequence(self) -> Result<Item<'a>> {
        Ok(Item::List(Rc::new(self.into_list(true)?)))
    }

    /// A sequence as an evaluation leaves it: one is itself, none is nothing.
    pub(crate) fn collapsed(mut self) -> Result<Item<'a>> {
        match self.items.len() {
            0 => Ok(Item::Nothing),
            1 => Ok(self.items.pop().unwrap_or_default()),
            _ => self.into_sequence(),
        }
    }
}

pub(crate) fn check_depth(depth: u32) -> Result<()> {
    if depth > crate::meter::NESTING_MAX {
        return Err(crate::error::Failure::exceeded("the expression builds a value that nests too deep"));
    }
    Ok(())
}

/// An object that the expression builds, of members with names that differ. One of scalars and JSON
/// from outside is JSON at once.
pub(crate) fn object<'a>(meter: &Rc<Meter>, members: Vec<(Text, Item<'a>)>) -> Result<Item<'a>> {
    let bytes = 96 + members.len() * (ITEM_BYTES + std::mem::size_of::<Text>());
    let is_plain = |item: &Item<'a>| match item {
        Item::Ref(_) => true,
        Item::Own(Value::Float(number)) => number.is_finite(),
        Item::Own(value) => !matches!(value.kind(), Kind::Array | Kind::Object),
        _ => false,
    };
    // The names are known to differ; what builds an `Object` of many would look for that again.
    if members.len() <= 16 && members.iter().all(|(_, item)| is_plain(item)) {
        meter.take(bytes)?;
        let members = members.into_iter().map(|(name, item)| match item {
            Item::Ref(value) => (name, value.clone()),
            Item::Own(value) => (name, normal(value)),
            _ => unreachable!("checked above"),
        });
        return Ok(Item::Own(Value::Object(members.collect())));
    }
    let depth = 1 + members.iter().map(|(_, item)| item.depth()).max().unwrap_or(0);
    check_depth(depth)?;
    let charge = Charge::new(meter, bytes)?;
    Ok(Item::Record(Rc::new(Record { members, depth, _charge: charge })))
}

/// A number that was computed, as JSON: integers are written without a fraction, as JavaScript does. JSON has
/// no infinity; AWS gives its name as a text.
pub(crate) fn normal(value: Value) -> Value {
    match value {
        Value::Float(number) if !number.is_finite() => Value::from(number_text(number)),
        // Up to 2⁵³ every integer is a double of its own.
        Value::Float(number) if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 => {
            Value::Int(number as i64)
        }
        // Beyond, the digits are those that tell it from the doubles beside it, and zeros.
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 1e21 => {
            let digits = number.to_string();
            digits.parse().map_or_else(|_| Value::Big(digits.into()), Value::Int)
        }
        other => other,
    }
}

/// Items are moved and copied all the time.
const _: () = assert!(std::mem::size_of::<Item<'static>>() <= 24);
