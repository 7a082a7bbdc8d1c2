//! `GET /v1/queue-messages`: what stands in a queue of SQS, looked at without receiving it.

use ::services::Served;
use ::services::sqs::{Peek, Peeked};

use super::query::Query;
use crate::answer;
use crate::error::ApiError;
use crate::page;

const QUESTION: [&str; 1] = ["QueueMessages"];
const LIMIT_MAX: u64 = 100;
const LIMIT_DEFAULT: u64 = 10;

/// A page of them, in the order in which they came.
pub(super) fn answer(services: &Served, query: Option<&str>) -> Result<String, ApiError> {
    let query = Query::read(query, &["queueName", "maxResults", "nextToken"])?;
    let Some(queue) = query.text("queueName") else {
        return Err(ApiError::validation("queueName says which queue"));
    };
    let limit = query.number("maxResults", LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT) as usize;
    let after = query.text("nextToken").map(|token| page::number(&QUESTION, token)).transpose()?;
    let Some(peeked) = services.peek(Peek { queue, after, limit }) else {
        return Err(ApiError::new("UnknownOperationException", "This server does not offer SQS."));
    };
    let Peeked { messages, next } = peeked.map_err(|fault| match &*fault.code {
        "QueueDoesNotExist" => ApiError::new("QueueDoesNotExist", fault.message),
        _ => ApiError::new("InternalFailure", fault.message).with_status(fault.status),
    })?;
    Ok(answer::object(|answer| {
        answer.value("messages", &messages.into_iter().collect());
        if let Some(next) = next {
            answer.text("nextToken", &page::token(&QUESTION, &next.to_string()));
        }
    }))
}
