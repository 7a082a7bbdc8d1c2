//! CORS: what an HTTP API says to browsers by itself.

use json::{Object, Value};

use crate::exchange::{self, Request, Response};
use crate::fault::Fault;
use services::Members;

/// What an API lets scripts of other origins do.
#[derive(Debug)]
pub(crate) struct Cors(Object);

/// Whether a configuration is one.
pub(super) fn check(cors: &Object) -> Result<(), Fault> {
    let allows_all = cors.texts("AllowOrigins").contains(&"*");
    if cors.flag("AllowCredentials") && allows_all {
        return Err(Fault::bad(
            "The wildcard * is not allowed in allowOrigins when allowCredentials is true",
        ));
    }
    if cors.whole("MaxAge").is_some_and(|age| !(-1..=86_400).contains(&age)) {
        return Err(Fault::bad("maxAge must be between -1 and 86400"));
    }
    Ok(())
}

impl Cors {
    pub(super) fn of(api: &Object) -> Option<Cors> {
        api.get("CorsConfiguration")
            .and_then(Value::as_object)
            .filter(|cors| !cors.is_empty())
            .cloned()
            .map(Cors)
    }

    /// The answer to a browser that asks before it sends; nothing if it does not ask.
    pub(crate) fn preflight(&self, request: &Request) -> Option<Response> {
        if request.method != "OPTIONS" {
            return None;
        }
        request.header("origin").and(request.header("access-control-request-method"))?;
        let mut response = Response { status: 204, ..Response::default() };
        self.extend(request, &mut response);
        for (name, member) in [
            ("access-control-allow-methods", "AllowMethods"),
            ("access-control-allow-headers", "AllowHeaders"),
        ] {
            let values = self.0.texts(member);
            if !values.is_empty() {
                response.set(name, values.join(","));
            }
        }
        if let Some(age) = self.0.whole("MaxAge") {
            response.set("access-control-max-age", age.to_string());
        }
        Some(response)
    }

    /// Says in a response whose scripts may read it. What the backend said of that does not count.
    pub(crate) fn extend(&self, request: &Request, response: &mut Response) {
        response.headers.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("access-control-"));
        let Some(origin) = request.header("origin") else { return };
        let Some(allowed) = self.allowed(origin) else { return };
        response.set("access-control-allow-origin", allowed);
        if self.0.flag("AllowCredentials") {
            response.set("access-control-allow-credentials", "true");
        }
        let exposed = self.0.texts("ExposeHeaders");
        if !exposed.is_empty() {
            response.set("access-control-expose-headers", exposed.join(","));
        }
        if allowed != "*" {
            exchange::set(&mut response.headers, "vary", "Origin");
        }
    }

    /// `*`, `https://*`, or the very origin.
    fn allowed<'a>(&self, origin: &'a str) -> Option<&'a str> {
        let origins = self.0.texts("AllowOrigins");
        if origins.contains(&"*") {
            return Some("*");
        }
        let matches = |known: &&str| match known.strip_suffix('*') {
            Some(start) => origin.starts_with(start),
            None => known.eq_ignore_ascii_case(origin),
        };
        origins.iter().any(matches).then_some(origin)
    }
}
