//! What to do about a finding, in a sentence.
//!
//! Never here: whether it is one, and AWS's words for it (that is `asl`).

use asl::Diagnostic;
use json::{Object, Value};

/// What to do about `found` in this definition, where there is something to say beyond its message.
pub fn advice(found: &Diagnostic, definition: &Value) -> Option<String> {
    let message = found.message.as_str();
    let location = found.location.as_deref().unwrap_or_default();
    match found.code {
        "MISSING_END_STATE" => {
            return Some(r#"give a state "End": true, or lead to one of type Succeed or Fail"#.into());
        }
        "DUPLICATE_STATE_NAME" => {
            return Some(
                "names are unique in the whole machine, branches and Maps included: rename one".into(),
            );
        }
        "NO_DOLLAR" => return Some(r#"where a value is to be computed, its key ends in ".$""#.into()),
        "NO_PATH" => {
            let field = location.rsplit('/').next().unwrap_or_default();
            return Some(format!("the text is taken as it stands; a path goes into {field}Path"));
        }
        "PASS_RESULT_IS_STATIC" => {
            return Some(r#"Result is never computed: use Parameters, with keys that end in ".$""#.into());
        }
        _ => {}
    }
    if let Some(name) = message.strip_prefix("Missing 'Next' target: ") {
        return Some(about_target(name, location, definition));
    }
    if message.ends_with("is not reachable.") {
        return Some("name it in a Next, Default or Catch of a state beside it, or take it out".into());
    }
    if let Some(name) =
        message.strip_prefix("Field '").and_then(|rest| rest.strip_suffix("' is not supported"))
    {
        return about_field(name);
    }
    let known = [
        ("One of the following fields is required: [Next, End]", r#"say where it goes on, or "End": true"#),
        ("There should only be one of", "keep one of them"),
        ("States.ALL must", "put it into the last Retrier or Catcher, alone"),
        ("String does not match RFC3339", "for example 2024-03-14T01:59:00Z: a T, seconds, a Z or an offset"),
        (
            "Value is not a valid resource ARN",
            "the ARN of a function or an activity, or arn:aws:states:::SERVICE:ACTION",
        ),
        (
            "The resource provided",
            "actions that are not optimised are called as arn:aws:states:::aws-sdk:SERVICE:ACTION",
        ),
        ("Value must be a valid JSONPath", r#"a path starts with "$", "$$" or "$variable""#),
    ];
    if let Some((_, advice)) = known.iter().find(|(start, _)| message.starts_with(start)) {
        // Who names an operation of the SDK knows how to.
        return (!message.contains(":aws-sdk:")).then(|| (*advice).into());
    }
    if message.ends_with("must be a valid JSONPath or a valid intrinsic function call") {
        return Some(r#"a path starts with "$", "$$" or "$variable", a call is States.Name(…)"#.into());
    }
    None
}

/// The state that was probably meant, or what there is.
fn about_target(name: &str, location: &str, definition: &Value) -> String {
    let Some(container) = container_of(location, definition) else { return "no such state is here".into() };
    let names: Vec<&str> = container.keys().map(|name| name.as_str()).collect();
    if let Some(close) = closest(name, names.iter().copied()) {
        return format!("did you mean {close:?}?");
    }
    if stands_somewhere(name, definition) {
        return format!("{name:?} stands in another States object, and a transition stays within its own");
    }
    let shown = names.iter().take(SHOWN_MAX).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let more = if names.len() > SHOWN_MAX { ", …" } else { "" };
    format!("the states here are {shown}{more}")
}

/// A list of states is shown up to this many.
const SHOWN_MAX: usize = 5;

/// The `States` object that a transition at this location can lead into.
fn container_of<'d>(location: &str, definition: &'d Value) -> Option<&'d Object> {
    let around = match location.strip_suffix("/StartAt") {
        Some(container) => format!("{container}/States"),
        None => format!("{}/States", &location[..location.rfind("/States/")?]),
    };
    find(definition, &around)?.as_object()
}

/// What stands at a location. Names are not escaped in it: the first that leads on is taken.
fn find<'d>(value: &'d Value, location: &str) -> Option<&'d Value> {
    if location.is_empty() {
        return Some(value);
    }
    match value {
        Value::Object(members) => {
            let rest = location.strip_prefix('/')?;
            members.iter().find_map(|(name, member)| find(member, rest.strip_prefix(name.as_str())?))
        }
        Value::Array(items) => {
            let (index, rest) = location.strip_prefix('[')?.split_once(']')?;
            find(items.get(index.parse().ok()?)?, rest)
        }
        _ => None,
    }
}

/// Whether some `States` object at any depth has this state.
fn stands_somewhere(name: &str, value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.get("States").is_some_and(|states| states.get(name).is_some())
                || members.values().any(|member| stands_somewhere(name, member))
        }
        Value::Array(items) => items.iter().any(|item| stands_somewhere(name, item)),
        _ => false,
    }
}

/// The field that was probably meant, or who has this one.
fn about_field(name: &str) -> Option<String> {
    if let Some((_, owner)) = OWNERS.iter().find(|(fields, _)| fields.contains(&name)) {
        return Some(format!("it belongs to {owner}"));
    }
    let known = OWNERS.iter().flat_map(|(fields, _)| fields.iter().copied());
    closest(name, known).map(|close| format!("did you mean {close:?}?"))
}

