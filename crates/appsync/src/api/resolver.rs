//! Resolvers and functions, compiled: handlers around data sources.

use std::collections::BTreeMap;
use std::sync::Arc;

use appsync_js::Code;
use json::{Object, Text, Value};
use services::Members;

use super::Meter;
use crate::cache::Cached;
use crate::sources::{DataSource, SyncConfig};

/// How a field is resolved.
#[derive(Debug)]
pub(crate) struct Resolver {
    /// Its type and field, for logs: `Query.post`.
    pub name: Text,
    /// Unit or pipeline.
    pub kind: Kind,
    /// `cachingConfig`
    pub cached: Option<Cached>,
    /// `ctx.env`: the API's, or in a merged one that of the source.
    pub environment: Object,
    /// What it has done.
    pub meter: Meter,
}

/// Unit or pipeline.
#[derive(Debug)]
pub(crate) enum Kind {
    /// One data source.
    Unit(Step),
    /// Functions, with handlers around them all.
    Pipeline {
        /// The resolver's own.
        around: Handlers,
        /// In order. A function that is gone is an error when it is reached.
        functions: Vec<Result<Arc<Function>, Text>>,
    },
}

/// A function of pipelines.
#[derive(Debug)]
pub(crate) struct Function {
    /// Its name, for logs.
    pub name: Text,
    /// What it does.
    pub step: Step,
}

/// Handlers and the data source between them.
#[derive(Debug)]
pub(crate) struct Step {
    /// What makes the request and reads the response.
    pub handlers: Handlers,
    /// Who is asked; `Err`: what is missing.
    pub source: Result<Arc<DataSource>, String>,
    /// `maxBatchSize`: so many invocations of siblings go together; 0 for none.
    pub batch_max: usize,
    /// `syncConfig`
    pub sync: SyncConfig,
}

/// What makes requests and reads responses.
#[derive(Debug)]
pub(crate) enum Handlers {
    /// APPSYNC_JS.
    Code(Code),
    /// VTL. A template that is absent passes on what there is.
    Templates {
        /// The request mapping template.
        request: Option<vtl::Template>,
        /// The response mapping template.
        response: Option<vtl::Template>,
    },
    /// None: the context itself is the function's payload, and what it returns is the result. (Direct Lambda resolvers)
    Direct,
    /// What is kept cannot be compiled; the text says why.
    Broken(String),
}

/// A resolver's record has it in a merged API: the variables of its source.
pub(crate) const ENVIRONMENT: &str = "environment";

impl Resolver {
    pub fn of(
        record: &Value,
        sources: &BTreeMap<Text, Arc<DataSource>>,
        functions: &BTreeMap<Text, Arc<Function>>,
        environment: &Object,
    ) -> Resolver {
        let name = format!("{}.{}", record.text_or_empty("typeName"), record.text_or_empty("fieldName"));
        let kind = match record.text("kind") {
            Some("PIPELINE") => {
                let of_id = |id: &str| functions.get(id).cloned().ok_or_else(|| Text::from(id));
                let ids = record.member("pipelineConfig").map(|config| config.texts("functions"));
                let functions = ids.unwrap_or_default().into_iter().map(of_id).collect();
                Kind::Pipeline { around: Handlers::of(record), functions }
            }
            _ => Kind::Unit(Step::of(record, sources)),
        };
        Resolver {
            name: name.into(),
            kind,
            meter: Meter::default(),
            cached: record.member("cachingConfig").and_then(Cached::of),
            environment: record.get(ENVIRONMENT).and_then(Value::as_object).unwrap_or(environment).clone(),
        }
    }
}

impl Function {
    pub fn of(record: &Value, sources: &BTreeMap<Text, Arc<DataSource>>) -> Function {
        Function { name: record.text_or_empty("name").into(), step: Step::of(record, sources) }
    }
}

impl Step {
    fn of(record: &Value, sources: &BTreeMap<Text, Arc<DataSource>>) -> Step {
        let name = record.text_or_empty("dataSourceName");
        let source = sources.get(name).cloned();
        Step {
            handlers: Handlers::of(record),
            source: source.ok_or_else(|| format!("The data source {name} does not exist")),
            batch_max: record.whole("maxBatchSize").and_then(|size| usize::try_from(size).ok()).unwrap_or(0),
            sync: record.member("syncConfig").map(SyncConfig::of).unwrap_or_default(),
        }
    }
}

impl Handlers {
    /// Whether there is anything that reads a data source's answer.
    pub fn reads_response(&self) -> bool {
        match self {
            Handlers::Code(code) => code.has(appsync_js::Handler::Response),
            Handlers::Templates { response, .. } => response.is_some(),
            Handlers::Direct => false,
            Handlers::Broken(_) => true,
        }
    }

    /// Of a resolver's or a function's record.
    pub fn of(record: &Value) -> Handlers {
        if let Some(code) = record.text("code") {
            return match Code::compile(code) {
                Ok(code) => Handlers::Code(code),
                Err(errors) => {
                    Handlers::Broken(errors.0.first().map(|error| error.value.clone()).unwrap_or_default())
                }
            };
        }
        let template = |member| record.text(member).filter(|text| !text.is_empty());
        let (request, response) = (template("requestMappingTemplate"), template("responseMappingTemplate"));
        if request.is_none() && response.is_none() {
            return Handlers::Direct;
        }
        let compile = |text: Option<&str>| text.map(crate::resolve::parse_template).transpose();
        match (compile(request), compile(response)) {
            (Ok(request), Ok(response)) => Handlers::Templates { request, response },
            (Err(error), _) | (_, Err(error)) => Handlers::Broken(error.to_string()),
        }
    }
}
