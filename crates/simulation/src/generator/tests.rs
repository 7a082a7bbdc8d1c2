use asl::{Options, Severity};

use super::*;

fn errors(definition: &str) -> Vec<String> {
    let diagnostics = asl::compile(definition, Options::default()).diagnostics;
    let errors = diagnostics.iter().filter(|found| found.severity == Severity::Error);
    errors.map(|found| format!("{:?} {}", found.location, found.message)).collect()
}

#[test]
fn every_machine_is_accepted_and_all_features_occur() {
    let mut coverage = Coverage::default();
    for seed in 0..900 {
        let definition = machine(&mut Random::new(seed));
        assert_eq!(errors(&definition), [""; 0], "seed {seed}: {definition}");
        coverage.count(&definition);
    }
    let missing: Vec<String> =
        FEATURES.names().into_iter().filter(|name| !coverage.seen.contains_key(name)).collect();
    assert_eq!(missing, [""; 0], "{:#?}", coverage.seen);
    let unlisted: Vec<&String> = coverage
        .seen
        .keys()
        .filter(|name| name.split_once('.').is_some_and(|(of, _)| !FEATURES.fields(of).is_empty()))
        .filter(|name| !FEATURES.names().contains(name) && !name.ends_with(".Type"))
        .collect();
    assert!(unlisted.is_empty(), "{unlisted:?}");
}

/// All fields that the States Language has anywhere.
const ALL_FIELDS: &[&str] = &[
    "Arguments",
    "Assign",
    "BatchInput",
    "BackoffRate",
    "Branches",
    "Catch",
    "Cause",
    "CausePath",
    "Choices",
    "Comment",
    "Condition",
    "Credentials",
    "Default",
    "End",
    "Error",
    "ErrorEquals",
    "ErrorPath",
    "ExecutionType",
    "HeartbeatSeconds",
    "HeartbeatSecondsPath",
    "InputPath",
    "IntervalSeconds",
    "ItemBatcher",
    "ItemProcessor",
    "ItemReader",
    "ItemSelector",
    "Items",
    "ItemsPath",
    "Iterator",
    "JitterStrategy",
    "Label",
    "MaxAttempts",
    "MaxConcurrency",
    "MaxConcurrencyPath",
    "MaxDelaySeconds",
    "MaxInputBytesPerBatch",
    "MaxInputBytesPerBatchPath",
    "MaxItemsPerBatch",
    "MaxItemsPerBatchPath",
    "Mode",
    "Next",
    "Output",
    "OutputPath",
    "OutputType",
    "Parameters",
    "ProcessorConfig",
    "QueryLanguage",
    "Resource",
    "Result",
    "ResultPath",
    "ResultSelector",
    "ResultWriter",
    "Retry",
    "Seconds",
    "SecondsPath",
    "StartAt",
    "States",
    "TimeoutSeconds",
    "TimeoutSecondsPath",
    "Timestamp",
    "TimestampPath",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
    "Transformation",
    "Variable",
    "Version",
    "WriterConfig",
];

/// What the simulated world cannot do: it has no S3.
const ELSEWHERE: &[(&str, &[&str])] = &[
    ("Distributed Map", &["ItemReader"]),
    ("JSONata Distributed Map", &["ItemReader"]),
    ("ResultWriter", &["Parameters", "Resource"]),
];

/// A machine of a distributed Map with these members.
fn distributed(members: &str) -> String {
    let more = if members.is_empty() { String::new() } else { format!(",{members}") };
    format!(
        r#"{{"StartAt":"A","States":{{"A":{{"Type":"Map","End":true,"ItemProcessor":{{"ProcessorConfig":{{
            "Mode":"DISTRIBUTED","ExecutionType":"STANDARD"}},"StartAt":"B","States":{{"B":{{"Type":"Succeed"}}}}}}{more}}}}}}}"#
    )
}

