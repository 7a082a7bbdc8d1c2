//! Requests to HTTP APIs: operations and requests in, everything said out.

use expect_test::{Expect, expect};
use json::{Value, value};

use crate::testing::World;

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap().to_owned()
}

/// An API with one route to an integration.
fn api(world: &World, route: &str, integration: Value) -> String {
    let api = world.operate_http("CreateApi", value!({"Name": "a", "ProtocolType": "HTTP"})).unwrap();
    let id = text(&api, "ApiId");
    let mut integration = integration.as_object().cloned().unwrap();
    integration.insert("ApiId", id.as_str());
    let made = world.operate_http("CreateIntegration", integration.into()).unwrap();
    let target = format!("integrations/{}", text(&made, "IntegrationId"));
    let route = value!({"ApiId": id.as_str(), "RouteKey": route, "Target": target});
    world.operate_http("CreateRoute", route).unwrap();
    let stage = value!({"ApiId": id.as_str(), "StageName": "$default", "AutoDeploy": true, "StageVariables": {"v": "w"}});
    world.operate_http("CreateStage", stage).unwrap();
    id
}

fn check(world: &World, id: &str, requests: &[&str], expected: Expect) {
    let mut out = String::new();
    for request in requests {
        out += &format!("{}\n{}", request.lines().next().unwrap(), world.send(id, "$default", request));
    }
    expected.assert_eq(&out);
}

