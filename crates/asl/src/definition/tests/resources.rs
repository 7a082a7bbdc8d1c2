//! `Resource` and the parameters it takes. (spec/validation.md §7)

use super::{check_states, check_with, lone};
use crate::definition::Options;

fn task(resource: &str) -> String {
    format!(r#""Type":"Task","Resource":"{resource}""#)
}

#[test]
fn resources() {
    let unknown = |arn: &str| {
        format!(
            "SCHEMA: The resource provided {arn} is not recognized. The value is not a valid resource ARN, or the \
             resource is not available in this region. at /States/S/Resource"
        )
    };
    check_states(&[
        (&task("arn:aws:lambda:us-east-1:123456789012:function:f:1"), &[]),
        (&task("arn:aws:states:us-east-1:123456789012:activity:a"), &[]),
        (&task("arn:aws:states:::lambda:invoke.waitForTaskToken"), &[]),
        // Of any account, region and partition.
        (&task("arn:aws-cn:lambda:cn-north-1:999999999999:function:f:$LATEST"), &[]),
        (&task("arn:aws-us-gov:states:us-gov-west-1:123456789012:lambda:invoke"), &[]),
        (
            &task("arn:aws:lambda:us-east-1:123456789012:f"),
            &[&unknown("arn:aws:lambda:us-east-1:123456789012:f")],
        ),
        (&task("arn:aws:sqs:us-east-1:123456789012:q"), &[&unknown("arn:aws:sqs:us-east-1:123456789012:q")]),
        (
            &task("arn:aws:states:::lambda:invoke.sync:2"),
            &[&unknown("arn:aws:states:::lambda:invoke.sync:2")],
        ),
        // Recorded.
        (&task("arn:aws:states:::dynamodb:query"), &[&unknown("arn:aws:states:::dynamodb:query")]),
        (&task("arn:aws:states:::lambda:invoke.sync"), &[&unknown("arn:aws:states:::lambda:invoke.sync")]),
        (&task(""), &["SCHEMA: Value is not a valid resource ARN at /States/S/Resource"]),
        // SQS has sendMessage and sendMessageBatch.
        (
            &task("arn:aws:states:::aws-sdk:sqs:sendMessages"),
            &[&unknown("arn:aws:states:::aws-sdk:sqs:sendMessages")],
        ),
        // Reported from AWS's own local tool.
        (&task("createToken"), &["SCHEMA: Value is not a valid resource ARN at /States/S/Resource"]),
        (r#""Type":"Task","Resource":1"#, &["SCHEMA: Expected value of type String at /States/S/Resource"]),
    ]);
}

#[test]
fn express_machines_have_fewer() {
    let rows = [
        ("arn:aws:states:::lambda:invoke", ""),
        ("arn:aws:lambda:us-east-1:123456789012:function:f", ""),
        // Recorded, with the space at the end.
        (
            "arn:aws:states:::sns:publish.waitForTaskToken",
            "SCHEMA: Express state machine does not support '.waitForTaskToken' service integration  at \
             /States/S/Resource",
        ),
        (
            "arn:aws:states:::states:startExecution.sync",
            "SCHEMA: Express state machine does not support '.sync' service integration at /States/S/Resource",
        ),
        (
            "arn:aws:states:::states:startExecution.sync:2",
            "SCHEMA: Express state machine does not support '.sync' service integration at /States/S/Resource",
        ),
        (
            "arn:aws:states:::aws-sdk:sfn:startExecution.waitForTaskToken",
            "SCHEMA: Express state machine does not support '.waitForTaskToken' service integration  at \
             /States/S/Resource",
        ),
        (
            "arn:aws:states:us-east-1:123456789012:activity:a",
            "SCHEMA: Express state machine does not support Activity ARN at /States/S/Resource",
        ),
    ];
    for (resource, expected) in rows {
        let expected: Vec<&str> = std::iter::once(expected).filter(|text| !text.is_empty()).collect();
        check_with(Options { express: true }, &[(&lone(&task(resource)), &expected)]);
    }
}

#[test]
fn parameters_of_lambda_invoke() {
    let invoke =
        |parameters: &str| format!(r#"{},"Parameters":{parameters}"#, task("arn:aws:states:::lambda:invoke"));
    check_states(&[
        (&invoke(r#"{"FunctionName":"f","Payload.$":"$","InvocationType":"Event","LogType":"Tail"}"#), &[]),
        (&invoke(r#"{"FunctionName.$":"$.f","Qualifier":"1","ClientContext":"c"}"#), &[]),
        (
            &invoke(r#"{"Payload":1}"#),
            &["SCHEMA: The field 'FunctionName' is required but was missing at /States/S/Parameters"],
        ),
        // The form that deployments to AWS were refused with.
        (
            &invoke(r#"{"FunctionName":"f","functionName":"f","Extra.$":"$"}"#),
            &[
                "SCHEMA: The field \"functionName\" is not supported by Step Functions at /States/S/Parameters",
                "SCHEMA: The field \"Extra\" is not supported by Step Functions at /States/S/Parameters",
            ],
        ),
    ]);
}

/// Rows of (integration, parameters, what is said of them).
#[track_caller]
fn check_parameters(rows: &[(&str, &str, &[&str])]) {
    for (action, parameters, expected) in rows {
        let resource = task(&format!("arn:aws:states:::{action}"));
        let expected: Vec<String> =
            expected.iter().map(|text| format!("SCHEMA: {text} at /States/S/Parameters")).collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check_states(&[(&format!(r#"{resource},"Parameters":{parameters}"#), &expected)]);
    }
}

#[test]
fn parameters_that_are_missing_or_unknown() {
    check_parameters(&[
        ("sqs:sendMessage", r#"{"QueueUrl.$":"$.q","MessageBody":{"any":["thing"]}}"#, &[]),
        // Recorded: what a service thinks of a null is its own affair.
        ("sqs:sendMessage", r#"{"QueueUrl":"q","MessageBody":null}"#, &[]),
        (
            "sqs:sendMessage.waitForTaskToken",
            r#"{"queueUrl":"q","MessageBody.$":"$$.Task.Token"}"#,
            &[
                "The field 'QueueUrl' is required but was missing",
                "The field \"queueUrl\" is not supported by Step Functions",
            ],
        ),
        // The operation knows it; Step Functions does not offer it.
        (
            "dynamodb:getItem",
            r#"{"TableName":"t","Key":{"id":{"S.$":"$.id"}},"KeyConditions":{}}"#,
            &["The field \"KeyConditions\" is not supported by Step Functions"],
        ),
        (
            "http:invoke",
            r#"{"ApiEndpoint":"https://a","Method":"GET","InvocationConfig":{},"Token.$":"$.t"}"#,
            &["The field \"Token\" is not supported by Step Functions"],
        ),
        (
            "http:invoke",
            r#"{"Url":"https://a","Method.$":"$.m"}"#,
            &[
                "The field 'ApiEndpoint' is required but was missing",
                "The field 'Authentication' is required but was missing",
                "The field \"Url\" is not supported by Step Functions",
            ],
        ),
        (
            "apigateway:invoke",
            r#"{"ApiEndpoint":"a","method":"GET"}"#,
            &[
                "The field 'Method' is required but was missing",
                "The field \"method\" is not supported by Step Functions",
            ],
        ),
        (
            "aws-sdk:s3:getObject",
            r#"{"Bucket":"b","Keys.$":"$.k"}"#,
            &[
                "The field 'Key' is required but was missing",
                "The field \"Keys\" is not supported by Step Functions",
            ],
        ),
        (
            "aws-sdk:sts:getCallerIdentity",
            r#"{"Me":1}"#,
            &["The field \"Me\" is not supported by Step Functions"],
        ),
        // Names as in definitions that run on AWS, and as in the service's own documentation.
        ("aws-sdk:rds:deleteDBInstance", r#"{"DbInstanceIdentifier":"i","SkipFinalSnapshot":true}"#, &[]),
        ("aws-sdk:rds:deleteDBInstance", r#"{"DBInstanceIdentifier.$":"$.i"}"#, &[]),
        // Whoever calls makes up a token.
        ("aws-sdk:athena:startQueryExecution", r#"{"QueryString":"SELECT 1"}"#, &[]),
        (
            "athena:startQueryExecution.sync",
            r#"{"QueryString":"SELECT ?","ExecutionParameters":["1"],
                "ResultReuseConfiguration":{"ResultReuseByAgeConfiguration":{"Enabled":true,"MaxAgeInMinutes":60}}}"#,
            &[],
        ),
        // AWS asks for all of it when the Task runs.
        ("aws-sdk:s3:putBucketTagging", r#"{"Bucket":"b","Tagging":{}}"#, &[]),
    ]);
}

#[test]
fn parameters_inside_parameters() {
    check_parameters(&[
        (
            "aws-sdk:dynamodb:putItem",
            r#"{"TableName":"t","Item":{"id":{"S":"1"},"a.$":"$.a","b":{"X":"1"}},"ReturnValues":7}"#,
            &["The field \"X\" is not supported by Step Functions"],
        ),
        (
            "aws-sdk:ec2:describeInstances",
            r#"{"Filters":[{"Name":"n","Value.$":"$.v"},{"Name":"n","Values.$":"$.v"}]}"#,
            &["The field \"Value\" is not supported by Step Functions"],
        ),
    ]);
}

#[test]
fn parameters_of_a_kind_that_cannot_be() {
    check_parameters(&[
        (
            "aws-sdk:ec2:describeInstances",
            r#"{"Filters":"all","InstanceIds":{"a":1},"MaxResults":[5]}"#,
            &[
                "The value of the field 'Filters' has an invalid format",
                "The value of the field 'InstanceIds' has an invalid format",
                "The value of the field 'MaxResults' has an invalid format",
            ],
        ),
        // What could still be read as a number or a text is left to run time.
        ("aws-sdk:ec2:describeInstances", r#"{"MaxResults":"5","NextToken":{"a":1},"DryRun":"false"}"#, &[]),
        ("events:putEvents", r#"{"Entries":[{"Detail":{"a.$":"$.a"},"DetailType":"t","Source":"s"}]}"#, &[]),
        (
            "events:putEvents",
            r#"{"Entries":{}}"#,
            &["The value of the field 'Entries' has an invalid format"],
        ),
    ]);
}

#[test]
fn arguments_are_checked_by_name_and_their_expressions_are_not() {
    let arguments = |arguments: &str| {
        let resource = task("arn:aws:states:::aws-sdk:ec2:describeInstances");
        format!(r#"{resource},"QueryLanguage":"JSONata","Arguments":{arguments}"#)
    };
    check_states(&[
        (&arguments(r#""{% $states.input %}""#), &[]),
        (&arguments(r#"{"Filters":"{% $states.input.f %}","InstanceIds":["{% 'i' %}"]}"#), &[]),
        (
            &arguments(r#"{"Filters":[{"Name":"{% 'n' %}","V":"{% 'v' %}"}],"InstanceIds":"i","Max.$":1}"#),
            &[
                "SCHEMA: The field \"V\" is not supported by Step Functions at /States/S/Arguments",
                "SCHEMA: The value of the field 'InstanceIds' has an invalid format at /States/S/Arguments",
                "SCHEMA: The field \"Max.$\" is not supported by Step Functions at /States/S/Arguments",
            ],
        ),
    ]);
}
