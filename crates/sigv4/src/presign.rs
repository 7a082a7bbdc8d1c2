//! Signing a request for somebody else to send: all that is signed is in its URL.

use hmac::Mac;

use crate::canonical::{canonical_request, string_to_sign};
use crate::encoding::{hex, percent_encode};
use crate::key::{SigningKeys, Target};
use crate::request::Request;
use crate::sign::Credentials;
use crate::time;

/// The whole query of a request that can be sent as it is for `expires_seconds` from now on, without any
/// header but those of `request`, which are all signed; `Host` must be among them. `now` is in seconds
/// since 1970.
pub fn presign(
    request: &Request<'_>,
    target: Target<'_>,
    credentials: &Credentials,
    now: u64,
    expires_seconds: u32,
    keys: &SigningKeys,
) -> String {
    let time = time::format(now);
    let date = &time[..8];
    let mut signed_headers: Vec<String> =
        request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    signed_headers.sort();
    signed_headers.dedup();
    let scope = format!("{date}/{}/{}/aws4_request", target.region, target.service);
    let mut parameters = vec![
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned()),
        ("X-Amz-Credential", format!("{}/{scope}", credentials.access_key_id)),
        ("X-Amz-Date", time.clone()),
        ("X-Amz-Expires", expires_seconds.to_string()),
        ("X-Amz-SignedHeaders", signed_headers.join(";")),
    ];
    if let Some(token) = &credentials.session_token {
        parameters.push(("X-Amz-Security-Token", token.clone()));
    }
    let mut query = request.query.to_owned();
    for (name, value) in &parameters {
        let separator = if query.is_empty() { "" } else { "&" };
        query += &format!("{separator}{name}={}", percent_encode(value));
    }
    let request = Request { query: &query, ..*request };
    let canonical = canonical_request(&request, target.service, &signed_headers, None);
    let text = string_to_sign(&time, target, &canonical);
    let code = keys.authenticate(&credentials.secret_access_key, date, target, &text);
    let signature = hex(&code.finalize().into_bytes());
    format!("{query}&X-Amz-Signature={signature}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{UNSIGNED_PAYLOAD, payload_hash, verify};

    fn credentials(session_token: Option<&str>) -> Credentials {
        Credentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            session_token: session_token.map(str::to_owned),
        }
    }

    /// The example of "Authenticating Requests: Using Query Parameters" in the API reference of S3.
    #[test]
    fn the_example_of_s3() {
        let request = Request {
            method: "GET",
            path: "/test.txt",
            query: "",
            headers: &[("Host", "examplebucket.s3.amazonaws.com")],
            payload_hash: UNSIGNED_PAYLOAD,
        };
        let target = Target { region: "us-east-1", service: "s3" };
        let query = presign(&request, target, &credentials(None), 1_369_353_600, 86_400, &SigningKeys::new());
        assert_eq!(
            query,
            "X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
             &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
             &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
    }

    #[test]
    fn what_is_signed_so_is_verified() {
        let (credentials, keys) = (credentials(Some("to/ken")), SigningKeys::new());
        let hash = payload_hash(b"");
        let headers = [("host", "sts.eu-west-1.amazonaws.com"), ("x-k8s-aws-id", "cluster")];
        let request = Request {
            method: "GET",
            path: "/",
            query: "Action=GetCallerIdentity&Version=2011-06-15",
            headers: &headers,
            payload_hash: &hash,
        };
        let target = Target { region: "eu-west-1", service: "sts" };
        let query = presign(&request, target, &credentials, 1_440_938_160, 60, &keys);
        assert!(query.contains("X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Security-Token=to%2Fken&"));
        let sent = Request { query: &query, ..request };
        let check = |sent: &Request<'_>, now: u64| {
            verify(sent, |_| Some(credentials.secret_access_key.as_str()), now, &keys)
        };
        let verified = check(&sent, 1_440_938_200).unwrap();
        assert_eq!((verified.region.as_str(), verified.service.as_str()), ("eu-west-1", "sts"));
        let other = [headers[0], ("x-k8s-aws-id", "another")];
        assert!(check(&Request { headers: &other, ..sent }, 1_440_938_200).is_err());
    }
}