/// What is asked for a field is whether `asl` says that the object does not have it.
fn knows(holder: &str, field: &str) -> bool {
    let (language, holder) = match holder.strip_prefix("JSONata ") {
        Some(holder) => (r#""QueryLanguage":"JSONata","#, holder),
        None => ("", holder),
    };
    let state = |state_type: &str| {
        // A field twice would be another mistake.
        let language = if field == "QueryLanguage" { "" } else { language };
        format!(r#"{{"StartAt":"A","States":{{"A":{{"Type":"{state_type}",{language}"{field}":7}}}}}}"#)
    };
    let definition = match holder {
        "Machine" => format!(r#"{{"{field}":7}}"#),
        "Retrier" => format!(
            r#"{{"StartAt":"A","States":{{"A":{{"Type":"Task","Resource":"x","Retry":[{{"{field}":7}}],"End":true}}}}}}"#
        ),
        "Catcher" => format!(
            r#"{{"StartAt":"A","States":{{"A":{{"Type":"Task",{language}"Resource":"x","Catch":[{{"{field}":7}}],"End":true}}}}}}"#
        ),
        "Branch" => format!(
            r#"{{"StartAt":"A","States":{{"A":{{"Type":"Parallel","Branches":[{{"{field}":7}}],"End":true}}}}}}"#
        ),
        "Processor" => format!(
            r#"{{"StartAt":"A","States":{{"A":{{"Type":"Map","ItemProcessor":{{"{field}":7}},"End":true}}}}}}"#
        ),
        "Rule" => format!(
            r#"{{"StartAt":"A","States":{{"A":{{"Type":"Choice",{language}"Choices":[{{"{field}":7}}]}}}}}}"#
        ),
        "Distributed Map" => distributed(&format!(r#"{language}"{field}":7"#)),
        "ItemBatcher" | "ResultWriter" => distributed(&format!(r#"{language}"{holder}":{{"{field}":7}}"#)),
        "WriterConfig" => distributed(&format!(r#""ResultWriter":{{"WriterConfig":{{"{field}":7}}}}"#)),
        "ProcessorConfig" => distributed("").replace(r#""Mode""#, &format!(r#""{field}":7,"Mode""#)),
        state_type => state(state_type),
    };
    let unknown = [format!("'{field}' is not supported"), format!("field '{field}' is only supported")];
    !errors(&definition).iter().any(|error| unknown.iter().any(|text| error.contains(text)))
}

/// A field that becomes supported must be generated.
#[test]
fn what_is_generated_is_what_is_accepted() {
    let holders = [
        "Machine",
        "Branch",
        "Processor",
        "Task",
        "Parallel",
        "Map",
        "Pass",
        "Wait",
        "Choice",
        "Succeed",
        "Fail",
        "Retrier",
        "Catcher",
        "JSONata Task",
        "JSONata Parallel",
        "JSONata Map",
        "JSONata Pass",
        "JSONata Wait",
        "JSONata Choice",
        "JSONata Succeed",
        "JSONata Fail",
        "JSONata Catcher",
        "JSONata Rule",
        "Distributed Map",
        "JSONata Distributed Map",
        "ItemBatcher",
        "JSONata ItemBatcher",
        "ResultWriter",
        "WriterConfig",
        "ProcessorConfig",
    ];
    for holder in holders {
        let fields = ALL_FIELDS.iter().copied();
        let elsewhere = ELSEWHERE.iter().find(|(of, _)| *of == holder).map_or(&[][..], |(_, fields)| fields);
        let known = fields.filter(|field| knows(holder, field) && !elsewhere.contains(field));
        let known: Vec<&str> = known.collect();
        let mut generated = FEATURES.fields(holder).to_vec();
        generated.sort_unstable();
        assert_eq!(known, generated, "{holder}");
    }
}

#[test]
fn the_same_seed_makes_the_same_machine() {
    let made = |seed| machine(&mut Random::new(seed));
    assert_eq!(made(7), made(7));
    assert_ne!(made(7), made(8));
}
