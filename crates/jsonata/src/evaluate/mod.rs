//! Runs a program: one match over its nodes, and the state that all of them share.
//!
//! Never here: clocks, I/O, randomness that is not drawn from the given seed.

mod call;
mod group;
mod operator;
mod path;
mod sort;
mod transform;
mod tuple;

pub(crate) use call::Callback;
pub(crate) use operator::{compare_texts, truth};
pub(crate) use sort::merge_sort;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use json::{Object, Text, Value};

use crate::builtin;
use crate::error::{Failure, Problem, Result};
use crate::frame::Frame;
use crate::function::Function;
use crate::item::{self, Builder, Item, List};
use crate::meter::Meter;
use crate::program::{Call, Node, Pairs, Program, Stage, Target, Variable};
use crate::surroundings::{Budget, Outside, StatesMember, Surroundings};

pub(crate) struct Evaluator<'a> {
    surroundings: &'a dyn Surroundings,
    pub(crate) outside: Outside,
    pub(crate) meter: Rc<Meter>,
    /// `$$`
    root: Item<'a>,
    program: &'a Program,
    /// What the program's global names mean, found out at first use.
    globals: Vec<OnceCell<Item<'a>>>,
    /// Frames that functions hold on to. Kept until the end, because functions in them may hold on to
    /// them in turn, and dropped one by one, so that no long chain of them is dropped recursively.
    captured: RefCell<Vec<Rc<Frame<'a>>>>,
    random: Cell<u128>,
}

/// Where a node is evaluated: what `$` is, and where the variables are.
#[derive(Clone, Copy)]
pub(super) struct Here<'h, 'a> {
    pub(super) context: &'h Item<'a>,
    pub(super) frame: &'h Rc<Frame<'a>>,
}

impl<'h, 'a> Here<'h, 'a> {
    /// The same `$`, with other variables.
    fn within(self, frame: &'h Rc<Frame<'a>>) -> Self {
        Here { frame, ..self }
    }
}

pub(crate) fn evaluate(
    program: &Program,
    input: Option<&Value>,
    surroundings: &dyn Surroundings,
    outside: Outside,
    budget: &mut Budget,
) -> Result<Option<Value>> {
    // One lifetime for all that an item may borrow from.
    fn run<'a>(evaluator: &Evaluator<'a>) -> Result<Option<Value>> {
        let frame = Frame::new(&evaluator.meter, None, evaluator.program.slots)?;
        let here = Here { context: &evaluator.root, frame: &frame };
        let item = evaluator.eval(&evaluator.program.root, here)?.unwrapped();
        frame.clear();
        evaluator.value(item)
    }
    let evaluator = Evaluator {
        surroundings,
        outside,
        meter: Meter::new(*budget),
        root: input.map_or(Item::Nothing, Item::input),
        program,
        globals: program.globals.iter().map(|_| OnceCell::new()).collect(),
        captured: RefCell::new(Vec::new()),
        random: Cell::new(outside.seed),
    };
    let result = run(&evaluator);
    for frame in evaluator.captured.borrow().iter() {
        frame.clear();
    }
    evaluator.meter.left(budget);
    result
}

