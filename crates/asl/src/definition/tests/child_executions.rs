//! What may stand in the processor of a distributed Map, which its child executions run. (spec/asl.md §6, §10.6)

use super::check;

/// A machine of these states, of which `S` is the first.
fn machine(states: &str) -> String {
    format!(r#"{{"StartAt":"S","States":{{{states}}}}}"#)
}

/// The fields of a distributed Map around these states, of which the first is called `first`.
fn distributed(execution_type: &str, label: &str, first: &str, states: &str) -> String {
    format!(
        r#""Type":"Map","Label":"{label}","ItemProcessor":{{"ProcessorConfig":{{
            "Mode":"DISTRIBUTED","ExecutionType":"{execution_type}"}},"StartAt":"{first}","States":{{{states}}}}}"#
    )
}

/// The fields of an inline Map around the state `J` with these fields.
fn inline(state: &str) -> String {
    format!(
        r#""Type":"Map","End":true,"ItemProcessor":{{"StartAt":"J","States":{{"J":{{{state},"End":true}}}}}}"#
    )
}

/// The sentences are AWS's, of EXPRESS machines.
#[test]
fn express_ones_have_fewer_resources() {
    let task = |resource: &str, parameters: &str| {
        format!(r#""Type":"Task","Resource":"{resource}","Parameters":{{{parameters}}}"#)
    };
    let sync = task(
        "arn:aws:states:::states:startExecution.sync:2",
        r#""StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:m""#,
    );
    let token = task(
        "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        r#""QueueUrl":"q","MessageBody.$":"$$.Task.Token""#,
    );
    let activity = task("arn:aws:states:us-east-1:123456789012:activity:a", "");
    let around = |execution_type: &str, state: &str| {
        let map = distributed(execution_type, "l", "I", &format!(r#""I":{{{state},"End":true}}"#));
        machine(&format!(r#""S":{{{map},"End":true}}"#))
    };
    let inside = "/States/S/ItemProcessor/States/I";
    for (state, why) in [
        (&sync, "'.sync' service integration"),
        (&token, "'.waitForTaskToken' service integration "),
        (&activity, "Activity ARN"),
    ] {
        let said =
            |at: &str| format!("SCHEMA: Express state machine does not support {why} at {at}/Resource");
        let map = inline(state).replace(r#","End":true,"ItemP"#, r#","ItemP"#);
        check(&[
            (&around("EXPRESS", state), &[&said(inside)]),
            (&around("STANDARD", state), &[]),
            (&around("EXPRESS", &map), &[&said(&format!("{inside}/ItemProcessor/States/J"))]),
        ]);
    }
    check(&[(&around("EXPRESS", &task("arn:aws:lambda:us-east-1:123456789012:function:f", "")), &[])]);
    // What stands behind the Map runs where the Map does.
    let map = distributed("EXPRESS", "l", "I", r#""I":{"Type":"Succeed"}"#);
    check(&[(&machine(&format!(r#""S":{{{map},"Next":"T"}},"T":{{{activity},"End":true}}"#)), &[])]);
}

#[test]
fn standard_ones_have_distributed_maps_and_their_labels_are_unique_too() {
    let nested = |outer: &str, inner: &str, label: &str| {
        let inner = distributed(inner, label, "J", r#""J":{"Type":"Succeed"}"#);
        let outer = distributed(outer, "outer", "I", &format!(r#""I":{{{inner},"End":true}}"#));
        machine(&format!(r#""S":{{{outer},"End":true}}"#))
    };
    let at = "/States/S/ItemProcessor/States/I";
    let in_express = format!(
        "SCHEMA: Express state machine does not support Distributed Map at \
         {at}/ItemProcessor/ProcessorConfig/Mode"
    );
    check(&[
        (&nested("STANDARD", "STANDARD", "inner"), &[]),
        (&nested("STANDARD", "EXPRESS", "inner"), &[]),
        (&nested("EXPRESS", "EXPRESS", "inner"), &[&in_express]),
        (&nested("EXPRESS", "STANDARD", "inner"), &[&in_express]),
        (
            &nested("STANDARD", "STANDARD", "outer"),
            &[&format!("DUPLICATE_LABEL_NAME: Duplicate Label name: outer at {at}/Label")],
        ),
    ]);
}

#[test]
fn they_do_not_see_the_variables_around_them() {
    let around = |map: &str, states: &str| {
        let distributed = distributed("STANDARD", "l", "I", states);
        machine(&format!(
            r#""S":{{"Type":"Pass","Assign":{{"outer":1,"other":2}},"Next":"M"}},
               "M":{{{distributed},{map}}},"T":{{"Type":"Pass","InputPath":"$outer","End":true}}"#
        ))
    };
    let inside = |states: &str| around(r#""Next":"T""#, states);
    let hidden = |name: &str, at: &str| {
        format!(
            "SCHEMA: Variable '{name}' is assigned outside of the Distributed Map, whose child executions cannot \
             read it: put it into their input, with ItemSelector or BatchInput at /States/M/ItemProcessor/States/{at}"
        )
    };
    let in_map = "I/ItemProcessor/States/J";
    let reads = r#""Type":"Pass","Parameters":{"a.$":"$outer.b","b.$":"$other"}"#;
    check(&[
        (&inside(r#""I":{"Type":"Pass","InputPath":"$outer","End":true}"#), &[&hidden("outer", "I")]),
        (
            &inside(
                r#""I":{"Type":"Pass","QueryLanguage":"JSONata","Output":"{% $outer + $sum([1]) %}","End":true}"#,
            ),
            &[&hidden("outer", "I")],
        ),
        (
            &inside(&format!(r#""I":{{{}}}"#, inline(reads))),
            &[&hidden("other", in_map), &hidden("outer", in_map)],
        ),
        // Of a variable that nobody assigns nothing is said, as elsewhere.
        (&inside(r#""I":{"Type":"Pass","InputPath":"$unknown","End":true}"#), &[]),
        // They have variables of their own, of the same names too, which an inline Map in them sees.
        (
            &inside(&format!(
                r#""I0":{{{}}},"I":{{"Type":"Pass","Assign":{{"outer":1,"other":1}},"Next":"I0"}}"#,
                inline(reads)
            )),
            &[],
        ),
        // The Map's own fields are evaluated outside.
        (
            &around(
                r#""ItemSelector":{"a.$":"$outer"},"MaxConcurrencyPath":"$other","Next":"T""#,
                r#""I":{"Type":"Succeed"}"#,
            ),
            &[],
        ),
    ]);
}
