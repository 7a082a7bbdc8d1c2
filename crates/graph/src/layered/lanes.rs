//! Lanes at the sides, for links that lead back or are too long: each is as near to the ranks that it passes as what
//! lies there allows, and no two share their place.
//!
//! Never here: how a line gets into its lane and out of it.

use super::{Graph, ItemKind, Layers, rank::Ranked};

/// From a lane to what is beside it, in pixels.
const BESIDE: f64 = 16.0;

/// The way of one link at a side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lane {
    pub link: usize,
    /// The middle of the lane.
    pub x: f64,
    /// Whether it is on the right side.
    pub is_right: bool,
}

/// From where to where a rank reaches.
#[derive(Clone, Copy)]
struct Reach {
    left: f64,
    right: f64,
}

/// A lane for each link that needs one: short ones first, so that they are the inner ones.
pub(super) fn lanes(graph: &Graph, ranked: &Ranked, layers: &Layers, centers: &[f64]) -> Vec<Lane> {
    let mut reaches = reaches(layers, centers);
    let ends = |link: usize| {
        let link = &graph.links[link];
        let (from, to) = (ranked.ranks[link.from], ranked.ranks[link.to]);
        (from.min(to), from.max(to))
    };
    let mut links = layers.at_sides.clone();
    links.sort_by_key(|&link| {
        let (upper, lower) = ends(link);
        (lower - upper, upper)
    });
    let mut lanes = Vec::with_capacity(links.len());
    for place in links {
        let link = &graph.links[place];
        let (upper, lower) = ends(place);
        let passed = &mut reaches[upper..=lower];
        let left = passed.iter().map(|reach| reach.left).fold(f64::INFINITY, f64::min);
        let right = passed.iter().map(|reach| reach.right).fold(f64::NEG_INFINITY, f64::max);
        let (from, to) = (centers[link.from], centers[link.to]);
        let is_right = (right - from).abs() + (right - to).abs() <= (from - left).abs() + (to - left).abs();
        let width = link.label.map_or(0.0, |label| label.width);
        let (inner, outer) = (BESIDE + width / 2.0, BESIDE + width);
        let x = if is_right { right + inner } else { left - inner };
        for reach in passed {
            if is_right {
                reach.right = right + outer;
            } else {
                reach.left = left - outer;
            }
        }
        lanes.push(Lane { link: place, x, is_right });
    }
    lanes
}

fn reaches(layers: &Layers, centers: &[f64]) -> Vec<Reach> {
    let reach = |items: &Vec<usize>| {
        let edge = |item: usize, sign: f64| {
            let half = match layers.items[item].kind {
                ItemKind::Node(_) | ItemKind::Label(_) => layers.items[item].width / 2.0,
                ItemKind::Bend => 0.0,
            };
            centers[item] + sign * half
        };
        Reach {
            left: items.iter().map(|&item| edge(item, -1.0)).fold(f64::INFINITY, f64::min),
            right: items.iter().map(|&item| edge(item, 1.0)).fold(f64::NEG_INFINITY, f64::max),
        }
    };
    layers.ranks.iter().map(reach).collect()
}
