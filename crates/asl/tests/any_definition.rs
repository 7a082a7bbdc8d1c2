//! Whatever definition comes in: it is compiled or refused, and a machine that is built hangs together.

use asl::{Container, Kind, Options, Severity, State, StateId, StateMachine, compile};
use json::{Array, Object, Value, value};
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

fn check(definition: &str, options: Options) -> Option<StateMachine> {
    let compiled = compile(definition, options);
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
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_disturbed_machine_is_compiled_or_refused(
        disturbances in prop::collection::vec((prop::collection::vec(any::<u16>(), 1..8), any::<u16>()), 1..4),
        express in any::<bool>(),
    ) {
        let mut definition = sound();
        for (route, what) in &disturbances {
            disturb(&mut definition, route, *what);
        }
        check(&definition.to_text(), Options { express });
    }

    #[test]
    fn any_text_is_compiled_or_refused(text in ".*", cut in any::<prop::sample::Index>()) {
        check(&text, Options::default());
        let sound = sound().to_text();
        check(&sound[..cut.index(sound.len())], Options::default());
    }
}
