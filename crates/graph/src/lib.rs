//! Definitions and executions as pictures: where each state and each transition of a definition lies, what an
//! execution has done there, and both as SVG.
//!
//! A definition is read as it is, also one that does not compile yet: a designer wants to see what is there, and
//! what is missing ([`Layout::problems`]). The same definition always has the same layout. Never here: a clock,
//! files, fonts, what a definition means.

mod condition;
mod definition;
mod detail;
mod layered;
mod layout;
mod place;
mod status;
mod svg;
mod text;

pub use definition::{CONTAINERS_DEEP_MAX, Problem, STATES_MAX, StateType, TRANSITIONS_MAX, TooLarge};
pub use layout::{Edge, EdgeKind, Label, Layout, Node, NodeKind, Point, Rect, Size};
pub use status::{Iterations, StateStatus, Status, Statuses};
pub use svg::svg;
