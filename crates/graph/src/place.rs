//! Flows inside flows: what is in a container is laid out first, and the container is a box of that size then.
//!
//! Sizes of boxes and labels follow from their texts. Never here: how one flow is laid out.

use json::Text;

use crate::definition::{Flow, State, StateType};
use crate::layered::{self, Drawing, Graph, Link};
use crate::layout::{Edge, EdgeKind, Label, Layout, Node, NodeKind, Point, Rect, Size};
use crate::text;

/// Around the whole.
const MARGIN: f64 = 24.0;
/// Start and End of the machine.
const CIRCLE: Size = Size { width: 56.0, height: 28.0 };
/// Start and end of what is in a container.
const POINT: Size = Size { width: 12.0, height: 12.0 };

/// A state's box: its height, and between which widths it is as wide as its texts.
const STATE_HEIGHT: f64 = 52.0;
const STATE_WIDTHS: (f64, f64) = (148.0, 272.0);
/// What stands left of the texts, and right of them.
pub(crate) const TEXT_LEFT: f64 = 50.0;
pub(crate) const TEXT_RIGHT: f64 = 14.0;
/// Of the sign that a state has retriers.
const RETRIES_WIDTH: f64 = 16.0;
/// The sizes of the letters of a name, of the words below it, and of a label.
pub(crate) const NAME_SIZE: f64 = 13.0;
/// Names are bold, which makes them wider.
pub(crate) const NAME_WIDTH_SIZE: f64 = 1.13 * NAME_SIZE;
pub(crate) const DETAIL_SIZE: f64 = 11.0;
pub(crate) const LABEL_SIZE: f64 = 11.0;

/// A container's head with its name, and the room around what is in it.
pub(crate) const HEAD_HEIGHT: f64 = 52.0;
const PADDING: f64 = 18.0;
/// Between two branches.
const BETWEEN_FLOWS: f64 = 28.0;

const LABEL_HEIGHT: f64 = 20.0;
const LABEL_WIDTH_MAX: f64 = 190.0;
pub(crate) const LABEL_PADDING: f64 = 7.0;

/// Places a whole definition. Its problems are the caller's.
pub(crate) fn place(flow: &Flow) -> Layout {
    let placed = Placed::of(flow);
    let mut layout = Layout {
        size: Size {
            width: placed.drawing.size.width + 2.0 * MARGIN,
            height: placed.drawing.size.height + 2.0 * MARGIN,
        },
        nodes: Vec::new(),
        edges: Vec::new(),
        problems: Vec::new(),
    };
    placed.put_into(&mut layout, Point { x: MARGIN, y: MARGIN }, None);
    layout
}

/// A flow that was laid out, and what is in its containers.
struct Placed<'f> {
    drawing: Drawing,
    nodes: Vec<PlacedNode<'f>>,
    edges: Vec<PlacedEdge<'f>>,
}

struct PlacedNode<'f> {
    id: String,
    kind: NodeKind,
    name: Text,
    state: Option<&'f State>,
    inside: Vec<Placed<'f>>,
}

struct PlacedEdge<'f> {
    id: String,
    from: usize,
    to: usize,
    kind: EdgeKind,
    label: Option<&'f str>,
}

