//! API Gateway against a real server that stands in for it.

mod support;
#[path = "support/web_server.rs"]
mod web_server;

use std::time::{SystemTime, UNIX_EPOCH};

use connectors::{AwsSettings, Connectors, Credentials, Settings};
use http_body_util::Full;
use hyper::Response;
use json::{Value, value};
use support::{call, integration};
use web_server::{Answer, Asked, Authority, WebServer, json};

const HOST: &str = "abc.execute-api.us-west-2.amazonaws.com";

async fn invoke(connectors: &Connectors, members: &str) -> Result<Value, (String, String)> {
    let arguments = format!(r#"{{"ApiEndpoint":"{HOST}",{members}}}"#);
    call(connectors, integration("apigateway", "invoke"), &arguments).await
}

/// A server, and connectors that send everything there.
async fn api(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (WebServer, Connectors) {
    let server = WebServer::start(answer).await;
    let connectors = at(&format!("http://{}", server.address));
    (server, connectors)
}

fn at(url: &str) -> Connectors {
    let credentials = Credentials {
        access_key_id: "AKID".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
    };
    let aws = AwsSettings {
        endpoints: [("apigateway".to_owned(), url.to_owned())].into(),
        credentials: Some(credentials),
        ..AwsSettings::default()
    };
    Connectors::new(Settings { aws, ..Settings::default() })
}

#[tokio::test]
async fn a_request_and_its_result() {
    let (server, connectors) = api(|_| {
        let response = Response::builder().header("Content-Type", "application/json");
        let response =
            response.header("x-amzn-RequestId", "r-1").header("Set-Cookie", "a").header("Set-Cookie", "b");
        response.body(Full::new(r#"{"id":7}"#.into())).unwrap()
    })
    .await;
    let result = invoke(
        &connectors,
        r#""Method":"POST","Stage":"prod","Path":"/pets/a%20b","Headers":{"X-A":["1","2"]},
           "QueryParameters":{"q":["x y","z"]},"RequestBody":{"name":"Rex","tag":null}"#,
    )
    .await
    .unwrap();
    assert_eq!(
        result.get("Headers").and_then(|headers| headers.get("Set-Cookie")).cloned(),
        Some(value!(["a", "b"]))
    );
    assert_eq!(
        result.get("Headers").and_then(|headers| headers.get("x-amzn-RequestId")).cloned(),
        Some(value!(["r-1"]))
    );
    assert_eq!(result.get("ResponseBody"), Some(&value!({"id": 7})));
    assert_eq!(
        (result.get("StatusCode"), result.get("StatusText")),
        (Some(&value!(200)), Some(&value!("OK")))
    );
    let asked = server.only();
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("POST", "/prod/pets/a%20b?q=x%20y&q=z"));
    assert_eq!(asked.body, r#"{"name":"Rex"}"#);
    for (name, value) in [("host", HOST), ("x-a", "1, 2"), ("content-type", "application/json")] {
        assert_eq!(asked.header(name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(asked.header("authorization"), None);
    invoke(&connectors, r#""Method":"PUT","RequestBody":{"tag":null},"AllowNullValues":true"#).await.unwrap();
    assert_eq!(server.only().body, r#"{"tag":null}"#);
}

#[tokio::test]
async fn whoever_asks_for_it_signs() {
    let (server, connectors) = api(|_| json(200, "{}")).await;
    for kind in ["IAM_ROLE", "RESOURCE_POLICY"] {
        let members = r#""Method":"POST","Path":"a%2Fb","QueryParameters":{"q":["1"]},"RequestBody":"text""#;
        invoke(&connectors, &format!(r#"{members},"AuthType":"{kind}""#)).await.unwrap();
        let asked = server.only();
        let headers: Vec<(&str, &str)> =
            asked.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let (path, query) = asked.target.split_once('?').unwrap();
        let verified = sigv4::verify(
            &sigv4::Request {
                method: &asked.method,
                path,
                query,
                headers: &headers,
                payload_hash: &sigv4::payload_hash(asked.body.as_bytes()),
            },
            |key| (key == "AKID").then_some("secret"),
            SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs(),
            &sigv4::SigningKeys::new(),
        );
        let verified = verified.unwrap();
        assert_eq!((verified.region.as_str(), verified.service.as_str()), ("us-west-2", "execute-api"));
    }
}

#[tokio::test]
async fn errors_have_aws_names() {
    let (server, connectors) = api(|asked| match asked.target.as_str() {
        "/denied" => json(403, r#"{"message":"Forbidden"}"#),
        "/broken" => Response::builder().status(500).body(Full::default()).unwrap(),
        "/moved" => Response::builder().status(301).header("Location", "/x").body(Full::default()).unwrap(),
        other => panic!("{other}: somebody followed a redirect"),
    })
    .await;
    let failure = invoke(&connectors, r#""Method":"GET","Path":"denied""#).await.unwrap_err();
    assert_eq!(failure, ("ApiGateway.403".to_owned(), r#"{"message":"Forbidden"}"#.to_owned()));
    let failure = invoke(&connectors, r#""Method":"GET","Path":"broken""#).await.unwrap_err();
    assert_eq!(failure, ("ApiGateway.500".to_owned(), String::new()));
    let moved = invoke(&connectors, r#""Method":"GET","Path":"moved""#).await.unwrap();
    assert_eq!(moved.get("StatusCode"), Some(&value!(301)));
    assert_eq!(server.connections(), 1);

    let nobody = at("http://127.0.0.1:1");
    let failure = invoke(&nobody, r#""Method":"GET""#).await.unwrap_err();
    assert_eq!(failure.0, "ApiGateway.SdkClientException");
    assert!(failure.1.starts_with("Unable to execute HTTP request: Connect to 127.0.0.1:1 "), "{failure:?}");
}

#[tokio::test]
async fn without_an_endpoint_the_host_is_called_by_https() {
    let authority = Authority::new();
    let folder = support::Folder::with(&[("ca.pem", &authority.pem)]);
    let server = WebServer::start_tls(&authority, &["localhost"], |_| json(200, r#""secure""#)).await;
    let settings = Settings { ca_file: Some(folder.path().join("ca.pem")), ..Settings::default() };
    let arguments = format!(r#"{{"ApiEndpoint":"localhost:{}","Method":"GET"}}"#, server.address.port());
    let result =
        call(&Connectors::new(settings), integration("apigateway", "invoke"), &arguments).await.unwrap();
    assert_eq!(result.get("ResponseBody"), Some(&value!("secure")));
    let asked = server.only();
    let host = format!("localhost:{}", server.address.port());
    assert_eq!((asked.target.as_str(), asked.header("host")), ("/", Some(host)));
}
