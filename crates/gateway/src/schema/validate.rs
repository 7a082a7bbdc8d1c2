//! Whether a value fits a schema, and what is wrong if not.
//!
//! Messages and their order are those of the library that API Gateway uses (json-schema-validator): keywords in
//! the order of their names, and what is within a value only while nothing was wrong before.

use json::{Object, Value};

use super::check::{model_name, resolve};
use super::node::{allowed, listed, type_of};
use super::{Schema, Schemas, format};

/// So many schemas a body is held against, at most: some 100 for each KiB of the largest body.
const STEPS_MAX: usize = 1_000_000;
/// So deep schemas and values lie within each other, at most. References may go round for ever.
const DEPTH_MAX: usize = 200;
/// So many messages are kept.
const MESSAGES_MAX: usize = 100;

/// All that is wrong.
pub(super) fn problems(schemas: &Schemas, schema: &Schema, value: &Value) -> Vec<String> {
    let mut run = Run { schemas, steps_left: STEPS_MAX, is_over: false };
    let mut report = Vec::new();
    run.check(schema, &schema.root, value, 0, &mut report);
    if run.is_over {
        report.push("the schema takes too long, or goes too deep, to validate this instance".to_owned());
    }
    report.truncate(MESSAGES_MAX);
    report
}

struct Run<'s> {
    schemas: &'s Schemas,
    steps_left: usize,
    is_over: bool,
}

impl<'s> Run<'s> {
    /// Holds a value against a schema that is part of `whole`.
    fn check(
        &mut self,
        whole: &'s Schema,
        schema: &'s Value,
        value: &Value,
        depth: usize,
        report: &mut Vec<String>,
    ) {
        if self.is_over || self.steps_left == 0 || depth > DEPTH_MAX {
            self.is_over = true;
            return;
        }
        self.steps_left -= 1;
        let Value::Object(keywords) = schema else { return };
        // A reference stands for everything beside it.
        if let Some(reference) = keywords.get("$ref").and_then(Value::as_str) {
            if let Some((whole, schema)) = self.follow(whole, reference) {
                self.check(whole, schema, value, depth + 1, report);
            }
            return;
        }
        let mut names: Vec<_> = keywords.keys().collect();
        names.sort_unstable();
        for name in names {
            if let Some(keyword) = keywords.get(name) {
                let message = match &**name {
                    "allOf" | "anyOf" | "oneOf" | "not" => self.combined(whole, name, keyword, value, depth),
                    "dependencies" => self.dependencies(whole, keyword, value, depth),
                    name => plain(name, keyword, value, keywords, whole),
                };
                report.extend(message);
            }
        }
        if report.is_empty() {
            self.within(whole, keywords, value, depth, report);
        }
    }

    fn follow(&self, whole: &'s Schema, reference: &str) -> Option<(&'s Schema, &'s Value)> {
        match model_name(reference) {
            Some(name) => {
                let other = self.schemas.0.get(name)?;
                let pointer =
                    reference.split_once('#').map_or("#".to_owned(), |(_, pointer)| format!("#{pointer}"));
                Some((other, resolve(&other.root, &pointer)?))
            }
            None => Some((whole, resolve(&whole.root, reference)?)),
        }
    }

    fn fits(&mut self, whole: &'s Schema, schema: &'s Value, value: &Value, depth: usize) -> bool {
        let mut report = Vec::new();
        self.check(whole, schema, value, depth + 1, &mut report);
        report.is_empty()
    }

    fn combined(
        &mut self,
        whole: &'s Schema,
        name: &str,
        keyword: &'s Value,
        value: &Value,
        depth: usize,
    ) -> Option<String> {
        if name == "not" {
            let fits = self.fits(whole, keyword, value, depth);
            return fits.then(|| "instance matched a schema which it should not have".to_owned());
        }
        let schemas = keyword.as_array().map(json::Array::as_slice).unwrap_or_default();
        let all = schemas.len();
        let fitting = schemas.iter().filter(|schema| self.fits(whole, schema, value, depth)).count();
        match name {
            "allOf" => (fitting < all).then(|| {
                format!("instance failed to match all required schemas (matched only {fitting} out of {all})")
            }),
            "anyOf" => (fitting == 0)
                .then(|| format!("instance failed to match at least one required schema among {all}")),
            _ => (fitting != 1).then(|| {
                format!("instance failed to match exactly one schema (matched {fitting} out of {all})")
            }),
        }
    }