impl<'a> Evaluator<'a> {
    /// What a node is, here.
    #[inline]
    pub(crate) fn eval(&self, node: &'a Node, here: Here<'_, 'a>) -> Result<Item<'a>> {
        self.meter.steps(1)?;
        match node {
            Node::Constant(value) => Ok(Item::Ref(value)),
            Node::Context => Ok(here.context.clone().unwrapped()),
            Node::Root => Ok(self.root.clone().unwrapped()),
            Node::Global(global) => Ok(self.global(*global)),
            Node::Variable(variable) => Ok(self.variable(variable, here.frame)),
            Node::States(member) => Ok(self.surroundings.states(*member).map_or(Item::Nothing, Item::Ref)),
            Node::Names { start: None, names } => match here.context {
                Item::Ref(value) => self.names_in(value, names),
                context => self.names(context.clone(), names),
            },
            // The most common starts are leaves themselves.
            Node::Names { start: Some(start), names } => match &**start {
                Node::Variable(variable) => self.names(self.variable(variable, here.frame), names),
                Node::States(member) => match self.surroundings.states(*member) {
                    Some(value) => self.names_in(value, names),
                    None => Ok(Item::Nothing),
                },
                start => self.names_of(start, names, here),
            },
            Node::Name(name) => match here.context {
                Item::Ref(value) if !value.is_array() => self.names_in(value, std::slice::from_ref(name)),
                context => self.lookup(context, name),
            },
            _ => {
                self.meter.descend()?;
                let result = self.inner(node, here);
                self.meter.rise();
                result
            }
        }
    }

    /// The nodes that have others below them.
    fn inner(&self, node: &'a Node, here: Here<'_, 'a>) -> Result<Item<'a>> {
        match node {
            Node::Path(path) => self.path(path, here),
            Node::Filtered(inner, stages) => self.filtered(inner, stages, here),
            Node::Grouped(inner, pairs) => self.grouped(inner, pairs, here),
            Node::Keep(inner) => self.keep(inner, here),
            Node::Array { items, constructs } => self.array(items, *constructs, here),
            Node::Object(pairs) => self.object(pairs, here),
            Node::Negate(inner) => self.negate(inner, here),
            Node::Arithmetic(operator, left, right) => self.arithmetic(*operator, left, right, here),
            Node::Equal { negated, left, right } => self.equal(*negated, left, right, here),
            Node::Compare(operator, left, right) => self.compare(*operator, left, right, here),
            Node::In(left, right) => self.contained(left, right, here),
            Node::And(left, right) => self.both(left, right, here),
            Node::Or(left, right) => self.either(left, right, here),
            Node::Concatenate(left, right) => self.concatenate(left, right, here),
            Node::Range(left, right) => self.range(left, right, here),
            Node::Bind { target, value } => self.bind(*target, value, here),
            Node::Condition(condition, then, otherwise) => {
                self.condition(condition, then, otherwise.as_deref(), here)
            }
            Node::Coalesce(left, right) => self.coalesce(left, right, here),
            Node::Default(left, right) => self.default(left, right, here),
            Node::Block { slots, nodes } => self.block(*slots, nodes, here),
            Node::Call(call) => self.call_node(call, here),
            Node::Partial(call) => self.partial(call, here),
            Node::Apply(left, right) => self.apply_node(left, right, here),
            Node::Lambda(_) | Node::Transform(_) | Node::Regex(_) => Ok(self.function(node, here)),
            Node::Wildcard => self.wildcard(here.context),
            Node::Descendants => self.descendants(here.context),
            Node::Ancestor { label, candidates } => Ok(self.ancestor(*label, candidates, here.frame)),
            Node::Constant(_)
            | Node::Context
            | Node::Root
            | Node::Global(_)
            | Node::Variable(_)
            | Node::States(_)
            | Node::Name(_)
            | Node::Names { .. } => unreachable!("eval answers these itself"),
        }
    }

    fn names_of(&self, start: &'a Node, names: &'a [Text], here: Here<'_, 'a>) -> Result<Item<'a>> {
        let start = self.eval(start, here)?;
        self.names(start, names)
    }

    fn filtered(&self, inner: &'a Node, stages: &'a [Stage], here: Here<'_, 'a>) -> Result<Item<'a>> {
        let item = self.eval(inner, here)?;
        Ok(self.stages(stages, item, here.frame)?.collapsed())
    }

