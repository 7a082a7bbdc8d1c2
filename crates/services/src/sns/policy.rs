//! A topic's access policy: kept, shown and edited. Who may call the server at all is settled by its access keys; a
//! statement keeps nobody out.

use json::{Array, Object, Value};

use super::fault::invalid;
use crate::Fault;

/// What AddPermission can allow, as the policy writes it.
const ACTIONS: [&str; 10] = [
    "AddPermission",
    "DeleteTopic",
    "GetTopicAttributes",
    "ListSubscriptionsByTopic",
    "ListTagsForResource",
    "Publish",
    "Receive",
    "RemovePermission",
    "SetTopicAttributes",
    "Subscribe",
];

/// The one that a topic is created with.
pub(super) fn of_owner(topic_arn: &str, owner: &str) -> Value {
    json::value!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": [
                "SNS:GetTopicAttributes",
                "SNS:SetTopicAttributes",
                "SNS:AddPermission",
                "SNS:RemovePermission",
                "SNS:DeleteTopic",
                "SNS:Subscribe",
                "SNS:ListSubscriptionsByTopic",
                "SNS:Publish"
            ],
            "Resource": topic_arn,
            "Condition": { "StringEquals": { "AWS:SourceOwner": owner } }
        }]
    })
}

/// Whether a text can be a policy at all.
pub(super) fn check(text: &str) -> Result<(), Fault> {
    match Value::parse(text) {
        Ok(Value::Object(policy)) if policy.get("Statement").is_some() => Ok(()),
        _ => Err(invalid("Policy Error: null")),
    }
}

/// The policy with one more statement, as AddPermission makes it.
pub(super) fn with_statement(
    policy: &Value,
    topic_arn: &str,
    label: &str,
    accounts: &[&str],
    actions: &[&str],
) -> Result<Value, Fault> {
    for action in actions {
        if !ACTIONS.contains(action) && *action != "*" {
            return Err(invalid("Policy statement action out of service scope!"));
        }
    }
    let mut statements = statements(policy);
    if statements.iter().any(|statement| is_named(statement, label)) {
        return Err(invalid("Statement already exists"));
    }
    let root = |account: &&str| Value::from(format!("arn:aws:iam::{account}:root"));
    let action = |action: &&str| Value::from(format!("SNS:{action}"));
    statements.push(json::value!({
        "Sid": label,
        "Effect": "Allow",
        "Principal": { "AWS": (one_or_many(accounts.iter().map(root).collect())) },
        "Action": (one_or_many(actions.iter().map(action).collect())),
        "Resource": topic_arn,
    }));
    Ok(with_statements(policy, statements))
}

/// The policy without the statement of this label, as RemovePermission makes it.
pub(super) fn without_statement(policy: &Value, label: &str) -> Value {
    let kept = statements(policy).into_iter().filter(|statement| !is_named(statement, label)).collect();
    with_statements(policy, kept)
}

fn is_named(statement: &Value, label: &str) -> bool {
    statement.get("Sid").and_then(Value::as_str) == Some(label)
}

fn statements(policy: &Value) -> Vec<Value> {
    match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().cloned().collect(),
        Some(statement) => vec![statement.clone()],
        None => Vec::new(),
    }
}

fn with_statements(policy: &Value, statements: Vec<Value>) -> Value {
    let mut changed: Object = policy.as_object().cloned().unwrap_or_default();
    changed.insert("Statement", Value::Array(Array::from(statements)));
    Value::Object(changed)
}

/// AWS writes one of them without brackets.
fn one_or_many(mut values: Vec<Value>) -> Value {
    match values.len() {
        1 => values.remove(0),
        _ => Value::Array(Array::from(values)),
    }
}
