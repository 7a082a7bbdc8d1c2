//! What is refused, and how.

use expect_test::expect;

use super::*;

/// The refusals of one operation, each with what the input had beyond the base.
fn refused(world: &mut World, operation: &str, base: &Value, more: &[Value]) -> String {
    more.iter().map(|more| format!("{}\n", world.said(operation, with(base, more.clone())))).collect()
}

#[test]
fn settings_of_apis_that_nothing_would_do() {
    let mut world = World::default();
    let base = value!({"name": "shop", "authenticationType": "API_KEY"});
    let pool = value!({"userPoolId": "us-east-1_a", "awsRegion": "us-east-1", "defaultAction": "ALLOW"});
    let more = [
        value!({"name": ""}),
        value!({"xrayEnabled": true}),
        value!({"visibility": "PRIVATE"}),
        value!({"enhancedMetricsConfig": {
            "resolverLevelMetricsBehavior": "FULL_REQUEST_RESOLVER_METRICS",
            "dataSourceLevelMetricsBehavior": "PER_DATA_SOURCE_METRICS", "operationLevelMetricsConfig": "DISABLED"
        }}),
        value!({"queryDepthLimit": 76}),
        value!({"authenticationType": "OPENID_CONNECT"}),
        value!({"authenticationType": "OPENID_CONNECT", "openIDConnectConfig": {"issuer": "example.com"}}),
        value!({"authenticationType": "AWS_LAMBDA", "lambdaAuthorizerConfig": {"authorizerUri": "guard"}}),
        value!({"authenticationType": "AMAZON_COGNITO_USER_POOLS", "userPoolConfig": (with(&pool, value!({"appIdClientRegex": "("})))}),
        value!({"additionalAuthenticationProviders": [{"authenticationType": "API_KEY"}]}),
        value!({"additionalAuthenticationProviders": [{"authenticationType": "AMAZON_COGNITO_USER_POOLS"}]}),
    ];
    expect![[r#"
        400 BadRequestException: The name of an API must have one character at least
        400 BadRequestException: xrayEnabled is not supported by this server: traces of X-Ray are not written here
        400 BadRequestException: The visibility PRIVATE is not supported by this server: let this server listen where only they reach it
        400 BadRequestException: enhancedMetricsConfig is not supported by this server: the server's own metrics are at /metrics
        400 BadRequestException: 1 validation error detected: Value '76' at 'queryDepthLimit' failed to satisfy constraint: Member must have value less than or equal to 75
        400 BadRequestException: OPENID_CONNECT needs openIDConnectConfig
        400 BadRequestException: openIDConnectConfig.issuer must begin with https:// or http:// and a host: example.com does not
        400 BadRequestException: lambdaAuthorizerConfig.authorizerUri must be an ARN of lambda: guard is none
        400 BadRequestException: appIdClientRegex is no regular expression that this server takes (look-around and back-references are not): (
        400 BadRequestException: The authentication provider API_KEY is there more than once
        400 BadRequestException: AMAZON_COGNITO_USER_POOLS needs userPoolConfig
    "#]].assert_eq(&refused(&mut world, "CreateGraphqlApi", &base, &more));
    // Several pools are several providers.
    let other = value!({"userPoolId": "us-east-1_b", "awsRegion": "us-east-1"});
    world.done("CreateGraphqlApi", value!({
        "name": "shop", "authenticationType": "AMAZON_COGNITO_USER_POOLS", "userPoolConfig": (&pool),
        "additionalAuthenticationProviders": [
            {"authenticationType": "AMAZON_COGNITO_USER_POOLS", "userPoolConfig": (&other)}, {"authenticationType": "AWS_IAM"}
        ]
    }));
}

#[test]
fn data_sources_must_know_whom_they_ask() {
    let mut world = World::default();
    let api = world.api();
    let base = of(&api, value!({"name": "s", "type": "NONE"}));
    let more = [
        value!({"name": "a-b"}),
        value!({"type": "AWS_LAMBDA"}),
        value!({"type": "AWS_LAMBDA", "lambdaConfig": {"lambdaFunctionArn": "hello"}}),
        value!({"lambdaConfig": {"lambdaFunctionArn": "arn:aws:lambda:us-east-1:1:function:hello"}}),
        value!({"type": "HTTP", "httpConfig": {}}),
        value!({"type": "HTTP", "httpConfig": {"endpoint": "https://a", "authorizationConfig": {"authorizationType": "AWS_IAM"}}}),
        value!({"type": "AMAZON_DYNAMODB", "dynamodbConfig": {"tableName": "t", "awsRegion": "r", "useCallerCredentials": true}}),
        value!({"type": "AMAZON_DYNAMODB", "dynamodbConfig": {"tableName": "t", "awsRegion": "r", "versioned": true, "deltaSyncConfig": {}}}),
        value!({"type": "RELATIONAL_DATABASE", "relationalDatabaseConfig": {}}),
        value!({"type": "AMAZON_EVENTBRIDGE", "eventBridgeConfig": {"eventBusArn": "default"}}),
        value!({"type": "AMAZON_OPENSEARCH_SERVICE", "openSearchServiceConfig": {"endpoint": "search", "awsRegion": "r"}}),
        value!({"metricsConfig": "ENABLED"}),
        value!({"type": "PAPER"}),
        value!({"apiId": "none"}),
    ];
    expect![[r#"
        400 BadRequestException: Invalid data source name given, must match pattern [_A-Za-z][_0-9A-Za-z]*
        400 BadRequestException: A data source of type AWS_LAMBDA needs lambdaConfig
        400 BadRequestException: lambdaConfig.lambdaFunctionArn must be an ARN of lambda: hello is none
        400 BadRequestException: lambdaConfig is for data sources of type AWS_LAMBDA, not of NONE
        400 BadRequestException: httpConfig.endpoint must begin with https:// or http:// and a host:  does not
        400 BadRequestException: httpConfig.authorizationConfig.awsIamConfig needs signingRegion and signingServiceName
        400 BadRequestException: useCallerCredentials is not supported by this server: tables are asked as the serviceRoleArn of the data source
        400 BadRequestException: dynamodbConfig.deltaSyncConfig needs deltaSyncTableName
        400 BadRequestException: relationalDatabaseConfig.rdsHttpEndpointConfig needs dbClusterIdentifier
        400 BadRequestException: eventBridgeConfig.eventBusArn must be an ARN of events: default is none
        400 BadRequestException: openSearchServiceConfig.endpoint must begin with https:// or http:// and a host: search does not
        400 BadRequestException: metricsConfig is not supported by this server: the server's own metrics are at /metrics
        400 BadRequestException: 1 validation error detected: Value 'PAPER' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [AWS_LAMBDA, AMAZON_DYNAMODB, AMAZON_ELASTICSEARCH, NONE, HTTP, RELATIONAL_DATABASE, AMAZON_OPENSEARCH_SERVICE, AMAZON_EVENTBRIDGE, AMAZON_BEDROCK_RUNTIME]
        404 NotFoundException: GraphQL API none not found.
    "#]].assert_eq(&refused(&mut world, "CreateDataSource", &base, &more));
}

#[test]
fn resolvers_must_be_able_to_run() {
    let mut world = World::default();
    let api = world.shop();
    let base = of(&api, value!({"typeName": "Query", "fieldName": "post", "dataSourceName": "nothing"}));
    let many: Value = (0..11).map(|number| Value::from(format!("f{number}"))).collect();
    let more = [
        value!({"typeName": "Nope"}),
        value!({"fieldName": "nope"}),
        value!({"dataSourceName": "nope"}),
        value!({"dataSourceName": null}),
        value!({}),
        value!({"code": "export function request(ctx) {}"}),
        value!({"code": "export function request(ctx) {}", "runtime": {"name": "APPSYNC_JS", "runtimeVersion": "2.0.0"}}),
        code(value!({"code": "export function response(ctx) {}"})),
        code(value!({"code": "export function request(ctx) { while (true) {} }"})),
        code(value!({"requestMappingTemplate": "{}"})),
        value!({"runtime": {"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"}}),
        value!({"requestMappingTemplate": "#if($a"}),
        value!({"requestMappingTemplate": "{}", "maxBatchSize": 5}),
        value!({"requestMappingTemplate": "{}", "maxBatchSize": 2001}),
        value!({"requestMappingTemplate": "{}", "syncConfig": {"conflictDetection": "VERSION", "conflictHandler": "AUTOMERGE"}}),
        value!({"requestMappingTemplate": "{}", "cachingConfig": {"ttl": 0}}),
        value!({"requestMappingTemplate": "{}", "cachingConfig": {"ttl": 9, "cachingKeys": ["id"]}}),
        value!({"requestMappingTemplate": "{}", "metricsConfig": "ENABLED"}),
        value!({"kind": "PIPELINE"}),
        code(value!({"kind": "PIPELINE", "dataSourceName": null, "pipelineConfig": {"functions": ["nope"]}})),
        code(value!({"kind": "PIPELINE", "dataSourceName": null, "pipelineConfig": {"functions": (&many)}})),
    ];
    expect![[r#"
        404 NotFoundException: Type Nope not found
        404 NotFoundException: No field named nope found on type Query
        404 NotFoundException: No data source found named nope
        400 BadRequestException: A resolver of kind UNIT needs dataSourceName
        400 BadRequestException: There must be code, or a requestMappingTemplate: only data sources of type AWS_LAMBDA are asked without
        400 BadRequestException: Code needs a runtime: APPSYNC_JS, version 1.0.0
        400 BadRequestException: The runtime APPSYNC_JS has no version 2.0.0: use 1.0.0
        400 BadRequestException: The code must export a function request(ctx)
        400 BadRequestException: The code contains one or more errors.
        400 BadRequestException: There can be code or mapping templates, not both
        400 BadRequestException: A runtime needs code
        400 BadRequestException: requestMappingTemplate is no mapping template: #if cannot go on with the end of the template: ')' is missing here (line 1, column 7)
        400 BadRequestException: maxBatchSize is for data sources of type AWS_LAMBDA
        400 BadRequestException: 1 validation error detected: Value '2001' at 'maxBatchSize' failed to satisfy constraint: Member must have value less than or equal to 2000
        400 BadRequestException: syncConfig.conflictDetection VERSION needs a data source of DynamoDB that is versioned
        400 BadRequestException: cachingConfig.ttl must be between 1 and 3600 seconds
        400 BadRequestException: Invalid caching key id: it must begin with $context.arguments, $context.source or $context.identity
        400 BadRequestException: metricsConfig is not supported by this server: the server's own metrics are at /metrics
        400 BadRequestException: A resolver of kind PIPELINE has no dataSourceName: its functions have
        404 NotFoundException: No function found with id nope
        400 BadRequestException: A pipeline has 10 functions at most, not 11
    "#]].assert_eq(&refused(&mut world, "CreateResolver", &base, &more));
}

#[test]
fn errors_of_code_have_their_places() {
    let mut world = World::default();
    let api = world.shop();
    let input = of(
        &api,
        code(
            value!({"name": "f", "dataSourceName": "nothing", "code": "export function request(ctx) {\n  throw 1\n}"}),
        ),
    );
    let fault = world.operate("CreateFunction", input).unwrap_err();
    expect![[r#"{"reason":"CODE_ERROR","detail":{"codeErrors":[{"errorType":"LINT_ERROR","value":"@aws-appsync/no-throw: throw is not supported: use util.error to report an error","location":{"line":2,"column":3,"span":5}}]}}"#]].assert_eq(&Value::from(fault.members).to_text());
}

#[test]
fn lists_come_in_pages() {
    let mut world = World::default();
    let api = world.api();
    for number in 0..30 {
        world.done("CreateDataSource", of(&api, value!({"name": (format!("s{number:02}")), "type": "NONE"})));
    }
    let first = world.done("ListDataSources", of(&api, value!({})));
    assert_eq!(first.get("dataSources").unwrap().as_array().unwrap().len(), 25);
    let token = first.get("nextToken").unwrap();
    // The last one that was shown is removed meanwhile.
    world.done("DeleteDataSource", of(&api, value!({"name": "s24"})));
    let second = world.done("ListDataSources", of(&api, value!({"nextToken": token})));
    assert_eq!(second.get("dataSources").unwrap().at(0).unwrap().get("name").unwrap().as_str(), Some("s25"));
    assert!(second.get("nextToken").is_none());
    expect![[r#"
        400 BadRequestException: Invalid nextToken: it is none of this server's
        400 BadRequestException: 1 validation error detected: Value '26' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 25
    "#]].assert_eq(&refused(
        &mut world,
        "ListDataSources",
        &of(&api, value!({})),
        &[value!({"nextToken": "?"}), value!({"maxResults": 26})],
    ));
}

#[test]
fn every_operation_of_the_model_is_answered_or_refused_with_a_reason() {
    let mut world = World::default();
    let api = world.api();
    let service = aws_models::service("appsync").unwrap();
    assert_eq!(service.operations().len(), 74);
    let mut refused = Vec::new();
    for operation in service.operations() {
        let said = world.said(operation.name(), of(&api, value!({})));
        if said.contains("is not supported by this server") {
            refused.push(operation.name());
        }
    }
    refused.sort_unstable();
    expect![[r#"
        FlushApiCache
        StartDataSourceIntrospection"#]]
    .assert_eq(&refused.join("\n"));
}

#[test]
fn handlers_of_namespaces_must_be_there() {
    let mut world = World::default();
    let key = value!([{"authType": "API_KEY"}]);
    let config = value!({
        "authProviders": (&key), "connectionAuthModes": (&key), "defaultPublishAuthModes": (&key),
        "defaultSubscribeAuthModes": (&key)
    });
    let api = world.done("CreateApi", value!({"name": "chat", "eventConfig": config}));
    let base = of(&text(&api, "api", "apiId"), value!({"name": "rooms"}));
    let at = |behavior: &str| value!({"behavior": behavior, "integration": {"dataSourceName": "none"}});
    let more = [
        value!({"codeHandlers": "export function request(ctx) {}"}),
        value!({"codeHandlers": "export function onPublish(ctx) { throw 1 }"}),
        value!({"publishAuthModes": [{"authType": "AWS_IAM"}]}),
        value!({"handlerConfigs": {"onPublish": (at("CODE"))}}),
        value!({"name": "a b"}),
        value!({"name": "-"}),
    ];
    expect![[r#"
        400 BadRequestException: The code must export onPublish or onSubscribe
        400 BadRequestException: The code contains one or more errors.
        400 BadRequestException: publishAuthModes names AWS_IAM, which is none of the API's authProviders
        404 NotFoundException: No data source found named none
        400 BadRequestException: 1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ([A-Za-z0-9](?:[A-Za-z0-9\-]{0,48}[A-Za-z0-9])?)
        400 BadRequestException: 1 validation error detected: Value '-' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ([A-Za-z0-9](?:[A-Za-z0-9\-]{0,48}[A-Za-z0-9])?)
    "#]].assert_eq(&refused(&mut world, "CreateChannelNamespace", &base, &more));
    let good = value!({"codeHandlers": "export function onPublish(ctx) { return ctx.events }"});
    world.done("CreateChannelNamespace", with(&base, good));
}
