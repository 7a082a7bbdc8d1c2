//! One operation over HTTP, its answers as server-sent events: the "distinct connections mode" of the npm package graphql-sse.
//! AWS does not have it.
//!
//! Never here: HTTP.

use std::sync::Arc;

use json::Text;
use services::Moment;

use super::connection::{Admission, Peer};
use super::dialect::{Dialect, Start};
use super::line::Line;
use super::start::Job;
use crate::appsync::Shared;
use crate::exchange::{Request, Response};
use crate::request::{self, Admitted, Malformed};

/// The client's name of its only subscription: nobody sees it.
const ID: Text = Text::new_static("1");

/// A client that follows one operation.
#[derive(Debug)]
pub(crate) struct Following {
    shared: Arc<Shared>,
    api_id: Text,
    line: Arc<Line>,
}

impl Following {
    /// Lets a client in, and begins.
    ///
    /// # Errors
    /// The answer to a client that is not let in, or asks for nothing.
    pub async fn new(shared: &Arc<Shared>, api_id: &Text, request: &Request) -> Result<Following, Response> {
        let request_id = Text::from(Moment::drawn().uuid());
        let admitted = request::admit(shared, api_id, request, &request_id).await;
        let Admitted { api, identity, headers, asked } =
            admitted.map_err(|malformed| malformed.response(&request_id))?;
        let identity = Arc::new(identity);
        let line = Arc::new(Line::for_one(Dialect::Events.keep_alive()));
        // Dropping it hangs up.
        let following = Following { shared: shared.clone(), api_id: api.id.clone(), line: line.clone() };
        let welcome = shared.welcome(&line, &api.id, &identity);
        welcome.map_err(|refusal| Malformed::refused(refusal).response(&request_id))?;
        let part = shared.hub.budget.take(asked.bytes());
        let part = part.ok_or_else(|| Malformed::full().response(&request_id))?;
        if let Ok(ticket) = line.reserve(&ID) {
            let peer = Peer {
                api_id: api.id.clone(),
                endpoint: String::new(),
                source_ip: request.source_ip.clone(),
            };
            let job = Job {
                shared: shared.clone(),
                peer: Arc::new(peer),
                dialect: Dialect::Events,
                line,
                admission: Arc::new(Admission { identity, headers }),
                id: ID,
                ticket,
                part,
            };
            let start = Start { asked, data: Text::default(), authorization: None, is_plain: true };
            tokio::spawn(job.run(start));
        }
        Ok(following)
    }

    /// Where what is said to the client comes out.
    pub fn line(&self) -> &Arc<Line> {
        &self.line
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.shared.hub.leave(&self.api_id, &self.line);
    }
}

/// The head of a stream of events, without its body.
pub(crate) fn head() -> Response {
    let headers = vec![
        ("content-type".into(), "text/event-stream; charset=utf-8".into()),
        ("cache-control".into(), "no-store".into()),
        ("connection".into(), "close".into()),
    ];
    let mut head = Response { status: 200, headers, body: Vec::new() };
    request::allow_pages(&mut head);
    head
}
