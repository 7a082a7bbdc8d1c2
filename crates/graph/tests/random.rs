//! Definitions that nobody would write, nested and tangled, measured.

mod geometry;

use graph::Layout;
use json::{Object, Value, value};
use proptest::prelude::*;

/// What a state is made from: its kind, numbers that choose where it leads, and what is inside.
#[derive(Clone, Debug)]
struct Seed {
    kind: u8,
    leads_to: Vec<u8>,
    words: String,
    inside: Vec<Vec<Seed>>,
}

fn flow(depth: u32) -> BoxedStrategy<Vec<Seed>> {
    let inside = if depth == 0 {
        Just(Vec::new()).boxed()
    } else {
        prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(flow(depth - 1), 1..4)].boxed()
    };
    let state = (any::<u8>(), prop::collection::vec(any::<u8>(), 0..5), "[a-zA-Z .]{0,40}", inside);
    let state = state.prop_map(|(kind, leads_to, words, inside)| Seed { kind, leads_to, words, inside });
    prop::collection::vec(state, 0..9).boxed()
}

fn definition(seeds: &[Seed], prefix: &str) -> Value {
    // One name more than there are states: some transitions lead nowhere.
    let names: Vec<String> = (0..=seeds.len())
        .map(|place| format!("{prefix}{place}{}", seeds.get(place).map_or("", |seed| &seed.words)))
        .collect();
    let target = |number: u8| names[usize::from(number) % names.len()].as_str();
    let mut states = Object::new();
    for (place, seed) in seeds.iter().enumerate() {
        let mut state = Object::new();
        let catches = seed.leads_to.iter().skip(1);
        let catches: Value = catches
            .map(|&number| value!({ "ErrorEquals": [(seed.words.as_str())], "Next": (target(number)) }))
            .collect();
        let inside: Vec<Value> = seed
            .inside
            .iter()
            .enumerate()
            .map(|(number, inside)| definition(inside, &format!("{}.{number}.", names[place])))
            .collect();
        if let Some(first) = inside.first() {
            let map = seed.kind % 2 == 0;
            state.insert("Type", if map { "Map" } else { "Parallel" });
            if map {
                state.insert("ItemProcessor", first)
            } else {
                state.insert("Branches", inside)
            };
            state.insert("Catch", catches);
        } else {
            match seed.kind % 5 {
                0 => {
                    state.insert("Type", "Choice");
                    let rules = seed.leads_to.iter().map(|&number| {
                        value!({ "Variable": (seed.words.as_str()), "IsNull": true, "Next": (target(number)) })
                    });
                    state.insert("Choices", rules.collect::<Value>());
                    state.insert("Default", target(seed.kind));
                }
                1 => {
                    state.insert("Type", "Task");
                    state.insert("Resource", seed.words.as_str());
                    state.insert("Catch", catches);
                }
                2 => drop(state.insert("Type", "Fail")),
                3 => drop(state.insert("Type", seed.words.as_str())),
                _ => drop(state.insert("Type", "Pass")),
            }
        }
        match seed.leads_to.first() {
            Some(&number) => state.insert("Next", target(number)),
            None => state.insert("End", true),
        };
        states.insert(names[place].as_str(), state);
    }
    value!({ "StartAt": (target(0)), "States": states })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn whatever_is_defined_is_drawn_whole_and_without_overlap(seeds in flow(3)) {
        let definition = definition(&seeds, "");
        let layout = Layout::of(&definition).unwrap();
        let wrong = geometry::complaints(&definition, &layout);
        prop_assert!(wrong.is_empty(), "{wrong:#?}\n{definition}");
        prop_assert_eq!(&layout, &Layout::of(&definition).unwrap());
    }

    #[test]
    fn whatever_is_no_definition_is_taken_too(text in "[\\[\\]{}\",:a-zStateNx]{0,60}") {
        if let Ok(value) = Value::parse(&text) {
            let layout = Layout::of(&value).unwrap();
            prop_assert!(!layout.problems.is_empty());
        }
    }
}
