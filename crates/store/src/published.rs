//! What a state machine has published: versions, aliases that lead to them, and what a qualified ARN names.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use asl::Timestamp;
use aws_names::Qualifier;
use json::Text;

use crate::bytes::{Malformed, PutBytes, TakeBytes};
use crate::catalog::{Machine, Revision};

/// A version: one revision under a number, for as long as the version is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// From 1. A machine uses none twice, not even one whose version was deleted.
    pub number: u64,
    /// What it runs. No two versions of a machine have the same one.
    pub revision: Arc<Revision>,
    /// As given.
    pub description: Option<Text>,
    /// When it was published.
    pub created_at: Timestamp,
}

/// A name that leads to one version, or to two by chance.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    /// Unique among the aliases of a machine.
    pub name: Text,
    /// As given.
    pub description: Option<Text>,
    /// One or two, to versions that are there.
    pub routes: Vec<Route>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was changed last; at first when it was created.
    pub updated_at: Timestamp,
}

/// Where an alias leads, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The number of a version.
    pub version: u64,
    /// Percent; those of an alias add up to 100.
    pub weight: u8,
}

impl Alias {
    /// Whether it leads to a version.
    pub fn leads_to(&self, version: u64) -> bool {
        self.routes.iter().any(|route| route.version == version)
    }

    /// The version that a random number picks.
    fn pick(&self, random: u128) -> u64 {
        let mut left = (random % 100) as u8;
        for route in &self.routes {
            match left.checked_sub(route.weight) {
                Some(rest) => left = rest,
                None => return route.version,
            }
        }
        unreachable!("the weights of an alias add up to 100: it was checked when they were accepted")
    }
}

/// The versions and aliases of one machine. A value: a change makes another one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Published {
    /// The highest number that a version has or had.
    last_number: u64,
    versions: BTreeMap<u64, Arc<Version>>,
    aliases: BTreeMap<Text, Arc<Alias>>,
}

impl Published {
    /// The number of the version that comes next.
    pub fn next_number(&self) -> u64 {
        self.last_number + 1
    }

    /// A version by its number.
    pub fn version(&self, number: u64) -> Option<&Arc<Version>> {
        self.versions.get(&number)
    }

    /// The version of a revision, if it was published.
    pub fn version_of(&self, revision: u64) -> Option<&Arc<Version>> {
        self.versions.values().rev().find(|version| version.revision.number == revision)
    }

    /// How many versions there are.
    pub fn version_count(&self) -> usize {
        self.versions.len()
    }

    /// Versions below this number, the newest first.
    pub fn versions_before(&self, number: Option<u64>) -> impl Iterator<Item = &Arc<Version>> {
        let end = number.map_or(Bound::Unbounded, Bound::Excluded);
        self.versions.range((Bound::Unbounded, end)).rev().map(|(_, version)| version)
    }

    /// An alias by its name.
    pub fn alias(&self, name: &str) -> Option<&Arc<Alias>> {
        self.aliases.get(name)
    }

    /// The version that an alias picks by a random number.
    pub fn pick(&self, alias: &Alias, random: u128) -> &Arc<Version> {
        let number = alias.pick(random);
        let Some(version) = self.versions.get(&number) else {
            unreachable!("a version that an alias leads to cannot be deleted")
        };
        version
    }

    /// How many aliases there are.
    pub fn alias_count(&self) -> usize {
        self.aliases.len()
    }

    /// Aliases behind this name, in the order of names.
    pub fn aliases_after(&self, name: Option<&str>) -> impl Iterator<Item = &Arc<Alias>> {
        let from = name.map_or(Bound::Unbounded, Bound::Excluded);
        self.aliases.range::<str, _>((from, Bound::Unbounded)).map(|(_, alias)| alias)
    }

    /// Aliases that lead to a version, in the order of names.
    pub fn aliases_to(&self, number: u64) -> impl Iterator<Item = &Arc<Alias>> {
        self.aliases.values().filter(move |alias| alias.leads_to(number))
    }

    pub(crate) fn versions(&self) -> impl Iterator<Item = &Arc<Version>> {
        self.versions.values()
    }

