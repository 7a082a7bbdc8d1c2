//! What SNS refuses, in its words. Codes are the names of the model's shapes; the protocol's writer says `InvalidParameter`
//! for `InvalidParameterException`.

use crate::Fault;

/// `Invalid parameter: ` and the reason.
pub(super) fn invalid(reason: impl AsRef<str>) -> Fault {
    Fault::new("InvalidParameterException", format!("Invalid parameter: {}", reason.as_ref()))
}

/// The value of a message attribute is not what its type says.
pub(super) fn invalid_value(message: String) -> Fault {
    Fault::new("InvalidParameterValueException", message)
}

pub(super) fn no_topic() -> Fault {
    not_found("Topic does not exist")
}

pub(super) fn no_subscription() -> Fault {
    not_found("Subscription does not exist")
}

/// Of the actions about tags, which have an error of their own.
pub(super) fn no_resource() -> Fault {
    Fault::new("ResourceNotFoundException", "Resource does not exist").with_status(404)
}

fn not_found(message: &str) -> Fault {
    Fault::new("NotFoundException", message).with_status(404)
}

/// There may be no more of them.
pub(super) fn limit(code: &str, message: String) -> Fault {
    Fault::new(code, message).with_status(403)
}
