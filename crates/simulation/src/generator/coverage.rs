//! What generated machines hold, counted.

use std::collections::BTreeMap;

use json::{Object, Value};

/// How often each feature was seen.
#[derive(Clone, Debug, Default)]
pub struct Coverage(pub BTreeMap<String, u64>);

/// Fields of the objects of a definition; `Comment` and `Type` of states are left out.
const FIELDS: &[(&str, &[&str])] = &[
    ("Machine", &["StartAt", "States", "Comment", "Version", "TimeoutSeconds"]),
    ("Branch", &["StartAt", "States", "Comment"]),
    ("Processor", &["StartAt", "States", "Comment", "ProcessorConfig"]),
    ("ProcessorConfig", &["Mode", "Comment"]),
    (
        "Task",
        &[
            "Comment",
            "Resource",
            "InputPath",
            "Parameters",
            "Credentials",
            "TimeoutSeconds",
            "TimeoutSecondsPath",
            "HeartbeatSeconds",
            "HeartbeatSecondsPath",
            "ResultSelector",
            "ResultPath",
            "OutputPath",
            "Assign",
            "Retry",
            "Catch",
            "Next",
            "End",
        ],
    ),
    (
        "Parallel",
        &[
            "Comment",
            "Branches",
            "InputPath",
            "Parameters",
            "ResultSelector",
            "ResultPath",
            "OutputPath",
            "Assign",
            "Retry",
            "Catch",
            "Next",
            "End",
        ],
    ),
    (
        "Map",
        &[
            "Comment",
            "InputPath",
            "ItemProcessor",
            "Iterator",
            "ItemsPath",
            "ItemSelector",
            "Parameters",
            "MaxConcurrency",
            "MaxConcurrencyPath",
            "ToleratedFailureCount",
            "ToleratedFailureCountPath",
            "ToleratedFailurePercentage",
            "ToleratedFailurePercentagePath",
            "ResultSelector",
            "ResultPath",
            "OutputPath",
            "Assign",
            "Retry",
            "Catch",
            "Next",
            "End",
        ],
    ),
    (
        "Pass",
        &[
            "Comment",
            "InputPath",
            "Parameters",
            "Result",
            "ResultPath",
            "OutputPath",
            "Assign",
            "Next",
            "End",
        ],
    ),
    (
        "Wait",
        &[
            "Comment",
            "InputPath",
            "Seconds",
            "SecondsPath",
            "Timestamp",
            "TimestampPath",
            "OutputPath",
            "Assign",
            "Next",
            "End",
        ],
    ),
    ("Choice", &["Comment", "Choices", "InputPath", "Default", "OutputPath", "Assign"]),
    ("Succeed", &["Comment", "InputPath", "OutputPath"]),
    ("Fail", &["Comment", "Error", "ErrorPath", "Cause", "CausePath"]),
    (
        "Retrier",
        &[
            "Comment",
            "ErrorEquals",
            "IntervalSeconds",
            "MaxAttempts",
            "BackoffRate",
            "MaxDelaySeconds",
            "JitterStrategy",
        ],
    ),
    ("Catcher", &["Comment", "ErrorEquals", "Next", "ResultPath", "Assign"]),
    (
        "Rule",
        &[
            "Comment",
            "Next",
            "Assign",
            "Variable",
            "And",
            "Or",
            "Not",
            "StringMatches",
            "IsNull",
            "IsPresent",
            "IsNumeric",
            "IsString",
            "IsBoolean",
            "IsTimestamp",
            "BooleanEquals",
            "BooleanEqualsPath",
            "StringEquals",
            "StringEqualsPath",
            "StringLessThan",
            "StringLessThanPath",
            "StringLessThanEquals",
            "StringLessThanEqualsPath",
            "StringGreaterThan",
            "StringGreaterThanPath",
            "StringGreaterThanEquals",
            "StringGreaterThanEqualsPath",
            "NumericEquals",
            "NumericEqualsPath",
            "NumericLessThan",
            "NumericLessThanPath",
            "NumericLessThanEquals",
            "NumericLessThanEqualsPath",
            "NumericGreaterThan",
            "NumericGreaterThanPath",
            "NumericGreaterThanEquals",
            "NumericGreaterThanEqualsPath",
            "TimestampEquals",
            "TimestampEqualsPath",
            "TimestampLessThan",
            "TimestampLessThanPath",
            "TimestampLessThanEquals",
            "TimestampLessThanEqualsPath",
            "TimestampGreaterThan",
            "TimestampGreaterThanPath",
            "TimestampGreaterThanEquals",
            "TimestampGreaterThanEqualsPath",
        ],
    ),
];

/// Everything else that must be seen.
const OTHERS: &[&str] = &[
    "pattern function",
    "pattern lambda:invoke",
    "pattern lambda:invoke.waitForTaskToken",
    "pattern activity",
    "InputPath null",
    "OutputPath null",
    "ResultPath null",
    "path of the Context Object",
    "path of a variable",
    "path in brackets",
    "path of many",
    "Map in Map",
    "Map in Parallel",
    "Parallel in Map",
    "Parallel in Parallel",
    "loop",
    "States.ALL",
    "States.TaskFailed",
    "States.Timeout",
    "States.HeartbeatTimeout",
    "States.Array",
    "States.ArrayContains",
    "States.ArrayGetItem",
    "States.ArrayLength",
    "States.ArrayPartition",
    "States.ArrayRange",
    "States.ArrayUnique",
    "States.Base64Decode",
    "States.Base64Encode",
    "States.Format",
    "States.JsonMerge",
    "States.JsonToString",
    "States.MathAdd",
    "States.MathRandom",
    "States.StringSplit",
    "States.StringToJson",
    "States.UUID",
];

