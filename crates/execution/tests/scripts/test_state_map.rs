//! Maps by themselves: items, inputs, batches and what is tolerated.

use execution::Stage;
use execution::test_state::{Progress, TestStatus};
use expect_test::{Expect, expect};
use json::Value;

use crate::test_state::{check, outside, test};

const PROCESSOR: &str = r#""ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#;
pub const DISTRIBUTED: &str = r#""ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
    "StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#;

#[test]
fn a_map_shows_items_and_results() {
    check(
        &format!(
            r#"{{"Type":"Map","InputPath":"$.a","ItemsPath":"$.list","MaxConcurrencyPath":"$.most","End":true,"ResultPath":"$.r",
            "ItemSelector":{{"n.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value","most.$":"$.most"}},{PROCESSOR}}}"#
        ),
        r#"{"input":{"a":{"list":["x","y"],"most":100}},"result":[1,2]}"#,
        expect![[r#"
            Succeeded
            output {"a":{"list":["x","y"],"most":100},"r":[1,2]}
              InputPath {"list":["x","y"],"most":100}
              ItemsPath ["x","y"]
              ItemSelector [{"n":0,"v":"x","most":100},{"n":1,"v":"y","most":100}]
              ResultSelector [1,2]
              ResultPath {"a":{"list":["x","y"],"most":100},"r":[1,2]}
              MaxConcurrency 100
              iterations 2"#]],
    );
    check(
        &format!(r#"{{"Type":"Map","ItemsPath":"$.list","End":true,{PROCESSOR}}}"#),
        r#"{"input":{"list":3},"result":[]}"#,
        expect![[r#"
            Failed
            error States.Runtime: An error occurred while executing the state 'StateName' (entered at the event id #2). Reference path "$.list" must point to array.
              InputPath {"list":3}
              ItemsPath 3"#]],
    );
}

#[test]
fn failed_iterations_are_tolerated_up_to_the_threshold() {
    let check = |fields: &str, failed: u32, expected: Expect| {
        check(
            &format!(
                r#"{{"Type":"Map","End":true,"Retry":[{{"ErrorEquals":["States.ExceedToleratedFailureThreshold"]}}],{fields}{DISTRIBUTED}}}"#
            ),
            &format!(r#"{{"input":[1,2,3,4],"result":[0],"failed":{failed}}}"#),
            expected,
        );
    };
    // Where nothing is said, nothing is compared. (recorded)
    check(
        "",
        4,
        expect![[r#"
        Succeeded
        output [0]
          InputPath [1,2,3,4]
          ItemsPath [1,2,3,4]
          ResultSelector [0]
          ResultPath [0]
          MaxConcurrency 0
          iterations 4"#]],
    );
    check(
        r#""ToleratedFailureCount":2,"#,
        2,
        expect![[r#"
        Succeeded
        output [0]
          InputPath [1,2,3,4]
          ItemsPath [1,2,3,4]
          ResultSelector [0]
          ResultPath [0]
          MaxConcurrency 0
          ToleratedFailureCount 2
          iterations 4"#]],
    );
    check(
        r#""ToleratedFailureCount":2,"#,
        3,
        expect![[r#"
        Retriable
        error States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded
          InputPath [1,2,3,4]
          ItemsPath [1,2,3,4]
          MaxConcurrency 0
          ToleratedFailureCount 2
          iterations 4
          retrier 0
          retry after 1"#]],
    );
    check(
        r#""ToleratedFailurePercentage":25,"#,
        1,
        expect![[r#"
        Succeeded
        output [0]
          InputPath [1,2,3,4]
          ItemsPath [1,2,3,4]
          ResultSelector [0]
          ResultPath [0]
          MaxConcurrency 0
          iterations 4
          ToleratedFailurePercentage 25.0"#]],
    );
    check(
        r#""ToleratedFailurePercentagePath":"$[0]","#,
        1,
        expect![[r#"
        Retriable
        error States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded
          InputPath [1,2,3,4]
          ItemsPath [1,2,3,4]
          MaxConcurrency 0
          iterations 4
          retrier 0
          retry after 1
          ToleratedFailurePercentage 1.0"#]],
    );
    check(
        r#""ToleratedFailureCountPath":"$","#,
        0,
        expect![[r#"
            Failed
            error States.Runtime: An error occurred while executing the state 'StateName' (entered at the event id #2). The ToleratedFailureCountPath field refers to value "[1,2,3,4]" which is not a valid integer: $
              InputPath [1,2,3,4]
              ItemsPath [1,2,3,4]"#]],
    );
}

#[test]
fn readers_and_batchers() {
    let reader = |fields: &str| {
        format!(
            r#""ItemReader":{{"Resource":"arn:aws:states:::s3:getObject","Parameters":{{"Bucket":"b","Key.$":"$.key"}},
            "ReaderConfig":{{{fields}}}}},"#
        )
    };
    let check = |fields: &str, data: &str, expected: Expect| {
        let data = Value::String(data.into()).to_text();
        check(
            &format!(r#"{{"Type":"Map","End":true,{fields}{DISTRIBUTED}}}"#),
            &format!(r#"{{"input":{{"key":"k"}},"result":[0],"data":{data}}}"#),
            expected,
        );
    };
    check(
        &format!(
            r#"{}"ItemSelector":{{"item.$":"$$.Map.Item","key.$":"$.key"}},"#,
            reader(r#""InputType":"JSON","ItemsPointer":"/items","MaxItems":1"#)
        ),
        r#"{"items":{"one":1,"two":2}}"#,
        expect![[r#"
            Succeeded
            output [0]
              InputPath {"key":"k"}
              ItemsPointer {"one":1,"two":2}
              ItemSelector [{"item":{"Index":0,"Value":1,"Source":"S3://b/k","Key":"one"},"key":"k"}]
              ResultSelector [0]
              ResultPath [0]
              MaxConcurrency 0
              iterations 1"#]],
    );
    check(
        &format!(
            r#"{}"ItemBatcher":{{"MaxItemsPerBatch":2,"BatchInput":{{"of.$":"$.key"}}}},"#,
            reader(r#""InputType":"JSONL""#)
        ),
        "1\n2\n3",
        expect![[r#"
            Succeeded
            output [0]
              InputPath {"key":"k"}
              ItemBatcher [{"BatchInput":{"of":"k"},"Items":[1,2]},{"BatchInput":{"of":"k"},"Items":[3]}]
              ResultSelector [0]
              ResultPath [0]
              MaxConcurrency 0
              iterations 3"#]],
    );
    check(
        &format!(
            r#"{}"ItemBatcher":{{"MaxInputBytesPerBatch":40}},"#,
            reader(r#""InputType":"CSV","CSVHeaderLocation":"FIRST_ROW""#)
        ),
        "a\nx\ny\nz",
        expect![[r#"
            Succeeded
            output [0]
              InputPath {"key":"k"}
              ItemBatcher [{"Items":[{"a":"x"}]},{"Items":[{"a":"y"}]},{"Items":[{"a":"z"}]}]
              ResultSelector [0]
              ResultPath [0]
              MaxConcurrency 0
              iterations 3"#]],
    );
    check(
        &reader(r#""InputType":"JSON""#),
        "7",
        expect![[r#"
        Failed
        error States.ItemReaderFailed: An error occurred while executing the state 'StateName' (entered at the event id #2). Attempting to map over non-iterable node.
          InputPath {"key":"k"}"#]],
    );
    check(
        &reader(r#""InputType":"JSON","MaxItemsPath":"$.key""#),
        "[]",
        expect![[r#"
        Failed
        error States.Runtime: An error occurred while executing the state 'StateName' (entered at the event id #2). The MaxItemsPath field refers to value "k" which is not a valid integer: $.key
          InputPath {"key":"k"}"#]],
    );
}

#[test]
fn many_items_are_looked_at_some_at_a_time() {
    let definition = format!(
        r#"{{"Type":"Map","End":true,"ItemSelector":{{"i.$":"$$.Map.Item.Index"}},"ToleratedFailureCount":8,{DISTRIBUTED}}}"#
    );
    let mut test =
        test(&definition, &format!(r#"{{"input":[{}0],"result":[7],"failed":9}}"#, "0,".repeat(99)));
    let mut rounds = 1;
    let mut progress = test.begin(outside(1));
    while let Progress::Again = progress {
        rounds += 1;
        progress = test.again(outside(2));
    }
    let Progress::Ended(tested) = progress else { panic!("{progress:?}") };
    assert_eq!((rounds, tested.status, tested.inspected.iterations), (3, TestStatus::Failed, Some(100)));
    let (_, selected) = tested
        .inspected
        .stages
        .into_iter()
        .find(|(stage, _)| *stage == Stage::ItemSelector)
        .expect("it is there");
    assert_eq!(selected.value().at(99), Some(&json::value!({ "i": 99 })));
}

#[test]
fn without_data_a_reader_reads_nothing() {
    check(
        &format!(
            r#"{{"Type":"Map","End":true,"MaxConcurrency":5,{DISTRIBUTED},
            "ItemReader":{{"Resource":"arn:aws:states:::s3:listObjectsV2","Parameters":{{"Bucket":"b"}}}}}}"#
        ),
        r#"{"result":[7],"failed":9}"#,
        expect![[r#"
            Succeeded
            output [7]
              InputPath {}
              ResultSelector [7]
              ResultPath [7]
              MaxConcurrency 5"#]],
    );
}

#[test]
fn what_is_too_large_to_be_shown_is_left_out_and_still_evaluated() {
    let definition = format!(
        r#"{{"Type":"Map","End":true,"ItemSelector":{{"all.$":"$"}},"ItemBatcher":{{"MaxItemsPerBatch":9}},"ToleratedFailureCount":0,{DISTRIBUTED}}}"#
    );
    let given = format!(r#"{{"input":["{}",0,0],"result":[7],"failed":1}}"#, "x".repeat(100_000));
    let Progress::Ended(tested) = test(&definition, &given).begin(outside(1)) else { panic!("it goes on") };
    let stages: Vec<Stage> = tested.inspected.stages.iter().map(|(stage, _)| *stage).collect();
    assert_eq!(stages, [Stage::InputPath, Stage::ItemsPath]);
    assert_eq!((tested.status, tested.inspected.iterations), (TestStatus::Failed, Some(3)));

    let twice =
        r#"{"Type":"Pass","Parameters":{"a.$":"$"},"ResultPath":"$.b","OutputPath":"$.b.a.c","End":true}"#;
    let given = format!(r#"{{"input":{{"c":"{}"}}}}"#, "x".repeat(140_000));
    let Progress::Ended(tested) = test(twice, &given).begin(outside(1)) else { panic!("it goes on") };
    let stages: Vec<Stage> = tested.inspected.stages.iter().map(|(stage, _)| *stage).collect();
    assert_eq!(stages, [Stage::InputPath, Stage::Parameters, Stage::ResultSelector]);
    assert_eq!(tested.status, TestStatus::Succeeded);
}

#[test]
fn a_map_inside_a_map_sees_its_own_items() {
    let definition = format!(
        r#"{{"Type":"Map","End":true,"ItemSelector":{{"i.$":"$$.Map.Item.Value"}},"ResultSelector":{{"around.$":"$$.Map.Item.Value"}},{PROCESSOR}}}"#
    );
    check(
        &definition,
        r#"{"input":[7,8],"result":[0],"context":{"Map":{"Item":{"Index":0,"Value":"outer"}}}}"#,
        expect![[r#"
            Succeeded
            output {"around":"outer"}
              InputPath [7,8]
              ItemsPath [7,8]
              ItemSelector [{"i":7},{"i":8}]
              ResultSelector {"around":"outer"}
              ResultPath {"around":"outer"}
              MaxConcurrency 0
              iterations 2"#]],
    );
}
