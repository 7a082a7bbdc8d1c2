//! SNS: messages to topics, phones and applications. (spec/integrations.md §4)

use crate::action::{Action, Field, Service, TOKEN, optional, required};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "sns",
    model: "sns",
    naming: Naming { prefix: "SNS", unnamed: "AmazonSNSException", service: "AmazonSNS" },
    actions: &[Action { fields: Some(PUBLISH), ..Action::new("publish", TOKEN) }],
};

const PUBLISH: &[Field] = &[
    required("Message"),
    optional("TopicArn"),
    optional("TargetArn"),
    optional("PhoneNumber"),
    optional("Subject"),
    optional("MessageAttributes"),
    optional("MessageStructure"),
    optional("MessageGroupId"),
    optional("MessageDeduplicationId"),
];
