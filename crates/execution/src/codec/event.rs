//! History events in records. The numbers of the kinds are a promise: never give one to another.

use json::Text;

use crate::codec::bytes::{Input, Output};
use crate::codec::{Malformed, read_failure, write_failure};
use crate::event::{Event, EventKind, StateType};

const STATE_TYPES: [StateType; 8] = [
    StateType::Choice,
    StateType::Fail,
    StateType::Map,
    StateType::Parallel,
    StateType::Pass,
    StateType::Succeed,
    StateType::Task,
    StateType::Wait,
];

pub(super) fn write(out: &mut Output<'_>, event: &Event) {
    out.number(event.id.wrapping_sub(out.event));
    out.event = event.id;
    out.number(event.id.wrapping_sub(event.previous));
    out.time(event.timestamp);
    write_kind(out, &event.kind);
}

pub(super) fn read(input: &mut Input<'_>) -> Result<Event, Malformed> {
    let id = input.event.wrapping_add(input.number()?);
    input.event = id;
    let previous = id.wrapping_sub(input.number()?);
    Ok(Event { id, previous, timestamp: input.time()?, kind: read_kind(input)? })
}

fn write_kind(out: &mut Output<'_>, kind: &EventKind) {
    match kind {
        EventKind::ExecutionStarted { input, role_arn, version_arn, alias_arn } => {
            out.byte(0);
            out.document(input);
            out.text(role_arn);
            write_optional_text(out, version_arn);
            write_optional_text(out, alias_arn);
        }
        EventKind::ExecutionSucceeded { output } => {
            out.byte(1);
            out.document(output);
        }
        EventKind::ExecutionFailed { failure } => {
            out.byte(2);
            write_failure(out, failure);
        }
        EventKind::ExecutionAborted { failure } => {
            out.byte(3);
            write_failure(out, failure);
        }
        EventKind::ExecutionTimedOut { failure } => {
            out.byte(4);
            write_failure(out, failure);
        }
        EventKind::StateEntered { state_type, name, input } => {
            out.byte(5);
            out.byte(*state_type as u8);
            out.text(name);
            out.document(input);
        }
        EventKind::StateExited { state_type, name, output, assigned } => {
            out.byte(6);
            out.byte(*state_type as u8);
            out.text(name);
            out.document(output);
            out.list(assigned, |out, (name, value)| {
                out.text(name);
                out.document(value);
            });
        }
        EventKind::StateAborted { state_type } => {
            out.byte(7);
            out.byte(*state_type as u8);
        }
        EventKind::ParallelStateStarted => out.byte(8),
        EventKind::ParallelStateSucceeded => out.byte(9),
        EventKind::ParallelStateFailed => out.byte(10),
        EventKind::MapStateStarted { length } => {
            out.byte(11);
            out.number(*length);
        }
        EventKind::MapStateSucceeded => out.byte(12),
        EventKind::MapStateFailed => out.byte(13),
        EventKind::MapIterationStarted { name, index } => {
            out.byte(14);
            out.text(name);
            out.number(*index);
        }
        EventKind::MapIterationSucceeded { name, index } => {
            out.byte(15);
            out.text(name);
            out.number(*index);
        }
        EventKind::MapIterationFailed { name, index } => {
            out.byte(16);
            out.text(name);
            out.number(*index);
        }
        EventKind::MapIterationAborted { name, index } => {
            out.byte(17);
            out.text(name);
            out.number(*index);
        }
        EventKind::LambdaFunctionScheduled { resource, input, timeout_seconds, role_arn } => {
            out.byte(18);
            out.text(resource);
            out.document(input);
            out.optional(*timeout_seconds, |out, number| out.number(number));
            write_optional_text(out, role_arn);
        }
        EventKind::LambdaFunctionStarted => out.byte(19),
        EventKind::LambdaFunctionSucceeded { output } => {
            out.byte(20);
            out.document(output);
        }
        EventKind::LambdaFunctionFailed { failure } => {
            out.byte(21);
            write_failure(out, failure);
        }
        EventKind::LambdaFunctionTimedOut { failure } => {
            out.byte(22);
            write_failure(out, failure);
        }
        EventKind::ActivityScheduled { resource, input, timeout_seconds, heartbeat_seconds } => {
            out.byte(23);
            out.text(resource);
            out.document(input);
            out.optional(*timeout_seconds, |out, number| out.number(number));
            out.optional(*heartbeat_seconds, |out, number| out.number(number));
        }
        EventKind::ActivityStarted { worker_name } => {
            out.byte(24);
            write_optional_text(out, worker_name);
        }
        EventKind::ActivitySucceeded { output } => {
            out.byte(25);
            out.document(output);
        }
        EventKind::ActivityFailed { failure } => {
            out.byte(26);
            write_failure(out, failure);
        }
        EventKind::ActivityTimedOut { failure } => {
            out.byte(27);
            write_failure(out, failure);
        }
        EventKind::TaskScheduled {
            resource_type,
            resource,
            region,
            parameters,
            timeout_seconds,
            heartbeat_seconds,
            role_arn,
        } => {
            out.byte(28);
            out.text(resource_type);
            out.text(resource);
            out.text(region);
            out.document(parameters);
            out.optional(*timeout_seconds, |out, number| out.number(number));
            out.optional(*heartbeat_seconds, |out, number| out.number(number));
            write_optional_text(out, role_arn);
        }
        EventKind::TaskStarted { resource_type, resource } => {
            out.byte(29);
            out.text(resource_type);
            out.text(resource);
        }
        EventKind::TaskSubmitted { resource_type, resource, output } => {
            out.byte(30);
            out.text(resource_type);
            out.text(resource);
            out.document(output);
        }
        EventKind::TaskSucceeded { resource_type, resource, output } => {
            out.byte(31);
            out.text(resource_type);
            out.text(resource);
            out.document(output);
        }
        EventKind::TaskFailed { resource_type, resource, failure } => {
            out.byte(32);
            out.text(resource_type);
            out.text(resource);
            write_failure(out, failure);
        }
        EventKind::TaskTimedOut { resource_type, resource, failure } => {
            out.byte(33);
            out.text(resource_type);
            out.text(resource);
            write_failure(out, failure);
        }
        EventKind::EvaluationFailed { failure, location, state } => {
            out.byte(34);
            write_failure(out, failure);
            write_optional_text(out, location);
            out.text(state);
        }
        EventKind::ExecutionRedriven { redrive_count, client_token } => {
            out.byte(35);
            out.number(*redrive_count);
            write_optional_text(out, client_token);
        }
        EventKind::MapRunStarted { map_run_arn } => {
            out.byte(36);
            out.text(map_run_arn);
        }
        EventKind::MapRunSucceeded => out.byte(37),
        EventKind::MapRunFailed { failure } => {
            out.byte(38);
            write_failure(out, failure);
        }
        EventKind::MapRunAborted => out.byte(39),
        EventKind::MapRunRedriven { map_run_arn, redrive_count } => {
            out.byte(40);
            out.text(map_run_arn);
            out.number(*redrive_count);
        }
    }
}

