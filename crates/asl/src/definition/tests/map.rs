//! The fields of Map. (spec/asl.md §10, spec/validation.md §8)

use super::{check_states, check_with};
use crate::definition::Options;

const PROCESSOR: &str = r#""ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}}"#;
const UNSUPPORTED: &str = "SCHEMA: Mode 'DISTRIBUTED' is not supported by this version of Stepwell at \
                           /States/S/ItemProcessor/ProcessorConfig/Mode";

fn inline(fields: &str) -> String {
    format!(r#""Type":"Map",{PROCESSOR},{fields}"#)
}

fn distributed(fields: &str) -> String {
    format!(
        r#""Type":"Map","ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"}},
            "StartAt":"I","States":{{"I":{{"Type":"Succeed"}}}}}},{fields}"#
    )
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
        (&config(r#"{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"}"#), &[UNSUPPORTED]),
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
            &["SCHEMA: Value is not a Reference Path at /States/S/ItemsPath"],
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

#[test]
fn fields_of_distributed_maps_only() {
    for (field, value) in [
        ("ItemReader", r#"{"Resource":"arn:aws:states:::s3:listObjectsV2"}"#),
        ("ItemBatcher", r#"{"MaxItemsPerBatch":1}"#),
        ("ResultWriter", r#"{"Resource":"arn:aws:states:::s3:putObject"}"#),
        ("Label", r#""label""#),
    ] {
        let field_and_value = format!(r#""{field}":{value}"#);
        check_states(&[
            (&inline(&field_and_value), &[&format!("SCHEMA: Field '{field}' is not supported at /States/S")]),
            (&distributed(&field_and_value), &[UNSUPPORTED]),
        ]);
    }
}

#[test]
fn item_readers() {
    let reader = |fields: &str| distributed(&format!(r#""ItemReader":{{{fields}}}"#));
    let config = |fields: &str| {
        reader(&format!(r#""Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{{{fields}}}"#))
    };
    let at = "/States/S/ItemReader";
    check_states(&[
        (&config(r#""InputType":"JSON","MaxItems":100000000,"ItemsPointer":"/a""#), &[UNSUPPORTED]),
        (&config(r#""InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":["a"]"#), &[UNSUPPORTED]),
        (&reader(""), &[&format!("SCHEMA: These fields are required: [Resource] at {at}")]),
        (
            &reader(r#""Resource":"arn:aws:states:::s3:putObject""#),
            &[&format!(
                "SCHEMA: The resource provided arn:aws:states:::s3:putObject is not recognized. The value is not a \
                 valid resource ARN, or the resource is not available in this region. at {at}/Resource"
            )],
        ),
        (
            &reader(r#""Resource":"arn:aws:states:::s3:getObject""#),
            &[&format!("SCHEMA: These fields are required: [ReaderConfig] at {at}")],
        ),
        (&config(""), &[&format!("SCHEMA: These fields are required: [InputType] at {at}/ReaderConfig")]),
        (
            &config(r#""InputType":"CSV""#),
            &[&format!("SCHEMA: These fields are required: [CSVHeaderLocation] at {at}/ReaderConfig")],
        ),
        (
            &config(r#""InputType":"CSV","CSVHeaderLocation":"GIVEN""#),
            &[&format!("SCHEMA: These fields are required: [CSVHeaders] at {at}/ReaderConfig")],
        ),
        // Measured on AWS.
        (
            &config(r#""InputType":"JSON","MaxItems":100000001"#),
            &[&format!("SCHEMA: Maximum value is 100000000 at {at}/ReaderConfig/MaxItems")],
        ),
        (
            &config(r#""InputType":"JSON","MaxItems":1,"MaxItemsPath":"$.n""#),
            &[&format!(
                "SCHEMA: There should only be one of the following fields: [MaxItems, MaxItemsPath] at \
                 {at}/ReaderConfig"
            )],
        ),
        (
            &config(r#""InputType":"XML""#),
            &[&format!(
                "SCHEMA: The field 'InputType' should have one of these values: [CSV, JSON, JSONL, PARQUET, \
                 MANIFEST] at {at}/ReaderConfig/InputType"
            )],
        ),
    ]);
}

#[test]
fn item_batchers_and_result_writers() {
    check_states(&[
        (
            &distributed(r#""ItemBatcher":{"MaxInputBytesPerBatch":262144,"BatchInput":{"a.$":"$.a"}}"#),
            &[UNSUPPORTED],
        ),
        (
            &distributed(r#""ItemBatcher":{}"#),
            &["SCHEMA: One of the following fields is required: [MaxItemsPerBatch, MaxItemsPerBatchPath, \
               MaxInputBytesPerBatch, MaxInputBytesPerBatchPath] at /States/S/ItemBatcher"],
        ),
        (
            &distributed(r#""ItemBatcher":{"MaxItemsPerBatch":0,"MaxInputBytesPerBatch":262145}"#),
            &[
                "SCHEMA: Minimum value is 1 at /States/S/ItemBatcher/MaxItemsPerBatch",
                "SCHEMA: Maximum value is 262144 at /States/S/ItemBatcher/MaxInputBytesPerBatch",
            ],
        ),
        (&distributed(r#""ResultWriter":{"WriterConfig":{"Transformation":"FLATTEN"}}"#), &[UNSUPPORTED]),
        (&distributed(r#""ResultWriter":{}"#), &["SCHEMA: Value cannot be empty at /States/S/ResultWriter"]),
        (
            &distributed(r#""ResultWriter":{"WriterConfig":{"OutputType":"CSV"}}"#),
            &["SCHEMA: The field 'OutputType' should have one of these values: [JSON, JSONL] at \
               /States/S/ResultWriter/WriterConfig/OutputType"],
        ),
    ]);
}

#[test]
fn labels() {
    let label = |label: &str| distributed(&format!(r#""Label":"{label}""#));
    check_states(&[
        (&label(&"l".repeat(40)), &[UNSUPPORTED]),
        (
            &label(&"l".repeat(41)),
            &["INVALID_LABEL_NAME: Label cannot exceed 40 characters at /States/S/Label"],
        ),
        (&label(""), &["INVALID_LABEL_NAME: Label cannot be empty at /States/S/Label"]),
        (&label("a b"), &["INVALID_LABEL_NAME: Label contains invalid character: ' ' at /States/S/Label"]),
        (&label("a*"), &["INVALID_LABEL_NAME: Label contains invalid character: '*' at /States/S/Label"]),
        (
            &label("\\u0000"),
            &["INVALID_LABEL_NAME: Label contains invalid character: '\\0' at /States/S/Label"],
        ),
    ]);
    let two = format!(
        r#"{{"StartAt":"S","States":{{"S":{{{},"Next":"T"}},"T":{{{},"End":true}}}}}}"#,
        label("one"),
        label("one").replace("\"I\"", "\"J\"")
    );
    super::check(&[(&two, &["DUPLICATE_LABEL_NAME: Duplicate Label name: one at /States/T/Label"])]);
}
