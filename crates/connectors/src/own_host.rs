//! Requests to hosts that AWS gives to somebody: a search domain, an API. They are signed as they are; no model says what is in
//! them.
//!
//! Never here: services whose operations are known (`relay`), servers that want no signature.

use http_body_util::Full;

use crate::clock;
use crate::connectors::{Caller, Connectors, Routes, UnderWay};
use crate::http_client::{Endpoint, Limits, NoAnswer};
use crate::plain_http::Header;
use crate::relay::{Relayed, RelayedAnswer};

/// Whoever stands before OpenSearch wants the body's hash in a header; its serverless collections take no request without it.
const WITH_HASH: [&str; 3] = ["es", "aoss", "opensearch"];

impl Connectors {
    /// Sends a request to a host of AWS (`https://HOST`), signed for a service in the caller's region, as the caller's role
    /// where AWS itself is called. Where a server stands in for the host, it is told the host all the same.
    ///
    /// # Errors
    /// Why there is no answer, and if nothing was sent, what to do about it.
    pub async fn send_signed(
        &self,
        origin: &str,
        service: &str,
        relayed: Relayed,
        caller: &Caller,
    ) -> Result<RelayedAnswer, String> {
        let routes = self.routes();
        let own = Endpoint::parse(origin)?;
        let host = own.authority.clone();
        let stand_in = routes.access.endpoints().of_own_host(&host, service)?;
        let is_aws = stand_in.is_none();
        let (path, url) = stand_in.unwrap_or(own).url(&relayed.path, &relayed.query);
        let Relayed { method, query, mut headers, body, .. } = relayed;
        headers.push(("host".to_owned(), host));
        let payload_hash = sigv4::payload_hash(&body);
        if WITH_HASH.contains(&service) {
            headers.push(("x-amz-content-sha256".to_owned(), payload_hash.clone()));
        }
        let unsigned = sigv4::Request {
            method: &method,
            path: &path,
            query: &query,
            headers: &headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>(),
            payload_hash: &payload_hash,
        };
        let signature = signature(&routes, &unsigned, service, caller, is_aws).await?;
        headers.extend(signature);

        let mut request = hyper::Request::builder().method(method.as_str()).uri(url);
        for (name, value) in &headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body));
        let request = request.map_err(|error| format!("this is no HTTP request: {error}"))?;
        // A user names the host, and the settings what stands in for it.
        let client = if is_aws { &routes.guarded } else { &routes.client };
        let _under_way = UnderWay::begin(&self.calls);
        let answer = client.send(request, Limits::SERVICE).await;
        let (metadata, body) = answer.map_err(|error: NoAnswer| error.reason())?;
        Ok(RelayedAnswer { status: metadata.status, headers: metadata.headers, body })
    }
}

async fn signature(
    routes: &Routes,
    request: &sigv4::Request<'_>,
    service: &str,
    caller: &Caller,
    is_aws: bool,
) -> Result<Vec<Header>, String> {
    let credentials = routes.access.credentials(is_aws, caller, None).await;
    let credentials = credentials.map_err(|failure| failure.cause.unwrap_or_default().to_string())?;
    let target = sigv4::Target { region: &caller.region, service };
    let added = sigv4::sign(request, target, &credentials, clock::now_seconds(), routes.access.keys());
    Ok(added.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