fn read_kind(input: &mut Input<'_>) -> Result<EventKind, Malformed> {
    Ok(match input.byte()? {
        0 => EventKind::ExecutionStarted {
            input: input.document()?,
            role_arn: input.text()?,
            version_arn: input.optional(Input::text)?,
            alias_arn: input.optional(Input::text)?,
        },
        1 => EventKind::ExecutionSucceeded { output: input.document()? },
        2 => EventKind::ExecutionFailed { failure: read_failure(input)? },
        3 => EventKind::ExecutionAborted { failure: read_failure(input)? },
        4 => EventKind::ExecutionTimedOut { failure: read_failure(input)? },
        5 => EventKind::StateEntered {
            state_type: input.one_of(&STATE_TYPES)?,
            name: input.text()?,
            input: input.document()?,
        },
        6 => EventKind::StateExited {
            state_type: input.one_of(&STATE_TYPES)?,
            name: input.text()?,
            output: input.document()?,
            assigned: input.list(|input| Ok((input.text()?, input.document()?)))?,
        },
        7 => EventKind::StateAborted { state_type: input.one_of(&STATE_TYPES)? },
        8 => EventKind::ParallelStateStarted,
        9 => EventKind::ParallelStateSucceeded,
        10 => EventKind::ParallelStateFailed,
        11 => EventKind::MapStateStarted { length: input.number()? },
        12 => EventKind::MapStateSucceeded,
        13 => EventKind::MapStateFailed,
        14 => EventKind::MapIterationStarted { name: input.text()?, index: input.number()? },
        15 => EventKind::MapIterationSucceeded { name: input.text()?, index: input.number()? },
        16 => EventKind::MapIterationFailed { name: input.text()?, index: input.number()? },
        17 => EventKind::MapIterationAborted { name: input.text()?, index: input.number()? },
        18 => EventKind::LambdaFunctionScheduled {
            resource: input.text()?,
            input: input.document()?,
            timeout_seconds: input.optional(Input::number)?,
            role_arn: input.optional(Input::text)?,
        },
        19 => EventKind::LambdaFunctionStarted,
        20 => EventKind::LambdaFunctionSucceeded { output: input.document()? },
        21 => EventKind::LambdaFunctionFailed { failure: read_failure(input)? },
        22 => EventKind::LambdaFunctionTimedOut { failure: read_failure(input)? },
        23 => EventKind::ActivityScheduled {
            resource: input.text()?,
            input: input.document()?,
            timeout_seconds: input.optional(Input::number)?,
            heartbeat_seconds: input.optional(Input::number)?,
        },
        24 => EventKind::ActivityStarted { worker_name: input.optional(Input::text)? },
        25 => EventKind::ActivitySucceeded { output: input.document()? },
        26 => EventKind::ActivityFailed { failure: read_failure(input)? },
        27 => EventKind::ActivityTimedOut { failure: read_failure(input)? },
        28 => EventKind::TaskScheduled {
            resource_type: input.text()?,
            resource: input.text()?,
            region: input.text()?,
            parameters: input.document()?,
            timeout_seconds: input.optional(Input::number)?,
            heartbeat_seconds: input.optional(Input::number)?,
            role_arn: input.optional(Input::text)?,
        },
        29 => EventKind::TaskStarted { resource_type: input.text()?, resource: input.text()? },
        30 => EventKind::TaskSubmitted {
            resource_type: input.text()?,
            resource: input.text()?,
            output: input.document()?,
        },
        31 => EventKind::TaskSucceeded {
            resource_type: input.text()?,
            resource: input.text()?,
            output: input.document()?,
        },
        32 => EventKind::TaskFailed {
            resource_type: input.text()?,
            resource: input.text()?,
            failure: read_failure(input)?,
        },
        33 => EventKind::TaskTimedOut {
            resource_type: input.text()?,
            resource: input.text()?,
            failure: read_failure(input)?,
        },
        34 => EventKind::EvaluationFailed {
            failure: read_failure(input)?,
            location: input.optional(Input::text)?,
            state: input.text()?,
        },
        35 => EventKind::ExecutionRedriven {
            redrive_count: input.number()?,
            client_token: input.optional(Input::text)?,
        },
        36 => EventKind::MapRunStarted { map_run_arn: input.text()? },
        37 => EventKind::MapRunSucceeded,
        38 => EventKind::MapRunFailed { failure: read_failure(input)? },
        39 => EventKind::MapRunAborted,
        40 => EventKind::MapRunRedriven { map_run_arn: input.text()?, redrive_count: input.number()? },
        _ => return Err(Malformed),
    })
}

fn write_optional_text(out: &mut Output<'_>, text: &Option<Text>) {
    out.optional(text.as_ref(), |out, text| out.text(text));
}
