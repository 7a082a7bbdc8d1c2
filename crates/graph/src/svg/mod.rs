//! A layout as SVG: one text that needs nothing else.
//!
//! It follows the reader's light or dark mode by itself, has a title and a description for those who do not see it,
//! and shows a status by a mark as well as by colour. Never here: where things lie.

mod icons;
mod lines;
mod style;

use std::fmt::Write;

use crate::definition::StateType;
use crate::layout::{Layout, Node, NodeKind, Rect};
use crate::place::{
    DETAIL_SIZE, HEAD_HEIGHT, LABEL_PADDING, LABEL_SIZE, NAME_WIDTH_SIZE, TEXT_LEFT, text_width,
};
use crate::status::{Iterations, StateStatus, Status, Statuses};
use crate::text;

/// The side of the square with a type's icon, and its distance to the left border.
const ICON_BOX: f64 = 28.0;
const ICON_LEFT: f64 = 12.0;
/// The radius of a status's mark, which sits on the upper right corner.
const MARK_RADIUS: f64 = 9.0;

/// Draws a layout; with statuses, coloured by what an execution has done. `title` says what it is a picture of.
pub fn svg(layout: &Layout, statuses: Option<&Statuses>, title: &str) -> String {
    // A state takes about 1,200 bytes.
    let mut out = String::with_capacity(8_000 + 1_500 * layout.nodes.len());
    let (width, height) = (layout.size.width.ceil(), layout.size.height.ceil());
    let states = layout.nodes.iter().filter(|node| matches!(node.kind, NodeKind::State(_))).count();
    let class = if statuses.is_some() { "execution" } else { "definition" };
    write(
        &mut out,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title description\" class=\"{class}\">\n\
             <title id=\"title\">{}</title>\n<desc id=\"description\">{states} states, {} transitions, from top to bottom.\
             </desc>\n<style>\n{}</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n",
            Escaped(title),
            layout.edges.len(),
            style::sheet(),
        ),
    );
    let picture = Picture { statuses };
    // Containers come before what is in them, so they lie below; lines lie on containers and below boxes.
    let (containers, boxes): (Vec<&Node>, Vec<&Node>) =
        layout.nodes.iter().partition(|node| node.is_container);
    containers.into_iter().for_each(|node| picture.node(&mut out, node));
    lines::lines(&mut out, layout, statuses);
    boxes.into_iter().for_each(|node| picture.node(&mut out, node));
    lines::labels(&mut out, layout);
    out.push_str("</svg>\n");
    out
}

struct Picture<'p> {
    statuses: Option<&'p Statuses>,
}

