//! ListConnections: by name, a page at a time.

use asl::Timestamp;
use connections::Connection;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::page;

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let Request { prefix, state, after, limit } = read(&call.body)?;
    let all = call.connections.all();
    let is_wanted = |connection: &&Connection| {
        connection.name.starts_with(&prefix)
            && state.is_none_or(|state| connection.state.name() == state)
            && after.as_ref().is_none_or(|after| connection.name > *after)
    };
    // One more than asked for tells whether there is a next page.
    let found: Vec<&Connection> = all.values().filter(is_wanted).take(limit + 1).collect();
    Ok(write(&found, limit, &question(&prefix, state)))
}

struct Request {
    prefix: String,
    state: Option<&'static str>,
    after: Option<String>,
    limit: usize,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.capital_members();
    let prefix = members.text("NamePrefix", &constraint::CONNECTION_NAME)?.unwrap_or_default().to_string();
    let state = members.choice("ConnectionState", constraint::CONNECTION_STATE)?;
    let limit = page::limit(members.integer("Limit", constraint::CONNECTIONS_PAGE_SIZE)?);
    let token = members.text("NextToken", &constraint::CONNECTION_PAGE_TOKEN)?;
    members.check()?;
    let place = |token: json::Text| {
        page::place(&question(&prefix, state), &token).map_err(|_| {
            ApiError::validation(format!(
                "Parameter NextToken is not valid. Reason: {token} is none of ours."
            ))
        })
    };
    let after = token.map(place).transpose()?;
    Ok(Request { after, prefix, state, limit })
}

/// What a token is bound to.
fn question<'q>(prefix: &'q str, state: Option<&'q str>) -> [&'q str; 3] {
    ["ListConnections", prefix, state.unwrap_or_default()]
}

fn write(found: &[&Connection], limit: usize, question: &[&str]) -> String {
    let shown = &found[..limit.min(found.len())];
    answer::object(|answer| {
        answer.objects("Connections", shown, |item, connection| {
            item.text("ConnectionArn", &connection.arn);
            item.text("Name", &connection.name);
            item.text("ConnectionState", connection.state.name());
            item.text("AuthorizationType", connection.access.authorization.kind().name());
            item.time("CreationTime", Timestamp(connection.created_at));
            item.time("LastModifiedTime", Timestamp(connection.modified_at));
            item.time("LastAuthorizedTime", Timestamp(connection.authorized_at));
        });
        if let Some(last) = shown.last().filter(|_| shown.len() < found.len()) {
            answer.text("NextToken", &page::token(question, &last.name));
        }
    })
}
