//! Answers, and refusals in AppSync's words. (spec/appsync.md §2)

use graphql::Refusal as Refused;
use json::{Object, Text, Value};

use super::Answered;
use crate::authorization::Refusal;
use crate::exchange::Response;

/// AppSync's bound on a response.
const RESPONSE_BYTES_MAX: usize = 5 << 20;

/// A request that has another status than 200.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Malformed {
    pub status: u16,
    pub error_type: &'static str,
    /// `errors`
    pub errors: Value,
}

impl Malformed {
    fn new(status: u16, error_type: &'static str, message: &str) -> Malformed {
        let errors = json::value!([{"errorType": error_type, "message": message}]);
        Malformed { status, error_type, errors }
    }

    pub fn bad(message: &str) -> Malformed {
        Malformed::new(400, "MalformedHttpRequestException", message)
    }

    pub fn unparsable() -> Malformed {
        Malformed::bad("Unable to parse GraphQL query.")
    }

    pub fn no_api() -> Malformed {
        Malformed::new(404, "NotFoundException", "GraphQL API not found.")
    }

    pub fn no_schema() -> Malformed {
        Malformed::new(502, "GraphQLSchemaException", "No schema definition exists.")
    }

    /// There is no room for another subscription.
    pub fn full() -> Malformed {
        Malformed::new(429, "LimitExceededException", "The server has no room for another subscription")
    }

    pub fn refused(refusal: Refusal) -> Malformed {
        Malformed::new(refusal.status, refusal.error_type, &refusal.message)
    }

    pub fn response(&self, request_id: &str) -> Response {
        let body = json::value!({"errors": (self.errors.clone())});
        let mut response = Response::json(self.status, &body, request_id);
        response.headers.push(("x-amzn-errortype".into(), self.error_type.into()));
        response
    }
}

impl From<ledger::Refused> for Malformed {
    fn from(refused: ledger::Refused) -> Malformed {
        Malformed::new(503, "ServiceUnavailableException", &refused.to_string())
    }
}

/// A document that is not executed: 400 if it is none or does not say what is meant, and otherwise 200.
pub(super) fn refused(refusal: Refused) -> Result<Answered, Malformed> {
    match &refusal {
        Refused::Syntax(_) => Err(Malformed::unparsable()),
        Refused::Operation(message) => Err(Malformed::new(400, "BadRequestException", message)),
        Refused::Invalid(_) => {
            let body = json::value!({"data": null, "errors": (refusal.to_json())});
            Ok(Answered { body, headers: Vec::new() })
        }
    }
}

pub(super) fn subscription_over_http() -> Result<Answered, Malformed> {
    let message = "Subscriptions are not supported over HTTP: connect to the API's REALTIME address.";
    let body = json::value!({"data": null, "errors": [{
        "path": null, "locations": null, "errorType": "UnsupportedOperation", "message": message
    }]});
    Ok(Answered { body, headers: Vec::new() })
}

pub(super) fn response(answered: Answered, request_id: &Text) -> Response {
    let Answered { body, headers } = answered;
    let mut response = Response::json(200, &body, request_id);
    if response.body.len() > RESPONSE_BYTES_MAX {
        let errors = json::value!({"data": null, "errors": [{
            "path": null, "locations": null, "errorType": "ResponseSizeTooLarge",
            "message": (format!("The response is larger than {RESPONSE_BYTES_MAX} bytes"))
        }]});
        response = Response::json(200, &errors, request_id);
    }
    response.headers.push(("x-amzn-appsync-tokensconsumed".into(), "1".into()));
    let added = headers.iter().map(|(name, value)| (name.to_string().into(), value.to_string().into()));
    response.headers.extend(added);
    response
}

/// Pages of any site may ask: whom an API lets in, its author says.
pub(crate) fn allow_pages(response: &mut Response) {
    const ALLOWED: &str =
        "authorization,content-type,x-api-key,x-amz-date,x-amz-security-token,x-amz-user-agent";
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-headers", ALLOWED),
        ("access-control-allow-methods", "GET,POST,OPTIONS"),
        ("access-control-expose-headers", "x-amzn-requestid,x-amzn-errortype"),
    ] {
        response.headers.push((name.into(), value.into()));
    }
}

/// One entry of `errors` that concerns the request as a whole.
pub(crate) fn whole_error(error_type: &str, message: &str) -> Value {
    let mut error = Object::new();
    error.insert("errorType", error_type);
    error.insert("message", message);
    error.into()
}
