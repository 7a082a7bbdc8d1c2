//! The machines that the simulation runs: together they hold every state type, Retry, Catch,
//! timeouts, heartbeats, callbacks, activities, nesting and variables.

use asl::{Options, StateMachine};

/// Compiled, in the order of [`DEFINITIONS`].
pub fn compiled() -> Vec<StateMachine> {
    let compile = |text: &&str| {
        let compiled = asl::compile(text, Options::default());
        compiled.machine.unwrap_or_else(|| panic!("{text}: {:?}", compiled.diagnostics))
    };
    DEFINITIONS.iter().map(compile).collect()
}

const DEFINITIONS: &[&str] = &[
    // Data only.
    r#"{"StartAt":"A","States":{
        "A":{"Type":"Pass","Assign":{"seen.$":"$.n"},"Next":"B"},
        "B":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericGreaterThan":5,"Next":"C"}],"Default":"D"},
        "C":{"Type":"Pass","Parameters":{"n.$":"States.MathAdd($.n, -1)","was.$":"$seen"},"Next":"B"},
        "D":{"Type":"Succeed"}}}"#,
    // Waiting, calling, retrying, catching.
    r#"{"StartAt":"Nap","TimeoutSeconds":5000,"States":{
        "Nap":{"Type":"Wait","Seconds":7,"Next":"Call"},
        "Call":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",
            "Parameters":{"FunctionName":"f","Payload.$":"$"},"TimeoutSeconds":20,
            "Retry":[{"ErrorEquals":["Flaky"],"IntervalSeconds":2,"MaxAttempts":3,"JitterStrategy":"FULL"},
                     {"ErrorEquals":["States.TaskFailed"],"MaxAttempts":1}],
            "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"Sorry"}],"End":true},
        "Sorry":{"Type":"Pass","End":true}}}"#,
    // A function by its ARN, unhandled failures.
    r#"{"StartAt":"Call","States":{
        "Call":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:f",
            "ResultPath":"$.result","Next":"Again"},
        "Again":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:g","End":true}}}"#,
    // A callback and an activity, with heartbeats.
    r#"{"StartAt":"Ask","States":{
        "Ask":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters":{"FunctionName":"f","Payload":{"token.$":"$$.Task.Token"}},
            "TimeoutSeconds":300,"HeartbeatSeconds":60,
            "Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":2}],
            "Catch":[{"ErrorEquals":["States.ALL"],"Next":"Work"}],"Next":"Work"},
        "Work":{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:work",
            "TimeoutSeconds":400,"HeartbeatSeconds":90,
            "Catch":[{"ErrorEquals":["States.Timeout"],"Next":"End"}],"Next":"End"},
        "End":{"Type":"Succeed"}}}"#,
    // Branches that race, one of which may fail the others.
    r#"{"StartAt":"Both","States":{
        "Both":{"Type":"Parallel","Branches":[
            {"StartAt":"L","States":{"L":{"Type":"Wait","Seconds":5,"Next":"L2"},
                "L2":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"},"End":true}}},
            {"StartAt":"R","States":{"R":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",
                "Parameters":{"FunctionName":"g"},"ResultPath":null,"End":true}}}],
            "Retry":[{"ErrorEquals":["Flaky"],"MaxAttempts":2}],
            "Catch":[{"ErrorEquals":["States.ALL"],"Next":"No"}],"End":true},
        "No":{"Type":"Fail","Error":"Both","CausePath":"$.Error"}}}"#,
    // Items, some at a time, with a nested Parallel.
    r#"{"StartAt":"Each","States":{
        "Each":{"Type":"Map","ItemsPath":"$.items","MaxConcurrency":3,
            "ItemSelector":{"index.$":"$$.Map.Item.Index","value.$":"$$.Map.Item.Value"},
            "ItemProcessor":{"StartAt":"P","States":{
                "P":{"Type":"Parallel","Branches":[
                    {"StartAt":"X","States":{"X":{"Type":"Pass","End":true}}},
                    {"StartAt":"Y","States":{"Y":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",
                        "Parameters":{"FunctionName":"f"},"Retry":[{"ErrorEquals":["Flaky"]}],"ResultPath":null,"End":true}}}],
                    "Next":"Z"},
                "Z":{"Type":"Wait","Seconds":1,"End":true}}},
            "Catch":[{"ErrorEquals":["States.ALL"],"Next":"Done"}],"Next":"Done"},
        "Done":{"Type":"Succeed"}}}"#,
];
