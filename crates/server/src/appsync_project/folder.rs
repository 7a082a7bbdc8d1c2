//! A folder becomes an API: `appsync.toml`, the schema, and handlers that are found by their names.
//!
//! All mistakes are told at once, with file and line. Never here: what is there already.

mod events;
mod handlers;

use std::collections::BTreeMap;
use std::path::Path;

use aws_names::Scope;
use json::{Array, Object, Value, value};

use self::handlers::{Found, Handlers};
use super::file::{Auth, File, Kind, Mode, Step};
use super::shared::{self, insert_some};
use super::wanted::{Api, GraphQl, Item, Resolver};
use super::{FILE_NAME, checks};

const SCHEMA: &str = "schema.graphql";
const RESOLVERS: &str = "resolvers";
const FUNCTIONS: &str = "functions";

/// What a pipeline does around its functions where the folder has no code for it.
const PIPELINE: &str = "export function request(ctx) {\n    return {};\n}\n\nexport function response(ctx) {\n    return ctx.prev.result;\n}\n";

/// Reads the API of this name. `Err`: what is wrong, a line each.
pub fn read(name: &str, folder: &Path, scope: &Scope) -> Result<Api, String> {
    let place = folder.join(FILE_NAME);
    let text = std::fs::read_to_string(&place).map_err(|error| format!("{}: {error}", place.display()))?;
    let file: File = toml::from_str(&text).map_err(|error| format!("{}: {error}", place.display()))?;
    let mut reading = Reading { folder, scope, problems: Vec::new() };
    shared::key_problems(&file).iter().for_each(|problem| reading.wrong(problem));
    let api = match file.kind {
        Kind::GraphQl => Api::GraphQl(Box::new(reading.graphql(name, &file))),
        Kind::Events => Api::Events(Box::new(reading.events(name, &file))),
    };
    if reading.problems.is_empty() { Ok(api) } else { Err(reading.problems.join("\n")) }
}

/// A folder that is being read, and what was found wrong so far.
struct Reading<'r> {
    folder: &'r Path,
    scope: &'r Scope,
    problems: Vec<String>,
}

