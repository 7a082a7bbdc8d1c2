//! Expressions: ours in turn with the reference implementation on Node and with another crate.
//!
//! Each of them is a program that reads the same file, so that nothing but the implementation differs.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use json::{Object, Value};

use crate::bench::example;
use crate::bench::figure::Figure;
use crate::bench::plan::Plan;
use crate::shell;

/// What is compared with. Another version is another comparison.
const NODE_PACKAGE: &str = "jsonata@2.2.2";
const CRATE: &str = "xtask/reference/jsonata-core";

const METHOD: &str = "Nanoseconds of the processor's time for one evaluation of a compiled expression, with \
    $states bound and no other input; three rounds in turn (ours, jsonata-js on Node, the crate \
    jsonata-core), of each the median. All three give the same value.";
const PATHS: &str =
    "Nanoseconds of the processor's time for one evaluation of a compiled path, the value cloned.";

/// What a state's fields do with its input: choose, compute, shape, put together, look for, sum up.
const EXPRESSIONS: [(&str, &str); 10] = [
    ("a number", "$states.input.order.total * 1.1"),
    ("a condition", "$states.input.order.total > 1000 and $states.input.order.customer.tier = 'gold'"),
    (
        "a text",
        "'Order ' & $states.input.order.id & ' of ' & $states.input.order.customer.name & ': ' & $states.input.order.total",
    ),
    (
        "an object",
        "{ 'id': $states.input.order.id, 'net': $states.input.order.total / 1.19, 'lines': $count($states.input.order.items) }",
    ),
    ("a predicate over 100", "$states.input.order.items[price > 60].id"),
    ("$filter of 100", "$filter($states.input.order.items, function($i) { $i.price > 60 })"),
    (
        "$map of 100 to objects",
        "$map($states.input.order.items, function($i) { { 'id': $i.id, 'total': $i.price * $i.quantity } })",
    ),
    ("a sum of 100 products", "$sum($states.input.order.items.(price * quantity))"),
    ("100 in groups", "$states.input.order.items{ kind: $sum(quantity) }"),
    ("100 in order", "$states.input.order.items^(>price, id).id"),
];

const DEFINITE: [&str; 4] =
    ["$.order.total", "$.order.items[99].price", "$$.order.customer.name", "$v.order.id"];
const INDEFINITE: [&str; 2] = ["$.order.items[*].price", "$.order.items[?(@.price > 60)].id"];

/// Prints what our example prints.
const SCRIPT: &str = r#"import { readFileSync } from "node:fs";
import jsonata from "jsonata";

const { milliseconds, input, expressions } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const bindings = { states: { input } };
const microseconds = () => { const { user, system } = process.cpuUsage(); return user + system; };

const run = async (expression, least) => {
  for (let rounds = 1; ; rounds *= 2) {
    const start = microseconds();
    for (let round = 0; round < rounds; round++) await expression.evaluate(undefined, bindings);
    const elapsed = microseconds() - start;
    if (elapsed >= least * 1000) return elapsed * 1000 / rounds;
  }
};

for (const text of expressions) {
  const expression = jsonata(text);
  const value = await expression.evaluate(undefined, bindings);
  // The engine has compiled what it will compile by then.
  await run(expression, 2 * milliseconds);
  console.log(await run(expression, milliseconds), JSON.stringify(value));
}
"#;

/// An implementation's times, and what it calculated.
type Lines = Vec<(f64, Value)>;

