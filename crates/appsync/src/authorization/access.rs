//! Which identity may see which field, as the directives of the schema say.

use std::sync::Arc;

use graphql::{FieldSet, Schema};

use super::{Identity, Providers};

/// The directives of a schema, by mode.
#[derive(Debug, Default)]
pub(crate) struct Access {
    nothing: Arc<FieldSet>,
}

impl Access {
    /// Of a schema's directives, under an API's modes.
    pub fn of(_schema: Option<&Arc<Schema>>, _providers: &Providers) -> Access {
        Access::default()
    }

    /// The fields that somebody may not see.
    pub fn denied(&self, _identity: &Identity) -> Arc<FieldSet> {
        self.nothing.clone()
    }
}
