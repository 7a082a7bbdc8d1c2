//! The language's own test suite, where it lies: each case gives the value or the error it names.

use std::collections::BTreeMap;
use std::path::Path;

use json::Value;
use jsonata::{Budget, EvaluationError, Expression, Outside, Problem, StatesMember, Surroundings};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/jsonata");

/// As many cases pass at least.
const FLOOR: usize = 988;

/// Where the identifiers of all other cases begin; docs/decisions/0008-jsonata.md says why.
const REFUSED: [&str; 2] = ["function-eval/", "function-encodeUrlComponent/case002"];

/// The variables that a case binds.
struct Bound(Value);

impl Surroundings for Bound {
    fn states(&self, _: StatesMember) -> Option<&Value> {
        None
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

enum Outcome {
    Passed,
    Failed(String),
}

#[test]
#[allow(clippy::disallowed_methods, reason = "some cases nest deeper than a test's thread allows")]
fn the_suite_passes() {
    let thread = std::thread::Builder::new().stack_size(16 << 20).spawn(run_all);
    thread.unwrap().join().unwrap();
}

#[allow(clippy::disallowed_methods, reason = "a test reads its cases")]
fn run_all() {
    let Ok(cases) = std::fs::read_to_string(Path::new(FOLDER).join("cases.jsonl")) else {
        println!("skipped: there are no cases in {FOLDER}");
        return;
    };
    let mut datasets = BTreeMap::new();
    for entry in std::fs::read_dir(Path::new(FOLDER).join("datasets")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        datasets.insert(name, Value::parse(&std::fs::read_to_string(path).unwrap()).unwrap());
    }
    let (mut passed, mut all) = (0, 0);
    let mut unexpected = Vec::new();
    for line in cases.lines().filter(|line| !line.is_empty()) {
        let case = Value::parse(line).unwrap();
        all += 1;
        match run(&case, &datasets) {
            Outcome::Passed => passed += 1,
            Outcome::Failed(why) => {
                let id = case.get("id").and_then(Value::as_str).unwrap();
                let differs = if case.get("differs_2_0_6").is_some() { " (differs in 2.0.6)" } else { "" };
                println!("{id}{differs}: {why}");
                if !REFUSED.iter().any(|refused| id.starts_with(refused)) {
                    unexpected.push(id.to_owned());
                }
            }
        }
    }
    println!("passed {passed} of {all}");
    assert_eq!(unexpected, Vec::<String>::new(), "these cases have no reason to fail");
    assert!(passed >= FLOOR, "{passed} cases pass of {all}; {FLOOR} did before");
}

fn run(case: &Value, datasets: &BTreeMap<String, Value>) -> Outcome {
    let text = match case.get("expr").and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        None => {
            let units = case.get("expr_utf16").and_then(Value::as_array).unwrap();
            let units: Vec<u16> = units.iter().map(|unit| unit.as_i64().unwrap() as u16).collect();
            String::from_utf16_lossy(&units)
        }
    };
    let dataset = case.get("dataset").and_then(Value::as_str);
    let input = case.get("data").or_else(|| dataset.map(|name| &datasets[name]));
    let bindings = Bound(case.get("bindings").cloned().unwrap_or_default());
    let depth = case.get("depth").and_then(Value::as_i64);
    // The suite's time limits are for a slower implementation; steps stand in for them.
    let mut budget = Budget::default();
    if let Some(depth) = depth {
        budget.depth = depth as u32;
    }
    let result = evaluate(&text, input, &bindings, budget);
    let expected_code = case.get("code").and_then(Value::as_str);
    let shown = match &result {
        Ok(Some(value)) => value.to_text(),
        Ok(None) => "nothing".to_owned(),
        Err(error) => format!("{} {} ({:?})", error.code, error.message, error.problem),
    };
    let expectation = match expected_code {
        Some(code) => code.to_owned(),
        None => case.get("result").map_or("nothing".to_owned(), Value::to_text),
    };
    let unordered = case.get("unordered").is_some();
    let fits = match (&result, expected_code, case.get("result")) {
        (Err(error), Some("U1001"), _) => error.problem == Problem::Exceeded,
        (Err(error), Some(code), _) => error.code == code && message_fits(case, error),
        (Ok(Some(value)), None, Some(expected)) => {
            same(&normal(value), &normal(expected)) || (unordered && same_unordered(value, expected))
        }
        (Ok(None), None, None) => true,
        _ => false,
    };
    if fits {
        return Outcome::Passed;
    }
    let cut = |text: String| text.chars().take(300).collect::<String>();
    Outcome::Failed(format!("{}\n    gives {}\n    not   {}", cut(text), cut(shown), cut(expectation)))
}

fn message_fits(case: &Value, error: &EvaluationError) -> bool {
    let message = case.get("error").and_then(|error| error.get("message")).and_then(Value::as_str);
    message.is_none_or(|message| error.message == message)
}

fn evaluate(
    text: &str,
    input: Option<&Value>,
    bindings: &Bound,
    budget: Budget,
) -> Result<Option<Value>, EvaluationError> {
    let expression = Expression::compile(text).map_err(|error| EvaluationError {
        code: error.code,
        message: error.message,
        problem: Problem::Thrown,
    })?;
    // 3 September 2018, 12:00 UTC
    expression.evaluate(input, bindings, Outside { now: 1_535_976_000_000, seed: 1 }, &mut budget.clone())
}

/// Values compare as JavaScript sees them: all numbers are doubles.
fn normal(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), normal(value))).collect())
        }
        number if number.is_number() => Value::Float(number.as_f64().unwrap()),
        other => other.clone(),
    }
}

fn same(one: &Value, two: &Value) -> bool {
    one == two
}

fn same_unordered(one: &Value, two: &Value) -> bool {
    let texts = |value: &Value| {
        let mut texts: Vec<String> = normal(value)
            .as_array()
            .map(|items| items.iter().map(Value::to_text).collect())
            .unwrap_or_default();
        texts.sort();
        texts
    };
    texts(one) == texts(two)
}
