//! Names and scopes of variables, and who reads them. (spec/asl.md §6)

use super::{check, check_states, machine};

#[test]
fn names() {
    let long = "v".repeat(81);
    check_states(&[
        (r#""Type":"Pass","Assign":{"a_1":1,"é.$":"$","_x":2}"#, &[]),
        (
            r#""Type":"Pass","Assign":{"1a":1}"#,
            &["SCHEMA: Variable name '1a' is not valid at /States/S/Assign"],
        ),
        (
            r#""Type":"Pass","Assign":{"a.b.$":"$"}"#,
            &["SCHEMA: Variable name 'a.b' is not valid at /States/S/Assign"],
        ),
        (
            r#""Type":"Pass","Assign":{"a[0]":1,"":2}"#,
            &[
                "SCHEMA: Variable name 'a[0]' is not valid at /States/S/Assign",
                "SCHEMA: Variable name '' is not valid at /States/S/Assign",
            ],
        ),
        (
            r#""Type":"Pass","Assign":{"states":1}"#,
            &["SCHEMA: Variable name 'states' is reserved at /States/S/Assign"],
        ),
        (
            &format!(r#""Type":"Pass","Assign":{{"{long}":1}}"#),
            &[&format!("SCHEMA: Variable name '{long}' is longer than 80 characters at /States/S/Assign")],
        ),
    ]);
}

#[test]
fn an_inner_scope_does_not_assign_what_an_outer_one_does() {
    let machine = |outer: &str, inner: &str| {
        format!(
            r#"{{"StartAt":"A","States":{{"A":{{"Type":"Pass","Next":"P",{outer}}},
                "P":{{"Type":"Parallel","End":true,"Assign":{{"mine":1}},"Branches":[
                {{"StartAt":"B","States":{{"B":{{"Type":"Pass","End":true,"Assign":{{{inner}}}}}}}}},
                {{"StartAt":"C","States":{{"C":{{"Type":"Pass","End":true,"Assign":{{"sibling":1}}}}}}}}]}}}}}}"#
        )
    };
    check(&[
        (&machine(r#""Assign":{"x":1}"#, r#""y":1,"sibling":2"#), &[]),
        (
            &machine(r#""Assign":{"x.$":"$"}"#, r#""x":1"#),
            &["SCHEMA: Variable 'x' is already assigned in an outer scope at \
               /States/P/Branches[0]/States/B/Assign"],
        ),
        // Recorded: what the Parallel assigns itself, it assigns when its branches have ended.
        (&machine(r#""Comment":"""#, r#""mine":1"#), &[]),
        (
            &machine(r#""Assign":{"mine":1}"#, r#""mine":1"#),
            &["SCHEMA: Variable 'mine' is already assigned in an outer scope at \
               /States/P/Branches[0]/States/B/Assign"],
        ),
    ]);
}

#[test]
fn references_are_listed_by_state_and_sorted() {
    let machine = machine(
        r#"{"StartAt":"A","States":{
            "A":{"Type":"Pass","Parameters":{"b.$":"$b","a.$":"States.Format('{}{}', $z, $a)"},"Next":"C"},
            "C":{"Type":"Choice","Choices":[{"And":[{"Variable":"$c","IsNull":true},{"Variable":"$.a",
                "StringEqualsPath":"$d"}],"Next":"M"}],"Default":"M"},
            "M":{"Type":"Map","ItemsPath":"$items","MaxConcurrencyPath":"$most","Next":"T","ItemProcessor":{
                "StartAt":"I","States":{"I":{"Type":"Pass","OutputPath":"$inner","End":true}}}},
            "T":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","TimeoutSecondsPath":"$t","Next":"W",
                "Catch":[{"ErrorEquals":["E"],"Next":"W","Assign":{"e.$":"$caught"}}]},
            "W":{"Type":"Wait","SecondsPath":"$w","Next":"F"},
            "F":{"Type":"Fail","ErrorPath":"$e","CausePath":"States.Format('{}', $c)"}}}"#,
    );
    let told: Vec<String> = machine
        .variable_references
        .iter()
        .map(|(state, names)| format!("{state}: {}", names.join(" ")))
        .collect();
    assert_eq!(told, ["A: a b z", "C: c d", "M: items most", "I: inner", "T: caught t", "W: w", "F: c e"]);
}
