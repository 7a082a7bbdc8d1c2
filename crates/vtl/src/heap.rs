//! The things that a template builds and shares: lists, maps, entries, iterators.
//!
//! Lists and maps are shared and mutable, as in Java, and can hold themselves. So they lie here until
//! the rendering is over, and values are handles: nothing is counted, nothing leaks. A JSON document
//! comes in as a whole and is taken apart as far as somebody looks into it, part by part.

use std::cell::RefCell;
use std::rc::Rc;

use json::Text;

use crate::ast::Block;
use crate::error::{Failure, Result};
use crate::meter::{Budget, Meter};
use crate::pattern::Pattern;
use crate::unopened::{Part, Unopened, part, scalar_from_json};
use crate::value::{Handle, Value};

/// Memory that one value takes, with its share of the space kept for growing.
const VALUE_BYTES: usize = 2 * size_of::<Value>();

/// Patterns that are kept compiled; a loop uses few.
const PATTERNS_MAX: usize = 16;

/// Where the things of one rendering lie, with what is left of its budget.
#[derive(Debug)]
pub struct Heap {
    things: Vec<Thing>,
    pub(crate) meter: Meter,
    /// Compiled regular expressions, the last used at the end.
    patterns: RefCell<Vec<(Text, Rc<Pattern>)>>,
}

/// How lists and maps print, which follows from where they came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As Java prints them: `[a, b]`, `{a=1}`.
    Java,
    /// Arrays as JSON, objects as Java: what API Gateway parses. (spec/vtl.md §6.0)
    Json,
    /// As Java; but what lies in it prints as nothing, as API Gateway's `$context` does.
    Context,
    /// As nothing.
    Hidden,
    /// An array of Java, which has a `length`.
    Array,
    /// As Java; and `args` is another name for the member `arguments`, as in AppSync's `$ctx`.
    Arguments,
}

#[derive(Debug)]
pub(crate) enum Thing {
    List(List),
    Map(Map),
    Entry {
        key: Value,
        value: Value,
    },
    Iterator {
        items: Vec<Value>,
        next: usize,
    },
    Loop(Loop),
    /// What `#define` keeps.
    Deferred(Block),
}

#[derive(Debug)]
pub(crate) struct List {
    pub(crate) items: Items,
    pub(crate) form: Form,
}

#[derive(Debug)]
pub(crate) enum Items {
    Json(Unopened<json::Array>),
    Values(Vec<Value>),
}

#[derive(Debug)]
pub(crate) struct Map {
    pub(crate) entries: Entries,
    pub(crate) form: Form,
}

#[derive(Debug)]
pub(crate) enum Entries {
    Json(Unopened<json::Object>),
    Values(Vec<(Value, Value)>),
}

/// `$foreach`
#[derive(Debug)]
pub(crate) struct Loop {
    pub(crate) index: usize,
    pub(crate) has_next: bool,
    /// The `$foreach` around it.
    pub(crate) parent: Value,
}

impl Form {
    fn of_members(self) -> Form {
        match self {
            Form::Context => Form::Hidden,
            Form::Array | Form::Arguments => Form::Java,
            other => other,
        }
    }
}

impl Heap {
    /// An empty heap.
    pub fn new(budget: Budget) -> Heap {
        Heap { things: Vec::new(), meter: Meter::new(budget), patterns: RefCell::default() }
    }

    /// A value of a template for a value of JSON. O(1), whatever its size.
    pub fn from_json(&mut self, value: &json::Value, form: Form) -> Result<Value> {
        Ok(match value {
            json::Value::Array(items) => {
                self.add(Thing::List(List { items: Items::Json(Unopened::new(items.clone())), form }), 0)?
            }
            json::Value::Object(members) => {
                self.add(Thing::Map(Map { entries: Entries::Json(Unopened::new(members.clone())), form }), 0)?
            }
            scalar => scalar_from_json(scalar),
        })
    }