/// Somebody else's implementation, or why it is not at hand.
struct Other {
    name: &'static str,
    program: Result<Command, String>,
    rounds: Vec<Lines>,
}

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let file = plan.folder("expressions.json");
    let texts: Value = EXPRESSIONS.iter().map(|(_, text)| Value::from(*text)).collect();
    let paths: Value = DEFINITE.iter().chain(&INDEFINITE).map(|path| Value::from(*path)).collect();
    let milliseconds = plan.many(200, 2);
    let cases = json::value!({
        "milliseconds": milliseconds, "input": (input()), "expressions": texts, "paths": paths
    });
    std::fs::write(&file, cases.to_text())?;

    let mut others = [
        Other { name: "jsonata-js", program: node(plan), rounds: Vec::new() },
        Other { name: "jsonata-core", program: jsonata_core(plan), rounds: Vec::new() },
    ];
    let mut ours: Vec<Lines> = Vec::new();
    for round in 1..=plan.many(3, 1) {
        plan.say(format_args!("ten expressions, round {round}"));
        ours.push(lines(&example("jsonata", "expressions", &[&file])?, EXPRESSIONS.len())?);
        others.iter_mut().try_for_each(|other| other.run(&file))?;
    }
    for (place, (name, text)) in EXPRESSIONS.into_iter().enumerate() {
        let nanoseconds = median(&ours, place);
        figures.push(Figure::new(name, nanoseconds, "ns", METHOD).beside(text));
        for (other, times_least) in others.iter().zip([10.0, 1.0]) {
            figures.push(other.figure(place, nanoseconds, &ours[0][place].1, times_least)?);
        }
    }

    plan.say("paths");
    let found = lines(&example("asl", "paths", &[&file])?, DEFINITE.len() + INDEFINITE.len())?;
    for (text, (nanoseconds, _)) in DEFINITE.iter().chain(&INDEFINITE).zip(found) {
        let figure = Figure::new(format!("the path {text}"), nanoseconds, "ns", PATHS);
        figures.push(if DEFINITE.contains(text) { figure.at_most(40.0) } else { figure });
    }
    Ok(())
}

impl Other {
    fn run(&mut self, file: &Path) -> anyhow::Result<()> {
        let Ok(program) = &mut self.program else { return Ok(()) };
        // The file's name is the last argument, and the same in each round.
        if self.rounds.is_empty() {
            program.arg(file);
        }
        let output = program.output().with_context(|| format!("cannot start {}", self.name))?;
        let errors = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "{} failed: {errors}", self.name);
        self.rounds.push(lines(&String::from_utf8_lossy(&output.stdout), EXPRESSIONS.len())?);
        Ok(())
    }

    /// How many times as long as ours it takes.
    fn figure(&self, place: usize, ours: f64, value: &Value, times_least: f64) -> anyhow::Result<Figure> {
        let name = format!("… {} : ours", self.name);
        if let Err(why) = &self.program {
            return Ok(Figure::not_available(name, why));
        }
        let theirs = &self.rounds[0][place].1;
        let (text, value) = (EXPRESSIONS[place].1, comparable(value));
        anyhow::ensure!(value == comparable(theirs), "{text} is {value} here and {theirs} for {}", self.name);
        let nanoseconds = median(&self.rounds, place);
        let figure = Figure::new(name, nanoseconds / ours, "times", METHOD).at_least(times_least);
        Ok(figure.beside(format!("{} {nanoseconds:.0} ns", self.name)))
    }
}

/// `NANOSECONDS VALUE` in each line.
fn lines(output: &str, count: usize) -> anyhow::Result<Lines> {
    let line = |line: &str| {
        let (nanoseconds, value) = line.split_once(' ').context("a line is a time and a value")?;
        Ok((nanoseconds.parse()?, Value::parse(value)?))
    };
    let lines = output.lines().map(line).collect::<anyhow::Result<Lines>>()?;
    anyhow::ensure!(lines.len() == count, "{} lines instead of {count}", lines.len());
    Ok(lines)
}

fn median(rounds: &[Lines], place: usize) -> f64 {
    let mut times: Vec<f64> = rounds.iter().map(|lines| lines[place].0).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Numbers as JavaScript has them, members in one order.
fn comparable(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(comparable).collect(),
        Value::Object(members) => {
            let mut members: Vec<_> =
                members.iter().map(|(name, value)| (name.clone(), comparable(value))).collect();
            members.sort_by(|one, two| one.0.cmp(&two.0));
            Value::Object(members.into_iter().collect())
        }
        number if number.is_number() => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        other => other.clone(),
    }
}

