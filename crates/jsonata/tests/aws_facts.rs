//! What was measured of AWS itself about JSONata (spec/asl.md §13): each fact, and where our limits are
//! wider, that they are, and that they are there. (docs/decisions/0008-jsonata.md)

use json::{Value, value};
use jsonata::{Budget, EvaluationError, Expression, Nothing, Outside, Problem};

fn evaluate_with(text: &str, seed: u128) -> Result<Option<Value>, EvaluationError> {
    let expression = Expression::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    expression.evaluate(None, &Nothing, Outside { now: 0, seed }, &mut Budget::default())
}

#[track_caller]
fn gives(text: &str, expected: Value) {
    assert_eq!(evaluate_with(text, 7), Ok(Some(expected)), "{text}");
}

#[track_caller]
fn fails(text: &str, problem: Problem, code: &str) {
    let error = evaluate_with(text, 7).expect_err(text);
    assert_eq!((error.problem, error.code), (problem, code), "{text}");
}

fn sum(terms: usize) -> String {
    vec!["1"; terms].join("+")
}

#[test]
fn ranges_are_bounded() {
    gives("$count([1..873782])", value!(873_782));
    // Refused by AWS.
    gives("$count([1..873783])", value!(873_783));
    fails("$sum([1..10000001])", Problem::Thrown, "D2014");
}

#[test]
fn texts_are_bounded() {
    gives("$length($pad('', 4194304, 'x'))", value!(1 << 22));
    fails("$length($pad('', 8388608, 'x'))", Problem::Exceeded, "");
}

#[test]
fn depth_is_bounded() {
    gives(&sum(100), value!(100));
    // Refused by AWS, which has not been asked where between 100 and 200 it stops.
    gives(&sum(199), value!(199));
    assert!(Expression::compile(&sum(202)).is_err());
    fails("($f := function($x){ 1 + $f($x) }; $f(1))", Problem::Exceeded, "");
    fails("($f := function($x){ $f($x) }; $f(1))", Problem::Exceeded, "");
}

#[test]
fn numbers_that_are_none() {
    gives("[1/0]", value!(["Infinity"]));
    gives("{'k': 1/0}", value!({ "k": "Infinity" }));
    // Within the expression it still is a number.
    gives("[{'k': -1/0}.k < 0, $type([1/0][0])]", value!([true, "number"]));
    assert!(evaluate_with("1/0", 7).is_ok());
}

#[test]
fn functions_that_fail_and_functions_that_do_not() {
    fails("$formatNumber(1, 'x')", Problem::Thrown, "D3086");
    fails("$base64decode('!!!')", Problem::Internal, "");
    fails("$eval('1')", Problem::Thrown, "T1006");
    fails("$uppercase", Problem::UnsupportedResult, "");
    for (text, picture) in
        [("nonsense", "0"), ("nonsense", "w"), ("", "0"), ("", "w"), ("12", "I"), ("?", "A")]
    {
        let call = format!("$parseInteger('{text}', '{picture}')");
        assert!(evaluate_with(&call, 7).is_ok(), "{call} gives {:?}", evaluate_with(&call, 7));
    }
}

#[test]
fn random_numbers_follow_their_seed() {
    let drawn =
        |text: &str, seed| evaluate_with(text, seed).unwrap().and_then(|drawn| drawn.as_f64()).unwrap();
    for seed in ["0", "1", "-1", "42", "1.9", "1e15"] {
        let call = format!("$random({seed})");
        assert!((0.0..1.0).contains(&drawn(&call, 1)));
        // The execution's own seed has no part in it.
        assert_eq!(drawn(&call, 1), drawn(&call, 2), "{call}");
    }
    assert_ne!(drawn("$random(1)", 1), drawn("$random(2)", 1));
    assert_ne!(drawn("$random()", 1), drawn("$random()", 2));
    gives("$range(1, 9, 9)", value!(1));
}
