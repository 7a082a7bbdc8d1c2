//! The fields of Task, Wait, Choice, Parallel and Fail. (spec/validation.md §5, §8)

use super::{check, check_states};

#[test]
fn task_timeouts_and_heartbeats() {
    let task =
        |fields: &str| format!(r#""Type":"Task","Resource":"arn:aws:states:::lambda:invoke",{fields}"#);
    check_states(&[
        (&task(r#""TimeoutSeconds":99999999,"HeartbeatSeconds":1"#), &[]),
        (&task(r#""TimeoutSecondsPath":"$.t","HeartbeatSecondsPath":"$variable""#), &[]),
        (&task(r#""TimeoutSeconds":0"#), &["SCHEMA: Minimum value is 1 at /States/S/TimeoutSeconds"]),
        (
            &task(r#""TimeoutSeconds":100000000"#),
            &["SCHEMA: Maximum value is 99999999 at /States/S/TimeoutSeconds"],
        ),
        (
            &task(r#""TimeoutSeconds":123456789012345678901234567890"#),
            &["SCHEMA: Maximum value is 99999999 at /States/S/TimeoutSeconds"],
        ),
        (
            &task(r#""HeartbeatSeconds":-123456789012345678901234567890"#),
            &["SCHEMA: Minimum value is 1 at /States/S/HeartbeatSeconds"],
        ),
        (
            &task(r#""TimeoutSeconds":"{% 1 %}""#),
            &["SCHEMA: Expected value of type Integer at /States/S/TimeoutSeconds"],
        ),
        (
            &task(r#""TimeoutSeconds":1,"TimeoutSecondsPath":"$.t""#),
            &[
                "SCHEMA: There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath] at \
               /States/S",
            ],
        ),
        (
            &task(r#""HeartbeatSeconds":1,"HeartbeatSecondsPath":"$.t""#),
            &["SCHEMA: There should only be one of the following fields: [HeartbeatSeconds, \
               HeartbeatSecondsPath] at /States/S"],
        ),
        (
            &task(r#""TimeoutSeconds":5,"HeartbeatSeconds":5"#),
            &["SCHEMA: HeartbeatSeconds must be smaller than TimeoutSeconds at /States/S/HeartbeatSeconds"],
        ),
        (
            &task(r#""TimeoutSecondsPath":"$.t[*]""#),
            &["SCHEMA: Value is not a Reference Path: '[' must be followed by ' or '[' at \
               /States/S/TimeoutSecondsPath"],
        ),
    ]);
}

#[test]
fn task_credentials() {
    let task =
        |fields: &str| format!(r#""Type":"Task","Resource":"arn:aws:states:::lambda:invoke",{fields}"#);
    // Recorded.
    let missing = "SCHEMA: The field 'RoleArn' is required but was missing at /States/S/Credentials";
    check_states(&[
        (&task(r#""Credentials":{"RoleArn":"arn:aws:iam::123456789012:role/r"}"#), &[]),
        (&task(r#""Credentials":{"RoleArn.$":"$.role"}"#), &[]),
        (&task(r#""Credentials":{}"#), &[missing]),
        (&task(r#""Credentials":{"InvalidField":"invalid"}"#), &[missing]),
        (&task(r#""Credentials":"r""#), &["SCHEMA: Expected value of type Object at /States/S/Credentials"]),
    ]);
}

#[test]
fn waits() {
    // Recorded.
    let no_timestamp = "SCHEMA: String does not match RFC3339 timestamp at /States/S/Timestamp";
    let all = "[Seconds, SecondsPath, Timestamp, TimestampPath]";
    check_states(&[
        (r#""Type":"Wait","Seconds":0"#, &[]),
        (r#""Type":"Wait","SecondsPath":"$.a.b""#, &[]),
        (r#""Type":"Wait","Timestamp":"2016-03-14T01:59:00+01:00""#, &[]),
        (r#""Type":"Wait","TimestampPath":"$variable""#, &[]),
        (
            r#""Type":"Wait""#,
            &[&format!("SCHEMA: One of the following fields is required: {all} at /States/S")],
        ),
        (
            r#""Type":"Wait","Seconds":1,"SecondsPath":"$.a""#,
            &[&format!("SCHEMA: There should only be one of the following fields: {all} at /States/S")],
        ),
        (r#""Type":"Wait","Seconds":99999999"#, &[]),
        (r#""Type":"Wait","Timestamp":"2016-03-14T01:59:00.123456789+01:00""#, &[]),
        (r#""Type":"Wait","TimestampPath":"$$.Execution.StartTime""#, &[]),
        (r#""Type":"Wait","Seconds":100000000"#, &["SCHEMA: Maximum value is 99999999 at /States/S/Seconds"]),
        (r#""Type":"Wait","Timestamp":"2016-03-14T01:59:00""#, &[no_timestamp]),
        (r#""Type":"Wait","Timestamp":"2016-03-14 01:59:00Z""#, &[no_timestamp]),
        (r#""Type":"Wait","Timestamp":"2016-03-14t01:59:00z""#, &[no_timestamp]),
        (
            r#""Type":"Wait","Timestamp":"2016-03-14T01:59:00Z","TimestampPath":"$.t""#,
            &[&format!("SCHEMA: There should only be one of the following fields: {all} at /States/S")],
        ),
        (r#""Type":"Wait","Seconds":-1"#, &["SCHEMA: Minimum value is 0 at /States/S/Seconds"]),
        (r#""Type":"Wait","Seconds":1.5"#, &["SCHEMA: Expected value of type Integer at /States/S/Seconds"]),
        (r#""Type":"Wait","Timestamp":"2016-13-05T21:29:29Z""#, &[no_timestamp]),
        (r#""Type":"Wait","Timestamp":"05-12-2016T21:29:29Z""#, &[no_timestamp]),
        (r#""Type":"Wait","Timestamp":"{% '2016-03-14T01:59:00Z' %}""#, &[no_timestamp]),
        (r#""Type":"Wait","Timestamp":1"#, &["SCHEMA: Expected value of type String at /States/S/Timestamp"]),
        (
            r#""Type":"Wait","SecondsPath":"$..a""#,
            &["SCHEMA: Value is not a Reference Path at /States/S/SecondsPath"],
        ),
    ]);
}

#[test]
fn choices() {
    let machine = |rule: &str| {
        format!(
            r#"{{"StartAt":"C","States":{{"C":{{"Type":"Choice","Choices":[{rule}],"Default":"E"}},
                "E":{{"Type":"Succeed"}}}}}}"#
        )
    };
    check(&[
        (&machine(r#"{"Variable":"$.a","StringEquals":"x","Next":"E","Comment":"c","Assign":{"v":1}}"#), &[]),
        (
            &machine(
                r#"{"And":[{"Variable":"$$.a","IsNull":true},{"Not":{"Variable":"$v","IsNull":true}}],"Next":"E"}"#,
            ),
            &[],
        ),
        // Reported from AWS.
        (
            &machine(r#"{"Variable":"$","StringMatches":"Test"}"#),
            &["SCHEMA: These fields are required: [Next] at /States/C/Choices[0]"],
        ),
        (
            &machine(r#"{"Variable":"Test","StringMatches":"Test","Next":"E"}"#),
            &["SCHEMA: Value is not a Reference Path: Reference path didn't start with '$' at \
               /States/C/Choices[0]/Variable"],
        ),
        (&machine(""), &["SCHEMA: Value cannot be empty at /States/C/Choices"]),
        (&machine("1"), &["SCHEMA: Expected value of type Object at /States/C/Choices[0]"]),
        (
            &machine(r#"{"Variable":"$.a","Next":"E"}"#),
            &["SCHEMA: A rule with 'Variable' needs one comparison operator at /States/C/Choices[0]"],
        ),
        (
            &machine(r#"{"StringEquals":"a","Next":"E"}"#),
            &["SCHEMA: These fields are required: [Variable] at /States/C/Choices[0]"],
        ),
        (
            &machine(r#"{"Variable":"$.a","StringEquals":"a","IsNull":true,"Next":"E"}"#),
            &["SCHEMA: There should only be one of the following fields: [StringEquals, IsNull] at \
               /States/C/Choices[0]"],
        ),
        (
            &machine(r#"{"Variable":"$.a","NumericEquals":"1","Next":"E"}"#),
            &["SCHEMA: Expected value of type Number at /States/C/Choices[0]/NumericEquals"],
        ),
        (
            &machine(r#"{"Variable":"$.a","TimestampEquals":"today","Next":"E"}"#),
            &["SCHEMA: String does not match RFC3339 timestamp at /States/C/Choices[0]/TimestampEquals"],
        ),
        (
            &machine(r#"{"Variable":"$.a[$$.Execution.Id]b","StringEquals":"x","Next":"E"}"#),
            &["SCHEMA: Value is not a Reference Path: '[' must be followed by ' or '[' at \
               /States/C/Choices[0]/Variable"],
        ),
        (&machine(r#"{"Variable":"$['[']['a\\'[']","StringEquals":"x","Next":"E"}"#), &[]),
        (
            &machine(r#"{"Variable":"$.a","StringEqualsPath":"$..b","Next":"E"}"#),
            &["SCHEMA: Value is not a Reference Path at /States/C/Choices[0]/StringEqualsPath"],
        ),
        (
            &machine(r#"{"Not":[],"Next":"E"}"#),
            &["SCHEMA: Expected value of type Object at /States/C/Choices[0]/Not"],
        ),
        (
            &machine(r#"{"Or":{},"Next":"E"}"#),
            &["SCHEMA: Expected value of type Array at /States/C/Choices[0]/Or"],
        ),
        (
            &machine(r#"{"And":[{"Variable":"$.a","IsPresent":"true"},1],"Next":"E"}"#),
            &[
                "SCHEMA: Expected value of type Boolean at /States/C/Choices[0]/And[0]/IsPresent",
                "SCHEMA: Expected value of type Object at /States/C/Choices[0]/And[1]",
            ],
        ),
        (
            &machine(r#"{"And":[{"Variable":"$.a","IsNull":true}],"Variable":"$.a","Next":"E"}"#),
            &["SCHEMA: Field 'Variable' is not supported at /States/C/Choices[0]"],
        ),
        (
            &machine(r#"{"Next":"E"}"#),
            &["SCHEMA: A rule needs one of these fields: [And, Or, Not, Variable] at /States/C/Choices[0]"],
        ),
        (
            &machine(r#"{"And":[],"Next":"E"}"#),
            &["SCHEMA: Value cannot be empty at /States/C/Choices[0]/And"],
        ),
        (
            &machine(r#"{"Or":[{"Variable":"$.a","IsNull":true,"Next":"E"}],"Next":"E"}"#),
            &["SCHEMA: Field 'Next' is not supported at /States/C/Choices[0]/Or[0]"],
        ),
        (
            &machine(r#"{"Variable":"$.a","StringStartsWith":"a","Next":"E"}"#),
            &[
                "SCHEMA: Field 'StringStartsWith' is not supported at /States/C/Choices[0]",
                "SCHEMA: A rule with 'Variable' needs one comparison operator at /States/C/Choices[0]",
            ],
        ),
        (
            &machine(r#"{"Variable":"$.a","IsNull":true,"Next":"E","Output":1}"#),
            &[
                "SCHEMA: The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the \
               'JSONata' QueryLanguage at /States/C/Choices[0]",
            ],
        ),
    ]);
}

#[test]
fn parallel_branches() {
    check_states(&[
        // Recorded.
        (r#""Type":"Parallel","Branches":[]"#, &["SCHEMA: Value cannot be empty at /States/S/Branches"]),
        (
            r#""Type":"Parallel","Branches":{}"#,
            &["SCHEMA: Expected value of type Array at /States/S/Branches"],
        ),
        (
            r#""Type":"Parallel","Branches":[1]"#,
            &["SCHEMA: Expected value of type Object at /States/S/Branches[0]"],
        ),
        (
            r#""Type":"Parallel","Branches":[{"StartAt":"I","States":{"I":{"Type":"Succeed"}},"TimeoutSeconds":1},{}]"#,
            &[
                "SCHEMA: Field 'TimeoutSeconds' is not supported at /States/S/Branches[0]",
                "SCHEMA: These fields are required: [States, StartAt] at /States/S/Branches[1]",
            ],
        ),
    ]);
}

#[test]
fn fails() {
    let wrong = |field: &str| {
        format!(
            "SCHEMA: The value for the field '{field}' must be a valid JSONPath or a valid intrinsic function call \
             at /States/S/{field}"
        )
    };
    check_states(&[
        (r#""Type":"Fail""#, &[]),
        (r#""Type":"Fail","ErrorPath":"$.e","CausePath":"States.Format('{}', $.c)""#, &[]),
        (r#""Type":"Fail","ErrorPath":"$$.State.Name","CausePath":"$variable""#, &[]),
        (
            r#""Type":"Fail","Error":"e","ErrorPath":"$.e","Cause":"c","CausePath":"$.c""#,
            &[
                "SCHEMA: There should only be one of the following fields: [Error, ErrorPath] at /States/S",
                "SCHEMA: There should only be one of the following fields: [Cause, CausePath] at /States/S",
            ],
        ),
        (r#""Type":"Fail","Error":1"#, &["SCHEMA: Expected value of type String at /States/S/Error"]),
        (r#""Type":"Fail","ErrorPath":"e""#, &[&wrong("ErrorPath")]),
        // These calls give no strings.
        (r#""Type":"Fail","CausePath":"States.MathAdd(1, 2)""#, &[&wrong("CausePath")]),
    ]);
}
