//! What AWS would run and Stepwell cannot yet, said precisely, and only of sound definitions.

use super::{check, check_states};

/// A distributed Map around a Task that can run.
const DISTRIBUTED: &str = r#""Type":"Map","ItemProcessor":{
    "ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"T","States":{
    "T":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s3:listBuckets","End":true}}}"#;

#[test]
fn what_cannot_run_is_named() {
    let not_yet = "SCHEMA: Mode 'DISTRIBUTED' is not supported by this version of Stepwell at";
    let alone = format!(r#"{DISTRIBUTED},"End":true"#);
    check_states(&[(&alone, &[&format!("{not_yet} /States/S/ItemProcessor/ProcessorConfig/Mode")])]);
    check(&[
        (
            &format!(
                r#"{{"StartAt":"P","States":{{"P":{{"Type":"Parallel","End":true,"Branches":[
                    {{"StartAt":"M","States":{{"M":{{{DISTRIBUTED},"End":true}}}}}}]}}}}}}"#
            ),
            &[&format!("{not_yet} /States/P/Branches[0]/States/M/ItemProcessor/ProcessorConfig/Mode")],
        ),
        // Where something else is wrong, that comes first.
        (
            &format!(r#"{{"StartAt":"M","States":{{"M":{{{DISTRIBUTED}}}}}}}"#),
            &["SCHEMA: One of the following fields is required: [Next, End] at /States/M"],
        ),
    ]);
}
