//! `AWS_LAMBDA`.

use ::tokens::testing::ISSUERS;
use json::{Object, Value, value};

use super::super::Credentials;
use super::world::{NOT_AUTHORIZED, NOW, Signer, World, said};

fn world(config: Value) -> World {
    let mut config = config.as_object().cloned().unwrap_or_default();
    config.insert("authorizerUri", "arn:aws:lambda:us-east-1:123456789012:function:who");
    World::of(value!({"authenticationType": "AWS_LAMBDA", "lambdaAuthorizerConfig": (config)}))
}

fn answer(world: &World, payload: &Value) {
    *world.around.answer.lock().unwrap() = value!({"StatusCode": 200, "Payload": (payload.to_text())});
}

fn calls(world: &World) -> usize {
    world.around.events.lock().unwrap().len()
}

const IN: &str = r#"{"resolverContext":{"name":"ada"}}"#;

fn yes() -> Value {
    value!({"isAuthorized": true, "resolverContext": {"name": "ada"}})
}

#[tokio::test]
async fn the_function_is_told_what_is_asked() {
    let world = world(value!({}));
    answer(&world, &yes());
    let operation: Object = [("queryString", "{ a }"), ("operationName", "A")].into_iter().collect();
    let headers = [("authorization", "custom-token"), ("x-more", "1")].into_iter().collect();
    let credentials = Credentials { headers, operation: Some(&operation), ..world.credentials() };
    assert_eq!(said(world.show(credentials).await), IN);
    let event = world.around.events.lock().unwrap()[0].to_text();
    let expected = r#"{"authorizationToken":"custom-token","requestContext":{"apiId":"the-api","accountId":"123456789012","requestId":"the-request","queryString":"{ a }","operationName":"A"},"requestHeaders":{"authorization":"custom-token","x-more":"1"}}"#;
    assert_eq!(event, expected);
}

