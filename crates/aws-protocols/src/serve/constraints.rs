//! What a model asks of an input beyond its types: what must be there, lengths, ranges, values, patterns.
//!
//! The texts are those that AWS's services share; several have others. Never here: types, which reading has settled.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};

use aws_models::{Bound, Kind, Member, Shape};
use json::{Object, Value};

use super::patterns;
use crate::argument::number_text;
use crate::base64;

/// Of a value in an error message, so many characters are shown: any that is just too long for the longest member of a
/// model is shown whole, as on AWS, and a whole body is not.
const SHOWN_MAX: usize = 4096;

/// What an input breaks of its shape's constraints, in the model's order and in AWS's words. Empty if it is good.
pub fn violations(input: &Value, shape: Shape<'static>) -> Vec<String> {
    let mut checker = Checker { violations: Vec::new() };
    match input {
        Value::Object(members) => checker.members(members, shape, &Place::Input),
        _ => checker.members(&Object::new(), shape, &Place::Input),
    }
    checker.violations
}

/// Where a value stands. It becomes a text only if something is wrong there.
enum Place<'p> {
    Input,
    Member(&'p Place<'p>, &'p str),
    /// Of a list, from 0.
    Element(&'p Place<'p>, usize),
    /// Of a map.
    Entry(&'p Place<'p>, &'p str),
}

struct Checker {
    violations: Vec<String>,
}

impl Checker {
    fn members(&mut self, members: &Object, shape: Shape<'static>, place: &Place<'_>) {
        for member in shape.members() {
            let place = Place::Member(place, member.name());
            match members.get(member.name()).filter(|value| !value.is_null()) {
                Some(value) => self.value(value, member, &place),
                None if member.is_required() => self.missing(&place),
                None => {}
            }
        }
    }

    /// The recursion follows the value, whose depth its parser bounds.
    fn value(&mut self, value: &Value, member: Member<'static>, place: &Place<'_>) {
        let shape = member.shape();
        match (shape.kind(), value) {
            (Kind::Structure, Value::Object(members)) => self.members(members, shape, place),
            (Kind::List, Value::Array(elements)) => {
                self.length(elements.len(), value, shape, place);
                let Some(element) = shape.element() else { return };
                let may_be_null = |value: &Value| value.is_null() && shape.is_sparse();
                for (number, value) in elements.iter().enumerate().filter(|(_, value)| !may_be_null(value)) {
                    self.inner(value, element, &Place::Element(place, number));
                }
            }
            (Kind::Map, Value::Object(entries)) => {
                self.length(entries.len(), value, shape, place);
                let Some(member) = shape.value() else { return };
                for (key, value) in entries.iter() {
                    self.inner(value, member, &Place::Entry(place, key));
                }
            }
            (Kind::String, Value::String(text)) => self.text(text, value, shape, place),
            (Kind::Blob, Value::String(text)) if is_bounded(shape) => {
                let bytes = base64::decode(text).unwrap_or_default();
                self.length(bytes.len(), value, shape, place);
            }
            (Kind::Integer | Kind::Long | Kind::Float | Kind::Double, number) => {
                self.number(number, shape, place);
            }
            _ => {}
        }
    }

    /// A list's element or a map's value.
    fn inner(&mut self, value: &Value, member: Member<'static>, place: &Place<'_>) {
        match value {
            Value::Null => self.missing(place),
            value => self.value(value, member, place),
        }
    }

    fn text(&mut self, text: &str, value: &Value, shape: Shape<'static>, place: &Place<'_>) {
        if is_bounded(shape) {
            self.length(text.chars().count(), value, shape, place);
        }
        if let Some(pattern) = shape.pattern().filter(|pattern| !patterns::matches(pattern, text)) {
            let rule = format_args!("Member must satisfy regular expression pattern: {pattern}");
            self.broken(&shown(value, shape), place, rule);
        }
        let mut values = shape.enum_values();
        if values.len() > 0 && values.all(|known| known != text) {
            let values: Vec<_> = shape.enum_values().collect();
            let rule = format_args!("Member must satisfy enum value set: [{}]", values.join(", "));
            self.broken(&shown(value, shape), place, rule);
        }
    }

    fn length(&mut self, length: usize, value: &Value, shape: Shape<'static>, place: &Place<'_>) {
        self.bounds("have length", Bound::Whole(length as i64), value, shape, place);
    }

    fn number(&mut self, number: &Value, shape: Shape<'static>, place: &Place<'_>) {
        let known = match number {
            Value::Int(number) => Bound::Whole(*number),
            Value::Float(number) => Bound::Fraction(*number),
            _ => return,
        };
        self.bounds("have value", known, number, shape, place);
    }

    fn bounds(&mut self, what: &str, known: Bound, value: &Value, shape: Shape<'static>, place: &Place<'_>) {
        if let Some(least) = shape.minimum().filter(|least| compare(known, *least) == Ordering::Less) {
            let rule = format_args!("Member must {what} greater than or equal to {}", text(least));
            self.broken(&shown(value, shape), place, rule);
        }
        if let Some(most) = shape.maximum().filter(|most| compare(known, *most) == Ordering::Greater) {
            let rule = format_args!("Member must {what} less than or equal to {}", text(most));
            self.broken(&shown(value, shape), place, rule);
        }
    }

    fn missing(&mut self, place: &Place<'_>) {
        self.broken(" null", place, format_args!("Member must not be null"));
    }

    fn broken(&mut self, shown: &str, place: &Place<'_>, rule: fmt::Arguments<'_>) {
        self.violations.push(format!("Value{shown} at '{place}' failed to satisfy constraint: {rule}"));
    }
}

fn is_bounded(shape: Shape<'_>) -> bool {
    shape.minimum().is_some() || shape.maximum().is_some()
}

/// `tags.1.member.key`. The recursion is as deep as the value.
impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Input => Ok(()),
            Place::Member(owner, name) => {
                owner.fmt(f)?;
                let point = if matches!(owner, Place::Input) { "" } else { "." };
                // Where a model's names begin with a capital letter, AWS's messages show a small one.
                let (first, rest) = name.split_at_checked(1).unwrap_or(("", name));
                write!(f, "{point}{}{rest}", first.to_ascii_lowercase())
            }
            Place::Element(owner, number) => write!(f, "{owner}.{}.member", number + 1),
            Place::Entry(owner, key) => write!(f, "{owner}.{key}.member"),
        }
    }
}

