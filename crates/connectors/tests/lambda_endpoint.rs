//! The Invoke API of somebody else: a small server that checks signatures and answers by script.

mod support;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use asl::Resource;
use connectors::{AwsSettings, Connectors, Credentials, Settings};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use json::value;
use support::{Fixture, call, call_arn, integration, invoke};
use tokio::net::TcpListener;

/// What the server was asked: request line, the headers that matter, body.
type Seen = Arc<Mutex<Vec<String>>>;

fn lambda_at(url: &str) -> Settings {
    let aws =
        AwsSettings { endpoints: [("lambda".to_owned(), url.to_owned())].into(), ..AwsSettings::default() };
    Settings { aws, ..Settings::default() }
}

/// A Lambda endpoint that answers `NAME` by its name, and the connectors that call it.
async fn endpoint() -> (Connectors, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let told = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let told = told.clone();
            tokio::spawn(async move {
                let service = service_fn(|request| answer(request, told.clone()));
                let server = hyper::server::conn::http1::Builder::new();
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    let credentials = Credentials {
        access_key_id: "AKID".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: Some("token".to_owned()),
    };
    let mut settings = lambda_at(&format!("http://{address}/"));
    settings.aws.credentials = Some(credentials);
    (Connectors::new(settings), seen)
}

async fn answer(request: Request<Incoming>, seen: Seen) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let headers: Vec<(&str, &str)> =
        head.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    let verified = sigv4::verify(
        &sigv4::Request {
            method: head.method.as_str(),
            path: head.uri.path(),
            query: head.uri.query().unwrap_or_default(),
            headers: &headers,
            payload_hash: &sigv4::payload_hash(&body),
        },
        |key| (key == "AKID").then_some("secret"),
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs(),
        &sigv4::SigningKeys::new(),
    );
    let mut line = format!("{} {}", head.method, head.uri);
    for name in ["x-amz-invocation-type", "x-amz-log-type", "x-amz-client-context"] {
        if let Some(value) = head.headers.get(name) {
            line += &format!(" {name}={}", value.to_str().unwrap());
        }
    }
    let signed_by = match verified {
        Ok(verified) => format!("{}/{}", verified.region, verified.service),
        Err(refusal) => refusal.to_string(),
    };
    line += &format!(" [{signed_by}] {}", String::from_utf8_lossy(&body));
    seen.lock().unwrap().push(line);

    let path = head.uri.path();
    let response = Response::builder().header("x-amzn-RequestId", "request-1");
    let response = if path.contains("missing") {
        response
            .status(404)
            .header("x-amzn-ErrorType", "ResourceNotFoundException")
            .body(r#"{"Type":"User","Message":"Function not found: arn:aws:lambda:missing"}"#.into())
    } else if path.contains("failing") {
        response
            .header("X-Amz-Function-Error", "Unhandled")
            .body(r#"{"errorType":"Bad","errorMessage":"m"}"#.into())
    } else {
        response
            .header("X-Amz-Executed-Version", "7")
            .header("Content-Type", "application/json")
            .body(Full::new(if body.is_empty() { Bytes::from("{}") } else { body }))
    };
    Ok(response.unwrap())
}

fn only(seen: &Seen) -> String {
    let mut seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 1);
    seen.pop().unwrap()
}

#[tokio::test]
async fn requests_are_those_of_the_api_and_signed() {
    let (connectors, seen) = endpoint().await;
    let arn = "arn:aws:lambda:us-west-2:123456789012:function:echo";
    assert_eq!(call_arn(&connectors, arn, r#"{ "a": 1 }"#).await, Ok(value!({"a": 1})));
    assert_eq!(
        only(&seen),
        "POST /2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-west-2%3A123456789012%3Afunction%3Aecho/invocations \
         [us-west-2/lambda] { \"a\": 1 }"
    );
    let parameters = r#"{"FunctionName":"echo","Payload":"p","Qualifier":"$LATEST","LogType":"Tail",
        "InvocationType":"Event","ClientContext":"e30="}"#;
    invoke(&connectors, parameters).await.unwrap();
    assert_eq!(
        only(&seen),
        "POST /2015-03-31/functions/echo/invocations?Qualifier=%24LATEST x-amz-invocation-type=Event \
         x-amz-log-type=Tail x-amz-client-context=e30= [eu-west-1/lambda] p"
    );
}

#[tokio::test]
async fn results_are_those_of_step_functions() {
    let (connectors, _) = endpoint().await;
    let result = invoke(&connectors, r#"{"FunctionName":"echo"}"#).await.unwrap();
    let names: Vec<&str> = result.as_object().unwrap().keys().map(|name| name.as_str()).collect();
    assert_eq!(names, ["ExecutedVersion", "Payload", "SdkHttpMetadata", "SdkResponseMetadata", "StatusCode"]);
    assert_eq!(result.get("ExecutedVersion"), Some(&value!("7")));
    assert_eq!(result.get("Payload"), Some(&value!({})));
    assert_eq!(result.get("SdkResponseMetadata"), Some(&value!({"RequestId": "request-1"})));
    let headers = result.get("SdkHttpMetadata").and_then(|http| http.get("AllHttpHeaders")).unwrap();
    assert_eq!(headers.get("X-Amz-Executed-Version"), Some(&value!(["7"])));
}

#[tokio::test]
async fn failures_are_named_as_by_step_functions() {
    let (connectors, _) = endpoint().await;
    let failure = |error: &str, cause: &str| Err((error.to_owned(), cause.to_owned()));
    assert_eq!(
        invoke(&connectors, r#"{"FunctionName":"failing"}"#).await,
        failure("Bad", r#"{"errorType":"Bad","errorMessage":"m"}"#)
    );
    assert_eq!(
        invoke(&connectors, r#"{"FunctionName":"missing"}"#).await,
        failure(
            "Lambda.ResourceNotFoundException",
            "Function not found: arn:aws:lambda:missing (Service: AWSLambda; Status Code: 404; Error Code: \
             ResourceNotFoundException; Request ID: request-1; Proxy: null)"
        )
    );
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = Connectors::new(lambda_at(&format!("http://{unused}")));
    assert_eq!(
        invoke(&nobody, r#"{"FunctionName":"f"}"#).await,
        failure(
            "Lambda.SdkClientException",
            &format!(
                "Unable to execute HTTP request: Connect to {unused} [127.0.0.1] failed: Connection refused (Connection \
                 refused)"
            )
        )
    );
}

#[tokio::test]
async fn a_server_that_hangs_up_is_a_client_exception() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let (error, cause) =
        invoke(&Connectors::new(lambda_at(&format!("http://{address}"))), r#"{"FunctionName":"f"}"#)
            .await
            .unwrap_err();
    assert_eq!(error, "Lambda.SdkClientException");
    assert!(cause.starts_with("Unable to execute HTTP request: "), "{cause}");
}

#[tokio::test]
async fn an_unknown_host_is_worded_as_recorded() {
    assert_eq!(
        invoke(&Connectors::new(lambda_at("http://no-such-host.invalid")), r#"{"FunctionName":"f"}"#).await,
        Err((
            "Lambda.SdkClientException".to_owned(),
            "Unable to execute HTTP request: no-such-host.invalid: Name or service not known".to_owned()
        ))
    );
}

#[tokio::test]
async fn functions_that_run_here_come_before_the_endpoint() {
    let here = Fixture::new("app.py", "", |function| function.command = Some(vec!["/no/such".to_owned()]));
    let (_, seen) = endpoint().await;
    let (error, _) = here.call("0").await.unwrap_err();
    assert_eq!(error, "Runtime.InvalidEntrypoint");
    assert_eq!(*seen.lock().unwrap(), Vec::<String>::new());
    // One that is not there, and no endpoint: AWS's answer.
    let (error, cause) = invoke(&here.connectors, r#"{"FunctionName":"other"}"#).await.unwrap_err();
    assert_eq!(error, "Lambda.ResourceNotFoundException");
    let beginning = "Function not found: arn:aws:lambda:us-east-1:123456789012:function:other:$LATEST (Service: \
                     AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: ";
    assert!(cause.starts_with(beginning) && cause.ends_with("; Proxy: null)"), "{cause}");
}

#[tokio::test]
async fn what_cannot_be_called_says_what_to_set() {
    let check = async |url: Option<&str>, resource, text: &str| {
        let settings = url.map_or_else(Settings::default, lambda_at);
        let parameters = match resource {
            Resource::Integration { ref service, .. } if service == "sqs" => {
                r#"{"QueueUrl":"q","MessageBody":"m"}"#
            }
            _ => r#"{"FunctionName":"f"}"#,
        };
        let (error, cause) = call(&Connectors::new(settings), resource, parameters).await.unwrap_err();
        assert_eq!(error, "States.Runtime");
        assert!(cause.contains(text), "{cause}");
    };
    check(None, integration("lambda", "invoke"), "set AWS_ENDPOINT_URL_LAMBDA").await;
    check(Some("ftp://host"), integration("lambda", "invoke"), "is not of the form http://HOST:PORT").await;
    check(Some("host"), integration("lambda", "invoke"), "is not of the form http://HOST:PORT").await;
    check(None, integration("sqs", "sendMessage"), "AWS_ENDPOINT_URL_SQS").await;
}
