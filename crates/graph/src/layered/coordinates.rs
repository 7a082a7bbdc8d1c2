//! Where in its rank each item lies, so that lines are straight: after Brandes and Köpf ("Fast and Simple Horizontal
//! Coordinate Assignment", 2001).
//!
//! Four times, from each corner, items are lined up with the middle of what they are tied to, and pushed together as
//! far as they go; the mean of the two middle results counts. Each of the four keeps the distances, so that does,
//! too. Never here: the order within a rank, heights.

use std::collections::BTreeSet;

use super::{ItemKind, Layers};

/// Between two boxes, in pixels.
const BETWEEN_NODES: f64 = 36.0;
/// Between a line or a label and what is beside it.
const BESIDE_LINES: f64 = 18.0;

/// From which corner.
#[derive(Clone, Copy)]
struct Corner {
    from_top: bool,
    from_left: bool,
}

const CORNERS: [Corner; 4] = [
    Corner { from_top: true, from_left: true },
    Corner { from_top: true, from_left: false },
    Corner { from_top: false, from_left: true },
    Corner { from_top: false, from_left: false },
];

/// The middle of each item from left to right, from some origin.
pub(super) fn centers(layers: &Layers) -> Vec<f64> {
    let ties = Ties::new(layers);
    let conflicts = conflicts(layers, &ties.places);
    let mut results = CORNERS.map(|corner| from(corner, layers, &ties, &conflicts));
    line_up(layers, &mut results);
    let mean = |item: usize| {
        let mut four = [results[0][item], results[1][item], results[2][item], results[3][item]];
        four.sort_by(f64::total_cmp);
        (four[1] + four[2]) / 2.0
    };
    (0..layers.items.len()).map(mean).collect()
}

/// Where each item is in its rank, and what it is tied to, from left to right.
struct Ties {
    places: Vec<usize>,
    above: Vec<Vec<usize>>,
    below: Vec<Vec<usize>>,
}

impl Ties {
    fn new(layers: &Layers) -> Ties {
        let places = layers.places();
        let sorted = |ties: &[Vec<usize>]| {
            let mut ties = ties.to_vec();
            ties.iter_mut().for_each(|tied| {
                tied.sort_by_key(|&other| places[other]);
                tied.dedup();
            });
            ties
        };
        Ties { above: sorted(&layers.above), below: sorted(&layers.below), places }
    }
}

/// The distance that two neighbours keep, from middle to middle.
fn distance(layers: &Layers, left: usize, right: usize) -> f64 {
    let (left, right) = (layers.items[left], layers.items[right]);
    let both_nodes = left.kind.is_node() && right.kind.is_node();
    (left.width + right.width) / 2.0 + if both_nodes { BETWEEN_NODES } else { BESIDE_LINES }
}

/// Ties that cross a piece of a long line between two bends: the line is to be straight, so they give way. Each is
/// the upper and the lower item.
fn conflicts(layers: &Layers, places: &[usize]) -> BTreeSet<(usize, usize)> {
    let mut found = BTreeSet::new();
    let is_bend = |item: usize| !matches!(layers.items[item].kind, ItemKind::Node(_));
    for rank in 1..layers.ranks.len() {
        let (upper, lower) = (&layers.ranks[rank - 1], &layers.ranks[rank]);
        let (mut left, mut looked_at) = (0, 0);
        for (place, &item) in lower.iter().enumerate() {
            let inner = layers.above[item].iter().copied().find(|&above| is_bend(item) && is_bend(above));
            let right = inner.map_or(upper.len(), |above| places[above]);
            if inner.is_none() && place + 1 < lower.len() {
                continue;
            }
            for &between in &lower[looked_at..=place] {
                for &above in &layers.above[between] {
                    let crosses = places[above] < left || places[above] > right;
                    if crosses && !(is_bend(between) && is_bend(above)) {
                        found.insert((above, between));
                    }
                }
            }
            (left, looked_at) = (right, place + 1);
        }
    }
    found
}

/// From one corner: columns of items, pushed together towards the corner's side.
fn from(corner: Corner, layers: &Layers, ties: &Ties, conflicts: &BTreeSet<(usize, usize)>) -> Vec<f64> {
    let columns = columns(corner, layers, ties, conflicts);
    let pushed = push(corner, layers, &columns);
    columns.iter().map(|&column| pushed[column]).collect()
}

