//! Calls that have no output, as AppSync's users see them: `DynamoDB:ConditionalCheckFailedException`.
//!
//! Never here: which member of the error is the data.

use crate::outside::Trouble;

use super::SourceError;

/// A service, as errors name it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    /// As botocore names it: `dynamodb`.
    pub service: &'static str,
    /// In front of the error's type: `DynamoDB`.
    pub prefix: &'static str,
}

impl Named {
    /// The error that a call's trouble is.
    pub fn error(self, trouble: &Trouble) -> SourceError {
        let model = aws_models::service(self.service);
        let client = model.map_or(self.prefix, |model| model.client_name());
        if trouble.code.is_empty() {
            let error_type = format!("{}:SdkClientException", self.prefix).into();
            return SourceError { message: trouble.message.clone(), error_type, ..SourceError::default() };
        }
        let Trouble { message, status, request_id, .. } = trouble;
        let exception = self.exception(&trouble.code);
        SourceError {
            message: format!(
                "{message} (Service: {client}, Status Code: {status}, Request ID: {request_id})"
            ),
            error_type: format!("{}:{exception}", self.prefix).into(),
            ..SourceError::default()
        }
    }

    /// The class that the SDK for Java has for a code; one that the model does not name has the service's own.
    fn exception(self, code: &str) -> String {
        let Some(model) = aws_models::service(self.service) else { return code.to_owned() };
        let mut errors = model.operations().flat_map(aws_models::Operation::errors);
        match errors.find(|error| error.error_code() == code || error.name() == code) {
            Some(error) if error.name().ends_with("Exception") => error.name().to_owned(),
            Some(error) => format!("{}Exception", error.name()),
            None => format!("{}Exception", model.client_name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_the_names_of_the_sdk_for_java() {
        let named = Named { service: "dynamodb", prefix: "DynamoDB" };
        let error = |code: &str| {
            named.error(&Trouble {
                code: code.into(),
                status: 400,
                message: "No.".to_owned(),
                members: json::Value::Null,
                request_id: "R".into(),
            })
        };
        assert_eq!(error("ValidationException").error_type, "DynamoDB:DynamoDbException");
        assert_eq!(error("RequestLimitExceeded").error_type, "DynamoDB:RequestLimitExceededException");
        let failed = error("ConditionalCheckFailedException");
        assert_eq!(failed.error_type, "DynamoDB:ConditionalCheckFailedException");
        assert_eq!(failed.message, "No. (Service: DynamoDb, Status Code: 400, Request ID: R)");
        let unreachable = named.error(&Trouble::unreachable("Nobody is there."));
        assert_eq!(unreachable.error_type, "DynamoDB:SdkClientException");
        assert_eq!(unreachable.message, "Nobody is there.");
    }
}
