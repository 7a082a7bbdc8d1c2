//! The token by which a cluster knows its caller: a request to STS that asks who made it, signed for the cluster
//! to send.
//!
//! A token is good for a quarter of an hour, in its cluster alone, and is made anew for each request. Never here:
//! sending anything.

use asl::Failure;
use sigv4::{Request, Target as SigningTarget, payload_hash, presign};

use crate::access::Access;
use crate::base64;
use crate::clock;
use crate::connectors::Caller;
use crate::endpoints::Target;

/// As `aws eks get-token` has it.
const EXPIRES_SECONDS: u32 = 60;

/// `k8s-aws-v1.…`, for the cluster of this name in EKS. Fails as every call does that nothing gives credentials
/// for, or no STS.
pub(super) async fn of(
    access: &Access,
    cluster: &str,
    caller: &Caller,
    role: Option<&str>,
) -> Result<String, Failure> {
    let operation = aws_models::service("sts").and_then(|sts| sts.operation("getCallerIdentity"));
    let operation = operation.expect("every version of the models has STS");
    let place = match access.find(operation, &json::Value::Null, &caller.region)? {
        Target::Place(place) => place,
        Target::BuiltIn => unreachable!("STS is not offered here"),
    };
    let credentials = access.credentials(place.is_aws, caller, role).await?;
    let (path, _) = place.endpoint.url("/", "");
    let query = presign(
        &Request {
            method: "GET",
            path: &path,
            query: "Action=GetCallerIdentity&Version=2011-06-15",
            headers: &[("host", &place.endpoint.authority), ("x-k8s-aws-id", cluster)],
            payload_hash: &payload_hash(b""),
        },
        SigningTarget { region: &place.signing_region, service: &place.signing_name },
        &credentials,
        clock::now_seconds(),
        EXPIRES_SECONDS,
        access.keys(),
    );
    let (_, url) = place.endpoint.url("/", &query);
    Ok(format!("k8s-aws-v1.{}", url_safe(&url)))
}

/// Base64 that may stand in a header and in a URL, without padding. (RFC 4648, §5)
fn url_safe(text: &str) -> String {
    base64::encode(text.as_bytes()).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_need_no_encoding() {
        assert_eq!(url_safe("?>?>??"), "Pz4_Pj8_");
        assert_eq!(url_safe("f"), "Zg");
    }
}
