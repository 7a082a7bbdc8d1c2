//! Requests are read and answers written as AWS's services do.

mod answers;
mod constraints;
mod found;
mod generated;
mod hostile;
mod inputs;
mod round_trip;

use json::Value;

use super::{Incoming, Offered};

/// What is built in, and what has a path like one of those.
const SERVICES: [&str; 8] =
    ["sqs", "sns", "events", "scheduler", "lambda", "apigateway", "apigatewayv2", "dynamodb"];

fn offered() -> Offered {
    Offered::new(SERVICES.map(|name| aws_models::service(name).unwrap_or_else(|| panic!("no {name}"))))
}

/// A request without a body, its path perhaps with a query.
fn get<'r>(method: &'r str, target: &'r str, headers: &'r [(&'r str, &'r str)]) -> Incoming<'r> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Incoming { method, path, query, headers, body: b"" }
}

/// A form to a path.
fn form<'r>(path: &'r str, body: &'r str) -> Incoming<'r> {
    const HEADERS: &[(&str, &str)] =
        &[("Host", "localhost:8083"), ("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    Incoming { method: "POST", path, query: "", headers: HEADERS, body: body.as_bytes() }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> =
                object.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            members.into_iter().collect::<json::Object>().into()
        }
        Value::Array(array) => array.iter().map(sorted).collect(),
        value => value.clone(),
    }
}
