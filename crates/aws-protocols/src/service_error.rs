//! Errors that services answer with, and what a state machine calls them.
//!
//! `S3.NoSuchKeyException`: the name of the client in the SDK for Java, then that of the exception's class
//! there. A code without a class is `S3.S3Exception`. Never here: failures of the connection.

use aws_models::{Kind, Operation, Protocol, Shape};
use json::{Object, Value};

use crate::argument::Blobs;
use crate::json_result;
use crate::response::Response;
use crate::special;
use crate::xml::Element;

/// An error of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceError {
    /// The class in the SDK for Java: `NoSuchKeyException`. None if the model does not name the error.
    pub exception: Option<String>,
    /// The model's name of it: `NoSuchKey`.
    pub shape: Option<String>,
    /// The code on the wire: `NoSuchKey`.
    pub code: String,
    /// Empty if there is none.
    pub message: String,
    /// The response's status.
    pub status: u16,
    /// The service's number for the call; empty if there is none.
    pub request_id: String,
    /// S3's second one.
    pub extended_request_id: Option<String>,
    /// What else it tells, as the model has it and the body of a JSON protocol says it: `CancellationReasons`. Blobs are in
    /// Base64.
    pub members: Object,
    /// What the client in the SDK for Java is called, less `Client`: `S3`.
    service: String,
}

impl ServiceError {
    /// What Retry and Catch of an SDK integration match: `S3.NoSuchKeyException`.
    pub fn name(&self) -> String {
        let service = &self.service;
        match &self.exception {
            Some(exception) => format!("{service}.{exception}"),
            None => format!("{service}.{service}Exception"),
        }
    }

    /// The cause in the history of an SDK integration, as AWS words it.
    pub fn cause(&self) -> String {
        let ServiceError { message, service, status, request_id, .. } = self;
        let extended = self.extended_request_id.as_ref();
        let extended = extended.map(|id| format!(", Extended Request ID: {id}")).unwrap_or_default();
        format!("{message} (Service: {service}, Status Code: {status}, Request ID: {request_id}{extended})")
    }
}

/// Whether a response that says that all went well holds an error: S3 answers slow operations before it
/// knows how they end.
pub(crate) fn is_hidden(operation: Operation<'_>, response: Response<'_>) -> bool {
    let payload = operation.output().and_then(Shape::payload).map(|payload| payload.shape().kind());
    operation.service().protocol() == Protocol::RestXml
        // What somebody stored may look like anything.
        && !matches!(payload, Some(Kind::Blob | Kind::String))
        && response.body.windows(6).take(128).any(|start| start == b"<Error")
        && response.xml().is_some_and(|root| root.name == "Error")
}

/// Reads an error. There always is one: without a code, the status is the code.
pub(crate) fn read(operation: Operation<'_>, response: Response<'_>) -> ServiceError {
    let read = match operation.service().protocol() {
        Protocol::Json | Protocol::RestJson | Protocol::Cbor => json_error(response),
        Protocol::RestXml | Protocol::Query | Protocol::Ec2 => xml_error(response),
    };
    let headers = ["x-amzn-requestid", "x-amz-request-id"];
    let request_id = headers.iter().find_map(|name| response.header(name).map(str::to_owned));
    let code = read.code.filter(|code| !code.is_empty());
    let code = code.or_else(|| special::code(operation, response.status).map(str::to_owned));
    let code = code.unwrap_or_else(|| response.status.to_string());
    let service = operation.service().client_name();
    let known = shape(operation, &code);
    let shape = known.map(|shape| shape.name().to_owned());
    ServiceError {
        exception: shape.as_deref().map(class_name),
        shape,
        code: queried_code(operation, response).unwrap_or(code),
        message: read.message,
        status: response.status,
        request_id: request_id.or(read.request_id).unwrap_or_default(),
        extended_request_id: response.header("x-amz-id-2").map(str::to_owned).or(read.extended_request_id),
        members: known.map(|shape| members(&read.body, shape)).unwrap_or_default(),
        service: service.to_owned(),
    }
}

/// What an error tells beside its message. One that is not what the model says tells nothing.
fn members(body: &Value, shape: Shape<'_>) -> Object {
    let members = body.as_object().and_then(|body| json_result::structure(body, shape, Blobs::Base64));
    let mut members = members.unwrap_or_default();
    members.remove("Message");
    members
}