    /// Whether there never was anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.last_number == 0
    }

    pub(crate) fn apply(&mut self, change: &Publication) {
        match change {
            Publication::PutVersion(version) => {
                self.last_number = self.last_number.max(version.number);
                self.versions.insert(version.number, version.clone());
            }
            Publication::RemoveVersion { number } => drop(self.versions.remove(number)),
            Publication::PutAlias(alias) => drop(self.aliases.insert(alias.name.clone(), alias.clone())),
            Publication::RemoveAlias { name } => drop(self.aliases.remove(name)),
        }
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.put_u64(self.last_number);
        out.put_u32(self.versions.len() as u32);
        self.versions.values().for_each(|version| encode_version(version, out));
        out.put_u32(self.aliases.len() as u32);
        self.aliases.values().for_each(|alias| encode_alias(alias, out));
    }

    pub(crate) fn decode(
        bytes: &mut TakeBytes<'_>,
        known: impl Fn(u64) -> Option<Arc<Revision>>,
    ) -> Result<Published, Malformed> {
        let mut published = Published { last_number: bytes.u64()?, ..Published::default() };
        for _ in 0..bytes.u32()? {
            published.apply(&Publication::PutVersion(Arc::new(decode_version(bytes, &known)?)));
        }
        for _ in 0..bytes.u32()? {
            published.apply(&Publication::PutAlias(Arc::new(decode_alias(bytes)?)));
        }
        Ok(published)
    }
}

/// A change of what a machine has published.
#[derive(Clone, Debug, PartialEq)]
pub enum Publication {
    /// The machine's current revision becomes a version.
    PutVersion(Arc<Version>),
    /// A version is gone. Executions that it began go on.
    RemoveVersion {
        /// Which.
        number: u64,
    },
    /// An alias is new or different.
    PutAlias(Arc<Alias>),
    /// An alias is gone.
    RemoveAlias {
        /// Which.
        name: Text,
    },
}

const PUT_VERSION: u8 = 0;
const REMOVE_VERSION: u8 = 1;
const PUT_ALIAS: u8 = 2;
const REMOVE_ALIAS: u8 = 3;

impl Publication {
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Publication::PutVersion(version) => {
                out.put_u8(PUT_VERSION);
                encode_version(version, out);
            }
            Publication::RemoveVersion { number } => {
                out.put_u8(REMOVE_VERSION);
                out.put_u64(*number);
            }
            Publication::PutAlias(alias) => {
                out.put_u8(PUT_ALIAS);
                encode_alias(alias, out);
            }
            Publication::RemoveAlias { name } => {
                out.put_u8(REMOVE_ALIAS);
                out.put_text(name);
            }
        }
    }

    pub(crate) fn decode(
        bytes: &mut TakeBytes<'_>,
        known: impl Fn(u64) -> Option<Arc<Revision>>,
    ) -> Result<Publication, Malformed> {
        Ok(match bytes.u8()? {
            PUT_VERSION => Publication::PutVersion(Arc::new(decode_version(bytes, &known)?)),
            REMOVE_VERSION => Publication::RemoveVersion { number: bytes.u64()? },
            PUT_ALIAS => Publication::PutAlias(Arc::new(decode_alias(bytes)?)),
            REMOVE_ALIAS => Publication::RemoveAlias { name: bytes.text()? },
            _ => return Err(Malformed),
        })
    }
}

/// A version refers to its revision, which the catalog has.
fn encode_version(version: &Version, out: &mut Vec<u8>) {
    out.put_u64(version.number);
    out.put_u64(version.revision.number);
    out.put_option(version.description.as_deref());
    out.put_time(version.created_at);
}

fn decode_version(
    bytes: &mut TakeBytes<'_>,
    known: impl Fn(u64) -> Option<Arc<Revision>>,
) -> Result<Version, Malformed> {
    Ok(Version {
        number: bytes.u64()?,
        revision: known(bytes.u64()?).ok_or(Malformed)?,
        description: bytes.option()?,
        created_at: bytes.time()?,
    })
}

