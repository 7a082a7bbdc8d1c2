//! Who listens to what in one API: subscriptions that are alike stand together, so that what they hear is made once.
//!
//! Never here: what is heard, how it is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use graphql::FieldSet;
use json::{Text, Value};

use super::budget::Part;
use super::dialect::Dialect;
use super::index::Index;
use super::line::{Line, Ticket};
use crate::api::Api;
use crate::authorization::{self, Identity, Refusal};
use crate::request::Subscribed;

/// One client's subscription.
#[derive(Clone)]
pub(super) struct Member {
    pub ticket: Ticket,
    /// The client's name for it.
    pub id: Text,
    /// To whom it goes.
    pub line: Arc<Line>,
    /// How it is written.
    pub dialect: Dialect,
    /// Who listens: whether they still may, and what they may see, follows anew when the API changes.
    pub identity: Arc<Identity>,
}

/// A subscription that its client did not end, and why it ended. `None`: there is nothing more to hear.
pub(super) type Ended = (Member, Option<Refusal>);

/// Subscriptions that hear the same.
pub(super) struct Audience {
    pub subscribed: Arc<Subscribed>,
    pub members: Vec<Member>,
}

/// The subscriptions of one API.
#[derive(Default)]
pub(super) struct Registry {
    groups: BTreeMap<GroupId, Group>,
    by_key: BTreeMap<Arc<Key>, GroupId>,
    by_field: BTreeMap<Text, Listening>,
    places: BTreeMap<Ticket, GroupId>,
    /// When whose right to listen expires, in milliseconds since 1970.
    expiring: BTreeSet<(i64, Ticket)>,
    last: GroupId,
    /// Subscriptions that are beginning, each with what was invalidated meanwhile.
    beginning: BTreeMap<Ticket, Vec<Arc<Invalidated>>>,
}

/// A field of Subscription, and a payload that ends those that match it.
type Invalidated = (Text, Value);

/// So much may be invalidated while a subscription begins: one that misses more is not begun.
const MISSED_MAX: usize = 100;

type GroupId = u64;

/// Who listens to one field.
#[derive(Default)]
struct Listening {
    /// By what they want to hear of.
    wanting: Index,
    /// By what ends them, if something does.
    ending: Index,
}

/// What subscriptions have in common that hear the same.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Document, operation, variables, filters.
    text: Box<str>,
    denied: Arc<FieldSet>,
    /// The state of the API by which they were understood.
    api: usize,
}

struct Group {
    key: Arc<Key>,
    api: Arc<Api>,
    subscribed: Arc<Subscribed>,
    members: BTreeMap<Ticket, Member>,
    /// What its texts take: they are kept once for all members.
    part: Arc<Part>,
}

impl Registry {
    /// One more.
    pub fn add(&mut self, api: &Arc<Api>, subscribed: Subscribed, member: Member, part: Arc<Part>) {
        let key = Key::of(api, &subscribed);
        let group = match self.by_key.get(&key) {
            Some(group) => *group,
            None => self.open(Arc::new(key), api.clone(), Arc::new(subscribed), part),
        };
        self.places.insert(member.ticket, group);
        self.expiring.extend(member.expiry());
        if let Some(group) = self.groups.get_mut(&group) {
            group.members.insert(member.ticket, member);
        }
    }

    fn open(
        &mut self,
        key: Arc<Key>,
        api: Arc<Api>,
        subscribed: Arc<Subscribed>,
        part: Arc<Part>,
    ) -> GroupId {
        self.last += 1;
        self.by_key.insert(key.clone(), self.last);
        self.by_field.entry(subscribed.field.clone()).or_default().add(&subscribed, self.last);
        self.groups.insert(self.last, Group { key, api, subscribed, members: BTreeMap::new(), part });
        self.last
    }

    /// One less.
    pub fn remove(&mut self, ticket: Ticket) -> Option<Member> {
        let id = self.places.remove(&ticket)?;
        let group = self.groups.get_mut(&id)?;
        let member = group.members.remove(&ticket)?;
        if group.members.is_empty() {
            self.close(id);
        }
        self.forget(&member);
        Some(member)
    }

    fn close(&mut self, id: GroupId) -> Option<Group> {
        let group = self.groups.remove(&id)?;
        self.by_key.remove(&group.key);
        if let Some(of_field) = self.by_field.get_mut(&group.subscribed.field) {
            of_field.remove(&group.subscribed, id);
            if of_field.wanting.is_empty() && of_field.ending.is_empty() {
                self.by_field.remove(&group.subscribed.field);
            }
        }
        for member in group.members.values() {
            self.forget(member);
        }
        Some(group)
    }

