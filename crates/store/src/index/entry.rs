//! What the index keeps of one execution or Map Run.

use std::sync::Arc;

use asl::Timestamp;
use execution::execution::{Close, MachineType, Start};
use execution::map_run::{ChildOf, MapRunStart};
use execution::{Standing, Status};
use json::{Document, Text};

use crate::log::Place;

/// One execution, or one Map Run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) name: Text,
    pub(crate) family: Arc<Family>,
    pub(crate) status: Status,
    pub(crate) started_at: Timestamp,
    /// When it ended; when it was started or redriven while it is open.
    pub(crate) stopped_at: Timestamp,
    /// What most have not.
    pub(crate) rare: Option<Box<Rare>>,
    /// Its last record.
    pub(crate) last: Place,
    pub(crate) extent: Extent,
    /// What an execution waits for while it is open.
    pub(crate) standing: Standing,
    /// Executions have it that were started or closed lately.
    pub(crate) hot: Option<Arc<Hot>>,
}

/// What is known of an execution that was redriven, of a child of a Map Run, and of a Map Run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rare {
    pub(crate) redriven: Option<Redriven>,
    /// Of a child the Map Run, of a Map Run the execution that began it: it is listed there, too.
    pub(crate) listed_under: Option<Text>,
    /// How many items a child has.
    pub(crate) items: u32,
}

/// How often an execution was redriven, and when the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redriven {
    /// At least 1.
    pub count: u64,
    /// The last time.
    pub at: Timestamp,
}

/// What executions of one revision have in common, or the Map Runs that one Map state of it began.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Family {
    pub(crate) is_of_map_runs: bool,
    /// Of Map Runs: their ARN without its name and the colon before that.
    pub(crate) machine_arn: Text,
    /// Of Map Runs: `machine/label`.
    pub(crate) machine_name: Text,
    /// What their ARNs begin with: all but the name.
    pub(crate) arn_prefix: Text,
    pub(crate) revision: u64,
    pub(crate) version_arn: Option<Text>,
    pub(crate) alias_arn: Option<Text>,
    pub(crate) role_arn: Text,
    pub(crate) region: Text,
}

/// What is at hand of an execution.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hot {
    pub(crate) start: Arc<Start>,
    pub(crate) close: Option<Close>,
}

impl Entry {
    /// One that has just begun, with its first record there.
    pub(super) fn begun(name: &Text, family: Arc<Family>, at: Timestamp, place: Place, bytes: u32) -> Entry {
        Entry {
            name: name.clone(),
            family,
            status: Status::Running,
            started_at: at,
            stopped_at: at,
            rare: None,
            last: place,
            extent: Extent::new(place.segment(), bytes),
            standing: Standing::Unknown,
            hot: None,
        }
    }

    pub(crate) fn is_map_run(&self) -> bool {
        self.family.is_of_map_runs
    }

    pub(crate) fn redriven(&self) -> Option<Redriven> {
        self.rare.as_ref()?.redriven
    }

    /// See [`Rare::listed_under`].
    pub(crate) fn listed_under(&self) -> Option<&Text> {
        self.rare.as_ref()?.listed_under.as_ref()
    }

    /// How many items it has, of a child of a Map Run.
    pub(crate) fn items(&self) -> Option<u32> {
        let rare = self.rare.as_ref()?;
        rare.listed_under.is_some().then_some(rare.items)
    }

    pub(crate) fn arn(&self) -> Text {
        format!("{}{}", self.family.arn_prefix, self.name).into()
    }

    pub(crate) fn is(&self, arn: &str) -> bool {
        arn.strip_prefix(&*self.family.arn_prefix) == Some(&self.name)
    }

    /// When it ended, if it has.
    pub(crate) fn closed_at(&self) -> Option<Timestamp> {
        (self.status != Status::Running).then_some(self.stopped_at)
    }

