//! Whoever was let in stays for as long as what let them in is good.

use ::tokens::testing::ISSUERS;
use json::{Value, value};

use super::super::{Identity, Providers};
use super::world::{EXPIRED, NOT_AUTHORIZED, NOW, Signer, World, key_set, said, with};

/// The API has changed.
fn change(world: &mut World, record: &Value) {
    world.providers = Providers::of(record);
}

fn refused(world: &World, identity: &Identity) -> String {
    match world.stay(identity) {
        Ok(_) => "stays".to_owned(),
        refused => said(refused),
    }
}

#[tokio::test]
async fn a_key_lets_stay_until_it_is_gone_or_its_time_is_over() {
    let record = value!({"authenticationType": "API_KEY"});
    let mut world = World::of(record.clone());
    let key = |expires: i64| value!({"id": "da2-a", "expires": expires});
    world.api_keys.insert("da2-a".into(), key(NOW + 60));
    let ada = world.ask(&[("x-api-key", "da2-a, da2-a")]).await.unwrap();
    assert_eq!(refused(&world, &ada), "stays");
    world.api_keys.insert("da2-a".into(), key(NOW + 600));
    assert_eq!(world.stay(&ada).unwrap().expires_at, Some((NOW + 600) * 1000), "it was prolonged");
    world.later(600);
    assert_eq!(refused(&world, &ada), NOT_AUTHORIZED);
    world.api_keys.insert("da2-a".into(), key(NOW + 700));
    assert_eq!(refused(&world, &ada), "stays");
    change(&mut world, &value!({"authenticationType": "AWS_IAM"}));
    assert_eq!(refused(&world, &ada), NOT_AUTHORIZED, "the mode is gone");
    change(&mut world, &record);
    world.api_keys.clear();
    assert_eq!(refused(&world, &ada), NOT_AUTHORIZED, "the key is gone");
}

#[tokio::test]
async fn a_users_token_lets_stay_while_the_api_takes_their_pools_tokens() {
    let pool = |id: &str, more: Value| {
        let config = value!({"userPoolId": (id), "awsRegion": "us-east-1", "appIdClientRegex": "web"});
        value!({"authenticationType": "AMAZON_COGNITO_USER_POOLS", "userPoolConfig": (with(&config, more))})
    };
    let record = pool("us-east-1_aaa", value!({}));
    let mut world = World::of(record.clone());
    let signer = Signer::new(ISSUERS, "k1");
    let issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_aaa";
    world.around.publish(&format!("{issuer}/.well-known/jwks.json"), &key_set([signer.public()]));
    let claims = value!({"sub": "1", "iss": issuer, "aud": "web", "token_use": "id", "exp": (NOW + 60)});
    let ada = world.ask(&[("authorization", &signer.token(&claims))]).await.unwrap();
    assert_eq!(world.stay(&ada).unwrap(), ada);
    change(&mut world, &pool("us-east-1_aaa", value!({"defaultAction": "DENY"})));
    assert!(
        !world.stay(&ada).unwrap().is_allowed_by_default,
        "what is nobody's by name is not theirs any more"
    );
    change(&mut world, &pool("us-east-1_aaa", value!({"appIdClientRegex": "app"})));
    assert_eq!(refused(&world, &ada), NOT_AUTHORIZED, "another client's");
    change(&mut world, &pool("us-east-1_bbb", value!({})));
    assert_eq!(refused(&world, &ada), NOT_AUTHORIZED, "another pool");
    change(&mut world, &record);
    world.later(60);
    assert_eq!(refused(&world, &ada), EXPIRED);
}

#[tokio::test]
async fn a_providers_lifetimes_count_for_those_who_are_there() {
    let of = |lifetime: i64| {
        let config = value!({"issuer": "https://id.example.com", "iatTTL": lifetime});
        value!({"authenticationType": "OPENID_CONNECT", "openIDConnectConfig": config})
    };
    let mut world = World::of(of(600_000));
    let signer = Signer::new(ISSUERS, "k1");
    let configuration =
        value!({"issuer": "https://id.example.com", "jwks_uri": "https://id.example.com/keys"});
    world.around.publish("https://id.example.com/.well-known/openid-configuration", &configuration);
    world.around.publish("https://id.example.com/keys", &key_set([signer.public()]));
    let claims = value!({"iss": "https://id.example.com", "sub": "1", "exp": (NOW + 3600), "iat": NOW});
    let ada = world.ask(&[("authorization", &signer.token(&claims))]).await.unwrap();
    assert_eq!(ada.expires_at, Some((NOW + 600) * 1000));
    change(&mut world, &of(300_000));
    assert_eq!(world.stay(&ada).unwrap().expires_at, Some((NOW + 300) * 1000));
    world.later(300);
    assert_eq!(refused(&world, &ada), EXPIRED);
}

#[tokio::test]
async fn whom_a_function_let_in_stays_while_it_is_the_one_that_authorises() {
    let of = |name: &str| {
        let config =
            value!({"authorizerUri": (format!("arn:aws:lambda:us-east-1:123456789012:function:{name}"))});
        value!({"authenticationType": "AWS_LAMBDA", "lambdaAuthorizerConfig": config})
    };
    let mut world = World::of(of("who"));
    *world.around.answer.lock().unwrap() = value!({"StatusCode": 200, "Payload": r#"{"isAuthorized":true}"#});
    let ada = world.ask(&[("authorization", "t")]).await.unwrap();
    assert_eq!(world.stay(&ada).unwrap(), ada);
    change(&mut world, &of("other"));
    assert_eq!(refused(&world, &ada), NOT_AUTHORIZED);
}
