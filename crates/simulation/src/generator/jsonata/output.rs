//! Output and Assign of JSONata states.

use json::{Object, Value};

use super::super::data::MEMBERS;
use super::super::{Generator, Place};
use super::{Moment, computed};

/// One Output in so many fails in states that nothing catches; in those that may be tried again; and in those
/// that do all that is inside them again.
const WRONG_IN: u64 = 80;
const WRONG_OF_TASK_IN: u64 = 14;
const WRONG_OF_CONTAINER_IN: u64 = 40;

impl Generator<'_> {
    /// An Output that keeps the data, or gives anything where the container ends.
    pub fn output(&mut self, holder: &mut Object, place: Place<'_>, moment: Moment) {
        let is_work = moment != Moment::Entry;
        let wrong_in = match moment {
            Moment::Answer => WRONG_OF_TASK_IN,
            Moment::Results => WRONG_OF_CONTAINER_IN,
            Moment::Entry | Moment::Fault => WRONG_IN,
        };
        if self.random.once_in(wrong_in) {
            let wrong = computed(self.computed_wrong());
            holder.insert("Output", wrong);
            return;
        }
        if place.next.is_none() {
            if self.random.once_in(3) {
                let expression = self.computed_anything(moment);
                holder.insert("Output", computed(expression));
            } else if self.random.once_in(3) {
                let object = self.computed_object(moment, WRONG_IN);
                holder.insert("Output", object);
            }
            return;
        }
        // Where there was no work, what came in goes out by itself.
        if !is_work && self.random.once_in(2) {
            return;
        }
        let out = self.computed_outcome(moment);
        let output: Value = match self.random.below(8) {
            0 | 1 => computed("$states.input").into(),
            2..4 => computed(format!("$merge([$states.input, {{'out': {out}}}])")).into(),
            4 => computed(format!("$states.input ~> | $ | {{'out': {out}}} |")).into(),
            5 if !place.is_in_loop => computed("$base").into(),
            6 if !place.is_in_loop => self.computed_data("$base", computed("$base.n").into()).into(),
            _ => {
                let mut data = self.computed_data("$states.input", computed("$states.input.n").into());
                data.insert("out", computed(out));
                data.into()
            }
        };
        holder.insert("Output", output);
    }

    /// The data anew from `root`; `n` is its counter.
    pub fn computed_data(&mut self, root: &str, n: Value) -> Object {
        let mut data = Object::new();
        data.insert("n", n);
        for member in MEMBERS {
            data.insert(*member, computed(format!("{root}.{member}")));
        }
        data
    }

    /// An Assign for a state of this container.
    pub fn computed_assign(&mut self, holder: &mut Object, place: Place<'_>, moment: Moment) {
        if !self.random.once_in(4) {
            return;
        }
        let Some(variable) = self.own_variable() else { return };
        let anything = self.computed_outcome(moment);
        // It stays a list, because others read it as one.
        let value = match self.random.below(5) {
            0 => json::value!(["new", { "x": 1 }]),
            // In a loop a value that holds what it was before would grow with each round.
            1 if !place.is_in_loop => computed(format!("[${variable}[0], {anything}]")).into(),
            2 => json::value!([computed(anything), "$.plain"]),
            3 if moment != Moment::Entry && self.random.once_in(8) => computed(self.computed_wrong()).into(),
            _ => computed("[$states.context.State.Name, $base.n]").into(),
        };
        let mut assign = Object::new();
        assign.insert(variable, value);
        holder.insert("Assign", assign);
    }
}
