//! The 18 intrinsic functions, `States.Name(…)`: compiled calls here, each function in its own file.
//!
//! Never here: where random bits come from. (spec/asl.md §12)

mod arguments;
mod array;
mod array_contains;
mod array_get_item;
mod array_length;
mod array_partition;
mod array_range;
mod array_unique;
mod base64;
mod base64_decode;
mod base64_encode;
mod cost;
mod format;
mod hash;
mod json_merge;
mod json_to_string;
mod math_add;
mod math_random;
mod parse;
mod string_split;
mod string_to_json;
mod uuid;

use std::borrow::Cow;

use json::{Text, Value};

use crate::environment::Environment;
use crate::expense::Purse;
use crate::failure::Failure;
use crate::path::{Path, SyntaxError};
use crate::template::path_failure;

/// A compiled call.
#[derive(Debug)]
pub struct Call {
    text: Text,
    function: Function,
    arguments: Vec<Argument>,
}

/// One argument of a call.
#[derive(Debug)]
enum Argument {
    Literal(Value),
    Path(Path),
    Call(Call),
    /// The literal template of `States.Format`, cut at its holes.
    Template(format::Template),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Array,
    ArrayContains,
    ArrayGetItem,
    ArrayLength,
    ArrayPartition,
    ArrayRange,
    ArrayUnique,
    Base64Decode,
    Base64Encode,
    Format,
    Hash,
    JsonMerge,
    JsonToString,
    MathAdd,
    MathRandom,
    StringSplit,
    StringToJson,
    Uuid,
}

impl Call {
    /// Compiles `States.Name(…)`; name, number of arguments and nesting are checked.
    pub fn parse(text: &str) -> Result<Call, SyntaxError> {
        parse::call(text)
    }

    /// The call as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names of the variables that it reads, in order of appearance, each once.
    pub fn variables(&self) -> Vec<Text> {
        let mut names = Vec::new();
        for argument in &self.arguments {
            let read = match argument {
                Argument::Path(path) => path.variables(),
                Argument::Call(call) => call.variables(),
                Argument::Literal(_) | Argument::Template(_) => Vec::new(),
            };
            for name in read {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }

    /// The function's value. `field` is the name of the field for AWS's error texts. A path that finds
    /// nothing fails with `States.Runtime`, a function that cannot work with `States.IntrinsicFailure`.
    pub fn evaluate(&self, field: &str, environment: &Environment<'_>) -> Result<Value, Failure> {
        let purse = Purse::of(environment);
        let bytes_left = purse.bytes_left();
        let mut template = None;
        let mut values = Vec::with_capacity(self.arguments.len());
        for argument in &self.arguments {
            values.push(match argument {
                Argument::Literal(value) => Cow::Borrowed(value),
                Argument::Path(path) => {
                    path.find(environment).map_err(|error| path_failure(path, &error, field, environment))?
                }
                Argument::Call(call) => Cow::Owned(call.evaluate(field, environment)?),
                Argument::Template(pieces) => {
                    template = Some(pieces);
                    continue;
                }
            });
        }
        let result =
            self.function.pay_before(&values, purse).and_then(|()| match (self.function, template) {
                (Function::Format, Some(template)) => format::fill(template, &values),
                (function, _) => function.evaluate(&values, environment),
            });
        self.function.pay_after(&values, result, bytes_left, purse).map_err(|problem| {
            Failure::new(
                aws_names::error::INTRINSIC_FAILURE,
                format!("The function '{}' had the following error: {problem}", self.text),
            )
        })
    }
}

impl Function {
    /// Its name behind `States.`, and the least and the greatest number of arguments.
    const TABLE: [(&'static str, Function, usize, usize); 18] = [
        ("Array", Function::Array, 0, usize::MAX),
        ("ArrayContains", Function::ArrayContains, 2, 2),
        ("ArrayGetItem", Function::ArrayGetItem, 2, 2),
        ("ArrayLength", Function::ArrayLength, 1, 1),
        ("ArrayPartition", Function::ArrayPartition, 2, 2),
        ("ArrayRange", Function::ArrayRange, 3, 3),
        ("ArrayUnique", Function::ArrayUnique, 1, 1),
        ("Base64Decode", Function::Base64Decode, 1, 1),
        ("Base64Encode", Function::Base64Encode, 1, 1),
        ("Format", Function::Format, 1, usize::MAX),
        ("Hash", Function::Hash, 2, 2),
        ("JsonMerge", Function::JsonMerge, 3, 3),
        ("JsonToString", Function::JsonToString, 1, 1),
        ("MathAdd", Function::MathAdd, 2, 2),
        ("MathRandom", Function::MathRandom, 2, 3),
        ("StringSplit", Function::StringSplit, 2, 2),
        ("StringToJson", Function::StringToJson, 1, 1),
        ("UUID", Function::Uuid, 0, 0),
    ];

    /// `arguments` are as many as the table says. `Err`: what is wrong, as a sentence.
    fn evaluate(self, arguments: &[Cow<'_, Value>], environment: &Environment<'_>) -> Result<Value, String> {
        match self {
            Function::Array => Ok(array::array(arguments)),
            Function::ArrayContains => array_contains::array_contains(&arguments[0], &arguments[1]),
            Function::ArrayGetItem => array_get_item::array_get_item(&arguments[0], &arguments[1]),
            Function::ArrayLength => array_length::array_length(&arguments[0]),
            Function::ArrayPartition => array_partition::array_partition(&arguments[0], &arguments[1]),
            Function::ArrayRange => array_range::array_range(&arguments[0], &arguments[1], &arguments[2]),
            Function::ArrayUnique => array_unique::array_unique(&arguments[0], Purse::of(environment)),
            Function::Base64Decode => base64_decode::base64_decode(&arguments[0]),
            Function::Base64Encode => base64_encode::base64_encode(&arguments[0]),
            Function::Format => format::format(&arguments[0], &arguments[1..]),
            Function::Hash => hash::hash(&arguments[0], &arguments[1]),
            Function::JsonMerge => json_merge::json_merge(&arguments[0], &arguments[1], &arguments[2]),
            Function::JsonToString => json_to_string::json_to_string(&arguments[0]),
            Function::MathAdd => math_add::math_add(&arguments[0], &arguments[1]),
            Function::MathRandom => {
                let seed = arguments.get(2).map(|seed| seed.as_ref());
                math_random::math_random(&arguments[0], &arguments[1], seed, environment.surroundings)
            }
            Function::StringSplit => string_split::string_split(&arguments[0], &arguments[1]),
            Function::StringToJson => string_to_json::string_to_json(&arguments[0]),
            Function::Uuid => Ok(uuid::uuid(environment.surroundings)),
        }
    }
}

#[cfg(test)]
mod tests;
