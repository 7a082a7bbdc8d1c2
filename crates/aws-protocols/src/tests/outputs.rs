//! Responses become what a state machine sees.

use super::{operation, parsed};
use crate::{Response, ResponseError, response, response_with_base64};

/// Checks what is made of a response.
fn check(service: &str, action: &str, headers: &[(&str, &str)], body: &str, expected: &str) {
    assert_eq!(
        read(service, action, headers, body.as_bytes()).unwrap().to_text(),
        parsed(expected).to_text()
    );
}

fn read(
    service: &str,
    action: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<json::Value, ResponseError> {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    response(operation(service, action), Response { status: 200, headers: &headers, body })
}

#[test]
fn names_begin_with_a_capital_and_times_are_texts() {
    check(
        "stepfunctions",
        "startExecution",
        &[],
        r#"{"startDate": 1795813200.123, "executionArn": "arn", "unknown": 1}"#,
        r#"{"ExecutionArn": "arn", "StartDate": "2026-11-27T21:00:00.123Z"}"#,
    );
    check(
        "stepfunctions",
        "stopExecution",
        &[],
        r#"{"stopDate": 5}"#,
        r#"{"StopDate": "1970-01-01T00:00:05Z"}"#,
    );
}

#[test]
fn blobs_are_their_text_or_base64() {
    let shards = |data: &str| format!(r#"{{"Records": [{{"Data": "{data}", "SequenceNumber": "1"}}]}}"#);
    check("kinesis", "getRecords", &[], &shards("w6Q="), &shards("ä"));
    check("kinesis", "getRecords", &[], &shards("/wA="), &shards("/wA="));
}

#[test]
fn a_rest_response_has_its_members_in_headers_status_and_body() {
    check(
        "lambda",
        "invoke",
        &[("x-amz-executed-version", "$LATEST"), ("X-Amz-Log-Result", "bG9n")],
        r#"{"a": 1}"#,
        r#"{"ExecutedVersion": "$LATEST", "LogResult": "bG9n", "Payload": "{\"a\": 1}", "StatusCode": 200}"#,
    );
    check(
        "s3",
        "getObject",
        &[
            ("accept-ranges", "bytes"),
            ("last-modified", "Fri, 27 Nov 2026 21:00:00 GMT"),
            ("content-length", "11"),
            ("x-amz-meta-owner", "me"),
            // What was stored is no time: as if it were not there.
            ("expires", "never"),
        ],
        "binary data",
        r#"{"AcceptRanges": "bytes", "ContentLength": 11, "LastModified": "2026-11-27T21:00:00Z",
            "Metadata": {"owner": "me"}, "Body": "binary data"}"#,
    );
    check("s3", "getObject", &[], "", r#"{"Metadata": {}, "Body": ""}"#);
}

#[test]
fn xml_is_read_by_the_model() {
    check(
        "s3",
        "listObjectsV2",
        &[],
        "<?xml version=\"1.0\"?><ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>
            <IsTruncated>false</IsTruncated><Contents><Key>a &amp; b</Key><Size>3</Size></Contents>
            <Contents><Key>c</Key></Contents><Name>b</Name><KeyCount>2</KeyCount></ListBucketResult>",
        r#"{"Contents": [{"Key": "a & b", "Size": 3}, {"Key": "c"}], "IsTruncated": false, "KeyCount": 2, "Name": "b"}"#,
    );
    check(
        "s3",
        "getBucketLocation",
        &[],
        "<LocationConstraint xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>eu-west-1</LocationConstraint>",
        r#"{"LocationConstraint": "eu-west-1"}"#,
    );
    check(
        "s3",
        "getBucketAcl",
        &[],
        "<AccessControlPolicy><AccessControlList><Grant><Grantee xmlns:x='http://www.w3.org/2001/XMLSchema-instance'
            x:type='Group'><URI>u</URI></Grantee></Grant></AccessControlList></AccessControlPolicy>",
        r#"{"Grants": [{"Grantee": {"Type": "Group", "URI": "u"}}]}"#,
    );
}

#[test]
fn a_query_response_has_its_output_in_a_wrapper() {
    check(
        "sns",
        "getTopicAttributes",
        &[],
        "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes><entry><key>Owner</key><value>me</value>
            </entry></Attributes></GetTopicAttributesResult><ResponseMetadata/></GetTopicAttributesResponse>",
        r#"{"Attributes": {"Owner": "me"}}"#,
    );
    check(
        "ec2",
        "describeRegions",
        &[],
        "<DescribeRegionsResponse><requestId>1</requestId><regionInfo><item><regionName>eu-west-1</regionName>
            </item></regionInfo></DescribeRegionsResponse>",
        r#"{"Regions": [{"RegionName": "eu-west-1"}]}"#,
    );
}

#[test]
fn what_is_no_answer_of_the_operation_is_unreadable() {
    for (service, action, body) in [
        ("stepfunctions", "startExecution", "<html>"),
        ("stepfunctions", "startExecution", "[]"),
        ("stepfunctions", "startExecution", r#"{"startDate": "soon"}"#),
        ("s3", "listObjectsV2", "<ListBucketResult>"),
        ("s3", "listObjectsV2", "<ListBucketResult><KeyCount>many</KeyCount></ListBucketResult>"),
        ("sns", "getTopicAttributes", "<GetTopicAttributesResponse/>"),
        ("kinesis", "getRecords", r#"{"Records": [{"Data": "§"}]}"#),
    ] {
        assert_eq!(read(service, action, &[], body.as_bytes()), Err(ResponseError::Unreadable), "{body}");
    }
}

#[test]
fn blobs_are_in_base64_where_they_are_wanted_so() {
    let answer = |body: &'static [u8]| Response { status: 200, headers: &[], body };
    let get_item = operation("dynamodb", "getItem");
    let body = br#"{"Item": {"raw": {"B": "aGk="}, "all": {"BS": ["aGk=", "/w=="]}}}"#;
    let texts = r#"{"Item":{"raw":{"B":"hi"},"all":{"BS":["hi","/w=="]}}}"#;
    let base64 = r#"{"Item":{"raw":{"B":"aGk="},"all":{"BS":["aGk=","/w=="]}}}"#;
    assert_eq!(response(get_item, answer(body)).unwrap().to_text(), texts);
    assert_eq!(response_with_base64(get_item, answer(body)).unwrap().to_text(), base64);
    let invoke = operation("lambda", "invoke");
    let output = response_with_base64(invoke, answer(b"\xff")).unwrap();
    assert_eq!(output.get("Payload"), Some(&"/w==".into()));
}