/// Fields and where they belong.
const OWNERS: &[(&[&str], &str)] = &[
    (&["Type", "Comment"], "states"),
    (&["Next", "End"], "states of all types but Choice, Succeed and Fail"),
    (&["InputPath", "OutputPath"], "states of all types but Fail"),
    (&["Assign"], "states of all types but Succeed and Fail"),
    (&["ResultPath", "Parameters"], "Task, Parallel, Map and Pass states"),
    (&["ResultSelector", "Retry", "Catch"], "Task, Parallel and Map states"),
    (
        &[
            "Resource",
            "TimeoutSeconds",
            "TimeoutSecondsPath",
            "HeartbeatSeconds",
            "HeartbeatSecondsPath",
            "Credentials",
        ],
        "Task states; the machine as a whole has a TimeoutSeconds too",
    ),
    (&["Branches"], "Parallel states"),
    (
        &["ItemProcessor", "Iterator", "ItemsPath", "ItemSelector", "MaxConcurrency", "MaxConcurrencyPath"],
        "Map states",
    ),
    (
        &["ItemReader", "ItemBatcher", "ResultWriter", "Label", "ExecutionType"],
        r#"Map states whose ProcessorConfig says "Mode": "DISTRIBUTED""#,
    ),
    (&["Result"], "Pass states"),
    (&["Choices", "Default"], "Choice states"),
    (&["Seconds", "SecondsPath", "Timestamp", "TimestampPath"], "Wait states"),
    (&["Error", "ErrorPath", "Cause", "CausePath"], "Fail states"),
    (&["StartAt", "States", "ProcessorConfig"], "the machine, a branch or an ItemProcessor"),
    (&["QueryLanguage"], "the machine or a state"),
    (
        &[
            "ErrorEquals",
            "IntervalSeconds",
            "MaxAttempts",
            "BackoffRate",
            "MaxDelaySeconds",
            "JitterStrategy",
        ],
        "an entry of Retry (ErrorEquals also of Catch)",
    ),
];

/// Of very long names nothing is close enough to be worth the work.
const COMPARED_MAX: usize = 100;

/// The name that differs from this one in its case only or by two letters at most.
fn closest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let name: Vec<char> = name.to_lowercase().chars().collect();
    if name.len() > COMPARED_MAX {
        return None;
    }
    names
        .filter_map(|other| Some((distance(&name, other)?, other)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

/// How many letters must be put in, taken out or changed; `None` if it is more than two, or more than
/// half of the name.
fn distance(name: &[char], other: &str) -> Option<usize> {
    let other: Vec<char> = other.to_lowercase().chars().take(COMPARED_MAX + 3).collect();
    if other.len().abs_diff(name.len()) > 2 {
        return None;
    }
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in name.iter().enumerate() {
        let mut here = vec![row + 1];
        for (column, candidate) in other.iter().enumerate() {
            let change = above[column] + usize::from(letter != candidate);
            here.push(change.min(above[column + 1] + 1).min(here[column] + 1));
        }
        above = here;
    }
    let distance = above[other.len()];
    (distance <= 2 && distance * 2 <= name.len()).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(definition: &str, expected: &[Option<&str>]) {
        let value = Value::parse(definition).unwrap();
        let found = asl::compile(definition, asl::Options::default()).diagnostics;
        let said: Vec<Option<String>> = found.iter().map(|found| advice(found, &value)).collect();
        assert_eq!(said.iter().map(Option::as_deref).collect::<Vec<_>>(), expected, "{found:#?}");
    }

    #[test]
    fn targets() {
        check(
            r#"{"StartAt":"go","States":{"Go":{"Type":"Pass","Next":"Dnoe"},"Done":{"Type":"Succeed"}}}"#,
            &[
                Some("did you mean \"Go\"?"),
                Some("did you mean \"Done\"?"),
                Some("name it in a Next, Default or Catch of a state beside it, or take it out"),
                Some("name it in a Next, Default or Catch of a state beside it, or take it out"),
            ],
        );
        check(
            r#"{"StartAt":"P","States":{"P":{"Type":"Parallel","Next":"After","Branches":[
                {"StartAt":"In","States":{"In":{"Type":"Pass","Next":"After"},"Out":{"Type":"Fail"}}}]},
                "After":{"Type":"Succeed"}}}"#,
            &[
                Some("\"After\" stands in another States object, and a transition stays within its own"),
                Some("name it in a Next, Default or Catch of a state beside it, or take it out"),
            ],
        );
        check(
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"Far away"},"B":{"Type":"Pass","Next":"A"}}}"#,
            &[
                Some("the states here are \"A\", \"B\""),
                Some("give a state \"End\": true, or lead to one of type Succeed or Fail"),
            ],
        );
    }

    #[test]
    fn fields() {
        check(
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Retry":[],"end":false,"Resutl":1,"Xyz":1,"End":true}}}"#,
            &[
                Some("it belongs to Task, Parallel and Map states"),
                Some("did you mean \"End\"?"),
                Some("did you mean \"Result\"?"),
                None,
            ],
        );
    }

    #[test]
    fn warnings() {
        check(
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"a":"$.b"},"Next":"F"},
                "F":{"Type":"Fail","Error":"$.e"}}}"#,
            &[
                Some("where a value is to be computed, its key ends in \".$\""),
                Some("the text is taken as it stands; a path goes into ErrorPath"),
            ],
        );
    }

    #[test]
    fn very_long_names_are_not_compared() {
        let long = "x".repeat(100_000);
        assert_eq!(closest(&long, ["x"].into_iter()), None);
        assert_eq!(closest("abc", [long.as_str(), "abd"].into_iter()), Some("abd"));
    }
}
