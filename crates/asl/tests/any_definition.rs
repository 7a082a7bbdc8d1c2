//! Whatever definition comes in: it is compiled or refused, and a machine that is built hangs together.

use asl::{Container, Diagnostic, Kind, Options, Severity, State, StateId, StateMachine, compile};
use json::{Array, Object, Text, Value, value};
use proptest::prelude::*;

/// A sound machine with everything in it.
fn sound() -> Value {
    value!({
        "Comment": "all types", "StartAt": "Task", "TimeoutSeconds": 60, "QueryLanguage": "JSONPath",
        "States": {
            "Task": {
                "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "InputPath": "$.a",
                "Parameters": { "FunctionName": "f", "Payload.$": "States.Format('{}', $.b)" },
                "Credentials": { "RoleArn.$": "$.role" }, "TimeoutSeconds": 5, "HeartbeatSecondsPath": "$.h",
                "ResultSelector": { "a.$": "$.Payload" }, "ResultPath": "$.r", "OutputPath": "$$",
                "Assign": { "x.$": "$" }, "Next": "Choice",
                "Retry": [{ "ErrorEquals": ["A", "B"], "MaxAttempts": 2, "JitterStrategy": "FULL" }],
                "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Fail", "ResultPath": Value::Null }]
            },
            "Choice": {
                "Type": "Choice", "Default": "Parallel",
                "Choices": [
                    { "Variable": "$.a", "NumericLessThanPath": "$x", "Next": "Wait", "Assign": { "y": 1 } },
                    { "And": [{ "Not": { "Variable": "$.a", "IsNull": true } }], "Next": "Map" }
                ]
            },
            "Parallel": {
                "Type": "Parallel", "Next": "Map",
                "Branches": [
                    { "StartAt": "B1", "States": { "B1": { "Type": "Pass", "Result": 1, "End": true } } },
                    { "StartAt": "B2", "States": { "B2": { "Type": "Wait", "SecondsPath": "$.s", "Next": "B3" },
                        "B3": { "Type": "Succeed" } } }
                ]
            },
            "Map": {
                "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 3, "End": true,
                "ItemSelector": { "v.$": "$$.Map.Item.Value" },
                "ItemProcessor": { "ProcessorConfig": { "Mode": "INLINE" }, "StartAt": "I",
                    "States": { "I": { "Type": "Pass", "End": true } } }
            },
            "Wait": { "Type": "Wait", "Timestamp": "2024-01-01T00:00:00Z", "Next": "Jsonata" },
            "Jsonata": {
                "Type": "Task", "QueryLanguage": "JSONata", "Resource": "arn:aws:states:::lambda:invoke",
                "Arguments": { "FunctionName": "f", "Payload": ["{% $states.input %}"] },
                "TimeoutSeconds": "{% 5 %}", "Output": "{% $states.result %}", "Next": "Computed",
                "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Fail", "Output": "{% $states.errorOutput %}" }]
            },
            "Computed": {
                "Type": "Map", "QueryLanguage": "JSONata", "Items": "{% [1..3] %}", "Next": "Map",
                "ItemProcessor": { "StartAt": "J", "States": { "J": { "Type": "Choice", "QueryLanguage": "JSONata",
                    "Choices": [{ "Condition": "{% $x %}", "Next": "K" }], "Default": "K" },
                    "K": { "Type": "Wait", "QueryLanguage": "JSONata", "Seconds": "{% 1 %}", "End": true } } }
            },
            "Fail": { "Type": "Fail", "ErrorPath": "$.Error", "Cause": "c" }
        }
    })
}

/// A sound machine with a distributed Map in one.
fn distributed() -> Value {
    value!({
        "StartAt": "Map",
        "States": {
            "Map": {
                "Type": "Map", "Label": "label", "End": true, "MaxConcurrencyPath": "$.n",
                "ItemReader": {
                    "Resource": "arn:aws:states:::s3:getObject",
                    "ReaderConfig": { "InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"],
                        "MaxItems": 5, "CSVDelimiter": "TAB" },
                    "Parameters": { "Bucket": "b", "Key.$": "$.key" }
                },
                "ItemBatcher": { "MaxItemsPerBatch": 10, "BatchInput": { "a.$": "$.a" } },
                "ToleratedFailurePercentage": 1.5, "ToleratedFailureCountPath": "$.c",
                "ResultWriter": { "Resource": "arn:aws:states:::s3:putObject", "Parameters": { "Bucket": "b" },
                    "WriterConfig": { "OutputType": "JSONL", "Transformation": "COMPACT" } },
                "Assign": { "x": 1 },
                "ItemProcessor": { "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
                    "StartAt": "I", "States": { "I": {
                        "Type": "Map", "QueryLanguage": "JSONata", "Label": "inner", "Items": "{% $states.input %}",
                        "ItemReader": {
                            "Resource": "arn:aws:states:::s3:listObjectsV2",
                            "ReaderConfig": { "Transformation": "LOAD_AND_FLATTEN", "InputType": "JSON",
                                "ItemsPointer": "/a", "MaxItems": "{% $y %}" },
                            "Arguments": { "Bucket": "{% $y %}", "Prefix": "p" }
                        },
                        "ItemBatcher": { "MaxInputBytesPerBatch": "{% $y %}", "BatchInput": "{% $y %}" },
                        "ItemProcessor": { "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS" },
                            "StartAt": "J", "States": { "J": { "Type": "Pass", "End": true, "Assign": { "x": 1 } } } },
                        "End": true
                    } } }
            }
        }
    })
}

