//! `AWS_IAM`.

use std::collections::BTreeMap;

use json::{Object, Text, value};
use sigv4::{Request, SigningKeys, Target};

use super::super::{Credentials, Keys};
use super::world::{NOW, World, said};

const MISMATCH: &str = "403 InvalidSignatureException: The request signature we calculated does not match the signature you \
    provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

/// A request as somebody signs it.
#[derive(Clone)]
struct Signing {
    secret: &'static str,
    region: &'static str,
    service: &'static str,
    path: &'static str,
    body: &'static str,
    at: i64,
}

const RIGHT: Signing = Signing {
    secret: "secret",
    region: "us-east-1",
    service: "appsync",
    path: "/graphql",
    body: r#"{"query":"{ a }"}"#,
    at: NOW,
};

impl Signing {
    fn headers(&self) -> Object {
        let sent = [("host", "localhost:8083"), ("content-type", "application/json; charset=UTF-8")];
        let payload_hash = sigv4::payload_hash(self.body.as_bytes());
        let request = Request {
            method: "POST",
            path: self.path,
            query: "",
            headers: &sent,
            payload_hash: &payload_hash,
        };
        let credentials = sigv4::Credentials {
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: self.secret.into(),
            session_token: None,
        };
        let target = Target { region: self.region, service: self.service };
        let added = sigv4::sign(&request, target, &credentials, self.at as u64, &SigningKeys::new());
        let mut headers: Object = sent.into_iter().collect();
        for (name, value) in added {
            headers.insert(Text::from(name.to_string().to_ascii_lowercase()), value);
        }
        headers
    }
}

fn with_secret() -> World {
    let mut world = World::of(value!({"authenticationType": "AWS_IAM"}));
    world.keys = Keys::new(Some(BTreeMap::from([("AKIDEXAMPLE".to_owned(), "secret".to_owned())])));
    world
}

/// What comes of a request that is signed in one way and sent in another.
async fn sent(world: &World, signed: &Signing, as_it_arrives: &Signing) -> String {
    let credentials = Credentials {
        headers: signed.headers(),
        path: as_it_arrives.path,
        body: as_it_arrives.body.as_bytes(),
        ..world.credentials()
    };
    said(world.show(credentials).await)
}

#[tokio::test]
async fn a_right_signature_lets_in_who_holds_the_key() {
    let identity = r#"{"accountId":"123456789012","cognitoIdentityAuthProvider":null,"cognitoIdentityAuthType":null,"cognitoIdentityId":null,"cognitoIdentityPoolId":null,"sourceIp":["192.0.2.7"],"userArn":"arn:aws:iam::123456789012:user/AKIDEXAMPLE","username":"AKIDEXAMPLE"}"#;
    let world = with_secret();
    assert_eq!(sent(&world, &RIGHT, &RIGHT).await, identity);
    // As a WebSocket is opened, and behind a prefix.
    for path in ["/graphql/connect", "/the-api/graphql/connect", "/event"] {
        let connect = Signing { path, body: "{}", ..RIGHT };
        assert_eq!(sent(&world, &connect, &connect).await, identity, "{path}");
    }
}

