//! States in JSONata: their fields, their expressions, and what is refused of them. (spec/asl.md §2, §5,
//! spec/validation.md §6)

use super::{check, lone, machine};

/// A machine in JSONata of the state `S` with these fields, and states that it may go to.
fn jsonata(fields: &str) -> String {
    let has_no_next =
        ["Choice", "Fail"].iter().any(|name| fields.starts_with(&format!("\"Type\":\"{name}\"")));
    let end = if has_no_next { "" } else { r#","Next":"E""# };
    format!(
        r#"{{"QueryLanguage":"JSONata","StartAt":"O","States":{{
            "O":{{"Type":"Choice","Choices":[{{"Condition":true,"Next":"S"}}],"Default":"E"}},
            "S":{{{fields}{end}}},"E":{{"Type":"Succeed"}}}}}}"#
    )
}

#[track_caller]
fn check_jsonata(rows: &[(&str, &[&str])]) {
    let definitions: Vec<String> = rows.iter().map(|(fields, _)| jsonata(fields)).collect();
    let rows: Vec<(&str, &[&str])> = definitions
        .iter()
        .zip(rows)
        .map(|(definition, (_, expected))| (definition.as_str(), *expected))
        .collect();
    check(&rows);
}

const MAP: &str = r#""Type":"Map","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}}"#;
const PARALLEL: &str = r#""Type":"Parallel","Branches":[{"StartAt":"I","States":{"I":{"Type":"Succeed"}}}]"#;
const TASK: &str = r#""Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:f""#;

