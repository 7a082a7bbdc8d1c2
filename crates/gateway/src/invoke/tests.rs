//! Requests to REST APIs: the API as a document, requests in, everything said out.

use expect_test::{Expect, expect};
use json::value;

use crate::backend::Trouble;
use crate::testing::World;

/// The dragons, as their clients know them. (spec/vtl.md §6.4)
const DRAGONS: &str = r##"
openapi: 3.0.1
info: {title: dragons, version: "1"}
x-amazon-apigateway-request-validators:
  all: {validateRequestBody: true, validateRequestParameters: true}
x-amazon-apigateway-request-validator: all
components:
  schemas:
    dragon:
      type: object
      required: [dragonName, family]
      properties:
        dragonName: {type: string}
        confirmationRequired: {type: boolean}
paths:
  /dragons:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/dragon"}}}}
      responses: {"200": {description: ok}, "400": {description: no}}
      x-amazon-apigateway-integration:
        type: aws
        httpMethod: POST
        uri: arn:aws:apigateway:us-east-1:states:action/StartExecution
        credentials: arn:aws:iam::123456789012:role/gateway
        passthroughBehavior: when_no_templates
        requestTemplates:
          application/json: |
            #set($data = $input.path('$'))

            #set($input = " {
              ""dragon_name_str"" : ""$data.dragonName"",
              ""family_str"" : ""$data.family"",
              ""confirmationRequired"" : $data.confirmationRequired}")

            {
                "input": "$util.escapeJavaScript($input).replaceAll("\\'", "'")",
                "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:MyStateMachine"
            }
        responses:
          default: {statusCode: "200"}
          "4\\d{2}": {statusCode: "400", responseTemplates: {application/json: '{"why": $input.json("$.message")}'}}
"##;

const STARTED: &str = r#"{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:MyStateMachine:e","startDate":1590010568.906}"#;

