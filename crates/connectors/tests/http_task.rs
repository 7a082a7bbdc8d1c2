//! HTTP tasks against real servers: what goes out, what comes back, what is refused.

mod support;
#[path = "support/web_server.rs"]
mod web_server;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_names::Scope;
use connections::{
    Access, Authorization, Connections, HttpParameters, OAuth, OAuthMethod, Parameter, Secret,
};
use connectors::{Allowed, Connectors, OutboundPolicy, Settings, Surroundings};
use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use json::{Value, value};
use support::{Folder, call, integration};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use web_server::{Answer, Asked, Authority, WebServer, json};

const ARN: &str = "arn:aws:events:us-east-1:123456789012:connection/mine";

fn basic() -> Access {
    Access {
        authorization: Authorization::Basic { username: "ada".to_owned(), password: Secret::new("hush") },
        parameters: HttpParameters::default(),
    }
}

fn with(access: Access) -> Settings {
    let connections = Connections::in_memory();
    connections.configure(BTreeMap::from([("mine".to_owned(), access)]));
    Settings { connections, ..Settings::default() }
}

/// GETs a URL with the connection `mine`.
async fn get(connectors: &Connectors, url: &str) -> Result<Value, (String, String)> {
    let arguments =
        format!(r#"{{"ApiEndpoint":"{url}","Method":"GET","Authentication":{{"ConnectionArn":"{ARN}"}}}}"#);
    invoke(connectors, &arguments).await
}

async fn invoke(connectors: &Connectors, arguments: &str) -> Result<Value, (String, String)> {
    let outcome = call(connectors, integration("http", "invoke"), arguments).await;
    if let Err((_, cause)) = &outcome {
        assert!(!cause.contains("hush") && !cause.contains("token-"), "a secret is in {cause}");
    }
    outcome
}

fn echo(_: &Asked) -> Answer {
    let response = Response::builder().header("Content-Type", "application/json; charset=utf-8");
    let response = response.header("X-Two", "a").header("X-Two", "b");
    response.body(Full::new(Bytes::from_static(br#"{"done":true}"#))).unwrap()
}

#[tokio::test]
async fn a_request_and_its_result() {
    let server = WebServer::start(echo).await;
    let parameter = |name: &str, value: &str| Parameter {
        name: name.to_owned(),
        value: Secret::new(value),
        is_secret: true,
    };
    let parameters = HttpParameters {
        headers: vec![parameter("X-Tenant", "theirs")],
        query: vec![parameter("key", "k")],
        body: vec![parameter("pin", "1")],
    };
    let connectors = Connectors::new(with(Access { parameters, ..basic() }));
    let arguments = format!(
        r#"{{"ApiEndpoint":"http://{}/a/b?own=1","Method":"PATCH","Authentication":{{"ConnectionArn":"{ARN}/any-uuid"}},
            "Headers":{{"X-Tenant":"mine","X-List":["1","2"]}},"QueryParameters":{{"q":["x y","z"]}},
            "RequestBody":{{"name":"Ada"}}}}"#,
        server.address
    );
    let result = invoke(&connectors, &arguments).await.unwrap();
    assert_eq!(result.get("ResponseBody"), Some(&value!({"done": true})));
    assert_eq!(
        (result.get("StatusCode"), result.get("StatusText")),
        (Some(&value!(200)), Some(&value!("OK")))
    );
    let headers = result.get("Headers").unwrap();
    assert_eq!(headers.get("x-two"), Some(&value!(["a", "b"])));
    assert_eq!(headers.get("content-type"), Some(&value!(["application/json; charset=utf-8"])));

    let asked = server.only();
    assert_eq!((asked.method.as_str(), asked.body.as_str()), ("PATCH", r#"{"name":"Ada","pin":"1"}"#));
    assert_eq!(asked.target, "/a/b?own=1&q=x%20y&q=z&key=k");
    for (name, value) in [
        ("authorization", "Basic YWRhOmh1c2g="),
        ("x-tenant", "theirs"),
        ("x-list", "1, 2"),
        ("user-agent", "Amazon|StepFunctions|HttpInvoke|eu-west-1"),
        ("range", "bytes=0-262144"),
        ("content-type", "application/json; charset=UTF-8"),
        ("host", &server.address.to_string()),
    ] {
        assert_eq!(asked.header(name).as_deref(), Some(value), "{name}");
    }
}

#[tokio::test]
async fn bodies_come_back_as_json_or_text() {
    let server = WebServer::start(|asked| match asked.target.as_str() {
        "/text" => Response::builder().header("Content-Type", "text/plain").body("plain".into()).unwrap(),
        "/empty" => Response::builder().status(204).body(Full::default()).unwrap(),
        _ => json(206, "[1]"),
    })
    .await;
    let connectors = Connectors::new(with(basic()));
    for (path, body, status, text) in [
        ("text", value!("plain"), 200, "OK"),
        ("empty", value!(""), 204, "No Content"),
        ("list", value!([1]), 206, "Partial Content"),
    ] {
        let result = get(&connectors, &format!("http://{}/{path}", server.address)).await.unwrap();
        let member = |name: &str| result.get(name).cloned().unwrap();
        assert_eq!(member("ResponseBody"), body, "{path}");
        assert_eq!((member("StatusCode"), member("StatusText")), (value!(status), value!(text)), "{path}");
    }
}

#[tokio::test]
async fn errors_have_aws_names() {
    let server = WebServer::start(|asked| {
        let response = Response::builder();
        match asked.target.as_str() {
            "/missing" => json(404, r#"{"why":"not here"}"#),
            "/silent" => response.status(503).body(Full::default()).unwrap(),
            "/moved" => response.status(302).header("Location", "/ok").body("elsewhere".into()).unwrap(),
            "/image" => response.header("Content-Type", "image/png").body("png".into()).unwrap(),
            "/archive" => response.header("Content-Type", "Application/Zip; x=y").body("zip".into()).unwrap(),
            "/large" => json(200, &format!("\"{}\"", "x".repeat(262_144))),
            other => panic!("{other} was asked for: somebody followed a redirect"),
        }
    })
    .await;
    let connectors = Connectors::new(with(basic()));
    for (path, error, cause) in [
        ("missing", "States.Http.StatusCode.404", r#"{"why":"not here"}"#),
        ("silent", "States.Http.StatusCode.503", "Service Unavailable"),
        ("moved", "States.Http.StatusCode.302", "elsewhere"),
        ("image", "States.TaskFailed", "The response has the content type image/png"),
        ("archive", "States.TaskFailed", "The response has the content type Application/Zip"),
        ("large", "States.DataLimitExceeded", "exceeding the maximum number of bytes"),
    ] {
        let failure = get(&connectors, &format!("http://{}/{path}", server.address)).await.unwrap_err();
        assert!(failure.0 == error && failure.1.contains(cause), "{path}: {failure:?}");
    }
}

#[tokio::test]
async fn trouble_with_the_connection_is_a_socket_error() {
    let connectors = Connectors::new(with(basic()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let breaking = tokio::spawn(async move {
        for said in ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "no HTTP\r\n\r\n"] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = [0; 1024];
            let _ = stream.read(&mut head).await.unwrap();
            stream.write_all(said.as_bytes()).await.unwrap();
        }
    });
    for cause in ["failed to respond", "the response broke off", "invalid HTTP"] {
        let failure = get(&connectors, &format!("http://{address}/")).await.unwrap_err();
        assert!(failure.0 == "States.Http.Socket" && failure.1.contains(cause), "{failure:?}");
    }
    breaking.await.unwrap();
    // The listener is gone.
    let refused = get(&connectors, &format!("http://{address}/")).await.unwrap_err();
    let expected =
        format!("Connect to {address} [127.0.0.1] failed: Connection refused (Connection refused)");
    assert_eq!(refused, ("States.Http.Socket".to_owned(), expected));
}

#[tokio::test]
async fn connections_that_cannot_be_used() {
    let server = WebServer::start(echo).await;
    let settings = Settings::default();
    let made = settings.connections.create(&Scope::default(), "mine", None, basic(), 0).unwrap();
    settings.connections.deauthorize("mine", 1).unwrap();
    let connectors = Connectors::new(settings);
    for (arn, error) in [
        (made.arn.as_str(), "Events.ConnectionResource.InvalidConnectionState"),
        (ARN, "Events.ConnectionResource.ResourceNotFound"),
    ] {
        let arguments = format!(
            r#"{{"ApiEndpoint":"http://{}","Method":"GET","InvocationConfig":{{"ConnectionArn":"{arn}"}}}}"#,
            server.address
        );
        assert_eq!(invoke(&connectors, &arguments).await.unwrap_err().0, error);
    }
    assert_eq!(server.connections(), 0);
}

fn production(settings: Settings, allow: &[&str]) -> Settings {
    let allow = allow.iter().map(|text| Allowed::parse(text).unwrap()).collect();
    Settings { outbound: OutboundPolicy { surroundings: Surroundings::Production, allow }, ..settings }
}

#[tokio::test]
async fn the_policy_is_kept_at_the_address_that_is_connected_to() {
    let server = WebServer::start(echo).await;
    let port = server.address.port();
    let denied = Connectors::new(production(with(basic()), &["10.0.0.0/8", "example.com"]));
    // The name says nothing of where it leads; no more do the ways to write an address.
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"] {
        let failure = get(&denied, &format!("http://{host}:{port}/")).await.unwrap_err();
        assert!(failure.0 == "States.Http.Socket" && failure.1.contains("may not call here"), "{failure:?}");
    }
    for metadata in ["169.254.169.254", "[fd00:ec2::254]"] {
        let failure = get(&denied, &format!("https://{metadata}/")).await.unwrap_err();
        assert!(failure.1.contains("may not call here"), "{failure:?}");
    }
    assert_eq!(server.connections(), 0, "what is denied is not connected to");
    for (allow, host) in [("127.0.0.0/8", "127.0.0.1"), ("localhost", "localhost")] {
        let allowed = Connectors::new(production(with(basic()), &[allow]));
        get(&allowed, &format!("http://{host}:{port}/")).await.unwrap();
    }
    // Who develops reaches the own machine, and still not where clouds keep their credentials.
    let development = Connectors::new(with(basic()));
    get(&development, &format!("http://localhost:{port}/")).await.unwrap();
    let failure = get(&development, "http://169.254.169.254/").await.unwrap_err();
    assert!(failure.1.contains("a link-local address"), "{failure:?}");
}

#[tokio::test]
async fn tls_believes_the_authorities_that_are_named() {
    let authority = Authority::new();
    let folder = Folder::with(&[("ca.pem", &authority.pem), ("empty.pem", "nothing")]);
    let server = WebServer::start_tls(&authority, &["localhost"], echo).await;
    let url = format!("https://localhost:{}/", server.address.port());
    let ca_file = Some(folder.path().join("ca.pem"));

    let trusting = Connectors::new(Settings { ca_file: ca_file.clone(), ..with(basic()) });
    for _ in 0..2 {
        assert_eq!(get(&trusting, &url).await.unwrap().get("ResponseBody"), Some(&value!({"done": true})));
    }
    assert_eq!(server.connections(), 1, "connections are kept");
    // Production lets HTTPS through to what is allowed, too.
    let production = production(Settings { ca_file: ca_file.clone(), ..with(basic()) }, &["localhost"]);
    get(&Connectors::new(production), &url).await.unwrap();

    let socket = |outcome: Result<Value, (String, String)>| {
        let (error, cause) = outcome.unwrap_err();
        assert_eq!(error, "States.Http.Socket");
        cause
    };
    let stranger = socket(get(&Connectors::new(with(basic())), &url).await);
    assert!(
        stranger
            .starts_with("TLS with localhost failed: invalid peer certificate: UnknownIssuer; an authority"),
        "{stranger}"
    );
    let by_address = format!("https://{}/", server.address);
    let other_name = socket(get(&trusting, &by_address).await);
    assert!(other_name.starts_with("TLS with 127.0.0.1 failed: invalid peer certificate"), "{other_name}");
    let plain = WebServer::start(echo).await;
    let no_tls = socket(get(&trusting, &format!("https://{}/", plain.address)).await);
    assert!(no_tls.starts_with("TLS with 127.0.0.1 failed"), "{no_tls}");
    for (file, why) in [("absent.pem", "No such file"), ("empty.pem", "no certificate")] {
        let ca_file = Some(folder.path().join(file));
        let unusable = Connectors::new(Settings { ca_file, ..with(basic()) });
        let cause = socket(get(&unusable, &url).await);
        assert!(cause.starts_with("ca_file of [http], ") && cause.contains(why), "{cause}");
    }
}

/// An API that takes only the newest token, and the server that gives tokens.
async fn guarded_api(expires_in: &'static str) -> (WebServer, WebServer) {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    let newest = std::sync::Arc::new(AtomicUsize::new(0));
    let given = newest.clone();
    let tokens = WebServer::start(move |_| {
        given.store(NEXT.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
        let number = given.load(Ordering::SeqCst);
        json(200, &format!(r#"{{"access_token":"token-{number}","token_type":"Bearer"{expires_in}}}"#))
    })
    .await;
    let api = WebServer::start(move |asked| {
        let wanted = format!("Bearer token-{}", newest.load(Ordering::SeqCst));
        let is_right = asked.header("authorization") == Some(wanted) && asked.target != "/never";
        if is_right { json(200, "{}") } else { json(401, r#""who?""#) }
    })
    .await;
    (tokens, api)
}

fn oauth(tokens: &WebServer, method: OAuthMethod) -> Access {
    let parameter = |name: &str, value: &str| Parameter {
        name: name.to_owned(),
        value: Secret::new(value),
        is_secret: false,
    };
    let oauth = OAuth {
        client_id: "the client".to_owned(),
        client_secret: Secret::new("hush&"),
        endpoint: format!("http://{}/token", tokens.address),
        method,
        parameters: HttpParameters {
            headers: vec![parameter("X-Realm", "r")],
            query: vec![parameter("audience", "a")],
            body: vec![parameter("scope", "read")],
        },
    };
    Access { authorization: Authorization::OAuth(oauth), parameters: HttpParameters::default() }
}

#[tokio::test]
async fn a_token_is_fetched_once_and_again_when_it_is_refused() {
    let (tokens, api) = guarded_api(r#","expires_in":3600"#).await;
    let settings = with(oauth(&tokens, OAuthMethod::Post));
    let connections = settings.connections.clone();
    let connectors = Connectors::new(settings);
    let url = format!("http://{}/", api.address);
    get(&connectors, &url).await.unwrap();
    get(&connectors, &url).await.unwrap();
    let asked = tokens.only();
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("POST", "/token?audience=a"));
    assert_eq!(
        asked.body,
        "grant_type=client_credentials&client_id=the+client&client_secret=hush%26&scope=read"
    );
    assert_eq!(asked.header("content-type").as_deref(), Some("application/x-www-form-urlencoded"));
    assert_eq!(asked.header("x-realm").as_deref(), Some("r"));
    assert_eq!(api.asked().len(), 2);

    // Somebody else's token is the newest now, so ours is refused, and fetched again once.
    let other = Connectors::new(with(oauth(&tokens, OAuthMethod::Get)));
    get(&other, &url).await.unwrap();
    let asked = tokens.only();
    let query =
        "audience=a&grant_type=client_credentials&client_id=the%20client&client_secret=hush%26&scope=read";
    assert_eq!(
        (asked.method, asked.target, asked.body),
        ("GET".into(), format!("/token?{query}"), String::new())
    );
    api.asked();
    get(&connectors, &url).await.unwrap();
    assert_eq!((tokens.asked().len(), api.asked().len()), (1, 2));

    // Where no token helps, it ends after one more.
    let never = get(&connectors, &format!("{url}never")).await.unwrap_err();
    assert_eq!(never, ("States.Http.StatusCode.401".to_owned(), r#""who?""#.to_owned()));
    assert_eq!((tokens.asked().len(), api.asked().len()), (1, 2));
    let fresh = Connectors::new(with(oauth(&tokens, OAuthMethod::Put)));
    assert_eq!(get(&fresh, &format!("{url}never")).await.unwrap_err().0, "States.Http.StatusCode.401");
    assert_eq!((tokens.asked().len(), api.asked().len()), (1, 1));

    // A connection that was changed needs a token of its own.
    get(&connectors, &url).await.unwrap();
    tokens.asked();
    connections.configure(BTreeMap::from([("mine".to_owned(), oauth(&tokens, OAuthMethod::Put))]));
    get(&connectors, &url).await.unwrap();
    assert_eq!(tokens.only().method, "PUT");
}

#[tokio::test]
async fn a_token_that_ends_soon_is_not_used_again() {
    let (tokens, api) = guarded_api(r#","expires_in":"30""#).await;
    let connectors = Connectors::new(with(oauth(&tokens, OAuthMethod::Post)));
    let url = format!("http://{}/", api.address);
    get(&connectors, &url).await.unwrap();
    get(&connectors, &url).await.unwrap();
    assert_eq!((tokens.asked().len(), api.asked().len()), (2, 2));
}

#[tokio::test]
async fn many_tasks_at_once_fetch_one_token() {
    let (tokens, api) = guarded_api("").await;
    let connectors = Connectors::new(with(oauth(&tokens, OAuthMethod::Post)));
    let url = format!("http://{}/", api.address);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (connectors, url) = (connectors.clone(), url.clone());
        calls.spawn(async move { get(&connectors, &url).await.unwrap() });
    }
    assert_eq!(calls.join_all().await.len(), 20);
    assert_eq!((tokens.asked().len(), api.asked().len()), (1, 20));
}

#[tokio::test]
async fn no_token_no_request() {
    let api = WebServer::start(echo).await;
    let tokens = WebServer::start(|asked| match asked.target.contains("/refused") {
        true => json(400, r#"{"error":"invalid_client","hint":"hush"}"#),
        false => json(200, r#"{"token":"hush"}"#),
    })
    .await;
    let url = format!("http://{}/", api.address);
    let at = |path: &str| {
        let Access { authorization: Authorization::OAuth(oauth), parameters } =
            oauth(&tokens, OAuthMethod::Post)
        else {
            unreachable!("made above")
        };
        let endpoint = format!("http://{}/{path}", tokens.address);
        Access { authorization: Authorization::OAuth(OAuth { endpoint, ..oauth }), parameters }
    };
    for (path, why) in [("refused", "answered 400"), ("odd", "answered without an access_token")] {
        let failure = get(&Connectors::new(with(at(path))), &url).await.unwrap_err();
        assert_eq!(failure.0, "Events.ConnectionResource.InvalidConnectionState");
        assert!(failure.1.contains(why), "{failure:?}");
    }
    // The policy holds for what gives tokens, too.
    let denied = production(with(at("refused")), &[]);
    let failure = get(&Connectors::new(denied), &url).await.unwrap_err();
    assert_eq!(failure.0, "Events.ConnectionResource.InternalError");
    assert!(failure.1.contains("may not call here"), "{failure:?}");
    assert_eq!(api.connections(), 0);
}

/// The variable that the test below tells its other process the URL in.
const CHILD_URL: &str = "CONNECTORS_TEST_URL";

/// `SSL_CERT_FILE` stands for the system's authorities. It is read from the environment, which a test may not
/// change for others in its process: this program is started once more.
#[tokio::test]
async fn the_authorities_of_ssl_cert_file_are_the_systems() {
    if let Ok(url) = std::env::var(CHILD_URL) {
        get(&Connectors::new(with(basic())), &url).await.unwrap();
        return;
    }
    let authority = Authority::new();
    let folder = Folder::with(&[("ca.pem", &authority.pem)]);
    let server = WebServer::start_tls(&authority, &["localhost"], echo).await;
    let child = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_authorities_of_ssl_cert_file_are_the_systems"])
        .env("SSL_CERT_FILE", folder.path().join("ca.pem"))
        .env(CHILD_URL, format!("https://localhost:{}/", server.address.port()))
        .output();
    let output = child.await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(server.asked().len(), 1);
}
