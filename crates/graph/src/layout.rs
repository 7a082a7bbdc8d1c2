//! Where everything lies: boxes of states, lines of transitions, in pixels from the upper left corner.
//!
//! Never here: how it is found (that is `layered` and `place`), how it is drawn (`svg`).

use json::{Object, Text, Value};

use crate::definition::{self, Problem, StateType, TooLarge};
use crate::place;
use crate::status::Statuses;

/// A definition laid out, from top to bottom.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Of the whole, margins included.
    pub size: Size,
    /// Containers before what is in them.
    pub nodes: Vec<Node>,
    /// In the order of the text.
    pub edges: Vec<Edge>,
    /// What is missing in the definition.
    pub problems: Vec<Problem>,
}

/// A box.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it is in the definition, as diagnostics say it: `/States/P/Branches[0]/States/A`.
    pub id: String,
    /// What it stands for.
    pub kind: NodeKind,
    /// The state's whole name; empty at the start and the end of a flow.
    pub name: Text,
    /// What the state does, in a few words; may be empty.
    pub detail: String,
    /// Whether the state has retriers.
    pub retries: bool,
    /// Its place in the list of nodes: the Parallel or Map that it is in.
    pub parent: Option<usize>,
    /// Whether it is a Parallel or a Map with something in it.
    pub is_container: bool,
    /// Where it lies.
    pub rect: Rect,
}

/// What a box stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// Where a flow begins: the machine, a branch, the processing of an item.
    Start,
    /// Where a flow ends.
    End,
    /// A state of this type.
    State(StateType),
    /// A state that is named and does not exist.
    Missing,
}

/// A transition.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Where it is in the definition: `/States/A/Choices[0]/Next`.
    pub id: String,
    /// Its place in the list of nodes: where it begins.
    pub from: usize,
    /// Its place in the list of nodes: where it leads.
    pub to: usize,
    /// Why it is taken.
    pub kind: EdgeKind,
    /// The line, from the lower border of one box to the upper border of the other.
    pub points: Vec<Point>,
    /// On which condition or error, and where that is to be written.
    pub label: Option<Label>,
}

/// Why a transition is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    /// `StartAt`.
    Start,
    /// `Next`.
    Next,
    /// A rule of a Choice.
    Choice,
    /// `Default` of a Choice.
    Default,
    /// A catcher.
    Catch,
    /// `End`, and what Succeed and Fail do.
    End,
}

/// Words beside a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// All of them.
    pub text: String,
    /// Where they go; they are cut to its width.
    pub rect: Rect,
}

/// A point, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// Width and height, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Size {
    pub width: f64,
    pub height: f64,
}

/// A rectangle, in pixels: its upper left corner and its size.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Layout {
    /// Lays out a definition, whatever is wrong with it.
    pub fn of(definition: &Value) -> Result<Layout, TooLarge> {
        let (flow, problems) = definition::read(definition)?;
        Ok(Layout { problems, ..place::place(&flow) })
    }

    /// The layout as the API shows it; with statuses, what an execution has done is beside each state and
    /// transition. (docs/graph.md)
    pub fn to_json(&self, statuses: Option<&Statuses>) -> Value {
        let nodes: Value = self.nodes.iter().map(|node| self.node_json(node, statuses)).collect();
        let edges: Value = self.edges.iter().map(|edge| self.edge_json(edge, statuses)).collect();
        let problems = self.problems.iter().map(|problem| {
            json::value!({ "location": (problem.location.as_str()), "message": (problem.message.as_str()) })
        });
        json::value!({
            "width": (number(self.size.width)),
            "height": (number(self.size.height)),
            "nodes": nodes,
            "edges": edges,
            "problems": (problems.collect::<Value>()),
        })
    }

    fn node_json(&self, node: &Node, statuses: Option<&Statuses>) -> Value {
        let mut object = Object::new();
        object.insert("id", node.id.as_str());
        object.insert("kind", node.kind.name());
        if let NodeKind::State(state_type) = node.kind {
            object.insert("type", state_type.name());
        }
        object.insert("name", &node.name);
        if !node.detail.is_empty() {
            object.insert("detail", node.detail.as_str());
        }
        object.insert("retries", node.retries);
        object.insert("container", node.is_container);
        if let Some(parent) = node.parent {
            object.insert("parent", self.nodes[parent].id.as_str());
        }
        put_rect(&mut object, node.rect);
        if let (Some(statuses), NodeKind::State(_)) = (statuses, node.kind) {
            object.insert("execution", statuses.state_json(&node.name));
        }
        Value::from(object)
    }

    fn edge_json(&self, edge: &Edge, statuses: Option<&Statuses>) -> Value {
        let mut object = Object::new();
        object.insert("id", edge.id.as_str());
        object.insert("kind", edge.kind.name());
        object.insert("from", self.nodes[edge.from].id.as_str());
        object.insert("to", self.nodes[edge.to].id.as_str());
        let points = edge.points.iter().map(|point| json::value!([(number(point.x)), (number(point.y))]));
        object.insert("points", points.collect::<Value>());
        if let Some(label) = &edge.label {
            let mut place = Object::new();
            place.insert("text", label.text.as_str());
            put_rect(&mut place, label.rect);
            object.insert("label", place);
        }
        if let Some(statuses) = statuses {
            object.insert("taken", statuses.has_taken(self, edge));
        }
        Value::from(object)
    }
}

impl NodeKind {
    /// As the API names it.
    pub fn name(self) -> &'static str {
        match self {
            NodeKind::Start => "start",
            NodeKind::End => "end",
            NodeKind::State(_) => "state",
            NodeKind::Missing => "missing",
        }
    }
}

impl EdgeKind {
    /// As the API names it.
    pub fn name(self) -> &'static str {
        match self {
            EdgeKind::Start => "start",
            EdgeKind::Next => "next",
            EdgeKind::Choice => "choice",
            EdgeKind::Default => "default",
            EdgeKind::Catch => "catch",
            EdgeKind::End => "end",
        }
    }
}

impl Rect {
    /// The right border.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// The lower border.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    pub(crate) fn moved(self, by: Point) -> Rect {
        Rect { x: self.x + by.x, y: self.y + by.y, ..self }
    }
}

impl Point {
    pub(crate) fn moved(self, by: Point) -> Point {
        Point { x: self.x + by.x, y: self.y + by.y }
    }
}

fn put_rect(object: &mut Object, rect: Rect) {
    object.insert("x", number(rect.x));
    object.insert("y", number(rect.y));
    object.insert("width", number(rect.width));
    object.insert("height", number(rect.height));
}

/// A tenth of a pixel is exact enough.
fn number(pixels: f64) -> Value {
    let tenths = (pixels * 10.0).round();
    if tenths % 10.0 == 0.0 { Value::Int((tenths / 10.0) as i64) } else { Value::Float(tenths / 10.0) }
}
