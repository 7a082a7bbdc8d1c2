//! A bus, and what hangs on it.

use std::collections::BTreeMap;
use std::sync::Arc;

use events::Event;
use json::{Object, Text};

use super::rule::Rule;

/// A bus with its rules.
#[derive(Clone, Debug, Default)]
pub(super) struct Bus {
    /// What DescribeEventBus shows, with `Tags` beside it; times in milliseconds since 1970.
    pub record: Object,
    /// By name.
    pub rules: BTreeMap<Text, Arc<Rule>>,
}

impl Bus {
    /// The rules that an event goes through.
    pub fn wanting<'a>(&'a self, event: &'a Event) -> impl Iterator<Item = &'a Arc<Rule>> {
        self.rules.values().filter(|rule| rule.wants(event))
    }
}
