//! Signatures known from AWS's published test suite (`get-vanilla`) and from botocore, both ways.

use sigv4::{
    Credentials, Refusal, Request, SigningKeys, Target, UNSIGNED_PAYLOAD, Verified, claimed, payload_hash,
    sign, verify,
};

/// 2015-08-30 12:36:00, when all examples were signed.
const NOW: u64 = 1_440_938_160;
const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

struct Example {
    method: &'static str,
    path: &'static str,
    query: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    service: &'static str,
    session_token: Option<&'static str>,
    signature: &'static str,
}

const EXAMPLES: &[Example] = &[
    Example {
        method: "GET",
        path: "/",
        query: "",
        headers: &[("Host", "example.amazonaws.com")],
        body: "",
        service: "service",
        session_token: None,
        signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    },
    Example {
        method: "POST",
        path: "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af/invocations",
        query: "Qualifier=%24LATEST",
        headers: &[
            ("content-type", "application/json"),
            ("X-Amz-Invocation-Type", "Event"),
            ("host", "lambda.us-east-1.amazonaws.com"),
        ],
        body: r#"{"a":1}"#,
        service: "lambda",
        session_token: Some("the/token=="),
        signature: "fbaf4733f9e7ce044e655bf6f5b63e89584bc4ff85993162eded86a6146f2c28",
    },
    Example {
        method: "POST",
        path: "/",
        query: "",
        headers: &[
            ("Content-Type", "application/x-amz-json-1.0"),
            ("X-Amz-Target", "AWSStepFunctions.ListStateMachines"),
            ("Host", "127.0.0.1:8083"),
        ],
        body: "{}",
        service: "states",
        session_token: None,
        signature: "75ee70c60022dfe61b5ad44b1c85fa3cdb7ff10cfdfdff5e63c4ffc9e33ea443",
    },
    Example {
        method: "PUT",
        path: "/bucket/a%20b//c%2Bd",
        query: "",
        headers: &[("Content-Type", "text/plain"), ("host", "s3.us-east-1.amazonaws.com")],
        body: "hello",
        service: "s3",
        session_token: Some("the/token=="),
        signature: "f1765da43fa8019d248d4bd9c15d88a0546b571c5f644eddc7e92c2d9e3ff16c",
    },
];

const PRESIGNED_QUERY: &str = "x=1&y=%C3%A4&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2F\
     us-east-1%2Flambda%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&\
     X-Amz-Signature=a3503a09ae86bf2cecc0b800db567f9b4dcd4d4209ca273e4874c6725bf96df4";

/// The example with the headers that signing adds.
fn signed_headers(example: &Example) -> Vec<(String, String)> {
    let hash = payload_hash(example.body.as_bytes());
    let request = Request {
        method: example.method,
        path: example.path,
        query: example.query,
        headers: example.headers,
        payload_hash: &hash,
    };
    let credentials = Credentials {
        access_key_id: KEY.to_owned(),
        secret_access_key: SECRET.to_owned(),
        session_token: example.session_token.map(str::to_owned),
    };
    let target = Target { region: "us-east-1", service: example.service };
    let added = sign(&request, target, &credentials, NOW, &SigningKeys::new());
    let given = example.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    given.chain(added.into_iter().map(|(name, value)| (name.to_owned(), value))).collect()
}

/// Verifies a signed POST of `states`, after `change` had its way with headers and body.
fn verify_changed(
    now: u64,
    change: impl FnOnce(&mut Vec<(String, String)>, &mut String),
) -> Result<(), Refusal> {
    let example = &EXAMPLES[2];
    let mut headers = signed_headers(example);
    let mut body = example.body.to_owned();
    change(&mut headers, &mut body);
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let hash = payload_hash(body.as_bytes());
    let request = Request {
        method: example.method,
        path: example.path,
        query: example.query,
        headers: &headers,
        payload_hash: &hash,
    };
    verify(&request, |key| (key == KEY).then_some(SECRET), now, &SigningKeys::new()).map(drop)
}

fn value<'h>(headers: &'h mut [(String, String)], name: &str) -> &'h mut String {
    &mut headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)).expect("is there").1
}

