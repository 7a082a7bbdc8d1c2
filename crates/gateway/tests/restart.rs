//! What was acknowledged is served after a restart, out of the ledger's own files.

use std::path::Path;

use connectors::Connectors;
use gateway::{Asked, Gateway, Request, Response, Settings};
use json::{Value, value};
use ledger::Ledger;
use services::{Asker, Call};

const DOCUMENT: &str = r#"
openapi: 3.0.1
info: {title: kept, version: "1"}
paths:
  /a:
    get:
      responses: {"200": {description: ok}}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses: {default: {statusCode: "200", responseTemplates: {application/json: "here is $stageVariables.who"}}}
"#;

fn open(folder: &Path) -> Gateway {
    let settings = ledger::Settings { data_dir: Some(folder.to_owned()), segment_bytes: 1 << 20 };
    let ledger = Ledger::open(&settings).expect("it opens");
    let connectors = Connectors::new(connectors::Settings::default());
    gateway::start(&ledger, &connectors, Settings::default()).expect("it can be read")
}

async fn operate(gateway: &Gateway, operation: &str, input: Value) -> Result<Value, services::Fault> {
    let [(_, service), _] = gateway.services();
    service.call(Call { operation, input: &input, asker: &Asker::default() }).await
}

async fn get(gateway: &Gateway, path: &str) -> Response {
    let asked = gateway.front.asked(None, path).expect("it names an API");
    let request = Request { method: "GET".into(), ..Request::default() };
    gateway.answer(&asked, request).await
}

#[tokio::test]
async fn an_api_is_there_after_a_restart() {
    let folder = std::env::temp_dir().join(format!("stepwell-gateway-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    let gateway = open(&folder);
    let body = vtl::text::base64_encode(DOCUMENT.as_bytes());
    let api = operate(&gateway, "ImportRestApi", value!({"body": body})).await.expect("it is imported");
    let id = api.get("id").and_then(Value::as_str).expect("an identifier").to_owned();
    let stage = value!({"restApiId": id.as_str(), "stageName": "prod", "variables": {"who": "Ada"}});
    operate(&gateway, "CreateDeployment", stage).await.expect("it is deployed");
    // What is not deployed is no more than kept.
    let fault = operate(&gateway, "GetRestApi", value!({"restApiId": "none"})).await.unwrap_err();
    assert_eq!((fault.code.as_str(), fault.status), ("NotFoundException", 404));
    drop(gateway);

    let gateway = open(&folder);
    for path in [
        format!("/rest/{id}/prod/a"),
        "/rest/kept/prod/a".into(),
        format!("/restapis/{id}/prod/_user_request_/a"),
    ] {
        let response = get(&gateway, &path).await;
        assert_eq!(
            (response.status, String::from_utf8_lossy(&response.body)),
            (200, "here is Ada".into()),
            "{path}"
        );
    }
    let host = format!("{id}.execute-api.us-east-1.amazonaws.com");
    let asked = gateway.front.asked(Some(&host), "/prod/a/b");
    assert_eq!(asked, Some(Asked { api: id.clone(), stage: "prod".into(), path: "/a/b".into() }));
    for path in
        ["/rest/nobody/prod/a", "/restapis/x/stages", "/restapis/x/prod/_user_requests_/a", "/", "/v2/apis"]
    {
        assert_eq!(gateway.front.asked(Some("localhost:8083"), path), None, "{path}");
    }
    operate(&gateway, "DeleteRestApi", value!({"restApiId": id.as_str()})).await.expect("it goes");
    drop(gateway);

    let gateway = open(&folder);
    assert!(gateway.front.asked(None, "/rest/kept/prod/a").is_none());
    drop(gateway);
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
