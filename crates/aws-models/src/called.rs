//! Which operation an integration of Step Functions calls.
//!
//! Never here: whether Step Functions has the integration (`asl` knows), or how its result differs from
//! what the operation answers.

use crate::{Operation, sdk_service, service};

/// The operation behind service and action of a Resource `arn:aws:states:::SERVICE:ACTION`, where the
/// service is `aws-sdk:dynamodb`, `sqs`, `states`, … None if there is no such operation, or if the
/// integration is more than one operation with its own input and output.
pub fn called(resource_service: &str, action: &str) -> Option<Operation<'static>> {
    if let Some(sdk_name) = resource_service.strip_prefix("aws-sdk:") {
        return sdk_service(sdk_name)?.operation(action);
    }
    let name = match (resource_service, action) {
        ("states", _) => "stepfunctions",
        ("bedrock", "invokeModel") => "bedrock-runtime",
        // EMR's actions have names, inputs and outputs of their own; API Gateway's, HTTP's and these of
        // EKS call what is no operation of the service.
        ("elasticmapreduce" | "apigateway" | "http", _) | ("eks", "call" | "runJob") => return None,
        (name, _) => name,
    };
    service(name)?.operation(action)
}
