//! What the outside tells a call: the time, a seed, zones, and how much it may take.

use std::sync::Arc;

use appsync_util::Zones;
use json::Text;

/// Whether the time that the caller grants is over.
pub type Late = dyn Fn() -> bool + Send + Sync;

/// The surroundings of one call.
#[derive(Clone, Default)]
pub struct Host {
    /// The time, in milliseconds since 1970.
    pub now_milliseconds: i64,
    /// Where random numbers and ids of this call come from. The caller takes a new one for each call.
    pub seed: u64,
    /// What `util.authType()` says, such as `API Key Authorization`.
    pub auth_type: Text,
    /// Zones by their IANA names. Without them there are UTC, GMT and fixed offsets.
    pub zones: Option<Arc<Zones>>,
    /// Asked every ten thousand steps or so.
    pub is_late: Option<Arc<Late>>,
    /// What the call may take.
    pub budget: Budget,
}

/// What one call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Loops and calls of functions, in units of ten thousand: the engine counts in such.
    pub steps_max: u32,
}

impl Default for Budget {
    /// Ten million steps take less than a second; a handler that does its work takes some hundreds.
    fn default() -> Budget {
        Budget { steps_max: 1000 }
    }
}
