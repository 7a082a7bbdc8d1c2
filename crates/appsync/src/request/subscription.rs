//! Subscriptions: what somebody asks to hear of, and what they hear. (spec/appsync-realtime.md §1.3)

use std::sync::Arc;

use graphql::{Execution, FieldSet, OperationKind, Plan, Settings};
use json::{Object, Text, Value};

use super::answer::whole_error;
use super::{Asked, drive, settings};
use crate::api::Api;
use crate::resolve;

/// A subscription that was accepted.
#[derive(Clone, Debug)]
pub(crate) struct Subscribed {
    /// The field of Subscription.
    pub field: Text,
    /// Its arguments as given: what is absent does not filter.
    pub arguments: Object,
    /// What is selected of what comes.
    pub plan: Arc<Plan>,
    /// Its variables.
    pub variables: Object,
    /// What this identity may not see.
    pub denied: Arc<FieldSet>,
    /// `setSubscriptionFilter` and `setSubscriptionInvalidationFilter`, as the resolver called them.
    pub extensions: Vec<(Text, Vec<Value>)>,
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
    Ok(Subscribed {
        field,
        arguments,
        plan,
        variables: asked.variables.clone(),
        denied,
        extensions: driven.extensions,
    })
}

/// What a subscriber hears of a payload: its own selection of it. Resolvers are not run again.
pub(crate) fn deliver(api: &Api, subscribed: &Subscribed, payload: &Value) -> Value {
    let field = subscribed.field.as_str();
    let Some(schema) = &api.schema else { return Value::Null };
    let resolvers = Arc::new(FieldSet::new(schema, [("Subscription", field)]));
    let settings = Settings { resolvers, denied: subscribed.denied.clone(), ..Settings::default() };
    let begun = Execution::new(subscribed.plan.clone(), &subscribed.variables, settings);
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
