//! Which part of the ledger belongs to whom. A number is a promise on disk: it is never used for anything else.

// Each service uses its own.
#![allow(dead_code)]

use ledger::Space;

pub(crate) const QUEUES: Space = Space::new(1);
pub(crate) const MESSAGES: Space = Space::new(2);
pub(crate) const TOPICS: Space = Space::new(3);
pub(crate) const TOPIC_DELIVERIES: Space = Space::new(4);
pub(crate) const BUSES: Space = Space::new(5);
pub(crate) const RULE_DELIVERIES: Space = Space::new(6);
pub(crate) const ARCHIVES: Space = Space::new(7);
pub(crate) const SCHEDULES: Space = Space::new(8);
pub(crate) const EVENT_SOURCES: Space = Space::new(9);
pub(crate) const FUNCTIONS: Space = Space::new(16);
pub(crate) const FUNCTION_EVENTS: Space = Space::new(17);
// 10 is the gateway's and 18 is AppSync's, which have crates of their own.
