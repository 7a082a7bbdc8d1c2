//! How often issuers are asked for their keys, and what becomes of tokens when they do not answer.

use std::time::Duration;

use json::{Object, Value, value};

use super::world::{ISSUER, NOW, World, signer};
use crate::Algorithms;
use crate::testing::{OTHER, P256, P384, Signer, decode, encode, key_set};

const CONFIGURATION: &str = "https://id.example.com/.well-known/openid-configuration";
const KEYS: &str = "https://id.example.com/keys";

fn world() -> World {
    let world = World::new();
    world.published.publish(CONFIGURATION, &value!({"issuer": (ISSUER), "jwks_uri": (KEYS)}));
    world.published.publish(KEYS, &key_set([signer("k1").public()]));
    world
}

fn token(key_id: &'static str) -> String {
    signer(key_id).token(&value!({"iss": (ISSUER), "sub": "1", "exp": (NOW + 100_000)}))
}

async fn is_let_in(world: &World, key_id: &'static str) -> bool {
    world.verify(&token(key_id)).await.is_ok()
}

#[tokio::test]
async fn keys_are_fetched_once() {
    let world = world();
    for _ in 0..3 {
        assert!(is_let_in(&world, "k1").await);
    }
    assert_eq!(world.published.fetched(), [CONFIGURATION, KEYS]);
}

