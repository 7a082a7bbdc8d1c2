//! Random operations with restarts from the disk, beside a model of what must come of them: what was acknowledged is
//! there, what was refused changed nothing.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use json::{Value, value};
use ledger::Ledger;
use services::{Asker, Fault, Moment};

use super::{code, of, text, with};
use crate::appsync::{AppSync, Settings};
use crate::testing::Prepared;

const SEEDS: u64 = 6;
const STEPS: u64 = 150;
/// Names are drawn from so few that they meet.
const NAMES: u64 = 4;
const APIS: usize = 3;

/// How an operation must end: well, or with this code.
type Wanted = Result<(), &'static str>;

/// What an API must have.
#[derive(Clone, Debug, Default, PartialEq)]
struct Expected {
    name: String,
    /// The schema's fields are `f0`, `f1` and so on; `None`: there is no schema.
    fields: Option<u64>,
    keys: BTreeSet<String>,
    sources: BTreeSet<String>,
    /// The data source of each.
    functions: BTreeMap<String, String>,
    /// Of the field with this number: a data source, or a function.
    resolvers: BTreeMap<u64, Result<String, String>>,
}

struct World {
    folder: PathBuf,
    appsync: Option<AppSync>,
    dice: Moment,
    apis: BTreeMap<String, Expected>,
    /// So many resolvers were acknowledged.
    resolvers_made: u64,
}