#[test]
fn signing_gives_the_known_signatures() {
    for example in EXAMPLES {
        let headers = signed_headers(example);
        let (_, authorization) = headers.last().unwrap();
        assert!(authorization.ends_with(&format!("Signature={}", example.signature)), "{authorization}");
    }
}

#[test]
fn a_body_that_is_not_signed_is_said_in_a_header() {
    let request = Request {
        method: "POST",
        path: "/x",
        query: "",
        headers: &[("Content-Type", "text/plain"), ("host", "sts.us-east-1.amazonaws.com")],
        payload_hash: UNSIGNED_PAYLOAD,
    };
    let credentials = Credentials {
        access_key_id: KEY.to_owned(),
        secret_access_key: SECRET.to_owned(),
        session_token: Some("the/token==".to_owned()),
    };
    let target = Target { region: "us-east-1", service: "sts" };
    let added = sign(&request, target, &credentials, NOW, &SigningKeys::new());
    assert!(added.contains(&("x-amz-content-sha256", UNSIGNED_PAYLOAD.to_owned())));
    let signature = "Signature=3f13cdbcbdb6e2453e2538e6477f7d9e1692fc1185415aaa3b4688cec44779d7";
    assert!(added.last().unwrap().1.ends_with(signature), "{added:?}");
}

#[test]
fn what_was_signed_verifies() {
    let keys = SigningKeys::new();
    for example in EXAMPLES {
        let headers = signed_headers(example);
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let hash = payload_hash(example.body.as_bytes());
        let request = Request {
            method: example.method,
            path: example.path,
            query: example.query,
            headers: &headers,
            payload_hash: &hash,
        };
        // Twice: once with a derived key, once with a kept one.
        for _ in 0..2 {
            let verified = verify(&request, |_| Some(SECRET), NOW, &keys).unwrap();
            assert_eq!(
                (verified.access_key_id.as_str(), verified.region.as_str(), verified.service.as_str()),
                (KEY, "us-east-1", example.service)
            );
        }
    }
}

#[test]
fn the_clock_may_be_off_by_a_quarter_of_an_hour() {
    for now in [NOW - 900, NOW, NOW + 900] {
        assert_eq!(verify_changed(now, |_, _| ()), Ok(()));
    }
    assert_eq!(
        verify_changed(NOW + 901, |_, _| ()).unwrap_err().to_string(),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)"
    );
    assert_eq!(
        verify_changed(NOW - 901, |_, _| ()).unwrap_err().to_string(),
        "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T122059Z + 15 min.)"
    );
}

#[test]
fn every_change_of_the_request_is_noticed() {
    type Change = fn(&mut Vec<(String, String)>, &mut String);
    let changes: &[Change] = &[
        |_, body| body.push(' '),
        |headers, _| value(headers, "x-amz-target").push('2'),
        |headers, _| value(headers, "host").push('2'),
        |headers, _| headers.push(("X-Amz-Target".into(), "AWSStepFunctions.DeleteStateMachine".into())),
        |headers, _| headers.push(("x-amz-other".into(), "unsigned".into())),
        |headers, _| headers.push(("x-amz-content-sha256".into(), "UNSIGNED-PAYLOAD".into())),
        |headers, _| {
            let authorization = value(headers, "authorization");
            *authorization = authorization.replace("/us-east-1/", "/us-east-2/");
        },
        |headers, _| {
            let authorization = value(headers, "authorization");
            *authorization = authorization.replace("content-type;host;", "content-type;");
        },
        |headers, _| {
            let authorization = value(headers, "authorization");
            authorization.truncate(authorization.len() - 2);
        },
        |headers, _| value(headers, "authorization").push_str("zz"),
    ];
    for (index, change) in changes.iter().enumerate() {
        let refusal = verify_changed(NOW, change).unwrap_err();
        assert!(matches!(refusal, Refusal::Mismatch { .. }), "change {index}: {refusal:?}");
        assert_eq!(refusal.code(), "InvalidSignatureException");
    }
}

