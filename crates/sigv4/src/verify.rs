//! Checking the signature of a request that has come in.

use hmac::Mac;

use crate::canonical::{canonical_request, string_to_sign};
use crate::encoding::{from_hex, percent_decode};
use crate::key::{SigningKeys, Target};
use crate::refusal::Refusal;
use crate::request::{Request, UNSIGNED_PAYLOAD};
use crate::time;

/// How far a caller's clock may be off, either way.
pub const CLOCK_SKEW_SECONDS_MAX: u64 = 15 * 60;
/// A presigned request is good for at most a week.
const EXPIRES_SECONDS_MAX: u64 = 7 * 24 * 3600;
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Who signed, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The access key.
    pub access_key_id: String,
    /// The region it was signed for.
    pub region: String,
    /// The service it was signed for.
    pub service: String,
}

/// Checks a request's signature, in its `Authorization` header or in its query (presigned).
///
/// `request.payload_hash` is the hash of the body as it came. `secret_of` finds the secret of an
/// access key. `now` is in seconds since 1970. Every `x-amz-*` header must be signed: `X-Amz-Target`
/// says what is done. An unsigned payload is taken only where S3's presigned requests have it.
pub fn verify<'k>(
    request: &Request<'_>,
    secret_of: impl FnOnce(&str) -> Option<&'k str>,
    now: u64,
    keys: &SigningKeys,
) -> Result<Verified, Refusal> {
    let presigned = request.header("authorization").is_none();
    let claim = if presigned { Claim::from_query(request)? } else { Claim::from_header(request)? };
    let Scope { access_key_id, date, region, service } = Scope::parse(&claim.credential)?;
    check_signed_headers(request, &claim.signed_headers)?;
    check_time(&claim, date, now)?;
    let payload_hash = signed_payload_hash(request, service, presigned)?;

    let secret = secret_of(access_key_id)
        .ok_or_else(|| Refusal::UnknownKey { access_key_id: access_key_id.to_owned() })?;
    let target = Target { region, service };
    let request = Request { payload_hash, ..*request };
    let without_query = presigned.then_some("X-Amz-Signature");
    let canonical_request = canonical_request(&request, service, &claim.signed_headers, without_query);
    let text = string_to_sign(&claim.time, target, &canonical_request);
    let code = keys.authenticate(secret, date, target, &text);
    let signature = from_hex(&claim.signature).unwrap_or_default();
    // Takes the same time wherever the first difference is.
    if code.verify_slice(&signature).is_err() {
        return Err(Refusal::Mismatch { canonical_request });
    }
    Ok(Verified {
        access_key_id: access_key_id.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
    })
}

/// Who says that they have signed a request, in its `Authorization` header. Nothing is checked but that it is a signature by
/// its form.
pub fn claimed(request: &Request<'_>) -> Result<Verified, Refusal> {
    if request.header("authorization").is_none() {
        return Err(Refusal::Missing);
    }
    let claim = Claim::from_header(request)?;
    let Scope { access_key_id, region, service, .. } = Scope::parse(&claim.credential)?;
    Ok(Verified {
        access_key_id: access_key_id.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
    })
}

/// What a request says about its own signature.
struct Claim {
    credential: String,
    signed_headers: Vec<String>,
    signature: String,
    /// `YYYYMMDDTHHMMSSZ`
    time: String,
    /// Only of presigned requests: how long it is good for.
    expires_seconds: Option<u64>,
}

impl Claim {
    fn from_header(request: &Request<'_>) -> Result<Claim, Refusal> {
        let header = request.header("authorization").unwrap_or_default();
        let Some(parameters) = header.strip_prefix(ALGORITHM) else {
            return Err(Refusal::Incomplete(format!(
                "Unsupported AWS 'algorithm': '{}'.",
                first_word(header)
            )));
        };
        let parameter = |name: &str| {
            parameters.split(',').find_map(|parameter| {
                let (known, value) = parameter.trim().split_once('=')?;
                (known == name).then(|| value.to_owned())
            })
        };
        let time = request.header("x-amz-date").map(str::to_owned);
        let found =
            (parameter("Credential"), parameter("SignedHeaders"), parameter("Signature"), time.as_ref());
        let (Some(credential), Some(signed_headers), Some(signature), Some(time)) = found else {
            let mut missing: Vec<String> = Vec::new();
            for (name, value) in
                [("Credential", &found.0), ("Signature", &found.2), ("SignedHeaders", &found.1)]
            {
                if value.is_none() {
                    missing.push(format!("Authorization header requires '{name}' parameter."));
                }
            }
            if found.3.is_none() {
                missing.push(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
                        .to_owned(),
                );
            }
            return Err(Refusal::Incomplete(missing.join(" ")));
        };
        let signed_headers = signed_headers.split(';').map(str::to_owned).collect();
        Ok(Claim { credential, signed_headers, signature, time: time.clone(), expires_seconds: None })
    }

