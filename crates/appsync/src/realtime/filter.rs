//! Which payloads a subscriber wants: equal arguments, or the filters that its resolver set. (spec/appsync-realtime.md §1.3, 1.4)
//!
//! Never here: who subscribes, where payloads come from.

use std::collections::BTreeMap;

use json::{Array, Object, Text, Value};

/// As many groups as `toSubscriptionFilter` makes of ten groups and ten rules.
const GROUPS_MAX: usize = 100;
/// AppSync's bounds on a filter.
const FILTERS_MAX: usize = 10;
const NAME_BYTES_MAX: usize = 256;
const LEVELS_MAX: usize = 5;
const ONE_OF_MAX: usize = 5;
const ANY_OF_MAX: usize = 20;

/// What a payload must be like.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filter {
    /// Each argument equals the payload's field of its name.
    Arguments(Object),
    /// One of the groups holds, which is that all of its rules do.
    Groups(Vec<Vec<Rule>>),
}

/// A field within fields.
pub(super) type Path = Vec<Text>;

/// One condition on one field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    /// `fieldName`, taken apart at its dots.
    path: Path,
    operator: Operator,
    value: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    LessOrEqual,
    Less,
    GreaterOrEqual,
    Greater,
    Contains,
    NotContains,
    BeginsWith,
    In,
    NotIn,
    Between,
    ContainsAny,
}

impl Filter {
    /// Of `{"filterGroup": [{"filters": [{"fieldName", "operator", "value"}]}]}`, or its text.
    ///
    /// # Errors
    /// What is wrong with it, for its author.
    pub fn of(given: &Value) -> Result<Filter, String> {
        let parsed;
        let given = match given {
            Value::String(text) => {
                parsed = Value::parse(text).map_err(|error| format!("the filter is no JSON: {error}"))?;
                &parsed
            }
            other => other,
        };
        let groups = given.get("filterGroup").and_then(Value::as_array);
        let groups = groups.ok_or("a filter is an object with the list filterGroup")?;
        if groups.len() > GROUPS_MAX {
            return Err(format!("a filter has at most {GROUPS_MAX} groups"));
        }
        groups.iter().map(group).collect::<Result<_, _>>().map(Filter::Groups)
    }

    /// What a payload's fields must be equal to, whatever else is wanted; once for each way in which the filter can hold.
    pub(super) fn equalities(&self) -> Vec<BTreeMap<Path, &Value>> {
        match self {
            Filter::Arguments(arguments) => {
                vec![arguments.iter().map(|(name, wanted)| (vec![name.clone()], wanted)).collect()]
            }
            Filter::Groups(groups) => groups.iter().map(|rules| equalities(rules)).collect(),
        }
    }

    /// Whether a payload is wanted.
    pub fn matches(&self, payload: &Value) -> bool {
        match self {
            Filter::Arguments(arguments) => arguments.iter().all(|(name, wanted)| {
                // A field that the mutation did not select is not null: nothing is known of it.
                payload.get(name).is_some_and(|value| value == wanted)
            }),
            Filter::Groups(groups) => {
                groups.iter().any(|rules| rules.iter().all(|rule| rule.matches(payload)))
            }
        }
    }
}

fn equalities(rules: &[Rule]) -> BTreeMap<Path, &Value> {
    let equal = rules.iter().filter(|rule| rule.operator == Operator::Equal);
    equal.map(|rule| (rule.path.clone(), &rule.value)).collect()
}

fn group(given: &Value) -> Result<Vec<Rule>, String> {
    let rules = given.get("filters").and_then(Value::as_array);
    let rules = rules.ok_or("a group of a filter is an object with the list filters")?;
    if rules.len() > FILTERS_MAX {
        return Err(format!("a group has at most {FILTERS_MAX} filters"));
    }
    rules.iter().map(Rule::of).collect()
}

impl Rule {
    fn of(given: &Value) -> Result<Rule, String> {
        let name = given.get("fieldName").and_then(Value::as_str).ok_or("a filter has no fieldName")?;
        let path: Vec<Text> = name.split('.').map(Text::from).collect();
        if name.len() > NAME_BYTES_MAX || path.len() > LEVELS_MAX || path.iter().any(|step| step.is_empty()) {
            return Err(format!(
                "{name} is no field's name: it has up to {LEVELS_MAX} levels and {NAME_BYTES_MAX} characters"
            ));
        }
        let operator = given.get("operator").and_then(Value::as_str).unwrap_or_default();
        let known = Operator::of(operator);
        let known = known.ok_or_else(|| format!("{operator} is no operator of filters (at {name})"))?;
        let value = given.get("value").cloned().unwrap_or_default();
        if !known.takes(&value) {
            return Err(format!("{operator} does not take the value {value} (at {name})"));
        }
        Ok(Rule { path, operator: known, value })
    }

    fn matches(&self, payload: &Value) -> bool {
        match at(payload, &self.path).filter(|value| !value.is_null()) {
            Some(field) => self.operator.holds(field, &self.value),
            // What is not there is neither equal to anything nor in anything.
            None => matches!(self.operator, Operator::NotEqual | Operator::NotIn | Operator::NotContains),
        }
    }
}

