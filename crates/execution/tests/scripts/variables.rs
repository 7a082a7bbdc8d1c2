//! Assign: what is assigned, when it can be seen, and by whom.

use expect_test::expect;

use crate::harness::check;

#[test]
fn values_are_seen_from_the_next_state_on() {
    check(
        r#"{ "A": { "Type": "Pass", "Assign": { "x": 1 }, "Next": "B" }, "B": { "Type": "Pass", "Assign": { "x": 2, "y.$": "$x" }, "Parameters": { "x.$": "$x" }, "Next": "C" }, "C": { "Type": "Pass", "Parameters": { "x.$": "$x", "y.$": "$y" }, "End": true } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 PassStateEntered A {}
            3←2 PassStateExited A {} $x=1
            4←3 PassStateEntered B {}
            5←4 PassStateExited B {"x":1} $x=2 $y=1
            6←5 PassStateEntered C {"x":1}
            7←6 PassStateExited C {"x":2,"y":1}
            8←7 ExecutionSucceeded {"x":2,"y":1}
        "#]],
    );
}

#[test]
fn a_pass_state_assigns_from_its_result() {
    check(
        r#"{ "A": { "Type": "Pass", "Result": { "r": 5 }, "ResultPath": "$.x", "Assign": { "v.$": "$.r" }, "End": true } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 PassStateEntered A {}
            3←2 PassStateExited A {"x":{"r":5}} $v=5
            4←3 ExecutionSucceeded {"x":{"r":5}}
        "#]],
    );
}

#[test]
fn a_task_assigns_from_its_raw_result() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "ResultSelector": { "s": 1 }, "Assign": { "v.$": "$.raw" }, "Next": "B" }, "B": { "Type": "Pass", "InputPath": "$v", "End": true } }"#,
        &["0s start", r#"1s returns {"raw": 8}"#],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 1s returns {"raw": 8}
            5←4 LambdaFunctionSucceeded {"raw": 8}
            6←5 TaskStateExited A {"s":1} $v=8
            7←6 PassStateEntered B {"s":1}
            8←7 PassStateExited B 8
            9←8 ExecutionSucceeded 8
        "#]],
    );
}

#[test]
fn a_wait_state_assigns_from_its_selected_input() {
    check(
        r#"{ "A": { "Type": "Wait", "Seconds": 1, "InputPath": "$.a", "Assign": { "v.$": "$" }, "End": true } }"#,
        &[r#"0s start {"a": 3}"#, "1s timer"],
        expect![[r#"
            1←0 ExecutionStarted {"a": 3}
            2←0 WaitStateEntered A {"a": 3}
              → SetTimer @1 1s
            — 1s timer
            3←2 WaitStateExited A 3 $v=3
            4←3 ExecutionSucceeded 3
        "#]],
    );
}

#[test]
fn inner_scopes_read_outer_variables_and_keep_their_own() {
    check(
        r#"{ "A": { "Type": "Pass", "Assign": { "x": 42 }, "Next": "P" }, "P": { "Type": "Parallel", "Branches": [{ "StartAt": "I", "States": { "I": { "Type": "Pass", "Assign": { "y.$": "$x" }, "Next": "J" }, "J": { "Type": "Pass", "Parameters": { "x.$": "$x", "y.$": "$y" }, "End": true } } }], "Next": "Z" }, "Z": { "Type": "Pass", "Parameters": { "x.$": "$x" }, "End": true } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 PassStateEntered A {}
            3←2 PassStateExited A {} $x=42
            4←3 ParallelStateEntered P {}
            5←4 ParallelStateStarted
            6←5 PassStateEntered I {}
            7←6 PassStateExited I {} $y=42
            8←7 PassStateEntered J {}
            9←8 PassStateExited J {"x":42,"y":42}
            10←9 ParallelStateSucceeded
            11←9 ParallelStateExited P [{"x":42,"y":42}]
            12←11 PassStateEntered Z [{"x":42,"y":42}]
            13←12 PassStateExited Z {"x":42}
            14←13 ExecutionSucceeded {"x":42}
        "#]],
    );
}

#[test]
fn a_variable_that_was_never_assigned_ends_the_execution() {
    check(
        r#"{ "A": { "Type": "Pass", "Parameters": { "x.$": "$nope" }, "End": true } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 PassStateEntered A {}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). The JSONPath '$nope' specified for the field 'x.$' could not be found in the input '{}'
        "#]],
    );
}

#[test]
fn variables_survive_a_restart() {
    check(
        r#"{ "A": { "Type": "Pass", "Assign": { "x": { "big": true } }, "Next": "B" }, "B": { "Type": "Wait", "Seconds": 1, "Next": "C" }, "C": { "Type": "Pass", "InputPath": "$x", "End": true } }"#,
        &["0s start", "0s restart", "1s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 PassStateEntered A {}
            3←2 PassStateExited A {} $x={"big":true}
            4←3 WaitStateEntered B {}
              → SetTimer @1 1s
            — restart
              → SetTimer @1 1s
            — 1s timer
            5←4 WaitStateExited B {}
            6←5 PassStateEntered C {}
            7←6 PassStateExited C {"big":true}
            8←7 ExecutionSucceeded {"big":true}
        "#]],
    );
}
