//! All that Lambda keeps, as a plain value that is moved by [`Change`]s, and as the ledger has it.
//!
//! In the space of functions, a key's first byte says what it is about: `f` and a name, a function; `c` and a name, perhaps
//! with a qualifier, how it is called asynchronously; `p` and a name, the statements of its policy.

use std::collections::BTreeMap;

use json::{Array, Text, Value};
use ledger::{Batch, Ledger};

use super::event_config::EventConfig;
use super::function::Function;
use crate::spaces::FUNCTIONS;

/// Everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    /// Functions that were made by the API.
    pub functions: BTreeMap<Text, Function>,
    /// By `NAME` or `NAME:QUALIFIER`.
    pub configs: BTreeMap<Text, EventConfig>,
    /// By name.
    pub policies: BTreeMap<Text, Array>,
}

/// One thing that becomes otherwise.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// A function is new, or changed.
    Function(Function),
    /// A function is gone with all that is about it.
    FunctionGone(Text),
    Config(Text, Option<EventConfig>),
    Policy(Text, Array),
}

const FUNCTION: u8 = b'f';
const CONFIG: u8 = b'c';
const POLICY: u8 = b'p';

impl Kept {
    /// What the ledger has.
    pub fn read(ledger: &Ledger) -> Result<Kept, ledger::Error> {
        let mut kept = Kept::default();
        let mut unreadable = None;
        ledger.visit(FUNCTIONS, &[], |key, value| {
            let Some((kind, name)) = key.split_first() else { return };
            let name = String::from_utf8_lossy(name);
            let change = match *kind {
                FUNCTION => Function::from_record(&name, &value).map(Change::Function),
                CONFIG => {
                    EventConfig::from_record(&value).map(|it| Change::Config(name.as_ref().into(), Some(it)))
                }
                _ => match Value::parse_bytes(&value) {
                    Ok(Value::Array(policy)) => Some(Change::Policy(name.as_ref().into(), policy)),
                    _ => None,
                },
            };
            match change {
                Some(change) => kept.apply(change),
                None => unreadable = Some(name.into_owned()),
            }
        })?;
        match unreadable {
            None => Ok(kept),
            Some(name) => Err(ledger::Error::Corrupt {
                place: "the ledger's functions".to_owned(),
                detail: format!("the record of {name} is none of this version's"),
            }),
        }
    }

    /// Puts a change into a batch; this is as before it.
    pub fn write(&self, change: &Change, batch: &mut Batch) {
        match change {
            Change::Function(function) => {
                batch.put(FUNCTIONS, &key(FUNCTION, &function.name), function.to_record().as_bytes());
            }
            Change::FunctionGone(name) => {
                batch.remove(FUNCTIONS, &key(FUNCTION, name));
                batch.remove(FUNCTIONS, &key(POLICY, name));
                self.configs_of(name).for_each(|config| batch.remove(FUNCTIONS, &key(CONFIG, config)));
            }
            Change::Config(name, Some(config)) => {
                batch.put(FUNCTIONS, &key(CONFIG, name), config.to_record().as_bytes());
            }
            Change::Config(name, None) => batch.remove(FUNCTIONS, &key(CONFIG, name)),
            Change::Policy(name, policy) => {
                batch.put(FUNCTIONS, &key(POLICY, name), Value::Array(policy.clone()).to_text().as_bytes());
            }
        }
    }

    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Function(function) => drop(self.functions.insert(function.name.clone(), function)),
            Change::FunctionGone(name) => {
                self.functions.remove(&name);
                self.policies.remove(&name);
                let configs: Vec<Text> = self.configs_of(&name).cloned().collect();
                configs.iter().for_each(|config| drop(self.configs.remove(config)));
            }
            Change::Config(name, Some(config)) => drop(self.configs.insert(name, config)),
            Change::Config(name, None) => drop(self.configs.remove(&name)),
            Change::Policy(name, policy) => drop(self.policies.insert(name, policy)),
        }
    }

    /// The keys of a function's configurations.
    pub fn configs_of<'k>(&'k self, name: &'k str) -> impl Iterator<Item = &'k Text> {
        self.configs.keys().filter(move |key| key.split(':').next() == Some(name))
    }

    /// How a function is called asynchronously. All its versions and aliases are the same code, so what is said of the
    /// function holds for those of which nothing is said.
    pub fn config(&self, name: &str, qualifier: Option<&str>) -> EventConfig {
        let own = qualifier.and_then(|qualifier| self.configs.get(format!("{name}:{qualifier}").as_str()));
        own.or_else(|| self.configs.get(name)).cloned().unwrap_or_default()
    }
}

fn key(kind: u8, name: &str) -> Vec<u8> {
    [&[kind], name.as_bytes()].concat()
}
