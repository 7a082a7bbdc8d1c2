//! Lays out one flow in layers from top to bottom, after Sugiyama: loops are found and set aside, each node gets a
//! rank, the nodes of a rank an order with few crossings, and then everything its place.
//!
//! It knows boxes and lines between them. Lines that lead down run through the ranks, and those of one kind that lead
//! to one node join; those that lead back, and those that would be too long, run in lanes at the sides. Never here: states, containers.

mod coordinates;
mod lanes;
mod order;
mod rank;
mod route;

use std::collections::BTreeMap;

use crate::layout::{Point, Rect, Size};

/// Bends of lines, all together: several times what a tangled definition of 300 states needs. With more, nobody could
/// follow the lines, and the longest run at the sides.
const BENDS_MAX: usize = 8_000;

/// What is to be laid out.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub nodes: Vec<Size>,
    pub links: Vec<Link>,
    /// Where it ends: a node that lies below all others.
    pub last: Option<usize>,
}

/// A line from one node to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub from: usize,
    pub to: usize,
    /// The room that is to be kept for its label.
    pub label: Option<Size>,
    /// Long lines to one node join on their way if they are of the same kind.
    pub kind: u8,
}

/// Where everything lies; the upper left corner of the whole is at 0, 0.
#[derive(Debug, Default)]
pub(crate) struct Drawing {
    pub size: Size,
    /// One for each node.
    pub nodes: Vec<Rect>,
    /// One for each link.
    pub lines: Vec<Line>,
}

/// A link's way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    pub points: Vec<Point>,
    pub label: Option<Rect>,
}

/// What has a place in a rank: a node, or a bend of a line that passes.
#[derive(Clone, Copy, Debug)]
struct Item {
    rank: usize,
    width: f64,
    kind: ItemKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ItemKind {
    Node(usize),
    /// Links to one node pass.
    Bend,
    /// A link passes, and its label is here.
    Label(usize),
}

impl ItemKind {
    fn is_node(self) -> bool {
        matches!(self, ItemKind::Node(_))
    }
}

/// The ranks with everything in them.
#[derive(Debug)]
struct Layers {
    items: Vec<Item>,
    /// The items of each rank from left to right.
    ranks: Vec<Vec<usize>>,
    /// For each item, those in the rank above that it is tied to, and those below.
    above: Vec<Vec<usize>>,
    below: Vec<Vec<usize>>,
    /// For each link that leads down through the ranks, its items from one end to the other; empty for others.
    chains: Vec<Vec<usize>>,
    /// The links that run at the sides.
    at_sides: Vec<usize>,
}

/// The bends so far, by where their lines lead, the kind of these, and the rank.
type Bends = BTreeMap<(usize, u8, usize), usize>;

/// Lays it out. The same graph always gets the same drawing.
pub(crate) fn draw(graph: &Graph) -> Drawing {
    let ranked = rank::rank(graph);
    let mut layers = layers(graph, &ranked);
    order::order(&mut layers);
    let centers = coordinates::centers(&layers);
    route::route(graph, &ranked, &layers, &centers)
}

/// Puts the nodes into their ranks, with a bend in each rank that a link passes.
fn layers(graph: &Graph, ranked: &rank::Ranked) -> Layers {
    let node = |(place, size): (usize, &Size)| Item {
        rank: ranked.ranks[place],
        width: size.width,
        kind: ItemKind::Node(place),
    };
    let items: Vec<Item> = graph.nodes.iter().enumerate().map(node).collect();
    let mut layers = Layers {
        above: vec![Vec::new(); items.len()],
        below: vec![Vec::new(); items.len()],
        items,
        ranks: Vec::new(),
        chains: vec![Vec::new(); graph.links.len()],
        at_sides: Vec::new(),
    };
    let is_aside = links_aside(graph, ranked);
    let mut bends = Bends::new();
    for (place, link) in graph.links.iter().enumerate() {
        if is_aside[place] {
            layers.at_sides.push(place);
        } else {
            layers.add_chain(place, *link, ranked, &mut bends);
        }
    }
    let ranks = layers.items.iter().map(|item| item.rank + 1).max().unwrap_or(0);
    layers.ranks = vec![Vec::new(); ranks];
    layers
}

/// Links that lead back, and of the others the longest if there is no room for all bends.
fn links_aside(graph: &Graph, ranked: &rank::Ranked) -> Vec<bool> {
    let mut aside = ranked.backward.clone();
    let span = |link: &Link| ranked.ranks[link.to].saturating_sub(ranked.ranks[link.from]);
    let mut downward: Vec<usize> = (0..graph.links.len()).filter(|&place| !aside[place]).collect();
    downward.sort_by_key(|&place| span(&graph.links[place]));
    // Links that join need as many bends as the longest of them.
    let mut longest: BTreeMap<(usize, u8), usize> = BTreeMap::new();
    let mut bends = 0;
    for place in downward {
        let link = &graph.links[place];
        let joined = longest.entry((link.to, link.kind)).or_insert(1);
        bends += span(link).saturating_sub(*joined);
        *joined = span(link).max(*joined);
        aside[place] = bends > BENDS_MAX;
    }
    aside
}

impl Layers {
    fn add_chain(&mut self, place: usize, link: Link, ranked: &rank::Ranked, bends: &mut Bends) {
        let (from, to) = (ranked.ranks[link.from], ranked.ranks[link.to]);
        let mut chain = vec![link.from];
        for rank in from + 1..to {
            chain.push(match link.label {
                // The label stands near where its line begins: there one looks for it.
                Some(label) if rank == from + 1 => {
                    self.add(Item { rank, width: label.width, kind: ItemKind::Label(place) })
                }
                _ => *bends
                    .entry((link.to, link.kind, rank))
                    .or_insert_with(|| self.add(Item { rank, width: 0.0, kind: ItemKind::Bend })),
            });
        }
        chain.push(link.to);
        for pair in chain.windows(2) {
            let is_joint = |item: usize| self.items[item].kind == ItemKind::Bend;
            // From one bend to the next, lines that have joined are one.
            if !(is_joint(pair[0]) && self.below[pair[0]].contains(&pair[1])) {
                self.below[pair[0]].push(pair[1]);
                self.above[pair[1]].push(pair[0]);
            }
        }
        self.chains[place] = chain;
    }

    fn add(&mut self, item: Item) -> usize {
        self.items.push(item);
        self.above.push(Vec::new());
        self.below.push(Vec::new());
        self.items.len() - 1
    }

    /// The places of the items in their ranks.
    fn places(&self) -> Vec<usize> {
        let mut places = vec![0; self.items.len()];
        for rank in &self.ranks {
            for (place, &item) in rank.iter().enumerate() {
                places[item] = place;
            }
        }
        places
    }
}
