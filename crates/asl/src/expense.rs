//! What paths, intrinsic functions and Choice rules take from the budget that all fields of a state
//! share, so that thousands of them in one state hold up nobody. JSONata takes from it by itself.

use std::cell::Cell;

use json::Value;
use jsonata::Budget;

use crate::environment::Environment;

pub(crate) const TOO_MANY_STEPS: &str = "What the state evaluates takes too many steps";
const TOO_MUCH_MEMORY: &str = "What the state evaluates takes too much memory";

/// The bytes of one item of an array.
pub(crate) const ITEM_BYTES: usize = size_of::<Value>();

/// The budget of an environment's state.
#[derive(Clone, Copy)]
pub(crate) struct Purse<'a>(pub(crate) &'a Cell<Budget>);

impl<'a> Purse<'a> {
    pub(crate) fn of(environment: &Environment<'a>) -> Purse<'a> {
        Purse(environment.surroundings.budget())
    }

    /// Pays for work that is or will be done: visits of a value, or some 16 bytes of text.
    pub(crate) fn steps(self, steps: usize) -> Result<(), &'static str> {
        let mut left = self.0.get();
        let enough = left.steps >= steps as u64;
        left.steps = left.steps.saturating_sub(steps as u64);
        self.0.set(left);
        if enough { Ok(()) } else { Err(TOO_MANY_STEPS) }
    }

    /// Pays for memory that stays until the state's field is there.
    pub(crate) fn bytes(self, bytes: usize) -> Result<(), &'static str> {
        self.room(bytes)?;
        let mut left = self.0.get();
        left.bytes -= bytes;
        self.0.set(left);
        Ok(())
    }

    /// Fails unless so many bytes are left, which are needed for a moment only.
    pub(crate) fn room(self, bytes: usize) -> Result<(), &'static str> {
        if self.0.get().bytes >= bytes { Ok(()) } else { Err(TOO_MUCH_MEMORY) }
    }

    pub(crate) fn bytes_left(self) -> usize {
        self.0.get().bytes
    }

    /// Gives back what was paid for memory since `bytes` were left.
    pub(crate) fn give_back_to(self, bytes: usize) {
        self.0.set(Budget { bytes, ..self.0.get() });
    }
}

/// How much work looking at all of a value is; for what is beyond `most`, some number beyond it.
pub(crate) fn weight(value: &Value, most: usize) -> usize {
    let mut open = vec![value];
    let mut weight = 0;
    while let Some(value) = open.pop() {
        weight += match value {
            Value::String(text) => 1 + text.len() / 32,
            Value::Array(items) => 1 + items.len(),
            Value::Object(members) => 1 + 2 * members.len(),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Big(_) => 1,
        };
        if weight > most {
            break;
        }
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    weight
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::Condition;
    use crate::environment::testing::World;
    use crate::failure::FieldFailure;
    use crate::template::Template;

    fn value(text: &str) -> Value {
        Value::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    /// A tenth of the budget of a state.
    fn world() -> World {
        let whole = Budget::default();
        let budget = Budget { steps: whole.steps / 10, bytes: whole.bytes / 10, ..whole };
        World { budget: Cell::new(budget), ..World::default() }
    }

    fn input() -> Value {
        let objects: Value = (0..1_000).map(|place| value(&format!(r#"{{"k":{place},"v":"x"}}"#))).collect();
        let numbers: Value = (0..10_000_i64).map(Value::Int).collect();
        let mut input = value(r#"{"s":""}"#);
        let Value::Object(members) = &mut input else { unreachable!("written above") };
        members.insert("a", objects);
        members.insert("n", numbers);
        members.insert("s", "0,".repeat(10_000));
        input
    }

    fn evaluate(call: &str, times: usize) -> Result<(), FieldFailure> {
        let fields: Vec<String> = (0..times).map(|place| format!(r#""k{place}.$":"{call}""#)).collect();
        let template = Template::parse(&value(&format!("{{{}}}", fields.join(",")))).unwrap();
        template.evaluate(&world().environment(&input())).map(drop)
    }

    /// Each of them is cheap, and a thousand in one template are not.
    #[test]
    fn the_fields_of_a_template_share_a_budget() {
        for (call, problem) in [
            ("$.a[0].k", ""),
            ("States.ArrayLength($.n)", ""),
            ("States.Format('{} {}', $.a[0].k, $.a[0].v)", ""),
            ("$..v", TOO_MANY_STEPS),
            ("$.a[?(@.k < 0)]", TOO_MANY_STEPS),
            ("States.ArrayContains($.n, 'x')", TOO_MANY_STEPS),
            ("States.ArrayLength(States.ArrayUnique($.n))", TOO_MANY_STEPS),
            ("States.ArrayLength(States.StringSplit($.s, ','))", TOO_MANY_STEPS),
            ("States.MathAdd(1, States.ArrayLength(States.ArrayPartition($.n, 7)))", TOO_MANY_STEPS),
            ("States.JsonToString($.a)", TOO_MUCH_MEMORY),
            ("States.Format('{}{}{}{}', $.s, $.s, $.s, $.s)", TOO_MUCH_MEMORY),
            ("States.StringToJson(States.Format('[{}0]', $.s))", TOO_MUCH_MEMORY),
            ("$.n[*]", TOO_MUCH_MEMORY),
        ] {
            assert_eq!(evaluate(call, 1), Ok(()), "{call}");
            let cause =
                evaluate(call, 1_000).err().and_then(|failure| failure.failure.cause).unwrap_or_default();
            assert!(cause.ends_with(problem) && cause.is_empty() == problem.is_empty(), "{call}: {cause}");
        }
    }

    /// The arguments of a call are gone when a number is all that it gives.
    #[test]
    fn memory_that_nobody_holds_is_given_back() {
        let world = world();
        let input = input();
        for call in [
            "States.ArrayLength($..k)",
            "States.MathAdd(1, States.ArrayLength(States.StringSplit($.s, ',')))",
        ] {
            let call = crate::intrinsic::Call::parse(call).unwrap();
            let left = world.budget.get();
            call.evaluate("f", &world.environment(&input)).unwrap();
            assert_eq!(world.budget.get().bytes, left.bytes, "{}", call.text());
            assert!(world.budget.get().steps < left.steps);
        }
    }

    fn condition(rule: &str) -> Condition {
        Condition::parse(value(rule).as_object().unwrap()).unwrap()
    }

    #[test]
    fn choice_rules_over_long_texts_share_the_budget() {
        let rule = r#"{"Variable":"$.s","StringMatches":"*x*"}"#;
        let rules = vec![rule; 1_000].join(",");
        let any = condition(&format!(r#"{{"Or":[{rules}]}}"#));
        let failure = any.holds(&world().environment(&input())).unwrap_err().failure;
        assert_eq!(failure.cause.as_deref(), Some(TOO_MANY_STEPS));
        assert_eq!(condition(rule).holds(&world().environment(&input())), Ok(false));
    }
}