/// Values that stand in for others.
fn strays() -> Vec<Value> {
    vec![
        Value::Null,
        value!(true),
        value!(0),
        value!(-1.5),
        value!("$.a"),
        value!("$.a[*]"),
        value!("Map"),
        value!("DISTRIBUTED"),
        value!("JSONata"),
        value!("{% $states.result %}"),
        value!("{% phone"),
        value!("arn:aws:states:::sqs:sendMessage.waitForTaskToken"),
        value!([]),
        value!([{}]),
        value!({}),
        value!({ "a.$": "States.UUID()" }),
        value!({ "StartAt": "Task", "States": { "Task": { "Type": "Succeed" } } }),
    ]
}

/// Goes down by `route` and there puts `stray`, takes the member out or renames it.
fn disturb(value: &mut Value, route: &[u16], what: u16) {
    let children =
        value.as_object().map(Object::len).or_else(|| value.as_array().map(Array::len)).unwrap_or(0);
    let (Some((turn, route)), true) = (route.split_first(), children > 0) else {
        let strays = strays();
        *value = strays[usize::from(what) % strays.len()].clone();
        return;
    };
    let place = usize::from(*turn) % children;
    match value {
        Value::Object(members) if route.is_empty() && what.is_multiple_of(4) => {
            let name = members.keys().nth(place).unwrap().clone();
            let member = members.remove(&name).unwrap();
            if what.is_multiple_of(8) {
                members.insert(format!("{name}Path"), member);
            }
        }
        Value::Object(members) => disturb(members.values_mut().nth(place).unwrap(), route, what),
        Value::Array(items) => disturb(&mut items.make_mut()[place], route, what),
        _ => unreachable!("only these have children"),
    }
}

/// Writes a member of some object twice, the second time as it is or with a stray for a value.
fn repeated(value: &Value, route: &[u16], what: u16) -> String {
    let mut value = value.clone();
    let name = Value::from(put_twin(&mut value, route, what).unwrap_or_default()).to_text();
    value.to_text().replace(&format!("\"{TWIN}\""), &name)
}

/// Goes down by `route`, puts the twin of a member there and answers with the member's name.
fn put_twin(value: &mut Value, route: &[u16], what: u16) -> Option<Text> {
    let (turn, route) = route.split_first()?;
    if let Value::Array(items) = value {
        let place = usize::from(*turn).checked_rem(items.len())?;
        return put_twin(&mut items.make_mut()[place], route, what);
    }
    let members = value.as_object_mut()?;
    let place = usize::from(*turn).checked_rem(members.len())?;
    let name = members.keys().nth(place)?.clone();
    let member = members.get_mut(&name)?;
    if let Some(inside) = put_twin(member, route, what) {
        return Some(inside);
    }
    let twin = strays().into_iter().nth(usize::from(what % 30)).unwrap_or(member.clone());
    members.insert(TWIN, twin);
    Some(name)
}

const TWIN: &str = "the twin";

/// Whether a location leads somewhere. Names are not escaped in it, so every name that it could begin
/// with is tried.
fn exists(value: &Value, location: &str) -> bool {
    if location.is_empty() {
        return true;
    }
    match value {
        Value::Object(members) => location.strip_prefix('/').is_some_and(|rest| {
            members.iter().any(|(name, member)| {
                rest.strip_prefix(name.as_str()).is_some_and(|rest| exists(member, rest))
            })
        }),
        Value::Array(items) => {
            location.strip_prefix('[').and_then(|rest| rest.split_once(']')).is_some_and(|(index, rest)| {
                index
                    .parse()
                    .is_ok_and(|index: usize| items.get(index).is_some_and(|item| exists(item, rest)))
            })
        }
        _ => false,
    }
}

/// Each diagnostic names a place that is in the definition: of what is missing the place that misses
/// it. Only two kinds have none: those of the definition as a whole, and a position in a text that is
/// no JSON.
fn places_exist(definition: &str, diagnostics: &[Diagnostic]) {
    let parsed = Value::parse(definition);
    for found in diagnostics {
        match (&found.location, &parsed) {
            (None, _) => assert!(
                found.code == "MISSING_END_STATE"
                    || found.message == "Definition must be a valid JSON object",
                "{found}"
            ),
            (Some(location), Ok(value)) => {
                assert!(location == "/" || exists(value, location), "{found}\n{definition}");
            }
            (Some(location), Err(_)) => assert!(location.starts_with("[Source: (String)"), "{found}"),
        }
    }
}

