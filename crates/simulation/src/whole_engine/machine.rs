//! A state machine as its callers know it: what it is by the last answer, and the requests that have no
//! answer yet. Worked out apart from the engine, so that neither a number nor a route is taken on trust.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use json::Text;
use store::{Route, Store};

/// A state machine.
pub struct Machine {
    pub arn: Text,
    pub name: Text,
    pub kind: usize,
    /// Whether it comes and goes.
    pub comes_and_goes: bool,
    /// What it is by the last answer, if it is.
    pub state: Option<Kept>,
    /// What was asked for and not answered, in order.
    pub asked: VecDeque<Change>,
}

/// What a machine is.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// No two revisions of a run have the same one.
    pub definition: Arc<str>,
    /// The number of the version that comes next: none is used twice.
    next: u64,
    pub versions: BTreeMap<u64, Arc<str>>,
    pub aliases: BTreeMap<Text, Vec<Route>>,
}

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    Create { definition: Arc<str>, publish: bool },
    Update { definition: Arc<str>, publish: bool },
    Delete,
    Publish,
    DeleteVersion(u64),
    CreateAlias { name: Text, routes: Vec<Route> },
    UpdateAlias { name: Text, routes: Vec<Route> },
    DeleteAlias { name: Text },
}

/// What a start may run: the ARN of a version, if it is one, and the definition.
pub type Run = (Option<Text>, Arc<str>);

impl Change {
    /// What becomes of a machine; or the code of the refusal.
    pub fn apply(&self, state: Option<&Kept>) -> Result<Option<Kept>, &'static str> {
        let mut kept = match (self, state) {
            (Change::Create { definition, publish }, None) => {
                let (versions, aliases) = (BTreeMap::new(), BTreeMap::new());
                let mut kept = Kept { definition: definition.clone(), next: 1, versions, aliases };
                publish.then(|| kept.publish());
                return Ok(Some(kept));
            }
            (Change::Create { .. }, Some(_)) => return Err("StateMachineAlreadyExists"),
            (Change::Delete, _) | (Change::DeleteVersion(_), None) => return Ok(None),
            (Change::Update { .. } | Change::Publish, None) => return Err("StateMachineDoesNotExist"),
            (_, None) => return Err("ResourceNotFound"),
            (_, Some(kept)) => kept.clone(),
        };
        match self {
            Change::Create { .. } | Change::Delete => unreachable!("these were looked at"),
            Change::Update { definition, publish } => {
                kept.definition = definition.clone();
                publish.then(|| kept.publish());
            }
            Change::Publish => kept.publish(),
            Change::DeleteVersion(number) => {
                let leads = |routes: &Vec<Route>| routes.iter().any(|route| route.version == *number);
                if kept.aliases.values().any(leads) {
                    return Err("ConflictException");
                }
                kept.versions.remove(number);
            }
            Change::CreateAlias { name, routes } => match kept.aliases.get(name) {
                Some(known) if !same(known, routes) => return Err("ConflictException"),
                Some(_) => {}
                None => kept.route(name, routes)?,
            },
            Change::UpdateAlias { name, routes } => match kept.aliases.get(name) {
                Some(known) if known == routes => {}
                Some(_) => kept.route(name, routes)?,
                None => return Err("ResourceNotFound"),
            },
            Change::DeleteAlias { name } => {
                kept.aliases.remove(name).ok_or("ResourceNotFound")?;
            }
        }
        Ok(Some(kept))
    }

    /// For the film and the counters.
    pub fn name(&self) -> &'static str {
        match self {
            Change::Create { .. } => "create",
            Change::Update { .. } => "update",
            Change::Delete => "delete",
            Change::Publish => "publish a version",
            Change::DeleteVersion(_) => "delete a version",
            Change::CreateAlias { .. } => "create an alias",
            Change::UpdateAlias { .. } => "update an alias",
            Change::DeleteAlias { .. } => "delete an alias",
        }
    }
}

impl Kept {
    fn of(store: &Store, arn: &str) -> Option<Kept> {
        let machine = store.machine(arn)?;
        let published = &machine.published;
        let definition = machine.current.definition.clone();
        let versions = published.versions_before(None);
        let versions =
            versions.map(|version| (version.number, version.revision.definition.clone())).collect();
        let aliases = published.aliases_after(None);
        let aliases = aliases.map(|alias| (alias.name.clone(), alias.routes.clone())).collect();
        Some(Kept { definition, next: published.next_number(), versions, aliases })
    }

    /// The number of the version that the current revision is.
    fn published(&self) -> Option<u64> {
        let is_current = |(_, definition): &(&u64, &Arc<str>)| **definition == self.definition;
        self.versions.iter().find(is_current).map(|(number, _)| *number)
    }

    fn publish(&mut self) {
        if self.published().is_none() {
            self.versions.insert(self.next, self.definition.clone());
            self.next += 1;
        }
    }