#[tokio::test]
async fn amplify_may_tell_its_name_without_signing_it() {
    let world = with_secret();
    let mut headers = RIGHT.headers();
    headers.insert("x-amz-user-agent", "aws-amplify/6");
    let body = RIGHT.body.as_bytes();
    let outcome =
        said(world.show(Credentials { headers: headers.clone(), body, ..world.credentials() }).await);
    assert!(outcome.contains(r#""username":"AKIDEXAMPLE""#), "{outcome}");
    // Who says that it is signed must have signed it.
    let authorization = headers.get("authorization").and_then(json::Value::as_str).unwrap();
    let authorization = authorization.replace("x-amz-date", "x-amz-date;x-amz-user-agent");
    headers.insert("authorization", authorization);
    assert_eq!(said(world.show(Credentials { headers, body, ..world.credentials() }).await), MISMATCH);
}

#[tokio::test]
async fn every_other_signature_does_not() {
    let world = with_secret();
    let wrong_key = Signing { secret: "other", ..RIGHT };
    assert_eq!(sent(&world, &wrong_key, &RIGHT).await, MISMATCH);
    let tampered = Signing { body: r#"{"query":"{ b }"}"#, ..RIGHT };
    assert_eq!(sent(&world, &RIGHT, &tampered).await, MISMATCH);
    let elsewhere = Signing { path: "/graphql/connect", ..RIGHT };
    assert_eq!(sent(&world, &elsewhere, &RIGHT).await, MISMATCH);
    let region = Signing { region: "eu-west-1", ..RIGHT };
    let scoped = "403 InvalidSignatureException: Credential should be scoped to a valid region: 'us-east-1', not 'eu-west-1'.";
    assert_eq!(sent(&world, &region, &RIGHT).await, scoped);
    let service = Signing { service: "states", ..RIGHT };
    let scoped = "403 InvalidSignatureException: Credential should be scoped to correct service: 'appsync', not 'states'.";
    assert_eq!(sent(&world, &service, &RIGHT).await, scoped);
}

#[tokio::test]
async fn a_signature_is_good_for_a_quarter_of_an_hour_either_way() {
    let mut world = with_secret();
    for (seconds, is_let_in) in [(900, true), (1, false)] {
        world.later(seconds);
        let outcome = sent(&world, &RIGHT, &RIGHT).await;
        assert_eq!(outcome.starts_with(r#"{"accountId""#), is_let_in, "{outcome}");
        assert!(
            is_let_in || outcome.starts_with("403 InvalidSignatureException: Signature expired"),
            "{outcome}"
        );
    }
    let early = Signing { at: world.now / 1000 + 901, ..RIGHT };
    let outcome = sent(&world, &early, &RIGHT).await;
    assert!(outcome.starts_with("403 InvalidSignatureException: Signature not yet current"), "{outcome}");
}

#[tokio::test]
async fn a_key_that_the_server_does_not_have_is_named_invalid() {
    let mut world = with_secret();
    world.keys = Keys::new(Some(BTreeMap::from([("AKIDOTHER".to_owned(), "secret".to_owned())])));
    let invalid = "403 UnrecognizedClientException: The security token included in the request is invalid.";
    assert_eq!(sent(&world, &RIGHT, &RIGHT).await, invalid);
}

#[tokio::test]
async fn a_date_that_is_exchanged_is_found() {
    let world = with_secret();
    let mut headers = RIGHT.headers();
    headers.insert("x-amz-date", "20261128T120001Z");
    let body = RIGHT.body.as_bytes();
    assert_eq!(said(world.show(Credentials { headers, body, ..world.credentials() }).await), MISMATCH);
    let mut headers = RIGHT.headers();
    headers.insert("x-amz-meta", "not signed");
    assert_eq!(said(world.show(Credentials { headers, body, ..world.credentials() }).await), MISMATCH);
}

#[tokio::test]
async fn without_keys_any_signature_will_do_that_has_the_form_of_one() {
    let world = World::of(value!({"authenticationType": "AWS_IAM"}));
    let wrong = Signing { secret: "whatever", region: "eu-west-1", ..RIGHT };
    let outcome = sent(&world, &wrong, &RIGHT).await;
    assert!(outcome.contains(r#""username":"AKIDEXAMPLE""#), "{outcome}");
    let half = "AWS4-HMAC-SHA256 Credential=AKID/20261128/us-east-1/appsync/aws4_request, SignedHeaders=host";
    for (authorization, missing) in [
        (
            half,
            "Authorization header requires 'Signature' parameter. Authorization header requires existence of either a \
                'X-Amz-Date' or a 'Date' header.",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0",
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        ),
    ] {
        let refused = format!("400 IncompleteSignatureException: {missing}");
        assert_eq!(said(world.ask(&[("authorization", authorization)]).await), refused);
    }
    let scope = "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0";
    let outcome = said(world.ask(&[("authorization", scope), ("x-amz-date", "20261128T120000Z")]).await);
    assert!(
        outcome.starts_with("400 IncompleteSignatureException: Credential must have exactly 5"),
        "{outcome}"
    );
}