/// A field of a payload; nothing if that is not known.
pub(super) fn at<'v>(payload: &'v Value, path: &[Text]) -> Option<&'v Value> {
    path.iter().try_fold(payload, |value, step| value.get(step))
}

impl Operator {
    fn of(name: &str) -> Option<Operator> {
        Some(match name {
            "eq" => Operator::Equal,
            "ne" => Operator::NotEqual,
            "le" => Operator::LessOrEqual,
            "lt" => Operator::Less,
            "ge" => Operator::GreaterOrEqual,
            "gt" => Operator::Greater,
            "contains" => Operator::Contains,
            "notContains" => Operator::NotContains,
            "beginsWith" => Operator::BeginsWith,
            "in" => Operator::In,
            "notIn" => Operator::NotIn,
            "between" => Operator::Between,
            "containsAny" => Operator::ContainsAny,
            _ => return None,
        })
    }

    fn takes(self, value: &Value) -> bool {
        let is_ordered = |value: &Value| value.is_number() || value.is_string();
        let is_scalar = |value: &Value| is_ordered(value) || value.is_boolean();
        let list = value.as_array().map(Array::as_slice);
        match self {
            Operator::Equal | Operator::NotEqual => is_scalar(value),
            Operator::LessOrEqual | Operator::Less | Operator::GreaterOrEqual | Operator::Greater => {
                is_ordered(value)
            }
            Operator::Contains | Operator::NotContains => is_ordered(value),
            Operator::BeginsWith => value.is_string(),
            Operator::In | Operator::NotIn => {
                list.is_some_and(|list| list.len() <= ONE_OF_MAX && list.iter().all(is_scalar))
            }
            Operator::Between => list.is_some_and(|list| list.len() == 2 && list.iter().all(is_ordered)),
            Operator::ContainsAny => {
                list.is_some_and(|list| list.len() <= ANY_OF_MAX && list.iter().all(is_scalar))
            }
        }
    }

    fn holds(self, field: &Value, value: &Value) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let compared = || compare(field, value);
        let list = || value.as_array().map(Array::as_slice).unwrap_or_default();
        let among = |items: &[Value]| items.contains(field);
        match self {
            Operator::Equal => field == value,
            Operator::NotEqual => field != value,
            Operator::LessOrEqual => matches!(compared(), Some(Less | Equal)),
            Operator::Less => compared() == Some(Less),
            Operator::GreaterOrEqual => matches!(compared(), Some(Greater | Equal)),
            Operator::Greater => compared() == Some(Greater),
            Operator::Contains => contains(field, value),
            Operator::NotContains => !contains(field, value),
            Operator::BeginsWith => match (field.as_str(), value.as_str()) {
                (Some(field), Some(beginning)) => field.starts_with(beginning),
                _ => false,
            },
            Operator::In => among(list()),
            Operator::NotIn => !among(list()),
            Operator::Between => match list() {
                [low, high] => {
                    matches!(compare(field, low), Some(Greater | Equal))
                        && matches!(compare(field, high), Some(Less | Equal))
                }
                _ => false,
            },
            Operator::ContainsAny => list().iter().any(|item| has(field, item)),
        }
    }
}

/// A part of a text, or a member of a list.
fn contains(field: &Value, value: &Value) -> bool {
    match (field.as_str(), value.as_str()) {
        (Some(field), Some(part)) => field.contains(part),
        _ => has(field, value),
    }
}

fn has(field: &Value, item: &Value) -> bool {
    field.as_array().is_some_and(|items| items.as_slice().contains(item))
}

