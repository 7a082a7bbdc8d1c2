//! `States.Format(template, a, …)`: the template with each `{}` replaced by the next argument.

use std::borrow::Cow;

use json::Value;

use super::arguments;
use crate::java;

/// A template cut at its holes: n + 1 texts around n holes.
#[derive(Debug)]
pub(super) struct Template(Vec<String>);

/// 64 times what fits into a payload of 256 KiB, in bytes.
pub(super) const LENGTH_MAX: usize = 1 << 24;

impl Template {
    /// A backslash makes the next character literal; a brace that is no hole stands for itself.
    pub(super) fn parse(raw: &str) -> Template {
        let mut texts = vec![];
        let mut text = String::new();
        let mut rest = raw.chars().peekable();
        while let Some(character) = rest.next() {
            match character {
                '\\' => text.push(rest.next().unwrap_or('\\')),
                '{' if rest.next_if_eq(&'}').is_some() => texts.push(std::mem::take(&mut text)),
                _ => text.push(character),
            }
        }
        texts.push(text);
        Template(texts)
    }

    /// Whether there are as many holes as values.
    pub(super) fn check(&self, values: usize) -> Result<(), String> {
        let holes = self.0.len() - 1;
        if holes == values {
            return Ok(());
        }
        Err(format!(
            "The template has {holes} occurrences of {{}}, but there are {values} arguments for them"
        ))
    }
}

/// The template as data.
pub(super) fn format(template: &Value, values: &[Cow<'_, Value>]) -> Result<Value, String> {
    let template = Template::parse(arguments::text(template, "template")?);
    template.check(values.len())?;
    fill(&template, values)
}

/// The template with its holes filled; [`Template::check`] has counted them.
pub(super) fn fill(template: &Template, values: &[Cow<'_, Value>]) -> Result<Value, String> {
    let mut out = template.0[0].clone();
    for (value, text) in values.iter().zip(&template.0[1..]) {
        arguments::check_depth(value, "argument")?;
        java::append_text(value, &mut out, LENGTH_MAX);
        out.push_str(text);
        if out.len() > LENGTH_MAX {
            return Err("The text is too long".into());
        }
    }
    Ok(Value::from(out))
}
