//! The data that all states of generated machines find: what an input has, and how a state makes it
//! anew.

use json::{Object, Value};

use super::{Generator, Source};
use crate::random::Random;

/// An input that every machine takes, the fixed ones included. Sometimes it is long.
pub fn input(random: &mut Random) -> Value {
    let padding = if random.once_in(12) { random.below(20_000) as usize } else { 0 };
    let items: Value = (0..random.below(9) as i64).map(Value::from).collect();
    let text = *random.pick(&["alpha", "beta", "gamma*", "a\\b", "", "{} 'quoted'"]);
    // About the time at which the simulated world begins, and a little later.
    let at = 1_699_999_000 + random.below(4_000) as i64;
    let rounds = if random.once_in(4) { 100 } else { 40 };
    json::value!({
        "n": random.below(rounds),
        "items": items,
        "padding": "x".repeat(padding),
        "flag": random.once_in(2),
        "text": text,
        "at": instant(at),
        "ratio": *random.pick(&[0.5, 1.25, 2.0, -3.5]),
        "nothing": null,
        "seconds": 1 + random.below(60),
        "nested": {
            "a": random.below(10),
            "list": [1 + random.below(3), "two", { "three": 3 }],
            "role": "arn:aws:iam::123456789012:role/other",
        },
    })
}

/// A timestamp of these seconds.
pub fn instant(seconds: i64) -> String {
    crate::reference::time_text(seconds * 1_000)
}

/// Data for who has none.
pub fn made_up() -> Object {
    let data = json::value!({
        "n": 2, "items": [3, 1, 2], "flag": true, "text": "alpha", "at": instant(1_700_000_000), "ratio": 1.5,
        "nothing": null, "seconds": 7,
        "nested": { "a": 4, "list": [1, "two", { "three": 3 }], "role": "arn:aws:iam::123456789012:role/other" },
    });
    data.as_object().cloned().unwrap_or_default()
}

/// All of its members but the counter `n`.
pub const MEMBERS: &[&str] = &["items", "flag", "text", "at", "ratio", "nothing", "seconds", "nested"];

impl Generator<'_> {
    /// A template that makes the data anew from `root`; `n` is the counter's own member, with or without
    /// its `.$`.
    pub fn anew(&mut self, root: &str, n: (&str, Value)) -> Object {
        let mut template = Object::new();
        template.insert(n.0, n.1);
        for member in MEMBERS {
            let path = match self.random.once_in(5) {
                true => format!("{root}['{member}']"),
                false => format!("{root}.{member}"),
            };
            template.insert(format!("{member}.$"), path);
        }
        template
    }

    /// The same from the variable that holds it since the beginning. Not for loops: it has its first counter.
    pub fn anew_from_base(&mut self) -> Object {
        self.anew("$base", ("n.$", "$base.n".into()))
    }

    /// The first state of a container.
    pub fn begin(&mut self, name: &str, next: &str, source: Source) -> (String, Object) {
        let mut state = self.state("Pass");
        let is_jsonata = self.is_jsonata(&mut state);
        let mut assign = Object::new();
        if is_jsonata {
            assign = self.computed_begin(&mut state, source);
        } else if source != Source::Around {
            let parameters = match source {
                Source::BatchInput => self.anew("$.BatchInput", ("n.$", "$.BatchInput.n".into())),
                Source::Nowhere => made_up(),
                Source::Input | Source::Around => self.anew("$", ("n.$", "$.n".into())),
            };
            state.insert("Parameters", parameters);
            assign.insert("base.$", "$");
        } else {
            let n = ("n", Value::from(self.random.below(4)));
            let mut parameters = self.anew("$base", n);
            match self.random.below(4) {
                0 => parameters.insert("came.$", "$"),
                1 => parameters.insert("place.$", "$$.Execution.Name"),
                _ => None,
            };
            state.insert("Parameters", parameters);
        }
        let count = 1 + self.random.below(2);
        for place in 0..count {
            let variable = self.new_variable();
            // One that is read as a list, and one that is anything.
            let (key, value) = match place {
                0 => (variable.clone(), json::value!([1, 2, { "x": "y" }])),
                _ if is_jsonata => (variable.clone(), "{% $states.input.text & $base.n %}".into()),
                _ => {
                    (format!("{variable}.$"), Value::from(*self.random.pick(&["$.n", "$.text", "$.nested"])))
                }
            };
            assign.insert(key, value);
            if place == 0 {
                self.scopes.last_mut().expect("a container is being made").push(variable);
            }
        }
        state.insert("Assign", assign);
        super::go_on(&mut state, Some(next));
        (name.to_owned(), state)
    }
}
