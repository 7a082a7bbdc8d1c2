//! Environment variables: what handlers see as `ctx.env`.

use json::{Object, Value, value};
use services::{Fault, Members};

use super::{Work, apis};
use crate::record;

pub(super) fn get(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    apis::of(input, work.draft)?;
    let kept = work.draft.get(&record::environment(input.text_or_empty("apiId")));
    let variables = kept.and_then(Value::as_object).cloned().unwrap_or_default();
    Ok(value!({"environmentVariables": variables}))
}

/// All at once: what is not there any more is gone.
pub(super) fn put(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    apis::of(input, work.draft)?;
    let variables: Object = input.part("environmentVariables").clone();
    check_names(&variables)?;
    work.draft.put(record::environment(input.text_or_empty("apiId")), variables.clone());
    Ok(value!({"environmentVariables": variables}))
}

/// The model's pattern for keys, which the check by the model leaves to us.
fn check_names(variables: &Object) -> Result<(), Fault> {
    let is_good = |name: &str| {
        (2..=64).contains(&name.len())
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    match variables.keys().find(|name| !is_good(name)) {
        None => Ok(()),
        Some(name) => Err(super::fault::bad(format!(
            "Invalid environment variable name {name}: it must match ^[A-Za-z]+\\w*$ and have 2 to 64 characters"
        ))),
    }
}
