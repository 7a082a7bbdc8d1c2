//! Servers behind data sources, by HTTP: what is on the wire, and what comes of the answer.

use std::time::{SystemTime, UNIX_EPOCH};

use connectors::{AwsSettings, Connectors, Credentials, Settings};
use expect_test::expect;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::*;
use crate::wiring::Connected;

/// A request as it came in.
struct Asked {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Asked {
    async fn read(stream: &mut TcpStream) -> Asked {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).await.unwrap();
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let mut words = lines[0].split(' ').map(str::to_owned);
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let header = |line: &String| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_owned(), value.to_owned())
        };
        let headers: Vec<_> = lines[1..].iter().map(header).collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
        reader.read_exact(&mut body).await.unwrap();
        Asked { method, path: path.to_owned(), query: query.to_owned(), headers, body }
    }

    /// For whom it is signed: the key, the region and the service, and whom it calls.
    fn signed_for(&self) -> Result<String, sigv4::Refusal> {
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let payload_hash = sigv4::payload_hash(&self.body);
        let (method, path, query) = (self.method.as_str(), self.path.as_str(), self.query.as_str());
        let request = sigv4::Request { method, path, query, headers: &headers, payload_hash: &payload_hash };
        let secret = |key: &str| (key == "AKID").then_some("secret");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let verified = sigv4::verify(&request, secret, now, &sigv4::SigningKeys::new())?;
        let hash = self.header("x-amz-content-sha256").map(|hash| hash == payload_hash);
        let (host, token) = (self.header("host"), self.header("x-amz-security-token"));
        Ok(format!("{} {} {host:?} {token:?} {hash:?}", verified.service, verified.region))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Without what no two requests have in common.
    fn shown(&self) -> String {
        let Asked { method, path, query, headers, body } = self;
        let varies = ["host", "authorization", "x-amz-date", "amz-sdk-invocation-id", "user-agent"];
        let headers = headers.iter().filter(|(name, _)| !varies.contains(&name.as_str()));
        let headers: String = headers.map(|(name, value)| format!(" {name}: {value};")).collect();
        let query = if query.is_empty() { String::new() } else { format!("?{query}") };
        let line = format!("→ {method} {path}{query}{headers} {}", String::from_utf8_lossy(body));
        format!("{}\n", line.trim_end())
    }
}

/// A server that answers so often, with a status and JSON, and tells what it was asked.
async fn serve(answers: &[(&str, &str)]) -> (String, JoinHandle<Vec<Asked>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answers: Vec<String> = answers
        .iter()
        .map(|(status, body)| {
            let length = body.len();
            format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        })
        .collect();
    let server = tokio::spawn(async move {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let request = Asked::read(&mut stream).await;
            // The body of an answer to HEAD stays away.
            let end =
                if request.method == "HEAD" { answer.find("\r\n\r\n").unwrap() + 4 } else { answer.len() };
            stream.write_all(&answer.as_bytes()[..end]).await.unwrap();
            asked.push(request);
        }
        asked
    });
    (url, server)
}

/// The outside as these settings have it, with keys of its own.
fn connected(endpoints: &[(&str, &str)], resources: &[(&str, &str)]) -> Connected {
    let owned = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, url)| ((*name).to_owned(), (*url).to_owned())).collect()
    };
    let credentials = Credentials {
        access_key_id: "AKID".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: Some("token".to_owned()),
    };
    let aws = AwsSettings {
        endpoints: owned(endpoints),
        resources: owned(resources),
        credentials: Some(credentials),
        ..AwsSettings::default()
    };
    let connectors = Connectors::new(Settings { aws, ..Settings::default() });
    Connected { connectors, region: "eu-west-1".into() }
}

/// Asks a data source, request by request.
async fn ask(outside: &Connected, record: &str, requests: &[&str]) -> Vec<Answer> {
    let (memory, context, sync) = (memory(), context(), SyncConfig::default());
    let asking = Asking { outside, memory: &memory, is_old_version: false, sync: &sync, context: &context };
    let source = DataSource::of(&parsed(record));
    let mut answers = Vec::new();
    for request in requests {
        answers.push(source.ask(&parsed(request), asking).await);
    }
    answers
}

