//! From an event to those who get it: PURE but for the batch that is filled.

use events::Event;
use json::Text;
use ledger::Batch;

use super::archive::Place;
use super::received::Received;
use super::rule::Rule;
use super::rule_target::RuleTarget;
use super::state::State;
use crate::delivery::{Leg, Parcel};
use crate::spaces;

/// Whom an event may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach<'a> {
    /// All rules and archives of the bus.
    All,
    /// A replay: no archive keeps it again, and only these rules get it, all if there are none.
    Replay(&'a [Text]),
}

/// What an event sets off.
#[derive(Debug, Default)]
pub(super) struct Routed {
    pub parcel: Parcel,
    /// Archives that keep it, with the bytes that are kept.
    pub kept: Vec<(Text, i64)>,
}

/// For whom a leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct To<'a> {
    pub bus: &'a str,
    pub rule: &'a str,
    pub target: &'a str,
    /// See [`Rule::made`].
    pub made: &'a str,
}

impl<'a> To<'a> {
    /// A target of a rule.
    pub fn of(bus: &'a str, rule: &'a Rule, target: &'a RuleTarget) -> To<'a> {
        To { bus, rule: rule.name(), target: &target.id, made: rule.made(&target.id) }
    }

    /// No name has a zero in it.
    pub fn bytes(&self) -> Vec<u8> {
        [self.bus, self.rule, self.target, self.made].join("\0").into_bytes()
    }

    pub fn read(bytes: &'a [u8]) -> Option<To<'a>> {
        let mut parts = std::str::from_utf8(bytes).ok()?.split('\0');
        Some(To { bus: parts.next()?, rule: parts.next()?, target: parts.next()?, made: parts.next()? })
    }
}

/// Finds the rules that an event on a bus goes through, and puts it into the archives that want it.
pub(super) fn route(
    state: &State,
    bus_name: &str,
    received: &Received,
    reach: Reach<'_>,
    batch: &mut Batch,
) -> Routed {
    let Some(bus) = state.buses.get(bus_name) else { return Routed::default() };
    let event = Event::new(&received.event);
    let mut legs = Vec::new();
    for rule in bus.wanting(&event) {
        if matches!(reach, Reach::Replay(rules) if !rules.is_empty() && !rules.contains(&rule.arn)) {
            continue;
        }
        legs.extend(rule.targets.iter().map(|target| Leg {
            lane: target.arn.clone(),
            to: To::of(bus_name, rule, target).bytes(),
            ..Leg::default()
        }));
    }
    let mut kept = Vec::new();
    let archives = state.archives_of(bus_name).filter(|archive| reach == Reach::All && archive.wants(&event));
    let mut text = None;
    for archive in archives {
        let text = text.get_or_insert_with(|| received.event.to_text());
        let place = Place {
            archive: archive.id,
            time: received.ingested,
            event: number_of(received.id()),
            bytes: text.len() as u32,
        };
        batch.put(spaces::ARCHIVES, &place.key(), text.as_bytes());
        kept.push((archive.text("ArchiveName").into(), i64::from(place.bytes)));
    }
    let body = if legs.is_empty() { Vec::new() } else { received.body() };
    Routed { parcel: Parcel { sent: received.ingested, body, legs }, kept }
}

/// A UUID's digits.
fn number_of(uuid: &str) -> u128 {
    uuid.chars()
        .filter_map(|digit| digit.to_digit(16))
        .fold(0, |number, digit| (number << 4) | u128::from(digit))
}
