//! Who asks.

use json::{Text, Value};

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
    /// Fields that a function that authorises denied: `Type.field`, or their ARNs.
    pub denied_fields: Vec<Text>,
    /// When what the client showed expires, in milliseconds since 1970: connections end by then.
    pub expires_at: Option<i64>,
}

impl Identity {
    /// Of a key, which names nobody.
    pub fn api_key() -> Identity {
        Identity { is_allowed_by_default: true, ..Identity::default() }
    }
}
