//! HTTP and OpenSearch.

use super::*;
use expect_test::expect;

const SERVER: &str =
    r#"{"name": "h", "type": "HTTP", "httpConfig": {"endpoint": "https://example.com/v1/"}}"#;

#[tokio::test]
async fn a_server_is_asked_and_any_status_is_a_result() {
    check(
        SERVER,
        &[
            r#"{"method": "GET", "resourcePath": "/pets", "params": {"query": {"name": "a b", "n": [1, true]},
                "headers": {"X-Key": "k", "Host": "other", "n": null}}}"#,
            r#"{"version": "2018-05-29", "method": "POST", "resourcePath": "pets", "params": {"body": {"name": "Rex"}}}"#,
            r#"{"method": "PUT", "resourcePath": "/pets", "params": {"headers": {"Content-Type": "text/plain"}, "body": "Rex"}}"#,
        ],
        &[r#"{"status": 200, "body": "[]"}"#, r#"{"status": 404, "body": "no"}"#, r#"{"status": 204}"#],
        expect![[r#"
            → GET https://example.com/v1/pets?name=a%20b&n=1&n=true X-Key: k;
            {"statusCode":200,"headers":{},"body":"[]"}
            → POST https://example.com/v1/pets content-type: application/json; {"name":"Rex"}
            {"statusCode":404,"headers":{},"body":"no"}
            → PUT https://example.com/v1/pets Content-Type: text/plain; Rex
            {"statusCode":204,"headers":{},"body":""}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn what_goes_wrong_is_said() {
    let large = format!(r#"{{"body": "{}"}}"#, "a".repeat((1 << 20) + 1));
    check(
        SERVER,
        &[
            r#"{"method": "GET", "resourcePath": "/"}"#,
            r#"{"method": "GET", "resourcePath": "/"}"#,
            r#"{"version": "2017-02-28", "method": "GET", "resourcePath": "/"}"#,
            r#"{"method": "HEAD", "resourcePath": "/"}"#,
            r#"{"method": "GET"}"#,
            r#"{"method": "GET", "resourcePath": "/", "params": {"headers": {"x": {}}}}"#,
            r#"{"method": "GET", "resourcePath": "/", "params": {"cookies": {}}}"#,
        ],
        &["!: Nobody is there.", &large],
        expect![[r#"
            → GET https://example.com/v1/
            ✗ BadRequest: Nobody is there.
            → GET https://example.com/v1/
            ✗ BadRequest: The response is larger than 1048576 bytes.
            ✗ MappingTemplate: HTTP data sources need version '2018-05-29'.
            ✗ MappingTemplate: Value 'HEAD' for field '$[method]' is none of GET, POST, PUT, PATCH, DELETE.
            ✗ MappingTemplate: Value for field '$[resourcePath]' not found.
            ✗ MappingTemplate: Expected JSON string for field '$[params][headers][x]' but got a 'OBJECT' instead.
            ✗ MappingTemplate: Unsupported element '$[params][cookies]'.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn what_is_signed_goes_to_services_of_aws() {
    let signed = |endpoint: &str| {
        format!(
            r#"{{"name": "h", "type": "HTTP", "httpConfig": {{"endpoint": "{endpoint}", "authorizationConfig":
            {{"authorizationType": "AWS_IAM", "awsIamConfig": {{"signingRegion": "us-east-1", "signingServiceName": "states"}}}}}}}}"#
        )
    };
    let request = r#"{"method": "POST", "resourcePath": "/", "params": {"headers":
        {"content-type": "application/x-amz-json-1.0", "x-amz-target": "AWSStepFunctions.StartSyncExecution"},
        "body": {"stateMachineArn": "arn", "input": "{}"}}}"#;
    check(
        &signed("https://sync-states.us-east-1.amazonaws.com"),
        &[request],
        &[r#"{"status": 200, "body": "{}"}"#],
        expect![[r#"
            → POST https://sync-states.us-east-1.amazonaws.com/ signed for states in us-east-1 content-type: application/x-amz-json-1.0; x-amz-target: AWSStepFunctions.StartSyncExecution; {"stateMachineArn":"arn","input":"{}"}
            {"statusCode":200,"headers":{},"body":"{}"}
        "#]],
    )
    .await;
    check(&signed("https://example.com"), &[request], &[], expect![[r#"
        ✗ BadRequest: Requests to example.com cannot be signed: only those to hosts of AWS are. Leave authorizationConfig out.
    "#]]).await;
}

#[tokio::test]
async fn a_domain_of_opensearch_answers_json() {
    check(
        r#"{"name": "o", "type": "AMAZON_OPENSEARCH_SERVICE",
            "openSearchServiceConfig": {"endpoint": "http://127.0.0.1:9200", "awsRegion": "us-east-1"}}"#,
        &[
            r#"{"version": "2017-02-28", "operation": "GET", "path": "/posts/_search",
                "params": {"queryString": {"size": 1}, "body": {"query": {"match_all": {}}}}}"#,
            r#"{"operation": "GET", "path": "/none/_doc/1"}"#,
            r#"{"operation": "HEAD", "path": "/posts"}"#,
            r#"{"operation": "PATCH", "path": "/posts"}"#,
        ],
        &[r#"{"body": "{\"hits\":{}}"}"#, r#"{"status": 404, "body": "{\"error\":\"none\"}"}"#, r#"{"body": ""}"#],
        expect![[r#"
            → GET http://127.0.0.1:9200/posts/_search?size=1 content-type: application/json; {"query":{"match_all":{}}}
            {"hits":{}}
            → GET http://127.0.0.1:9200/none/_doc/1
            ✗ OpenSearch:404: {"error":"none"} result {"error":"none"} data {"error":"none"}
            → HEAD http://127.0.0.1:9200/posts
            null
            ✗ MappingTemplate: Unsupported operation 'PATCH'.
        "#]],
    )
    .await;
}
