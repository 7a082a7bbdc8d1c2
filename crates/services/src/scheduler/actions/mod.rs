//! The actions of Scheduler's API.

mod groups;
mod schedules;
mod tags;

use json::{Object, Text, Value};

use super::Asked;
use crate::Fault;
use crate::eventbridge::members::{Members, seconds};

/// Answers one call. What it changes is durable when it answers.
pub(super) async fn answer(operation: &str, asked: &Asked) -> Result<Value, Fault> {
    match operation {
        "CreateSchedule" => schedules::create(asked).await,
        "CreateScheduleGroup" => groups::create(asked).await,
        "DeleteSchedule" => schedules::delete(asked).await,
        "DeleteScheduleGroup" => groups::delete(asked).await,
        "GetSchedule" => schedules::get(asked),
        "GetScheduleGroup" => groups::get(asked),
        "ListScheduleGroups" => groups::list(asked),
        "ListSchedules" => schedules::list(asked),
        "ListTagsForResource" => tags::list(asked),
        "TagResource" => tags::tag(asked).await,
        "UntagResource" => tags::untag(asked).await,
        "UpdateSchedule" => schedules::update(asked).await,
        operation => {
            let message = format!("Amazon EventBridge Scheduler has no operation {operation}.");
            Err(Fault::new("UnknownOperationException", message))
        }
    }
}

impl Asked {
    fn members(&self) -> Members<'_> {
        Members(&self.input)
    }
}

fn nothing() -> Result<Value, Fault> {
    Ok(Value::Object(Object::new()))
}

/// Members of a record, in this order; those that end with `Date` are times.
fn shown(record: &Object, names: &[&str]) -> Object {
    let of_record = names.iter().filter_map(|name| Some((*name, record.get(name)?)));
    let member = |(name, value): (&str, &Value)| {
        let time = value.as_i64().filter(|_| name.ends_with("Date"));
        (Text::from(name), time.map_or_else(|| value.clone(), seconds))
    };
    of_record.map(member).collect()
}
