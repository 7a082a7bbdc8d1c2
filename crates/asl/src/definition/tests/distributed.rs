//! What only distributed Maps have. (spec/asl.md §10.3 to §10.5, spec/validation.md §8)
//!
//! This version cannot run them, which is told of those that are sound.

use super::check_states;

const UNSUPPORTED: &str = "SCHEMA: Mode 'DISTRIBUTED' is not supported by this version of Stepwell at \
                           /States/S/ItemProcessor/ProcessorConfig/Mode";

fn distributed(fields: &str) -> String {
    format!(
        r#""Type":"Map","ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"}},
            "StartAt":"I","States":{{"I":{{"Type":"Succeed"}}}}}},{fields}"#
    )
}

/// An `ItemReader` of one object with this `ReaderConfig`.
fn of_object(config: &str) -> String {
    distributed(&format!(
        r#""ItemReader":{{"Resource":"arn:aws:states:::s3:getObject","Parameters":{{"Bucket":"b","Key.$":"$.k"}},
            "ReaderConfig":{{{config}}}}}"#
    ))
}

/// An `ItemReader` of a list of objects with this `ReaderConfig`.
fn of_list(config: &str) -> String {
    distributed(&format!(
        r#""ItemReader":{{"Resource":"arn:aws:states:::s3:listObjectsV2","Parameters":{{"Bucket.$":"$.b","Prefix":"p"}},
            "ReaderConfig":{{{config}}}}}"#
    ))
}

