//! Endpoints of single resources: whether a call's arguments name one.
//!
//! A key is an ARN, a queue's URL, a function's name or a host. Only members that name resources are looked
//! at, never texts that a call delivers.

use std::collections::BTreeMap;

use aws_models::Service;
use aws_names::Scope;
use json::Value;

use crate::lambda::FunctionReference;

/// What the names of members that name resources end with.
const ENDINGS: [&str; 8] = ["Arn", "ARN", "Url", "URL", "Endpoint", "Name", "Identifier", "Bucket"];

/// The first key that a member of the arguments names, the members in their order.
pub(super) fn key<'k>(
    keys: &'k BTreeMap<String, String>,
    service: &Service,
    arguments: &Value,
    scope: &Scope,
) -> Option<&'k str> {
    if keys.is_empty() {
        return None;
    }
    let members = arguments.as_object()?;
    let known = |key: &str| keys.get_key_value(key).map(|(key, _)| key.as_str());
    members.iter().filter(|(name, _)| ENDINGS.iter().any(|ending| name.ends_with(ending))).find_map(
        |(name, value)| {
            let text = value.as_str()?;
            let is_function = service.name() == "lambda" && name.as_str() == "FunctionName";
            let by_name = || {
                let function = FunctionReference::new(text);
                known(&function.name).or_else(|| known(&function.arn(scope)))
            };
            // A plain name is many things; only a function is known by it.
            let by_text = || known(text).filter(|key| key.contains([':', '/', '.']));
            by_text().or_else(|| by_name().filter(|_| is_function)).or_else(|| known(host(text)?))
        },
    )
}

/// The host of a URL, with its port; or the text itself, if it could be a host.
fn host(text: &str) -> Option<&str> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    Some(host).filter(|host| host.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(service: &str, arguments: &str, keys: &[&str], expected: Option<&str>) {
        let keys: BTreeMap<String, String> =
            keys.iter().map(|key| ((*key).to_owned(), String::new())).collect();
        let arguments = Value::parse(arguments).unwrap();
        let service = aws_models::service(service).unwrap();
        assert_eq!(key(&keys, service, &arguments, &Scope::default()), expected, "{arguments:?}");
    }

    #[test]
    fn resources_are_found_by_arn_url_function_name_and_host() {
        let topic = "arn:aws:sns:us-east-1:123456789012:t";
        check("sns", &format!(r#"{{"TopicArn": "{topic}"}}"#), &[topic], Some(topic));
        let queue = "https://sqs.us-east-1.amazonaws.com/123456789012/q";
        let arguments = format!(r#"{{"MessageBody": "x", "QueueUrl": "{queue}"}}"#);
        check("sqs", &arguments, &[queue], Some(queue));
        check("sqs", &arguments, &["sqs.us-east-1.amazonaws.com"], Some("sqs.us-east-1.amazonaws.com"));
        let api = "abc.execute-api.us-east-1.amazonaws.com";
        check("apigateway", &format!(r#"{{"ApiEndpoint": "{api}"}}"#), &[api], Some(api));
        let function = "arn:aws:lambda:us-east-1:123456789012:function:f";
        check("lambda", r#"{"FunctionName": "f:prod"}"#, &["f"], Some("f"));
        check("lambda", r#"{"FunctionName": "f"}"#, &[function], Some(function));
        check("lambda", &format!(r#"{{"FunctionName": "{function}:1"}}"#), &["f"], Some("f"));
    }

    #[test]
    fn what_is_delivered_names_no_resource() {
        let topic = "arn:aws:sns:us-east-1:123456789012:t";
        check("sns", &format!(r#"{{"Message": "{topic}", "TopicArn": "other"}}"#), &[topic], None);
        check("dynamodb", r#"{"TableName": "f"}"#, &["f"], None);
        check("sqs", "[]", &["f"], None);
    }
}
