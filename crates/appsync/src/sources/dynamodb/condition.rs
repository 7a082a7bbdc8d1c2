//! Conditions of writes, and what becomes of a write whose condition does not hold. (spec/appsync.md §8)
//!
//! If the table has already what was wanted, the write is taken for done. Otherwise it fails, or a function decides.

use json::{Object, Text, Value};
use services::Members;

use super::Table;
use super::expressions::Placeholders;
use super::values::plain_members;
use super::versions::OWN;
use super::write::{Action, Write};
use crate::sources::lambda::Function;
use crate::sources::request::{Part, mistake};
use crate::sources::{Asking, SourceError};

/// `condition`
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub expression: String,
    pub placeholders: Placeholders,
    /// `equalsIgnore`: attributes that do not count when items are compared.
    equals_ignore: Vec<Text>,
    /// The function that decides: `conditionalCheckFailedHandler` with the strategy `Custom`.
    handler: Option<Text>,
}

/// What is to be done after a condition did not hold.
pub(super) enum Decision {
    /// It is as good as done; this is the result.
    Done(Value),
    /// It failed.
    Reject,
    /// Another request takes its place.
    Retry(Value),
}

impl Condition {
    /// One of ours.
    pub fn new(expression: String, placeholders: Placeholders) -> Condition {
        Condition { expression, placeholders, equals_ignore: Vec::new(), handler: None }
    }

    /// Both must hold. Placeholders of ours stand for nothing else.
    pub fn and(&self, expression: &str, placeholders: &Placeholders) -> Condition {
        let mut both = self.clone();
        both.expression = format!("({}) AND {expression}", self.expression);
        for (into, from) in [
            (&mut both.placeholders.names, &placeholders.names),
            (&mut both.placeholders.values, &placeholders.values),
        ] {
            for (placeholder, value) in from.iter() {
                into.insert(placeholder.clone(), value.clone());
            }
        }
        both
    }

    pub fn read(part: &Part<'_>) -> Result<Condition, SourceError> {
        part.has_only(&[
            "expression",
            "expressionNames",
            "expressionValues",
            "equalsIgnore",
            "consistentRead",
            "conditionalCheckFailedHandler",
        ])?;
        // The item comes with the refusal itself, which is as consistent as can be.
        part.flag("consistentRead")?;
        let ignored = part.array("equalsIgnore")?.unwrap_or_default();
        let handler = part.part("conditionalCheckFailedHandler")?;
        Ok(Condition {
            expression: part.required_text("expression")?.to_owned(),
            placeholders: Placeholders::read(part)?,
            equals_ignore: ignored.iter().filter_map(Value::as_str).map(Text::from).collect(),
            handler: handler.map(|handler| read_handler(&handler)).transpose()?.flatten(),
        })
    }

    /// Whether the table has what the write wants it to have. Of an update nobody can say. What a versioned data source
    /// writes itself does not count.
    fn is_met_by(&self, current: Option<&Object>, action: &Action, is_versioned: bool) -> bool {
        let counted = |item: &Object| -> Object {
            let is_own = |name: &Text| is_versioned && OWN.contains(&name.as_str());
            let counts = |name: &Text| !self.equals_ignore.contains(name) && !is_own(name);
            let plain = plain_members(item);
            plain.iter().filter(|(name, _)| counts(name)).map(|(n, v)| (n.clone(), v.clone())).collect()
        };
        match (action, current) {
            (Action::Put(wanted), Some(current)) => counted(wanted) == counted(current),
            (Action::Delete, None) => true,
            (Action::Put(_), None) | (Action::Delete, Some(_)) | (Action::Update(_), _) => false,
        }
    }
}

fn read_handler(part: &Part<'_>) -> Result<Option<Text>, SourceError> {
    part.has_only(&["strategy", "lambdaArn"])?;
    match part.required_text("strategy")? {
        "Reject" => Ok(None),
        "Custom" => Ok(Some(part.required_text("lambdaArn")?.into())),
        other => {
            let place = part.place("strategy");
            Err(mistake(format!("Value '{other}' for field '{place}' is neither Custom nor Reject.")))
        }
    }
}

impl Table {
    /// What is to be done about a write whose condition does not hold for the item as it is.
    pub(super) async fn decide(
        &self,
        write: &Write,
        request: &Value,
        current: Option<&Object>,
        asking: Asking<'_>,
    ) -> Result<Decision, SourceError> {
        let Some(condition) = &write.condition else { return Ok(Decision::Reject) };
        let plain = current.map(|item| Value::from(plain_members(item))).unwrap_or_default();
        if condition.is_met_by(current, &write.action, self.versions.is_some()) {
            return Ok(Decision::Done(plain));
        }
        let Some(handler) = &condition.handler else { return Ok(Decision::Reject) };
        let mut event = self.event(asking);
        event.insert("requestMapping", request);
        event.insert("currentValue", plain.clone());
        let answer = self.handler(handler).invoke(&event.into(), false, asking).await?;
        match answer.text_or_empty("action") {
            "reject" => Ok(Decision::Reject),
            "discard" => Ok(Decision::Done(plain)),
            "retry" => match answer.member("requestMapping") {
                Some(request) => Ok(Decision::Retry(request.clone())),
                None => {
                    Err(mistake("The handler of a failed condition said retry without a requestMapping."))
                }
            },
            other => Err(mistake(format!(
                "The handler of a failed condition said '{other}', which is none of reject, discard and retry."
            ))),
        }
    }

    /// A function that decides in the name of the data source.
    pub(super) fn handler(&self, arn: &Text) -> Function {
        Function { arn: arn.clone(), role_arn: self.role_arn.clone() }
    }

    /// What all such functions are told.
    pub(super) fn event(&self, asking: Asking<'_>) -> Object {
        let context = |name: &str| asking.context.get(name).cloned().unwrap_or_default();
        let info = context("info");
        let of_info = |name: &str| info.get(name).cloned().unwrap_or_default();
        let mut event = Object::new();
        event.insert("arguments", context("arguments"));
        event.insert(
            "resolver",
            json::value!({
                "tableName": (self.name.clone()),
                "awsRegion": (self.region.clone()),
                "parentType": (of_info("parentTypeName")),
                "field": (of_info("fieldName")),
            }),
        );
        event.insert("identity", context("identity"));
        event
    }
}
