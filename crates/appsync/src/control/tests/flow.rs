//! What callers do from the making of an API to its end.

use expect_test::{Expect, expect};

use super::*;

/// Calls one after the other, each with the identifiers that stand for `$api`, `$function` and so on left out of what is
/// said.
#[track_caller]
fn check(world: &mut World, hidden: &[(&str, &str)], calls: &[(&str, Value)], expected: Expect) {
    let mut said = String::new();
    for (operation, input) in calls {
        said += &format!("{operation}: {}\n", world.said(operation, input.clone()));
    }
    for (name, value) in hidden {
        said = said.replace(value, name);
    }
    expected.assert_eq(&said);
}

#[test]
fn an_api_from_its_making_to_its_end() {
    let mut world = World::default();
    let api = world.api();
    let calls = [
        ("GetGraphqlApi", of(&api, value!({}))),
        (
            "UpdateGraphqlApi",
            of(
                &api,
                value!({
                    "name": "store", "authenticationType": "AWS_LAMBDA",
                    "lambdaAuthorizerConfig": {"authorizerUri": "arn:aws:lambda:us-east-1:123456789012:function:guard"},
                    "queryDepthLimit": 5
                }),
            ),
        ),
        ("ListGraphqlApis", value!({"owner": "OTHER_ACCOUNTS"})),
        ("ListGraphqlApis", value!({"apiType": "MERGED"})),
        ("DeleteGraphqlApi", of(&api, value!({}))),
        ("GetGraphqlApi", of(&api, value!({}))),
        ("CreateGraphqlApi", value!({"name": "shop"})),
        ("CreateGraphqlApi", value!({"name": "shop", "authenticationType": "NOBODY"})),
    ];
    check(
        &mut world,
        &[("$api", &api)],
        &calls,
        expect![[r#"
        GetGraphqlApi: {"graphqlApi":{"apiId":"$api","arn":"arn:aws:appsync:us-east-1:123456789012:apis/$api","owner":"123456789012","visibility":"GLOBAL","apiType":"GRAPHQL","xrayEnabled":false,"tags":{},"introspectionConfig":"ENABLED","queryDepthLimit":0,"resolverCountLimit":0,"name":"shop","authenticationType":"API_KEY","uris":{"GRAPHQL":"http://127.0.0.1:8083/$api/graphql","REALTIME":"ws://127.0.0.1:8083/$api/graphql/realtime"},"dns":{"GRAPHQL":"127.0.0.1:8083/$api","REALTIME":"127.0.0.1:8083/$api"}}}
        UpdateGraphqlApi: {"graphqlApi":{"apiId":"$api","arn":"arn:aws:appsync:us-east-1:123456789012:apis/$api","owner":"123456789012","visibility":"GLOBAL","apiType":"GRAPHQL","xrayEnabled":false,"tags":{},"introspectionConfig":"ENABLED","queryDepthLimit":5,"resolverCountLimit":0,"name":"store","authenticationType":"AWS_LAMBDA","lambdaAuthorizerConfig":{"authorizerUri":"arn:aws:lambda:us-east-1:123456789012:function:guard","authorizerResultTtlInSeconds":300},"uris":{"GRAPHQL":"http://127.0.0.1:8083/$api/graphql","REALTIME":"ws://127.0.0.1:8083/$api/graphql/realtime"},"dns":{"GRAPHQL":"127.0.0.1:8083/$api","REALTIME":"127.0.0.1:8083/$api"}}}
        ListGraphqlApis: {"graphqlApis":[]}
        ListGraphqlApis: {"graphqlApis":[]}
        DeleteGraphqlApi: {}
        GetGraphqlApi: 404 NotFoundException: GraphQL API $api not found.
        CreateGraphqlApi: 400 BadRequestException: 1 validation error detected: Value null at 'authenticationType' failed to satisfy constraint: Member must not be null
        CreateGraphqlApi: 400 BadRequestException: 1 validation error detected: Value 'NOBODY' at 'authenticationType' failed to satisfy constraint: Member must satisfy enum value set: [API_KEY, AWS_IAM, AMAZON_COGNITO_USER_POOLS, OPENID_CONNECT, AWS_LAMBDA]
    "#]],
    );
}

#[test]
fn keys_expire_on_the_hour() {
    let mut world = World::default();
    let api = world.api();
    let key = text(&world.done("CreateApiKey", of(&api, value!({"description": "mine"}))), "apiKey", "id");
    assert!(key.starts_with("da2-") && key.len() == 30, "{key}");
    let now = NOW / 1000;
    let calls = [
        ("ListApiKeys", of(&api, value!({}))),
        ("UpdateApiKey", of(&api, value!({"id": (&key), "expires": (now + 100 * 86_400)}))),
        ("UpdateApiKey", of(&api, value!({"id": (&key), "description": "yours"}))),
        ("UpdateApiKey", of(&api, value!({"id": (&key), "expires": (now + 86_399)}))),
        ("CreateApiKey", of(&api, value!({"expires": (now + 365 * 86_400 + 1)}))),
        ("DeleteApiKey", of(&api, value!({"id": (&key)}))),
        ("DeleteApiKey", of(&api, value!({"id": (&key)}))),
    ];
    check(
        &mut world,
        &[("$api", &api), ("$key", &key)],
        &calls,
        expect![[r#"
        ListApiKeys: {"apiKeys":[{"id":"$key","description":"mine","expires":1767830400,"deletes":1773014400}]}
        UpdateApiKey: {"apiKey":{"id":"$key","description":"mine","expires":1775865600,"deletes":1781049600}}
        UpdateApiKey: {"apiKey":{"id":"$key","description":"yours","expires":1775865600,"deletes":1781049600}}
        UpdateApiKey: 400 ApiKeyValidityOutOfBoundsException: API key must be valid for a minimum of 1 days.
        CreateApiKey: 400 ApiKeyValidityOutOfBoundsException: API key must be valid for a maximum of 365 days.
        DeleteApiKey: {}
        DeleteApiKey: 404 NotFoundException: API key $key not found.
    "#]],
    );
}

#[test]
fn a_key_is_gone_sixty_days_after_it_expired_and_there_are_fifty() {
    let mut world = World::default();
    let api = world.api();
    for _ in 0..50 {
        world.done("CreateApiKey", of(&api, value!({})));
    }
    let refused = world.said("CreateApiKey", of(&api, value!({})));
    assert!(refused.starts_with("400 ApiKeyLimitExceededException"), "{refused}");
    world.later = 67 * 86_400_000;
    assert_eq!(world.said("ListApiKeys", of(&api, value!({}))), r#"{"apiKeys":[]}"#);
    world.done("CreateApiKey", of(&api, value!({})));
}

#[test]
fn a_schema_is_uploaded_and_shown() {
    let mut world = World::default();
    let api = world.api();
    let status = ("GetSchemaCreationStatus", of(&api, value!({})));
    let sdl = ("GetIntrospectionSchema", of(&api, value!({"format": "SDL"})));
    check(
        &mut world,
        &[("$api", &api)],
        &[status.clone(), sdl.clone()],
        expect![[r#"
        GetSchemaCreationStatus: {"status":"NOT_APPLICABLE","details":"No schema was uploaded"}
        GetIntrospectionSchema: 400 GraphQLSchemaException: No schema definition exists.
    "#]],
    );
    expect![[r#"{"status":"FAILED","details":"Failed to parse schema document - ensure it's a valid SDL-formatted document. (Invalid Syntax : offending token '<EOF>' at line 1 column 15)"}"#]].assert_eq(&world.schema(&api, "type Query { a"));
    expect![[r#"{"status":"FAILED","details":"Found 3 problem(s) with the schema:\nThe type name 'AWSThing' is reserved: names beginning with AWS or __ are\nCustom scalar types are not supported: remove scalar 'Mine'\nThe field type 'Strin' is not present when resolving type 'Query' [@1:14]"}"#]]
        .assert_eq(&world.schema(&api, "type Query { a: Strin } type AWSThing { b: Int } scalar Mine"));
    expect![[r#"{"status":"FAILED","details":"Found 1 problem(s) with the schema:\nA schema MUST have a 'query' operation defined"}"#]].assert_eq(&world.schema(&api, "type A { a: Int }"));
    expect![[r#"{"status":"FAILED","details":"Found 1 problem(s) with the schema:\nSubscription 'f' subscribes to 'x', which is no mutation"}"#]].assert_eq(&world.schema(
        &api,
        "type Query { a: Int } type Subscription { f: Int @aws_subscribe(mutations: [\"x\"]) }",
    ));
    expect![[r#"{"status":"FAILED","details":"Found 4 problem(s) with the schema:\nSubscription field e must have the same output type as mutation c\nMutation 'b' publishes to 'd', which is no subscription\nSubscription field f must have the same output type as mutation b\nSubscription field e must have the same output type as mutation c"}"#]].assert_eq(&world.schema(
        &api,
        "type Query { a: Int }
        type Mutation { b: Int! @aws_publish(subscriptions: [\"d\", \"f\"]) c: [Int] @aws_publish(subscriptions: [\"e\"]) }
        type Subscription { e: Int @aws_subscribe(mutations: [\"b\", \"c\"]) f: String }",
    ));
    expect![[r#"{"status":"SUCCESS","details":"Successfully created schema with 4 types"}"#]]
        .assert_eq(&world.schema(&api, SHOP));
    let shown = world.done(sdl.0, sdl.1);
    let shown = aws_protocols::base64::decode(shown.get("schema").unwrap().as_str().unwrap()).unwrap();
    expect![[r#"
        schema {
          query: Query
          mutation: Mutation
          subscription: Subscription
        }

        type Query {
          post(id: ID!): Post
          posts: [Post!]!
        }

        type Mutation {
          createPost(title: String): Post!
        }

        type Subscription {
          onPost: Post @aws_subscribe(mutations: ["createPost"])
        }

        type Post {
          id: ID!
          title: String
        }
    "#]]
    .assert_eq(&String::from_utf8(shown).unwrap());
    let shown = world
        .done("GetIntrospectionSchema", of(&api, value!({"format": "JSON", "includeDirectives": false})));
    let shown = aws_protocols::base64::decode(shown.get("schema").unwrap().as_str().unwrap()).unwrap();
    let shown = Value::parse_bytes(&shown).unwrap();
    assert_eq!(
        shown.get("data").and_then(|data| data.get("__schema")?.get("directives")?.as_array()).unwrap().len(),
        0
    );
    // What is wrong does not take the place of what was right.
    world.schema(&api, "nothing");
    assert!(world.operate("GetType", of(&api, value!({"typeName": "Post", "format": "SDL"}))).is_ok());
}

#[test]
fn types_are_changed_one_by_one() {
    let mut world = World::default();
    let api = world.api();
    world.schema(&api, SHOP);
    let json = world.done("GetType", of(&api, value!({"typeName": "Post", "format": "JSON"})));
    let json = text(&json, "type", "definition");
    let sdl = |more: Value| of(&api, with(&value!({"format": "SDL"}), more));
    let calls = [
        ("CreateType", sdl(value!({"definition": "\"of a thing\" enum Color { RED GREEN }"}))),
        ("CreateType", sdl(value!({"definition": "enum Color { RED }"}))),
        ("CreateType", sdl(value!({"definition": "type A { a: Int } type B { a: Int }"}))),
        ("CreateType", sdl(value!({"definition": "type A { a: Nope }"}))),
        ("UpdateType", sdl(value!({"typeName": "Post", "definition": "type Post { id: ID! color: Color }"}))),
        ("GetType", sdl(value!({"typeName": "Post"}))),
        ("UpdateType", sdl(value!({"typeName": "Post", "definition": "type Other { id: ID! }"}))),
        ("DeleteType", sdl(value!({"typeName": "Color"}))),
        ("UpdateType", of(&api, value!({"typeName": "Post", "format": "JSON", "definition": (&json)}))),
        ("DeleteType", sdl(value!({"typeName": "Color"}))),
        ("DeleteType", sdl(value!({"typeName": "Color"}))),
        ("DeleteType", sdl(value!({"typeName": "Subscription"}))),
        ("ListTypes", sdl(value!({"maxResults": 2}))),
        ("GetType", sdl(value!({"typeName": "Query"}))),
    ];
    check(
        &mut world,
        &[("$api", &api)],
        &calls,
        expect![[r#"
        CreateType: {"type":{"name":"Color","description":"of a thing","arn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/types/Color","definition":"\"of a thing\"\nenum Color {\n  RED\n  GREEN\n}","format":"SDL"}}
        CreateType: 400 BadRequestException: Type Color already exists: update it
        CreateType: 400 BadRequestException: The definition must define exactly one type
        CreateType: 400 BadRequestException: Found 1 problem(s) with the schema:
        The field type 'Nope' is not present when resolving type 'A' [@9:10]
        UpdateType: {"type":{"name":"Post","description":null,"arn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/types/Post","definition":"type Post {\n  id: ID!\n  color: Color\n}","format":"SDL"}}
        GetType: {"type":{"name":"Post","description":null,"arn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/types/Post","definition":"type Post {\n  id: ID!\n  color: Color\n}","format":"SDL"}}
        UpdateType: 400 BadRequestException: The definition is of type Other, not of Post: a type keeps its name
        DeleteType: 400 BadRequestException: Found 1 problem(s) with the schema:
        The field type 'Color' is not present when resolving type 'Post' [@16:3]
        UpdateType: {"type":{"name":"Post","description":null,"arn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/types/Post","definition":"{\"kind\":\"OBJECT\",\"name\":\"Post\",\"description\":null,\"fields\":[{\"name\":\"id\",\"description\":null,\"args\":[],\"type\":{\"kind\":\"NON_NULL\",\"name\":null,\"ofType\":{\"kind\":\"SCALAR\",\"name\":\"ID\",\"ofType\":null}},\"isDeprecated\":false,\"deprecationReason\":null},{\"name\":\"title\",\"description\":null,\"args\":[],\"type\":{\"kind\":\"SCALAR\",\"name\":\"String\",\"ofType\":null},\"isDeprecated\":false,\"deprecationReason\":null}],\"inputFields\":null,\"interfaces\":[],\"enumValues\":null,\"possibleTypes\":null}","format":"JSON"}}
        DeleteType: {}
        DeleteType: 404 NotFoundException: Type Color not found
        DeleteType: {}
        ListTypes: {"types":[{"name":"Query","description":null,"arn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/types/Query","definition":"type Query {\n  post(id: ID!): Post\n  posts: [Post!]!\n}","format":"SDL"},{"name":"Mutation","description":null,"arn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/types/Mutation","definition":"type Mutation {\n  createPost(title: String): Post!\n}","format":"SDL"}],"nextToken":"TXV0YXRpb24="}
        GetType: {"type":{"name":"Query","description":null,"arn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/types/Query","definition":"type Query {\n  post(id: ID!): Post\n  posts: [Post!]!\n}","format":"SDL"}}
    "#]],
    );
}

#[test]
fn fields_get_resolvers_and_functions() {
    let mut world = World::default();
    let api = world.shop();
    let function =
        world.done("CreateFunction", of(&api, code(value!({"name": "f", "dataSourceName": "nothing"}))));
    let function = text(&function, "functionConfiguration", "functionId");
    let at = |type_: &str, field: &str, more: Value| {
        of(&api, with(&value!({"typeName": type_, "fieldName": field}), more))
    };
    let calls = [
        ("CreateResolver", at("Query", "post", code(value!({"dataSourceName": "nothing"})))),
        ("CreateResolver", at("Query", "post", code(value!({"dataSourceName": "nothing"})))),
        ("CreateResolver", at("Query", "posts", value!({"dataSourceName": "hello", "maxBatchSize": 10}))),
        (
            "CreateResolver",
            at(
                "Mutation",
                "createPost",
                value!({
                    "kind": "PIPELINE", "pipelineConfig": {"functions": [(&function)]},
                    "requestMappingTemplate": "{}", "responseMappingTemplate": "$util.toJson($ctx.result)"
                }),
            ),
        ),
        (
            "UpdateResolver",
            at(
                "Query",
                "post",
                value!({
                    "dataSourceName": "nothing", "requestMappingTemplate": "{\n}", "cachingConfig": {
                        "ttl": 60, "cachingKeys": ["$context.arguments.id"]
                    }
                }),
            ),
        ),
        ("ListResolvers", of(&api, value!({"typeName": "Query", "maxResults": 1}))),
        ("ListResolversByFunction", of(&api, value!({"functionId": (&function)}))),
        ("DeleteFunction", of(&api, value!({"functionId": (&function)}))),
        ("DeleteDataSource", of(&api, value!({"name": "hello"}))),
        ("UpdateDataSource", of(&api, value!({"name": "hello", "type": "NONE"}))),
        ("DeleteResolver", at("Mutation", "createPost", value!({}))),
        (
            "UpdateFunction",
            of(
                &api,
                value!({
                    "functionId": (&function), "name": "g", "dataSourceName": "hello"
                }),
            ),
        ),
        ("ListFunctions", of(&api, value!({}))),
        ("DeleteFunction", of(&api, value!({"functionId": (&function)}))),
        ("DeleteFunction", of(&api, value!({"functionId": (&function)}))),
    ];
    check(
        &mut world,
        &[("$api", &api), ("$function", &function)],
        &calls,
        expect![[r#"
        CreateResolver: {"resolver":{"typeName":"Query","fieldName":"post","resolverArn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/types/Query/resolvers/post","kind":"UNIT","dataSourceName":"nothing","runtime":{"name":"APPSYNC_JS","runtimeVersion":"1.0.0"},"code":"export function request(ctx) { return { payload: ctx.args } }\nexport function response(ctx) { return ctx.result }"}}
        CreateResolver: 400 BadRequestException: Only one resolver is allowed per field.
        CreateResolver: {"resolver":{"typeName":"Query","fieldName":"posts","resolverArn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/types/Query/resolvers/posts","kind":"UNIT","dataSourceName":"hello","maxBatchSize":10}}
        CreateResolver: {"resolver":{"typeName":"Mutation","fieldName":"createPost","resolverArn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/types/Mutation/resolvers/createPost","kind":"PIPELINE","requestMappingTemplate":"{}","responseMappingTemplate":"$util.toJson($ctx.result)","pipelineConfig":{"functions":["$function"]}}}
        UpdateResolver: {"resolver":{"typeName":"Query","fieldName":"post","resolverArn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/types/Query/resolvers/post","kind":"UNIT","dataSourceName":"nothing","requestMappingTemplate":"{\n}","cachingConfig":{"ttl":60,"cachingKeys":["$context.arguments.id"]}}}
        ListResolvers: {"resolvers":[{"typeName":"Query","fieldName":"post","resolverArn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/types/Query/resolvers/post","kind":"UNIT","dataSourceName":"nothing","requestMappingTemplate":"{\n}","cachingConfig":{"ttl":60,"cachingKeys":["$context.arguments.id"]}}],"nextToken":"cG9zdA=="}
        ListResolversByFunction: {"resolvers":[{"typeName":"Mutation","fieldName":"createPost","resolverArn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/types/Mutation/resolvers/createPost","kind":"PIPELINE","requestMappingTemplate":"{}","responseMappingTemplate":"$util.toJson($ctx.result)","pipelineConfig":{"functions":["$function"]}}]}
        DeleteFunction: 400 BadRequestException: Cannot delete a function which is currently used by a resolver: Mutation.createPost
        DeleteDataSource: 400 BadRequestException: Data source hello is still in use by the resolver Query.posts: delete or change that first
        UpdateDataSource: 400 BadRequestException: Data source is still connected to a resolver that uses mapping template bypass.
        DeleteResolver: {}
        UpdateFunction: {"functionConfiguration":{"functionId":"$function","functionArn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/functions/$function","functionVersion":"2018-05-29","name":"g","dataSourceName":"hello"}}
        ListFunctions: {"functions":[{"functionId":"$function","functionArn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/functions/$function","functionVersion":"2018-05-29","name":"g","dataSourceName":"hello"}]}
        DeleteFunction: {}
        DeleteFunction: 404 NotFoundException: No function found with id $function
    "#]],
    );
    // A resolver goes with its field.
    world.schema(&api, "type Query { post(id: ID!): String }");
    let left = world.done("ListResolvers", of(&api, value!({"typeName": "Query"})));
    assert_eq!(left.get("resolvers").unwrap().as_array().unwrap().len(), 1);
    world.done("DeleteGraphqlApi", of(&api, value!({})));
    assert_eq!(world.records.of("").count(), 0);
}

#[test]
fn environment_cache_and_tags() {
    let mut world = World::default();
    let api = world.api();
    let arn = format!("arn:aws:appsync:us-east-1:123456789012:apis/{api}");
    let calls = [
        ("GetGraphqlApiEnvironmentVariables", of(&api, value!({}))),
        ("PutGraphqlApiEnvironmentVariables", of(&api, value!({"environmentVariables": {"TABLE": "posts"}}))),
        ("PutGraphqlApiEnvironmentVariables", of(&api, value!({"environmentVariables": {"1": "posts"}}))),
        ("GetGraphqlApiEnvironmentVariables", of(&api, value!({}))),
        ("GetApiCache", of(&api, value!({}))),
        (
            "CreateApiCache",
            of(&api, value!({"ttl": 60, "apiCachingBehavior": "PER_RESOLVER_CACHING", "type": "SMALL"})),
        ),
        (
            "CreateApiCache",
            of(&api, value!({"ttl": 60, "apiCachingBehavior": "PER_RESOLVER_CACHING", "type": "SMALL"})),
        ),
        (
            "UpdateApiCache",
            of(&api, value!({"ttl": 3601, "apiCachingBehavior": "PER_RESOLVER_CACHING", "type": "SMALL"})),
        ),
        (
            "UpdateApiCache",
            of(&api, value!({"ttl": 70, "apiCachingBehavior": "FULL_REQUEST_CACHING", "type": "LARGE"})),
        ),
        ("DeleteApiCache", of(&api, value!({}))),
        ("TagResource", value!({"resourceArn": (&arn), "tags": {"team": "a", "stage": "b"}})),
        ("UntagResource", value!({"resourceArn": (&arn), "tagKeys": ["stage"]})),
        ("ListTagsForResource", value!({"resourceArn": (&arn)})),
        ("ListTagsForResource", value!({"resourceArn": "arn:aws:appsync:us-east-1:123456789012:apis/none"})),
        ("TagResource", value!({"resourceArn": (&arn), "tags": {"aws:a": "a"}})),
    ];
    check(
        &mut world,
        &[("$api", &api)],
        &calls,
        expect![[r#"
        GetGraphqlApiEnvironmentVariables: {"environmentVariables":{}}
        PutGraphqlApiEnvironmentVariables: {"environmentVariables":{"TABLE":"posts"}}
        PutGraphqlApiEnvironmentVariables: 400 BadRequestException: Invalid environment variable name 1: it must match ^[A-Za-z]+\w*$ and have 2 to 64 characters
        GetGraphqlApiEnvironmentVariables: {"environmentVariables":{"TABLE":"posts"}}
        GetApiCache: 404 NotFoundException: The API has no cache
        CreateApiCache: {"apiCache":{"transitEncryptionEnabled":false,"atRestEncryptionEnabled":false,"ttl":60,"apiCachingBehavior":"PER_RESOLVER_CACHING","type":"SMALL","status":"AVAILABLE"}}
        CreateApiCache: 400 BadRequestException: The API has a cache already: update it
        UpdateApiCache: 400 BadRequestException: ttl must be between 1 and 3600 seconds
        UpdateApiCache: {"apiCache":{"transitEncryptionEnabled":false,"atRestEncryptionEnabled":false,"ttl":70,"apiCachingBehavior":"FULL_REQUEST_CACHING","type":"LARGE","status":"AVAILABLE"}}
        DeleteApiCache: {}
        TagResource: {}
        UntagResource: {}
        ListTagsForResource: {"tags":{"team":"a"}}
        ListTagsForResource: 404 NotFoundException: Resource arn:aws:appsync:us-east-1:123456789012:apis/none not found.
        TagResource: 400 BadRequestException: Invalid tag key aws:a: it must have 1 to 128 characters and not begin with aws:
    "#]],
    );
}

#[test]
fn domain_names_lead_to_apis() {
    let mut world = World::default();
    let api = world.api();
    let domain = value!({"domainName": "api.example.com"});
    let certificate = "arn:aws:acm:us-east-1:123456789012:certificate/abc";
    let calls = [
        ("CreateDomainName", with(&domain, value!({"certificateArn": certificate, "tags": {"a": "b"}}))),
        ("CreateDomainName", with(&domain, value!({"certificateArn": certificate}))),
        ("GetApiAssociation", domain.clone()),
        ("AssociateApi", with(&domain, value!({"apiId": (&api)}))),
        ("AssociateApi", with(&domain, value!({"apiId": (&api)}))),
        ("GetApiAssociation", domain.clone()),
        ("DeleteDomainName", domain.clone()),
        ("DeleteGraphqlApi", of(&api, value!({}))),
        ("UpdateDomainName", with(&domain, value!({"description": "ours"}))),
        (
            "ListTagsForResource",
            value!({"resourceArn": "arn:aws:appsync:us-east-1:123456789012:domainnames/api.example.com"}),
        ),
        ("DisassociateApi", domain.clone()),
        ("DisassociateApi", domain.clone()),
        ("ListDomainNames", value!({})),
        ("DeleteDomainName", domain.clone()),
        ("GetDomainName", domain),
    ];
    check(
        &mut world,
        &[("$api", &api)],
        &calls,
        expect![[r#"
        CreateDomainName: {"domainNameConfig":{"domainName":"api.example.com","certificateArn":"arn:aws:acm:us-east-1:123456789012:certificate/abc","tags":{"a":"b"},"domainNameArn":"arn:aws:appsync:us-east-1:123456789012:domainnames/api.example.com","appsyncDomainName":"127.0.0.1:8083"}}
        CreateDomainName: 400 BadRequestException: Domain name api.example.com already exists
        GetApiAssociation: 404 NotFoundException: The domain name is associated with no API
        AssociateApi: {"apiAssociation":{"domainName":"api.example.com","apiId":"$api","associationStatus":"SUCCESS"}}
        AssociateApi: 400 BadRequestException: The domain name is associated with an API already: disassociate it first
        GetApiAssociation: {"apiAssociation":{"domainName":"api.example.com","apiId":"$api","associationStatus":"SUCCESS"}}
        DeleteDomainName: 400 BadRequestException: The domain name is associated with API $api: disassociate it first
        DeleteGraphqlApi: 400 BadRequestException: The API is associated with the domain name api.example.com: disassociate it first
        UpdateDomainName: {"domainNameConfig":{"domainName":"api.example.com","certificateArn":"arn:aws:acm:us-east-1:123456789012:certificate/abc","tags":{"a":"b"},"domainNameArn":"arn:aws:appsync:us-east-1:123456789012:domainnames/api.example.com","description":"ours","appsyncDomainName":"127.0.0.1:8083"}}
        ListTagsForResource: {"tags":{"a":"b"}}
        DisassociateApi: {}
        DisassociateApi: 404 NotFoundException: The domain name is associated with no API
        ListDomainNames: {"domainNameConfigs":[{"domainName":"api.example.com","certificateArn":"arn:aws:acm:us-east-1:123456789012:certificate/abc","tags":{"a":"b"},"domainNameArn":"arn:aws:appsync:us-east-1:123456789012:domainnames/api.example.com","description":"ours","appsyncDomainName":"127.0.0.1:8083"}]}
        DeleteDomainName: {}
        GetDomainName: 404 NotFoundException: Domain name api.example.com not found.
    "#]],
    );
}

#[test]
fn event_apis_and_their_namespaces() {
    let mut world = World::default();
    let key = value!([{"authType": "API_KEY"}]);
    let config = value!({
        "authProviders": (&key), "connectionAuthModes": (&key), "defaultPublishAuthModes": (&key),
        "defaultSubscribeAuthModes": (&key)
    });
    let api = world.done("CreateApi", value!({"name": "chat", "eventConfig": (&config)}));
    let api = text(&api, "api", "apiId");
    let lambda = "arn:aws:lambda:us-east-1:123456789012:function:hello";
    let named = |more: Value| of(&api, with(&value!({"name": "rooms"}), more));
    let calls = [
        ("GetApi", of(&api, value!({}))),
        ("UpdateApi", of(&api, value!({"name": "talk", "eventConfig": (&config)}))),
        (
            "CreateApi",
            value!({"name": "chat", "eventConfig": (with(&config, value!({"connectionAuthModes": [{"authType": "AWS_IAM"}]})))}),
        ),
        (
            "CreateDataSource",
            of(
                &api,
                value!({"name": "f", "type": "AWS_LAMBDA", "lambdaConfig": {"lambdaFunctionArn": lambda}}),
            ),
        ),
        ("CreateDataSource", of(&api, value!({"name": "n", "type": "NONE"}))),
        ("CreateChannelNamespace", named(value!({"publishAuthModes": (&key), "tags": {"a": "b"}}))),
        ("CreateChannelNamespace", named(value!({}))),
        (
            "UpdateChannelNamespace",
            named(value!({"handlerConfigs": {"onPublish": {
                "behavior": "DIRECT", "integration": {"dataSourceName": "f", "lambdaConfig": {"invokeType": "EVENT"}}
            }}})),
        ),
        (
            "UpdateChannelNamespace",
            named(value!({"handlerConfigs": {"onPublish": {
                "behavior": "DIRECT", "integration": {"dataSourceName": "n"}
            }}})),
        ),
        ("DeleteDataSource", of(&api, value!({"name": "f"}))),
        ("ListChannelNamespaces", of(&api, value!({}))),
        (
            "ListTagsForResource",
            value!({"resourceArn": (format!("arn:aws:appsync:us-east-1:123456789012:apis/{api}/channelNamespace/rooms"))}),
        ),
        ("DeleteChannelNamespace", named(value!({}))),
        ("GetChannelNamespace", named(value!({}))),
        ("GetGraphqlApi", of(&api, value!({}))),
        ("DeleteApi", of(&api, value!({}))),
        ("GetApi", of(&api, value!({}))),
    ];
    check(
        &mut world,
        &[("$api", &api)],
        &calls,
        expect![[r#"
        GetApi: {"api":{"apiId":"$api","apiArn":"arn:aws:appsync:us-east-1:123456789012:apis/$api","tags":{},"created":1767227400,"xrayEnabled":false,"name":"chat","eventConfig":{"authProviders":[{"authType":"API_KEY"}],"connectionAuthModes":[{"authType":"API_KEY"}],"defaultPublishAuthModes":[{"authType":"API_KEY"}],"defaultSubscribeAuthModes":[{"authType":"API_KEY"}]},"dns":{"HTTP":"127.0.0.1:8083/$api","REALTIME":"127.0.0.1:8083/$api"}}}
        UpdateApi: {"api":{"apiId":"$api","apiArn":"arn:aws:appsync:us-east-1:123456789012:apis/$api","tags":{},"created":1767227400,"xrayEnabled":false,"name":"talk","eventConfig":{"authProviders":[{"authType":"API_KEY"}],"connectionAuthModes":[{"authType":"API_KEY"}],"defaultPublishAuthModes":[{"authType":"API_KEY"}],"defaultSubscribeAuthModes":[{"authType":"API_KEY"}]},"dns":{"HTTP":"127.0.0.1:8083/$api","REALTIME":"127.0.0.1:8083/$api"}}}
        CreateApi: 400 BadRequestException: connectionAuthModes names AWS_IAM, which is none of the API's authProviders
        CreateDataSource: {"dataSource":{"dataSourceArn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/datasources/f","name":"f","type":"AWS_LAMBDA","lambdaConfig":{"lambdaFunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:hello"}}}
        CreateDataSource: {"dataSource":{"dataSourceArn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/datasources/n","name":"n","type":"NONE"}}
        CreateChannelNamespace: {"channelNamespace":{"apiId":"$api","name":"rooms","channelNamespaceArn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/channelNamespace/rooms","tags":{"a":"b"},"created":1767227400,"publishAuthModes":[{"authType":"API_KEY"}],"lastModified":1767227400}}
        CreateChannelNamespace: 409 ConflictException: Channel namespace rooms already exists
        UpdateChannelNamespace: {"channelNamespace":{"apiId":"$api","name":"rooms","channelNamespaceArn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/channelNamespace/rooms","tags":{"a":"b"},"created":1767227400,"lastModified":1767227400,"handlerConfigs":{"onPublish":{"behavior":"DIRECT","integration":{"dataSourceName":"f","lambdaConfig":{"invokeType":"EVENT"}}}}}}
        UpdateChannelNamespace: 400 BadRequestException: onPublish: DIRECT needs a data source of type AWS_LAMBDA, and n is none
        DeleteDataSource: 400 BadRequestException: Data source f is still in use by the channel namespace rooms: delete or change that first
        ListChannelNamespaces: {"channelNamespaces":[{"apiId":"$api","name":"rooms","channelNamespaceArn":"arn:aws:appsync:us-east-1:123456789012:apis/$api/channelNamespace/rooms","tags":{"a":"b"},"created":1767227400,"lastModified":1767227400,"handlerConfigs":{"onPublish":{"behavior":"DIRECT","integration":{"dataSourceName":"f","lambdaConfig":{"invokeType":"EVENT"}}}}}]}
        ListTagsForResource: {"tags":{"a":"b"}}
        DeleteChannelNamespace: {}
        GetChannelNamespace: 404 NotFoundException: Channel namespace rooms not found.
        GetGraphqlApi: 404 NotFoundException: GraphQL API $api not found.
        DeleteApi: {}
        GetApi: 404 NotFoundException: API $api not found.
    "#]],
    );
    assert_eq!(world.records.of("").count(), 0);
}

#[test]
fn apis_are_merged() {
    let mut world = World::default();
    let books = world.shop();
    let reviews = world.api();
    world.schema(&reviews, "type Query { review: Int }");
    let merged = world.done(
        "CreateGraphqlApi",
        value!({"name": "all", "authenticationType": "API_KEY", "apiType": "MERGED"}),
    );
    let merged = text(&merged, "graphqlApi", "apiId");
    let associated = |world: &mut World, source: &str, kind: &str| {
        let answer = world.done(
            "AssociateSourceGraphqlApi",
            value!({
                "mergedApiIdentifier": (&merged), "sourceApiIdentifier": source, "sourceApiAssociationConfig": {"mergeType": kind}
            }),
        );
        text(&answer, "sourceApiAssociation", "associationId")
    };
    let first = associated(&mut world, &books, "MANUAL_MERGE");
    let second = associated(
        &mut world,
        &format!("arn:aws:appsync:us-east-1:123456789012:apis/{reviews}"),
        "AUTO_MERGE",
    );
    let at = |association: &str| value!({"mergedApiIdentifier": (&merged), "associationId": association});
    let fields = |world: &mut World| {
        let query = world.done("GetType", of(&merged, value!({"typeName": "Query", "format": "SDL"})));
        text(&query, "type", "definition")
    };
    expect![[r#"
        type Query {
          post(id: ID!): Post
          posts: [Post!]!
          review: Int
        }"#]]
    .assert_eq(&fields(&mut world));
    // A source that merges by itself does when its schema changes, the other one when it is told to.
    world.schema(&reviews, "type Query { review: Int stars: Int }");
    world.schema(&books, &SHOP.replace("title: String }", "title: String isbn: String }"));
    expect![[r#"
        type Query {
          post(id: ID!): Post
          posts: [Post!]!
          review: Int
          stars: Int
        }"#]]
    .assert_eq(&fields(&mut world));
    world.schema(&reviews, "type Query { review: Int post: Int }");
    let calls = [
        ("GetSourceApiAssociation", at(&first)),
        ("GetSourceApiAssociation", at(&second)),
        ("StartSchemaMerge", at(&first)),
        ("ListSourceApiAssociations", of(&books, value!({}))),
        ("UpdateSourceApiAssociation", with(&at(&first), value!({"description": "ours"}))),
        ("ListTypesByAssociation", with(&at(&second), value!({"format": "SDL"}))),
        ("DeleteGraphqlApi", of(&books, value!({}))),
        ("StartSchemaCreation", of(&merged, value!({"definition": "YQ=="}))),
        ("CreateDataSource", of(&merged, value!({"name": "s", "type": "NONE"}))),
        (
            "AssociateMergedGraphqlApi",
            value!({"sourceApiIdentifier": (&merged), "mergedApiIdentifier": (&merged)}),
        ),
        (
            "AssociateMergedGraphqlApi",
            value!({"sourceApiIdentifier": (&books), "mergedApiIdentifier": (&reviews)}),
        ),
        (
            "AssociateMergedGraphqlApi",
            value!({"sourceApiIdentifier": (&books), "mergedApiIdentifier": (&merged)}),
        ),
        ("DisassociateSourceGraphqlApi", at(&first)),
        (
            "DisassociateMergedGraphqlApi",
            value!({"sourceApiIdentifier": (&reviews), "associationId": (&second)}),
        ),
        ("GetSourceApiAssociation", at(&second)),
        ("GetSchemaCreationStatus", of(&merged, value!({}))),
    ];
    check(
        &mut world,
        &[
            ("$books", &books),
            ("$reviews", &reviews),
            ("$merged", &merged),
            ("$first", &first),
            ("$second", &second),
        ],
        &calls,
        expect![[r#"
            GetSourceApiAssociation: {"sourceApiAssociation":{"associationId":"$first","associationArn":"arn:aws:appsync:us-east-1:123456789012:apis/$merged/sourceApiAssociations/$first","sourceApiId":"$books","sourceApiArn":"arn:aws:appsync:us-east-1:123456789012:apis/$books","mergedApiId":"$merged","mergedApiArn":"arn:aws:appsync:us-east-1:123456789012:apis/$merged","sourceApiAssociationConfig":{"mergeType":"MANUAL_MERGE"},"sourceApiAssociationStatus":"MERGE_SUCCESS","lastSuccessfulMergeDate":1767227400}}
            GetSourceApiAssociation: {"sourceApiAssociation":{"associationId":"$second","associationArn":"arn:aws:appsync:us-east-1:123456789012:apis/$merged/sourceApiAssociations/$second","sourceApiId":"$reviews","sourceApiArn":"arn:aws:appsync:us-east-1:123456789012:apis/$reviews","mergedApiId":"$merged","mergedApiArn":"arn:aws:appsync:us-east-1:123456789012:apis/$merged","sourceApiAssociationConfig":{"mergeType":"AUTO_MERGE"},"sourceApiAssociationStatus":"MERGE_FAILED","lastSuccessfulMergeDate":1767227400,"sourceApiAssociationStatusDetail":"Field Query.post differs between $books and $reviews: `post(id: ID!): Post` and `post: Int`; mark one @canonical"}}
            StartSchemaMerge: {"sourceApiAssociationStatus":"MERGE_IN_PROGRESS"}
            ListSourceApiAssociations: {"sourceApiAssociationSummaries":[{"associationId":"$first","associationArn":"arn:aws:appsync:us-east-1:123456789012:apis/$merged/sourceApiAssociations/$first","sourceApiId":"$books","sourceApiArn":"arn:aws:appsync:us-east-1:123456789012:apis/$books","mergedApiId":"$merged","mergedApiArn":"arn:aws:appsync:us-east-1:123456789012:apis/$merged"}]}
            UpdateSourceApiAssociation: {"sourceApiAssociation":{"associationId":"$first","associationArn":"arn:aws:appsync:us-east-1:123456789012:apis/$merged/sourceApiAssociations/$first","sourceApiId":"$books","sourceApiArn":"arn:aws:appsync:us-east-1:123456789012:apis/$books","mergedApiId":"$merged","mergedApiArn":"arn:aws:appsync:us-east-1:123456789012:apis/$merged","sourceApiAssociationConfig":{"mergeType":"MANUAL_MERGE"},"sourceApiAssociationStatus":"MERGE_SUCCESS","lastSuccessfulMergeDate":1767227400,"description":"ours"}}
            ListTypesByAssociation: {"types":[{"name":"Query","description":null,"arn":"arn:aws:appsync:us-east-1:123456789012:apis/$reviews/types/Query","definition":"type Query {\n  review: Int\n  stars: Int\n}","format":"SDL"}]}
            DeleteGraphqlApi: 400 BadRequestException: The API is a source of the merged API $merged: disassociate it first
            StartSchemaCreation: 400 BadRequestException: API $merged is a merged API, which has its schema, resolvers, functions and data sources of its source APIs: change those
            CreateDataSource: 400 BadRequestException: API $merged is a merged API, which has its schema, resolvers, functions and data sources of its source APIs: change those
            AssociateMergedGraphqlApi: 400 BadRequestException: API $merged is a merged API, which cannot be a source
            AssociateMergedGraphqlApi: 400 BadRequestException: API $reviews is no merged API: create one with the apiType MERGED
            AssociateMergedGraphqlApi: 400 BadRequestException: API $books is a source of $merged already
            DisassociateSourceGraphqlApi: {"sourceApiAssociationStatus":"DELETION_IN_PROGRESS"}
            DisassociateMergedGraphqlApi: {"sourceApiAssociationStatus":"DELETION_IN_PROGRESS"}
            GetSourceApiAssociation: 404 NotFoundException: Source API association $second not found.
            GetSchemaCreationStatus: {"status":"NOT_APPLICABLE","details":"No schema was uploaded"}
        "#]],
    );
    for api in [&books, &reviews, &merged] {
        world.done("DeleteGraphqlApi", of(api, value!({})));
    }
    assert_eq!(world.records.of("").count(), 0);
}
