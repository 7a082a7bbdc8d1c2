//! Functions, with templates and without.

use expect_test::expect;

use super::{api_with, check_in};
use crate::testing::World;

#[test]
fn functions_get_the_event_of_a_proxy() {
    let world = World::new();
    world.function_answers(
        r#"{"statusCode":201,"headers":{"X-One":"1","Set-Cookie":"a"},"multiValueHeaders":{"Set-Cookie":["b"]},"body":"hello"}"#,
        false,
    );
    let uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:f/invocations";
    let integration = format!("type: aws_proxy\nhttpMethod: POST\nuri: {uri}");
    check_in(
        &world,
        &integration,
        &["POST /a/x%20y?b=c&b=d\ncontent-type: text/plain\nx-h: 1\nx-h: 2\n\nhi"],
        expect![[r#"
        POST /a/x%20y?b=c&b=d
        → ask arn:aws:lambda:us-east-1:123456789012:function:f
        {
          "resource": "/a/{id}",
          "path": "/a/x y",
          "httpMethod": "POST",
          "headers": {
            "Content-Type": "text/plain",
            "X-H": "2",
            "X-Amzn-Trace-Id": "Root=1-6b0a7bf0-910a2dec89024cc1beeb8da1"
          },
          "multiValueHeaders": {
            "Content-Type": [
              "text/plain"
            ],
            "X-H": [
              "1",
              "2"
            ],
            "X-Amzn-Trace-Id": [
              "Root=1-6b0a7bf0-910a2dec89024cc1beeb8da1"
            ]
          },
          "queryStringParameters": {
            "b": "d"
          },
          "multiValueQueryStringParameters": {
            "b": [
              "c",
              "d"
            ]
          },
          "pathParameters": {
            "id": "x y"
          },
          "stageVariables": null,
          "requestContext": {
            "resourceId": "1xu47d",
            "resourcePath": "/a/{id}",
            "httpMethod": "POST",
            "extendedRequestId": "eL5Al1oWh-AKo7j=",
            "requestTime": "28/Nov/2026:07:00:00 +0000",
            "path": "/prod/a/x%20y",
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "prod",
            "domainPrefix": "dhl61si7th",
            "requestTimeEpoch": 1795849200000,
            "requestId": "910a2dec-8902-4cc1-beeb-8da1658eec67",
            "identity": {
              "cognitoIdentityPoolId": null,
              "accountId": null,
              "cognitoIdentityId": null,
              "caller": null,
              "sourceIp": "127.0.0.1",
              "principalOrgId": null,
              "accessKey": null,
              "cognitoAuthenticationType": null,
              "cognitoAuthenticationProvider": null,
              "userArn": null,
              "userAgent": null,
              "user": null
            },
            "domainName": "dhl61si7th.execute-api.us-east-1.amazonaws.com",
            "deploymentId": "1k6eg1",
            "apiId": "dhl61si7th"
          },
          "body": "hi",
          "isBase64Encoded": false
        }
        ← 201
          Set-Cookie: b
          X-One: 1
          Set-Cookie: a
          Content-Type: application/json
          hello
    "#]],
    );
}

#[test]
fn answers_of_functions_that_are_no_responses() {
    let uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations";
    let world = World::new();
    let api = world.rest(&api_with(&format!("type: aws_proxy\nhttpMethod: POST\nuri: {uri}")));
    let mut out = String::new();
    for (payload, is_error) in [
        (r#"{"statusCode":"204"}"#, false),
        (r#"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#, false),
        (r#""hello""#, false),
        (r#"{"body":"x"}"#, false),
        (r#"{"statusCode":200,"body":{"a":1}}"#, false),
        (r#"{"statusCode":200,"boby":"x"}"#, false),
        (r#"{"statusCode":2000}"#, false),
        (r#"{"errorMessage":"no"}"#, true),
    ] {
        world.function_answers(payload, is_error);
        let said = world.send(&api, "prod", "GET /a/1");
        out += &format!("{payload}\n{}", &said[said.find('←').unwrap()..]);
    }
    expect![[r#"
        {"statusCode":"204"}
        ← 204
          Content-Type: application/json
        {"statusCode":200,"body":"aGk=","isBase64Encoded":true}
        ← 200
          Content-Type: application/json
          aGk=
        "hello"
        ← 502
          Content-Type: application/json
          x-amzn-ErrorType: InternalServerErrorException
          {"message":"Internal server error"}
        {"body":"x"}
        ← 502
          Content-Type: application/json
          x-amzn-ErrorType: InternalServerErrorException
          {"message":"Internal server error"}
        {"statusCode":200,"body":{"a":1}}
        ← 502
          Content-Type: application/json
          x-amzn-ErrorType: InternalServerErrorException
          {"message":"Internal server error"}
        {"statusCode":200,"boby":"x"}
        ← 502
          Content-Type: application/json
          x-amzn-ErrorType: InternalServerErrorException
          {"message":"Internal server error"}
        {"statusCode":2000}
        ← 502
          Content-Type: application/json
          x-amzn-ErrorType: InternalServerErrorException
          {"message":"Internal server error"}
        {"errorMessage":"no"}
        ← 502
          Content-Type: application/json
          x-amzn-ErrorType: InternalServerErrorException
          {"message":"Internal server error"}
    "#]]
    .assert_eq(&out);
}

#[test]
fn functions_with_templates() {
    let world = World::new();
    let uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations";
    let integration = format!(
        r#"
type: aws
httpMethod: POST
uri: {uri}
requestParameters:
  integration.request.header.X-Amz-Invocation-Type: method.request.header.X-H
requestTemplates: {{application/json: '{{"id": "$input.params("id")"}}'}}
responses:
  default: {{statusCode: "200"}}
  ".*not found.*": {{statusCode: "404", responseTemplates: {{application/json: '{{"error": $input.json("$.errorMessage")}}'}}}}
"#
    );
    let api = world.rest(&api_with(&integration));
    let mut out = String::new();
    for (payload, is_error, request) in [
        (r#"{"a":1}"#, false, "POST /a/1"),
        ("", false, "POST /a/1\nx-h: Event"),
        (r#"{"errorMessage":"it was not found","errorType":"E"}"#, true, "POST /a/1"),
        (r#"{"errorMessage":"other"}"#, true, "POST /a/1"),
    ] {
        world.function_answers(payload, is_error);
        out += &world.send(&api, "prod", request);
    }
    expect![[r#"
        → ask f
        {
          "id": "1"
        }
        ← 200
          Content-Type: application/json
          {"a":1}
        → tell f
        {
          "id": "1"
        }
        ← 200
          Content-Type: application/json
        → ask f
        {
          "id": "1"
        }
        ← 404
          Content-Type: application/json
          {"error": "it was not found"}
        → ask f
        {
          "id": "1"
        }
        ← 200
          Content-Type: application/json
          {"errorMessage":"other"}
    "#]]
    .assert_eq(&out);
}
