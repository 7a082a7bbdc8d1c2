//! What callers ask of state machines: to create, update and delete them, to publish versions, and to let
//! aliases lead to these.

use std::sync::Arc;

use asl::Timestamp;
use engine::Refusal;
use engine::driven::Awaited;
use engine::request::{
    CreateAlias, CreateStateMachine, Created, CreatedStateMachine, Publish, PublishVersion, UpdateAlias,
    UpdateStateMachine, Updated,
};
use json::{Text, Value};
use store::{MachineType, Route};

use super::clients::Pending;
use super::machine::{Change, Kept};
use super::promises::Expected;
use super::world::World;
use crate::film::Detail;
use crate::random::Random;

/// How many requests for one machine have no answer at the most: of what may have come of them after a
/// crash there are twice as many possibilities with each.
const ASKED_MAX: usize = 4;

/// How many machines are changed often: those that come and go, and two more.
const CHANGED_OFTEN: u64 = 6;

/// The names of aliases.
const ALIASES: &[&str] = &["live", "next"];

/// An answer to one of them.
pub enum Answer {
    Machine(Awaited<CreatedStateMachine>),
    Update(Awaited<Updated>),
    Published(Awaited<Created>),
    At(Awaited<Timestamp>),
    Done(Awaited<()>),
}

impl Answer {
    /// The ARN of what was made, where the answer has one.
    pub fn take(&mut self) -> Option<Result<Option<Text>, Refusal>> {
        match self {
            Answer::Machine(answer) => answer.take().map(|it| it.map(|created| created.version_arn)),
            Answer::Update(answer) => answer.take().map(|it| it.map(|updated| updated.version_arn)),
            Answer::Published(answer) => answer.take().map(|it| it.map(|created| Some(created.arn))),
            Answer::At(answer) => answer.take().map(|it| it.map(|_| None)),
            Answer::Done(answer) => answer.take().map(|it| it.map(|()| None)),
        }
    }
}

impl World {
    /// Asks for something, or for two things at once.
    pub fn change_a_machine(&mut self) {
        // Some are changed often, so that changes meet each other.
        let machine = if self.random.once_in(3) { self.some_machine() } else { self.often_changed() };
        for _ in 0..1 + self.random.below(2) {
            let known = &self.promises.machines[machine];
            let is_passing = |change: &Change| matches!(change, Change::Create { .. } | Change::Delete);
            if known.asked.len() >= ASKED_MAX || known.asked.iter().any(is_passing) {
                return;
            }
            let change = match &known.state {
                None if known.asked.is_empty() => return self.create_machine(machine),
                None => return,
                // To come and to go leaves nothing to ask for beside.
                Some(_) if known.comes_and_goes && known.asked.is_empty() && self.random.once_in(4) => {
                    Change::Delete
                }
                Some(kept) => match some_publication(kept, &mut self.random) {
                    Some(change) => change,
                    None => {
                        let publish = self.random.once_in(2);
                        Change::Update { definition: self.new_definition(machine), publish }
                    }
                },
            };
            self.ask_for(machine, change);
        }
    }

    /// One of those that change often.
    pub fn often_changed(&mut self) -> usize {
        self.promises.machines.len() - 1 - self.random.below(CHANGED_OFTEN) as usize
    }

    /// Any machine.
    pub fn some_machine(&mut self) -> usize {
        self.random.below(self.promises.machines.len() as u64) as usize
    }

    pub fn create_machine(&mut self, machine: usize) {
        let publish = self.random.once_in(2);
        let definition = self.new_definition(machine);
        self.ask_for(machine, Change::Create { definition, publish });
    }

    fn ask_for(&mut self, machine: usize, change: Change) {
        let known = &mut self.promises.machines[machine];
        known.asked.push_back(change.clone());
        let (arn, name) = (known.arn.clone(), known.name.clone());
        self.note("is asked to", &arn, Detail::Text(change.name().into()));
        let engine = self.engine();
        let published = |publish: bool| publish.then(Publish::default);
        let answer = match change.clone() {
            Change::Create { definition, publish } => {
                let request = CreateStateMachine {
                    name,
                    definition: definition.to_string(),
                    role_arn: "arn:aws:iam::123456789012:role/r".into(),
                    machine_type: MachineType::Standard,
                    logging: Value::Null,
                    tracing: Value::Null,
                    encryption: Value::Null,
                    tags: vec![],
                    publish: published(publish),
                };
                Answer::Machine(engine.create_state_machine(request).expect("the definition is good"))
            }
            Change::Update { definition, publish } => {
                let request = UpdateStateMachine {
                    state_machine_arn: arn,
                    definition: Some(definition.to_string()),
                    publish: published(publish),
                    ..UpdateStateMachine::default()
                };
                Answer::Update(engine.update_state_machine(request).expect("the machine is there"))
            }
            Change::Delete => Answer::Done(engine.delete_state_machine(arn)),
            Change::Publish => {
                let publish = Publish::default();
                let request = PublishVersion { state_machine_arn: arn, revision_id: None, publish };
                Answer::Published(engine.publish_version(request))
            }
            Change::DeleteVersion(number) => Answer::Done(engine.delete_version(arn, number)),
            Change::CreateAlias { name, routes } => {
                let request = CreateAlias { state_machine_arn: arn, name, description: None, routes };
                Answer::Published(engine.create_alias(request))
            }
            Change::UpdateAlias { name, routes } => {
                let (description, routes) = (None, Some(routes));
                let request = UpdateAlias { state_machine_arn: arn, name, description, routes };
                Answer::At(engine.update_alias(request))
            }
            Change::DeleteAlias { name } => Answer::Done(engine.delete_alias(arn, name)),
        };
        self.pending.push(Pending::Change { machine, change, answer });
    }

