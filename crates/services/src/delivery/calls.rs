//! Calls of other services, as couriers make them.

use connectors::Answering;
use json::{Text, Value};

/// Calls any operation of any service: one of this process, or wherever the settings point it.
pub trait Calls: Send + Sync {
    /// Makes one call, to its end.
    fn call<'a>(&'a self, call: &'a OutCall) -> Answering<'a, Result<Value, Trouble>>;
}

/// A call of an operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutCall {
    /// As botocore names it: `sqs`, `sns`, `events`, `lambda`, `stepfunctions`. `http` with the operation `invoke` is an HTTP
    /// task of Step Functions: an endpoint with a connection.
    pub service: Text,
    /// As the model names it: `SendMessage`.
    pub operation: Text,
    /// Members as aws-sdk Tasks spell them: with a capital first letter; blobs are their text, but for the Payload of Lambda's
    /// Invoke, which is Base64.
    pub input: Value,
    /// Whether blobs are in Base64 all the same, because they need be no texts.
    pub has_base64: bool,
    /// As whom AWS itself would be called.
    pub role_arn: Option<Text>,
    /// The region of whoever calls.
    pub region: Text,
    /// The ARN of whoever calls: a rule, a subscription.
    pub source_arn: Text,
    /// The same for every repetition of this very call.
    pub token: String,
}

/// Why a call did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The service's error code, or one of ours: `SDK_CLIENT_ERROR`.
    pub code: Text,
    /// What it said.
    pub message: String,
    /// Whether the same call could succeed later.
    pub may_pass: bool,
}

impl Trouble {
    /// It stays as it is, however often one asks.
    pub fn lasting(code: &str, message: impl Into<String>) -> Trouble {
        Trouble { code: code.into(), message: message.into(), may_pass: false }
    }

    /// It may pass.
    pub fn passing(code: &str, message: impl Into<String>) -> Trouble {
        Trouble { code: code.into(), message: message.into(), may_pass: true }
    }
}
