//! An API as requests need it: its records, compiled once.
//!
//! A record that cannot be compiled (what was kept by an older version) does not take the API with it: the fields that
//! need it say so. Never here: requests, the outside.

mod links;
mod meter;
mod plans;
mod resolver;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_names::Scope;
use graphql::{FieldSet, Schema};
use json::{Object, Text, Value};
use services::Members;
use services::records::Records;

use crate::authorization::{Access, Providers};
use crate::cache::Caching;
use crate::record;
use crate::request::LogConfig;
use crate::sources::DataSource;

pub(crate) use links::Links;
pub(crate) use meter::{Meter, write as write_meters};
pub(crate) use plans::Plans;
pub(crate) use resolver::{ENVIRONMENT, Function, Handlers, Kind, Resolver, Step};

/// A GraphQL API, ready for requests.
pub(crate) struct Api {
    /// `apiId`
    pub id: Text,
    /// Its region and account.
    pub scope: Scope,
    /// `None`: there is none yet.
    pub schema: Option<Arc<Schema>>,
    /// Who may ask, and how that is found out.
    pub providers: Providers,
    /// Its API keys by their identifiers: `apiKey` records.
    pub keys: BTreeMap<Text, Value>,
    /// Which identity may see which field.
    pub access: Access,
    /// Which subscriptions a mutation feeds.
    pub links: Links,
    /// The resolvers by type and field.
    pub resolvers: BTreeMap<(Text, Text), Arc<Resolver>>,
    /// The same, as executions take them.
    pub resolved: Arc<FieldSet>,
    /// `introspectionConfig`
    pub introspection: bool,
    /// `queryDepthLimit`; 0 for none.
    pub depth_max: usize,
    /// `resolverCountLimit`; 0 for AppSync's own.
    pub resolvers_max: usize,
    /// `logConfig`
    pub log: LogConfig,
    /// The cache, if there is one.
    pub caching: Option<Caching>,
    /// Queries that were planned.
    pub plans: Plans,
}

impl Api {
    /// Of what is kept; nothing if there is no such API.
    pub fn compile(records: &Records, id: &str, scope: &Scope) -> Option<Api> {
        let record = records.get(&record::api(id))?;
        let schema = schema(records, id);
        let sources = sources(records, id);
        let functions = functions(records, id, &sources);
        let environment = records.get(&record::environment(id)).and_then(Value::as_object);
        let environment = environment.cloned().unwrap_or_default();
        let resolvers = resolvers(records, id, (&sources, &functions, &environment));
        let resolved = schema.as_deref().map(|schema| {
            FieldSet::new(schema, resolvers.keys().map(|(type_, field)| (type_.as_str(), field.as_str())))
        });
        let providers = Providers::of(record);
        let access = Access::of(schema.as_ref(), &providers);
        let whole = |name| record.whole(name).and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
        Some(Api {
            id: id.into(),
            scope: scope.clone(),
            links: Links::of(schema.as_deref()),
            schema,
            providers,
            keys: keys(records, id),
            access,
            resolvers,
            resolved: Arc::new(resolved.unwrap_or_default()),
            introspection: record.text("introspectionConfig") != Some("DISABLED"),
            depth_max: whole("queryDepthLimit"),
            resolvers_max: whole("resolverCountLimit"),
            log: LogConfig::of(record),
            caching: records.get(&record::cache(id)).and_then(Caching::of),
            plans: Plans::default(),
        })
    }
}

fn keys(records: &Records, id: &str) -> BTreeMap<Text, Value> {
    let key = |(_, record): (&str, &Value)| (Text::from(record.text_or_empty("id")), record.clone());
    records.of(&record::key(id, "")).map(key).collect()
}

fn schema(records: &Records, id: &str) -> Option<Arc<Schema>> {
    let definition = records.get(&record::schema(id))?.text("definition")?;
    match Schema::parse(definition) {
        Ok(schema) => Some(Arc::new(schema)),
        Err(errors) => {
            tracing::error!(api = id, "the schema that was kept is no schema any more: {errors}");
            None
        }
    }
}

fn sources(records: &Records, id: &str) -> BTreeMap<Text, Arc<DataSource>> {
    let source = |(_, record): (&str, &Value)| {
        let source = DataSource::of(record);
        (source.name.clone(), Arc::new(source))
    };
    records.of(&record::source(id, "")).map(source).collect()
}

fn functions(
    records: &Records,
    id: &str,
    sources: &BTreeMap<Text, Arc<DataSource>>,
) -> BTreeMap<Text, Arc<Function>> {
    let function = |(_, record): (&str, &Value)| {
        (Text::from(record.text_or_empty("functionId")), Arc::new(Function::of(record, sources)))
    };
    records.of(&record::function(id, "")).map(function).collect()
}

/// What resolvers are made of: data sources, functions, the API's variables.
type Parts<'p> = (&'p BTreeMap<Text, Arc<DataSource>>, &'p BTreeMap<Text, Arc<Function>>, &'p Object);

fn resolvers(
    records: &Records,
    id: &str,
    (sources, functions, environment): Parts<'_>,
) -> BTreeMap<(Text, Text), Arc<Resolver>> {
    let resolver = |(_, record): (&str, &Value)| {
        let name = |member| Text::from(record.text_or_empty(member));
        (
            (name("typeName"), name("fieldName")),
            Arc::new(Resolver::of(record, sources, functions, environment)),
        )
    };
    records.of(&record::resolvers(id)).map(resolver).collect()
}
