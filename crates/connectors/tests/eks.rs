//! Kubernetes's API of a cluster: a real server with a certificate of the cluster's own authority.

mod support;
#[path = "support/web_server.rs"]
mod web_server;

use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use asl::Resource;
use asl::resource::Pattern;
use connectors::{AwsSettings, Caller, Connectors, Credentials, OutboundPolicy, Settings, Surroundings};
use execution::{FrameId, TaskCall, TaskOutcome};
use json::{Document, Value, value};
use sigv4::{Request, SigningKeys, payload_hash, verify};
use support::{call, integration};
use web_server::{Answer, Asked, Authority, WebServer, json};

const STS: &str = "127.0.0.1:1";

fn settings() -> Settings {
    let credentials = Credentials {
        access_key_id: "AKID".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: Some("session".to_owned()),
    };
    let aws = AwsSettings {
        endpoints: [("sts".to_owned(), format!("http://{STS}"))].into(),
        credentials: Some(credentials),
        ..AwsSettings::default()
    };
    Settings { aws, ..Settings::default() }
}

/// A cluster, and the parameters that name it.
struct Cluster {
    server: WebServer,
    parameters: String,
}

impl Cluster {
    async fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Cluster {
        let authority = Authority::new();
        let server = WebServer::start_tls(&authority, &["localhost"], answer).await;
        let parameters = parameters(&server, &base64(authority.pem.as_bytes(), STANDARD));
        Cluster { server, parameters }
    }

    async fn call(&self, more: &str) -> Result<Value, (String, String)> {
        let connectors = Connectors::new(settings());
        call(&connectors, integration("eks", "call"), &format!("{{{},{more}}}", self.parameters)).await
    }
}

fn parameters(server: &WebServer, certificate_authority: &str) -> String {
    format!(
        r#""ClusterName":"mine","CertificateAuthority":"{certificate_authority}","Endpoint":"https://localhost:{}""#,
        server.address.port()
    )
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Without padding.
fn base64(bytes: &[u8], digits: &[u8; 64]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte)) << (24 - 8 * chunk.len());
        out.extend((0..=chunk.len()).map(|place| char::from(digits[bits >> (18 - 6 * place) & 63])));
    }
    out
}

/// The same backwards.
fn from_base64(text: &str, digits: &[u8; 64]) -> Vec<u8> {
    let (mut out, mut bits, mut count) = (Vec::new(), 0, 0);
    for letter in text.bytes() {
        bits = bits << 6 | digits.iter().position(|digit| *digit == letter).expect("Base64");
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 255) as u8);
        }
    }
    out
}

