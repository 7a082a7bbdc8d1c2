//! What the Invoke API itself refuses, as Step Functions words it.

use asl::Failure;
use hyper::body::Bytes;

use super::Answer;
use crate::metadata::ResponseMetadata;

/// The API's exceptions that AWS's SDK has a class for. All others are called
/// `AWSLambdaException`. (the public service model)
const MODELLED: [&str; 31] = [
    "CodeArtifactUserDeletedException",
    "CodeArtifactUserFailedException",
    "CodeArtifactUserPendingException",
    "EC2AccessDeniedException",
    "EC2ThrottledException",
    "EC2UnexpectedException",
    "EFSIOException",
    "EFSMountConnectivityException",
    "EFSMountFailureException",
    "EFSMountTimeoutException",
    "ENILimitReachedException",
    "InvalidParameterValueException",
    "InvalidRequestContentException",
    "InvalidRuntimeException",
    "InvalidSecurityGroupIDException",
    "InvalidSubnetIDException",
    "InvalidZipFileException",
    "KMSAccessDeniedException",
    "KMSDisabledException",
    "KMSInvalidStateException",
    "KMSNotFoundException",
    "RecursiveInvocationException",
    "RequestTooLargeException",
    "ResourceConflictException",
    "ResourceNotFoundException",
    "ResourceNotReadyException",
    "ServiceException",
    "SnapStartException",
    "SubnetIPAddressLimitReachedException",
    "TooManyRequestsException",
    "UnsupportedMediaTypeException",
];

/// A refusal of the Invoke API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServiceError {
    status: u16,
    code: String,
    message: String,
    request_id: String,
}

impl ServiceError {
    pub(crate) fn new(status: u16, code: &str, message: String, request_id: String) -> ServiceError {
        ServiceError { status, code: code.to_owned(), message, request_id }
    }

    /// Whether it names an error of the API; a server that is no Lambda endpoint sends none.
    pub(crate) fn has_code(&self) -> bool {
        !self.code.is_empty()
    }

    /// There is no such function; `arn` with its qualifier.
    pub(crate) fn not_found(arn: &str, request_id: String) -> ServiceError {
        ServiceError::new(404, "ResourceNotFoundException", format!("Function not found: {arn}"), request_id)
    }

    /// As the API answers with it.
    pub(crate) fn into_answer(self) -> Answer {
        let ServiceError { status, code, message, request_id } = self;
        let body =
            json::value!({ "Type": (if status < 500 { "User" } else { "Service" }), "Message": message });
        let body = Bytes::from(body.to_text());
        let headers = [
            ("x-amzn-RequestId", request_id),
            ("x-amzn-ErrorType", code),
            ("Content-Length", body.len().to_string()),
            ("Content-Type", "application/json".to_owned()),
        ];
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Answer { metadata: ResponseMetadata { status, headers }, payload: body }
    }

    /// As the Task fails with it. (recorded)
    pub(crate) fn into_failure(self) -> Failure {
        let ServiceError { status, code, message, request_id } = self;
        let name = if MODELLED.contains(&code.as_str()) { &code } else { "AWSLambdaException" };
        Failure::new(
            format!("Lambda.{name}"),
            format!(
                "{message} (Service: AWSLambda; Status Code: {status}; Error Code: {code}; Request ID: {request_id}; \
                 Proxy: null)"
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_causes() {
        for (code, name) in [
            ("ResourceNotFoundException", "Lambda.ResourceNotFoundException"),
            ("TooManyRequestsException", "Lambda.TooManyRequestsException"),
            ("AccessDeniedException", "Lambda.AWSLambdaException"),
            ("", "Lambda.AWSLambdaException"),
        ] {
            let failure = ServiceError::new(404, code, "No.".to_owned(), "id".to_owned()).into_failure();
            assert_eq!(failure.name(), name);
            assert_eq!(
                failure.cause,
                Some(format!(
                    "No. (Service: AWSLambda; Status Code: 404; Error Code: {code}; Request ID: id; Proxy: null)"
                ))
            );
        }
        assert!(MODELLED.is_sorted());
    }
}
