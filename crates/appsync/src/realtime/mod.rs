//! Subscriptions: who is connected, what each listens to, and what of it a mutation is.
//!
//! A connection is a value: messages go in, messages come out. Never here: sockets.

use json::{Text, Value};

use crate::api::Api;

/// All that is live.
#[derive(Debug, Default)]
pub(crate) struct Hub {}

impl Hub {
    /// A mutation's field was resolved without an error: whoever listens to it is told. `payload` is what the mutation
    /// selected, under the schema's names.
    pub fn publish(&self, _api: &Api, _mutation: &Text, _payload: &Value) {}

    /// `invalidateSubscriptions({subscriptionField, payload})`
    pub fn invalidate(&self, _api_id: &Text, _call: &Value) {}
}