#[tokio::test]
async fn a_call_and_its_result() {
    let cluster = Cluster::start(|_| json(201, r#"{"kind":"Pod"}"#)).await;
    let result = cluster
        .call(
            r#""Method":"POST","Path":"/api/v1/namespaces/default/pods","QueryParameters":{"a":["x y","z"]},
               "RequestBody":{"kind":"Pod"}"#,
        )
        .await
        .unwrap();
    assert_eq!(result.get("Headers").unwrap().get("Content-Type"), Some(&value!(["application/json"])));
    assert_eq!(result.get("ResponseBody"), Some(&value!({ "kind": "Pod" })));
    assert_eq!(
        (result.get("StatusCode"), result.get("StatusText")),
        (Some(&value!(201)), Some(&value!("Created")))
    );
    let asked = cluster.server.only();
    assert_eq!((asked.method.as_str(), asked.body.as_str()), ("POST", r#"{"kind":"Pod"}"#));
    assert_eq!(asked.target, "/api/v1/namespaces/default/pods?a=x%20y&a=z");
    assert_eq!(asked.header("content-type").as_deref(), Some("application/json"));
}

/// The cluster sends what the token holds to STS, which must find it signed for this cluster.
#[tokio::test]
async fn the_token_is_a_signed_question_to_sts() {
    let cluster = Cluster::start(|_| json(200, "{}")).await;
    cluster.call(r#""Method":"GET","Path":"/version""#).await.unwrap();
    let bearer = cluster.server.only().header("authorization").unwrap();
    let token = bearer.strip_prefix("Bearer k8s-aws-v1.").unwrap();
    let url = String::from_utf8(from_base64(token, URL_SAFE)).unwrap();
    let query = url.strip_prefix(&format!("http://{STS}/?")).unwrap();
    assert!(query.starts_with("Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm="), "{query}");
    assert!(
        query.contains("&X-Amz-Expires=60&") && query.contains("&X-Amz-Security-Token=session&"),
        "{query}"
    );
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let check = |name: &str| {
        let headers = [("host", STS), ("x-k8s-aws-id", name)];
        let hash = payload_hash(b"");
        let request = Request { method: "GET", path: "/", query, headers: &headers, payload_hash: &hash };
        verify(&request, |key| (key == "AKID").then_some("secret"), now, &SigningKeys::new())
    };
    let verified = check("mine").unwrap();
    assert_eq!((verified.region.as_str(), verified.service.as_str()), ("eu-west-1", "sts"));
    assert!(check("another").is_err());
}

#[tokio::test]
async fn what_the_cluster_refuses_is_a_failure_of_its_status() {
    let cluster = Cluster::start(|_| json(401, r#"{"kind":"Status","code":401}"#)).await;
    let (error, cause) = cluster.call(r#""Method":"GET","Path":"/version""#).await.unwrap_err();
    assert_eq!(error, "EKS.401");
    assert_eq!(
        cause,
        r#"{"ResponseBody":{"kind":"Status","code":401},"StatusCode":401,"StatusText":"Unauthorized"}"#
    );
}

#[tokio::test]
async fn only_the_clusters_own_authority_is_believed() {
    let cluster = Cluster::start(|_| json(200, "{}")).await;
    let connectors = Connectors::new(settings());
    let ask = async |authority: &str| {
        let arguments =
            format!(r#"{{{},"Method":"GET","Path":"/"}}"#, parameters(&cluster.server, authority));
        call(&connectors, integration("eks", "call"), &arguments).await.unwrap_err()
    };
    let (error, cause) = ask(&base64(Authority::new().pem.as_bytes(), STANDARD)).await;
    assert_eq!(error, "EKS.SdkClientException");
    assert!(cause.contains("TLS with localhost failed"), "{cause}");
    for nothing in ["no Base64!", "bm8gUEVN", ""] {
        let (error, cause) = ask(nothing).await;
        assert_eq!(error, "States.Runtime", "{nothing}");
        assert!(
            cause.ends_with("[The value of the field 'CertificateAuthority' has an invalid format]"),
            "{cause}"
        );
    }
    assert!(cluster.server.asked().is_empty());
}

#[tokio::test]
async fn a_server_for_others_connects_to_public_clusters_only() {
    let cluster = Cluster::start(|_| json(200, "{}")).await;
    let outbound = OutboundPolicy { surroundings: Surroundings::Production, ..OutboundPolicy::default() };
    let connectors = Connectors::new(Settings { outbound, ..settings() });
    let arguments = format!(r#"{{{},"Method":"GET","Path":"/"}}"#, cluster.parameters);
    let (error, cause) = call(&connectors, integration("eks", "call"), &arguments).await.unwrap_err();
    assert_eq!(error, "EKS.SdkClientException");
    assert!(cause.contains("this machine itself"), "{cause}");
    assert!(cluster.server.asked().is_empty());
}

/// `eks:runJob.sync` with these parameters, and who calls.
fn job(cluster: &Cluster, more: &str) -> (TaskCall, Caller) {
    let resource =
        Resource::Integration { service: "eks".into(), action: "runJob".into(), pattern: Pattern::Sync };
    let call = TaskCall {
        frame: FrameId::EXECUTION,
        attempt: 1,
        resource,
        arguments: Document::parse(&format!("{{{},{more}}}", cluster.parameters)).unwrap(),
        role_arn: None,
        idempotency_token: "00000000".to_owned(),
    };
    let caller = Caller { region: "eu-west-1".into(), ..Caller::default() };
    (call, caller)
}

/// A cluster with one job, `j-1`, that is in these conditions one after the other; the last one stays.
async fn with_job(conditions: &'static [&'static str]) -> Cluster {
    let left = Mutex::new(conditions.iter());
    let last = conditions.last().unwrap();
    Cluster::start(move |asked| {
        let path = asked.target.split('?').next().unwrap();
        match (asked.method.as_str(), path) {
            ("POST", "/apis/batch/v1/namespaces/n/jobs") => {
                json(201, r#"{"kind":"Job","metadata":{"name":"j-1"}}"#)
            }
            ("GET", "/apis/batch/v1/namespaces/n/jobs/j-1") => {
                let condition = left.lock().unwrap().next().unwrap_or(last);
                if *condition == "503" {
                    return json(503, "{}");
                }
                json(
                    200,
                    &format!(
                        r#"{{"metadata":{{"name":"j-1"}},"status":{{"conditions":[{{"type":"{condition}","status":"True"}}]}}}}"#
                    ),
                )
            }
            ("DELETE", "/apis/batch/v1/namespaces/n/jobs/j-1") => json(200, r#"{"status":"Success"}"#),
            ("GET", "/api/v1/namespaces/n/pods") => json(
                200,
                r#"{"items":[{"metadata":{"name":"j-1-x"},"spec":{"containers":[{"name":"a"},{"name":"b"}]}}]}"#,
            ),
            ("GET", "/api/v1/namespaces/n/pods/j-1-x/log") if asked.target.contains("container=a") => {
                json(200, "{\"pi\": 3.14}\n")
            }
            _ => json(404, r#"{"kind":"Status"}"#),
        }
    })
    .await
}

#[tokio::test]
async fn a_job_is_started_watched_and_shown_with_its_logs() {
    let cluster = with_job(&["Suspended", "503", "Complete"]).await;
    let (task, caller) = job(
        &cluster,
        r#""Namespace":"n","Job":{"metadata":{"generateName":"j-"}},
           "LogOptions":{"RetrieveLogs":true,"LogParameters":{"tailLines":["6"]}}"#,
    );
    let connectors = Connectors::new(settings());
    let TaskOutcome::Succeeded(submitted) = connectors.call(&task, &caller).await else { panic!() };
    assert_eq!(submitted.value().get("StatusCode"), Some(&value!(201)));
    let TaskOutcome::Succeeded(result) = connectors.await_job(&task, &submitted, &caller).await else {
        panic!()
    };
    let failure =
        r#"{\"ResponseBody\":{\"kind\":\"Status\"},\"StatusCode\":404,\"StatusText\":\"Not Found\"}"#;
    assert_eq!(
        *result.text(),
        *format!(
            r#"{{"metadata":{{"name":"j-1"}},"status":{{"conditions":[{{"type":"Complete","status":"True"}}]}},"logs":{{"pods":{{"j-1-x":{{"containers":{{"a":{{"log":{{"pi":3.14}}}},"b":{{"error":"EKS.404","cause":"{failure}"}}}}}}}}}}}}"#
        )
    );
    let asked = cluster.server.asked();
    let targets: Vec<&str> = asked.iter().map(|asked| asked.target.as_str()).collect();
    assert_eq!(
        targets,
        [
            "/apis/batch/v1/namespaces/n/jobs",
            "/apis/batch/v1/namespaces/n/jobs/j-1",
            "/apis/batch/v1/namespaces/n/jobs/j-1",
            "/apis/batch/v1/namespaces/n/jobs/j-1",
            "/api/v1/namespaces/n/pods?labelSelector=job-name%3Dj-1",
            "/api/v1/namespaces/n/pods/j-1-x/log?container=a&tailLines=6",
            "/api/v1/namespaces/n/pods/j-1-x/log?container=b&tailLines=6",
        ]
    );
    assert_eq!(asked[0].body, r#"{"metadata":{"generateName":"j-"}}"#);
}

#[tokio::test]
async fn a_job_that_fails_fails_its_task() {
    let cluster = with_job(&["FailureTarget", "Failed"]).await;
    let (task, caller) = job(&cluster, r#""Namespace":"n","Job":{}"#);
    let connectors = Connectors::new(settings());
    let TaskOutcome::Succeeded(submitted) = connectors.call(&task, &caller).await else { panic!() };
    let TaskOutcome::Failed(failure) = connectors.await_job(&task, &submitted, &caller).await else {
        panic!()
    };
    assert_eq!(failure.name(), "States.TaskFailed");
    assert_eq!(
        failure.cause.as_deref(),
        Some(r#"{"metadata":{"name":"j-1"},"status":{"conditions":[{"type":"Failed","status":"True"}]}}"#)
    );
}

#[tokio::test]
async fn a_job_is_deleted_with_its_pods() {
    let cluster = with_job(&["Suspended"]).await;
    let (task, caller) = job(&cluster, r#""Namespace":"n","Job":{}"#);
    let connectors = Connectors::new(settings());
    let TaskOutcome::Succeeded(submitted) = connectors.call(&task, &caller).await else { panic!() };
    connectors.stop_job(&task, &submitted, &caller).await.unwrap();
    let asked = cluster.server.asked();
    let last = asked.last().unwrap();
    assert_eq!(
        (last.method.as_str(), last.target.as_str()),
        ("DELETE", "/apis/batch/v1/namespaces/n/jobs/j-1?propagationPolicy=Foreground")
    );
}
