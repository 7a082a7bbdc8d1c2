//! Who listens to what in one API: subscriptions that are alike stand together, so that what they hear is made once.
//!
//! Never here: what is heard, how it is sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use graphql::FieldSet;
use json::{Text, Value};

use super::dialect::Dialect;
use super::index::Index;
use super::line::{Line, Ticket};
use crate::api::Api;
use crate::authorization::Identity;
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
    /// Who listens: what it may see follows anew when the API changes.
    pub identity: Arc<Identity>,
}

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
    last: GroupId,
}

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
}

impl Registry {
    /// One more.
    pub fn add(&mut self, api: &Arc<Api>, subscribed: Subscribed, member: Member) {
        let key = Key::of(api, &subscribed);
        let group = match self.by_key.get(&key) {
            Some(group) => *group,
            None => self.open(Arc::new(key), api.clone(), Arc::new(subscribed)),
        };
        self.places.insert(member.ticket, group);
        if let Some(group) = self.groups.get_mut(&group) {
            group.members.insert(member.ticket, member);
        }
    }

    fn open(&mut self, key: Arc<Key>, api: Arc<Api>, subscribed: Arc<Subscribed>) -> GroupId {
        self.last += 1;
        self.by_key.insert(key.clone(), self.last);
        self.by_field.entry(subscribed.field.clone()).or_default().add(&subscribed, self.last);
        self.groups.insert(self.last, Group { key, api, subscribed, members: BTreeMap::new() });
        self.last
    }

    /// One less.
    pub fn remove(&mut self, ticket: Ticket) -> Option<Member> {
        let id = self.places.remove(&ticket)?;
        let group = self.groups.get_mut(&id)?;
        let member = group.members.remove(&ticket);
        if group.members.is_empty() {
            self.close(id);
        }
        member
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
        for ticket in group.members.keys() {
            self.places.remove(ticket);
        }
        Some(group)
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

    /// Takes out those that a payload ends.
    pub fn invalidate(&mut self, field: &str, payload: &Value) -> Vec<Member> {
        let ends = |group: &&Group| {
            group.subscribed.invalidation.as_ref().is_some_and(|filter| filter.matches(payload))
        };
        let Some(listening) = self.by_field.get(field) else { return Vec::new() };
        let candidates = listening.ending.candidates(payload);
        let groups = candidates.iter().filter_map(|id| self.groups.get(id)).filter(ends);
        let ended: Vec<Ticket> = groups.flat_map(|group| group.members.keys().copied()).collect();
        ended.into_iter().filter_map(|ticket| self.remove(ticket)).collect()
    }

    /// Understands all of them anew: the API has changed, or is gone. Those that it does not have any more come out, and
    /// those of whom it does not let in any more. `now`: milliseconds since 1970.
    pub fn renew(&mut self, api: Option<&Arc<Api>>, now: i64) -> Vec<Member> {
        let is_old = |group: &Group| api.is_none_or(|api| !Arc::ptr_eq(api, &group.api));
        let old = self.groups.iter().filter(|(_, group)| is_old(group)).map(|(id, _)| *id);
        let old: Vec<GroupId> = old.collect();
        let mut ended = Vec::new();
        for group in old.into_iter().filter_map(|id| self.close(id)).collect::<Vec<_>>() {
            for member in group.members.into_values() {
                let lets_in = api.filter(|api| api.still_lets_in(&member.identity, now));
                let renewed = lets_in.and_then(|api| {
                    let renewed = group.subscribed.renewed(api, api.access.denied(&member.identity))?;
                    Some((api, renewed))
                });
                match renewed {
                    Some((api, renewed)) => self.add(api, renewed, member),
                    None => ended.push(member),
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