impl Drop for World {
    fn drop(&mut self) {
        self.appsync = None;
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl World {
    fn new(seed: u64) -> World {
        let folder = std::env::temp_dir().join(format!("appsync-model-{}-{seed}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let mut world = World {
            folder,
            appsync: None,
            dice: Moment::new(0, seed),
            apis: BTreeMap::new(),
            resolvers_made: 0,
        };
        world.restart();
        world
    }

    fn restart(&mut self) {
        self.appsync = None;
        let settings = ledger::Settings { data_dir: Some(self.folder.clone()), segment_bytes: 1 << 16 };
        let ledger = Ledger::open(&settings).unwrap();
        self.appsync =
            Some(AppSync::new(&ledger, Arc::new(Prepared::default()), Settings::default()).unwrap());
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.dice.draw() % bound
    }

    async fn asked(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        let appsync = self.appsync.as_ref().unwrap();
        appsync.operate(operation, &input, &Asker::default()).await
    }

    /// One of these, or one that is not there.
    fn one_of(&mut self, known: impl Iterator<Item = String>) -> String {
        let known: Vec<String> = known.collect();
        if known.is_empty() || self.below(8) == 0 {
            return "none".to_owned();
        }
        let drawn = self.below(known.len() as u64) as usize;
        known[drawn].clone()
    }

    async fn step(&mut self) {
        if self.apis.is_empty() || self.apis.len() < APIS && self.below(10) == 0 {
            return self.create().await;
        }
        let api = self.one_of(self.apis.keys().cloned().collect::<Vec<_>>().into_iter());
        let mut expected = self.apis.get(&api).cloned();
        let missing = expected.is_none();
        let mut there = expected.take().unwrap_or_default();
        let (outcome, wanted) = match self.below(12) {
            0 if missing || self.below(6) == 0 => {
                let outcome = self.asked("DeleteGraphqlApi", of(&api, value!({}))).await;
                assert_eq!(outcome.is_ok(), !missing);
                self.apis.remove(&api);
                return;
            }
            1 => {
                let outcome = self.asked("CreateApiKey", of(&api, value!({}))).await;
                if let Ok(key) = &outcome {
                    there.keys.insert(text(key, "apiKey", "id"));
                }
                (outcome, Ok(()))
            }
            2 => {
                let key = self.one_of(there.keys.clone().into_iter());
                let outcome = self.asked("DeleteApiKey", of(&api, value!({"id": (&key)}))).await;
                (outcome, if there.keys.remove(&key) { Ok(()) } else { Err("NotFoundException") })
            }
            3 => {
                let count = self.below(NAMES) + 1;
                let fields: String = (0..count).map(|number| format!("f{number}: String ")).collect();
                let sdl = aws_protocols::base64::encode(format!("type Query {{ {fields}}}").as_bytes());
                let outcome = self.asked("StartSchemaCreation", of(&api, value!({"definition": sdl}))).await;
                there.fields = Some(count);
                there.resolvers.retain(|number, _| *number < count);
                (outcome, Ok(()))
            }
            4 | 5 => {
                let name = format!("s{}", self.below(NAMES));
                let outcome =
                    self.asked("CreateDataSource", of(&api, value!({"name": (&name), "type": "NONE"}))).await;
                (outcome, if there.sources.insert(name) { Ok(()) } else { Err("BadRequestException") })
            }
            6 => {
                let name = self.one_of(there.sources.clone().into_iter());
                let outcome = self.asked("DeleteDataSource", of(&api, value!({"name": (&name)}))).await;
                let is_used = there.functions.values().any(|source| *source == name)
                    || there.resolvers.values().any(|asks| asks.as_ref() == Ok(&name));
                let wanted = match there.sources.contains(&name) {
                    false => Err("NotFoundException"),
                    true if is_used => Err("BadRequestException"),
                    true => Ok(()),
                };
                if wanted.is_ok() {
                    there.sources.remove(&name);
                }
                (outcome, wanted)
            }
            7 => {
                let source = self.one_of(there.sources.clone().into_iter());
                let function = code(value!({"name": "f", "dataSourceName": (&source)}));
                let outcome = self.asked("CreateFunction", of(&api, function)).await;
                if let Ok(function) = &outcome {
                    there
                        .functions
                        .insert(text(function, "functionConfiguration", "functionId"), source.clone());
                }
                (outcome, if there.sources.contains(&source) { Ok(()) } else { Err("NotFoundException") })
            }
            8 => {
                let function = self.one_of(there.functions.keys().cloned().collect::<Vec<_>>().into_iter());
                let outcome =
                    self.asked("DeleteFunction", of(&api, value!({"functionId": (&function)}))).await;
                let is_used = there.resolvers.values().any(|asks| asks.as_ref() == Err(&function));
                let wanted = match there.functions.contains_key(&function) {
                    false => Err("NotFoundException"),
                    true if is_used => Err("BadRequestException"),
                    true => Ok(()),
                };
                if wanted.is_ok() {
                    there.functions.remove(&function);
                }
                (outcome, wanted)
            }
            9 => {
                let number = self.below(NAMES);
                let at = value!({"typeName": "Query", "fieldName": (format!("f{number}"))});
                let outcome = self.asked("DeleteResolver", of(&api, at)).await;
                let wanted = there.resolvers.remove(&number).map(|_| ()).ok_or("NotFoundException");
                (outcome, wanted)
            }
            _ => self.resolve(&api, &mut there).await,
        };
        let wanted = if missing { Err("NotFoundException") } else { wanted };
        let code = outcome.as_ref().map(|_| ()).map_err(|fault| fault.code.as_str());
        assert_eq!(code, wanted, "{api}: {outcome:?} {there:?}");
        if wanted.is_ok() {
            self.apis.insert(api, there);
        }
    }

    async fn create(&mut self) {
        let name = format!("api{}", self.below(100));
        let input = value!({"name": (&name), "authenticationType": "API_KEY"});
        let api = self.asked("CreateGraphqlApi", input).await.unwrap();
        self.apis.insert(text(&api, "graphqlApi", "apiId"), Expected { name, ..Expected::default() });
    }

    /// A resolver of a data source or of a function.
    async fn resolve(&mut self, api: &str, there: &mut Expected) -> (Result<Value, Fault>, Wanted) {
        let number = self.below(NAMES);
        let at = value!({"typeName": "Query", "fieldName": (format!("f{number}"))});
        let (asks, input, is_known) = if self.below(2) == 0 {
            let source = self.one_of(there.sources.clone().into_iter());
            let known = there.sources.contains(&source);
            (Ok(source.clone()), value!({"dataSourceName": source}), known)
        } else {
            let function = self.one_of(there.functions.keys().cloned().collect::<Vec<_>>().into_iter());
            let known = there.functions.contains_key(&function);
            let pipeline = value!({"kind": "PIPELINE", "pipelineConfig": {"functions": [(&function)]}});
            (Err(function), pipeline, known)
        };
        let outcome = self.asked("CreateResolver", of(api, with(&at, code(input)))).await;
        self.resolvers_made += u64::from(outcome.is_ok());
        let has_field = there.fields.is_some_and(|count| number < count);
        let wanted = match there.resolvers.entry(number) {
            _ if !has_field => Err("NotFoundException"),
            Entry::Occupied(_) => Err("BadRequestException"),
            Entry::Vacant(_) if !is_known => Err("NotFoundException"),
            Entry::Vacant(vacant) => {
                vacant.insert(asks);
                Ok(())
            }
        };
        (outcome, wanted)
    }

    /// The names of a list.
    async fn names(&self, operation: &str, input: Value, list: &str, name: &str) -> BTreeSet<String> {
        let (mut names, mut input) = (BTreeSet::new(), input);
        loop {
            let page = self.asked(operation, input.clone()).await.unwrap();
            let items = page.get(list).unwrap().as_array().unwrap();
            names.extend(items.iter().map(|item| item.get(name).unwrap().as_str().unwrap().to_owned()));
            match page.get("nextToken") {
                Some(token) => input = with(&input, value!({"nextToken": token})),
                None => return names,
            }
        }
    }

    /// All that is kept is what must be.
    async fn check(&self) {
        let apis = self.names("ListGraphqlApis", value!({"maxResults": 3}), "graphqlApis", "apiId").await;
        assert_eq!(apis, self.apis.keys().cloned().collect());
        for (api, expected) in &self.apis {
            let list = |operation, more: Value, list, name| self.names(operation, of(api, more), list, name);
            let shown = self.asked("GetGraphqlApi", of(api, value!({}))).await.unwrap();
            assert_eq!(text(&shown, "graphqlApi", "name"), expected.name);
            assert_eq!(list("ListApiKeys", value!({}), "apiKeys", "id").await, expected.keys);
            assert_eq!(list("ListDataSources", value!({}), "dataSources", "name").await, expected.sources);
            let functions = list("ListFunctions", value!({}), "functions", "functionId").await;
            assert_eq!(functions, expected.functions.keys().cloned().collect());
            let resolvers =
                list("ListResolvers", value!({"typeName": "Query"}), "resolvers", "fieldName").await;
            assert_eq!(resolvers, expected.resolvers.keys().map(|number| format!("f{number}")).collect());
            let status = self.asked("GetSchemaCreationStatus", of(api, value!({}))).await.unwrap();
            let wanted = if expected.fields.is_some() { "SUCCESS" } else { "NOT_APPLICABLE" };
            assert_eq!(status.get("status").unwrap().as_str(), Some(wanted));
        }
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_restarts() {
    let mut resolvers_made = 0;
    for seed in 0..SEEDS {
        let mut world = World::new(seed * 1_000_003);
        for _ in 0..STEPS {
            world.step().await;
            if world.below(15) == 0 {
                world.restart();
                world.check().await;
            }
        }
        world.restart();
        world.check().await;
        resolvers_made += world.resolvers_made;
    }
    // Not all of it was refused.
    assert!(resolvers_made > 3 * SEEDS, "{resolvers_made}");
}