    /// Its start; where that is not at hand, with an empty object for the input and no trace header.
    pub(crate) fn start(&self) -> Arc<Start> {
        if let Some(hot) = &self.hot {
            return hot.start.clone();
        }
        let family = &*self.family;
        Arc::new(Start {
            arn: self.arn(),
            name: self.name.clone(),
            state_machine_arn: family.machine_arn.clone(),
            state_machine_name: family.machine_name.clone(),
            machine_type: MachineType::Standard,
            revision: family.revision,
            version_arn: family.version_arn.clone(),
            alias_arn: family.alias_arn.clone(),
            test_case: None,
            role_arn: family.role_arn.clone(),
            region: family.region.clone(),
            input: Document::from_valid_text("{}"),
            trace_header: None,
            parent: None,
            child_of: None,
            started_at: self.started_at,
        })
    }
}

impl Rare {
    pub(super) fn of_child(child: &ChildOf) -> Rare {
        Rare { redriven: None, listed_under: Some(child.map_run_arn.clone()), items: child.items }
    }

    pub(super) fn of_map_run(start: &MapRunStart) -> Rare {
        Rare { redriven: None, listed_under: Some(start.execution_arn.clone()), items: 0 }
    }
}

impl Family {
    pub(super) fn of(start: &Start) -> Family {
        Family {
            is_of_map_runs: false,
            machine_arn: start.state_machine_arn.clone(),
            machine_name: start.state_machine_name.clone(),
            arn_prefix: prefix(&start.arn, &start.name).into(),
            revision: start.revision,
            version_arn: start.version_arn.clone(),
            alias_arn: start.alias_arn.clone(),
            role_arn: start.role_arn.clone(),
            region: start.region.clone(),
        }
    }

    pub(super) fn of_map_run(start: &MapRunStart) -> Family {
        let arn_prefix = prefix(&start.arn, &start.name);
        Family {
            is_of_map_runs: true,
            machine_arn: arn_prefix.trim_end_matches(':').into(),
            machine_name: start.child_machine_name.clone(),
            arn_prefix: arn_prefix.into(),
            revision: start.revision,
            version_arn: None,
            alias_arn: None,
            role_arn: start.role_arn.clone(),
            region: start.region.clone(),
        }
    }

    /// The version and the alias that began them, if any did.
    pub(super) fn qualified(&self) -> impl Iterator<Item = &Text> {
        self.version_arn.iter().chain(&self.alias_arn)
    }

    pub(super) fn fits(&self, start: &Start) -> bool {
        !self.is_of_map_runs
            && self.arn_prefix == prefix(&start.arn, &start.name)
            && self.machine_arn == start.state_machine_arn
            && self.machine_name == start.state_machine_name
            && self.version_arn == start.version_arn
            && self.alias_arn == start.alias_arn
            && self.role_arn == start.role_arn
            && self.region == start.region
    }
}

fn prefix<'a>(arn: &'a str, name: &str) -> &'a str {
    arn.strip_suffix(name).expect("the ARN of an execution or a Map Run ends with its name")
}

/// How many bytes of records an execution has in which segments. Most have all in one.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::box_collection, reason = "16 bytes rather than 24 or 32, in every entry")]
pub(crate) enum Extent {
    One { segment: u32, bytes: u32 },
    Many(Box<Vec<(u32, u32)>>),
}

impl Extent {
    pub(crate) fn new(segment: u32, bytes: u32) -> Extent {
        Extent::One { segment, bytes }
    }

    /// Of at least one part.
    pub(crate) fn from_parts(parts: Vec<(u32, u32)>) -> Extent {
        match parts[..] {
            [(segment, bytes)] => Extent::One { segment, bytes },
            _ => Extent::Many(Box::new(parts)),
        }
    }

    pub(crate) fn add(&mut self, to: u32, more: u32) {
        match self {
            Extent::One { segment, bytes } if *segment == to => *bytes += more,
            Extent::One { segment, bytes } => {
                *self = Extent::Many(Box::new(vec![(*segment, *bytes), (to, more)]))
            }
            Extent::Many(parts) => match parts.last_mut() {
                Some((segment, bytes)) if *segment == to => *bytes += more,
                _ => parts.push((to, more)),
            },
        }
    }

    pub(crate) fn parts(&self) -> impl Iterator<Item = (u32, u32)> {
        let (one, many) = match self {
            Extent::One { segment, bytes } => (Some((*segment, *bytes)), &[][..]),
            Extent::Many(parts) => (None, &parts[..]),
        };
        one.into_iter().chain(many.iter().copied())
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.parts().map(|(_, bytes)| u64::from(bytes)).sum()
    }
}
