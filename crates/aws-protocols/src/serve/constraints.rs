//! What a model asks of an input beyond its types: what must be there, lengths, ranges, values, patterns.
//!
//! The texts are those that AWS's services share; several have others. Never here: types, which reading has settled.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};

use aws_models::{Bound, Kind, Member, Shape};
use json::{Array, Object, Value};

use super::patterns;
use crate::argument::number_text;
use crate::base64;

/// Of a value in an error message, so many characters are shown: any that is just too long for the longest member of a
/// model is shown whole, as on AWS, and a whole body is not.
const SHOWN_MAX: usize = 4096;

/// What an input breaks of its shape's constraints, in the model's order and in AWS's words. Empty if it is good.
pub fn violations(input: &Value, shape: Shape<'static>) -> Vec<String> {
    let mut checker = Checker { place: String::new(), violations: Vec::new() };
    match input {
        Value::Object(members) => checker.members(members, shape),
        _ => checker.members(&Object::new(), shape),
    }
    checker.violations
}

struct Checker {
    /// Where the value stands: `tags.1.member.key`.
    place: String,
    violations: Vec<String>,
}

impl Checker {
    fn members(&mut self, members: &Object, shape: Shape<'static>) {
        for member in shape.members() {
            match members.get(member.name()).filter(|value| !value.is_null()) {
                Some(value) => self.within_member(member, |checker| checker.value(value, member)),
                None if member.is_required() => self.within_member(member, |checker| {
                    checker.broken(" null", format_args!("Member must not be null"));
                }),
                None => {}
            }
        }
    }

    /// The recursion follows the value, whose depth its parser bounds.
    fn value(&mut self, value: &Value, member: Member<'static>) {
        let shape = member.shape();
        match (shape.kind(), value) {
            (Kind::Structure, Value::Object(members)) => self.members(members, shape),
            (Kind::List, Value::Array(elements)) => {
                self.length(elements.len(), value, shape);
                self.elements(elements, shape);
            }
            (Kind::Map, Value::Object(entries)) => {
                self.length(entries.len(), value, shape);
                let Some(member) = shape.value() else { return };
                for (key, value) in entries.iter() {
                    self.within(format_args!("{key}.member"), |checker| checker.element(value, member));
                }
            }
            (Kind::String, Value::String(text)) => self.text(text, value, shape),
            (Kind::Blob, Value::String(text)) if shape.minimum().is_some() || shape.maximum().is_some() => {
                self.length(base64::decode(text).unwrap_or_default().len(), value, shape);
            }
            (Kind::Integer | Kind::Long | Kind::Float | Kind::Double, number) => self.number(number, shape),
            _ => {}
        }
    }

    fn elements(&mut self, elements: &Array, shape: Shape<'static>) {
        let Some(element) = shape.element() else { return };
        for (place, value) in elements.iter().enumerate() {
            let name = format_args!("{}.member", place + 1);
            self.within(name, |checker| checker.element(value, element));
        }
    }

    fn element(&mut self, value: &Value, member: Member<'static>) {
        match value {
            Value::Null => self.broken(" null", format_args!("Member must not be null")),
            value => self.value(value, member),
        }
    }

    fn text(&mut self, text: &str, value: &Value, shape: Shape<'static>) {
        if shape.minimum().is_some() || shape.maximum().is_some() {
            self.length(text.chars().count(), value, shape);
        }
        if let Some(pattern) = shape.pattern().filter(|pattern| !patterns::matches(pattern, text)) {
            let rule = format_args!("Member must satisfy regular expression pattern: {pattern}");
            self.broken(&shown(value, shape), rule);
        }
        let mut values = shape.enum_values();
        if values.len() > 0 && values.all(|known| known != text) {
            let values: Vec<_> = shape.enum_values().collect();
            let rule = format_args!("Member must satisfy enum value set: [{}]", values.join(", "));
            self.broken(&shown(value, shape), rule);
        }
    }

    fn length(&mut self, length: usize, value: &Value, shape: Shape<'static>) {
        self.bounds("have length", Bound::Whole(length as i64), value, shape);
    }

    fn number(&mut self, number: &Value, shape: Shape<'static>) {
        let known = match number {
            Value::Int(number) => Bound::Whole(*number),
            Value::Float(number) => Bound::Fraction(*number),
            _ => return,
        };
        self.bounds("have value", known, number, shape);
    }

    fn bounds(&mut self, what: &str, known: Bound, value: &Value, shape: Shape<'static>) {
        if let Some(least) = shape.minimum().filter(|least| compare(known, *least) == Ordering::Less) {
            let rule = format_args!("Member must {what} greater than or equal to {}", text(least));
            self.broken(&shown(value, shape), rule);
        }
        if let Some(most) = shape.maximum().filter(|most| compare(known, *most) == Ordering::Greater) {
            let rule = format_args!("Member must {what} less than or equal to {}", text(most));
            self.broken(&shown(value, shape), rule);
        }
    }

    /// Where a model's names begin with a capital letter, AWS's messages show a small one.
    fn within_member(&mut self, member: Member<'_>, check: impl FnOnce(&mut Checker)) {
        let (first, rest) = member.name().split_at_checked(1).unwrap_or(("", member.name()));
        self.within(format_args!("{}{rest}", first.to_ascii_lowercase()), check);
    }

    fn within(&mut self, name: fmt::Arguments<'_>, check: impl FnOnce(&mut Checker)) {
        let before = self.place.len();
        let point = if before > 0 { "." } else { "" };
        let _ = write!(self.place, "{point}{name}");
        check(self);
        self.place.truncate(before);
    }

    fn broken(&mut self, shown: &str, rule: fmt::Arguments<'_>) {
        let place = &self.place;
        self.violations.push(format!("Value{shown} at '{place}' failed to satisfy constraint: {rule}"));
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
