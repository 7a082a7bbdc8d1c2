//! How outputs and errors look.

use aws_models::service;
use expect_test::{Expect, expect};
use json::{Value, value};

use super::{form, offered};
use crate::serve::{Answer, Asked, Fault};

fn shown(answer: Answer) -> String {
    let headers = answer.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    format!("{}\n{}{body}", answer.status, headers.collect::<String>())
}

fn asked(service_name: &str, operation: &str) -> Asked {
    Asked::of(service(service_name).unwrap().operation_named(operation).unwrap())
}

/// By the protocol that the service prefers.
fn check(service: &str, operation: &str, output: Value, expected: Expect) {
    expected.assert_eq(&shown(asked(service, operation).answer(&output, "R")));
}

fn check_fault(service: &str, operation: &str, fault: Fault, expected: Expect) {
    expected.assert_eq(&shown(asked(service, operation).refusal(&fault, "R")));
}

/// By SQS's older protocol.
fn sqs(operation: &str) -> Asked {
    offered().find(&form("/", &format!("Action={operation}&Version=2012-11-05"))).unwrap()
}

#[test]
fn json() {
    check(
        "sqs",
        "SendMessage",
        value!({ "MessageId": "m", "MD5OfMessageBody": "5", "SequenceNumber": null }),
        expect![[r#"
            200
            x-amzn-RequestId: R
            Content-Type: application/x-amz-json-1.0
            {"MessageId":"m","MD5OfMessageBody":"5"}"#]],
    );
    check(
        "sqs",
        "DeleteMessage",
        value!({}),
        expect![[r#"
        200
        x-amzn-RequestId: R
    "#]],
    );
    check(
        "events",
        "DescribeEventBus",
        value!({ "Name": "b", "CreationTime": 1795813200.25 }),
        expect![[r#"
            200
            x-amzn-RequestId: R
            Content-Type: application/x-amz-json-1.1
            {"Name":"b","CreationTime":1.79581320025E9}"#]],
    );
    // The sum is that of the body: cksum of zlib says the same.
    check(
        "dynamodb",
        "GetItem",
        value!({ "Item": { "a": { "S": "x" } } }),
        expect![[r#"
            200
            x-amzn-RequestId: R
            Content-Type: application/x-amz-json-1.0
            x-amz-crc32: 2791394670
            {"Item":{"a":{"S":"x"}}}"#]],
    );
}

#[test]
fn rest_json() {
    check(
        "lambda",
        "Invoke",
        value!({ "StatusCode": 200, "FunctionError": "Unhandled", "ExecutedVersion": "$LATEST", "Payload": "eyJhIjogMX0=" }),
        expect![[r#"
            200
            x-amzn-RequestId: R
            X-Amz-Function-Error: Unhandled
            X-Amz-Executed-Version: $LATEST
            Content-Type: application/json
            {"a": 1}"#]],
    );
    check(
        "lambda",
        "CreateFunction",
        value!({ "FunctionName": "f" }),
        expect![[r#"
        201
        x-amzn-RequestId: R
        Content-Type: application/json
        {"FunctionName":"f"}"#]],
    );
    check(
        "lambda",
        "TagResource",
        value!({}),
        expect![[r#"
        204
        x-amzn-RequestId: R
    "#]],
    );
    check(
        "apigateway",
        "DeleteRestApi",
        value!({}),
        expect![[r#"
        202
        x-amzn-RequestId: R
    "#]],
    );
    check(
        "apigatewayv2",
        "GetApi",
        value!({ "ApiId": "a", "CreatedDate": 1795813200 }),
        expect![[r#"
        200
        x-amzn-RequestId: R
        Content-Type: application/json
        {"apiId":"a","createdDate":"2026-11-27T21:00:00Z"}"#]],
    );
    check(
        "scheduler",
        "DeleteSchedule",
        value!({}),
        expect![[r#"
        200
        x-amzn-RequestId: R
        Content-Type: application/json
        {}"#]],
    );
}

#[test]
fn query() {
    check(
        "sns",
        "ListTopics",
        value!({ "Topics": [{ "TopicArn": "a<b>&\"" }], "NextToken": "n" }),
        expect![[r#"
            200
            x-amzn-RequestId: R
            Content-Type: text/xml
            <ListTopicsResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ListTopicsResult><Topics><member><TopicArn>a&lt;b&gt;&amp;&quot;</TopicArn></member></Topics><NextToken>n</NextToken></ListTopicsResult><ResponseMetadata><RequestId>R</RequestId></ResponseMetadata></ListTopicsResponse>"#]],
    );
    check(
        "sns",
        "GetTopicAttributes",
        value!({ "Attributes": { "DisplayName": "" } }),
        expect![[r#"
            200
            x-amzn-RequestId: R
            Content-Type: text/xml
            <GetTopicAttributesResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><GetTopicAttributesResult><Attributes><entry><key>DisplayName</key><value></value></entry></Attributes></GetTopicAttributesResult><ResponseMetadata><RequestId>R</RequestId></ResponseMetadata></GetTopicAttributesResponse>"#]],
    );
    check(
        "sns",
        "DeleteTopic",
        value!({}),
        expect![[r#"
        200
        x-amzn-RequestId: R
        Content-Type: text/xml
        <DeleteTopicResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ResponseMetadata><RequestId>R</RequestId></ResponseMetadata></DeleteTopicResponse>"#]],
    );
}

#[test]
fn sqs_answers_as_before_2023() {
    let output = value!({ "Messages": [{
        "MessageId": "m", "ReceiptHandle": "h", "Body": "<b>\r\n", "Attributes": { "SenderId": "s" },
        "MessageAttributes": { "n": { "DataType": "Number", "StringValue": "1" } },
    }] });
    expect![[r#"
        200
        x-amzn-RequestId: R
        Content-Type: text/xml
        <?xml version="1.0"?><ReceiveMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><ReceiveMessageResult><Message><MessageId>m</MessageId><ReceiptHandle>h</ReceiptHandle><Body>&lt;b&gt;&#xD;
        </Body><Attribute><Name>SenderId</Name><Value>s</Value></Attribute><MessageAttribute><Name>n</Name><Value><StringValue>1</StringValue><DataType>Number</DataType></Value></MessageAttribute></Message></ReceiveMessageResult><ResponseMetadata><RequestId>R</RequestId></ResponseMetadata></ReceiveMessageResponse>"#]]
    .assert_eq(&shown(sqs("ReceiveMessage").answer(&output, "R")));
    let output = value!({ "Successful": [{ "Id": "1" }], "Failed": [] });
    expect![[r#"
        200
        x-amzn-RequestId: R
        Content-Type: text/xml
        <?xml version="1.0"?><DeleteMessageBatchResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><DeleteMessageBatchResult><DeleteMessageBatchResultEntry><Id>1</Id></DeleteMessageBatchResultEntry></DeleteMessageBatchResult><ResponseMetadata><RequestId>R</RequestId></ResponseMetadata></DeleteMessageBatchResponse>"#]]
    .assert_eq(&shown(sqs("DeleteMessageBatch").answer(&output, "R")));
    let output = value!({ "QueueUrls": ["u", "v"] });
    expect![[r#"
        200
        x-amzn-RequestId: R
        Content-Type: text/xml
        <?xml version="1.0"?><ListQueuesResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><ListQueuesResult><QueueUrl>u</QueueUrl><QueueUrl>v</QueueUrl></ListQueuesResult><ResponseMetadata><RequestId>R</RequestId></ResponseMetadata></ListQueuesResponse>"#]]
    .assert_eq(&shown(sqs("ListQueues").answer(&output, "R")));
    let fault = Fault::new("QueueDoesNotExist", "The specified queue does not exist.");
    expect![[r#"
        400
        x-amzn-RequestId: R
        Content-Type: text/xml
        <?xml version="1.0"?><ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The specified queue does not exist.</Message><Detail/></Error><RequestId>R</RequestId></ErrorResponse>"#]]
    .assert_eq(&shown(sqs("SendMessage").refusal(&fault, "R")));
}

#[test]
fn errors_of_json() {
    check_fault(
        "sqs",
        "SendMessage",
        Fault::new("QueueDoesNotExist", "No."),
        expect![[r#"
        400
        x-amzn-RequestId: R
        Content-Type: application/x-amz-json-1.0
        x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender
        {"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"No."}"#]],
    );
    check_fault(
        "sqs",
        "SendMessage",
        Fault::new("InvalidParameterValue", "No."),
        expect![[r#"
        400
        x-amzn-RequestId: R
        Content-Type: application/x-amz-json-1.0
        x-amzn-query-error: InvalidParameterValue;Sender
        {"__type":"com.amazon.coral.service#InvalidParameterValueException","message":"No."}"#]],
    );
    check_fault(
        "events",
        "DescribeRule",
        Fault::new("ResourceNotFoundException", "Rule r."),
        expect![[r#"
        400
        x-amzn-RequestId: R
        Content-Type: application/x-amz-json-1.1
        {"__type":"ResourceNotFoundException","message":"Rule r."}"#]],
    );
    for (code, expected) in [
        (
            "ConditionalCheckFailedException",
            expect![[
                r#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"No.","Item":{"a":{"S":"x"}}}"#
            ]],
        ),
        (
            "ValidationException",
            expect![[r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"No."}"#]],
        ),
        (
            "SerializationException",
            expect![[r#"{"__type":"com.amazon.coral.service#SerializationException","message":"No."}"#]],
        ),
    ] {
        let members = value!({ "Item": { "a": { "S": "x" } } }).as_object().unwrap().clone();
        let fault = Fault { members, ..Fault::new(code, "No.") };
        let answer = asked("dynamodb", "PutItem").refusal(&fault, "R");
        expected.assert_eq(&String::from_utf8(answer.body).unwrap());
    }
}

#[test]
fn errors_of_rest_json() {
    check_fault(
        "lambda",
        "Invoke",
        Fault::new("ResourceNotFoundException", "Function not found: f"),
        expect![[r#"
        404
        x-amzn-RequestId: R
        Content-Type: application/json
        x-amzn-ErrorType: ResourceNotFoundException
        {"Type":"User","Message":"Function not found: f"}"#]],
    );
    check_fault(
        "apigateway",
        "GetRestApi",
        Fault::new("NotFoundException", "Invalid API id"),
        expect![[r#"
        404
        x-amzn-RequestId: R
        Content-Type: application/json
        x-amzn-ErrorType: NotFoundException
        {"message":"Invalid API id"}"#]],
    );
    check_fault(
        "scheduler",
        "GetSchedule",
        Fault { status: 503, ..Fault::new("Busy", "Later.") },
        expect![[r#"
        503
        x-amzn-RequestId: R
        Content-Type: application/json
        x-amzn-ErrorType: Busy
        {"message":"Later."}"#]],
    );
}

#[test]
fn errors_of_query() {
    check_fault(
        "sns",
        "Publish",
        Fault::new("NotFoundException", "Topic does not exist"),
        expect![[r#"
        404
        x-amzn-RequestId: R
        Content-Type: text/xml
        <ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error><RequestId>R</RequestId></ErrorResponse>"#]],
    );
    check_fault(
        "sns",
        "Publish",
        Fault::new("InternalErrorException", "Trouble"),
        expect![[r#"
        500
        x-amzn-RequestId: R
        Content-Type: text/xml
        <ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Receiver</Type><Code>InternalError</Code><Message>Trouble</Message></Error><RequestId>R</RequestId></ErrorResponse>"#]],
    );
}
