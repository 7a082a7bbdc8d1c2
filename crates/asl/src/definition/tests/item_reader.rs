//! ItemReader: every way of reading, and the fields that it takes. (spec/asl.md §10.3, spec/validation.md §8)

use super::check_states;
use super::distributed::distributed;

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
fn item_readers() {
    let reader = |fields: &str| distributed(&format!(r#""ItemReader":{{{fields}}}"#));
    let at = "/States/S/ItemReader";
    check_states(&[
        (&of_list(""), &[]),
        (&of_list(r#""MaxItems":0"#), &[]),
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
        (&of_list("").replace("arn:aws:", "arn:aws-cn:"), &[]),
        (
            &of_list("").replace("s3:list", "dynamodb:list"),
            &[&format!(
                "SCHEMA: The resource provided arn:aws:states:::dynamodb:listObjectsV2 is not recognized. The value is \
                 not a valid resource ARN, or the resource is not available in this region. at {at}/Resource"
            )],
        ),
        (
            &of_list("").replace("{}", "[]"),
            &[&format!("SCHEMA: Expected value of type Object at {at}/ReaderConfig")],
        ),
        (
            &reader(r#""Resource":"arn:aws:states:::s3:listObjectsV2","Parameters":["b"]"#),
            &[&format!("SCHEMA: Expected value of type Object at {at}/Parameters")],
        ),
    ]);
}

/// What would be passed over is refused.
#[test]
fn what_s3_is_told() {
    let at = "/States/S/ItemReader/Parameters";
    let unsupported =
        |name: &str| format!("SCHEMA: The field \"{name}\" is not supported by Step Functions at {at}");
    let object = |more: &str, input_type: &str| {
        of_object(&format!(r#""InputType":"{input_type}""#))
            .replace(r#""Bucket":"b""#, &format!(r#""Bucket":"b",{more}"#))
    };
    let list = |more: &str| of_list("").replace(r#""Prefix":"p""#, more);
    check_states(&[
        (&object(r#""VersionId":"v","ExpectedBucketOwner.$":"$.o""#, "JSON"), &[]),
        (&object(r#""VersionId.$":"$.v""#, "MANIFEST"), &[]),
        (&object(r#""ExpectedBucketOwner":"111122223333""#, "PARQUET"), &[]),
        (&object(r#""VersionId":"v""#, "PARQUET"), &[&unsupported("VersionId")]),
        (&object(r#""VersionId.$":"$.v""#, "PARQUET"), &[&unsupported("VersionId")]),
        // The version of the manifest.
        (&object(r#""VersionId":"v""#, r#"PARQUET","ManifestType":"ATHENA_DATA"#), &[]),
        (&object(r#""Range":"bytes=0-9""#, "JSON"), &[&unsupported("Range")]),
        (&list(r#""StartAfter":"a","MaxKeys":10,"Delimiter":"/","ExpectedBucketOwner":"1""#), &[]),
        (&list(r#""ContinuationToken":"t""#), &[&unsupported("ContinuationToken")]),
        (&list(r#""Key":"k""#), &[&unsupported("Key")]),
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
        (&of_object(r#""InputType":"JSONL""#), &[]),
        (&of_object(r#""InputType":"PARQUET""#), &[]),
        (&of_object(r#""InputType":"MANIFEST""#), &[]),
        (&of_object(r#""InputType":"CSV","ManifestType":"ATHENA_DATA""#), &[]),
        (&of_object(r#""ManifestType":"S3_INVENTORY""#), &[]),
        (&of_object(""), &[&required("InputType")]),
        (&of_object(r#""Format":"CSV","InputType":"JSON""#), &[&unsupported("Format")]),
        (&of_object(r#""InputType":"XML""#), &[&words("InputType", "CSV, JSON, JSONL, PARQUET, MANIFEST")]),
        (
            &of_object(r#""InputType":"CSV","ManifestType":"INVENTORY","CSVHeaderLocation":"FIRST_ROW""#),
            &[&words("ManifestType", "ATHENA_DATA, S3_INVENTORY")],
        ),
        (&of_object(r#""InputType":"CSV","ManifestType":"S3_INVENTORY""#), &[&unsupported("InputType")]),
        (&of_object(r#""InputType":"JSON","Transformation":"NONE""#), &[&unsupported("Transformation")]),
        (&of_list(r#""Transformation":"NONE""#), &[]),
        (&of_list(r#""Transformation":"LOAD_AND_FLATTEN","InputType":"JSON""#), &[]),
        (&of_list(r#""Transformation":"LOAD_AND_FLATTEN""#), &[&required("InputType")]),
        (&of_list(r#""Transformation":"FLATTEN""#), &[&words("Transformation", "NONE, LOAD_AND_FLATTEN")]),
        (&of_list(r#""InputType":"JSON""#), &[&unsupported("InputType")]),
        (&of_list(r#""InputType":"JSON","Transformation":"NONE""#), &[&unsupported("InputType")]),
        (&of_list(r#""ManifestType":"ATHENA_DATA""#), &[&unsupported("ManifestType")]),
        (
            &of_list(r#""Transformation":"LOAD_AND_FLATTEN","InputType":"MANIFEST""#),
            &[&words("InputType", "CSV, JSON, JSONL, PARQUET")],
        ),
        (&of_object(r#""InputType":"JSONL","ManifestType":"ATHENA_DATA""#), &[]),
        (&of_object(r#""InputType":"PARQUET","ManifestType":"ATHENA_DATA""#), &[]),
        (
            &of_object(r#""InputType":"CSV","ManifestType":"ATHENA_DATA","CSVHeaders":["a"]"#),
            &[&required("CSVHeaderLocation")],
        ),
        (
            &of_object(
                r#""InputType":"CSV","ManifestType":"ATHENA_DATA","CSVHeaderLocation":"GIVEN","CSVHeaders":["a"]"#,
            ),
            &[],
        ),
        (
            &of_object(r#""InputType":"JSON","ManifestType":"ATHENA_DATA""#),
            &[&words("InputType", "CSV, JSONL, PARQUET")],
        ),
        (&of_object(r#""ManifestType":"ATHENA_DATA""#), &[&required("InputType")]),
    ]);
}

#[test]
fn csv_and_json_readers() {
    let at = "/States/S/ItemReader/ReaderConfig";
    let csv = |more: &str| of_object(&format!(r#""InputType":"CSV","CSVHeaderLocation":"GIVEN",{more}"#));
    let json = |more: &str| of_object(&format!(r#""InputType":"JSON",{more}"#));
    let pointer = format!("SCHEMA: Value is not a valid JSON Pointer at {at}/ItemsPointer");
    check_states(&[
        (&csv(r#""CSVHeaders":["a","b"],"CSVDelimiter":"TAB""#), &[]),
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
        (&json(r#""MaxItems":100000000,"ItemsPointer":"/a/0""#), &[]),
        (&json(r#""MaxItemsPath":"$.n","ItemsPointer":"""#), &[]),
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
        (&json(r#""ItemsPointer":"/a~0b~1c""#), &[]),
        (&json(r#""ItemsPointer":"a/b""#), &[&pointer]),
        (&json(r#""ItemsPointer":"/a~b""#), &[&pointer]),
        (&json(r#""ItemsPointer":"/a~""#), &[&pointer]),
        (
            &json(r#""ItemsPointer":["a"]"#),
            &[&format!("SCHEMA: Expected value of type String at {at}/ItemsPointer")],
        ),
    ]);
}

#[test]
fn each_type_of_file_has_its_fields() {
    const FIELDS: [(&str, &str); 4] = [
        ("CSVDelimiter", r#""TAB""#),
        ("CSVHeaderLocation", r#""FIRST_ROW""#),
        ("CSVHeaders", r#"["a"]"#),
        ("ItemsPointer", r#""/a""#),
    ];
    let given = r#""InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":["a"]"#;
    let flatten = |input_type: &str| {
        of_list(&format!(r#""Transformation":"LOAD_AND_FLATTEN","InputType":"{input_type}""#))
    };
    let rows = [
        (of_object(given), "CSVDelimiter CSVHeaderLocation CSVHeaders"),
        // Headers that would not count.
        (of_object(r#""InputType":"CSV","CSVHeaderLocation":"FIRST_ROW""#), "CSVDelimiter CSVHeaderLocation"),
        (of_object(r#""InputType":"JSON""#), "ItemsPointer"),
        (of_object(r#""InputType":"JSONL""#), ""),
        (of_object(r#""InputType":"PARQUET""#), ""),
        (of_object(r#""InputType":"MANIFEST""#), "CSVDelimiter"),
        (of_object(r#""ManifestType":"S3_INVENTORY""#), "CSVDelimiter"),
        (of_list(r#""Transformation":"NONE""#), ""),
        (flatten("JSON"), "ItemsPointer"),
        (flatten("PARQUET"), ""),
    ];
    for (fields, supported) in rows {
        for (name, value) in FIELDS.iter().filter(|(name, _)| !fields.contains(&format!("\"{name}\""))) {
            let more =
                fields.replace(r#""ReaderConfig":{"#, &format!(r#""ReaderConfig":{{"{name}":{value},"#));
            let unsupported =
                format!("SCHEMA: Field '{name}' is not supported at /States/S/ItemReader/ReaderConfig");
            let expected: &[&str] = if supported.contains(name) { &[] } else { &[&unsupported] };
            check_states(&[(&more, expected)]);
        }
    }
}

#[test]
fn item_readers_in_jsonata() {
    let reader = |fields: &str| {
        distributed(&format!(
            r#""QueryLanguage":"JSONata","ItemReader":{{"Resource":"arn:aws:states:::s3:getObject",{fields}}}"#
        ))
    };
    let json = r#""ReaderConfig":{"InputType":"JSON","MaxItems":"{% $states.input.n %}"}"#;
    let at = "/States/S/ItemReader";
    check_states(&[
        (&reader(&format!(r#"{json},"Arguments":{{"Bucket":"{{% $bucket %}}","Key":"k"}}"#)), &[]),
        (&reader(&format!(r#"{json},"Arguments":"{{% $states.input.where %}}""#)), &[]),
        (&reader(json), &[&format!("SCHEMA: These fields are required: [Arguments] at {at}")]),
        (
            &reader(&format!(r#"{json},"Arguments":7"#)),
            &[&format!("SCHEMA: Expected value of type Object at {at}/Arguments")],
        ),
        (
            &reader(&format!(r#"{json},"Arguments":{{"Bucket":"b","Key.$":"$.k"}}"#)),
            &[
                &format!("SCHEMA: The field 'Key' is required but was missing at {at}/Arguments"),
                &format!("SCHEMA: The field \"Key.$\" is not supported by Step Functions at {at}/Arguments"),
            ],
        ),
        // Measured on AWS.
        (
            &reader(
                r#""Arguments":{"Bucket":"b","Key":"k"},"ReaderConfig":{"InputType":"JSON","MaxItemsPath":"$.n"}"#,
            ),
            &[&format!(
                "SCHEMA: The QueryLanguage is set to 'JSONata', but field 'MaxItemsPath' is only supported for the \
                 'JSONPath' QueryLanguage at {at}/ReaderConfig"
            )],
        ),
        (
            &reader(r#""Arguments":{"Bucket":"b","Key":"k"},"ReaderConfig":{"InputType":"{% 'JSON' %}"}"#),
            &[&format!(
                "SCHEMA: The field 'InputType' should have one of these values: [CSV, JSON, JSONL, PARQUET, MANIFEST] \
                 at {at}/ReaderConfig/InputType"
            )],
        ),
    ]);
}

/// Recorded: AWS accepts an ItemsPath beside an ItemReader. It is passed over.
#[test]
fn a_path_to_items_beside_a_reader_is_no_mistake() {
    check_states(&[(&format!(r#"{},"ItemsPath":"$.nothing""#, of_object(r#""InputType":"JSON""#)), &[])]);
}
