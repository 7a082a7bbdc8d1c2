//! Rendering: a walk over the nodes of a compiled template.
//!
//! Never here: what a method does (`methods`), how a value prints (`print`).

mod expression;
mod macros;
mod reference;

use std::borrow::Cow;
use std::sync::Arc;

use json::Text;

use crate::Returned;
use crate::ast::{Block, Foreach, Macro, Node, Print};
use crate::dialect::Dialect;
use crate::error::{Failure, Position, Problem, Result};
use crate::heap::{Heap, Loop, Thing};
use crate::host::Host;
use crate::names::Names;
use crate::parse;
use crate::value::Value;

/// Calls of macros within each other, as in Velocity.
const CALLS_MAX: usize = 20;

/// What a template is rendered with, and what has become of it so far.
pub(crate) struct Renderer<'r> {
    pub(crate) heap: &'r mut Heap,
    pub(crate) host: &'r mut dyn Host,
    pub(crate) dialect: &'r Dialect,
    /// The names of the variables, and what they hold. `#evaluate` adds to both.
    pub(crate) names: Cow<'r, Names>,
    pub(crate) variables: Vec<Value>,
    /// Values for names that the template does not have; `#evaluate` may.
    pub(crate) unused: Vec<(Text, Value)>,
    pub(crate) macros: Cow<'r, [Arc<Macro>]>,
    pub(crate) out: String,
    pub(crate) returned: Option<Returned>,
    /// The last place that was passed: what fails without a place of its own has failed behind it.
    pub(crate) place: Position,
    calls: Vec<macros::Call>,
    /// The macro call whose body is being rendered, by its place in `calls`.
    current: Option<usize>,
}

/// How a rendering goes on behind a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Next,
    /// `#break`: out of the innermost loop, macro or `#evaluate`.
    Break,
    /// `#stop`, `#return`: the end.
    Stop,
}

