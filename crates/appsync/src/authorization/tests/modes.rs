//! Which mode checks what is sent, and API keys.

use json::{Value, value};

use super::super::Providers;
use super::world::{NOT_AUTHORIZED, NOW, World, said};

const MISSING: &str = "401 UnauthorizedException: Missing authorization header";
const NOT_VALID: &str = "401 UnauthorizedException: Valid authorization header not provided.";
const SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=AKID/20261128/us-east-1/appsync/aws4_request, SignedHeaders=host, Signature=00";

fn with_keys(modes: &[&str]) -> World {
    let more = modes[1..].iter().map(|mode| value!({"authenticationType": (*mode)})).collect::<Value>();
    let mut world =
        World::of(value!({"authenticationType": (modes[0]), "additionalAuthenticationProviders": (more)}));
    for (id, expires) in [("da2-good", NOW + 3600), ("da2-old", NOW), ("da2-older", NOW - 1)] {
        world.api_keys.insert(id.into(), value!({"id": (id), "expires": (expires)}));
    }
    world.api_keys.insert("da2-odd".into(), value!({"id": "da2-odd"}));
    world
}

async fn asked(world: &World, headers: &[(&str, &str)]) -> String {
    said(world.ask(headers).await)
}

#[tokio::test]
async fn a_key_of_this_api_lets_in_until_it_expires() {
    let mut world = with_keys(&["API_KEY"]);
    let identity = world.ask(&[("X-Api-Key", "da2-good")]).await.unwrap();
    assert_eq!(identity.context, Value::Null);
    assert_eq!(identity.expires_at, Some((NOW + 3600) * 1000));
    // Amplify's header objects have it twice, in different case.
    assert_eq!(asked(&world, &[("x-api-key", "da2-good"), ("X-Api-Key", "da2-good")]).await, "null");
    let others =
        ["da2-old", "da2-older", "da2-odd", "da2-of-another-api", "", "da2-good, da2-old", "DA2-GOOD"];
    for key in others {
        assert_eq!(asked(&world, &[("x-api-key", key)]).await, NOT_AUTHORIZED, "{key}");
    }
    world.later(3600);
    assert_eq!(asked(&world, &[("x-api-key", "da2-good")]).await, NOT_AUTHORIZED);
}

#[tokio::test]
async fn a_key_that_was_deleted_lets_nobody_in() {
    let mut world = with_keys(&["API_KEY"]);
    world.api_keys.remove("da2-good");
    assert_eq!(asked(&world, &[("x-api-key", "da2-good")]).await, NOT_AUTHORIZED);
}

#[tokio::test]
async fn what_is_sent_chooses_the_mode_and_no_other_is_tried() {
    let only_keys = with_keys(&["API_KEY"]);
    assert_eq!(asked(&only_keys, &[]).await, MISSING);
    assert_eq!(asked(&only_keys, &[("authorization", "Basic dTpw")]).await, NOT_VALID);
    assert_eq!(asked(&only_keys, &[("authorization", SIGNATURE)]).await, NOT_VALID);
    // Who signs is not let in by a key.
    let both = [("authorization", SIGNATURE), ("x-api-key", "da2-good")];
    assert_eq!(asked(&only_keys, &both).await, NOT_VALID);
    let no_keys = with_keys(&["AWS_IAM"]);
    assert_eq!(asked(&no_keys, &[("x-api-key", "da2-good")]).await, NOT_AUTHORIZED);
    let user_pools = with_keys(&["AMAZON_COGNITO_USER_POOLS", "API_KEY"]);
    let unreadable = "401 UnauthorizedException: Unable to parse JWT token.";
    assert_eq!(asked(&user_pools, &[("authorization", "Bearer hello")]).await, unreadable);
    assert_eq!(asked(&user_pools, &[("authorization", "hello"), ("x-api-key", "da2-good")]).await, "null");
}

#[test]
fn the_modes_of_event_apis_are_read_too() {
    let config = value!({
        "authProviders": [
            {"authType": "API_KEY"},
            {"authType": "AMAZON_COGNITO_USER_POOLS", "cognitoConfig": {"userPoolId": "us-east-1_a", "awsRegion": "us-east-1"}},
            {"authType": "AWS_LAMBDA", "lambdaAuthorizerConfig": {"authorizerUri": "arn:aws:lambda:us-east-1:1:function:f"}}
        ],
        "connectionAuthModes": [{"authType": "API_KEY"}]
    });
    let modes: Vec<_> = Providers::of_events(&config).all.iter().map(|provider| provider.mode()).collect();
    assert_eq!(format!("{modes:?}"), "[ApiKey, UserPools, Lambda]");
}
