//! `AMAZON_COGNITO_USER_POOLS` and `OPENID_CONNECT`: whose tokens let in, and what is wrong with all others.

use ::tokens::testing::{ISSUERS, OTHER};
use json::{Value, value};

use super::world::{EXPIRED, NOT_AUTHORIZED, NOW, Signer, World, encode, key_set, with};

const POOL: &str = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_aaa";
const POOL_KEYS: &str = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_aaa/.well-known/jwks.json";
const OTHER_POOL: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_bbb";
const ISSUER: &str = "https://id.example.com/";

pub(super) fn issuers() -> Signer {
    Signer::new(ISSUERS, "k1")
}

fn others() -> Signer {
    Signer::new(OTHER, "k2")
}

/// Two pools in two regions, each with a key of its own.
fn pools() -> World {
    let pool = |id: &str, region: &str, more: Value| {
        let pool = value!({"userPoolId": (id), "awsRegion": (region), "appIdClientRegex": "web|app-.*"});
        with(&pool, more)
    };
    let world = World::of(value!({
        "authenticationType": "AMAZON_COGNITO_USER_POOLS",
        "userPoolConfig": (pool("us-east-1_aaa", "us-east-1", value!({"defaultAction": "DENY"}))),
        "additionalAuthenticationProviders": [{
            "authenticationType": "AMAZON_COGNITO_USER_POOLS",
            "userPoolConfig": (pool("eu-west-1_bbb", "eu-west-1", value!({}))),
        }],
    }));
    world.around.publish(POOL_KEYS, &key_set([issuers().public()]));
    world.around.publish(&format!("{OTHER_POOL}/.well-known/jwks.json"), &key_set([others().public()]));
    world
}

fn id_token() -> Value {
    value!({
        "sub": "1234", "cognito:groups": ["admins", "staff"], "iss": (POOL), "cognito:username": "ada", "aud": "web",
        "token_use": "id", "auth_time": (NOW - 60), "exp": (NOW + 3600), "iat": (NOW - 60), "email": "ada@example.com"
    })
}

fn access_token() -> Value {
    value!({
        "sub": "1234", "iss": (POOL), "username": "ada", "client_id": "app-7", "token_use": "access",
        "exp": (NOW + 3600), "iat": (NOW - 60)
    })
}

/// An OpenID provider, with lifetimes of its own.
fn provider() -> World {
    let world = World::of(value!({
        "authenticationType": "OPENID_CONNECT",
        "openIDConnectConfig": {
            "issuer": "https://id.example.com", "clientId": "web|app-.*", "iatTTL": 600_000, "authTTL": 1_200_000
        },
    }));
    let configuration = value!({"issuer": (ISSUER), "jwks_uri": "https://id.example.com/keys"});
    world.around.publish("https://id.example.com/.well-known/openid-configuration", &configuration);
    let any_algorithm = with(&issuers().public(), value!({"alg": null, "use": null}));
    world.around.publish("https://id.example.com/keys", &key_set([any_algorithm]));
    world
}

fn subject() -> Value {
    value!({
        "iss": (ISSUER), "sub": "1234", "aud": ["api", "web"], "exp": (NOW + 3600), "iat": (NOW - 60), "auth_time": (NOW - 60)
    })
}

#[tokio::test]
async fn a_users_id_token_lets_in() {
    let world = pools();
    let token = issuers().token(&id_token());
    let identity = world.ask(&[("Authorization", &token)]).await.unwrap();
    let expected = format!(
        r#"{{"claims":{},"defaultAuthStrategy":"DENY","groups":["admins","staff"],"issuer":"{POOL}","sourceIp":["192.0.2.7"],"sub":"1234","username":"ada"}}"#,
        id_token().to_text()
    );
    assert_eq!(identity.context.to_text(), expected);
    assert_eq!(identity.groups, ["admins", "staff"]);
    assert!(!identity.is_allowed_by_default);
    assert_eq!(identity.expires_at, Some((NOW + 3600) * 1000));
    for scheme in ["Bearer", "bearer"] {
        assert_eq!(world.by_token(&format!("{scheme} {token}")).await, expected);
    }
}

#[tokio::test]
async fn a_users_access_token_lets_in() {
    let said = pools().by_token(&issuers().token(&access_token())).await;
    let expected = format!(
        r#"{{"claims":{},"defaultAuthStrategy":"DENY","groups":null,"issuer":"{POOL}","sourceIp":["192.0.2.7"],"sub":"1234","username":"ada"}}"#,
        access_token().to_text()
    );
    assert_eq!(said, expected);
}

