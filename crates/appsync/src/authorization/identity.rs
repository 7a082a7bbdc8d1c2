//! Who asks, and what handlers see of it. (spec/appsync.md §10)

use aws_names::Scope;
use json::{Object, Text, Value, value};
use services::Members;

/// A way to be let in. (`authenticationType`)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    /// `API_KEY`
    #[default]
    ApiKey,
    /// `AWS_IAM`
    Iam,
    /// `AMAZON_COGNITO_USER_POOLS`
    UserPools,
    /// `OPENID_CONNECT`
    Oidc,
    /// `AWS_LAMBDA`
    Lambda,
}

impl Mode {
    /// By the name that the API has for it.
    pub fn of(name: &str) -> Option<Mode> {
        Some(match name {
            "API_KEY" => Mode::ApiKey,
            "AWS_IAM" => Mode::Iam,
            "AMAZON_COGNITO_USER_POOLS" => Mode::UserPools,
            "OPENID_CONNECT" => Mode::Oidc,
            "AWS_LAMBDA" => Mode::Lambda,
            _ => return None,
        })
    }

    /// What `util.authType()` says.
    pub fn auth_type(self) -> &'static str {
        match self {
            Mode::ApiKey => "API Key Authorization",
            Mode::Iam => "IAM Authorization",
            Mode::UserPools => "User Pool Authorization",
            Mode::Oidc => "Open ID Connect Authorization",
            Mode::Lambda => "Lambda Authorization",
        }
    }
}

/// Somebody who was let in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Identity {
    /// How.
    pub mode: Mode,
    /// `ctx.identity`; null for API keys.
    pub context: Value,
    /// The groups of a user pool's user.
    pub groups: Vec<Text>,
    /// Whether a user pool's `defaultAction` lets its users see what no directive speaks of.
    pub is_allowed_by_default: bool,
    /// Fields that a function that authorises denied: `Type.field`.
    pub denied_fields: Vec<Text>,
    /// When what the client showed expires, in milliseconds since 1970: connections end by then.
    pub expires_at: Option<i64>,
    /// The key, or the function's ARN, by which they are judged again ([`stay`](super::stay)). Empty for other modes.
    pub by: Text,
}

impl Identity {
    fn new(mode: Mode, context: Value) -> Identity {
        Identity { mode, context, is_allowed_by_default: true, ..Identity::default() }
    }

    /// Of a key, which names nobody.
    pub(super) fn of_key(key: &str, expires_at: i64) -> Identity {
        let identity = Identity::new(Mode::ApiKey, Value::Null);
        Identity { expires_at: Some(expires_at), by: key.into(), ..identity }
    }

    /// Of whoever holds an access key. The server has keys and no users: the key stands for its user.
    pub(super) fn of_signature(scope: &Scope, access_key: &str, source_ip: &str) -> Identity {
        let Scope { partition, account, .. } = scope;
        let context = value!({
            "accountId": (account.as_str()),
            "cognitoIdentityAuthProvider": null,
            "cognitoIdentityAuthType": null,
            "cognitoIdentityId": null,
            "cognitoIdentityPoolId": null,
            "sourceIp": [(source_ip)],
            "userArn": (format!("arn:{partition}:iam::{account}:user/{access_key}")),
            "username": (access_key),
        });
        Identity::new(Mode::Iam, context)
    }

    /// Of a user of a user pool, by the claims of an ID token or an access token.
    pub(super) fn of_user(
        claims: &Object,
        is_allowed_by_default: bool,
        source_ip: &str,
        expires_at: i64,
    ) -> Identity {
        let groups: Vec<Text> = claims.texts("cognito:groups").into_iter().map(Text::from).collect();
        let username = claims.member("cognito:username").or_else(|| claims.member("username"));
        let context = value!({
            "claims": (claims.clone()),
            "defaultAuthStrategy": (if is_allowed_by_default { "ALLOW" } else { "DENY" }),
            "groups": (claims.member("cognito:groups").cloned()),
            "issuer": (claims.member("iss").cloned()),
            "sourceIp": [(source_ip)],
            "sub": (claims.member("sub").cloned()),
            "username": (username.cloned()),
        });
        Identity {
            groups,
            is_allowed_by_default,
            expires_at: Some(expires_at),
            ..Identity::new(Mode::UserPools, context)
        }
    }

    /// Of whom an OpenID provider vouches for.
    pub(super) fn of_subject(claims: &Object, expires_at: i64) -> Identity {
        let context = value!({
            "claims": (claims.clone()),
            "issuer": (claims.member("iss").cloned()),
            "sub": (claims.member("sub").cloned()),
        });
        Identity { expires_at: Some(expires_at), ..Identity::new(Mode::Oidc, context) }
    }

    /// Of whom a function has let in. `context` is `{"resolverContext": {…}}`, or `handlerContext` for events.
    pub(super) fn of_function(arn: Text, context: Value, denied_fields: Vec<Text>) -> Identity {
        Identity { denied_fields, by: arn, ..Identity::new(Mode::Lambda, context) }
    }
}
