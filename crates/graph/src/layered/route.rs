//! From ranks and middles to boxes and lines.
//!
//! A rank is a band, and boxes hang from its upper border. Between two bands is a gap without boxes: there, and only
//! there, lines go sideways; inside a band they go straight down, where nothing else is. So no line can touch a box
//! that it does not belong to. Never here: which lines run at the sides.

use super::lanes::{Lane, lanes};
use super::rank::Ranked;
use super::{Drawing, Graph, ItemKind, Layers, Line};
use crate::layout::{Point, Rect, Size};

/// Between two ranks with boxes.
const GAP: f64 = 40.0;
/// Where one of them has only labels, or the small points at which flows begin and end.
const GAP_SMALL: f64 = 20.0;
/// A box that is not higher is a point.
const POINT_HEIGHT_MAX: f64 = 20.0;
/// The more a line goes sideways, the higher is its gap: by this part of it, and at most by so much.
const GAP_SLANT: f64 = 0.05;
const GAP_SLANT_MAX: f64 = 32.0;
/// Between two lines that go sideways to their lanes.
const TRACK: f64 = 8.0;
/// From the border of a gap to the first of them: an arrow's head fits in.
const TRACKS_BEGIN: f64 = 14.0;
/// Between two lines at one side of one box.
const PORT: f64 = 8.0;

/// Gives everything its place.
pub(super) fn route(graph: &Graph, ranked: &Ranked, layers: &Layers, centers: &[f64]) -> Drawing {
    let lanes = lanes(graph, ranked, layers, centers);
    let tracks = Tracks::new(graph, ranked, layers.ranks.len(), &lanes);
    let bands = Bands::new(graph, layers, centers, &tracks);
    let mut drawing = Drawing {
        size: Size::default(),
        nodes: graph
            .nodes
            .iter()
            .map(|size| Rect { x: 0.0, y: 0.0, width: size.width, height: size.height })
            .collect(),
        lines: vec![Line::default(); graph.links.len()],
    };
    for (node, rect) in drawing.nodes.iter_mut().enumerate() {
        rect.x = centers[node] - rect.width / 2.0;
        rect.y = bands.top[ranked.ranks[node]];
    }
    for (link, chain) in layers.chains.iter().enumerate().filter(|(_, chain)| !chain.is_empty()) {
        drawing.lines[link] = through_ranks(link, chain, graph, layers, centers, &bands, &drawing.nodes);
    }
    for (place, lane) in lanes.iter().enumerate() {
        let is_open = is_open(lane, graph.links[lane.link].from, layers);
        let leaves = Leaves { track: tracks.of[place], is_open };
        drawing.lines[lane.link] = at_side(lane, leaves, graph, ranked, &bands, &drawing.nodes);
    }
    to_origin(&mut drawing);
    drawing.size.height = bands.height;
    drawing
}

/// On which track a line leaves its box, on which it arrives, and how far from the middle of the boxes.
#[derive(Clone, Copy, Debug, Default)]
struct Track {
    leaving: usize,
    arriving: usize,
    port_leaving: usize,
    port_arriving: usize,
}

/// The lines that go sideways in each gap. A gap has the number of the rank below it.
#[derive(Debug)]
struct Tracks {
    /// One for each lane.
    of: Vec<Track>,
    /// How many leave in each gap, and how many arrive.
    leaving: Vec<usize>,
    arriving: Vec<usize>,
}

impl Tracks {
    fn new(graph: &Graph, ranked: &Ranked, ranks: usize, lanes: &[Lane]) -> Tracks {
        let mut tracks = Tracks { of: Vec::new(), leaving: vec![0; ranks + 1], arriving: vec![0; ranks + 1] };
        // By node and side, how many have been there.
        let mut leaving = vec![[0; 2]; graph.nodes.len()];
        let mut arriving = leaving.clone();
        for lane in lanes {
            let link = &graph.links[lane.link];
            let side = usize::from(lane.is_right);
            tracks.of.push(Track {
                leaving: next(&mut tracks.leaving[ranked.ranks[link.from] + 1]),
                arriving: next(&mut tracks.arriving[ranked.ranks[link.to]]),
                port_leaving: next(&mut leaving[link.from][side]),
                port_arriving: next(&mut arriving[link.to][side]),
            });
        }
        tracks
    }