#[test]
fn a_dragon_is_reported() {
    let world = World::new();
    let api = world.rest(DRAGONS);
    world.answers(200, &[("Content-Type", "application/x-amz-json-1.0")], STARTED);
    let dragon = "POST /dragons\ncontent-type: application/json\n\n{\"dragonName\": \"O'Frank\", \"family\": \"red\", \"confirmationRequired\": true}";
    expect![[r#"
        → stepfunctions StartExecution in us-east-1 as arn:aws:iam::123456789012:role/gateway
          POST /
          Accept: application/json
          Content-Type: application/json
          X-Amz-Target: AWSStepFunctions.StartExecution
  
  
          {
              "input": " {\n  \"dragon_name_str\" : \"O'Frank\",\n  \"family_str\" : \"red\",\n  \"confirmationRequired\" : true}",
              "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:MyStateMachine"
          }
        ← 200
          Content-Type: application/json
          {"executionArn":"arn:aws:states:us-east-1:123456789012:execution:MyStateMachine:e","startDate":1.590010568906E9}
    "#]].assert_eq(&world.send(&api, "prod", dragon));
    world.answers(
        400,
        &[],
        r#"{"__type":"StateMachineDoesNotExist","message":"State Machine Does Not Exist"}"#,
    );
    expect![[r#"
        → stepfunctions StartExecution in us-east-1 as arn:aws:iam::123456789012:role/gateway
          POST /
          Accept: application/json
          Content-Type: application/json
          X-Amz-Target: AWSStepFunctions.StartExecution
  
  
          {
              "input": " {\n  \"dragon_name_str\" : \"O'Frank\",\n  \"family_str\" : \"red\",\n  \"confirmationRequired\" : true}",
              "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:MyStateMachine"
          }
        ← 400
          Content-Type: application/json
          {"why": "State Machine Does Not Exist"}
    "#]].assert_eq(&world.send(&api, "prod", dragon));
}

#[test]
fn what_is_no_dragon_is_refused() {
    let world = World::new();
    let api = world.rest(DRAGONS);
    let send = |request: &str| world.send(&api, "prod", request);
    expect![[r#"
        ← 400
          Content-Type: application/json
          x-amzn-ErrorType: BadRequestException
          {"message":"Invalid request body"}
    "#]]
    .assert_eq(&send("POST /dragons\ncontent-type: application/json; charset=utf-8\n\n{\"family\": 1}"));
    expect![[r#"
        ← 400
          Content-Type: application/json
          x-amzn-ErrorType: BadRequestException
          {"message":"Invalid request body"}
    "#]]
    .assert_eq(&send("POST /dragons\n\n{"));
    expect![[r#"
        ← 415
          Content-Type: application/json
          x-amzn-ErrorType: UnsupportedMediaTypeException
          {"message":"Unsupported Media Type"}
    "#]]
    .assert_eq(&send("POST /dragons\ncontent-type: text/plain\n\nhello"));
    expect![[r#"
        ← 403
          Content-Type: application/json
          x-amzn-ErrorType: MissingAuthenticationTokenException
          {"message":"Missing Authentication Token"}
    "#]]
    .assert_eq(&send("GET /dragons"));
    expect![[r#"
        ← 403
          Content-Type: application/json
          x-amzn-ErrorType: ForbiddenException
          {"message":"Forbidden"}
    "#]]
    .assert_eq(&world.send(&api, "other", "POST /dragons"));
    expect![[r#"
        ← 403
          Content-Type: application/json
          x-amzn-ErrorType: ForbiddenException
          {"message":"Forbidden"}
    "#]]
    .assert_eq(&world.send("nobody", "prod", "POST /dragons"));
}

#[test]
fn a_test_shows_its_log() {
    let world = World::new();
    let api = world.rest(DRAGONS);
    world.answers(200, &[("Content-Type", "application/x-amz-json-1.0")], STARTED);
    let resources = world.operate("GetResources", value!({"restApiId": api.as_str()})).unwrap();
    let items = resources.get("items").unwrap();
    let resource =
        items.as_array().unwrap().iter().find(|item| item.get("path") == Some(&"/dragons".into())).unwrap();
    let test = |body: &str| {
        let input = value!({
            "restApiId": api.as_str(), "resourceId": resource.get("id").unwrap(), "httpMethod": "POST",
            "body": body, "pathWithQueryString": "/dragons?a=b", "headers": {"Accept": "application/json"},
        });
        let output = world.operate("TestInvokeMethod", input).unwrap();
        format!(
            "{}\n{}\n{}\n{}",
            output.get("status").unwrap(),
            output.get("headers").unwrap(),
            output.get("body").unwrap().as_str().unwrap(),
            output.get("log").unwrap().as_str().unwrap()
        )
    };
    expect![[r#"
        200
        {"Content-Type":"application/json"}
        {"executionArn":"arn:aws:states:us-east-1:123456789012:execution:MyStateMachine:e","startDate":1.590010568906E9}
        Execution log for request bac7f58a-83dc-4bf6-85bc-04b6d880660c
        Sat Nov 28 07:00:00 UTC 2026 : Starting execution for request: bac7f58a-83dc-4bf6-85bc-04b6d880660c
        Sat Nov 28 07:00:00 UTC 2026 : HTTP Method: POST, Resource Path: /dragons
        Sat Nov 28 07:00:00 UTC 2026 : Method request path: {}
        Sat Nov 28 07:00:00 UTC 2026 : Method request query string: {a=b}
        Sat Nov 28 07:00:00 UTC 2026 : Method request headers: {Accept=application/json}
        Sat Nov 28 07:00:00 UTC 2026 : Method request body before transformations: {"dragonName":"Frank","family":"red","confirmationRequired":true}
        Sat Nov 28 07:00:00 UTC 2026 : Request validation succeeded for content type application/json
        Sat Nov 28 07:00:00 UTC 2026 : Endpoint request URI: https://states.us-east-1.amazonaws.com/?Action=StartExecution
        Sat Nov 28 07:00:00 UTC 2026 : Endpoint request headers: {x-amzn-apigateway-api-id=o5mpllfe2e, User-Agent=AmazonAPIGateway_o5mpllfe2e, Accept=application/json, Content-Type=application/json, X-Amzn-Trace-Id=Root=1-6b0a7bf0-bac7f58a83dc4bf685bc04b6, X-Amz-Target=AWSStepFunctions.StartExecution}
        Sat Nov 28 07:00:00 UTC 2026 : Endpoint request body after transformations: 

        {
            "input": " {\n  \"dragon_name_str\" : \"Frank\",\n  \"family_str\" : \"red\",\n  \"confirmationRequired\" : true}",
            "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:MyStateMachine"
        }

        Sat Nov 28 07:00:00 UTC 2026 : Sending request to https://states.us-east-1.amazonaws.com/?Action=StartExecution
        Sat Nov 28 07:00:00 UTC 2026 : Received response. Status: 200, Integration latency: 0 ms
        Sat Nov 28 07:00:00 UTC 2026 : Endpoint response headers: {Content-Type=application/x-amz-json-1.0}
        Sat Nov 28 07:00:00 UTC 2026 : Endpoint response body before transformations: {"executionArn":"arn:aws:states:us-east-1:123456789012:execution:MyStateMachine:e","startDate":1.590010568906E9}
        Sat Nov 28 07:00:00 UTC 2026 : Method response body after transformations: {"executionArn":"arn:aws:states:us-east-1:123456789012:execution:MyStateMachine:e","startDate":1.590010568906E9}
        Sat Nov 28 07:00:00 UTC 2026 : Method response headers: {Content-Type=application/json}
        Sat Nov 28 07:00:00 UTC 2026 : Successfully completed execution
        Sat Nov 28 07:00:00 UTC 2026 : Method completed with status: 200
    "#]].assert_eq(&test(r#"{"dragonName":"Frank","family":"red","confirmationRequired":true}"#));
    expect![[r#"
        400
        {"Content-Type":"application/json","x-amzn-ErrorType":"BadRequestException"}
        {"message":"Invalid request body"}
        Execution log for request 36f86f0a-1e44-4416-be8e-f84587d88bce
        Sat Nov 28 07:00:00 UTC 2026 : Starting execution for request: 36f86f0a-1e44-4416-be8e-f84587d88bce
        Sat Nov 28 07:00:00 UTC 2026 : HTTP Method: POST, Resource Path: /dragons
        Sat Nov 28 07:00:00 UTC 2026 : Method request path: {}
        Sat Nov 28 07:00:00 UTC 2026 : Method request query string: {a=b}
        Sat Nov 28 07:00:00 UTC 2026 : Method request headers: {Accept=application/json}
        Sat Nov 28 07:00:00 UTC 2026 : Method request body before transformations: {"dragonName":"Frank"}
        Sat Nov 28 07:00:00 UTC 2026 : Request body does not match model schema for content type application/json: [object has missing required properties (["family"])]
        Sat Nov 28 07:00:00 UTC 2026 : Method completed with status: 400
    "#]].assert_eq(&test(r#"{"dragonName":"Frank"}"#));
}

/// One method, `integration` being YAML at the depth of its members.
fn api_with(integration: &str) -> String {
    let integration = integration.trim_matches('\n').replace('\n', "\n        ");
    format!(
        r#"
openapi: 3.0.1
info: {{title: one, version: "1"}}
paths:
  /a/{{id}}:
    x-amazon-apigateway-any-method:
      parameters:
        - {{in: path, name: id, required: true}}
        - {{in: query, name: q, required: true}}
        - {{in: header, name: X-H}}
      responses:
        "200": {{description: ok, headers: {{X-A: {{}}, X-B: {{}}, X-C: {{}}}}}}
        "404": {{description: gone}}
        "500": {{description: no}}
      x-amazon-apigateway-integration:
        {integration}
"#
    )
}

fn check(integration: &str, requests: &[&str], expected: Expect) {
    check_in(&World::new(), integration, requests, expected);
}

fn check_in(world: &World, integration: &str, requests: &[&str], expected: Expect) {
    let api = world.rest(&api_with(integration));
    let mut out = String::new();
    for request in requests {
        out += &format!("{}\n{}", request.lines().next().unwrap(), world.send(&api, "prod", request));
    }
    expected.assert_eq(&out);
}

#[test]
fn mocks_answer_by_themselves() {
    check(
        r#"
type: mock
requestTemplates:
  application/json: '{"statusCode": #if($input.params("q") == "no")404#{else}200#end}'
  text/plain: '{statusCode: 200} #set($context.responseOverride.status = 444)#set($context.responseOverride.header.X-O = "o")'
  text/html: 'nothing'
responses:
  default:
    statusCode: "200"
    responseParameters:
      method.response.header.X-A: "'static'"
      method.response.header.X-B: context.resourcePath
    responseTemplates:
      application/json: '{"id": "$input.params("id")", "stage": "$context.stage"}'
  "404": {statusCode: "404", responseTemplates: {text/plain: gone}}
"#,
        &[
            "GET /a/1",
            "GET /a/1?q=no",
            "POST /a/x%2Fy\ncontent-type: text/plain\n\nx",
            "POST /a/1\ncontent-type: text/html\n\nx",
            "POST /a/1\ncontent-type: text/csv\n\n{\"statusCode\": 404}",
        ],
        expect![[r#"
            GET /a/1
            ← 200
              X-A: static
              X-B: /a/{id}
              Content-Type: application/json
              {"id": "1", "stage": "prod"}
            GET /a/1?q=no
            ← 404
              Content-Type: text/plain
              gone
            POST /a/x%2Fy
            ← 444
              X-A: static
              X-B: /a/{id}
              Content-Type: application/json
              X-O: o
              {"id": "x/y", "stage": "prod"}
            POST /a/1
            ← 500
              Content-Type: application/json
              x-amzn-ErrorType: InternalServerErrorException
              {"message":"Internal server error"}
            POST /a/1
            ← 404
              Content-Type: text/plain
              gone
        "#]],
    );
}

#[test]
fn types_without_templates_pass_or_do_not() {
    let mut out = String::new();
    for (behaviour, templates) in [
        ("when_no_match", "application/json: mapped"),
        ("when_no_templates", "application/json: mapped"),
        ("never", "application/json: mapped"),
        ("when_no_match", ""),
        ("when_no_templates", ""),
        ("never", ""),
    ] {
        let world = World::new();
        world.answers(200, &[], "");
        let templates =
            if templates.is_empty() { String::new() } else { format!("requestTemplates: {{{templates}}}") };
        let integration = format!(
            "type: http\nhttpMethod: POST\nuri: http://localhost/x\npassthroughBehavior: {behaviour}\n{templates}\nresponses: {{default: {{statusCode: '200'}}}}"
        );
        let api = world.rest(&api_with(&integration));
        for kind in ["application/json", "text/plain"] {
            let said = world.send(&api, "prod", &format!("POST /a/1\ncontent-type: {kind}\n\nraw"));
            let sent = if said.contains("  mapped") {
                "mapped"
            } else if said.contains("  raw") {
                "raw"
            } else {
                "415"
            };
            assert!(
                sent != "415"
                    || said.contains("← 415") && said.contains(r#"{"message":"Unsupported Media Type"}"#),
                "{said}"
            );
            out += &format!(
                "{behaviour} {} {kind}: {sent}\n",
                if templates.is_empty() { "without" } else { "with" }
            );
        }
    }
    expect![[r#"
        when_no_match with application/json: mapped
        when_no_match with text/plain: raw
        when_no_templates with application/json: mapped
        when_no_templates with text/plain: 415
        never with application/json: mapped
        never with text/plain: 415
        when_no_match without application/json: raw
        when_no_match without text/plain: raw
        when_no_templates without application/json: raw
        when_no_templates without text/plain: raw
        never without application/json: 415
        never without text/plain: 415
    "#]]
    .assert_eq(&out);
}

#[test]
fn parameters_are_mapped() {
    let world = World::new();
    world.answers(404, &[("X-Back", "b1"), ("X-Back", "b2")], r#"{"error":{"code":"E1"}}"#);
    check_in(
        &world,
        r#"
type: http
httpMethod: ANY
uri: http://localhost:9/things/{thing}?fixed=1
requestParameters:
  integration.request.path.thing: method.request.path.id
  integration.request.querystring.query: method.request.querystring.q
  integration.request.querystring.all: method.request.multivaluequerystring.q
  integration.request.header.X-Ip: context.identity.sourceIp
  integration.request.header.X-S: "'static'"
  integration.request.header.X-Body: method.request.body.a.b
  integration.request.header.X-H: method.request.header.X-H
responses:
  default: {statusCode: "200"}
  "404":
    statusCode: "404"
"#,
        &[
            "POST /a/x%20y?q=1&q=2\nx-h: one\nx-h: two\ncontent-type: application/json\n\n{\"a\":{\"b\":[1]}}",
            "DELETE /a/1",
        ],
        expect![[r#"
            POST /a/x%20y?q=1&q=2
            → POST http://localhost:9/things/x%20y?fixed=1&query=2&all=1&all=2
              X-Ip: 127.0.0.1
              X-S: static
              X-Body: [1]
              X-H: two
              Accept: application/json
              Content-Type: application/json
              {"a":{"b":[1]}}
            ← 404
              Content-Type: application/json
              {"error":{"code":"E1"}}
            DELETE /a/1
            → DELETE http://localhost:9/things/1?fixed=1
              X-Ip: 127.0.0.1
              X-S: static
              Accept: application/json
              Content-Type: application/json
            ← 404
              Content-Type: application/json
              {"error":{"code":"E1"}}
        "#]],
    );
}

#[test]
fn overrides_win() {
    let world = World::new();
    world.answers(200, &[("X-Back", "b")], r#"{"n":1}"#);
    check_in(
        &world,
        r#"
type: http
httpMethod: PUT
uri: http://localhost:9/{p}
requestParameters:
  integration.request.header.X-S: "'mapped'"
  integration.request.path.p: method.request.path.id
requestTemplates:
  application/json: |
    #set($context.requestOverride.header.X-S = "overridden")#set($context.requestOverride.path.p = "over")#set($context.requestOverride.querystring.q = "o")body
responses:
  default:
    statusCode: "200"
    responseParameters:
      method.response.header.X-A: integration.response.header.X-Back
      method.response.header.X-B: integration.response.body.n
    responseTemplates:
      application/json: |
        #set($context.responseOverride.status = 201)#set($context.responseOverride.header.X-A = "over")$input.json('$.n') $context.requestOverride.querystring["q"]
"#,
        &["PUT /a/1\n\n{}"],
        expect![[r#"
            PUT /a/1
            → PUT http://localhost:9/over?q=o
              X-S: overridden
              Accept: application/json
              Content-Type: application/json
              body
            ← 201
              X-B: 1
              Content-Type: application/json
              X-A: over
              1 o
        "#]],
    );
}

#[test]
fn proxies_of_servers_pass_everything() {
    let world = World::new();
    world.answers(201, &[("Content-Type", "text/html"), ("X-Back", "b"), ("Connection", "close")], "<p>");
    check_in(
        &world,
        r#"
type: http_proxy
httpMethod: ANY
uri: http://localhost:9/all/{id}
requestParameters:
  integration.request.path.id: method.request.path.id
  integration.request.header.X-H: "'mine'"
"#,
        &["PATCH /a/1?b=c&b=d\nhost: me\nx-h: theirs\naccept: text/html\nconnection: close\n\nbody"],
        expect![[r#"
            PATCH /a/1?b=c&b=d
            → PATCH http://localhost:9/all/1?b=c&b=d
              Accept: text/html
              X-H: mine
              Content-Type: application/json
              body
            ← 201
              Content-Type: text/html
              X-Back: b
              <p>
        "#]],
    );
}

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
            "X-H": "2"
          },
          "multiValueHeaders": {
            "Content-Type": [
              "text/plain"
            ],
            "X-H": [
              "1",
              "2"
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

#[test]
fn services_are_asked_in_their_protocols() {
    let mut out = String::new();
    for (action, more) in [
        (
            "sqs:path/123456789012/q",
            "requestTemplates: {application/json: 'Action=SendMessage&MessageBody=$util.urlEncode($input.body)'}\nrequestParameters: {integration.request.header.Content-Type: \"'application/x-www-form-urlencoded'\"}",
        ),
        (
            "sns:action/Publish",
            "requestParameters: {integration.request.querystring.TopicArn: \"'arn:t'\", integration.request.querystring.Message: method.request.querystring.q}",
        ),
        ("dynamodb:action/PutItem", "requestTemplates: {application/json: '{\"TableName\": \"t\"}'}"),
        (
            "events:action/PutEvents",
            "requestTemplates: {application/json: '{}'}\nrequestParameters: {integration.request.header.X-Amz-Target: \"'AWSEvents.PutEvents'\", integration.request.header.Content-Type: \"'application/x-amz-json-1.1'\"}",
        ),
        (
            "s3:path/{bucket}/{key}",
            "requestParameters: {integration.request.path.bucket: \"'b'\", integration.request.path.key: method.request.path.id}",
        ),
    ] {
        let world = World::new();
        world.answers(200, &[], "{}");
        let integration = format!(
            "type: aws\nhttpMethod: PUT\nuri: arn:aws:apigateway:eu-west-1:{action}\ncredentials: arn:aws:iam::1:role/r\n{more}\nresponses: {{default: {{statusCode: '200'}}}}"
        );
        let api = world.rest(&api_with(&integration));
        let said = world.send(&api, "prod", "POST /a/k?q=hello+you\n\n{\"a\": \"b c\"}");
        out += said.split('←').next().unwrap();
    }
    expect![[r#"
        → sqs - in eu-west-1 as arn:aws:iam::1:role/r
          PUT /123456789012/q
          Content-Type: application/x-www-form-urlencoded
          Accept: application/json
          Action=SendMessage&MessageBody=%7B%22a%22%3A+%22b+c%22%7D
        → sns Publish in eu-west-1 as arn:aws:iam::1:role/r
          POST /
          Accept: application/json
          Content-Type: application/x-www-form-urlencoded
          Action=Publish&Version=2010-03-31&TopicArn=arn%3At&Message=hello%20you
        → dynamodb PutItem in eu-west-1 as arn:aws:iam::1:role/r
          POST /
          Accept: application/json
          Content-Type: application/json
          X-Amz-Target: DynamoDB_20120810.PutItem
          {"TableName": "t"}
        → events PutEvents in eu-west-1 as arn:aws:iam::1:role/r
          POST /
          X-Amz-Target: AWSEvents.PutEvents
          Content-Type: application/x-amz-json-1.1
          Accept: application/json
          {}
        → s3 - in eu-west-1 as arn:aws:iam::1:role/r
          PUT /b/k
          Accept: application/json
          Content-Type: application/json
          {"a": "b c"}
    "#]]
    .assert_eq(&out);
}

#[test]
fn troubles_become_gateway_responses() {
    let mut out = String::new();
    for trouble in
        [Trouble::TimedOut, Trouble::Broken("no route".into()), Trouble::Refused("no endpoint".into())]
    {
        let world = World::new();
        world.fails(trouble.clone());
        let api = world.rest(&api_with(
            "type: http\nhttpMethod: GET\nuri: http://localhost/\nresponses: {default: {statusCode: '200'}}",
        ));
        let said = world.send(&api, "prod", "GET /a/1");
        out += &format!("{trouble:?}\n{}", &said[said.find('←').unwrap()..]);
    }
    let world = World::new();
    world.answers(302, &[], "");
    let api = world.rest(&api_with(
        "type: http\nhttpMethod: GET\nuri: http://localhost/\nresponses: {'200': {statusCode: '200'}}",
    ));
    let said = world.send(&api, "prod", "GET /a/1");
    out += &format!("no response for 302\n{}", &said[said.find('←').unwrap()..]);
    expect![[r#"
        TimedOut
        ← 504
          Content-Type: application/json
          x-amzn-ErrorType: InternalServerErrorException
          {"message":"Endpoint request timed out"}
        Broken("no route")
        ← 504
          Content-Type: application/json
          x-amzn-ErrorType: InternalServerErrorException
          {"message":"Network error communicating with endpoint"}
        Refused("no endpoint")
        ← 500
          Content-Type: application/json
          x-amzn-ErrorType: InternalServerErrorException
          {"message":"Internal server error"}
        no response for 302
        ← 500
          Content-Type: application/json
          x-amzn-ErrorType: InternalServerErrorException
          {"message":"Internal server error"}
    "#]]
    .assert_eq(&out);
}

const GUARDED: &str = r##"
swagger: "2.0"
info: {title: guarded, version: "1"}
securityDefinitions:
  token:
    type: apiKey
    name: Authorization
    in: header
    x-amazon-apigateway-authtype: custom
    x-amazon-apigateway-authorizer:
      type: token
      authorizerUri: arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/auth/invocations
      identityValidationExpression: "Bearer .*"
      authorizerResultTtlInSeconds: 60
  key: {type: apiKey, name: x-api-key, in: header}
  signed: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}
x-amazon-apigateway-gateway-responses:
  UNAUTHORIZED:
    statusCode: 418
    responseParameters: {gatewayresponse.header.X-Why: context.error.responseType}
    responseTemplates: {application/json: '{"said": $context.error.messageString, "at": "$context.stage"}'}
  DEFAULT_4XX:
    responseParameters: {gatewayresponse.header.Access-Control-Allow-Origin: "'*'"}
paths:
  /token: {get: {security: [{token: []}], responses: {"200": {description: ok}}, x-amazon-apigateway-integration: &mock {type: mock, requestTemplates: {application/json: '{"statusCode":200}'}, responses: {default: {statusCode: 200, responseTemplates: {application/json: 'for $context.authorizer.principalId $context.authorizer.age $context.identity.apiKeyId'}}}}}}
  /key: {get: {security: [{key: []}], responses: {"200": {description: ok}}, x-amazon-apigateway-integration: *mock}}
  /signed: {get: {security: [{signed: []}], responses: {"200": {description: ok}}, x-amazon-apigateway-integration: *mock}}
"##;

#[test]
fn authorizers_decide() {
    let world = World::new();
    let api = world.rest(GUARDED);
    let policy = |effect: &str| {
        let resource = "arn:aws:execute-api:us-east-1:123456789012:*/prod/GET/*";
        format!(
            r#"{{"principalId":"ada","policyDocument":{{"Statement":[{{"Effect":"{effect}","Action":"execute-api:Invoke","Resource":"{resource}"}}]}},"context":{{"age":36}}}}"#
        )
    };
    let mut out = String::new();
    let mut send = |what: &str, request: &str, at: i64| {
        out += &format!("{what}\n{}", world.send_at(&api, "prod", request, crate::testing::NOW + at));
    };
    send("without a token", "GET /token", 0);
    send("with no bearer", "GET /token\nauthorization: Basic x", 0);
    world.function_answers(&policy("Allow"), false);
    send("allowed", "GET /token\nauthorization: Bearer a", 0);
    world.function_answers(&policy("Deny"), false);
    send("still allowed", "GET /token\nauthorization: Bearer a", 59_999);
    send("denied", "GET /token\nauthorization: Bearer a", 60_000);
    world.function_answers(r#"{"errorMessage":"Unauthorized"}"#, true);
    send("unauthorized", "GET /token\nauthorization: Bearer b", 0);
    world.function_answers(r#"{"errorMessage":"broken"}"#, true);
    send("broken", "GET /token\nauthorization: Bearer b", 0);
    world.function_answers(r#"{"principalId":"ada"}"#, false);
    send("no policy", "GET /token\nauthorization: Bearer b", 0);
    send("unsigned", "GET /signed", 0);
    expect![[r#"
        without a token
        ← 418
          Content-Type: application/json
          x-amzn-ErrorType: UnauthorizedException
          X-Why: UNAUTHORIZED
          {"said": "Unauthorized", "at": "prod"}
        with no bearer
        ← 418
          Content-Type: application/json
          x-amzn-ErrorType: UnauthorizedException
          X-Why: UNAUTHORIZED
          {"said": "Unauthorized", "at": "prod"}
        allowed
        → ask auth
        {
          "type": "TOKEN",
          "methodArn": "arn:aws:execute-api:us-east-1:123456789012:rpvcf2kxnd/prod/GET/token",
          "authorizationToken": "Bearer a"
        }
        ← 200
          Content-Type: application/json
          for ada 36
        still allowed
        ← 200
          Content-Type: application/json
          for ada 36
        denied
        → ask auth
        {
          "type": "TOKEN",
          "methodArn": "arn:aws:execute-api:us-east-1:123456789012:rpvcf2kxnd/prod/GET/token",
          "authorizationToken": "Bearer a"
        }
        ← 403
          Content-Type: application/json
          x-amzn-ErrorType: AccessDeniedException
          Access-Control-Allow-Origin: *
          {"message":"User is not authorized to access this resource with an explicit deny"}
        unauthorized
        → ask auth
        {
          "type": "TOKEN",
          "methodArn": "arn:aws:execute-api:us-east-1:123456789012:rpvcf2kxnd/prod/GET/token",
          "authorizationToken": "Bearer b"
        }
        ← 418
          Content-Type: application/json
          x-amzn-ErrorType: UnauthorizedException
          X-Why: UNAUTHORIZED
          {"said": "Unauthorized", "at": "prod"}
        broken
        → ask auth
        {
          "type": "TOKEN",
          "methodArn": "arn:aws:execute-api:us-east-1:123456789012:rpvcf2kxnd/prod/GET/token",
          "authorizationToken": "Bearer b"
        }
        ← 500
          Content-Type: application/json
          x-amzn-ErrorType: AuthorizerFailureException
          {"message":null}
        no policy
        → ask auth
        {
          "type": "TOKEN",
          "methodArn": "arn:aws:execute-api:us-east-1:123456789012:rpvcf2kxnd/prod/GET/token",
          "authorizationToken": "Bearer b"
        }
        ← 500
          Content-Type: application/json
          x-amzn-ErrorType: AuthorizerConfigurationException
          {"message":null}
        unsigned
        ← 403
          Content-Type: application/json
          x-amzn-ErrorType: MissingAuthenticationTokenException
          Access-Control-Allow-Origin: *
          {"message":"Missing Authentication Token"}
    "#]]
    .assert_eq(&out);
}

#[test]
fn keys_are_looked_at() {
    let world = World::new();
    let api = world.rest(GUARDED);
    let key = world
        .operate("CreateApiKey", value!({"name": "k", "enabled": true, "value": "12345678901234567890"}))
        .unwrap();
    let plan = value!({
        "name": "p", "apiStages": [{"apiId": api.as_str(), "stage": "prod"}],
        "throttle": {"rateLimit": 1.0, "burstLimit": 2}, "quota": {"limit": 3, "period": "DAY"},
    });
    let plan = world.operate("CreateUsagePlan", plan).unwrap();
    let request = "GET /key\nx-api-key: 12345678901234567890";
    let mut out = String::new();
    let mut send = |what: &str, request: &str, at: i64| {
        out += &format!("{what}\n{}", world.send_at(&api, "prod", request, crate::testing::NOW + at));
    };
    send("without", "GET /key", 0);
    send("not in the plan", request, 0);
    let in_plan = value!({"usagePlanId": plan.get("id").unwrap(), "keyId": key.get("id").unwrap(), "keyType": "API_KEY"});
    world.operate("CreateUsagePlanKey", in_plan).unwrap();
    send("one", request, 0);
    send("two", request, 0);
    send("too fast", request, 0);
    send("three", request, 1000);
    send("too many", request, 5000);
    send("the next day", request, 86_400_000);
    let usage =
        value!({"usagePlanId": plan.get("id").unwrap(), "startDate": "2026-11-27", "endDate": "2026-11-29"});
    let usage = world.operate("GetUsage", usage).unwrap();
    out += &usage.get("items").and_then(json::Value::as_object).unwrap().values().next().unwrap().to_text();
    expect![[r#"
        without
        ← 403
          Content-Type: application/json
          x-amzn-ErrorType: ForbiddenException
          Access-Control-Allow-Origin: *
          {"message":"Forbidden"}
        not in the plan
        ← 403
          Content-Type: application/json
          x-amzn-ErrorType: ForbiddenException
          Access-Control-Allow-Origin: *
          {"message":"Forbidden"}
        one
        ← 200
          Content-Type: application/json
          for   48plaffo9i
        two
        ← 200
          Content-Type: application/json
          for   48plaffo9i
        too fast
        ← 429
          Content-Type: application/json
          x-amzn-ErrorType: TooManyRequestsException
          Access-Control-Allow-Origin: *
          {"message":"Too Many Requests"}
        three
        ← 200
          Content-Type: application/json
          for   48plaffo9i
        too many
        ← 429
          Content-Type: application/json
          x-amzn-ErrorType: LimitExceededException
          Access-Control-Allow-Origin: *
          {"message":"Limit Exceeded"}
        the next day
        ← 200
          Content-Type: application/json
          for   48plaffo9i
        [[0,3],[3,0],[1,2]]"#]]
    .assert_eq(&out);
}
