//! SQS's actions: what is asked becomes what the queues are told, and what they say becomes the answer.

mod change_message_visibility;
mod create_queue;
mod delete_message;
mod delete_queue;
mod get_queue_attributes;
mod list_queues;
mod message_move_tasks;
mod permissions;
mod receive_message;
mod send_message;
mod set_queue_attributes;
mod tags;

use std::sync::Arc;

use json::Value;

use super::queues::Queues;
use crate::{Call, Fault};

/// Answers a call.
pub(crate) async fn answer(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    match call.operation {
        "SendMessage" => send_message::send_message(queues, call).await,
        "SendMessageBatch" => send_message::send_message_batch(queues, call).await,
        "ReceiveMessage" => receive_message::receive_message(queues, call).await,
        "DeleteMessage" => delete_message::delete_message(queues, call).await,
        "DeleteMessageBatch" => delete_message::delete_message_batch(queues, call).await,
        "ChangeMessageVisibility" => change_message_visibility::change_message_visibility(queues, call).await,
        "ChangeMessageVisibilityBatch" => {
            change_message_visibility::change_message_visibility_batch(queues, call).await
        }
        "GetQueueUrl" => list_queues::get_queue_url(queues, call),
        "GetQueueAttributes" => get_queue_attributes::get_queue_attributes(queues, call),
        "SetQueueAttributes" => set_queue_attributes::set_queue_attributes(queues, call).await,
        "CreateQueue" => create_queue::create_queue(queues, call).await,
        "DeleteQueue" => delete_queue::delete_queue(queues, call).await,
        "PurgeQueue" => delete_queue::purge_queue(queues, call).await,
        "ListQueues" => list_queues::list_queues(queues, call),
        "ListDeadLetterSourceQueues" => list_queues::list_dead_letter_source_queues(queues, call),
        "ListQueueTags" => tags::list_queue_tags(queues, call),
        "TagQueue" => tags::tag_queue(queues, call).await,
        "UntagQueue" => tags::untag_queue(queues, call).await,
        "AddPermission" => permissions::add_permission(queues, call).await,
        "RemovePermission" => permissions::remove_permission(queues, call).await,
        "StartMessageMoveTask" => message_move_tasks::start_message_move_task(queues, call).await,
        "CancelMessageMoveTask" => message_move_tasks::cancel_message_move_task(queues, call).await,
        "ListMessageMoveTasks" => message_move_tasks::list_message_move_tasks(queues, call),
        operation => {
            let message = format!("The action {operation} is not valid for this endpoint.");
            Err(Fault::new("InvalidAction", message))
        }
    }
}
