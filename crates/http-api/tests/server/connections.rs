//! EventBridge's API of connections.

use json::{Value, value};

use crate::world::{World, request};

/// Calls an action: status and body.
async fn call(world: &World, action: &str, body: &Value) -> (u16, Value) {
    let mut client = world.client().await;
    client.send(&request(&format!("AWSEvents.{action}"), body.to_text().as_bytes())).await;
    let answer = client.answer().await.expect("an answer");
    assert!(answer.headers.contains("content-type: application/x-amz-json-1.1\r\n"), "{}", answer.headers);
    assert!(!answer.text.contains("hush"), "a secret came out: {}", answer.text);
    (answer.status, Value::parse(&answer.text).expect("JSON"))
}

async fn ask(world: &World, action: &str, body: &Value) -> Value {
    let (status, value) = call(world, action, body).await;
    assert_eq!(status, 200, "{action} {}", value.to_text());
    value
}

/// `code: message`
async fn refusal(world: &World, action: &str, body: &Value) -> String {
    let (status, value) = call(world, action, body).await;
    assert_eq!(status, 400, "{action} {}", value.to_text());
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap().to_owned();
    format!("{}: {}", text("__type"), text("message"))
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("no {name} in {}", value.to_text()))
}

fn basic(name: &str) -> Value {
    value!({
        "Name": name,
        "AuthorizationType": "BASIC",
        "AuthParameters": { "BasicAuthParameters": { "Username": "ada", "Password": "hush" } },
    })
}

#[tokio::test]
async fn a_connection_from_its_making_to_its_end() {
    let world = World::start().await;
    let made = ask(&world, "CreateConnection", &basic("crm")).await;
    let arn = text(&made, "ConnectionArn").to_owned();
    assert!(arn.starts_with("arn:aws:events:us-east-1:123456789012:connection/crm/"), "{arn}");
    assert_eq!(text(&made, "ConnectionState"), "AUTHORIZED");
    let name = value!({ "Name": "crm" });
    let described = ask(&world, "DescribeConnection", &name).await;
    assert_eq!((text(&described, "ConnectionArn"), text(&described, "AuthorizationType")), (&*arn, "BASIC"));
    assert_eq!(
        described.get("AuthParameters"),
        Some(&value!({ "BasicAuthParameters": { "Username": "ada" } }))
    );
    let update = value!({
        "Name": "crm",
        "Description": "customers",
        "AuthParameters": {
            "BasicAuthParameters": { "Password": "hush-2" },
            "InvocationHttpParameters": {
                "HeaderParameters": [
                    { "Key": "X-A", "Value": "shown", "IsValueSecret": false },
                    { "Key": "X-B", "Value": "hush", "IsValueSecret": true },
                ],
                "QueryStringParameters": [{ "Key": "q", "Value": "1" }],
            },
        },
    });
    let updated = ask(&world, "UpdateConnection", &update).await;
    assert!(updated.get("LastAuthorizedTime").is_some());
    let described = ask(&world, "DescribeConnection", &name).await;
    assert_eq!(text(&described, "Description"), "customers");
    assert_eq!(
        described.get("AuthParameters").unwrap().to_text(),
        concat!(
            r#"{"BasicAuthParameters":{"Username":"ada"},"InvocationHttpParameters":{"HeaderParameters":["#,
            r#"{"Key":"X-A","Value":"shown","IsValueSecret":false},{"Key":"X-B","IsValueSecret":true}],"#,
            r#""QueryStringParameters":[{"Key":"q","Value":"1","IsValueSecret":false}]}}"#
        )
    );
    let deauthorized = ask(&world, "DeauthorizeConnection", &name).await;
    assert_eq!(text(&deauthorized, "ConnectionState"), "DEAUTHORIZED");
    // Its secrets are gone, so a name alone does not authorize it again.
    let half = value!({ "Name": "crm", "AuthParameters": { "BasicAuthParameters": { "Username": "ada" } } });
    assert_eq!(
        refusal(&world, "UpdateConnection", &half).await,
        "ValidationException: BasicAuthParameters must be specified for the authorization type BASIC."
    );
    let other_kind = value!({
        "Name": "crm",
        "AuthorizationType": "API_KEY",
        "AuthParameters": { "ApiKeyAuthParameters": { "ApiKeyName": "X-Key", "ApiKeyValue": "hush" } },
    });
    assert_eq!(text(&ask(&world, "UpdateConnection", &other_kind).await, "ConnectionState"), "AUTHORIZED");
    let described = ask(&world, "DescribeConnection", &name).await;
    assert_eq!(text(&described, "ConnectionArn"), arn);
    assert_eq!(
        described.get("AuthParameters").and_then(|all| all.get("ApiKeyAuthParameters")),
        Some(&value!({ "ApiKeyName": "X-Key" }))
    );
    let deleted = ask(&world, "DeleteConnection", &name).await;
    assert_eq!((text(&deleted, "ConnectionArn"), text(&deleted, "ConnectionState")), (&*arn, "DELETING"));
    assert_eq!(
        refusal(&world, "DescribeConnection", &name).await,
        "ResourceNotFoundException: Failed to describe the connection(s). Connection 'crm' does not exist."
    );
    world.stopped().await;
}

