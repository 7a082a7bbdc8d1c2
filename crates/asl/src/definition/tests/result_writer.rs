//! ResultWriter. (spec/asl.md §10.5)

use super::check_states;
use super::distributed::distributed;

#[test]
fn result_writers() {
    let writer = |fields: &str| distributed(&format!(r#""ResultWriter":{{{fields}}}"#));
    let put = r#""Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b","Prefix":"p"}"#;
    let at = "/States/S/ResultWriter";
    check_states(&[
        (&writer(put), &[]),
        (&writer(&format!(r#"{put},"WriterConfig":{{"OutputType":"JSONL"}}"#)), &[]),
        (&writer(r#""WriterConfig":{"Transformation":"FLATTEN","OutputType":"JSON"}"#), &[]),
        (&writer(""), &[&format!("SCHEMA: Value cannot be empty at {at}")]),
        (
            &writer(r#""Resource":"arn:aws:states:::s3:putObject""#),
            &[&format!("SCHEMA: These fields are required: [Parameters] at {at}")],
        ),
        (
            &writer(r#""Parameters":{"Bucket":"b"}"#),
            &[&format!("SCHEMA: These fields are required: [Resource] at {at}")],
        ),
        (
            &writer(r#""Resource":"arn:aws:states:::s3:putObject","Parameters":{"Prefix":"p"}"#),
            &[&format!("SCHEMA: The field 'Bucket' is required but was missing at {at}/Parameters")],
        ),
        (
            &writer(r#""Resource":"arn:aws:states:::s3:putObject","WriterConfig":{"OutputType":"JSON"}"#),
            &[&format!("SCHEMA: These fields are required: [Parameters] at {at}")],
        ),
        (
            &writer(r#""Parameters":{"Bucket":"b"},"WriterConfig":{"OutputType":"JSON"}"#),
            &[&format!("SCHEMA: These fields are required: [Resource] at {at}")],
        ),
        (
            &writer(&put.replace("Prefix", "Key")),
            &[&format!("SCHEMA: The field \"Key\" is not supported by Step Functions at {at}/Parameters")],
        ),
        (&writer(&put.replace("arn:aws:", "arn:aws-cn:")), &[]),
        (&writer(&put.replace(r#""Bucket":"b""#, r#""Bucket.$":"$bucket""#)), &[]),
        (&writer(r#""Bucket":"b""#), &[&format!("SCHEMA: Field 'Bucket' is not supported at {at}")]),
        (&distributed(r#""ResultWriter":[]"#), &[&format!("SCHEMA: Expected value of type Object at {at}")]),
        (
            &writer(r#""WriterConfig":"JSON""#),
            &[&format!("SCHEMA: Expected value of type Object at {at}/WriterConfig")],
        ),
        (
            &writer(&put.replace("putObject", "getObject")),
            &[&format!(
                "SCHEMA: The resource provided arn:aws:states:::s3:getObject is not recognized. The value is not a \
                 valid resource ARN, or the resource is not available in this region. at {at}/Resource"
            )],
        ),
        (
            &writer(r#""WriterConfig":{"OutputType":"CSV","Transformation":"ALL","x":1}"#),
            &[
                &format!("SCHEMA: Field 'x' is not supported at {at}/WriterConfig"),
                &format!(
                    "SCHEMA: The field 'Transformation' should have one of these values: [NONE, COMPACT, FLATTEN] at \
                     {at}/WriterConfig/Transformation"
                ),
                &format!(
                    "SCHEMA: The field 'OutputType' should have one of these values: [JSON, JSONL] at \
                     {at}/WriterConfig/OutputType"
                ),
            ],
        ),
    ]);
}

#[test]
fn result_writers_in_jsonata() {
    let writer = |fields: &str| {
        distributed(&format!(
            r#""QueryLanguage":"JSONata","ResultWriter":{{"Resource":"arn:aws:states:::s3:putObject",{fields}}}"#
        ))
    };
    let at = "/States/S/ResultWriter";
    check_states(&[
        (&writer(r#""Arguments":{"Bucket":"{% $bucket %}","Prefix":"{% $states.input.p %}"}"#), &[]),
        (&writer(r#""Arguments":"{% $states.input.where %}""#), &[]),
        (
            &writer(r#""WriterConfig":{"OutputType":"JSON"}"#),
            &[&format!("SCHEMA: These fields are required: [Arguments] at {at}")],
        ),
        (
            &writer(r#""Arguments":"bucket""#),
            &[&format!("SCHEMA: Expected value of type Object at {at}/Arguments")],
        ),
        (
            &writer(r#""Arguments":{"Bucket.$":"$.b"}"#),
            &[
                &format!("SCHEMA: The field 'Bucket' is required but was missing at {at}/Arguments"),
                &format!(
                    "SCHEMA: The field \"Bucket.$\" is not supported by Step Functions at {at}/Arguments"
                ),
            ],
        ),
        // It is evaluated when the state is entered.
        (
            &writer(r#""Arguments":{"Bucket":"{% $states.result %}"}"#),
            &[&format!(
                "UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.result' does not exist. at {at}/Arguments/Bucket"
            )],
        ),
        (
            &writer(r#""Parameters":{"Bucket":"b"}"#),
            &[&format!(
                "SCHEMA: The QueryLanguage is set to 'JSONata', but field 'Parameters' is only supported for the \
                     'JSONPath' QueryLanguage at {at}"
            )],
        ),
    ]);
}
