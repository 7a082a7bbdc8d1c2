//! What may be set.

/// How the queues behave where a setting decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a name stays taken after its queue was deleted, in milliseconds. (AWS: 60 seconds)
    pub deleted_pause: i64,
    /// How long a queue cannot be purged again, in milliseconds. (AWS: 60 seconds)
    pub purged_pause: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { deleted_pause: 60_000, purged_pause: 60_000 }
    }
}
