//! Choice: the first rule that holds says where to go.

use expect_test::expect;

use crate::harness::check;

#[test]
fn the_first_rule_that_holds_wins() {
    check(
        r#"{ "C": { "Type": "Choice", "Choices": [{ "Variable": "$.a", "NumericGreaterThan": 5, "Next": "Big" }, { "Variable": "$.a", "NumericGreaterThan": 1, "Next": "Middle" }], "Default": "Small" }, "Big": { "Type": "Succeed" }, "Middle": { "Type": "Succeed" }, "Small": { "Type": "Succeed" } }"#,
        &[r#"0s start {"a": 9}"#, r#"0s start {"a": 3}"#, r#"0s start {"a": 0}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 9}
            2←0 ChoiceStateEntered C {"a": 9}
            3←2 ChoiceStateExited C {"a": 9}
            4←3 SucceedStateEntered Big {"a": 9}
            5←4 SucceedStateExited Big {"a": 9}
            6←5 ExecutionSucceeded {"a": 9}
            1←0 ExecutionStarted {"a": 3}
            2←0 ChoiceStateEntered C {"a": 3}
            3←2 ChoiceStateExited C {"a": 3}
            4←3 SucceedStateEntered Middle {"a": 3}
            5←4 SucceedStateExited Middle {"a": 3}
            6←5 ExecutionSucceeded {"a": 3}
            1←0 ExecutionStarted {"a": 0}
            2←0 ChoiceStateEntered C {"a": 0}
            3←2 ChoiceStateExited C {"a": 0}
            4←3 SucceedStateEntered Small {"a": 0}
            5←4 SucceedStateExited Small {"a": 0}
            6←5 ExecutionSucceeded {"a": 0}
        "#]],
    );
}

#[test]
fn a_rule_s_assign_takes_the_place_of_the_state_s() {
    check(
        r#"{ "C": { "Type": "Choice", "Choices": [{ "Variable": "$.a", "BooleanEquals": true, "Assign": { "v": "rule" }, "Next": "Y" }], "Assign": { "v.$": "$.a" }, "Default": "N" }, "Y": { "Type": "Pass", "Parameters": { "v.$": "$v" }, "End": true }, "N": { "Type": "Pass", "Parameters": { "v.$": "$v" }, "End": true } }"#,
        &[r#"0s start {"a": true}"#, r#"0s start {"a": false}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": true}
            2←0 ChoiceStateEntered C {"a": true}
            3←2 ChoiceStateExited C {"a": true} $v="rule"
            4←3 PassStateEntered Y {"a": true}
            5←4 PassStateExited Y {"v":"rule"}
            6←5 ExecutionSucceeded {"v":"rule"}
            1←0 ExecutionStarted {"a": false}
            2←0 ChoiceStateEntered C {"a": false}
            3←2 ChoiceStateExited C {"a": false} $v=false
            4←3 PassStateEntered N {"a": false}
            5←4 PassStateExited N {"v":false}
            6←5 ExecutionSucceeded {"v":false}
        "#]],
    );
}

#[test]
fn input_path_and_output_path_apply() {
    check(
        r#"{ "C": { "Type": "Choice", "InputPath": "$.i", "OutputPath": "$.o", "Choices": [{ "Variable": "$.x", "StringEquals": "y", "Next": "Z" }] }, "Z": { "Type": "Succeed" } }"#,
        &[r#"0s start {"i": {"x": "y", "o": 5}}"#],
        expect![[r#"
            1←0 ExecutionStarted {"i": {"x": "y", "o": 5}}
            2←0 ChoiceStateEntered C {"i": {"x": "y", "o": 5}}
            3←2 ChoiceStateExited C 5
            4←3 SucceedStateEntered Z 5
            5←4 SucceedStateExited Z 5
            6←5 ExecutionSucceeded 5
        "#]],
    );
}

#[test]
fn no_rule_and_no_default_fails() {
    check(
        r#"{ "C": { "Type": "Choice", "Choices": [{ "Variable": "$.a", "IsNull": true, "Next": "Z" }] }, "Z": { "Type": "Succeed" } }"#,
        &[r#"0s start {"a": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 ChoiceStateEntered C {"a": 1}
            3←2 ExecutionFailed States.NoChoiceMatched: An error occurred while executing the state 'C' (entered at the event id #2). Failed to transition out of the state. The state does not point to a next state.
        "#]],
    );
}

#[test]
fn a_variable_that_is_not_there_ends_the_execution() {
    check(
        r#"{ "C": { "Type": "Choice", "Choices": [{ "Variable": "$.no", "NumericEquals": 1, "Next": "Z" }], "Default": "Z" }, "Z": { "Type": "Succeed" } }"#,
        &[r#"0s start {"a": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 ChoiceStateEntered C {"a": 1}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'C' (entered at the event id #2). Invalid path '$.no': The choice state's condition path references an invalid value.
        "#]],
    );
}

#[test]
fn no_match_in_a_branch_may_be_caught_outside() {
    check(
        r#"{ "P": { "Type": "Parallel", "Branches": [{ "StartAt": "C", "States": { "C": { "Type": "Choice", "Choices": [{ "Variable": "$.a", "IsNull": true, "Next": "Z" }] }, "Z": { "Type": "Succeed" } } }], "Catch": [{ "ErrorEquals": ["States.NoChoiceMatched"], "ResultPath": null, "Next": "E" }], "End": true }, "E": { "Type": "Succeed" } }"#,
        &[r#"0s start {"a": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 ParallelStateEntered P {"a": 1}
            3←2 ParallelStateStarted
            4←3 ChoiceStateEntered C {"a": 1}
            5←4 ParallelStateFailed
            6←5 ParallelStateExited P {"a": 1}
            7←6 SucceedStateEntered E {"a": 1}
            8←7 SucceedStateExited E {"a": 1}
            9←8 ExecutionSucceeded {"a": 1}
        "#]],
    );
}
