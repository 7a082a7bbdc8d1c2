//! Macros, and variables as they look from within a call.
//!
//! Arguments are handed over by name: a parameter is evaluated where the caller stands each time it is
//! read, until something is set over it. What is not a parameter is what it is for the caller.

use std::sync::Arc;

use json::Text;

use super::{CALLS_MAX, Flow, Renderer};
use crate::ast::{self, Block, Expression, Reference, Slot};
use crate::error::{Failure, Result};
use crate::heap::Thing;
use crate::value::Value;

/// A macro that is being rendered.
pub(crate) struct Call {
    bindings: Vec<Binding>,
    /// The call within which it was called.
    outer: Option<usize>,
}

struct Binding {
    slot: Slot,
    argument: Argument,
    /// What was set over the argument.
    set: Option<Value>,
}

enum Argument {
    Expression(Arc<[Expression]>, usize),
    /// `$bodyContent`
    Body(Block),
}

impl Renderer<'_> {
    pub(crate) fn call(&mut self, call: &ast::Call) -> Result<Flow> {
        let Some(known) = self.macros.iter().find(|known| known.name == call.name).cloned() else {
            self.emit(&call.literal)?;
            return Ok(Flow::Next);
        };
        self.heap.meter.steps(self.macros.len() as u64 / 16)?;
        if self.calls.len() == CALLS_MAX {
            return Err(Failure::exceeded(format!(
                "More than {CALLS_MAX} macros call each other: #{} may call itself without an end",
                call.name
            )));
        }
        let mut bindings: Vec<_> = (known.parameters.iter().take(call.arguments.len()).enumerate())
            .map(|(index, slot)| Binding {
                slot: *slot,
                argument: Argument::Expression(call.arguments.clone(), index),
                set: None,
            })
            .collect();
        if let Some((slot, body)) = &call.body {
            bindings.push(Binding { slot: *slot, argument: Argument::Body(body.clone()), set: None });
        }
        let outer = self.current;
        self.calls.push(Call { bindings, outer });
        self.current = Some(self.calls.len() - 1);
        let flow = self.block(&known.body);
        self.calls.pop();
        self.current = outer;
        Ok(match flow? {
            Flow::Stop => Flow::Stop,
            _ => Flow::Next,
        })
    }

    /// The value of a variable, as it looks from here.
    pub(crate) fn variable(&mut self, slot: Slot) -> Result<Value> {
        let mut next = self.current;
        while let Some(place) = next {
            self.heap.meter.steps(1)?;
            let call = &self.calls[place];
            next = call.outer;
            let Some(binding) = call.bindings.iter().find(|binding| binding.slot == slot) else { continue };
            if let Some(value) = &binding.set {
                return Ok(value.clone());
            }
            match &binding.argument {
                Argument::Body(block) => {
                    let deferred = Thing::Deferred(block.clone());
                    return self.heap.add(deferred, 0);
                }
                Argument::Expression(arguments, index) => {
                    let (arguments, index) = (arguments.clone(), *index);
                    let value = self.from(next, |this| this.evaluate(&arguments[index]))?;
                    if !value.is_null() {
                        return Ok(value);
                    }
                }
            }
        }
        Ok(self.variables[slot].clone())
    }

    /// Sets a variable, here and for all callers.
    pub(crate) fn set_variable(&mut self, slot: Slot, value: Value) -> Result<()> {
        let mut next = self.current;
        while let Some(place) = next {
            self.heap.meter.steps(1)?;
            let call = &mut self.calls[place];
            if let Some(binding) = call.bindings.iter_mut().find(|binding| binding.slot == slot) {
                binding.set = (!value.is_null()).then(|| value.clone());
            }
            next = call.outer;
        }
        self.variables[slot] = value;
        Ok(())
    }

    /// What the caller wrote for a parameter that is read as it is.
    pub(crate) fn argument_source(&self, reference: &Reference) -> Option<Text> {
        if !reference.steps.is_empty() || reference.literal.starts_with("${") {
            return None;
        }
        let call = &self.calls[self.current?];
        let binding = call.bindings.iter().find(|binding| binding.slot == reference.root)?;
        match &binding.argument {
            Argument::Expression(arguments, index) => match &arguments[*index] {
                Expression::Reference(argument) => Some(argument.literal.clone()),
                _ => None,
            },
            Argument::Body(_) => None,
        }
    }

    /// Does something as it looks from another call.
    fn from<T>(&mut self, call: Option<usize>, act: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.heap.meter.descend()?;
        let here = std::mem::replace(&mut self.current, call);
        let result = act(self);
        self.current = here;
        self.heap.meter.rise();
        result
    }
}
