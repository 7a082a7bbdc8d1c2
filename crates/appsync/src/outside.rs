//! The port: everything that an API reaches outside of itself.

use std::pin::Pin;

use json::{Text, Value};

/// What a port answers later.
pub(crate) type Answering<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The world around the APIs. Dropping a future gives the call up.
pub(crate) trait Outside: Send + Sync {
    /// Calls an operation of a service of AWS, wherever that is.
    fn call<'a>(&'a self, call: ServiceCall) -> Answering<'a, Result<Value, Trouble>>;

    /// Sends a request to a server; signed, to a service in its own protocol, or to a host that AWS gives to somebody.
    fn http<'a>(&'a self, call: HttpCall) -> Answering<'a, Result<HttpAnswer, Trouble>>;

    /// Fetches a document that a configuration names, such as an issuer's keys.
    fn fetch<'a>(&'a self, url: &'a str) -> Answering<'a, Result<Vec<u8>, Trouble>>;

    /// Where a service is in a region, as the beginning of its URLs without a slash at the end: for documents that are fetched
    /// from it. Where AWS has it, unless the settings say more.
    fn address(&self, service: &'static str, region: &str) -> Result<String, Trouble> {
        let suffix = aws_models::partition(region).suffix;
        Ok(format!("https://{service}.{region}.{suffix}"))
    }
}

/// A call of an operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ServiceCall {
    /// As botocore names it: `dynamodb`, `lambda`, `events`, `rds-data`, `bedrock-runtime`.
    pub service: &'static str,
    /// As the model names it: `PutItem`.
    pub operation: &'static str,
    /// Members as aws-sdk Tasks spell them, with a capital first; blobs are Base64.
    pub input: Value,
    /// The one member that is the body, where it need be no text: the `Payload` of an invocation.
    pub body: Option<Vec<u8>>,
    /// As whom AWS itself would be called: the data source's `serviceRoleArn`.
    pub role_arn: Option<Text>,
    /// Empty: the server's own.
    pub region: Text,
}

/// A request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct HttpCall {
    /// `POST`
    pub method: String,
    /// With its query.
    pub url: String,
    /// In their order.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Vec<u8>,
    /// For whom it is to be signed, if at all.
    pub signed: Option<Signed>,
}

/// For whom a request is signed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Signed {
    /// `signingServiceName`: `states`
    pub service: Text,
    /// `signingRegion`
    pub region: Text,
    /// As whom.
    pub role_arn: Option<Text>,
}

/// What came back, whatever its status.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct HttpAnswer {
    /// `200`
    pub status: u16,
    /// In the order of arrival; a name may repeat.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

/// Why a call has no output.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trouble {
    /// The service's code: `ConditionalCheckFailedException`. Empty where nobody answered, or where no call was made.
    pub code: Text,
    /// Of the service's answer; 0 where there was none.
    pub status: u16,
    /// What it said.
    pub message: String,
    /// What else the error had: `Item`, `CancellationReasons`. Null for none.
    pub members: Value,
    /// The service's name for the request.
    pub request_id: Text,
}

impl Trouble {
    /// Nobody answered.
    pub(crate) fn unreachable(message: impl Into<String>) -> Trouble {
        Trouble {
            code: Text::default(),
            status: 0,
            message: message.into(),
            members: Value::Null,
            request_id: Text::default(),
        }
    }
}
