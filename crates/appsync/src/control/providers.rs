//! Who may be let in: the modes of an API, with what each of them needs. (`authenticationType` and its configurations)

use json::{Array, Object, Text, Value};
use services::members::part_mut;
use services::{Fault, Members};

use super::fault::bad;
use super::patterns;

/// AWS keeps a function's answer so long if nothing else is said, in seconds.
const AUTHORIZER_TTL_SECONDS: i64 = 300;

/// The member that a mode needs, if it needs one.
fn needed(mode: &str) -> Option<&'static str> {
    match mode {
        "AMAZON_COGNITO_USER_POOLS" => Some("userPoolConfig"),
        "OPENID_CONNECT" => Some("openIDConnectConfig"),
        "AWS_LAMBDA" => Some("lambdaAuthorizerConfig"),
        _ => None,
    }
}

/// Checks the modes of a GraphQL API, and writes down what they are by default.
pub(super) fn settle(api: &mut Object) -> Result<(), Fault> {
    settle_one(api, "authenticationType")?;
    let mut seen = vec![identity(api, "authenticationType")];
    let Some(Value::Array(more)) = api.get_mut("additionalAuthenticationProviders") else { return Ok(()) };
    for provider in more.make_mut() {
        let Value::Object(provider) = provider else { continue };
        if provider.text("authenticationType").is_none() {
            return Err(bad("An additional authentication provider needs its authenticationType"));
        }
        settle_one(provider, "authenticationType")?;
        let identity = identity(provider, "authenticationType");
        if seen.contains(&identity) {
            return Err(bad(format!("The authentication provider {} is there more than once", identity.0)));
        }
        seen.push(identity);
    }
    Ok(())
}

/// Checks the modes of an API of the Events API, and those that connections, publishers and subscribers use.
pub(super) fn settle_events(config: &mut Object) -> Result<(), Fault> {
    let Some(Value::Array(providers)) = config.get_mut("authProviders") else {
        return Err(bad("eventConfig needs authProviders"));
    };
    let mut seen: Vec<(Text, Text)> = Vec::new();
    for provider in providers.make_mut() {
        let Value::Object(provider) = provider else { continue };
        settle_one(provider, "authType")?;
        let identity = identity(provider, "authType");
        if seen.contains(&identity) {
            return Err(bad(format!("The auth provider {} is there more than once", identity.0)));
        }
        seen.push(identity);
    }
    if seen.is_empty() {
        return Err(bad("eventConfig.authProviders must name one mode at least"));
    }
    let known: Vec<Text> = seen.into_iter().map(|(mode, _)| mode).collect();
    for member in ["connectionAuthModes", "defaultPublishAuthModes", "defaultSubscribeAuthModes"] {
        modes(&known, member, config.get(member))?;
        if config.get(member).and_then(Value::as_array).is_none_or(Array::is_empty) {
            return Err(bad(format!("eventConfig.{member} must name one mode at least")));
        }
    }
    Ok(())
}

/// Whether all modes of a list are the API's.
pub(super) fn modes(known: &[Text], member: &str, modes: Option<&Value>) -> Result<(), Fault> {
    let modes = modes.and_then(Value::as_array).map(Array::as_slice).unwrap_or_default();
    for mode in modes {
        let mode = mode.text_or_empty("authType");
        if known.iter().all(|known| known != mode) {
            return Err(bad(format!("{member} names {mode}, which is none of the API's authProviders")));
        }
    }
    Ok(())
}

/// The modes of an API of the Events API.
pub(super) fn of_events(api: &Value) -> Vec<Text> {
    let providers = api.part("eventConfig").get("authProviders").and_then(Value::as_array);
    let providers = providers.map(Array::as_slice).unwrap_or_default();
    providers.iter().map(|provider| Text::from(provider.text_or_empty("authType"))).collect()
}

/// What may not be there twice: a mode, with its pool or issuer where there may be several of it.
fn identity(provider: &Object, member: &str) -> (Text, Text) {
    let pool = provider.part("userPoolConfig").text("userPoolId");
    let pool = pool.or_else(|| provider.part("cognitoConfig").text("userPoolId"));
    let mode = provider.text_or_empty(member);
    let of = match mode {
        "AMAZON_COGNITO_USER_POOLS" => pool.unwrap_or_default(),
        "OPENID_CONNECT" => provider.part("openIDConnectConfig").text_or_empty("issuer"),
        _ => "",
    };
    (mode.into(), of.into())
}

fn settle_one(provider: &mut Object, member: &str) -> Result<(), Fault> {
    let mode = Text::from(provider.text_or_empty(member));
    if let Some(needed) = needed(&mode) {
        let needed =
            if needed == "userPoolConfig" && member == "authType" { "cognitoConfig" } else { needed };
        if provider.member(needed).is_none() {
            return Err(bad(format!("{mode} needs {needed}")));
        }
    }
    for config in ["userPoolConfig", "cognitoConfig"] {
        patterns::regex("appIdClientRegex", provider.part(config).text("appIdClientRegex"))?;
    }
    if let Some(config) = provider.member("openIDConnectConfig") {
        patterns::url("openIDConnectConfig.issuer", config.text_or_empty("issuer"))?;
        patterns::regex("openIDConnectConfig.clientId", config.text("clientId"))?;
    }
    if provider.member("lambdaAuthorizerConfig").is_some() {
        let config = part_mut(provider, "lambdaAuthorizerConfig");
        let uri = config.text_or_empty("authorizerUri");
        patterns::arn("lambdaAuthorizerConfig.authorizerUri", uri, "lambda")?;
        patterns::regex("identityValidationExpression", config.text("identityValidationExpression"))?;
        if config.member("authorizerResultTtlInSeconds").is_none() {
            config.insert("authorizerResultTtlInSeconds", AUTHORIZER_TTL_SECONDS);
        }
    }
    Ok(())
}