/// The order of two numbers or two texts; nothing else has one.
fn compare(left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
    match (left.as_i64(), right.as_i64()) {
        (Some(left), Some(right)) if left.unsigned_abs() > 1 << 53 || right.unsigned_abs() > 1 << 53 => {
            // A float would round these.
            return Some(left.cmp(&right));
        }
        _ => {}
    }
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        _ => left.as_str()?.partial_cmp(right.as_str()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(text: &str) -> Filter {
        Filter::of(&Value::parse(text).unwrap()).unwrap()
    }

    fn rule(name: &str, operator: &str, value: &str) -> String {
        format!(r#"{{"fieldName":"{name}","operator":"{operator}","value":{value}}}"#)
    }

    #[test]
    fn every_operator() {
        let payload = Value::parse(
            r#"{"n": 5, "f": 2.5, "s": "apple", "b": true, "l": ["a", "b", 3], "o": {"p": {"q": "deep"}},
                "z": null, "big": 9007199254740993}"#,
        )
        .unwrap();
        // Field, operator, value, whether it holds.
        let table = "
            n eq 5 yes | n eq 5.0 yes | n eq 6 no | n eq \"5\" no | b eq true yes | b eq false no | s eq \"apple\" yes
            z eq 0 no | gone eq 0 no | z ne 0 yes | gone ne 0 yes | n ne 5 no | n ne 6 yes | s ne 5 yes
            n le 5 yes | n le 4 no | n lt 6 yes | n lt 5 no | n ge 5 yes | n ge 6 no | n gt 4.5 yes | n gt 5 no
            f lt 3 yes | s lt \"b\" yes | s gt \"b\" no | s lt 3 no | z lt 3 no | gone ge 0 no
            big eq 9007199254740993 yes | big eq 9007199254740992 no | big gt 9007199254740992 yes
            s contains \"ppl\" yes | s contains \"x\" no | l contains \"a\" yes | l contains 3 yes | l contains 4 no
            n contains 5 no | s notContains \"x\" yes | s notContains \"a\" no | l notContains \"a\" no
            l notContains \"c\" yes | gone notContains \"c\" yes | gone contains \"c\" no
            s beginsWith \"app\" yes | s beginsWith \"ple\" no | n beginsWith \"5\" no
            n in [1,5] yes | n in [1,2] no | s in [\"apple\"] yes | gone in [1] no | n in [] no
            n notIn [1,5] no | n notIn [1,2] yes | gone notIn [1] yes
            n between [5,6] yes | n between [4,5] yes | n between [6,9] no | s between [\"a\",\"b\"] yes | s between [1,2] no
            l containsAny [\"x\",\"b\"] yes | l containsAny [\"x\"] no | s containsAny [\"apple\"] no | gone containsAny [1] no
            o.p.q eq \"deep\" yes | o.p.q eq \"x\" no | o.x.q eq \"deep\" no | o.p eq \"deep\" no | s.x eq \"a\" no";
        for row in table.split(['|', '\n']).map(str::trim).filter(|row| !row.is_empty()) {
            let (rest, expected) = row.rsplit_once(' ').unwrap();
            let mut words = rest.splitn(3, ' ');
            let (name, operator, value) =
                (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
            let filter =
                groups(&format!(r#"{{"filterGroup":[{{"filters":[{}]}}]}}"#, rule(name, operator, value)));
            assert_eq!(filter.matches(&payload), expected == "yes", "{row}");
        }
    }

    #[test]
    fn rules_of_a_group_are_all_needed_and_one_group_is_enough() {
        let payload = Value::parse(r#"{"a": 1, "b": 2}"#).unwrap();
        let filter = |shape: &[&[(&str, &str)]]| {
            let group = |rules: &&[(&str, &str)]| {
                let rules: Vec<_> = rules.iter().map(|(name, value)| rule(name, "eq", value)).collect();
                format!(r#"{{"filters":[{}]}}"#, rules.join(","))
            };
            let text: Vec<_> = shape.iter().map(group).collect();
            groups(&format!(r#"{{"filterGroup":[{}]}}"#, text.join(","))).matches(&payload)
        };
        assert!(filter(&[&[("a", "1"), ("b", "2")]]));
        assert!(!filter(&[&[("a", "1"), ("b", "3")]]));
        assert!(filter(&[&[("a", "2")], &[("b", "2")]]));
        assert!(!filter(&[&[("a", "2")], &[("b", "3")]]));
        assert!(!filter(&[]), "no group holds");
    }

    #[test]
    fn arguments_equal_fields_of_their_names() {
        let payload = Value::parse(r#"{"id": "1", "n": 5, "z": null, "in": {"a": 1.0}}"#).unwrap();
        let wants = |arguments: &str| {
            let arguments = Value::parse(arguments).unwrap().as_object().cloned().unwrap();
            Filter::Arguments(arguments).matches(&payload)
        };
        assert!(wants("{}"), "what is left out does not filter");
        assert!(wants(r#"{"id": "1", "n": 5}"#));
        assert!(!wants(r#"{"id": "1", "n": 6}"#));
        assert!(!wants(r#"{"n": "5"}"#), "kinds differ");
        assert!(wants(r#"{"z": null}"#) && !wants(r#"{"n": null}"#));
        assert!(!wants(r#"{"gone": null}"#) && !wants(r#"{"gone": 1}"#), "the mutation did not select it");
        assert!(wants(r#"{"in": {"a": 1}}"#));
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        let refused = |text: &str| Filter::of(&Value::parse(text).unwrap()).unwrap_err();
        let one = |rule: String| refused(&format!(r#"{{"filterGroup":[{{"filters":[{rule}]}}]}}"#));
        assert_eq!(refused("{}"), "a filter is an object with the list filterGroup");
        assert_eq!(one(rule("a", "like", "1")), "like is no operator of filters (at a)");
        assert_eq!(one(rule("a", "eq", "[1]")), "eq does not take the value [1] (at a)");
        assert_eq!(one(rule("a", "between", "[1]")), "between does not take the value [1] (at a)");
        assert_eq!(one(rule("a", "in", "[1,2,3,4,5,6]")), "in does not take the value [1,2,3,4,5,6] (at a)");
        assert_eq!(
            one(rule("a.b.c.d.e.f", "eq", "1")),
            "a.b.c.d.e.f is no field's name: it has up to 5 levels and 256 characters"
        );
        let many = vec![rule("a", "eq", "1"); 11].join(",");
        assert_eq!(one(many), "a group has at most 10 filters");
        let text = Value::from(r#"{"filterGroup":[{"filters":[]}]}"#);
        assert_eq!(Filter::of(&text), Ok(Filter::Groups(vec![Vec::new()])), "its text will do");
    }
}
