//! Paths: each step is evaluated for each item of what the step before gave, and the results are
//! flattened into a sequence.

use std::rc::Rc;

use json::{Text, Value};

use super::{Evaluator, Here, truth};
use crate::error::Result;
use crate::frame::Frame;
use crate::item::{Builder, Item};
use crate::program::{Action, Node, Path, Stage, Step};

/// Objects with more members than this cost more to look into.
const MEMBERS_FREE: usize = 32;

/// What a step gave.
enum Given<'a> {
    /// A single item; an array only if it is the context of the path.
    One(Item<'a>),
    /// The items of an array.
    Many(Item<'a>),
}

impl<'a> Given<'a> {
    fn is_empty(&self) -> bool {
        match self {
            Given::One(_) => false,
            Given::Many(items) => items.is_nothing() || items.array_len() == Some(0),
        }
    }

    fn into_array(self) -> Item<'a> {
        match self {
            Given::One(item) => Item::array_of_one(item),
            Given::Many(items) => items,
        }
    }
}

/// What a step gives for one item after the other.
struct Results<'a> {
    out: Builder<'a>,
    /// Of the last step a single array is the result itself, and is not made a sequence.
    lone: Option<Item<'a>>,
    last: bool,
    any: bool,
}

impl<'a> Results<'a> {
    #[inline]
    fn add(&mut self, evaluator: &Evaluator<'a>, item: Item<'a>) -> Result<()> {
        if item.is_nothing() {
            return Ok(());
        }
        let first = !std::mem::replace(&mut self.any, true);
        if self.last && first && item.array_len().is_some() && !item.is_sequence() {
            self.lone = Some(item);
            return Ok(());
        }
        if let Some(array) = self.lone.take() {
            evaluator.flatten_into(&mut self.out, &array)?;
        }
        evaluator.flatten_into(&mut self.out, &item)
    }
}

impl<'a> Evaluator<'a> {
    pub(super) fn path(&self, path: &'a Path, here: Here<'_, 'a>) -> Result<Item<'a>> {
        let result = match path.tuples_from {
            Some(first) => {
                let plain = self.steps_before(path, first, here)?;
                match plain {
                    // No item came as far as the first step with bindings.
                    Some(plain) if first > 0 && plain.array_len() == Some(0) => {
                        self.finish(path, plain, here.frame)?
                    }
                    plain => {
                        let tuples = self.tuple_steps(path, first, plain, here)?;
                        match &path.group {
                            Some(group) => return self.group_tuples(group, tuples, here.frame),
                            None => {
                                let mut builder = Builder::with_capacity(&self.meter, tuples.len())?;
                                for tuple in tuples {
                                    builder.push(tuple.item)?;
                                }
                                self.finish(path, builder.into_sequence()?, here.frame)?
                            }
                        }
                    }
                }
            }
            None => match self.steps(&path.steps, path, here)? {
                Some(Given::One(item)) if !path.keep_singleton => self.finish(path, item, here.frame)?,
                Some(Given::One(item)) => self.finish(path, self.sequence_of(item)?, here.frame)?,
                Some(Given::Many(items)) => self.finish(path, items, here.frame)?,
                None => self.finish(path, Item::Nothing, here.frame)?,
            },
        };
        Ok(result.collapsed())
    }

    /// What is done to the result of all steps.
    fn finish(&self, path: &'a Path, mut result: Item<'a>, frame: &Rc<Frame<'a>>) -> Result<Item<'a>> {
        if path.keep_singleton
            && let Item::List(list) = &result
        {
            if list.constructs && !list.sequence {
                result = self.sequence_of(result)?;
            }
            if let Item::List(list) = &result {
                list.keep_singleton.set(true);
            }
        }
        match &path.group {
            Some(group) => self.group(group, &result, frame),
            None => Ok(result),
        }
    }

    pub(super) fn steps_before(
        &self,
        path: &'a Path,
        first: usize,
        here: Here<'_, 'a>,
    ) -> Result<Option<Item<'a>>> {
        Ok(self.steps(&path.steps[..first], path, here)?.map(Given::into_array))
    }

    /// Steps without bindings. `None`: there are none.
    fn steps(&self, steps: &'a [Step], path: &'a Path, here: Here<'_, 'a>) -> Result<Option<Given<'a>>> {
        let Some((first, others)) = steps.split_first() else { return Ok(None) };
        let last = path.steps.len() - 1;
        let mut given = self.first_step(first, path, here)?;
        for (index, step) in others.iter().enumerate() {
            if given.is_empty() {
                break;
            }
            given = self.step(step, given, index + 1 == last, here.frame)?;
        }
        Ok(Some(given))
    }

