//! Calls: of built-in functions, of the expression's own, in tail position without growing.

use std::rc::Rc;

use super::{Evaluator, Here, truth};
use crate::builtin::{self, Builtin};
use crate::error::{Failure, Result};
use crate::frame::Frame;
use crate::function::Function;
use crate::item::{Item, check_depth};
use crate::matches;
use crate::program::{Call, Lambda, Node};
use crate::stringify::shown;

/// What the body of a function comes to: a value, or a call that takes its place.
enum Tail<'a> {
    Done(Item<'a>),
    Call { function: Rc<Function<'a>>, arguments: Vec<Item<'a>>, call: &'a Call },
}

impl<'a> Evaluator<'a> {
    /// A call; `first` comes before its arguments. The result may be a sequence of one.
    pub(super) fn call(
        &self,
        call: &'a Call,
        first: Option<Item<'a>>,
        here: Here<'_, 'a>,
    ) -> Result<Item<'a>> {
        let procedure = self.eval(&call.procedure, here)?;
        if let Item::Function(function) = &procedure
            && let Function::Builtin(builtin) = &**function
        {
            // The most common call: few arguments, which need no memory of their own.
            let mut few: [Item<'a>; 4] = Default::default();
            let count = call.arguments.len() + usize::from(first.is_some());
            if count <= few.len() {
                let mut places = few.iter_mut().take(count);
                if let Some(first) = first
                    && let Some(place) = places.next()
                {
                    *place = first;
                }
                for (place, argument) in places.zip(&call.arguments) {
                    if let Some(node) = argument {
                        *place = self.eval(node, here)?;
                    }
                }
                return self
                    .call_builtin(builtin, &mut few[..count], here.context)
                    .map_err(|failure| named(failure, call));
            }
            let arguments = self.arguments(call, first, here)?;
            return self
                .apply_builtin(builtin, arguments, here.context)
                .map_err(|failure| named(failure, call));
        }
        let arguments = self.arguments(call, first, here)?;
        let function = self.callee(procedure, call, here, "T1005", "T1006")?;
        self.apply(&function, arguments, here.context).map_err(|failure| named(failure, call))
    }

    fn arguments(
        &self,
        call: &'a Call,
        first: Option<Item<'a>>,
        here: Here<'_, 'a>,
    ) -> Result<Vec<Item<'a>>> {
        let mut arguments = Vec::with_capacity(call.arguments.len() + 1);
        arguments.extend(first);
        for argument in call.arguments.iter().flatten() {
            arguments.push(self.eval(argument, here)?);
        }
        Ok(arguments)
    }

    /// The function to call, or the error for what is none.
    fn callee(
        &self,
        procedure: Item<'a>,
        call: &'a Call,
        here: Here<'_, 'a>,
        perhaps: &'static str,
        none: &'static str,
    ) -> Result<Rc<Function<'a>>> {
        if let Item::Function(function) = procedure {
            return Ok(function);
        }
        let name = call.name.as_deref().unwrap_or_default();
        if procedure.is_nothing()
            && let Some(meant) = &call.meant
        {
            let meant = self.eval(meant, here)?;
            if truth(&meant) || meant.as_function().is_some() {
                return Err(Failure::new(perhaps).token(name));
            }
        }
        Err(Failure::new(none).token(name))
    }

    fn call_builtin(
        &self,
        builtin: &'static Builtin,
        arguments: &mut [Item<'a>],
        context: &Item<'a>,
    ) -> Result<Item<'a>> {
        if builtin::signature(builtin).check_in_place(arguments) {
            return (builtin.run)(self, arguments, context);
        }
        self.apply_builtin(builtin, arguments.to_vec(), context)
    }

    fn apply_builtin(
        &self,
        builtin: &'static Builtin,
        arguments: Vec<Item<'a>>,
        context: &Item<'a>,
    ) -> Result<Item<'a>> {
        let arguments = builtin::signature(builtin).check(arguments, context)?;
        (builtin.run)(self, &arguments, context)
    }

    /// Calls a function. `context` stands in for arguments that its signature takes from there.
    pub(crate) fn apply(
        &self,
        function: &Rc<Function<'a>>,
        arguments: Vec<Item<'a>>,
        context: &Item<'a>,
    ) -> Result<Item<'a>> {
        let (mut function, mut arguments) = (function.clone(), arguments);
        let mut tail: Option<&'a Call> = None;
        loop {
            self.meter.steps(1)?;
            let Function::Lambda { lambda, frame, context: defined_in } = &*function else {
                let result = self.apply_other(&function, arguments, context);
                return result.map_err(|failure| tail.map_or(failure.clone(), |call| named(failure, call)));
            };
            if let Some(signature) = &lambda.signature {
                arguments = signature.check(arguments, context)?;
            }
            let inner = self.lambda_frame(lambda, frame)?;
            if lambda.slots > 0 {
                inner.restart(arguments.into_iter(), lambda.parameters);
            }
            match self.tail(&lambda.body, Here { context: defined_in, frame: &inner })? {
                Tail::Done(item) => return Ok(item),
                Tail::Call { function: next, arguments: more, call } => {
                    function = next;
                    arguments = more;
                    tail = Some(call);
                }
            }
        }
    }

    fn lambda_frame(&self, lambda: &'a Lambda, frame: &Rc<Frame<'a>>) -> Result<Rc<Frame<'a>>> {
        if lambda.slots == 0 { Ok(frame.clone()) } else { Frame::new(&self.meter, Some(frame), lambda.slots) }
    }

    /// The body of a function, up to the call that is its value.
    fn tail(&self, node: &'a Node, here: Here<'_, 'a>) -> Result<Tail<'a>> {
        match node {
            Node::Condition(condition, then, otherwise) => {
                self.meter.steps(1)?;
                self.meter.descend()?;
                let tail = if truth(&self.eval(condition, here)?) {
                    self.tail(then, here)?
                } else {
                    match otherwise {
                        Some(node) => self.tail(node, here)?,
                        None => Tail::Done(Item::Nothing),
                    }
                };
                self.meter.rise();
                Ok(tail)
            }
            Node::Block { slots, nodes } => {
                let Some((last, before)) = nodes.split_last() else { return Ok(Tail::Done(Item::Nothing)) };
                self.meter.steps(1)?;
                self.meter.descend()?;
                let inner = self.block_frame(*slots, here.frame)?;
                for node in before {
                    self.eval(node, here.within(&inner))?;
                }
                let tail = self.tail(last, here.within(&inner))?;
                self.meter.rise();
                Ok(tail)
            }
            Node::Call(call) => {
                self.meter.steps(1)?;
                self.meter.descend()?;
                let procedure = self.eval(&call.procedure, here)?;
                let arguments = self.arguments(call, None, here)?;
                let function = self.callee(procedure, call, here, "T1005", "T1006")?;
                self.meter.rise();
                Ok(Tail::Call { function, arguments, call })
            }
            _ => Ok(Tail::Done(self.eval(node, here)?)),
        }
    }

    fn apply_other(
        &self,
        function: &Rc<Function<'a>>,
        arguments: Vec<Item<'a>>,
        context: &Item<'a>,
    ) -> Result<Item<'a>> {
        self.meter.descend()?;
        let result = match &**function {
            Function::Builtin(builtin) => self.apply_builtin(builtin, arguments, context),
            Function::Partial { function, arguments: bound, .. } => {
                let mut given = arguments.into_iter();
                let filled = bound.iter().map(|argument| match argument {
                    Some(item) => item.clone(),
                    None => given.next().unwrap_or_default(),
                });
                self.apply(function, filled.collect(), context)
            }
            Function::Chain { first, second, .. } => {
                let item = self.apply(first, arguments, context)?.collapsed();
                self.apply(second, vec![item], context)
            }
            Function::Regex(regex) => match arguments.first().and_then(Item::as_text) {
                Some(text) => matches::first(self, regex, text, 0),
                None => Ok(Item::Nothing),
            },
            Function::NextMatch { regex, text, from } => matches::first(self, regex, text, *from),
            Function::Transform { transform, frame } => {
                let input = arguments.into_iter().next().unwrap_or_default();
                self.transform(transform, input, frame)
            }
            Function::Lambda { .. } => unreachable!("apply runs these itself"),
        };
        self.meter.rise();
        result
    }

    pub(super) fn partial(&self, call: &'a Call, here: Here<'_, 'a>) -> Result<Item<'a>> {
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            arguments.push(match argument {
                Some(node) => Some(self.eval(node, here)?),
                None => None,
            });
        }
        let procedure = self.eval(&call.procedure, here)?;
        let function = self.callee(procedure, call, here, "T1007", "T1008")?;
        self.meter.take(64 + arguments.len() * 32)?;
        let deepest = arguments.iter().flatten().map(Item::depth).max().unwrap_or(0);
        let depth = 1 + deepest.max(function.depth());
        check_depth(depth)?;
        Ok(Item::Function(Rc::new(Function::Partial { function, arguments, depth })))
    }

    /// `left ~> right`: a call with one more argument in front, or two functions made one.
    pub(super) fn apply_operator(
        &self,
        left: &'a Node,
        right: &'a Node,
        here: Here<'_, 'a>,
    ) -> Result<Item<'a>> {
        let item = self.eval(left, here)?;
        let mut right = right;
        // A call takes the value, and what stands behind the call is not looked at.
        while let Node::Keep(inner) | Node::Filtered(inner, _) | Node::Grouped(inner, _) = right
            && matches!(innermost(inner), Node::Call(_))
        {
            right = inner;
        }
        if let Node::Call(call) = right {
            return self.call(call, Some(item), here);
        }
        let procedure = self.eval(right, here)?;
        let Item::Function(function) = procedure else {
            return Err(Failure::new("T2006").token("~>").value(shown(&procedure)));
        };
        if let Item::Function(first) = item {
            let depth = 1 + first.depth().max(function.depth());
            check_depth(depth)?;
            self.meter.take(64)?;
            return Ok(Item::Function(Rc::new(Function::Chain { first, second: function, depth })));
        }
        self.apply(&function, vec![item], &Item::Nothing)
    }
}

