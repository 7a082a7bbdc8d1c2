//! A function that was made by the API: what is said of it, and how it runs.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use connectors::FunctionSettings;
use json::{Array, Object, Text, Value};

use super::fault::{fault, invalid_value};
use super::names;
use crate::{Asker, Fault};

/// A function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Function {
    pub name: Text,
    /// In the order of their names, as the model names them: `Runtime`, `Handler`, `Role`, `Timeout`, …
    pub members: BTreeMap<Text, Text>,
    pub environment: BTreeMap<Text, Text>,
    pub tags: BTreeMap<Text, Text>,
    pub code: Code,
    /// Changes with every change.
    pub revision: Text,
    /// In milliseconds since 1970.
    pub modified: i64,
}

/// What runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Code {
    /// The folder's name among those of all code.
    pub folder: Text,
    /// Of the archive, in Base64.
    pub sha256: Text,
    /// Of the archive.
    pub bytes: u64,
}

/// Members that are texts or numbers, kept as they are given.
const KEPT: [&str; 6] = ["Runtime", "Handler", "Role", "Description", "Timeout", "MemorySize"];

/// What AWS sets by itself.
const RESERVED: [&str; 20] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

impl Function {
    /// Takes over what CreateFunction or UpdateFunctionConfiguration says.
    pub fn set(&mut self, input: &Object) -> Result<(), Fault> {
        check_supported(input)?;
        for name in KEPT {
            match input.get(name) {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) => drop(self.members.insert(name.into(), text.clone())),
                Some(value) => drop(self.members.insert(name.into(), value.to_text().into())),
            }
        }
        if let Some(arn) = input.get("DeadLetterConfig").and_then(|config| config.get("TargetArn")?.as_str())
        {
            if !arn.is_empty() && !arn.contains(":sqs:") && !arn.contains(":sns:") {
                return Err(invalid_value(
                    "DeadLetterConfig: the target must be the ARN of a queue of SQS or a topic of SNS",
                ));
            }
            self.members.insert("DeadLetterConfig".into(), arn.into());
        }
        if let Some(variables) = input.get("Environment").and_then(|environment| environment.get("Variables"))
        {
            self.environment = texts(variables);
        }
        if let Some(tags) = input.get("Tags") {
            self.tags = texts(tags);
        }
        self.check()
    }

    fn check(&self) -> Result<(), Fault> {
        let reserved: Vec<&str> =
            RESERVED.into_iter().filter(|name| self.environment.contains_key(*name)).collect();
        if !reserved.is_empty() {
            return Err(invalid_value(format!(
                "Lambda was unable to configure your environment variables because the environment variables you have \
                 provided contains reserved keys that are currently not supported for modification. Reserved keys used in \
                 this request: {}",
                reserved.join(", ")
            )));
        }
        let runtime = self.member("Runtime").unwrap_or_default();
        if !["python3", "nodejs", "provided"].iter().any(|known| runtime.starts_with(known)) {
            return Err(invalid_value(format!(
                "The runtime {runtime} is not supported by Stepwell: it has python3.x, nodejsNN.x and provided.x"
            )));
        }
        if self.member("Handler").is_none() && !runtime.starts_with("provided") {
            return Err(invalid_value(
                "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
            ));
        }
        Ok(())
    }

    pub fn member(&self, name: &str) -> Option<&str> {
        self.members.get(name).map(Text::as_str).filter(|value| !value.is_empty())
    }

    fn number(&self, name: &str, default: u32) -> u32 {
        self.member(name).and_then(|value| value.parse().ok()).unwrap_or(default)
    }

    /// How it runs; its code is in a folder below `all_code`.
    pub fn settings(&self, all_code: &Path) -> FunctionSettings {
        let environment = self.environment.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        FunctionSettings {
            folder: all_code.join(self.code.folder.as_str()),
            handler: self.member("Handler").map(str::to_owned),
            // What stands behind the point tells the system that it runs on.
            runtime: self.member("Runtime").map(|runtime| match runtime.starts_with("provided") {
                true => "provided".to_owned(),
                false => runtime.to_owned(),
            }),
            timeout: Duration::from_secs(u64::from(self.number("Timeout", 3))),
            memory_megabytes: self.number("MemorySize", 128),
            environment: environment.collect(),
            ..FunctionSettings::default()
        }
    }

    /// A FunctionConfiguration.
    pub fn shown(&self, asker: &Asker) -> Object {
        let mut shown =
            configuration(asker, &self.name, self.number("Timeout", 3), self.number("MemorySize", 128));
        for name in ["Runtime", "Handler", "Role"] {
            if let Some(value) = self.member(name) {
                shown.insert(name, value);
            }
        }
        shown.insert("Description", self.member("Description").unwrap_or_default());
        shown.insert("CodeSize", self.code.bytes as i64);
        shown.insert("CodeSha256", self.code.sha256.clone());
        shown.insert("RevisionId", self.revision.clone());
        shown.insert("LastModified", modified(self.modified));
        if let Some(arn) = self.member("DeadLetterConfig") {
            shown.insert("DeadLetterConfig", json::value!({ "TargetArn": arn }));
        }
        if !self.environment.is_empty() {
            shown.insert("Environment", json::value!({ "Variables": (object(&self.environment)) }));
        }
        shown
    }

    /// As the ledger keeps it.
    pub fn to_record(&self) -> String {
        json::value!({
            "members": (object(&self.members)),
            "environment": (object(&self.environment)),
            "tags": (object(&self.tags)),
            "folder": (self.code.folder.clone()),
            "sha256": (self.code.sha256.clone()),
            "bytes": (self.code.bytes.to_string()),
            "revision": (self.revision.clone()),
            "modified": (self.modified),
        })
        .to_text()
    }

    /// What [`to_record`](Function::to_record) wrote.
    pub fn from_record(name: &str, bytes: &[u8]) -> Option<Function> {
        let record = Value::parse_bytes(bytes).ok()?;
        let text = |name: &str| Some(Text::from(record.get(name)?.as_str()?));
        Some(Function {
            name: name.into(),
            members: texts(record.get("members")?),
            environment: texts(record.get("environment")?),
            tags: texts(record.get("tags")?),
            code: Code {
                folder: text("folder")?,
                sha256: text("sha256")?,
                bytes: text("bytes")?.parse().ok()?,
            },
            revision: text("revision")?,
            modified: record.get("modified")?.as_i64()?,
        })
    }
}

