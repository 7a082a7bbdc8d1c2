//! The recorded values of AWS's scalars, where they lie: each is valid or not, as a variable and as a literal.

use std::path::Path;

use graphql::scalar::Scalar;
use graphql::syntax::ast::Literal;
use json::Value;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/appsync/scalars.jsonl");

/// As many cases there are at least. The nine that are not sure are followed, too: nothing speaks against them.
const FLOOR: usize = 97;

#[test]
#[allow(clippy::disallowed_methods, reason = "a test reads its cases")]
fn the_recorded_values_are_taken_and_refused() {
    let Ok(cases) = std::fs::read_to_string(Path::new(FILE)) else {
        println!("skipped: there are no cases in {FILE}");
        return;
    };
    let mut failed = Vec::new();
    let mut count = 0;
    for line in cases.lines().filter(|line| !line.is_empty()) {
        let case = Value::parse(line).expect("a case is JSON");
        let name = case.get("scalar").and_then(Value::as_str).expect("a scalar");
        let valid = case.get("valid").and_then(Value::as_bool).expect("a verdict");
        let input = case.get("input").expect("an input");
        let (_, scalar) =
            Scalar::ALL.into_iter().find(|(known, _)| *known == name).expect("a scalar of AWS's");
        let as_variable = scalar.variable_value(input).is_some();
        let as_literal = scalar.literal_value(&literal(input)).is_some();
        count += 1;
        if (as_variable, as_literal) != (valid, valid) {
            failed.push(format!("{line}\n    as a variable {as_variable}, as a literal {as_literal}"));
        }
    }
    println!("passed {} of {count}", count - failed.len());
    assert!(failed.is_empty(), "\n{}\n", failed.join("\n"));
    assert!(count >= FLOOR, "{count} cases; there were {FLOOR} before");
}

fn literal(value: &Value) -> Literal {
    match value {
        Value::Int(number) => Literal::Int(number.to_string().into()),
        Value::Float(number) => Literal::Float(number.to_string().into()),
        Value::Bool(value) => Literal::Boolean(*value),
        other => Literal::String(other.as_str().expect("a string").into()),
    }
}
