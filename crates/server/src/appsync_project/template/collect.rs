//! The resources of a stack, gathered into the APIs that they are parts of.

use std::collections::BTreeMap;

use aws_names::Scope;
use json::{Array, Object, Value};

use super::assets::Assets;
use super::physical::{self, API, FUNCTION};
use super::properties::{self, Properties};
use super::stack::Stack;
use super::tables;
use crate::appsync_project::checks;
use crate::appsync_project::wanted::{Api, Events, GraphQl, Item, Resolver, Wanted};

/// A text: the property that says where it lies in S3, the one that has it, and what looks into it.
struct Written(&'static str, &'static str, fn(&str) -> Vec<String>);

/// More of one type are counted, not named.
const NAMED_MAX: usize = 8;

/// What was found so far.
pub struct Collected<'c> {
    scope: &'c Scope,
    assets: &'c Assets,
    file: &'c str,
    wanted: Wanted,
    /// By the paths of their logical identifiers.
    graphql: BTreeMap<String, GraphQl>,
    events: BTreeMap<String, Events>,
    /// The names of functions, by the same.
    functions: BTreeMap<String, String>,
    /// Parts of APIs, to be put into them once all APIs are known: path, type, properties.
    parts: Vec<(String, String, Properties)>,
    /// What nobody makes here: types, with paths.
    others: BTreeMap<String, Vec<String>>,
    problems: Vec<String>,
}

/// Types that mean nothing here: whatever they say, nothing is missing without them.
const MEANINGLESS: [&str; 5] = [
    "AWS::CDK::Metadata",
    "AWS::CloudFormation::Stack",
    "AWS::IAM::Role",
    "AWS::IAM::Policy",
    "AWS::Lambda::Permission",
];

