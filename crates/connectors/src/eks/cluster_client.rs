//! Requests to the Kubernetes API of one cluster.
//!
//! Its certificates are checked against the cluster's own authority and no other, and where it is against what
//! HTTP tasks may connect to, because a state machine says where it is. Never here: what is asked.

use std::time::Duration;

use asl::Failure;
use execution::TaskCall;
use integrations::could_not_start;
use integrations::kubernetes::{Cluster, Request, Response};

use super::token;
use crate::base64;
use crate::connectors::{Caller, Routes};
use crate::http_client::{Endpoint, HttpClient, Limits};
use crate::metadata::spelt_as_aws;
use crate::plain_http::{self, PlainRequest};
use crate::trust::Trust;

/// The time that HTTP tasks have, too. A list of pods is larger than the result that it helps to make.
const LIMITS: Limits = Limits { time_max: Duration::from_secs(60), bytes_max: 4 * 1024 * 1024 };

/// A cluster, and whoever calls it.
pub(super) struct ClusterClient<'c> {
    http: HttpClient,
    endpoint: Endpoint,
    cluster: Cluster<'c>,
    routes: &'c Routes,
    task: &'c TaskCall,
    caller: &'c Caller,
}

/// Why there is no answer.
pub(super) enum Trouble {
    /// Nothing was sent.
    BeforeTheCall(Failure),
    /// In the words of AWS's SDK.
    NoAnswer(String),
}

impl Trouble {
    pub(super) fn into_failure(self) -> Failure {
        match self {
            Trouble::BeforeTheCall(failure) => failure,
            Trouble::NoAnswer(cause) => Failure::new("EKS.SdkClientException", cause),
        }
    }
}

impl<'c> ClusterClient<'c> {
    /// Connects to nobody yet. Fails with `States.Runtime` if the parameters name no place and no authority.
    pub(super) fn new(
        routes: &'c Routes,
        task: &'c TaskCall,
        caller: &'c Caller,
    ) -> Result<ClusterClient<'c>, Failure> {
        let cluster = Cluster::of(task.arguments.value());
        let invalid = |name: &str| {
            let problem = format!("The value of the field '{name}' has an invalid format");
            Failure::runtime(could_not_start(task.arguments.text(), &[problem]))
        };
        let endpoint = Endpoint::parse(cluster.endpoint).map_err(|_| invalid("Endpoint"))?;
        let trust = if endpoint.is_https() {
            let pem = base64::decode(cluster.certificate_authority);
            pem.and_then(|pem| Trust::only(&pem)).ok_or_else(|| invalid("CertificateAuthority"))?
        } else {
            // Something local that stands in for a cluster: it has no certificate.
            Trust::default()
        };
        let http = HttpClient::guarded(&trust, routes.outbound.clone());
        Ok(ClusterClient { http, endpoint, cluster, routes, task, caller })
    }

    /// Sends a request and reads the whole answer, whatever its status is.
    pub(super) async fn send(&self, request: &Request) -> Result<Response, Trouble> {
        let role = self.task.role_arn.as_deref();
        let token = token::of(&self.routes.access, self.cluster.name, self.caller, role).await;
        let token = token.map_err(Trouble::BeforeTheCall)?;
        let query = request.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let (_, url) = self.endpoint.url(&encoded(&request.path), &plain_http::query(query));
        let mut headers = vec![
            ("Authorization".to_owned(), format!("Bearer {token}")),
            ("Accept".to_owned(), "application/json, */*".to_owned()),
        ];
        let body = request.body.as_ref().map(|(kind, body)| {
            headers.push(("Content-Type".to_owned(), (*kind).to_owned()));
            body.clone()
        });
        let request = PlainRequest { method: request.method.clone(), url, headers, body };
        let answer = request.send(&self.http, LIMITS).await;
        let answer = answer.map_err(|error| Trouble::NoAnswer(error.to_string()))?;
        let headers = answer.headers.iter().map(|(name, value)| (spelt_as_aws(name), value.clone()));
        Ok(Response {
            status: answer.status,
            status_text: answer.status_text.clone(),
            headers: headers.collect(),
            body: answer.text(),
        })
    }
}

/// A path in which nothing begins a query or breaks the request; what is encoded already stays.
fn encoded(path: &str) -> String {
    let stays =
        |letter: char| letter.is_ascii_graphic() && !matches!(letter, '?' | '#' | '"' | '<' | '>' | '\\');
    path.chars().fold(String::with_capacity(path.len()), |mut out, letter| {
        match stays(letter) {
            true => out.push(letter),
            false => out.push_str(&sigv4::percent_encode(letter.encode_utf8(&mut [0; 4]))),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_paths() {
        assert_eq!(encoded("/api/v1/a%20b/c:d~e"), "/api/v1/a%20b/c:d~e");
        assert_eq!(encoded("/a b?c=d#e\nä"), "/a%20b%3Fc=d%23e%0A%C3%A4");
    }
}