    /// One that was never used before.
    fn new_definition(&mut self, machine: usize) -> Arc<str> {
        self.next_name += 1;
        let text = self.promises.kind(machine).definition.clone();
        text.replacen('{', &format!("{{\"Comment\":\"{}\",", self.next_name), 1).into()
    }

    /// Somebody was told what became of a change.
    pub fn changed(&mut self, machine: usize, change: &Change, answered: Result<Option<Text>, Refusal>) {
        let known = &mut self.promises.machines[machine];
        match &answered {
            Ok(arn) => known.answered(change, Ok(arn.clone())),
            Err(refusal) => known.answered(change, Err(refusal.code())),
        }
        match (&answered, change) {
            (Err(Refusal::ServiceUnavailable { .. }), _) => self.report.refused_when_full += 1,
            (Err(_), _) => self.report.changes_refused += 1,
            (Ok(_), Change::Create { publish, .. }) => {
                self.report.versions_published += u64::from(*publish);
            }
            (Ok(_), Change::Update { publish, .. }) => {
                self.report.machines_updated += 1;
                self.report.versions_published += u64::from(*publish);
            }
            (Ok(_), Change::Delete) => self.report.machines_deleted += 1,
            (Ok(_), Change::Publish) => self.report.versions_published += 1,
            (Ok(_), Change::DeleteVersion(_)) => self.report.versions_deleted += 1,
            (Ok(_), Change::CreateAlias { .. } | Change::UpdateAlias { .. }) => {
                self.report.aliases_led += 1;
            }
            (Ok(_), Change::DeleteAlias { .. }) => self.report.aliases_deleted += 1,
        }
        let store = self.engine().store().clone();
        self.promises.machines[machine].check(&store);
        if answered.is_ok() && *change == Change::Delete {
            self.check_that_all_have_ended(machine);
        }
    }

    fn check_that_all_have_ended(&mut self, machine: usize) {
        let of_machine = |(_, expected): &(&Text, &Expected)| expected.machine == machine;
        let arns = self.promises.executions.iter().filter(of_machine).map(|(arn, _)| arn.clone());
        for arn in arns.collect::<Vec<_>>() {
            self.observe(&arn);
            let expected = &self.promises.executions[&arn];
            assert!(
                expected.is_closed || expected.started_at.is_none(),
                "{arn} goes on though its machine's end was acknowledged"
            );
        }
    }

    /// An ARN by which a machine is started: its own, or that of a version or an alias, which may be gone by
    /// the time it is asked for.
    pub fn some_name_of(&mut self, machine: usize) -> Text {
        let known = &self.promises.machines[machine];
        let arn = known.arn.clone();
        let Some(kept) = &known.state else { return arn };
        let (versions, aliases) = (kept.versions.keys().copied().collect::<Vec<_>>(), &kept.aliases);
        match self.random.below(6) {
            0 if !versions.is_empty() => {
                self.report.starts_of_versions += 1;
                format!("{arn}:{}", self.random.pick(&versions)).into()
            }
            1 | 2 if !aliases.is_empty() => {
                self.report.starts_by_alias += 1;
                let name = *self.random.pick(ALIASES);
                format!("{arn}:{name}").into()
            }
            _ => arn,
        }
    }
}

/// Something about versions and aliases; `None` for something else.
fn some_publication(kept: &Kept, random: &mut Random) -> Option<Change> {
    // The last one was deleted, or is none yet.
    let some_version = |random: &mut Random| {
        let last = kept.versions.keys().next_back().copied().unwrap_or(0);
        let known: Vec<u64> = kept.versions.keys().copied().collect();
        if known.is_empty() || random.once_in(8) { last + 1 } else { *random.pick(&known) }
    };
    Some(match random.below(12) {
        0..3 => return None,
        3 | 4 => Change::Publish,
        5 | 6 => Change::DeleteVersion(some_version(random)),
        7..10 => {
            let name = Text::from(*random.pick(ALIASES));
            let routes = some_routes(some_version(random), some_version(random), random);
            match kept.aliases.contains_key(&name) != random.once_in(6) {
                true => Change::UpdateAlias { name, routes },
                false => Change::CreateAlias { name, routes },
            }
        }
        _ => Change::DeleteAlias { name: (*random.pick(ALIASES)).into() },
    })
}

fn some_routes(one: u64, other: u64, random: &mut Random) -> Vec<Route> {
    if one == other {
        return vec![Route { version: one, weight: 100 }];
    }
    let weight = *random.pick(&[0, 1, 50, 99, 100]);
    vec![Route { version: one, weight }, Route { version: other, weight: 100 - weight }]
}
