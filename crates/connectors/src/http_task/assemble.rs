//! The request of an HTTP task: what the Task says, and over it what the connection says.
//! (spec/integrations.md §5)
//!
//! Never here: sending, checking what the Task says (`problems`).

use asl::Failure;
use connections::{Access, Authorization, Parameter};
use json::{Object, Value};

use super::form::{self, ArrayFormat};
use crate::base64;
use crate::plain_http::{self, PlainRequest, scalar_text};

/// Arguments of a Task that have no problems.
pub(super) struct Arguments<'a> {
    endpoint: &'a str,
    method: &'a str,
    pub(super) connection_arn: &'a str,
    headers: Vec<(&'a str, Vec<String>)>,
    query: Vec<(&'a str, Vec<String>)>,
    body: Option<&'a Value>,
    /// `None`: JSON.
    form: Option<ArrayFormat>,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(arguments: &'a Value) -> Arguments<'a> {
        let text = |value: Option<&'a Value>| value.and_then(Value::as_str).unwrap_or_default();
        let member = |name: &str| arguments.get(name).filter(|value| !value.is_null());
        let connection = member("Authentication").or(member("InvocationConfig"));
        let transform = member("Transform");
        let is_form =
            text(transform.and_then(|transform| transform.get("RequestBodyEncoding"))) == "URL_ENCODED";
        let options = transform.and_then(|transform| transform.get("RequestEncodingOptions"));
        let format = options.and_then(|options| options.get("ArrayFormat")).and_then(Value::as_str);
        Arguments {
            endpoint: text(member("ApiEndpoint")),
            method: text(member("Method")),
            connection_arn: text(connection.and_then(|connection| connection.get("ConnectionArn"))),
            headers: lists(member("Headers")),
            query: lists(member("QueryParameters")),
            body: member("RequestBody"),
            form: is_form.then(|| ArrayFormat::of_name(format)),
        }
    }
}

/// Names with one value or several.
fn lists(value: Option<&Value>) -> Vec<(&str, Vec<String>)> {
    let texts = |value: &Value| match value {
        Value::Array(items) => items.iter().filter_map(scalar_text).collect(),
        value => scalar_text(value).into_iter().collect(),
    };
    let members = value.and_then(Value::as_object).into_iter().flat_map(Object::iter);
    members.map(|(name, value)| (name.as_str(), texts(value))).collect()
}

/// Puts the request together. Without `access` it is what the Task alone says. `bearer` is the token of a
/// connection that needs one.
pub(super) fn assemble(
    arguments: &Arguments<'_>,
    access: Option<&Access>,
    bearer: Option<&str>,
    region: &str,
) -> Result<PlainRequest, Failure> {
    let none = connections::HttpParameters::default();
    let added = access.map_or(&none, |access| &access.parameters);
    let mut request = PlainRequest {
        method: arguments.method.to_owned(),
        url: url(arguments, &added.query),
        headers: Vec::new(),
        body: body(arguments, &added.body)?,
    };
    for (name, values) in &arguments.headers {
        request.set_header(name, values.iter().cloned());
    }
    match access.map(|access| &access.authorization) {
        None => {}
        Some(Authorization::Basic { username, password }) => {
            let both = base64::encode(format!("{username}:{}", password.expose()).as_bytes());
            request.set_header("Authorization", [format!("Basic {both}")]);
        }
        Some(Authorization::ApiKey { name, value }) => {
            request.set_header(name, [value.expose().to_owned()]);
        }
        Some(Authorization::OAuth(_)) => {
            request.set_header("Authorization", bearer.map(|token| format!("Bearer {token}")));
        }
    }
    for Parameter { name, value, .. } in &added.headers {
        request.set_header(name, [value.expose().to_owned()]);
    }
    request.default_header("User-Agent", || format!("Amazon|StepFunctions|HttpInvoke|{region}"));
    request.default_header("Range", || "bytes=0-262144".to_owned());
    request.default_header("Content-Type", || match arguments.form {
        Some(_) => "application/x-www-form-urlencoded; charset=UTF-8".to_owned(),
        None => "application/json; charset=UTF-8".to_owned(),
    });
    Ok(request)
}

/// A parameter of the connection takes the place of those with its name.
fn url(arguments: &Arguments<'_>, added: &[Parameter]) -> String {
    let (path, own) = arguments.endpoint.split_once('?').unwrap_or((arguments.endpoint, ""));
    let is_added = |name: &str| added.iter().any(|parameter| parameter.name == name);
    let own = own.split('&').filter(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        !pair.is_empty() && !added.iter().any(|parameter| sigv4::percent_encode(&parameter.name) == name)
    });
    let mut query: Vec<String> = own.map(str::to_owned).collect();
    let kept = arguments.query.iter().filter(|(name, _)| !is_added(name));
    let kept = kept.flat_map(|(name, values)| values.iter().map(|value| (*name, value.as_str())));
    let added = added.iter().map(|parameter| (parameter.name.as_str(), parameter.value.expose()));
    query.extend(kept.chain(added).map(|pair| plain_http::query([pair])));
    let separator = if query.is_empty() { "" } else { "?" };
    format!("{path}{separator}{}", query.join("&"))
}

fn body(arguments: &Arguments<'_>, added: &[Parameter]) -> Result<Option<String>, Failure> {
    let merged = match (arguments.body, added) {
        (None, []) => return Ok(None),
        (Some(Value::String(text)), []) => return Ok(Some(text.to_string())),
        (Some(body), []) => body.clone(),
        (None, added) => Value::Object(merged(Object::new(), added)),
        (Some(Value::Object(body)), added) => Value::Object(merged(body.clone(), added)),
        (Some(_), _) => {
            return Err(Failure::runtime(
                "The connection adds members to the body of the request, and RequestBody is no JSON object that could \
                 take them.",
            ));
        }
    };
    Ok(Some(match arguments.form {
        Some(format) => form::encode(&merged, format),
        None => merged.to_text(),
    }))
}

fn merged(mut body: Object, added: &[Parameter]) -> Object {
    for Parameter { name, value, .. } in added {
        body.insert(name.as_str(), value.expose());
    }
    body
}

#[cfg(test)]
mod tests {
    use connections::{HttpParameters, OAuth, OAuthMethod, Secret};

    use super::*;

    fn parameter(name: &str, value: &str) -> Parameter {
        Parameter { name: name.to_owned(), value: Secret::new(value), is_secret: true }
    }

    fn access(authorization: Authorization) -> Access {
        let parameters = HttpParameters {
            headers: vec![parameter("X-Tenant", "theirs")],
            query: vec![parameter("tenant", "the irs")],
            body: vec![parameter("tenant", "theirs")],
        };
        Access { authorization, parameters }
    }

    fn shown(arguments: &str, access: Option<&Access>, bearer: Option<&str>) -> String {
        let arguments = Value::parse(arguments).unwrap();
        assert_eq!(
            integrations::Integration::find("http", "invoke").unwrap().problems(&arguments),
            Vec::<String>::new()
        );
        let assembled = assemble(&Arguments::new(&arguments), access, bearer, "eu-west-1");
        let PlainRequest { method, url, headers, body } = match assembled {
            Ok(request) => request,
            Err(failure) => return failure.cause.unwrap_or_default(),
        };
        let usual = ["User-Agent", "Range"];
        let headers = headers.iter().filter(|(name, _)| !usual.contains(&name.as_str()));
        let headers: Vec<String> = headers.map(|(name, value)| format!("{name}: {value}")).collect();
        format!("{method} {url} [{}] {}", headers.join(", "), body.unwrap_or_else(|| "nothing".to_owned()))
    }

    const LEAST: &str =
        r#"{"ApiEndpoint":"https://a/b","Method":"GET","Authentication":{"ConnectionArn":"arn:c"}}"#;
    const MUCH: &str = r#"{"ApiEndpoint":"https://a/b?own=1&tenant=own","Method":"POST",
        "Authentication":{"ConnectionArn":"arn:c"},"Headers":{"x-tenant":"mine","X-Two":["1",2]},
        "QueryParameters":{"tenant":"mine","q":["é",true]},"RequestBody":{"tenant":"mine","n":[1]}}"#;

    #[test]
    fn the_task_alone() {
        assert_eq!(
            shown(LEAST, None, None),
            "GET https://a/b [Content-Type: application/json; charset=UTF-8] nothing"
        );
        assert_eq!(
            shown(MUCH, None, None),
            "POST https://a/b?own=1&tenant=own&tenant=mine&q=%C3%A9&q=true [x-tenant: mine, X-Two: 1, X-Two: 2, \
             Content-Type: application/json; charset=UTF-8] {\"tenant\":\"mine\",\"n\":[1]}"
        );
    }

    #[test]
    fn the_connection_wins() {
        let basic = Authorization::Basic { username: "ada".to_owned(), password: Secret::new("pass") };
        assert_eq!(
            shown(MUCH, Some(&access(basic)), None),
            "POST https://a/b?own=1&q=%C3%A9&q=true&tenant=the%20irs [X-Two: 1, X-Two: 2, Authorization: Basic \
             YWRhOnBhc3M=, X-Tenant: theirs, Content-Type: application/json; charset=UTF-8] \
             {\"tenant\":\"theirs\",\"n\":[1]}"
        );
        let key = Authorization::ApiKey { name: "x-two".to_owned(), value: Secret::new("key") };
        assert!(
            shown(MUCH, Some(&access(key)), None).contains("[x-two: key, X-Tenant: theirs, Content-Type")
        );
        let oauth = Authorization::OAuth(OAuth {
            client_id: "id".to_owned(),
            client_secret: Secret::new("secret"),
            endpoint: "https://t".to_owned(),
            method: OAuthMethod::Post,
            parameters: HttpParameters::default(),
        });
        let with_token = shown(LEAST, Some(&access(oauth)), Some("token"));
        assert!(with_token.contains("Authorization: Bearer token"), "{with_token}");
        assert!(with_token.ends_with(r#"{"tenant":"theirs"}"#), "{with_token}");
    }

    #[test]
    fn bodies() {
        let with = |more: &str| format!(r#"{},{more}}}"#, &LEAST[..LEAST.len() - 1]);
        let form = r#""Transform":{"RequestBodyEncoding":"URL_ENCODED","RequestEncodingOptions":{"ArrayFormat":"BRACKETS"}}"#;
        assert_eq!(
            shown(&with(&format!(r#""RequestBody":{{"a":[1,2]}},{form}"#)), None, None),
            "GET https://a/b [Content-Type: application/x-www-form-urlencoded; charset=UTF-8] a[]=1&a[]=2"
        );
        let typed = with(&format!(r#""RequestBody":"a=1&b","Headers":{{"content-type":"text/x"}},{form}"#));
        assert_eq!(shown(&typed, None, None), "GET https://a/b [content-type: text/x] a=1&b");
        assert!(shown(&with(r#""RequestBody":[1,null]"#), None, None).ends_with("[1,null]"));
        let basic = Authorization::Basic { username: "ada".to_owned(), password: Secret::new("pass") };
        let refused = shown(&with(r#""RequestBody":"text""#), Some(&access(basic)), None);
        assert!(refused.starts_with("The connection adds members"), "{refused}");
    }

    #[test]
    fn aws_is_named_as_the_sender() {
        let arguments = Value::parse(LEAST).unwrap();
        let request = assemble(&Arguments::new(&arguments), None, None, "eu-west-1").unwrap();
        let header = |name: &str| request.headers.iter().find(|(known, _)| known == name).unwrap().1.as_str();
        assert_eq!(header("User-Agent"), "Amazon|StepFunctions|HttpInvoke|eu-west-1");
        assert_eq!(header("Range"), "bytes=0-262144");
    }
}
