//! A function's policy: kept, shown and edited. Who may call the server at all is settled by its access keys; a statement
//! keeps nobody out.

use json::{Array, Object, Value};

use super::{Ask, Decision, answer};
use crate::Fault;
use crate::lambda::fault::fault;
use crate::lambda::kept::{Change, Kept};
use crate::lambda::names::Named;

/// AWS's policies have 20 KB.
const STATEMENTS_MAX: usize = 100;

/// AddPermission
pub(super) fn add(ask: &Ask, kept: &Kept) -> Decision {
    let (named, policy) = find(ask, kept)?;
    let id = ask.text("StatementId");
    if policy.iter().any(|statement| is_named(statement, id)) {
        let message = format!(
            "The statement id ({id}) provided already exists. Please provide a new statement id, or remove the existing \
             statement."
        );
        return Err(fault("ResourceConflictException", message, 409));
    }
    if policy.len() >= STATEMENTS_MAX {
        let message = format!("A function's policy may have {STATEMENTS_MAX} statements.");
        return Err(fault("PolicyLengthExceededException", message, 400));
    }
    let statement = statement(ask, &named);
    let text = statement.to_text();
    let changed: Array = policy.iter().cloned().chain([statement]).collect::<Vec<_>>().into();
    Ok((json::value!({ "Statement": text }), vec![Change::Policy(named.name.as_str().into(), changed)]))
}

/// RemovePermission
pub(super) fn remove(ask: &Ask, kept: &Kept) -> Decision {
    let (named, policy) = find(ask, kept)?;
    let id = ask.text("StatementId");
    let kept: Vec<Value> = policy.iter().filter(|statement| !is_named(statement, id)).cloned().collect();
    if kept.len() == policy.len() {
        let message = format!("Statement {id} is not found in resource policy.");
        return Err(fault("ResourceNotFoundException", message, 404));
    }
    Ok((json::value!({}), vec![Change::Policy(named.name.as_str().into(), kept.into())]))
}

/// GetPolicy
pub(super) fn get(ask: &Ask, kept: &Kept) -> Decision {
    let (_, policy) = find(ask, kept)?;
    if policy.is_empty() {
        let message = "The resource you requested does not exist.";
        return Err(fault("ResourceNotFoundException", message, 404));
    }
    let policy = json::value!({ "Version": "2012-10-17", "Id": "default", "Statement": policy });
    answer(json::value!({ "Policy": (policy.to_text()) }))
}

fn find(ask: &Ask, kept: &Kept) -> Result<(Named, Array), Fault> {
    let named = ask.named()?;
    ask.find(kept, &named)?;
    let policy = kept.policies.get(named.name.as_str()).cloned().unwrap_or_default();
    Ok((named, policy))
}

fn is_named(statement: &Value, id: &str) -> bool {
    statement.get("Sid").and_then(Value::as_str) == Some(id)
}

fn statement(ask: &Ask, named: &Named) -> Value {
    let principal = match ask.text("Principal") {
        "*" => Value::from("*"),
        service if service.contains('.') => json::value!({ "Service": service }),
        account if account.bytes().all(|byte| byte.is_ascii_digit()) => {
            json::value!({ "AWS": (format!("arn:aws:iam::{account}:root")) })
        }
        arn => json::value!({ "AWS": arn }),
    };
    let arn = named.arn(&ask.asker);
    let resource = named.qualifier.as_ref().map_or(arn.clone(), |qualifier| format!("{arn}:{qualifier}"));
    let mut statement = Object::new();
    statement.insert("Sid", ask.text("StatementId"));
    statement.insert("Effect", "Allow");
    statement.insert("Principal", principal);
    statement.insert("Action", ask.text("Action"));
    statement.insert("Resource", resource);
    let mut condition = Object::new();
    if !ask.text("SourceAccount").is_empty() {
        condition.insert("StringEquals", json::value!({ "AWS:SourceAccount": (ask.text("SourceAccount")) }));
    }
    if !ask.text("SourceArn").is_empty() {
        condition.insert("ArnLike", json::value!({ "AWS:SourceArn": (ask.text("SourceArn")) }));
    }
    if !condition.is_empty() {
        statement.insert("Condition", condition);
    }
    Value::Object(statement)
}
