//! Topics are created, changed, listed and deleted.

use json::{Object, Value};

use super::{Ask, PAGE, Plan, nothing, page, tags};
use crate::Fault;
use crate::sns::fault::{invalid, limit};
use crate::sns::names;
use crate::sns::topic::Settings;
use crate::sns::topics::{Change, Topics};

/// AWS's quota.
const TOPICS_MAX: usize = 100_000;

/// CreateTopic: one that is there already is found again, if it is what is asked for.
pub(super) fn create(ask: &Ask, topics: &Topics, plan: &mut Plan) -> Result<Value, Fault> {
    let given = ask.texts("Attributes");
    let is_fifo = match given.iter().find(|(name, _)| *name == "FifoTopic").map(|(_, value)| *value) {
        None | Some("false" | "") => false,
        Some("true") => true,
        Some(other) => {
            return Err(invalid(format!(
                "Attributes Reason: FifoTopic: Invalid value [{other}]. Must be true or false."
            )));
        }
    };
    names::check_name(ask.text("Name"), is_fifo)?;
    if !ask.text("DataProtectionPolicy").is_empty() {
        return Err(invalid(
            "DataProtectionPolicy Reason: Stepwell does not look into messages for sensitive data: leave it out",
        ));
    }
    let arn = names::topic_arn(&ask.asker, ask.text("Name"));
    let mut settings = Settings::new(arn.clone());
    for (name, value) in given.into_iter().filter(|(name, _)| *name != "FifoTopic") {
        settings.set(name, value)?;
    }
    tags::add(&mut settings, &ask.tags())?;
    let answer = json::value!({ "TopicArn": (arn.clone()) });
    if let Ok(known) = topics.find(&arn) {
        let known = &known.settings;
        if settings.attributes.iter().any(|(name, value)| known.attributes.get(name) != Some(value)) {
            return Err(invalid("Attributes Reason: Topic already exists with different attributes"));
        }
        if !settings.tags.is_empty() && settings.tags != known.tags {
            return Err(invalid("Tags Reason: Topic already exists with different tags"));
        }
        return Ok(answer);
    }
    if topics.len() >= TOPICS_MAX {
        return Err(limit("TopicLimitExceededException", format!("There may be {TOPICS_MAX} topics.")));
    }
    plan.changes.push(Change::Topic(settings));
    Ok(answer)
}

/// DeleteTopic: nobody minds if it is gone already.
pub(super) fn delete(ask: &Ask, topics: &Topics, plan: &mut Plan) -> Result<Value, Fault> {
    let arn = ask.text("TopicArn");
    names::check_topic_arn("TopicArn", arn)?;
    if topics.find(arn).is_ok() {
        plan.changes.push(Change::TopicGone(arn.into()));
    }
    Ok(nothing())
}

/// GetTopicAttributes
pub(super) fn attributes(ask: &Ask, topics: &Topics) -> Result<Value, Fault> {
    names::check_topic_arn("TopicArn", ask.text("TopicArn"))?;
    let topic = topics.find(ask.text("TopicArn"))?;
    let living = || topic.subscriptions.values().filter(|subscription| !subscription.has_expired(ask.now));
    let confirmed = living().filter(|subscription| subscription.is_confirmed()).count();
    let pending = living().count() - confirmed;
    Ok(json::value!({ "Attributes": (topic.settings.shown(confirmed, pending)) }))
}

/// SetTopicAttributes
pub(super) fn set_attribute(ask: &Ask, topics: &Topics, plan: &mut Plan) -> Result<Value, Fault> {
    names::check_topic_arn("TopicArn", ask.text("TopicArn"))?;
    let mut settings = topics.find(ask.text("TopicArn"))?.settings.clone();
    settings.set(ask.text("AttributeName"), ask.text("AttributeValue"))?;
    plan.changes.push(Change::Topic(settings));
    Ok(nothing())
}

/// ListTopics: those of the asker's region.
pub(super) fn list(ask: &Ask, topics: &Topics) -> Result<Value, Fault> {
    let prefix = ask.own_prefix();
    let own = topics.behind(ask.next_token()?).map(|topic| &topic.settings.arn);
    let own = own.filter(|arn| arn.starts_with(&prefix)).take(PAGE + 1);
    Ok(page("Topics", own.map(|arn| (json::value!({ "TopicArn": (arn.clone()) }), arn.clone())).collect()))
}

/// GetDataProtectionPolicy: there is none.
pub(super) fn data_protection_policy(ask: &Ask, topics: &Topics) -> Result<Value, Fault> {
    names::check_topic_arn("ResourceArn", ask.text("ResourceArn"))?;
    topics.find(ask.text("ResourceArn"))?;
    Ok(Value::Object(Object::new()))
}
