//! The data flow fields: paths and templates. (spec/validation.md §5, §8)

use super::check_states;

#[test]
fn input_and_output_paths() {
    check_states(&[
        (r#""Type":"Pass","InputPath":null,"OutputPath":"$.a[*]""#, &[]),
        (r#""Type":"Pass","InputPath":"$$.Execution.Input","OutputPath":"$variable.a""#, &[]),
        // Reported from AWS.
        (
            r#""Type":"Pass","OutputPath":"Test""#,
            &["SCHEMA: Value must be a valid JSONPath. at /States/S/OutputPath"],
        ),
        (
            r#""Type":"Pass","InputPath":1"#,
            &["SCHEMA: Value must be a valid JSONPath. at /States/S/InputPath"],
        ),
        (
            r#""Type":"Pass","InputPath":"$.a[b""#,
            &["SCHEMA: Value must be a valid JSONPath. at /States/S/InputPath"],
        ),
        (
            r#""Type":"Succeed","InputPath":"States.UUID()""#,
            &["SCHEMA: Value must be a valid JSONPath. at /States/S/InputPath"],
        ),
    ]);
}

#[test]
fn result_paths() {
    let wrong = "SCHEMA: Value is not a Reference Path at /States/S/ResultPath";
    check_states(&[
        (r#""Type":"Pass","ResultPath":null"#, &[]),
        (r#""Type":"Pass","ResultPath":"$.a['b'][0]""#, &[]),
        (
            r#""Type":"Pass","ResultPath":"a""#,
            &[
                "SCHEMA: Value is not a Reference Path: Reference path didn't start with '$' at /States/S/ResultPath",
            ],
        ),
        (
            r#""Type":"Pass","ResultPath":1"#,
            &[
                "SCHEMA: Value is not a Reference Path: Reference path didn't start with '$' at /States/S/ResultPath",
            ],
        ),
        (r#""Type":"Pass","ResultPath":"$$.a""#, &[wrong]),
        (r#""Type":"Pass","ResultPath":"$variable""#, &[wrong]),
        (
            r#""Type":"Pass","ResultPath":"$.a[*]""#,
            &[
                "SCHEMA: Value is not a Reference Path: '[' must be followed by ' or '[' at /States/S/ResultPath",
            ],
        ),
        (r#""Type":"Pass","ResultPath":"$..a""#, &[wrong]),
    ]);
}

#[test]
fn templates() {
    let wrong = |key: &str, field: &str| {
        format!(
            "SCHEMA: The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call \
             at /States/S/{field}"
        )
    };
    check_states(&[
        (
            r#""Type":"Pass","Parameters":{"a.$":"$.a","b":[{"c.$":"States.UUID()","d.$":"$$.State.Name"}]}"#,
            &[],
        ),
        // Recorded: a call in which a quote is escaped with too few backslashes.
        (
            r#""Type":"Pass","Parameters":{"parsed.$":"States.Format('He said, \\\"Hello, {}!\\\"', 'Test \\\"Name\\\" Here')"}"#,
            &[&wrong("parsed.$", "Parameters")],
        ),
        // Reported from AWS.
        (r#""Type":"Pass","Assign":{"Variable.$":"Test"}"#, &[&wrong("Variable.$", "Assign")]),
        (
            r#""Type":"Pass","Parameters":{"a":[{"b.$":1}],"c.$":"States.Nope()","d.$":"States.UUID(1)"}"#,
            &[&wrong("b.$", "Parameters"), &wrong("c.$", "Parameters"), &wrong("d.$", "Parameters")],
        ),
        (
            r#""Type":"Pass","Parameters":{"a":1,"a.$":"$"}"#,
            &["SCHEMA: The fields 'a' and 'a.$' must not stand in one object at /States/S/Parameters"],
        ),
        (
            r#""Type":"Pass","Parameters":"$""#,
            &["SCHEMA: Expected value of type Object at /States/S/Parameters"],
        ),
        (r#""Type":"Pass","Assign":[]"#, &["SCHEMA: Expected value of type Object at /States/S/Assign"]),
        (
            r#""Type":"Parallel","Branches":[{"StartAt":"I","States":{"I":{"Type":"Succeed"}}}],"ResultSelector":{"a.$":"a"}"#,
            &[&wrong("a.$", "ResultSelector")],
        ),
        (
            r#""Type":"Map","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}},"ItemSelector":{"a.$":"a"}"#,
            &[&wrong("a.$", "ItemSelector")],
        ),
    ]);
}

#[test]
fn calls_in_templates() {
    let nested = |depth: usize| format!("{}$.a{}", "States.Array(".repeat(depth), ")".repeat(depth));
    let parameters = |call: &str| format!(r#""Type":"Pass","Parameters":{{"a.$":"{call}"}}"#);
    let wrong = "SCHEMA: The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at \
                 /States/S/Parameters";
    check_states(&[
        (&parameters(&nested(10)), &[]),
        (&parameters(&nested(11)), &[wrong]),
        (&parameters("States.ArrayLength($.a, $.b)"), &[wrong]),
        (&parameters("States.MathAdd(1)"), &[wrong]),
        (&parameters("States.format('{}', 1)"), &[wrong]),
        (&parameters("States.Format('{}', 1"), &[wrong]),
        (&parameters(""), &[wrong]),
    ]);
}

#[test]
fn a_template_of_very_many_computed_members_is_read_in_one_pass() {
    let members: Vec<String> = (0..20_000).map(|member| format!(r#""m{member}.$":"$""#)).collect();
    let fields = format!(r#""Type":"Pass","Parameters":{{{}}}"#, members.join(","));
    check_states(&[(&fields, &[])]);
}
