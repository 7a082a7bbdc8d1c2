//! What must be true of every layout, found by measuring it.
#![allow(dead_code, reason = "each test program uses a part of this")]

use graph::{Layout, NodeKind, Point, Rect};
use json::Value;

/// Lines may touch the border of a box, and numbers are not exact.
const TOUCH: f64 = 0.5;

/// Everything that is wrong with the layout of a definition.
pub fn complaints(definition: &Value, layout: &Layout) -> Vec<String> {
    let mut wrong = Vec::new();
    everything_is_there(definition, layout, &mut wrong);
    boxes_are_apart(layout, &mut wrong);
    lines_meet_their_boxes_only(layout, &mut wrong);
    labels_are_free(layout, &mut wrong);
    wrong
}

/// The states and transitions as the definition itself says: (locations of states, (from, where to)).
fn walk(value: &Value, at: &str, states: &mut Vec<String>, transitions: &mut Vec<(String, String)>) {
    let text = |value: &Value, field: &str| value.get(field).and_then(Value::as_str).map(str::to_owned);
    let Some(members) = value.get("States").and_then(Value::as_object) else { return };
    if let Some(start) = text(value, "StartAt") {
        transitions.push((format!("{at}/StartAt"), format!("{at}/States/{start}")));
    }
    for (name, state) in members.iter() {
        let id = format!("{at}/States/{name}");
        states.push(id.clone());
        let state_type = text(state, "Type").unwrap_or_default();
        let mut lead = |to: Option<String>| {
            let to = to.map_or_else(|| format!("{at}/End"), |to| format!("{at}/States/{to}"));
            transitions.push((id.clone(), to));
        };
        let items = |field| state.get(field).and_then(Value::as_array).into_iter().flatten();
        match &*state_type {
            "Succeed" | "Fail" => lead(None),
            "Choice" => {
                items("Choices").filter_map(|rule| text(rule, "Next")).for_each(|to| lead(Some(to)));
                text(state, "Default").into_iter().for_each(|to| lead(Some(to)));
            }
            _ => {
                text(state, "Next").into_iter().for_each(|to| lead(Some(to)));
                if state.get("End").and_then(Value::as_bool) == Some(true) {
                    lead(None);
                }
            }
        }
        items("Catch").filter_map(|catcher| text(catcher, "Next")).for_each(|to| lead(Some(to)));
        if state_type == "Parallel" {
            for (place, branch) in items("Branches").enumerate() {
                walk(branch, &format!("{id}/Branches[{place}]"), states, transitions);
            }
        }
        if state_type == "Map" {
            let field = ["ItemProcessor", "Iterator"].into_iter().find(|field| state.get(field).is_some());
            if let Some(field) = field {
                walk(state.get(field).unwrap(), &format!("{id}/{field}"), states, transitions);
            }
        }
    }
}

fn everything_is_there(definition: &Value, layout: &Layout, wrong: &mut Vec<String>) {
    let (mut states, mut transitions) = (Vec::new(), Vec::new());
    walk(definition, "", &mut states, &mut transitions);
    let is_state = |node: &&graph::Node| matches!(node.kind, NodeKind::State(_));
    let mut drawn: Vec<String> = layout.nodes.iter().filter(is_state).map(|node| node.id.clone()).collect();
    let id = |node: usize| layout.nodes[node].id.clone();
    let mut led: Vec<_> = layout.edges.iter().map(|edge| (id(edge.from), id(edge.to))).collect();
    for list in [&mut states, &mut drawn] {
        list.sort();
    }
    for list in [&mut transitions, &mut led] {
        list.sort();
    }
    if states != drawn {
        wrong.push(format!("states: {states:?}, drawn: {drawn:?}"));
    }
    if transitions != led {
        wrong.push(format!("transitions: {transitions:?}, drawn: {led:?}"));
    }
}

fn boxes_are_apart(layout: &Layout, wrong: &mut Vec<String>) {
    let whole = Rect { x: 0.0, y: 0.0, width: layout.size.width, height: layout.size.height };
    for (place, node) in layout.nodes.iter().enumerate() {
        let around = node.parent.map_or(whole, |parent| layout.nodes[parent].rect);
        if !holds(around, node.rect) {
            wrong.push(format!("{} is not inside of what it belongs to", node.id));
        }
        if node.parent.is_some_and(|parent| parent >= place) {
            wrong.push(format!("{} comes before its container", node.id));
        }
        for (other_place, other) in layout.nodes.iter().enumerate().take(place) {
            let nested = is_around(layout, other_place, place) || is_around(layout, place, other_place);
            if !nested && overlap(node.rect, other.rect) {
                wrong.push(format!("{} and {} overlap", node.id, other.id));
            }
        }
    }
}

