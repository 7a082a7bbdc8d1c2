//! States in JSONata: what goes in, what comes out, and what `$states` has at each moment.

use expect_test::expect;

use crate::harness::check;

/// A machine in JSONata that starts at A.
pub fn jsonata(states: &str) -> String {
    format!(r#"{{"QueryLanguage": "JSONata", "StartAt": "A", "States": {states}}}"#)
}

#[test]
fn a_state_hands_on_its_input_unless_output_says_otherwise() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Pass", "Next": "B" }, "B": { "Type": "Pass", "Output": { "doubled": "{% $states.input.n * 2 %}", "in": ["{% $states.context.State.Name %}", { "plain": "$.n" }] }, "Next": "C" }, "C": { "Type": "Succeed", "Output": "{% $states.input.doubled %}" } }"#,
        ),
        &[r#"0s start {"n": 21}"#],
        expect![[r#"
            1←0 ExecutionStarted {"n": 21}
            2←0 PassStateEntered A {"n": 21}
            3←2 PassStateExited A {"n": 21}
            4←3 PassStateEntered B {"n": 21}
            5←4 PassStateExited B {"doubled":42,"in":["B",{"plain":"$.n"}]}
            6←5 SucceedStateEntered C {"doubled":42,"in":["B",{"plain":"$.n"}]}
            7←6 SucceedStateExited C 42
            8←7 ExecutionSucceeded 42
        "#]],
    );
}

#[test]
fn output_and_assign_see_the_variables_of_the_entry() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Pass", "Assign": { "x": "{% $states.input.n %}", "y": 1 }, "Next": "B" }, "B": { "Type": "Pass", "Assign": { "x": "{% $x + 1 %}", "y": "{% $x %}" }, "Output": "{% [$x, $y] %}", "Next": "C" }, "C": { "Type": "Pass", "Output": "{% [$x, $y] %}", "End": true } }"#,
        ),
        &[r#"0s start {"n": 5}"#],
        expect![[r#"
            1←0 ExecutionStarted {"n": 5}
            2←0 PassStateEntered A {"n": 5}
            3←2 PassStateExited A {"n": 5} $x=5 $y=1
            4←3 PassStateEntered B {"n": 5}
            5←4 PassStateExited B [5,1] $x=6 $y=5
            6←5 PassStateEntered C [5,1]
            7←6 PassStateExited C [6,5]
            8←7 ExecutionSucceeded [6,5]
        "#]],
    );
}

#[test]
fn a_task_is_asked_with_its_arguments_and_gives_its_result() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Task", "Resource": "function:f", "Arguments": { "sum": "{% $sum($states.input.prices) %}" }, "Next": "B" }, "B": { "Type": "Task", "Resource": "function:g", "Arguments": "{% $states.input.total %}", "Assign": { "raw": "{% $states.result %}" }, "Output": { "was": "{% $states.input %}", "is": "{% $states.result.ok %}" }, "End": true } }"#,
        ),
        &[r#"0s start {"prices": [1, 2.5]}"#, r#"1s returns {"total": 3.5}"#, r#"2s returns {"ok": true}"#],
        expect![[r#"
            1←0 ExecutionStarted {"prices": [1, 2.5]}
            2←0 TaskStateEntered A {"prices": [1, 2.5]}
            3←2 LambdaFunctionScheduled {"sum":3.5}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {"sum":3.5}
            — 1s returns {"total": 3.5}
            5←4 LambdaFunctionSucceeded {"total": 3.5}
            6←5 TaskStateExited A {"total": 3.5}
            7←6 TaskStateEntered B {"total": 3.5}
            8←7 LambdaFunctionScheduled 3.5
            9←8 LambdaFunctionStarted
              → CallTask @1#2 3.5
            — 2s returns {"ok": true}
            10←9 LambdaFunctionSucceeded {"ok": true}
            11←10 TaskStateExited B {"was":{"total":3.5},"is":true} $raw={"ok":true}
            12←11 ExecutionSucceeded {"was":{"total":3.5},"is":true}
        "#]],
    );
}

#[test]
fn a_task_without_arguments_is_asked_with_its_input() {
    check(
        &jsonata(r#"{ "A": { "Type": "Task", "Resource": "function:f", "End": true } }"#),
        &[r#"0s start {"a": 1}"#, "1s returns 2"],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 TaskStateEntered A {"a": 1}
            3←2 LambdaFunctionScheduled {"a": 1}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {"a": 1}
            — 1s returns 2
            5←4 LambdaFunctionSucceeded 2
            6←5 TaskStateExited A 2
            7←6 ExecutionSucceeded 2
        "#]],
    );
}

#[test]
fn times_and_roles_are_computed() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Task", "Resource": "activity:a", "TimeoutSeconds": "{% $states.input.t * 2 %}", "HeartbeatSeconds": "{% $states.input.t %}", "End": true } }"#,
        ),
        &[r#"0s start {"t": 3}"#],
        expect![[r#"
            1←0 ExecutionStarted {"t": 3}
            2←0 TaskStateEntered A {"t": 3}
            3←2 ActivityScheduled {"t": 3} timeout=6 heartbeat=3
              → OfferActivity @1#1 {"t": 3} <token 1#1>
              → SetTimer @1 6s
        "#]],
    );
}

#[test]
fn credentials_are_computed() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Task", "Resource": "function:f", "Credentials": { "RoleArn": "{% 'arn:aws:iam::123456789012:role/' & $states.input.role %}" }, "End": true } }"#,
        ),
        &[r#"0s start {"role": "r"}"#],
        expect![[r#"
            1←0 ExecutionStarted {"role": "r"}
            2←0 TaskStateEntered A {"role": "r"}
            3←2 LambdaFunctionScheduled {"role": "r"} role=arn:aws:iam::123456789012:role/r
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {"role": "r"} as arn:aws:iam::123456789012:role/r
        "#]],
    );
}

#[test]
fn the_token_of_a_task_is_in_its_context() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Task", "Resource": "activity:a", "Arguments": { "t": "{% $states.context.Task.Token %}" }, "End": true } }"#,
        ),
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 ActivityScheduled {"t":"<token 1#1>"}
              → OfferActivity @1#1 {"t":"<token 1#1>"} <token 1#1>
              → SetTimer @1 31536000s
        "#]],
    );
}

