//! All topics, as a plain value: read at will, and moved by [`Change`]s, which are what is durable.
//!
//! Never here: a clock, the ledger, messages.

use std::collections::BTreeMap;

use json::Text;

use super::fault::{no_subscription, no_topic};
use super::names;
use super::subscription::Subscription;
use super::topic::{Settings, Topic};
use crate::Fault;

/// All topics.
#[derive(Clone, Debug, Default)]
pub(crate) struct Topics {
    /// By ARN.
    all: BTreeMap<Text, Topic>,
}

/// One thing that becomes otherwise.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// A topic is new, or its settings are.
    Topic(Settings),
    /// A topic is gone with all its subscriptions.
    TopicGone(Text),
    /// A subscription is new, or changed.
    Subscription(Subscription),
    /// A subscription is gone.
    SubscriptionGone(Text),
}

impl Change {
    /// The ARN of a topic that is gone by this.
    pub fn topic_gone(&self) -> Option<Text> {
        match self {
            Change::TopicGone(arn) => Some(arn.clone()),
            Change::Topic(_) | Change::Subscription(_) | Change::SubscriptionGone(_) => None,
        }
    }
}

impl Topics {
    pub fn find(&self, arn: &str) -> Result<&Topic, Fault> {
        self.all.get(arn).ok_or_else(no_topic)
    }

    pub fn subscription(&self, arn: &str) -> Result<&Subscription, Fault> {
        let topic = names::topic_of(arn).and_then(|topic| self.all.get(topic));
        topic.and_then(|topic| topic.subscriptions.get(arn)).ok_or_else(no_subscription)
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// In the order of their ARNs, those behind `after`.
    pub fn behind(&self, after: Option<&str>) -> impl Iterator<Item = &Topic> {
        let from = after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        self.all.range::<str, _>((from, std::ops::Bound::Unbounded)).map(|(_, topic)| topic)
    }

    /// Makes a change that was checked. One that is about a topic which is gone is nothing.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Topic(settings) => match self.all.get_mut(&settings.arn) {
                Some(topic) => topic.settings = settings,
                None => {
                    let topic = Topic { settings, subscriptions: BTreeMap::new() };
                    self.all.insert(topic.settings.arn.clone(), topic);
                }
            },
            Change::TopicGone(arn) => drop(self.all.remove(&arn)),
            Change::Subscription(subscription) => {
                if let Some(topic) = self.all.get_mut(subscription.topic_arn()) {
                    topic.subscriptions.insert(subscription.arn.clone(), subscription);
                }
            }
            Change::SubscriptionGone(arn) => {
                let topic = names::topic_of(&arn).and_then(|topic| self.all.get_mut(topic));
                if let Some(topic) = topic {
                    topic.subscriptions.remove(&arn);
                }
            }
        }
    }
}
