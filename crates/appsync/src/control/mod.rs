//! What the operations of AppSync's API do: functions from the records as they are to the records as they shall be.
//!
//! A resource is a file. What nothing here would do is refused with a text that says what to do instead.
//! Never here: how records are kept, requests to the APIs themselves.

mod apis;
mod caches;
mod data_sources;
mod domains;
mod environment;
mod evaluations;
mod event_apis;
mod fault;
mod functions;
mod handlers;
mod introspections;
mod keys;
mod merging;
mod model;
mod namespaces;
mod page;
mod patterns;
mod providers;
mod resolvers;
mod schemas;
mod tags;
mod types;

use std::sync::Arc;

use aws_names::Scope;
use json::Value;
use services::records::Draft;
use services::{Asker, Fault, Moment};

use crate::appsync::Shared;

/// What an operation works on.
pub(crate) struct Work<'w, 'r> {
    pub(crate) draft: &'w mut Draft<'r>,
    pub(crate) scope: &'w Scope,
    pub(crate) asker: &'w Asker,
    pub(crate) moment: &'w mut Moment,
}

impl Work<'_, '_> {
    /// An identifier as AppSync makes them: 26 letters and digits. It begins with a letter, since the model has those of
    /// functions for names.
    fn id(&mut self) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        self.moment.text(1, &LETTERS[..26]) + &self.moment.text(25, LETTERS)
    }

    /// `arn:aws:appsync:REGION:ACCOUNT:` and what is named.
    fn arn(&self, resource: impl std::fmt::Display) -> String {
        self.scope.arn("appsync", resource)
    }
}

/// Carries out an operation; input and output are named as the model names them.
pub(crate) fn perform(operation: &str, input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    model::check(operation, input)?;
    match operation {
        "CreateGraphqlApi" => apis::create(input, work),
        "GetGraphqlApi" => apis::get(input, work),
        "ListGraphqlApis" => apis::list(input, work),
        "UpdateGraphqlApi" => apis::update(input, work),
        "DeleteGraphqlApi" => apis::delete(input, work),
        "GetGraphqlApiEnvironmentVariables" => environment::get(input, work),
        "PutGraphqlApiEnvironmentVariables" => environment::put(input, work),

        "CreateApiKey" => keys::create(input, work),
        "ListApiKeys" => keys::list(input, work),
        "UpdateApiKey" => keys::update(input, work),
        "DeleteApiKey" => keys::delete(input, work),

        "StartSchemaCreation" => schemas::start(input, work),
        "GetSchemaCreationStatus" => schemas::status(input, work),
        "GetIntrospectionSchema" => schemas::introspect(input, work),
        "CreateType" => types::create(input, work),
        "GetType" => types::get(input, work),
        "ListTypes" => types::list(input, work),
        "UpdateType" => types::update(input, work),
        "DeleteType" => types::delete(input, work),

        "CreateDataSource" => data_sources::create(input, work),
        "GetDataSource" => data_sources::get(input, work),
        "ListDataSources" => data_sources::list(input, work),
        "UpdateDataSource" => data_sources::update(input, work),
        "DeleteDataSource" => data_sources::delete(input, work),
        "StartDataSourceIntrospection" | "GetDataSourceIntrospection" => introspections::refuse(operation),

        "CreateResolver" => resolvers::create(input, work),
        "GetResolver" => resolvers::get(input, work),
        "ListResolvers" => resolvers::list(input, work),
        "ListResolversByFunction" => resolvers::list_by_function(input, work),
        "UpdateResolver" => resolvers::update(input, work),
        "DeleteResolver" => resolvers::delete(input, work),
        "CreateFunction" => functions::create(input, work),
        "GetFunction" => functions::get(input, work),
        "ListFunctions" => functions::list(input, work),
        "UpdateFunction" => functions::update(input, work),
        "DeleteFunction" => functions::delete(input, work),

        "CreateApiCache" => caches::create(input, work),
        "GetApiCache" => caches::get(input, work),
        "UpdateApiCache" => caches::update(input, work),
        "DeleteApiCache" => caches::delete(input, work),

        "ListTagsForResource" => tags::list(input, work),
        "TagResource" => tags::add(input, work),
        "UntagResource" => tags::remove(input, work),

        "CreateDomainName" => domains::create(input, work),
        "GetDomainName" => domains::get(input, work),
        "ListDomainNames" => domains::list(input, work),
        "UpdateDomainName" => domains::update(input, work),
        "DeleteDomainName" => domains::delete(input, work),
        "AssociateApi" => domains::associate(input, work),
        "GetApiAssociation" => domains::association(input, work),
        "DisassociateApi" => domains::disassociate(input, work),

        "CreateApi" => event_apis::create(input, work),
        "GetApi" => event_apis::get(input, work),
        "ListApis" => event_apis::list(input, work),
        "UpdateApi" => event_apis::update(input, work),
        "DeleteApi" => event_apis::delete(input, work),
        "CreateChannelNamespace" => namespaces::create(input, work),
        "GetChannelNamespace" => namespaces::get(input, work),
        "ListChannelNamespaces" => namespaces::list(input, work),
        "UpdateChannelNamespace" => namespaces::update(input, work),
        "DeleteChannelNamespace" => namespaces::delete(input, work),

        "AssociateSourceGraphqlApi" | "AssociateMergedGraphqlApi" => merging::associate(input, work),
        "GetSourceApiAssociation" => merging::get(input, work),
        "ListSourceApiAssociations" => merging::list(input, work),
        "UpdateSourceApiAssociation" => merging::update(input, work),
        "DisassociateSourceGraphqlApi" | "DisassociateMergedGraphqlApi" => merging::disassociate(input, work),
        "StartSchemaMerge" => merging::start(input, work),
        "ListTypesByAssociation" => merging::list_types(input, work),

        _ => Err(fault::unsupported(operation, "the model of this server is older than it")),
    }
}

/// Operations that change no records and need more than those: evaluations, the cache. `None`: it is not one of those.
pub(crate) async fn evaluate(
    shared: &Arc<Shared>,
    operation: &str,
    input: &Value,
) -> Option<Result<Value, Fault>> {
    let carry_out = match operation {
        "EvaluateCode" => evaluations::of_code,
        "EvaluateMappingTemplate" => evaluations::of_template,
        "FlushApiCache" => return Some(caches::flush(shared, input)),
        _ => return None,
    };
    if let Err(fault) = model::check(operation, input) {
        return Some(Err(fault));
    }
    let input = input.clone();
    // A handler may take as long as its budget allows: others of this thread would wait.
    let work = tokio::task::spawn_blocking(move || carry_out(&input, &mut Moment::drawn()));
    Some(work.await.unwrap_or_else(|_| Err(fault::internal("The evaluation did not come to its end"))))
}

#[cfg(test)]
mod tests;
