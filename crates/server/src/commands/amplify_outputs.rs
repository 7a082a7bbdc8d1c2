//! `stepwell amplify-outputs`: what `Amplify.configure` takes to find the APIs of a server.
//!
//! The server is asked as any client asks it. Never here: what an API is.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use connectors::{CallTrouble, Caller, Connectors};
use json::{Array, Object, Value, value};

use super::env::find_server;
use crate::presence::Place;
use crate::resources::said;
use crate::{printing, running};

/// APIs of a kind that are looked at. Each page costs a request.
const PAGES_MAX: usize = 40;

/// Print amplify_outputs.json for the AppSync APIs of a running server.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stepwell amplify-outputs > amplify_outputs.json       the only GraphQL API, the only events API, or one of each
  stepwell amplify-outputs posts chat --folder examples/posts
  stepwell amplify-outputs posts --url https://api.example.org

Amplify's subscriptions go to wss:// whatever the address is, so start `stepwell dev --tls` for them.
Where the server has keys, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY sign the requests.")]
pub struct AmplifyOutputs {
    /// The APIs, by name or identifier: at most one of each kind. [default: those of which there is just one]
    #[arg(value_name = "API")]
    apis: Vec<String>,
    /// The folder that `stepwell dev` was given.
    #[arg(long, default_value = ".", value_name = "DIR")]
    folder: PathBuf,
    /// How browsers reach the server, if not as this program does.
    #[arg(long)]
    url: Option<String>,
    /// Host name or address of the server. [default: 127.0.0.1]
    #[arg(long, env = "STEPWELL_HOST")]
    host: Option<String>,
    /// Port of the server. [default: that of the running server, then 8083]
    #[arg(long, env = "STEPWELL_PORT")]
    port: Option<u16>,
    /// Region of the server. [default: that of the running server, then AWS_REGION, then us-east-1]
    #[arg(long, env = "STEPWELL_REGION")]
    region: Option<String>,
}

impl AmplifyOutputs {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let place = find_server(&self.folder, self.host.as_deref(), self.port, self.region.as_deref())?;
        let server = Server::new(place);
        let outputs = running::block_on(self.outputs(&server))?;
        printing::out(outputs.to_pretty());
        Ok(ExitCode::SUCCESS)
    }

    async fn outputs(&self, server: &Server) -> anyhow::Result<Value> {
        let graphql =
            self.chosen(server.list("ListGraphqlApis", Object::new(), "GraphqlApis").await?, "GraphQL")?;
        let events = self.chosen(server.list("ListApis", Object::new(), "Apis").await?, "events")?;
        for name in &self.apis {
            let is_it = |api: &Option<Value>| api.as_ref().is_some_and(|api| is_called(api, name));
            anyhow::ensure!(is_it(&graphql) || is_it(&events), "the server has no API {name}");
        }
        anyhow::ensure!(
            graphql.is_some() || events.is_some(),
            "the server has no API of AppSync: make one first"
        );
        let base_url = self.url.as_deref().unwrap_or(server.url()).trim_end_matches('/');
        let region = server.place.region.as_str();
        let mut outputs = Object::new();
        outputs.insert("version", "1.4");
        if let Some(api) = &graphql {
            let keys = server.keys(api).await?;
            outputs.insert("data", data(api, keys, base_url, region));
        }
        if let Some(api) = &events {
            let keys = server.keys(api).await?;
            outputs.insert("custom", value!({ "events": (channels(api, keys, base_url, region)) }));
        }
        Ok(outputs.into())
    }

    /// The one that was named, or the only one.
    fn chosen(&self, mut apis: Vec<Value>, kind: &str) -> anyhow::Result<Option<Value>> {
        let named = |api: &Value| self.apis.iter().any(|name| is_called(api, name));
        if !self.apis.is_empty() {
            apis.retain(named);
        }
        if apis.len() > 1 {
            let names: Vec<&str> = apis.iter().map(|api| text(api, "Name")).collect();
            anyhow::bail!("there are several {kind} APIs ({}): name one of them", names.join(", "));
        }
        Ok(apis.pop())
    }
}

/// `data`, as Amplify reads it. (amplify_outputs.json, version 1)
fn data(api: &Value, key: Option<String>, base_url: &str, region: &str) -> Object {
    let default = text(api, "AuthenticationType");
    let others = api.get("AdditionalAuthenticationProviders").and_then(Value::as_array);
    let others = others.into_iter().flat_map(Array::iter).map(|other| text(other, "AuthenticationType"));
    let mut data = Object::new();
    data.insert("url", format!("{base_url}/{}/graphql", text(api, "ApiId")));
    data.insert("aws_region", region);
    data.insert("default_authorization_type", default);
    let modes: Array = others.map(Value::from).collect();
    data.insert("authorization_types", modes);
    if let Some(key) = key {
        data.insert("api_key", key);
    }
    data
}

