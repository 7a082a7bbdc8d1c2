//! CreateConnection: a name, and what a request is let in with.

use connections::{Connection, Kind};

use super::parameters::{self, Given};
use super::{Call, write_changed};
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = read(&call.body)?;
    let (scope, now) = (call.scope.clone(), call.now.0);
    let made = super::change(call, move |connections| {
        let Request { name, description, kind, given } = request;
        let access = parameters::settle(given, kind, None)?;
        Ok(connections.create(&scope, &name, description, access, now)?)
    });
    Ok(write(&made.await?))
}

struct Request {
    name: String,
    description: Option<String>,
    kind: Kind,
    given: Given,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.capital_members();
    let name = members.required_text("Name", &constraint::CONNECTION_NAME)?;
    let description = members.text("Description", &constraint::CONNECTION_DESCRIPTION)?;
    let kind = members.choice("AuthorizationType", constraint::AUTHORIZATION_TYPE)?;
    if !members.has("AuthorizationType") {
        members.missing::<()>("AuthorizationType");
    }
    let given = match members.structure("AuthParameters")? {
        Some(members) => parameters::read(&members, true)?,
        None => members.missing("AuthParameters"),
    };
    parameters::refuse_private(&members)?;
    members.check()?;
    let Some(kind) = kind.and_then(Kind::of_name) else {
        unreachable!("one that is not there breaks a constraint")
    };
    Ok(Request { name: name.to_string(), description: description.map(String::from), kind, given })
}

fn write(connection: &Connection) -> String {
    write_changed(connection, connection.state.name(), false)
}
