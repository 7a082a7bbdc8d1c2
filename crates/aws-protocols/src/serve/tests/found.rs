//! Which operation a request asks for.

use expect_test::{Expect, expect};

use super::{form, get, offered};
use crate::serve::{Incoming, Unknown};

/// `SERVICE OPERATION`, `elsewhere`, or what the caller of an operation that is not there is told.
fn found(incoming: &Incoming<'_>) -> String {
    match offered().find(incoming) {
        Ok(asked) => format!("{} {}", asked.operation.service().name(), asked.operation.name()),
        Err(Unknown::Elsewhere) => "elsewhere".to_owned(),
        Err(Unknown::Operation(unknown)) => {
            let answer = unknown.answer("R");
            format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body))
        }
    }
}

fn check(requests: &[Incoming<'_>], expected: Expect) {
    let found: Vec<_> = requests.iter().map(found).collect();
    expected.assert_eq(&found.join("\n"));
}

/// A method and a target, signed for a service.
fn check_signed(service: &str, requests: &[(&str, &str)], expected: Expect) {
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential=AKID/20261128/eu-west-1/{service}/aws4_request, A=b");
    let headers = [("authorization", authorization.as_str())];
    let requests: Vec<_> = requests.iter().map(|(method, target)| get(method, target, &headers)).collect();
    check(&requests, expected);
}

#[test]
fn json_names_it_in_a_header() {
    let target = |target| [("X-Amz-Target", target)];
    let headers = [
        "AmazonSQS.SendMessage",
        "DynamoDB_20120810.PutItem",
        "AWSEvents.PutEvents",
        "AmazonSQS.SendMassage",
        "AWSStepFunctions.StartExecution",
        "nothing",
    ]
    .map(target);
    let requests = headers.each_ref().map(|headers| get("POST", "/", headers));
    check(
        &requests,
        expect![[r#"
            sqs SendMessage
            dynamodb PutItem
            events PutEvents
            400 {"__type":"com.amazon.coral.service#UnknownOperationException","message":"There is no operation SendMassage."}
            elsewhere
            elsewhere"#]],
    );
}

#[test]
fn a_form_names_it_with_its_version() {
    check(
        &[
            form("/", "Action=Publish&Version=2010-03-31&Message=m"),
            form("/123456789012/q", "Version=2012-11-05&Action=SendMessage"),
            form("/", "Action=Publsh&Version=2010-03-31"),
            form("/", "Action=GetItem&Version=2012-08-10"),
            form("/", "Message=m"),
            get("GET", "/?Action=ConfirmSubscription&Version=2010-03-31&Token=t", &[]),
            get("PUT", "/?Action=Publish&Version=2010-03-31", &[]),
            // As in the addresses that SNS gives away.
            get("GET", "/?Action=ConfirmSubscription&TopicArn=a&Token=t", &[]),
            get("GET", "/?Action=Nothing", &[]),
            get("GET", "/mine?Action=ConfirmSubscription", &[]),
        ],
        expect![[r#"
            sns Publish
            sqs SendMessage
            400 <ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>Could not find operation Publsh for version 2010-03-31</Message></Error><RequestId>R</RequestId></ErrorResponse>
            elsewhere
            elsewhere
            sns ConfirmSubscription
            elsewhere
            sns ConfirmSubscription
            elsewhere
            elsewhere"#]],
    );
}

#[test]
fn rest_has_it_in_method_and_path() {
    check_signed(
        "lambda",
        &[
            ("POST", "/2015-03-31/functions/f/invocations?Qualifier=live"),
            ("POST", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Af/invocations"),
            ("GET", "/2015-03-31/functions/"),
            ("GET", "/2015-03-31/functions"),
            ("GET", "/2018-10-31/layers?find=LayerVersion&Arn=a"),
            ("GET", "/2018-10-31/layers"),
            ("DELETE", "/2015-03-31/functions/f/invocations"),
        ],
        expect![[r#"
            lambda Invoke
            lambda Invoke
            lambda ListFunctions
            lambda ListFunctions
            lambda GetLayerVersionByArn
            lambda ListLayers
            404 {"message":"There is no DELETE /2015-03-31/functions/f/invocations."}"#]],
    );
    check_signed(
        "apigateway",
        &[
            ("POST", "/restapis"),
            ("POST", "/restapis?mode=import&failonwarnings=true"),
            ("GET", "/restapis/a/resources/r/methods/GET"),
            ("POST", "/v2/apis"),
            ("GET", "/tags/arn"),
            ("GET", "/v2/tags/arn"),
        ],
        expect![[r#"
            apigateway CreateRestApi
            apigateway ImportRestApi
            apigateway GetMethod
            apigatewayv2 CreateApi
            apigateway GetTags
            apigatewayv2 GetTags"#]],
    );
}

#[test]
fn the_signature_decides_between_two_of_one_path() {
    check_signed(
        "scheduler",
        &[("GET", "/tags/arn"), ("GET", "/restapis")],
        expect![[r#"
        scheduler ListTagsForResource
        404 {"message":"There is no GET /restapis."}"#]],
    );
    check_signed("execute-api", &[("GET", "/tags/arn")], expect!["elsewhere"]);
    check(
        &[get("GET", "/tags/arn", &[]), get("GET", "/restapis", &[]), get("GET", "/console", &[])],
        expect![[r#"
            scheduler ListTagsForResource
            apigateway GetRestApis
            elsewhere"#]],
    );
}

#[test]
fn a_signature_is_in_a_header_or_in_the_query() {
    let signed = |headers: &[(&str, &str)], target: &str| {
        get("GET", target, headers).signing_name().map(str::to_owned)
    };
    let header = "AWS4-HMAC-SHA256 Credential=AKID/20261128/us-east-1/sqs/aws4_request, SignedHeaders=host";
    assert_eq!(signed(&[("AUTHORIZATION", header)], "/").as_deref(), Some("sqs"));
    let query = "/?X-Amz-Credential=AKID%2F20261128%2Fus-east-1%2Fsns%2Faws4_request&X-Amz-Date=d";
    assert_eq!(signed(&[], query).as_deref(), Some("sns"));
    for other in ["Bearer x", "AWS4-HMAC-SHA256 Credential=", "AWS4-HMAC-SHA256 Credential=a/b"] {
        assert_eq!(signed(&[("authorization", other)], "/"), None, "{other}");
    }
}
