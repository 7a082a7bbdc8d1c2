//! Values as text: as Java prints them, and as JSON.

use json::{Object, Text};

use crate::error::{Failure, Result};
use crate::heap::{Entries, Form, Heap, Items, Thing};
use crate::value::Value;

/// Lists and maps that a template builds may nest so deep and still be printed, compared and made JSON.
/// It is what the parser of JSON reads, and whoever takes values apart recurses.
pub(crate) const NESTING_MAX: usize = 400;

impl Heap {
    /// The text of a value as Java prints it; of nothing, `null`.
    pub fn text(&self, value: &Value) -> Result<Text> {
        if let Value::Text(text) = value {
            return Ok(text.clone());
        }
        let mut out = String::new();
        self.print(value, &mut out)?;
        Ok(Text::from(out))
    }

    /// Appends the text of a value.
    pub fn print(&self, value: &Value, out: &mut String) -> Result<()> {
        self.print_nested(value, out, 0)
    }

    /// The value as JSON's, the whole of it. What the host knows is null there.
    pub fn to_json(&self, value: &Value) -> Result<json::Value> {
        self.to_json_nested(value, 0)
    }

    /// The value as JSON text.
    pub fn json_text(&self, value: &Value) -> Result<String> {
        let mut out = String::new();
        self.push_json(&self.to_json(value)?, &mut out)?;
        Ok(out)
    }

    fn push_json(&self, value: &json::Value, out: &mut String) -> Result<()> {
        // Parts of a value may be shared, so its text can be much longer than what it took to build it.
        let text = value.to_text_up_to(self.meter.text_bytes_left());
        self.meter.text(text.as_ref().map_or(usize::MAX, String::len))?;
        out.push_str(&text.unwrap_or_default());
        Ok(())
    }

