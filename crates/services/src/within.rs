//! The way in for executions and services of this very process: the same request as by HTTP, without a socket and without a
//! signature.

use std::sync::Arc;

use connectors::{Answering, BuiltIn, BuiltInAnswer, BuiltInCall, Connectors};
use json::Text;

use crate::served::{Found, Served};
use crate::service::Asker;

/// Where this server is, for those within it.
#[derive(Clone, Debug)]
pub struct Home {
    /// The account that the server plays.
    pub account: Text,
    /// Its region.
    pub region: Text,
    /// How it is reached by HTTP: addresses that a service gives away begin so.
    pub base_url: Text,
}

impl Served {
    /// Offers the services to whoever calls through these connectors.
    pub fn offer_within(&self, connectors: &Connectors, home: &Home) {
        for name in self.names() {
            connectors.set_built_in(name, Arc::new(Within { served: self.clone(), home: home.clone() }));
        }
    }
}

struct Within {
    served: Served,
    home: Home,
}

impl BuiltIn for Within {
    fn answer<'a>(&'a self, call: BuiltInCall<'a>) -> Answering<'a, BuiltInAnswer> {
        Box::pin(async move {
            let headers = call.headers();
            let incoming = call.incoming(&headers);
            let asker = Asker {
                account: self.home.account.clone(),
                region: self.home.region.clone(),
                // Whoever is within needs no signature, and is trusted as one who gave one.
                access_key: "within".into(),
                base_url: self.home.base_url.clone(),
                request_id: request_id(),
            };
            let found = Found::operation(call.operation);
            BuiltInAnswer::written(self.served.answer(&found, &incoming, &asker).await)
        })
    }

    /// None of the services has jobs.
    fn ended<'a>(&'a self, _job_arn: &'a str) -> Answering<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

fn request_id() -> Text {
    let mut bytes = [0; 16];
    // It names a request in logs. Without randomness it is still an id.
    let _ = getrandom::fill(&mut bytes);
    aws_names::uuid_v4(u128::from_le_bytes(bytes)).into()
}
