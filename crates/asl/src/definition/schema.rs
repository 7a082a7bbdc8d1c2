//! Which fields each object of a definition may and must have, in AWS's order.
//!
//! (spec/asl.md §1, §2, §3, §8 and spec/validation.md §8)

use crate::choice;
use crate::machine::QueryLanguage;

/// What members an object may have.
pub(super) struct Shape {
    /// In the order in which AWS lists them where they are missing.
    pub(super) required: &'static [&'static str],
    /// All others.
    pub(super) optional: &'static [&'static str],
}

impl Shape {
    pub(super) fn allows(&self, field: &str) -> bool {
        self.required.contains(&field) || self.optional.contains(&field)
    }
}

/// The only query language that has this field; `None`: both have it.
pub(super) fn only_language(field: &str) -> Option<QueryLanguage> {
    if JSONATA_ONLY.contains(&field) {
        Some(QueryLanguage::Jsonata)
    } else if JSONPATH_ONLY.contains(&field) || choice::is_operator(field) {
        Some(QueryLanguage::JsonPath)
    } else {
        None
    }
}

pub(super) const STATE_TYPES: &[&str] =
    &["Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map"];
pub(super) const QUERY_LANGUAGES: &[&str] = &["JSONPath", "JSONata"];

pub(super) const MACHINE: Shape = Shape {
    required: &["States", "StartAt"],
    optional: &["Comment", "Version", "TimeoutSeconds", "QueryLanguage"],
};
pub(super) const BRANCH: Shape = Shape { required: &["States", "StartAt"], optional: &["Comment"] };
pub(super) const ITEM_PROCESSOR: Shape =
    Shape { required: &["States", "StartAt"], optional: &["Comment", "ProcessorConfig"] };
pub(super) const PROCESSOR_CONFIG: Shape =
    Shape { required: &[], optional: &["Mode", "ExecutionType", "Comment"] };

pub(super) const TASK: Shape = Shape {
    required: &["Type", "Resource"],
    optional: &[
        "Comment",
        "QueryLanguage",
        "InputPath",
        "Parameters",
        "Arguments",
        "Credentials",
        "TimeoutSeconds",
        "TimeoutSecondsPath",
        "HeartbeatSeconds",
        "HeartbeatSecondsPath",
        "ResultSelector",
        "ResultPath",
        "OutputPath",
        "Output",
        "Assign",
        "Retry",
        "Catch",
        "Next",
        "End",
    ],
};
pub(super) const PARALLEL: Shape = Shape {
    required: &["Type", "Branches"],
    optional: &[
        "Comment",
        "QueryLanguage",
        "InputPath",
        "Parameters",
        "Arguments",
        "ResultSelector",
        "ResultPath",
        "OutputPath",
        "Output",
        "Assign",
        "Retry",
        "Catch",
        "Next",
        "End",
    ],
};
pub(super) const MAP: Shape = Shape {
    required: &["Type"],
    optional: &[
        "Comment",
        "QueryLanguage",
        "InputPath",
        "ItemProcessor",
        "Iterator",
        "ItemsPath",
        "Items",
        "ItemReader",
        "ItemSelector",
        "Parameters",
        "ItemBatcher",
        "MaxConcurrency",
        "MaxConcurrencyPath",
        "ToleratedFailureCount",
        "ToleratedFailureCountPath",
        "ToleratedFailurePercentage",
        "ToleratedFailurePercentagePath",
        "Label",
        "ResultWriter",
        "ResultSelector",
        "ResultPath",
        "OutputPath",
        "Output",
        "Assign",
        "Retry",
        "Catch",
        "Next",
        "End",
    ],
};
pub(super) const PASS: Shape = Shape {
    required: &["Type"],
    optional: &[
        "Comment",
        "QueryLanguage",
        "InputPath",
        "Parameters",
        "Result",
        "ResultPath",
        "OutputPath",
        "Output",
        "Assign",
        "Next",
        "End",
    ],
};
pub(super) const WAIT: Shape = Shape {
    required: &["Type"],
    optional: &[
        "Comment",
        "QueryLanguage",
        "InputPath",
        "Seconds",
        "SecondsPath",
        "Timestamp",
        "TimestampPath",
        "OutputPath",
        "Output",
        "Assign",
        "Next",
        "End",
    ],
};
pub(super) const CHOICE: Shape = Shape {
    required: &["Type", "Choices"],
    optional: &["Comment", "QueryLanguage", "InputPath", "Default", "OutputPath", "Output", "Assign"],
};
pub(super) const SUCCEED: Shape = Shape {
    required: &["Type"],
    optional: &["Comment", "QueryLanguage", "InputPath", "OutputPath", "Output"],
};
pub(super) const FAIL: Shape = Shape {
    required: &["Type"],
    optional: &["Comment", "QueryLanguage", "Error", "ErrorPath", "Cause", "CausePath"],
};

pub(super) const RETRIER: Shape = Shape {
    required: &["ErrorEquals"],
    optional: &[
        "Comment",
        "IntervalSeconds",
        "MaxAttempts",
        "BackoffRate",
        "MaxDelaySeconds",
        "JitterStrategy",
    ],
};
pub(super) const CATCHER: Shape =
    Shape { required: &["ErrorEquals", "Next"], optional: &["Comment", "ResultPath", "Output", "Assign"] };

/// A rule of `Choices` where JSONata holds; where JSONPath holds, conditions know their fields.
pub(super) const JSONATA_RULE: Shape =
    Shape { required: &["Condition", "Next"], optional: &["Comment", "Output", "Assign"] };

pub(super) const ITEM_READER: Shape =
    Shape { required: &["Resource"], optional: &["ReaderConfig", "Parameters", "Arguments"] };
pub(super) const READER_CONFIG: Shape = Shape {
    required: &[],
    optional: &[
        "InputType",
        "Transformation",
        "ManifestType",
        "CSVDelimiter",
        "CSVHeaderLocation",
        "CSVHeaders",
        "MaxItems",
        "MaxItemsPath",
        "ItemsPointer",
    ],
};
pub(super) const ITEM_BATCHER: Shape = Shape {
    required: &[],
    optional: &[
        "BatchInput",
        "MaxItemsPerBatch",
        "MaxItemsPerBatchPath",
        "MaxInputBytesPerBatch",
        "MaxInputBytesPerBatchPath",
    ],
};
pub(super) const RESULT_WRITER: Shape =
    Shape { required: &[], optional: &["Resource", "Parameters", "Arguments", "WriterConfig"] };
pub(super) const WRITER_CONFIG: Shape = Shape { required: &[], optional: &["Transformation", "OutputType"] };

const JSONATA_ONLY: &[&str] = &["Arguments", "Output", "Items", "Condition"];
const JSONPATH_ONLY: &[&str] = &[
    "InputPath",
    "Parameters",
    "ResultSelector",
    "ResultPath",
    "OutputPath",
    "ItemsPath",
    "Result",
    "SecondsPath",
    "TimestampPath",
    "TimeoutSecondsPath",
    "HeartbeatSecondsPath",
    "MaxConcurrencyPath",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentagePath",
    "MaxItemsPath",
    "MaxItemsPerBatchPath",
    "MaxInputBytesPerBatchPath",
    "ErrorPath",
    "CausePath",
    "Variable",
];
