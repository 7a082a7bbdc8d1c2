//! Choice states and their rules.

use json::{Object, Value};

use super::{Generator, Place, States};

impl Generator<'_> {
    /// A Choice that goes on to one of the states behind it.
    pub fn choice(&mut self, name: &str, place: Place<'_>, states: &mut States) {
        let Some(next) = place.next else { return self.pass(name, place, states) };
        let mut state = self.state("Choice");
        if self.is_jsonata(&mut state) {
            return self.computed_choice(name, state, place, next, states);
        }
        let root = if self.whole_flow(&mut state, place) { "$" } else { "$base" };
        let mut rules = Vec::new();
        for _ in 0..1 + self.random.below(3) {
            let mut rule = self.condition(root, 0);
            let to =
                if place.later.is_empty() { next.to_owned() } else { self.random.pick(place.later).clone() };
            rule.insert("Next", to);
            self.assign(&mut rule, place);
            if self.random.once_in(8) {
                rule.insert("Comment", "a rule");
            }
            rules.push(Value::Object(rule));
        }
        state.insert("Choices", Value::from(rules));
        self.assign(&mut state, place);
        if self.random.once_in(25) {
            // Where no rule holds, nothing takes it: somebody must lead to the next state all the same.
            let mut rule = self.condition(root, 0);
            rule.insert("Next", next);
            state.insert("Choices", Value::from(vec![Value::Object(rule)]));
        } else {
            state.insert("Default", next);
        }
        states.push((name.to_owned(), state));
    }

    /// A condition without its `Next`.
    fn condition(&mut self, root: &str, depth: usize) -> Object {
        let kind = self.random.below(if depth < 2 { 10 } else { 7 });
        match kind {
            7 | 8 => {
                let parts =
                    (0..1 + self.random.below(3)).map(|_| Value::Object(self.condition(root, depth + 1)));
                let parts: Vec<Value> = parts.collect();
                one(if kind == 7 { "And" } else { "Or" }, parts.into())
            }
            9 => {
                let part = self.condition(root, depth + 1);
                one("Not", Value::Object(part))
            }
            _ => self.test(root),
        }
    }

    /// A `Variable` with one operator.
    fn test(&mut self, root: &str) -> Object {
        let comparison =
            *self.random.pick(&["Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]);
        let is_by_path = self.random.once_in(3);
        let path = if is_by_path { "Path" } else { "" };
        let (variable, operator, operand) = match self.random.below(16) {
            0..4 => {
                let variable = *self.random.pick(&["n", "seconds", "ratio", "nested.a", "nested.list[0]"]);
                let literal = *self.random.pick(&[0.0, 1.0, 1.25, 5.0, 20.0, 40.0]);
                let operand =
                    if is_by_path { Value::from(format!("{root}.n")) } else { Value::from(literal) };
                (variable, format!("Numeric{comparison}{path}"), operand)
            }
            4..7 => {
                let variable = *self.random.pick(&["text", "text", "at", "n"]);
                let operand = match is_by_path {
                    true => Value::from("$base.text"),
                    false => Value::from(*self.random.pick(&["alpha", "beta", "b", ""])),
                };
                (variable, format!("String{comparison}{path}"), operand)
            }
            7 => {
                let operand =
                    if is_by_path { Value::from("$base.flag") } else { self.random.once_in(2).into() };
                ("flag", format!("BooleanEquals{path}"), operand)
            }
            8..10 => {
                let literal = super::data::instant(1_700_000_000 + self.random.below(3_000) as i64);
                let operand = if is_by_path { Value::from("$$.State.EnteredTime") } else { literal.into() };
                ("at", format!("Timestamp{comparison}{path}"), operand)
            }
            10 => {
                let pattern = *self.random.pick(&["al*", "*a", "*", "gamma\\*", "a\\\\b", "b*t*", "nothing"]);
                ("text", "StringMatches".to_owned(), pattern.into())
            }
            11 => (*self.random.pick(&["nothing", "n"]), "IsNull".to_owned(), self.random.once_in(2).into()),
            12 => {
                let variable = *self.random.pick(&["no.such", "n", "out", "nested.list[7]"]);
                (variable, "IsPresent".to_owned(), self.random.once_in(2).into())
            }
            13 => (*self.random.pick(&["n", "text"]), "IsNumeric".to_owned(), self.random.once_in(2).into()),
            14 => {
                let operator = *self.random.pick(&["IsString", "IsBoolean"]);
                (*self.random.pick(&["text", "flag"]), operator.to_owned(), self.random.once_in(2).into())
            }
            _ => {
                (*self.random.pick(&["at", "text"]), "IsTimestamp".to_owned(), self.random.once_in(2).into())
            }
        };
        let mut test = Object::new();
        let variable = match self.random.below(40) {
            // Something that is not there, where it should be.
            0 => "$.not.there".to_owned(),
            _ => format!("{root}.{variable}"),
        };
        test.insert("Variable", variable);
        test.insert(operator, operand);
        test
    }
}

fn one(name: &str, value: Value) -> Object {
    let mut object = Object::new();
    object.insert(name, value);
    object
}
