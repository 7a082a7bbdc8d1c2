//! A request over a connection, from its credentials to what is said of it.
//!
//! Never here: the order of messages.

use std::sync::Arc;

use json::{Object, Text, Value};
use services::Moment;

use super::budget::Part;
use super::connection::{Admission, Peer, refusal_errors};
use super::dialect::{Dialect, Start};
use super::line::{Line, Out, Ticket};
use super::registry::Member;
use crate::api::Api;
use crate::appsync::Shared;
use crate::authorization::{Credentials, Refusal};
use crate::request::{self, Asked, Subscribed};
use crate::resolve;

/// What was asked for, by whom, and who is told.
pub(super) struct Job {
    pub shared: Arc<Shared>,
    pub peer: Arc<Peer>,
    pub dialect: Dialect,
    pub line: Arc<Line>,
    /// Who connected.
    pub admission: Arc<Admission>,
    pub id: Text,
    pub ticket: Ticket,
    /// What its texts take.
    pub part: Part,
}

/// What it came to.
enum Outcome {
    Subscribed(Arc<Api>, Box<Subscribed>, Arc<Admission>),
    /// A query or a mutation: its response.
    Answered(Value),
}

impl Job {
    pub async fn run(self, start: Start) {
        let is_plain = start.is_plain;
        let _beginning = self.shared.hub.beginning(&self.peer.api_id, self.ticket);
        match self.outcome(start).await {
            Ok(Outcome::Subscribed(api, subscribed, admission)) => {
                self.subscribe(&api, *subscribed, &admission, is_plain);
            }
            Ok(Outcome::Answered(body)) => {
                self.line.say_of(&self.id, self.ticket, self.dialect.data(&self.id, body.to_text().into()));
                self.end(self.dialect.complete(&self.id));
            }
            Err(errors) => self.end(self.dialect.error(Some(&self.id), errors)),
        }
    }

    fn end(&self, farewell: Out) {
        self.line.release(&self.id, Some(self.ticket), Some(farewell));
    }

    fn subscribe(self, api: &Arc<Api>, subscribed: Subscribed, admission: &Admission, is_plain: bool) {
        let (hub, id) = (&self.shared.hub, &self.id);
        let member = Member {
            ticket: self.ticket,
            id: id.clone(),
            line: self.line.clone(),
            dialect: self.dialect,
            identity: admission.identity.clone(),
        };
        let ack = (!is_plain).then(|| self.dialect.start_ack(id));
        hub.subscribe(api, subscribed, member, self.part, ack);
        // The API may have changed between the check and the beginning.
        if self.shared.api(&api.id).is_none_or(|current| !Arc::ptr_eq(&current, api)) {
            self.shared.renew_subscriptions(&api.id);
        }
    }

    /// # Errors
    /// The entries of `errors`.
    async fn outcome(&self, start: Start) -> Result<Outcome, Value> {
        let Start { asked, data, authorization, is_plain } = start;
        let (api, admission) = match authorization {
            None if is_plain => {
                let api = self.shared.api(&self.peer.api_id).ok_or_else(|| refusal_errors(&no_api()))?;
                // What let the connection in may have been taken back since.
                let Admission { identity, headers } = &*self.admission;
                let identity = request::stay(&self.shared, &api, identity);
                let identity = Arc::new(identity.map_err(|refusal| refusal_errors(&refusal))?);
                (api, Arc::new(Admission { identity, headers: headers.clone() }))
            }
            authorization => {
                let headers = authorization.unwrap_or_default();
                let (path, body) = (&self.peer.endpoint, data.as_bytes());
                let admitted = admit(&self.shared, &self.peer, headers, path, body, Some(&asked)).await;
                let (api, admission) = admitted.map_err(|refusal| refusal_errors(&refusal))?;
                (api, Arc::new(admission))
            }
        };
        let (identity, headers) = ((*admission.identity).clone(), admission.headers.clone());
        let request_id = Moment::drawn().uuid().into();
        let request = resolve::Request::new(&self.shared, api.clone(), identity, headers, request_id);
        if is_plain && !request::is_subscription(&api, &asked) {
            let answered = request::execute(&self.shared, &request, &asked).await;
            return answered.map(|answered| Outcome::Answered(answered.body)).map_err(|error| error.errors);
        }
        let subscribed = request::subscribe(&request, &asked).await?;
        Ok(Outcome::Subscribed(api, Box::new(subscribed), admission))
    }
}

/// Finds out who asks, by a header object. What was signed, if it was: a POST of the body to the path.
pub(super) async fn admit(
    shared: &Arc<Shared>,
    peer: &Peer,
    headers: Object,
    path: &str,
    body: &[u8],
    asked: Option<&Asked>,
) -> Result<(Arc<Api>, Admission), Refusal> {
    let api = shared.api(&peer.api_id).ok_or_else(no_api)?;
    let operation = asked.map(Asked::as_object);
    let request_id = Moment::drawn().uuid();
    let credentials = Credentials {
        headers: lower_case(headers),
        method: "POST",
        path,
        query: "",
        body,
        source_ip: &peer.source_ip,
        operation: operation.as_ref(),
        request_id: &request_id,
    };
    let identity = request::identify(shared, &api, &credentials).await?;
    Ok((api, Admission { identity: Arc::new(identity), headers: credentials.headers }))
}

/// Clients may send one header twice, in two cases: the first one counts.
pub(crate) fn lower_case(headers: Object) -> Object {
    let mut lower = Object::with_capacity(headers.len());
    for (name, value) in headers.iter().filter(|(_, value)| value.is_string()) {
        let name = Text::from(name.to_ascii_lowercase());
        if !lower.contains_key(&name) {
            lower.insert(name, value.clone());
        }
    }
    lower
}

fn no_api() -> Refusal {
    Refusal { status: 404, error_type: "NotFoundException", message: "GraphQL API not found.".to_owned() }
}