#[test]
fn functions_get_format_2() {
    let world = World::new();
    let function = "arn:aws:lambda:us-east-1:123456789012:function:f";
    let integration =
        value!({"IntegrationType": "AWS_PROXY", "IntegrationUri": function, "PayloadFormatVersion": "2.0"});
    let id = api(&world, "POST /d/{id}", integration);
    world.function_answers(
        r#"{"statusCode":201,"headers":{"X-A":"b"},"cookies":["c=d"],"body":"aGk=","isBase64Encoded":true}"#,
        false,
    );
    check(
        &world,
        &id,
        &[
            "POST /d/x%20y?a=1&a=2&b=\ncontent-type: application/json\ncookie: c=1; e=2\nx-h: 1\nx-h: 2\nuser-agent: u\n\n{}",
            "GET /d/1",
        ],
        expect![[r#"
        POST /d/x%20y?a=1&a=2&b=
        → ask arn:aws:lambda:us-east-1:123456789012:function:f
        {
          "version": "2.0",
          "routeKey": "POST /d/{id}",
          "rawPath": "/d/x%20y",
          "rawQueryString": "a=1&a=2&b=",
          "cookies": [
            "c=1",
            "e=2"
          ],
          "headers": {
            "content-type": "application/json",
            "x-h": "1,2",
            "user-agent": "u",
            "x-amzn-trace-id": "Root=1-6b0a7bf0-910a2dec89024cc1beeb8da1"
          },
          "queryStringParameters": {
            "a": "1,2",
            "b": ""
          },
          "requestContext": {
            "accountId": "123456789012",
            "apiId": "sx8736nucw",
            "domainName": "sx8736nucw.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "sx8736nucw",
            "http": {
              "method": "POST",
              "path": "/d/x%20y",
              "protocol": "HTTP/1.1",
              "sourceIp": "127.0.0.1",
              "userAgent": "u"
            },
            "requestId": "eL5Al1oWh-AKo7j=",
            "routeKey": "POST /d/{id}",
            "stage": "$default",
            "time": "28/Nov/2026:07:00:00 +0000",
            "timeEpoch": 1795849200000
          },
          "pathParameters": {
            "id": "x y"
          },
          "stageVariables": {
            "v": "w"
          },
          "body": "{}",
          "isBase64Encoded": false
        }
        ← 201
          x-a: b
          set-cookie: c=d
          content-type: application/json
          hi
        GET /d/1
        ← 404
          content-type: application/json
          {"message":"Not Found"}
    "#]],
    );
    let mut out = String::new();
    for (payload, is_error) in [(r#"{"a":1}"#, false), (r#""text""#, false), ("no JSON", false), ("{}", true)]
    {
        world.function_answers(payload, is_error);
        let said = world.send(&id, "$default", "POST /d/1");
        out += &format!("{payload}\n{}", &said[said.find('←').unwrap()..]);
    }
    expect![[r#"
        {"a":1}
        ← 200
          content-type: application/json
          {"a":1}
        "text"
        ← 200
          content-type: application/json
          text
        no JSON
        ← 500
          content-type: application/json
          {"message":"Internal Server Error"}
        {}
        ← 500
          content-type: application/json
          {"message":"Internal Server Error"}
    "#]]
    .assert_eq(&out);
}

#[test]
fn functions_get_format_1() {
    let world = World::new();
    let function = "arn:aws:lambda:us-east-1:123456789012:function:f";
    let integration =
        value!({"IntegrationType": "AWS_PROXY", "IntegrationUri": function, "PayloadFormatVersion": "1.0"});
    let id = api(&world, "$default", integration);
    world.function_answers(r#"{"statusCode":200,"body":"x"}"#, false);
    check(
        &world,
        &id,
        &["GET /any/thing?a=1\naccept: */*"],
        expect![[r#"
        GET /any/thing?a=1
        → ask arn:aws:lambda:us-east-1:123456789012:function:f
        {
          "version": "1.0",
          "resource": "$default",
          "path": "/any/thing",
          "httpMethod": "GET",
          "headers": {
            "accept": "*/*",
            "x-amzn-trace-id": "Root=1-6b0a7bf0-910a2dec89024cc1beeb8da1"
          },
          "multiValueHeaders": {
            "accept": [
              "*/*"
            ],
            "x-amzn-trace-id": [
              "Root=1-6b0a7bf0-910a2dec89024cc1beeb8da1"
            ]
          },
          "queryStringParameters": {
            "a": "1"
          },
          "multiValueQueryStringParameters": {
            "a": [
              "1"
            ]
          },
          "requestContext": {
            "accountId": "123456789012",
            "apiId": "sx8736nucw",
            "authorizer": null,
            "domainName": "sx8736nucw.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "sx8736nucw",
            "extendedRequestId": "eL5Al1oWh-AKo7j=",
            "httpMethod": "GET",
            "identity": {
              "accessKey": null,
              "accountId": null,
              "sourceIp": "127.0.0.1",
              "userAgent": null
            },
            "path": "/any/thing",
            "protocol": "HTTP/1.1",
            "requestId": "eL5Al1oWh-AKo7j=",
            "requestTime": "28/Nov/2026:07:00:00 +0000",
            "requestTimeEpoch": 1795849200000,
            "resourceId": "$default",
            "resourcePath": "$default",
            "stage": "$default"
          },
          "pathParameters": null,
          "stageVariables": {
            "v": "w"
          },
          "body": null,
          "isBase64Encoded": false
        }
        ← 200
          content-type: text/plain;charset=UTF-8
          x
    "#]],
    );
}

#[test]
fn servers_get_the_request_with_changes() {
    let world = World::new();
    let id = api(
        &world,
        "ANY /a/{proxy+}",
        value!({
            "IntegrationType": "HTTP_PROXY", "IntegrationUri": "http://localhost:9/b/{proxy}", "IntegrationMethod": "ANY",
            "RequestParameters": {
                "append:header.X-New": "${context.stage}-${stageVariables.v}", "remove:header.x-old": "''",
                "overwrite:querystring.q": "$request.body.n", "append:header.X-Id": "$request.path.proxy",
            },
            "ResponseParameters": {"404": {"overwrite:statuscode": "200", "append:header.X-Why": "$response.body.why"}},
        }),
    );
    world.answers(404, &[("Content-Type", "application/json")], r#"{"why":"gone"}"#);
    check(
        &world,
        &id,
        &["PUT /a/c/d?q=1&r=2\nhost: h\nx-old: 1\n\n{\"n\":5}"],
        expect![[r#"
            PUT /a/c/d?q=1&r=2
            → PUT http://localhost:9/b/c/d?r=2&q=5
              X-New: $default-w
              X-Id: c/d
              forwarded: by=sx8736nucw.execute-api.us-east-1.amazonaws.com;for=127.0.0.1;proto=https
              {"n":5}
            ← 200
              Content-Type: application/json
              X-Why: gone
              {"why":"gone"}
        "#]],
    );
}

#[test]
fn services_are_called_without_templates() {
    let world = World::new();
    let role = "arn:aws:iam::123456789012:role/r";
    let mut out = String::new();
    for (subtype, parameters) in [
        (
            "StepFunctions-StartExecution",
            value!({"StateMachineArn": "arn:m", "Input": "$request.body", "Name": "$request.querystring.name"}),
        ),
        (
            "EventBridge-PutEvents",
            value!({"Source": "s", "DetailType": "t", "Detail": "$request.body", "Resources": "[\"a\"]"}),
        ),
        (
            "SQS-SendMessage",
            value!({"QueueUrl": "http://q", "MessageBody": "$request.body.a", "DelaySeconds": "5", "Region": "eu-west-1"}),
        ),
    ] {
        let integration = value!({
            "IntegrationType": "AWS_PROXY", "IntegrationSubtype": subtype, "CredentialsArn": role,
            "PayloadFormatVersion": "1.0", "RequestParameters": parameters,
        });
        let id = api(&world, "POST /x", integration);
        world.answers(200, &[], r#"{"executionArn":"e","startDate":1590010568}"#);
        out += &world.send(&id, "$default", "POST /x?name=n\n\n{\"a\":\"b\"}");
    }
    expect![[r#"
        → stepfunctions StartExecution in us-east-1 as arn:aws:iam::123456789012:role/r
          POST /
          Content-Type: application/x-amz-json-1.0
          X-Amz-Target: AWSStepFunctions.StartExecution
          {"stateMachineArn":"arn:m","input":"{\"a\":\"b\"}","name":"n"}
        ← 200
          content-type: application/json
          {"executionArn":"e","startDate":1.590010568E9}
        → events PutEvents in us-east-1 as arn:aws:iam::123456789012:role/r
          POST /
          Content-Type: application/x-amz-json-1.1
          X-Amz-Target: AWSEvents.PutEvents
          {"Entries":[{"Source":"s","DetailType":"t","Detail":"{\"a\":\"b\"}","Resources":["a"]}]}
        ← 200
          content-type: application/json
          {"executionArn":"e","startDate":1590010568}
        → sqs SendMessage in eu-west-1 as arn:aws:iam::123456789012:role/r
          POST /
          Content-Type: application/x-amz-json-1.0
          X-Amz-Target: AmazonSQS.SendMessage
          {"QueueUrl":"http://q","MessageBody":"b","DelaySeconds":5}
        ← 200
          content-type: application/json
          {"executionArn":"e","startDate":1590010568}
    "#]]
    .assert_eq(&out);
}

#[test]
fn authorizers_decide() {
    let world = World::new();
    let function = "arn:aws:lambda:us-east-1:123456789012:function:f";
    let integration =
        value!({"IntegrationType": "AWS_PROXY", "IntegrationUri": function, "PayloadFormatVersion": "2.0"});
    let id = api(&world, "GET /open", integration);
    let authorizer = world.operate_http("CreateAuthorizer", value!({
        "ApiId": id.as_str(), "Name": "a", "AuthorizerType": "REQUEST", "AuthorizerUri": function,
        "AuthorizerPayloadFormatVersion": "2.0", "EnableSimpleResponses": true, "IdentitySource": ["$request.header.Authorization"],
    })).unwrap();
    let routes = world.operate_http("GetRoutes", value!({"ApiId": id.as_str()})).unwrap();
    let target = text(routes.get("Items").unwrap().at(0).unwrap(), "Target");
    let route = value!({
        "ApiId": id.as_str(), "RouteKey": "GET /shut", "Target": target, "AuthorizationType": "CUSTOM",
        "AuthorizerId": text(&authorizer, "AuthorizerId"),
    });
    world.operate_http("CreateRoute", route).unwrap();
    let mut out = String::new();
    for (request, answer) in [
        ("GET /shut", ""),
        ("GET /shut\nauthorization: x", r#"{"isAuthorized":false}"#),
        ("GET /shut\nauthorization: x", r#"{"isAuthorized":true,"context":{"a":1}}"#),
        ("GET /shut\nauthorization: x", r#"{"maybe":1}"#),
    ] {
        world.function_answers(answer, false);
        let said = world.send(&id, "$default", request);
        let asked = said.matches("→").count();
        out += &format!("{answer}: asked {asked} times, {}", &said[said.find('←').unwrap()..]);
    }
    expect![[r#"
        : asked 0 times, ← 401
          content-type: application/json
          {"message":"Unauthorized"}
        {"isAuthorized":false}: asked 1 times, ← 403
          content-type: application/json
          {"message":"Forbidden"}
        {"isAuthorized":true,"context":{"a":1}}: asked 2 times, ← 200
          content-type: application/json
          {"isAuthorized":true,"context":{"a":1}}
        {"maybe":1}: asked 1 times, ← 500
          content-type: application/json
          {"message":"Internal Server Error"}
    "#]]
    .assert_eq(&out);
}

#[test]
fn browsers_are_told_who_may_read() {
    let world = World::new();
    let cors = value!({
        "AllowOrigins": ["https://a.example"], "AllowMethods": ["GET", "PUT"], "AllowHeaders": ["x-a"], "MaxAge": 60,
        "AllowCredentials": true, "ExposeHeaders": ["x-b"],
    });
    let api = value!({
        "Name": "quick", "ProtocolType": "HTTP", "Target": "http://localhost:9/", "CorsConfiguration": cors,
    });
    let api = world.operate_http("CreateApi", api).unwrap();
    world.answers(200, &[("access-control-allow-origin", "*")], "hi");
    check(
        &world,
        &text(&api, "ApiId"),
        &[
            "OPTIONS /x\norigin: https://a.example\naccess-control-request-method: PUT",
            "OPTIONS /x\norigin: https://b.example\naccess-control-request-method: PUT",
            "GET /x\norigin: https://a.example",
            "GET /x",
        ],
        expect![[r#"
        OPTIONS /x
        ← 204
          access-control-allow-origin: https://a.example
          access-control-allow-credentials: true
          access-control-expose-headers: x-b
          vary: Origin
          access-control-allow-methods: GET,PUT
          access-control-allow-headers: x-a
          access-control-max-age: 60
        OPTIONS /x
        ← 204
          access-control-allow-methods: GET,PUT
          access-control-allow-headers: x-a
          access-control-max-age: 60
        GET /x
        → GET http://localhost:9/
          origin: https://a.example
          forwarded: by=g3pc9r3smw.execute-api.us-east-1.amazonaws.com;for=127.0.0.1;proto=https
        ← 200
          access-control-allow-origin: https://a.example
          access-control-allow-credentials: true
          access-control-expose-headers: x-b
          vary: Origin
          hi
        GET /x
        → GET http://localhost:9/
          forwarded: by=g3pc9r3smw.execute-api.us-east-1.amazonaws.com;for=127.0.0.1;proto=https
        ← 200
          hi
    "#]],
    );
}

#[test]
fn limits_of_a_stage() {
    let world = World::new();
    let id = api(
        &world,
        "GET /x",
        value!({"IntegrationType": "HTTP_PROXY", "IntegrationUri": "http://localhost:9/", "IntegrationMethod": "GET"}),
    );
    let limits = value!({"ThrottlingRateLimit": 1.0, "ThrottlingBurstLimit": 1});
    let stage = value!({"ApiId": id.as_str(), "StageName": "$default", "DefaultRouteSettings": limits});
    world.operate_http("UpdateStage", stage).unwrap();
    world.answers(200, &[], "");
    let status = |at: i64| world.response(&id, "$default", "GET /x", crate::testing::NOW + at).status;
    assert_eq!([status(0), status(0), status(1000)], [200, 429, 200]);
}

#[test]
fn what_is_not_honoured_is_refused() {
    let world = World::new();
    let api = world.operate_http("CreateApi", value!({"Name": "a", "ProtocolType": "HTTP"})).unwrap();
    let id = text(&api, "ApiId");
    let mut out = String::new();
    for (operation, input) in [
        ("CreateApi", value!({"Name": "a", "ProtocolType": "WEBSOCKET"})),
        ("CreateRoute", value!({"RouteKey": "FLY /x"})),
        ("CreateRoute", value!({"RouteKey": "GET /{a+}/b"})),
        ("CreateRoute", value!({"RouteKey": "GET /x", "AuthorizationType": "JWT"})),
        ("CreateRoute", value!({"RouteKey": "GET /x", "Target": "integrations/none"})),
        ("CreateIntegration", value!({"IntegrationType": "AWS_PROXY", "IntegrationUri": "http://x"})),
        ("CreateIntegration", value!({"IntegrationType": "HTTP", "IntegrationUri": "http://x"})),
        (
            "CreateIntegration",
            value!({"IntegrationType": "HTTP_PROXY", "IntegrationUri": "http://x", "ConnectionType": "VPC_LINK"}),
        ),
        (
            "CreateIntegration",
            value!({"IntegrationType": "AWS_PROXY", "IntegrationSubtype": "StepFunctions-StartExecution", "CredentialsArn": "r", "RequestParameters": {}}),
        ),
        (
            "CreateIntegration",
            value!({"IntegrationType": "AWS_PROXY", "IntegrationSubtype": "S3-GetObject", "CredentialsArn": "r"}),
        ),
        ("CreateStage", value!({"StageName": "a b"})),
        ("CreateStage", value!({"StageName": "s", "AccessLogSettings": {}})),
        ("GetRoute", value!({"RouteId": "none"})),
        ("ImportApi", value!({})),
    ] {
        let mut input = input.as_object().cloned().unwrap();
        input.insert("ApiId", id.as_str());
        out += &format!("{operation}: {}\n", world.operate_http(operation, input.into()).unwrap_err());
    }
    expect![[r#"
        CreateApi: BadRequestException: ProtocolType WEBSOCKET is not supported by this server: HTTP APIs are; AppSync has subscriptions
        CreateRoute: BadRequestException: The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default": FLY /x
        CreateRoute: BadRequestException: The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default": GET /{a+}/b
        CreateRoute: BadRequestException: Unable to update route. Authorizer does not exist
        CreateRoute: BadRequestException: Invalid target specified: integrations/none must be integrations/INTEGRATION_ID
        CreateIntegration: BadRequestException: Invalid IntegrationUri: it must be the ARN of a Lambda function
        CreateIntegration: BadRequestException: Invalid integration type specified for an HTTP API: 'HTTP'. Valid options are AWS_PROXY, HTTP_PROXY
        CreateIntegration: BadRequestException: The connection type VPC_LINK is not supported by this server: an integration over the INTERNET reaches hosts of a private network too
        CreateIntegration: BadRequestException: Parameter: StateMachineArn is required for integration subtype StepFunctions-StartExecution
        CreateIntegration: BadRequestException: IntegrationSubtype S3-GetObject is not supported. Must be one of: EventBridge-PutEvents, Kinesis-PutRecord, SQS-DeleteMessage, SQS-PurgeQueue, SQS-ReceiveMessage, SQS-SendMessage, StepFunctions-StartExecution, StepFunctions-StartSyncExecution, StepFunctions-StopExecution
        CreateStage: BadRequestException: Stage name only allows a-zA-Z0-9_- or $default
        CreateStage: BadRequestException: AccessLogSettings is not supported by this server: the server's own log and metrics say what was called
        GetRoute: NotFoundException: Unable to find Route by RouteId none within the provided API
        ImportApi: BadRequestException: ImportApi is not supported by this server: import a REST API (apigateway), or create routes and integrations
    "#]].assert_eq(&out);
}