    fn from_query(request: &Request<'_>) -> Result<Claim, Refusal> {
        let parameter = |name: &str| {
            request.query.split('&').find_map(|parameter| {
                let (known, value) = parameter.split_once('=')?;
                (known == name).then(|| String::from_utf8_lossy(&percent_decode(value, true)).into_owned())
            })
        };
        let Some(signature) = parameter("X-Amz-Signature") else { return Err(Refusal::Missing) };
        let required = |name: &str| {
            parameter(name).ok_or_else(|| {
                Refusal::Incomplete(format!("AWS query-string parameters must include '{name}'."))
            })
        };
        let algorithm = required("X-Amz-Algorithm")?;
        if algorithm != ALGORITHM {
            return Err(Refusal::Incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'.")));
        }
        let expires = required("X-Amz-Expires")?;
        let expires_seconds = expires.parse().ok().filter(|seconds| *seconds <= EXPIRES_SECONDS_MAX);
        if expires_seconds.is_none() {
            return Err(Refusal::Incomplete(format!(
                "X-Amz-Expires must be a number of seconds from 0 to {EXPIRES_SECONDS_MAX}, not '{expires}'."
            )));
        }
        Ok(Claim {
            credential: required("X-Amz-Credential")?,
            signed_headers: required("X-Amz-SignedHeaders")?.split(';').map(str::to_owned).collect(),
            signature,
            time: required("X-Amz-Date")?,
            expires_seconds,
        })
    }
}

/// `Credential`, taken apart.
struct Scope<'a> {
    access_key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
}

impl<'a> Scope<'a> {
    /// An access key may hold slashes; the four parts after it may not.
    fn parse(credential: &'a str) -> Result<Scope<'a>, Refusal> {
        let mut parts = credential.rsplitn(5, '/');
        let mut next = || parts.next().filter(|part| !part.is_empty());
        let (terminal, service, region, date, access_key_id) = (next(), next(), next(), next(), next());
        match (access_key_id, date, region, service, terminal) {
            (Some(access_key_id), Some(date), Some(region), Some(service), Some("aws4_request")) => {
                Ok(Scope { access_key_id, date, region, service })
            }
            _ => Err(Refusal::Incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term, got '{credential}'"
            ))),
        }
    }
}

fn check_signed_headers(request: &Request<'_>, signed: &[String]) -> Result<(), Refusal> {
    let mismatch = || Refusal::Mismatch { canonical_request: String::new() };
    if !signed.is_sorted() || !signed.iter().any(|name| name == "host") {
        return Err(mismatch());
    }
    let unsigned = request.headers.iter().any(|(name, _)| {
        let name = name.to_ascii_lowercase();
        name.starts_with("x-amz-") && !signed.contains(&name)
    });
    if unsigned { Err(mismatch()) } else { Ok(()) }
}

/// Too old, too early, or of another day than the key is for.
fn check_time(claim: &Claim, date: &str, now: u64) -> Result<(), Refusal> {
    let time = &claim.time;
    let Some(signed_at) = time::parse(time) else {
        return Err(Refusal::Incomplete(format!("Date must be in ISO-8601 'basic format'. Got '{time}'.")));
    };
    if !time.starts_with(date) {
        return Err(Refusal::Expired(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
             '{date}' != '{}', from '{time}'.",
            &time[..8]
        )));
    }
    let now_text = time::format(now);
    if signed_at > now + CLOCK_SKEW_SECONDS_MAX {
        let latest = time::format(now + CLOCK_SKEW_SECONDS_MAX);
        return Err(Refusal::Expired(format!(
            "Signature not yet current: {time} is still later than {latest} ({now_text} + 15 min.)"
        )));
    }
    let good_seconds = claim.expires_seconds.unwrap_or(CLOCK_SKEW_SECONDS_MAX);
    if signed_at.saturating_add(good_seconds) < now {
        let earliest = time::format(now.saturating_sub(good_seconds));
        let slack = if good_seconds.is_multiple_of(60) {
            format!("{} min.", good_seconds / 60)
        } else {
            format!("{good_seconds} s")
        };
        return Err(Refusal::Expired(format!(
            "Signature expired: {time} is now earlier than {earliest} ({now_text} - {slack})"
        )));
    }
    Ok(())
}

/// The payload hash that the caller signed, once it is known to be that of the body.
fn signed_payload_hash<'a>(
    request: &Request<'a>,
    service: &str,
    presigned: bool,
) -> Result<&'a str, Refusal> {
    match request.header("x-amz-content-sha256") {
        Some(hash) if hash == request.payload_hash => Ok(hash),
        Some(UNSIGNED_PAYLOAD) if service == "s3" => Ok(UNSIGNED_PAYLOAD),
        Some(_) => Err(Refusal::Mismatch { canonical_request: String::new() }),
        None if presigned && service == "s3" => Ok(UNSIGNED_PAYLOAD),
        None => Ok(request.payload_hash),
    }
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or("")
}
