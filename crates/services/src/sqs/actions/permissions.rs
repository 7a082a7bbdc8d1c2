//! AddPermission and RemovePermission: statements of the queue's policy, which is kept and shown. Who may do what is
//! settled by access keys only.

use std::sync::Arc;

use json::{Array, Value};

use super::set_queue_attributes::change;
use crate::sqs::fault::{invalid_parameter, invalid_value, missing_parameter};
use crate::sqs::input::Input;
use crate::sqs::queues::Queues;
use crate::{Call, Fault};

/// What a policy may allow. (documented)
const ACTIONS: [&str; 7] = [
    "*",
    "ChangeMessageVisibility",
    "DeleteMessage",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ReceiveMessage",
    "SendMessage",
];

/// AddPermission.
pub(crate) async fn add_permission(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    let id = queues.find(call)?;
    let input = Input(call.input);
    let label = input.required("Label")?;
    let accounts: Vec<_> = input.texts("AWSAccountIds").collect();
    let actions: Vec<_> = input.texts("Actions").collect();
    if accounts.is_empty() {
        return Err(missing_parameter("AWSAccountIds"));
    }
    if actions.is_empty() {
        return Err(missing_parameter("Actions"));
    }
    if let Some(unknown) = actions.iter().find(|action| !ACTIONS.contains(action)) {
        let reason = "Only the queue owner is allowed to invoke this action.";
        return Err(invalid_parameter(format!(
            "Value SQS:{unknown} for parameter ActionName is invalid. Reason: {reason}"
        )));
    }
    change(queues, id, |_, record| {
        let mut policy = read_policy(record.attributes.policy(), &record.arn);
        let statements = policy.get("Statement").and_then(Value::as_array).cloned().unwrap_or_default();
        if statements.iter().any(|statement| is_labelled(statement, label)) {
            return Err(invalid_value(label, "Label", "Already exists."));
        }
        let principals = accounts.iter().map(|account| format!("arn:aws:iam::{account}:root"));
        let statement = json::value!({
            "Sid": label,
            "Effect": "Allow",
            "Principal": { "AWS": (one_or_all(principals.collect())) },
            "Action": (one_or_all(actions.iter().map(|action| format!("SQS:{action}")).collect())),
            "Resource": &record.arn
        });
        set_statements(&mut policy, statements.iter().cloned().chain([statement]).collect());
        record.attributes = record.attributes.with_policy(policy.to_text());
        Ok(())
    })
    .await?;
    Ok(json::value!({}))
}

/// RemovePermission.
pub(crate) async fn remove_permission(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    let id = queues.find(call)?;
    let label = Input(call.input).required("Label")?;
    change(queues, id, |_, record| {
        let mut policy = read_policy(record.attributes.policy(), &record.arn);
        let statements = policy.get("Statement").and_then(Value::as_array).cloned().unwrap_or_default();
        let left: Vec<_> =
            statements.iter().filter(|statement| !is_labelled(statement, label)).cloned().collect();
        if left.len() == statements.len() {
            return Err(invalid_value(label, "Label", "can't find label on existing policy."));
        }
        let text = if left.is_empty() {
            String::new()
        } else {
            set_statements(&mut policy, left);
            policy.to_text()
        };
        record.attributes = record.attributes.with_policy(text);
        Ok(())
    })
    .await?;
    Ok(json::value!({}))
}

fn read_policy(policy: Option<&str>, arn: &str) -> Value {
    let given = policy.and_then(|policy| Value::parse(policy).ok()).filter(Value::is_object);
    given.unwrap_or_else(|| {
        json::value!({ "Version": "2012-10-17", "Id": (format!("{arn}/SQSDefaultPolicy")), "Statement": [] })
    })
}

fn set_statements(policy: &mut Value, statements: Vec<Value>) {
    if let Some(members) = policy.as_object_mut() {
        members.insert("Statement", Value::Array(Array::from(statements)));
    }
}

fn is_labelled(statement: &Value, label: &str) -> bool {
    statement.get("Sid").and_then(Value::as_str) == Some(label)
}

fn one_or_all(mut texts: Vec<String>) -> Value {
    if texts.len() == 1 { texts.remove(0).into() } else { texts.into() }
}
