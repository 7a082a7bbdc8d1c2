//! What only distributed Maps have: labels and batches. (spec/asl.md §10, spec/validation.md §8)

use super::{check, check_states};

/// A lone distributed Map with STANDARD children and these fields.
pub(super) fn distributed(fields: &str) -> String {
    format!(
        r#""Type":"Map","ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"}},
            "StartAt":"I","States":{{"I":{{"Type":"Succeed"}}}}}},{fields}"#
    )
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
            (&distributed(&field_and_value), &[]),
            (&distributed(&field_and_value).replace("ItemProcessor", "Iterator"), &[]),
        ]);
    }
}

#[test]
fn item_batchers() {
    let batcher = |fields: &str| distributed(&format!(r#""ItemBatcher":{{{fields}}}"#));
    let at = "/States/S/ItemBatcher";
    let pair = |name: &str| {
        format!("SCHEMA: There should only be one of the following fields: [{name}, {name}Path] at {at}")
    };
    check_states(&[
        (&batcher(r#""MaxInputBytesPerBatch":262144,"BatchInput":{"a.$":"$.a"}"#), &[]),
        (&batcher(r#""MaxItemsPerBatchPath":"$.n","MaxInputBytesPerBatchPath":"$variable""#), &[]),
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
        (
            &batcher(r#""MaxItemsPerBatch":1.5,"MaxInputBytesPerBatch":"1""#),
            &[
                &format!("SCHEMA: Expected value of type Integer at {at}/MaxItemsPerBatch"),
                &format!("SCHEMA: Expected value of type Integer at {at}/MaxInputBytesPerBatch"),
            ],
        ),
        (
            &batcher(r#""MaxItemsPerBatch":1,"BatchInput":[]"#),
            &[&format!("SCHEMA: Expected value of type Object at {at}/BatchInput")],
        ),
        (&distributed(r#""ItemBatcher":10"#), &[&format!("SCHEMA: Expected value of type Object at {at}")]),
        (
            &distributed(
                r#""QueryLanguage":"JSONata","ItemBatcher":{"MaxItemsPerBatch":"{% $n %}",
                    "MaxInputBytesPerBatch":"{% $states.input.n %}","BatchInput":{"a":"{% $states.context %}"}}"#,
            ),
            &[],
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
fn labels() {
    let label = |label: &str| distributed(&format!(r#""Label":"{label}""#));
    let at = "/States/S/Label";
    check_states(&[
        (&label(&"é".repeat(40)), &[]),
        (&label("a-b_c.d/e+f=g@h!(i)'"), &[]),
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
    check(&[
        (&two("one", "two"), &[]),
        (
            &two("one", "one"),
            &[&format!("DUPLICATE_LABEL_NAME: Duplicate Label name: one at {inside}/Label")],
        ),
    ]);
}