impl<'r> Renderer<'r> {
    pub(crate) fn new(
        heap: &'r mut Heap,
        host: &'r mut dyn Host,
        dialect: &'r Dialect,
        names: &'r Names,
        macros: &'r [Arc<Macro>],
    ) -> Renderer<'r> {
        Renderer {
            heap,
            host,
            dialect,
            names: Cow::Borrowed(names),
            variables: vec![Value::Null; names.len()],
            unused: Vec::new(),
            macros: Cow::Borrowed(macros),
            out: String::new(),
            returned: None,
            place: Position { line: 1, column: 1 },
            calls: Vec::new(),
            current: None,
        }
    }

    pub(crate) fn bind(&mut self, name: &str, value: Value) {
        match self.names.find(name) {
            Some(slot) => self.variables[slot] = value,
            None => self.unused.push((Text::new(name), value)),
        }
    }

    pub(crate) fn block(&mut self, block: &[Node]) -> Result<Flow> {
        self.heap.meter.descend()?;
        let mut flow = Flow::Next;
        for node in block {
            self.heap.meter.steps(1)?;
            flow = self.node(node)?;
            if flow != Flow::Next {
                break;
            }
        }
        self.heap.meter.rise();
        Ok(flow)
    }

    fn node(&mut self, node: &Node) -> Result<Flow> {
        match node {
            Node::Text(text) => self.emit(text)?,
            Node::Print(print) => {
                self.place = print.reference.position;
                return self.print(print).map_err(|failure| failure.at(print.reference.position));
            }
            Node::Set(set) => {
                let position = set.target.position;
                self.place = position;
                let value = self.evaluate(&set.value).map_err(|failure| failure.at(position))?;
                // What has no value leaves the old one where it is. (spec/vtl.md §4)
                if !value.is_null() {
                    self.assign(&set.target, value).map_err(|failure| failure.at(position))?;
                }
            }
            Node::If(branches) => {
                for (condition, body) in branches {
                    let taken = match condition {
                        Some(condition) => self.evaluate(condition)?.is_true(),
                        None => true,
                    };
                    if taken {
                        return self.block(body);
                    }
                }
            }
            Node::Foreach(foreach) => return self.foreach(foreach),
            Node::Call(call) => {
                self.place = call.position;
                return self.call(call).map_err(|failure| failure.at(call.position));
            }
            Node::Define(slot, body) => {
                let deferred = self.heap.add(Thing::Deferred(body.clone()), 0)?;
                self.set_variable(*slot, deferred)?;
            }
            Node::Evaluate(text, position) => {
                self.place = *position;
                let flow = self.evaluate_text(text).map_err(|failure| failure.at(*position));
                self.place = *position;
                return flow;
            }
            Node::Load(directive, position) => {
                let message = format!("{directive} finds no file, for there are none: write its text here");
                return Err(Failure::new(Problem::Resource, message).at(*position));
            }
            Node::Break => return Ok(Flow::Break),
            Node::Stop => return Ok(Flow::Stop),
            Node::Return(value) => {
                self.returned = Some(match value {
                    Some(value) => Returned::Value(self.evaluate(value)?),
                    None => Returned::Nothing,
                });
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Next)
    }

    /// Appends text to what comes out.
    pub(crate) fn emit(&mut self, text: &str) -> Result<()> {
        self.heap.meter.bytes(text.len())?;
        self.heap.meter.length(self.out.len() + text.len())?;
        self.out.push_str(text);
        Ok(())
    }

    fn print(&mut self, print: &Print) -> Result<Flow> {
        let reference = &print.reference;
        let value = self.reference(reference)?;
        let (kept, escaped) = (print.backslashes / 2, print.backslashes % 2 == 1);
        if escaped || value.is_null() {
            return self.print_source(print, value.is_null(), kept, escaped).map(|()| Flow::Next);
        }
        for _ in 0..kept {
            self.emit("\\")?;
        }
        match &value {
            Value::Text(text) => self.emit(text)?,
            Value::Object(handle) => {
                if let Thing::Deferred(body) = self.heap.thing(*handle) {
                    let body: Block = body.clone();
                    return Ok(match self.block(&body)? {
                        Flow::Stop => Flow::Stop,
                        _ => Flow::Next,
                    });
                }
                self.heap.print(&value, &mut self.out)?;
                self.heap.meter.length(self.out.len())?;
            }
            other => {
                self.heap.print(other, &mut self.out)?;
                self.heap.meter.length(self.out.len())?;
            }
        }
        Ok(Flow::Next)
    }

    /// An escaped reference, or one to nothing. Of a reference to nothing the backslashes stay as they are.
    fn print_source(&mut self, print: &Print, is_null: bool, kept: usize, escaped: bool) -> Result<()> {
        let backslashes = match (is_null, escaped) {
            (true, true) => kept + 1,
            (true, false) => kept * 2,
            (false, _) => kept,
        };
        for _ in 0..backslashes {
            self.emit("\\")?;
        }
        if escaped {
            return self.emit(&print.reference.literal);
        }
        if print.reference.quiet {
            return Ok(());
        }
        // The parameter of a macro prints what the caller wrote.
        match self.argument_source(&print.reference) {
            Some(source) => self.emit(&source),
            None => self.emit(&print.reference.literal),
        }
    }

    fn foreach(&mut self, foreach: &Foreach) -> Result<Flow> {
        let over = self.evaluate(&foreach.over)?;
        let Some(items) = self.heap.elements(&over)? else { return Ok(Flow::Next) };
        if items.is_empty() {
            return Ok(Flow::Next);
        }
        let slots = [foreach.variable, foreach.scope, foreach.count];
        let before = [self.variable(slots[0])?, self.variable(slots[1])?, self.variable(slots[2])?];
        let parent = before[1].clone();
        let state = self.heap.add(Thing::Loop(Loop { index: 0, has_next: false, parent }), 0)?;
        self.set_variable(foreach.scope, state.clone())?;
        let count = items.len();
        let mut flow = Flow::Next;
        for (index, item) in items.into_iter().take(self.dialect.rounds_max).enumerate() {
            self.heap.meter.steps(1)?;
            if let Value::Object(handle) = state
                && let Thing::Loop(state) = self.heap.thing_mut(handle)
            {
                state.index = index;
                state.has_next = index + 1 < count;
            }
            self.set_variable(foreach.variable, item)?;
            self.set_variable(foreach.count, Value::from(index + 1))?;
            flow = self.block(&foreach.body)?;
            if flow != Flow::Next {
                break;
            }
        }
        for (slot, value) in slots.into_iter().zip(before) {
            self.set_variable(slot, value)?;
        }
        Ok(if flow == Flow::Stop { Flow::Stop } else { Flow::Next })
    }

    /// `#evaluate`: the text is a template of its own, with the same variables and macros.
    fn evaluate_text(&mut self, text: &crate::ast::Expression) -> Result<Flow> {
        let text = self.evaluate(text)?;
        if text.is_null() {
            return Ok(Flow::Next);
        }
        let text = self.heap.text(&text)?;
        // Parsing costs more than copying.
        self.heap.meter.steps(8 + text.len() as u64 + self.names.len() as u64)?;
        self.heap.meter.bytes(text.len() * 8)?;
        let parsed = parse::parse(&text, self.dialect, Names::clone(&self.names))
            .map_err(|error| Box::<Failure>::from(error).within_evaluate())?;
        for name in parsed.names.since(self.names.len()) {
            let bound = self.unused.iter().rev().find(|(known, _)| known == name);
            self.variables.push(bound.map(|(_, value)| value.clone()).unwrap_or_default());
        }
        self.names = Cow::Owned(parsed.names);
        for new in parsed.macros {
            let macros = self.macros.to_mut();
            match macros.iter_mut().find(|known| known.name == new.name) {
                Some(known) => *known = new,
                None => macros.push(new),
            }
        }
        Ok(match self.block(&parsed.body).map_err(|failure| failure.within_evaluate())? {
            Flow::Stop => Flow::Stop,
            _ => Flow::Next,
        })
    }
}
