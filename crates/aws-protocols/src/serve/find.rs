//! Which operation a request asks for, among the services that are offered.
//!
//! Never here: reading its input.

use aws_models::{Operation, Protocol, Service};
use json::Value;

use super::malformed::Malformed;
use super::paths::Paths;
use super::{Answer, Fault, Incoming, form, form_input, json_input, rest_input};

/// Services that are offered, and the paths of those whose operations are paths.
#[derive(Default)]
pub struct Offered {
    services: Vec<&'static Service>,
    paths: Paths,
}

/// What a request asks for.
#[derive(Clone, Copy)]
pub struct Asked {
    /// The operation, whose service is one of those offered.
    pub operation: Operation<'static>,
    pub(super) wire: Wire,
}

/// How the request is written, and so the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    /// JSON, the operation in a header.
    Json,
    /// The operation in method and path.
    Rest,
    /// A form in, XML out.
    Query,
}

/// Why no operation was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The request is for none of these services.
    Elsewhere,
    /// It is, and its service has no such operation.
    Operation(UnknownOperation),
}

/// An operation that its service does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownOperation {
    wire: Wire,
    service: &'static str,
    /// What was asked for: `SendMassage`, `GET /2015-03-31/nothing`.
    pub name: String,
}

impl Offered {
    /// Offers services that speak JSON, REST with JSON or query. Others are left out.
    pub fn new(services: impl IntoIterator<Item = &'static Service>) -> Offered {
        let is_served = |service: &&'static Service| {
            matches!(service.protocol(), Protocol::Json | Protocol::RestJson | Protocol::Query)
        };
        let services: Vec<_> = services.into_iter().filter(is_served).collect();
        let paths = Paths::new(services.iter().copied().filter(|it| it.protocol() == Protocol::RestJson));
        Offered { services, paths }
    }

    /// What a request asks for. The service that it is signed for, if it is signed, decides where two have the same
    /// path; without a signature the one that was offered first has it.
    pub fn find(&self, incoming: &Incoming<'_>) -> Result<Asked, Unknown> {
        if let Some(target) = incoming.header("x-amz-target") {
            return self.by_target(target);
        }
        if let Some(form) = incoming.form()
            && let Some(action) = form::value(form, "Action")
        {
            return self.by_action(&action, &form::value(form, "Version").unwrap_or_default(), incoming.path);
        }
        self.by_path(incoming)
    }

    /// `AmazonSQS.SendMessage`
    fn by_target(&self, target: &str) -> Result<Asked, Unknown> {
        let (prefix, name) = target.rsplit_once('.').ok_or(Unknown::Elsewhere)?;
        let service = self.services.iter().find(|service| service.target_prefix() == Some(prefix));
        let service: &'static Service = service.ok_or(Unknown::Elsewhere)?;
        operation(service, name, Wire::Json)
    }

    /// `Action=Publish&Version=2010-03-31`. Addresses that SNS gives away have no version: whoever has the action is meant.
    fn by_action(&self, action: &str, version: &str, path: &str) -> Result<Asked, Unknown> {
        let speaks_query =
            |it: &&&'static Service| it.protocol() == Protocol::Query || it.is_query_compatible();
        let is_meant = |it: &&&'static Service| match version {
            "" => path == "/" && it.operation_named(action).is_some(),
            version => it.api_version() == version,
        };
        let mut services = self.services.iter().filter(speaks_query).filter(is_meant);
        let service: &'static Service = services.next().ok_or(Unknown::Elsewhere)?;
        operation(service, action, Wire::Query)
    }

    fn by_path(&self, incoming: &Incoming<'_>) -> Result<Asked, Unknown> {
        let signed_for = incoming.signing_name();
        if let Some(operation) = self.paths.find(incoming, signed_for) {
            return Ok(Asked { operation, wire: Wire::Rest });
        }
        let is_meant = |service: &&&'static Service| {
            service.protocol() == Protocol::RestJson && signed_for == Some(service.signing_name())
        };
        let service = self.services.iter().find(is_meant).ok_or(Unknown::Elsewhere)?;
        let name = format!("{} {}", incoming.method, incoming.path);
        Err(Unknown::Operation(UnknownOperation { wire: Wire::Rest, service: service.name(), name }))
    }
}

impl Asked {
    /// An operation that is asked for by the protocol that its service prefers: within this process.
    pub fn of(operation: Operation<'static>) -> Asked {
        let wire = match operation.service().protocol() {
            Protocol::Json | Protocol::Cbor => Wire::Json,
            Protocol::RestJson | Protocol::RestXml => Wire::Rest,
            Protocol::Query | Protocol::Ec2 => Wire::Query,
        };
        Asked { operation, wire }
    }

    /// Reads the input of a request that asks for this operation: an object, its members named as the model names them.
    /// What the model does not know is left out. Fails if something has another type than the model's.
    pub fn input(&self, incoming: &Incoming<'_>) -> Result<Value, Fault> {
        let read = match self.wire {
            Wire::Json => json_input::body(incoming.body, self.operation),
            Wire::Rest => rest_input::input(self.operation, incoming),
            Wire::Query => form_input::input(self.operation, incoming),
        };
        read.map_err(|malformed: Malformed| {
            let code = if self.wire == Wire::Query { "MalformedInput" } else { "SerializationException" };
            Fault::new(code, malformed.text(self.operation.service().name()))
        })
    }

    /// Refuses an input that breaks constraints of the model, with AWS's text for all of them at once. Some services
    /// have words of their own, and call [`violations`](super::violations) or nothing in its place.
    pub fn check(&self, input: &Value) -> Result<(), Fault> {
        let Some(shape) = self.operation.input() else { return Ok(()) };
        let violations = super::violations(input, shape);
        if violations.is_empty() {
            return Ok(());
        }
        let count = violations.len();
        let plural = if count == 1 { "" } else { "s" };
        let message = format!("{count} validation error{plural} detected: {}", violations.join("; "));
        let code = if self.wire == Wire::Query { "ValidationError" } else { "ValidationException" };
        Err(Fault::new(code, message))
    }
}

impl UnknownOperation {
    /// For whom its signature must be.
    pub fn signing_name(&self) -> &'static str {
        aws_models::service(self.service).map_or("", Service::signing_name)
    }

    /// What the caller is told.
    pub fn answer(&self, request_id: &str) -> Answer {
        let UnknownOperation { wire, service, name } = self;
        let service = aws_models::service(service);
        let version = service.map_or("", Service::api_version);
        let fault = match wire {
            Wire::Json => Fault::new("UnknownOperationException", format!("There is no operation {name}.")),
            Wire::Rest => Fault {
                status: 404,
                ..Fault::new("UnknownOperationException", format!("There is no {name}."))
            },
            Wire::Query => {
                Fault::new("InvalidAction", format!("Could not find operation {name} for version {version}"))
            }
        };
        fault.write(service, None, *wire, request_id)
    }
}

fn operation(service: &'static Service, name: &str, wire: Wire) -> Result<Asked, Unknown> {
    match service.operation_named(name) {
        Some(operation) => Ok(Asked { operation, wire }),
        None => {
            let name = name.to_owned();
            Err(Unknown::Operation(UnknownOperation { wire, service: service.name(), name }))
        }
    }
}