#[test]
fn inline_maps_have_none_of_it() {
    for (field, value) in [
        ("ItemReader", r#"{"Resource":"arn:aws:states:::s3:listObjectsV2","Parameters":{"Bucket":"b"}}"#),
        ("ItemBatcher", r#"{"MaxItemsPerBatch":1}"#),
        ("ResultWriter", r#"{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket.$":"$.b"}}"#),
        ("Label", r#""label""#),
    ] {
        let field_and_value = format!(r#""{field}":{value}"#);
        let inline = format!(
            r#""Type":"Map","ItemProcessor":{{"StartAt":"I","States":{{"I":{{"Type":"Succeed"}}}}}},{field_and_value}"#
        );
        check_states(&[
            (&inline, &[&format!("SCHEMA: Field '{field}' is not supported at /States/S")]),
            (&distributed(&field_and_value), &[UNSUPPORTED]),
            (
                &distributed(&field_and_value).replace("ItemProcessor", "Iterator"),
                &[&UNSUPPORTED.replace("ItemProcessor", "Iterator")],
            ),
        ]);
    }
}

#[test]
fn item_readers() {
    let reader = |fields: &str| distributed(&format!(r#""ItemReader":{{{fields}}}"#));
    let at = "/States/S/ItemReader";
    check_states(&[
        (&of_list(""), &[UNSUPPORTED]),
        (&of_list(r#""MaxItems":0"#), &[UNSUPPORTED]),
        (&reader(""), &[&format!("SCHEMA: These fields are required: [Resource] at {at}")]),
        (&distributed(r#""ItemReader":"s3""#), &[&format!("SCHEMA: Expected value of type Object at {at}")]),
        (
            &reader(r#""Resource":"arn:aws:states:::s3:putObject""#),
            &[&format!(
                "SCHEMA: The resource provided arn:aws:states:::s3:putObject is not recognized. The value is not a \
                 valid resource ARN, or the resource is not available in this region. at {at}/Resource"
            )],
        ),
        (
            &reader(r#""Resource":"arn:aws:states:::s3:getObject","Bucket":"b""#),
            &[
                &format!("SCHEMA: Field 'Bucket' is not supported at {at}"),
                &format!("SCHEMA: These fields are required: [Parameters] at {at}"),
                &format!("SCHEMA: These fields are required: [ReaderConfig] at {at}"),
            ],
        ),
        (
            &reader(
                r#""Resource":"arn:aws:states:::s3:getObject","Parameters":{},"ReaderConfig":{"InputType":"JSON"}"#,
            ),
            &[
                &format!("SCHEMA: The field 'Bucket' is required but was missing at {at}/Parameters"),
                &format!("SCHEMA: The field 'Key' is required but was missing at {at}/Parameters"),
            ],
        ),
        (
            &reader(r#""Resource":"arn:aws:states:::s3:listObjectsV2","Parameters":{"Prefix":"p"}"#),
            &[&format!("SCHEMA: The field 'Bucket' is required but was missing at {at}/Parameters")],
        ),
    ]);
}

#[test]
fn types_of_what_is_read() {
    let at = "/States/S/ItemReader/ReaderConfig";
    let required = |name: &str| format!("SCHEMA: These fields are required: [{name}] at {at}");
    let unsupported = |name: &str| format!("SCHEMA: Field '{name}' is not supported at {at}");
    let words = |name: &str, words: &str| {
        format!("SCHEMA: The field '{name}' should have one of these values: [{words}] at {at}/{name}")
    };
    check_states(&[
        (&of_object(r#""InputType":"JSONL""#), &[UNSUPPORTED]),
        (&of_object(r#""InputType":"PARQUET""#), &[UNSUPPORTED]),
        (&of_object(r#""InputType":"MANIFEST""#), &[UNSUPPORTED]),
        (&of_object(r#""InputType":"CSV","ManifestType":"ATHENA_DATA""#), &[UNSUPPORTED]),
        (&of_object(r#""ManifestType":"S3_INVENTORY""#), &[UNSUPPORTED]),
        (&of_object(""), &[&required("InputType")]),
        (&of_object(r#""Format":"CSV","InputType":"JSON""#), &[&unsupported("Format")]),
        (&of_object(r#""InputType":"XML""#), &[&words("InputType", "CSV, JSON, JSONL, PARQUET, MANIFEST")]),
        (
            &of_object(r#""InputType":"CSV","ManifestType":"INVENTORY","CSVHeaderLocation":"FIRST_ROW""#),
            &[&words("ManifestType", "ATHENA_DATA, S3_INVENTORY")],
        ),
        (&of_object(r#""InputType":"CSV","ManifestType":"S3_INVENTORY""#), &[&unsupported("InputType")]),
        (&of_object(r#""InputType":"JSON","Transformation":"NONE""#), &[&unsupported("Transformation")]),
        (&of_list(r#""Transformation":"NONE""#), &[UNSUPPORTED]),
        (&of_list(r#""Transformation":"LOAD_AND_FLATTEN","InputType":"JSON""#), &[UNSUPPORTED]),
        (&of_list(r#""Transformation":"LOAD_AND_FLATTEN""#), &[&required("InputType")]),
        (&of_list(r#""Transformation":"FLATTEN""#), &[&words("Transformation", "NONE, LOAD_AND_FLATTEN")]),
        (&of_list(r#""InputType":"JSON""#), &[&unsupported("InputType")]),
        (&of_list(r#""ManifestType":"ATHENA_DATA""#), &[&unsupported("ManifestType")]),
    ]);
}

#[test]
fn csv_and_json_readers() {
    let at = "/States/S/ItemReader/ReaderConfig";
    let csv = |more: &str| of_object(&format!(r#""InputType":"CSV","CSVHeaderLocation":"GIVEN",{more}"#));
    let json = |more: &str| of_object(&format!(r#""InputType":"JSON",{more}"#));
    check_states(&[
        (&csv(r#""CSVHeaders":["a","b"],"CSVDelimiter":"TAB""#), &[UNSUPPORTED]),
        (
            &of_object(r#""InputType":"CSV""#),
            &[&format!("SCHEMA: These fields are required: [CSVHeaderLocation] at {at}")],
        ),
        (
            &of_object(r#""InputType":"CSV","CSVHeaderLocation":"LAST_ROW""#),
            &[&format!(
                "SCHEMA: The field 'CSVHeaderLocation' should have one of these values: [FIRST_ROW, GIVEN] at \
                 {at}/CSVHeaderLocation"
            )],
        ),
        (&csv(r#""MaxItems":1"#), &[&format!("SCHEMA: These fields are required: [CSVHeaders] at {at}")]),
        (&csv(r#""CSVHeaders":[]"#), &[&format!("SCHEMA: Value cannot be empty at {at}/CSVHeaders")]),
        (
            &csv(r#""CSVHeaders":["a",1]"#),
            &[&format!("SCHEMA: Expected value of type String at {at}/CSVHeaders[1]")],
        ),
        (
            &csv(r#""CSVHeaders":["a"],"CSVDelimiter":",""#),
            &[&format!(
                "SCHEMA: The field 'CSVDelimiter' should have one of these values: [COMMA, PIPE, SEMICOLON, SPACE, \
                 TAB] at {at}/CSVDelimiter"
            )],
        ),
        (&json(r#""MaxItems":100000000,"ItemsPointer":"/a/0""#), &[UNSUPPORTED]),
        (&json(r#""MaxItemsPath":"$.n","ItemsPointer":"""#), &[UNSUPPORTED]),
        // Measured on AWS.
        (
            &json(r#""MaxItems":100000001"#),
            &[&format!("SCHEMA: Maximum value is 100000000 at {at}/MaxItems")],
        ),
        (&json(r#""MaxItems":-1"#), &[&format!("SCHEMA: Minimum value is 0 at {at}/MaxItems")]),
        (
            &json(r#""MaxItems":1,"MaxItemsPath":"$.n""#),
            &[&format!(
                "SCHEMA: There should only be one of the following fields: [MaxItems, MaxItemsPath] at {at}"
            )],
        ),
        (
            &json(r#""MaxItemsPath":"$$.Execution.Input.n""#),
            &[&format!("SCHEMA: Value is not a Reference Path at {at}/MaxItemsPath")],
        ),
        (
            &json(r#""ItemsPointer":"a/b""#),
            &[&format!("SCHEMA: Value is not a valid JSON Pointer at {at}/ItemsPointer")],
        ),
    ]);
}

#[test]
fn item_batchers() {
    let batcher = |fields: &str| distributed(&format!(r#""ItemBatcher":{{{fields}}}"#));
    let at = "/States/S/ItemBatcher";
    let pair = |name: &str| {
        format!("SCHEMA: There should only be one of the following fields: [{name}, {name}Path] at {at}")
    };
    check_states(&[
        (&batcher(r#""MaxInputBytesPerBatch":262144,"BatchInput":{"a.$":"$.a"}"#), &[UNSUPPORTED]),
        (&batcher(r#""MaxItemsPerBatchPath":"$.n","MaxInputBytesPerBatchPath":"$variable""#), &[UNSUPPORTED]),
        (
            &batcher(r#""BatchInput":{}"#),
            &[&format!(
                "SCHEMA: One of the following fields is required: [MaxItemsPerBatch, MaxItemsPerBatchPath, \
                 MaxInputBytesPerBatch, MaxInputBytesPerBatchPath] at {at}"
            )],
        ),
        (
            &batcher(r#""MaxItemsPerBatch":0,"MaxInputBytesPerBatch":262145"#),
            &[
                &format!("SCHEMA: Minimum value is 1 at {at}/MaxItemsPerBatch"),
                &format!("SCHEMA: Maximum value is 262144 at {at}/MaxInputBytesPerBatch"),
            ],
        ),
        (&batcher(r#""MaxItemsPerBatch":1,"MaxItemsPerBatchPath":"$.n""#), &[&pair("MaxItemsPerBatch")]),
        (
            &batcher(r#""MaxInputBytesPerBatch":1,"MaxInputBytesPerBatchPath":"$.n""#),
            &[&pair("MaxInputBytesPerBatch")],
        ),
        // Measured on AWS: the paths of numbers do not reach the Context Object.
        (
            &batcher(r#""MaxItemsPerBatchPath":"$$.Execution.Input.n""#),
            &[&format!("SCHEMA: Value is not a Reference Path at {at}/MaxItemsPerBatchPath")],
        ),
        (
            &batcher(r#""MaxItemsPerBatch":1,"BatchInput":{"a.$":"a"}"#),
            &[&format!(
                "SCHEMA: The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at \
                 {at}/BatchInput"
            )],
        ),
        (
            &batcher(r#""MaxItemsPerBatch":1,"Size":1"#),
            &[&format!("SCHEMA: Field 'Size' is not supported at {at}")],
        ),
        // Measured on AWS.
        (
            &distributed(r#""QueryLanguage":"JSONata","ItemBatcher":{"MaxItemsPerBatchPath":"$.n"}"#),
            &[&format!(
                "SCHEMA: The QueryLanguage is set to 'JSONata', but field 'MaxItemsPerBatchPath' is only supported for \
                 the 'JSONPath' QueryLanguage at {at}"
            )],
        ),
    ]);
}

#[test]
fn result_writers() {
    let writer = |fields: &str| distributed(&format!(r#""ResultWriter":{{{fields}}}"#));
    let put = r#""Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b","Prefix":"p"}"#;
    let at = "/States/S/ResultWriter";
    check_states(&[
        (&writer(put), &[UNSUPPORTED]),
        (&writer(&format!(r#"{put},"WriterConfig":{{"OutputType":"JSONL"}}"#)), &[UNSUPPORTED]),
        (&writer(r#""WriterConfig":{"Transformation":"FLATTEN","OutputType":"JSON"}"#), &[UNSUPPORTED]),
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
fn labels() {
    let label = |label: &str| distributed(&format!(r#""Label":"{label}""#));
    let at = "/States/S/Label";
    check_states(&[
        (&label(&"é".repeat(40)), &[UNSUPPORTED]),
        (&label("a-b_c.d/e+f=g@h!(i)'"), &[UNSUPPORTED]),
        (
            &label(&"l".repeat(41)),
            &[&format!("INVALID_LABEL_NAME: Label cannot exceed 40 characters at {at}")],
        ),
        (&label(""), &[&format!("INVALID_LABEL_NAME: Label cannot be empty at {at}")]),
        (&distributed(r#""Label":1"#), &[&format!("SCHEMA: Expected value of type String at {at}")]),
    ]);
    let controls = ('\0'..='\u{1f}').chain('\u{7f}'..='\u{9f}');
    for bad in r##"?*<>{}[]:;,^~$#%&"\|` "##.chars().chain(controls) {
        let fields = distributed(&format!(r#""Label":{}"#, json::Value::from(format!("a{bad}")).to_text()));
        check_states(&[(
            &fields,
            &[&format!("INVALID_LABEL_NAME: Label contains invalid character: {bad:?} at {at}")],
        )]);
    }
}

#[test]
fn labels_are_unique_in_the_whole_machine() {
    let two = |one: &str, other: &str| {
        let map = |inside: &str, label: &str| {
            distributed(&format!(r#""Label":"{label}""#)).replace("\"I\"", &format!("\"{inside}\""))
        };
        format!(
            r#"{{"StartAt":"S","States":{{"S":{{{},"Next":"P"}},"P":{{"Type":"Parallel","End":true,"Branches":[
                {{"StartAt":"T","States":{{"T":{{{},"End":true}}}}}}]}}}}}}"#,
            map("I", one),
            map("J", other)
        )
    };
    let inside = "/States/P/Branches[0]/States/T";
    super::check(&[
        (&two("one", "two"), &[UNSUPPORTED, &UNSUPPORTED.replace("/States/S", inside)]),
        (
            &two("one", "one"),
            &[&format!("DUPLICATE_LABEL_NAME: Duplicate Label name: one at {inside}/Label")],
        ),
    ]);
}