/// About 8 KB: an order with 100 items.
fn input() -> Value {
    let kinds = ["book", "tool", "toy", "food", "plant"];
    let items = (0..100usize).map(|number| {
        // No order that is one already.
        let price = (number * 37 % 100) as f64 * 1.25 + 0.5;
        json::value!({
            "id": (format!("item-{number:04}")), "kind": (kinds[number % 5]), "price": price,
            "quantity": (number % 7 + 1), "tags": ["a", "b"]
        })
    });
    let mut order = Object::new();
    order.insert("id", "o-4711");
    order.insert("total", 1234.5);
    order.insert("customer", json::value!({ "name": "Ada", "tier": "gold" }));
    order.insert("items", items.collect::<Value>());
    json::value!({ "order": (Value::Object(order)) })
}

/// jsonata-js; npm installs it at the first full run.
fn node(plan: &Plan) -> Result<Command, String> {
    let folder = plan.folder("jsonata-js");
    if !shell::exists("node") || !shell::exists("npm") {
        return Err("node and npm are not on the path".to_owned());
    }
    if !folder.join("node_modules/jsonata").is_dir() {
        if plan.quick {
            return Err("a full run installs it".to_owned());
        }
        plan.say("installing jsonata with npm");
        install(&folder).map_err(|error| format!("{error:#}"))?;
    }
    std::fs::write(folder.join("expressions.mjs"), SCRIPT).map_err(|error| error.to_string())?;
    let mut command = Command::new("node");
    command.arg(folder.join("expressions.mjs")).env("NODE_ENV", "production");
    Ok(command)
}

fn install(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("package.json"), "{ \"private\": true, \"type\": \"module\" }\n")?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", NODE_PACKAGE]).current_dir(folder);
    let output = npm.output().context("cannot start npm")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "npm could not install {NODE_PACKAGE}: {errors}");
    Ok(())
}

/// The crate jsonata-core; a workspace of its own, built at the first full run.
fn jsonata_core(plan: &Plan) -> Result<Command, String> {
    let target: PathBuf = shell::root().join("target/bench/jsonata-core");
    let program = target.join("release/jsonata-core-reference");
    if !program.is_file() {
        if plan.quick {
            return Err("a full run builds it".to_owned());
        }
        plan.say("building jsonata-core");
    }
    if !plan.quick {
        shell::cargo(["build", "--release", "--quiet", "--manifest-path"])
            .args([shell::root().join(CRATE).join("Cargo.toml")])
            .args(["--target-dir".into(), target])
            .run()
            .map_err(|error| format!("{error:#}"))?;
    }
    Ok(Command::new(program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_program_are_times_and_values() {
        let lines = lines("12.5 {\"a\":1}\n7 [2.0]\n", 2).unwrap();
        assert_eq!(lines[0], (12.5, json::value!({ "a": 1 })));
        assert_eq!(comparable(&lines[1].1), comparable(&json::value!([2])));
        assert!(super::lines("12.5 1\n", 2).is_err());
    }

    #[test]
    fn who_calculates_something_else_is_not_compared() {
        let rounds = vec![vec![(30.0, json::value!({ "b": 1, "a": 2 })); 10]];
        let other = Other { name: "other", program: Ok(Command::new("true")), rounds };
        let figure = other.figure(0, 10.0, &json::value!({ "a": 2.0, "b": 1 }), 10.0).unwrap();
        assert_eq!((figure.met(), &*figure.reference), (Some(false), "other 30 ns"));
        assert!(other.figure(0, 10.0, &json::value!({ "a": 2 }), 10.0).is_err());
    }

    #[test]
    fn the_input_is_as_large_as_it_says() {
        assert!((7_500..=9_500).contains(&input().to_text().len()), "{}", input().to_text().len());
    }
}
