//! Filters by what they want to be equal, so that a payload meets those alone that may want it.
//!
//! It passes over nobody, and may name some who do not want the payload after all: whoever asks looks closer. Never here:
//! whether a filter holds.

use std::collections::{BTreeMap, BTreeSet};

use json::{Text, Value};

use super::filter::{Filter, Path, at};

/// Filters, each under a number of its own.
#[derive(Debug, Default)]
pub(super) struct Index(BTreeMap<Shape, BTreeMap<Vec<Mark>, BTreeSet<u64>>>);

/// The fields that a filter wants to be equal to something, in order. A schema's arguments and a resolver's rules have a
/// handful of shapes, however many filters there are.
type Shape = Vec<Path>;

/// What equal values have in common. Different ones may have it, too: large numbers, and all that nests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Null,
    Boolean(bool),
    Number(u64),
    Text(Text),
    Nested,
}

impl Index {
    /// One more.
    pub fn add(&mut self, filter: &Filter, number: u64) {
        for (shape, marks) in places(filter) {
            self.0.entry(shape).or_default().entry(marks).or_default().insert(number);
        }
    }

    /// One less.
    pub fn remove(&mut self, filter: &Filter, number: u64) {
        for (shape, marks) in places(filter) {
            let Some(of_shape) = self.0.get_mut(&shape) else { continue };
            let Some(alike) = of_shape.get_mut(&marks) else { continue };
            alike.remove(&number);
            if alike.is_empty() {
                of_shape.remove(&marks);
            }
            if of_shape.is_empty() {
                self.0.remove(&shape);
            }
        }
    }

    /// Those that may want a payload, in order.
    pub fn candidates(&self, payload: &Value) -> BTreeSet<u64> {
        let alike = self.0.iter().filter_map(|(shape, of_shape)| {
            let marks: Option<Vec<Mark>> =
                shape.iter().map(|path| Some(Mark::of(at(payload, path)?))).collect();
            of_shape.get(&marks?)
        });
        alike.flatten().copied().collect()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Where a filter stands: in one place for each way in which it can hold.
fn places(filter: &Filter) -> Vec<(Shape, Vec<Mark>)> {
    let place = |wanted: BTreeMap<Path, &Value>| {
        wanted.into_iter().map(|(path, value)| (path, Mark::of(value))).unzip()
    };
    filter.equalities().into_iter().map(place).collect()
}

impl Mark {
    fn of(value: &Value) -> Mark {
        match value {
            Value::Null => Mark::Null,
            Value::Bool(value) => Mark::Boolean(*value),
            Value::String(text) => Mark::Text(text.clone()),
            Value::Array(_) | Value::Object(_) => Mark::Nested,
            // Zero has two signs and is equal to itself.
            number => Mark::Number((number.as_f64().unwrap_or_default() + 0.0).to_bits()),
        }
    }
}

#[cfg(test)]
mod tests {
    use json::Object;
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let texts = [
            "null",
            "true",
            "0",
            "-0.0",
            "1",
            "1.0",
            "\"1\"",
            "9007199254740993",
            "9007199254740992.0",
            "123456789012345678901234567890",
            "[1]",
            "[1.0]",
            r#"{"a":1}"#,
            r#"{"a":{"b":2}}"#,
        ];
        prop::sample::select(texts.to_vec()).prop_map(|text| Value::parse(text).unwrap())
    }

    fn object() -> impl Strategy<Value = Object> {
        let members = prop::collection::vec((prop::sample::select(&["a", "b", "c"][..]), value()), 0..3);
        members.prop_map(|members| members.into_iter().collect())
    }

    fn groups() -> impl Strategy<Value = Value> {
        let operators = ["eq", "eq", "eq", "ne", "ge"];
        let scalars = ["1", "0", "\"1\"", "9007199254740993", "2"];
        let rule = (
            prop::sample::select(&["a", "b", "a.a", "a.a.b"][..]),
            prop::sample::select(operators.to_vec()),
            prop::sample::select(scalars.to_vec()),
        );
        let rule = rule.prop_map(|(name, operator, value)| {
            json::value!({"fieldName": (name), "operator": (operator), "value": (Value::parse(value).unwrap())})
        });
        let list = |rules: Vec<Value>| rules.into_iter().collect::<Value>();
        let group = prop::collection::vec(rule, 0..3);
        let group = group.prop_map(move |rules| json::value!({"filters": (list(rules))}));
        let groups = prop::collection::vec(group, 0..3);
        groups.prop_map(move |groups| json::value!({"filterGroup": (list(groups))}))
    }

    fn filter() -> impl Strategy<Value = Filter> {
        prop_oneof![
            object().prop_map(Filter::Arguments),
            groups().prop_map(|groups| Filter::of(&groups).unwrap()),
        ]
    }

    proptest! {
        #[test]
        fn nobody_is_passed_over(
            filters in prop::collection::vec(filter(), 1..12),
            gone in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
            payload in object(),
        ) {
            let payload = Value::from(payload);
            let mut index = Index::default();
            let mut there: BTreeMap<u64, &Filter> = (0..).zip(&filters).collect();
            for (number, filter) in &there {
                index.add(filter, *number);
            }
            for place in gone {
                let number = place.index(filters.len()) as u64;
                if let Some(filter) = there.remove(&number) {
                    index.remove(filter, number);
                }
            }
            let candidates = index.candidates(&payload);
            for (number, filter) in &there {
                prop_assert!(candidates.contains(number) || !filter.matches(&payload), "{filter:?}");
            }
            prop_assert!(candidates.iter().all(|number| there.contains_key(number)));
            for (number, filter) in there {
                index.remove(filter, number);
            }
            prop_assert!(index.is_empty(), "{index:?}");
        }
    }

    #[test]
    fn who_wants_something_else_is_not_looked_at() {
        let mut index = Index::default();
        for room in 0..1_000_i64 {
            index.add(&Filter::Arguments(Object::from_iter([("room", room)])), room as u64);
        }
        let all = Filter::Arguments(Object::new());
        index.add(&all, 1_000);
        let two = r#"{"filterGroup":[{"filters":[{"fieldName":"room","operator":"eq","value":7},
            {"fieldName":"text","operator":"beginsWith","value":"h"}]},
            {"filters":[{"fieldName":"by.name","operator":"eq","value":"ada"}]}]}"#;
        index.add(&Filter::of(&Value::from(two)).unwrap(), 1_001);
        let candidates = |payload: &str| Vec::from_iter(index.candidates(&Value::parse(payload).unwrap()));
        assert_eq!(candidates(r#"{"room": 7}"#), [7, 1_000, 1_001]);
        assert_eq!(candidates(r#"{"room": 8, "by": {"name": "ada"}}"#), [8, 1_000, 1_001]);
        assert_eq!(candidates(r#"{"by": null}"#), [1_000]);
    }
}
