//! A write becomes the write of the next version, if the item still has the one that is known.

use json::{Object, Value};

use super::update_expression::UpdateExpression;
use super::{CHANGED, DELETED, OWN, TTL, VERSION};
use crate::sources::dynamodb::Versions;
use crate::sources::dynamodb::condition::Condition;
use crate::sources::dynamodb::expressions::Placeholders;
use crate::sources::dynamodb::values::of_number;
use crate::sources::dynamodb::write::{Action, Update, Write};

/// Placeholders of ours, which users have no reason to use.
const PREFIX: &str = "appsync";

/// The same write, as it is carried out.
pub(super) fn stamped(write: &Write, known: i64, versions: &Versions, now: i64) -> Write {
    let next = [(VERSION, of_number(known + 1)), (CHANGED, of_number(now))];
    let action = match &write.action {
        Action::Put(item) => {
            let mut item = without_own(item);
            for (name, value) in next {
                item.insert(name, value);
            }
            Action::Put(item)
        }
        Action::Update(update) => Action::Update(stamped_update(update, &next, &[DELETED, TTL])),
        Action::Delete if versions.base_minutes == 0 => Action::Delete,
        Action::Delete => {
            let forgotten = now.div_euclid(1000) + versions.base_minutes * 60;
            let [version, changed] = next;
            let set =
                [version, changed, (DELETED, json::value!({"BOOL": true})), (TTL, of_number(forgotten))];
            Action::Update(stamped_update(&Update::default(), &set, &[]))
        }
    };
    let condition = Some(condition(write.condition.as_ref(), known));
    Write { action, condition, ..write.clone() }
}

/// A deleted item, as it is shown and remembered though it is gone.
pub(super) fn tombstone(mut item: Object, known: i64, now: i64) -> Object {
    item.insert(VERSION, of_number(known + 1));
    item.insert(CHANGED, of_number(now));
    item.insert(DELETED, json::value!({"BOOL": true}));
    item
}

/// An item without what the data source itself writes.
pub(super) fn without_own(item: &Object) -> Object {
    let of_user = item.iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
    of_user.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// With more to set and to remove. An expression that is none stays, and DynamoDB says what is wrong with it.
fn stamped_update(update: &Update, set: &[(&str, Value)], remove: &[&str]) -> Update {
    let Some(mut expression) = UpdateExpression::parse(&update.expression) else { return update.clone() };
    let mut placeholders = update.placeholders.clone();
    for (name, value) in set {
        let (place, new) = (format!("#{PREFIX}{name}"), format!(":{PREFIX}{name}"));
        placeholders.names.insert(place.clone(), *name);
        placeholders.values.insert(new.clone(), value.clone());
        expression.set.push((place, new));
    }
    for name in remove {
        let place = format!("#{PREFIX}{name}");
        placeholders.names.insert(place.clone(), *name);
        expression.remove.push(place);
    }
    Update { expression: expression.text(), placeholders }
}

/// The user's condition, and that the version is the one that is known.
fn condition(given: Option<&Condition>, known: i64) -> Condition {
    let mut placeholders = Placeholders::default();
    let name = format!("#{PREFIX}{VERSION}");
    placeholders.names.insert(name.clone(), VERSION);
    let expression = match known {
        0 => format!("attribute_not_exists({name})"),
        known => {
            let value = format!(":{PREFIX}_known");
            placeholders.values.insert(value.clone(), of_number(known));
            format!("{name} = {value}")
        }
    };
    match given {
        None => Condition::new(expression, placeholders),
        Some(given) => given.and(&expression, &placeholders),
    }
}