#[test]
fn each_kind_of_refusal_has_its_code_and_message() {
    let replace = |from: &'static str, to: &'static str| {
        verify_changed(NOW, move |headers, _| {
            let authorization = value(headers, "authorization");
            *authorization = authorization.replace(from, to);
        })
        .unwrap_err()
    };
    let refusals = [
        verify_changed(NOW, |headers, _| headers.retain(|(name, _)| name != "authorization")).unwrap_err(),
        replace("Signature=", "Sig="),
        replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"),
        replace("AKIDEXAMPLE/", ""),
        replace("AKIDEXAMPLE", "AKIDOTHER"),
        replace("/20150830/", "/20150829/"),
        verify_changed(NOW, |headers, _| *value(headers, "x-amz-date") = "yesterday".into()).unwrap_err(),
    ];
    let told: Vec<String> = refusals.iter().map(|refusal| format!("{}: {refusal}", refusal.code())).collect();
    assert_eq!(
        told,
        [
            "MissingAuthenticationTokenException: Missing Authentication Token",
            "IncompleteSignatureException: Authorization header requires 'Signature' parameter.",
            "IncompleteSignatureException: Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'.",
            "IncompleteSignatureException: Credential must have exactly 5 slash-delimited elements, e.g. \
             keyid/date/region/service/term, got '20150830/us-east-1/states/aws4_request'",
            "UnrecognizedClientException: The security token included in the request is invalid.",
            "InvalidSignatureException: Date in Credential scope does not match YYYYMMDD from ISO-8601 version of \
             date from HTTP: '20150829' != '20150830', from '20150830T123600Z'.",
            "IncompleteSignatureException: Date must be in ISO-8601 'basic format'. Got 'yesterday'.",
        ]
    );
}

#[test]
fn what_a_signature_claims_is_read_without_a_check() {
    let example = &EXAMPLES[2];
    let mut headers = signed_headers(example);
    let claim = |headers: &[(String, String)]| {
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        claimed(&Request { method: "GET", path: "/other", query: "", headers: &headers, payload_hash: "" })
    };
    let expected =
        Verified { access_key_id: KEY.into(), region: "us-east-1".into(), service: "states".into() };
    assert_eq!(claim(&headers), Ok(expected));
    let authorization = value(&mut headers, "authorization");
    *authorization = authorization.replace(", Signature=", ", Sign=");
    assert!(matches!(claim(&headers), Err(Refusal::Incomplete(_))));
    assert_eq!(claim(&[]), Err(Refusal::Missing));
}

#[test]
fn presigned_requests_verify_until_they_expire() {
    let hash = payload_hash(b"");
    let check = |query: &str, now: u64| {
        let request = Request {
            method: "GET",
            path: "/a%20b",
            query,
            headers: &[("host", "example.amazonaws.com")],
            payload_hash: &hash,
        };
        verify(&request, |_| Some(SECRET), now, &SigningKeys::new()).map(drop)
    };
    assert_eq!(check(PRESIGNED_QUERY, NOW + 60), Ok(()));
    assert!(matches!(check(PRESIGNED_QUERY, NOW + 61), Err(Refusal::Expired(_))));
    assert!(matches!(check(&PRESIGNED_QUERY.replace("x=1", "x=2"), NOW), Err(Refusal::Mismatch { .. })));
    for (from, to) in
        [("Expires=60", "Expires=604801"), ("Expires=60", "Expires=-1"), ("&X-Amz-Date", "&Date")]
    {
        assert!(
            matches!(check(&PRESIGNED_QUERY.replace(from, to), NOW), Err(Refusal::Incomplete(_))),
            "{to}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn hostile_requests_never_panic(
        path in ".*", query in ".*", name in "(authorization|x-amz-date|host|.*)", value in "(AWS4-HMAC-SHA256 )?.*",
    ) {
        let headers = [("host", "h"), ("x-amz-date", "20150830T123600Z"), (name.as_str(), value.as_str())];
        for query in [query.clone(), format!("{query}&{PRESIGNED_QUERY}")] {
            let request =
                Request { method: "GET", path: &path, query: &query, headers: &headers, payload_hash: "" };
            let _ = verify(&request, |_| Some(SECRET), NOW, &SigningKeys::new());
        }
    }
}