    /// A new list.
    pub fn new_list(&mut self, items: Vec<Value>) -> Result<Value> {
        self.new_list_of(items, Form::Java)
    }

    pub(crate) fn new_list_of(&mut self, items: Vec<Value>, form: Form) -> Result<Value> {
        let bytes = items.len() * VALUE_BYTES;
        self.add(Thing::List(List { items: Items::Values(items), form }), bytes)
    }

    /// A new map; of entries with the same key the last one's value stays.
    pub fn new_map(&mut self, entries: Vec<(Value, Value)>) -> Result<Value> {
        let map = self.add(Thing::Map(Map { entries: Entries::Values(Vec::new()), form: Form::Java }), 0)?;
        let Value::Object(handle) = map else { unreachable!("add() gives a handle") };
        for (key, value) in entries {
            self.put(handle, key, value)?;
        }
        Ok(map)
    }

    /// A new map of entries whose keys are all different.
    pub(crate) fn new_map_of(&mut self, entries: Vec<(Value, Value)>) -> Result<Value> {
        let bytes = entries.len() * 2 * VALUE_BYTES;
        self.add(Thing::Map(Map { entries: Entries::Values(entries), form: Form::Java }), bytes)
    }

    /// Whether a list or map is still the JSON that it came from, and nobody has looked into it.
    pub(crate) fn is_untouched(&self, value: &Value) -> bool {
        let Value::Object(handle) = value else { return false };
        match self.thing(*handle) {
            Thing::List(list) => matches!(&list.items, Items::Json(items) if items.opened.is_empty()),
            Thing::Map(map) => matches!(&map.entries, Entries::Json(members) if members.opened.is_empty()),
            _ => false,
        }
    }

    pub(crate) fn add(&mut self, thing: Thing, bytes: usize) -> Result<Value> {
        self.meter.bytes(size_of::<Thing>() * 2 + bytes)?;
        let handle = Handle(self.things.len() as u32);
        self.things.push(thing);
        Ok(Value::Object(handle))
    }

    pub(crate) fn thing(&self, handle: Handle) -> &Thing {
        &self.things[handle.0 as usize]
    }

    pub(crate) fn thing_mut(&mut self, handle: Handle) -> &mut Thing {
        &mut self.things[handle.0 as usize]
    }

    /// The items, if this is a list.
    pub fn items(&mut self, value: &Value) -> Result<Option<&mut Vec<Value>>> {
        let Value::Object(handle) = value else { return Ok(None) };
        if let Thing::List(List { items: Items::Json(items), form }) = self.thing(*handle) {
            let (items, form) = (items.clone(), form.of_members());
            self.meter.bytes(items.json.len() * VALUE_BYTES)?;
            self.meter.steps(items.json.len() as u64)?;
            let open = |(place, item)| match items.opened(place) {
                Some(opened) => Ok(opened.clone()),
                None => self.from_json(item, form),
            };
            let values = items.json.iter().enumerate().map(open).collect::<Result<Vec<_>>>()?;
            if let Thing::List(list) = self.thing_mut(*handle) {
                list.items = Items::Values(values);
            }
        }
        Ok(match self.thing_mut(*handle) {
            Thing::List(List { items: Items::Values(items), .. }) => Some(items),
            _ => None,
        })
    }

    /// The entries in the order of insertion, if this is a map.
    pub fn entries(&mut self, value: &Value) -> Result<Option<&mut Vec<(Value, Value)>>> {
        let Value::Object(handle) = value else { return Ok(None) };
        if let Thing::Map(Map { entries: Entries::Json(members), form }) = self.thing(*handle) {
            let (members, form) = (members.clone(), form.of_members());
            self.meter.bytes(members.json.len() * 2 * VALUE_BYTES)?;
            self.meter.steps(members.json.len() as u64)?;
            let mut values = Vec::with_capacity(members.json.len());
            for (place, (name, member)) in members.json.iter().enumerate() {
                let value = match members.opened(place) {
                    Some(opened) => opened.clone(),
                    None => self.from_json(member, form)?,
                };
                values.push((Value::Text(name.clone()), value));
            }
            if let Thing::Map(map) = self.thing_mut(*handle) {
                map.entries = Entries::Values(values);
            }
        }
        Ok(match self.thing_mut(*handle) {
            Thing::Map(Map { entries: Entries::Values(entries), .. }) => Some(entries),
            _ => None,
        })
    }

