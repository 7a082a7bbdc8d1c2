//! What a sound definition becomes.

use super::machine;
use crate::machine::{Count, Kind, ResultPath, Selection, StateId, WaitUntil};

#[test]
fn states_are_numbered_in_the_order_of_the_text_each_before_those_inside_it() {
    let machine = machine(
        r#"{"StartAt":"Z","States":{
            "Z":{"Type":"Parallel","Next":"A","Branches":[
                {"StartAt":"Y","States":{"X":{"Type":"Succeed"},"Y":{"Type":"Map","Next":"X","Iterator":{
                    "StartAt":"W","States":{"W":{"Type":"Succeed"}}}}}},
                {"StartAt":"V","States":{"V":{"Type":"Succeed"}}}]},
            "A":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Succeed"}}}}}}"#,
    );
    let names: Vec<&str> = machine.states.iter().map(|state| state.name.as_str()).collect();
    assert_eq!(names, ["Z", "X", "Y", "W", "V", "A", "B"]);
    let containers: Vec<(u32, Option<u32>)> =
        machine.containers.iter().map(|all| (all.start_at.0, all.owner.map(|owner| owner.0))).collect();
    assert_eq!(containers, [(0, None), (2, Some(0)), (3, Some(2)), (4, Some(0)), (6, Some(5))]);
    let inside: Vec<u32> = machine.states.iter().map(|state| state.container.0).collect();
    assert_eq!(inside, [0, 1, 1, 2, 3, 0, 4]);
    assert_eq!(machine.states[0].next, Some(StateId(5)));
    assert_eq!(machine.states[2].next, Some(StateId(1)));
    assert_eq!(machine.states[5].next, None);
    let Kind::Parallel { branches } = &machine.states[0].kind else { panic!("{:?}", machine.states[0]) };
    assert_eq!(branches.iter().map(|branch| branch.0).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn what_is_not_written_has_its_default() {
    let machine = machine(
        r#"{"TimeoutSeconds":60,"StartAt":"T","States":{"T":{"Type":"Task","Next":"M",
            "Resource":"arn:aws:lambda:us-east-1:123456789012:function:f","Retry":[{"ErrorEquals":["E"]}],
            "Catch":[{"ErrorEquals":["E"],"Next":"M"}]},
            "M":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}"#,
    );
    assert_eq!(machine.timeout_seconds, Some(60));
    let task = &machine.states[0];
    let retrier = &task.retry[0];
    assert_eq!((retrier.interval_seconds, retrier.max_attempts, retrier.backoff_rate), (1, 3, 2.0));
    assert_eq!((retrier.max_delay_seconds, retrier.full_jitter), (None, false));
    assert!(matches!(task.catch[0].result_path, ResultPath::Whole));
    assert_eq!(task.catch[0].next, StateId(1));
    assert!(matches!(task.flow.input_path, Selection::Whole));
    assert!(task.flow.parameters.is_none());
    let Kind::Task(task) = &task.kind else { panic!("{task:?}") };
    assert!(task.timeout.is_none() && task.heartbeat.is_none());
    let Kind::Map(map) = &machine.states[1].kind else { panic!("{:?}", machine.states[1]) };
    assert!(matches!(map.max_concurrency, Count::Literal(0)));
    assert!(map.items_path.is_none() && map.item_selector.is_none());
}

#[test]
fn what_is_written_is_there() {
    let machine = machine(
        r#"{"StartAt":"A","States":{
            "A":{"Type":"Pass","InputPath":null,"ResultPath":"$.r","OutputPath":"$.o","Result":{"a.$":1},"Next":"W"},
            "W":{"Type":"Wait","Timestamp":"2016-03-14T01:59:00.999Z","Next":"C"},
            "C":{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"M","Assign":{"v":1}}],"Default":"F"},
            "M":{"Type":"Map","Parameters":{"p.$":"$"},"ResultPath":null,"MaxConcurrency":7,"Next":"F",
                "Iterator":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}},"Retry":[{"ErrorEquals":["E"],
                "IntervalSeconds":3,"MaxAttempts":0,"BackoffRate":1,"MaxDelaySeconds":9,"JitterStrategy":"FULL"}]},
            "F":{"Type":"Fail","Error":"e","CausePath":"$.c"}}}"#,
    );
    let [pass, wait, choice, map, _, _] = &machine.states[..] else { panic!("{:?}", machine.states) };
    assert!(matches!(pass.flow.input_path, Selection::Nothing));
    assert!(matches!(&pass.flow.result_path, ResultPath::At(path) if path.text() == "$.r"));
    assert!(matches!(&pass.flow.output_path, Selection::Path(path) if path.text() == "$.o"));
    assert!(matches!(&pass.kind, Kind::Pass { result: Some(result) } if result.to_text() == r#"{"a.$":1}"#));
    // Fractions of a second are cut off.
    assert!(matches!(&wait.kind, Kind::Wait(WaitUntil::Timestamp(when)) if when.0 == 1_457_920_740_000));
    let Kind::Choice { rules, default } = &choice.kind else { panic!("{choice:?}") };
    assert_eq!((rules[0].next, *default), (StateId(3), Some(StateId(5))));
    assert!(rules[0].assign.is_some());
    assert!(matches!(map.flow.result_path, ResultPath::Discard));
    assert!(map.flow.parameters.is_none());
    let retrier = &map.retry[0];
    assert_eq!((retrier.interval_seconds, retrier.max_attempts, retrier.backoff_rate), (3, 0, 1.0));
    assert_eq!((retrier.max_delay_seconds, retrier.full_jitter), (Some(9), true));
    let Kind::Map(map) = &map.kind else { panic!("{map:?}") };
    assert!(map.item_selector.is_some());
    assert!(matches!(map.max_concurrency, Count::Literal(7)));
}