fn encode_alias(alias: &Alias, out: &mut Vec<u8>) {
    out.put_text(&alias.name);
    out.put_option(alias.description.as_deref());
    out.put_time(alias.created_at);
    out.put_time(alias.updated_at);
    out.put_u32(alias.routes.len() as u32);
    for route in &alias.routes {
        out.put_u64(route.version);
        out.put_u8(route.weight);
    }
}

fn decode_alias(bytes: &mut TakeBytes<'_>) -> Result<Alias, Malformed> {
    let (name, description) = (bytes.text()?, bytes.option()?);
    let (created_at, updated_at) = (bytes.time()?, bytes.time()?);
    let count = bytes.u32()?;
    let route = |_| Ok(Route { version: bytes.u64()?, weight: bytes.u8()? });
    let routes = (0..count).map(route).collect::<Result<_, Malformed>>()?;
    Ok(Alias { name, description, routes, created_at, updated_at })
}

/// What the ARN of a state machine names.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// The machine, whichever of the three it is.
    pub machine: Arc<Machine>,
    /// What stands behind its name.
    pub by: By,
}

/// How an ARN names a machine.
#[derive(Clone, Debug, PartialEq)]
pub enum By {
    /// As it is: the current revision.
    Machine,
    /// By one of its versions.
    Version(Arc<Version>),
    /// By one of its aliases.
    Alias(Arc<Alias>),
}

impl Named {
    /// Looks an ARN up, qualified or not, with what finds machines by their own ARNs.
    pub(crate) fn find(arn: &str, machine: impl Fn(&str) -> Option<Arc<Machine>>) -> Option<Named> {
        if let Some(machine) = machine(arn) {
            return Some(Named { machine, by: By::Machine });
        }
        let (machine_arn, qualifier) = arn.rsplit_once(':')?;
        let machine = machine(machine_arn)?;
        let by = match Qualifier::parse(qualifier)? {
            Qualifier::Version(number) => By::Version(machine.published.version(number)?.clone()),
            Qualifier::Alias(name) => By::Alias(machine.published.alias(name)?.clone()),
        };
        Some(Named { machine, by })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alias(weights: &[u8]) -> Alias {
        let route = |(at, &weight): (usize, &u8)| Route { version: at as u64 + 1, weight };
        let routes = weights.iter().enumerate().map(route).collect();
        let (created_at, updated_at) = (Timestamp(1), Timestamp(2));
        Alias { name: "live".into(), description: None, routes, created_at, updated_at }
    }

    #[test]
    fn an_alias_picks_by_weight() {
        let check = |weights: &[u8], expected: [usize; 2]| {
            let alias = alias(weights);
            let mut picked = [0; 2];
            (0..1_000).for_each(|random| picked[alias.pick(random) as usize - 1] += 1);
            assert_eq!(picked, expected, "{weights:?}");
        };
        check(&[100], [1_000, 0]);
        check(&[70, 30], [700, 300]);
        check(&[0, 100], [0, 1_000]);
        check(&[100, 0], [1_000, 0]);
    }

    #[test]
    fn a_number_that_was_used_is_not_used_again() {
        let mut published = Published::default();
        assert!(published.is_empty());
        let revision = |number| Arc::new(crate::testing::revision(number));
        let version = |number| Version {
            number,
            revision: revision(number + 6),
            description: None,
            created_at: Timestamp(3),
        };
        for number in [1, 2] {
            published.apply(&Publication::PutVersion(Arc::new(version(number))));
        }
        published.apply(&Publication::PutAlias(Arc::new(alias(&[100]))));
        published.apply(&Publication::RemoveVersion { number: 2 });
        let mut bytes = Vec::new();
        published.encode(&mut bytes);
        let read = Published::decode(&mut TakeBytes(&bytes), |number| Some(revision(number))).unwrap();
        assert_eq!(read, published);
        assert_eq!((read.next_number(), read.version_count()), (3, 1));
        assert_eq!(read.version_of(7).map(|version| version.number), Some(1));
        assert_eq!(read.version_of(8), None);
        assert_eq!(read.aliases_to(1).count(), 1);
        assert_eq!(read.aliases_to(2).count(), 0);
    }
}
