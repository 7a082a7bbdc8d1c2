//! What generated machines hold, counted.

use std::collections::{BTreeMap, BTreeSet};

use json::{Object, Value};

/// How often each feature was seen.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// By the feature's name.
    pub seen: BTreeMap<String, u64>,
    /// Which languages the states of this machine have.
    languages: BTreeSet<bool>,
}

/// What a state stands in, or is.
#[derive(Clone, Copy)]
struct Around<'a> {
    /// Empty for the machine.
    state_type: &'a str,
    is_distributed: bool,
    is_jsonata: bool,
    /// Whether JSONata is the machine's language.
    by_default: bool,
}

/// Fields of the objects of a definition; `Comment` and `Type` of states are left out.
const FIELDS: &[(&str, &[&str])] = &[
    ("Machine", &["StartAt", "States", "Comment", "Version", "TimeoutSeconds", "QueryLanguage"]),
    ("Branch", &["StartAt", "States", "Comment"]),
    ("Processor", &["StartAt", "States", "Comment", "ProcessorConfig"]),
    ("ProcessorConfig", &["Mode", "ExecutionType", "Comment"]),
    (
        "Task",
        &[
            "Comment",
            "QueryLanguage",
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
            "QueryLanguage",
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
            "QueryLanguage",
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
        "Distributed Map",
        &[
            "Comment",
            "QueryLanguage",
            "InputPath",
            "ItemProcessor",
            "Iterator",
            "ItemsPath",
            "ItemSelector",
            "ItemBatcher",
            "ResultWriter",
            "Label",
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
        "ItemBatcher",
        &[
            "BatchInput",
            "MaxItemsPerBatch",
            "MaxItemsPerBatchPath",
            "MaxInputBytesPerBatch",
            "MaxInputBytesPerBatchPath",
        ],
    ),
    // The simulated world has no S3.
    ("ResultWriter", &["WriterConfig"]),
    ("WriterConfig", &["Transformation", "OutputType"]),
    (
        "Pass",
        &[
            "Comment",
            "QueryLanguage",
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
            "QueryLanguage",
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
    ("Choice", &["Comment", "QueryLanguage", "Choices", "InputPath", "Default", "OutputPath", "Assign"]),
    ("Succeed", &["Comment", "QueryLanguage", "InputPath", "OutputPath"]),
    ("Fail", &["Comment", "QueryLanguage", "Error", "ErrorPath", "Cause", "CausePath"]),
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

/// The same of JSONata states.
const JSONATA_FIELDS: &[(&str, &[&str])] = &[
    (
        "JSONata Task",
        &[
            "Comment",
            "QueryLanguage",
            "Resource",
            "Arguments",
            "Credentials",
            "TimeoutSeconds",
            "HeartbeatSeconds",
            "Output",
            "Assign",
            "Retry",
            "Catch",
            "Next",
            "End",
        ],
    ),
    (
        "JSONata Parallel",
        &[
            "Comment",
            "QueryLanguage",
            "Branches",
            "Arguments",
            "Output",
            "Assign",
            "Retry",
            "Catch",
            "Next",
            "End",
        ],
    ),
    (
        "JSONata Map",
        &[
            "Comment",
            "QueryLanguage",
            "ItemProcessor",
            "Iterator",
            "Items",
            "ItemSelector",
            "MaxConcurrency",
            "ToleratedFailureCount",
            "ToleratedFailurePercentage",
            "Output",
            "Assign",
            "Retry",
            "Catch",
            "Next",
            "End",
        ],
    ),
    (
        "JSONata Distributed Map",
        &[
            "Comment",
            "QueryLanguage",
            "ItemProcessor",
            "Iterator",
            "Items",
            "ItemSelector",
            "ItemBatcher",
            "ResultWriter",
            "Label",
            "MaxConcurrency",
            "ToleratedFailureCount",
            "ToleratedFailurePercentage",
            "Output",
            "Assign",
            "Retry",
            "Catch",
            "Next",
            "End",
        ],
    ),
    ("JSONata ItemBatcher", &["BatchInput", "MaxItemsPerBatch", "MaxInputBytesPerBatch"]),
    ("JSONata Pass", &["Comment", "QueryLanguage", "Output", "Assign", "Next", "End"]),
    (
        "JSONata Wait",
        &["Comment", "QueryLanguage", "Seconds", "Timestamp", "Output", "Assign", "Next", "End"],
    ),
    ("JSONata Choice", &["Comment", "QueryLanguage", "Choices", "Default", "Output", "Assign"]),
    ("JSONata Succeed", &["Comment", "QueryLanguage", "Output"]),
    ("JSONata Fail", &["Comment", "QueryLanguage", "Error", "Cause"]),
    ("JSONata Catcher", &["Comment", "ErrorEquals", "Next", "Output", "Assign"]),
    ("JSONata Rule", &["Comment", "Next", "Condition", "Output", "Assign"]),
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
    "Distributed Map in Map",
    "Distributed Map in Parallel",
    "Distributed Map in Distributed Map",
    "Transformation NONE",
    "Transformation COMPACT",
    "Transformation FLATTEN",
    "computed ItemBatcher",
    "States.ExceedToleratedFailureThreshold",
    "Map in Parallel",
    "Parallel in Map",
    "Parallel in Parallel",
    "loop",
    "States.ALL",
    "States.TaskFailed",
    "States.Timeout",
    "States.HeartbeatTimeout",
    "States.QueryEvaluationError",
    "machine in JSONata",
    "machine in both languages",
    "JSONata inside JSONPath",
    "JSONPath inside JSONata",
    "$states.input",
    "$states.context",
    "$states.result",
    "$states.errorOutput",
    "variable in JSONata",
    "$error",
    "computed Arguments",
    "computed Output",
    "computed Assign",
    "computed Items",
    "computed ItemSelector",
    "computed Condition",
    "computed Credentials",
    "computed TimeoutSeconds",
    "computed HeartbeatSeconds",
    "computed MaxConcurrency",
    "computed ToleratedFailureCount",
    "computed ToleratedFailurePercentage",
    "computed Seconds",
    "computed Timestamp",
    "computed Error",
    "computed Cause",
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
        let fields = FIELDS.iter().chain(JSONATA_FIELDS);
        let fields = fields.flat_map(|(of, names)| names.iter().map(move |name| format!("{of}.{name}")));
        fields.chain(OTHERS.iter().map(|name| (*name).to_owned())).collect()
    }

    /// The fields that are generated of one kind of object.
    pub fn fields(&self, of: &str) -> &'static [&'static str] {
        let mut all = FIELDS.iter().chain(JSONATA_FIELDS);
        all.find(|(name, _)| *name == of).map_or(&[], |(_, names)| names)
    }
}

impl Coverage {
    /// Counts what a definition holds.
    pub fn count(&mut self, definition: &str) {
        let definition = Value::parse(definition).expect("a generated definition is JSON");
        self.fields("Machine", object(&definition));
        self.languages.clear();
        let is_jsonata = language(object(&definition)) == Some("JSONata");
        self.states(
            &definition,
            Around { state_type: "", is_distributed: false, is_jsonata, by_default: is_jsonata },
        );
        match self.languages.len() {
            2 => self.note("machine in both languages"),
            _ if is_jsonata => self.note("machine in JSONata"),
            _ => {}
        }
    }

    fn states(&mut self, container: &Value, around: Around<'_>) {
        let states = container.get("States").map(object).into_iter().flatten();
        let mut before: Vec<&str> = Vec::new();
        for (name, state) in states {
            let state = object(state);
            let state_type = state.get("Type").and_then(Value::as_str).unwrap_or_default();
            before.push(name);
            let is_jsonata = language(state).map_or(around.by_default, |language| language == "JSONata");
            self.languages.insert(is_jsonata);
            let distributed = if is_distributed(state) { "Distributed " } else { "" };
            self.fields(&of(is_jsonata, &format!("{distributed}{state_type}")), state);
            if !distributed.is_empty() {
                self.distributed(state, is_jsonata, around);
            }
            if matches!(state_type, "Map" | "Parallel") && !around.state_type.is_empty() {
                self.note(format!("{state_type} in {}", around.state_type));
            }
            if !around.state_type.is_empty() && is_jsonata != around.is_jsonata {
                self.note(if is_jsonata { "JSONata inside JSONPath" } else { "JSONPath inside JSONata" });
            }
            if let Some(next) = state.get("Next").and_then(Value::as_str)
                && before.contains(&next)
                && state_type == "Pass"
            {
                self.note("loop");
            }
            let is_distributed = !distributed.is_empty();
            self.inside(state, Around { state_type, is_distributed, is_jsonata, ..around });
        }
    }

    /// What only a distributed Map has.
    fn distributed(&mut self, state: &Object, is_jsonata: bool, around: Around<'_>) {
        let batcher = state.get("ItemBatcher").map(object);
        batcher.into_iter().for_each(|batcher| self.fields(&of(is_jsonata, "ItemBatcher"), batcher));
        let writer = state.get("ResultWriter").map(object);
        writer.into_iter().for_each(|writer| self.fields("ResultWriter", writer));
        let config = writer.and_then(|writer| writer.get("WriterConfig"));
        config.into_iter().for_each(|config| {
            self.fields("WriterConfig", object(config));
            let transformation = config.get("Transformation").and_then(Value::as_str);
            transformation.into_iter().for_each(|name| self.note(format!("Transformation {name}")));
        });
        match around.state_type {
            "" => {}
            _ if around.is_distributed => self.note("Distributed Map in Distributed Map"),
            other => self.note(format!("Distributed Map in {other}")),
        }
    }

    fn inside(&mut self, state: &Object, this: Around<'_>) {
        for branch in list(state, "Branches") {
            self.fields("Branch", object(branch));
            self.states(branch, this);
        }
        for processor in ["ItemProcessor", "Iterator"].into_iter().filter_map(|field| state.get(field)) {
            self.fields("Processor", object(processor));
            processor.get("ProcessorConfig").into_iter().for_each(|config| {
                self.fields("ProcessorConfig", object(config));
            });
            self.states(processor, this);
        }
        for (field, kind) in [("Retry", "Retrier"), ("Catch", "Catcher")] {
            for holder in list(state, field) {
                // Retriers are the same in both.
                self.fields(&of(this.is_jsonata && kind == "Catcher", kind), object(holder));
                for name in list(object(holder), "ErrorEquals").iter().filter_map(Value::as_str) {
                    self.note(name);
                }
            }
        }
        for rule in list(state, "Choices") {
            match this.is_jsonata {
                true => self.fields("JSONata Rule", object(rule)),
                false => self.rule(object(rule)),
            }
        }
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
            if ["Branches", "ItemProcessor", "Iterator"].contains(&name.as_str()) {
                continue;
            }
            match this.is_jsonata {
                true => self.expressions(name, value),
                false => self.texts(value),
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

    /// Expressions of a JSONata state, by the innermost field that has a name of the language.
    fn expressions(&mut self, field: &str, value: &Value) {
        match value {
            Value::String(text) if text.starts_with("{%") => {
                self.note(format!("computed {field}"));
                for feature in OTHERS.iter().filter(|feature| feature.starts_with('$')) {
                    if text.contains(feature) {
                        self.note(*feature);
                    }
                }
                if text.contains("$v") || text.contains("$base") {
                    self.note("variable in JSONata");
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.expressions(field, item)),
            Value::Object(members) => {
                for (name, member) in members {
                    let is_field = ["Condition", "Output", "Assign"].contains(&name.as_str());
                    self.expressions(if is_field { name } else { field }, member);
                }
            }
            _ => {}
        }
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
        *self.seen.entry(feature.into()).or_default() += 1;
    }
}

fn is_distributed(state: &Object) -> bool {
    let processor = state.get("ItemProcessor").or_else(|| state.get("Iterator"));
    let mode = processor.and_then(|processor| processor.get("ProcessorConfig")?.get("Mode")?.as_str());
    mode == Some("DISTRIBUTED")
}

fn language(holder: &Object) -> Option<&str> {
    holder.get("QueryLanguage")?.as_str()
}

/// The name of a kind of object in its language.
fn of(is_jsonata: bool, kind: &str) -> String {
    if is_jsonata { format!("JSONata {kind}") } else { kind.to_owned() }
}

fn object(value: &Value) -> &Object {
    value.as_object().expect("a generated definition has an object here")
}

fn list<'a>(holder: &'a Object, field: &str) -> &'a [Value] {
    holder.get(field).and_then(Value::as_array).map_or(&[], |items| items.as_slice())
}