#[test]
fn states_has_a_result_only_after_some_work() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Pass", "Output": "{% $keys($states) %}", "Next": "B" }, "B": { "Type": "Task", "Resource": "function:f", "Arguments": "{% $keys($states) %}", "Output": "{% $keys($states) %}", "Catch": [{ "ErrorEquals": ["States.ALL"], "Output": "{% $keys($states) %}", "Next": "C" }], "Next": "C" }, "C": { "Type": "Choice", "Choices": [{ "Condition": "{% $count($keys($states)) = 2 %}", "Next": "D", "Output": "{% $states.input %}" }] }, "D": { "Type": "Succeed" } }"#,
        ),
        &["0s start", "1s returns 1", "0s start", "1s fails Oops"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 PassStateEntered A {}
            3←2 PassStateExited A ["input","context"]
            4←3 TaskStateEntered B ["input","context"]
            5←4 LambdaFunctionScheduled ["input","context"]
            6←5 LambdaFunctionStarted
              → CallTask @1#1 ["input","context"]
            — 1s returns 1
            7←6 LambdaFunctionSucceeded 1
            8←7 TaskStateExited B ["input","context","result"]
            9←8 ChoiceStateEntered C ["input","context","result"]
            10←9 ChoiceStateExited C ["input","context","result"]
            11←10 SucceedStateEntered D ["input","context","result"]
            12←11 SucceedStateExited D ["input","context","result"]
            13←12 ExecutionSucceeded ["input","context","result"]
            1←0 ExecutionStarted {}
            2←0 PassStateEntered A {}
            3←2 PassStateExited A ["input","context"]
            4←3 TaskStateEntered B ["input","context"]
            5←4 LambdaFunctionScheduled ["input","context"]
            6←5 LambdaFunctionStarted
              → CallTask @1#1 ["input","context"]
            — 1s fails Oops
            7←6 LambdaFunctionFailed Oops
            8←7 TaskStateExited B ["input","context","errorOutput"]
            9←8 ChoiceStateEntered C ["input","context","errorOutput"]
            10←9 ChoiceStateExited C ["input","context","errorOutput"]
            11←10 SucceedStateEntered D ["input","context","errorOutput"]
            12←11 SucceedStateExited D ["input","context","errorOutput"]
            13←12 ExecutionSucceeded ["input","context","errorOutput"]
        "#]],
    );
}

