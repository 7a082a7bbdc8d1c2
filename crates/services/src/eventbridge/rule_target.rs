//! A target of a rule, as PutTargets gives it.

use events::Input;
use events::transform::{Path, Template};
use json::{Object, Text, Value};

use super::members::{Members, validation};
use crate::Fault;
use crate::delivery::{Backoff, NoTarget, Target};

/// What targets of kinds that we call may have besides Id, Arn and RoleArn.
const MEMBERS: [&str; 12] = [
    "Id",
    "Arn",
    "RoleArn",
    "Input",
    "InputPath",
    "InputTransformer",
    "KinesisParameters",
    "BatchParameters",
    "SqsParameters",
    "HttpParameters",
    "DeadLetterConfig",
    "RetryPolicy",
];

/// A target, ready to be sent something.
#[derive(Debug)]
pub(super) struct RuleTarget {
    pub id: Text,
    pub arn: Text,
    pub kind: Target,
    /// As it was given.
    pub record: Object,
    pub input: Input,
    /// Where its path to the partition key of Kinesis leads.
    pub partition_key: Option<Path>,
    pub backoff: Backoff,
}

impl RuleTarget {
    /// Checks and compiles it.
    pub fn read(given: &Value) -> Result<RuleTarget, Fault> {
        let members = Members(given);
        let (id, arn) = (members.required("Id")?, members.required("Arn")?);
        let kind = kind(arn)?;
        let record = members.0.as_object().cloned().unwrap_or_default();
        if let Some(unknown) = record.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(validation(format!(
                "Target {id} has {unknown}: this server calls no targets that would use it. Leave it out, or let the rule start \
                 a state machine that makes the call."
            )));
        }
        let input = input(members, id)?;
        if kind == Target::Bus && !matches!(input, Input::Event) {
            return Err(validation(format!(
                "Target {id} is an event bus: it is sent the event as it is, without Input, InputPath or InputTransformer."
            )));
        }
        if kind == Target::Queue && arn.ends_with(".fifo") && !members.has("SqsParameters") {
            return Err(validation(format!(
                "Parameter(s) SqsParameters must be specified for target: {id}."
            )));
        }
        if kind == Target::JobQueue && !members.has("BatchParameters") {
            return Err(validation(format!(
                "Parameter(s) BatchParameters must be specified for target: {id}."
            )));
        }
        let partition_key = given.get("KinesisParameters").and_then(|given| given.get("PartitionKeyPath"));
        let partition_key =
            partition_key.and_then(Value::as_str).map(|path| path_of(path, id)).transpose()?;
        if let Some(queue) = dead_letter_queue(&record)
            && Target::of(queue) != Ok(Target::Queue)
        {
            return Err(validation(format!(
                "Parameter DeadLetterConfig.Arn of target {id} is not valid. Reason: {queue} is no queue of SQS."
            )));
        }
        Ok(RuleTarget {
            id: id.into(),
            arn: arn.into(),
            kind,
            input,
            partition_key,
            backoff: backoff(&record),
            record,
        })
    }

    pub fn role_arn(&self) -> Option<Text> {
        self.record.get("RoleArn").and_then(Value::as_str).map(Text::from)
    }

    pub fn dead_letter_queue(&self) -> Option<&str> {
        dead_letter_queue(&self.record)
    }
}

pub(crate) fn dead_letter_queue(target: &Object) -> Option<&str> {
    target.get("DeadLetterConfig")?.get("Arn")?.as_str()
}

/// The target's RetryPolicy, or AWS's own.
pub(crate) fn backoff(target: &Object) -> Backoff {
    let policy = |name| target.get("RetryPolicy").and_then(|policy| policy.get(name)).and_then(Value::as_i64);
    let retries = policy("MaximumRetryAttempts").and_then(|retries| u32::try_from(retries).ok());
    let age = policy("MaximumEventAgeInSeconds").map(|seconds| seconds.saturating_mul(1_000));
    Backoff {
        retries_max: retries.unwrap_or(Backoff::EVENTS.retries_max),
        age_max: age.unwrap_or(Backoff::EVENTS.age_max),
        ..Backoff::EVENTS
    }
}

fn kind(arn: &str) -> Result<Target, Fault> {
    match Target::of(arn) {
        Ok(Target::Operation { .. }) => Err(validation(format!(
            "Parameter {arn} is not valid. Reason: universal targets belong to EventBridge Scheduler."
        ))),
        Ok(kind) => Ok(kind),
        Err(NoTarget::Malformed) => Err(validation(format!(
            "Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
        ))),
        Err(NoTarget::Unsupported { kind }) => Err(validation(format!(
            "Parameter {arn} is not valid. Reason: this server calls no targets of the kind {kind}. Let the rule start a state \
             machine that makes the call."
        ))),
        Err(NoTarget::NoOperation { name }) => {
            Err(validation(format!("Parameter {arn} is not valid. Reason: there is no operation {name}.")))
        }
    }
}

/// At most one of the three.
fn input(members: Members<'_>, id: &str) -> Result<Input, Fault> {
    let given = ["Input", "InputPath", "InputTransformer"].into_iter().filter(|name| members.has(name));
    if given.count() > 1 {
        return Err(validation(format!(
            "Only one of Input, InputPath, or InputTransformer must be provided for target {id}."
        )));
    }
    if let Some(text) = members.text("Input") {
        if Value::parse(text).is_err() {
            return Err(validation(format!("JSON syntax error in input for target {id}.")));
        }
        return Ok(Input::Constant(text.to_owned()));
    }
    if let Some(path) = members.text("InputPath") {
        return Ok(Input::Path(path_of(path, id)?));
    }
    let Some(transformer) = members.0.get("InputTransformer") else { return Ok(Input::Event) };
    let paths = transformer.get("InputPathsMap").and_then(Value::as_object);
    let paths = paths.into_iter().flat_map(Object::iter);
    let paths = paths.filter_map(|(name, path)| Some((name.as_str(), path.as_str()?)));
    let template = Members(transformer).required("InputTemplate")?;
    Template::parse(template, paths).map(Input::Template).map_err(|invalid| validation(invalid.message(id)))
}

fn path_of(path: &str, id: &str) -> Result<Path, Fault> {
    Path::parse(path).map_err(|invalid| validation(invalid.message(id)))
}