    /// The room that they need in a gap.
    fn height(&self, gap: usize) -> f64 {
        let border = |count: usize| if count == 0 { 0.0 } else { TRACKS_BEGIN + TRACK * (count - 1) as f64 };
        let (leaving, arriving) = (self.leaving[gap], self.arriving[gap]);
        border(leaving) + border(arriving) + if leaving * arriving > 0 { TRACK } else { 0.0 }
    }
}

/// Counts one more, and tells how many there were.
fn next(count: &mut usize) -> usize {
    *count += 1;
    *count - 1
}

/// From where to where each rank reaches downwards.
struct Bands {
    top: Vec<f64>,
    bottom: Vec<f64>,
    height: f64,
}

impl Bands {
    fn new(graph: &Graph, layers: &Layers, centers: &[f64], tracks: &Tracks) -> Bands {
        let mut bands = Bands { top: Vec::new(), bottom: Vec::new(), height: tracks.height(0) };
        for (rank, items) in layers.ranks.iter().enumerate() {
            if rank > 0 {
                bands.height += gap(graph, layers, centers, rank).max(tracks.height(rank) + GAP_SMALL);
            }
            bands.top.push(bands.height);
            let heights = items.iter().map(|&item| match layers.items[item].kind {
                ItemKind::Node(node) => graph.nodes[node].height,
                ItemKind::Label(link) => graph.links[link].label.map_or(0.0, |label| label.height),
                ItemKind::Bend => 0.0,
            });
            bands.height += heights.fold(0.0, f64::max);
            bands.bottom.push(bands.height);
        }
        // Below the last rank, tracks need room for what turns there.
        let below = tracks.height(layers.ranks.len());
        bands.height += below;
        bands
    }
}

/// The height of the gap above a rank, tracks left out.
fn gap(graph: &Graph, layers: &Layers, centers: &[f64], rank: usize) -> f64 {
    let has_boxes = |rank: usize| {
        layers.ranks[rank].iter().any(|&item| match layers.items[item].kind {
            ItemKind::Node(node) => graph.nodes[node].height > POINT_HEIGHT_MAX,
            ItemKind::Bend | ItemKind::Label(_) => false,
        })
    };
    let slants = layers.ranks[rank].iter().flat_map(|&item| {
        layers.above[item].iter().map(move |&above| (centers[item] - centers[above]).abs())
    });
    let slant = slants.fold(0.0, f64::max) * GAP_SLANT;
    let plain = if has_boxes(rank - 1) && has_boxes(rank) { GAP } else { GAP_SMALL };
    plain + slant.min(GAP_SLANT_MAX)
}

fn through_ranks(
    link: usize,
    chain: &[usize],
    graph: &Graph,
    layers: &Layers,
    centers: &[f64],
    bands: &Bands,
    nodes: &[Rect],
) -> Line {
    let mut line = Line::default();
    for &item in chain {
        let (rank, x) = (layers.items[item].rank, centers[item]);
        let (top, bottom) = (bands.top[rank], bands.bottom[rank]);
        let from_box = match layers.items[item].kind {
            ItemKind::Node(node) if node == graph.links[link].from => Some(nodes[node].bottom()),
            ItemKind::Node(_) => {
                line.points.push(Point { x, y: top });
                continue;
            }
            ItemKind::Bend => None,
            ItemKind::Label(link) => {
                line.label = graph.links[link].label.map(|size| Rect {
                    x: x - size.width / 2.0,
                    y: top,
                    width: size.width,
                    height: size.height,
                });
                None
            }
        };
        line.points.push(Point { x, y: from_box.unwrap_or(top) });
        if bottom > from_box.unwrap_or(top) {
            line.points.push(Point { x, y: bottom });
        }
    }
    line
}

