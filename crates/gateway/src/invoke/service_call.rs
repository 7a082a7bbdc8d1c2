//! An AWS integration as a request to the service: how the service's protocol takes what the mapping gave.
//! (spec/vtl.md §6.3)

use aws_models::{Kind, Operation, Protocol, Shape};
use json::{Object, Value};

use crate::backend::ServiceCall;
use crate::exchange;
use crate::percent;

use super::deployed::Integration;
use super::prepare::{Mapped, with_path};
use super::target::{self, Target};
use super::{Course, Refusal};

const FORM: &str = "application/x-www-form-urlencoded";

pub(super) fn build(
    course: &Course<'_>,
    integration: &Integration,
    target: &Target,
    mapped: Mapped,
    role: Option<String>,
) -> Result<ServiceCall, Refusal> {
    let (region, prefix) = match target {
        Target::Action { region, service, .. } | Target::Path { region, service, .. } => (region, service),
        Target::Function { .. } | Target::Http { .. } => return Err(Refusal::configuration()),
    };
    let Some(model) = target::model(prefix) else {
        return Err(Refusal::configuration()
            .logged(format!("Execution failed due to configuration error: {prefix} is no service of AWS")));
    };
    let Mapped { path, query, mut headers, body } = mapped;
    // What the mapping made for itself comes first, the gateway's own behind it.
    let has_target = exchange::last(&headers, "X-Amz-Target").is_some();
    course.add_own_headers(&mut headers);
    let mut call = ServiceCall {
        service: model.name().to_owned(),
        host_prefix: prefix.clone(),
        region: region.clone(),
        operation: None,
        method: integration.verb.clone(),
        path: "/".to_owned(),
        query: percent::query(query.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
        headers,
        body,
        role,
    };
    if call.method == "ANY" {
        call.method.clone_from(&course.request.method);
    }
    match target {
        Target::Action { operation: name, .. } => {
            let Some(operation) = target::find(model, name) else {
                return Err(Refusal::configuration().logged(format!(
                    "Execution failed due to configuration error: {prefix} has no action {name}"
                )));
            };
            call.operation = Some(name.clone());
            speak(&mut call, operation, &query, has_target);
        }
        Target::Path { path: template, .. } => {
            let value = |name: &str| {
                path.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone())
            };
            let template = with_path(template, value);
            let (path, more) = template.split_once('?').unwrap_or((&template, ""));
            call.path = path.to_owned();
            if !more.is_empty() {
                call.query =
                    if call.query.is_empty() { more.to_owned() } else { format!("{more}&{}", call.query) };
            }
        }
        Target::Function { .. } | Target::Http { .. } => {}
    }
    Ok(call)
}

/// Puts the operation where the protocol wants it.
fn speak(call: &mut ServiceCall, operation: Operation<'_>, query: &[(String, String)], has_target: bool) {
    let service = operation.service();
    let speaks_forms = service.is_query_compatible()
        || service.protocols().iter().any(|protocol| matches!(protocol, Protocol::Query | Protocol::Ec2));
    match service.protocol() {
        // Who speaks both is asked in the old way, as AWS does, unless the mapping names a target of the new one.
        Protocol::Json if !speaks_forms || has_target => {
            if !has_target {
                let target = format!("{}.{}", service.target_prefix().unwrap_or_default(), operation.name());
                call.headers.push(("X-Amz-Target".to_owned(), target));
            }
            call.method = "POST".to_owned();
        }
        Protocol::RestJson | Protocol::RestXml => {
            call.method = operation.http_method().to_owned();
            let value =
                |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
            call.path = with_path(operation.uri(), value);
        }
        _ => {
            // All parameters in one form, wherever the mapping put them.
            let is_form =
                exchange::last(&call.headers, "Content-Type").is_some_and(|kind| kind.starts_with(FORM));
            let mut form = percent::query([("Action", operation.name()), ("Version", service.api_version())]);
            if !call.query.is_empty() {
                form = format!("{form}&{}", call.query);
            }
            if is_form && !call.body.is_empty() {
                form = format!("{form}&{}", String::from_utf8_lossy(&call.body));
            }
            exchange::set(&mut call.headers, "Content-Type", FORM);
            call.method = "POST".to_owned();
            call.query.clear();
            call.body = form.into_bytes();
        }
    }
}

/// Where such a request would go on AWS, for logs.
pub(super) fn url(call: &ServiceCall) -> String {
    let action = call.operation.as_ref().map(|name| format!("Action={name}"));
    let query = [action.as_deref().unwrap_or_default(), &call.query];
    let query: Vec<_> = query.into_iter().filter(|part| !part.is_empty()).collect();
    let question = if query.is_empty() { "" } else { "?" };
    format!(
        "https://{}.{}.amazonaws.com{}{question}{}",
        call.host_prefix,
        call.region,
        call.path,
        query.join("&")
    )
}

/// The body of a service with a JSON protocol, its times as AWS prints them: `1.590010568906E9`. (recorded, §6.3)
pub(crate) fn with_java_dates(service: &str, operation: &str, body: Vec<u8>) -> Vec<u8> {
    let shape = aws_models::service(service).filter(|service| service.protocol() == Protocol::Json);
    let shape = shape.and_then(|service| target::find(service, operation)?.output());
    let (Some(shape), Ok(value)) = (shape, Value::parse_bytes(&body)) else { return body };
    match dated(&value, shape, 0) {
        Some(dated) => dated.to_text().into_bytes(),
        None => body,
    }
}

/// The value with its times as doubles; nothing if it has none.
fn dated(value: &Value, shape: Shape<'_>, depth: usize) -> Option<Value> {
    // Outputs with times in them are flat.
    const DEPTH_MAX: usize = 20;
    if depth > DEPTH_MAX {
        return None;
    }
    match (value, shape.kind()) {
        (Value::Int(_) | Value::Float(_), Kind::Timestamp) => value.as_f64().map(Value::from),
        (Value::Object(object), Kind::Structure) => {
            let mut changed: Option<Object> = None;
            for member in shape.members() {
                let name = member.wire_name();
                let new = object.get(name).and_then(|value| dated(value, member.shape(), depth + 1));
                if let Some(new) = new {
                    changed.get_or_insert_with(|| object.clone()).insert(name, new);
                }
            }
            changed.map(Value::Object)
        }
        (Value::Array(items), Kind::List) => {
            let element = shape.element()?.shape();
            let new: Vec<_> = items.iter().map(|item| dated(item, element, depth + 1)).collect();
            if new.iter().all(Option::is_none) {
                return None;
            }
            Some(new.into_iter().zip(items).map(|(new, old)| new.unwrap_or_else(|| old.clone())).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_as_java_does() {
        let body = br#"{"executionArn":"a","startDate":1590010568.906}"#.to_vec();
        let shown = with_java_dates("stepfunctions", "StartExecution", body);
        assert_eq!(String::from_utf8(shown).unwrap(), r#"{"executionArn":"a","startDate":1.590010568906E9}"#);
        let body = br#"{"executions":[{"name":"n","startDate":1590010568}]}"#.to_vec();
        let shown = with_java_dates("stepfunctions", "ListExecutions", body);
        assert_eq!(
            String::from_utf8(shown).unwrap(),
            r#"{"executions":[{"name":"n","startDate":1.590010568E9}]}"#
        );
        let other = br#"{"Item": {"n": {"N": "1"}} }"#.to_vec();
        assert_eq!(with_java_dates("dynamodb", "GetItem", other.clone()), other);
    }
}
