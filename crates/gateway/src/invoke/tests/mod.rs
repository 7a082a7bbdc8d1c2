//! Requests to REST APIs: the API as a document, requests in, everything said out.

mod functions;
mod guards;
mod integrations;

use expect_test::{Expect, expect};
use json::value;

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
        let shown = format!(
            "{}\n{}\n{}\n{}",
            output.get("status").unwrap(),
            output.get("headers").unwrap(),
            output.get("body").unwrap().as_str().unwrap(),
            output.get("log").unwrap().as_str().unwrap()
        );
        shown.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>()
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
