//! Wait: timers, and times that are no times.

use expect_test::expect;

use crate::harness::check;

#[test]
fn wait_sets_a_timer_and_moves_on_when_it_fires() {
    check(
        r#"{ "Nap": { "Type": "Wait", "Seconds": 10, "End": true } }"#,
        &["0s start", "10s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 WaitStateEntered Nap {}
              → SetTimer @1 10s
            — 10s timer
            3←2 WaitStateExited Nap {}
            4←3 ExecutionSucceeded {}
        "#]],
    );
}

#[test]
fn waiting_zero_seconds_is_not_waiting() {
    check(
        r#"{ "Nap": { "Type": "Wait", "Seconds": 0, "End": true } }"#,
        &["0s start"],
        expect![[r#"
        1←0 ExecutionStarted {}
        2←0 WaitStateEntered Nap {}
        3←2 WaitStateExited Nap {}
        4←3 ExecutionSucceeded {}
    "#]],
    );
}

#[test]
fn a_timer_before_its_time_is_set_again() {
    check(
        r#"{ "Nap": { "Type": "Wait", "Seconds": 10, "End": true } }"#,
        &["0s start", "9s timer", "10s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 WaitStateEntered Nap {}
              → SetTimer @1 10s
            — 9s timer
              → SetTimer @1 10s
            — 10s timer
            3←2 WaitStateExited Nap {}
            4←3 ExecutionSucceeded {}
        "#]],
    );
}

#[test]
fn a_time_in_the_past_is_not_waited_for() {
    check(
        r#"{ "Nap": { "Type": "Wait", "Timestamp": "2020-01-01T00:00:00Z", "End": true } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 WaitStateEntered Nap {}
            3←2 WaitStateExited Nap {}
            4←3 ExecutionSucceeded {}
        "#]],
    );
}

#[test]
fn seconds_path_says_how_long() {
    check(
        r#"{ "Nap": { "Type": "Wait", "SecondsPath": "$.s", "InputPath": "$.i", "OutputPath": "$.x", "End": true } }"#,
        &[r#"0s start {"i": {"s": 7, "x": "out"}}"#, "7s timer"],
        expect![[r#"
            1←0 ExecutionStarted {"i": {"s": 7, "x": "out"}}
            2←0 WaitStateEntered Nap {"i": {"s": 7, "x": "out"}}
              → SetTimer @1 7s
            — 7s timer
            3←2 WaitStateExited Nap "out"
            4←3 ExecutionSucceeded "out"
        "#]],
    );
}

#[test]
fn timestamp_path_cuts_fractions_of_a_second() {
    check(
        r#"{ "Nap": { "Type": "Wait", "TimestampPath": "$.t", "End": true } }"#,
        &[r#"0s start {"t": "2025-01-01T01:00:05.999+01:00"}"#, "5s timer"],
        expect![[r#"
            1←0 ExecutionStarted {"t": "2025-01-01T01:00:05.999+01:00"}
            2←0 WaitStateEntered Nap {"t": "2025-01-01T01:00:05.999+01:00"}
              → SetTimer @1 5s
            — 5s timer
            3←2 WaitStateExited Nap {"t": "2025-01-01T01:00:05.999+01:00"}
            4←3 ExecutionSucceeded {"t": "2025-01-01T01:00:05.999+01:00"}
        "#]],
    );
}

#[test]
fn seconds_path_must_find_something() {
    check(
        r#"{ "Nap": { "Type": "Wait", "SecondsPath": "$.s", "End": true } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 WaitStateEntered Nap {}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'Nap' (entered at the event id #2). The SecondsPath parameter does not reference an input value: $.s
        "#]],
    );
}

#[test]
fn seconds_must_not_be_negative() {
    check(
        r#"{ "Nap": { "Type": "Wait", "SecondsPath": "$.s", "End": true } }"#,
        &[r#"0s start {"s": -1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"s": -1}
            2←0 WaitStateEntered Nap {"s": -1}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'Nap' (entered at the event id #2). The SecondsPath parameter references a negative value: $.s == -1
        "#]],
    );
}

#[test]
fn seconds_must_be_whole() {
    check(
        r#"{ "Nap": { "Type": "Wait", "SecondsPath": "$.s", "End": true } }"#,
        &[r#"0s start {"s": 1.5}"#],
        expect![[r#"
            1←0 ExecutionStarted {"s": 1.5}
            2←0 WaitStateEntered Nap {"s": 1.5}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'Nap' (entered at the event id #2). The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5
        "#]],
    );
}

#[test]
fn a_timestamp_must_be_one() {
    check(
        r#"{ "Nap": { "Type": "Wait", "TimestampPath": "$.t", "End": true } }"#,
        &[r#"0s start {"t": "05-12-2016T21:29:29Z"}"#],
        expect![[r#"
            1←0 ExecutionStarted {"t": "05-12-2016T21:29:29Z"}
            2←0 WaitStateEntered Nap {"t": "05-12-2016T21:29:29Z"}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'Nap' (entered at the event id #2). The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.t == 05-12-2016T21:29:29Z
        "#]],
    );
}

#[test]
fn nobody_waits_longer_than_a_32_bit_number_of_seconds() {
    check(
        r#"{ "Nap": { "Type": "Wait", "SecondsPath": "$.s", "End": true } }"#,
        &[r#"0s start {"s": 2147483648}"#],
        expect![[r#"
            1←0 ExecutionStarted {"s": 2147483648}
            2←0 WaitStateEntered Nap {"s": 2147483648}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'Nap' (entered at the event id #2). Wait state delay is too long.
        "#]],
    );
}
