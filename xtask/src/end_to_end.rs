//! `cargo xtask e2e`: unmodified clients against a real server.

use std::ffi::OsStr;

use clap::{Args, ValueEnum};

use crate::{javascript, python, requests, shell};

#[derive(Args)]
pub struct EndToEnd {
    /// Only this one.
    only: Option<Script>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Script {
    /// The README's tour: dev server, AWS CLI, boto3.
    Tour,
    /// The examples that need clients, by the commands of their READMEs.
    Examples,
    /// Every shape of the service model, violated, by raw HTTP.
    Shapes,
    /// One scenario by boto3, the AWS CLI and the AWS SDK for JavaScript.
    Scenario,
    /// DynamoDB by boto3.
    Dynamodb,
    /// SQS by boto3, and by the older protocol.
    Sqs,
    /// EventBridge by boto3.
    Eventbridge,
    /// EventBridge Scheduler by boto3.
    Scheduler,
    /// API Gateway by boto3, and requests to its APIs.
    Apigateway,
    /// AppSync by boto3, and requests to its APIs.
    Appsync,
    /// Event APIs: boto3, HTTP, WebSocket, by TLS and without.
    AppsyncEvents,
    /// SNS by boto3.
    Sns,
    /// Lambda by boto3.
    Lambda,
    /// The RDS Data API by boto3, over a PostgreSQL and a MariaDB of its own.
    Rds,
    /// examples/posts with Amplify, Apollo, boto3 and a bare socket, over TLS and a real PostgreSQL.
    Posts,
    /// Who may ask an API of AppSync, by all modes: an issuer of our own, botocore, Amplify, Apollo and bare sockets.
    Modes,
    /// Subscriptions of AppSync, by boto3 and a client of WebSockets.
    AppsyncRealtime,
    /// A backend that Amplify's construct for CDK has made, with Amplify as its client.
    AmplifyBackend,
    /// Every operation of AWS's services, built and read beside botocore. (`cargo xtask requests`)
    Requests,
}

impl EndToEnd {
    /// The one that needs seconds only.
    pub fn shapes() -> EndToEnd {
        EndToEnd { only: Some(Script::Shapes) }
    }

    pub fn run(self) -> anyhow::Result<()> {
        shell::cargo(["build", "--package", "server"]).run()?;
        let server = OsStr::new("target/debug/stepwell");
        for script in Script::value_variants() {
            if self.only.is_some_and(|only| only != *script) {
                continue;
            }
            match script {
                Script::Tour => python::run("tour.py", &[server])?,
                Script::Examples => python::run("examples.py", &[server])?,
                Script::Shapes => python::run("shapes.py", &[server])?,
                Script::Scenario => match javascript::environment(&javascript::SDK)? {
                    Some(sdk) => python::run("scenario.py", &[server, sdk.as_os_str()])?,
                    None => python::run("scenario.py", &[server])?,
                },
                Script::Dynamodb => python::run("service_scenario.py", &[server, OsStr::new("dynamodb")])?,
                Script::Sqs => python::run("service_scenario.py", &[server, OsStr::new("sqs")])?,
                Script::Eventbridge => python::run("service_scenario.py", &[server, OsStr::new("events")])?,
                Script::Scheduler => python::run("service_scenario.py", &[server, OsStr::new("scheduler")])?,
                Script::Apigateway => {
                    python::run("service_scenario.py", &[server, OsStr::new("apigateway")])?
                }
                Script::Appsync => python::run("service_scenario.py", &[server, OsStr::new("appsync")])?,
                Script::AppsyncEvents => python::run("appsync_events.py", &[server])?,
                Script::Sns => python::run("service_scenario.py", &[server, OsStr::new("sns")])?,
                Script::Lambda => python::run("service_scenario.py", &[server, OsStr::new("lambda")])?,
                Script::Rds => python::run("service_scenario.py", &[server, OsStr::new("rds")])?,
                Script::Posts => by_appsync_clients("posts.py", server)?,
                Script::Modes => by_appsync_clients("modes.py", server)?,
                Script::AppsyncRealtime => {
                    python::run("service_scenario.py", &[server, OsStr::new("appsync_realtime")])?
                }
                Script::AmplifyBackend => {
                    let clients = javascript::environment(&javascript::APPSYNC_CLIENTS)?;
                    match (clients, javascript::environment(&javascript::AMPLIFY_BACKEND)?) {
                        (Some(clients), Some(backend)) => {
                            python::run(
                                "amplify_backend.py",
                                &[server, clients.as_os_str(), backend.as_os_str()],
                            )?;
                        }
                        _ => println!("no Node: Amplify's backend is left out"),
                    }
                }
                Script::Requests => requests::Requests::default().run()?,
            }
        }
        Ok(())
    }
}

/// A script that drives Amplify and Apollo, too, where there is Node.
fn by_appsync_clients(script: &str, server: &OsStr) -> anyhow::Result<()> {
    match javascript::environment(&javascript::APPSYNC_CLIENTS)? {
        Some(clients) => python::run(script, &[server, clients.as_os_str()]),
        None => python::run(script, &[server]),
    }
}
