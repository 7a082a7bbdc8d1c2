//! What is accepted and warned of. (spec/validation.md §3)

use super::{check, check_states};

#[test]
fn warnings_never_refuse() {
    let no_dollar = "No .$ on a field that appears to be a JSONPath or Intrinsic Function.";
    let no_path = "Field value looks like a path, but field name does not end with 'Path'.";
    check_states(&[
        (
            r#""Type":"Pass","Parameters":{"a":[{"b":"$.c"}]}"#,
            &[&format!("NO_DOLLAR: {no_dollar} at /States/S/Parameters")],
        ),
        (
            r#""Type":"Pass","Assign":{"a":"States.UUID()"}"#,
            &[&format!("NO_DOLLAR: {no_dollar} at /States/S/Assign")],
        ),
        (r#""Type":"Pass","Parameters":{"price":"$5","name":"$user","text":"States. A"}"#, &[]),
        (
            r#""Type":"Task","Resource":"arn:aws:states:::lambda:invoke","ResultSelector":{"a":"$$.b"},
                "Credentials":{"RoleArn":"$.role"},"Parameters":{"FunctionName":"f","Payload":{"a":"$[0]"}}"#,
            &[
                &format!("NO_DOLLAR: {no_dollar} at /States/S/Parameters"),
                &format!("NO_DOLLAR: {no_dollar} at /States/S/ResultSelector"),
                &format!("NO_DOLLAR: {no_dollar} at /States/S/Credentials"),
            ],
        ),
        (
            r#""Type":"Map","ItemSelector":{"a":"$$.Map.Item.Value"},"ItemProcessor":{"StartAt":"I","States":{
                "I":{"Type":"Succeed"}}}"#,
            &[&format!("NO_DOLLAR: {no_dollar} at /States/S/ItemSelector")],
        ),
        (r#""Type":"Fail","Cause":"$.c""#, &[&format!("NO_PATH: {no_path} at /States/S/Cause")]),
        // Warnings stand among the errors.
        (
            r#""Type":"Pass","Parameters":{"a":"$.b"},"Catch":[]"#,
            &[
                "SCHEMA: Field 'Catch' is not supported at /States/S",
                &format!("NO_DOLLAR: {no_dollar} at /States/S/Parameters"),
            ],
        ),
        (r#""Type":"Fail","Error":"$.e""#, &[&format!("NO_PATH: {no_path} at /States/S/Error")]),
        (
            r#""Type":"Pass","Result":{"a":"$.b"}"#,
            &[
                "PASS_RESULT_IS_STATIC: Attempt to use a path in the result of a pass state. at /States/S/Result",
            ],
        ),
        (
            r#""Type":"Pass","Result":{"a.$":"$.b"}"#,
            &[
                "PASS_RESULT_IS_STATIC: Attempt to use a path in the result of a pass state. at /States/S/Result",
            ],
        ),
        (r#""Type":"Pass","Result":{"a":"b"}"#, &[]),
    ]);
    check(&[(
        r#"{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Variable":"$.a","StringEquals":"$.b",
            "Next":"E"}]},"E":{"Type":"Succeed"}}}"#,
        &[&format!("NO_PATH: {no_path} at /States/C/Choices[0]/StringEquals")],
    )]);
    check(&[(
        r#"{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Next":"E","Or":[{"Not":{"Variable":"$.a",
            "StringMatches":"$.b"}},{"And":[{"Variable":"$.a","StringLessThan":"$$.c"},{"Variable":"$.a",
            "StringEqualsPath":"$.d"}]}]}]},"E":{"Type":"Succeed"}}}"#,
        &[
            &format!("NO_PATH: {no_path} at /States/C/Choices[0]/Or[0]/Not/StringMatches"),
            &format!("NO_PATH: {no_path} at /States/C/Choices[0]/Or[1]/And[0]/StringLessThan"),
        ],
    )]);
}
