//! The state machines that the figures run.
//!
//! Never here: requests, measuring.

/// What executions are started with where nothing depends on it.
pub const INPUT: &str = r#"{"order":{"id":4711,"items":["a","b","c"],"total":12.5},"customer":"someone"}"#;

/// The five-state machine of the budget.
pub const FIVE_PASSES: &str = r#"{"StartAt":"A","States":{
    "A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"C"},"C":{"Type":"Pass","Next":"D"},
    "D":{"Type":"Pass","Next":"E"},"E":{"Type":"Pass","End":true}}}"#;

/// Waits for a day.
pub const WAIT_A_DAY: &str = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":86400,"End":true}}}"#;

/// Waits for as many seconds as the input says.
pub const WAIT_SECONDS: &str =
    r#"{"StartAt":"W","States":{"W":{"Type":"Wait","SecondsPath":"$.seconds","End":true}}}"#;

/// Waits until the input's time.
pub const WAIT_UNTIL: &str =
    r#"{"StartAt":"W","States":{"W":{"Type":"Wait","TimestampPath":"$.at","End":true}}}"#;

/// Waits for somebody to send the token back, after a function has got it.
pub const CALLBACK: &str = r#"{"StartAt":"C","States":{"C":{"Type":"Task","End":true,
    "Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken",
    "Parameters":{"FunctionName":"arn:aws:lambda:us-east-1:123456789012:function:fast",
                  "Payload":{"token.$":"$$.Task.Token"}}}}}"#;

/// Waits for a worker of an activity.
pub fn activity(arn: &str) -> String {
    let definition = json::value!({
        "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": arn, "End": true } }
    });
    definition.to_text()
}

/// So many tasks in a row that call this function.
pub fn tasks(count: usize, function: &str) -> String {
    let state = |number: usize| {
        let next = if number + 1 < count {
            format!(r#""Next":"S{}""#, number + 1)
        } else {
            r#""End":true"#.to_owned()
        };
        format!(
            r#""S{number}":{{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:{function}",{next}}}"#
        )
    };
    let states: Vec<String> = (0..count).map(state).collect();
    format!(r#"{{"StartAt":"S0","States":{{{}}}}}"#, states.join(","))
}

/// Counts to the input's `rounds`: two transitions and four history events a round, none of which waits.
pub const COUNT: &str = r#"{"StartAt":"Zero","States":{
    "Zero":{"Type":"Pass","Result":0,"ResultPath":"$.count","Next":"Add"},
    "Add":{"Type":"Pass","Next":"Done?",
           "Parameters":{"count.$":"States.MathAdd($.count, 1)","rounds.$":"$.rounds"}},
    "Done?":{"Type":"Choice","Default":"Add","Choices":[
        {"Variable":"$.count","NumericGreaterThanEqualsPath":"$.rounds","Next":"End"}]},
    "End":{"Type":"Succeed"}}}"#;

/// The same with a call in each round: three transitions and nine events, and the round's turns are durable
/// one by one.
pub const COUNT_CALLS: &str = r#"{"StartAt":"Zero","States":{
    "Zero":{"Type":"Pass","Result":0,"ResultPath":"$.count","Next":"Call"},
    "Call":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:fast",
            "ResultPath":null,"Next":"Add"},
    "Add":{"Type":"Pass","Next":"Done?",
           "Parameters":{"count.$":"States.MathAdd($.count, 1)","rounds.$":"$.rounds"}},
    "Done?":{"Type":"Choice","Default":"Call","Choices":[
        {"Variable":"$.count","NumericGreaterThanEqualsPath":"$.rounds","Next":"End"}]},
    "End":{"Type":"Succeed"}}}"#;

/// An inline Map over the input's items, with one Pass state.
pub const MAP: &str = r#"{"StartAt":"M","States":{"M":{"Type":"Map","ItemsPath":"$.items","End":true,
    "ResultPath":null,
    "ItemProcessor":{"ProcessorConfig":{"Mode":"INLINE"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}"#;
