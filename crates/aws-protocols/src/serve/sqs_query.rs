//! SQS's older protocol, which its model no longer describes: forms in, XML out, the queue perhaps as the path.
//!
//! SDKs before 2023 speak it, and some tools still do. (documented; names and codes of the model of 2023)

use aws_models::{Kind, Member, Shape};
use json::Object;

use super::Incoming;

/// The namespace of its XML.
pub(super) const NAMESPACE: &str = "http://queue.amazonaws.com/doc/2012-11-05/";

/// What a structure's member is called: a flattened list by one of its elements, a map by one of its entries.
pub(super) fn member_name<'s>(member: Member<'s>) -> &'s str {
    match member.name() {
        "AWSAccountIds" => "AWSAccountId",
        "Actions" => "ActionName",
        "AttributeNames" => "AttributeName",
        "Attributes" => "Attribute",
        "BinaryListValues" => "BinaryListValue",
        "MessageAttributeNames" => "MessageAttributeName",
        "MessageAttributes" => "MessageAttribute",
        "MessageSystemAttributeNames" => "MessageSystemAttributeName",
        "MessageSystemAttributes" => "MessageSystemAttribute",
        "QueueUrls" | "queueUrls" => "QueueUrl",
        "StringListValues" => "StringListValue",
        "TagKeys" => "TagKey",
        "Tags" | "tags" => "Tag",
        name => {
            // `SendMessageBatchRequestEntry`, `Message`
            let element = member.shape().element().map(Member::shape);
            element.filter(|shape| shape.kind() == Kind::Structure).map_or(name, Shape::name)
        }
    }
}

/// The key and the value of a map's entry.
pub(super) fn entry_names(member: Member<'_>) -> (&'static str, &'static str) {
    if member.name().eq_ignore_ascii_case("tags") { ("Key", "Value") } else { ("Name", "Value") }
}

/// A request may go to the queue's own URL, and then it need not name it.
pub(super) fn add_queue_url(input: &mut Object, shape: Shape<'_>, incoming: &Incoming<'_>) {
    if shape.member("QueueUrl").is_none() || input.contains_key("QueueUrl") || incoming.path.len() <= 1 {
        return;
    }
    let host = incoming.header("host").unwrap_or("localhost");
    input.insert("QueueUrl", format!("http://{host}{}", incoming.path));
}

/// The code of an error by its shape, where the two differ. Callers of the JSON protocol see it too, in a header.
pub(super) fn code(shape: &str) -> Option<&'static str> {
    Some(match shape {
        "BatchEntryIdsNotDistinct" => "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        "BatchRequestTooLong" => "AWS.SimpleQueueService.BatchRequestTooLong",
        "EmptyBatchRequest" => "AWS.SimpleQueueService.EmptyBatchRequest",
        "InvalidBatchEntryId" => "AWS.SimpleQueueService.InvalidBatchEntryId",
        "MessageNotInflight" => "AWS.SimpleQueueService.MessageNotInflight",
        "PurgeQueueInProgress" => "AWS.SimpleQueueService.PurgeQueueInProgress",
        "QueueDeletedRecently" => "AWS.SimpleQueueService.QueueDeletedRecently",
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue",
        "QueueNameExists" => "QueueAlreadyExists",
        "TooManyEntriesInBatchRequest" => "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        "UnsupportedOperation" => "AWS.SimpleQueueService.UnsupportedOperation",
        _ => return None,
    })
}
