use super::*;

/// What became of a `Resource`, as `kind type name`.
fn told(text: &str) -> String {
    match Resource::parse(text) {
        Ok(resource) => format!("{} {}", resource.resource_type(), resource.resource_name()),
        Err(ResourceError::Malformed) => "malformed".into(),
        Err(ResourceError::Unrecognized { .. }) => "unrecognized".into(),
    }
}

#[test]
fn integrations_are_told_by_service_action_and_pattern() {
    for (resource, expected) in [
        ("lambda:invoke", "lambda invoke"),
        ("lambda:invoke.waitForTaskToken", "lambda invoke.waitForTaskToken"),
        ("lambda:invoke.sync", "unrecognized"),
        ("states:startExecution.sync", "states startExecution.sync"),
        ("states:startExecution.sync:2", "states startExecution.sync:2"),
        ("ecs:runTask.sync:2", "unrecognized"),
        ("sqs:sendMessage.waitForTaskToken", "sqs sendMessage.waitForTaskToken"),
        ("sqs:sendMessage.later", "unrecognized"),
        ("dynamodb:query", "unrecognized"),
        ("emr-serverless:startJobRun.sync", "emr-serverless startJobRun.sync"),
        ("http:invoke", "http invoke"),
        ("s3:getObject", "unrecognized"),
        ("aws-sdk:dynamodb:query", "aws-sdk:dynamodb query"),
        ("aws-sdk:sfn:startExecution.waitForTaskToken", "aws-sdk:sfn startExecution.waitForTaskToken"),
        ("aws-sdk:sfn:startExecution.sync", "unrecognized"),
        ("aws-sdk:sfn:StartExecution", "unrecognized"),
        ("aws-sdk::query", "unrecognized"),
        ("aws-sdk:cloudwatchlogs:putLogEvents", "aws-sdk:cloudwatchlogs putLogEvents"),
        // The CLI's name of a service is not that of the SDK for Java.
        ("aws-sdk:logs:putLogEvents", "unrecognized"),
        ("aws-sdk:dynamodb:queries", "unrecognized"),
        ("aws-sdk:nimbus:query", "unrecognized"),
        ("aws-sdk:kinesis:subscribeToShard", "unrecognized"),
        ("aws-sdk:lambda:invokeWithResponseStream", "unrecognized"),
        ("aws-sdk:sts:getCallerIdentity", "aws-sdk:sts getCallerIdentity"),
        ("aws-sdk:sts:assumeRole", "unrecognized"),
        ("stateMachine:Orders", "unrecognized"),
        ("invoke", "unrecognized"),
    ] {
        assert_eq!(told(&format!("arn:aws:states:::{resource}")), expected, "{resource}");
    }
}

#[test]
fn functions_and_activities_are_told_by_their_arns() {
    for (text, expected) in [
        ("arn:aws:lambda:us-east-1:123456789012:function:f", "lambda"),
        ("arn:aws-cn:lambda:cn-north-1:123456789012:function:f:prod", "lambda"),
        ("arn:aws:states:us-east-1:123456789012:activity:a", "activity"),
    ] {
        assert_eq!(told(text), format!("{expected} {text}"));
    }
    for (text, expected) in [
        ("arn:aws:lambda:us-east-1:123456789012:function:", "unrecognized"),
        ("arn:aws:lambda:us-east-1:123456789012:layer:f", "unrecognized"),
        ("arn:aws:lambda:us-east-1:123456789012:function:f:1:2", "unrecognized"),
        ("arn:aws:lambda:::function:f", "unrecognized"),
        ("arn:aws:states:::activity:a", "unrecognized"),
        ("arn:aws:sqs:us-east-1:123456789012:queue", "unrecognized"),
        ("arn:aws:lambda", "malformed"),
        ("myFunction", "malformed"),
        ("", "malformed"),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn the_texts_are_those_of_aws() {
    let error = Resource::parse("arn:aws:states:::dynamodb:query").unwrap_err();
    assert_eq!(
        error.to_string(),
        "The resource provided arn:aws:states:::dynamodb:query is not recognized. The value is not a valid \
         resource ARN, or the resource is not available in this region."
    );
    assert_eq!(Resource::parse("f").unwrap_err().to_string(), "Value is not a valid resource ARN");
}