/// A FunctionConfiguration of a function of the settings.
pub(super) fn shown_of_settings(asker: &Asker, name: &str, settings: &FunctionSettings) -> Object {
    let timeout = u32::try_from(settings.timeout.as_secs()).unwrap_or(u32::MAX);
    let mut shown = configuration(asker, name, timeout, settings.memory_megabytes);
    if let Some(runtime) = &settings.runtime {
        shown.insert("Runtime", runtime.as_str());
    }
    if let Some(handler) = &settings.handler {
        shown.insert("Handler", handler.as_str());
    }
    if !settings.environment.is_empty() {
        let variables: Object =
            settings.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        shown.insert("Environment", json::value!({ "Variables": variables }));
    }
    shown
}

/// What every function has.
fn configuration(asker: &Asker, name: &str, timeout: u32, memory: u32) -> Object {
    let shown = json::value!({
        "FunctionName": name,
        "FunctionArn": (names::arn(asker, name)),
        "CodeSize": 0,
        "Timeout": timeout,
        "MemorySize": memory,
        "Version": "$LATEST",
        "TracingConfig": { "Mode": "PassThrough" },
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": { "Size": 512 },
        "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
        "LoggingConfig": { "LogFormat": "Text", "LogGroup": (format!("/aws/lambda/{name}")) },
    });
    shown.as_object().cloned().unwrap_or_default()
}

/// What cannot be honoured is refused, unless it says what is so anyway.
fn check_supported(input: &Object) -> Result<(), Fault> {
    let member = |path: &[&str]| {
        let mut value = input.get(path[0])?;
        for name in &path[1..] {
            value = value.get(name)?;
        }
        Some(value).filter(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => true,
        })
    };
    let unwanted: [(&[&str], &[&str]); 15] = [
        (&["VpcConfig", "SubnetIds"], &[]),
        (&["KMSKeyArn"], &[]),
        (&["Layers"], &[]),
        (&["FileSystemConfigs"], &[]),
        (&["ImageConfig"], &[]),
        (&["CodeSigningConfigArn"], &[]),
        (&["CapacityProviderConfig"], &[]),
        (&["DurableConfig"], &[]),
        (&["TenancyConfig"], &[]),
        (&["Publish"], &["false"]),
        (&["PublishTo"], &[]),
        (&["PackageType"], &["Zip"]),
        (&["TracingConfig", "Mode"], &["PassThrough"]),
        (&["SnapStart", "ApplyOn"], &["None"]),
        (&["LoggingConfig", "LogFormat"], &["Text"]),
    ];
    for (path, harmless) in unwanted {
        let Some(value) = member(path) else { continue };
        let text = value.as_str().map_or_else(|| value.to_text(), str::to_owned);
        if !harmless.contains(&text.as_str()) {
            return Err(fault(
                "InvalidParameterValueException",
                format!("{} is not supported by Stepwell: leave it out", path.join(".")),
                400,
            ));
        }
    }
    Ok(())
}

fn texts(value: &Value) -> BTreeMap<Text, Text> {
    let members = value.as_object().into_iter().flat_map(Object::iter);
    members.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().into())).collect()
}

pub(super) fn object(texts: &BTreeMap<Text, Text>) -> Object {
    texts.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

pub(super) fn array(values: Vec<Value>) -> Array {
    Array::from(values)
}

/// `2024-02-29T12:34:56.007+0000`
pub(super) fn modified(milliseconds: i64) -> String {
    crate::timestamp::iso8601(milliseconds).replace('Z', "+0000")
}
