//! What the children of a distributed Map run, as a state machine of its own: AWS gives it the label of the Map.
//!
//! Never here: which machine or revision it is a part of.

use asl::machine::{Distributed, Map};
use asl::{ContainerId, Kind, State, StateMachine};
use execution::map_run;
use json::{Text, Value};

/// The processor of a distributed Map.
pub(crate) struct Processor {
    /// Its JSON text.
    pub definition: String,
    /// What of the machine's variable references is in it.
    pub variable_references: Vec<(Text, Vec<Text>)>,
    /// Whether children are EXPRESS.
    pub is_express: bool,
}

impl Processor {
    /// The one with this label, `outer/inner` where the Map is in the processor of another one.
    pub fn labelled(
        machine_arn: &str,
        machine: &StateMachine,
        definition: &str,
        label: &str,
    ) -> Option<Processor> {
        let state = machine.states.iter().find(|state| {
            distributed(state)
                .is_some_and(|(_, distributed)| label_of(machine_arn, machine, state, distributed) == label)
        })?;
        Processor::of_state(machine, definition, state)
    }

    /// The one that is this container.
    pub fn numbered(machine: &StateMachine, definition: &str, container: ContainerId) -> Option<Processor> {
        let state = machine.containers.get(container.0 as usize)?.owner?;
        Processor::of_state(machine, definition, machine.state(state))
    }

    fn of_state(machine: &StateMachine, definition: &str, state: &State) -> Option<Processor> {
        let (_, distributed) = distributed(state)?;
        let definition = Value::parse(definition).ok()?;
        let processor = state_of(&definition, &state.name)?.get("ItemProcessor")?;
        let references = machine.variable_references.iter();
        Some(Processor {
            definition: processor.to_text(),
            variable_references: references
                .filter(|(state, _)| state_of(processor, state).is_some())
                .cloned()
                .collect(),
            is_express: distributed.express,
        })
    }
}

fn distributed(state: &State) -> Option<(&Map, &Distributed)> {
    match &state.kind {
        Kind::Map(map) => map.distributed.as_deref().map(|distributed| (&**map, distributed)),
        Kind::Pass { .. }
        | Kind::Task(_)
        | Kind::Wait(_)
        | Kind::Choice { .. }
        | Kind::Parallel { .. }
        | Kind::Succeed
        | Kind::Fail { .. } => None,
    }
}

/// With the labels of the distributed Maps around it before its own.
fn label_of(machine_arn: &str, machine: &StateMachine, state: &State, of: &Distributed) -> String {
    let mut container = state.container;
    while let Some(owner) = machine.container(container).owner {
        let owner = machine.state(owner);
        if let Some((_, around)) = distributed(owner) {
            let outer = label_of(machine_arn, machine, owner, around);
            let machine_arn = format!("{machine_arn}/{outer}");
            return format!("{outer}/{}", map_run::label(&machine_arn, &state.name, of));
        }
        container = owner.container;
    }
    map_run::label(machine_arn, &state.name, of).to_string()
}

/// The state of this name, at any depth of a definition. A definition that was accepted is not too deep.
fn state_of<'v>(definition: &'v Value, name: &str) -> Option<&'v Value> {
    let states = definition.get("States")?.as_object()?;
    if let Some(state) = states.get(name) {
        return Some(state);
    }
    states.iter().find_map(|(_, state)| {
        let branches = state.get("Branches").and_then(Value::as_array).into_iter().flatten();
        let mut inside = branches.chain(state.get("ItemProcessor")).chain(state.get("Iterator"));
        inside.find_map(|inside| state_of(inside, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:m";

    fn map(label: &str, start: &str, states: &str) -> String {
        format!(
            r#"{{"Type":"Map",{label}"ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"}},"StartAt":"{start}","States":{{{states}}}}},"End":true}}"#
        )
    }

    /// A distributed Map without a label in one with a label, in a branch.
    fn nested() -> String {
        let pass = |assign: &str, reads: &str| {
            format!(r#"{{"Type":"Pass","Assign":{{"{assign}":1}},"Parameters":{{"x.$":"${reads}"}},"Next""#)
        };
        let inner = map("", "P", r#""P":{"Type":"Pass","End":true}"#);
        let (assigns, reads) = (pass("v", "$.Execution.Id"), pass("w", "v"));
        let states = format!(r#""A":{assigns}:"B"}},"B":{reads}:"Inner"}},"Inner":{inner}"#);
        let outer = map(r#""Label":"L","#, "A", &states);
        let branch = format!(r#"{{"StartAt":"Outer","States":{{"Outer":{outer}}}}}"#);
        let both = format!(r#"{{"Type":"Parallel","Branches":[{branch}],"Next":"C"}}"#);
        let (c, d) = (pass("u", "$.Execution.Id"), r#"{"Type":"Pass","OutputPath":"$u","End":true}"#);
        format!(r#"{{"StartAt":"Both","States":{{"Both":{both},"C":{c}:"D"}},"D":{d}}}}}"#)
    }

    fn compiled(definition: &str) -> StateMachine {
        let compiled = asl::compile(definition, asl::Options::default());
        compiled.machine.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
    }

    #[test]
    fn a_processor_is_found_by_its_label() {
        let definition = nested();
        let machine = compiled(&definition);
        let outer = Processor::labelled(ARN, &machine, &definition, "L").expect("it is there");
        assert!(outer.definition.contains(r#""StartAt":"A""#) && !outer.definition.contains("Both"));
        assert!(!outer.is_express);
        assert_eq!(machine.variable_references.len(), 2);
        assert_eq!(outer.variable_references, [("B".into(), vec!["v".into()])]);
        let machine_arn = format!("{ARN}/L");
        let label = map_run::label(&machine_arn, "Inner", &Distributed::default());
        let inner = Processor::labelled(ARN, &machine, &definition, &format!("L/{label}"));
        assert!(inner.expect("it is there").definition.contains(r#""StartAt":"P""#));
        for nowhere in ["M", "", "L/M", &*label] {
            assert!(Processor::labelled(ARN, &machine, &definition, nowhere).is_none(), "{nowhere}");
        }
    }

    #[test]
    fn a_processor_is_found_by_its_number() {
        let definition = nested();
        let machine = compiled(&definition);
        let starts: Vec<_> = (0..5)
            .map(|number| Processor::numbered(&machine, &definition, ContainerId(number)))
            .map(|found| found.map(|found| found.definition.contains(r#""StartAt":"A""#)))
            .collect();
        assert_eq!(starts, [None, None, Some(true), Some(false), None]);
    }
}
