//! Who asks, and for what.

use std::sync::Arc;

use json::{Object, Text, Value};
use services::Moment;

use super::api::EventApi;
use super::channel::Channel;
use super::refusal::Refusal;
use crate::appsync::Shared;
use crate::authorization::{Credentials, Identity, Providers};

/// Somebody who was let in.
#[derive(Debug)]
pub(super) struct Caller {
    pub identity: Arc<Identity>,
    /// `ctx.request.headers`
    pub headers: Object,
    /// Names the request in logs.
    pub request_id: Text,
}

/// For what somebody wants to be let in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose<'c> {
    Connect,
    /// To what they call this channel.
    Publish(&'c str),
    Subscribe(&'c str),
}

/// What somebody shows of themselves, and what a signature was made over.
#[derive(Clone, Debug)]
pub(super) struct Shown<'c> {
    /// Names in lower case.
    pub headers: Object,
    pub method: &'c str,
    pub path: &'c str,
    pub query: &'c str,
    pub body: &'c [u8],
    pub source_ip: &'c str,
}

impl Caller {
    /// Finds out who asks, by the modes that are for this purpose. A namespace that is not there has the API's own.
    pub async fn identify(
        shared: &Shared,
        api: &EventApi,
        purpose: Purpose<'_>,
        shown: Shown<'_>,
    ) -> Result<Caller, Refusal> {
        let request_id = Text::from(Moment::drawn().uuid());
        let operation = purpose.operation();
        let Shown { headers, method, path, query, body, source_ip } = shown;
        let credentials = Credentials {
            headers,
            method,
            path,
            query,
            body,
            source_ip,
            operation: Some(&operation),
            request_id: &request_id,
        };
        let identity = shared.identify(api, purpose.providers(api), &credentials).await?;
        Ok(Caller { identity: Arc::new(identity), headers: credentials.headers, request_id })
    }
}

impl Purpose<'_> {
    fn providers(self, api: &EventApi) -> &Providers {
        let namespace = self.channel().and_then(|channel| api.namespaces.get(channel.namespace()));
        match self {
            Purpose::Connect => &api.connecting,
            Purpose::Publish(_) => namespace.map_or(&api.publishing, |namespace| &namespace.publishing),
            Purpose::Subscribe(_) => namespace.map_or(&api.subscribing, |namespace| &namespace.subscribing),
        }
    }

    fn channel(self) -> Option<Channel> {
        match self {
            Purpose::Connect => None,
            Purpose::Publish(channel) | Purpose::Subscribe(channel) => Channel::parse_pattern(channel).ok(),
        }
    }

    /// What a function that authorises is told beside.
    fn operation(self) -> Object {
        let name = match self {
            Purpose::Connect => "EVENT_CONNECT",
            Purpose::Publish(_) => "EVENT_PUBLISH",
            Purpose::Subscribe(_) => "EVENT_SUBSCRIBE",
        };
        let channel = self.channel();
        let mut operation = Object::new();
        operation.insert("operation", name);
        let namespace = channel.as_ref().map(|channel| Text::from(channel.namespace()));
        operation.insert("channelNamespaceName", namespace.map_or(Value::Null, Value::from));
        operation.insert("channel", channel.map_or(Value::Null, |channel| channel.path().clone().into()));
        operation
    }
}
