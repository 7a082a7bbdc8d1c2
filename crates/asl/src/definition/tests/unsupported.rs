//! What AWS would run and Stepwell cannot yet, said precisely, and only of sound definitions.

use super::{check, check_states};

#[test]
fn what_cannot_run_is_named() {
    let not_yet = "is not supported by this version of Stepwell";
    check_states(&[
        (
            r#""Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage""#,
            &[&format!(
                "SCHEMA: The resource arn:aws:states:::sqs:sendMessage {not_yet} at /States/S/Resource"
            )],
        ),
        (
            r#""Type":"Task","Resource":"arn:aws:states:::aws-sdk:s3:listBuckets""#,
            &[&format!(
                "SCHEMA: The resource arn:aws:states:::aws-sdk:s3:listBuckets {not_yet} at /States/S/Resource"
            )],
        ),
        (
            r#""Type":"Pass","QueryLanguage":"JSONata","Output":"{% 1 %}""#,
            &[&format!("SCHEMA: QueryLanguage 'JSONata' {not_yet} at /States/S/QueryLanguage")],
        ),
    ]);
    check(&[
        (
            r#"{"QueryLanguage":"JSONata","StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
                {"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":"{% 1 %}","End":true}}}]}}}"#,
            &[&format!("SCHEMA: QueryLanguage 'JSONata' {not_yet} at /QueryLanguage")],
        ),
        (
            r#"{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"Iterator":{"StartAt":"T","States":{
                "T":{"Type":"Task","Resource":"arn:aws:states:::http:invoke","End":true}}}}}}"#,
            &[&format!(
                "SCHEMA: The resource arn:aws:states:::http:invoke {not_yet} at \
                 /States/M/Iterator/States/T/Resource"
            )],
        ),
        // Where something else is wrong, that comes first.
        (
            r#"{"QueryLanguage":"JSONata","StartAt":"P","States":{"P":{"Type":"Pass"}}}"#,
            &["SCHEMA: One of the following fields is required: [Next, End] at /States/P"],
        ),
    ]);
}

#[test]
fn jsonata_states_are_checked_as_far_as_no_expression_is_read() {
    let jsonata = |fields: &str| {
        format!(
            r#"{{"QueryLanguage":"JSONata","StartAt":"S","States":{{"S":{{{fields}}},"E":{{"Type":"Succeed"}}}}}}"#
        )
    };
    check(&[
        (
            &jsonata(r#""Type":"Wait","Next":"E""#),
            &["SCHEMA: One of the following fields is required: [Seconds, Timestamp] at /States/S"],
        ),
        (
            &jsonata(r#""Type":"Choice","Choices":[{"Condition":"yes","Next":"E"},{"Next":"E"}]"#),
            &[
                "SCHEMA: Expected value of type Boolean at /States/S/Choices[0]/Condition",
                "SCHEMA: These fields are required: [Condition] at /States/S/Choices[1]",
            ],
        ),
        (
            &jsonata(
                r#""Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{},"Next":"E",
                "TimeoutSeconds":"{% $t %}","HeartbeatSeconds":"soon""#,
            ),
            &[
                "SCHEMA: The field 'FunctionName' is required but was missing at /States/S/Arguments",
                "SCHEMA: Expected value of type Integer at /States/S/HeartbeatSeconds",
            ],
        ),
    ]);
}