/// All that must be seen.
pub struct Features;

/// All that must be seen.
pub const FEATURES: Features = Features;

impl Features {
    /// `Task.Retry`, `pattern activity`, …
    pub fn names(&self) -> Vec<String> {
        let fields =
            FIELDS.iter().flat_map(|(of, names)| names.iter().map(move |name| format!("{of}.{name}")));
        fields.chain(OTHERS.iter().map(|name| (*name).to_owned())).collect()
    }

    /// The fields that are generated of one kind of object.
    pub fn fields(&self, of: &str) -> &'static [&'static str] {
        FIELDS.iter().find(|(name, _)| *name == of).map_or(&[], |(_, names)| names)
    }
}

impl Coverage {
    /// Counts what a definition holds.
    pub fn count(&mut self, definition: &str) {
        let definition = Value::parse(definition).expect("a generated definition is JSON");
        self.fields("Machine", object(&definition));
        self.states(&definition, "");
    }

    fn states(&mut self, container: &Value, around: &str) {
        let states = container.get("States").map(object).into_iter().flatten();
        let mut before: Vec<&str> = Vec::new();
        for (name, state) in states {
            let state = object(state);
            let state_type = state.get("Type").and_then(Value::as_str).unwrap_or_default();
            before.push(name);
            self.fields(state_type, state);
            if matches!(state_type, "Map" | "Parallel") && !around.is_empty() {
                self.note(format!("{state_type} in {around}"));
            }
            if let Some(next) = state.get("Next").and_then(Value::as_str)
                && before.contains(&next)
                && state_type == "Pass"
            {
                self.note("loop");
            }
            self.inside(state, state_type);
        }
    }

    fn inside(&mut self, state: &Object, state_type: &str) {
        for branch in list(state, "Branches") {
            self.fields("Branch", object(branch));
            self.states(branch, state_type);
        }
        for processor in ["ItemProcessor", "Iterator"].into_iter().filter_map(|field| state.get(field)) {
            self.fields("Processor", object(processor));
            processor.get("ProcessorConfig").into_iter().for_each(|config| {
                self.fields("ProcessorConfig", object(config));
            });
            self.states(processor, state_type);
        }
        for (field, kind) in [("Retry", "Retrier"), ("Catch", "Catcher")] {
            for holder in list(state, field) {
                self.fields(kind, object(holder));
                for name in list(object(holder), "ErrorEquals").iter().filter_map(Value::as_str) {
                    self.note(name);
                }
            }
        }
        list(state, "Choices").iter().for_each(|rule| self.rule(object(rule)));
        for field in ["InputPath", "OutputPath", "ResultPath"] {
            if state.get(field) == Some(&Value::Null) {
                self.note(format!("{field} null"));
            }
        }
        if let Some(resource) = state.get("Resource").and_then(Value::as_str) {
            let pattern = match resource.strip_prefix("arn:aws:states:::") {
                Some(service) => service,
                None if resource.contains(":activity:") => "activity",
                None => "function",
            };
            self.note(format!("pattern {pattern}"));
        }
        for (name, value) in state {
            if !["Branches", "ItemProcessor", "Iterator"].contains(&name.as_str()) {
                self.texts(value);
            }
        }
    }

    fn rule(&mut self, rule: &Object) {
        self.fields("Rule", rule);
        for field in ["And", "Or"] {
            list(rule, field).iter().for_each(|part| self.rule(object(part)));
        }
        rule.get("Not").into_iter().for_each(|part| self.rule(object(part)));
    }

    fn fields(&mut self, of: &str, holder: &Object) {
        holder.keys().for_each(|name| self.note(format!("{of}.{name}")));
    }

    /// Paths and calls, wherever they stand.
    fn texts(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                for call in text.split("States.").skip(1).filter(|call| call.contains('(')) {
                    let name: String = call.chars().take_while(|letter| letter.is_alphanumeric()).collect();
                    self.note(format!("States.{name}"));
                }
                if text.starts_with("$$.") {
                    self.note("path of the Context Object");
                } else if text.starts_with('$') && !text.starts_with("$.") && text.len() > 1 {
                    self.note(if text.starts_with("$[") { "path in brackets" } else { "path of a variable" });
                }
                if text.starts_with('$') && (text.contains("['")) {
                    self.note("path in brackets");
                }
                if text.starts_with('$') && (text.contains('*') || text.contains(':')) {
                    self.note("path of many");
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.texts(item)),
            Value::Object(members) => members.values().for_each(|member| self.texts(member)),
            _ => {}
        }
    }

    fn note(&mut self, feature: impl Into<String>) {
        *self.0.entry(feature.into()).or_default() += 1;
    }
}

fn object(value: &Value) -> &Object {
    value.as_object().expect("a generated definition has an object here")
}

fn list<'a>(holder: &'a Object, field: &str) -> &'a [Value] {
    holder.get(field).and_then(Value::as_array).map_or(&[], |items| items.as_slice())
}
