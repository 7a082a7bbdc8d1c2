//! Whom an API calls: the ports through which whoever runs this crate reaches services, functions and servers.

use std::pin::Pin;

/// What a port answers later.
pub type Answering<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The world behind the APIs. Dropping a future gives the call up.
pub trait Backend: Send + Sync {
    /// Sends a request to a service of AWS, wherever that is, and reads its answer; an error of the service is one.
    fn call_service<'a>(&'a self, call: ServiceCall) -> Answering<'a, Result<BackendAnswer, Trouble>>;

    /// Invokes a function.
    fn invoke_function<'a>(&'a self, call: FunctionCall) -> Answering<'a, Result<FunctionAnswer, Trouble>>;

    /// Fetches a document that an issuer of tokens publishes, or says why there is none.
    fn fetch<'a>(&'a self, url: &'a str) -> Answering<'a, Result<Vec<u8>, String>>;

    /// Where a service is in a region, as the beginning of its URLs without a slash at the end; or what to set.
    ///
    /// # Errors
    /// Nothing says where it is.
    fn address(&self, service: &str, region: &str) -> Result<String, String>;

    /// Sends a request to a server.
    fn http<'a>(&'a self, call: HttpCall) -> Answering<'a, Result<BackendAnswer, Trouble>>;
}

/// A request to a service, as the service's protocol has it, but for its host and signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceCall {
    /// By botocore's name: `stepfunctions`.
    pub service: String,
    /// What the service's hosts are named after: `states`.
    pub host_prefix: String,
    /// `us-east-1`
    pub region: String,
    /// `StartExecution`, where the integration names it.
    pub operation: Option<String>,
    /// `POST`
    pub method: String,
    /// Percent-encoded.
    pub path: String,
    /// Percent-encoded, without the question mark.
    pub query: String,
    /// In their order.
    pub headers: Vec<(String, String)>,
    /// As the mapping left it.
    pub body: Vec<u8>,
    /// As whom it is made, where roles count.
    pub role: Option<String>,
}

/// An invocation of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionCall {
    /// A name or an ARN, perhaps with a qualifier.
    pub function: String,
    /// JSON.
    pub payload: Vec<u8>,
    /// Nobody waits for the result.
    pub is_event: bool,
    /// As whom it is made, where roles count.
    pub role: Option<String>,
}

/// A request to a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpCall {
    /// `GET`, …
    pub method: String,
    /// With its query.
    pub url: String,
    /// In their order; a name may repeat.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Vec<u8>,
}

/// What came back by HTTP, or might have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackendAnswer {
    /// `200`
    pub status: u16,
    /// In their order; a name may repeat.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

/// What a function answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionAnswer {
    /// JSON; empty if nobody waited.
    pub payload: Vec<u8>,
    /// The function failed, and the payload tells how.
    pub is_error: bool,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The call could not be made: nobody is there by that name, or nobody may be called. For whoever runs the API.
    Refused(String),
    /// The connection broke, or never came about.
    Broken(String),
    /// It took too long.
    TimedOut,
}
