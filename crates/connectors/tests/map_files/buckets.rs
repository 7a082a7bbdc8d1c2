//! Folders as buckets, and ItemReaders as their users write them.

use std::path::PathBuf;

use asl::machine::{ItemReader, Kind};
use asl::{Alone, Failure};
use connectors::{Caller, Connectors, ItemSource, Objects, Settings, SourcePlan};
use items::Item;
use json::{Text, Value};

use crate::support::Folder;

/// Buckets with files in them.
pub struct Buckets {
    folder: Folder,
    pub objects: Objects,
}

impl Buckets {
    /// `bucket/key` and what is in it.
    pub fn with<C: AsRef<[u8]>>(files: &[(&str, C)]) -> Buckets {
        let folder = Folder::with(&[]);
        let settings = Settings { s3_root: Some(folder.path().to_owned()), ..Settings::default() };
        let buckets = Buckets { folder, objects: objects(settings) };
        for (path, content) in files {
            buckets.put(path, content);
        }
        buckets
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn put(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// As a Map reads it for the first time.
    pub fn source(&self, reader: &Reader) -> ItemSource {
        ItemSource::new(self.objects.clone(), reader.plan().unwrap(), None)
    }

    /// All items, or the failure: see [`shown`].
    pub async fn read(&self, reader: &Reader) -> String {
        match reader.plan() {
            Ok(plan) => shown(&mut ItemSource::new(self.objects.clone(), plan, None)).await,
            Err(failure) => told(&failure),
        }
    }
}

pub fn objects(settings: Settings) -> Objects {
    let caller = Caller { region: "us-east-1".into(), ..Caller::default() };
    Connectors::new(settings).objects(caller)
}

/// An ItemReader in a definition, and what its parameters evaluate to.
pub struct Reader {
    reader: ItemReader,
    parameters: Value,
    pub items_max: Option<u64>,
}

impl Reader {
    /// `config` are the members of ReaderConfig.
    pub fn of_object(parameters: &str, config: &str) -> Reader {
        Reader::new("getObject", parameters, config)
    }

    pub fn of_list(parameters: &str, config: &str) -> Reader {
        Reader::new("listObjectsV2", parameters, config)
    }

    fn new(action: &str, parameters: &str, config: &str) -> Reader {
        let state = format!(
            r#"{{"Type":"Map","End":true,"ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"}},
                "StartAt":"P","States":{{"P":{{"Type":"Pass","End":true}}}}}},
                "ItemReader":{{"Resource":"arn:aws:states:::s3:{action}","Parameters":{{{parameters}}},"ReaderConfig":{{{config}}}}}}}"#
        );
        let mut machine = asl::compile_state(&state, None).expect("the test's definition is one").machine;
        let state = &mut machine.states[Alone::STATE.0 as usize];
        let Kind::Map(map) = &mut state.kind else { panic!("it is a Map") };
        let reader = map.distributed.as_mut().and_then(|distributed| distributed.item_reader.take()).unwrap();
        let parameters = Value::parse(&format!("{{{parameters}}}")).unwrap();
        Reader { reader, parameters, items_max: None }
    }

    pub fn up_to(mut self, items_max: u64) -> Reader {
        self.items_max = Some(items_max);
        self
    }

    /// The same reader, with parameters that evaluated to something else.
    pub fn given(mut self, parameters: &str) -> Reader {
        self.parameters = Value::parse(parameters).unwrap();
        self
    }

    pub fn plan(&self) -> Result<SourcePlan, Failure> {
        SourcePlan::new(&self.reader, &self.parameters, self.items_max)
    }
}

/// All items that are still to come, with their sources; or the failure.
pub async fn all(source: &mut ItemSource) -> Result<Vec<(Text, Item)>, Failure> {
    let mut all = Vec::new();
    while let Some(items) = source.next().await? {
        assert!(!items.is_empty(), "no items are given as none");
        let from = source.source_of_last().clone();
        all.extend(items.into_iter().map(|item| (from.clone(), item)));
    }
    Ok(all)
}

/// One line for each source, followed by its items; at the end the failure, if there is one.
pub async fn shown(source: &mut ItemSource) -> String {
    let (mut lines, mut before) = (Vec::new(), Text::default());
    loop {
        match source.next().await {
            Ok(None) => return lines.join("\n"),
            Err(failure) => {
                lines.push(told(&failure));
                return lines.join("\n");
            }
            Ok(Some(items)) => {
                if *source.source_of_last() != before {
                    before = source.source_of_last().clone();
                    lines.push(before.to_string());
                }
                lines.extend(items.iter().map(|Item { key, value }| match key {
                    Some(key) => format!("  {key} = {value}"),
                    None => format!("  {value}"),
                }));
            }
        }
    }
}

/// Without the ids of the request, which are others each time.
pub fn told(failure: &Failure) -> String {
    let cause = failure.cause.as_deref().unwrap_or_default();
    let cause = match cause.split_once("Request ID: ") {
        Some((before, _)) => format!("{before}Request ID: …)"),
        None => cause.to_owned(),
    };
    format!("{}: {cause}", failure.name())
}

/// A file that other programs made. (`fixtures/make.py` of the crate `items`)
pub fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../items/fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of a fixture, as JSON.
pub fn lines(name: &str) -> Vec<Value> {
    let text = String::from_utf8(fixture(name)).unwrap();
    text.lines().filter(|line| !line.is_empty()).map(|line| Value::parse(line).unwrap()).collect()
}
