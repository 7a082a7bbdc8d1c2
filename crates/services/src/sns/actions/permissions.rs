//! Statements of a topic's policy come and go.

use json::Value;

use super::{Ask, Plan, nothing};
use crate::Fault;
use crate::sns::fault::invalid;
use crate::sns::names;
use crate::sns::policy;
use crate::sns::topic::Settings;
use crate::sns::topics::{Change, Topics};

/// AddPermission
pub(super) fn add(ask: &Ask, topics: &Topics, plan: &mut Plan) -> Result<Value, Fault> {
    let settings = find(ask, topics)?;
    let (accounts, actions) = (ask.list("AWSAccountId"), ask.list("ActionName"));
    if ask.text("Label").is_empty() || accounts.is_empty() || actions.is_empty() {
        return Err(invalid("Label, AWSAccountId and ActionName must not be empty"));
    }
    let current = current(&settings);
    let changed = policy::with_statement(&current, &settings.arn, ask.text("Label"), &accounts, &actions)?;
    put(settings, &changed, plan)
}

/// RemovePermission
pub(super) fn remove(ask: &Ask, topics: &Topics, plan: &mut Plan) -> Result<Value, Fault> {
    let settings = find(ask, topics)?;
    let changed = policy::without_statement(&current(&settings), ask.text("Label"));
    put(settings, &changed, plan)
}

fn find(ask: &Ask, topics: &Topics) -> Result<Settings, Fault> {
    names::check_topic_arn("TopicArn", ask.text("TopicArn"))?;
    Ok(topics.find(ask.text("TopicArn"))?.settings.clone())
}

fn current(settings: &Settings) -> Value {
    let given = settings.attribute("Policy").and_then(|text| Value::parse(text).ok());
    given.unwrap_or_else(|| policy::of_owner(&settings.arn, names::account_of(&settings.arn)))
}

fn put(mut settings: Settings, policy: &Value, plan: &mut Plan) -> Result<Value, Fault> {
    settings.set("Policy", &policy.to_text())?;
    plan.changes.push(Change::Topic(settings));
    Ok(nothing())
}
