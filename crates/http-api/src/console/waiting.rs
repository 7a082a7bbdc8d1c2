//! `GET /v1/waiting`: tasks that wait for a worker, or for whoever has their token.
//!
//! Read from the records of running executions: a page looks at so many and no more, so it may be short, or empty,
//! and not be the last.

use std::collections::BTreeMap;

use asl::{Kind, Resource, StateMachine};
use engine::Engine;
use execution::frame::{Frame, PendingTask, TaskStage, Waiting};
use execution::{Execution, TaskToken};
use integrations::resource::Pattern;
use json::Text;
use store::Running;

use super::query::Query;
use crate::answer::{self, ObjectWriter};
use crate::error::ApiError;
use crate::page;

const QUESTION: [&str; 1] = ["WaitingTasks"];
const LIMIT_MAX: u64 = 1_000;
const LIMIT_DEFAULT: u64 = 100;
/// Executions that are looked at for one page: of most machines none waits so, which is known without reading.
const LOOKED_AT_MAX: usize = 20_000;
/// Executions that are read for one page. Most are a few kilobytes from their last checkpoint on.
const READ_MAX: usize = 500;

/// A page of them: those of the newest executions first.
pub(super) fn answer(engine: &Engine, query: Option<&str>) -> Result<String, ApiError> {
    let asked = Asked::read(query)?;
    let (found, next) = find(engine, &asked)?;
    Ok(answer::object(|answer| {
        answer.objects("tasks", &found, write);
        if let Some(next) = next {
            answer.text("nextToken", &page::token(&QUESTION, &next.to_string()));
        }
    }))
}

struct Asked {
    machine_arn: Option<Text>,
    activity_arn: Option<Text>,
    limit: usize,
    after: Option<u64>,
}

impl Asked {
    fn read(query: Option<&str>) -> Result<Asked, ApiError> {
        let query = Query::read(query, &["stateMachineArn", "activityArn", "maxResults", "nextToken"])?;
        Ok(Asked {
            machine_arn: query.text("stateMachineArn").map(Into::into),
            activity_arn: query.text("activityArn").map(Into::into),
            limit: query.number("maxResults", LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT) as usize,
            after: query.text("nextToken").map(|token| page::number(&QUESTION, token)).transpose()?,
        })
    }

    fn wants(&self, resource: &Resource) -> bool {
        match (resource, &self.activity_arn) {
            (Resource::Activity { arn }, Some(wanted)) => arn == wanted,
            (Resource::Activity { .. }, None) => true,
            (Resource::Integration { pattern: Pattern::WaitForTaskToken, .. }, wanted) => wanted.is_none(),
            (Resource::Integration { .. } | Resource::Function { .. }, _) => false,
        }
    }
}

/// The tasks, whole executions of them, and where the next page begins.
fn find(engine: &Engine, asked: &Asked) -> Result<(Vec<Task>, Option<u64>), ApiError> {
    let store = engine.store();
    let mut rows = store.running(asked.machine_arn.as_deref(), asked.after, LOOKED_AT_MAX + 1);
    let mut next = None;
    if rows.len() > LOOKED_AT_MAX {
        rows.truncate(LOOKED_AT_MAX);
        next = rows.last().map(|row| row.place);
    }
    let mut found = Vec::new();
    let mut read = 0;
    // Those in which nobody can wait so are `None`.
    let mut machines = BTreeMap::new();
    for Running { arn, revision, place } in &rows {
        let look = || engine.compiled(*revision).filter(|machine| can_wait(machine, asked));
        let Some(machine) = machines.entry(*revision).or_insert_with(look) else { continue };
        let Some(execution) = store.read_running(arn)? else { continue };
        found.extend(tasks(&execution, machine, asked));
        read += 1;
        if found.len() >= asked.limit || read == READ_MAX {
            let is_last = rows.last().is_some_and(|last| last.place == *place);
            next = if is_last { next } else { Some(*place) };
            break;
        }
    }
    Ok((found, next))
}

/// Whether the machine has a Task at which an execution may wait so.
fn can_wait(machine: &StateMachine, asked: &Asked) -> bool {
    machine.states.iter().any(|state| match &state.kind {
        Kind::Task(task) => asked.wants(&task.resource),
        Kind::Pass { .. }
        | Kind::Wait(_)
        | Kind::Choice { .. }
        | Kind::Parallel { .. }
        | Kind::Map(_)
        | Kind::Succeed
        | Kind::Fail { .. } => false,
    })
}

/// A task that waits.
struct Task {
    execution_arn: Text,
    machine_arn: Text,
    name: Text,
    state: Text,
    resource: Resource,
    entered_at: asl::Timestamp,
    pending: PendingTask,
    /// `None` before a worker has taken it: nobody may answer it then.
    token: Option<String>,
}

fn tasks<'e>(
    execution: &'e Execution,
    machine: &'e StateMachine,
    asked: &'e Asked,
) -> impl Iterator<Item = Task> + 'e {
    execution.frames.values().filter_map(|frame| {
        let Waiting::Task(pending) = &frame.waiting else { return None };
        let state = machine.state(frame.state);
        let Kind::Task(task) = &state.kind else { return None };
        if !asked.wants(&task.resource) {
            return None;
        }
        Some(Task {
            execution_arn: execution.start.arn.clone(),
            machine_arn: execution.start.state_machine_arn.clone(),
            name: execution.start.name.clone(),
            state: state.name.clone(),
            resource: task.resource.clone(),
            entered_at: frame.entered_at,
            pending: (**pending).clone(),
            token: token(execution, frame, pending),
        })
    })
}

fn token(execution: &Execution, frame: &Frame, pending: &PendingTask) -> Option<String> {
    let &PendingTask { nonce, .. } = pending;
    let execution_arn = execution.start.arn.clone();
    let token = TaskToken { execution_arn, frame: frame.id, attempt: frame.attempt, nonce };
    execution.accepts(frame.id, frame.attempt, nonce).then(|| token.to_text())
}

fn write(item: &mut ObjectWriter<'_>, task: &Task) {
    item.text("executionArn", &task.execution_arn);
    item.text("stateMachineArn", &task.machine_arn);
    item.text("name", &task.name);
    item.text("state", &task.state);
    match &task.resource {
        Resource::Activity { arn } | Resource::Function { arn } => item.text("activityArn", arn),
        Resource::Integration { service, action, pattern } => {
            item.text("resource", &format!("arn:aws:states:::{service}:{action}{}", pattern.suffix()));
        }
    }
    item.text(
        "status",
        match task.pending.stage {
            TaskStage::Offered => "OFFERED",
            TaskStage::Called => "CALLED",
            TaskStage::Given | TaskStage::Submitted => "GIVEN",
        },
    );
    item.time("enteredDate", task.entered_at);
    let times = [("timeoutDate", task.pending.timeout_at), ("heartbeatDate", task.pending.heartbeat_at)];
    for (name, at) in times {
        if let Some(at) = at {
            item.time(name, at);
        }
    }
    item.optional_number("heartbeatSeconds", task.pending.heartbeat_seconds);
    item.optional_text("taskToken", task.token.as_deref());
}
