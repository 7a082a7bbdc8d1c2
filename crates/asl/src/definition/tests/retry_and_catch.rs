//! `Retry` and `Catch`. (spec/validation.md §8)

use super::{check, check_states};

fn retry(retriers: &str) -> String {
    format!(r#""Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Retry":[{retriers}]"#)
}

#[test]
fn retriers() {
    let retrier = |fields: &str| retry(&format!(r#"{{"ErrorEquals":["E"],{fields}}}"#));
    check_states(&[
        (&retry(""), &[]),
        (
            &retrier(
                r#""Comment":"c","IntervalSeconds":1,"MaxAttempts":0,"BackoffRate":1,"MaxDelaySeconds":31622400,
                "JitterStrategy":"FULL""#,
            ),
            &[],
        ),
        (
            r#""Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Retry":{},"Catch":"E""#,
            &[
                "SCHEMA: Expected value of type Array at /States/S/Retry",
                "SCHEMA: Expected value of type Array at /States/S/Catch",
            ],
        ),
        (
            r#""Type":"Map","Retry":[{"ErrorEquals":[]}],"ItemProcessor":{"StartAt":"I","States":{
                "I":{"Type":"Succeed"}}}"#,
            &["SCHEMA: Value cannot be empty at /States/S/Retry[0]/ErrorEquals"],
        ),
        (
            &retrier(r#""MaxDelaySeconds":0"#),
            &["SCHEMA: Minimum value is 1 at /States/S/Retry[0]/MaxDelaySeconds"],
        ),
        (&retry("1"), &["SCHEMA: Expected value of type Object at /States/S/Retry[0]"]),
        (&retry("{}"), &["SCHEMA: These fields are required: [ErrorEquals] at /States/S/Retry[0]"]),
        (&retrier(r#""Backoff":1"#), &["SCHEMA: Field 'Backoff' is not supported at /States/S/Retry[0]"]),
        (
            &retrier(r#""IntervalSeconds":0"#),
            &["SCHEMA: Minimum value is 1 at /States/S/Retry[0]/IntervalSeconds"],
        ),
        (
            &retrier(r#""IntervalSeconds":100000000"#),
            &["SCHEMA: Maximum value is 99999999 at /States/S/Retry[0]/IntervalSeconds"],
        ),
        (
            &retrier(r#""IntervalSeconds":1.5"#),
            &["SCHEMA: Expected value of type Integer at /States/S/Retry[0]/IntervalSeconds"],
        ),
        (&retrier(r#""MaxAttempts":-1"#), &["SCHEMA: Minimum value is 0 at /States/S/Retry[0]/MaxAttempts"]),
        (
            &retrier(r#""MaxAttempts":100000000"#),
            &["SCHEMA: Maximum value is 99999999 at /States/S/Retry[0]/MaxAttempts"],
        ),
        (
            &retrier(r#""BackoffRate":0.9"#),
            &["SCHEMA: Minimum value is 1.0 at /States/S/Retry[0]/BackoffRate"],
        ),
        (
            &retrier(r#""BackoffRate":"2""#),
            &["SCHEMA: Expected value of type Number at /States/S/Retry[0]/BackoffRate"],
        ),
        (
            &retrier(r#""MaxDelaySeconds":31622401"#),
            &["SCHEMA: Maximum value is 31622400 at /States/S/Retry[0]/MaxDelaySeconds"],
        ),
        (
            &retrier(r#""IntervalSeconds":5,"MaxDelaySeconds":5"#),
            &[
                "SCHEMA: MaxDelaySeconds must be greater than IntervalSeconds at /States/S/Retry[0]/MaxDelaySeconds",
            ],
        ),
        (
            &retrier(r#""JitterStrategy":"SOME""#),
            &["SCHEMA: The field 'JitterStrategy' should have one of these values: [FULL, NONE] at \
               /States/S/Retry[0]/JitterStrategy"],
        ),
    ]);
}

#[test]
fn error_names() {
    // The text and the place are those of a deployment that AWS refused.
    let all = "SCHEMA: States.ALL must appear alone and at end of list at /States/S/Retry";
    let names = |names: &str| retry(&format!(r#"{{"ErrorEquals":{names}}}"#));
    check_states(&[
        (&names(r#"["States.ALL"]"#), &[]),
        (&names(r#"["A","States.TaskFailed"]"#), &[]),
        (&names("[]"), &["SCHEMA: Value cannot be empty at /States/S/Retry[0]/ErrorEquals"]),
        (&names(r#""A""#), &["SCHEMA: Expected value of type Array at /States/S/Retry[0]/ErrorEquals"]),
        (
            &names(r#"["A",1]"#),
            &["SCHEMA: Expected value of type String at /States/S/Retry[0]/ErrorEquals[1]"],
        ),
        (&names(r#"["States.ALL","A"]"#), &[&format!("{all}[0]/ErrorEquals[0]")]),
        (&names(r#"["A","States.ALL"]"#), &[&format!("{all}[0]/ErrorEquals[1]")]),
        (
            &retry(r#"{"ErrorEquals":["States.ALL"]},{"ErrorEquals":["A"]}"#),
            &[&format!("{all}[0]/ErrorEquals[0]")],
        ),
        (&retry(r#"{"ErrorEquals":["A"]},{"ErrorEquals":["States.ALL"]}"#), &[]),
        (
            &retry(r#"{"ErrorEquals":["States.ALL"]},{"ErrorEquals":["States.ALL"]}"#),
            &[&format!("{all}[0]/ErrorEquals[0]")],
        ),
    ]);
}

#[test]
fn catchers() {
    let catch = |catchers: &str| {
        format!(
            r#"{{"StartAt":"S","States":{{"S":{{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",
                "Catch":[{catchers}],"Next":"E"}},"E":{{"Type":"Succeed"}}}}}}"#
        )
    };
    check(&[
        (&catch(""), &[]),
        (
            &catch(
                r#"{"ErrorEquals":["A"],"Next":"E","ResultPath":null,"Comment":"c","Assign":{"v.$":"$.Error"}}"#,
            ),
            &[],
        ),
        (&catch("1"), &["SCHEMA: Expected value of type Object at /States/S/Catch[0]"]),
        (&catch("{}"), &["SCHEMA: These fields are required: [ErrorEquals, Next] at /States/S/Catch[0]"]),
        (
            &catch(r#"{"ErrorEquals":["A"],"Next":1}"#),
            &["SCHEMA: Expected value of type String at /States/S/Catch[0]/Next"],
        ),
        (
            &catch(r#"{"ErrorEquals":["A"],"Next":"E"},{"ErrorEquals":["B"],"Next":"F"}"#),
            &["MISSING_TRANSITION_TARGET: Missing 'Next' target: F at /States/S/Catch[1]/Next"],
        ),
        (
            &catch(r#"{"ErrorEquals":["A"],"Next":"E","Assign":{"v.$":"v"}}"#),
            &[
                "SCHEMA: The value for the field 'v.$' must be a valid JSONPath or a valid intrinsic function call at \
               /States/S/Catch[0]/Assign",
            ],
        ),
        (
            &catch(r#"{"ErrorEquals":["A"],"Next":"E","IntervalSeconds":1}"#),
            &["SCHEMA: Field 'IntervalSeconds' is not supported at /States/S/Catch[0]"],
        ),
        (
            &catch(r#"{"ErrorEquals":["States.ALL"],"Next":"E"},{"ErrorEquals":["A"],"Next":"E"}"#),
            &["SCHEMA: States.ALL must appear alone and at end of list at /States/S/Catch[0]/ErrorEquals[0]"],
        ),
        (
            &catch(r#"{"ErrorEquals":["A"],"Next":"E","ResultPath":"$$.a"}"#),
            &["SCHEMA: Value is not a Reference Path at /States/S/Catch[0]/ResultPath"],
        ),
        (
            &catch(r#"{"ErrorEquals":["A"],"Next":"E","Output":1}"#),
            &[
                "SCHEMA: The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the \
               'JSONata' QueryLanguage at /States/S/Catch[0]",
            ],
        ),
    ]);
}