    /// An alias leads to versions that are there, and to no others.
    fn route(&mut self, name: &Text, routes: &[Route]) -> Result<(), &'static str> {
        if routes.iter().any(|route| !self.versions.contains_key(&route.version)) {
            return Err("ResourceNotFound");
        }
        self.aliases.insert(name.clone(), routes.to_vec());
        Ok(())
    }
}

/// In which order they are named does not matter.
fn same(one: &[Route], other: &[Route]) -> bool {
    one.len() == other.len() && one.iter().all(|route| other.contains(route))
}

impl Machine {
    /// Everything that it may be: of what was asked for, some may be done, in its order.
    fn possible(&self) -> Vec<Option<Kept>> {
        let mut possible = vec![self.state.clone()];
        for change in &self.asked {
            let more: Vec<_> =
                possible.iter().filter_map(|state| change.apply(state.as_ref()).ok()).collect();
            for state in more {
                if !possible.contains(&state) {
                    possible.push(state);
                }
            }
        }
        possible
    }

    /// What may run what is started now by this ARN, of the machine, of a version or of an alias.
    pub fn runs(&self, asked_arn: &str) -> BTreeSet<Run> {
        let possible = self.possible();
        possible.iter().flatten().flat_map(|kept| self.runs_of(kept, asked_arn)).collect()
    }

    /// Whether this ARN names something, by the last answer.
    pub fn names(&self, asked_arn: &str) -> bool {
        self.state.as_ref().is_some_and(|kept| !self.runs_of(kept, asked_arn).is_empty())
    }

    /// The ARN as it is shown of an execution that was started by it, if it is that of an alias.
    pub fn alias_of(&self, asked_arn: &Text) -> Option<Text> {
        let is_number = |qualifier: &str| qualifier.parse::<u64>().is_ok();
        self.qualifier(asked_arn).filter(|qualifier| !is_number(qualifier)).map(|_| asked_arn.clone())
    }

    fn qualifier<'a>(&self, asked_arn: &'a str) -> Option<&'a str> {
        asked_arn.strip_prefix(self.arn.as_str())?.strip_prefix(':')
    }

    fn runs_of(&self, kept: &Kept, asked_arn: &str) -> Vec<Run> {
        let Some(qualifier) = self.qualifier(asked_arn) else { return vec![(None, kept.definition.clone())] };
        let numbers: Vec<u64> = match (qualifier.parse(), kept.aliases.get(qualifier)) {
            (Ok(number), _) => vec![number],
            (Err(_), routes) => {
                let routes = routes.into_iter().flatten().filter(|route| route.weight > 0);
                routes.map(|route| route.version).collect()
            }
        };
        let run = |number: u64| Some((Some(self.version_arn(number)), kept.versions.get(&number)?.clone()));
        numbers.into_iter().filter_map(run).collect()
    }

    fn version_arn(&self, number: u64) -> Text {
        format!("{}:{number}", self.arn).into()
    }

    /// The oldest request is answered: with the ARN of what was made, where there is one, or with the code of
    /// a refusal. Panics when that is not the answer.
    pub fn answered(&mut self, change: &Change, answer: Result<Option<Text>, &str>) {
        assert_eq!(self.asked.pop_front().as_ref(), Some(change), "{}: answers come in order", self.arn);
        let made = change.apply(self.state.as_ref());
        match (answer, made) {
            (Err("ServiceUnavailable"), _) => {}
            (Err(code), Err(expected)) => assert_eq!(code, expected, "{}: {change:?}", self.arn),
            (Ok(arn), Ok(state)) => {
                self.state = state;
                let expected = match (change, &self.state) {
                    (
                        Change::Create { publish: true, .. } | Change::Update { publish: true, .. },
                        Some(kept),
                    )
                    | (Change::Publish, Some(kept)) => {
                        kept.published().map(|number| self.version_arn(number))
                    }
                    (Change::CreateAlias { name, .. }, _) => Some(format!("{}:{name}", self.arn).into()),
                    _ => None,
                };
                assert_eq!(arn, expected, "{}: {change:?}", self.arn);
            }
            (answer, made) => {
                panic!("{}: {change:?} of {:?} is answered by {answer:?}, not {made:?}", self.arn, self.state)
            }
        }
    }

    /// Panics when the store shows anything else than was promised.
    pub fn check(&self, store: &Store) {
        let found = Kept::of(store, &self.arn);
        let possible = self.possible();
        assert!(possible.contains(&found), "{} is {found:?}, not {possible:?}", self.arn);
    }

    /// After a restart: what was not answered was done, or it was not.
    pub fn find_out(&mut self, store: &Store) {
        self.check(store);
        self.state = Kept::of(store, &self.arn);
        self.asked.clear();
    }
}
