//! Subscriptions: what somebody asks to hear of, and what they hear. (spec/appsync-realtime.md §1.3)

use std::sync::Arc;

use graphql::{Execution, FieldSet, OperationKind, Plan, Settings};
use json::{Text, Value};

use super::answer::whole_error;
use super::{Asked, drive, settings};
use crate::api::Api;
use crate::authorization::{Identity, Refusal};
use crate::realtime::Filter;
use crate::resolve;

/// A subscription that was accepted.
#[derive(Clone, Debug)]
pub(crate) struct Subscribed {
    /// The field of Subscription.
    pub field: Text,
    /// The document, by which it is understood anew when the API has changed.
    pub asked: Asked,
    /// What is selected of what comes.
    pub plan: Arc<Plan>,
    /// What this identity may not see.
    pub denied: Arc<FieldSet>,
    /// What is wanted: as the resolver said, or else as the arguments do.
    pub filter: Filter,
    /// What ends it, if the resolver said so.
    pub invalidation: Option<Filter>,
}

/// Whether a subscription is asked for, as far as that can be understood.
pub(crate) fn is_subscription(api: &Api, asked: &Asked) -> bool {
    let plan = api
        .schema
        .as_ref()
        .map(|schema| api.plans.plan(schema, &asked.query, asked.operation_name.as_deref()));
    matches!(plan, Some(Ok(plan)) if plan.kind() == OperationKind::Subscription)
}

/// Checks a subscription and runs its resolver.
///
/// # Errors
/// The entries of `errors`.
pub(crate) async fn subscribe(request: &resolve::Request, asked: &Asked) -> Result<Subscribed, Value> {
    let api = &request.api;
    let Some(schema) = &api.schema else {
        return Err(vec![whole_error("GraphQLSchemaException", "No schema definition exists.")].into());
    };
    let plan = api.plans.plan(schema, &asked.query, asked.operation_name.as_deref());
    let plan = plan.map_err(|refusal| bad(refusal.to_json()))?;
    if plan.kind() != OperationKind::Subscription {
        let kind = if plan.kind() == OperationKind::Query { "Query" } else { "Mutation" };
        let message = format!("{kind} operations are not supported through the realtime channel");
        return Err(vec![whole_error("UnsupportedOperation", &message)].into());
    }
    let roots = plan.root_fields(&asked.variables).map_err(|refusal| bad(refusal.to_json()))?;
    let Some((field, arguments)) = roots.into_iter().next() else {
        return Err(vec![whole_error("BadRequestException", "The subscription selects no field")].into());
    };
    let settings = settings(request);
    let denied = settings.denied.clone();
    let driven = drive(request, plan.clone(), &asked.variables, settings).await;
    let driven = driven.map_err(|refusal| bad(refusal.to_json()))?;
    // The value that the resolver gave is not delivered, so that it may be null is no error.
    let errors = driven.execution.resolver_errors();
    if !errors.is_empty() {
        return Err(errors.into_iter().collect());
    }
    let filter = set_filter(&driven.extensions, "setSubscriptionFilter")?;
    Ok(Subscribed {
        field,
        asked: asked.clone(),
        plan,
        denied,
        filter: filter.unwrap_or(Filter::Arguments(arguments)),
        invalidation: set_filter(&driven.extensions, "setSubscriptionInvalidationFilter")?,
    })
}

/// What the resolver said with the last of its calls. Null takes back what was said.
fn set_filter(extensions: &[(Text, Vec<Value>)], name: &str) -> Result<Option<Filter>, Value> {
    let mut calls = extensions.iter().rev().filter(|(called, _)| called == name);
    let Some(given) = calls.next().and_then(|(_, arguments)| arguments.first()) else { return Ok(None) };
    if given.is_null() {
        return Ok(None);
    }
    let filter = Filter::of(given);
    filter
        .map(Some)
        .map_err(|why| vec![whole_error("BadRequestException", &format!("extensions.{name}: {why}."))].into())
}

impl Subscribed {
    /// The same under another state of the API, for somebody; nothing if there is no such subscription any more.
    ///
    /// # Errors
    /// They may not listen to it any more.
    pub fn renewed(&self, api: &Api, identity: &Identity) -> Result<Option<Subscribed>, Refusal> {
        let Some(plan) = self.planned(api) else { return Ok(None) };
        let root = plan.schema().root(OperationKind::Subscription);
        let root = root.map_or("Subscription", |root| root.name.as_str());
        if api.access.denies(identity, root, &self.field) {
            let message = format!("Not Authorized to access {} on type {root}", self.field);
            return Err(Refusal { error_type: "Unauthorized", ..Refusal::unauthorized(&message) });
        }
        Ok(Some(Subscribed { plan, denied: api.access.denied(identity), ..self.clone() }))
    }

    fn planned(&self, api: &Api) -> Option<Arc<Plan>> {
        let schema = api.schema.as_ref()?;
        let plan = api.plans.plan(schema, &self.asked.query, self.asked.operation_name.as_deref()).ok()?;
        let roots = plan.root_fields(&self.asked.variables).ok()?;
        let is_same = plan.kind() == OperationKind::Subscription
            && roots.first().is_some_and(|(field, _)| *field == self.field);
        is_same.then_some(plan)
    }
}

/// What a subscriber hears of a payload: its own selection of it. Resolvers are not run again.
pub(crate) fn deliver(subscribed: &Subscribed, payload: &Value) -> Value {
    let schema = subscribed.plan.schema();
    let root = schema.root(OperationKind::Subscription).map_or("Subscription", |root| root.name.as_str());
    let resolvers = Arc::new(FieldSet::new(schema, [(root, subscribed.field.as_str())]));
    let settings = Settings { resolvers, denied: subscribed.denied.clone(), ..Settings::default() };
    let begun = Execution::new(subscribed.plan.clone(), &subscribed.asked.variables, settings);
    let Ok(mut execution) = begun else { return Value::Null };
    for wanted in execution.wanted() {
        let _ = execution.resolved(wanted.id, Ok(payload.clone()));
    }
    execution.response()
}

/// Errors of a document, typed as the realtime channel has them.
fn bad(errors: Value) -> Value {
    let typed = |error: &Value| {
        let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
        whole_error("BadRequestException", message)
    };
    errors.as_array().map(|errors| errors.iter().map(typed).collect()).unwrap_or_default()
}
