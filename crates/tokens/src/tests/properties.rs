//! No token brings anything down, and none that was changed is good.

use json::{Value, value};
use proptest::prelude::*;

use super::world::{ISSUER, NOW, signer as named};
use crate::key::{Algorithms, PublicKey};
use crate::testing::{P256, P384, Signer};
use crate::token::Token;

fn signer() -> Signer {
    named("k1")
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

proptest! {
    #[test]
    fn any_text_can_be_read(text in "\\PC{0,80}|[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}") {
        if let Some(token) = Token::read(&text) {
            let key = PublicKey::of(&signer().public()).unwrap();
            prop_assert!(!token.is_signed_by(&key, Algorithms::All));
        }
    }
}

proptest! {
    // Each case signs.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_key_can_be_read(key in object(&["kty", "kid", "n", "e", "alg", "use"]), n in "[A-Za-z0-9_-]{0,60}", e in "[A-Za-z0-9_-]{0,8}") {
        let mut key = key.as_object().cloned().unwrap_or_default();
        key.insert("kty", "RSA");
        key.insert("kid", "k1");
        key.insert("n", n);
        key.insert("e", e);
        let text = signer().token(&value!({}));
        let token = Token::read(&text).unwrap();
        if let Some(key) = PublicKey::of(&key.into()) {
            prop_assert!(!token.is_signed_by(&key, Algorithms::All));
        }
    }

    #[test]
    fn any_point_can_be_read(key in object(&["kty", "kid", "crv", "x", "y", "alg", "use", "key_ops"]), x in "[A-Za-z0-9_-]{42,44}", y in "[A-Za-z0-9_-]{42,44}") {
        let mut key = key.as_object().cloned().unwrap_or_default();
        for (name, value) in [("kty", "EC"), ("kid", "k1"), ("crv", "P-256"), ("x", &x), ("y", &y)] {
            key.insert(name, value);
        }
        let text = Signer::elliptic(P256, "k1").token(&value!({}));
        let token = Token::read(&text).unwrap();
        if let Some(key) = PublicKey::of(&key.into()) {
            prop_assert!(!token.is_signed_by(&key, Algorithms::All));
        }
    }

    #[test]
    fn a_token_that_is_changed_anywhere_is_refused(
        kind in 0..3_u8,
        place in any::<prop::sample::Index>(),
        to in any::<u8>(),
    ) {
        let signer = match kind {
            0 => signer(),
            1 => Signer::elliptic(P256, "k1"),
            _ => Signer::elliptic(P384, "k1"),
        };
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
        let token = signer.token(&value!({"iss": (ISSUER), "sub": "1", "exp": (NOW + 60)}));
        let mut changed = token.clone().into_bytes();
        let place = place.index(changed.len());
        changed[place] = DIGITS[usize::from(to) % DIGITS.len()];
        let changed = String::from_utf8(changed).unwrap();
        prop_assume!(changed != token);
        let key = PublicKey::of(&signer.public()).unwrap();
        prop_assert!(Token::read(&token).unwrap().is_signed_by(&key, Algorithms::All));
        prop_assert!(Token::read(&changed).is_none_or(|changed| !changed.is_signed_by(&key, Algorithms::All)));
    }
}
