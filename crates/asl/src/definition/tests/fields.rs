//! Which fields a state may have, by its type and its query language. (spec/asl.md §2, §3)

use super::{check, check_states, lone, said};

/// For each type: the least it needs, and what it has beside that (JSONPath).
const TYPES: &[(&str, &str, &[&str])] = &[
    (
        "Task",
        r#""Resource":"arn:aws:states:::lambda:invoke""#,
        &[
            "InputPath",
            "OutputPath",
            "ResultPath",
            "Parameters",
            "ResultSelector",
            "Assign",
            "Retry",
            "Catch",
            "Next",
            "TimeoutSeconds",
            "TimeoutSecondsPath",
            "HeartbeatSeconds",
            "HeartbeatSecondsPath",
            "Credentials",
        ],
    ),
    (
        "Parallel",
        r#""Branches":[{"StartAt":"I","States":{"I":{"Type":"Succeed"}}}]"#,
        &[
            "InputPath",
            "OutputPath",
            "ResultPath",
            "Parameters",
            "ResultSelector",
            "Assign",
            "Retry",
            "Catch",
            "Next",
        ],
    ),
    (
        "Map",
        r#""ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}}"#,
        &[
            "InputPath",
            "OutputPath",
            "ResultPath",
            "Parameters",
            "ResultSelector",
            "Assign",
            "Retry",
            "Catch",
            "Next",
            "ItemSelector",
            "ItemsPath",
            "MaxConcurrency",
            "MaxConcurrencyPath",
        ],
    ),
    (
        "Pass",
        r#""Comment":"""#,
        &["InputPath", "OutputPath", "ResultPath", "Parameters", "Assign", "Next", "Result"],
    ),
    ("Wait", r#""Seconds":1"#, &["InputPath", "OutputPath", "Assign", "Next"]),
    (
        "Choice",
        r#""Choices":[{"Variable":"$.a","IsNull":true,"Next":"E"}]"#,
        &["InputPath", "OutputPath", "Assign", "Default"],
    ),
    ("Succeed", r#""Comment":"""#, &["InputPath", "OutputPath"]),
    ("Fail", r#""Comment":"""#, &["Error", "ErrorPath", "Cause", "CausePath"]),
];

/// A sound value for each field.
const VALUES: &[(&str, &str)] = &[
    ("InputPath", r#""$""#),
    ("OutputPath", r#""$""#),
    ("ResultPath", "null"),
    ("Parameters", r#"{"FunctionName":"f"}"#),
    ("ResultSelector", "{}"),
    ("Assign", "{}"),
    ("Retry", "[]"),
    ("Catch", "[]"),
    ("Next", r#""E""#),
    ("TimeoutSeconds", "2"),
    ("HeartbeatSeconds", "1"),
    ("Credentials", r#"{"RoleArn":"r"}"#),
    ("ItemsPath", r#""$""#),
    ("MaxConcurrency", "0"),
    ("Result", "0"),
    ("Default", r#""E""#),
    ("Error", r#""e""#),
    ("Cause", r#""c""#),
    ("ErrorPath", r#""$.e""#),
    ("CausePath", r#""$.c""#),
    ("TimeoutSecondsPath", r#""$.t""#),
    ("HeartbeatSecondsPath", r#""$.h""#),
    ("ItemSelector", "{}"),
    ("MaxConcurrencyPath", r#""$.n""#),
    ("Resource", r#""arn:aws:states:::lambda:invoke""#),
    ("Branches", r#"[{"StartAt":"J","States":{"J":{"Type":"Succeed"}}}]"#),
    ("ItemProcessor", r#"{"StartAt":"J","States":{"J":{"Type":"Succeed"}}}"#),
    ("Choices", r#"[{"Variable":"$.a","IsNull":true,"Next":"E"}]"#),
    ("Seconds", "1"),
    ("TimestampPath", r#""$.t""#),
    ("Unknown", "0"),
    ("next", "0"),
];

#[test]
fn each_type_has_its_fields_and_no_others() {
    for (name, least, fields) in TYPES {
        for (field, value) in VALUES.iter().filter(|(field, _)| !least.contains(&format!("\"{field}\""))) {
            let terminal = *field == "Next" || matches!(*name, "Choice" | "Succeed" | "Fail");
            let end = if terminal { "" } else { r#","End":true"# };
            // Whatever S does, something leads to E and something ends the machine.
            let definition = format!(
                r#"{{"StartAt":"O","States":{{"O":{{"Type":"Choice","Choices":[{{"Variable":"$.a","IsNull":true,
                    "Next":"E"}}],"Default":"S"}},"S":{{"Type":"{name}",{least},"{field}":{value}{end}}},
                    "E":{{"Type":"Succeed"}}}}}}"#
            );
            // A Wait has exactly one of its four.
            let expected = if *name == "Wait" && *field == "TimestampPath" {
                vec![
                    "SCHEMA: There should only be one of the following fields: [Seconds, SecondsPath, Timestamp, \
                      TimestampPath] at /States/S"
                        .to_owned(),
                ]
            } else if fields.contains(field) {
                vec![]
            } else {
                // Measured on AWS for TimeoutSeconds, Catch and Retry.
                vec![format!("SCHEMA: Field '{field}' is not supported at /States/S")]
            };
            assert_eq!(said(&definition, Default::default()), expected, "{name} {field}");
        }
    }
}

#[test]
fn states_that_end_or_branch_have_neither_next_nor_end() {
    check_states(&[
        (r#""Type":"Succeed","End":true"#, &["SCHEMA: Field 'End' is not supported at /States/S"]),
        (r#""Type":"Fail","End":true"#, &["SCHEMA: Field 'End' is not supported at /States/S"]),
        (
            r#""Type":"Choice","End":true,"Choices":[{"Variable":"$.a","IsNull":true,"Next":"S"}]"#,
            &[
                "SCHEMA: Field 'End' is not supported at /States/S",
                "MISSING_END_STATE: Workflow has no terminal state",
            ],
        ),
        (
            r#""Type":"Fail","ResultPath":"$"}"#.trim_end_matches('}'),
            &["SCHEMA: Field 'ResultPath' is not supported at /States/S"],
        ),
    ]);
}

#[test]
fn required_fields() {
    check_states(&[
        (r#""Type":"Task""#, &["SCHEMA: These fields are required: [Resource] at /States/S"]),
        // Reported from AWS.
        (r#""Type":"Choice""#, &["SCHEMA: These fields are required: [Choices] at /States/S"]),
        (r#""Type":"Parallel""#, &["SCHEMA: These fields are required: [Branches] at /States/S"]),
    ]);
}

#[test]
fn next_or_end() {
    check(&[
        (
            r#"{"StartAt":"S","States":{"S":{"Type":"Pass","End":false}}}"#,
            &["SCHEMA: One of the following fields is required: [Next, End] at /States/S"],
        ),
        (
            r#"{"StartAt":"S","States":{"S":{"Type":"Pass","End":true,"Next":"E"},"E":{"Type":"Succeed"}}}"#,
            &["SCHEMA: There should only be one of the following fields: [Next, End] at /States/S"],
        ),
        (
            r#"{"StartAt":"S","States":{"S":{"Type":"Pass","End":false,"Next":"E"},"E":{"Type":"Succeed"}}}"#,
            &[],
        ),
        (
            r#"{"StartAt":"S","States":{"S":{"Type":"Pass","End":"true"}}}"#,
            &[
                "SCHEMA: Expected value of type Boolean at /States/S/End",
                "SCHEMA: One of the following fields is required: [Next, End] at /States/S",
            ],
        ),
    ]);
}

#[test]
fn fields_of_the_other_query_language() {
    check(&[
        // Measured on AWS.
        (
            r#"{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"P","States":{
                "P":{"Type":"Pass","Output":1,"End":true}}}}}}"#,
            &[
                "SCHEMA: The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the \
               'JSONata' QueryLanguage at /States/M/ItemProcessor/States/P",
            ],
        ),
        (
            r#"{"StartAt":"S","States":{"S":{"Type":"Pass","QueryLanguage":"JSONata","InputPath":"$","Result":1,
                "End":true}}}"#,
            &[
                "SCHEMA: The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the \
                 'JSONPath' QueryLanguage at /States/S",
                "SCHEMA: The QueryLanguage is set to 'JSONata', but field 'Result' is only supported for the \
                 'JSONPath' QueryLanguage at /States/S",
            ],
        ),
        // The language of a Map is not that of the states inside it.
        (
            r#"{"StartAt":"M","States":{"M":{"Type":"Map","QueryLanguage":"JSONata","End":true,"ItemProcessor":{
                "StartAt":"P","States":{"P":{"Type":"Pass","Output":1,"End":true}}}}}}"#,
            &[
                "SCHEMA: The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the \
               'JSONata' QueryLanguage at /States/M/ItemProcessor/States/P",
            ],
        ),
        (
            r#"{"QueryLanguage":"JSONata","StartAt":"C","States":{"C":{"Type":"Choice","Choices":[
                {"Variable":"$.a","IsNull":true,"Condition":"{% true %}","Next":"E"}]},"E":{"Type":"Succeed"}}}"#,
            &[
                "SCHEMA: The QueryLanguage is set to 'JSONata', but field 'Variable' is only supported for the \
                 'JSONPath' QueryLanguage at /States/C/Choices[0]",
                "SCHEMA: The QueryLanguage is set to 'JSONata', but field 'IsNull' is only supported for the \
                 'JSONPath' QueryLanguage at /States/C/Choices[0]",
            ],
        ),
    ]);
}

#[test]
fn query_languages() {
    check(&[
        // Recorded.
        (
            r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true,"QueryLanguage":"JSONPath"}},
                "QueryLanguage":"JSONata"}"#,
            &[
                "SCHEMA: 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at \
               /States/P",
            ],
        ),
        // Measured on AWS: any other value counts as JSONata.
        (
            r#"{"QueryLanguage":"jsonpath","StartAt":"P","States":{"P":{"Type":"Pass","End":true,"Result":1}}}"#,
            &[
                "SCHEMA: The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata] at \
                 /QueryLanguage",
                "SCHEMA: The QueryLanguage is set to 'JSONata', but field 'Result' is only supported for the \
                 'JSONPath' QueryLanguage at /States/P",
            ],
        ),
        (
            r#"{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"Iterator":{"QueryLanguage":"JSONPath",
                "StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}"#,
            &["SCHEMA: Field 'QueryLanguage' is not supported at /States/M/Iterator"],
        ),
        (
            r#"{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{"QueryLanguage":"JSONata",
                "StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}"#,
            &["SCHEMA: Field 'QueryLanguage' is not supported at /States/M/ItemProcessor"],
        ),
    ]);
    let typed = lone(r#""Type":"Pass","QueryLanguage":1"#);
    check(&[(
        &typed,
        &["SCHEMA: The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata] at \
           /States/S/QueryLanguage"],
    )]);
}
