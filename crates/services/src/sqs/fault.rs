//! SQS's errors, in its words.

use crate::Fault;

pub(crate) fn queue_does_not_exist() -> Fault {
    Fault::new("QueueDoesNotExist", "The specified queue does not exist.")
}

pub(crate) fn missing_parameter(name: &str) -> Fault {
    Fault::new("MissingParameter", format!("The request must contain the parameter {name}."))
}

pub(crate) fn invalid_parameter(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValue", message)
}

/// `Value 11 for parameter MaxNumberOfMessages is invalid. Reason: …`
pub(crate) fn invalid_value(value: &str, parameter: &str, reason: &str) -> Fault {
    invalid_parameter(format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"))
}

pub(crate) fn receipt_handle_is_invalid(handle: &str) -> Fault {
    let message = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
    Fault::new("ReceiptHandleIsInvalid", message)
}