#[tokio::test]
async fn what_is_wrong_with_a_users_token_keeps_it_out() {
    let world = pools();
    let id = id_token();
    for (changes, expected) in [
        (value!({"exp": (NOW)}), EXPIRED),
        (value!({"exp": (NOW - 1)}), EXPIRED),
        (value!({"exp": null}), NOT_AUTHORIZED),
        (value!({"exp": "tomorrow"}), NOT_AUTHORIZED),
        (value!({"nbf": (NOW + 1)}), NOT_AUTHORIZED),
        (value!({"nbf": "today"}), NOT_AUTHORIZED),
        (value!({"aud": "xweb"}), NOT_AUTHORIZED),
        (value!({"aud": "webx"}), NOT_AUTHORIZED),
        (value!({"aud": null}), NOT_AUTHORIZED),
        // The client of an ID token stands in aud, that of an access token in client_id.
        (value!({"aud": null, "client_id": "web"}), NOT_AUTHORIZED),
        (value!({"token_use": "access"}), NOT_AUTHORIZED),
        (value!({"token_use": "refresh"}), NOT_AUTHORIZED),
        (value!({"token_use": null}), NOT_AUTHORIZED),
        (value!({"iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_ccc"}), NOT_AUTHORIZED),
        (value!({"iss": (format!("{POOL}/"))}), NOT_AUTHORIZED),
        (value!({"iss": null}), NOT_AUTHORIZED),
    ] {
        let claims = with(&id, changes.clone());
        assert_eq!(world.by_token(&issuers().token(&claims)).await, expected, "{}", changes.to_text());
    }
    let fine = with(&id, value!({"nbf": (NOW), "exp": 1_795_867_200.5}));
    assert!(world.by_token(&issuers().token(&fine)).await.starts_with(r#"{"claims""#));
}

#[tokio::test]
async fn only_the_issuers_own_signature_counts() {
    let world = pools();
    let claims = id_token();
    let right = issuers();
    let (text, _) =
        right.token(&claims).rsplit_once('.').map(|(text, end)| (text.to_owned(), end.to_owned())).unwrap();
    // The public key is known to all. Who takes it for a secret takes anybody's signature.
    let shared = |alg: &str| {
        let header = encode(value!({"alg": (alg), "kid": "k1"}).to_text().as_bytes());
        let text = format!("{header}.{}", encode(claims.to_text().as_bytes()));
        let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &right.components().n);
        format!("{text}.{}", encode(ring::hmac::sign(&secret, text.as_bytes()).as_ref()))
    };
    let unsigned = |alg: &str| {
        let header = encode(value!({"alg": (alg), "kid": "k1"}).to_text().as_bytes());
        format!("{header}.{}.", encode(claims.to_text().as_bytes()))
    };
    let header = |header: Value| right.token_with(&header, &claims);
    for (what, token) in [
        ("none", unsigned("none")),
        ("None", unsigned("None")),
        ("nothing", unsigned("RS256")),
        ("HS256", shared("HS256")),
        ("HS256 as RS256", shared("RS256")),
        ("PS256", header(value!({"alg": "PS256", "kid": "k1"}))),
        ("rs256", header(value!({"alg": "rs256", "kid": "k1"}))),
        ("no algorithm", header(value!({"kid": "k1"}))),
        ("an algorithm that the key is not for", header(value!({"alg": "RS512", "kid": "k1"}))),
        ("unknown kid", header(value!({"alg": "RS256", "kid": "k9"}))),
        ("no kid", header(value!({"alg": "RS256"}))),
        ("the other pool's kid", header(value!({"alg": "RS256", "kid": "k2"}))),
        ("crit", header(value!({"alg": "RS256", "kid": "k1", "crit": ["b64"], "b64": false}))),
        ("a key of its own", header(value!({"alg": "RS256", "kid": "k9", "jwk": (others().public())}))),
        ("the other pool's key", others().token(&claims)),
        ("the other pool's key by the right name", Signer::new(OTHER, "k1").token(&claims)),
        ("half a signature", format!("{text}.{}", encode(&[1; 128]))),
        ("zeros", format!("{text}.{}", encode(&[0; 256]))),
    ] {
        assert_eq!(world.by_token(&token).await, NOT_AUTHORIZED, "{what}");
    }
    let unreadable = "401 UnauthorizedException: Unable to parse JWT token.";
    for token in [text.as_str(), "a.b.c", "..", "e30.W10.AA", &format!("{text}.{}", "A".repeat(40_000))] {
        assert_eq!(world.by_token(token).await, unreadable, "{token}");
    }
}

#[tokio::test]
async fn claims_that_are_exchanged_are_found() {
    let token = issuers().token(&access_token());
    let mut parts: Vec<&str> = token.split('.').collect();
    let forged = encode(with(&access_token(), value!({"cognito:groups": ["admins"]})).to_text().as_bytes());
    parts[1] = &forged;
    assert_eq!(pools().by_token(&parts.join(".")).await, NOT_AUTHORIZED);
}

#[tokio::test]
async fn a_pool_vouches_for_its_own_users_only() {
    let world = pools();
    let of_other = with(&id_token(), value!({"iss": (OTHER_POOL)}));
    let said = world.by_token(&others().token(&of_other)).await;
    assert!(said.contains(r#""defaultAuthStrategy":"ALLOW""#) && said.contains(OTHER_POOL), "{said}");
    assert_eq!(world.by_token(&issuers().token(&of_other)).await, NOT_AUTHORIZED);
    assert_eq!(world.by_token(&others().token(&id_token())).await, NOT_AUTHORIZED);
}

#[tokio::test]
async fn what_stands_in_for_cognito_vouches_for_its_pools_by_either_name() {
    let world = pools();
    *world.around.cognito.lock().unwrap() = Some("http://localhost:9229".to_owned());
    let local = "http://localhost:9229/us-east-1_aaa";
    world.around.publish(&format!("{local}/.well-known/jwks.json"), &key_set([issuers().public()]));
    for issuer in [POOL, local] {
        let said = world.by_token(&issuers().token(&with(&id_token(), value!({"iss": (issuer)})))).await;
        assert!(said.contains(&format!(r#""issuer":"{issuer}""#)), "{said}");
    }
    for issuer in [
        "http://localhost:9229/us-east-1_ccc",
        "http://localhost:9229",
        "http://localhost:92290/us-east-1_aaa",
    ] {
        let token = issuers().token(&with(&id_token(), value!({"iss": (issuer)})));
        assert_eq!(world.by_token(&token).await, NOT_AUTHORIZED, "{issuer}");
    }
    assert_eq!(world.around.fetched.lock().unwrap().as_slice(), [format!("{local}/.well-known/jwks.json")]);
}

#[tokio::test]
async fn a_subject_of_an_openid_provider_is_let_in() {
    let world = provider();
    let expected = format!(r#"{{"claims":{},"issuer":"{ISSUER}","sub":"1234"}}"#, subject().to_text());
    for algorithm in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        let header = value!({"alg": (algorithm), "kid": "k1"});
        let token = issuers().token_with(&header, &subject());
        assert_eq!(world.by_token(&format!("Bearer {token}")).await, expected, "{algorithm}");
    }
    let identity = world.ask(&[("authorization", &issuers().token(&subject()))]).await.unwrap();
    // Ten minutes after it was issued, long before it expires by itself.
    assert_eq!(identity.expires_at, Some((NOW - 60 + 600) * 1000));
    let by_azp = with(&subject(), value!({"aud": "api", "azp": "app-1"}));
    assert!(world.by_token(&issuers().token(&by_azp)).await.starts_with(r#"{"claims""#));
}

#[tokio::test]
async fn what_is_wrong_with_a_subjects_token_keeps_it_out() {
    let world = provider();
    for (changes, expected) in [
        (value!({"exp": (NOW - 1)}), EXPIRED),
        (value!({"iat": (NOW - 601)}), EXPIRED),
        (value!({"auth_time": (NOW - 1201)}), EXPIRED),
        (value!({"iat": null}), NOT_AUTHORIZED),
        (value!({"auth_time": null}), NOT_AUTHORIZED),
        (value!({"nbf": (NOW + 1)}), NOT_AUTHORIZED),
        (value!({"aud": "api"}), NOT_AUTHORIZED),
        (value!({"aud": ["api", "xweb"], "azp": "ap"}), NOT_AUTHORIZED),
        (value!({"aud": null}), NOT_AUTHORIZED),
        // The slash that the issuer has itself is missing.
        (value!({"iss": "https://id.example.com"}), NOT_AUTHORIZED),
        (value!({"iss": "https://id.example.com/other"}), NOT_AUTHORIZED),
    ] {
        let claims = with(&subject(), changes.clone());
        assert_eq!(world.by_token(&issuers().token(&claims)).await, expected, "{}", changes.to_text());
    }
    assert_eq!(world.by_token(&others().token(&subject())).await, NOT_AUTHORIZED);
}

#[tokio::test]
async fn a_pattern_that_is_none_lets_no_client_in() {
    let world = World::of(value!({
        "authenticationType": "AMAZON_COGNITO_USER_POOLS",
        "userPoolConfig": {"userPoolId": "us-east-1_aaa", "awsRegion": "us-east-1", "appIdClientRegex": "a)|(.*"},
    }));
    world.around.publish(POOL_KEYS, &key_set([issuers().public()]));
    assert_eq!(world.by_token(&issuers().token(&id_token())).await, NOT_AUTHORIZED);
}