fn check(definition: &str, options: Options) -> Option<StateMachine> {
    let compiled = compile(definition, options);
    places_exist(definition, &compiled.diagnostics);
    let errors = compiled.diagnostics.iter().any(|found| found.severity == Severity::Error);
    assert_eq!(compiled.machine.is_none(), errors, "{definition}");
    if let Some(machine) = &compiled.machine {
        hangs_together(machine);
    }
    compiled.machine
}

/// Every number leads to something, and no transition leaves its container.
fn hangs_together(machine: &StateMachine) {
    for (number, Container { start_at, owner }) in machine.containers.iter().enumerate() {
        assert_eq!(machine.state(*start_at).container.0 as usize, number);
        assert_eq!(owner.is_none(), number == 0);
        assert!(owner.is_none_or(|owner| owner < *start_at));
    }
    for state in &machine.states {
        for next in transitions(state) {
            assert_eq!(machine.state(next).container, state.container);
        }
        let inside = match &state.kind {
            Kind::Parallel { branches } => branches.clone(),
            Kind::Map(map) => vec![map.processor],
            _ => vec![],
        };
        for container in inside {
            let owner = machine.container(container).owner.unwrap();
            assert_eq!(machine.state(owner).name, state.name);
        }
    }
}

fn transitions(state: &State) -> Vec<StateId> {
    let mut transitions: Vec<StateId> = state.next.into_iter().collect();
    transitions.extend(state.catch.iter().map(|catcher| catcher.next));
    if let Kind::Choice { rules, default } = &state.kind {
        transitions.extend(rules.iter().map(|rule| rule.next));
        transitions.extend(*default);
    }
    transitions
}

#[test]
fn the_sound_machine_is_compiled() {
    assert!(check(&sound().to_text(), Options::default()).is_some());
    assert!(check(&sound().to_text(), Options { express: true }).is_some());
    assert!(check(&distributed().to_text(), Options::default()).is_some());
}

/// Values of any shape, a few levels deep, with names that a definition uses among their names.
fn any_json() -> impl Strategy<Value = Value> {
    let name =
        "StartAt|States|Type|Next|End|Resource|Choices|Variable|IsNull|Branches|ItemProcessor|a\\.\\$|.{0,3}";
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()).prop_map(Value::from),
        "(Task|Pass|Choice|Parallel|Map|Wait|Fail|Succeed|S|\\$\\.a|.{0,5})".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_disturbed_machine_is_compiled_or_refused(
        disturbances in prop::collection::vec((prop::collection::vec(any::<u16>(), 1..8), any::<u16>()), 1..4),
        express in any::<bool>(),
        plain in any::<bool>(),
    ) {
        let mut definition = if plain { sound() } else { distributed() };
        for (route, what) in &disturbances {
            disturb(&mut definition, route, *what);
        }
        check(&definition.to_text(), Options { express });
    }

    #[test]
    fn a_machine_with_a_repeated_member_is_compiled_or_refused(
        disturbances in prop::collection::vec((prop::collection::vec(any::<u16>(), 1..8), any::<u16>()), 0..3),
        route in prop::collection::vec(any::<u16>(), 0..8),
        what in any::<u16>(),
    ) {
        let mut definition = sound();
        for (route, what) in &disturbances {
            disturb(&mut definition, route, *what);
        }
        check(&repeated(&definition, &route, what), Options::default());
    }

    #[test]
    fn any_text_is_compiled_or_refused(text in ".*", cut in any::<prop::sample::Index>()) {
        check(&text, Options::default());
        let sound = sound().to_text();
        check(&sound[..cut.index(sound.len())], Options::default());
    }
}

proptest! {
    // Each case is compiled four times.
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_compiled_or_refused(value in any_json(), key in "StartAt|States|Type|Next|S|.{0,3}") {
        check(&value.to_text(), Options::default());
        for definition in [
            value!({ "StartAt": "S", "States": value.clone() }),
            value!({ "StartAt": "S", "States": { "S": value.clone() } }),
        ] {
            check(&definition.to_text(), Options::default());
        }
        let mut definition = sound();
        let members = definition.as_object_mut().unwrap();
        members.insert(key.as_str(), value.clone());
        let states = members.get_mut("States").and_then(Value::as_object_mut);
        if let Some(states) = states {
            states.values_mut().filter_map(Value::as_object_mut).for_each(|state| {
                state.insert(key.as_str(), value.clone());
            });
        }
        check(&definition.to_text(), Options::default());
    }
}
