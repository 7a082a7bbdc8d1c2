//! No token brings an API down, and none is good that its issuer did not sign.

use ::tokens::testing::ISSUERS;
use json::{Value, value};
use proptest::prelude::*;

use super::world::{NOT_AUTHORIZED, Signer, World, encode, key_set};

fn signer() -> Signer {
    Signer::new(ISSUERS, "k1")
}

/// Anything that may stand in a JSON object of a token.
fn member() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()).prop_map(Value::from),
        "[a-zA-Z0-9:/._-]{0,12}".prop_map(Value::from),
        prop::collection::vec("[a-z]{0,4}", 0..3)
            .prop_map(|texts| texts.into_iter().map(Value::from).collect()),
    ]
}

/// An object with names that tokens have.
fn object(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let members = prop::collection::vec((prop::sample::select(names), member()), 0..6);
    members.prop_map(|members| members.into_iter().collect::<json::Object>().into())
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

proptest! {
    // Each case signs or asks an API.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_api_answers_whatever_is_sent(
        header in object(&["alg", "kid", "typ", "crit", "jwk", "x5c"]),
        claims in object(&["iss", "sub", "aud", "exp", "nbf", "iat", "token_use", "client_id"]),
        signature in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let world = World::of(value!({
            "authenticationType": "OPENID_CONNECT", "openIDConnectConfig": {"issuer": "https://id.example.com"},
            "additionalAuthenticationProviders": [{
                "authenticationType": "AMAZON_COGNITO_USER_POOLS",
                "userPoolConfig": {"userPoolId": "p", "awsRegion": "us-east-1"},
            }],
        }));
        let mut header = header.as_object().cloned().unwrap_or_default();
        header.insert("kid", "k1");
        header.insert("alg", "RS256");
        let mut claims = claims.as_object().cloned().unwrap_or_default();
        claims.insert("iss", "https://cognito-idp.us-east-1.amazonaws.com/p");
        let keys = "https://cognito-idp.us-east-1.amazonaws.com/p/.well-known/jwks.json";
        world.around.publish(keys, &key_set([signer().public()]));
        let (header, claims) = (Value::from(header), Value::from(claims));
        let text = format!("{}.{}.{}", encode(header.to_text().as_bytes()), encode(claims.to_text().as_bytes()), encode(&signature));
        prop_assert_eq!(block_on(world.by_token(&text)), NOT_AUTHORIZED);
        // And if it is signed after all, its claims are looked at without harm.
        let _ = block_on(world.by_token(&signer().token_with(&header, &claims)));
    }
}