#[tokio::test]
async fn a_connection_asks_for_nothing_yet() {
    let world = world(value!({}));
    answer(&world, &value!({"isAuthorized": true}));
    assert_eq!(world.by_token("t").await, r#"{"resolverContext":{}}"#);
    let event = world.around.events.lock().unwrap()[0].get("requestContext").unwrap().to_text();
    let expected = r#"{"apiId":"the-api","accountId":"123456789012","requestId":"the-request","queryString":"","operationName":null,"variables":{}}"#;
    assert_eq!(event, expected);
}

#[tokio::test]
async fn only_a_clear_yes_lets_in() {
    for payload in [
        value!({"isAuthorized": false}),
        value!({"isAuthorized": "true"}),
        value!({"isAuthorized": 1}),
        value!({"isAuthorized": null}),
        value!({}),
        value!(true),
        value!({"isAuthorized": true, "resolverContext": "ada"}),
        value!({"isAuthorized": true, "resolverContext": {"nested": {"a": 1}}}),
        value!({"isAuthorized": true, "deniedFields": "Query.a"}),
        value!({"isAuthorized": true, "deniedFields": [1]}),
    ] {
        let world = world(value!({}));
        answer(&world, &payload);
        assert_eq!(world.by_token("t").await, NOT_AUTHORIZED, "{}", payload.to_text());
    }
    for output in [
        Value::Null,
        value!({"StatusCode": 200}),
        value!({"Payload": "no JSON"}),
        value!({"Payload": (yes().to_text()), "FunctionError": "Unhandled"}),
        value!({"Payload": (format!("{}{}", yes().to_text(), " ".repeat(1 << 20)))}),
    ] {
        let world = world(value!({}));
        *world.around.answer.lock().unwrap() = output;
        assert_eq!(world.by_token("t").await, NOT_AUTHORIZED);
    }
}

#[tokio::test]
async fn a_function_that_says_nothing_is_given_up() {
    let world = world(value!({}));
    answer(&world, &yes());
    let gate = world.around.close();
    gate.add_permits(1);
    assert_eq!(world.by_token("t").await, IN);
    assert_eq!(world.by_token("u").await, NOT_AUTHORIZED);
}

#[tokio::test]
async fn what_the_pattern_does_not_fit_is_not_asked_about() {
    let world = world(value!({"identityValidationExpression": "^custom-[a-z]+$"}));
    answer(&world, &yes());
    assert_eq!(world.by_token("custom-1").await, NOT_AUTHORIZED);
    assert_eq!(world.by_token("Bearer custom-a").await, NOT_AUTHORIZED);
    assert_eq!(calls(&world), 0);
    assert_eq!(world.by_token("custom-a").await, IN);
    let broken = self::world(value!({"identityValidationExpression": "("}));
    answer(&broken, &yes());
    assert_eq!(broken.by_token("custom-a").await, NOT_AUTHORIZED);
}

#[tokio::test]
async fn an_answer_is_kept_as_long_as_the_api_says() {
    let mut world = world(value!({"authorizerResultTtlInSeconds": 60}));
    answer(&world, &yes());
    for _ in 0..3 {
        assert_eq!(world.by_token("t").await, IN);
    }
    assert_eq!(calls(&world), 1);
    assert_eq!(world.by_token("u").await, IN);
    assert_eq!(calls(&world), 2);
    answer(&world, &value!({"isAuthorized": false}));
    world.later(59);
    assert_eq!(world.by_token("t").await, IN);
    world.later(1);
    assert_eq!(world.by_token("t").await, NOT_AUTHORIZED);
    // A no is kept as well.
    answer(&world, &yes());
    assert_eq!(world.by_token("t").await, NOT_AUTHORIZED);
    assert_eq!(calls(&world), 3);
}

#[tokio::test]
async fn an_answer_may_say_itself_how_long_it_is_kept() {
    for (config, ttl_override, kept_seconds) in [
        (value!({}), value!(null), 300),
        (value!({"authorizerResultTtlInSeconds": 0}), value!(null), 0),
        (value!({"authorizerResultTtlInSeconds": 0}), value!(10), 10),
        (value!({"authorizerResultTtlInSeconds": 60}), value!(0), 0),
        (value!({"authorizerResultTtlInSeconds": 60}), value!(-5), 0),
        (value!({"authorizerResultTtlInSeconds": 60}), value!("10"), 0),
        (value!({"authorizerResultTtlInSeconds": 60}), value!(1_000_000), 3600),
    ] {
        let mut world = world(config);
        let mut payload = yes();
        payload.as_object_mut().unwrap().insert("ttlOverride", ttl_override.clone());
        answer(&world, &payload);
        assert_eq!(world.by_token("t").await, IN);
        world.later((kept_seconds - 1).max(0));
        assert_eq!(world.by_token("t").await, IN);
        assert_eq!(calls(&world), if kept_seconds == 0 { 2 } else { 1 }, "{}", ttl_override.to_text());
        world.later(1);
        assert_eq!(world.by_token("t").await, IN);
        assert_eq!(calls(&world), if kept_seconds == 0 { 3 } else { 2 }, "{}", ttl_override.to_text());
    }
}

#[tokio::test]
async fn fields_are_denied_by_short_names_and_by_arns_of_this_api() {
    let world = world(value!({}));
    let fields = value!([
        "Query.a",
        "arn:aws:appsync:us-east-1:123456789012:apis/the-api/types/Post/fields/title",
        "arn:aws:appsync:us-east-1:123456789012:apis/another/types/Post/fields/body",
        "arn:aws:appsync:us-east-1:123456789012:apis/the-api"
    ]);
    answer(&world, &value!({"isAuthorized": true, "deniedFields": (fields)}));
    let identity = world.ask(&[("authorization", "t")]).await.unwrap();
    assert_eq!(identity.denied_fields, ["Query.a", "Post.title"]);
}

#[tokio::test]
async fn tokens_of_issuers_do_not_go_to_the_function() {
    let world = World::of(value!({
        "authenticationType": "AWS_LAMBDA",
        "lambdaAuthorizerConfig": {"authorizerUri": "arn:aws:lambda:us-east-1:123456789012:function:who"},
        "additionalAuthenticationProviders": [
            {"authenticationType": "OPENID_CONNECT", "openIDConnectConfig": {"issuer": "https://id.example.com"}},
            {"authenticationType": "AWS_IAM"}
        ],
    }));
    answer(&world, &yes());
    let signer = Signer::new(ISSUERS, "k1");
    // Its keys cannot be fetched, and nobody else is asked.
    let of_issuer = value!({"iss": "https://id.example.com", "exp": (NOW + 60)});
    assert_eq!(world.by_token(&signer.token(&of_issuer)).await, NOT_AUTHORIZED);
    assert!(world.by_token("AWS4-HMAC-SHA256 Credential=x").await.starts_with("400 IncompleteSignature"));
    assert_eq!(calls(&world), 0);
    assert_eq!(world.by_token(&signer.token(&value!({"iss": "https://other.example.com"}))).await, IN);
    assert_eq!(world.by_token("anything else").await, IN);
    assert_eq!(calls(&world), 2);
}

#[tokio::test]
async fn events_have_a_context_of_their_own() {
    let world = world(value!({}));
    answer(&world, &value!({"isAuthorized": true, "handlerContext": {"name": "ada"}}));
    assert_eq!(world.by_token("t").await, r#"{"handlerContext":{"name":"ada"}}"#);
}