    fn dependencies(
        &mut self,
        whole: &'s Schema,
        keyword: &'s Value,
        value: &Value,
        depth: usize,
    ) -> Option<String> {
        let (Value::Object(dependencies), Value::Object(object)) = (keyword, value) else { return None };
        for (name, dependency) in dependencies.iter().filter(|(name, _)| object.contains_key(name)) {
            match dependency {
                Value::Array(needed) => {
                    let needed: Vec<_> = needed.iter().filter_map(Value::as_str).collect();
                    let missing = needed.iter().copied().filter(|name| !object.contains_key(name));
                    let missing = listed(missing);
                    if missing != "[]" {
                        let needed = listed(needed);
                        return Some(format!(
                            "property \"{name}\" of object has missing property dependencies (schema requires {needed}; \
                             missing: {missing})"
                        ));
                    }
                }
                schema => {
                    let mut report = Vec::new();
                    self.check(whole, schema, value, depth + 1, &mut report);
                    if let Some(first) = report.into_iter().next() {
                        return Some(first);
                    }
                }
            }
        }
        None
    }

    /// The items of an array, the members of an object.
    fn within(
        &mut self,
        whole: &'s Schema,
        keywords: &'s Object,
        value: &Value,
        depth: usize,
        report: &mut Vec<String>,
    ) {
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let schema = match keywords.get("items") {
                        Some(Value::Array(schemas)) => {
                            schemas.get(index).or_else(|| keywords.get("additionalItems"))
                        }
                        other => other,
                    };
                    if let Some(schema) = schema {
                        self.check(whole, schema, item, depth + 1, report);
                    }
                }
            }
            Value::Object(members) => {
                for (name, member) in members.iter() {
                    for schema in of_member(whole, keywords, name) {
                        self.check(whole, schema, member, depth + 1, report);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The schemas that a member must fit.
fn of_member<'s>(whole: &'s Schema, keywords: &'s Object, name: &str) -> Vec<&'s Value> {
    let of = |keyword: &str| keywords.get(keyword).and_then(Value::as_object);
    let mut found: Vec<_> =
        of("properties").and_then(|properties| properties.get(name)).into_iter().collect();
    let patterns = of("patternProperties").into_iter().flat_map(Object::iter);
    found.extend(patterns.filter(|(pattern, _)| matches(whole, pattern, name)).map(|(_, schema)| schema));
    if found.is_empty() {
        found.extend(keywords.get("additionalProperties"));
    }
    found
}

fn matches(whole: &Schema, pattern: &str, text: &str) -> bool {
    whole.patterns.get(pattern).is_none_or(|pattern| pattern.is_match(text))
}

/// A keyword that looks at the value alone.
fn plain(name: &str, keyword: &Value, value: &Value, keywords: &Object, whole: &Schema) -> Option<String> {
    match (name, value) {
        ("type", _) => {
            let (kind, allowed) = (type_of(value), allowed(keyword));
            let message = || {
                let allowed = listed(allowed.iter().copied());
                format!(
                    "instance type ({kind}) does not match any allowed primitive type (allowed: {allowed})"
                )
            };
            (!allowed.contains(&kind)).then(message)
        }
        ("enum", _) => {
            let is_known = keyword.as_array().is_some_and(|values| values.iter().any(|known| known == value));
            let message =
                || format!("instance value ({value}) not found in enum (possible values: {keyword})");
            (!is_known).then(message)
        }
        (_, Value::String(text)) => of_text(name, keyword, text, whole),
        (_, Value::Int(_) | Value::Float(_) | Value::Big(_)) => of_number(name, keyword, value, keywords),
        (_, Value::Array(items)) => of_array(name, keyword, items, keywords),
        (_, Value::Object(object)) => of_object(name, keyword, object, keywords, whole),
        (_, Value::Null | Value::Bool(_)) => None,
    }
}

fn of_text(name: &str, keyword: &Value, text: &str, whole: &Schema) -> Option<String> {
    let quoted = || Value::from(text).to_text();
    match name {
        "minLength" | "maxLength" => {
            let (length, limit) = (text.chars().count() as i64, keyword.as_i64()?);
            match name {
                "minLength" if length < limit => Some(format!(
                    "string {} is too short (length: {length}, required minimum: {limit})",
                    quoted()
                )),
                "maxLength" if length > limit => Some(format!(
                    "string {} is too long (length: {length}, maximum allowed: {limit})",
                    quoted()
                )),
                _ => None,
            }
        }
        "pattern" => {
            let pattern = keyword.as_str()?;
            let message =
                || format!("ECMA 262 regex {} does not match input string {}", keyword.to_text(), quoted());
            (!matches(whole, pattern, text)).then(message)
        }
        "format" => format::problem(keyword.as_str()?, text),
        _ => None,
    }
}

fn of_number(name: &str, keyword: &Value, value: &Value, keywords: &Object) -> Option<String> {
    let (number, limit) = (value.as_f64()?, keyword.as_f64()?);
    let is_exclusive = |name: &str| keywords.get(name).and_then(Value::as_bool).unwrap_or(false);
    match name {
        "minimum" if number < limit => Some(format!(
            "numeric instance is lower than the required minimum (minimum: {keyword}, found: {value})"
        )),
        "minimum" if number == limit && is_exclusive("exclusiveMinimum") => {
            Some(format!("numeric instance is not strictly greater than the required minimum {keyword}"))
        }
        "maximum" if number > limit => Some(format!(
            "numeric instance is greater than the required maximum (maximum: {keyword}, found: {value})"
        )),
        "maximum" if number == limit && is_exclusive("exclusiveMaximum") => {
            Some(format!("numeric instance is not strictly lower than the required maximum {keyword}"))
        }
        "multipleOf" if !is_multiple(value, keyword, number, limit) => {
            Some(format!("remainder of division is not zero ({value} / {keyword})"))
        }
        _ => None,
    }
}

fn is_multiple(value: &Value, keyword: &Value, number: f64, limit: f64) -> bool {
    match (value.as_i64(), keyword.as_i64()) {
        (Some(value), Some(keyword)) => keyword != 0 && value % keyword == 0,
        _ => {
            // 0.3 is a multiple of 0.1, whatever doubles say.
            let quotient = number / limit;
            (quotient - quotient.round()).abs() < 1e-9 * quotient.abs().max(1.0)
        }
    }
}

fn of_array(name: &str, keyword: &Value, items: &json::Array, keywords: &Object) -> Option<String> {
    let length = items.len() as i64;
    match name {
        "minItems" if length < keyword.as_i64()? => Some(format!(
            "array is too short: must have at least {keyword} elements but instance has {length} elements"
        )),
        "maxItems" if length > keyword.as_i64()? => Some(format!(
            "array is too long: must have at most {keyword} elements but instance has {length} elements"
        )),
        "uniqueItems" if keyword.as_bool() == Some(true) && has_duplicates(items.as_slice()) => {
            Some("array must not contain duplicate elements".to_owned())
        }
        "additionalItems" if keyword.as_bool() == Some(false) => {
            let known = keywords.get("items")?.as_array()?.len() as i64;
            let message = format!(
                "array is too long: must have at most {known} elements but instance has {length} elements"
            );
            (length > known).then_some(message)
        }
        _ => None,
    }
}

/// By their texts, which say the same of equal values but for numbers' forms and the order of members.
fn has_duplicates(items: &[Value]) -> bool {
    let mut texts: Vec<_> = items.iter().map(Value::to_text).collect();
    texts.sort_unstable();
    texts.windows(2).any(|pair| pair[0] == pair[1])
}

fn of_object(
    name: &str,
    keyword: &Value,
    object: &Object,
    keywords: &Object,
    whole: &Schema,
) -> Option<String> {
    let size = object.len() as i64;
    match name {
        "required" => {
            let needed = keyword.as_array()?.iter().filter_map(Value::as_str);
            let missing = listed(needed.filter(|name| !object.contains_key(name)));
            (missing != "[]").then(|| format!("object has missing required properties ({missing})"))
        }
        "minProperties" if size < keyword.as_i64()? => Some(format!(
            "object has too few properties (found {size} but schema requires at least {keyword})"
        )),
        "maxProperties" if size > keyword.as_i64()? => Some(format!(
            "object has too many properties (found {size} but schema requires at most {keyword})"
        )),
        "additionalProperties" if keyword.as_bool() == Some(false) => {
            let none = Value::Bool(false);
            let is_unknown =
                |name: &&str| of_member(whole, keywords, name).iter().all(|schema| **schema == none);
            let unknown = listed(object.keys().map(|name| name.as_str()).filter(is_unknown));
            (unknown != "[]").then(|| {
                format!("object instance has properties which are not allowed by the schema: {unknown}")
            })
        }
        _ => None,
    }
}