#[tokio::test]
async fn those_who_wait_share_a_fetch() {
    let world = world();
    let gate = world.published.close();
    let all = futures_util::future::join_all((0..20).map(|_| is_let_in(&world, "k1")));
    // All of them have asked when the gate is opened.
    let (all, ()) = futures_util::future::join(all, async { gate.add_permits(2) }).await;
    assert_eq!((all.iter().filter(|is_in| **is_in).count(), world.published.fetched().len()), (20, 2));
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_undo_the_fetch() {
    let world = world();
    let gate = world.published.close();
    let hung_up = tokio::time::timeout(Duration::ZERO, is_let_in(&world, "k1")).await;
    assert!(hung_up.is_err());
    gate.add_permits(2);
    assert!(is_let_in(&world, "k1").await);
    assert_eq!(world.published.fetched().len(), 2);
}

#[tokio::test]
async fn an_unknown_key_makes_one_fetch_each_ten_seconds() {
    let mut world = world();
    assert!(is_let_in(&world, "k1").await);
    world.published.publish(KEYS, &key_set([signer("k1").public(), signer("k2").public()]));
    for _ in 0..3 {
        assert!(!is_let_in(&world, "k2").await);
    }
    assert_eq!(world.published.fetched().len(), 2);
    world.later(10);
    assert!(is_let_in(&world, "k2").await);
    for _ in 0..3 {
        assert!(!is_let_in(&world, "k3").await);
    }
    assert_eq!(world.published.fetched().len(), 4);
}

#[tokio::test]
async fn who_came_before_those_that_fetched_does_not_fetch_again() {
    let mut world = world();
    assert!(is_let_in(&world, "k1").await);
    world.later(-9);
    assert!(!is_let_in(&world, "k9").await);
    assert_eq!(world.published.fetched().len(), 2);
    // A clock that was set back further makes nothing of what was known.
    world.later(-9);
    assert!(is_let_in(&world, "k1").await);
    assert_eq!(world.published.fetched().len(), 4);
}

#[tokio::test]
async fn an_issuer_that_is_down_is_asked_each_ten_seconds() {
    let mut world = world();
    world.published.publish_text(KEYS, String::new());
    for _ in 0..3 {
        assert!(!is_let_in(&world, "k1").await);
    }
    assert_eq!(world.published.fetched().len(), 2);
    world.published.publish(KEYS, &key_set([signer("k1").public()]));
    world.later(10);
    assert!(is_let_in(&world, "k1").await);
}

#[tokio::test]
async fn keys_outlive_their_issuer_by_an_hour() {
    let mut world = world();
    assert!(is_let_in(&world, "k1").await);
    world.published.withdraw_all();
    world.later(3599);
    assert!(is_let_in(&world, "k1").await);
    world.later(1);
    assert!(!is_let_in(&world, "k1").await);
}

#[tokio::test]
async fn nobody_with_a_known_key_waits_for_an_issuer_that_hangs() {
    let mut world = world();
    assert!(is_let_in(&world, "k1").await);
    let gate = world.published.close();
    world.later(900);
    let waited = async |world: &World, key| {
        let begun = std::time::Instant::now();
        (is_let_in(world, key).await, begun.elapsed() < Duration::from_millis(80))
    };
    // A fetch takes 100 ms here before it is given up, and 20 ms of it are waited for.
    assert_eq!(waited(&world, "k1").await, (true, true));
    // The others do not wait at all.
    let fetching = world.published.fetched().len();
    assert_eq!(waited(&world, "k1").await, (true, true));
    assert_eq!(world.published.fetched().len(), fetching);
    // Who has another key learns what comes of the fetch that is under way.
    world.published.publish(KEYS, &key_set([signer("k2").public()]));
    let (new, ()) = futures_util::future::join(is_let_in(&world, "k2"), async { gate.add_permits(2) }).await;
    assert!(new);
    assert!(!is_let_in(&world, "k1").await);
}

#[tokio::test]
async fn a_key_that_was_withdrawn_is_good_for_a_quarter_of_an_hour() {
    let mut world = world();
    assert!(is_let_in(&world, "k1").await);
    world.published.publish(KEYS, &key_set([signer("k2").public()]));
    world.later(899);
    assert!(is_let_in(&world, "k1").await);
    world.later(1);
    assert!(!is_let_in(&world, "k1").await);
}

#[tokio::test]
async fn an_issuer_that_says_nothing_is_given_up() {
    let world = world();
    world.published.close();
    assert!(!is_let_in(&world, "k1").await);
}

#[tokio::test]
async fn algorithms_are_taken_as_whoever_asks_says_and_the_key_is_for() {
    const PKCS1: [&str; 3] = ["RS256", "RS384", "RS512"];
    const ALL: [&str; 8] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"];
    let keys = [signer("rsa"), Signer::elliptic(P256, "p256"), Signer::elliptic(P384, "p384")];
    let world = world();
    let of_any = keys.iter().map(|key| with(&key.public(), value!({"alg": null})));
    world.published.publish(KEYS, &key_set(of_any));
    for key in &keys {
        let mut taken = Vec::new();
        for algorithm in ALL.into_iter().chain(["ES512", "ES256K", "EdDSA", "HS256", "none", "rs256", ""]) {
            let claims = value!({"iss": (ISSUER), "exp": (NOW + 60)});
            let token = key.token_with(&value!({"kid": (key.key_id), "alg": (algorithm)}), &claims);
            if world.verify(&token).await.is_ok() {
                taken.push(algorithm);
            }
            let is_pkcs1 = world.verify_with(Algorithms::Pkcs1, &token).await.is_ok();
            assert_eq!(is_pkcs1, key.key_id == "rsa" && PKCS1.contains(&algorithm), "{algorithm}");
        }
        let expected = match key.key_id {
            "rsa" => &ALL[..6],
            "p256" => &ALL[6..7],
            _ => &ALL[7..],
        };
        assert_eq!(taken, expected, "{}", key.key_id);
    }
}

#[tokio::test]
async fn a_key_for_one_algorithm_verifies_no_other() {
    let token = |algorithm: &str| {
        signer("k1").token_with(&value!({"kid": "k1", "alg": (algorithm)}), &value!({"iss": (ISSUER)}))
    };
    for (only, is_good) in [("PS256", true), ("RS256", false), ("PS384", false), ("ES256", false)] {
        let world = world();
        world.published.publish(KEYS, &key_set([with(&signer("k1").public(), value!({"alg": (only)}))]));
        assert_eq!(world.verify(&token("PS256")).await.is_ok(), is_good, "{only}");
    }
}

#[tokio::test]
async fn a_configuration_must_be_the_issuers_own() {
    let right = value!({"issuer": "https://id.example.com", "jwks_uri": (KEYS)});
    for (what, changes) in [
        ("another issuer", value!({"issuer": "https://evil.example.com"})),
        ("no issuer", value!({"issuer": null})),
        ("no keys", value!({"jwks_uri": null})),
        ("keys without TLS", value!({"jwks_uri": "http://id.example.com/keys"})),
    ] {
        let world = world();
        world.published.publish("http://id.example.com/keys", &key_set([signer("k1").public()]));
        world.published.publish(CONFIGURATION, &with(&right, changes));
        assert!(!is_let_in(&world, "k1").await, "{what}");
    }
}

#[tokio::test]
async fn other_keys_are_passed_over() {
    let right = signer("k1").public();
    let n = right.get("n").and_then(Value::as_str).unwrap();
    for (what, keys, is_good) in [
        ("for encryption", value!([(with(&right, value!({"use": "enc"})))]), false),
        ("to sign only", value!([(with(&right, value!({"key_ops": ["sign"]})))]), false),
        ("to verify", value!([(with(&right, value!({"key_ops": ["verify"]})))]), true),
        ("a shared secret", value!([{"kty": "oct", "kid": "k1", "k": "c2VjcmV0"}]), false),
        (
            "an elliptic curve",
            value!([{"kty": "EC", "kid": "k1", "crv": "P-256", "x": "AA", "y": "AA"}]),
            false,
        ),
        ("no number", value!([(with(&right, value!({"n": "!"})))]), false),
        ("a small number", value!([(with(&right, value!({"n": "AQAB"})))]), false),
        ("nothing", value!([]), false),
        ("no keys", value!({}), false),
        ("odd ones beside", value!([null, 1, {"kid": "k1"}, {"kty": "RSA"}, (right.clone())]), true),
        ("two of one name", value!([(Signer::new(OTHER, "k1").public()), (right.clone())]), true),
        // A zero first, as some issuers have it. The first digit of 2,048 bits is between g and _: the highest bit is set.
        ("a zero before it", value!([(with(&right, value!({"n": (with_zero(n))})))]), true),
    ] {
        let world = world();
        world.published.publish(KEYS, &value!({"keys": (keys)}));
        assert_eq!(is_let_in(&world, "k1").await, is_good, "{what}");
    }
    let world = world();
    world.published.publish_text(KEYS, "<html>".to_owned());
    assert!(!is_let_in(&world, "k1").await);
    let large = format!("{}{}", key_set([right]).to_text(), " ".repeat(512 << 10));
    world.published.publish_text(KEYS, large);
    assert!(!is_let_in(&world, "k1").await);
}

fn with_zero(number: &str) -> String {
    let bytes = decode(number).unwrap();
    encode(&[&[0], bytes.as_slice()].concat())
}

/// An object with some members exchanged; null takes one out.
fn with(object: &Value, changes: Value) -> Value {
    let mut object = object.as_object().cloned().unwrap_or_else(Object::new);
    for (name, value) in changes.as_object().into_iter().flat_map(Object::iter) {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    object.into()
}