    /// The number of items or entries of a list or map.
    pub fn size(&self, value: &Value) -> Option<usize> {
        let Value::Object(handle) = value else { return None };
        match self.thing(*handle) {
            Thing::List(list) => Some(match &list.items {
                Items::Json(items) => items.json.len(),
                Items::Values(items) => items.len(),
            }),
            Thing::Map(map) => Some(match &map.entries {
                Entries::Json(members) => members.json.len(),
                Entries::Values(entries) => entries.len(),
            }),
            _ => None,
        }
    }

    /// The item at `index`; nothing beyond the end.
    pub(crate) fn item(&mut self, list: Handle, index: usize) -> Result<Option<Value>> {
        if let Thing::List(List { items: Items::Json(items), form }) = self.thing(list) {
            let Some(item) = items.json.get(index) else { return Ok(None) };
            match part(item, items.opened(index), items.opened.len()) {
                Part::Known(value) => return Ok(Some(value)),
                Part::Closed(item) => return self.open(list, index, &item, form.of_members()).map(Some),
                Part::OneTooMany => {}
            }
        }
        Ok(self.items(&Value::Object(list))?.and_then(|items| items.get(index).cloned()))
    }

    /// The value of `key`; nothing if the map has no such key.
    pub(crate) fn member(&mut self, map: Handle, key: &Value) -> Result<Option<Value>> {
        self.meter.steps(1 + self.size(&Value::Object(map)).unwrap_or_default() as u64 / 16)?;
        let other = self.other_key(map, key);
        let key = other.as_ref().unwrap_or(key);
        if let Thing::Map(Map { entries: Entries::Json(members), form }) = self.thing(map) {
            let Value::Text(name) = key else { return Ok(None) };
            let found = members.json.iter().enumerate().find(|(_, (known, _))| *known == name);
            let Some((place, (_, member))) = found else { return Ok(None) };
            match part(member, members.opened(place), members.opened.len()) {
                Part::Known(value) => return Ok(Some(value)),
                Part::Closed(member) => return self.open(map, place, &member, form.of_members()).map(Some),
                Part::OneTooMany => {}
            }
        }
        let entries = self.entries(&Value::Object(map))?;
        let found = entries.and_then(|entries| entries.iter().find(|(known, _)| same_key(known, key)));
        Ok(found.map(|(_, value)| value.clone()))
    }

    /// Makes a thing of a list or map that lies in another one.
    fn open(&mut self, within: Handle, place: usize, json: &json::Value, form: Form) -> Result<Value> {
        self.meter.bytes(VALUE_BYTES)?;
        let value = self.from_json(json, form)?;
        match self.thing_mut(within) {
            Thing::List(List { items: Items::Json(Unopened { opened, .. }), .. })
            | Thing::Map(Map { entries: Entries::Json(Unopened { opened, .. }), .. }) => {
                opened.push((place, value.clone()));
            }
            _ => {}
        }
        Ok(value)
    }

    /// The value of the key `name`, if this is a map that has it.
    pub fn get(&mut self, map: &Value, name: &str) -> Result<Option<Value>> {
        match map {
            Value::Object(handle) if matches!(self.thing(*handle), Thing::Map(_)) => {
                self.member(*handle, &Value::from(name))
            }
            _ => Ok(None),
        }
    }

    /// Counts work of a host that reads or makes so many bytes.
    pub fn charge(&self, bytes: usize) -> Result<()> {
        self.meter.bytes(bytes)
    }

