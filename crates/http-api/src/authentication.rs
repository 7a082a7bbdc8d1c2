//! Who may call: anybody, or those who hold one of the configured secrets.
//!
//! Never here: what a caller may do; whoever is let in may do everything.

use std::collections::BTreeMap;

use hyper::http::request::Parts;
use sigv4::{SigningKeys, Verified};

use crate::error::ApiError;

/// Who is let in.
#[derive(Clone, Default)]
pub enum Authentication {
    /// Anybody, with any credentials or none: for a machine of one's own.
    #[default]
    Open,
    /// Who signs with Signature Version 4 and one of these secrets.
    SigV4 {
        /// Access key → secret.
        keys: BTreeMap<String, String>,
    },
}

impl std::fmt::Debug for Authentication {
    /// Without the secrets, which belong in no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Authentication::Open => f.write_str("Open"),
            Authentication::SigV4 { keys } => f.debug_set().entries(keys.keys()).finish(),
        }
    }
}

/// The guard at the door: the rule and the keys derived so far.
pub(crate) struct Guard {
    authentication: Authentication,
    derived: SigningKeys,
}

impl Guard {
    /// With nothing derived yet.
    pub fn new(authentication: Authentication) -> Guard {
        Guard { authentication, derived: SigningKeys::new() }
    }

    /// Whether any signature will do.
    pub fn is_open(&self) -> bool {
        matches!(self.authentication, Authentication::Open)
    }

    /// Lets a request to a service in or says why not. `now` is in seconds since 1970.
    pub fn check(
        &self,
        parts: &Parts,
        body: &[u8],
        service: &str,
        region: &str,
        now: u64,
    ) -> Result<(), ApiError> {
        let Authentication::SigV4 { keys } = &self.authentication else { return Ok(()) };
        let headers: Option<Vec<(&str, &str)>> = parts
            .headers
            .iter()
            .map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?)))
            .collect();
        let Some(headers) = headers else {
            return Err(ApiError::new("IncompleteSignatureException", "A header is not UTF-8."));
        };
        let payload_hash = sigv4::payload_hash(body);
        let request = sigv4::Request {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &headers,
            payload_hash: &payload_hash,
        };
        let secret_of = |key: &str| keys.get(key).map(String::as_str);
        let verified = sigv4::verify(&request, secret_of, now, &self.derived).map_err(refusal)?;
        check_scope(&verified, service, region)
    }
}

/// `AWS4-HMAC-SHA256 Credential=KEY/20261128/us-east-1/sqs/aws4_request, …`
pub(crate) fn access_key(authorization: &str) -> json::Text {
    let credential = authorization.split_once("Credential=").map_or("", |(_, rest)| rest);
    credential.split('/').next().unwrap_or_default().into()
}

/// A signature that is right, but was made for somebody else.
fn check_scope(verified: &Verified, service: &str, region: &str) -> Result<(), ApiError> {
    let wrong = |what: &str, wanted: &str, got: &str| {
        let message = format!("Credential should be scoped to {what}: '{wanted}', not '{got}'.");
        Err(ApiError::new("InvalidSignatureException", message).with_status(403))
    };
    if verified.service != service {
        return wrong("correct service", service, &verified.service);
    }
    if verified.region != region {
        return wrong("a valid region", region, &verified.region);
    }
    Ok(())
}

fn refusal(refusal: sigv4::Refusal) -> ApiError {
    let status = match refusal {
        sigv4::Refusal::Incomplete(_) => 400,
        _ => 403,
    };
    ApiError::new(refusal.code(), refusal.to_string()).with_status(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn parts(headers: &[(String, String)]) -> Parts {
        let mut request = hyper::Request::builder().method("POST").uri("/");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.body(()).expect("a request").into_parts().0
    }

    fn signed(secret: &str, service: &str, region: &str, body: &[u8]) -> Vec<(String, String)> {
        let mut headers = vec![
            ("host".to_owned(), "localhost:8083".to_owned()),
            ("x-amz-target".to_owned(), "AWSStepFunctions.ListActivities".to_owned()),
        ];
        let borrowed: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let payload_hash = sigv4::payload_hash(body);
        let request = sigv4::Request {
            method: "POST",
            path: "/",
            query: "",
            headers: &borrowed,
            payload_hash: &payload_hash,
        };
        let credentials = sigv4::Credentials {
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: secret.into(),
            session_token: None,
        };
        let target = sigv4::Target { region, service };
        let added = sigv4::sign(&request, target, &credentials, NOW, &SigningKeys::new());
        headers.extend(added.into_iter().map(|(name, value)| (name.to_string(), value)));
        headers
    }

    fn code(headers: &[(String, String)], body: &[u8]) -> Result<(), (&'static str, u16)> {
        let keys = BTreeMap::from([("AKIDEXAMPLE".to_owned(), "secret".to_owned())]);
        let guard = Guard::new(Authentication::SigV4 { keys });
        guard
            .check(&parts(headers), body, "states", "us-east-1", NOW)
            .map_err(|error| (error.code, error.status))
    }

    #[test]
    fn a_signature_opens_the_door() {
        assert_eq!(code(&signed("secret", "states", "us-east-1", b"{}"), b"{}"), Ok(()));
    }

    #[test]
    fn anything_else_does_not() {
        let body = b"{}";
        assert_eq!(code(&[], body), Err(("MissingAuthenticationTokenException", 403)));
        let wrong = signed("other", "states", "us-east-1", body);
        assert_eq!(code(&wrong, body), Err(("InvalidSignatureException", 403)));
        let right = signed("secret", "states", "us-east-1", body);
        assert_eq!(code(&right, b"{\"a\":1}"), Err(("InvalidSignatureException", 403)));
        let elsewhere = signed("secret", "states", "eu-west-1", body);
        assert_eq!(code(&elsewhere, body), Err(("InvalidSignatureException", 403)));
        let other = signed("secret", "sqs", "us-east-1", body);
        assert_eq!(code(&other, body), Err(("InvalidSignatureException", 403)));
        let half = [("authorization".to_owned(), "AWS4-HMAC-SHA256 Credential=x".to_owned())];
        assert_eq!(code(&half, body), Err(("IncompleteSignatureException", 400)));
        let guard = Guard::new(Authentication::SigV4 { keys: BTreeMap::new() });
        let nobody = guard.check(&parts(&right), body, "states", "us-east-1", NOW).expect_err("refused");
        assert_eq!((nobody.code, nobody.status), ("UnrecognizedClientException", 403));
    }

    #[test]
    fn the_open_door_takes_anything() {
        assert_eq!(
            Guard::new(Authentication::Open).check(&parts(&[]), b"", "states", "us-east-1", 0),
            Ok(())
        );
    }

    #[test]
    fn secrets_are_not_printed() {
        let keys = BTreeMap::from([("AKIDEXAMPLE".to_owned(), "hush".to_owned())]);
        assert_eq!(format!("{:?}", Authentication::SigV4 { keys }), r#"{"AKIDEXAMPLE"}"#);
    }
}
