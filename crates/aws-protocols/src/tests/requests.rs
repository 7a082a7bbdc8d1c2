//! Inputs become requests.

use expect_test::{Expect, expect};

use super::{operation, parsed};
use crate::{Refusal, request};

/// Checks a request: its first line, its headers, its body.
fn check(service: &str, action: &str, input: &str, expected: Expect) {
    let shown = match request(operation(service, action), &parsed(input), "the-token") {
        Ok(request) => {
            let mark = if request.query.is_empty() { "" } else { "?" };
            let mut text = format!("{} {}{mark}{}\n", request.method, request.path, request.query);
            if !request.host_prefix.is_empty() {
                text += &format!("(host) {}\n", request.host_prefix);
            }
            for (name, value) in &request.headers {
                text += &format!("{name}: {value}\n");
            }
            text + &String::from_utf8_lossy(&request.body)
        }
        Err(refusal) => refusal.to_string(),
    };
    expected.assert_eq(&shown);
}

#[test]
fn json_names_the_operation_in_a_header() {
    check(
        "dynamodb",
        "putItem",
        r#"{"TableName": "Dragons", "Item": {"name": {"S": "Glaurung"}, "raw": {"B": "fire"}}}"#,
        expect![[r#"
            POST /
            X-Amz-Target: DynamoDB_20120810.PutItem
            Content-Type: application/x-amz-json-1.0
            {"TableName":"Dragons","Item":{"name":{"S":"Glaurung"},"raw":{"B":"ZmlyZQ=="}}}"#]],
    );
}

#[test]
fn json_has_the_models_spelling_and_texts_of_what_is_no_text() {
    check(
        "stepfunctions",
        "startExecution",
        r#"{"StateMachineArn": "arn", "Input": {"a": [1, 2.5]}, "Name": null}"#,
        expect![[r#"
            POST /
            X-Amz-Target: AWSStepFunctions.StartExecution
            Content-Type: application/x-amz-json-1.0
            {"stateMachineArn":"arn","input":"{\"a\":[1,2.5]}"}"#]],
    );
}

#[test]
fn times_are_what_the_protocol_has() {
    let body = |service, action, input: &str| {
        let request = request(operation(service, action), &parsed(input), "").unwrap();
        String::from_utf8(request.body).unwrap() + &request.query
    };
    let events = |start| format!(r#"{{"LogGroupName": "g", "StartTime": {start}}}"#);
    assert_eq!(
        body("logs", "filterLogEvents", &events("5.0")),
        r#"{"logGroupName":"g","startTime":5}"#,
        "a number without a fraction is whole"
    );
    let lookup = r#"{"StartTime": "2026-11-27T21:00:00.25Z"}"#;
    assert_eq!(body("cloudtrail", "lookupEvents", lookup), r#"{"StartTime":1795813200.25}"#);
    let credentials = r#"{"StartTime": 1795813200}"#;
    assert_eq!(
        body("rds", "describeEvents", credentials),
        "Action=DescribeEvents&Version=2014-10-31&StartTime=2026-11-27T21%3A00%3A00Z"
    );
}

#[test]
fn a_query_numbers_lists_and_maps() {
    check(
        "sns",
        "createTopic",
        r#"{"Name": "a b", "Attributes": {"DisplayName": "é"}, "Tags": [{"Key": "k", "Value": ""}]}"#,
        expect![[r#"
            POST /
            Content-Type: application/x-www-form-urlencoded; charset=utf-8
            Action=CreateTopic&Version=2010-03-31&Name=a+b&Attributes.entry.1.key=DisplayName&Attributes.entry.1.value=%C3%A9&Tags.member.1.Key=k&Tags.member.1.Value="#]],
    );
}

#[test]
fn ec2_has_names_of_its_own_and_flat_lists() {
    check(
        "ec2",
        "describeInstances",
        r#"{"InstanceIds": ["i-1", "i-2"], "Filters": [{"Name": "n", "Values": ["v"]}], "DryRun": true}"#,
        expect![[r#"
            POST /
            Content-Type: application/x-www-form-urlencoded; charset=utf-8
            Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-1&InstanceId.2=i-2&Filter.1.Name=n&Filter.1.Value.1=v&DryRun=true"#]],
    );
}

#[test]
fn rest_json_puts_members_into_path_query_and_headers() {
    check(
        "lambda",
        "invoke",
        r#"{"FunctionName": "f/1", "Qualifier": "a&b", "LogType": "Tail", "Payload": {"a": 1}}"#,
        expect![[r#"
            POST /2015-03-31/functions/f%2F1/invocations?Qualifier=a%26b
            X-Amz-Log-Type: Tail
            {"a":1}"#]],
    );
    check(
        "lambda",
        "tagResource",
        r#"{"Resource": "arn:x", "Tags": {"k": "v"}}"#,
        expect![[r#"
            POST /2017-03-31/tags/arn%3Ax
            Content-Type: application/json
            {"Tags":{"k":"v"}}"#]],
    );
    check(
        "lambda",
        "untagResource",
        r#"{"Resource": "r", "TagKeys": ["a", "b c"]}"#,
        expect![[r#"
            DELETE /2017-03-31/tags/r?tagKeys=a&tagKeys=b%20c
        "#]],
    );
}

#[test]
fn a_stream_is_the_json_text_of_what_it_is_given() {
    check(
        "s3",
        "putObject",
        r#"{"Bucket": "b", "Key": "a/b c", "Body": "text", "Metadata": {"k": "v"}}"#,
        expect![[r#"
            PUT /b/a/b%20c
            x-amz-meta-k: v
            Content-Type: text/plain; charset=UTF-8
            x-amz-checksum-crc32: P92AXg==
            x-amz-sdk-checksum-algorithm: CRC32
            "text""#]],
    );
}

#[test]
fn rest_xml_has_the_models_namespaces_and_elements() {
    check(
        "s3",
        "deleteObjects",
        r#"{"Bucket": "b", "Delete": {"Objects": [{"Key": "<1>"}, {"Key": "2\r"}], "Quiet": false}}"#,
        expect![[r#"
            POST /b?delete
            Content-Type: application/xml
            x-amz-checksum-crc32: E8mLnA==
            x-amz-sdk-checksum-algorithm: CRC32
            <Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>&lt;1&gt;</Key></Object><Object><Key>2&#13;</Key></Object><Quiet>false</Quiet></Delete>"#]],
    );
    check(
        "s3",
        "putBucketAcl",
        r#"{"Bucket": "b", "ChecksumAlgorithm": "SHA256", "AccessControlPolicy":
            {"Grants": [{"Grantee": {"ID": "me", "Type": "CanonicalUser"}, "Permission": "READ"}]}}"#,
        expect![[r#"
            PUT /b?acl
            x-amz-sdk-checksum-algorithm: SHA256
            Content-Type: application/xml
            x-amz-checksum-sha256: hG8KVmlx8btfzwbQgfwPhYVZ54Puqbe8nftWf2NBnok=
            <AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>me</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"#]],
    );
    check(
        "route53",
        "createHostedZone",
        r#"{"Name": "example.org", "CallerReference": "1"}"#,
        expect![[r#"
            POST /2013-04-01/hostedzone
            Content-Type: application/xml
            <CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Name>example.org</Name><CallerReference>1</CallerReference></CreateHostedZoneRequest>"#]],
    );
}

#[test]
fn a_token_is_added_where_none_is_given() {
    let body = |input: &str| {
        let request = request(operation("ecs", "runTask"), &parsed(input), "the-token").unwrap();
        String::from_utf8(request.body).unwrap()
    };
    assert_eq!(body(r#"{"TaskDefinition": "t"}"#), r#"{"taskDefinition":"t","clientToken":"the-token"}"#);
    assert_eq!(
        body(r#"{"ClientToken": "mine", "TaskDefinition": "t"}"#),
        r#"{"clientToken":"mine","taskDefinition":"t"}"#
    );
}

#[test]
fn a_label_of_the_host_is_no_other_host() {
    let prefix = |account: &str| {
        let input = format!(r#"{{"AccountId": "{account}", "JobId": "j"}}"#);
        request(operation("s3control", "describeJob"), &parsed(&input), "").map(|request| request.host_prefix)
    };
    assert_eq!(prefix("123456789012").as_deref(), Ok("123456789012."));
    assert_eq!(
        prefix("evil.example/").map_err(|refusal| refusal.to_string()),
        Err("The value of the field 'AccountId' has an invalid format".to_owned())
    );
}

#[test]
fn what_does_not_fit_is_told_field_by_field() {
    for (service, action, input, refusal) in [
        (
            "sqs",
            "sendMessage",
            r#"{"QueueUrl": "u", "Delay": 1}"#,
            "The field 'Delay' is not supported by Step Functions, The field 'MessageBody' is required but was missing",
        ),
        ("sqs", "sendMessage", "[]", "The value of the field 'SendMessageRequest' has an invalid format"),
        (
            "sqs",
            "sendMessage",
            r#"{"QueueUrl": "u", "MessageBody": "b", "DelaySeconds": 1.5}"#,
            "The value of the field 'DelaySeconds' has an invalid format",
        ),
        // The native spelling is another name.
        (
            "ecs",
            "runTask",
            r#"{"TaskDefinition": "t", "cluster": "c"}"#,
            "The field 'cluster' is not supported by Step Functions",
        ),
        // Another path than the one that is meant.
        (
            "lambda",
            "invoke",
            r#"{"FunctionName": ""}"#,
            "The value of the field 'FunctionName' has an invalid format",
        ),
        // Another header.
        (
            "s3",
            "putObject",
            r#"{"Bucket": "b", "Key": "k", "ContentType": "a\r\nX-Evil: 1"}"#,
            "The value of the field 'ContentType' has an invalid format",
        ),
        (
            "s3",
            "putObject",
            r#"{"Bucket": "b", "Key": "k", "Metadata": {"a: b": "c"}}"#,
            "The value of the field 'Metadata' has an invalid format",
        ),
        // XML cannot say it.
        (
            "route53",
            "createHostedZone",
            r#"{"Name": "\u0000", "CallerReference": "1"}"#,
            "The value of the field 'Name' has an invalid format",
        ),
        (
            "s3",
            "putBucketAcl",
            r#"{"Bucket": "b", "ChecksumAlgorithm": "MD4"}"#,
            "The value of the field 'ChecksumAlgorithm' has an invalid format",
        ),
    ] {
        let told = request(operation(service, action), &parsed(input), "").map_err(|told| told.to_string());
        assert_eq!(told, Err(refusal.to_owned()), "{input}");
    }
    assert_eq!(
        request(operation("kinesis", "subscribeToShard"), &parsed("{}"), ""),
        Err(Refusal::EventStream)
    );
}

#[test]
fn two_services_ask_for_a_header() {
    let header = |service, action, input: &str, name| {
        let request = request(operation(service, action), &parsed(input), "").unwrap();
        (request.path.clone(), request.header(name).map(str::to_owned))
    };
    assert_eq!(
        header("glacier", "listVaults", "{}", "X-Amz-Glacier-Version"),
        ("/-/vaults".to_owned(), Some("2012-06-01".to_owned()))
    );
    assert_eq!(
        header("apigateway", "getRestApis", "{}", "Accept"),
        ("/restapis".to_owned(), Some("application/json".to_owned()))
    );
}

/// The bytes are none of a text, so a state machine could not say them.
#[test]
fn blobs_may_be_in_base64() {
    let operation = aws_models::service("sqs").and_then(|sqs| sqs.operation_named("SendMessage")).unwrap();
    let input = |value: &str| {
        json::value!({
            "QueueUrl": "u",
            "MessageBody": "b",
            "MessageAttributes": { "a": { "DataType": "Binary", "BinaryValue": value } }
        })
    };
    let request = crate::request_with_base64(operation, &input("/wA="), "token").unwrap();
    let body = String::from_utf8(request.body).unwrap();
    assert!(body.contains(r#""BinaryValue":"/wA=""#), "{body}");
    assert!(crate::request_with_base64(operation, &input("no base64!"), "token").is_err());
}