/// `custom.events`
fn channels(api: &Value, key: Option<String>, base_url: &str, region: &str) -> Object {
    let modes = api.get("EventConfig").and_then(|config| config.get("ConnectionAuthModes"));
    let default = modes.and_then(|modes| modes.at(0)).map_or("API_KEY", |mode| text(mode, "AuthType"));
    let mut events = Object::new();
    events.insert("url", format!("{base_url}/{}/event", text(api, "ApiId")));
    events.insert("aws_region", region);
    events.insert("default_authorization_type", default);
    if let Some(key) = key {
        events.insert("api_key", key);
    }
    events
}

/// A server that is asked.
struct Server {
    connectors: Connectors,
    place: Place,
}

impl Server {
    fn new(place: Place) -> Server {
        let aws = connectors::AwsSettings {
            endpoints: [("appsync".to_owned(), place.endpoint.clone())].into(),
            // A variable that is no text is none of AWS's.
            environment: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            ..connectors::AwsSettings::default()
        };
        let settings = connectors::Settings { aws, ..connectors::Settings::default() };
        Server { connectors: Connectors::new(settings), place }
    }

    /// How its clients reach it.
    fn url(&self) -> &str {
        self.place.url()
    }

    /// Its first API key that has not expired for sure: the server knows best, so the last to expire.
    async fn keys(&self, api: &Value) -> anyhow::Result<Option<String>> {
        let mut of = Object::new();
        of.insert("ApiId", text(api, "ApiId"));
        let keys = self.list("ListApiKeys", of, "ApiKeys").await?;
        let last = keys.iter().max_by_key(|key| key.get("Expires").and_then(Value::as_i64));
        Ok(last.map(|key| text(key, "Id").to_owned()))
    }

    /// All pages.
    async fn list(&self, operation: &str, mut input: Object, member: &str) -> anyhow::Result<Vec<Value>> {
        let caller = Caller { region: self.place.region.as_str().into(), ..Caller::default() };
        let mut all = Vec::new();
        for _ in 0..PAGES_MAX {
            let given = Value::from(input.clone());
            let answer = self.connectors.call_operation("appsync", operation, &given, &caller, "").await;
            let answer = answer.map_err(|trouble| self.explained(&trouble))?;
            all.extend(
                answer.get(member).and_then(Value::as_array).into_iter().flat_map(|it| it.iter().cloned()),
            );
            match answer.get("NextToken").and_then(Value::as_str) {
                Some(token) => drop(input.insert("NextToken", token)),
                None => break,
            }
        }
        Ok(all)
    }

    fn explained(&self, trouble: &CallTrouble) -> anyhow::Error {
        let endpoint = &self.place.endpoint;
        match trouble {
            CallTrouble::NoAnswer(reason) => anyhow::anyhow!(
                "nobody answers at {endpoint} ({reason}): start `stepwell dev`, or give its --port"
            ),
            trouble => anyhow::anyhow!("the server at {endpoint} refuses: {}", said(trouble)),
        }
    }
}

fn is_called(api: &Value, name: &str) -> bool {
    text(api, "Name") == name || text(api, "ApiId") == name
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn amplify_reads_what_is_made_of_an_api() {
        let api = value!({
            "ApiId": "abc", "AuthenticationType": "API_KEY",
            "AdditionalAuthenticationProviders": [{ "AuthenticationType": "AWS_IAM" }],
        });
        let data = data(&api, Some("da2-x".to_owned()), "https://localhost:8083", "eu-west-1");
        expect![[r#"
            {"url":"https://localhost:8083/abc/graphql","aws_region":"eu-west-1","default_authorization_type":"API_KEY","authorization_types":["AWS_IAM"],"api_key":"da2-x"}"#]]
        .assert_eq(&Value::from(data).to_text());
        let api =
            value!({ "ApiId": "def", "EventConfig": { "ConnectionAuthModes": [{ "AuthType": "AWS_IAM" }] } });
        let events = channels(&api, None, "http://127.0.0.1:8083", "us-east-1");
        expect![[r#"
            {"url":"http://127.0.0.1:8083/def/event","aws_region":"us-east-1","default_authorization_type":"AWS_IAM"}"#]]
        .assert_eq(&Value::from(events).to_text());
    }
}
