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
    ]);
    check(&[
        (
            r#"{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"Iterator":{"StartAt":"T","States":{
                "T":{"Type":"Task","Resource":"arn:aws:states:::sns:publish","End":true}}}}}}"#,
            &[&format!(
                "SCHEMA: The resource arn:aws:states:::sns:publish {not_yet} at \
                 /States/M/Iterator/States/T/Resource"
            )],
        ),
        // Where something else is wrong, that comes first.
        (
            r#"{"StartAt":"P","States":{"P":{"Type":"Task","Resource":"arn:aws:states:::sns:publish"}}}"#,
            &["SCHEMA: One of the following fields is required: [Next, End] at /States/P"],
        ),
    ]);
}
