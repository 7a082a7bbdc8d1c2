//! The order within the ranks, so that few lines cross: each item goes to the middle of those that it is tied to,
//! rank after rank, down and up again.
//!
//! Never here: coordinates.

use super::Layers;

/// Walks through all ranks. More hardly find anything.
const SWEEPS_MAX: usize = 16;
/// So many walks that found nothing better are enough.
const SWEEPS_IN_VAIN_MAX: usize = 4;

/// Orders the items of each rank.
pub(super) fn order(layers: &mut Layers) {
    begin(layers);
    let mut places = layers.places();
    let mut best = (crossings(layers, &places), layers.ranks.clone());
    let mut in_vain = 0;
    for sweep in 0..SWEEPS_MAX {
        if best.0 == 0 || in_vain == SWEEPS_IN_VAIN_MAX {
            break;
        }
        go(layers, &mut places, sweep % 2 == 0);
        let found = crossings(layers, &places);
        if found < best.0 {
            best = (found, layers.ranks.clone());
            in_vain = 0;
        } else {
            in_vain += 1;
        }
    }
    layers.ranks = best.1;
}

/// As the lines lead: what is written first stands left.
fn begin(layers: &mut Layers) {
    let mut is_placed = vec![false; layers.items.len()];
    for first in 0..layers.items.len() {
        // What nothing leads to begins a way; those that only links at the sides lead to come at their turn.
        if is_placed[first] || !layers.above[first].is_empty() {
            continue;
        }
        let mut open = vec![first];
        while let Some(item) = open.pop() {
            if std::mem::replace(&mut is_placed[item], true) {
                continue;
            }
            layers.ranks[layers.items[item].rank].push(item);
            open.extend(layers.below[item].iter().rev().filter(|&&below| !is_placed[below]));
        }
    }
}

/// Orders rank after rank by the ranks before: downwards by those above, upwards by those below.
fn go(layers: &mut Layers, places: &mut [usize], down: bool) {
    let count = layers.ranks.len();
    for step in 1..count {
        let rank = if down { step } else { count - 1 - step };
        let ties = if down { &layers.above } else { &layers.below };
        let middle = |item: usize| {
            let tied = &ties[item];
            if tied.is_empty() {
                return places[item] as f64;
            }
            tied.iter().map(|&other| places[other] as f64).sum::<f64>() / tied.len() as f64
        };
        let mut middles: Vec<(f64, usize)> =
            layers.ranks[rank].iter().map(|&item| (middle(item), item)).collect();
        middles.sort_by(|one, other| one.0.total_cmp(&other.0));
        for (place, &(_, item)) in middles.iter().enumerate() {
            layers.ranks[rank][place] = item;
            places[item] = place;
        }
    }
}

/// How many pairs of lines cross, all ranks together.
fn crossings(layers: &Layers, places: &[usize]) -> u64 {
    let mut crossings = 0;
    for (rank, items) in layers.ranks.iter().enumerate().skip(1) {
        let mut ends: Vec<usize> = Vec::new();
        for &upper in &layers.ranks[rank - 1] {
            let from = ends.len();
            ends.extend(layers.below[upper].iter().map(|&lower| places[lower]));
            ends[from..].sort_unstable();
        }
        crossings += inversions(&ends, items.len());
    }
    crossings
}

/// How many pairs are in the wrong order; `ends` are below `count`. (Fenwick's tree counts those before.)
fn inversions(ends: &[usize], count: usize) -> u64 {
    let mut tree = vec![0u64; count + 1];
    let mut inversions = 0;
    for (seen, &end) in ends.iter().enumerate() {
        let (mut place, mut not_greater) = (end + 1, 0);
        while place > 0 {
            not_greater += tree[place];
            place &= place - 1;
        }
        inversions += seen as u64 - not_greater;
        let mut place = end + 1;
        while place <= count {
            tree[place] += 1;
            place += place & place.wrapping_neg();
        }
    }
    inversions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_in_the_wrong_order_are_counted() {
        assert_eq!(inversions(&[], 0), 0);
        assert_eq!(inversions(&[0, 1, 1, 2], 3), 0);
        assert_eq!(inversions(&[2, 1, 0], 3), 3);
        assert_eq!(inversions(&[1, 0, 2, 1], 3), 2);
    }
}
