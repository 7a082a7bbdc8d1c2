//! What a Map Run is begun with, and what its children are called.

use asl::machine::Distributed;
use asl::{ContainerId, StateId, Timestamp};
use json::Text;

use crate::frame::FrameId;
use crate::map_run::MapRunSettings;
use crate::random::siphash;

/// What the Map state settled as it was entered; it never changes.
#[derive(Clone, Debug, PartialEq)]
pub struct MapRunStart {
    /// `arn:aws:states:…:mapRun:machine/label:uuid`
    pub arn: Text,
    /// The last part of the ARN.
    pub name: Text,
    /// The execution whose Map state began it.
    pub execution_arn: Text,
    /// The frame of that execution that waits for it.
    pub frame: FrameId,
    /// The Map state.
    pub state: StateId,
    /// The part of the machine that children run.
    pub processor: ContainerId,
    /// Whether the children are EXPRESS executions.
    pub express: bool,
    /// Which revision of the machine parent and children run (the store's number).
    pub revision: u64,
    /// The machine's name with the label: `machine/label`.
    pub child_machine_name: Text,
    /// `arn:aws:states:…:stateMachine:machine/label`
    pub child_machine_arn: Text,
    /// The machine's role.
    pub role_arn: Text,
    /// The region that we answer as.
    pub region: Text,
    /// What the names of the children follow from.
    pub seed: u128,
    /// The number of items, where it is known as it begins.
    pub items: Option<u64>,
    /// As the Map state has them; UpdateMapRun changes those of the [`MapRun`](crate::map_run::MapRun).
    pub settings: MapRunSettings,
    /// Whether the results are exported.
    pub exports: bool,
    /// When it began.
    pub started_at: Timestamp,
}

/// What makes an execution the child of a Map Run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildOf {
    /// The Map Run.
    pub map_run_arn: Text,
    /// Which of its children: 0, 1, 2 … in the order of the items.
    pub child: u32,
    /// How many items it has.
    pub items: u32,
    /// The part of the machine that it runs.
    pub processor: ContainerId,
}

impl MapRunStart {
    /// The name of a child. It follows from the number, so that a child which is begun twice is found.
    pub fn child_name(&self, child: u32) -> Text {
        aws_names::uuid_v4(self.child_bits(child)).into()
    }

    /// The ARN of a child. Behind the name of an EXPRESS one stands the name of the Map Run, which leads to it.
    pub fn child_arn(&self, child: u32) -> Text {
        let (before, _) = self.arn.split_once(":mapRun:").unwrap_or_default();
        let (machine, name) = (&self.child_machine_name, self.child_name(child));
        match self.express {
            false => format!("{before}:execution:{machine}:{name}").into(),
            true => format!("{before}:express:{machine}:{name}:{}", self.name).into(),
        }
    }

    /// Which child has this name, if one of the first `children` has.
    pub fn child_of_name(&self, name: &str, children: u32) -> Option<u32> {
        let first = u32::from_str_radix(name.get(..8)?, 16).ok()?;
        let child = first ^ self.mask();
        (child < children && *self.child_name(child) == *name).then_some(child)
    }

    /// The first 32 bits say which child it is to whoever knows the seed; the others are its own.
    fn child_bits(&self, child: u32) -> u128 {
        let half = |half: u8| {
            let mut message = [half; 5];
            message[..4].copy_from_slice(&child.to_le_bytes());
            u128::from(siphash(self.seed, &message))
        };
        let own = (half(0) << 64 | half(1)) & (u128::MAX >> 32);
        u128::from(child ^ self.mask()) << 96 | own
    }

    fn mask(&self) -> u32 {
        siphash(self.seed, b"mask") as u32
    }
}

/// The label of a distributed Map state. For one that has none AWS makes one up, which is unique in the machine
/// and the same for all its executions. `machine_arn` is that of the machine around the state, which has a label
/// itself where the state is in the processor of another one.
pub fn label(machine_arn: &str, state: &str, distributed: &Distributed) -> Text {
    if let Some(label) = &distributed.label {
        return label.clone();
    }
    let half = |half: u128| u128::from(siphash(half, format!("{machine_arn}\n{state}").as_bytes()));
    aws_names::uuid_v4(half(1) << 64 | half(2)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(express: bool) -> MapRunStart {
        MapRunStart {
            arn: "arn:aws:states:us-east-1:123456789012:mapRun:m/L:11111111-2222-4333-8444-555555555555"
                .into(),
            name: "11111111-2222-4333-8444-555555555555".into(),
            execution_arn: "e".into(),
            frame: FrameId::TOP,
            state: StateId(0),
            processor: ContainerId(1),
            express,
            revision: 1,
            child_machine_name: "m/L".into(),
            child_machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:m/L".into(),
            role_arn: "role".into(),
            region: "us-east-1".into(),
            seed: 77,
            items: None,
            settings: MapRunSettings::default(),
            exports: false,
            started_at: Timestamp(0),
        }
    }

    #[test]
    fn a_child_is_found_by_its_name() {
        let start = start(false);
        for child in [0, 1, 2, 9_999, 4_000_000] {
            let name = start.child_name(child);
            assert_eq!(start.child_of_name(&name, child + 1), Some(child));
            assert_eq!(start.child_of_name(&name, child), None, "it was not begun");
        }
        let (one, two) = (start.child_name(1), start.child_name(2));
        let mixed = format!("{}{}", &one[..8], &two[8..]);
        assert_eq!(start.child_of_name(&mixed, 10), None);
        assert_eq!(start.child_of_name("", 10), None);
        assert_eq!(start.child_of_name("é-not-a-name-at-all", 10), None);
    }

    #[test]
    fn arns_of_children_have_the_label() {
        let (standard, express) = (start(false), start(true));
        let name = standard.child_name(3);
        let before = "arn:aws:states:us-east-1:123456789012";
        assert_eq!(*standard.child_arn(3), format!("{before}:execution:m/L:{name}"));
        assert_eq!(*express.child_arn(3), format!("{before}:express:m/L:{name}:{}", express.name));
    }
}
