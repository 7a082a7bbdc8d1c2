//! Definitions: each text is compiled or refused with a reason, and a machine that comes out hangs
//! together.

#![no_main]

use asl::{Container, Kind, Options, Severity, State, StateId, StateMachine, compile};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

/// AWS tells so many errors of a definition, and as many warnings.
const DIAGNOSTICS_MAX: usize = 202;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for express in [false, true] {
        check(text, Options { express });
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::vary_definition(data, size, max_size, seed)
});

fn check(text: &str, options: Options) {
    let compiled = fuzz::bounded(|| compile(text, options));
    let errors = compiled.diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
    assert_eq!(compiled.machine.is_none(), errors > 0, "refused without a reason, or made with one");
    assert!(compiled.diagnostics.len() <= DIAGNOSTICS_MAX);
    if let Some(machine) = &compiled.machine {
        hangs_together(machine);
    }
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
            let owner = machine.container(container).owner.expect("it has an owner");
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
