//! Transitions: lines that bend softly, arrow heads, labels.
//!
//! A line that slants goes from one upright piece to the next in a curve that stays between them, so it touches no
//! more boxes than the straight one. Never here: where the points are.

use super::{Escaped, Px, label_text, write};
use crate::layout::{Edge, EdgeKind, Layout, Point};
use crate::status::Statuses;

/// The radius of a corner.
const CORNER: f64 = 8.0;
/// An arrow's head: its length and half of its width.
const HEAD: (f64, f64) = (7.0, 4.0);

/// All lines. Those that an execution has taken are drawn last, above the others.
pub(super) fn lines(out: &mut String, layout: &Layout, statuses: Option<&Statuses>) {
    let is_taken = |edge: &&Edge| statuses.is_some_and(|statuses| statuses.has_taken(layout, edge));
    let (taken, others): (Vec<&Edge>, Vec<&Edge>) = layout.edges.iter().partition(is_taken);
    let marked = statuses.is_some();
    for (edge, taken) in others.iter().map(|edge| (edge, false)).chain(taken.iter().map(|edge| (edge, true)))
    {
        let Some(&end) = edge.points.last() else { continue };
        write(
            out,
            format_args!(
                "<g class=\"edge {}{}\"><path d=\"{}\"/><polygon points=\"{},{} {},{} {},{}\"/></g>\n",
                edge.kind.name(),
                if !marked {
                    ""
                } else if taken {
                    " taken"
                } else {
                    " not-taken"
                },
                way(&edge.points),
                Px(end.x),
                Px(end.y),
                Px(end.x - HEAD.1),
                Px(end.y - HEAD.0),
                Px(end.x + HEAD.1),
                Px(end.y - HEAD.0),
            ),
        );
    }
}

/// All labels, above everything else.
pub(super) fn labels(out: &mut String, layout: &Layout) {
    for edge in &layout.edges {
        let Some(label) = &edge.label else { continue };
        let kind = if edge.kind == EdgeKind::Catch { "on error: " } else { "" };
        let rect = label.rect;
        write(
            out,
            format_args!(
                "<g class=\"label {}\"><title>{kind}{}</title>\
                 <rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/><text x=\"{}\" y=\"{}\">{}</text></g>\n",
                edge.kind.name(),
                Escaped(&label.text),
                Px(rect.x),
                Px(rect.y),
                Px(rect.width),
                Px(rect.height),
                Px(rect.height / 2.0),
                Px(rect.x + rect.width / 2.0),
                Px(rect.y + rect.height / 2.0 + 4.0),
                Escaped(&label_text(&label.text, rect)),
            ),
        );
    }
}

/// The points as an SVG path. It ends where the arrow's head begins.
fn way(points: &[Point]) -> String {
    let mut points = points.to_vec();
    if let Some(last) = points.last_mut() {
        last.y -= HEAD.0 - 1.0;
    }
    let mut way = String::new();
    let Some(first) = points.first() else { return way };
    write(&mut way, format_args!("M{} {}", Px(first.x), Px(first.y)));
    for (place, &to) in points.iter().enumerate().skip(1) {
        let from = points[place - 1];
        if from.x != to.x && from.y != to.y {
            let middle = (from.y + to.y) / 2.0;
            write(
                &mut way,
                format_args!(
                    "C{} {} {} {} {} {}",
                    Px(from.x),
                    Px(middle),
                    Px(to.x),
                    Px(middle),
                    Px(to.x),
                    Px(to.y)
                ),
            );
            continue;
        }
        match points.get(place + 1) {
            Some(&next) if is_corner(from, to, next) => {
                let radius = CORNER.min(length(from, to) / 2.0).min(length(to, next) / 2.0);
                let (before, after) = (towards(to, from, radius), towards(to, next, radius));
                write(
                    &mut way,
                    format_args!(
                        "L{} {}Q{} {} {} {}",
                        Px(before.x),
                        Px(before.y),
                        Px(to.x),
                        Px(to.y),
                        Px(after.x),
                        Px(after.y)
                    ),
                );
            }
            Some(_) | None => write(&mut way, format_args!("L{} {}", Px(to.x), Px(to.y))),
        }
    }
    way
}

/// Whether an upright piece and a level one meet.
fn is_corner(from: Point, at: Point, to: Point) -> bool {
    (from.x == at.x) != (at.x == to.x) && (from.y == at.y) != (at.y == to.y)
}

fn length(from: Point, to: Point) -> f64 {
    (from.x - to.x).abs() + (from.y - to.y).abs()
}

/// So far from one point to another, upright or level.
fn towards(from: Point, to: Point, distance: f64) -> Point {
    let step = |from: f64, to: f64| if from == to { 0.0 } else { (to - from).signum() * distance };
    Point { x: from.x + step(from.x, to.x), y: from.y + step(from.y, to.y) }
}