    fn forget(&mut self, member: &Member) {
        self.places.remove(&member.ticket);
        if let Some(expiry) = member.expiry() {
            self.expiring.remove(&expiry);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Those that want to hear of a payload.
    pub fn wanting(&self, field: &str, payload: &Value) -> Vec<Audience> {
        let Some(listening) = self.by_field.get(field) else { return Vec::new() };
        let candidates = listening.wanting.candidates(payload);
        let groups = candidates.iter().filter_map(|id| self.groups.get(id));
        groups
            .filter(|group| group.subscribed.filter.matches(payload))
            .map(|group| Audience {
                subscribed: group.subscribed.clone(),
                members: group.members.values().cloned().collect(),
            })
            .collect()
    }

    /// A subscription begins: what is invalidated from now on counts for it.
    pub fn begin(&mut self, ticket: Ticket) {
        self.beginning.insert(ticket, Vec::new());
    }

    /// It has begun, or will not.
    pub fn give_up(&mut self, ticket: Ticket) {
        self.beginning.remove(&ticket);
    }

    /// Whether it was invalidated before it began.
    pub fn is_over(&self, ticket: Ticket, subscribed: &Subscribed) -> bool {
        let (Some(missed), Some(filter)) = (self.beginning.get(&ticket), &subscribed.invalidation) else {
            return false;
        };
        missed.len() >= MISSED_MAX
            || missed.iter().any(|missed| missed.0 == subscribed.field && filter.matches(&missed.1))
    }

    /// Whether nobody listens or is about to.
    pub fn is_deserted(&self) -> bool {
        self.places.is_empty() && self.beginning.is_empty()
    }

    /// Takes out those that a payload ends.
    pub fn invalidate(&mut self, field: &str, payload: &Value) -> Vec<Ended> {
        let invalidated = Arc::new((Text::from(field), payload.clone()));
        for missed in self.beginning.values_mut().filter(|missed| missed.len() < MISSED_MAX) {
            missed.push(invalidated.clone());
        }
        let ends = |group: &&Group| {
            group.subscribed.invalidation.as_ref().is_some_and(|filter| filter.matches(payload))
        };
        let Some(listening) = self.by_field.get(field) else { return Vec::new() };
        let candidates = listening.ending.candidates(payload);
        let groups = candidates.iter().filter_map(|id| self.groups.get(id)).filter(ends);
        let ended: Vec<Ticket> = groups.flat_map(|group| group.members.keys().copied()).collect();
        ended.into_iter().filter_map(|ticket| Some((self.remove(ticket)?, None))).collect()
    }

    /// Takes out those whose right to listen has expired.
    pub fn expired(&mut self, now: i64) -> Vec<Ended> {
        let mut ended = Vec::new();
        while let Some((at, ticket)) = self.expiring.first().copied()
            && at <= now
        {
            self.expiring.pop_first();
            let member = self.remove(ticket);
            ended.extend(member.map(|member| {
                let why = authorization::expired(&member.identity);
                (member, Some(why))
            }));
        }
        ended
    }

    /// Understands all of them anew: the API has changed, or is gone. Those that it does not have any more come out, and those
    /// whose clients may not listen any more: `stays` judges them.
    pub fn renew(
        &mut self,
        api: Option<&Arc<Api>>,
        stays: impl Fn(&Api, &Identity) -> Result<Identity, Refusal>,
    ) -> Vec<Ended> {
        let is_old = |group: &Group| api.is_none_or(|api| !Arc::ptr_eq(api, &group.api));
        let old = self.groups.iter().filter(|(_, group)| is_old(group)).map(|(id, _)| *id);
        let old: Vec<GroupId> = old.collect();
        let mut ended = Vec::new();
        for group in old.into_iter().filter_map(|id| self.close(id)).collect::<Vec<_>>() {
            for mut member in group.members.into_values() {
                let Some(api) = api else {
                    ended.push((member, None));
                    continue;
                };
                match stays(api, &member.identity) {
                    Ok(identity) if identity != *member.identity => member.identity = Arc::new(identity),
                    Ok(_) => {}
                    Err(refusal) => {
                        ended.push((member, Some(refusal)));
                        continue;
                    }
                }
                match group.subscribed.renewed(api, &member.identity) {
                    Ok(Some(renewed)) => self.add(api, renewed, member, group.part.clone()),
                    Ok(None) => ended.push((member, None)),
                    Err(refusal) => ended.push((member, Some(refusal))),
                }
            }
        }
        ended
    }
}

impl Listening {
    fn add(&mut self, subscribed: &Subscribed, group: GroupId) {
        self.wanting.add(&subscribed.filter, group);
        if let Some(filter) = &subscribed.invalidation {
            self.ending.add(filter, group);
        }
    }

    fn remove(&mut self, subscribed: &Subscribed, group: GroupId) {
        self.wanting.remove(&subscribed.filter, group);
        if let Some(filter) = &subscribed.invalidation {
            self.ending.remove(filter, group);
        }
    }
}

impl Member {
    fn expiry(&self) -> Option<(i64, Ticket)> {
        self.identity.expires_at.map(|at| (at, self.ticket))
    }
}

impl Key {
    fn of(api: &Arc<Api>, subscribed: &Subscribed) -> Key {
        let asked = &subscribed.asked;
        let text = format!(
            "{}\0{}\0{}\0{:?}\0{:?}",
            asked.query,
            asked.operation_name.as_deref().unwrap_or_default(),
            Value::from(asked.variables.clone()),
            subscribed.filter,
            subscribed.invalidation,
        );
        Key { text: text.into(), denied: subscribed.denied.clone(), api: Arc::as_ptr(api).addr() }
    }
}