fn lines_meet_their_boxes_only(layout: &Layout, wrong: &mut Vec<String>) {
    for edge in &layout.edges {
        let (from, to) = (layout.nodes[edge.from].rect, layout.nodes[edge.to].rect);
        let (Some(first), Some(last)) = (edge.points.first(), edge.points.last()) else {
            wrong.push(format!("{} has no line", edge.id));
            continue;
        };
        let meets = |point: &Point, rect: Rect, y: f64| {
            (point.y - y).abs() <= TOUCH && point.x >= rect.x && point.x <= rect.right()
        };
        if !meets(first, from, from.bottom()) || !meets(last, to, to.y) {
            wrong.push(format!("{} does not meet its boxes", edge.id));
        }
        let around = layout.nodes[edge.from].parent.map(|parent| layout.nodes[parent].rect);
        for pair in edge.points.windows(2) {
            if around.is_some_and(|around| {
                let point = |point: Point| Rect { x: point.x, y: point.y, width: 0.0, height: 0.0 };
                !holds(around, point(pair[0])) || !holds(around, point(pair[1]))
            }) {
                wrong.push(format!("{} leaves its container", edge.id));
            }
            for (place, node) in layout.nodes.iter().enumerate() {
                if !is_around(layout, place, edge.from) && crosses(pair[0], pair[1], node.rect) {
                    wrong.push(format!("{} goes through {}", edge.id, node.id));
                }
            }
        }
    }
}

fn labels_are_free(layout: &Layout, wrong: &mut Vec<String>) {
    let labels: Vec<_> =
        layout.edges.iter().filter_map(|edge| Some((edge, edge.label.as_ref()?.rect))).collect();
    for (place, (edge, rect)) in labels.iter().enumerate() {
        for (other, other_rect) in &labels[..place] {
            if overlap(*rect, *other_rect) {
                wrong.push(format!("the labels of {} and {} overlap", edge.id, other.id));
            }
        }
        for (node_place, node) in layout.nodes.iter().enumerate() {
            if !is_around(layout, node_place, edge.from) && overlap(*rect, node.rect) {
                wrong.push(format!("the label of {} lies on {}", edge.id, node.id));
            }
        }
    }
}

/// Whether a node is a container around another one, at any depth.
fn is_around(layout: &Layout, outer: usize, inner: usize) -> bool {
    std::iter::successors(layout.nodes[inner].parent, |&at| layout.nodes[at].parent).any(|at| at == outer)
}

fn holds(outer: Rect, inner: Rect) -> bool {
    inner.x >= outer.x - TOUCH
        && inner.y >= outer.y - TOUCH
        && inner.right() <= outer.right() + TOUCH
        && inner.bottom() <= outer.bottom() + TOUCH
}

fn overlap(one: Rect, other: Rect) -> bool {
    one.x + TOUCH < other.right()
        && other.x + TOUCH < one.right()
        && one.y + TOUCH < other.bottom()
        && other.y + TOUCH < one.bottom()
}

/// Whether a piece of a line has a point inside a box. (Liang and Barsky's way of clipping.)
fn crosses(from: Point, to: Point, rect: Rect) -> bool {
    let (mut enters, mut leaves) = (0.0f64, 1.0f64);
    let sides = [
        (from.x - to.x, from.x - (rect.x + TOUCH)),
        (to.x - from.x, rect.right() - TOUCH - from.x),
        (from.y - to.y, from.y - (rect.y + TOUCH)),
        (to.y - from.y, rect.bottom() - TOUCH - from.y),
    ];
    for (direction, distance) in sides {
        if direction == 0.0 {
            if distance < 0.0 {
                return false;
            }
        } else if direction < 0.0 {
            enters = enters.max(distance / direction);
        } else {
            leaves = leaves.min(distance / direction);
        }
    }
    enters < leaves
}

#[test]
fn the_measures_see_what_is_wrong() {
    let rect = Rect { x: 0.0, y: 0.0, width: 10.0, height: 10.0 };
    let point = |x, y| Point { x, y };
    assert!(crosses(point(-5.0, 5.0), point(15.0, 5.0), rect));
    assert!(crosses(point(5.0, 5.0), point(5.0, 6.0), rect));
    assert!(crosses(point(-1.0, 5.0), point(5.0, -1.0), rect));
    assert!(!crosses(point(-5.0, 2.0), point(2.0, -5.0), rect));
    assert!(!crosses(point(5.0, 10.0), point(5.0, 20.0), rect));
    assert!(overlap(rect, Rect { x: 9.0, ..rect }) && !overlap(rect, Rect { x: 10.0, ..rect }));
    assert!(holds(rect, rect) && !holds(rect, Rect { x: 2.0, ..rect }));
    let definition = json::value!({ "StartAt": "A", "States": { "A": { "Type": "Pass", "End": true } } });
    let mut layout = Layout::of(&definition).unwrap();
    assert_eq!(complaints(&definition, &layout), Vec::<String>::new());
    layout.edges.pop();
    layout.nodes[1].rect.y = 0.0;
    assert_eq!(complaints(&definition, &layout).len(), 3, "{:?}", complaints(&definition, &layout));
}
