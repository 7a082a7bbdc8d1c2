//! Who may put events onto a bus: stored and shown, as a policy. Within one server nobody is kept out.

use json::{Array, Object, Value};
use ledger::Batch;

use super::super::members::{Members, validation};
use super::super::names::DEFAULT_BUS;
use super::super::state::{self, Kind, State};
use super::super::{Asked, names};
use super::nothing;
use crate::Fault;

/// AWS's bound. (The API reference of EventBridge, PutPermission)
const POLICY_BYTES_MAX: usize = 10_240;

pub(super) fn put(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let members = asked.members();
    let name = members.text("EventBusName").unwrap_or(DEFAULT_BUS);
    let bus = state.bus_mut(name)?;
    let policy = match members.text("Policy") {
        Some(text) => match Value::parse(text) {
            Ok(Value::Object(_)) => text.to_owned(),
            Ok(_) | Err(_) => {
                return Err(validation("Parameter Policy is not valid. Reason: it is no JSON object."));
            }
        },
        None => {
            let statement = statement(members, &names::bus(&asked.inner.scope, name))?;
            let id = statement.get("Sid").cloned();
            let mut statements = statements(&bus.record);
            statements.retain(|known| known.get("Sid") != id.as_ref());
            statements.push(statement);
            policy_of(statements)
        }
    };
    if policy.len() > POLICY_BYTES_MAX {
        return Err(Fault::new(
            "PolicyLengthExceededException",
            "The event bus policy is too long. For more information, see the limits.",
        ));
    }
    bus.record.insert("Policy", policy);
    state::put(batch, Kind::Bus, name, &bus.record);
    nothing()
}

fn statement(members: Members<'_>, bus_arn: &str) -> Result<Value, Fault> {
    let (Some(action), Some(principal), Some(id)) =
        (members.text("Action"), members.text("Principal"), members.text("StatementId"))
    else {
        return Err(validation(
            "Parameter(s) Action, Principal and StatementId, or Policy, must be specified.",
        ));
    };
    if action != "events:PutEvents" {
        return Err(validation("Provided value in parameter 'action' is not supported."));
    }
    let principal = match principal {
        "*" => Value::from("*"),
        account if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) => {
            json::value!({ "AWS": (format!("arn:aws:iam::{account}:root")) })
        }
        _ => return Err(validation("Provided value in parameter 'principal' is not valid.")),
    };
    let mut statement = Object::new();
    statement.insert("Sid", id);
    statement.insert("Effect", "Allow");
    statement.insert("Principal", principal);
    statement.insert("Action", action);
    statement.insert("Resource", bus_arn);
    if let Some(condition) = members.0.get("Condition") {
        let text = |name| Members(condition).text(name).unwrap_or_default();
        let of_key = json::value!({ (text("Key").to_owned()): (text("Value")) });
        statement.insert("Condition", json::value!({ (text("Type").to_owned()): of_key }));
    }
    Ok(Value::Object(statement))
}

pub(super) fn remove(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let members = asked.members();
    let name = members.text("EventBusName").unwrap_or(DEFAULT_BUS);
    let bus = state.bus_mut(name)?;
    let missing = |message: &str| Err(Fault::new("ResourceNotFoundException", message));
    if !bus.record.contains_key("Policy") {
        return missing("EventBus does not have a policy.");
    }
    let mut statements = statements(&bus.record);
    if members.truth("RemoveAllPermissions") {
        statements.clear();
    } else {
        let before = statements.len();
        let id = members.text("StatementId");
        statements.retain(|known| known.get("Sid").and_then(Value::as_str) != id);
        if statements.len() == before {
            return missing("Statement with the provided id does not exist.");
        }
    }
    if statements.is_empty() {
        bus.record.remove("Policy");
    } else {
        bus.record.insert("Policy", policy_of(statements));
    }
    state::put(batch, Kind::Bus, name, &bus.record);
    nothing()
}

/// Of the policy that is there.
fn statements(record: &Object) -> Vec<Value> {
    let policy = record.get("Policy").and_then(Value::as_str).and_then(|text| Value::parse(text).ok());
    let statements = policy.as_ref().and_then(|policy| policy.get("Statement")).and_then(Value::as_array);
    statements.map(|statements: &Array| statements.iter().cloned().collect()).unwrap_or_default()
}

fn policy_of(statements: Vec<Value>) -> String {
    json::value!({ "Version": "2012-10-17", "Statement": (Value::from(statements)) }).to_text()
}
