//! What few services ask for beyond their protocol. All SDKs of AWS do these things.
//!
//! Never here: what a model says.

use aws_models::Operation;
use json::{Object, Value};

use crate::request::Request;

/// The input with what a service wants in it without being told: Glacier's account, where `-` is the
/// caller's own.
pub(crate) fn input(operation: Operation<'_>, input: &Value) -> Value {
    let wants_account = operation.service().name() == "glacier"
        && operation.input().is_some_and(|shape| shape.member("accountId").is_some());
    match input {
        Value::Object(object) if wants_account && !object.contains_key("AccountId") => {
            let mut object: Object = object.clone();
            object.insert("AccountId", "-");
            Value::Object(object)
        }
        input => input.clone(),
    }
}

/// Headers that no member stands for.
pub(crate) fn headers(operation: Operation<'_>, request: &mut Request) {
    let service = operation.service();
    match service.name() {
        "glacier" => request.set_header("x-amz-glacier-version", service.api_version()),
        // Its answers are HAL otherwise.
        "apigateway" if request.header("Accept").is_none() => request.set_header("Accept", "application/json"),
        _ => {}
    }
}
