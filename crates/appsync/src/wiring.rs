//! The port, connected: calls through the connectors, operations as a service of this server.

use std::sync::Arc;

use connectors::{CallTrouble, Caller, Connectors, Relayed};
use hyper::body::Bytes;
use json::{Text, Value};
use ledger::Ledger;
use services::{Call, Moment, Service};

use crate::appsync::{AppSync, Settings};
use crate::outside::{Answering, HttpAnswer, HttpCall, Outside, ServiceCall, Trouble};

impl AppSync {
    /// Reads what was kept. To be called within a tokio runtime.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn start(
        ledger: &Ledger,
        connectors: &Connectors,
        settings: Settings,
    ) -> Result<AppSync, ledger::Error> {
        let region = Text::from(settings.scope.region.as_str());
        AppSync::new(ledger, Arc::new(Connected { connectors: connectors.clone(), region }), settings)
    }

    /// Its operations, by the name that botocore has for the service.
    pub fn service(&self) -> (&'static str, Arc<dyn Service>) {
        ("appsync", Arc::new(Operations(self.clone())))
    }
}

struct Operations(AppSync);

impl Service for Operations {
    fn call<'a>(&'a self, call: Call<'a>) -> connectors::Answering<'a, Result<Value, services::Fault>> {
        Box::pin(self.0.operate(call.operation, call.input, call.asker))
    }

    /// `control` does, and tells it in AppSync's own way.
    fn checks_by_model(&self, _operation: &str) -> bool {
        false
    }
}

/// Services and servers, wherever the settings say that they are.
pub(crate) struct Connected {
    /// Who calls.
    pub connectors: Connectors,
    /// The server's own.
    pub region: Text,
}

impl Connected {
    fn caller(&self, role_arn: Option<Text>, region: &Text) -> Caller {
        let region = if region.is_empty() { self.region.clone() } else { region.clone() };
        Caller { role_arn, region, ..Caller::default() }
    }
}

impl Outside for Connected {
    fn call<'a>(&'a self, call: ServiceCall) -> Answering<'a, Result<Value, Trouble>> {
        Box::pin(async move {
            let ServiceCall { service, operation, input, body, role_arn, region } = call;
            let (caller, token) = (self.caller(role_arn, &region), Moment::drawn().uuid());
            let connectors = &self.connectors;
            let output = match body {
                Some(body) => {
                    let body = Bytes::from(body);
                    connectors.call_with_body(service, operation, &input, body, &caller, &token).await
                }
                None => connectors.call_with_base64(service, operation, &input, &caller, &token).await,
            };
            output.map_err(trouble)
        })
    }

    fn http<'a>(&'a self, call: HttpCall) -> Answering<'a, Result<HttpAnswer, Trouble>> {
        Box::pin(async move {
            let HttpCall { method, url, headers, body, signed } = call;
            let body = Bytes::from(body);
            let answer = match signed {
                None => {
                    let sent = self.connectors.send(&method, &url, &headers, body).await;
                    sent.map_err(Trouble::unreachable)?
                }
                Some(signed) => {
                    let caller = self.caller(signed.role_arn, &signed.region);
                    let (origin, path, query) = taken_apart(&url);
                    let relayed = Relayed { method, path, query, headers, body };
                    match service_at(origin, &signed.service) {
                        Some(service) => {
                            let token = Moment::drawn().uuid();
                            let answer = self.connectors.relay(service, None, relayed, &caller, &token).await;
                            answer.map_err(trouble)?
                        }
                        None => {
                            let answer =
                                self.connectors.send_signed(origin, &signed.service, relayed, &caller).await;
                            answer.map_err(Trouble::unreachable)?
                        }
                    }
                }
            };
            Ok(HttpAnswer { status: answer.status, headers: answer.headers, body: answer.body.into() })
        })
    }

    fn fetch<'a>(&'a self, url: &'a str) -> Answering<'a, Result<Vec<u8>, Trouble>> {
        Box::pin(async move {
            let accept = [("accept".to_owned(), "application/json".to_owned())];
            let answer = self.connectors.send("GET", url, &accept, Bytes::new()).await;
            let answer = answer.map_err(Trouble::unreachable)?;
            match answer.status {
                200 => Ok(answer.body.into()),
                status => Err(Trouble::unreachable(format!("{url} answered {status}"))),
            }
        })
    }

    fn address(&self, service: &'static str, region: &str) -> Result<String, Trouble> {
        self.connectors.address(service, region).map_err(Trouble::unreachable)
    }
}

/// Services that give hosts to those who use them. What such a host is asked for stands in no model.
const WITH_HOSTS_OF_USERS: [&str; 5] = ["aoss", "appsync", "es", "execute-api", "opensearch"];

