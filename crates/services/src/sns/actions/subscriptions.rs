//! Subscriptions are looked at, listed and changed.

use json::{Text, Value};

use super::{Ask, PAGE, Plan, nothing, page};
use crate::Fault;
use crate::sns::fault::no_subscription;
use crate::sns::names;
use crate::sns::subscription::Subscription;
use crate::sns::topic::Topic;
use crate::sns::topics::{Change, Topics};

/// GetSubscriptionAttributes
pub(super) fn attributes(ask: &Ask, topics: &Topics) -> Result<Value, Fault> {
    let (topic, subscription) = find(ask, topics)?;
    Ok(json::value!({ "Attributes": (subscription.shown(&topic.settings.delivery_policy())) }))
}

/// SetSubscriptionAttributes
pub(super) fn set_attribute(ask: &Ask, topics: &Topics, plan: &mut Plan) -> Result<Value, Fault> {
    let mut subscription = find(ask, topics)?.1.clone();
    subscription.set([(ask.text("AttributeName"), ask.text("AttributeValue"))])?;
    plan.changes.push(Change::Subscription(subscription));
    Ok(nothing())
}

/// ListSubscriptions: those of the asker's region.
pub(super) fn list(ask: &Ask, topics: &Topics) -> Result<Value, Fault> {
    let prefix = ask.own_prefix();
    let after = ask.next_token()?;
    let first = after.and_then(names::topic_of).and_then(|topic| topics.find(topic).ok());
    let others = topics.behind(after.and_then(names::topic_of));
    let own = first.into_iter().chain(others).filter(|topic| topic.settings.arn.starts_with(&prefix));
    Ok(page("Subscriptions", own.flat_map(|topic| shown(ask, topic, after)).take(PAGE + 1).collect()))
}

/// ListSubscriptionsByTopic
pub(super) fn list_by_topic(ask: &Ask, topics: &Topics) -> Result<Value, Fault> {
    names::check_topic_arn("TopicArn", ask.text("TopicArn"))?;
    let topic = topics.find(ask.text("TopicArn"))?;
    Ok(page("Subscriptions", shown(ask, topic, ask.next_token()?).take(PAGE + 1).collect()))
}

fn find<'t>(ask: &Ask, topics: &'t Topics) -> Result<(&'t Topic, &'t Subscription), Fault> {
    let arn = ask.text("SubscriptionArn");
    names::check_subscription_arn(arn)?;
    let subscription = topics.subscription(arn)?;
    if subscription.has_expired(ask.now) {
        return Err(no_subscription());
    }
    Ok((topics.find(subscription.topic_arn())?, subscription))
}

/// A topic's subscriptions behind one, as lists show them, with their ARNs.
fn shown<'t>(
    ask: &'t Ask,
    topic: &'t Topic,
    after: Option<&'t str>,
) -> impl Iterator<Item = (Value, Text)> + 't {
    let from = after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
    let behind = topic.subscriptions.range::<str, _>((from, std::ops::Bound::Unbounded));
    behind.filter(|(_, subscription)| !subscription.has_expired(ask.now)).map(|(arn, subscription)| {
        let shown_arn = if subscription.is_confirmed() { arn.clone() } else { "PendingConfirmation".into() };
        let item = json::value!({
            "SubscriptionArn": shown_arn,
            "Owner": (names::account_of(arn)),
            "Protocol": (subscription.protocol.name()),
            "Endpoint": (subscription.endpoint.clone()),
            "TopicArn": (subscription.topic_arn()),
        });
        (item, arn.clone())
    })
}