    fn grouped(&self, inner: &'a Node, pairs: &'a Pairs, here: Here<'_, 'a>) -> Result<Item<'a>> {
        let item = self.eval(inner, here)?;
        self.group(pairs, &item, here.frame)
    }

    fn both(&self, left: &'a Node, right: &'a Node, here: Here<'_, 'a>) -> Result<Item<'a>> {
        let left = truth(&self.eval(left, here)?);
        Ok(Item::boolean(left && self.second(right, "and", here)?))
    }

    fn either(&self, left: &'a Node, right: &'a Node, here: Here<'_, 'a>) -> Result<Item<'a>> {
        let left = truth(&self.eval(left, here)?);
        Ok(Item::boolean(left || self.second(right, "or", here)?))
    }

    fn condition(
        &self,
        condition: &'a Node,
        then: &'a Node,
        otherwise: Option<&'a Node>,
        here: Here<'_, 'a>,
    ) -> Result<Item<'a>> {
        let chosen = if truth(&self.eval(condition, here)?) { Some(then) } else { otherwise };
        chosen.map_or(Ok(Item::Nothing), |node| self.eval(node, here))
    }

    fn coalesce(&self, left: &'a Node, right: &'a Node, here: Here<'_, 'a>) -> Result<Item<'a>> {
        let item = self.eval(left, here)?;
        if item.is_nothing() { self.eval(right, here) } else { Ok(item) }
    }

    fn default(&self, left: &'a Node, right: &'a Node, here: Here<'_, 'a>) -> Result<Item<'a>> {
        let item = self.eval(left, here)?;
        if truth(&item) { Ok(item) } else { self.eval(right, here) }
    }

    fn call_node(&self, call: &'a Call, here: Here<'_, 'a>) -> Result<Item<'a>> {
        Ok(self.call(call, None, here)?.collapsed())
    }

    fn apply_node(&self, left: &'a Node, right: &'a Node, here: Here<'_, 'a>) -> Result<Item<'a>> {
        Ok(self.apply_operator(left, right, here)?.collapsed())
    }

    /// The nodes that are functions.
    fn function(&self, node: &'a Node, here: Here<'_, 'a>) -> Item<'a> {
        let function = match node {
            Node::Lambda(lambda) => {
                self.capture(here.frame);
                Function::Lambda { lambda, frame: here.frame.clone(), context: here.context.clone() }
            }
            Node::Transform(transform) => {
                self.capture(here.frame);
                Function::Transform { transform, frame: here.frame.clone() }
            }
            Node::Regex(regex) => Function::Regex(regex),
            _ => return Item::Nothing,
        };
        Item::Function(Rc::new(function))
    }

    /// The right side of `and` and `or`, which is evaluated within the operator: messages of errors
    /// in it name the operator.
    fn second(&self, node: &'a Node, symbol: &str, here: Here<'_, 'a>) -> Result<bool> {
        let item = self.eval(node, here).map_err(|failure| failure.token(symbol))?;
        Ok(truth(&item))
    }

    fn block(&self, slots: usize, nodes: &'a [Node], here: Here<'_, 'a>) -> Result<Item<'a>> {
        let inner = self.block_frame(slots, here.frame)?;
        let mut last = Item::Nothing;
        for node in nodes {
            last = self.eval(node, here.within(&inner))?;
        }
        Ok(last)
    }

    /// A block that binds nothing needs no frame of its own.
    fn block_frame(&self, slots: usize, frame: &Rc<Frame<'a>>) -> Result<Rc<Frame<'a>>> {
        if slots == 0 { Ok(frame.clone()) } else { Frame::new(&self.meter, Some(frame), slots) }
    }

    fn bind(&self, target: Target, value: &'a Node, here: Here<'_, 'a>) -> Result<Item<'a>> {
        let item = self.eval(value, here)?;
        if let Target::Place(place) = target {
            here.frame.set(place, item.clone());
        }
        Ok(item)
    }

    fn keep(&self, inner: &'a Node, here: Here<'_, 'a>) -> Result<Item<'a>> {
        // The sequence must not have become its only item before it is marked.
        let item = match inner {
            Node::Call(call) => self.call(call, None, here)?,
            Node::Filtered(inner, stages) => {
                let item = self.eval(inner, here)?;
                self.stages(stages, item, here.frame)?
            }
            Node::Apply(left, right) => self.apply_operator(left, right, here)?,
            Node::Range(left, right) => self.range(left, right, here)?,
            _ => self.eval(inner, here)?,
        };
        if let Item::List(list) = &item
            && list.sequence
        {
            list.keep_singleton.set(true);
        }
        Ok(item.collapsed())
    }

    /// Keeps a frame, and those around it, until the end: a function is about to hold on to it.
    fn capture(&self, frame: &Rc<Frame<'a>>) {
        let mut next = Some(frame);
        while let Some(frame) = next {
            if frame.captured.replace(true) {
                break;
            }
            self.captured.borrow_mut().push(frame.clone());
            next = frame.parent();
        }
    }

    #[inline]
    fn variable(&self, variable: &Variable, frame: &Rc<Frame<'a>>) -> Item<'a> {
        for candidate in &variable.candidates {
            if let Some(item) = frame.out(candidate.depth).and_then(|frame| frame.get(candidate.place)) {
                return item;
            }
        }
        variable.global.map_or(Item::Nothing, |global| self.global(global))
    }

    fn ancestor(&self, label: u32, candidates: &[u16], frame: &Rc<Frame<'a>>) -> Item<'a> {
        let place = crate::program::Place::Binding(label);
        let mut found = candidates.iter().filter_map(|depth| frame.out(*depth)?.get(place));
        found.next().unwrap_or_default()
    }

    fn global(&self, global: usize) -> Item<'a> {
        self.globals[global].get_or_init(|| self.resolve(&self.program.globals[global].name)).clone()
    }

    fn resolve(&self, name: &str) -> Item<'a> {
        if let Some(value) = self.surroundings.variable(name) {
            return Item::Ref(value);
        }
        if name == "states" {
            let members = StatesMember::ALL.into_iter();
            let members =
                members.filter_map(|member| Some((member.name(), self.surroundings.states(member)?.clone())));
            return Item::Own(Value::Object(members.collect::<Object>()));
        }
        builtin::find(name)
            .map_or(Item::Nothing, |builtin| Item::Function(Rc::new(Function::Builtin(builtin))))
    }

    /// Fresh random bits. The same seed draws the same ones.
    pub(crate) fn random(&self) -> u64 {
        // SplitMix64 over both halves of the seed: any seed will do, and equal ones draw the same.
        let state = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        self.random.set(state);
        let mut mixed = (state >> 64) as u64 ^ (state as u64).rotate_left(32);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn builder(&self) -> Result<Builder<'a>> {
        Builder::new(&self.meter)
    }

    pub(crate) fn sequence_of(&self, item: Item<'a>) -> Result<Item<'a>> {
        let mut builder = Builder::with_capacity(&self.meter, 1)?;
        builder.push(item)?;
        builder.into_sequence()
    }

    /// The JSON that an item is in the end; sequences have become arrays.
    fn value(&self, item: Item<'a>) -> Result<Option<Value>> {
        Ok(match item {
            Item::Nothing => None,
            Item::Ref(value) => Some(value.clone()),
            Item::Own(value) => Some(item::normal(value)),
            Item::List(list) => {
                let len = list.len();
                self.meter.steps(len as u64)?;
                self.meter.take(len.saturating_mul(std::mem::size_of::<Value>()))?;
                let mut values = Vec::with_capacity(len);
                let items = match Rc::try_unwrap(list) {
                    Ok(list) => list.into_items(),
                    Err(list) => (0..len).map(|index| list.at(index)).collect(),
                };
                for item in items {
                    values.push(match item {
                        Item::Ref(value) => value.clone(),
                        // An array cannot hold nothing.
                        item => self.value(item)?.unwrap_or_default(),
                    });
                }
                Some(Value::Array(values.into()))
            }
            Item::Record(record) => {
                let len = record.members.len();
                self.meter.steps(len as u64)?;
                self.meter.take(len.saturating_mul(48))?;
                let members = match Rc::try_unwrap(record) {
                    Ok(record) => record.members,
                    Err(record) => record.members.clone(),
                };
                let mut object = Vec::with_capacity(len);
                for (name, item) in members {
                    if let Some(value) = self.value(item)? {
                        object.push((name, value));
                    }
                }
                Some(Value::Object(object.into_iter().collect()))
            }
            Item::Function(_) => {
                return Err(Failure::of(Problem::UnsupportedResult, "the result is a function"));
            }
        })
    }

    /// A new sequence of the integers from `first` on, none of which takes memory.
    pub(crate) fn integers(&self, first: i64, len: usize) -> Item<'a> {
        Item::List(Rc::new(List::range(first, len)))
    }
}
