//! Whatever text comes in: compiling it answers or refuses, evaluating it answers or fails.

use std::cell::Cell;

use asl::choice::Condition;
use asl::template::Expression;
use asl::{Environment, Path, ReferencePath, Surroundings, Template, Timestamp};
use json::{Object, Value};
use jsonata::Budget;
use proptest::prelude::*;

struct Nothing(Value, Cell<Budget>);

impl Surroundings for Nothing {
    fn context(&self) -> &Value {
        &self.0
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        (name == "x").then_some(&self.0)
    }

    fn random(&self) -> u128 {
        7
    }

    fn now(&self) -> Timestamp {
        Timestamp(0)
    }

    fn budget(&self) -> &Cell<Budget> {
        &self.1
    }
}

fn document() -> Value {
    Value::parse(r#"{"a":[1,-2.5,"x",null,{"b":"2024-01-01T00:00:00Z","a":[]}],"b":{"a":true},"x":"a"}"#)
        .unwrap()
}

/// Pieces of paths and calls, so that many texts get past the parser.
fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "$",
        "$$",
        "$x",
        ".a",
        ".b",
        "['a']",
        "[\"b\"]",
        "['a','b']",
        "[0]",
        "[-1]",
        "[0,1]",
        "[1:]",
        "[-2:-1]",
        "[*]",
        ".*",
        "..",
        "[?(",
        ")]",
        "@",
        "@.a",
        " == ",
        " > ",
        " in ",
        " =~ ",
        "/a*/i",
        "'x'",
        "&&",
        " || ",
        "!",
        "(",
        ")",
        "[",
        "]",
        ".length()",
        ".sum()",
        ".concat(",
        ".index(",
        "States.",
        "Format(",
        "Array(",
        "MathAdd(",
        "'{}'",
        ", ",
        "1",
        "-0.5e3",
        "null",
        "\\",
        "'",
        "\"",
        "{",
        "}",
        " ",
        "é",
    ];
    prop_oneof![
        3 => prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..12).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
    ]
}

proptest! {
    #[test]
    fn expressions(text in text()) {
        let (document, surroundings) = (document(), Nothing(document(), Cell::default()));
        let environment = Environment::new(&document, &surroundings);
        if let Ok(expression) = Expression::parse(&text) {
            let _ = expression.evaluate("f", &environment);
            expression.variables();
        }
    }

    /// What is read through a Reference Path after it was written there is what was written.
    #[test]
    fn reference_paths_read_what_they_wrote(text in text()) {
        let document = document();
        if let Ok(reference) = ReferencePath::parse(&text)
            && let Some(changed) = reference.put(&document, Value::from("written"))
        {
            let surroundings = Nothing(Value::Null, Cell::default());
            let path = Path::parse_reference(&text).unwrap();
            let environment = Environment::new(&changed, &surroundings);
            prop_assert_eq!(path.query(&environment), Ok(Value::from("written")));
        }
    }

    #[test]
    fn templates_and_rules(name in text(), value in text(), operand in text()) {
        let (document, surroundings) = (document(), Nothing(document(), Cell::default()));
        let environment = Environment::new(&document, &surroundings);
        let members: Object = [(format!("{name}.$"), Value::from(&value)), (name, Value::from(1))].into_iter().collect();
        if let Ok(template) = Template::parse(&Value::from(vec![Value::Object(members)])) {
            let _ = template.evaluate(&environment);
        }
        for operator in ["StringEquals", "StringMatches", "NumericLessThanPath", "TimestampEqualsPath", "StringEqualsPath"] {
            let rule: Object = [("Variable", Value::from(&value)), (operator, Value::from(&operand))].into_iter().collect();
            if let Ok(condition) = Condition::parse(&rule) {
                let _ = condition.holds(&environment);
            }
        }
    }

    #[test]
    fn timestamps(text in "[0-9TZ:.+-]{0,30}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,12})?(Z|[+-][0-9]{2}:[0-9]{2})") {
        if let Some(instant) = asl::timestamp::parse(&text) {
            let timestamp = instant.timestamp();
            prop_assert!(text.starts_with("0000") || text.starts_with("9999") || asl::timestamp::parse(&timestamp.to_iso()).map(|read| read.timestamp()) == Some(timestamp));
        }
    }
}
