//! Whether a value is a schema: each keyword has the kind of value that it needs.

use std::collections::BTreeMap;

use json::Value;
use regex::Regex;

use super::node::TYPES;

/// The deepest schema.
const DEPTH_MAX: usize = 64;
/// Where models are, in a reference.
const MODELS: &str = "https://apigateway.amazonaws.com/restapis/";

/// Checks a schema and compiles its patterns.
pub(super) fn check(root: &Value) -> Result<BTreeMap<String, Regex>, String> {
    let mut checker = Checker { root, patterns: BTreeMap::new() };
    checker.schema(root, "#", 0)?;
    Ok(checker.patterns)
}

/// The name of the model that a reference leads to.
pub(super) fn model_name(reference: &str) -> Option<&str> {
    let (_, name) = reference.strip_prefix(MODELS)?.split_once("/models/")?;
    Some(name.split('#').next().unwrap_or(name))
}

/// All references in a schema.
pub(super) fn references(root: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
                open.extend(object.values());
            }
            Value::Array(items) => open.extend(items.iter()),
            _ => {}
        }
    }
    found
}

/// What a pointer within a schema leads to: `#/definitions/X`.
pub(super) fn resolve<'s>(root: &'s Value, pointer: &str) -> Option<&'s Value> {
    let mut place = root;
    for part in pointer.strip_prefix('#')?.split('/').skip(1) {
        let part = crate::percent::decode(part).replace("~1", "/").replace("~0", "~");
        place = match place {
            Value::Array(items) => items.get(part.parse().ok()?)?,
            place => place.get(&part)?,
        };
    }
    Some(place)
}

struct Checker<'s> {
    root: &'s Value,
    patterns: BTreeMap<String, Regex>,
}

impl Checker<'_> {
    fn schema(&mut self, schema: &Value, place: &str, depth: usize) -> Result<(), String> {
        let Value::Object(keywords) = schema else { return Err(format!("{place} must be an object")) };
        if depth > DEPTH_MAX {
            return Err(format!("{place} lies deeper than {DEPTH_MAX} schemas"));
        }
        for (keyword, value) in keywords.iter() {
            self.keyword(keyword, value, &format!("{place}/{keyword}"), depth + 1)?;
        }
        Ok(())
    }

    fn keyword(&mut self, keyword: &str, value: &Value, place: &str, depth: usize) -> Result<(), String> {
        let must = |what: &str| Err(format!("{place} must be {what}"));
        match keyword {
            "$ref" => self.reference(value, place),
            "type" => {
                let one = |value: &Value| value.as_str().is_some_and(|name| TYPES.contains(&name));
                let is_good = match value {
                    Value::Array(names) => !names.is_empty() && names.iter().all(one),
                    value => one(value),
                };
                if is_good {
                    Ok(())
                } else {
                    must(&format!("one of {} or an array of them", TYPES.join(", ")))
                }
            }
            "properties" | "patternProperties" | "definitions" => {
                let Value::Object(schemas) = value else { return must("an object") };
                for (name, schema) in schemas.iter() {
                    if keyword == "patternProperties" {
                        self.pattern(name, place)?;
                    }
                    self.schema(schema, &format!("{place}/{name}"), depth)?;
                }
                Ok(())
            }
            "additionalProperties" | "additionalItems" if value.is_boolean() => Ok(()),
            "additionalProperties" | "additionalItems" | "not" => self.schema(value, place, depth),
            "items" if value.is_object() => self.schema(value, place, depth),
            "items" | "allOf" | "anyOf" | "oneOf" => {
                let Value::Array(schemas) = value else { return must("an array of schemas") };
                if schemas.is_empty() && keyword != "items" {
                    return must("an array of at least one schema");
                }
                let mut places = schemas.iter().enumerate();
                places.try_for_each(|(index, schema)| self.schema(schema, &format!("{place}/{index}"), depth))
            }
            "required" => match value {
                Value::Array(names) if !names.is_empty() && names.iter().all(Value::is_string) => Ok(()),
                _ => must("an array of at least one text"),
            },
            "enum" => match value {
                Value::Array(values) if !values.is_empty() => Ok(()),
                _ => must("an array of at least one value"),
            },
            "pattern" => match value.as_str() {
                Some(pattern) => self.pattern(pattern, place),
                None => must("a text"),
            },
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
                if value.as_i64().is_some_and(|number| number >= 0) {
                    Ok(())
                } else {
                    must("a whole number from 0")
                }
            }
            "minimum" | "maximum" => {
                if value.is_number() {
                    Ok(())
                } else {
                    must("a number")
                }
            }
            "multipleOf" => {
                if value.as_f64().is_some_and(|number| number > 0.0) {
                    Ok(())
                } else {
                    must("a number above 0")
                }
            }
            "exclusiveMinimum" | "exclusiveMaximum" | "uniqueItems" => {
                if value.is_boolean() {
                    Ok(())
                } else {
                    must("true or false, as in draft 4")
                }
            }
            "dependencies" => {
                let Value::Object(dependencies) = value else { return must("an object") };
                for (name, dependency) in dependencies.iter() {
                    let is_list =
                        dependency.as_array().is_some_and(|names| names.iter().all(Value::is_string));
                    if !is_list {
                        self.schema(dependency, &format!("{place}/{name}"), depth)?;
                    }
                }
                Ok(())
            }
            // Titles, formats, defaults, and whatever else means nothing to a validator.
            _ => Ok(()),
        }
    }

    fn reference(&self, value: &Value, place: &str) -> Result<(), String> {
        let reference = value.as_str().unwrap_or_default();
        if model_name(reference).is_some() {
            return Ok(());
        }
        if !reference.starts_with('#') {
            return Err(format!(
                "{place} must begin with # or be {MODELS}API_ID/models/NAME, since nothing else is fetched: {reference}"
            ));
        }
        match resolve(self.root, reference) {
            Some(Value::Object(_)) => Ok(()),
            _ => Err(format!("{place} leads to no schema: {reference}")),
        }
    }

    fn pattern(&mut self, pattern: &str, place: &str) -> Result<(), String> {
        // What a pattern of a model may compile to.
        const BYTES_MAX: usize = 1 << 20;
        let compiled = regex::RegexBuilder::new(pattern).size_limit(BYTES_MAX).build();
        let compiled = compiled.map_err(|_| {
            format!("{place} is no regular expression that is supported (without look-around and back-references): {pattern}")
        })?;
        self.patterns.insert(pattern.to_owned(), compiled);
        Ok(())
    }
}
