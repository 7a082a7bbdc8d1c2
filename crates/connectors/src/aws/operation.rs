//! Operations that this process's own services call: any operation of any service, wherever that is.
//!
//! Such a call goes where a Task's would: to an endpoint, to a service of this process, to a function that runs here.
//! Never here: retries. [`CallTrouble::may_pass`] says whether one can help.

use aws_models::Operation;
use aws_protocols::{Refusal, Request, ServiceError};
use hyper::body::Bytes;
use json::Value;

use crate::connectors::{Caller, Connectors, UnderWay};
use crate::endpoints::Target;
use crate::exchange::{self, Outgoing, Trouble};
use crate::http_client::Limits;
use crate::metadata::ResponseMetadata;

/// Why an operation has no output.
#[derive(Clone, Debug, PartialEq)]
pub enum CallTrouble {
    /// There was no call: nothing says where the service is, or the input is not the operation's. The text says what to do.
    NotMade(String),
    /// The service said no.
    Refused(Box<ServiceError>),
    /// There was no answer, or none that can be read. Whether the call was carried out is unknown.
    NoAnswer(String),
}

impl Connectors {
    /// Calls an operation to its end. `service` is called as botocore does (`sqs`, `stepfunctions`, `events`), `operation`
    /// as in the model (`SendMessage`). Members of input and output have the names that a state machine has for them, with
    /// a capital first; blobs are their texts, times ISO 8601. `token` stays the same if the call is made again.
    ///
    /// A call that leaves this process stands in the line of its target; one that stays takes nobody's place.
    pub async fn call_operation(
        &self,
        service: &str,
        operation: &str,
        input: &Value,
        caller: &Caller,
        token: &str,
    ) -> Result<Value, CallTrouble> {
        let found = found(service, operation)?;
        let request = aws_protocols::request(found, input, token);
        let (metadata, body) = self.operate(found, input, request, None, caller, token).await?;
        Ok(exchange::output(found, &metadata, &body)?)
    }

    /// As [`Connectors::call_operation`], with blobs in Base64, in the input and in the output, since they need be no texts.
    pub async fn call_with_base64(
        &self,
        service: &str,
        operation: &str,
        input: &Value,
        caller: &Caller,
        token: &str,
    ) -> Result<Value, CallTrouble> {
        let found = found(service, operation)?;
        let request = aws_protocols::request_with_base64(found, input, token);
        let (metadata, body) = self.operate(found, input, request, None, caller, token).await?;
        Ok(exchange::output_with_base64(found, &metadata, &body)?)
    }

    /// As [`Connectors::call_operation`], with a body that need be no text: the one member that is the body, which the input
    /// leaves out. (`Payload` of an invocation)
    pub async fn call_with_body(
        &self,
        service: &str,
        operation: &str,
        input: &Value,
        body: Bytes,
        caller: &Caller,
        token: &str,
    ) -> Result<Value, CallTrouble> {
        let found = found(service, operation)?;
        let request = aws_protocols::request_with_body(found, input, body.to_vec(), token);
        let (metadata, body) = self.operate(found, input, request, Some(body), caller, token).await?;
        Ok(exchange::output(found, &metadata, &body)?)
    }

    async fn operate(
        &self,
        found: Operation<'static>,
        input: &Value,
        request: Result<Request, Refusal>,
        body: Option<Bytes>,
        caller: &Caller,
        token: &str,
    ) -> Result<(ResponseMetadata, Bytes), CallTrouble> {
        let mut head: Request =
            request.map_err(|refusal| exchange::not_made(found, &input.to_text(), &refusal))?;
        let body = body.unwrap_or_else(|| std::mem::take(&mut head.body).into());
        head.body = Vec::new();
        let routes = self.routes();
        let _place = match routes.access.find(found, input, &caller.region) {
            Ok(Target::Place(_)) if !routes.runs_here(found, input) => {
                Some(routes.lines.place_of(found.service().name(), input).await)
            }
            _ => None,
        };
        let _under_way = UnderWay::begin(&self.calls);
        let outgoing = Outgoing {
            operation: found,
            input,
            head: &head,
            body,
            caller,
            role: None,
            token,
            limits: Limits::SERVICE,
        };
        // In a box: it is most of the future, and many of those wait in line.
        Ok(Box::pin(exchange::exchange(&routes, outgoing)).await?)
    }
}

fn found(service: &str, operation: &str) -> Result<Operation<'static>, CallTrouble> {
    let found = aws_models::service(service).and_then(|service| service.operation_named(operation));
    found.ok_or_else(|| CallTrouble::NotMade(format!("The service {service} has no operation {operation}.")))
}

impl CallTrouble {
    /// Whether the same call may succeed later: the service was not reached, failed, or was asked too much.
    pub fn may_pass(&self) -> bool {
        match self {
            CallTrouble::NotMade(_) => false,
            CallTrouble::Refused(error) => {
                error.status >= 500 || error.status == 429 || error.code.contains("Throttl")
            }
            CallTrouble::NoAnswer(_) => true,
        }
    }

    /// The error's name as Retry and Catch match it: `Sqs.QueueDoesNotExistException`.
    pub fn name(&self) -> String {
        match self {
            CallTrouble::NotMade(_) => aws_names::error::RUNTIME.to_owned(),
            CallTrouble::Refused(error) => error.name(),
            CallTrouble::NoAnswer(_) => aws_names::error::TASK_FAILED.to_owned(),
        }
    }

    /// What happened, for people.
    pub fn cause(&self) -> String {
        match self {
            CallTrouble::NotMade(cause) | CallTrouble::NoAnswer(cause) => cause.clone(),
            CallTrouble::Refused(error) => error.cause(),
        }
    }
}

impl From<Trouble> for CallTrouble {
    fn from(trouble: Trouble) -> CallTrouble {
        match trouble {
            Trouble::BeforeTheCall(failure) => CallTrouble::NotMade(failure.cause.unwrap_or_default()),
            Trouble::Refused(error) => CallTrouble::Refused(error),
            Trouble::NoAnswer(cause) => CallTrouble::NoAnswer(cause),
        }
    }
}
