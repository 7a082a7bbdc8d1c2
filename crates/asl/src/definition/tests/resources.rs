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