fn said(asked: &[Asked], answers: &[Answer]) -> String {
    asked.iter().zip(answers).map(|(asked, answer)| asked.shown() + &shown(answer)).collect()
}

#[tokio::test]
async fn a_domain_is_asked_as_opensearch_wants_it() {
    let (url, server) = serve(&[
        ("200 OK", r#"{"took":1,"hits":{"total":{"value":1,"relation":"eq"},"hits":[{"_id":"1","_source":{"n":1}}]}}"#),
        ("201 Created", r#"{"_index":"posts","_id":"1","result":"created"}"#),
        ("404 Not Found", r#"{"_index":"posts","_id":"2","found":false}"#),
        ("200 OK", ""),
        ("200 OK", r#"{"_index":"posts","_id":"1","result":"deleted"}"#),
    ])
    .await;
    let record = format!(
        r#"{{"name": "o", "type": "AMAZON_OPENSEARCH_SERVICE", "openSearchServiceConfig": {{"endpoint": "{url}", "awsRegion": "us-east-1"}}}}"#
    );
    let answers = ask(
        &connected(&[], &[]),
        &record,
        &[
            r#"{"version": "2017-02-28", "operation": "GET", "path": "/posts/_search", "params": {"headers": {"Host": "other"},
                "queryString": {"pretty": true}, "body": {"from": 0, "size": 50, "query": {"term": {"author": "Nadia"}}}}}"#,
            r#"{"version": "2017-02-28", "operation": "PUT", "path": "/posts/_doc/1", "params": {"body": {"n": 1}}}"#,
            r#"{"version": "2017-02-28", "operation": "GET", "path": "/posts/_doc/2"}"#,
            r#"{"version": "2017-02-28", "operation": "HEAD", "path": "/posts"}"#,
            r#"{"version": "2017-02-28", "operation": "DELETE", "path": "/posts/_doc/1", "params": {"headers": {"x-opaque-id": "7"}}}"#,
        ],
    )
    .await;
    expect![[r#"
        → GET /posts/_search?pretty=true content-type: application/json; content-length: 56; {"from":0,"size":50,"query":{"term":{"author":"Nadia"}}}
        {"took":1,"hits":{"total":{"value":1,"relation":"eq"},"hits":[{"_id":"1","_source":{"n":1}}]}}
        → PUT /posts/_doc/1 content-type: application/json; content-length: 7; {"n":1}
        {"_index":"posts","_id":"1","result":"created"}
        → GET /posts/_doc/2
        ✗ OpenSearch:404: {"_index":"posts","_id":"2","found":false} result {"_index":"posts","_id":"2","found":false} data {"_index":"posts","_id":"2","found":false}
        → HEAD /posts
        null
        → DELETE /posts/_doc/1 x-opaque-id: 7;
        {"_index":"posts","_id":"1","result":"deleted"}
    "#]].assert_eq(&said(&server.await.unwrap(), &answers));
}

#[tokio::test]
async fn hosts_of_users_are_asked_with_a_signature() {
    let (url, server) = serve(&[("200 OK", r#"{"hits":{}}"#); 5]).await;
    let domain = "search-posts-abc.us-east-1.es.amazonaws.com";
    let collection = "abc.us-east-1.aoss.amazonaws.com";
    let api = "abc.execute-api.us-east-1.amazonaws.com";
    let outside = connected(&[("apigateway", &url)], &[(domain, &url), (collection, &url)]);
    let of_domain = format!(
        r#"{{"name": "o", "type": "AMAZON_OPENSEARCH_SERVICE", "openSearchServiceConfig": {{"endpoint": "https://{domain}", "awsRegion": "us-east-1"}}}}"#
    );
    let of_http = |host: &str, service: &str| {
        format!(
            r#"{{"name": "h", "type": "HTTP", "httpConfig": {{"endpoint": "https://{host}", "authorizationConfig": {{
            "authorizationType": "AWS_IAM", "awsIamConfig": {{"signingRegion": "us-east-1", "signingServiceName": "{service}"}}}}}}}}"#
        )
    };
    let search = r#"{"operation": "GET", "path": "/posts*/_search", "params": {"queryString": {"q": "a b"}, "body": {"size": 1}}}"#;
    let post = r#"{"method": "POST", "resourcePath": "/prod/pets", "params": {"query": {"b": 1, "a": "ü"},
        "headers": {"x-key": "k"}, "body": {"name": "Rex"}}}"#;
    let get = r#"{"method": "GET", "resourcePath": "/posts/_doc/1"}"#;
    let mut answers = ask(&outside, &of_domain, &[search]).await;
    for (host, service, request) in [
        (api, "execute-api", post),
        (collection, "aoss", get),
        (domain, "es", get),
        (domain, "opensearch", get),
    ] {
        answers.extend(ask(&outside, &of_http(host, service), &[request]).await);
    }
    let asked = server.await.unwrap();
    let signed: String = asked.iter().map(|asked| format!("{}\n", asked.signed_for().unwrap())).collect();
    expect![[r#"
        es us-east-1 Some("search-posts-abc.us-east-1.es.amazonaws.com") Some("token") Some(true)
        execute-api us-east-1 Some("abc.execute-api.us-east-1.amazonaws.com") Some("token") None
        aoss us-east-1 Some("abc.us-east-1.aoss.amazonaws.com") Some("token") Some(true)
        es us-east-1 Some("search-posts-abc.us-east-1.es.amazonaws.com") Some("token") Some(true)
        opensearch us-east-1 Some("search-posts-abc.us-east-1.es.amazonaws.com") Some("token") Some(true)
    "#]]
    .assert_eq(&signed);
    expect![[r#"
        → GET /posts*/_search?q=a%20b content-type: application/json; x-amz-content-sha256: fe36923e15fedd49a241f76219620a46e7bd8bfb6f17ddeffe18b0299b8b1028; x-amz-security-token: token; content-length: 10; {"size":1}
        {"hits":{}}
        → POST /prod/pets?b=1&a=%C3%BC x-key: k; content-type: application/json; x-amz-security-token: token; content-length: 14; {"name":"Rex"}
        {"statusCode":200,"headers":{"content-type":"application/json","content-length":"11","connection":"close"},"body":"{\"hits\":{}}"}
        → GET /posts/_doc/1 x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855; x-amz-security-token: token;
        {"statusCode":200,"headers":{"content-type":"application/json","content-length":"11","connection":"close"},"body":"{\"hits\":{}}"}
        → GET /posts/_doc/1 x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855; x-amz-security-token: token;
        {"statusCode":200,"headers":{"content-type":"application/json","content-length":"11","connection":"close"},"body":"{\"hits\":{}}"}
        → GET /posts/_doc/1 x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855; x-amz-security-token: token;
        {"statusCode":200,"headers":{"content-type":"application/json","content-length":"11","connection":"close"},"body":"{\"hits\":{}}"}
    "#]].assert_eq(&said(&asked, &answers));

    // Nobody said that AWS itself may be called.
    let refused = ask(&connected(&[], &[]), &of_domain, &[search]).await;
    expect![[r#"
        ✗ BadRequest: The host search-posts-abc.us-east-1.es.amazonaws.com cannot be called: set [endpoints.resources] "search-posts-abc.us-east-1.es.amazonaws.com" in stepwell.toml to where something stands in for it, or [aws] enabled = true to call AWS itself.
    "#]].assert_eq(&shown(&refused[0]));
}

#[tokio::test]
async fn bedrock_is_asked_as_its_model_says() {
    let (url, server) = serve(&[
        ("200 OK", r#"{"content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn"}"#),
        (
            "200 OK",
            r#"{"output":{"message":{"role":"assistant","content":[{"text":"hi"},{"toolUse":{"toolUseId":"t","name":"n","input":{"A":1}}}]}},
                "stopReason":"tool_use","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":4},
                "additionalModelResponseFields":{"stop_sequence":null}}"#,
        ),
        ("400 Bad Request", r#"{"message":"The provided model identifier is invalid."}"#),
    ])
    .await;
    let answers = ask(
        &connected(&[("bedrock-runtime", &url)], &[]),
        r#"{"name": "b", "type": "AMAZON_BEDROCK_RUNTIME", "serviceRoleArn": "role"}"#,
        &[
            r#"{"operation": "InvokeModel", "modelId": "anthropic.claude-3-haiku-20240307-v1:0", "guardrailIdentifier": "g",
                "guardrailVersion": "1", "guardrailTrace": "ENABLED", "body": {"max_tokens": 10, "messages": [{"role": "user", "content": "é"}]}}"#,
            r#"{"operation": "Converse", "modelId": "arn:aws:bedrock:us-east-1::foundation-model/m", "system": [{"text": "be brief"}],
                "messages": [{"role": "user", "content": [{"text": "hello"}, {"image": {"format": "png", "source": {"bytes": "aGk="}}}]}],
                "inferenceConfig": {"maxTokens": 10, "temperature": 0.5, "stopSequences": ["x"]},
                "toolConfig": {"tools": [{"toolSpec": {"name": "n", "inputSchema": {"json": {"type": "object", "Properties": {}}}}}]},
                "additionalModelRequestFields": {"top_k": 5}, "additionalModelResponseFieldPaths": ["/stop_sequence"],
                "guardrailConfig": {"guardrailIdentifier": "g", "guardrailVersion": "1"}}"#,
            r#"{"operation": "InvokeModel", "modelId": "m", "body": "{\"a\": 1}"}"#,
        ],
    )
    .await;
    let asked = server.await.unwrap();
    let signed: String = asked.iter().map(|asked| format!("{}\n", asked.signed_for().unwrap())).collect();
    expect![[r#"
        bedrock eu-west-1 Some("HOST") Some("token") None
        bedrock eu-west-1 Some("HOST") Some("token") None
        bedrock eu-west-1 Some("HOST") Some("token") None
    "#]]
    .assert_eq(&signed.replace(url.trim_start_matches("http://"), "HOST"));
    expect![[r#"
        → POST /model/anthropic.claude-3-haiku-20240307-v1%3A0/invoke content-type: application/json; accept: application/json; x-amzn-bedrock-guardrailidentifier: g; x-amzn-bedrock-guardrailversion: 1; x-amzn-bedrock-trace: ENABLED; x-amz-security-token: token; content-length: 61; {"max_tokens":10,"messages":[{"role":"user","content":"é"}]}
        {"content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn"}
        → POST /model/arn%3Aaws%3Abedrock%3Aus-east-1%3A%3Afoundation-model%2Fm/converse content-type: application/json; x-amz-security-token: token; content-length: 493; {"system":[{"text":"be brief"}],"messages":[{"role":"user","content":[{"text":"hello"},{"image":{"format":"png","source":{"bytes":"aGk="}}}]}],"inferenceConfig":{"maxTokens":10,"temperature":0.5,"stopSequences":["x"]},"toolConfig":{"tools":[{"toolSpec":{"name":"n","inputSchema":{"json":{"type":"object","Properties":{}}}}}]},"additionalModelRequestFields":{"top_k":5},"additionalModelResponseFieldPaths":["/stop_sequence"],"guardrailConfig":{"guardrailIdentifier":"g","guardrailVersion":"1"}}
        {"additionalModelResponseFields":{"stop_sequence":null},"metrics":{"latencyMs":4},"output":{"message":{"content":[{"text":"hi"},{"toolUse":{"input":{"A":1},"name":"n","toolUseId":"t"}}],"role":"assistant"}},"stopReason":"tool_use","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}}
        → POST /model/m/invoke content-type: application/json; accept: application/json; x-amz-security-token: token; content-length: 8; {"a": 1}
        ✗ Bedrock:BedrockRuntimeException: The provided model identifier is invalid. (Service: BedrockRuntime, Status Code: 400, Request ID: )
    "#]].assert_eq(&said(&asked, &answers));
}
