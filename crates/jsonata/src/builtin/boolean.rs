//! `$boolean`, `$not`, `$exists`, `$type`, `$error`, `$assert`.

use super::{item, text};
use crate::error::{Failure, Result};
use crate::evaluate::{Evaluator, truth};
use crate::item::{Item, Type};

pub(super) fn boolean<'a>(_: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let value = &arguments[0];
    Ok(if value.is_nothing() { Item::Nothing } else { Item::boolean(truth(value)) })
}

pub(super) fn not<'a>(_: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let value = &arguments[0];
    Ok(if value.is_nothing() { Item::Nothing } else { Item::boolean(!truth(value)) })
}

pub(super) fn exists<'a>(_: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    Ok(Item::boolean(!arguments[0].is_nothing()))
}

pub(super) fn type_name<'a>(_: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let name = match arguments[0].type_of() {
        Type::Nothing => return Ok(Item::Nothing),
        Type::Null => "null",
        Type::Boolean => "boolean",
        Type::Number => "number",
        Type::String => "string",
        Type::Array => "array",
        Type::Object => "object",
        Type::Function => "function",
    };
    Ok(Item::text(name))
}

pub(super) fn error<'a>(_: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let message = text(arguments, 0).filter(|message| !message.is_empty());
    Err(Failure::new("D3137").message(message.map_or("$error() function evaluated", |message| message)))
}

pub(super) fn assert<'a>(_: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    if truth(&item(arguments, 0)) {
        return Ok(Item::Nothing);
    }
    let message = text(arguments, 1).filter(|message| !message.is_empty());
    Err(Failure::new("D3141").message(message.map_or("$assert() statement failed", |message| message)))
}
