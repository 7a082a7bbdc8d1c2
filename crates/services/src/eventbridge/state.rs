//! All buses, rules, archives, replays and API destinations: in memory as a value, in the ledger a record each.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_names::Scope;
use json::{Object, Text, Value};
use ledger::{Batch, Ledger};

use super::archive::{Archive, Kept};
use super::bus::Bus;
use super::names::DEFAULT_BUS;
use super::rule::Rule;
use crate::{Fault, spaces};

/// What EventBridge knows. Cheap to clone: what hangs on it is shared.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub buses: BTreeMap<Text, Bus>,
    pub archives: BTreeMap<Text, Archive>,
    /// Replays, as DescribeReplay shows them, with times in milliseconds since 1970 and where they are (`After`).
    pub replays: BTreeMap<Text, Object>,
    /// API destinations, as DescribeApiDestination shows them, with times in milliseconds since 1970.
    pub destinations: BTreeMap<Text, Object>,
}

/// The kinds of records, by the first byte of their keys. A letter is a promise on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bus = b'b' as isize,
    Rule = b'r' as isize,
    Archive = b'a' as isize,
    Replay = b'p' as isize,
    Destination = b'd' as isize,
}

fn key(kind: Kind, name: &str) -> Vec<u8> {
    [&[kind as u8][..], name.as_bytes()].concat()
}

/// No name has this character.
fn rule_name(bus: &str, name: &str) -> String {
    format!("{bus}\0{name}")
}

pub(super) fn put(batch: &mut Batch, kind: Kind, name: &str, record: &Object) {
    let text = Value::Object(record.clone()).to_text();
    batch.put(spaces::BUSES, &key(kind, name), text.as_bytes());
}

pub(super) fn remove(batch: &mut Batch, kind: Kind, name: &str) {
    batch.remove(spaces::BUSES, &key(kind, name));
}

impl State {
    /// Reads what is kept. The default bus is always there.
    pub fn load(ledger: &Ledger, scope: &Scope) -> Result<State, ledger::Error> {
        let mut state = State::default();
        let default = json::value!({ "Name": DEFAULT_BUS }).as_object().cloned().unwrap_or_default();
        state.buses.insert(DEFAULT_BUS.into(), Bus { record: default, rules: BTreeMap::new() });
        ledger.visit(spaces::BUSES, b"", |key, value| {
            if let Err(fault) = state.take(ledger, scope, key, &value) {
                tracing::error!(?key, "something of EventBridge cannot be used: {}", fault.message);
            }
        })?;
        Ok(state)
    }

    /// Takes a record on. Buses come before rules.
    fn take(&mut self, ledger: &Ledger, scope: &Scope, key: &[u8], value: &[u8]) -> Result<(), Fault> {
        let broken = || Fault::new("InternalException", "its record cannot be read");
        let value = Value::parse_bytes(value).map_err(|_| broken())?;
        let record = value.as_object().ok_or_else(broken)?.clone();
        let (kind, name) = key.split_first().ok_or_else(broken)?;
        let name = std::str::from_utf8(name).map_err(|_| broken())?;
        match kind {
            b'b' => self.buses.entry(name.into()).or_default().record = record,
            b'r' => {
                let (bus, name) = name.split_once('\0').ok_or_else(broken)?;
                let rule = Arc::new(Rule::read(scope, &value)?);
                self.buses.get_mut(bus).ok_or_else(broken)?.rules.insert(name.into(), rule);
            }
            b'a' => {
                let archive = Archive::new(record, Arc::new(Kept::default()))?;
                archive.count(ledger);
                self.archives.insert(name.into(), archive);
            }
            b'p' => drop(self.replays.insert(name.into(), record)),
            b'd' => drop(self.destinations.insert(name.into(), record)),
            _ => return Err(broken()),
        }
        Ok(())
    }

    pub fn bus(&self, name: &str) -> Result<&Bus, Fault> {
        self.buses.get(name).ok_or_else(|| no_bus(name))
    }

    pub fn bus_mut(&mut self, name: &str) -> Result<&mut Bus, Fault> {
        self.buses.get_mut(name).ok_or_else(|| no_bus(name))
    }

    pub fn rule(&self, bus: &str, name: &str) -> Result<&Arc<Rule>, Fault> {
        self.bus(bus)?.rules.get(name).ok_or_else(|| no_rule(bus, name))
    }

    /// Stores a rule.
    pub fn put_rule(&mut self, bus: &str, rule: Rule, batch: &mut Batch) -> Result<(), Fault> {
        let name = Text::from(rule.name());
        let record = rule.stored();
        let record = record.as_object().cloned().unwrap_or_default();
        put(batch, Kind::Rule, &rule_name(bus, &name), &record);
        self.bus_mut(bus)?.rules.insert(name, Arc::new(rule));
        Ok(())
    }

    /// Removes a rule.
    pub fn remove_rule(&mut self, bus: &str, name: &str, batch: &mut Batch) -> Result<(), Fault> {
        remove(batch, Kind::Rule, &rule_name(bus, name));
        self.bus_mut(bus)?.rules.remove(name);
        Ok(())
    }

    /// The API destination with this ARN.
    pub fn destination(&self, arn: &str) -> Option<&Object> {
        let is_it = |record: &&Object| record.get("ApiDestinationArn").and_then(Value::as_str) == Some(arn);
        // ARNs have the name in them.
        let name = arn.rsplit('/').nth(1)?;
        self.destinations.get(name).filter(is_it)
    }

    /// The archives of a bus.
    pub fn archives_of<'a>(&'a self, bus: &'a str) -> impl Iterator<Item = &'a Archive> {
        self.archives.values().filter(move |archive| archive.text("Bus") == bus)
    }
}

fn no_bus(name: &str) -> Fault {
    Fault::new("ResourceNotFoundException", format!("Event bus {name} does not exist."))
}

pub(super) fn no_rule(bus: &str, name: &str) -> Fault {
    Fault::new("ResourceNotFoundException", format!("Rule {name} does not exist on EventBus {bus}."))
}
