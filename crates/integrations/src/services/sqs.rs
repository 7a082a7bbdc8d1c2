//! SQS: messages. (spec/integrations.md §4)

use crate::action::{Action, Field, Service, TOKEN, optional, required};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "sqs",
    model: "sqs",
    naming: Naming { prefix: "SQS", unnamed: "AmazonSQSException", service: "AmazonSQS" },
    actions: &[Action { fields: Some(SEND), ..Action::new("sendMessage", TOKEN) }],
};

const SEND: &[Field] = &[
    required("QueueUrl"),
    required("MessageBody"),
    optional("DelaySeconds"),
    optional("MessageAttributes"),
    optional("MessageDeduplicationId"),
    optional("MessageGroupId"),
];
