use json::Value;

use super::*;

/// A request with these members, and the input `{"n":7,"list":[1,2,3]}`, the variable `$v` and a state's name.
#[track_caller]
fn check(members: &str, expected: &str) {
    let fixed = r#""input":"{\"n\":7,\"list\":[1,2,3]}","variables":"{\"v\":[10,20]}","context":"{\"State\":{\"Name\":\"S\"}}""#;
    let body = format!("{{{fixed},{members}}}");
    let said = match Body::parse(body.as_bytes()).and_then(|body| read(&body)) {
        Ok(request) => without_steps(&write(&evaluate(&request, Timestamp(1_735_689_600_000)))),
        Err(error) => format!("{}: {}", error.code, error.message),
    };
    assert_eq!(said, expected, "{members}");
}

fn without_steps(answer: &str) -> String {
    let Ok(Value::Object(mut answer)) = Value::parse(answer) else { panic!("{answer}") };
    let steps = answer.remove("steps").and_then(|steps| steps.as_i64());
    assert!(answer.remove("stepsMax").is_none() || steps.is_some_and(|steps| steps > 0));
    Value::Object(answer).to_text()
}

#[track_caller]
fn gives(members: &str, output: &str) {
    let output = Value::from(output).to_text();
    check(members, &format!(r#"{{"status":"SUCCEEDED","output":{output}}}"#));
}

#[test]
fn paths_and_intrinsic_functions() {
    gives(r#""expression":"$.n""#, "7");
    gives(r#""expression":" $.list[?(@ > 1)] ""#, "[2,3]");
    gives(r#""expression":"$$.State.Name""#, r#""S""#);
    gives(r#""expression":"$v[1]""#, "20");
    gives(r#""expression":"States.Format('{} of {}', $.n, $$.State.Name)""#, r#""7 of S""#);
    check(
        r#""expression":"$.none""#,
        r#"{"status":"FAILED","error":"States.Runtime","cause":"The JSONPath '$.none' specified for the field 'value.$' could not be found in the input '{\"n\":7,\"list\":[1,2,3]}'"}"#,
    );
}

#[test]
fn templates() {
    gives(r#""template":"{\"a.$\":\"$.n\",\"b\":[1.0,\"$.n\"]}""#, r#"{"a":7,"b":[1.0,"$.n"]}"#);
    gives(
        r#""queryLanguage":"JSONata","template":"{\"a\":\"{% $sum($states.input.list) %}\",\"b\":1e3}""#,
        r#"{"a":6,"b":1000.0}"#,
    );
}

#[test]
fn jsonata_sees_what_a_state_of_its_moment_sees() {
    let jsonata = |rest: &str| format!(r#""queryLanguage":"JSONata",{rest}"#);
    gives(&jsonata(r#""expression":"$states.input.n * 2""#), "14");
    gives(&jsonata(r#""expression":"{% $v[0] & $states.context.State.Name %}""#), r#""10S""#);
    gives(&jsonata(r#""expression":"$states.result.x","result":"{\"x\":true}""#), "true");
    gives(
        &jsonata(r#""expression":"$states.errorOutput.Error","errorOutput":"{\"Error\":\"E\"}""#),
        r#""E""#,
    );
    gives(&jsonata(r#""expression":"$millis()""#), "1735689600000");
    check(
        &jsonata(r#""expression":"$states.input.none""#),
        r#"{"status":"FAILED","error":"States.QueryEvaluationError","cause":"The JSONata expression '$states.input.none' specified for the field 'Output' returned nothing (undefined)."}"#,
    );
    check(
        &jsonata(r#""expression":"1 +""#),
        r#"{"status":"INVALID","diagnostics":[{"severity":"ERROR","code":"INVALID_JSONATA_EXPRESSION","message":"Unexpected end of expression","location":"Output"}]}"#,
    );
}

#[test]
fn what_no_state_machine_could_have_is_told() {
    check(
        r#""expression":"plain""#,
        r#"{"status":"INVALID","diagnostics":[{"severity":"ERROR","code":"SCHEMA_VALIDATION_FAILED","message":"The value for the field 'value.$' must be a valid JSONPath or a valid intrinsic function call","location":"Parameters"}]}"#,
    );
}

#[test]
fn an_evaluation_ends() {
    check(
        r#""queryLanguage":"JSONata","expression":"($f := function($n) { $f($n + 1) }; $f(0))""#,
        r#"{"status":"FAILED","error":"States.QueryEvaluationError","cause":"The JSONata expression '($f := function($n) { $f($n + 1) }; $f(0))' specified for the field 'Output' threw an error during evaluation: the expression takes too many steps"}"#,
    );
}

#[test]
fn requests_say_one_thing() {
    let one = "ValidationException: Say what to evaluate: either expression or template";
    check(r#""queryLanguage":"JSONata""#, one);
    check(r#""expression":"$","template":"{}""#, one);
    check(
        r#""expression":"$","result":"1""#,
        "ValidationException: result and errorOutput are $states.result and $states.errorOutput of JSONata. In JSONPath \
         the input is $, also of ResultSelector: give it as input",
    );
    check(
        r#""template":"[1 2]""#,
        "ValidationException: template is not JSON: Unexpected character ('2' (code 50)): was expecting comma to separate Array entries",
    );
    check(
        r#""expression":"$","queryLanguage":"SQL""#,
        "ValidationException: 1 validation error detected: Value 'SQL' at 'queryLanguage' failed to satisfy constraint: \
         Member must satisfy enum value set: [JSONPath, JSONata]",
    );
}