impl Picture<'_> {
    fn node(&self, out: &mut String, node: &Node) {
        match node.kind {
            NodeKind::Start => self.end_of_flow(out, node, "start", "Start"),
            NodeKind::End => self.end_of_flow(out, node, "end", "End"),
            NodeKind::Missing => missing(out, node),
            NodeKind::State(state_type) => self.state(out, node, state_type),
        }
    }

    /// Where a flow begins or ends: with a word at the top, a point in a container.
    fn end_of_flow(&self, out: &mut String, node: &Node, class: &str, word: &str) {
        let Rect { x, y, width, height } = node.rect;
        let (middle, radius) = (x + width / 2.0, height / 2.0);
        if node.parent.is_some() {
            let radius = if node.kind == NodeKind::End { radius - 1.0 } else { radius - 2.0 };
            write(
                out,
                format_args!(
                    "<circle class=\"point {class}\" cx=\"{}\" cy=\"{}\" r=\"{radius}\"><title>{word}</title></circle>\n",
                    Px(middle),
                    Px(y + height / 2.0)
                ),
            );
            return;
        }
        write(
            out,
            format_args!(
                "<g class=\"terminal {class}\"><rect x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\" \
                 rx=\"{radius}\"/><text x=\"{}\" y=\"{}\">{word}</text></g>\n",
                Px(x),
                Px(y),
                Px(middle),
                Px(y + height / 2.0 + 4.0)
            ),
        );
    }

    fn state(&self, out: &mut String, node: &Node, state_type: StateType) {
        let status = self.statuses.and_then(|statuses| statuses.state(&node.name));
        let class = match (self.statuses, status) {
            (None, _) => "",
            (Some(_), None) => " not-reached",
            (Some(_), Some(status)) => status_class(status.status),
        };
        let Rect { x, y, width, height } = node.rect;
        let shape = if node.is_container { "container" } else { "state" };
        write(
            out,
            format_args!(
                "<g class=\"{shape} {}{class}\" role=\"group\" aria-label=\"{}\"><title>{}</title>\n\
                 <rect class=\"box\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"10\"/>\n",
                state_type.name().to_lowercase(),
                Escaped(&node.name),
                Escaped(&self.words(node, state_type, status)),
                Px(x),
                Px(y),
                Px(width),
                Px(height)
            ),
        );
        head(out, node, state_type, status);
        if let Some(status) = status {
            mark(out, x + width - 6.0, y + 6.0, status.status);
        }
        out.push_str("</g>\n");
    }

    /// All that there is to say of a state, for a tooltip and for those who hear it.
    fn words(&self, node: &Node, state_type: StateType, status: Option<&StateStatus>) -> String {
        let mut words = format!("{} ({})", node.name, state_type.name());
        if !node.detail.is_empty() {
            words += &format!(": {}", node.detail);
        }
        if self.statuses.is_none() {
            return words;
        }
        let Some(status) = status else { return words + ". Not reached" };
        words += &format!(". {}", status_words(status.status));
        if status.visits > 1 {
            words += &format!(", {} visits", status.visits);
        }
        if status.retries > 0 {
            words += &format!(", retried {}", times(status.retries));
        }
        if let Some(iterations) = status.iterations {
            words += &format!(", {}", iteration_words(iterations));
        }
        if let Some(error) = &status.error {
            words += &format!(", {error}");
        }
        words
    }
}

/// Icon, name, and the words below it.
fn head(out: &mut String, node: &Node, state_type: StateType, status: Option<&StateStatus>) {
    let Rect { x, y, height, .. } = node.rect;
    let height = if node.is_container { HEAD_HEIGHT } else { height };
    let (icon_x, icon_y) = (x + ICON_LEFT, y + (height - ICON_BOX) / 2.0);
    let room = text_width(node.rect, node.retries);
    let below = below(node, state_type, status);
    write(
        out,
        format_args!(
            "<rect class=\"tile\" x=\"{}\" y=\"{}\" width=\"{ICON_BOX}\" height=\"{ICON_BOX}\" rx=\"7\"/>\
             <path class=\"icon\" transform=\"translate({} {})\" d=\"{}\"/>\n\
             <text class=\"name\" x=\"{}\" y=\"{}\">{}</text><text class=\"detail\" x=\"{}\" y=\"{}\">{}</text>\n",
            Px(icon_x),
            Px(icon_y),
            Px(icon_x + 6.0),
            Px(icon_y + 6.0),
            icons::of(state_type),
            Px(x + TEXT_LEFT),
            Px(y + height / 2.0 - 3.0),
            Escaped(&text::cut(&node.name, NAME_WIDTH_SIZE, room)),
            Px(x + TEXT_LEFT),
            Px(y + height / 2.0 + 14.0),
            Escaped(&text::cut(&below, DETAIL_SIZE, room)),
        ),
    );
    if node.retries {
        write(
            out,
            format_args!(
                "<path class=\"icon retries\" transform=\"translate({} {})\" d=\"{}\"><title>It has retriers</title></path>\n",
                Px(x + node.rect.width - 25.0),
                Px(y + height / 2.0 - 6.0),
                icons::RETRIES
            ),
        );
    }
}

