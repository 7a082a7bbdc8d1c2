//! The two operations of STS by which a role is assumed.
//!
//! Never here: which role, and how long its credentials are kept.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_models::Operation;
use aws_protocols::{Response, ResponseError};
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use json::{Object, Value};
use sigv4::{Credentials, SigningKeys};

use super::Temporary;
use crate::clock;
use crate::endpoints::{Endpoints, Target};
use crate::http_client::{HttpClient, Limits};
use crate::signing::{self, Parts};

/// STS answers within a second; whoever waits for a role waits with a Task.
const TIME_MAX: Duration = Duration::from_secs(30);

/// A client of STS.
#[derive(Debug)]
pub(crate) struct Sts {
    endpoints: Arc<Endpoints>,
    region: String,
    client: HttpClient,
    keys: SigningKeys,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AssumeRole {
    pub(crate) role_arn: String,
    /// Shown by CloudTrail.
    pub(crate) role_session_name: String,
    pub(crate) external_id: Option<String>,
    pub(crate) duration_seconds: u32,
}

impl AssumeRole {
    /// An hour: the default of a role, and the most for one that is assumed by another.
    pub(crate) const DURATION_SECONDS: u32 = 3600;
}

/// Why a role was not assumed; displayed as a whole sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StsError {
    /// Whether STS said no, and not that something went wrong.
    pub(crate) is_denial: bool,
    text: String,
}

impl fmt::Display for StsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Sts {
    /// `region` is that of the server.
    pub(crate) fn new(endpoints: Arc<Endpoints>, region: &str, client: HttpClient) -> Sts {
        Sts { endpoints, region: region.to_owned(), client, keys: SigningKeys::new() }
    }

    /// AssumeRole, in the server's region or another.
    pub(crate) async fn assume_role(
        &self,
        credentials: &Credentials,
        role: &AssumeRole,
        region: Option<&str>,
    ) -> Result<Temporary, StsError> {
        let mut input = role.input();
        if let Some(external_id) = &role.external_id {
            input.insert("ExternalId", external_id.as_str());
        }
        self.call("assumeRole", input, Some(credentials), region.unwrap_or(&self.region)).await
    }

    /// AssumeRoleWithWebIdentity, which takes no credentials but a token.
    pub(crate) async fn assume_role_with_web_identity(
        &self,
        token: &str,
        role: &AssumeRole,
    ) -> Result<Temporary, StsError> {
        let mut input = role.input();
        input.insert("WebIdentityToken", token);
        self.call("assumeRoleWithWebIdentity", input, None, &self.region).await
    }

    async fn call(
        &self,
        action: &str,
        input: Object,
        credentials: Option<&Credentials>,
        region: &str,
    ) -> Result<Temporary, StsError> {
        let operation = aws_models::service("sts").and_then(|sts| sts.operation(action));
        let Some(operation) = operation else { unreachable!("the models have STS, and it has {action}") };
        let request = self.request(operation, &input.into(), credentials, region)?;
        let answer = tokio::time::timeout(TIME_MAX, self.client.send(request, Limits::SERVICE)).await;
        let (metadata, body) = match answer {
            Ok(answer) => answer.map_err(|error| StsError::broken(format!("{error}.")))?,
            Err(_) => {
                return Err(StsError::broken(format!("STS did not answer within {} s.", TIME_MAX.as_secs())));
            }
        };
        let response = Response { status: metadata.status, headers: &metadata.headers, body: &body };
        let output = aws_protocols::response(operation, response).map_err(StsError::of_response)?;
        temporary(&output).ok_or_else(|| StsError::broken("STS answered without credentials.".to_owned()))
    }

    fn request(
        &self,
        operation: Operation<'_>,
        input: &Value,
        credentials: Option<&Credentials>,
        region: &str,
    ) -> Result<Request<Full<Bytes>>, StsError> {
        let place = match self.endpoints.find(operation, input, region) {
            Ok(Target::Place(place)) => place,
            Ok(Target::BuiltIn) => unreachable!("STS is not built in"),
            Err(failure) => return Err(StsError::broken(failure.cause.unwrap_or_default())),
        };
        let request = aws_protocols::request(operation, input, "");
        let request = request.map_err(|refusal| StsError::broken(format!("{refusal}.")))?;
        let place = place.with_host_prefix(&request.host_prefix);
        let (path, url) = place.endpoint.url(&request.path, &request.query);
        let own = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let headers: Vec<(&str, &str)> = own.chain([("host", place.endpoint.authority.as_str())]).collect();
        let parts = Parts {
            method: &request.method,
            path: &path,
            query: &request.query,
            headers: &headers,
            body: &request.body,
        };
        let signed = credentials.map(|credentials| {
            signing::sign(operation, &place, parts, credentials, &self.keys, clock::now_seconds())
        });
        let mut sent = Request::builder().method(request.method.as_str()).uri(url);
        for (name, value) in &headers {
            sent = sent.header(*name, *value);
        }
        for (name, value) in signed.into_iter().flatten() {
            sent = sent.header(name, value);
        }
        let sent = sent.body(Full::new(Bytes::from(request.body.clone())));
        sent.map_err(|error| StsError::broken(format!("the request cannot be made: {error}.")))
    }
}

impl AssumeRole {
    fn input(&self) -> Object {
        let mut input = Object::new();
        input.insert("RoleArn", self.role_arn.as_str());
        input.insert("RoleSessionName", self.role_session_name.as_str());
        input.insert("DurationSeconds", i64::from(self.duration_seconds));
        input
    }
}

impl StsError {
    fn broken(text: String) -> StsError {
        StsError { is_denial: false, text }
    }

    fn of_response(error: ResponseError) -> StsError {
        match error {
            ResponseError::Service(error) => {
                StsError { is_denial: error.code == "AccessDenied", text: error.cause() + "." }
            }
            ResponseError::Unreadable => StsError::broken("STS answered what cannot be read.".to_owned()),
        }
    }
}

fn temporary(output: &Value) -> Option<Temporary> {
    let given = output.get("Credentials")?;
    let text = |name: &str| given.get(name).and_then(Value::as_str).map(str::to_owned);
    let credentials = Credentials {
        access_key_id: text("AccessKeyId")?,
        secret_access_key: text("SecretAccessKey")?,
        session_token: text("SessionToken"),
    };
    Some(Temporary { credentials, expires_at: Some(seconds(&text("Expiration")?)?) })
}

/// An ISO 8601 time in seconds since 1970.
pub(super) fn seconds(text: &str) -> Option<u64> {
    u64::try_from(asl::timestamp::parse(text)?.timestamp().0 / 1000).ok()
}