#[test]
fn a_choice_goes_where_the_first_condition_holds() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Choice", "Choices": [{ "Condition": false, "Next": "Y" }, { "Condition": "{% $states.input.n > 5 %}", "Next": "Y", "Output": "{% 'rule ' & $states.input.n %}", "Assign": { "v": "rule" } }, { "Condition": "{% $states.input.n > 3 %}", "Next": "Y" }], "Default": "N", "Output": "default", "Assign": { "v": "{% $states.input.n %}" } }, "Y": { "Type": "Succeed" }, "N": { "Type": "Fail", "Error": "{% 'No' & $v %}", "Cause": "{% $states.input %}" } }"#,
        ),
        &[r#"0s start {"n": 9}"#, r#"0s start {"n": 4}"#, r#"0s start {"n": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"n": 9}
            2←0 ChoiceStateEntered A {"n": 9}
            3←2 ChoiceStateExited A "rule 9" $v="rule"
            4←3 SucceedStateEntered Y "rule 9"
            5←4 SucceedStateExited Y "rule 9"
            6←5 ExecutionSucceeded "rule 9"
            1←0 ExecutionStarted {"n": 4}
            2←0 ChoiceStateEntered A {"n": 4}
            3←2 ChoiceStateExited A {"n": 4}
            4←3 SucceedStateEntered Y {"n": 4}
            5←4 SucceedStateExited Y {"n": 4}
            6←5 ExecutionSucceeded {"n": 4}
            1←0 ExecutionStarted {"n": 1}
            2←0 ChoiceStateEntered A {"n": 1}
            3←2 ChoiceStateExited A "default" $v=1
            4←3 FailStateEntered N "default"
            5←4 ExecutionFailed No1: default
        "#]],
    );
}

#[test]
fn a_wait_may_be_computed() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Wait", "Seconds": "{% $states.input.n * 1.5 %}", "Next": "B" }, "B": { "Type": "Wait", "Timestamp": "{% $states.input.at %}", "Assign": { "x": 1 }, "Output": "done", "End": true } }"#,
        ),
        &[
            r#"0s start {"n": 2, "at": "2025-01-01T00:00:10.9Z"}"#,
            "0s restart",
            "3s timer",
            "3s restart",
            "10s timer",
        ],
        expect![[r#"
            1←0 ExecutionStarted {"n": 2, "at": "2025-01-01T00:00:10.9Z"}
            2←0 WaitStateEntered A {"n": 2, "at": "2025-01-01T00:00:10.9Z"}
              → SetTimer @1 3s
            — restart
              → SetTimer @1 3s
            — 3s timer
            3←2 WaitStateExited A {"n": 2, "at": "2025-01-01T00:00:10.9Z"}
            4←3 WaitStateEntered B {"n": 2, "at": "2025-01-01T00:00:10.9Z"}
              → SetTimer @1 10s
            — restart
              → SetTimer @1 10s
            — 10s timer
            5←4 WaitStateExited B "done" $x=1
            6←5 ExecutionSucceeded "done"
        "#]],
    );
}

#[test]
fn a_wait_may_be_over_at_once() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Wait", "Seconds": "{% 0 %}", "Next": "B" }, "B": { "Type": "Wait", "Timestamp": "{% '2001-01-01T00:00:00Z' %}", "End": true } }"#,
        ),
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 WaitStateEntered A {}
            3←2 WaitStateExited A {}
            4←3 WaitStateEntered B {}
            5←4 WaitStateExited B {}
            6←5 ExecutionSucceeded {}
        "#]],
    );
}