    fn first_step(&self, step: &'a Step, path: &'a Path, here: Here<'_, 'a>) -> Result<Given<'a>> {
        let whole = here.context.array_len().is_some() && !path.absolute;
        let context = here.context.clone();
        if !step.constructs {
            let input = if whole { Given::Many(context) } else { Given::One(context) };
            return self.step(step, input, path.steps.len() == 1, here.frame);
        }
        let input = if whole { context } else { self.sequence_of(context)? };
        let Action::Evaluate(node) = &step.action else { unreachable!("it is an array") };
        let array = self.eval(node, Here { context: &input, frame: here.frame })?;
        Ok(Given::Many(self.stages(&step.stages, array, here.frame)?))
    }

    fn step(&self, step: &'a Step, input: Given<'a>, last: bool, frame: &Rc<Frame<'a>>) -> Result<Given<'a>> {
        let items = match (&step.action, input) {
            (Action::Sort(terms), input) => {
                let sorted = self.sort_items(terms, &input.into_array(), frame)?;
                self.stages(&step.stages, sorted, frame)?
            }
            (Action::Evaluate(node), Given::One(item)) => {
                let item = self.eval(node, Here { context: &item, frame })?;
                return self.given(self.stages(&step.stages, item, frame)?, last);
            }
            (Action::Evaluate(node), Given::Many(items)) => {
                self.step_of_each(step, node, &items, last, frame)?
            }
        };
        Ok(Given::Many(items))
    }

    /// What a step gave for a single item: nothing is copied unless somebody else has it, too.
    fn given(&self, item: Item<'a>, last: bool) -> Result<Given<'a>> {
        let Some(len) = item.array_len() else {
            return if item.is_nothing() { self.no_items() } else { Ok(Given::One(item)) };
        };
        Ok(Given::Many(match &item {
            Item::List(list) if list.sequence && (list.keep_singleton.get() || list.wraps_input) => {
                self.flattened(&item)?
            }
            Item::List(list) if list.sequence && last && Rc::strong_count(list) > 1 => {
                self.flattened(&item)?
            }
            // Of the last step a single array is the result itself, and is not made a sequence.
            _ if last || item.is_sequence() => item,
            Item::List(list) if list.constructs => self.sequence_of(item)?,
            _ if len == 0 => return self.no_items(),
            _ => item,
        }))
    }

    fn no_items(&self) -> Result<Given<'a>> {
        Ok(Given::Many(self.builder()?.into_sequence()?))
    }

    fn flattened(&self, item: &Item<'a>) -> Result<Item<'a>> {
        let mut out = self.builder()?;
        self.flatten_into(&mut out, item)?;
        out.into_sequence()
    }

    fn step_of_each(
        &self,
        step: &'a Step,
        node: &'a Node,
        input: &Item<'a>,
        last: bool,
        frame: &Rc<Frame<'a>>,
    ) -> Result<Item<'a>> {
        let len = input.array_len().unwrap_or(0);
        let mut results = Results { out: self.builder()?, lone: None, last, any: false };
        for index in 0..len {
            let mut item = self.eval(node, Here { context: &input.at(index), frame })?;
            if !step.stages.is_empty() {
                item = self.stages(&step.stages, item, frame)?;
            }
            results.add(self, item)?;
        }
        match results.lone {
            Some(array) => Ok(array),
            None => results.out.into_sequence(),
        }
    }

    fn flatten_into(&self, out: &mut Builder<'a>, item: &Item<'a>) -> Result<()> {
        match item {
            Item::List(list) if list.constructs => out.push(item.clone()),
            _ => {
                self.meter.steps(item.array_len().unwrap_or(0) as u64 / 8)?;
                out.append(item)
            }
        }
    }

    /// Names behind names: while there are objects, one look each.
    #[inline]
    pub(super) fn names(&self, start: Item<'a>, names: &'a [Text]) -> Result<Item<'a>> {
        match start {
            Item::Ref(value) => self.names_in(value, names),
            Item::Nothing => Ok(Item::Nothing),
            start => self.names_of_built(start, names),
        }
    }

    /// The same in JSON from outside, which needs no looking after.
    pub(super) fn names_in(&self, start: &'a Value, names: &'a [Text]) -> Result<Item<'a>> {
        let mut value = start;
        for (index, name) in names.iter().enumerate() {
            match value {
                Value::Object(object) => {
                    if object.len() > MEMBERS_FREE {
                        self.meter.steps(object.len() as u64 / 16)?;
                    }
                    match object.get(name) {
                        Some(member) => value = member,
                        None => return Ok(Item::Nothing),
                    }
                }
                Value::Array(_) => return self.names_of_items(Item::Ref(value), &names[index..]),
                _ => return Ok(Item::Nothing),
            }
        }
        Ok(Item::Ref(value))
    }

    fn names_of_built(&self, start: Item<'a>, names: &'a [Text]) -> Result<Item<'a>> {
        let mut item = start;
        for (index, name) in names.iter().enumerate() {
            if item.array_len().is_some() {
                return self.names_of_items(item, &names[index..]);
            }
            if let Some(members) = item.object_len()
                && members > MEMBERS_FREE
            {
                self.meter.steps(members as u64 / 16)?;
            }
            item = item.member(name);
            if item.is_nothing() {
                return Ok(item);
            }
        }
        Ok(item)
    }

    /// The same, once an array is among them.
    fn names_of_items(&self, array: Item<'a>, names: &'a [Text]) -> Result<Item<'a>> {
        let mut input = array;
        for (index, name) in names.iter().enumerate() {
            let last = index + 1 == names.len();
            let len = input.array_len().unwrap_or(0);
            self.meter.steps(len as u64)?;
            let mut results = Results { out: self.builder()?, lone: None, last, any: false };
            for place in 0..len {
                results.add(self, self.lookup(&input.at(place), name)?)?;
            }
            let Results { out, lone, .. } = results;
            if let Some(array) = lone {
                return Ok(array);
            }
            if out.items.is_empty() {
                return Ok(Item::Nothing);
            }
            if last {
                return out.collapsed();
            }
            input = out.into_sequence()?;
        }
        Ok(input)
    }

    /// The member `name` of an object, or of all objects in an array.
    pub(crate) fn lookup(&self, item: &Item<'a>, name: &str) -> Result<Item<'a>> {
        Ok(self.lookup_sequence(item, name)?.collapsed())
    }

    /// The same, and several are a sequence even if they are one.
    pub(crate) fn lookup_sequence(&self, item: &Item<'a>, name: &str) -> Result<Item<'a>> {
        let Some(len) = item.array_len() else {
            if let Some(members) = item.object_len()
                && members > MEMBERS_FREE
            {
                self.meter.steps(members as u64 / 16)?;
            }
            return Ok(item.member(name));
        };
        self.meter.steps(len as u64)?;
        self.meter.descend()?;
        let mut out = self.builder()?;
        for index in 0..len {
            let found = self.lookup_sequence(&item.at(index), name)?;
            self.meter.steps(found.array_len().unwrap_or(0) as u64)?;
            out.append(&found)?;
        }
        self.meter.rise();
        out.into_sequence()
    }

    /// Filters behind a value, one after the other.
    pub(super) fn stages(
        &self,
        stages: &'a [Stage],
        mut item: Item<'a>,
        frame: &Rc<Frame<'a>>,
    ) -> Result<Item<'a>> {
        for stage in stages {
            if let Stage::Filter(filter) = stage {
                item = self.filter(filter, item, frame)?;
            }
        }
        Ok(item)
    }

    fn filter(&self, filter: &'a Node, input: Item<'a>, frame: &Rc<Frame<'a>>) -> Result<Item<'a>> {
        let single = input.array_len().is_none();
        let len = input.array_len().unwrap_or(1);
        let at = |index: usize| if single { input.clone() } else { input.at(index) };
        if let Node::Constant(value @ (Value::Int(_) | Value::Float(_))) = filter {
            let item = position(value.as_f64().unwrap_or(f64::NAN), len).map_or(Item::Nothing, at);
            return match item {
                Item::Nothing => self.builder()?.into_sequence(),
                item if item.array_len().is_some() => Ok(item),
                item => self.sequence_of(item),
            };
        }
        let mut out = self.builder()?;
        for index in 0..len {
            let item = at(index);
            let answer = self.eval(filter, Here { context: &item, frame })?;
            if self.selects(&answer, index, len)? {
                out.push(item)?;
            }
        }
        out.into_sequence()
    }

    /// Whether a filter's answer means the item at `index`: a number or several are places, anything
    /// else is true or false.
    pub(super) fn selects(&self, answer: &Item<'a>, index: usize, len: usize) -> Result<bool> {
        if let Some(number) = answer.as_number() {
            return Ok(position(number, len) == Some(index));
        }
        if let Some(count) = answer.array_len()
            && count > 0
        {
            self.meter.steps(count as u64)?;
            if (0..count).all(|place| answer.at(place).as_number().is_some()) {
                let mut places = (0..count).filter_map(|place| position(answer.at(place).as_number()?, len));
                return Ok(places.any(|place| place == index));
            }
        }
        Ok(truth(answer))
    }

    pub(super) fn wildcard(&self, context: &Item<'a>) -> Result<Item<'a>> {
        let item = context.clone().unwrapped();
        let values: Vec<Item<'a>> = match item.array_len() {
            Some(len) => (0..len).map(|index| item.at(index)).collect(),
            None => item.members().into_iter().map(|(_, value)| value).collect(),
        };
        self.meter.steps(values.len() as u64)?;
        let mut out = self.builder()?;
        let mut has_array = false;
        for value in values {
            if value.as_function().is_some() {
                continue;
            }
            if value.array_len().is_some() {
                has_array = true;
                self.flatten_deep(&mut out, &value)?;
            } else {
                out.push(value)?;
            }
        }
        // What an array was appended to is an array, not a sequence.
        if has_array { out.into_array() } else { out.collapsed() }
    }

    fn flatten_deep(&self, out: &mut Builder<'a>, item: &Item<'a>) -> Result<()> {
        let Some(len) = item.array_len() else { return out.push(item.clone()) };
        self.meter.steps(len as u64)?;
        self.meter.descend()?;
        for index in 0..len {
            self.flatten_deep(out, &item.at(index))?;
        }
        self.meter.rise();
        Ok(())
    }

    pub(super) fn descendants(&self, context: &Item<'a>) -> Result<Item<'a>> {
        let item = context.clone().unwrapped();
        if item.is_nothing() {
            return Ok(item);
        }
        let mut out = self.builder()?;
        self.descend_into(&mut out, &item)?;
        out.collapsed()
    }

    fn descend_into(&self, out: &mut Builder<'a>, item: &Item<'a>) -> Result<()> {
        self.meter.steps(1)?;
        self.meter.descend()?;
        if let Some(len) = item.array_len() {
            for index in 0..len {
                self.descend_into(out, &item.at(index))?;
            }
        } else {
            out.push(item.clone())?;
            for (_, member) in item.members() {
                self.descend_into(out, &member)?;
            }
        }
        self.meter.rise();
        Ok(())
    }
}

/// The place that a number means among `len`: rounded down, from the end if it is negative.
pub(super) fn position(number: f64, len: usize) -> Option<usize> {
    let place = number.floor();
    let place = if place < 0.0 { place + len as f64 } else { place };
    (place >= 0.0 && place < len as f64).then_some(place as usize)
}
