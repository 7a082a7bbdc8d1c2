//! What stands in the place of a service that is switched off: it says so, and does nothing else.

use connectors::Answering;
use json::Value;

use crate::service::{Call, Fault, Service};

/// A service that is switched off, by the name that botocore has for it.
pub(crate) struct Off(pub &'static str);

impl Service for Off {
    fn call<'a>(&'a self, _call: Call<'a>) -> Answering<'a, Result<Value, Fault>> {
        let name = self.0;
        let message = format!(
            "{name} is switched off on this server, by [services] off in its stepwell.toml: take it out there, or give the \
             client the endpoint of another server"
        );
        // Clients try again after 500, 502, 503 and 504, which would help nobody.
        Box::pin(std::future::ready(Err(Fault::new("ServiceSwitchedOff", message).with_status(501))))
    }

    /// Whatever is asked, the answer is the same.
    fn checks_by_model(&self, _operation: &str) -> bool {
        false
    }
}
