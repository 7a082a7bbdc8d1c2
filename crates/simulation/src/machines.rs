//! The machines that the simulation runs: fixed ones, which together hold every state type, Retry,
//! Catch, timeouts, heartbeats, callbacks, activities, nesting, distribution and variables, and generated ones.

use std::sync::Arc;

use crate::generator;
use crate::random::Random;
use crate::reference::Machine;

/// A machine of a run.
#[derive(Clone)]
pub struct Kind {
    pub definition: Arc<str>,
    /// As the reference reads it.
    pub reference: Arc<Machine>,
    pub is_generated: bool,
    /// Nothing but a worker ends its tasks.
    pub is_patient: bool,
    /// It makes many transitions at once.
    pub is_busy: bool,
}

/// How many machines a run makes up.
const GENERATED: usize = 16;

/// The fixed machines, then such as this seed makes up.
pub fn kinds(random: &mut Random) -> Vec<Kind> {
    let kind = |definition: &str, is_generated| Kind {
        definition: definition.into(),
        reference: Arc::new(Machine::new(definition)),
        is_generated,
        is_patient: definition == PATIENT,
        is_busy: definition == BUSY,
    };
    let fixed = DEFINITIONS.iter().chain([&PATIENT, &BUSY]).map(|definition| kind(definition, false));
    let made = (0..GENERATED).map(|_| kind(&generator::machine(random), true));
    fixed.chain(made).collect()
}

/// What the executions run in every run.
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
    // Jobs: one that may take too long, beside one that its token may end.
    r#"{"StartAt":"Both","States":{
        "Both":{"Type":"Parallel","Branches":[
            {"StartAt":"L","States":{"L":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync",
                "Parameters":{"StateMachineArn":"m","Input.$":"$"},"TimeoutSeconds":120,
                "Retry":[{"ErrorEquals":["States.Timeout","Flaky"],"MaxAttempts":2}],"End":true}}},
            {"StartAt":"R","States":{"R":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2",
                "Parameters":{"StateMachineArn":"m","Input":{"token.$":"$$.Task.Token"}},"HeartbeatSeconds":90,
                "Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":1}],"End":true}}}],
            "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"Nap"}],"Next":"Nap"},
        "Nap":{"Type":"Wait","Seconds":3,"End":true}}}"#,
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
    // A Map in a Parallel in a Map, each with its Catch, beside a branch that waits for a worker.
    r#"{"StartAt":"Outer","States":{
        "Outer":{"Type":"Map","ItemsPath":"$.items","MaxConcurrency":2,
            "ItemProcessor":{"StartAt":"Pair","States":{
                "Pair":{"Type":"Parallel","Branches":[
                    {"StartAt":"Range","States":{
                        "Range":{"Type":"Pass","Parameters":{"items.$":"States.ArrayRange(1, 3, 1)"},"Next":"Inner"},
                        "Inner":{"Type":"Map","ItemsPath":"$.items",
                            "ItemProcessor":{"StartAt":"Call","States":{
                                "Call":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",
                                    "Parameters":{"FunctionName":"f","Payload.$":"$"},
                                    "Retry":[{"ErrorEquals":["Flaky"],"IntervalSeconds":1,"MaxAttempts":2}],
                                    "Next":"Rest"},
                                "Rest":{"Type":"Wait","Seconds":2,"End":true}}},
                            "Catch":[{"ErrorEquals":["Broken"],"Next":"Caught"}],"End":true},
                        "Caught":{"Type":"Pass","End":true}}},
                    {"StartAt":"Worker","States":{"Worker":{"Type":"Task","TimeoutSeconds":300,
                        "Resource":"arn:aws:states:us-east-1:123456789012:activity:work",
                        "Retry":[{"ErrorEquals":["States.Timeout"],"MaxAttempts":1}],"End":true}}}],
                    "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"Gone"}],"ResultPath":null,"End":true},
                "Gone":{"Type":"Pass","End":true}}},
            "Catch":[{"ErrorEquals":["States.ALL"],"Next":"Over"}],"Next":"Over"},
        "Over":{"Type":"Succeed"}}}"#,
    // Each item an execution of its own, some of which may fail; in batches, and these in batches again.
    r#"{"StartAt":"Pair","States":{
        "Pair":{"Type":"Parallel","Branches":[
            {"StartAt":"Each","States":{
                "Each":{"Type":"Map","ItemsPath":"$.items","MaxConcurrency":2,"ToleratedFailurePercentage":40,"Label":"each",
                    "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
                        "StartAt":"Call","States":{
                        "Call":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",
                            "Parameters":{"FunctionName":"f","Payload.$":"$"},
                            "Retry":[{"ErrorEquals":["Flaky"],"IntervalSeconds":1,"MaxAttempts":1}],"Next":"Rest"},
                        "Rest":{"Type":"Wait","Seconds":2,"End":true}}},
                    "Retry":[{"ErrorEquals":["States.ExceedToleratedFailureThreshold"],"MaxAttempts":1}],"End":true}}},
            {"StartAt":"Batches","States":{
                "Batches":{"Type":"Map","ItemsPath":"$.items","ToleratedFailureCount":2,
                    "ItemBatcher":{"MaxItemsPerBatch":3,"BatchInput":{"n.$":"$.n"}},
                    "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
                        "StartAt":"Inner","States":{
                        "Inner":{"Type":"Map","ItemsPath":"$.Items","MaxConcurrency":1,
                            "ItemSelector":{"of.$":"$.BatchInput.n","item.$":"$$.Map.Item.Value"},
                            "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
                                "StartAt":"Work","States":{"Work":{"Type":"Task","TimeoutSeconds":300,
                                    "Resource":"arn:aws:states:us-east-1:123456789012:activity:work","End":true}}},
                            "End":true}}},
                    "End":true}}}],
            "Catch":[{"ErrorEquals":["States.ALL"],"Next":"Sorry"}],"End":true},
        "Sorry":{"Type":"Pass","End":true}}}"#,
    // More events than one turn may make.
    r#"{"StartAt":"Range","States":{
        "Range":{"Type":"Pass","Parameters":{"items.$":"States.ArrayRange(1, 220, 1)"},"Next":"Each"},
        "Each":{"Type":"Map","ItemsPath":"$.items","MaxConcurrency":7,"ResultPath":null,
            "ItemProcessor":{"StartAt":"One","States":{
                "One":{"Type":"Pass","Next":"Two"},"Two":{"Type":"Pass","End":true}}},"Next":"Pause"},
        "Pause":{"Type":"Wait","Seconds":3,"Next":"Last"},
        "Last":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:f",
            "Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":1}],"End":true}}}"#,
    // The whole input is kept, copied and called with, however large it is.
    r#"{"StartAt":"Keep","States":{
        "Keep":{"Type":"Pass","Assign":{"all.$":"$"},"Next":"Still"},
        "Still":{"Type":"Wait","Seconds":4,"Next":"Copy"},
        "Copy":{"Type":"Pass","Parameters":{"here.$":"$","there.$":"$all"},"Next":"Call"},
        "Call":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:f",
            "ResultPath":"$.result","TimeoutSeconds":30,
            "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"Whole"}],"Next":"Whole"},
        "Whole":{"Type":"Pass","End":true}}}"#,
];

