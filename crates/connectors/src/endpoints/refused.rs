//! Calls that cannot be made as they are: what they need is not supported, and guessing would call the wrong
//! place.

use asl::Failure;
use aws_models::Operation;
use json::Value;

use crate::signing;

/// Wherever the call goes.
pub(super) fn check(operation: Operation<'_>, arguments: &Value) -> Result<(), Failure> {
    signing::check(operation)?;
    let bucket = text(arguments, "Bucket").filter(|_| operation.service().name() == "s3");
    match bucket {
        Some(bucket) if bucket.starts_with("arn:") => Err(refused(
            operation,
            &format!("Bucket is {bucket}: access points are not supported, only buckets by name"),
        )),
        _ => Ok(()),
    }
}

/// Only if the call goes to AWS, where the place decides how it is made.
pub(super) fn check_on_aws(operation: Operation<'_>, arguments: &Value) -> Result<(), Failure> {
    let reason = match operation.service().name() {
        "s3" => text(arguments, "Bucket")
            .filter(|bucket| bucket.ends_with("--x-s3"))
            .map(|bucket| format!("{bucket} is a directory bucket, which needs credentials of its own kind")),
        "events" | "sesv2" => text(arguments, "EndpointId")
            .map(|_| "EndpointId names a global endpoint, which needs Signature Version 4A".to_owned()),
        _ => None,
    };
    reason.map_or(Ok(()), |reason| Err(refused(operation, &reason)))
}

fn text<'v>(arguments: &'v Value, name: &str) -> Option<&'v str> {
    arguments.get(name)?.as_str()
}

fn refused(operation: Operation<'_>, reason: &str) -> Failure {
    let (service, operation) = (operation.service().name(), operation.name());
    Failure::runtime(format!("{service} {operation} cannot be called: {reason}."))
}
