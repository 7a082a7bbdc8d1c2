//! Where transitions lead. (spec/validation.md §4)

use super::check;

#[test]
fn loops_and_ends() {
    check(&[
        // Measured on AWS.
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"}}}"#,
            &["MISSING_END_STATE: Workflow has no terminal state"],
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"},
                "C":{"Type":"Pass","Next":"A"}}}"#,
            &["MISSING_END_STATE: Workflow has no terminal state"],
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"},
                "C":{"Type":"Pass","End":true}}}"#,
            &[r#"MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C"#],
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"NOPE"}}}"#,
            &[
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE at /States/A/Next",
                "MISSING_END_STATE: Workflow has no terminal state",
            ],
        ),
        // Reported from AWS: only the first of the states behind a missing start is told.
        (
            r#"{"StartAt":"Not sure","States":{"Pass One":{"Type":"Pass","Next":"Success"},
                "Success":{"Type":"Succeed"}}}"#,
            &[
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: Not sure at /StartAt",
                r#"MISSING_TRANSITION_TARGET: State "Pass One" is not reachable. at /States/Pass One"#,
            ],
        ),
        (
            r#"{"StartAt":"pass1","States":{"pass1":{"Type":"Pass","Next":"pass3"},
                "pass2":{"Type":"Pass","End":true}}}"#,
            &[
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: pass3 at /States/pass1/Next",
                r#"MISSING_TRANSITION_TARGET: State "pass2" is not reachable. at /States/pass2"#,
            ],
        ),
        // A loop that can be left by nobody is no mistake while something ends the machine.
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.a","IsPresent":true,
                "Next":"B"}],"Default":"C"},"B":{"Type":"Pass","Next":"B"},"C":{"Type":"Fail"}}}"#,
            &[],
        ),
    ]);
}

#[test]
fn every_kind_of_transition_is_followed() {
    let next = "MISSING_TRANSITION_TARGET: Missing 'Next' target:";
    check(&[
        // Measured on AWS.
        (
            r#"{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"X"}],
                "Default":"E"},"E":{"Type":"Succeed"}}}"#,
            &[&format!("{next} X at /States/C/Choices[0]/Next")],
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"E"}],
                "Default":"X"},"E":{"Type":"Succeed"}}}"#,
            &[&format!("{next} X at /States/A/Default")],
        ),
        (
            r#"{"StartAt":"T","States":{"T":{"Type":"Task","End":true,"Resource":"arn:aws:states:::lambda:invoke",
                "Catch":[{"ErrorEquals":["States.ALL"],"Next":"X"}]}}}"#,
            &[&format!("{next} X at /States/T/Catch[0]/Next")],
        ),
        // What only a Catcher, a rule or a Default leads to is reachable.
        (
            r#"{"StartAt":"T","States":{"T":{"Type":"Task","Next":"C","Resource":"arn:aws:states:::lambda:invoke",
                "Catch":[{"ErrorEquals":["States.ALL"],"Next":"F"}]},"F":{"Type":"Fail"},
                "C":{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"D"}],"Default":"E"},
                "D":{"Type":"Succeed"},"E":{"Type":"Succeed"}}}"#,
            &[],
        ),
    ]);
}

#[test]
fn every_container_stands_for_itself() {
    check(&[
        (
            r#"{"StartAt":"P","States":{"P":{"Type":"Parallel","Next":"Out","Branches":[
                {"StartAt":"A","States":{"A":{"Type":"Pass","Next":"Out"}}},
                {"StartAt":"B","States":{"B":{"Type":"Pass","End":true},"C":{"Type":"Pass","End":true}}}]},
                "Out":{"Type":"Succeed"},"Far":{"Type":"Succeed"}}}"#,
            &[
                r#"MISSING_TRANSITION_TARGET: State "Far" is not reachable. at /States/Far"#,
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: Out at /States/P/Branches[0]/States/A/Next",
                "MISSING_END_STATE: Workflow has no terminal state",
                r#"MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/P/Branches[1]/States/C"#,
            ],
        ),
        (
            r#"{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{
                "StartAt":"X","States":{"A":{"Type":"Pass","End":true}}}}}}"#,
            &[
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/M/ItemProcessor/StartAt",
                r#"MISSING_TRANSITION_TARGET: State "A" is not reachable. at /States/M/ItemProcessor/States/A"#,
            ],
        ),
    ]);
}

#[test]
fn findings_about_the_schema_come_first() {
    check(&[(
        r#"{"StartAt":"P","States":{
            "P":{"Type":"Parallel","Next":"X","Branches":[
                {"StartAt":"A","States":{"A":{"Type":"Pass","Next":"Y","TimeoutSeconds":1}}}]},
            "Q":{"Type":"Fail","Next":"P"}},"Extra":1}"#,
        &[
            "SCHEMA: Field 'Extra' is not supported at /",
            "SCHEMA: Field 'TimeoutSeconds' is not supported at /States/P/Branches[0]/States/A",
            "SCHEMA: Field 'Next' is not supported at /States/Q",
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/P/Next",
            r#"MISSING_TRANSITION_TARGET: State "Q" is not reachable. at /States/Q"#,
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: Y at /States/P/Branches[0]/States/A/Next",
            "MISSING_END_STATE: Workflow has no terminal state",
        ],
    )]);
}

#[test]
fn what_only_leads_to_itself_is_not_said_to_be_unreachable() {
    let island = |b: &str, c: &str| {
        format!(
            r#"{{"StartAt":"A","States":{{"A":{{"Type":"Succeed"}},"B":{{"Type":"Pass","Next":"{b}"}},
                "C":{{"Type":"Pass","Next":"{c}"}}}}}}"#
        )
    };
    check(&[
        (&island("C", "B"), &[]),
        (&island("C", "C"), &[r#"MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B"#]),
        (&island("B", "B"), &[r#"MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C"#]),
    ]);
}

#[test]
fn names_are_compared_exactly() {
    check(&[(
        r#"{"StartAt":"a","States":{"A":{"Type":"Pass","Next":"B "},"B":{"Type":"Succeed"}}}"#,
        &[
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: a at /StartAt",
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: B  at /States/A/Next",
            r#"MISSING_TRANSITION_TARGET: State "A" is not reachable. at /States/A"#,
            r#"MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B"#,
        ],
    )]);
}

#[test]
fn what_cannot_be_read_is_not_said_to_be_missing() {
    check(&[
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass"},"B":{"Type":"Pass","Next":"X"}}}"#,
            &[
                "SCHEMA: One of the following fields is required: [Next, End] at /States/A",
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/B/Next",
            ],
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Choice"},"B":{"Type":"Succeed"}}}"#,
            &["SCHEMA: These fields are required: [Choices] at /States/A"],
        ),
    ]);
}
