//! The figures, a file for each group. Each group starts its own servers and leaves nothing behind.
//!
//! Never here: how a report looks.

mod batch;
mod calls;
mod curves;
mod events;
mod expiry;
mod express;
mod expressions;
mod fairness;
mod graphql;
mod machine;
mod machines;
mod map;
mod restate;
mod sqs;
mod standard;
mod tasks;
mod timers;
mod waiting;

use super::figure::Figure;
use super::plan::Plan;

/// A group of figures: what `--only` calls it, its title, and how it is measured. What was measured
/// before an error stays.
pub struct GroupOfFigures {
    pub name: &'static str,
    pub title: &'static str,
    pub measure: fn(&Plan, &mut Vec<Figure>) -> anyhow::Result<()>,
}

/// All of them, in the order of the report.
pub const GROUPS: [GroupOfFigures; 16] = [
    group("machine", "The machine, and the program at rest", machine::measure),
    group("standard", "STANDARD at speed", standard::measure),
    group("tasks", "STANDARD with tasks, beside Restate", tasks::measure),
    group("express", "EXPRESS at speed", express::measure),
    group("expressions", "Expressions, beside other implementations", expressions::measure),
    group("batch", "Batches", batch::measure),
    group("events", "Events", events::measure),
    group("map", "Distributed Map", map::measure),
    group("sqs", "Queues", sqs::measure),
    group("graphql", "GraphQL, beside async-graphql", graphql::measure),
    group("waiting", "Many, waiting", waiting::measure),
    group("calls", "Many calls, to a target that does not answer", calls::measure),
    group("timers", "Timers due at once", timers::measure),
    group("expiry", "Space given back", expiry::measure),
    group("curves", "What a transition costs as things grow", curves::measure),
    group("fairness", "Fairness", fairness::measure),
];

const fn group(
    name: &'static str,
    title: &'static str,
    measure: fn(&Plan, &mut Vec<Figure>) -> anyhow::Result<()>,
) -> GroupOfFigures {
    GroupOfFigures { name, title, measure }
}
