//! Tokens, and what their issuers publish: the first line is a token, the second an issuer's configuration, the rest its keys.
//!
//! Whoever publishes what: the issuer that the test knows has signed one token only, and no other is taken for its own.

#![no_main]

use std::sync::LazyLock;

use json::{Value, value};
use libfuzzer_sys::fuzz_target;
use tokens::testing::{ISSUERS, Signer, key_set};
use tokens::{Clients, Documents, Issuers, KeysAt, Lifetimes, Token, check_times};
use tokio::runtime::{Builder, Runtime};

const ISSUER: &str = "https://id.example.com";
/// Milliseconds since 1970.
const NOW: i64 = 1_700_000_000_123;

struct World {
    runtime: Runtime,
    /// What the known issuer has signed, and its keys.
    signed: String,
    keys: String,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let signer = Signer::new(ISSUERS, "k1");
    // It is the token of the seeds.
    let token = signer.token(&value!({"iss": ISSUER, "sub": "ada", "aud": "shop", "exp": 1_700_003_600}));
    World {
        runtime: Builder::new_current_thread().enable_time().build().expect("a runtime can be made"),
        signed: token.rsplit_once('.').expect("it has a signature").0.to_owned(),
        keys: key_set([signer.public()]).to_text(),
    }
});

/// What is published of an issuer.
#[derive(Clone)]
struct Published {
    configuration: String,
    keys: String,
}

impl Documents for Published {
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, String> {
        let is_configuration = url.ends_with("/.well-known/openid-configuration");
        Ok(if is_configuration { &self.configuration } else { &self.keys }.clone().into_bytes())
    }

    fn cognito(&self, region: &str) -> Result<String, String> {
        Ok(format!("https://cognito-idp.{region}.amazonaws.com"))
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut parts = text.splitn(3, '\n');
    let mut part = || parts.next().unwrap_or_default();
    let (token, configuration, keys) = (part(), part(), part());
    fuzz::bounded(|| {
        let Some(read) = Token::read(token) else { return };
        let published = Published { configuration: configuration.to_owned(), keys: keys.to_owned() };
        let of_user_pool = KeysAt::UserPool { region: "us-east-1".into(), pool: "us-east-1_abc".into() };
        let discovered = KeysAt::Discovery { issuer: read.issuer().into() };
        for at in [&of_user_pool, &discovered] {
            let _ = verify(at, &read, &published);
        }
        let known = Published { configuration: String::new(), keys: WORLD.keys.clone() };
        if verify(&of_user_pool, &read, &known) {
            let signed = token.rsplit_once('.').map(|(signed, _)| signed);
            assert_eq!(signed, Some(WORLD.signed.as_str()), "its issuer has not signed it");
        }
        let lifetimes = Lifetimes { issued: Some(60_000), authenticated: Some(i64::MAX) };
        for lifetimes in [Lifetimes::default(), lifetimes] {
            assert!(check_times(&read.claims, lifetimes, NOW).map_or(true, |ends| ends > NOW));
        }
        let pattern = read.claims.get("pattern").and_then(Value::as_str);
        Clients::of(pattern).allow(read.claims.get("aud"));
    });
});

fn verify(at: &KeysAt, token: &Token<'_>, documents: &Published) -> bool {
    WORLD.runtime.block_on(Issuers::default().verify(at, token, documents, NOW)).is_ok()
}