#[tokio::test]
async fn oauth_shows_all_but_the_clients_secret() {
    let world = World::start().await;
    let request = value!({
        "Name": "o.auth",
        "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS",
        "AuthParameters": { "OAuthParameters": {
            "ClientParameters": { "ClientID": "client", "ClientSecret": "hush" },
            "AuthorizationEndpoint": "https://example.com/token?a=b",
            "HttpMethod": "POST",
            "OAuthHttpParameters": { "BodyParameters": [{ "Key": "scope", "Value": "hush", "IsValueSecret": true }] },
        } },
    });
    ask(&world, "CreateConnection", &request).await;
    let described = ask(&world, "DescribeConnection", &value!({ "Name": "o.auth" })).await;
    assert_eq!(
        described.get("AuthParameters").unwrap().to_text(),
        concat!(
            r#"{"OAuthParameters":{"ClientParameters":{"ClientID":"client"},"#,
            r#""AuthorizationEndpoint":"https://example.com/token?a=b","HttpMethod":"POST","#,
            r#""OAuthHttpParameters":{"BodyParameters":[{"Key":"scope","IsValueSecret":true}]}}}"#
        )
    );
    world.stopped().await;
}

#[tokio::test]
async fn lists_come_in_pages() {
    let world = World::start().await;
    for name in ["b-2", "a", "b-1", "b-3"] {
        ask(&world, "CreateConnection", &basic(name)).await;
    }
    ask(&world, "DeauthorizeConnection", &value!({ "Name": "b-2" })).await;
    let names = |page: &Value| -> Vec<String> {
        let all = page.get("Connections").and_then(Value::as_array).unwrap().iter();
        all.map(|connection| text(connection, "Name").to_owned()).collect()
    };
    let all = ask(&world, "ListConnections", &value!({})).await;
    assert_eq!(
        (names(&all), all.get("NextToken")),
        (vec!["a".into(), "b-1".into(), "b-2".into(), "b-3".into()], None)
    );
    let first = ask(&world, "ListConnections", &value!({ "NamePrefix": "b", "Limit": 2 })).await;
    assert_eq!(names(&first), ["b-1", "b-2"]);
    let token = text(&first, "NextToken");
    let second =
        ask(&world, "ListConnections", &value!({ "NamePrefix": "b", "Limit": 2, "NextToken": token })).await;
    assert_eq!((names(&second), second.get("NextToken")), (vec!["b-3".to_owned()], None));
    let deauthorized = ask(&world, "ListConnections", &value!({ "ConnectionState": "DEAUTHORIZED" })).await;
    assert_eq!(names(&deauthorized), ["b-2"]);
    let wrong = refusal(&world, "ListConnections", &value!({ "NextToken": token })).await;
    assert!(wrong.starts_with("ValidationException: Parameter NextToken is not valid."), "{wrong}");
    world.stopped().await;
}