/// For each item the first one of its column.
fn columns(corner: Corner, layers: &Layers, ties: &Ties, conflicts: &BTreeSet<(usize, usize)>) -> Vec<usize> {
    let places = &ties.places;
    let mut column: Vec<usize> = (0..layers.items.len()).collect();
    // The last item of a column; the next one may only be added to that.
    let mut is_continued = vec![false; layers.items.len()];
    let ties = if corner.from_top { &ties.above } else { &ties.below };
    let count = layers.ranks.len();
    for step in 1..count {
        let rank = if corner.from_top { step } else { count - 1 - step };
        // Columns must not cross: the next item lines up beyond the last one that did.
        let mut beyond: Option<usize> = None;
        for &item in in_direction(corner, &layers.ranks[rank]) {
            let tied = &ties[item];
            if tied.is_empty() {
                continue;
            }
            let (low, high) = ((tied.len() - 1) / 2, tied.len() / 2);
            let middles = if corner.from_left { [low, high] } else { [high, low] };
            for other in middles.map(|middle| tied[middle]) {
                let pair = if corner.from_top { (other, item) } else { (item, other) };
                let is_free = column[item] == item && !is_continued[other] && !conflicts.contains(&pair);
                let is_beyond = beyond.is_none_or(|last| {
                    if corner.from_left { places[other] > last } else { places[other] < last }
                });
                if is_free && is_beyond {
                    column[item] = column[other];
                    is_continued[other] = true;
                    beyond = Some(places[other]);
                }
            }
        }
    }
    column
}

fn in_direction(corner: Corner, rank: &[usize]) -> Box<dyn Iterator<Item = &usize> + '_> {
    if corner.from_left { Box::new(rank.iter()) } else { Box::new(rank.iter().rev()) }
}

/// Where each column goes: as near to the corner's side as its neighbours allow, and then as near to those on the
/// other side as it can.
fn push(corner: Corner, layers: &Layers, columns: &[usize]) -> Vec<f64> {
    let sign = if corner.from_left { 1.0 } else { -1.0 };
    let mut after: Vec<Vec<(usize, f64)>> = vec![Vec::new(); columns.len()];
    let mut before_count = vec![0; columns.len()];
    for rank in &layers.ranks {
        for pair in rank.windows(2) {
            let (near, far) = if corner.from_left { (pair[0], pair[1]) } else { (pair[1], pair[0]) };
            after[columns[near]].push((columns[far], distance(layers, pair[0], pair[1])));
            before_count[columns[far]] += 1;
        }
    }
    let is_first = |item: &usize| columns[*item] == *item && before_count[*item] == 0;
    let mut order: Vec<usize> = (0..columns.len()).filter(is_first).collect();
    let mut at = vec![0.0f64; columns.len()];
    let mut next = 0;
    while let Some(&column) = order.get(next) {
        next += 1;
        for &(far, distance) in &after[column] {
            at[far] = at[far].max(at[column] + distance);
            before_count[far] -= 1;
            if before_count[far] == 0 {
                order.push(far);
            }
        }
    }
    for &column in order.iter().rev() {
        let room = after[column].iter().map(|&(far, distance)| at[far] - distance);
        let room = room.fold(f64::INFINITY, f64::min);
        if room.is_finite() {
            at[column] = at[column].max(room);
        }
    }
    at.into_iter().map(|place| sign * place).collect()
}

/// Moves the four results so that they share the border of the narrowest one.
fn line_up(layers: &Layers, results: &mut [Vec<f64>; 4]) {
    let borders = |result: &Vec<f64>| {
        let places = layers.items.iter().zip(result);
        let left = places.clone().map(|(item, at)| at - item.width / 2.0).fold(f64::INFINITY, f64::min);
        let right = places.map(|(item, at)| at + item.width / 2.0).fold(f64::NEG_INFINITY, f64::max);
        (left, right)
    };
    let all = [borders(&results[0]), borders(&results[1]), borders(&results[2]), borders(&results[3])];
    let narrowest = all.into_iter().min_by(|one, other| (one.1 - one.0).total_cmp(&(other.1 - other.0)));
    let Some((left, right)) = narrowest.filter(|(left, _)| left.is_finite()) else { return };
    for ((result, corner), (own_left, own_right)) in results.iter_mut().zip(CORNERS).zip(all) {
        let by = if corner.from_left { left - own_left } else { right - own_right };
        result.iter_mut().for_each(|at| *at += by);
    }
}
