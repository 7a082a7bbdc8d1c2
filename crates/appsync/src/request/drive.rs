//! An execution is driven: what it wants is resolved, side by side, until it is done or its time is over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use graphql::{
    Details, Execution, FieldError, FieldId, OperationKind, Plan, Refusal, Segment, Settings, Wanted,
};
use json::{Object, Text, Value};
use services::Moment;

use super::expiry;
use crate::api::Resolver;
use crate::cache::Slot;
use crate::resolve::{self, Field, Resolved};

/// AppSync's bound on a query or a mutation.
pub(crate) const DURATION_MAX: Duration = Duration::from_secs(30);
/// After so many fields others get their turn: handlers take some ten microseconds each.
const YIELD_EVERY: usize = 32;

/// An execution that is done.
#[derive(Debug)]
pub(crate) struct Driven {
    pub execution: Execution,
    /// Headers that resolvers added, in the order of their ends.
    pub response_headers: Vec<(Text, Text)>,
    /// Calls of `extensions`.
    pub extensions: Vec<(Text, Vec<Value>)>,
}

/// Executes a plan to its end.
///
/// # Errors
/// The variables do not fit.
pub(crate) async fn drive(
    request: &resolve::Request,
    plan: Arc<Plan>,
    variables: &Object,
    settings: Settings,
) -> Result<Driven, Refusal> {
    let is_query = plan.kind() == OperationKind::Query;
    let execution = Execution::new(plan, variables, settings)?;
    let mut driven = Driven { execution, response_headers: Vec::new(), extensions: Vec::new() };
    if driven.execution.is_done() {
        return Ok(driven);
    }
    let (mut open, mut infos) = (BTreeSet::new(), BTreeMap::new());
    let mut settled = 0_usize;
    let mut running = FuturesUnordered::new();
    let mut asking = FuturesUnordered::new();
    let deadline = tokio::time::sleep(DURATION_MAX);
    tokio::pin!(deadline);
    loop {
        for wanted in driven.execution.wanted() {
            // The same place of the request for each item of a list: it is told of once.
            let info = infos.entry(wanted.place).or_insert_with(|| {
                driven.execution.info(wanted.id).map(|info| info.to_json()).unwrap_or_default()
            });
            let info = info.clone();
            open.insert(wanted.id);
            running.push(resolve_one(request, is_query, wanted, info));
        }
        if driven.execution.is_done() {
            return Ok(driven);
        }
        tokio::select! {
            biased;
            Some((id, resolved)) = running.next() => {
                open.remove(&id);
                driven.settle(id, resolved);
                settled += 1;
                // Resolvers that wait for nobody are never late by the timer's doing, and leave no room for others by themselves.
                if (request.is_late)() {
                    driven.give_up(std::mem::take(&mut open));
                    return Ok(driven);
                }
                if settled.is_multiple_of(YIELD_EVERY) {
                    tokio::task::yield_now().await;
                }
            }
            // Only looked at when no resolver can go on by itself.
            batches = request.batches.gathered() => {
                asking.extend(batches.into_iter().map(|batch| batch.ask(&*request.outside, &request.memory)));
            }
            Some(()) = asking.next(), if !asking.is_empty() => {}
            () = &mut deadline => {
                driven.give_up(std::mem::take(&mut open));
                return Ok(driven);
            }
        }
    }
}

async fn resolve_one(
    request: &resolve::Request,
    is_query: bool,
    wanted: Wanted,
    info: Value,
) -> (FieldId, Resolved) {
    let Wanted { id, parent_type, field, arguments, source, path, .. } = wanted;
    let Some(resolver) = request.api.resolvers.get(&(parent_type, field)) else {
        unreachable!("only fields that have resolvers are wanted")
    };
    let slot = slot(request, resolver, is_query, &arguments, &source);
    if let Some(slot) = &slot
        && let Some(value) = request.cache.find(&request.api.id, &slot.key, Moment::drawn().now)
    {
        return (id, Resolved::of(value));
    }
    let field = Field { path: path_text(&path).into(), arguments, source, info };
    let begun = Instant::now();
    let resolved = resolve::resolve(request, resolver, field).await;
    resolver.meter.count(begun.elapsed(), resolved.result.is_err());
    if let (Some(slot), Ok(value), []) = (slot, &resolved.result, resolved.errors.as_slice()) {
        request.cache.keep(&request.api.id, slot.key, value.clone(), expiry(slot.ttl_seconds));
    }
    (id, resolved)
}

/// Where the result is kept. Only those of queries are.
fn slot(
    request: &resolve::Request,
    resolver: &Resolver,
    is_query: bool,
    arguments: &Object,
    source: &Value,
) -> Option<Slot> {
    let caching = request.api.caching.as_ref().filter(|_| is_query)?;
    caching.slot(&resolver.name, resolver.cached.as_ref(), arguments, source, &request.identity)
}

impl Driven {
    fn settle(&mut self, id: FieldId, resolved: Resolved) {
        let Resolved { result, errors, response_headers, extensions } = resolved;
        for error in errors {
            // It is waited for: it was open until this moment.
            let _ = self.execution.append_error(id, error);
        }
        let _ = self.execution.resolved(id, result);
        self.response_headers.extend(response_headers);
        self.extensions.extend(extensions);
    }

    /// The time is over: all that is open, and all that would come after it, has failed.
    fn give_up(&mut self, open: BTreeSet<FieldId>) {
        for id in open {
            let _ = self.execution.resolved(id, Err(timed_out()));
        }
        while !self.execution.is_done() {
            for wanted in self.execution.wanted() {
                let _ = self.execution.resolved(wanted.id, Err(timed_out()));
            }
        }
    }
}

fn timed_out() -> FieldError {
    let details = Details { error_type: Some("ExecutionTimeout".into()), ..Details::default() };
    FieldError { message: "Execution timed out.".to_owned(), details }
}

fn path_text(path: &[Segment]) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Key(name) => {
                text.push('/');
                text.push_str(name);
            }
            Segment::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}
