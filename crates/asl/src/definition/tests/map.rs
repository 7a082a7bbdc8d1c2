//! The fields of Map. (spec/asl.md §10, spec/validation.md §8)

use super::{check_states, check_with};
use crate::definition::Options;

const PROCESSOR: &str = r#""ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}}"#;
fn inline(fields: &str) -> String {
    format!(r#""Type":"Map",{PROCESSOR},{fields}"#)
}

#[test]
fn one_processor() {
    check_states(&[
        (&format!(r#""Type":"Map",{PROCESSOR}"#), &[]),
        (r#""Type":"Map","Iterator":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}}"#, &[]),
        (
            r#""Type":"Map""#,
            &["SCHEMA: One of the following fields is required: [ItemProcessor, Iterator] at /States/S"],
        ),
        (
            &inline(r#""Iterator":{"StartAt":"J","States":{"J":{"Type":"Succeed"}}}"#),
            &[
                "SCHEMA: There should only be one of the following fields: [ItemProcessor, Iterator] at /States/S",
            ],
        ),
        (
            r#""Type":"Map","ItemProcessor":[]"#,
            &["SCHEMA: Expected value of type Object at /States/S/ItemProcessor"],
        ),
        (
            r#""Type":"Map","ItemProcessor":{}"#,
            &["SCHEMA: These fields are required: [States, StartAt] at /States/S/ItemProcessor"],
        ),
    ]);
}

#[test]
fn processor_configs() {
    let config = |config: &str| {
        format!(
            r#""Type":"Map","ItemProcessor":{{"ProcessorConfig":{config},"StartAt":"I","States":{{
                "I":{{"Type":"Succeed"}}}}}}"#
        )
    };
    let at = "/States/S/ItemProcessor/ProcessorConfig";
    check_states(&[
        (&config(r#"{"Mode":"INLINE"}"#), &[]),
        (&config("{}"), &[]),
        (&config("[]"), &[&format!("SCHEMA: Expected value of type Object at {at}")]),
        // Users report that AWS refuses these.
        (
            &config(r#"{"Mode":"INLINE","ExecutionType":"STANDARD"}"#),
            &[&format!("SCHEMA: Field 'ExecutionType' is not supported at {at}")],
        ),
        (
            &config(r#"{"ExecutionType":"EXPRESS"}"#),
            &[&format!("SCHEMA: Field 'ExecutionType' is not supported at {at}")],
        ),
        (
            &config(r#"{"Mode":"BOTH"}"#),
            &[&format!(
                "SCHEMA: The field 'Mode' should have one of these values: [INLINE, DISTRIBUTED] at {at}/Mode"
            )],
        ),
        (
            &config(r#"{"Mode":"DISTRIBUTED"}"#),
            &[&format!("SCHEMA: These fields are required: [ExecutionType] at {at}")],
        ),
        (
            &config(r#"{"Mode":"DISTRIBUTED","ExecutionType":"FAST"}"#),
            &[&format!(
                "SCHEMA: The field 'ExecutionType' should have one of these values: [STANDARD, EXPRESS] at \
                 {at}/ExecutionType"
            )],
        ),
        (&config(r#"{"mode":"INLINE"}"#), &[&format!("SCHEMA: Field 'mode' is not supported at {at}")]),
        (&config(r#"{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"}"#), &[]),
    ]);
    let definition = super::lone(&config(r#"{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"}"#));
    check_with(
        Options { express: true },
        &[(
            &definition,
            &[&format!("SCHEMA: Express state machine does not support Distributed Map at {at}/Mode")],
        )],
    );
}

#[test]
fn items_and_limits() {
    let pair = |name: &str| {
        format!("SCHEMA: There should only be one of the following fields: [{name}, {name}Path] at /States/S")
    };
    check_states(&[
        (&inline(r#""ItemsPath":"$$.Execution.Input.items","MaxConcurrency":0"#), &[]),
        (&inline(r#""ItemsPath":"$items","MaxConcurrencyPath":"$limit""#), &[]),
        (&inline(r#""ToleratedFailureCount":0,"ToleratedFailurePercentage":99.5"#), &[]),
        (
            &inline(r#""ItemsPath":"$.a[*]""#),
            &[
                "SCHEMA: Value is not a Reference Path: '[' must be followed by ' or '[' at /States/S/ItemsPath",
            ],
        ),
        (
            &inline(r#""ItemSelector":{},"Parameters":{}"#),
            &[
                "SCHEMA: There should only be one of the following fields: [ItemSelector, Parameters] at /States/S",
            ],
        ),
        // Measured on AWS: the paths of numbers do not reach the Context Object.
        (
            &inline(r#""MaxConcurrencyPath":"$$.Execution.Input.n""#),
            &["SCHEMA: Value is not a Reference Path at /States/S/MaxConcurrencyPath"],
        ),
        (&inline(r#""MaxConcurrency":-1"#), &["SCHEMA: Minimum value is 0 at /States/S/MaxConcurrency"]),
        (
            &inline(r#""ToleratedFailureCount":-1"#),
            &["SCHEMA: Minimum value is 0 at /States/S/ToleratedFailureCount"],
        ),
        (
            &inline(r#""ToleratedFailurePercentage":-0.1"#),
            &["SCHEMA: Minimum value is 0.0 at /States/S/ToleratedFailurePercentage"],
        ),
        (
            &inline(r#""ToleratedFailurePercentage":101"#),
            &["SCHEMA: Maximum value is 100.0 at /States/S/ToleratedFailurePercentage"],
        ),
        (
            &inline(r#""ToleratedFailurePercentage":"1""#),
            &["SCHEMA: Expected value of type Number at /States/S/ToleratedFailurePercentage"],
        ),
        (&inline(r#""MaxConcurrency":1,"MaxConcurrencyPath":"$.n""#), &[&pair("MaxConcurrency")]),
        (
            &inline(r#""ToleratedFailureCount":1,"ToleratedFailureCountPath":"$.n""#),
            &[&pair("ToleratedFailureCount")],
        ),
        (
            &inline(r#""ToleratedFailurePercentage":1,"ToleratedFailurePercentagePath":"$.n""#),
            &[&pair("ToleratedFailurePercentage")],
        ),
    ]);
}