impl Reading<'_> {
    fn graphql(&mut self, name: &str, file: &File) -> GraphQl {
        let is_of_events = !file.namespaces.is_empty()
            || [&file.connect, &file.publish, &file.subscribe].iter().any(|modes| modes.is_some());
        if is_of_events {
            self.wrong("connect, publish, subscribe and namespaces are for an API of kind = \"events\"");
        }
        let environment =
            file.environment.iter().map(|(name, text)| (name.as_str(), Value::from(text.as_str())));
        GraphQl {
            name: name.to_owned(),
            settings: self.settings(name, file),
            schema: self.schema(file),
            environment: environment.collect(),
            keys: file.api_keys.clone(),
            any_key: false,
            cache: file.cache.as_ref().map(cache),
            sources: self.sources(file),
            functions: self.functions(file),
            resolvers: self.resolvers(file),
        }
    }

    fn settings(&mut self, name: &str, file: &File) -> Object {
        let auth = shared::auth(file);
        let mut settings = Object::new();
        settings.insert("Name", name);
        let mut others = Array::new();
        for (at, auth) in auth.iter().enumerate() {
            match shared::provider(auth, ("AuthenticationType", "UserPoolConfig"), self.scope) {
                Err(problem) => self.wrong(&problem),
                Ok(provider) if at > 0 => others.push(provider),
                Ok(mut provider) => {
                    add_default_action(&mut provider, auth);
                    provider
                        .iter()
                        .for_each(|(name, value)| drop(settings.insert(name.clone(), value.clone())));
                }
            }
        }
        if !file.api_keys.is_empty() && auth.iter().all(|auth| auth.mode != Mode::ApiKey) {
            self.wrong("api_keys let nobody in: add { mode = \"API_KEY\" } to auth");
        }
        settings.insert("AdditionalAuthenticationProviders", others);
        let introspection = if file.introspection == Some(false) { "DISABLED" } else { "ENABLED" };
        settings.insert("IntrospectionConfig", introspection);
        settings.insert("QueryDepthLimit", i64::from(file.query_depth_limit.unwrap_or(0)));
        settings.insert("ResolverCountLimit", i64::from(file.resolver_count_limit.unwrap_or(0)));
        settings
    }

    fn schema(&mut self, file: &File) -> Option<Item<String>> {
        let place = self.folder.join(file.schema.as_deref().unwrap_or(Path::new(SCHEMA)));
        let origin = place.display().to_string();
        match std::fs::read_to_string(&place) {
            Ok(text) => {
                self.told(&origin, checks::schema(&text));
                Some(Item { input: text, origin })
            }
            Err(error) => {
                self.problems.push(format!("{origin}: {error}"));
                None
            }
        }
    }

    fn sources(&mut self, file: &File) -> BTreeMap<String, Item<Object>> {
        let mut sources = BTreeMap::new();
        for (name, source) in &file.sources {
            let origin = self.in_file(&format!("[sources] {name}"));
            match shared::source(name, source, self.scope) {
                Ok(input) => drop(sources.insert(name.clone(), Item { input, origin })),
                Err(problem) => self.problems.push(format!("{origin}: {problem}")),
            }
        }
        sources
    }

    fn functions(&mut self, file: &File) -> BTreeMap<String, Item<Object>> {
        let mut found = self.handlers(FUNCTIONS);
        let mut functions = BTreeMap::new();
        for (name, step) in &file.functions {
            let handlers = found.take(name);
            let origin =
                handlers.origin.clone().unwrap_or_else(|| self.in_file(&format!("[functions] {name}")));
            let mut input = Object::new();
            input.insert("Name", name.as_str());
            self.source_of(file, step, &origin, &mut input);
            if step.functions.is_some() || step.caching.is_some() {
                self.problems.push(format!("{origin}: functions and caching are for resolvers"));
            }
            self.handled(step, &handlers, &origin, &mut input);
            // A function knows no other version. (CreateFunction)
            if !matches!(handlers.found, Found::Code(_)) {
                input.insert("FunctionVersion", "2018-05-29");
            }
            functions.insert(name.clone(), Item { input, origin });
        }
        self.problems.extend(found.unused("functions", FILE_NAME));
        functions
    }

    fn resolvers(&mut self, file: &File) -> BTreeMap<(String, String), Resolver> {
        let mut found = self.handlers(RESOLVERS);
        let mut resolvers = BTreeMap::new();
        for (name, step) in &file.resolvers {
            let handlers = found.take(name);
            let origin =
                handlers.origin.clone().unwrap_or_else(|| self.in_file(&format!("[resolvers] {name}")));
            let Some((type_name, field)) = name.split_once('.') else {
                self.problems.push(format!("{origin}: name a type and its field, as in \"Query.post\""));
                continue;
            };
            let mut input = Object::new();
            input.insert("TypeName", type_name);
            input.insert("FieldName", field);
            match &step.functions {
                None => self.source_of(file, step, &origin, &mut input),
                Some(functions) => self.pipeline(file, step, functions, &origin),
            }
            input.insert("Kind", if step.functions.is_some() { "PIPELINE" } else { "UNIT" });
            if let Some(caching) = &step.caching {
                let keys: Array = caching.keys.iter().map(|key| Value::from(key.as_str())).collect();
                let config = value!({ "Ttl": (i64::from(caching.ttl)), "CachingKeys": (keys) });
                input.insert("CachingConfig", config);
            }
            self.handled(step, &handlers, &origin, &mut input);
            let item = Item { input, origin };
            let resolver = Resolver { item, functions: step.functions.clone() };
            resolvers.insert((type_name.to_owned(), field.to_owned()), resolver);
        }
        self.problems.extend(found.unused("resolvers", FILE_NAME));
        resolvers
    }

    fn pipeline(&mut self, file: &File, step: &Step, functions: &[String], origin: &str) {
        if step.source.is_some() {
            self.problems.push(format!("{origin}: a pipeline has no source of its own: its functions have"));
        }
        for name in functions.iter().filter(|name| !file.functions.contains_key(*name)) {
            self.problems.push(format!("{origin}: [functions] has no \"{name}\""));
        }
    }

    fn source_of(&mut self, file: &File, step: &Step, origin: &str, input: &mut Object) {
        match &step.source {
            Some(source) if file.sources.contains_key(source) => {
                input.insert("DataSourceName", source.as_str());
            }
            Some(source) => self.problems.push(format!("{origin}: [sources] has no \"{source}\"")),
            None => self.problems.push(format!("{origin}: say which source it asks: source = \"…\"")),
        }
    }

    /// Handlers, and what else resolvers and functions have in common.
    fn handled(&mut self, step: &Step, handlers: &Handlers, origin: &str, input: &mut Object) {
        let mut code = |text: &str| {
            input.insert("Code", text);
            input.insert("Runtime", value!({ "Name": "APPSYNC_JS", "RuntimeVersion": "1.0.0" }));
        };
        match &handlers.found {
            Found::Code(text) => code(text),
            Found::Templates { request, response } => {
                input.insert("RequestMappingTemplate", request.as_str());
                input.insert("ResponseMappingTemplate", response.as_str());
            }
            // A function that is asked directly needs none, and AppSync itself says so of all others.
            Found::None if step.functions.is_some() => code(PIPELINE),
            Found::None => {}
        }
        insert_some(input, "MaxBatchSize", step.max_batch_size.map(i64::from));
        if let Some(conflicts) = &step.conflicts {
            let mut config = Object::new();
            config.insert("ConflictDetection", "VERSION");
            config.insert("ConflictHandler", conflicts.handler.as_str());
            match (&conflicts.function, conflicts.handler == "LAMBDA") {
                (Some(function), true) => {
                    let arn = shared::function(self.scope, function);
                    config
                        .insert("LambdaConflictHandlerConfig", value!({ "LambdaConflictHandlerArn": (arn) }));
                }
                (None, false) => {}
                _ => self.problems.push(format!("{origin}: conflicts: a function is for the handler LAMBDA")),
            }
            input.insert("SyncConfig", config);
        }
    }

    fn handlers(&mut self, below: &str) -> handlers::All {
        let found = handlers::find(&self.folder.join(below));
        self.problems.extend(found.problems.iter().cloned());
        found
    }

    fn told(&mut self, origin: &str, problems: Vec<String>) {
        self.problems.extend(problems.into_iter().map(|problem| format!("{origin}:{problem}")));
    }

    fn wrong(&mut self, problem: &str) {
        let problem = self.in_file(problem);
        self.problems.push(problem);
    }

    fn in_file(&self, what: &str) -> String {
        format!("{}: {what}", self.folder.join(FILE_NAME).display())
    }
}

/// Only the default mode has it, and there it has to be said.
fn add_default_action(provider: &mut Object, auth: &Auth) {
    if let Some(Value::Object(config)) = provider.get_mut("UserPoolConfig") {
        config.insert("DefaultAction", if auth.deny_by_default { "DENY" } else { "ALLOW" });
    }
}

fn cache(cache: &super::file::Cache) -> Object {
    let mut input = Object::new();
    input.insert("ApiCachingBehavior", cache.behaviour.as_str());
    input.insert("Ttl", i64::from(cache.ttl));
    // A size, which means nothing here.
    input.insert("Type", "SMALL");
    input
}

#[cfg(test)]
mod tests;
