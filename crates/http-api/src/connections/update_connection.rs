//! UpdateConnection: other parameters, or another kind of authorization. What is not given stays.

use connections::Kind;

use super::parameters::{self, Given};
use super::{Call, write_changed};
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let Request { name, description, kind, given } = read(&call.body)?;
    let now = call.now.0;
    let changed = super::change(call, move |connections| {
        connections.update(&name, now, |connection| {
            let kind = kind.unwrap_or(connection.access.authorization.kind());
            connection.access = parameters::settle(given, kind, Some(connection))?;
            if let Some(description) = description {
                connection.description = Some(description);
            }
            Ok(())
        })
    });
    let connection = changed.await?;
    Ok(write_changed(&connection, connection.state.name(), true))
}

struct Request {
    name: String,
    description: Option<String>,
    kind: Option<Kind>,
    given: Given,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.capital_members();
    let name = members.required_text("Name", &constraint::CONNECTION_NAME)?;
    let description = members.text("Description", &constraint::CONNECTION_DESCRIPTION)?;
    let kind = members.choice("AuthorizationType", constraint::AUTHORIZATION_TYPE)?.and_then(Kind::of_name);
    let given = members.structure("AuthParameters")?;
    let given = given.map(|members| parameters::read(&members, false)).transpose()?.unwrap_or_default();
    parameters::refuse_private(&members)?;
    members.check()?;
    Ok(Request { name: name.to_string(), description: description.map(String::from), kind, given })
}
