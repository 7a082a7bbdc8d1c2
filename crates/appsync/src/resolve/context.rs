//! `ctx`: what handlers see.

use json::{Object, Text, Value};

use super::Request;
use crate::api::Resolver;

/// A field to resolve.
#[derive(Clone, Debug, Default)]
pub(crate) struct Field {
    /// Where it stands in the response: `/posts[0]/author`.
    pub path: Text,
    /// `ctx.arguments`
    pub arguments: Object,
    /// `ctx.source`: null at the root.
    pub source: Value,
    /// `ctx.info`
    pub info: Value,
}

impl Field {
    /// `ctx`, in the order in which functions see it.
    pub(super) fn context(self, request: &Request, resolver: &Resolver) -> Object {
        let mut context = Object::with_capacity(12);
        context.insert("arguments", self.arguments);
        context.insert("identity", request.identity.context.clone());
        context.insert("source", self.source);
        let mut sent = Object::with_capacity(2);
        sent.insert("headers", request.headers.clone());
        sent.insert("domainName", request.domain_name.clone());
        context.insert("request", sent);
        context.insert("prev", Value::Null);
        context.insert("info", self.info);
        context.insert("stash", Object::new());
        context.insert("env", resolver.environment.clone());
        context.insert("outErrors", Value::from(Vec::<Value>::new()));
        context
    }
}

/// What a function sees that is asked directly. (spec/appsync.md §5.1)
pub(super) fn payload(context: &Object) -> Value {
    const MEMBERS: [&str; 7] = ["arguments", "identity", "source", "request", "prev", "info", "stash"];
    let member = |name: &str| (name.to_owned(), context.get(name).cloned().unwrap_or_default());
    MEMBERS.map(member).into_iter().collect::<Object>().into()
}
