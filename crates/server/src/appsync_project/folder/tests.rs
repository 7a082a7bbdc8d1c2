use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_names::Scope;
use expect_test::{Expect, expect};

use super::super::wanted::Api;
use super::read;

/// A folder of one test; it goes away at the end.
struct Folder(PathBuf);

impl Folder {
    fn of(files: &[(&str, &str)]) -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("stepwell-api-{}-{number}", std::process::id()));
        for (name, text) in files {
            let file = path.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        Folder(path)
    }

    /// The outcome, without the folder's own path.
    fn read(&self) -> Result<Api, String> {
        let strange = format!("{}/", self.0.display());
        read("posts", &self.0, &Scope::default()).map_err(|problems| problems.replace(&strange, ""))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const SCHEMA: &str = "type Query { post(id: ID!): String feed: [String] }\ntype Mutation { add: String }\n";
const CODE: &str =
    "export function request(ctx) { return {}; }\nexport function response(ctx) { return ctx.result; }\n";

fn check(files: &[(&str, &str)], expected: Expect) {
    let folder = Folder::of(files);
    let strange = format!("{}/", folder.0.display());
    expected.assert_eq(&match folder.read() {
        Err(problems) => problems,
        Ok(Api::Events(api)) => {
            let items = api.sources.values().chain(api.namespaces.values());
            let inputs = items.map(|item| json::Value::from(item.input.clone()).to_text());
            let settings = std::iter::once(json::Value::from(api.settings.clone()).to_text());
            settings.chain(inputs).collect::<Vec<_>>().join("\n")
        }
        Ok(Api::GraphQl(api)) => {
            let sources = api.sources.values().map(|item| json::Value::from(item.input.clone()).to_text());
            let functions =
                api.functions.values().map(|item| json::Value::from(item.input.clone()).to_text());
            let resolvers = api.resolvers.values().map(|resolver| {
                let input = json::Value::from(resolver.item.input.clone()).to_text();
                format!("{} {:?} {input}", resolver.item.origin.replace(&strange, ""), resolver.functions)
            });
            let settings = std::iter::once(json::Value::from(api.settings.clone()).to_text());
            settings.chain(sources).chain(functions).chain(resolvers).collect::<Vec<_>>().join("\n")
        }
    });
}

#[test]
fn handlers_are_found_by_their_names() {
    check(
        &[
            (
                "appsync.toml",
                r#"
                    api_keys = ["da2-postsdevelopment"]
                    auth = [
                        { mode = "API_KEY" },
                        { mode = "AMAZON_COGNITO_USER_POOLS", user_pool = "us-east-1_a" },
                        { mode = "AWS_LAMBDA", function = "authorize" },
                    ]
                    [sources]
                    posts = { table = "posts" }
                    nothing = { none = true }
                    rate = { function = "rate" }
                    blog = { database = "blog", database_name = "blog" }
                    workflows = { url = "https://states.us-east-1.amazonaws.com", signed_for = "states" }
                    [functions]
                    recent = { source = "posts" }
                    [resolvers]
                    "Query.post" = { source = "posts", caching = { ttl = 60, keys = ["$context.arguments.id"] } }
                    "Query.feed" = { functions = ["recent"] }
                    "Mutation.add" = { source = "posts" }
                    "Post.rate" = { source = "rate", max_batch_size = 10 }
                "#,
            ),
            ("schema.graphql", SCHEMA),
            ("functions/recent.req.vtl", "{}"),
            ("functions/recent.res.vtl", "$util.toJson($ctx.result)"),
            ("resolvers/Query.post.js", CODE),
            ("resolvers/Mutation.add/request.vtl", "{}"),
            ("resolvers/Mutation.add/response.vtl", "null"),
        ],
        expect![[r#"
            {"Name":"posts","AuthenticationType":"API_KEY","AdditionalAuthenticationProviders":[{"AuthenticationType":"AMAZON_COGNITO_USER_POOLS","UserPoolConfig":{"UserPoolId":"us-east-1_a","AwsRegion":"us-east-1"}},{"AuthenticationType":"AWS_LAMBDA","LambdaAuthorizerConfig":{"AuthorizerUri":"arn:aws:lambda:us-east-1:123456789012:function:authorize","AuthorizerResultTtlInSeconds":300}}],"IntrospectionConfig":"ENABLED","QueryDepthLimit":0,"ResolverCountLimit":0}
            {"Name":"blog","Type":"RELATIONAL_DATABASE","RelationalDatabaseConfig":{"RelationalDatabaseSourceType":"RDS_HTTP_ENDPOINT","RdsHttpEndpointConfig":{"AwsRegion":"us-east-1","DbClusterIdentifier":"arn:aws:rds:us-east-1:123456789012:cluster:blog","AwsSecretStoreArn":"arn:aws:secretsmanager:us-east-1:123456789012:secret:blog","DatabaseName":"blog"}},"ServiceRoleArn":"arn:aws:iam::123456789012:role/stepwell-dev"}
            {"Name":"nothing","Type":"NONE"}
            {"Name":"posts","Type":"AMAZON_DYNAMODB","DynamodbConfig":{"TableName":"posts","AwsRegion":"us-east-1","Versioned":false},"ServiceRoleArn":"arn:aws:iam::123456789012:role/stepwell-dev"}
            {"Name":"rate","Type":"AWS_LAMBDA","LambdaConfig":{"LambdaFunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:rate"},"ServiceRoleArn":"arn:aws:iam::123456789012:role/stepwell-dev"}
            {"Name":"workflows","Type":"HTTP","HttpConfig":{"Endpoint":"https://states.us-east-1.amazonaws.com","AuthorizationConfig":{"AuthorizationType":"AWS_IAM","AwsIamConfig":{"SigningRegion":"us-east-1","SigningServiceName":"states"}}},"ServiceRoleArn":"arn:aws:iam::123456789012:role/stepwell-dev"}
            {"Name":"recent","DataSourceName":"posts","RequestMappingTemplate":"{}","ResponseMappingTemplate":"$util.toJson($ctx.result)","FunctionVersion":"2018-05-29"}
            resolvers/Mutation.add/request.vtl None {"TypeName":"Mutation","FieldName":"add","DataSourceName":"posts","Kind":"UNIT","RequestMappingTemplate":"{}","ResponseMappingTemplate":"null"}
            appsync.toml: [resolvers] Post.rate None {"TypeName":"Post","FieldName":"rate","DataSourceName":"rate","Kind":"UNIT","MaxBatchSize":10}
            appsync.toml: [resolvers] Query.feed Some(["recent"]) {"TypeName":"Query","FieldName":"feed","Kind":"PIPELINE","Code":"export function request(ctx) {\n    return {};\n}\n\nexport function response(ctx) {\n    return ctx.prev.result;\n}\n","Runtime":{"Name":"APPSYNC_JS","RuntimeVersion":"1.0.0"}}
            resolvers/Query.post.js None {"TypeName":"Query","FieldName":"post","DataSourceName":"posts","Kind":"UNIT","CachingConfig":{"Ttl":60,"CachingKeys":["$context.arguments.id"]},"Code":"export function request(ctx) { return {}; }\nexport function response(ctx) { return ctx.result; }\n","Runtime":{"Name":"APPSYNC_JS","RuntimeVersion":"1.0.0"}}"#]],
    );
}

#[test]
fn all_mistakes_are_told_with_their_places() {
    check(
        &[
            (
                "appsync.toml",
                r#"
                    api_keys = ["da2-Short"]
                    auth = [{ mode = "API_KEY" }, { mode = "OPENID_CONNECT" }]
                    [sources]
                    both = { table = "posts", function = "rate" }
                    [functions]
                    [resolvers]
                    "Query.post" = { source = "posts" }
                    "Query.feed" = { functions = ["recent"] }
                    "Mutation.add" = { source = "nothing" }
                    "post" = { source = "nothing" }
                "#,
            ),
            ("schema.graphql", "type Query {\n  post: Post\n}\n"),
            ("resolvers/Query.post.js", "export function request(ctx) {\n  while (true) {}\n}\n"),
            ("resolvers/Query.old.js", CODE),
            ("resolvers/Query.typed.ts", CODE),
            ("resolvers/Mutation.add/request.vtl", "{}\n#if(true)"),
        ],
        expect![[r#"
            appsync.toml: api_keys: a key is da2- and 8 to 60 lower-case letters and digits behind it, such as "da2-postsdevelopment"
            appsync.toml: auth: OPENID_CONNECT needs issuer = "…"
            schema.graphql:2:3: The field type 'Post' is not present when resolving type 'Query' [@2:3]
            appsync.toml: [sources] both: name one of table, function, database, url, bus, search, bedrock and none
            resolvers/Query.typed.ts: AppSync runs JavaScript: make a .js file of it, as esbuild --bundle does
            resolvers/Mutation.add/request.vtl:2:10: #if is not closed: its #end is missing
            resolvers/Mutation.add/response.vtl: No such file or directory (os error 2)
            resolvers/Query.post.js:2:3: @aws-appsync/no-while: while is not supported: use for-of or for-in
            resolvers/Mutation.add/request.vtl: [sources] has no "nothing"
            appsync.toml: [resolvers] Query.feed: [functions] has no "recent"
            resolvers/Query.post.js: [sources] has no "posts"
            appsync.toml: [resolvers] post: name a type and its field, as in "Query.post"
            resolvers/Query.old.js: [resolvers] of appsync.toml has no "Query.old": write it there, or delete this"#]],
    );
    check(
        &[("appsync.toml", "schema = \"schema.graphql\"\nresolver = {}\n")],
        expect![[r#"
        appsync.toml: TOML parse error at line 2, column 1
          |
        2 | resolver = {}
          | ^^^^^^^^
        unknown field `resolver`, expected one of `kind`, `schema`, `auth`, `api_keys`, `environment`, `introspection`, `query_depth_limit`, `resolver_count_limit`, `cache`, `sources`, `functions`, `resolvers`, `connect`, `publish`, `subscribe`, `namespaces`
    "#]],
    );
    check(&[("schema.graphql", SCHEMA)], expect!["appsync.toml: No such file or directory (os error 2)"]);
}

#[test]
fn an_events_api_has_namespaces_with_code() {
    check(
        &[
            (
                "appsync.toml",
                r#"
                    kind = "events"
                    auth = [{ mode = "API_KEY" }, { mode = "AWS_IAM" }]
                    publish = ["AWS_IAM"]
                    [sources]
                    audit = { function = "audit" }
                    [namespaces]
                    default = {}
                    chat = { subscribe = ["API_KEY"], on_publish = { source = "audit", direct = true, asynchronous = true } }
                "#,
            ),
            ("namespaces/default.js", "export function onPublish(ctx) { return ctx.events; }\n"),
        ],
        expect![[r#"
            {"Name":"posts","EventConfig":{"AuthProviders":[{"AuthType":"API_KEY"},{"AuthType":"AWS_IAM"}],"ConnectionAuthModes":[{"AuthType":"API_KEY"},{"AuthType":"AWS_IAM"}],"DefaultPublishAuthModes":[{"AuthType":"AWS_IAM"}],"DefaultSubscribeAuthModes":[{"AuthType":"API_KEY"},{"AuthType":"AWS_IAM"}]}}
            {"Name":"audit","Type":"AWS_LAMBDA","LambdaConfig":{"LambdaFunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:audit"},"ServiceRoleArn":"arn:aws:iam::123456789012:role/stepwell-dev"}
            {"Name":"chat","SubscribeAuthModes":[{"AuthType":"API_KEY"}],"HandlerConfigs":{"OnPublish":{"Behavior":"DIRECT","Integration":{"DataSourceName":"audit","LambdaConfig":{"InvokeType":"EVENT"}}}}}
            {"Name":"default","CodeHandlers":"export function onPublish(ctx) { return ctx.events; }\n"}"#]],
    );
    check(
        &[(
            "appsync.toml",
            "kind = \"events\"\npublish = [\"AWS_IAM\"]\nschema = \"a\"\n[namespaces]\nchat = { on_publish = { source = \"audit\" } }\n",
        )],
        expect![[r#"
            appsync.toml: schema, environment, cache, functions and resolvers are for an API of kind = "graphql"
            appsync.toml: publish: AWS_IAM is not in auth
            appsync.toml: [namespaces] chat: [sources] has no "audit""#]],
    );
}