#[test]
fn every_field_may_hold_an_expression() {
    for fields in [
        r#""Type":"Pass","Output":"{% $states.input %}","Assign":{"x":"{% $y %}"}"#,
        r#""Type":"Pass","Output":[1,{"a":["{% 1 %}",null]},"plain {% text %} here"]"#,
        r#""Type":"Wait","Seconds":"{% 5 %}""#,
        r#""Type":"Wait","Timestamp":"{% $now() %}","Output":1"#,
        r#""Type":"Wait","Seconds":0"#,
        r#""Type":"Choice","Choices":[{"Condition":"{% $x %}","Next":"E","Output":"{% 1 %}","Assign":{"a":1}},
            {"Condition":false,"Next":"E"}],"Default":"E","Output":2"#,
        r#""Type":"Fail","Error":"{% 'e' %}","Cause":"{% 'c' %}""#,
        r#""Type":"Fail","Error":"e","Cause":"c""#,
        &format!(
            r#"{TASK},"Arguments":"{{% $states.input %}}","TimeoutSeconds":"{{% 5 %}}",
                "HeartbeatSeconds":"{{% 4 %}}","Credentials":{{"RoleArn":"{{% $r %}}"}},"Output":"{{% $states.result %}}",
                "Assign":{{"x":"{{% $states.result.a %}}"}},
                "Catch":[{{"ErrorEquals":["States.ALL"],"Next":"E","Output":"{{% $states.errorOutput.Error %}}",
                "Assign":{{"e":"{{% $states.errorOutput %}}"}}}}]"#
        ),
        &format!(r#"{PARALLEL},"Arguments":[1,"{{% $x %}}"],"Output":"{{% $states.result[0] %}}""#),
        &format!(
            r#"{MAP},"Items":"{{% [1..3] %}}","ItemSelector":"{{% $states.context.Map.Item.Value %}}",
                "MaxConcurrency":"{{% 1 %}}","ToleratedFailureCount":"{{% 1 %}}",
                "ToleratedFailurePercentage":"{{% 1.5 %}}","Output":"{{% $states %}}""#
        ),
        &format!(r#"{MAP},"Items":[1,"{{% 2 %}}"],"ItemSelector":{{"a":"{{% 1 %}}"}}"#),
    ] {
        check(&[(&jsonata(fields), &[])]);
    }
    // A state may speak JSONata in a machine that does not.
    check(&[(&lone(r#""Type":"Pass","QueryLanguage":"JSONata","Output":"{% 1 %}""#), &[])]);
}

#[test]
fn values_that_are_written_out_are_checked_as_ever() {
    check_jsonata(&[
        (
            r#""Type":"Wait","Comment":"""#,
            &["SCHEMA: One of the following fields is required: [Seconds, Timestamp] at /States/S"],
        ),
        (
            r#""Type":"Choice","Choices":[{"Condition":"yes","Next":"E"},{"Next":"E"}]"#,
            &[
                "SCHEMA: Expected value of type Boolean at /States/S/Choices[0]/Condition",
                "SCHEMA: These fields are required: [Condition] at /States/S/Choices[1]",
            ],
        ),
        (
            r#""Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{},
                "TimeoutSeconds":"{% $t %}","HeartbeatSeconds":"soon""#,
            &[
                "SCHEMA: The field 'FunctionName' is required but was missing at /States/S/Arguments",
                "SCHEMA: Expected value of type Integer at /States/S/HeartbeatSeconds",
            ],
        ),
        (
            r#""Type":"Pass","Assign":"{% {} %}""#,
            &["SCHEMA: Expected value of type Object at /States/S/Assign"],
        ),
        // A key with `.$` is a key like others.
        (
            r#""Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{"FunctionName.$":"$.f"}"#,
            &[
                "SCHEMA: The field 'FunctionName' is required but was missing at /States/S/Arguments",
                "SCHEMA: The field \"FunctionName.$\" is not supported by Step Functions at /States/S/Arguments",
            ],
        ),
        (
            r#""Type":"Pass","Assign":{"x.$":1}"#,
            &["SCHEMA: Variable name 'x.$' is not valid at /States/S/Assign"],
        ),
        (
            &format!(r#"{MAP},"Items":{{"a":1}}"#),
            &["SCHEMA: Expected value of type Array at /States/S/Items"],
        ),
        // Recorded: the only thing that is said, though `$state` is assigned nowhere.
        (
            r#""Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":"{% $state.input %}",
                "Credentials":{}"#,
            &["SCHEMA: The field 'RoleArn' is required but was missing at /States/S/Credentials"],
        ),
    ]);
}

/// The texts are those of AWS's parser, as measured.
#[test]
fn an_expression_must_be_one() {
    let invalid = |expression: &str, expected: &str| {
        let fields = format!(r#""Type":"Pass","Output":{{"v":"{{% {expression} %}}"}}"#);
        let said = format!("INVALID_JSONATA_EXPRESSION: {expected} at /States/S/Output/v");
        check_jsonata(&[(&fields, &[&said])]);
    };
    invalid("1 +", "Unexpected end of expression");
    invalid("$x :=", "Unexpected end of expression");
    invalid("", "Unexpected end of expression");
    invalid("$a[1,2)", r#"Expected "]", got ",""#);
    invalid("'a", "String literal must be terminated by a matching quote");
    invalid(r#"{\"a\":}"#, r#"The symbol "}" cannot be used as a unary operator"#);
    invalid("/abc", "No terminating / in regular expression");
    // The version of AWS takes the second half of these for the beginning of a value.
    invalid("$x ?? 1", r#"The symbol "?" cannot be used as a unary operator"#);
    invalid("$x ?: 1", r#"The symbol ":" cannot be used as a unary operator"#);
}

#[test]
fn a_lone_delimiter_is_refused() {
    let half = "INVALID_JSONATA_EXPRESSION: A JSONata expression must start with '{%' and end with '%}'";
    check_jsonata(&[
        (r#""Type":"Pass","Output":["a","{% 1"]"#, &[&format!("{half} at /States/S/Output[1]")]),
        (r#""Type":"Pass","Assign":{"x":"1 %}"}"#, &[&format!("{half} at /States/S/Assign/x")]),
        (r#""Type":"Pass","Output":"{%}""#, &[&format!("{half} at /States/S/Output")]),
        (r#""Type":"Wait","Seconds":"{% 1""#, &[&format!("{half} at /States/S/Seconds")]),
        (r#""Type":"Fail","Cause":"100 %}""#, &[&format!("{half} at /States/S/Cause")]),
        // Keys are never expressions, nor is anything in a JSONPath state.
        (r#""Type":"Pass","Output":{"{% 1":2,"a":" {% 1 %}x"}"#, &[]),
    ]);
    check(&[(&lone(r#""Type":"Pass","Parameters":{"a":"{% 1"}"#), &[])]);
}

#[test]
fn names_at_the_top_level_mean_nothing() {
    let said = |expression: &str, expected: &[&str]| {
        let fields = format!(r#""Type":"Pass","Output":{{"v":"{{% {expression} %}}"}}"#);
        let lines: Vec<String> = expected
            .iter()
            .map(|name| {
                format!(
                    "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '{name}' at the top level is not supported. \
                     at /States/S/Output/v"
                )
            })
            .collect();
        check_jsonata(&[(&fields, &lines.iter().map(String::as_str).collect::<Vec<_>>())]);
    };
    said("phone", &["phone"]);
    said("phone.number & name & phone", &["phone", "name"]);
    said("$sum(price)", &["price"]);
    said("$", &["$"]);
    said("$$.a", &["$$"]);
    said("$states.input.items[price > $x].($.id)", &[]);
    said("$map($states.input, function($v) { $v.name })", &[]);
    said("$states.input.{'a': b}", &[]);
}

#[test]
fn states_has_the_members_of_its_moment() {
    let missing = |member: &str, place: &str| {
        vec![format!(
            "UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.{member}' does not exist. at /States/S/{place}"
        )]
    };
    // Where an expression stands, and the members that it has beside input and context.
    let catch = r#""Catch":[{"ErrorEquals":["States.ALL"],"Next":"E","#;
    let places: &[(String, &str, &str)] = &[
        (r#""Type":"Pass","Output":"#.into(), "Output", ""),
        (r#""Type":"Pass","Assign":{"x":"#.into(), "Assign/x", ""),
        (r#""Type":"Wait","Seconds":1,"Output":"#.into(), "Output", ""),
        (r#""Type":"Wait","Seconds":"#.into(), "Seconds", ""),
        (r#""Type":"Wait","Timestamp":"#.into(), "Timestamp", ""),
        (r#""Type":"Fail","Error":"#.into(), "Error", ""),
        (r#""Type":"Fail","Cause":"#.into(), "Cause", ""),
        (r#""Type":"Choice","Choices":[{"Next":"E","Condition":"#.into(), "Choices[0]/Condition", ""),
        (
            r#""Type":"Choice","Choices":[{"Next":"E","Condition":true},{"Next":"E","Condition":true,"Output":"#
                .into(),
            "Choices[1]/Output",
            "",
        ),
        (format!(r#"{TASK},"Arguments":{{"a":[0,"#), "Arguments/a[1]", ""),
        (format!(r#"{TASK},"TimeoutSeconds":"#), "TimeoutSeconds", ""),
        (format!(r#"{TASK},"HeartbeatSeconds":"#), "HeartbeatSeconds", ""),
        (format!(r#"{TASK},"Credentials":{{"RoleArn":"#), "Credentials/RoleArn", ""),
        (format!(r#"{TASK},"Output":"#), "Output", "result"),
        (format!(r#"{TASK},"Assign":{{"x":"#), "Assign/x", "result"),
        (format!(r#"{TASK},{catch}"Output":"#), "Catch[0]/Output", "errorOutput"),
        (format!(r#"{TASK},{catch}"Assign":{{"x":"#), "Catch[0]/Assign/x", "errorOutput"),
        (format!(r#"{PARALLEL},"Arguments":"#), "Arguments", ""),
        (format!(r#"{PARALLEL},"Output":"#), "Output", "result"),
        (format!(r#"{MAP},"Items":"#), "Items", ""),
        (format!(r#"{MAP},"ItemSelector":"#), "ItemSelector", ""),
        (format!(r#"{MAP},"MaxConcurrency":"#), "MaxConcurrency", ""),
        (format!(r#"{MAP},"Output":"#), "Output", "result"),
        (format!(r#"{MAP},{catch}"Output":"#), "Catch[0]/Output", "errorOutput"),
    ];
    for (beginning, place, has) in places {
        for member in ["input", "context", "result", "errorOutput", "resultt"] {
            let mut fields = format!(r#"{beginning}"{{% $states.{member}.a %}}""#);
            // What was opened is closed again.
            let mut open = Vec::new();
            let mut in_text = false;
            for character in fields.chars() {
                match character {
                    '"' => in_text = !in_text,
                    '{' if !in_text => open.push('}'),
                    '[' if !in_text => open.push(']'),
                    '}' | ']' if !in_text => drop(open.pop()),
                    _ => {}
                }
            }
            fields.extend(open.iter().rev());
            let known = ["input", "context", has].contains(&member);
            let expected = if known { vec![] } else { missing(member, place) };
            assert_eq!(super::said(&jsonata(&fields), Default::default()), expected, "{fields}");
        }
    }
}

#[test]
fn each_missing_member_is_told_once_at_its_place() {
    let missing = |member: &str| {
        format!(
            "UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.{member}' does not exist. at /States/S/Output/v"
        )
    };
    check_jsonata(&[
        (
            r#""Type":"Pass","Output":{"v":"{% $states.result.a & $states.nothing & $states.result.b %}"}"#,
            &[&missing("result"), &missing("nothing")],
        ),
        // A name that the expression binds itself is not ours.
        (r#""Type":"Pass","Output":"{% ($states := {'result': 1}; $states.result) %}""#, &[]),
    ]);
}

#[test]
fn schema_comes_before_expressions_and_they_before_the_graph() {
    check(&[(
        r#"{"QueryLanguage":"JSONata","StartAt":"A","States":{
            "A":{"Type":"Pass","Output":"{% 1 + %}","Next":"B"},
            "B":{"Type":"Pass","InputPath":"$","Next":"NOPE"}}}"#,
        &[
            "SCHEMA: The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the \
             'JSONPath' QueryLanguage at /States/B",
            "INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/A/Output",
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE at /States/B/Next",
            "MISSING_END_STATE: Workflow has no terminal state",
        ],
    )]);
}

#[test]
fn states_inside_have_the_machines_language() {
    let inside = |outer: &str, inner: &str| {
        format!(
            r#"{{"StartAt":"P","States":{{"P":{{"Type":"Parallel","End":true,{outer},"Branches":[
                {{"StartAt":"I","States":{{"I":{{"Type":"Pass","End":true,{inner}}}}}}}]}}}}}}"#
        )
    };
    check(&[
        (
            &inside(r#""QueryLanguage":"JSONata""#, r#""QueryLanguage":"JSONata","Output":"{% $a b %}""#),
            &[r#"INVALID_JSONATA_EXPRESSION: Syntax error: "b" at /States/P/Branches[0]/States/I/Output"#],
        ),
        (&inside(r#""QueryLanguage":"JSONata""#, r#""Parameters":{"a.$":"$"}"#), &[]),
    ]);
}

#[test]
fn variables_that_expressions_read_are_listed() {
    let machine = machine(
        r#"{"StartAt":"A","States":{
            "A":{"Type":"Pass","QueryLanguage":"JSONata","Output":{"a":"{% $z + $a.b %}","b":"{% $states.input %}"},
                "Assign":{"x":"{% ($local := $q; $sum($local)) %}"},"Next":"C"},
            "C":{"Type":"Choice","QueryLanguage":"JSONata","Choices":[{"Condition":"{% $c = 1 %}","Next":"W",
                "Output":"{% $o %}","Assign":{"n":"{% $p %}"}}],"Default":"W"},
            "W":{"Type":"Wait","QueryLanguage":"JSONata","Seconds":"{% $w %}","Next":"M"},
            "M":{"Type":"Map","QueryLanguage":"JSONata","Items":"{% $items %}","MaxConcurrency":"{% $most %}",
                "ItemSelector":{"s":"{% $selected %}"},"ToleratedFailurePercentage":"{% $bad %}","Next":"T",
                "ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","OutputPath":"$inner","End":true}}}},
            "T":{"Type":"Task","QueryLanguage":"JSONata","Resource":"arn:aws:states:::lambda:invoke",
                "Arguments":{"FunctionName":"{% $f %}"},"TimeoutSeconds":"{% $t %}","Next":"F",
                "Catch":[{"ErrorEquals":["E"],"Next":"F","Output":"{% $caught %}"}]},
            "F":{"Type":"Fail","QueryLanguage":"JSONata","Error":"{% $e %}","Cause":"{% 'text' %}"}}}"#,
    );
    let told: Vec<String> = machine
        .variable_references
        .iter()
        .map(|(state, names)| format!("{state}: {}", names.join(" ")))
        .collect();
    assert_eq!(
        told,
        ["A: a q z", "C: c o p", "W: w", "M: bad items most selected", "I: inner", "T: caught f t", "F: e"]
    );
}

#[test]
fn a_bottomless_value_is_refused() {
    let value = format!("{}1{}", "[".repeat(600), "]".repeat(600));
    check_jsonata(&[(
        &format!(r#""Type":"Pass","Output":{value}"#),
        &["SCHEMA: The template nests more than 256 levels deep at /States/S/Output"],
    )]);
}
