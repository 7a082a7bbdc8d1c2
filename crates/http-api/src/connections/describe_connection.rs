//! DescribeConnection: everything but the secrets.

use asl::Timestamp;
use connections::Connection;

use super::{Call, parameters, read_name};
use crate::answer;
use crate::error::ApiError;

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let name = read_name(&call.body)?;
    match call.connections.named(&name) {
        Some(connection) => Ok(write(&connection)),
        None => {
            let message =
                format!("Failed to describe the connection(s). Connection '{name}' does not exist.");
            Err(ApiError::new("ResourceNotFoundException", message))
        }
    }
}

fn write(connection: &Connection) -> String {
    answer::object(|answer| {
        answer.text("ConnectionArn", &connection.arn);
        answer.text("Name", &connection.name);
        answer.optional_text("Description", connection.description.as_deref());
        answer.text("ConnectionState", connection.state.name());
        answer.text("AuthorizationType", connection.access.authorization.kind().name());
        answer.object("AuthParameters", |parameters| parameters::write(&connection.access, parameters));
        answer.time("CreationTime", Timestamp(connection.created_at));
        answer.time("LastModifiedTime", Timestamp(connection.modified_at));
        answer.time("LastAuthorizedTime", Timestamp(connection.authorized_at));
    })
}
