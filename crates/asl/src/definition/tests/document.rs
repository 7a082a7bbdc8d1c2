//! The text as a whole: JSON, its members, names.

use super::{check, check_states};

#[test]
fn what_is_no_json_object_is_refused() {
    check(&[
        // Recorded: an empty text, a text that is no JSON.
        (" ", &["SCHEMA: Definition must be a valid JSON object"]),
        ("", &["SCHEMA: Definition must be a valid JSON object"]),
        (
            "not a definition",
            &[
                "INVALID_JSON_DESCRIPTION: Unrecognized token 'not': was expecting (JSON String, Number, Array, \
               Object or token 'null', 'true' or 'false')\n at [Source: (String)\"not a definition\"; line: 1, \
               column: 4] at [Source: (String)\"not a definition\"; line: 1, column: 4]",
            ],
        ),
        ("[]", &["SCHEMA: Definition must be a valid JSON object"]),
        ("null", &["SCHEMA: Definition must be a valid JSON object"]),
    ]);
}

#[test]
fn the_machine_has_its_fields() {
    check(&[
        // Recorded.
        ("{}", &["SCHEMA: These fields are required: [States, StartAt] at /"]),
        (
            r#"{"States":{"S":{"Type":"Pass","End":true}}}"#,
            &["SCHEMA: These fields are required: [StartAt] at /"],
        ),
        // Ours.
        (r#"{"StartAt":"S"}"#, &["SCHEMA: These fields are required: [States] at /"]),
        (
            r#"{"StartAt":"S","States":{"S":{"Type":"Succeed"}},"startAt":"S"}"#,
            &["SCHEMA: Field 'startAt' is not supported at /"],
        ),
        (r#"{"StartAt":"S","States":{}}"#, &["SCHEMA: Value cannot be empty at /States"]),
        (r#"{"StartAt":"S","States":[]}"#, &["SCHEMA: Expected value of type Object at /States"]),
        (
            r#"{"StartAt":1,"States":{"S":{"Type":"Succeed"}}}"#,
            &["SCHEMA: Expected value of type String at /StartAt"],
        ),
        (
            r#"{"StartAt":"S","States":{"S":{"Type":"Succeed"}},"TimeoutSeconds":0}"#,
            &["SCHEMA: Minimum value is 1 at /TimeoutSeconds"],
        ),
        (
            r#"{"StartAt":"S","States":{"S":{"Type":"Succeed"}},"TimeoutSeconds":100000000}"#,
            &["SCHEMA: Maximum value is 99999999 at /TimeoutSeconds"],
        ),
        (
            r#"{"StartAt":"S","States":{"S":{"Type":"Succeed"}},"TimeoutSeconds":1.5,"Version":1}"#,
            &[
                "SCHEMA: Expected value of type String at /Version",
                "SCHEMA: Expected value of type Integer at /TimeoutSeconds",
            ],
        ),
        (
            r#"{"Comment":"c","Version":"1.0","QueryLanguage":"JSONPath","TimeoutSeconds":99999999,"StartAt":"S",
                "States":{"S":{"Type":"Succeed"}}}"#,
            &[],
        ),
    ]);
}

#[test]
fn states_are_objects_of_known_types() {
    check(&[(
        r#"{"StartAt":"S","States":{"S":1}}"#,
        &["SCHEMA: Expected value of type Object at /States/S"],
    )]);
    check_states(&[
        ("", &["SCHEMA: These fields are required: [Type] at /States/S"]),
        // Recorded.
        (
            r#""Type":"TypeThatDoesNotExist""#,
            &[
                "SCHEMA: The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, \
               Parallel, Map] at /States/S/Type",
            ],
        ),
        (r#""Type":"Pass","Comment":[]"#, &["SCHEMA: Expected value of type String at /States/S/Comment"]),
    ]);
}

#[test]
fn state_names_have_1_to_80_characters() {
    let machine =
        |name: &str| format!(r#"{{"StartAt":"{name}","States":{{"{name}":{{"Type":"Succeed"}}}}}}"#);
    let (long, too_long) = ("é".repeat(80), "é".repeat(81));
    check(&[
        (&machine(&long), &[]),
        (
            &machine(&too_long),
            // The text that a deployment to AWS was refused with.
            &[&format!(
                "INVALID_STATE_NAME: Invalid State name: State '{too_long}' exceeds the 80-character limit allowed by \
                 the service at /States/{too_long}"
            )],
        ),
        (&machine(""), &["INVALID_STATE_NAME: Invalid State name: State name cannot be empty at /States/"]),
        (&machine("a/b [0]"), &[]),
    ]);
}

#[test]
fn state_names_are_unique_in_the_whole_machine() {
    check(&[
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Succeed"},"A":{"Type":"Succeed"}}}"#,
            &["DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A"],
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Parallel","End":true,"Branches":[
                {"StartAt":"B","States":{"B":{"Type":"Succeed"},"B":{"Type":"Pass","End":true}}},
                {"StartAt":"A","States":{"A":{"Type":"Succeed"}}}]}}}"#,
            &[
                "DUPLICATE_STATE_NAME: Duplicate State name: B at /States/A/Branches[0]/States/B",
                "DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/Branches[1]/States/A",
            ],
        ),
        // Other members that repeat are no error: the last one counts. One state is called `States`.
        (
            r#"{"StartAt":"States","States":{"States":{"Type":"Pass","Comment":"a","Comment":"b","End":true}}}"#,
            &[],
        ),
        (
            r#"{"StartAt":"S","StartAt":"P","States":{"P":{"Type":"Pass","End":true,
                "Parameters":{"list":[{"States":{"a":1,"a":2}}],"ItemProcessor":{"States":{"b":1,"b":2}}}}}}"#,
            &[],
        ),
        (
            r#"{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"P","States":{
                "P":{"Type":"Succeed"},"P":{"Type":"Succeed"},"M":{"Type":"Succeed"}}}}}}"#,
            &[
                "DUPLICATE_STATE_NAME: Duplicate State name: P at /States/M/ItemProcessor/States/P",
                "DUPLICATE_STATE_NAME: Duplicate State name: M at /States/M/ItemProcessor/States/M",
                r#"MISSING_TRANSITION_TARGET: State "M" is not reachable. at /States/M/ItemProcessor/States/M"#,
            ],
        ),
    ]);
}

#[test]
fn containers_nest_to_a_limit() {
    let nested = |levels: usize| {
        let mut machine = r#"{"StartAt":"S","States":{"S":{"Type":"Succeed"}}}"#.to_owned();
        for level in 0..levels {
            machine = format!(
                r#"{{"StartAt":"P{level}","States":{{"P{level}":{{"Type":"Parallel","End":true,"Branches":[{machine}]}}}}}}"#
            );
        }
        machine
    };
    check(&[(&nested(64), &[])]);
    let said = super::said(&nested(65), Default::default());
    assert_eq!(said.len(), 1);
    assert!(
        said[0].starts_with("TOO_DEEPLY_NESTED: Map and Parallel states nest more than 64 levels deep at /")
    );
    assert_eq!(super::said(&nested(200), Default::default()).len(), 1);
}

#[test]
fn of_very_many_mistakes_only_some_are_kept() {
    let fields: Vec<String> = (0..500).map(|field| format!(r#""f{field}":0"#)).collect();
    let definition = super::lone(&format!(r#""Type":"Pass",{}"#, fields.join(",")));
    assert_eq!(super::said(&definition, Default::default()).len(), 101);
}
