//! The actions of EventBridge's API, by what they are about. Those on connections are `http-api`'s.

mod api_destinations;
mod archives;
mod buses;
mod elsewhere;
mod permissions;
mod put_events;
mod replays;
mod rules;
mod tags;
mod targets;
mod test_event_pattern;

use json::{Object, Text, Value};
use ledger::Batch;

use super::Asked;
use super::members::{Members, seconds};
use super::state::State;
use crate::Fault;

/// An action that only looks.
type Look = fn(&Asked, &State) -> Result<Value, Fault>;

/// An action that changes something: the state, and the batch that makes it durable.
type Change = fn(&Asked, &mut State, &mut Batch) -> Result<Value, Fault>;

enum Action {
    Look(Look),
    Change(Change),
}

fn action(operation: &str) -> Option<Action> {
    use Action::{Change, Look};
    Some(match operation {
        "CancelReplay" => Change(replays::cancel),
        "CreateApiDestination" => Change(api_destinations::create),
        "CreateArchive" => Change(archives::create),
        "CreateEventBus" => Change(buses::create),
        "DeleteApiDestination" => Change(api_destinations::delete),
        "DeleteArchive" => Change(archives::delete),
        "DeleteEventBus" => Change(buses::delete),
        "DeleteRule" => Change(rules::delete),
        "DescribeApiDestination" => Look(api_destinations::describe),
        "DescribeArchive" => Look(archives::describe),
        "DescribeEventBus" => Look(buses::describe),
        "DescribeReplay" => Look(replays::describe),
        "DescribeRule" => Look(rules::describe),
        "DisableRule" => Change(rules::disable),
        "EnableRule" => Change(rules::enable),
        "ListApiDestinations" => Look(api_destinations::list),
        "ListArchives" => Look(archives::list),
        "ListEventBuses" => Look(buses::list),
        "ListReplays" => Look(replays::list),
        "ListRuleNamesByTarget" => Look(rules::list_names_by_target),
        "ListRules" => Look(rules::list),
        "ListTagsForResource" => Look(tags::list),
        "ListTargetsByRule" => Look(targets::list),
        "PutPermission" => Change(permissions::put),
        "PutRule" => Change(rules::put),
        "PutTargets" => Change(targets::put),
        "RemovePermission" => Change(permissions::remove),
        "RemoveTargets" => Change(targets::remove),
        "StartReplay" => Change(replays::start),
        "TagResource" => Change(tags::tag),
        "TestEventPattern" => Look(test_event_pattern::answer),
        "UntagResource" => Change(tags::untag),
        "UpdateApiDestination" => Change(api_destinations::update),
        "UpdateArchive" => Change(archives::update),
        "UpdateEventBus" => Change(buses::update),
        _ => return None,
    })
}

/// Answers one call. What it changes is durable when it answers, and is changed although the caller hangs up.
pub(super) async fn answer(operation: &str, asked: Asked) -> Result<Value, Fault> {
    if operation == "PutEvents" {
        return put_events::answer(&asked).await;
    }
    match action(operation) {
        Some(Action::Look(look)) => look(&asked, &asked.inner.state()),
        Some(Action::Change(change)) => {
            let runtime = asked.inner.runtime.clone();
            let changed = runtime
                .spawn(async move { asked.inner.change(|state, batch| change(&asked, state, batch)).await });
            changed.await.unwrap_or_else(|error| {
                tracing::error!(%error, "an action of EventBridge ended with a defect of Stepwell");
                Err(Fault::new("InternalException", "The server has a defect; its log says more.")
                    .with_status(500))
            })
        }
        None => elsewhere::answer(operation),
    }
}

impl Asked {
    fn members(&self) -> Members<'_> {
        Members(&self.input)
    }

    /// The bus that the request names, or the default one.
    fn bus(&self) -> Result<String, Fault> {
        super::names::bus_named(&self.inner.scope, self.members().text("EventBusName"))
    }
}

fn nothing() -> Result<Value, Fault> {
    Ok(Value::Object(Object::new()))
}

/// Members of a record, in this order; those that end with `Time` are times.
fn shown(record: &Object, names: &[&str]) -> Object {
    let of_record = names.iter().filter_map(|name| Some((*name, record.get(name)?)));
    let member = |(name, value): (&str, &Value)| {
        let time = value.as_i64().filter(|_| name.ends_with("Time"));
        (Text::from(name), time.map_or_else(|| value.clone(), seconds))
    };
    of_record.map(member).collect()
}

/// What this server cannot do with keys of KMS.
fn refuse_kms(members: Members<'_>) -> Result<(), Fault> {
    if members.text("KmsKeyIdentifier").is_none_or(str::is_empty) {
        return Ok(());
    }
    Err(super::members::validation(
        "This server encrypts nothing with keys of KMS: leave KmsKeyIdentifier out, and encrypt the disk of its data.",
    ))
}

/// AWS's sentence where a quota is met.
fn limit_exceeded() -> Fault {
    Fault::new("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
}