#[tokio::test]
async fn refusals_are_those_of_the_model() {
    let world = World::start().await;
    let problems = |list: &[&str]| {
        let (count, plural) = (list.len(), if list.len() == 1 { "" } else { "s" });
        let list: Vec<String> = list
            .iter()
            .map(|one| one.replace(" ! ", " failed to satisfy constraint: Member must "))
            .collect();
        format!("ValidationException: {count} validation error{plural} detected: {}", list.join("; "))
    };
    assert_eq!(
        refusal(&world, "CreateConnection", &value!({})).await,
        problems(&[
            "Value null at 'name' ! not be null",
            "Value null at 'authorizationType' ! not be null",
            "Value null at 'authParameters' ! not be null",
        ])
    );
    let wrong = value!({
        "Name": "a b",
        "AuthorizationType": "DIGEST",
        "AuthParameters": {
            "BasicAuthParameters": { "Username": "a:b", "Password": "hush\n" },
            "OAuthParameters": { "ClientParameters": { "ClientID": "c" }, "HttpMethod": "HEAD" },
            "InvocationHttpParameters": { "HeaderParameters": [{ "Key": "a b", "Value": "hush\r\nx: y" }] },
        },
    });
    let of_header = r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$";
    assert_eq!(
        refusal(&world, "CreateConnection", &wrong).await,
        problems(&[
            r"Value 'a b' at 'name' ! satisfy regular expression pattern: [\.\-_A-Za-z0-9]+",
            "Value 'DIGEST' at 'authorizationType' ! satisfy enum value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]",
            &format!(
                "Value 'a:b' at 'authParameters.basicAuthParameters.username' ! satisfy regular expression pattern: {of_header}"
            ),
            &format!(
                "Value at 'authParameters.basicAuthParameters.password' ! satisfy regular expression pattern: {of_header}"
            ),
            "Value null at 'authParameters.oAuthParameters.clientParameters.clientSecret' ! not be null",
            "Value 'HEAD' at 'authParameters.oAuthParameters.httpMethod' ! satisfy enum value set: [GET, POST, PUT]",
            "Value null at 'authParameters.oAuthParameters.authorizationEndpoint' ! not be null",
            "Value 'a b' at 'authParameters.invocationHttpParameters.headerParameters.1.member.key' ! satisfy regular \
             expression pattern: ^[!#$%&'*+-.^_`|~0-9a-zA-Z]+$",
            r"Value at 'authParameters.invocationHttpParameters.headerParameters.1.member.value' ! satisfy regular expression pattern: ^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$",
        ])
    );
    let other = value!({ "Name": "a", "AuthorizationType": "API_KEY", "AuthParameters": {} });
    assert_eq!(
        refusal(&world, "CreateConnection", &other).await,
        "ValidationException: ApiKeyAuthParameters must be specified for the authorization type API_KEY."
    );
    let mut private = basic("private");
    private.as_object_mut().unwrap().insert("InvocationConnectivityParameters", value!({}));
    let said = refusal(&world, "CreateConnection", &private).await;
    assert!(said.starts_with("ValidationException: This server has no private connections"), "{said}");
    ask(&world, "CreateConnection", &basic("a")).await;
    assert_eq!(
        refusal(&world, "CreateConnection", &basic("a")).await,
        "ResourceAlreadyExistsException: Connection 'a' already exists."
    );
    for action in ["UpdateConnection", "DeleteConnection", "DeauthorizeConnection"] {
        assert_eq!(
            refusal(&world, action, &value!({ "Name": "b" })).await,
            "ResourceNotFoundException: Connection 'b' does not exist."
        );
    }
    assert_eq!(
        refusal(&world, "DescribeConnection", &value!({ "Name": 1 })).await,
        "SerializationException: NUMBER_VALUE can not be converted to a String"
    );
    world.stopped().await;
}
