//! StartMessageMoveTask, CancelMessageMoveTask and ListMessageMoveTasks.

use std::sync::Arc;

use json::{Object, Value};

use crate::sqs::fault::{invalid_parameter, invalid_value};
use crate::sqs::input::Input;
use crate::sqs::move_task::{self, MoveTask, Status};
use crate::sqs::queues::Queues;
use crate::{Call, Fault};

/// StartMessageMoveTask.
pub(crate) async fn start_message_move_task(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    let input = Input(call.input);
    let source_arn = input.required("SourceArn")?;
    let destination_arn = input.text("DestinationArn").filter(|arn| !arn.is_empty());
    let per_second = input.number("MaxNumberOfMessagesPerSecond");
    if let Some(rate) = per_second.filter(|rate| !(1..=500).contains(rate)) {
        let reason = "You must enter a value between 1 and 500.";
        return Err(invalid_value(&rate.to_string(), "MaxNumberOfMessagesPerSecond", reason));
    }
    let task = {
        let state = queues.state();
        let not_there = |name: &str| {
            let message = format!("The resource that you specified for the {name} parameter doesn't exist.");
            Fault::new("ResourceNotFoundException", message).with_status(404)
        };
        let source = state.by_arn(source_arn).ok_or_else(|| not_there("SourceArn"))?;
        let destination =
            destination_arn.map(|arn| state.by_arn(arn).ok_or_else(|| not_there("DestinationArn")));
        let destination = destination.transpose()?;
        let is_source_of = |redrive: &crate::sqs::redrive::RedrivePolicy| redrive.target_arn == source_arn;
        if !state.queues.values().any(|kept| kept.redrive.as_ref().is_some_and(is_source_of)) {
            return Err(invalid_parameter("Source queue must be configured as a Dead Letter Queue."));
        }
        let is_running = |task: &MoveTask| task.status == Status::Running && task.source_arn == source_arn;
        if state.move_tasks.values().any(is_running) {
            let message = "There is already a task running. Only one active task is allowed for a source queue arn at a \
                           given time.";
            return Err(Fault::new("UnsupportedOperation", message));
        }
        let source = &state.queues[&source];
        if let Some(destination) = destination {
            let destination = &state.queues[&destination].record;
            if destination.arn == source.record.arn {
                return Err(invalid_parameter("Source queue and destination queue can't be the same."));
            }
            if destination.attributes.is_fifo() != source.record.attributes.is_fifo() {
                return Err(invalid_parameter(
                    "Source queue and destination queue must be of the same type.",
                ));
            }
        }
        let (visible, _, _) = source.queue.counts();
        MoveTask {
            source_arn: source_arn.into(),
            destination_arn: destination_arn.map(Into::into),
            per_second,
            status: Status::Running,
            moved: 0,
            to_move: visible as u64,
            started: queues.clock.now(),
            last: state.numbers.last(),
            failure: None,
        }
    };
    let number = queues.start_moving(task).await?;
    Ok(json::value!({ "TaskHandle": (move_task::handle(number, source_arn)) }))
}

/// CancelMessageMoveTask.
pub(crate) async fn cancel_message_move_task(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    let handle = Input(call.input).required("TaskHandle")?;
    let (number, source) = move_task::read_handle(handle)
        .ok_or_else(|| invalid_parameter("Value for parameter TaskHandle is invalid."))?;
    let moved = queues.cancel_moving(number, &source).await?;
    Ok(json::value!({ "ApproximateNumberOfMessagesMoved": moved }))
}

/// ListMessageMoveTasks: the newest first.
pub(crate) fn list_message_move_tasks(queues: &Queues, call: &Call<'_>) -> Result<Value, Fault> {
    let input = Input(call.input);
    let source_arn = input.required("SourceArn")?;
    let max = input.number("MaxResults").unwrap_or(1);
    if !(1..=10).contains(&max) {
        let reason = "Value must be between 1 and 10.";
        return Err(invalid_value(&max.to_string(), "MaxResults", reason));
    }
    let state = queues.state();
    if state.by_arn(source_arn).is_none() {
        let message = "The resource that you specified for the SourceArn parameter doesn't exist.";
        return Err(Fault::new("ResourceNotFoundException", message).with_status(404));
    }
    let tasks = state.move_tasks.iter().rev().filter(|(_, task)| task.source_arn == source_arn);
    let shown: Vec<_> = tasks.take(max as usize).map(|(&number, task)| show(number, task)).collect();
    Ok(json::value!({ "Results": shown }))
}

fn show(number: u64, task: &MoveTask) -> Value {
    let mut shown = Object::new();
    if task.status == Status::Running {
        shown.insert("TaskHandle", move_task::handle(number, &task.source_arn));
    }
    shown.insert("Status", task.status.name());
    shown.insert("SourceArn", &task.source_arn);
    if let Some(arn) = &task.destination_arn {
        shown.insert("DestinationArn", arn);
    }
    if let Some(rate) = task.per_second {
        shown.insert("MaxNumberOfMessagesPerSecond", rate);
    }
    shown.insert("ApproximateNumberOfMessagesMoved", task.moved);
    shown.insert("ApproximateNumberOfMessagesToMove", task.to_move);
    if let Some(reason) = &task.failure {
        shown.insert("FailureReason", reason);
    }
    shown.insert("StartedTimestamp", task.started);
    Value::Object(shown)
}
