//! GetQueueUrl, ListQueues and ListDeadLetterSourceQueues.

use std::ops::Bound;

use aws_protocols::base64;
use json::{Object, Text, Value};

use crate::sqs::fault::{invalid_parameter, invalid_value, queue_does_not_exist};
use crate::sqs::input::{Input, url};
use crate::sqs::queues::Queues;
use crate::sqs::state::State;
use crate::{Call, Fault};

/// How many are listed at once. (documented)
const LISTED_MAX: usize = 1_000;

/// GetQueueUrl.
pub(crate) fn get_queue_url(queues: &Queues, call: &Call<'_>) -> Result<Value, Fault> {
    let input = Input(call.input);
    let name = input.required("QueueName")?;
    let owner = input.text("QueueOwnerAWSAccountId").unwrap_or(&call.asker.account);
    if owner != call.asker.account {
        return Err(queue_does_not_exist());
    }
    queues.named(name)?;
    Ok(json::value!({ "QueueUrl": (url(call, name)) }))
}

/// ListQueues.
pub(crate) fn list_queues(queues: &Queues, call: &Call<'_>) -> Result<Value, Fault> {
    let prefix = Input(call.input).text("QueueNamePrefix").unwrap_or_default();
    list(queues, call, "QueueUrls", false, |name, _| name.starts_with(prefix))
}

/// ListDeadLetterSourceQueues.
pub(crate) fn list_dead_letter_source_queues(queues: &Queues, call: &Call<'_>) -> Result<Value, Fault> {
    let id = queues.find(call)?;
    let arn = queues.state().kept(id)?.record.arn.clone();
    list(queues, call, "queueUrls", true, |name, state| {
        let redrive = state.queues[&state.names[name]].redrive.as_ref();
        redrive.is_some_and(|redrive| redrive.target_arn == arn)
    })
}

/// Lists queues by name, a page at a time if one is asked for.
fn list(
    queues: &Queues,
    call: &Call<'_>,
    member: &str,
    shows_none: bool,
    is_wanted: impl Fn(&Text, &State) -> bool,
) -> Result<Value, Fault> {
    let input = Input(call.input);
    let max = input.number("MaxResults");
    if let Some(max) = max.filter(|max| !(1..=LISTED_MAX as i64).contains(max)) {
        let reason = "Must be between 1 and 1000, if provided.";
        return Err(invalid_value(&max.to_string(), "MaxResults", reason));
    }
    let after = input.text("NextToken").map(read_token).transpose()?;
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    let state = queues.state();
    let names = state.names.range((from, Bound::Unbounded)).map(|(name, _)| name);
    let limit = max.map_or(LISTED_MAX, |max| max as usize);
    let mut names: Vec<_> = names.filter(|name| is_wanted(name, &state)).take(limit + 1).collect();
    let goes_on = names.len() > limit;
    names.truncate(limit);
    let mut answer = Object::new();
    if !names.is_empty() || shows_none {
        answer.insert(member, names.iter().map(|name| url(call, name)).collect::<Vec<_>>());
    }
    // (documented: a token only if a page was asked for)
    if let Some(last) = names.last().filter(|_| goes_on && max.is_some()) {
        answer.insert("NextToken", base64::encode(last.as_bytes()));
    }
    Ok(Value::Object(answer))
}

/// The name behind which a page begins.
fn read_token(token: &str) -> Result<Text, Fault> {
    let name = base64::decode(token).and_then(|bytes| String::from_utf8(bytes).ok());
    let name = name.ok_or_else(|| invalid_parameter("Invalid or expired next token."))?;
    Ok(name.into())
}