/// A node without the filters and groups behind it.
fn innermost(node: &Node) -> &Node {
    match node {
        Node::Keep(inner) | Node::Filtered(inner, _) | Node::Grouped(inner, _) => innermost(inner),
        node => node,
    }
}

/// An error that knows no function yet happened in this one.
fn named(mut failure: Box<Failure>, call: &Call) -> Box<Failure> {
    if failure.token.is_none() {
        failure.token = Some(call.name.as_deref().unwrap_or_default().to_owned());
    }
    failure
}

/// A function that is called again and again with an item, its place and the whole array: one of
/// the expression's own gets the same frame each time, unless something holds on to it.
pub(crate) struct Callback<'a> {
    function: Rc<Function<'a>>,
    arity: usize,
    frame: Option<Rc<Frame<'a>>>,
}

impl<'a> Callback<'a> {
    pub(crate) fn new(function: &Rc<Function<'a>>) -> Callback<'a> {
        Callback { function: function.clone(), arity: function.arity(), frame: None }
    }

    pub(crate) fn arity(&self) -> usize {
        self.arity
    }

    /// Calls it with as many of `most` arguments as it can use, but `least` of them. They are asked for
    /// one by one: most functions use the first one only.
    #[inline]
    pub(crate) fn call(
        &mut self,
        evaluator: &Evaluator<'a>,
        least: usize,
        most: usize,
        argument: impl Fn(usize) -> Item<'a>,
    ) -> Result<Item<'a>> {
        let count = self.arity.clamp(least, most);
        let Function::Lambda { lambda, frame, context } = &*self.function else {
            return evaluator.apply(&self.function, (0..count).map(argument).collect(), &Item::Nothing);
        };
        if lambda.signature.is_some() {
            return evaluator.apply(&self.function, (0..count).map(argument).collect(), &Item::Nothing);
        }
        let inner = match self.frame.take() {
            Some(frame) if Rc::strong_count(&frame) == 1 && !frame.captured.get() && lambda.slots > 0 => {
                frame
            }
            _ => evaluator.lambda_frame(lambda, frame)?,
        };
        if lambda.slots > 0 {
            inner.restart((0..count).map(argument), lambda.parameters);
        }
        evaluator.meter.descend()?;
        let result = match evaluator.tail(&lambda.body, Here { context, frame: &inner })? {
            Tail::Done(item) => Ok(item),
            Tail::Call { function, arguments, call } => {
                evaluator.apply(&function, arguments, &Item::Nothing).map_err(|failure| named(failure, call))
            }
        };
        evaluator.meter.rise();
        self.frame = Some(inner);
        result
    }
}