    /// Sets a key of a map, and returns what it had.
    pub fn put(&mut self, map: Handle, key: Value, value: Value) -> Result<Option<Value>> {
        self.meter.bytes(2 * VALUE_BYTES)?;
        self.meter.steps(self.size(&Value::Object(map)).unwrap_or_default() as u64 / 16)?;
        let key = self.other_key(map, &key).unwrap_or(key);
        let Some(entries) = self.entries(&Value::Object(map))? else { return Ok(None) };
        match entries.iter_mut().find(|(known, _)| same_key(known, &key)) {
            Some((_, old)) => Ok(Some(std::mem::replace(old, value))),
            None => {
                entries.push((key, value));
                Ok(None)
            }
        }
    }

    /// `arguments` for `args` in a map of [`Form::Arguments`], unless it has that, too.
    fn other_key(&self, map: Handle, key: &Value) -> Option<Value> {
        let Thing::Map(Map { entries, form: Form::Arguments }) = self.thing(map) else { return None };
        if key.as_str() != Some("args") {
            return None;
        }
        let has_it = match entries {
            Entries::Json(members) => members.json.contains_key("args"),
            Entries::Values(entries) => entries.iter().any(|(known, _)| same_key(known, key)),
        };
        (!has_it).then(|| Value::Text(Text::new_static("arguments")))
    }

    /// What a loop runs over, if it runs over this at all: items, values of a map, the rest of an iterator.
    pub(crate) fn elements(&mut self, value: &Value) -> Result<Option<Vec<Value>>> {
        let Value::Object(handle) = value else { return Ok(None) };
        let elements = match self.thing_mut(*handle) {
            Thing::Iterator { items, next } => items.split_off((*next).min(items.len())),
            Thing::List(_) => self.items(value)?.cloned().unwrap_or_default(),
            Thing::Map(_) => {
                let entries = self.entries(value)?.map(|entries| entries.as_slice()).unwrap_or_default();
                entries.iter().map(|(_, value)| value.clone()).collect()
            }
            _ => return Ok(None),
        };
        self.meter.bytes(elements.len() * VALUE_BYTES)?;
        Ok(Some(elements))
    }

    /// Whether the whole of a text matches a regular expression of Java's; not if one is no text.
    pub fn matches(&self, pattern: &Value, text: &Value) -> Result<bool> {
        match (pattern, text) {
            (Value::Text(pattern), Value::Text(text)) => self.pattern(pattern)?.matches(text, &self.meter),
            _ => Ok(false),
        }
    }

    /// A regular expression, compiled or found.
    pub(crate) fn pattern(&self, text: &Text) -> Result<Rc<Pattern>> {
        let mut patterns = self.patterns.borrow_mut();
        if let Some(place) = patterns.iter().position(|(known, _)| known == text) {
            let found = patterns.remove(place);
            let pattern = found.1.clone();
            patterns.push(found);
            return Ok(pattern);
        }
        let pattern = Rc::new(Pattern::compile(text, &self.meter).map_err(|problem| match problem {
            Some(message) => Failure::method(message),
            None => Failure::exceeded("The template uses too many regular expressions: let it use fewer"),
        })?);
        if patterns.len() == PATTERNS_MAX {
            patterns.remove(0);
        }
        patterns.push((text.clone(), pattern.clone()));
        Ok(pattern)
    }
}

/// Whether two keys are one: scalars by class and value, lists and maps only if they are the same thing.
pub(crate) fn same_key(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Text(one), Value::Text(two)) => one == two,
        (Value::Null, Value::Null) => true,
        (Value::Bool(one), Value::Bool(two)) => one == two,
        (Value::Int(one), Value::Int(two)) => one == two,
        (Value::Big(one), Value::Big(two)) => one == two,
        (Value::Double(one), Value::Double(two)) => one.to_bits() == two.to_bits(),
        (Value::Object(one), Value::Object(two)) => one == two,
        (Value::Host(one), Value::Host(two)) => one == two,
        _ => false,
    }
}
