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
        "apigateway" if request.header("Accept").is_none() => {
            request.set_header("Accept", "application/json")
        }
        _ => {}
    }
}

/// The code of an error whose response has no body to tell it: S3's answers to HEAD. The SDK for Java knows
/// what is not there by the operation.
pub(crate) fn code(operation: Operation<'_>, status: u16) -> Option<&'static str> {
    match (operation.service().name(), operation.name(), status) {
        ("s3", "HeadObject", 404) => Some("NoSuchKey"),
        ("s3", "HeadBucket", 404) => Some("NoSuchBucket"),
        _ => None,
    }
}