#[test]
fn a_map_iterates_over_its_items() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Map", "Items": "{% $states.input.orders[paid] %}", "MaxConcurrency": "{% 1 %}", "ToleratedFailureCount": "{% 0 %}", "ToleratedFailurePercentage": "{% 12.5 %}", "ItemSelector": { "id": "{% $states.context.Map.Item.Value.id %}", "at": "{% $states.context.Map.Item.Index %}", "of": "{% $count($states.input.orders) %}" }, "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Pass", "Output": "{% $states.input.id & '/' & $states.input.of %}", "End": true } } }, "Output": { "ids": "{% $states.result %}" }, "End": true } }"#,
        ),
        &[r#"0s start {"orders": [{"id": "a", "paid": true}, {"id": "b"}, {"id": "c", "paid": true}]}"#],
        expect![[r#"
            1←0 ExecutionStarted {"orders": [{"id": "a", "paid": true}, {"id": "b"}, {"id": "c", "paid": true}]}
            2←0 MapStateEntered A {"orders": [{"id": "a", "paid": true}, {"id": "b"}, {"id": "c", "paid": true}]}
            3←2 MapStateStarted 2
            4←3 MapIterationStarted A 0
            5←4 PassStateEntered I {"id":"a","at":0,"of":3}
            6←5 PassStateExited I "a/3"
            7←6 MapIterationSucceeded A 0
            8←6 MapIterationStarted A 1
            9←8 PassStateEntered I {"id":"c","at":1,"of":3}
            10←9 PassStateExited I "c/3"
            11←10 MapIterationSucceeded A 1
            12←11 MapStateSucceeded
            13←11 MapStateExited A {"ids":["a/3","c/3"]}
            14←13 ExecutionSucceeded {"ids":["a/3","c/3"]}
        "#]],
    );
}

#[test]
fn items_may_be_written_out() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Map", "Items": [1, "{% $states.input.two %}"], "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Succeed" } } }, "End": true } }"#,
        ),
        &[r#"0s start {"two": 2}"#],
        expect![[r#"
            1←0 ExecutionStarted {"two": 2}
            2←0 MapStateEntered A {"two": 2}
            3←2 MapStateStarted 2
            4←3 MapIterationStarted A 0
            5←3 MapIterationStarted A 1
            6←4 SucceedStateEntered I 1
            7←6 SucceedStateExited I 1
            8←7 MapIterationSucceeded A 0
            9←5 SucceedStateEntered I 2
            10←9 SucceedStateExited I 2
            11←10 MapIterationSucceeded A 1
            12←11 MapStateSucceeded
            13←11 MapStateExited A [1,2]
            14←13 ExecutionSucceeded [1,2]
        "#]],
    );
}

#[test]
fn a_map_without_items_iterates_over_its_input() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Map", "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Succeed" } } }, "End": true } }"#,
        ),
        &["0s start []"],
        expect![[r#"
            1←0 ExecutionStarted []
            2←0 MapStateEntered A []
            3←2 MapStateStarted 0
            4←3 MapStateSucceeded
            5←3 MapStateExited A []
            6←5 ExecutionSucceeded []
        "#]],
    );
}

#[test]
fn branches_begin_with_the_arguments() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Parallel", "Arguments": { "n": "{% $states.input.n + 1 %}" }, "Assign": { "r": "{% $states.result %}" }, "Branches": [{ "StartAt": "B", "States": { "B": { "Type": "Pass", "Output": "{% $states.input.n %}", "End": true } } }, { "StartAt": "C", "States": { "C": { "Type": "Succeed" } } }], "Output": "{% $states.result[0] %}", "End": true } }"#,
        ),
        &[r#"0s start {"n": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"n": 1}
            2←0 ParallelStateEntered A {"n": 1}
            3←2 ParallelStateStarted
            4←3 PassStateEntered B {"n":2}
            5←4 PassStateExited B 2
            6←3 SucceedStateEntered C {"n":2}
            7←6 SucceedStateExited C {"n":2}
            8←7 ParallelStateSucceeded
            9←7 ParallelStateExited A 2 $r=[2,{"n":2}]
            10←9 ExecutionSucceeded 2
        "#]],
    );
}

#[test]
fn a_catcher_sees_the_error_output() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Task", "Resource": "function:f", "Catch": [{ "ErrorEquals": ["Plain"], "Next": "B" }, { "ErrorEquals": ["States.ALL"], "Assign": { "e": "{% $states.errorOutput.Error %}" }, "Output": { "in": "{% $states.input %}", "why": "{% $states.errorOutput.Cause %}" }, "Next": "B" }], "End": true }, "B": { "Type": "Succeed" } }"#,
        ),
        &[r#"0s start {"a": 1}"#, "1s fails Plain as is", r#"0s start {"a": 1}"#, "1s fails Other shaped"],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 TaskStateEntered A {"a": 1}
            3←2 LambdaFunctionScheduled {"a": 1}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {"a": 1}
            — 1s fails Plain as is
            5←4 LambdaFunctionFailed Plain: as is
            6←5 TaskStateExited A {"Error":"Plain","Cause":"as is"}
            7←6 SucceedStateEntered B {"Error":"Plain","Cause":"as is"}
            8←7 SucceedStateExited B {"Error":"Plain","Cause":"as is"}
            9←8 ExecutionSucceeded {"Error":"Plain","Cause":"as is"}
            1←0 ExecutionStarted {"a": 1}
            2←0 TaskStateEntered A {"a": 1}
            3←2 LambdaFunctionScheduled {"a": 1}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {"a": 1}
            — 1s fails Other shaped
            5←4 LambdaFunctionFailed Other: shaped
            6←5 TaskStateExited A {"in":{"a":1},"why":"shaped"} $e="Other"
            7←6 SucceedStateEntered B {"in":{"a":1},"why":"shaped"}
            8←7 SucceedStateExited B {"in":{"a":1},"why":"shaped"}
            9←8 ExecutionSucceeded {"in":{"a":1},"why":"shaped"}
        "#]],
    );
}