/// The value, in quotes and behind a space; nothing if it is not for logs.
fn shown(value: &Value, shape: Shape<'_>) -> String {
    if shape.is_sensitive() {
        return String::new();
    }
    let mut text = String::from(" '");
    write(value, &mut text);
    if let Some((end, _)) = text.char_indices().nth(SHOWN_MAX) {
        text.truncate(end);
        text.push('…');
    }
    text.push('\'');
    text
}

/// As Java prints it. The recursion follows the value, whose depth its parser bounds.
fn write(value: &Value, out: &mut String) {
    if out.len() > SHOWN_MAX * 4 {
        return;
    }
    match value {
        Value::String(text) => out.push_str(text),
        Value::Array(elements) => {
            out.push('[');
            for (place, value) in elements.iter().enumerate() {
                out.push_str(if place > 0 { ", " } else { "" });
                write(value, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (place, (name, value)) in members.iter().enumerate() {
                let _ = write!(out, "{}{name}=", if place > 0 { ", " } else { "" });
                write(value, out);
            }
            out.push('}');
        }
        Value::Null | Value::Bool(_) => value.write_into(out),
        number => out.push_str(&number_text(number)),
    }
}

fn compare(one: Bound, other: Bound) -> Ordering {
    match (one, other) {
        (Bound::Whole(one), Bound::Whole(other)) => one.cmp(&other),
        (one, other) => float(one).total_cmp(&float(other)),
    }
}

fn float(bound: Bound) -> f64 {
    match bound {
        Bound::Whole(number) => number as f64,
        Bound::Fraction(number) => number,
    }
}

fn text(bound: Bound) -> String {
    match bound {
        Bound::Whole(number) => number.to_string(),
        Bound::Fraction(number) => number.to_string(),
    }
}
