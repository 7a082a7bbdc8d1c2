//! Builds a machine from a definition that is known to be right, without the checks of `asl::definition`.

use asl::Timestamp;
use asl::choice::Condition;
use asl::machine::*;
use asl::path::{Path, ReferencePath};
use asl::resource::{Pattern, Resource};
use asl::template::{Expression, Template};
use json::{Text, Value};
/// The machine of a whole definition.
pub fn build(v: &Value) -> StateMachine {
    let mut m = StateMachine {
        states: vec![],
        containers: vec![],
        timeout_seconds: v.get("TimeoutSeconds").and_then(|t| t.as_i64()).map(|t| t as u64),
        variable_references: vec![],
    };
    container(&mut m, v, None);
    m
}
fn number(m: &mut Vec<(Text, StateId)>, next: &mut u32, c: &Value) {
    for (name, s) in c.get("States").unwrap().as_object().unwrap().iter() {
        m.push((name.clone(), StateId(*next)));
        *next += 1;
        for b in s.get("Branches").and_then(|b| b.as_array()).into_iter().flat_map(|a| a.iter()) {
            number(m, next, b)
        }
        if let Some(p) = s.get("ItemProcessor").or(s.get("Iterator")) {
            number(m, next, p)
        }
    }
}
fn container(m: &mut StateMachine, c: &Value, owner: Option<StateId>) -> ContainerId {
    let id = ContainerId(m.containers.len() as u32);
    let mut names = vec![];
    let mut next = m.states.len() as u32;
    number(&mut names, &mut next, c);
    let find = |n: &str| names.iter().find(|(k, _)| k == n).map(|(_, s)| *s).unwrap();
    m.containers.push(Container { start_at: find(c.get("StartAt").unwrap().as_str().unwrap()), owner });
    for (name, s) in c.get("States").unwrap().as_object().unwrap().iter() {
        let me = StateId(m.states.len() as u32);
        let sel = |k: &str| match s.get(k) {
            None => Selection::Whole,
            Some(Value::Null) => Selection::Nothing,
            Some(p) => Selection::Path(Path::parse(p.as_str().unwrap()).unwrap()),
        };
        let rp = |s: &Value| match s.get("ResultPath") {
            None => ResultPath::Whole,
            Some(Value::Null) => ResultPath::Discard,
            Some(p) if p.as_str() == Some("$") => ResultPath::Whole,
            Some(p) => ResultPath::At(ReferencePath::parse(p.as_str().unwrap()).unwrap()),
        };
        let int = |k: &str| s.get(k).and_then(|v| v.as_i64()).map(|v| v as u64);
        let path = |k: &str| s.get(k).map(|p| Path::parse(p.as_str().unwrap()).unwrap());
        let count =
            |k: &str| int(k).map(Count::Literal).or_else(|| path(&format!("{k}Path")).map(Count::Path));
        let is_map = s.get("Type").unwrap().as_str() == Some("Map");
        m.states.push(State {
            name: name.clone(),
            container: id,
            query_language: QueryLanguage::JsonPath,
            flow: Flow {
                input_path: sel("InputPath"),
                parameters: s.get("Parameters").filter(|_| !is_map).map(template),
                result_selector: s.get("ResultSelector").map(template),
                result_path: rp(s),
                output_path: sel("OutputPath"),
                output: None,
                assign: s.get("Assign").map(template),
            },
            next: s.get("Next").map(|n| find(n.as_str().unwrap())),
            retry: s
                .get("Retry")
                .and_then(|r| r.as_array())
                .into_iter()
                .flat_map(|a| a.iter())
                .map(|r| Retrier {
                    error_equals: names_of(r),
                    interval_seconds: r.get("IntervalSeconds").and_then(|v| v.as_i64()).unwrap_or(1) as u64,
                    max_attempts: r.get("MaxAttempts").and_then(|v| v.as_i64()).unwrap_or(3) as u64,
                    backoff_rate: r.get("BackoffRate").and_then(|v| v.as_f64()).unwrap_or(2.0),
                    max_delay_seconds: r.get("MaxDelaySeconds").and_then(|v| v.as_i64()).map(|v| v as u64),
                    full_jitter: r.get("JitterStrategy").is_some(),
                })
                .collect(),
            catch: s
                .get("Catch")
                .and_then(|r| r.as_array())
                .into_iter()
                .flat_map(|a| a.iter())
                .map(|r| Catcher {
                    error_equals: names_of(r),
                    next: find(r.get("Next").unwrap().as_str().unwrap()),
                    result_path: rp(r),
                    assign: r.get("Assign").map(template),
                    output: None,
                })
                .collect(),
            kind: Kind::Succeed,
        });
        let kind = match s.get("Type").unwrap().as_str().unwrap() {
            "Pass" => Kind::Pass { result: s.get("Result").cloned() },
            "Succeed" => Kind::Succeed,
            "Wait" => Kind::Wait(if let Some(n) = int("Seconds") {
                WaitUntil::Seconds(n)
            } else if let Some(p) = path("SecondsPath") {
                WaitUntil::SecondsPath(p)
            } else if let Some(p) = path("TimestampPath") {
                WaitUntil::TimestampPath(p)
            } else {
                WaitUntil::Timestamp(Timestamp(
                    (asl::timestamp::parse(s.get("Timestamp").unwrap().as_str().unwrap()).unwrap().0
                        / 1_000_000) as i64,
                ))
            }),
            "Fail" => {
                let t = |k: &str| {
                    s.get(k).map(|t| FailText::Literal(t.as_str().unwrap().into())).or_else(|| {
                        s.get(&format!("{k}Path"))
                            .map(|p| FailText::Expression(Expression::parse(p.as_str().unwrap()).unwrap()))
                    })
                };
                Kind::Fail { error: t("Error"), cause: t("Cause") }
            }
            "Choice" => Kind::Choice {
                rules: s
                    .get("Choices")
                    .unwrap()
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|r| ChoiceRule {
                        condition: Condition::parse(r.as_object().unwrap()).unwrap(),
                        next: find(r.get("Next").unwrap().as_str().unwrap()),
                        assign: r.get("Assign").map(template),
                        output: None,
                    })
                    .collect(),
                default: s.get("Default").map(|n| find(n.as_str().unwrap())),
            },
            "Parallel" => {
                let mut b = vec![];
                for branch in s.get("Branches").unwrap().as_array().unwrap().iter() {
                    b.push(container(m, branch, Some(me)));
                }
                Kind::Parallel { branches: b }
            }
            "Map" => {
                let p = container(m, s.get("ItemProcessor").or(s.get("Iterator")).unwrap(), Some(me));
                Kind::Map(Box::new(Map {
                    processor: p,
                    items_path: path("ItemsPath"),
                    item_selector: s.get("ItemSelector").or(s.get("Parameters")).map(template),
                    max_concurrency: count("MaxConcurrency").unwrap_or(Count::Literal(0)),
                    tolerated_failure_count: None,
                    tolerated_failure_percentage: None,
                }))
            }
            "Task" => {
                let r = s.get("Resource").unwrap().as_str().unwrap();
                let parts: Vec<&str> = r.splitn(6, ':').collect();
                let resource = if parts[2] == "lambda" {
                    Resource::Function { arn: r.into() }
                } else if parts[5].starts_with("activity:") {
                    Resource::Activity { arn: r.into() }
                } else {
                    let (service, rest) = parts[5].rsplit_once(':').unwrap_or(("", parts[5]));
                    let (service, rest) = if rest == "2" {
                        let (s, r) = service.rsplit_once(':').unwrap();
                        (s, format!("{r}:2"))
                    } else {
                        (service, rest.to_string())
                    };
                    let (action, pattern) = match rest.split_once('.') {
                        None => (rest.clone(), Pattern::RequestResponse),
                        Some((a, "sync")) => (a.into(), Pattern::Sync),
                        Some((a, "sync:2")) => (a.into(), Pattern::Sync2),
                        Some((a, _)) => (a.to_string(), Pattern::WaitForTaskToken),
                    };
                    Resource::Integration { service: service.into(), action: action.into(), pattern }
                };
                Kind::Task(Box::new(Task {
                    resource,
                    timeout: count("TimeoutSeconds"),
                    heartbeat: count("HeartbeatSeconds"),
                    credentials: s.get("Credentials").map(template),
                }))
            }
            x => panic!("{x}"),
        };
        m.states[me.0 as usize].kind = kind;
    }
    id
}
fn names_of(r: &Value) -> Vec<Text> {
    r.get("ErrorEquals").unwrap().as_array().unwrap().iter().map(|v| v.as_str().unwrap().into()).collect()
}
fn template(v: &Value) -> Template {
    Template::parse(v).unwrap()
}