impl<'f> Placed<'f> {
    fn of(flow: &'f Flow) -> Placed<'f> {
        let is_top = flow.id.is_empty();
        let mut nodes = vec![PlacedNode::bare(format!("{}/StartAt", flow.id), NodeKind::Start)];
        nodes.extend(flow.states.iter().map(PlacedNode::of_state));
        let mut edges = Vec::new();
        // States in the order of their names, so that a target is found at once.
        let mut names: Vec<(&Text, usize)> =
            flow.states.iter().enumerate().map(|(place, state)| (&state.name, place + 1)).collect();
        names.sort();
        let mut missing: Vec<(&Text, usize)> = Vec::new();
        let mut end = None;
        let mut target = |name: Option<&'f Text>, nodes: &mut Vec<PlacedNode<'f>>| {
            let Some(name) = name else {
                return *end.get_or_insert_with(|| {
                    nodes.push(PlacedNode::bare(format!("{}/End", flow.id), NodeKind::End));
                    nodes.len() - 1
                });
            };
            if let Ok(found) = names.binary_search_by(|known| known.0.cmp(name)) {
                return names[found].1;
            }
            let known = missing.binary_search_by(|known| known.0.cmp(name));
            known.map(|found| missing[found].1).unwrap_or_else(|place| {
                let id = format!("{}/States/{name}", flow.id);
                nodes.push(PlacedNode { name: name.clone(), ..PlacedNode::bare(id, NodeKind::Missing) });
                missing.insert(place, (name, nodes.len() - 1));
                nodes.len() - 1
            })
        };
        if let Some(start) = &flow.start {
            let to = target(Some(start), &mut nodes);
            edges.push(PlacedEdge {
                id: format!("{}/StartAt", flow.id),
                from: 0,
                to,
                kind: EdgeKind::Start,
                label: None,
            });
        }
        for (place, state) in flow.states.iter().enumerate() {
            for transition in &state.transitions {
                let to = target(transition.target.as_ref(), &mut nodes);
                let (id, kind) = (transition.id.clone(), transition.kind);
                edges.push(PlacedEdge { id, from: place + 1, to, kind, label: transition.label.as_deref() });
            }
        }
        let graph = Graph {
            nodes: nodes.iter().map(|node| node.size(is_top)).collect(),
            links: edges.iter().map(PlacedEdge::link).collect(),
            last: end,
        };
        Placed { drawing: layered::draw(&graph), nodes, edges }
    }

    fn put_into(self, layout: &mut Layout, origin: Point, parent: Option<usize>) {
        let mut places = Vec::with_capacity(self.nodes.len());
        for (node, rect) in self.nodes.into_iter().zip(&self.drawing.nodes) {
            let rect = rect.moved(origin);
            places.push(layout.nodes.len());
            let own = layout.nodes.len();
            layout.nodes.push(Node {
                id: node.id,
                kind: node.kind,
                name: node.name,
                detail: node.state.map_or_else(String::new, |state| state.detail.clone()),
                retries: node.state.is_some_and(|state| state.retries),
                parent,
                is_container: !node.inside.is_empty(),
                rect,
            });
            // A head may be wider than what is below it.
            let mut x = rect.x + (rect.width - flows_width(&node.inside)) / 2.0;
            for flow in node.inside {
                let width = flow.drawing.size.width;
                flow.put_into(layout, Point { x, y: rect.y + HEAD_HEIGHT }, Some(own));
                x += width + BETWEEN_FLOWS;
            }
        }
        for (edge, line) in self.edges.into_iter().zip(self.drawing.lines) {
            let label = edge.label.zip(line.label);
            layout.edges.push(Edge {
                id: edge.id,
                from: places[edge.from],
                to: places[edge.to],
                kind: edge.kind,
                points: line.points.into_iter().map(|point| point.moved(origin)).collect(),
                label: label.map(|(text, rect)| Label { text: text.to_owned(), rect: rect.moved(origin) }),
            });
        }
    }
}

impl<'f> PlacedNode<'f> {
    fn bare(id: String, kind: NodeKind) -> PlacedNode<'f> {
        PlacedNode { id, kind, name: Text::default(), state: None, inside: Vec::new() }
    }

    fn of_state(state: &'f State) -> PlacedNode<'f> {
        PlacedNode {
            id: state.id.clone(),
            kind: NodeKind::State(state.state_type),
            name: state.name.clone(),
            state: Some(state),
            inside: state.inside.iter().map(Placed::of).collect(),
        }
    }

    fn size(&self, is_top: bool) -> Size {
        match self.kind {
            NodeKind::Start | NodeKind::End if is_top => CIRCLE,
            NodeKind::Start | NodeKind::End => POINT,
            NodeKind::State(_) | NodeKind::Missing => self.box_size(),
        }
    }

    fn box_size(&self) -> Size {
        let detail = self.state.map_or("", |state| &state.detail);
        let type_name = self.state.map_or(StateType::Unknown, |state| state.state_type).name();
        let below = if detail.is_empty() { type_name } else { detail };
        let words = text::width(&self.name, NAME_WIDTH_SIZE).max(text::width(below, DETAIL_SIZE));
        let retries = if self.state.is_some_and(|state| state.retries) { RETRIES_WIDTH } else { 0.0 };
        let width = (TEXT_LEFT + words + TEXT_RIGHT + retries).clamp(STATE_WIDTHS.0, STATE_WIDTHS.1).ceil();
        if self.inside.is_empty() {
            return Size { width, height: STATE_HEIGHT };
        }
        let height = self.inside.iter().map(|flow| flow.drawing.size.height).fold(0.0, f64::max);
        Size {
            width: width.max(flows_width(&self.inside) + 2.0 * PADDING),
            height: HEAD_HEIGHT + height + PADDING,
        }
    }
}

impl PlacedEdge<'_> {
    fn link(&self) -> Link {
        let label = self.label.map(|label| Size {
            width: (text::width(label, LABEL_SIZE) + 2.0 * LABEL_PADDING).min(LABEL_WIDTH_MAX).ceil(),
            height: LABEL_HEIGHT,
        });
        Link { from: self.from, to: self.to, label, kind: u8::from(self.kind == EdgeKind::Catch) }
    }
}

fn flows_width(flows: &[Placed<'_>]) -> f64 {
    let between = BETWEEN_FLOWS * flows.len().saturating_sub(1) as f64;
    flows.iter().map(|flow| flow.drawing.size.width).sum::<f64>() + between
}

/// Where a state's texts may go, in its box or in its container's head.
pub(crate) fn text_width(rect: Rect, retries: bool) -> f64 {
    rect.width - TEXT_LEFT - TEXT_RIGHT - if retries { RETRIES_WIDTH } else { 0.0 }
}
