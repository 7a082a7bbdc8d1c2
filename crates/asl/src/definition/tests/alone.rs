//! A state alone, out of a definition of just a state or of a whole machine.

use crate::definition::{Alone, AloneError, compile_state};
use crate::machine::{Kind, StateId};

fn compiled(definition: &str, name: Option<&str>) -> Alone {
    match compile_state(definition, name) {
        Ok(alone) => alone,
        Err(error) => panic!("{definition}: {error:?}"),
    }
}

/// What is wrong with it, or with the state `name` of it.
#[track_caller]
fn check_refused(definition: &str, name: Option<&str>, expected: &str) {
    let said = match compile_state(definition, name) {
        Ok(_) => "nothing".to_owned(),
        Err(AloneError::NotFound) => "not found".to_owned(),
        Err(AloneError::Invalid(diagnostics)) => {
            diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
    };
    assert_eq!(said, expected, "{definition}");
}

#[test]
fn a_lone_state_is_called_state_name_and_leads_to_names() {
    let definition = r#"{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"One"},
        {"Variable":"$.b","IsNull":true,"Next":"Two"},{"Variable":"$.c","IsNull":true,"Next":"StateName"}],
        "Default":"One"}"#;
    let alone = compiled(definition, None);
    let names: Vec<&str> = alone.machine.states.iter().map(|state| state.name.as_str()).collect();
    assert_eq!(names, ["StateName", "One", "Two"]);
    assert!(!alone.is_in_map && !alone.has_inside("One"));
    let Kind::Choice { rules, default } = &alone.machine.state(Alone::STATE).kind else {
        panic!("{alone:?}")
    };
    assert_eq!(rules.iter().map(|rule| rule.next).collect::<Vec<_>>(), [StateId(1), StateId(2), StateId(0)]);
    assert_eq!(*default, Some(StateId(1)));
}

#[test]
fn mistakes_are_told_where_the_state_stands() {
    check_refused("", None, "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null");
    check_refused("[]", None, "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null");
    check_refused(
        r#"{"Type":"Pass"}"#,
        None,
        "SCHEMA_VALIDATION_FAILED: One of the following fields is required: [Next, End] at /States/StateName",
    );
    check_refused(
        r#"{"Type":"Parallel","Branches":[{"StartAt":"A","States":{"A":{"Type":"Fail"},"B":{"Type":"Fail"}}}],"End":true}"#,
        None,
        "MISSING_TRANSITION_TARGET: State \"B\" is not reachable. at /States/StateName/Branches[0]/States/B",
    );
    check_refused(
        r#"{"Type":"Parallel","Branches":[{"StartAt":"A","States":{"A":{"Type":"Fail"},"A":{"Type":"Fail"}}}],"End":true}"#,
        None,
        "DUPLICATE_STATE_NAME: Duplicate State name: A at /States/StateName/Branches[0]/States/A",
    );
    let machine = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"C":{"Type":"Fail"}}}"#;
    check_refused(
        machine,
        Some("A"),
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next, MISSING_TRANSITION_TARGET: State \"C\" \
         is not reachable. at /States/C",
    );
    check_refused(r#"{"StartAt":"A","States":{"A":{"Type":"Fail"}}}"#, Some("B"), "not found");
    check_refused(r#"{"StartAt":"A","States":{"A":{"Type":"Fail"}}}"#, Some("StateName"), "not found");
}

#[test]
fn a_state_is_found_at_any_depth() {
    let machine = r#"{"StartAt":"Q","States":{
        "Q":{"Type":"Choice","Choices":[{"Variable":"$","IsNull":true,"Next":"P"}],"Default":"Z"},
        "P":{"Type":"Parallel","Next":"P","Branches":[
            {"StartAt":"M","States":{"M":{"Type":"Map","End":true,"Iterator":
                {"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"Next":"E"},"E":{"Type":"Succeed"}}}}}},
            {"StartAt":"F","States":{"F":{"Type":"Fail"}}}]},
        "Z":{"Type":"Succeed"}}}"#;
    let of = |name: &str| compiled(machine, Some(name));
    assert!(matches!(of("W").machine.state(Alone::STATE).kind, Kind::Wait(_)));
    assert_eq!([of("W").is_in_map, of("M").is_in_map, of("F").is_in_map], [true, false, false]);
    // It leads to itself, by the name that it has in its machine.
    let parallel = of("P");
    let next = parallel.machine.state(Alone::STATE).next.expect("a next state");
    assert_eq!(parallel.machine.state(next).name, "P");
    assert!(parallel.has_inside("W") && !parallel.has_inside("P") && !parallel.has_inside("Q"));
}

#[test]
fn a_distributed_map_is_compiled_whole() {
    let definition = r#"{"Type":"Map","End":true,"Label":"L","ToleratedFailureCount":3,
        "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},"StartAt":"A","States":{"A":{"Type":"Fail"}}},
        "ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket.$":"$bucket","Key":"k"},
            "ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":["a","b"],"CSVDelimiter":"PIPE","MaxItems":7}},
        "ItemBatcher":{"MaxItemsPerBatch":2,"MaxInputBytesPerBatchPath":"$.bytes","BatchInput":{"x.$":"$batch"}},
        "ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b"},
            "WriterConfig":{"Transformation":"FLATTEN","OutputType":"JSONL"}}}"#;
    let alone = compiled(definition, None);
    let Kind::Map(map) = &alone.machine.state(Alone::STATE).kind else { panic!("{alone:?}") };
    let found = format!("{:?}", map.distributed.as_deref().expect("it is distributed"));
    for part in [
        "express: true",
        "label: Some(\"L\")",
        "lists_objects: false",
        "input_type: Some(Csv)",
        "csv_delimiter: '|'",
        "csv_headers: Some([\"a\", \"b\"])",
        "max_items: Some(Literal(7))",
        "max_items: Some(Literal(2))",
        "exports: true",
        "transformation: Some(\"FLATTEN\")",
        "output_type: Some(\"JSONL\")",
    ] {
        assert!(found.contains(part), "{part} is not in {found}");
    }
    let [(_, variables)] = &alone.machine.variable_references[..] else { panic!("{alone:?}") };
    assert_eq!(variables[..], ["batch", "bucket"]);
}