#[test]
fn an_express_execution_evaluates_alike() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Pass", "Output": "{% $keys($states.context.Execution) %}", "Next": "B" }, "B": { "Type": "Fail", "Error": "{% $x %}" } }"#,
        ),
        &[r#"0s express {"a": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 PassStateEntered A {"a": 1}
            3←2 PassStateExited A ["Id","Input","StartTime","Name","RoleArn"]
            4←3 FailStateEntered B ["Id","Input","StartTime","Name","RoleArn"]
            5←3 EvaluationFailed B Error States.QueryEvaluationError: An error occurred while executing the state 'B' (entered at the event id #4). The JSONata expression '$x' specified for the field 'Error' returned nothing (undefined).
            6←5 ExecutionFailed States.QueryEvaluationError: An error occurred while executing the state 'B' (entered at the event id #4). The JSONata expression '$x' specified for the field 'Error' returned nothing (undefined).
        "#]],
    );
}

#[test]
fn time_and_chance_are_those_of_the_turn() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Pass", "Output": { "now": "{% $now() %}", "millis": "{% $millis() %}", "uuid": "{% $uuid() %}", "random": "{% $random() %}" }, "Next": "B" }, "B": { "Type": "Pass", "Output": "{% $states.input.uuid != $uuid() %}", "End": true } }"#,
        ),
        &["7s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 PassStateEntered A {}
            3←2 PassStateExited A {"now":"2025-01-01T00:00:07.000Z","millis":1735689607000,"uuid":"85ef334a-2dfd-45a1-9621-e76571c9f29b","random":0.9943059071976214}
            4←3 PassStateEntered B {"now":"2025-01-01T00:00:07.000Z","millis":1735689607000,"uuid":"85ef334a-2dfd-45a1-9621-e76571c9f29b","random":0.9943059071976214}
            5←4 PassStateExited B true
            6←5 ExecutionSucceeded true
        "#]],
    );
}

#[test]
fn a_branch_reads_the_variables_around_it() {
    check(
        &jsonata(
            r#"{ "A": { "Type": "Pass", "Assign": { "x": { "deep": [1, 2] } }, "Next": "P" }, "P": { "Type": "Parallel", "Branches": [{ "StartAt": "I", "States": { "I": { "Type": "Pass", "Assign": { "y": "{% $x.deep[1] %}" }, "Next": "J" }, "J": { "Type": "Pass", "Output": "{% $y %}", "End": true } } }], "End": true } }"#,
        ),
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 PassStateEntered A {}
            3←2 PassStateExited A {} $x={"deep":[1,2]}
            4←3 ParallelStateEntered P {}
            5←4 ParallelStateStarted
            6←5 PassStateEntered I {}
            7←6 PassStateExited I {} $y=2
            8←7 PassStateEntered J {}
            9←8 PassStateExited J 2
            10←9 ParallelStateSucceeded
            11←9 ParallelStateExited P [2]
            12←11 ExecutionSucceeded [2]
        "#]],
    );
}

#[test]
fn languages_share_variables_and_data() {
    check(
        r#"{ "A": { "Type": "Pass", "Assign": { "x": { "n": 1 } }, "Next": "B" }, "B": { "Type": "Pass", "QueryLanguage": "JSONata", "Assign": { "y": "{% $x.n + 1 %}" }, "Output": { "from": "{% $states.input %}" }, "Next": "C" }, "C": { "Type": "Pass", "Parameters": { "x.$": "$x.n", "y.$": "$y", "from.$": "$.from" }, "Next": "D" }, "D": { "Type": "Choice", "QueryLanguage": "JSONata", "Choices": [{ "Condition": "{% $y = 2 %}", "Next": "E" }] }, "E": { "Type": "Succeed" } }"#,
        &[r#"0s start {"a": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 PassStateEntered A {"a": 1}
            3←2 PassStateExited A {"a": 1} $x={"n":1}
            4←3 PassStateEntered B {"a": 1}
            5←4 PassStateExited B {"from":{"a":1}} $y=2
            6←5 PassStateEntered C {"from":{"a":1}}
            7←6 PassStateExited C {"x":1,"y":2,"from":{"a":1}}
            8←7 ChoiceStateEntered D {"x":1,"y":2,"from":{"a":1}}
            9←8 ChoiceStateExited D {"x":1,"y":2,"from":{"a":1}}
            10←9 SucceedStateEntered E {"x":1,"y":2,"from":{"a":1}}
            11←10 SucceedStateExited E {"x":1,"y":2,"from":{"a":1}}
            12←11 ExecutionSucceeded {"x":1,"y":2,"from":{"a":1}}
        "#]],
    );
}