#[derive(Default)]
struct Read {
    code: Option<String>,
    message: String,
    request_id: Option<String>,
    extended_request_id: Option<String>,
    /// Null where it is XML.
    body: Value,
}

fn json_error(response: Response<'_>) -> Read {
    let body = response.json().unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let code = response.header("x-amzn-errortype").or_else(|| text("__type"));
    let code = code.or_else(|| text("code")).or_else(|| text("Code"));
    let message = text("message").or_else(|| text("Message")).or_else(|| text("errorMessage"));
    let (code, message) = (code.map(short), message.unwrap_or_default().to_owned());
    Read { code, message, body, ..Read::default() }
}

/// `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException:http://…` without what surrounds it.
fn short(code: &str) -> String {
    let code = code.split_once(':').map_or(code, |(code, _)| code);
    code.rsplit_once('#').map_or(code, |(_, code)| code).to_owned()
}

/// `<ErrorResponse><Error>…`, `<Response><Errors><Error>…`, or S3's `<Error>` alone.
fn xml_error(response: Response<'_>) -> Read {
    let Some(root) = response.xml() else { return Read::default() };
    let inner = root.child("Errors").unwrap_or(&root).child("Error");
    let error: &Element = inner.unwrap_or(&root);
    let text = |element: &Element, name: &str| element.child_text(name).map(str::to_owned);
    let request_id = ["RequestId", "RequestID"].iter().find_map(|name| text(&root, name));
    Read {
        code: text(error, "Code"),
        message: text(error, "Message").or_else(|| text(error, "message")).unwrap_or_default(),
        request_id,
        extended_request_id: text(&root, "HostId"),
        body: Value::Null,
    }
}

/// The code that a service told in its older protocol, and still tells for those who match on it.
fn queried_code(operation: Operation<'_>, response: Response<'_>) -> Option<String> {
    let told = response.header("x-amzn-query-error").filter(|_| operation.service().is_query_compatible())?;
    Some(told.split_once(';').map_or(told, |(code, _)| code).to_owned())
}

pub(crate) fn shape<'s>(operation: Operation<'s>, code: &str) -> Option<Shape<'s>> {
    let is_meant = |shape: &Shape<'_>| shape.error_code() == code || shape.name() == code;
    // The SDK for Java knows all errors of a service for each of its operations.
    let others = operation.service().operations().flat_map(Operation::errors);
    operation.errors().chain(others).find(is_meant)
}

/// What the SDK for Java makes of an error's name.
fn class_name(shape: &str) -> String {
    let base = shape.strip_suffix("Fault").map(|base| base.to_owned() + "Exception");
    let name = base.unwrap_or_else(|| match shape.strip_suffix("Exception") {
        Some(_) => shape.to_owned(),
        None => shape.to_owned() + "Exception",
    });
    pascal_case(&name)
}

/// Acronyms become words: `KMSInvalidStateException` → `KmsInvalidStateException`.
fn pascal_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let at = |place: usize| letters.get(place).copied().unwrap_or(' ');
    let begins_word = |place: usize| {
        let Some(before) = place.checked_sub(1).map(at) else { return true };
        let (letter, after) = (at(place), at(place + 1));
        let in_camel_case =
            before.is_ascii_lowercase() && letter.is_ascii_uppercase() && after.is_ascii_alphanumeric();
        let after_acronym =
            before.is_ascii_uppercase() && letter.is_ascii_uppercase() && after.is_ascii_lowercase();
        let after_number = before.is_ascii_digit() && letter.is_ascii_alphabetic();
        !before.is_ascii_alphanumeric() || in_camel_case || after_acronym || after_number
    };
    let cased = letters.iter().enumerate().map(|(place, letter)| {
        if begins_word(place) { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
    });
    cased.filter(char::is_ascii_alphanumeric).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_named_as_the_sdk_for_java_names_them() {
        for (shape, class) in [
            ("NoSuchKey", "NoSuchKeyException"),
            ("ResourceNotFoundException", "ResourceNotFoundException"),
            ("DBClusterNotFoundFault", "DbClusterNotFoundException"),
            ("KMSInvalidStateException", "KmsInvalidStateException"),
            ("EC2AccessDeniedException", "Ec2AccessDeniedException"),
            ("InvalidS3BucketNameFault", "InvalidS3BucketNameException"),
        ] {
            assert_eq!(class_name(shape), class);
        }
    }
}
