//! Mocks, servers and services: what they are asked, and what becomes of their answers.

use expect_test::expect;

use super::{api_with, check, check_in};
use crate::testing::World;

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

/// The names, in their order, as the service has them. (spec/vtl.md §6.0)
#[test]
fn the_context_has_its_members() {
    check(
        r#"
type: mock
requestTemplates: {application/json: '{"statusCode": 200}'}
responses:
  default:
    statusCode: "200"
    responseTemplates:
      application/json: |
        $context.keySet()
        $context.identity.keySet()
        $context.requestOverride.keySet() $context.responseOverride.keySet()
        $context.path $context.requestTime $context.requestTimeEpoch $context.protocol $context.identity.sourceIp
        "$context.identity.caller" "$context.nothing" $input.params('Accept') $input.body
"#,
        &["GET /a/1?q=1\naccept: text/html"],
        expect![[r#"
            GET /a/1?q=1
            ← 200
              Content-Type: application/json
              [resourceId, resourcePath, httpMethod, extendedRequestId, requestTime, path, accountId, protocol, requestOverride, stage, domainPrefix, requestTimeEpoch, requestId, identity, domainName, deploymentId, responseOverride, apiId]
              [cognitoIdentityPoolId, accountId, cognitoIdentityId, caller, sourceIp, principalOrgId, accessKey, cognitoAuthenticationType, cognitoAuthenticationProvider, userArn, userAgent, user]
              [path, header, querystring] [header]
              /prod/a/1 28/Nov/2026:07:00:00 +0000 1795849200000 HTTP/1.1 127.0.0.1
              "" "" text/html {}
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
              body
            ← 201
              Content-Type: text/html
              X-Back: b
              <p>
        "#]],
    );
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
        (
            "sqs:action/SendMessage",
            "requestTemplates: {application/json: ''}\nrequestParameters: {integration.request.querystring.QueueUrl: \"'http://q'\", integration.request.querystring.MessageBody: method.request.body.a}",
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
        → sqs SendMessage in eu-west-1 as arn:aws:iam::1:role/r
          POST /
          Accept: application/json
          Content-Type: application/x-www-form-urlencoded
          Action=SendMessage&Version=2012-11-05&QueueUrl=http%3A%2F%2Fq&MessageBody=b%20c
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
