//! What ends early: authorizers, keys, troubles.

use expect_test::expect;
use json::value;

use super::api_with;
use crate::backend::Trouble;
use crate::testing::World;

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