/// A machine without timeouts: nothing but a worker ends its tasks, however late he comes.
const PATIENT: &str = r#"{"StartAt":"Crew","States":{
    "Crew":{"Type":"Map","ItemsPath":"$.items",
        "ItemProcessor":{"StartAt":"Patient","States":{
            "Patient":{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:work",
                "Catch":[{"ErrorEquals":["States.ALL"],"Next":"Fine"}],"End":true},
            "Fine":{"Type":"Pass","End":true}}},"End":true}}}"#;

/// A machine that makes some thousand transitions and needs nobody: for the number of them.
const BUSY: &str = r#"{"StartAt":"Count","States":{
    "Count":{"Type":"Pass","Parameters":{"n.$":"States.MathAdd($.n, 200)","items.$":"States.ArrayRange(1, 100, 1)"},"Next":"Many"},
    "Many":{"Type":"Map","ItemsPath":"$.items","MaxConcurrency":20,"ResultPath":null,
        "ItemSelector":{"at.$":"$$.Map.Item.Index","n.$":"$.n"},
        "ItemProcessor":{"StartAt":"Even","States":{
            "Even":{"Type":"Choice","Choices":[{"Variable":"$.at","NumericLessThan":50,"Next":"Low"}],"Default":"High"},
            "Low":{"Type":"Pass","Parameters":{"sum.$":"States.MathAdd($.at, $.n)"},"Next":"Out"},
            "High":{"Type":"Pass","Assign":{"kept.$":"$.at"},"Next":"Out"},
            "Out":{"Type":"Succeed"}}},"Next":"Round"},
    "Round":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericGreaterThan":0,"Next":"Down"}],"Default":"Done"},
    "Down":{"Type":"Pass","Parameters":{"n.$":"States.MathAdd($.n, -1)"},"Assign":{"last.$":"$.n"},"Next":"Round"},
    "Done":{"Type":"Succeed"}}}"#;
