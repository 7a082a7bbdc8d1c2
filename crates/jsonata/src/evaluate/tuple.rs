//! Paths whose items carry bindings: `@$name`, `#$name` and `%`.

use std::rc::Rc;

use super::{Evaluator, Here};
use crate::error::Result;
use crate::frame::{Bindings, Frame};
use crate::item::Item;
use crate::program::{Action, Node, Path, Stage, Step};

/// An item of a path and what is bound for it.
#[derive(Clone)]
pub(super) struct Tuple<'a> {
    pub(super) item: Item<'a>,
    pub(super) bindings: Bindings<'a>,
}

/// What a step gives: items, or items that bring bindings of their own.
enum Stream<'a> {
    Items(Item<'a>),
    Tuples(Vec<Tuple<'a>>),
}

fn bind<'a>(bindings: &mut Bindings<'a>, number: u32, item: Item<'a>) {
    match bindings.iter_mut().find(|(known, _)| *known == number) {
        Some((_, old)) => *old = item,
        None => bindings.push((number, item)),
    }
}

impl<'a> Evaluator<'a> {
    pub(super) fn tuple_frame(
        &self,
        frame: &Rc<Frame<'a>>,
        bindings: &Bindings<'a>,
    ) -> Result<Rc<Frame<'a>>> {
        Frame::of_bindings(&self.meter, frame, bindings.clone())
    }

    /// The steps from `first` on, for the items that the steps before gave.
    pub(super) fn tuple_steps(
        &self,
        path: &'a Path,
        first: usize,
        plain: Option<Item<'a>>,
        here: Here<'_, 'a>,
    ) -> Result<Vec<Tuple<'a>>> {
        let input = match plain {
            Some(plain) => plain,
            None if here.context.array_len().is_some() && !path.absolute => here.context.clone(),
            None => Item::array_of_one(here.context.clone()),
        };
        let mut tuples: Option<Vec<Tuple<'a>>> = None;
        // Steps with bindings are evaluated further down the stack than others.
        self.meter.descend()?;
        for step in &path.steps[first..] {
            tuples = Some(self.tuple_step(step, &input, tuples, here.frame)?);
        }
        self.meter.rise();
        Ok(tuples.unwrap_or_default())
    }

    fn tuple_step(
        &self,
        step: &'a Step,
        input: &Item<'a>,
        tuples: Option<Vec<Tuple<'a>>>,
        frame: &Rc<Frame<'a>>,
    ) -> Result<Vec<Tuple<'a>>> {
        let tuples = match tuples {
            Some(tuples) => tuples,
            None => self.plain_tuples(input)?,
        };
        let mut out = match &step.action {
            Action::Evaluate(node) => self.tuple_items(step, node, tuples, frame)?,
            Action::Sort(terms) => {
                let mut sorted = self.sort_tuples(terms, tuples, frame)?;
                if let Some(number) = step.index {
                    number_tuples(&mut sorted, number);
                }
                sorted
            }
        };
        for stage in &step.stages {
            match stage {
                Stage::Filter(filter) => out = self.filter_tuples(filter, out, frame)?,
                Stage::Index(number) => number_tuples(&mut out, *number),
            }
        }
        Ok(out)
    }

    fn plain_tuples(&self, input: &Item<'a>) -> Result<Vec<Tuple<'a>>> {
        let len = input.array_len().unwrap_or(0);
        self.count_tuples(len, 0)?;
        Ok((0..len).map(|index| Tuple { item: input.at(index), bindings: Vec::new() }).collect())
    }

    /// Tuples are short-lived, and still many of them must fit.
    fn count_tuples(&self, tuples: usize, bindings: usize) -> Result<()> {
        self.meter.steps(tuples as u64)?;
        self.meter.take(tuples.saturating_mul(128 + 40 * bindings))
    }

    fn tuple_items(
        &self,
        step: &'a Step,
        node: &'a Node,
        tuples: Vec<Tuple<'a>>,
        frame: &Rc<Frame<'a>>,
    ) -> Result<Vec<Tuple<'a>>> {
        let mut out = Vec::new();
        for tuple in tuples {
            let inner = self.tuple_frame(frame, &tuple.bindings)?;
            match self.stream(node, Here { context: &tuple.item, frame: &inner })? {
                Stream::Items(items) => {
                    let single = items.array_len().is_none();
                    let len = if items.is_nothing() { 0 } else { items.array_len().unwrap_or(1) };
                    self.count_tuples(len, tuple.bindings.len() + 2)?;
                    for place in 0..len {
                        let item = if single { items.clone() } else { items.at(place) };
                        let mut bindings = tuple.bindings.clone();
                        let item = match step.focus {
                            Some(number) => {
                                bind(&mut bindings, number, item);
                                tuple.item.clone()
                            }
                            None => item,
                        };
                        finish_bindings(step, &mut bindings, place, &tuple);
                        out.push(Tuple { item, bindings });
                    }
                }
                Stream::Tuples(inner) => {
                    self.count_tuples(inner.len(), tuple.bindings.len() + 2)?;
                    for (place, more) in inner.into_iter().enumerate() {
                        let mut bindings = tuple.bindings.clone();
                        for (number, item) in more.bindings {
                            bind(&mut bindings, number, item);
                        }
                        finish_bindings(step, &mut bindings, place, &tuple);
                        out.push(Tuple { item: more.item, bindings });
                    }
                }
            }
        }
        Ok(out)
    }

    /// A node that may hand on the bindings of a path within it.
    fn stream(&self, node: &'a Node, here: Here<'_, 'a>) -> Result<Stream<'a>> {
        match node {
            Node::Path(path) if path.hands_on_tuples && path.group.is_none() => {
                let Some(first) = path.tuples_from else {
                    return Ok(Stream::Items(self.eval(node, here)?));
                };
                self.meter.descend()?;
                let plain = self.steps_before(path, first, here)?;
                let tuples = match plain {
                    Some(plain) if first > 0 && plain.array_len() == Some(0) => Vec::new(),
                    plain => self.tuple_steps(path, first, plain, here)?,
                };
                self.meter.rise();
                Ok(Stream::Tuples(tuples))
            }
            Node::Block { slots, nodes } => {
                let Some((last, before)) = nodes.split_last() else {
                    return Ok(Stream::Items(Item::Nothing));
                };
                let inner = self.block_frame(*slots, here.frame)?;
                for node in before {
                    self.eval(node, here.within(&inner))?;
                }
                self.meter.descend()?;
                let stream = self.stream(last, here.within(&inner))?;
                self.meter.rise();
                Ok(stream)
            }
            Node::Filtered(inner, stages) => match self.stream(inner, here)? {
                Stream::Items(item) => Ok(Stream::Items(self.stages(stages, item, here.frame)?.collapsed())),
                Stream::Tuples(mut tuples) => {
                    for stage in stages {
                        match stage {
                            Stage::Filter(filter) => {
                                tuples = self.filter_tuples(filter, tuples, here.frame)?
                            }
                            Stage::Index(number) => number_tuples(&mut tuples, *number),
                        }
                    }
                    Ok(Stream::Tuples(tuples))
                }
            },
            _ => Ok(Stream::Items(self.eval(node, here)?)),
        }
    }

    fn filter_tuples(
        &self,
        filter: &'a Node,
        tuples: Vec<Tuple<'a>>,
        frame: &Rc<Frame<'a>>,
    ) -> Result<Vec<Tuple<'a>>> {
        let len = tuples.len();
        let mut out = Vec::new();
        for (index, tuple) in tuples.into_iter().enumerate() {
            let inner = self.tuple_frame(frame, &tuple.bindings)?;
            let answer = self.eval(filter, Here { context: &tuple.item, frame: &inner })?;
            if self.selects(&answer, index, len)? {
                out.push(tuple);
            }
        }
        Ok(out)
    }
}

/// What a step binds besides its items: their number, and what they were found in.
fn finish_bindings<'a>(step: &Step, bindings: &mut Bindings<'a>, place: usize, input: &Tuple<'a>) {
    if let Some(number) = step.index {
        bind(bindings, number, Item::count(place));
    }
    if let Some(number) = step.ancestor {
        bind(bindings, number, input.item.clone());
    }
}

fn number_tuples(tuples: &mut [Tuple<'_>], number: u32) {
    for (place, tuple) in tuples.iter_mut().enumerate() {
        bind(&mut tuple.bindings, number, Item::count(place));
    }
}