/// The service whose operations are asked for at a host, signed for this name; nothing if the host is a user's own.
fn service_at(origin: &str, signed_for: &str) -> Option<&'static str> {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let is_of_service = host.strip_prefix(signed_for).is_some_and(|rest| rest.starts_with('.'));
    if WITH_HOSTS_OF_USERS.contains(&signed_for) && !is_of_service {
        return None;
    }
    let name = if signed_for == "states" { "stepfunctions" } else { signed_for };
    aws_models::service(name).map(|service| service.name())
}

/// `https://HOST`, the path and the query of a URL.
fn taken_apart(url: &str) -> (&str, String, String) {
    let host = url.find("://").map_or(0, |place| place + "://".len());
    let path = url[host..].find(['/', '?']).map_or(url.len(), |place| host + place);
    let (origin, rest) = url.split_at(path);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    (origin, if path.is_empty() { "/".to_owned() } else { path.to_owned() }, query.to_owned())
}

fn trouble(trouble: CallTrouble) -> Trouble {
    match trouble {
        CallTrouble::Refused(error) => Trouble {
            code: error.code.as_str().into(),
            status: error.status,
            message: error.message.clone(),
            members: error.members.into(),
            request_id: error.request_id.as_str().into(),
        },
        CallTrouble::NotMade(_) | CallTrouble::NoAnswer(_) => Trouble::unreachable(trouble.cause()),
    }
}

#[cfg(test)]
mod tests {
    use connectors::{AwsSettings, Connectors, Settings};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn connected(endpoints: &[(&str, &str)], is_aws_enabled: bool) -> Connected {
        let endpoints = endpoints.iter().map(|(name, url)| ((*name).to_owned(), (*url).to_owned()));
        let aws =
            AwsSettings { enabled: is_aws_enabled, endpoints: endpoints.collect(), ..AwsSettings::default() };
        let connectors = Connectors::new(Settings { aws, ..Settings::default() });
        Connected { connectors, region: "us-east-1".into() }
    }

    #[test]
    fn hosts_of_users_are_no_service() {
        for (origin, signed_for, service) in [
            ("https://states.us-east-1.amazonaws.com", "states", Some("stepfunctions")),
            ("https://sync-states.us-east-1.amazonaws.com", "states", Some("stepfunctions")),
            ("https://es.us-east-1.amazonaws.com", "es", Some("es")),
            ("https://search-a.us-east-1.es.amazonaws.com", "es", None),
            ("https://a.us-east-1.aoss.amazonaws.com", "aoss", None),
            ("https://a.execute-api.us-east-1.amazonaws.com", "execute-api", None),
            ("https://a.appsync-api.us-east-1.amazonaws.com", "appsync", None),
            ("https://a.neptune.amazonaws.com:8182", "neptune-db", None),
        ] {
            assert_eq!(service_at(origin, signed_for), service, "{origin}");
        }
    }

    #[test]
    fn a_url_is_taken_apart() {
        for (url, origin, path, query) in [
            ("https://a.b/c/d?e=f?", "https://a.b", "/c/d", "e=f?"),
            ("https://a.b", "https://a.b", "/", ""),
            ("https://a.b?c", "https://a.b", "/", "c"),
        ] {
            assert_eq!(taken_apart(url), (origin, path.to_owned(), query.to_owned()));
        }
    }

    #[test]
    fn cognito_is_where_the_settings_say() {
        let address = |connected: &Connected| {
            connected.address("cognito-idp", "eu-west-1").map_err(|trouble| trouble.message)
        };
        let own = connected(&[("cognito-idp", "http://localhost:9229/")], false);
        assert_eq!(address(&own).as_deref(), Ok("http://localhost:9229"));
        let of_aws = connected(&[], true);
        assert_eq!(address(&of_aws).as_deref(), Ok("https://cognito-idp.eu-west-1.amazonaws.com"));
        let missing = address(&connected(&[], false)).unwrap_err();
        assert!(missing.contains("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"), "{missing}");
    }

    #[tokio::test]
    async fn a_document_is_fetched_over_http() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let mut heads = Vec::new();
            for status in ["200 OK", "404 Not Found"] {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = vec![0; 1024];
                let length = stream.read(&mut head).await.unwrap();
                heads.push(String::from_utf8_lossy(&head[..length]).lines().next().unwrap().to_owned());
                let answer =
                    format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            heads
        });
        let connected = connected(&[], false);
        assert_eq!(connected.fetch(&format!("{base}/keys")).await, Ok(b"{}".to_vec()));
        let gone = connected.fetch(&format!("{base}/gone")).await.unwrap_err();
        assert!(gone.message.ends_with("/gone answered 404"), "{}", gone.message);
        assert_eq!(server.await.unwrap(), ["GET /keys HTTP/1.1", "GET /gone HTTP/1.1"]);
    }
}
