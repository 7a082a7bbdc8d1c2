//! Which links lead back, and on which rank each node lies.
//!
//! Never here: the order within a rank.

use super::Graph;

/// Ranks from 0 at the top.
#[derive(Debug)]
pub(super) struct Ranked {
    /// Of each node.
    pub ranks: Vec<usize>,
    /// Of each link, whether it leads back to where its flow came from.
    pub backward: Vec<bool>,
}

/// Each node lies below all that lead to it, and as high as that allows; a link with a label leaves a rank for it.
pub(super) fn rank(graph: &Graph) -> Ranked {
    let mut outgoing = vec![Vec::new(); graph.nodes.len()];
    for (place, link) in graph.links.iter().enumerate() {
        outgoing[link.from].push(place);
    }
    let (backward, finished) = walk(graph, &outgoing);
    let mut ranks = vec![0; graph.nodes.len()];
    // A node is finished after all that it leads to, so backwards they come before.
    for &node in finished.iter().rev() {
        for &place in outgoing[node].iter().filter(|&&place| !backward[place]) {
            let link = &graph.links[place];
            let below = ranks[node] + if link.label.is_some() { 2 } else { 1 };
            ranks[link.to] = ranks[link.to].max(below);
        }
    }
    if let Some(last) = graph.last {
        let others = (0..graph.nodes.len()).filter(|&node| node != last).map(|node| ranks[node] + 1);
        ranks[last] = others.max().unwrap_or(0);
    }
    Ranked { ranks, backward }
}

/// Walks along the links, each node once, in the order of the text: tells which links lead to a node that the way
/// has come from, and in which order nodes were finished.
fn walk(graph: &Graph, outgoing: &[Vec<usize>]) -> (Vec<bool>, Vec<usize>) {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Never,
        OnTheWay,
        Finished,
    }
    let mut seen = vec![Seen::Never; graph.nodes.len()];
    let mut backward = vec![false; graph.links.len()];
    let mut finished = Vec::with_capacity(graph.nodes.len());
    for first in 0..graph.nodes.len() {
        if seen[first] != Seen::Never {
            continue;
        }
        seen[first] = Seen::OnTheWay;
        let mut way = vec![(first, 0)];
        while let Some((node, next)) = way.last_mut() {
            let Some(&place) = outgoing[*node].get(*next) else {
                seen[*node] = Seen::Finished;
                finished.push(*node);
                way.pop();
                continue;
            };
            *next += 1;
            let to = graph.links[place].to;
            match seen[to] {
                Seen::Never => {
                    seen[to] = Seen::OnTheWay;
                    way.push((to, 0));
                }
                Seen::OnTheWay => backward[place] = true,
                Seen::Finished => {}
            }
        }
    }
    (backward, finished)
}
