//! `GET /v1/state-machines`: state machines with how many executions they have, by status.

use engine::Engine;
use store::{Counts, Machine, MachineStatus};

use super::query::Query;
use crate::actions::describe_state_machine::type_name;
use crate::answer::{self, ObjectWriter};
use crate::error::ApiError;
use crate::page;

const QUESTION: [&str; 1] = ["StateMachinesWithCounts"];
/// As ListStateMachines has it.
const LIMIT_MAX: u64 = 1_000;

/// A page of them, by name; or the one that `stateMachineArn` names.
pub(super) fn answer(engine: &Engine, query: Option<&str>) -> Result<String, ApiError> {
    let query = Query::read(query, &["stateMachineArn", "maxResults", "nextToken"])?;
    let store = engine.store();
    if let Some(arn) = query.text("stateMachineArn") {
        let machines = store.machine(arn);
        return Ok(answer::object(|answer| {
            answer.objects("stateMachines", machines, |item, machine| {
                write(item, &machine, store.counts(&machine.arn));
            });
        }));
    }
    let limit = query.number("maxResults", LIMIT_MAX)?.unwrap_or(LIMIT_MAX) as usize;
    let after = query.text("nextToken").map(|token| page::place(&QUESTION, token)).transpose()?;
    let machines = store.machines(after.as_deref(), limit + 1);
    let shown = &machines[..limit.min(machines.len())];
    Ok(answer::object(|answer| {
        answer.objects("stateMachines", shown, |item, machine| {
            write(item, machine, store.counts(&machine.arn))
        });
        if let Some(last) = shown.last().filter(|_| shown.len() < machines.len()) {
            answer.text("nextToken", &page::token(&QUESTION, &last.name));
        }
    }))
}

fn write(item: &mut ObjectWriter<'_>, machine: &Machine, counts: Counts) {
    item.text("stateMachineArn", &machine.arn);
    item.text("name", &machine.name);
    item.text("type", type_name(machine.machine_type));
    item.text(
        "status",
        match machine.status {
            MachineStatus::Active => "ACTIVE",
            MachineStatus::Deleting => "DELETING",
        },
    );
    item.time("creationDate", machine.created_at);
    item.time("updateDate", machine.current.updated_at);
    item.object("executions", |executions| {
        let Counts { running, succeeded, failed, timed_out, aborted } = counts;
        let counts = [
            ("RUNNING", running),
            ("SUCCEEDED", succeeded),
            ("FAILED", failed),
            ("TIMED_OUT", timed_out),
            ("ABORTED", aborted),
        ];
        counts.into_iter().for_each(|(status, count)| executions.number(status, count));
    });
}
