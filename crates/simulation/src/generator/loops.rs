//! A loop that counts a number of the data down.

use json::Value;

use super::{Generator, Place, States, go_on};

impl Generator<'_> {
    /// A Choice that goes round as long as the counter is positive.
    pub fn repeat(&mut self, name: &str, place: Place<'_>, states: &mut States) {
        let Some(next) = place.next else { return self.pass(name, place, states) };
        let names: Vec<String> = (0..2 + self.random.below(3)).map(|_| self.new_name()).collect();
        let (count_down, body) = names.split_last().expect("a loop has two states at least");
        let mut choice = self.state("Choice");
        let is_jsonata = self.is_jsonata(&mut choice);
        let rule = match self.random.below(3) {
            _ if is_jsonata => json::value!({
                "Condition": "{% $states.input.n > 0 %}", "Next": names[0].as_str(),
            }),
            0 => json::value!({ "Variable": "$.n", "NumericGreaterThan": 0, "Next": names[0].as_str() }),
            1 => {
                json::value!({ "Not": { "Variable": "$.n", "NumericLessThanEquals": 0 }, "Next": names[0].as_str() })
            }
            _ => json::value!({
                "And": [
                    { "Variable": "$.n", "IsNumeric": true },
                    { "Variable": "$.n", "NumericGreaterThanEquals": 1 },
                ],
                "Next": names[0].as_str(),
            }),
        };
        choice.insert("Choices", Value::from(vec![rule]));
        choice.insert("Default", next);
        states.push((name.to_owned(), choice));
        for (at, inside) in body.iter().enumerate() {
            let place = Place {
                nesting: place.nesting,
                is_in_loop: true,
                next: Some(&names[at + 1]),
                later: &names[at + 1..],
            };
            self.step(inside, place, states);
        }
        let mut state = self.state("Pass");
        if self.is_jsonata(&mut state) {
            self.computed_count_down(&mut state, place);
        } else {
            let parameters = self.anew("$", ("n.$", "States.MathAdd($.n, -1)".into()));
            state.insert("Parameters", parameters);
            self.assign(&mut state, place);
        }
        go_on(&mut state, Some(name));
        states.push((count_down.clone(), state));
    }
}