    fn print_nested(&self, value: &Value, out: &mut String, depth: usize) -> Result<()> {
        let before = out.len();
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Value::Int(integer) => json::Value::Int(*integer).write_into(out),
            Value::Big(digits) => out.push_str(digits),
            Value::Double(double) => out.push_str(&json::number_text(*double)),
            Value::Text(text) => out.push_str(text),
            Value::Host(_) => {}
            Value::Object(handle) => {
                check(depth)?;
                self.meter.steps(1)?;
                return self.print_thing(value, self.thing(*handle), out, depth);
            }
        }
        self.meter.bytes(out.len() - before)
    }

    fn print_thing(&self, this: &Value, thing: &Thing, out: &mut String, depth: usize) -> Result<()> {
        let itself = |value: &Value| crate::heap::same_key(this, value);
        match thing {
            Thing::List(list) if list.form == Form::Hidden => {}
            Thing::Map(map) if map.form == Form::Hidden => {}
            Thing::List(list) if list.form == Form::Json => {
                let value = self.to_json_nested(this, depth)?;
                self.push_json(&value, out)?;
            }
            Thing::List(list) => match &list.items {
                Items::Json(items) if items.opened.is_empty() => {
                    self.print_json(&json::Value::Array(items.json.clone()), list.form, out, depth)?
                }
                Items::Json(items) => {
                    self.sequence('[', ']', items.json.iter().enumerate(), out, |(place, item), out| {
                        self.print_part(item, items.opened(place), list.form, out, depth + 1)
                    })?
                }
                Items::Values(items) => self.sequence('[', ']', items.iter(), out, |item, out| {
                    if itself(item) {
                        out.push_str("(this Collection)");
                        return Ok(());
                    }
                    self.print_nested(item, out, depth + 1)
                })?,
            },
            Thing::Map(map) => match &map.entries {
                Entries::Json(members) if members.opened.is_empty() => {
                    self.print_json(&json::Value::Object(members.json.clone()), map.form, out, depth)?;
                }
                Entries::Json(members) => {
                    let places = members.json.iter().enumerate();
                    self.sequence('{', '}', places, out, |(place, (name, member)), out| {
                        self.meter.bytes(name.len())?;
                        out.push_str(name);
                        out.push('=');
                        self.print_part(member, members.opened(place), map.form, out, depth + 1)
                    })?
                }
                Entries::Values(entries) => {
                    self.sequence('{', '}', entries.iter(), out, |(key, value), out| {
                        self.print_nested(key, out, depth + 1)?;
                        out.push('=');
                        if itself(value) {
                            out.push_str("(this Map)");
                            return Ok(());
                        }
                        self.print_nested(value, out, depth + 1)
                    })?
                }
            },
            Thing::Entry { key, value } => {
                self.print_nested(key, out, depth + 1)?;
                out.push('=');
                self.print_nested(value, out, depth + 1)?;
            }
            // Velocity keeps a loop's own variables there, and nobody sets one.
            Thing::Loop(_) => out.push_str("{}"),
            Thing::Iterator { .. } | Thing::Deferred(_) => {}
        }
        Ok(())
    }

    /// What lies in a list or map of JSON.
    fn print_part(
        &self,
        json: &json::Value,
        opened: Option<&Value>,
        form: Form,
        out: &mut String,
        depth: usize,
    ) -> Result<()> {
        match opened {
            Some(opened) => self.print_nested(opened, out, depth),
            None => self.print_json(json, form, out, depth),
        }
    }

    /// What nobody has looked into yet.
    fn print_json(&self, value: &json::Value, form: Form, out: &mut String, depth: usize) -> Result<()> {
        check(depth)?;
        self.meter.steps(1)?;
        let before = out.len();
        match value {
            json::Value::String(text) => out.push_str(text),
            json::Value::Array(_) if form == Form::Json => return self.push_json(value, out),
            // The form of the outermost was looked at by the caller.
            json::Value::Array(_) | json::Value::Object(_) if form == Form::Context && depth > 0 => {}
            json::Value::Array(items) => {
                return self.sequence('[', ']', items.iter(), out, |item, out| {
                    self.print_json(item, form, out, depth + 1)
                });
            }
            json::Value::Object(members) => {
                return self.sequence('{', '}', members.iter(), out, |(name, member), out| {
                    self.meter.bytes(name.len())?;
                    out.push_str(name);
                    out.push('=');
                    self.print_json(member, form, out, depth + 1)
                });
            }
            scalar => scalar.write_into(out),
        }
        self.meter.bytes(out.len() - before)
    }

    fn sequence<T>(
        &self,
        open: char,
        close: char,
        items: impl Iterator<Item = T>,
        out: &mut String,
        mut print: impl FnMut(T, &mut String) -> Result<()>,
    ) -> Result<()> {
        out.push(open);
        for (index, item) in items.enumerate() {
            self.meter.bytes(2)?;
            self.meter.length(out.len())?;
            if index > 0 {
                out.push_str(", ");
            }
            print(item, out)?;
        }
        out.push(close);
        Ok(())
    }

    fn to_json_nested(&self, value: &Value, depth: usize) -> Result<json::Value> {
        self.meter.steps(1)?;
        Ok(match value {
            Value::Null | Value::Host(_) => json::Value::Null,
            Value::Bool(truth) => json::Value::Bool(*truth),
            Value::Int(integer) => json::Value::Int(*integer),
            Value::Big(digits) => json::Value::Big(digits.clone()),
            Value::Double(double) => json::Value::Float(*double),
            Value::Text(text) => json::Value::String(text.clone()),
            Value::Object(handle) => {
                check(depth)?;
                self.thing_to_json(self.thing(*handle), depth)?
            }
        })
    }

    fn thing_to_json(&self, thing: &Thing, depth: usize) -> Result<json::Value> {
        Ok(match thing {
            Thing::List(list) => match &list.items {
                Items::Json(items) if items.opened.is_empty() => json::Value::Array(items.json.clone()),
                Items::Json(items) => {
                    self.meter.bytes(items.json.len() * size_of::<json::Value>())?;
                    let mut array = items.json.clone();
                    for (place, opened) in &items.opened {
                        array.make_mut()[*place] = self.to_json_nested(opened, depth + 1)?;
                    }
                    json::Value::Array(array)
                }
                Items::Values(items) => self.array(items, depth)?,
            },
            Thing::Map(map) => match &map.entries {
                Entries::Json(members) if members.opened.is_empty() => {
                    json::Value::Object(members.json.clone())
                }
                Entries::Json(members) => {
                    self.meter.bytes(members.json.len() * 2 * size_of::<json::Value>())?;
                    let mut object = members.json.clone();
                    for (place, opened) in &members.opened {
                        if let Some(member) = object.values_mut().nth(*place) {
                            *member = self.to_json_nested(opened, depth + 1)?;
                        }
                    }
                    json::Value::Object(object)
                }
                Entries::Values(entries) => {
                    self.meter.bytes(entries.len() * 2 * size_of::<json::Value>())?;
                    let mut members = Object::with_capacity(entries.len());
                    for (count, (key, value)) in entries.iter().enumerate() {
                        // A member is looked for among those before it.
                        self.meter.steps(count as u64 / 16)?;
                        members.insert(self.text(key)?, self.to_json_nested(value, depth + 1)?);
                    }
                    json::Value::Object(members)
                }
            },
            Thing::Entry { key, value } => {
                let mut members = Object::with_capacity(1);
                members.insert(self.text(key)?, self.to_json_nested(value, depth + 1)?);
                json::Value::Object(members)
            }
            Thing::Iterator { items, next } => self.array(items.get(*next..).unwrap_or_default(), depth)?,
            Thing::Loop(_) => json::Value::Object(Object::new()),
            Thing::Deferred(_) => json::Value::Null,
        })
    }

    fn array(&self, items: &[Value], depth: usize) -> Result<json::Value> {
        self.meter.bytes(items.len() * size_of::<json::Value>())?;
        items.iter().map(|item| self.to_json_nested(item, depth + 1)).collect()
    }
}

pub(crate) fn check(depth: usize) -> Result<()> {
    if depth > NESTING_MAX {
        return Err(Failure::exceeded(format!(
            "Lists and maps nest more than {NESTING_MAX} deep: one may hold itself"
        )));
    }
    Ok(())
}
