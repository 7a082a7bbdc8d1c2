//! An API becomes what it shall be: what there is is read, the difference is asked for, as any client could.
//!
//! Never here: files, what differs.

use std::collections::BTreeMap;

use appsync::AppSync;
use connectors::CallTrouble;
use json::{Array, Object, Value, value};

use super::plan::{self, Step, There};
use super::wanted::{Api, Events, GraphQl};

/// Items of a page. (The API reference's limit of `maxResults`)
const PAGE: i64 = 25;
/// Nobody has more APIs, or more of anything in one.
const PAGES_MAX: usize = 1000;

/// Who makes calls of AppSync's operations.
pub trait Caller {
    /// One call.
    fn call(&self, operation: &str, input: &Value) -> impl Future<Output = Result<Value, CallTrouble>>;
}

/// Makes it so; says what was asked for.
pub async fn follow(api: &Api, caller: &impl Caller, here: Option<&AppSync>) -> Result<(), String> {
    let following = Following { caller, id: String::new() };
    match api {
        Api::GraphQl(api) => following.graphql(api, here).await,
        Api::Events(api) => following.events(api, here).await,
    }
}

struct Following<'f, C> {
    caller: &'f C,
    id: String,
}

impl<C: Caller> Following<'_, C> {
    async fn graphql(mut self, wanted: &GraphQl, here: Option<&AppSync>) -> Result<(), String> {
        let apis = self.list("ListGraphqlApis", Object::new(), "GraphqlApis").await?;
        let api = match named(apis, &wanted.name) {
            Some(api) => api,
            None => self.create("CreateGraphqlApi", &wanted.settings, "GraphqlApi").await?,
        };
        self.id = text(&api, "ApiId");
        let there = self.graphql_there(api).await?;
        // The keys come first: where a later step goes wrong, clients that are there can still ask.
        self.keys(&wanted.keys, wanted.any_key, here).await?;
        let mut ids: BTreeMap<String, String> =
            there.functions.iter().rev().map(|(id, function)| (text(function, "Name"), id.clone())).collect();
        for step in plan::graphql(wanted, &there) {
            self.carry_out(step, &mut ids).await?;
        }
        Ok(())
    }

    async fn events(mut self, wanted: &Events, here: Option<&AppSync>) -> Result<(), String> {
        let apis = self.list("ListApis", Object::new(), "Apis").await?;
        let api = match named(apis, &wanted.name) {
            Some(api) => api,
            None => self.create("CreateApi", &wanted.settings, "Api").await?,
        };
        self.id = text(&api, "ApiId");
        let there = There {
            api,
            sources: self.by_name("ListDataSources", "DataSources").await?,
            namespaces: self.by_name("ListChannelNamespaces", "ChannelNamespaces").await?,
            ..There::default()
        };
        self.keys(&wanted.keys, wanted.any_key, here).await?;
        for step in plan::events(wanted, &there) {
            self.carry_out(step, &mut BTreeMap::new()).await?;
        }
        Ok(())
    }

    async fn graphql_there(&self, api: Value) -> Result<There, String> {
        let schema = self
            .ask("GetIntrospectionSchema", value!({ "Format": "SDL", "IncludeDirectives": true }))
            .await?;
        let environment = self.ask("GetGraphqlApiEnvironmentVariables", value!({})).await?;
        let environment = environment.as_ref().and_then(|answer| answer.get("EnvironmentVariables"));
        let functions = self.list("ListFunctions", Object::new(), "Functions").await?;
        Ok(There {
            api,
            schema: schema.as_ref().map(|schema| text(schema, "Schema")).unwrap_or_default(),
            environment: environment.and_then(Value::as_object).cloned().unwrap_or_default(),
            cache: self
                .ask("GetApiCache", value!({}))
                .await?
                .and_then(|answer| answer.get("ApiCache").cloned()),
            sources: self.by_name("ListDataSources", "DataSources").await?,
            functions: functions.into_iter().map(|it| (text(&it, "FunctionId"), it)).collect(),
            resolvers: self.resolvers().await?,
            namespaces: BTreeMap::new(),
        })
    }

    /// Those of all types that the schema has.
    async fn resolvers(&self) -> Result<BTreeMap<(String, String), Value>, String> {
        let mut format = Object::new();
        format.insert("Format", "SDL");
        let types = match self.list("ListTypes", format, "Types").await {
            Ok(types) => types,
            // Without a schema there are no types, and no resolvers of them.
            Err(_) => return Ok(BTreeMap::new()),
        };
        let mut resolvers = BTreeMap::new();
        for type_ in types {
            let mut of = Object::new();
            of.insert("TypeName", text(&type_, "Name"));
            for it in self.list("ListResolvers", of, "Resolvers").await.unwrap_or_default() {
                resolvers.insert((text(&it, "TypeName"), text(&it, "FieldName")), it);
            }
        }
        Ok(resolvers)
    }

    /// Keys that a description names are let in under just these names, which no operation of AWS can do.
    async fn keys(&self, keys: &[String], any: bool, here: Option<&AppSync>) -> Result<(), String> {
        for key in keys {
            let admitted = match here {
                Some(here) => here.admit_key(&self.id, key).await.map_err(|fault| fault.message),
                None => Err("there is no AppSync here".to_owned()),
            };
            let elsewhere =
                "an AppSync that is elsewhere by its endpoint chooses keys itself: leave api_keys out";
            admitted.map_err(|problem| format!("api_keys: {problem}; {elsewhere}"))?;
        }
        if any && self.list("ListApiKeys", Object::new(), "ApiKeys").await?.is_empty() {
            self.call("CreateApiKey", Object::new(), "its API key").await?;
        }
        Ok(())
    }

    async fn carry_out(&self, step: Step, ids: &mut BTreeMap<String, String>) -> Result<(), String> {
        let Step { operation, mut input, functions, origin } = step;
        let name = input.get("Name").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(names) = &functions {
            let known: Array =
                names.iter().filter_map(|name| ids.get(name)).map(|id| Value::from(id.as_str())).collect();
            input.insert("PipelineConfig", value!({ "Functions": (known) }));
        }
        tracing::info!(operation, origin, "an API of AppSync is changed");
        let answer = self.call(operation, input, &origin).await?;
        if let Some(function) = answer.get("FunctionConfiguration") {
            ids.insert(name, text(function, "FunctionId"));
        }
        if operation == "StartSchemaCreation" {
            self.schema_settled(&origin).await?;
        }
        Ok(())
    }

    /// Here a schema is settled when it is acknowledged; elsewhere it takes a while.
    async fn schema_settled(&self, origin: &str) -> Result<(), String> {
        const LOOKS_MAX: u32 = 120;
        const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(500);
        for _ in 0..LOOKS_MAX {
            let answer = self.call("GetSchemaCreationStatus", Object::new(), origin).await?;
            match text(&answer, "Status").as_str() {
                "PROCESSING" => tokio::time::sleep(LOOK_EVERY).await,
                "FAILED" => return Err(format!("{origin}: {}", text(&answer, "Details"))),
                _ => return Ok(()),
            }
        }
        Err(format!("{origin}: the schema is still being made after a minute"))
    }

    async fn by_name(&self, operation: &str, member: &str) -> Result<BTreeMap<String, Value>, String> {
        let items = self.list(operation, Object::new(), member).await?;
        Ok(items.into_iter().map(|item| (text(&item, "Name"), item)).collect())
    }

    async fn create(&self, operation: &str, settings: &Object, member: &str) -> Result<Value, String> {
        let answer = self.call(operation, settings.clone(), "its settings").await?;
        Ok(answer.get(member).cloned().unwrap_or_default())
    }

    /// All pages of a list.
    async fn list(&self, operation: &str, mut input: Object, member: &str) -> Result<Vec<Value>, String> {
        let mut all = Vec::new();
        input.insert("MaxResults", PAGE);
        for _ in 0..PAGES_MAX {
            let answer = self.call(operation, input.clone(), operation).await?;
            all.extend(
                answer.get(member).and_then(Value::as_array).into_iter().flat_map(|it| it.iter().cloned()),
            );
            match answer.get("NextToken").and_then(Value::as_str) {
                Some(token) => drop(input.insert("NextToken", token)),
                None => return Ok(all),
            }
        }
        Err(format!("{operation} answers more than {PAGES_MAX} pages"))
    }

    /// What is there; nothing if there is none.
    async fn ask(&self, operation: &str, input: Value) -> Result<Option<Value>, String> {
        let input = self.of_api(input.as_object().cloned().unwrap_or_default());
        match self.caller.call(operation, &input).await {
            Ok(answer) => Ok(Some(answer)),
            Err(CallTrouble::Refused(error)) if is_nothing(&error.code) => Ok(None),
            Err(trouble) => Err(format!("{operation}: {}", crate::resources::said(&trouble))),
        }
    }

    async fn call(&self, operation: &str, input: Object, origin: &str) -> Result<Value, String> {
        let answer = self.caller.call(operation, &self.of_api(input)).await;
        answer.map_err(|trouble| format!("{origin}: {}", crate::resources::said(&trouble)))
    }

    fn of_api(&self, mut input: Object) -> Value {
        if !self.id.is_empty() {
            input.insert("ApiId", self.id.as_str());
        }
        input.into()
    }
}

/// There is no schema yet, or nothing of that name.
fn is_nothing(code: &str) -> bool {
    matches!(code, "NotFoundException" | "GraphQLSchemaException")
}

fn named(items: Vec<Value>, name: &str) -> Option<Value> {
    items.into_iter().find(|item| item.get("Name").and_then(Value::as_str) == Some(name))
}

fn text(value: &Value, member: &str) -> String {
    value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}
