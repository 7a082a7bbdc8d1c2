//! The way in for executions and services of this very process: the same request as by HTTP, without a socket and without a
//! signature.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use connectors::{Answering, BuiltIn, BuiltInAnswer, BuiltInCall, Connectors};
use json::Text;
use tokio::sync::watch;

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

/// How those within this process reach its services. Connectors have it before the services begin, because what a restart
/// brings back calls at once; such calls wait until [`serve`](Entrance::serve) was called.
#[derive(Clone)]
pub struct Entrance {
    names: BTreeSet<&'static str>,
    within: Arc<Within>,
}

struct Within {
    served: watch::Sender<Option<Served>>,
    home: Home,
}

impl Entrance {
    /// Offers services, by the names that botocore has for them, to whoever calls through these connectors.
    pub fn offer(
        names: impl IntoIterator<Item = &'static str>,
        connectors: &Connectors,
        home: &Home,
    ) -> Entrance {
        let (served, _) = watch::channel(None);
        let within = Arc::new(Within { served, home: home.clone() });
        let names: BTreeSet<_> = names.into_iter().collect();
        names.iter().for_each(|name| connectors.set_built_in(name, within.clone()));
        Entrance { names, within }
    }

    /// These answer from now on.
    ///
    /// # Panics
    ///
    /// If they are not what was offered: calls of the others would wait for ever.
    pub fn serve(&self, served: Served) {
        assert!(self.names.iter().copied().eq(served.names()), "what was offered is what is served");
        self.within.served.send_replace(Some(served));
    }
}

impl Served {
    /// Offers the services to whoever calls through these connectors.
    pub fn offer_within(&self, connectors: &Connectors, home: &Home) {
        Entrance::offer(self.names(), connectors, home).serve(self.clone());
    }
}

impl Within {
    /// Once they are there. Whoever waits has the sender, so it comes or the process ends.
    async fn served(&self) -> Served {
        let mut known = self.served.subscribe();
        let served = known.wait_for(Option::is_some).await;
        served.ok().and_then(|served| served.clone()).expect("who waits has the sender")
    }
}

impl BuiltIn for Within {
    fn answer<'a>(&'a self, call: BuiltInCall<'a>) -> Answering<'a, BuiltInAnswer> {
        Box::pin(async move {
            let served = self.served().await;
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
            BuiltInAnswer::written(served.answer(&found, &incoming, &asker).await)
        })
    }

    /// None of the services has jobs.
    fn ended<'a>(&'a self, _job_arn: &'a str) -> Answering<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

impl fmt::Debug for Entrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(&self.names).finish()
    }
}

fn request_id() -> Text {
    let mut bytes = [0; 16];
    // It names a request in logs. Without randomness it is still an id.
    let _ = getrandom::fill(&mut bytes);
    aws_names::uuid_v4(u128::from_le_bytes(bytes)).into()
}
