//! What is made of a request's input.

use aws_models::service;
use expect_test::{Expect, expect};

use super::{form, offered};
use crate::serve::{Asked, Incoming};

fn shown(asked: Asked, incoming: &Incoming<'_>) -> String {
    match asked.input(incoming) {
        Ok(input) => input.to_text(),
        Err(fault) => format!("{}: {}", fault.code, fault.message),
    }
}

fn check_json(service_name: &str, operation: &str, body: &str, expected: Expect) {
    let operation = service(service_name).unwrap().operation_named(operation).unwrap();
    let incoming = Incoming { method: "POST", path: "/", query: "", headers: &[], body: body.as_bytes() };
    expected.assert_eq(&shown(Asked::of(operation), &incoming));
}

fn check_form(path: &str, body: &str, expected: Expect) {
    let incoming = form(path, body);
    expected.assert_eq(&shown(offered().find(&incoming).unwrap(), &incoming));
}

#[test]
fn what_the_model_does_not_know_and_what_is_null_is_left_out() {
    check_json(
        "sqs",
        "SendMessage",
        r#"{"QueueUrl":"u","Nothing":1,"MessageBody":"b","DelaySeconds":null}"#,
        expect![[r#"{"QueueUrl":"u","MessageBody":"b"}"#]],
    );
    check_json("sqs", "ListQueues", "", expect!["{}"]);
    check_json(
        "dynamodb",
        "PutItem",
        r#"{"TableName":"t","Item":{"a":{"M":{"b":{"L":[{"S":"x","T":1}]}}}}}"#,
        expect![[r#"{"TableName":"t","Item":{"a":{"M":{"b":{"L":[{"S":"x"}]}}}}}"#]],
    );
}

#[test]
fn numbers_and_times_are_of_their_types() {
    check_json("sqs", "SendMessage", r#"{"DelaySeconds":5.0}"#, expect![[r#"{"DelaySeconds":5}"#]]);
    check_json(
        "events",
        "PutEvents",
        r#"{"Entries":[{"Time":1795813200.25},{"Time":"2026-11-27T21:00:00Z"}]}"#,
        expect![[r#"{"Entries":[{"Time":1.79581320025E9},{"Time":1795813200}]}"#]],
    );
}

#[test]
fn other_types_are_refused_in_the_parsers_words() {
    for (service, operation, body, expected) in [
        (
            "sqs",
            "SendMessage",
            r#"{"MessageBody":1}"#,
            expect!["SerializationException: NUMBER_VALUE can not be converted to a String"],
        ),
        (
            "sqs",
            "SendMessage",
            r#"{"DelaySeconds":"1"}"#,
            expect!["SerializationException: STRING_VALUE can not be converted to an Integer"],
        ),
        (
            "sqs",
            "SendMessage",
            r#"{"DelaySeconds":3000000000}"#,
            expect!["SerializationException: NUMBER_VALUE can not be converted to an Integer"],
        ),
        (
            "sqs",
            "SendMessage",
            r#"{"MessageBody":{}}"#,
            expect!["SerializationException: Start of structure or map found where not expected."],
        ),
        (
            "sqs",
            "SendMessageBatch",
            r#"{"Entries":"e"}"#,
            expect!["SerializationException: STRING_VALUE found where a list was expected"],
        ),
        (
            "dynamodb",
            "GetItem",
            r#"{"ConsistentRead":"true"}"#,
            expect!["SerializationException: Unexpected token received from parser"],
        ),
        (
            "dynamodb",
            "PutItem",
            r#"{"Item":{"a":{"B":"not base64"}}}"#,
            expect!["SerializationException: The value is no Base64"],
        ),
        ("dynamodb", "PutItem", r#"[]"#, expect!["SerializationException: Unexpected field type"]),
        (
            "events",
            "PutEvents",
            r#"{"Entries":[{"Time":"tomorrow"}]}"#,
            expect!["SerializationException: STRING_VALUE can not be converted to a Timestamp"],
        ),
        (
            "dynamodb",
            "GetItem",
            r#"{"TableName":1.5}"#,
            expect!["SerializationException: DECIMAL_VALUE cannot be converted to String"],
        ),
        (
            "dynamodb",
            "GetItem",
            r#"{"TableName":{}}"#,
            expect!["SerializationException: Start of structure or map found where not expected"],
        ),
        (
            "events",
            "PutEvents",
            r#"{"Entries""#,
            expect!["SerializationException: Unexpected end-of-input within/between Object entries"],
        ),
    ] {
        check_json(service, operation, body, expected);
    }
}

#[test]
fn forms_have_lists_and_maps() {
    check_form(
        "/",
        "Action=Publish&Version=2010-03-31&TopicArn=arn%3Aa&Message=a+b&MessageAttributes.entry.1.Name=n\
         &MessageAttributes.entry.1.Value.DataType=Binary&MessageAttributes.entry.1.Value.BinaryValue=Zm9v",
        expect![[
            r#"{"TopicArn":"arn:a","Message":"a b","MessageAttributes":{"n":{"DataType":"Binary","BinaryValue":"Zm9v"}}}"#
        ]],
    );
    check_form(
        "/",
        "Action=Subscribe&Version=2010-03-31&Attributes.entry.2.key=b&Attributes.entry.2.value=2\
         &Attributes.entry.1.key=a&Attributes.entry.1.value=1&ReturnSubscriptionArn=true",
        expect![[r#"{"Attributes":{"a":"1","b":"2"},"ReturnSubscriptionArn":true}"#]],
    );
    check_form("/", "Action=TagResource&Version=2010-03-31&Tags=", expect![[r#"{"Tags":[]}"#]]);
}

#[test]
fn forms_of_other_types_are_malformed() {
    let publish = "Action=Publish&Version=2010-03-31&";
    let check = |rest: &str, expected| check_form("/", &(publish.to_owned() + rest), expected);
    check("Message.1=m", expect!["MalformedInput: Start of structure or map found where not expected."]);
    check("MessageAttributes.entry.1.Name=n", expect!["MalformedInput: The entry n of a map has no Value"]);
    check("Message=%ff", expect!["MalformedInput: The form is not UTF-8"]);
    check_form(
        "/",
        "Action=Subscribe&Version=2010-03-31&ReturnSubscriptionArn=maybe",
        expect!["MalformedInput: 'maybe' can not be converted to a Boolean"],
    );
}

#[test]
fn sqs_is_spoken_to_as_before_2023() {
    check_form(
        "/",
        "Action=CreateQueue&Version=2012-11-05&QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=5\
         &Tag.1.Key=k&Tag.1.Value=v",
        expect![[r#"{"QueueName":"q","Attributes":{"DelaySeconds":"5"},"tags":{"k":"v"}}"#]],
    );
    check_form(
        "/123456789012/q",
        "Action=ReceiveMessage&Version=2012-11-05&AttributeName.1=All&MessageAttributeName.1=a&MessageAttributeName.2=b\
         &MaxNumberOfMessages=10&WaitTimeSeconds=1",
        expect![[
            r#"{"AttributeNames":["All"],"MessageAttributeNames":["a","b"],"MaxNumberOfMessages":10,"WaitTimeSeconds":1,"QueueUrl":"http://localhost:8083/123456789012/q"}"#
        ]],
    );
    check_form(
        "/",
        "Action=SendMessageBatch&Version=2012-11-05&QueueUrl=http%3A%2F%2Fh%2F1%2Fq\
         &SendMessageBatchRequestEntry.1.Id=1&SendMessageBatchRequestEntry.1.MessageBody=a\
         &SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=n\
         &SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=String\
         &SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue=s\
         &SendMessageBatchRequestEntry.2.Id=2&SendMessageBatchRequestEntry.2.MessageBody=b",
        expect![[
            r#"{"QueueUrl":"http://h/1/q","Entries":[{"Id":"1","MessageBody":"a","MessageAttributes":{"n":{"StringValue":"s","DataType":"String"}}},{"Id":"2","MessageBody":"b"}]}"#
        ]],
    );
    check_form(
        "/",
        "Action=GetQueueAttributes&Version=2012-11-05&QueueUrl=u&AttributeName=All",
        expect![[r#"{"QueueUrl":"u","AttributeNames":["All"]}"#]],
    );
}

#[test]
fn rest_members_come_from_everywhere() {
    let check = |method, path, query, headers: &[(&str, &str)], body: &str, expected: Expect| {
        let incoming = Incoming { method, path, query, headers, body: body.as_bytes() };
        expected.assert_eq(&shown(offered().find(&incoming).unwrap(), &incoming));
    };
    check(
        "POST",
        "/2015-03-31/functions/arn%3Aaws%3Af/invocations",
        "Qualifier=a%26b",
        &[("x-amz-invocation-type", "Event"), ("X-Amz-Log-Type", "Tail")],
        "{\"a\": 1}",
        expect![[
            r#"{"Payload":"eyJhIjogMX0=","FunctionName":"arn:aws:f","InvocationType":"Event","LogType":"Tail","Qualifier":"a&b"}"#
        ]],
    );
    check(
        "DELETE",
        "/2017-03-31/tags/arn",
        "tagKeys=a&tagKeys=b+c",
        &[],
        "",
        expect![[r#"{"Resource":"arn","TagKeys":["a","b c"]}"#]],
    );
    check(
        "POST",
        "/v2/apis/a/routes",
        "",
        &[],
        r#"{"routeKey":"GET /","apiKeyRequired":true}"#,
        expect![[r#"{"RouteKey":"GET /","ApiKeyRequired":true,"ApiId":"a"}"#]],
    );
    check(
        "GET",
        "/schedules",
        "MaxResults=x",
        &[],
        "",
        expect!["SerializationException: 'x' can not be converted to an Integer"],
    );
    check("GET", "/schedules/%ff", "", &[], "", expect!["{}"]);
}

#[test]
fn headers_of_one_prefix_are_a_map_if_there_are_any() {
    let put = aws_models::service("s3").unwrap().operation_named("PutObject").unwrap();
    for (headers, expected) in [
        (&[][..], r#"{"Body":"aGk=","Bucket":"b","Key":"a/k"}"#),
        (
            &[("X-Amz-Meta-Kind", "note")],
            r#"{"Body":"aGk=","Bucket":"b","Key":"a/k","Metadata":{"Kind":"note"}}"#,
        ),
    ] {
        let incoming = Incoming { method: "PUT", path: "/b/a/k", query: "", headers, body: b"hi" };
        assert_eq!(shown(Asked::of(put), &incoming), expected);
    }
}