/// How a line gets from its box to its lane.
#[derive(Clone, Copy)]
struct Leaves {
    track: Track,
    /// Nothing is between the two.
    is_open: bool,
}

/// Whether no box and no label is between a node and the side of a lane.
fn is_open(lane: &Lane, node: usize, layers: &Layers) -> bool {
    let rank = &layers.ranks[layers.items[node].rank];
    let mut beside: Box<dyn Iterator<Item = &usize>> =
        if lane.is_right { Box::new(rank.iter().rev()) } else { Box::new(rank.iter()) };
    let first = beside.find(|&&item| layers.items[item].kind != ItemKind::Bend);
    first == Some(&node)
}

fn at_side(
    lane: &Lane,
    Leaves { track, is_open }: Leaves,
    graph: &Graph,
    ranked: &Ranked,
    bands: &Bands,
    nodes: &[Rect],
) -> Line {
    let link = &graph.links[lane.link];
    let (from, to) = (nodes[link.from], nodes[link.to]);
    let band_ends = bands.bottom[ranked.ranks[link.from]];
    let early = from.bottom() + TRACKS_BEGIN + TRACK * track.port_leaving as f64;
    let leads_back = ranked.backward[lane.link];
    let leaves = if is_open && leads_back && early + TRACKS_BEGIN < band_ends {
        early
    } else {
        band_ends + TRACKS_BEGIN + TRACK * track.leaving as f64
    };
    let arrives = bands.top[ranked.ranks[link.to]] - TRACKS_BEGIN - TRACK * track.arriving as f64;
    let (x_from, x_to) =
        (port(from, lane.is_right, track.port_leaving), port(to, lane.is_right, track.port_arriving));
    let points = [
        (x_from, from.bottom()),
        (x_from, leaves),
        (lane.x, leaves),
        (lane.x, arrives),
        (x_to, arrives),
        (x_to, to.y),
    ];
    let label = link.label.map(|size| Rect {
        x: lane.x - size.width / 2.0,
        // Beside the box that it leaves, where no other line goes sideways.
        y: from.y + (from.height - size.height) / 2.0,
        width: size.width,
        height: size.height,
    });
    Line { points: points.map(|(x, y)| Point { x, y }).to_vec(), label }
}

/// Where at a box a line to a side begins or ends: away from the middle, and not at its corner.
fn port(rect: Rect, is_right: bool, number: usize) -> f64 {
    let half = rect.width / 2.0;
    let away = (half / 2.0).min(32.0) + PORT * number as f64;
    let away = away.min((half - PORT).max(half / 2.0));
    rect.x + half + if is_right { away } else { -away }
}

/// Moves everything so that it begins at 0.
fn to_origin(drawing: &mut Drawing) {
    let labels = drawing.lines.iter().filter_map(|line| line.label);
    let rects = drawing.nodes.iter().copied().chain(labels);
    let points = drawing.lines.iter().flat_map(|line| &line.points).map(|point| (point.x, point.x));
    let reaches: Vec<(f64, f64)> = rects.map(|rect| (rect.x, rect.right())).chain(points).collect();
    let left = reaches.iter().map(|reach| reach.0).fold(f64::INFINITY, f64::min);
    let right = reaches.iter().map(|reach| reach.1).fold(f64::NEG_INFINITY, f64::max);
    if !left.is_finite() {
        return;
    }
    let by = Point { x: -left, y: 0.0 };
    drawing.size.width = right - left;
    drawing.nodes.iter_mut().for_each(|rect| *rect = rect.moved(by));
    for line in &mut drawing.lines {
        line.points.iter_mut().for_each(|point| *point = point.moved(by));
        line.label = line.label.map(|label| label.moved(by));
    }
}
