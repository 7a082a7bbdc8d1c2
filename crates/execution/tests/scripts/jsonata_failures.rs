//! Expressions that fail: the sentences, the place of EvaluationFailed in the history, and what Retry and
//! Catch make of it. (spec/asl.md §13)

use expect_test::expect;

use crate::harness::{START, Stage, check, machine};
use crate::jsonata::jsonata;

/// Rows of (the fields of state A, what the cause says behind the place, the event's location).
#[track_caller]
fn check_causes(input: &str, rows: &[(&str, &str, &str)]) {
    for (fields, sentence, location) in rows {
        let after = if fields.contains(r#""Z""#) { r#", "Z": { "Type": "Succeed" }"# } else { "" };
        let definition = jsonata(&format!(r#"{{ "A": {{ {fields} }}{after} }}"#));
        let machine = machine(&definition);
        let mut stage = Stage::with_input(&machine, input);
        let turn = stage.wake(execution::Wakeup::Started, asl::Timestamp(START));
        let told = turn.history.iter().find_map(|event| match &event.kind {
            execution::EventKind::EvaluationFailed { failure, location, .. } => {
                Some((failure.clone(), location.clone()))
            }
            _ => None,
        });
        let Some((failure, place)) = told else { panic!("{fields} does not fail: {:#?}", turn.history) };
        let beginning = "An error occurred while executing the state 'A' (entered at the event id #2). ";
        assert_eq!(failure.name(), "States.QueryEvaluationError");
        assert_eq!(failure.cause.as_deref(), Some(&*format!("{beginning}{sentence}")), "{fields}");
        assert_eq!(place.as_deref(), Some(*location), "{fields}");
    }
}

const TASK: &str = r#""Type": "Task", "Resource": "function:f", "Next": "Z""#;
const MAP: &str = r#""Type": "Map", "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Succeed" } } }, "Next": "Z""#;

#[test]
fn nothing_is_a_failure_in_every_field() {
    let rows: &[(&str, &str)] = &[
        (r#""Type": "Pass", "Next": "Z", "Output": "?""#, "Output"),
        (r#""Type": "Pass", "Next": "Z", "Output": { "a": [0, { "b": "?" }] }"#, "Output/a[1]/b"),
        (r#""Type": "Pass", "Next": "Z", "Assign": { "x": "?" }"#, "Assign/x"),
        (r#""Type": "Succeed", "Output": ["?"]"#, "Output[0]"),
        (r#""Type": "Wait", "Next": "Z", "Seconds": "?""#, "Seconds"),
        (r#""Type": "Wait", "Next": "Z", "Timestamp": "?""#, "Timestamp"),
        (r#""Type": "Fail", "Error": "?""#, "Error"),
        (r#""Type": "Fail", "Cause": "?""#, "Cause"),
        (r#""Type": "Choice", "Choices": [{ "Condition": "?", "Next": "Z" }]"#, "Choices[0]/Condition"),
        (
            r#""Type": "Choice", "Choices": [{ "Condition": false, "Next": "Z" }, { "Condition": true, "Next": "Z",
                "Output": { "v": "?" } }]"#,
            "Choices[1]/Output/v",
        ),
        (
            r#""Type": "Choice", "Choices": [{ "Condition": true, "Next": "Z", "Assign": { "v": "?" } }]"#,
            "Choices[0]/Assign/v",
        ),
        (
            r#""Type": "Choice", "Choices": [{ "Condition": false, "Next": "Z" }], "Default": "Z", "Output": "?""#,
            "Output",
        ),
        (&format!(r#"{TASK}, "Arguments": "?""#), "Arguments"),
        (&format!(r#"{TASK}, "Arguments": {{ "FunctionName": "?" }}"#), "Arguments/FunctionName"),
        (&format!(r#"{TASK}, "TimeoutSeconds": "?""#), "TimeoutSeconds"),
        (&format!(r#"{TASK}, "HeartbeatSeconds": "?""#), "HeartbeatSeconds"),
        (&format!(r#"{TASK}, "Credentials": {{ "RoleArn": "?" }}"#), "Credentials/RoleArn"),
        (&format!(r#"{MAP}, "Items": "?""#), "Items"),
        (&format!(r#"{MAP}, "Items": [1, "?"]"#), "Items[1]"),
        (&format!(r#"{MAP}, "Items": [1], "ItemSelector": {{ "a": "?" }}"#), "ItemSelector/a"),
        (&format!(r#"{MAP}, "Items": [1], "MaxConcurrency": "?""#), "MaxConcurrency"),
        (&format!(r#"{MAP}, "Items": [1], "ToleratedFailureCount": "?""#), "ToleratedFailureCount"),
        (&format!(r#"{MAP}, "Items": [1], "ToleratedFailurePercentage": "?""#), "ToleratedFailurePercentage"),
    ];
    for (fields, location) in rows {
        let sentence = format!(
            "The JSONata expression '$nope' specified for the field '{location}' returned nothing (undefined)."
        );
        check_causes("{}", &[(&fields.replace('?', "{% $nope %}"), &sentence, location)]);
    }
}

#[test]
fn what_an_evaluation_comes_to() {
    let rows: &[(&str, &str)] = &[
        // Recorded.
        ("$eval('1')", "threw an error during evaluation. T1006: Attempted to invoke a non-function"),
        (
            "1 + 'a'",
            "threw an error during evaluation. T2002: The right side of the \"+\" operator must evaluate to a \
             number",
        ),
        ("$error('my words')", "threw an error during evaluation. D3137: my words"),
        ("$base64decode('!!!')", "threw an internal error during evaluation."),
        ("$sum", "returned an unsupported result type."),
        ("[1, function($x) { $x }]", "returned an unsupported result type."),
        (
            "($f := function($n) { 1 + $f($n) }; $f(1))",
            "threw an error during evaluation: the expression nests too deep",
        ),
    ];
    for (expression, what) in rows {
        let fields = format!(r#""Type": "Pass", "Next": "Z", "Output": {{ "v": "{{%   {expression} %}}" }}"#);
        let sentence =
            format!("The JSONata expression '{expression}' specified for the field 'Output/v' {what}");
        check_causes("{}", &[(&fields, &sentence, "Output/v")]);
    }
}

#[test]
fn values_of_another_kind() {
    let wrong = |fields: &str, field: &str, expected: &str, kind: &str, value: &str| {
        let sentence = format!(
            "The JSONata expression '$states.input' specified for the field '{field}' returned an unexpected \
             result type. Expected '{expected}', but was '{kind}' for value: {value}"
        );
        let fields = fields.replace('?', "{% $states.input %}");
        check_causes(value, &[(&fields, &sentence, field)]);
    };
    // Recorded for Items.
    wrong(&format!(r#"{MAP}, "Items": "?""#), "Items", "array", "boolean", "true");
    wrong(&format!(r#"{MAP}, "Items": "?""#), "Items", "array", "null", "null");
    wrong(&format!(r#"{MAP}, "Items": "?""#), "Items", "array", "object", r#"{"foo":"bar"}"#);
    wrong(&format!(r#"{MAP}, "Items": "?""#), "Items", "array", "number", "1");
    wrong(
        &format!(r#"{MAP}, "Items": [], "MaxConcurrency": "?""#),
        "MaxConcurrency",
        "number",
        "string",
        r#""1""#,
    );
    wrong(
        &format!(r#"{MAP}, "Items": [], "ToleratedFailurePercentage": "?""#),
        "ToleratedFailurePercentage",
        "number",
        "array",
        "[1,2]",
    );
    wrong(&format!(r#"{TASK}, "TimeoutSeconds": "?""#), "TimeoutSeconds", "number", "string", r#""5""#);
    let condition = r#""Type": "Choice", "Choices": [{ "Condition": "?", "Next": "Z" }]"#;
    wrong(condition, "Choices[0]/Condition", "boolean", "string", r#""true""#);
    wrong(r#""Type": "Wait", "Next": "Z", "Seconds": "?""#, "Seconds", "number", "string", r#""1""#);
    wrong(r#""Type": "Wait", "Next": "Z", "Timestamp": "?""#, "Timestamp", "string", "number", "1");
    wrong(r#""Type": "Fail", "Error": "?""#, "Error", "string", "number", "1");
    wrong(r#""Type": "Fail", "Cause": "?""#, "Cause", "string", "object", "{}");
}

#[test]
fn values_out_of_range() {
    let wrong = |fields: &str, field: &str, value: &str, sentence: &str| {
        check_causes(value, &[(&fields.replace('?', "{% $states.input %}"), sentence, field)]);
    };
    let wait = r#""Type": "Wait", "Next": "Z", "Seconds": "?""#;
    wrong(wait, "Seconds", "-1", "Seconds cannot be negative.");
    wrong(wait, "Seconds", "1.5", "The Seconds field cannot be parsed as a long value: 1.5");
    let timeout = format!(r#"{TASK}, "TimeoutSeconds": "?""#);
    wrong(&timeout, "TimeoutSeconds", "0", "TimeoutSeconds must be positive.");
    let concurrency = format!(r#"{MAP}, "Items": [], "MaxConcurrency": "?""#);
    wrong(&concurrency, "MaxConcurrency", "-2", "MaxConcurrency cannot be negative.");
    let count = format!(r#"{MAP}, "Items": [], "ToleratedFailureCount": "?""#);
    wrong(&count, "ToleratedFailureCount", "-2", "ToleratedFailureCount cannot be negative.");
    let percentage = format!(r#"{MAP}, "Items": [], "ToleratedFailurePercentage": "?""#);
    let between = "ToleratedFailurePercentage must be between 0 and 100.";
    wrong(&percentage, "ToleratedFailurePercentage", "100.1", between);
    // Recorded.
    wrong(
        r#""Type": "Wait", "Next": "Z", "Timestamp": "?""#,
        "Timestamp",
        r#""2016-12-05 21:29:29Z""#,
        "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: \
         2016-12-05 21:29:29Z",
    );
    let credentials = format!(r#"{TASK}, "Credentials": {{ "RoleArn": "?" }}"#);
    let role = "The field 'RoleArn' of 'Credentials' must be a string.";
    wrong(&credentials, "Credentials/RoleArn", "1", role);
}

/// Recorded, of a first state and of a later one.
#[test]
fn what_fails_on_entering_stands_beside_the_entered_event() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Pass", "Next": "B" }, "B": { "Type": "Pass", "Output": { "a": ["{% $nope %}"] }, "End": true } }"#,
        ),
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 PassStateEntered A {}
            3←2 PassStateExited A {}
            4←3 PassStateEntered B {}
            5←3 EvaluationFailed B Output/a[0] States.QueryEvaluationError: An error occurred while executing the state 'B' (entered at the event id #4). The JSONata expression '$nope' specified for the field 'Output/a[0]' returned nothing (undefined).
            6←5 ExecutionFailed States.QueryEvaluationError: An error occurred while executing the state 'B' (entered at the event id #4). The JSONata expression '$nope' specified for the field 'Output/a[0]' returned nothing (undefined).
        "#]],
    );
}

#[test]
fn arguments_that_fail_are_retried_and_caught() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Task", "Resource": "function:f", "Arguments": { "a": "{% $nope %}" }, "Retry": [{ "ErrorEquals": ["States.QueryEvaluationError"], "MaxAttempts": 1 }], "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Z" }], "End": true }, "Z": { "Type": "Succeed" } }"#,
        ),
        &["0s start", "1s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←0 EvaluationFailed A Arguments/a States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Arguments/a' returned nothing (undefined).
              → SetTimer @1 1s
            — 1s timer
            4←3 EvaluationFailed A Arguments/a States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Arguments/a' returned nothing (undefined).
            5←4 TaskStateExited A {"Error":"States.QueryEvaluationError","Cause":"An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Arguments/a' returned nothing (undefined)."}
            6←5 SucceedStateEntered Z {"Error":"States.QueryEvaluationError","Cause":"An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Arguments/a' returned nothing (undefined)."}
            7←6 SucceedStateExited Z {"Error":"States.QueryEvaluationError","Cause":"An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Arguments/a' returned nothing (undefined)."}
            8←7 ExecutionSucceeded {"Error":"States.QueryEvaluationError","Cause":"An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Arguments/a' returned nothing (undefined)."}
        "#]],
    );
}

/// Recorded.
#[test]
fn arguments_that_fail_and_are_not_caught_end_the_execution() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Task", "Resource": "function:f", "Arguments": "{% $nope %}", "End": true } }"#,
        ),
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←0 EvaluationFailed A Arguments States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Arguments' returned nothing (undefined).
            4←3 ExecutionFailed States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Arguments' returned nothing (undefined).
        "#]],
    );
}

#[test]
fn an_output_that_fails_is_retried_with_the_task() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Task", "Resource": "function:f", "Output": "{% $states.result.ok %}", "Retry": [{ "ErrorEquals": ["States.QueryEvaluationError"], "MaxAttempts": 1 }], "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Z" }], "End": true }, "Z": { "Type": "Succeed" } }"#,
        ),
        &[
            "0s start",
            "1s returns {}",
            "2s timer",
            r#"3s returns {"ok": 1}"#,
            "0s start",
            "1s returns {}",
            "2s timer",
            "3s returns {}",
        ],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 1s returns {}
            5←4 LambdaFunctionSucceeded {}
            6←5 EvaluationFailed A Output States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.result.ok' specified for the field 'Output' returned nothing (undefined).
              → SetTimer @1 2s
            — 2s timer
            7←6 LambdaFunctionScheduled {}
            8←7 LambdaFunctionStarted
              → CallTask @1#2 {}
            — 3s returns {"ok": 1}
            9←8 LambdaFunctionSucceeded {"ok": 1}
            10←9 TaskStateExited A 1
            11←10 ExecutionSucceeded 1
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 1s returns {}
            5←4 LambdaFunctionSucceeded {}
            6←5 EvaluationFailed A Output States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.result.ok' specified for the field 'Output' returned nothing (undefined).
              → SetTimer @1 2s
            — 2s timer
            7←6 LambdaFunctionScheduled {}
            8←7 LambdaFunctionStarted
              → CallTask @1#2 {}
            — 3s returns {}
            9←8 LambdaFunctionSucceeded {}
            10←9 EvaluationFailed A Output States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.result.ok' specified for the field 'Output' returned nothing (undefined).
            11←10 TaskStateExited A {"Error":"States.QueryEvaluationError","Cause":"An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.result.ok' specified for the field 'Output' returned nothing (undefined)."}
            12←11 SucceedStateEntered Z {"Error":"States.QueryEvaluationError","Cause":"An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.result.ok' specified for the field 'Output' returned nothing (undefined)."}
            13←12 SucceedStateExited Z {"Error":"States.QueryEvaluationError","Cause":"An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.result.ok' specified for the field 'Output' returned nothing (undefined)."}
            14←13 ExecutionSucceeded {"Error":"States.QueryEvaluationError","Cause":"An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.result.ok' specified for the field 'Output' returned nothing (undefined)."}
        "#]],
    );
}

/// Recorded.
#[test]
fn items_that_fail_fail_the_map() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Map", "Items": "{% 'text' %}", "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Succeed" } } }, "End": true } }"#,
        ),
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 MapStateEntered A {}
            3←0 EvaluationFailed A Items States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression ''text'' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was 'string' for value: "text"
            4←3 MapStateFailed
            5←4 ExecutionFailed States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression ''text'' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was 'string' for value: "text"
        "#]],
    );
}

/// Recorded, but for the Catch: no field is named.
#[test]
fn an_input_that_is_no_array_fails_the_map() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Map", "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Succeed" } } }, "Catch": [{ "ErrorEquals": ["States.QueryEvaluationError"], "Next": "Z" }], "End": true }, "Z": { "Type": "Succeed" } }"#,
        ),
        &[r#"0s start {"foo": "bar"}"#],
        expect![[r#"
            1←0 ExecutionStarted {"foo": "bar"}
            2←0 MapStateEntered A {"foo": "bar"}
            3←0 EvaluationFailed A - States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). Map state input must be an array but was: {"foo":"bar"}
            4←3 MapStateFailed
            5←4 MapStateExited A {"Error":"States.QueryEvaluationError","Cause":"An error occurred while executing the state 'A' (entered at the event id #2). Map state input must be an array but was: {\"foo\":\"bar\"}"}
            6←5 SucceedStateEntered Z {"Error":"States.QueryEvaluationError","Cause":"An error occurred while executing the state 'A' (entered at the event id #2). Map state input must be an array but was: {\"foo\":\"bar\"}"}
            7←6 SucceedStateExited Z {"Error":"States.QueryEvaluationError","Cause":"An error occurred while executing the state 'A' (entered at the event id #2). Map state input must be an array but was: {\"foo\":\"bar\"}"}
            8←7 ExecutionSucceeded {"Error":"States.QueryEvaluationError","Cause":"An error occurred while executing the state 'A' (entered at the event id #2). Map state input must be an array but was: {\"foo\":\"bar\"}"}
        "#]],
    );
}

#[test]
fn an_item_selector_that_fails_fails_its_iteration() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Map", "Items": [1, 2], "MaxConcurrency": 1, "ItemSelector": "{% $states.context.Map.Item.Value = 1 ? 1 : $nope %}", "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Succeed" } } }, "Catch": [{ "ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Error %}", "Next": "Z" }], "End": true }, "Z": { "Type": "Succeed" } }"#,
        ),
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 MapStateEntered A {}
            3←2 MapStateStarted 2
            4←3 MapIterationStarted A 0
            5←4 SucceedStateEntered I 1
            6←5 SucceedStateExited I 1
            7←6 MapIterationSucceeded A 0
            8←6 MapIterationStarted A 1
            9←8 EvaluationFailed A ItemSelector States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.context.Map.Item.Value = 1 ? 1 : $nope' specified for the field 'ItemSelector' returned nothing (undefined).
            10←9 MapIterationFailed A 1
            11←9 MapStateFailed
            12←11 MapStateExited A "States.QueryEvaluationError"
            13←12 SucceedStateEntered Z "States.QueryEvaluationError"
            14←13 SucceedStateExited Z "States.QueryEvaluationError"
            15←14 ExecutionSucceeded "States.QueryEvaluationError"
        "#]],
    );
}

#[test]
fn parallel_arguments_that_fail_fail_the_state() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Parallel", "Arguments": "{% $nope %}", "Branches": [{ "StartAt": "I", "States": { "I": { "Type": "Succeed" } } }], "End": true } }"#,
        ),
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered A {}
            3←0 EvaluationFailed A Arguments States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Arguments' returned nothing (undefined).
            4←3 ParallelStateFailed
            5←4 ExecutionFailed States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Arguments' returned nothing (undefined).
        "#]],
    );
}

#[test]
fn a_failure_in_a_branch_is_the_branches() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Parallel", "Branches": [{ "StartAt": "I", "States": { "I": { "Type": "Pass", "Next": "J" }, "J": { "Type": "Pass", "Assign": { "x": "{% $nope %}" }, "End": true } } }, { "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": 5, "End": true } } }], "Catch": [{ "ErrorEquals": ["States.QueryEvaluationError"], "Next": "Z" }], "End": true }, "Z": { "Type": "Succeed", "Output": "{% $states.input.Error %}" } }"#,
        ),
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered A {}
            3←2 ParallelStateStarted
            4←3 PassStateEntered I {}
            5←4 PassStateExited I {}
            6←5 PassStateEntered J {}
            7←5 EvaluationFailed J Assign/x States.QueryEvaluationError: An error occurred while executing the state 'J' (entered at the event id #6). The JSONata expression '$nope' specified for the field 'Assign/x' returned nothing (undefined).
            8←7 ParallelStateFailed
            9←8 ParallelStateExited A {"Error":"States.QueryEvaluationError","Cause":"An error occurred while executing the state 'J' (entered at the event id #6). The JSONata expression '$nope' specified for the field 'Assign/x' returned nothing (undefined)."}
            10←9 SucceedStateEntered Z {"Error":"States.QueryEvaluationError","Cause":"An error occurred while executing the state 'J' (entered at the event id #6). The JSONata expression '$nope' specified for the field 'Assign/x' returned nothing (undefined)."}
            11←10 SucceedStateExited Z "States.QueryEvaluationError"
            12←11 ExecutionSucceeded "States.QueryEvaluationError"
        "#]],
    );
}

#[test]
fn a_catcher_that_fails_is_not_caught_again() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Task", "Resource": "function:f", "Catch": [{ "ErrorEquals": ["Oops"], "Output": { "a": "{% $nope %}" }, "Next": "Z" }, { "ErrorEquals": ["States.ALL"], "Next": "Z" }], "End": true }, "Z": { "Type": "Succeed" } }"#,
        ),
        &["0s start", "1s fails Oops"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 1s fails Oops
            5←4 LambdaFunctionFailed Oops
            6←5 EvaluationFailed A Catch[0]/Output/a States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Catch[0]/Output/a' returned nothing (undefined).
            7←6 ExecutionFailed States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Catch[0]/Output/a' returned nothing (undefined).
        "#]],
    );
}

/// Recorded: EvaluationFailed follows WaitStateEntered.
#[test]
fn a_wait_whose_time_is_none_has_been_entered() {
    check(
        &jsonata(r#"{ "A": { "Type": "Wait", "Timestamp": "{% $states.input %}", "End": true } }"#),
        &[r#"0s start "2016-12-05T25:00:00Z""#],
        expect![[r#"
            1←0 ExecutionStarted "2016-12-05T25:00:00Z"
            2←0 WaitStateEntered A "2016-12-05T25:00:00Z"
            3←2 EvaluationFailed A Timestamp States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: 2016-12-05T25:00:00Z
            4←3 ExecutionFailed States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: 2016-12-05T25:00:00Z
        "#]],
    );
}

#[test]
fn an_output_that_fails_after_a_wait_follows_the_entering() {
    check(
        &jsonata(r#"{ "A": { "Type": "Wait", "Seconds": 1, "Output": "{% $nope %}", "End": true } }"#),
        &["0s start", "1s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 WaitStateEntered A {}
              → SetTimer @1 1s
            — 1s timer
            3←2 EvaluationFailed A Output States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Output' returned nothing (undefined).
            4←3 ExecutionFailed States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Output' returned nothing (undefined).
        "#]],
    );
}

#[test]
fn data_that_is_too_large_is_no_matter_of_expressions() {
    check(
        &jsonata(r#"{ "A": { "Type": "Pass", "Output": "{% $pad('x', 300000) %}", "End": true } }"#),
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 PassStateEntered A {}
            3←2 ExecutionFailed States.DataLimitExceeded: The state/task 'A' returned a result with a size exceeding the maximum number of bytes service limit.
        "#]],
    );
}

#[test]
fn a_condition_that_is_none_ends_the_execution() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Choice", "Choices": [{ "Condition": "{% 1 = 2 %}", "Next": "Z" }, { "Condition": "{% $states.input.a %}", "Next": "Z" }], "Default": "Z" }, "Z": { "Type": "Succeed" } }"#,
        ),
        &[r#"0s start {"a": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 ChoiceStateEntered A {"a": 1}
            3←0 EvaluationFailed A Choices[1]/Condition States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.input.a' specified for the field 'Choices[1]/Condition' returned an unexpected result type. Expected 'boolean', but was 'number' for value: 1
            4←3 ExecutionFailed States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.input.a' specified for the field 'Choices[1]/Condition' returned an unexpected result type. Expected 'boolean', but was 'number' for value: 1
        "#]],
    );
}

/// What one state evaluates in one go has one budget, however many expressions it has.
#[test]
fn the_expressions_of_a_state_share_a_budget() {
    let third = "$length($pad('x', 5000000))";
    let fields = |expressions: &str| format!(r#""Type": "Pass", "Next": "Z", "Output": [{expressions}]"#);
    let sentence = format!(
        "The JSONata expression '{third}' specified for the field 'Output[2]' threw an error during evaluation: the \
         expression takes too much memory"
    );
    let many = vec![format!(r#""{{% {third} %}}""#); 9].join(",");
    check_causes("{}", &[(&fields(&many), &sentence, "Output[2]")]);
}

/// Heavy evaluation does not keep others waiting: the turn is cut, and the next one has a budget of
/// its own.
#[test]
fn a_turn_that_evaluates_much_is_cut() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Pass", "Output": "{% $sum([1..100000].($ * 2)) %}", "Next": "B" }, "B": { "Type": "Pass", "Output": "{% $sum([1..100000].($ * 2)) %}", "End": true } }"#,
        ),
        &["0s start", "0s again"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 PassStateEntered A {}
            3←2 PassStateExited A 10000100000
              → WakeAgain
            — 0s again
            4←3 PassStateEntered B 10000100000
            5←4 PassStateExited B 10000100000
            6←5 ExecutionSucceeded 10000100000
        "#]],
    );
}

#[test]
fn a_catcher_has_a_budget_of_its_own() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Parallel", "Arguments": ["{% $length($pad('x', 8000000)) %}", "{% $length($pad('x', 8000000)) %}"], "Branches": [{ "StartAt": "I", "States": { "I": { "Type": "Succeed" } } }], "Catch": [{ "ErrorEquals": ["States.ALL"], "Output": "{% $length($pad($states.errorOutput.Error, 8000000)) %}", "Next": "Z" }], "End": true }, "Z": { "Type": "Succeed" } }"#,
        ),
        &["0s start", "0s again"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered A {}
            3←0 EvaluationFailed A Arguments[1] States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$length($pad('x', 8000000))' specified for the field 'Arguments[1]' threw an error during evaluation: the expression takes too much memory
            4←3 ParallelStateFailed
            5←4 ParallelStateExited A 8000000
              → WakeAgain
            — 0s again
            6←5 SucceedStateEntered Z 8000000
            7←6 SucceedStateExited Z 8000000
            8←7 ExecutionSucceeded 8000000
        "#]],
    );
}
