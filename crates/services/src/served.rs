//! The services that this server offers, and how a request finds its way to one: by the models, whatever protocol it is
//! written in, whether it came by HTTP or from this very process.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use aws_models::Operation;
use aws_protocols::serve::{self, Answer, Asked, Incoming, Offered, Unknown, UnknownOperation};

use crate::off::Off;
use crate::service::{Asker, Call, Fault, Service};
use crate::sqs::{Peek, Peeked};

/// What is offered. Cheap to clone.
#[derive(Clone)]
pub struct Served {
    shared: Arc<Shared>,
}

struct Shared {
    offered: Offered,
    services: BTreeMap<&'static str, Arc<dyn Service>>,
    /// Of these, those that are switched off: who asks for one is told so.
    off: BTreeSet<&'static str>,
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// What a request asks for.
#[derive(Clone)]
pub enum Found {
    /// An operation.
    Operation(Asked),
    /// Something that its service does not have.
    Unknown(UnknownOperation),
}

impl Served {
    /// Offers these, by the names that botocore has for them: `sqs`.
    ///
    /// # Panics
    ///
    /// If there is no such model.
    pub fn new(services: impl IntoIterator<Item = (&'static str, Arc<dyn Service>)>) -> Served {
        Served::with_off(services, [])
    }

    /// Offers these but for some that are switched off: who asks for one of those by HTTP is told so, and those within this
    /// process find them elsewhere or not at all.
    ///
    /// # Panics
    ///
    /// If there is no such model.
    pub fn with_off(
        services: impl IntoIterator<Item = (&'static str, Arc<dyn Service>)>,
        off: impl IntoIterator<Item = &'static str>,
    ) -> Served {
        let mut services: BTreeMap<_, _> = services.into_iter().collect();
        let off: BTreeSet<_> = off.into_iter().collect();
        services.extend(off.iter().map(|name| (*name, Arc::new(Off(name)) as Arc<dyn Service>)));
        let model = |name: &&'static str| aws_models::service(name).expect("AWS has this service");
        let offered = Offered::new(services.keys().map(model));
        Served { shared: Arc::new(Shared { offered, services, off }) }
    }

    /// The names of what is offered.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.shared.services.keys().copied().filter(|name| !self.shared.off.contains(name))
    }

    /// Messages that stand in a queue of SQS; `None` if that is not offered.
    pub fn peek(&self, peek: Peek<'_>) -> Option<Result<Peeked, Fault>> {
        self.shared.services.get("sqs")?.peek(peek)
    }

    /// A document that anybody may fetch: SNS's certificate, in PEM.
    pub fn document(&self, path: &str) -> Option<String> {
        self.shared.services.get("sns")?.document(path)
    }

    /// What a request asks for; `None` if none of these services is meant.
    pub fn find(&self, incoming: &Incoming<'_>) -> Option<Found> {
        match self.shared.offered.find(incoming) {
            Ok(asked) => Some(Found::Operation(asked)),
            Err(Unknown::Operation(unknown)) => Some(Found::Unknown(unknown)),
            Err(Unknown::Elsewhere) => None,
        }
    }

    /// Answers a request. What it changes is durable by then.
    pub async fn answer(&self, found: &Found, incoming: &Incoming<'_>, asker: &Asker) -> Answer {
        let asked = match found {
            Found::Operation(asked) => asked,
            Found::Unknown(unknown) => return unknown.answer(&asker.request_id),
        };
        match self.output(asked, incoming, asker).await {
            Ok(output) => asked.answer(&output, &asker.request_id),
            Err(fault) => asked.refusal(&fault, &asker.request_id),
        }
    }

    /// The server stops: whoever waits for something to happen is answered.
    pub fn stop(&self) {
        self.shared.services.values().for_each(|service| service.stop());
    }

    async fn output(
        &self,
        asked: &Asked,
        incoming: &Incoming<'_>,
        asker: &Asker,
    ) -> Result<json::Value, serve::Fault> {
        let service = self.shared.services.get(asked.operation.service().name()).expect("it is offered");
        let input = asked.input(incoming)?;
        if service.checks_by_model(asked.operation.name()) {
            asked.check(&input)?;
        }
        let call = Call { operation: asked.operation.name(), input: &input, asker };
        service.call(call).await.map_err(Fault::into_protocol)
    }
}

impl Found {
    /// An operation that is asked for within this process, in its service's own protocol.
    pub fn operation(operation: Operation<'static>) -> Found {
        Found::Operation(Asked::of(operation))
    }

    /// For whom a signature of it must be: `sqs`.
    pub fn signing_name(&self) -> &'static str {
        match self {
            Found::Operation(asked) => asked.operation.service().signing_name(),
            Found::Unknown(unknown) => unknown.signing_name(),
        }
    }

    /// Whether it needs no signature, because it carries a secret of its own: who was sent one confirms a subscription
    /// by opening an address.
    pub fn is_open_to_all(&self) -> bool {
        match self {
            Found::Operation(asked) => {
                let name = asked.operation.name();
                asked.operation.service().name() == "sns"
                    && matches!(name, "ConfirmSubscription" | "Unsubscribe")
            }
            Found::Unknown(_) => false,
        }
    }

    /// Of the operation; empty where there is none.
    pub fn name(&self) -> &'static str {
        match self {
            Found::Operation(asked) => asked.operation.name(),
            Found::Unknown(_) => "",
        }
    }
}
