//! Definitions at the bounds: so many long lines that some run at the sides, and more than a picture shows.

mod geometry;

use graph::{CONTAINERS_DEEP_MAX, Layout, STATES_MAX, TRANSITIONS_MAX};
use json::{Object, Value, value};

/// A chain of states, each with catchers that lead to these numbers.
fn chain(length: usize, catches: impl Fn(usize) -> Vec<usize>) -> Value {
    let mut states = Object::new();
    for place in 0..length {
        let catch = catches(place)
            .into_iter()
            .map(|to| value!({ "ErrorEquals": ["States.ALL"], "Next": (format!("S{to}")) }));
        let catch: Value = catch.collect();
        let state = match place + 1 < length {
            true => value!({ "Type": "Task", "Next": (format!("S{}", place + 1)), "Catch": catch }),
            false => value!({ "Type": "Task", "End": true, "Catch": catch }),
        };
        states.insert(format!("S{place}"), state);
    }
    value!({ "StartAt": "S0", "States": states })
}

#[test]
fn long_lines_run_at_the_sides_when_there_are_too_many() {
    // The upper half leads down by about 120 ranks, each to a place of its own: some 14,000 bends.
    let definition = chain(240, |place| if place < 120 { vec![239 - place * 7 % 120] } else { vec![] });
    let layout = Layout::of(&definition).unwrap();
    let wrong = geometry::complaints(&definition, &layout);
    assert!(wrong.is_empty(), "{wrong:#?}");
    let at_sides = layout.edges.iter().filter(|edge| {
        edge.points.len() == 6 && edge.points[1].y == edge.points[2].y && edge.points[5].y > edge.points[0].y
    });
    assert!(at_sides.count() > 10);
}

#[test]
fn more_than_a_picture_shows_is_refused() {
    let refusal = |definition: &Value| Layout::of(definition).unwrap_err().to_string();
    let states = chain(STATES_MAX + 1, |_| Vec::new());
    assert_eq!(refusal(&states), "the definition has more than 5000 states: a graph shows no more than that");
    let catches = TRANSITIONS_MAX / 100;
    let transitions = chain(100, |_| vec![0; catches]);
    assert!(refusal(&transitions).starts_with("the definition has more than 20000 transitions"));
    let nested = |depth: usize| {
        (0..depth).fold(chain(1, |_| Vec::new()), |inside, _| {
            value!({ "StartAt": "M", "States": { "M": { "Type": "Map", "ItemProcessor": inside, "End": true } } })
        })
    };
    assert!(Layout::of(&nested(CONTAINERS_DEEP_MAX)).is_ok());
    let refusal = refusal(&nested(CONTAINERS_DEEP_MAX + 1));
    assert!(refusal.starts_with("the definition has more than 64 levels"), "{refusal}");
}
