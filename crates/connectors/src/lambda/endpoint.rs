//! The Invoke API (REST and JSON, 2015-03-31) of somebody else. (spec/event-routers.md §5.1)

use asl::Failure;
use aws_models::Operation;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use json::Value;

use super::{Answer, Invocation, InvocationType, ServiceError};
use crate::access::Access;
use crate::connectors::Caller;
use crate::endpoints::Place;
use crate::http_client::{HttpClient, Limits};
use crate::metadata::ResponseMetadata;
use crate::signing::Parts;

/// A client for functions that do not run here.
#[derive(Debug)]
pub(crate) struct LambdaEndpoint {
    client: HttpClient,
}

impl LambdaEndpoint {
    pub(crate) fn new(client: HttpClient) -> LambdaEndpoint {
        LambdaEndpoint { client }
    }

    /// Where a function is invoked; `None` if nothing says where. A function's ARN may name another region
    /// than the caller's.
    pub(crate) fn find(
        &self,
        access: &Access,
        invocation: &Invocation,
        caller: &Caller,
    ) -> Result<Option<Place>, Failure> {
        let operation = operation();
        let function = json::value!({ "FunctionName": (invocation.function.text.as_str()) });
        if !access.endpoints().has(operation.service(), &function) {
            return Ok(None);
        }
        let region = invocation.function.region.as_deref().unwrap_or(&caller.region);
        // Whoever offers Lambda's API in this process calls functions here, too.
        access.endpoints().find_outside(operation, &function, region).map(Some)
    }

    /// Invokes a function at a place. `role` is the Task's.
    pub(crate) async fn invoke(
        &self,
        access: &Access,
        place: &Place,
        invocation: &Invocation,
        caller: &Caller,
        role: Option<&str>,
    ) -> Result<Answer, Failure> {
        let request = request(access, place, invocation, caller, role).await?;
        let (metadata, body) = self.client.send(request, Limits::SERVICE).await.map_err(|error| {
            say_what_is_set(place, invocation, &error.to_string());
            Failure::new("Lambda.SdkClientException", error.to_string())
        })?;
        if (200..=299).contains(&metadata.status) {
            return Ok(Answer { metadata, payload: body });
        }
        let error = service_error(&metadata, &body);
        if !error.has_code() {
            let answer = format!("answers {} without an error of the Lambda API", metadata.status);
            say_what_is_set(place, invocation, &answer);
        }
        Err(error.into_failure())
    }
}

/// Whether it is the operation that calls a function.
pub(crate) fn is_invoke(operation: Operation<'_>) -> bool {
    operation.name() == "Invoke" && operation.service().name() == "lambda"
}

fn operation() -> Operation<'static> {
    let operation = aws_models::service("lambda").and_then(|lambda| lambda.operation("invoke"));
    let Some(operation) = operation else { unreachable!("the models have Lambda, and it has Invoke") };
    operation
}

/// AWS's words for a server that is not there do not say what to set here.
fn say_what_is_set(place: &Place, invocation: &Invocation, trouble: &str) {
    tracing::info!(
        target: "function",
        function = invocation.function.name,
        "is called at {}, which {} names: {trouble}",
        place.endpoint.base(),
        place.set_by
    );
}

async fn request(
    access: &Access,
    place: &Place,
    invocation: &Invocation,
    caller: &Caller,
    role: Option<&str>,
) -> Result<Request<Full<Bytes>>, Failure> {
    let name = sigv4::percent_encode(&invocation.function.text);
    let qualifier = invocation.function.separate_qualifier.as_deref().map(sigv4::percent_encode);
    let query = qualifier.map(|qualifier| format!("Qualifier={qualifier}")).unwrap_or_default();
    let (path, url) = place.endpoint.url(&format!("/2015-03-31/functions/{name}/invocations"), &query);

    let mut headers = vec![("host", place.endpoint.authority.as_str()), ("content-type", "application/json")];
    if invocation.kind != InvocationType::RequestResponse {
        headers.push(("x-amz-invocation-type", invocation.kind.name()));
    }
    if invocation.log_tail {
        headers.push(("x-amz-log-type", "Tail"));
    }
    if let Some(context) = &invocation.client_context {
        headers.push(("x-amz-client-context", context));
    }
    let body = invocation.payload.as_bytes();
    let parts = Parts { method: "POST", path: &path, query: &query, headers: &headers, body };
    let signed = access.sign(operation(), place, parts, caller, role).await?;
    let mut request = Request::post(url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    for (name, value) in signed {
        request = request.header(name, value);
    }
    // A function name or a client context may hold what no URL or header can.
    request.body(Full::new(Bytes::copy_from_slice(body))).map_err(|error| {
        Failure::new("Lambda.SdkClientException", format!("Unable to make HTTP request: {error}"))
    })
}

/// What an answer that is no success says.
fn service_error(metadata: &ResponseMetadata, body: &[u8]) -> ServiceError {
    let body = Value::parse_bytes(body).unwrap_or_default();
    let member = |names: &[&str]| names.iter().find_map(|name| body.get(name)?.as_str()).map(str::to_owned);
    let code = metadata.header("x-amzn-errortype").map(str::to_owned);
    let code = code.or_else(|| member(&["__type", "code", "Code"])).unwrap_or_default();
    // `namespace#Name` and `Name:http://…` are both in use.
    let code = code.split(':').next().unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default();
    // AWS's SDK says null where there is nothing to say.
    let message = member(&["Message", "message", "errorMessage"]).unwrap_or_else(|| "null".to_owned());
    let request_id = metadata.request_id().unwrap_or("null").to_owned();
    ServiceError::new(metadata.status, code, message, request_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_all_shapes_are_understood() {
        for (header, body, error, cause) in [
            (
                Some("ResourceNotFoundException"),
                r#"{"Type":"User","Message":"Function not found: arn"}"#,
                "Lambda.ResourceNotFoundException",
                "Function not found: arn (Service: AWSLambda; Status Code: 400; Error Code: \
                 ResourceNotFoundException; Request ID: id; Proxy: null)",
            ),
            (
                Some("TooManyRequestsException:http://internal/"),
                r#"{"message":"Rate Exceeded."}"#,
                "Lambda.TooManyRequestsException",
                "Rate Exceeded. (Service: AWSLambda; Status Code: 400; Error Code: TooManyRequestsException; \
                 Request ID: id; Proxy: null)",
            ),
            (
                None,
                r#"{"__type":"com.amazon#AccessDeniedException"}"#,
                "Lambda.AWSLambdaException",
                "null (Service: AWSLambda; Status Code: 400; Error Code: AccessDeniedException; Request ID: id; \
                 Proxy: null)",
            ),
            (
                None,
                "<html>",
                "Lambda.AWSLambdaException",
                "null (Service: AWSLambda; Status Code: 400; Error Code: ; Request ID: id; Proxy: null)",
            ),
        ] {
            let mut headers = vec![("x-amzn-requestid".to_owned(), "id".to_owned())];
            headers.extend(header.map(|header| ("x-amzn-errortype".to_owned(), header.to_owned())));
            let failure =
                service_error(&ResponseMetadata { status: 400, headers }, body.as_bytes()).into_failure();
            assert_eq!(failure, Failure::new(error, cause));
        }
    }
}