impl<'c> Collected<'c> {
    /// Nothing yet. `file` is what people call the template.
    pub fn new(scope: &'c Scope, assets: &'c Assets, file: &'c str) -> Collected<'c> {
        Collected {
            scope,
            assets,
            file,
            wanted: Wanted::default(),
            graphql: BTreeMap::new(),
            events: BTreeMap::new(),
            functions: BTreeMap::new(),
            parts: Vec::new(),
            others: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    /// Takes the resources of a stack and of those within it.
    pub fn take(&mut self, stack: &Stack) {
        for (id, resource) in stack.resources.iter() {
            let path = format!("{}{id}", stack.prefix);
            if let Err(problem) = self.take_resource(stack, &path, resource) {
                self.problem(&path, &problem);
            }
        }
        stack.children.values().for_each(|child| self.take(child));
    }

    fn take_resource(&mut self, stack: &Stack, path: &str, resource: &Value) -> Result<(), String> {
        if !stack.is_made(resource, self.scope)? {
            return Ok(());
        }
        let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
        let is_table = tables::is_table(kind);
        if !is_table && !kind.starts_with("AWS::AppSync::") {
            if !MEANINGLESS.contains(&kind) {
                self.others.entry(kind.to_owned()).or_default().push(path.to_owned());
            }
            return Ok(());
        }
        let given = resource.get("Properties").cloned().unwrap_or_else(|| Object::new().into());
        let resolved = stack.resolve(&given, self.scope)?;
        let resolved = resolved.as_object().cloned().unwrap_or_default();
        let mut properties = Properties(properties::without_marks_in_texts(&resolved));
        if is_table {
            let (table, unmade) = tables::table(path, kind, properties);
            self.wanted.tables.push(table);
            let unmade: Vec<String> = unmade.iter().map(|it| self.said(path, it)).collect();
            self.wanted.left_out.extend(unmade);
            return Ok(());
        }
        match kind {
            "AWS::AppSync::GraphQLApi" => {
                let environment = properties.take_object("EnvironmentVariables");
                properties.tags_as_map();
                let name = properties.text("Name");
                let settings = properties.typed();
                let api = GraphQl { name, settings, environment, ..GraphQl::default() };
                self.graphql.insert(path.to_owned(), api);
            }
            "AWS::AppSync::Api" => {
                properties.tags_as_map();
                let name = properties.text("Name");
                let api = Events { name, settings: properties.typed(), ..Events::default() };
                self.events.insert(path.to_owned(), api);
            }
            other => {
                if other == "AWS::AppSync::FunctionConfiguration" {
                    self.functions.insert(path.to_owned(), properties.text("Name"));
                }
                self.parts.push((path.to_owned(), other.to_owned(), properties));
            }
        }
        Ok(())
    }

    /// All of it; or what is wrong.
    pub fn finish(mut self) -> Result<Wanted, String> {
        for (path, kind, properties) in std::mem::take(&mut self.parts) {
            if let Err(problem) = self.put_part(&path, &kind, properties) {
                self.problem(&path, &problem);
            }
        }
        if self.graphql.is_empty() && self.events.is_empty() && self.problems.is_empty() {
            self.problems.push(format!("{}: there is no API of AppSync in it", self.file));
        }
        if !self.problems.is_empty() {
            return Err(self.problems.join("\n"));
        }
        for (kind, paths) in std::mem::take(&mut self.others) {
            self.wanted.left_out.push(left_out(self.file, &kind, &paths));
        }
        let graphql = self.graphql.into_values().map(|api| Api::GraphQl(Box::new(api)));
        let events = self.events.into_values().map(|api| Api::Events(Box::new(api)));
        self.wanted.apis = graphql.chain(events).collect();
        Ok(self.wanted)
    }

    fn put_part(&mut self, path: &str, kind: &str, mut properties: Properties) -> Result<(), String> {
        let api = properties.text("ApiId");
        properties.0.remove("ApiId");
        let api =
            physical::path_of(&api, API).ok_or("its ApiId is none of an API in this template")?.to_owned();
        if !self.graphql.contains_key(&api) && !self.events.contains_key(&api) {
            return Err(format!("it is a part of {api}, which cannot be made"));
        }
        let origin = format!("{}: {path}", self.file);
        match (kind, self.graphql.contains_key(&api)) {
            ("AWS::AppSync::ApiKey", true) => self.graphql(&api).any_key = true,
            ("AWS::AppSync::ApiKey", false) => self.events(&api)?.any_key = true,
            ("AWS::AppSync::DataSource", is_graphql) => {
                let (name, input) = (properties.text("Name"), properties::source(properties));
                let sources = if is_graphql {
                    &mut self.graphql(&api).sources
                } else {
                    &mut self.events(&api)?.sources
                };
                sources.insert(name, Item { input, origin });
            }
            ("AWS::AppSync::ChannelNamespace", false) => {
                self.texts(&mut properties, &[Written("CodeS3Location", "CodeHandlers", checks::code)])?;
                properties.tags_as_map();
                let name = properties.text("Name");
                let item = Item { input: properties.typed(), origin };
                self.events(&api)?.namespaces.insert(name, item);
            }
            ("AWS::AppSync::GraphQLSchema", true) => {
                let written = [Written("DefinitionS3Location", "Definition", checks::schema)];
                self.texts(&mut properties, &written)?;
                self.graphql(&api).schema = Some(Item { input: properties.text("Definition"), origin });
            }
            ("AWS::AppSync::ApiCache", true) => self.graphql(&api).cache = Some(properties.typed()),
            ("AWS::AppSync::FunctionConfiguration", true) => {
                let name = properties.text("Name");
                let input = self.step(properties)?;
                if self.graphql(&api).functions.insert(name.clone(), Item { input, origin }).is_some() {
                    return Err(format!("another function is called {name}, too: rename one of them"));
                }
            }
            ("AWS::AppSync::Resolver", true) => {
                let functions = self.pipeline(&mut properties)?;
                let input = self.step(properties)?;
                let text =
                    |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                let key = (text("TypeName"), text("FieldName"));
                let resolver = Resolver { item: Item { input, origin }, functions };
                self.graphql(&api).resolvers.insert(key, resolver);
            }
            (other, _) => return Err(format!("{other} is not made here")),
        }
        Ok(())
    }

    /// Templates and code of a resolver or a function.
    fn step(&self, mut properties: Properties) -> Result<Object, String> {
        self.texts(
            &mut properties,
            &[
                Written("CodeS3Location", "Code", checks::code),
                Written("RequestMappingTemplateS3Location", "RequestMappingTemplate", checks::template),
                Written("ResponseMappingTemplateS3Location", "ResponseMappingTemplate", checks::template),
            ],
        )?;
        Ok(properties.typed())
    }

    /// The functions of a pipeline, by name.
    fn pipeline(&self, properties: &mut Properties) -> Result<Option<Vec<String>>, String> {
        let config = properties.take_object("PipelineConfig");
        let Some(functions) = config.get("Functions").and_then(Value::as_array).map(Array::iter) else {
            return Ok(None);
        };
        let name = |id: &Value| {
            let path = id.as_str().and_then(|id| physical::path_of(id, FUNCTION));
            let name = path.and_then(|path| self.functions.get(path)).cloned();
            name.ok_or_else(|| format!("{} is no function of this template", id.to_text()))
        };
        functions.map(name).collect::<Result<Vec<String>, String>>().map(Some)
    }

    /// What lies in S3 becomes the text itself, and all of them are looked into.
    fn texts(&self, properties: &mut Properties, members: &[Written]) -> Result<(), String> {
        for Written(location, member, check) in members {
            if let Some(location) = properties.0.remove(location) {
                let text = self.assets.text(location.as_str().unwrap_or_default())?;
                properties.0.insert(*member, text);
            }
            let text = properties.0.get(member).and_then(Value::as_str).unwrap_or_default();
            if !text.is_empty()
                && let Some(problem) = check(text).into_iter().next()
            {
                return Err(format!("{member}:{problem}"));
            }
        }
        Ok(())
    }

    fn graphql(&mut self, path: &str) -> &mut GraphQl {
        self.graphql.entry(path.to_owned()).or_default()
    }

    fn events(&mut self, path: &str) -> Result<&mut Events, String> {
        self.events.get_mut(path).ok_or_else(|| format!("{path} is no API that it can be a part of"))
    }

    fn problem(&mut self, path: &str, problem: &str) {
        let problem = self.said(path, problem);
        self.problems.push(problem);
    }

    fn said(&self, path: &str, what: &str) -> String {
        format!("{}: {path}: {what}", self.file)
    }
}

fn left_out(file: &str, kind: &str, paths: &[String]) -> String {
    let named = paths.iter().take(NAMED_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = paths.len().saturating_sub(NAMED_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let instead = match kind {
        "AWS::Lambda::Function" => {
            ": name their code in [functions] of stepwell.toml, by the names of their ARNs"
        }
        "AWS::StepFunctions::StateMachine" => ": put their definitions into *.asl.json",
        "AWS::RDS::DBCluster" => ": name their databases in [databases]",
        _ => "",
    };
    format!("{file}: {kind} is not made here{instead} ({named}{more})")
}