/// Of an execution what has happened, if that is worth a word; otherwise what the state does.
fn below(node: &Node, state_type: StateType, status: Option<&StateStatus>) -> String {
    let Some(status) = status else {
        return if node.detail.is_empty() { state_type.name().to_owned() } else { node.detail.clone() };
    };
    let mut words = Vec::new();
    if let Some(iterations) = status.iterations {
        words.push(iteration_words(iterations));
    }
    if status.retries > 0 {
        words.push(format!("retried {}", times(status.retries)));
    }
    if let Some(error) = status.error.as_ref().filter(|_| status.status != Status::Succeeded) {
        words.push(error.to_string());
    }
    if status.visits > 1 {
        words.push(format!("{} visits", status.visits));
    }
    if words.is_empty() { below(node, state_type, None) } else { words.join(" · ") }
}

fn missing(out: &mut String, node: &Node) {
    let Rect { x, y, width, height } = node.rect;
    write(
        out,
        format_args!(
            "<g class=\"state missing\"><title>{name}: there is no such state</title>\
             <rect class=\"box\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"10\"/>\
             <path class=\"icon\" transform=\"translate({} {})\" d=\"{}\"/>\
             <text class=\"name\" x=\"{}\" y=\"{}\">{}</text><text class=\"detail\" x=\"{}\" y=\"{}\">no such state</text></g>\n",
            Px(x),
            Px(y),
            Px(width),
            Px(height),
            Px(x + ICON_LEFT + 6.0),
            Px(y + height / 2.0 - 8.0),
            icons::of(StateType::Unknown),
            Px(x + TEXT_LEFT),
            Px(y + height / 2.0 - 3.0),
            Escaped(&text::cut(&node.name, NAME_WIDTH_SIZE, text_width(node.rect, false))),
            Px(x + TEXT_LEFT),
            Px(y + height / 2.0 + 14.0),
            name = Escaped(&node.name),
        ),
    );
}

/// A status as a sign: nobody needs to see colours.
fn mark(out: &mut String, x: f64, y: f64, status: Status) {
    write(
        out,
        format_args!(
            "<g class=\"mark\" transform=\"translate({} {})\"><circle r=\"{MARK_RADIUS}\"/><path d=\"{}\"/></g>\n",
            Px(x),
            Px(y),
            icons::of_status(status)
        ),
    );
}

fn status_class(status: Status) -> &'static str {
    match status {
        Status::Succeeded => " succeeded",
        Status::Caught => " caught",
        Status::Aborted => " aborted",
        Status::Failed => " failed",
        Status::Running => " running",
    }
}

fn status_words(status: Status) -> &'static str {
    match status {
        Status::Succeeded => "Succeeded",
        Status::Caught => "Its error was caught",
        Status::Aborted => "Aborted",
        Status::Failed => "Failed",
        Status::Running => "Running",
    }
}

/// `7 of 10 done, 1 failed, 2 running`
fn iteration_words(iterations: Iterations) -> String {
    let Iterations { total, running, succeeded, failed, aborted } = iterations;
    let mut words = format!("{} of {total} done", succeeded + failed + aborted);
    for (count, what) in [(failed, "failed"), (aborted, "aborted"), (running, "running")] {
        if count > 0 {
            words += &format!(", {count} {what}");
        }
    }
    words
}

fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}

/// A text in XML. What XML 1.0 cannot hold, such as most control characters, becomes U+FFFD.
struct Escaped<'t>(&'t str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\t' | '\n' | '\r' => f.write_char(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}'),
            other => f.write_char(other),
        })
    }
}

/// Pixels, to a tenth.
#[derive(Clone, Copy)]
struct Px(f64);

impl std::fmt::Display for Px {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", (self.0 * 10.0).round() / 10.0)
    }
}

fn write(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    out.write_fmt(arguments).expect("writing to a String");
}

/// How a label's text is cut to its room.
fn label_text(text: &str, rect: Rect) -> String {
    text::cut(text, LABEL_SIZE, rect.width - 2.0 * LABEL_PADDING + 0.5)
}

#[cfg(test)]
mod tests;
