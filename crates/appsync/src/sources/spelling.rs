//! Names of members: as calls of services spell them, with a capital first, and as AppSync's users do, who have the model's
//! own.
//!
//! Never here: services that have no model.

use aws_models::{Kind, Shape};
use json::{Object, Value};

/// The input of an operation, as calls spell it. What the model does not know stays, and is refused with its name.
pub(super) fn for_the_call(input: &Value, shape: Shape<'_>) -> Value {
    renamed(input, shape, &|known| (known.name().to_owned(), known.field_name()))
}

/// The output of an operation, as the model spells it.
pub(super) fn as_the_model(output: &Value, shape: Shape<'_>) -> Value {
    renamed(output, shape, &|known| (known.field_name(), known.name().to_owned()))
}

/// The recursion follows the value, whose depth its parser bounds.
fn renamed(
    value: &Value,
    shape: Shape<'_>,
    names: &dyn Fn(aws_models::Member<'_>) -> (String, String),
) -> Value {
    if shape.is_document() {
        return value.clone();
    }
    match (shape.kind(), value) {
        (Kind::Structure, Value::Object(members)) => {
            let mut out = Object::with_capacity(members.len());
            for (name, value) in members.iter() {
                let known = shape.members().map(|known| (names(known), known));
                match known.into_iter().find(|((from, _), _)| from == name.as_str()) {
                    Some(((_, to), known)) => out.insert(to, renamed(value, known.shape(), names)),
                    None => out.insert(name.clone(), value.clone()),
                };
            }
            out.into()
        }
        (Kind::List, Value::Array(items)) => match shape.element() {
            Some(element) => items.iter().map(|item| renamed(item, element.shape(), names)).collect(),
            None => value.clone(),
        },
        (Kind::Map, Value::Object(entries)) => match shape.value() {
            Some(member) => {
                let entry = |(key, value): (&json::Text, &Value)| {
                    (key.clone(), renamed(value, member.shape(), names))
                };
                entries.iter().map(entry).collect::<Object>().into()
            }
            None => value.clone(),
        },
        _ => value.clone(),
    }
}

/// The shapes of an operation: what goes in, what comes out.
pub(super) fn shapes(service: &str, operation: &str) -> Option<(Shape<'static>, Shape<'static>)> {
    let operation = aws_models::service(service)?.operation_named(operation)?;
    Some((operation.input()?, operation.output()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_and_what_users_name_does_not() {
        let (input, _) = shapes("bedrock-runtime", "Converse").unwrap();
        let given = json::value!({
            "modelId": "m",
            "messages": [{"role": "user", "content": [{"toolUse": {"toolUseId": "t", "name": "n", "input": {"a": 1}}}]}],
            "promptVariables": {"place": {"text": "x"}},
        });
        let call = for_the_call(&given, input);
        let expected = r#"{"ModelId":"m","Messages":[{"Role":"user","Content":[{"ToolUse":{"ToolUseId":"t","Name":"n","Input":{"a":1}}}]}],"PromptVariables":{"place":{"Text":"x"}}}"#;
        assert_eq!(call.to_text(), expected);
        assert_eq!(as_the_model(&call, input), given);
    }
}
