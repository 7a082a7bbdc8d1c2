//! What a request says, and which queue it is about.

use json::{Array, Object, Value};

use super::fault::{missing_parameter, queue_does_not_exist};
use super::keys::QueueId;
use super::queues::Queues;
use crate::{Call, Fault};

/// A request's input, or an entry of a batch.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a>(pub &'a Value);

impl<'a> Input<'a> {
    pub fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub fn text(self, name: &str) -> Option<&'a str> {
        self.get(name)?.as_str()
    }

    /// A text that must be there.
    pub fn required(self, name: &str) -> Result<&'a str, Fault> {
        self.text(name).filter(|text| !text.is_empty()).ok_or_else(|| missing_parameter(name))
    }

    pub fn number(self, name: &str) -> Option<i64> {
        self.get(name)?.as_i64()
    }

    pub fn object(self, name: &str) -> Option<&'a Object> {
        self.get(name)?.as_object()
    }

    /// An object that must be there.
    pub fn required_object(self, name: &str) -> Result<&'a Object, Fault> {
        self.object(name).ok_or_else(|| missing_parameter(name))
    }

    pub fn array(self, name: &str) -> Option<&'a Array> {
        self.get(name)?.as_array()
    }

    /// The texts of a list.
    pub fn texts(self, name: &str) -> impl Iterator<Item = &'a str> {
        self.array(name).into_iter().flat_map(Array::iter).filter_map(Value::as_str)
    }
}

impl Queues {
    /// The queue that a request names by its URL. Which host stands in it says nothing: it depends on who asks.
    pub fn find(&self, call: &Call<'_>) -> Result<QueueId, Fault> {
        let url = Input(call.input).required("QueueUrl")?;
        let mut parts = url.rsplit('/');
        let (name, account) = (parts.next().unwrap_or_default(), parts.next());
        if account.is_none() {
            let message = format!("The address {url} is not valid for this endpoint.");
            return Err(Fault::new("InvalidAddress", message));
        }
        if account != Some(&*call.asker.account) {
            return Err(queue_does_not_exist());
        }
        self.named(name)
    }

    /// The queue with this name.
    pub fn named(&self, name: &str) -> Result<QueueId, Fault> {
        self.state().names.get(name).copied().ok_or_else(queue_does_not_exist)
    }
}

/// The URL of a queue, for whoever asks.
pub(crate) fn url(call: &Call<'_>, name: &str) -> String {
    format!("{}/{}/{name}", call.asker.base_url, call.asker.account)
}
